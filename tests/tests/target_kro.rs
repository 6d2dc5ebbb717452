//! What `--target kro` writes of the examples, as kept beside this file; `kro.rs` has kro itself
//! take it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::target::{self, kro};
use tessera_tests::compile;
use tessera_tests::corpus::{example, examples};

#[test]
fn examples_become_what_is_kept() {
    for name in examples().unwrap() {
        let compiled = compile::check(&example(&name).unwrap());
        let lowered = target::lower(&compiled.compilation, kro::lower);
        assert!(!lowered.diagnostics.iter().any(Diagnostic::is_error), "{name}: {:?}", lowered.diagnostics);
        let text: String = lowered.files.iter().map(|file| file.text.as_str()).collect();
        insta::assert_snapshot!(format!("kro-{name}"), text);
    }
}
