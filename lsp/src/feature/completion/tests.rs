//! What completion offers, by fixtures: several files in one text, `$0` for the cursor.

use tessera_compiler::analysis::analyse;
use tessera_compiler::compile::{Settings, compile};
use tessera_compiler::schema::Schemas;

use super::{Completion, Item, Notation, RESOURCES, Rank, completion, plain};
use crate::feature::fixture::Fixture;

fn complete(fixture: &str) -> (Completion, String) {
    let fixture = Fixture::new(fixture);
    let (path, at) = fixture.cursor.clone().expect("a cursor");
    let text = fixture.text(&path).to_string();
    let notation = if path.ends_with(".yaml") { Notation::Yaml } else { Notation::Tessera };
    let found = completion(&text, at, notation, |probed, probe| {
        let mut files = fixture.files.clone();
        files.insert(&path, probed);
        analyse(&Fixture::of(files, None, Vec::new()).request(), &Schemas::builtin(), &path, Some(probe))
    });
    (found, text)
}

/// The labels that are likely, in their order.
fn likely(fixture: &str) -> Vec<String> {
    let (found, _) = complete(fixture);
    found.items.iter().filter(|i| i.rank <= Rank::Leads).map(|i| i.label.clone()).collect()
}

fn find(fixture: &str, label: &str) -> Item {
    let (found, _) = complete(fixture);
    let all: Vec<&str> = found.items.iter().map(|i| i.label.as_str()).collect();
    found.items.iter().find(|i| i.label == label).cloned().unwrap_or_else(|| panic!("no {label} among {all:?}"))
}

/// What the text becomes when an item is taken; places to fill get their defaults.
fn taken(fixture: &str, label: &str) -> String {
    let (found, text) = complete(fixture);
    let item = found.items.iter().find(|i| i.label == label).unwrap_or_else(|| panic!("no {label}"));
    let insert = if item.snippet { plain(&item.insert) } else { item.insert.clone() };
    let (start, end) = (found.replace.start as usize, found.replace.end as usize);
    let mut out = format!("{}{insert}{}", &text[..start], &text[end..]);
    if let Some((at, import)) = &item.import {
        assert!(*at <= found.replace.start, "an import stands before");
        out.insert_str(*at as usize, import);
    }
    out
}

const POD: &str = "resource a: v1/Pod {\n  spec: {\n    containers: [{ name: \"a\", image: \"b\", $0 }]\n  }\n}\n";

/// An instance's composite in a file of its own.
const KIND: &str = "//- a.tess
module a.b
/// A thing.
composite Thing: a.example/v1 {
  /// How large.
  param size: \"small\" | \"large\"
  param count: Int = 1
}
";

#[test]
fn fields_that_are_still_missing_come_first() {
    let first = &complete("resource a: v1/Pod {\n  spec: { containers: [{ $0 }] }\n}\n").0.items[0];
    assert_eq!((first.label.as_str(), first.required, first.insert.as_str()), ("name", true, "name: \"$1\""));
    let labels = likely(POD);
    assert!(labels.contains(&"ports".to_owned()) && !labels.contains(&"image".to_owned()), "{labels:?}");
    let hidden = likely("resource a: v1/Pod { $0 }\n");
    assert_eq!(hidden, ["metadata", "spec"]);
}

#[test]
fn documentation_is_that_of_the_schema() {
    let item = find(POD, "imagePullPolicy");
    let doc = item.doc.read(&Schemas::builtin()).unwrap();
    assert!(doc.contains("IfNotPresent"), "{doc}");
    assert!(item.detail.unwrap().contains("\"Always\" | \"IfNotPresent\" | \"Never\""));
}

#[test]
fn places_deep_in_broken_text_are_known() {
    let broken = "let = \nfn f( = 1\nresource b v1/Pod\nresource a: apps/v1/Deployment {\n  spec: { template: { spec: { containers: [{ \
                  livenessProbe: { httpGet: { $0 } } }] } } }\n}\n";
    assert_eq!(likely(broken)[0], "port");
    let half = "composite A: a.example/v1 {\n  param db: { host: String, port: Int }\n  resource s: v1/Service {\n    \
                spec: { ports: [{ port: db.$0\n";
    assert_eq!(likely(half), ["host", "port"]);
    assert_eq!(
        likely("resource a: v1/Pod {\n  spec: {\n    restartPolicy: $0\n"),
        ["\"Always\"", "\"Never\"", "\"OnFailure\""]
    );
}

#[test]
fn values_of_a_type_come_in_their_order_and_in_quotes() {
    let composite = "composite A: a.example/v1 {\n  param size: \"small\" | \"large\"\n  let x = size == ";
    assert_eq!(likely(&format!("{composite}$0\n}}\n"))[..2], ["\"small\"", "\"large\""]);
    assert_eq!(likely(&format!("{composite}\"la$0\"\n}}\n")), ["small", "large"]);
    assert_eq!(taken(&format!("{composite}\"la$0\n}}\n"), "large").lines().nth(2), Some("  let x = size == \"large\""));
}

#[test]
fn names_of_the_expected_type_come_before_others() {
    let fixture = "composite A: a.example/v1 {\n  param port: Int\n  param name: String\n  param db: { port: Int }\n  \
                   resource s: v1/Service {\n    spec: { ports: [{ port: $0 }] }\n  }\n}\n";
    assert_eq!(likely(fixture), ["port", "db.port"]);
    assert_eq!(find(fixture, "name").rank, Rank::Rare);
}

#[test]
fn other_resources_are_meant_by_their_names() {
    let fixture = "composite A: a.example/v1 {\n  resource settings: v1/ConfigMap { data: {} }\n  resource p: v1/Pod {\n    \
                   spec: { containers: [{ name: \"a\", image: \"b\", envFrom: [{ configMapRef: { name: $0 } }] }] }\n  }\n}\n";
    assert!(likely(fixture).contains(&"settings.metadata.name".to_owned()));
    let after = "composite A: a.example/v1 {\n  param x: Int\n  resource c: v1/ConfigMap { data: {} }\n  resource p: v1/Pod after $0 {\n  }\n}\n";
    assert_eq!(likely(after), ["c", "p"]);
}

#[test]
fn label_keys_that_are_in_use_are_offered() {
    let fixture =
        "let l = { team.example.com/owner: \"a\" }\nresource a: v1/ConfigMap { metadata: { labels: { $0 } } }\n";
    assert_eq!(find(fixture, "team.example.com/owner").insert, "team.example.com/owner: \"$1\"");
    find(fixture, "app.kubernetes.io/name");
}

#[test]
fn kinds_are_found_by_their_name_and_bring_a_body_that_checks() {
    let item = find("composite A: a.example/v1 {\n  resource s: $0\n}\n", "apps/v1/Deployment");
    assert_eq!(item.filter.as_deref(), Some("Deployment apps/v1/Deployment"));
    let bare = find("composite A: a.example/v1 {\n  resource s: apps/v1/Dep$0 { }\n}\n", "apps/v1/Deployment");
    assert!(!bare.snippet);
    let text = taken("composite A: a.example/v1 {\n  resource s: apps/v1/Dep$0\n}\n", "apps/v1/Deployment");
    assert_eq!(problems(&text), Vec::<String>::new(), "{text}");
}

#[test]
fn whole_resources_check_at_once() {
    for (name, _, _) in RESOURCES {
        let top = taken("module a\n\n$0\n", &format!("resource {name}"));
        assert_eq!(problems(&top), Vec::<String>::new(), "{top}");
        let scope = if name == "namespace" { "scope cluster\n" } else { "" };
        let inside = taken(&format!("composite A: a.example/v1 {{\n{scope}$0\n}}\n"), &format!("resource {name}"));
        assert_eq!(problems(&inside), Vec::<String>::new(), "{inside}");
    }
}

#[test]
fn the_kind_of_an_instance_that_is_written_is_replaced_alone() {
    let own = "composite Store: a.example/v1 {\n  param size: Int\n}\ncomposite Shop: a.example/v1 {}\n";
    for head in ["Sto$0re one { size: 1 }", "$0Store one {", "Store$0 one in shops {\n}", "Sto$0 { size: 1 }"] {
        assert_eq!(likely(&format!("{own}{head}\n")), ["Shop", "Store"], "{head}");
    }
    let text = taken(&format!("{own}Sto$0re one {{ size: 1 }}\n"), "Shop");
    assert_eq!(text, format!("{own}Shop one {{ size: 1 }}\n"));
    // In another module, with its import; and below the name of an import.
    let text = taken(&format!("{KIND}//- main.tess\nmodule c\n\nTh$0 one {{ size: \"small\" }}\n"), "Thing");
    assert_eq!(text, "module c\n\nuse a.b.{ Thing }\n\nThing one { size: \"small\" }\n");
    let text = taken(&format!("{KIND}//- main.tess\nmodule c\nuse a.b\n\nb.Th$0x one {{}}\n"), "Thing");
    assert_eq!(text, "module c\nuse a.b\n\nb.Thing one {}\n");
    // A new name may be anything, and a word alone begins whole declarations.
    assert_eq!(likely(&format!("{own}Store on$0e {{ size: 1 }}\n")), Vec::<String>::new());
    assert!(find(&format!("{own}Sto$0\n"), "Store").snippet);
    assert!(find(&format!("{own}Sto$0\nStore two {{ size: 1 }}\n"), "Store").snippet);
}

/// What is wrong with a text.
fn problems(text: &str) -> Vec<String> {
    let compiled = compile(&Fixture::new(text).request(), &Schemas::builtin(), &Settings::default());
    compiled.diagnostics.iter().map(|d| format!("{} {}", d.code.id, d.message)).collect()
}

#[test]
fn what_is_not_imported_brings_its_import() {
    let text = taken(
        "module a\n\ncomposite A: a.example/v1 {\n  let l = rec$0\n}\n//- b.tess\nuse std.labels\n",
        "labels.recommended",
    );
    assert_eq!(text, "module a\n\nuse std.labels\n\ncomposite A: a.example/v1 {\n  let l = labels.recommended()\n}\n");
    let text = taken(&format!("{KIND}//- main.tess\nmodule c\n\n$0\n"), "Thing");
    assert_eq!(text, "module c\n\nuse a.b.{ Thing }\n\nThing name {\n  size: \n}\n");
}

#[test]
fn members_arguments_modules_and_words_have_their_places() {
    assert_eq!(likely("use std.labels\nlet l = labels.$0\n"), ["LabelValue", "Recommended", "recommended", "selector"]);
    assert_eq!(likely("use std.labels.{ $0 }\n"), ["LabelValue", "Recommended", "recommended", "selector"]);
    assert_eq!(
        likely("fn f(size: Int, other: String = \"\") -> Int = size\nlet a = f($0)\n")[..2],
        ["size:", "other:"]
    );
    assert_eq!(likely("composite A: a.example/v1 {\n  scope $0\n}\n"), ["cluster", "namespaced"]);
    assert!(find("use $0\n", "std.labels").detail.is_some());
    let dependency = "//- tessera.toml\n[package]\nname = \"x\"\n[dependencies]\nbase = { path = \"base\" }\n//- base/l.tess\nmodule l\n//- a.tess\nmodule a.b\n";
    let modules = likely(&format!("{dependency}//- main.tess\nmodule c\nuse $0\n"));
    assert!(["a.b", "base.l"].iter().all(|name| modules.contains(&(*name).to_owned())), "{modules:?}");
    assert_eq!(likely("//- x/a.tess\n\n//- x/y/main.tess\nuse \"$0\"\n"), ["../a.tess"]);
    find("let a = \"x\".$0\n", "startsWith");
    find("composite A: a.example/v1 {\n  param t: $0\n}\n", "DnsLabel");
    assert_eq!(complete("let a$0\n").0.items.len(), 0);
    assert_eq!(complete("// a$0\n").0.items.len(), 0);
}

#[test]
fn instances_in_yaml_are_completed_too() {
    let yaml = |rest: &str| format!("{KIND}//- main.yaml\n{rest}");
    assert_eq!(
        likely(&yaml("apiVersion: a.example/v1\nkind: Thing\nmetadata: {name: a}\nspec:\n  $0\n")),
        ["size", "count"]
    );
    assert_eq!(
        likely(&yaml("apiVersion: a.example/v1\nkind: Thing\nmetadata: {name: a}\nspec:\n  size: $0\n")),
        ["small", "large"]
    );
    assert_eq!(likely(&yaml("apiVersion: a.example/v1\nkind: $0\n")), ["Thing"]);
    assert_eq!(likely(&yaml("apiVersion: $0\n")), ["a.example/v1"]);
    assert_eq!(likely(&yaml("kind: Thing\n$0\n")), ["apiVersion", "metadata", "spec"]);
}
