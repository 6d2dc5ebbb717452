//! Any text: its tree prints it back, and checking and building it end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tessera_compiler::source::FileId;
use tessera_compiler::syntax;
use tessera_tests::compile;
use tessera_tests::suite::Stage;

fuzz_target!(|text: &str| {
    let tree = syntax::parse(FileId(0), text).tree;
    let printed: String = tree.leaves().map(|leaf| tree.text(leaf, text)).collect();
    assert_eq!(printed, text);
    let compiled = compile::build(&[("main.tess".to_owned(), text.to_owned())]);
    let _ = compile::stage(&compiled, Stage::Human);
    let _ = compile::stage(&compiled, Stage::Build);
});
