//! What the target refuses.

use tessera_compiler::target::{self, crossplane};
use tessera_tests::compile::build;

use super::client::ALWAYS;

/// The codes that the target reports for a composite with these members.
fn reported(members: &str) -> Vec<(&'static str, String)> {
    let text = format!("composite Web: test.acme/v1 {{\n{members}\n}}");
    let compiled = build(&[("main.tess".to_owned(), text)]);
    assert!(compiled.diagnostics.iter().all(|d| !d.is_error()), "{:?}", compiled.diagnostics);
    let lowered = target::lower(&compiled.compilation, |lowering| crossplane::lower_with(lowering, ALWAYS));
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
