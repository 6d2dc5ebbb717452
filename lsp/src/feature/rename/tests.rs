use std::collections::BTreeSet;
use std::path::Path;

use tessera_compiler::compile::{Settings, compile};
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::schema::Schemas;
use tessera_compiler::source::MemoryFiles;

use super::{Edits, Prepared, allowed, applied, check, edits, prepare};
use crate::feature::fixture::Fixture;
use tessera_compiler::analysis::Analysis;

/// The workspace after a rename at the cursor.
fn renamed(fixture: &Fixture, new: &str) -> Result<MemoryFiles, String> {
    let (analysis, file, offset) = fixture.all_at_cursor();
    let prepared = prepare(&analysis, file, offset, &|_| true)?;
    allowed(&analysis, &prepared, new)?;
    let edits = edits(&analysis, &prepared.meant, new);
    let files = changed(fixture, &analysis, &edits);
    let after = Fixture::of(files.clone(), None, Vec::new()).all();
    check(&analysis, &after, &edits, new)?;
    Ok(files)
}

fn changed(fixture: &Fixture, analysis: &Analysis, edits: &Edits) -> MemoryFiles {
    let mut files = fixture.files.clone();
    for (file, edits) in edits {
        let source = analysis.modules.sources.get(*file).unwrap();
        files.insert(&source.path, &applied(&source.text, edits));
    }
    files
}

/// After the rename, the workspace is this one.
fn gives(text: &str, new: &str, wanted: &str) {
    let files = renamed(&Fixture::new(text), new).unwrap_or_else(|why| panic!("{why}\n{text}"));
    let wanted = Fixture::new(wanted).files;
    for (path, wanted) in &wanted.0 {
        assert_eq!(files.0[path], *wanted, "{path}");
    }
}

fn refused(text: &str, new: &str, why: &str) {
    let told = renamed(&Fixture::new(text), new).err().unwrap_or_else(|| panic!("not refused: {text}"));
    assert!(told.contains(why), "{told}");
}

#[test]
fn every_kind_of_name() {
    gives("let a$0 = 1\nlet b = \"${a}\"\n", "c", "let c = 1\nlet b = \"${c}\"\n");
    gives(
        "type T = { a$0: Int }\nlet t: T = { \"a\": 1 }\nlet u = t.a\n",
        "b",
        "type T = { b: Int }\nlet t: T = { \"b\": 1 }\nlet u = t.b\n",
    );
    gives("fn f(n$0: Int) -> Int = n + 1\nlet a = f(n: 1)\n", "m", "fn f(m: Int) -> Int = m + 1\nlet a = f(m: 1)\n");
    gives("fn f$0(n: Int) -> Int = n\nlet a = f(1)\n", "g", "fn g(n: Int) -> Int = n\nlet a = g(1)\n");
    gives("let `a b`$0 = 1\nlet c = `a b`\n", "d", "let d = 1\nlet c = d\n");
    gives("let a = [1].map(x$0, x + .x)\n", "y", "let a = [1].map(y, y + .y)\n");
    gives("let a = { b: 1 }\nlet c = a.b$0\n", "d", "let a = { d: 1 }\nlet c = a.d\n");
}

#[test]
fn what_is_written_short() {
    let text = "type T = { owner: String }\nfn f(owner: String) -> T = { owner }\n";
    gives(
        &text.replacen("owner:", "owner$0:", 1),
        "who",
        "type T = { who: String }\nfn f(owner: String) -> T = { who: owner }\n",
    );
    gives(
        &text.replace("f(owner", "f(own$0er"),
        "who",
        "type T = { owner: String }\nfn f(who: String) -> T = { owner: who }\n",
    );
    gives(
        &text.replace("{ owner }", "{ owner$0 }"),
        "who",
        "type T = { owner: String }\nfn f(who: String) -> T = { owner: who }\n",
    );
    gives("let a$0 = 1\nlet b = { a }\nlet c = b.a\n", "d", "let d = 1\nlet b = { a: d }\nlet c = b.a\n");
    gives("let a = 1\nlet b = { a }\nlet c = b.a$0\n", "d", "let a = 1\nlet b = { d: a }\nlet c = b.d\n");
    gives(
        "let a$0 = \"x\"\nresource b: v1/ConfigMap { data: { a } }\n",
        "c",
        "let c = \"x\"\nresource b: v1/ConfigMap { data: { a: c } }\n",
    );
    gives(
        "composite A: a.example/v1 {\n  param data$0: {String: String}\n  resource b: v1/ConfigMap { data }\n}\n",
        "values",
        "composite A: a.example/v1 {\n  param values: {String: String}\n  resource b: v1/ConfigMap { data: values }\n}\n",
    );
}

#[test]
fn members_of_composites() {
    let text = "composite A: a.example/v1 {\n  param b: Int\n  let c = b\n  resource d: v1/ConfigMap { data: { a: \"${c}\" } }\n  for e in [\"x\"] { resource f: v1/ConfigMap after d { data: { a: e } } }\n  output g: String = d.metadata.name\n}\nA one { b: 1 }\n//- a.yaml\napiVersion: a.example/v1\nkind: A\nmetadata: { name: two }\nspec:\n  b: 1\n";
    let with = |from: &str, to: &str| text.replace(from, to);
    gives(
        &with("param b", "param b$0"),
        "k",
        &text
            .replace("param b", "param k")
            .replace("= b", "= k")
            .replace("{ b: 1", "{ k: 1")
            .replace("  b: 1", "  k: 1"),
    );
    gives(
        &with("\n  b: 1", "\n  b$0: 1"),
        "yes",
        &text
            .replace("param b", "param yes")
            .replace("= b", "= yes")
            .replace("{ b: 1", "{ yes: 1")
            .replace("  b: 1", "  \"yes\": 1"),
    );
    gives(&with("let c", "let c$0"), "n", &text.replace("let c", "let n").replace("${c}", "${n}"));
    gives(
        &with("after d", "after d$0"),
        "n",
        &text.replace("resource d", "resource n").replace("after d", "after n").replace("= d.", "= n."),
    );
    gives(&with("for e", "for e$0"), "n", &text.replace("for e", "for n").replace("a: e", "a: n"));
    gives(&with("output g", "output g$0"), "n", &text.replace("output g", "output n"));
    gives(
        &with("kind: A", "kind: A$0"),
        "Other",
        &text.replace("composite A", "composite Other").replace("A one", "Other one").replace("kind: A", "kind: Other"),
    );
}

#[test]
fn modules_and_imports() {
    let text = "//- b.tess\nmodule x.b\nlet n = 1\n//- main.tess\nuse x.b\nuse x.b as z\nlet a = b.n + z.n\n//- c.tess\nuse x.b.{ n, n as m }\nlet a = n + m\n";
    gives(&text.replace("module x.b", "module x.b$0"), "d", &text.replace("x.b", "x.d").replace("= b.n", "= d.n"));
    gives(&text.replace("= b.n", "= b$0.n"), "d", &text.replace("x.b", "x.d").replace("= b.n", "= d.n"));
    gives(&text.replace("as z", "as z$0"), "d", &text.replace("as z", "as d").replace("z.n", "d.n"));
    gives(
        &text.replace("let n", "let n$0"),
        "k",
        &text.replace("let n", "let k").replace(".n", ".k").replace("{ n, n as", "{ k, k as").replace("= n +", "= k +"),
    );
    gives(&text.replace("+ m", "+ m$0"), "k", &text.replace("as m", "as k").replace("+ m", "+ k"));
}

#[test]
fn cases_of_a_union_share_a_field() {
    let text = "type T = { kind: \"a\", n: Int } | { kind: \"b\", n: Int }\nfn f(t: T) -> Int = t.n\n";
    gives(&text.replacen("n: Int", "n$0: Int", 1), "m", &text.replace(" n: Int", " m: Int").replace("t.n", "t.m"));
    gives(&text.replacen("kind", "kind$0", 1), "case", &text.replace("kind", "case"));
}

#[test]
fn what_others_name_is_refused() {
    refused(
        "resource a: v1/ConfigMap { da$0ta: {} }\n",
        "x",
        "`data` is a field of `core/v1/ConfigMap`: Kubernetes names it",
    );
    refused("resource a: v1/Config$0Map {}\n", "x", "is a kind that Kubernetes names");
    refused("let a = [1].ma$0p(x, x)\n", "x", "function of the library");
    refused("let a: Str$0ing = \"\"\n", "x", "belongs to the language");
    refused("let a: DnsL$0abel = \"\"\n", "x", "belongs to the standard library");
    refused("use std.labels$0\nlet a = labels.recommended({ name: \"a\" })\n", "x", "belongs to the standard library");
    refused("composite A: a.example/v1 {\n  let a = sel$0f.name\n}\n", "x", "belongs to the language");
    refused("type T = Int where i$0t > 1\n", "x", "belongs to the language");
    refused("let a = 1 $0+ 2\n", "x", "There is no name here");
}

#[test]
fn parts_of_the_name_of_a_module_are_refused() {
    let text = "//- b.tess\nmodule x.y.b\nlet n = 1\n//- main.tess\nuse x.y.b\nlet a = b.n\n";
    let why = "`x` is a part of the name `x.y.b`, of which only the last, `b`, can be renamed.";
    refused(&text.replace("module x", "module x$0"), "z", why);
    refused(&text.replace("use x", "use x$0"), "z", why);
    refused(&text.replace("use x.y", "use x.$0y"), "z", &why.replacen("`x`", "`y`", 1));
    refused(&text.replace("use x.y.b", "use x$0.nothing"), "z", "`x` is a part of the name `x.nothing`");
    refused("use s$0td.labels\n", "z", "`std` belongs to the standard library");
    let dependency = "//- tessera.toml\n[package]\nname = \"a\"\n[dependencies]\nbase = { path = \"base\" }\n//- base/l.tess\nmodule l\nlet n = 1\n//- main.tess\nuse ba$0se.l\n";
    refused(dependency, "z", "`base` is what `tessera.toml` calls a dependency");
}

#[test]
fn names_that_will_not_do_are_refused() {
    refused("let a$0 = 1\n", "a b", "is not a name");
    refused("let a$0 = 1\n", "1a", "is not a name");
    refused("let a$0 = 1\n", "a-", "is not a name");
    refused("let a$0 = 1\n", "match", "a word of the language");
    refused("composite A$0: a.example/v1 {}\n", "a", "is not a kind");
    refused("let a$0 = 1\nlet b = 2\n", "b", "`b` is declared twice");
    refused("let a$0 = 1\nfn f(b: Int) -> Int = a + b\n", "b", "already a name here");
    refused("type T = { a$0: Int, b: Int }\n", "b", "declared twice");
    refused("let a$0 = 1\nlet b = [1].map(c, c + a)\n", "c", "would mean something else");
    refused("let a = 1\nlet b = [1].map(c$0, c + a)\n", "a", "would mean something else");
    refused("let a$0: Int = 1\ntype T = String\n", "T", "declared twice");
    refused("type Size$0 = \"a\"\nlet a: Size = \"a\"\nlet b: DnsLabel = \"a\"\n", "DnsLabel", "cannot be the name");
    // Another type has a field that fits by its name alone.
    refused("type T = { a$0: Int }\ntype U = { a: Int }\nfn f(t: T) -> U = t\n", "b", "cannot be the name");
}

/// The objects that a workspace comes to and what is said of it; the new name as the old one.
fn outcome(fixture: &Fixture, new: &str, old: &str) -> (Vec<String>, Vec<String>) {
    let compilation = compile(&fixture.request(), &Schemas::builtin(), &Settings::default());
    let as_old = |text: String| text.replace(new, old);
    let object = |built: &tessera_compiler::compile::Built| {
        let objects = built.result.objects.iter().map(|object| as_old(format!("{:?}", object.value)));
        objects.collect::<Vec<_>>()
    };
    let told = |d: &Diagnostic| as_old(format!("{} {} {:?} {:?}", d.code.id, d.message, d.notes, d.help));
    let mut told: Vec<String> = compilation.diagnostics.iter().map(told).collect();
    told.sort();
    (compilation.built.iter().flat_map(object).collect(), told)
}

fn rename_all(folder: &Path) -> usize {
    let fixture = Fixture::folder(folder);
    let analysis = fixture.all();
    // The new names occur nowhere.
    let before = outcome(&fixture, "zz-fresh", "");
    let mut seen: BTreeSet<_> = BTreeSet::new();
    for reference in &analysis.facts.references {
        let ours = prepare(&analysis, reference.span.file, reference.span.start, &|_| false);
        let Ok(Prepared { name, meant, .. }) = ours else { continue };
        if !seen.insert(meant.clone()) {
            continue;
        }
        let new = if name.starts_with(|c: char| c.is_ascii_uppercase()) { "ZzFresh" } else { "zz-fresh" };
        let edits = edits(&analysis, &meant, new);
        let after = Fixture::of(changed(&fixture, &analysis, &edits), None, Vec::new());
        match check(&analysis, &after.all(), &edits, new) {
            Ok(()) => assert_eq!(before, outcome(&after, new, &name), "{name} in {folder:?}"),
            Err(why) => panic!("{name} in {folder:?}: {why}"),
        }
    }
    seen.len()
}

/// After a rename, `tessera check` says the same, and the objects are the same.
#[test]
fn a_rename_changes_nothing_but_the_name() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut folders: Vec<_> = std::fs::read_dir(examples).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    let count: usize = folders.iter().map(|folder| rename_all(folder)).sum();
    assert!(count > 100, "{count}");
}
