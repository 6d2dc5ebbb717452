//! `new`, `explain`, `graph`, `dump`, `why`, `completions`, `man`, and calls
//! that are wrong.

use serde_json::Value;

use crate::folder::Folder;
use crate::project::PROJECT;

#[test]
fn a_new_project_builds_at_once_without_a_word() {
    let folder = Folder::new("new");
    for template in ["composite", "manifests", "library"] {
        let called = folder.call(&["new", template, "--template", template]);
        assert_eq!((called.code, called.out.as_str()), (0, ""), "{}", called.err);
        let called = folder.call(&["build", template]);
        assert!(
            called.code == 0 && called.err.is_empty() && called.out.starts_with("apiVersion: "),
            "{template}: {}",
            called.err
        );
        let called = folder.call(&["fmt", "--check", "--diff", template]);
        assert_eq!((called.code, called.out.as_str()), (0, ""), "{template}");
    }
}

#[test]
fn a_new_project_overwrites_nothing() {
    let folder = Folder::with("new-full", &[("full/a.txt", "mine"), ("file", "mine")]);
    for path in ["full", "file", "Upper", "-", "."] {
        let called = folder.call(&["new", "--", path]);
        assert_eq!(called.code, 2, "{path}: {}", called.err);
    }
    assert_eq!(folder.list("."), ["file", "full"]);
    assert_eq!(folder.list("full"), ["a.txt"]);
}

#[test]
fn every_listed_code_has_a_page() {
    let folder = Folder::new("explain");
    let list = folder.call(&["explain", "--list"]).out;
    assert!(list.lines().count() > 50);
    for line in list.lines() {
        let code = line.split_whitespace().next().unwrap();
        let called = folder.call(&["explain", &code.to_lowercase()]);
        assert!(called.code == 0 && called.out.starts_with(&format!("# {code}: ")), "{code}");
    }
    assert_eq!(folder.call(&["explain", "E9999"]).code, 2);
    let field = folder.call(&["explain", "Deployment.spec.replicas"]);
    assert!(field.out.starts_with("apps/v1/DeploymentSpec.replicas: Int\n"), "{}", field.out);
    let wrong = folder.call(&["explain", "Deploymant"]);
    assert!(wrong.code == 2 && wrong.err.contains("did you mean `apps/v1/Deployment`?"), "{}", wrong.err);
}

const CHAIN: &str = r#"composite Chain: example.acme/v1 {
  param on: Bool
  resource first: v1/Service { spec: { ports: [{ port: 80 }] } }
  if on {
    resource second: v1/ConfigMap { data: { ip: first.spec.clusterIP, name: first.metadata.name } }
  }
  resource third: v1/ConfigMap after second { data: { a: "b" } }
}
"#;

#[test]
fn a_graph_shows_order_and_references() {
    let folder = Folder::with("graph", &[("a.tess", CHAIN)]);
    let called = folder.call(&["graph", "a.tess"]);
    let expected = "Chain (example.acme/v1)
  1. Service first
  2. ConfigMap second  (under a condition)
       waits for Service first: spec.clusterIP
       reads Service first: metadata.name
  3. ConfigMap third
       waits for ConfigMap second: after
";
    assert_eq!((called.code, called.out.as_str()), (0, expected), "{}", called.err);
    let dot = folder.call(&["graph", "a.tess", "--format", "dot"]).out;
    assert!(dot.starts_with("digraph {") && dot.contains("n1 -> n0 [label=\"spec.clusterIP\"];"), "{dot}");
    let mermaid = folder.call(&["graph", "a.tess", "--format", "mermaid"]).out;
    assert!(mermaid.contains("flowchart") && mermaid.contains("n1 -.->|\"metadata.name\"| n0"), "{mermaid}");
    let svg = folder.call(&["graph", "a.tess", "--format", "svg", "--composite", "Chain"]).out;
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && svg.contains(">second<"), "{svg}");
    assert_eq!(folder.call(&["graph", "a.tess", "--composite", "None"]).code, 2);
}

#[test]
fn the_graph_of_an_instance_names_its_objects() {
    let folder = Folder::with("graph-instance", PROJECT);
    let called = folder.call(&["graph", "--instance", "two"]);
    let expected = "Store two\n  1. ConfigMap two-settings\n  1. ConfigMap two-secret\n       reads ConfigMap two-settings: metadata.name\n";
    assert_eq!((called.code, called.out.as_str()), (0, expected), "{}", called.err);
}

#[test]
fn every_stage_of_a_file_is_shown() {
    let folder = Folder::with("dump", PROJECT);
    let tokens = folder.call(&["dump", "tokens", "src/one.tess"]).out;
    assert!(tokens.starts_with("1:1 Keyword \"use\"\n"), "{tokens}");
    assert!(folder.call(&["dump", "tree", "src/one.tess"]).out.starts_with("File\n  UseDecl\n"));
    let types = folder.call(&["dump", "types", "src/store.tess"]).out;
    assert!(types.starts_with("composite Store: example.acme/v1\n  param size: Int"), "{types}");
    let ir: Value = serde_json::from_str(&folder.call(&["dump", "ir", "src/store.tess"]).out).unwrap();
    assert_eq!(ir["composites"][0]["kind"], "Store");
    assert_eq!(ir["files"][0].as_str().map(|f| f.ends_with("store.tess")), Some(true));
    folder.write("src/one.tess", "what is this {\n");
    assert_eq!(folder.call(&["dump", "tree", "src/one.tess"]).code, 0, "a tree there always is");
    assert_eq!(folder.call(&["dump", "ir", "src/one.tess"]).code, 1);
    assert_eq!(folder.call(&["dump", "ir", "instances/two.yaml"]).code, 2);
}

#[test]
fn a_value_is_traced_to_its_parameter() {
    let folder = Folder::with("why", PROJECT);
    let called = folder.call(&["why", "ConfigMap/two-settings.data.size"]);
    assert!(
        called.code == 0 && called.out.starts_with("ConfigMap/two-settings.data.size is \"2\"\n"),
        "{}",
        called.err
    );
    assert!(called.out.contains("instances/two.yaml:7:9"), "{}", called.out);
    assert_eq!(folder.call(&["why", "ConfigMap/none.data"]).code, 2);
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let folder = Folder::new("man");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let called = folder.call(&["completions", shell]);
        assert!(called.code == 0 && called.out.contains("explain"), "{shell}");
    }
    assert!(folder.call(&["man"]).out.contains(".TH tessera 1"));
    assert_eq!(folder.call(&["man", "--out", "pages"]).code, 0);
    let pages = folder.list("pages");
    assert!(pages.contains(&"tessera.1".to_owned()) && pages.contains(&"tessera-build.1".to_owned()), "{pages:?}");
}

#[test]
fn wrong_calls_end_with_2_and_help_with_0() {
    let folder = Folder::new("calls");
    for args in [&["nonsense"][..], &["check", "--nonsense"], &["eval"], &["explain"], &[]] {
        let called = folder.call(args);
        assert_eq!((called.code, called.out.as_str()), (2, ""), "{args:?}");
        assert!(!called.err.is_empty(), "{args:?}");
    }
    let version = folder.call(&["--version"]);
    assert_eq!((version.code, version.out), (0, format!("tessera {}\n", env!("CARGO_PKG_VERSION"))));
    assert_eq!(folder.call(&["build", "--help"]).code, 0);
    assert_eq!(folder.call(&["check", "--project", "none"]).code, 2);
}
