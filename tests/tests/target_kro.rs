//! What `--target kro` writes of the examples. kro 0.9.4 took each of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use tessera_compiler::target::{self, kro};
use tessera_tests::compile;
use tessera_tests::corpus::{project, root};

#[test]
fn examples_become_what_is_kept() {
    let examples =
        ["financial-backend", "hello-configmap", "loops", "performance-test-cluster", "refinements", "secrets"];
    for example in examples {
        let compiled = compile::check(&project(&root().join("examples").join(example)).unwrap());
        let lowered = target::lower(&compiled.compilation, kro::lower);
        assert!(!lowered.diagnostics.iter().any(|d| d.is_error()), "{example}: {:?}", lowered.diagnostics);
        let text: String = lowered.files.iter().map(|file| file.text.as_str()).collect();
        insta::assert_snapshot!(format!("kro-{example}"), text);
    }
}

#[test]
fn a_union_of_records_is_refused_at_its_parameter() {
    let compiled = compile::check(&project(&root().join("examples/union-storage")).unwrap());
    let lowered = target::lower(&compiled.compilation, kro::lower);
    assert!(lowered.diagnostics.iter().any(|d| d.code.id == "E0731"), "{:?}", lowered.diagnostics);
}
