//! Any expression: evaluating it alone ends.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tessera_compiler::evaluate::evaluate_alone;
use tessera_compiler::schema::Schemas;
use tessera_compiler::value::Map;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(Schemas::builtin);

fuzz_target!(|text: &str| {
    let _ = evaluate_alone(&SCHEMAS, text, &Map::default());
});
