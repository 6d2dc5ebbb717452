//! What targets make of the examples, as kept beside this file, and that all of
//! it is quick.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use tessera_compiler::target::controller;
use tessera_tests::compile;
use tessera_tests::corpus::{project, root};

/// The files of an example, but for the representation, which is one long line.
fn shown(example: &str) -> String {
    let files = project(&root().join("examples").join(example)).unwrap();
    let compiled = compile::lower(&files, controller::lower);
    assert!(compiled.diagnostics.is_empty(), "{:#?}", compiled.diagnostics);
    let text = compile::stage(&compiled, tessera_tests::suite::Stage::Controller);
    let lines = text.lines().map(|line| if line.starts_with("  ir: ") { "  ir: …" } else { line });
    lines.fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn the_financial_backend_goes_to_the_controller() {
    insta::assert_snapshot!(shown("financial-backend"));
}

#[test]
fn the_performance_test_cluster_goes_to_the_controller() {
    insta::assert_snapshot!(shown("performance-test-cluster"));
}
