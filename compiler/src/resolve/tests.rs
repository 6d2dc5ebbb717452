//! Files that are found by looking at `use` lines and those that are not.

use super::glance::{Named, uses};
use super::{Modules, Request, load};
use crate::check;
use crate::project::Project;
use crate::schema::Schemas;
use crate::source::MemoryFiles;

fn loaded(files: &[(&str, &str)], asked: &[&str]) -> Modules {
    let mut memory = MemoryFiles::default();
    files.iter().for_each(|(path, text)| memory.insert(path, text));
    let paths: Vec<String> = asked.iter().map(|path| (*path).to_owned()).collect();
    let project = Project::default();
    load(&Request { files: &memory, project: &project, root: "", paths: &paths, named: &[], context: &[] })
}

/// The errors that loading and checking find.
fn found(modules: &Modules) -> Vec<String> {
    let schemas = Schemas::builtin();
    let checked = check::check(modules, &schemas, None);
    checked.diagnostics.iter().filter(|d| d.is_error()).map(|d| format!("{}: {}", d.code.id, d.message)).collect()
}

fn prelude_types(modules: &Modules) -> usize {
    modules.prelude.and_then(|id| modules.get(id)).map_or(0, |prelude| prelude.names.len())
}

const WEB: &str = "module acme.web\nuse \"./names.tess\" as names\ncomposite Web: acme.io/v1 {\n  param port: Port\n  param name: names.Short\n}\n";
const NAMES: &str = "module acme.names\ntype Short = DnsLabel where it.size() < 20\n";

#[test]
fn what_only_imported_files_mention_is_known() {
    let asked = "use acme.web.{ Web }\nWeb a { port: 80, name: \"a\" }\n";
    let files = [("a.tess", asked), ("src/web.tess", WEB), ("src/names.tess", NAMES)];
    let modules = loaded(&files, &["a.tess"]);
    assert_eq!(found(&modules), [""; 0]);
    assert_eq!(modules.roots.len(), 1);
    assert_eq!(prelude_types(&modules), 2, "Port and DnsLabel");
}

#[test]
fn what_a_look_at_the_lines_misses_is_known_too() {
    for import in ["use/**/acme.web.{ Web }", "use `acme`.web.{ Web }", "use /* the */ \"./src/web.tess\".{ Web }"] {
        let import = if import.contains(".tess") { "use /* the */ \"./src/web.tess\" as web" } else { import };
        let kind = if import.contains(".tess") { "web.Web" } else { "Web" };
        let asked = format!("{import}\nlet p: Semver = \"1.2.3\"\n{kind} a {{ port: 80, name: \"a\" }}\n");
        assert!(!uses(&asked).any(|named| named == Named::Module("acme.web".into())), "{import}");
        let files = [("a.tess", asked.as_str()), ("src/web.tess", WEB), ("src/names.tess", NAMES)];
        let modules = loaded(&files, &["a.tess"]);
        assert_eq!(found(&modules), [""; 0], "{import}");
        assert_eq!(prelude_types(&modules), tessera_stdlib::prelude_names().len(), "{import}");
    }
}

#[test]
fn the_prelude_may_be_imported_however_it_is_written() {
    let late = "use/**/std.prelude as known\nlet p: known.Port = 80\nlet q: Semver = \"1.0.0\"\n";
    for asked in [late, "use std.prelude.{ Port as P }\nlet p: P = 80\nlet q: Semver = \"1.0.0\"\n"] {
        let modules = loaded(&[("a.tess", asked)], &["a.tess"]);
        assert_eq!(found(&modules), [""; 0], "{asked}");
        assert_eq!(prelude_types(&modules), tessera_stdlib::prelude_names().len(), "{asked}");
    }
}

#[test]
fn a_file_that_no_import_reads_is_not_there() {
    let asked = "/* Write\nuse \"./broken.tess\" as broken\n*/\nlet a = 1\n";
    let modules = loaded(&[("a.tess", asked), ("broken.tess", "let let let\n")], &["a.tess"]);
    assert!(found(&modules).is_empty() && modules.list.iter().all(|module| &*module.path != "broken.tess"));
}

#[test]
fn lines_tell_what_they_import() {
    let text = "use a.b-c.{ D }\n  use\t\"./x.tess\" as x\nuse\"y\"\nuseful.thing\nuse e as f\nused = 1\nuse\n";
    let found: Vec<Named> = uses(text).collect();
    let expected = [
        Named::Module("a.b-c".into()),
        Named::File("./x.tess".into()),
        Named::File("y".into()),
        Named::Module("e".into()),
    ];
    assert_eq!(found, expected);
}
