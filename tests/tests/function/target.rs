//! What the target writes and refuses.

use tessera_compiler::target::{self, crossplane};
use tessera_tests::compile::build;
use tessera_tests::corpus::{project, root};

use super::client::ALWAYS;

/// The package of an example, the representation aside, which is not for reading.
fn package(example: &str) -> String {
    let compiled = build(&project(&root().join("examples").join(example)).unwrap());
    let lowered = target::lower(&compiled.compilation, |lowering| crossplane::lower(lowering, ALWAYS));
    let shown = |text: &str| match text.split_once("      ir: \"") {
        Some((before, after)) => format!("{before}      ir: …{}", after.split_once('"').unwrap().1),
        None => text.to_owned(),
    };
    let files = lowered.files.iter().map(|file| format!("# {}\n{}", file.path, shown(&file.text)));
    let said = lowered.diagnostics.iter().map(|d| format!("{}: {}\n", d.code.id, d.message));
    said.chain(files).collect()
}

#[test]
fn packages_are_as_they_were() {
    insta::assert_snapshot!("financial_backend", package("financial-backend"));
    insta::assert_snapshot!("performance_test_cluster", package("performance-test-cluster"));
}

/// The codes that the target reports for a composite with these members.
fn reported(members: &str) -> Vec<(&'static str, String)> {
    let text = format!("composite Web: test.acme/v1 {{\n{members}\n}}");
    let compiled = build(&[("main.tess".to_owned(), text)]);
    assert!(compiled.diagnostics.iter().all(|d| !d.is_error()), "{:?}", compiled.diagnostics);
    let lowered = target::lower(&compiled.compilation, |lowering| crossplane::lower(lowering, ALWAYS));
    let place = |span| compiled.sources().text(span).to_owned();
    lowered.diagnostics.iter().map(|d| (d.code.id, place(d.primary.span))).collect()
}

#[test]
fn what_crossplane_cannot_do_is_refused_at_its_place() {
    let map = |modifiers: &str, namespace: &str| {
        format!("resource web: v1/ConfigMap {modifiers} {{\n metadata: {{ {namespace} }}\n data: {{ a: \"b\" }}\n }}")
    };
    assert_eq!(reported(&map("", "namespace: self.namespace")), []);
    assert_eq!(reported(&map("", "namespace: \"other\"")), [("E0720", "\"other\"".to_owned())]);
    assert_eq!(reported(&format!("scope cluster\n{}", map("", "namespace: \"other\""))), []);
    assert_eq!(reported(&map("retain", "")), [("E0720", "web".to_owned())]);
    assert_eq!(reported(&map("protect", "")), [("E0720", "web".to_owned())]);
    assert_eq!(reported(&map("replace", "")), [("W0720", "web".to_owned())]);
    assert_eq!(reported("param crossplane: Int = 1\noutput conditions: Int = crossplane").len(), 2);
    assert_eq!(reported("lease 1h\noutput lease: Int = 1"), [("E0720", "lease".to_owned())]);
    let notified = reported("notify slack(\"#here\") on ready");
    assert_eq!(notified.len(), 1);
    assert_eq!(notified[0].0, "W0720");
}
