//! The API server as oracle: expressions made from a seed have the values that
//! a real API server gives them.
//!
//! `TESSERA_ORACLE_EXPRESSIONS` is how many, `TESSERA_ORACLE_SEED` the seed. What
//! differs is listed in `target/oracle/cel.txt`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::fmt::Write as _;
use std::fs;
use std::time::Instant;

use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::evaluate::evaluate_alone;
use tessera_compiler::schema::Schemas;
use tessera_compiler::value::Map;
use tessera_tests::cluster::ControlPlane;
use tessera_tests::compile;
use tessera_tests::corpus::root;
use tessera_tests::oracle::cel::{Outcome, expressions, on_server};

const EXPRESSIONS: u64 = 2_000;
const SEED: u64 = 1;

/// What the language has beyond the API server's CEL: functions that only fold
/// (docs/library.md), and values where an optional one is wanted.
const WIDER: &[&str] = &[
    "'string' applied to '(kubernetes.",
    "'hasValue' applied to",
    "'_==_' applied to '(optional_type",
    "error during formatting",
];

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn of_seed(seed: u64) -> Vec<String> {
    expressions(seed, number("TESSERA_ORACLE_EXPRESSIONS", EXPRESSIONS) as usize)
}

/// The value that `tessera eval` gives, or the error.
fn ours(schemas: &Schemas, expression: &str) -> Result<String, String> {
    match evaluate_alone(schemas, expression, &Map::default()) {
        Ok(answer) => Ok(answer.value.as_str().map_or_else(|| answer.value.shown(), str::to_owned)),
        Err(diagnostics) => Err(said(&diagnostics)),
    }
}

/// The error that a source with the expression gets.
fn in_a_source(expression: &str) -> Option<String> {
    let source = format!("let it-is: String = {expression}\n");
    let compiled = compile::check(&[("main.tess".to_owned(), source)]);
    let errors: Vec<Diagnostic> = compiled.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
    (!errors.is_empty()).then(|| said(&errors))
}

fn said(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|d| format!("{} {}", d.code.id, d.message)).collect::<Vec<_>>().join("; ")
}

/// How an answer differs from the server's; `None` where it does not.
fn difference(expression: &str, server: &Outcome, ours: &Result<String, String>) -> Option<String> {
    match (server, ours) {
        (Outcome::Value(theirs), Ok(ours)) if theirs == ours => None,
        (Outcome::Fault(_), Err(_)) | (Outcome::Refused(_), Err(_)) => None,
        (Outcome::Constant(_) | Outcome::Unknown(_), _) => None,
        // What fits no types has a value all the same; in a source it is an error.
        (Outcome::Refused(_), Ok(_)) if in_a_source(expression).is_some() => None,
        (Outcome::Refused(said), Ok(_)) if WIDER.iter().any(|text| said.contains(text)) => None,
        _ => Some(format!("{expression}\n    the server: {server:?}\n    here: {ours:?}\n")),
    }
}

#[test]
fn a_seed_gives_the_same_expressions_and_another_seed_others() {
    assert_eq!(of_seed(1), of_seed(1));
    assert_ne!(of_seed(1), of_seed(2));
}

#[test]
#[ignore = "needs a control plane: run ./test"]
fn expressions_have_the_values_that_the_api_server_gives() {
    let client = ControlPlane::shared().unwrap().client();
    let schemas = Schemas::builtin();
    let expressions = of_seed(number("TESSERA_ORACLE_SEED", SEED));
    let started = Instant::now();
    let server = on_server(client, &expressions).unwrap();
    let mut counts = [0; 5];
    let mut text = String::new();
    let mut wrong = 0;
    for (expression, theirs) in expressions.iter().zip(&server) {
        let index = match theirs {
            Outcome::Value(_) => 0,
            Outcome::Fault(_) => 1,
            Outcome::Refused(_) => 2,
            Outcome::Constant(_) => 3,
            Outcome::Unknown(_) => 4,
        };
        counts[index] += 1;
        if let Some(said) = difference(expression, theirs, &ours(&schemas, expression)) {
            wrong += 1;
            let _ = writeln!(text, "{said}");
        }
    }
    let target = root().join("target/oracle");
    fs::create_dir_all(&target).unwrap();
    fs::write(target.join("cel.txt"), &text).unwrap();
    let [values, faults, refused, constants, unknown] = counts;
    println!(
        "{} expressions in {:.0?}: {values} values, {faults} errors, {refused} refused, {constants} with a constant that has no value, {unknown} unknown; {wrong} differ",
        expressions.len(),
        started.elapsed()
    );
    assert!(values >= 1_000 && faults >= 100 && refused >= 10, "too little of something");
    assert!(unknown * 50 < expressions.len(), "too many answers do not tell");
    assert_eq!(wrong, 0, "see target/oracle/cel.txt:\n{text}");
}
