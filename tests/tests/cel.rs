//! Expressions mean what CEL says: the official conformance files, evaluated
//! by the code of `tessera eval --batch`.
//!
//! `TESSERA_CEL_CASES` names further folders of such files, separated as in
//! PATH; tests in them that need what we have not are listed like the others.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tessera_compiler::evaluate::evaluate_alone;
use tessera_compiler::schema::Schemas;
use tessera_compiler::value::Map;
use tessera_tests::cel::{Test, load, run};
use tessera_tests::corpus::root;

/// The tests that do not apply, and why, from `cel/not-applicable.txt`.
fn exceptions() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join("tests/cel/not-applicable.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let mut exceptions = BTreeMap::new();
    for line in lines {
        let (name, reason) = line.split_once(": ").unwrap_or_else(|| panic!("no reason: {line}"));
        let earlier = exceptions.insert(name.to_owned(), reason.trim().to_owned());
        assert!(earlier.is_none() && !reason.trim().is_empty(), "listed twice, or without a reason: {line}");
    }
    exceptions
}

fn folders() -> Vec<PathBuf> {
    let further = std::env::var_os("TESSERA_CEL_CASES").unwrap_or_default();
    let mut folders = vec![root().join("tests/cel")];
    folders.extend(std::env::split_paths(&further).filter(|p| !p.as_os_str().is_empty()));
    folders
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "textproto"));
    files.sort();
    assert!(!files.is_empty(), "no conformance files in {}", folder.display());
    files
}

#[test]
fn expressions_mean_what_cel_says() {
    let schemas = Schemas::builtin();
    let mut exceptions = exceptions();
    let mut wrong = Vec::new();
    for file in folders().iter().flat_map(|folder| files(folder)) {
        let tests = load(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let (mut passed, mut listed) = (0, 0);
        let before = wrong.len();
        for test in &tests {
            let excepted = exceptions.remove(&test.name);
            listed += usize::from(excepted.is_some());
            match fault(&schemas, test, excepted.as_deref()) {
                Some(message) => wrong.push(message),
                None => passed += usize::from(excepted.is_none()),
            }
        }
        let name = file.file_stem().unwrap().to_string_lossy();
        println!("{name}: {passed} passed, {listed} not applicable, {} failed", wrong.len() - before);
    }
    wrong.extend(exceptions.keys().map(|name| format!("{name}: listed as not applicable, but there is no such test")));
    assert!(wrong.is_empty(), "{} of CEL's tests are not as they should be:\n{}", wrong.len(), wrong.join("\n"));
}

/// What is wrong with the result of a test, or with its listing.
fn fault(schemas: &Schemas, test: &Test, excepted: Option<&str>) -> Option<String> {
    match (run(schemas, test), excepted) {
        (Ok(()), Some(reason)) => Some(format!("{}: passes, but is listed: {reason}", test.name)),
        (Err(message), None) => Some(format!("{}: {}\n    {message}", test.name, test.expr)),
        _ => None,
    }
}

#[test]
fn what_has_no_value_is_refused_as_in_a_source() {
    let schemas = Schemas::builtin();
    let cases = [
        ("x", "E0201"),
        ("true ? x : 1", "E0201"),
        ("x && true", "E0201"),
        ("f(1) || false", "E0201"),
        ("1 + 'a'", "E0311"),
        ("{ a: 1 }.b", "E0302"),
        ("!1", "E0301"),
        ("[][0]", "E0504"),
        ("[[]].map(x, x[0])", "E0504"),
        ("{ a: 1, ...{ a: 2 } }", "E0313"),
        ("1 ==", "E0101"),
        ("1 == 'a' && 1 / 0 == 'a'", "false"),
        ("1 / 0 == 'a' && 1 != 'a'", "E0311"),
    ];
    for (expr, wanted) in cases {
        let found = match evaluate_alone(&schemas, expr, &Map::default()) {
            Ok(answer) => answer.value.shown(),
            Err(diagnostics) => diagnostics[0].code.id.to_owned(),
        };
        assert_eq!(found, wanted, "{expr}");
    }
}

/// What a real API server was seen to answer otherwise than we once did.
#[test]
fn expressions_mean_what_the_api_server_says() {
    let schemas = Schemas::builtin();
    let cases = [
        ("optional.of(1).orValue(1 / 0)", "1"),
        ("optional.of(1).or(optional.of(1 / 0)).value()", "1"),
        ("optional.none().orValue(1 / 0)", "E0503"),
        ("lists.range(-1)", "E0501"),
        ("[2.0, double('NaN')].min()", "2.0"),
        ("[2.0, double('NaN')].isSorted()", "true"),
        (
            "string(timestamp('1970-01-01T00:00:00Z') - timestamp('2024-02-29T23:59:59.123456789Z'))",
            "\"-1709251199.1234567s\"",
        ),
    ];
    for (expr, wanted) in cases {
        let found = match evaluate_alone(&schemas, expr, &Map::default()) {
            Ok(answer) => answer.value.shown(),
            Err(diagnostics) => diagnostics[0].code.id.to_owned(),
        };
        assert_eq!(found, wanted, "{expr}");
    }
}
