use tessera_compiler::compile::{Settings, compile};
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::schema::Schemas;

use super::{Action, actions};
use crate::feature::fixture::Fixture;

/// The actions for what is marked, or at the cursor; and the text.
fn offered(fixture: &str) -> (Vec<Action>, String, Fixture) {
    let fixture = Fixture::new(fixture);
    let place = fixture.cursor.clone().map(|(path, at)| (path, at, at));
    let (path, start, end) = place.or_else(|| fixture.marked.first().cloned()).expect("a place");
    let compiled = compile(&fixture.request(), &Schemas::builtin(), &Settings::default());
    let (analysis, file) = fixture.one(&path);
    let found: Vec<&Diagnostic> = compiled.diagnostics.iter().filter(|d| d.primary.span.file == file).collect();
    let text = fixture.text(&path).to_string();
    (actions(&analysis, &found, start, end), text, fixture)
}

fn titles(fixture: &str) -> Vec<String> {
    offered(fixture).0.into_iter().map(|action| action.title).collect()
}

/// The text after the action with this title, which must leave no error.
fn after(fixture: &str, title: &str) -> String {
    let (actions, mut text, _) = offered(fixture);
    let known: Vec<&str> = actions.iter().map(|action| action.title.as_str()).collect();
    let action = actions.iter().find(|action| action.title == title).unwrap_or_else(|| panic!("{known:?}"));
    for edit in action.edits.iter().rev() {
        text.replace_range(edit.start as usize..edit.end as usize, &edit.text);
    }
    text
}

fn errors(text: &str) -> Vec<String> {
    let compiled = compile(&Fixture::new(text).request(), &Schemas::builtin(), &Settings::default());
    compiled.diagnostics.iter().filter(|d| d.is_error()).map(|d| d.message.clone()).collect()
}

#[test]
fn required_fields_are_filled_in() {
    let text = after("resource a: v1/Service {\n  spec: {\n    ports: [{ $0 }]\n  }\n}\n", "Fill in `port`");
    assert_eq!(text, "resource a: v1/Service {\n  spec: {\n    ports: [{\n      port: 1\n    }]\n  }\n}\n");
    assert_eq!(errors(&text), Vec::<String>::new());
    let text = after("resource a: v1/Service {\n  spec: { ports: [{ name: \"a\"$0 }] }\n}\n", "Fill in `port`");
    assert_eq!(text, "resource a: v1/Service {\n  spec: { ports: [{ name: \"a\", port: 1 }] }\n}\n");
    let instance = "composite A: a.example/v1 {\n  param size: \"s\" | \"m\"\n  param db: { port: Int }\n}\nA a {$0}\n";
    let text = after(instance, "Fill in `size`, `db`");
    assert!(text.ends_with("A a {\n  size: \"s\"\n  db: {\n    port: 1\n  }\n}\n"), "{text}");
    assert_eq!(errors(&text), Vec::<String>::new());
}

#[test]
fn missing_cases_are_added() {
    let text = after(
        "type Size = \"s\" | \"m\" | \"l\"\nfn f(size: Size) -> Quantity = match si$0ze {\n  \"s\" => 1Gi\n}\n",
        "Add the missing cases",
    );
    assert!(text.ends_with("  \"s\" => 1Gi\n  \"m\" => 1Gi\n  \"l\" => 1Gi\n}\n"), "{text}");
    assert_eq!(errors(&text), Vec::<String>::new());
}

#[test]
fn names_are_imported() {
    let two = "//- a.tess\nmodule a.sizes\ntype Size = \"s\"\ntype Other = \"o\"\n//- main.tess\n";
    let text = after(
        &format!("{two}module b\n\ncomposite A: a.example/v1 {{\n  param size: Si$0ze\n}}\n"),
        "Import it: `use a.sizes.{ Size }`",
    );
    assert!(text.starts_with("module b\n\nuse a.sizes.{ Size }\n"), "{text}");
    let beside = format!("{two}use a.sizes.{{ Other }}\nlet x: Other = \"o\"\ntype T = Si$0ze\n");
    assert!(after(&beside, "Import it: `use a.sizes.{ Size }`").contains("use a.sizes.{ Other, Size }\n"));
    let text = after("let l = la$0bels.selector(\"a\", \"b\")\n", "Import it: `use std.labels`");
    assert_eq!(text, "use std.labels\n\nlet l = labels.selector(\"a\", \"b\")\n");
    assert_eq!(errors(&text), Vec::<String>::new());
}

const COMPOSITE: &str = "composite A: a.example/v1 {
  param name: String

  /// Its settings.
  resource settings: v1/ConfigMap { data: { greeting: VALUE } }
  for key in [\"a\"] {
    resource more: v1/ConfigMap { data: { key: KEY } }
  }
}
";

#[test]
fn expressions_become_lets_parameters_and_constants() {
    let fixture = |value: &str, key: &str| COMPOSITE.replace("VALUE", value).replace("KEY", key);
    let text = after(&fixture("<|\"hello ${name}\"|>", "\"\""), "Extract to a let: `greeting`");
    assert!(text.contains("\n  let greeting = \"hello ${name}\"\n  /// Its settings.\n"), "{text}");
    assert!(text.contains("greeting: greeting }"));
    assert_eq!(errors(&text), Vec::<String>::new());
    assert_eq!(titles(&fixture("<|\"hello ${name}\"|>", "\"\"")), ["Extract to a let: `greeting`"]);
    let text = after(&fixture("<|\"hello\"|>", "\"\""), "Extract to a param: `greeting`");
    assert!(text.contains("  param name: String\n  param greeting: String = \"hello\"\n"), "{text}");
    assert_eq!(errors(&text), Vec::<String>::new());
    let text = after(&fixture("<|\"hello\"|>", "\"\""), "Extract to a constant of the module: `greeting`");
    assert!(text.starts_with("let greeting = \"hello\"\n\ncomposite A"), "{text}");
    assert_eq!(errors(&text), Vec::<String>::new());
}

#[test]
fn what_only_a_loop_knows_stays_there() {
    let fixture = COMPOSITE.replace("VALUE", "\"\"").replace("KEY", "<|\"x ${key}\"|>");
    assert_eq!(titles(&fixture), Vec::<String>::new());
    assert_eq!(titles("let a = [<|1 +|> 2]\n"), Vec::<String>::new());
}
