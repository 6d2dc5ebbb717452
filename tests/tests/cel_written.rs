//! Expressions are written as CEL that means the same: those of CEL's conformance files and
//! generated ones, checked, written, read back and evaluated.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::fs;

use tessera_compiler::check::{self, Typing};
use tessera_compiler::evaluate::{evaluate_alone, type_of};
use tessera_compiler::expr::{Expr, Local};
use tessera_compiler::resolve::{ModuleId, Modules};
use tessera_compiler::schema::Schemas;
use tessera_compiler::source::FileId;
use tessera_compiler::syntax;
use tessera_compiler::target::cel::{Dialect, Names, Place, Writer};
use tessera_compiler::types::Type;
use tessera_compiler::value::{Map, Text};
use tessera_tests::cel::load;
use tessera_tests::corpus::root;
use tessera_tests::oracle::cel::expressions;

/// An expression alone has variables and nothing else.
struct Alone;

impl<'e> Names<'e> for Alone {
    fn param(&self, _: &str) -> Option<Place<'e>> {
        None
    }
    fn instance(&self, _: &str) -> Option<Place<'e>> {
        None
    }
    fn resource(&self, _: &str) -> Option<Place<'e>> {
        None
    }
    fn binding(&self, _: &str) -> Option<&'e Expr> {
        None
    }
}

/// What the language calls `.?` and `{?"a": …}` has another notation: it is not read back.
fn optional(text: &str) -> bool {
    [".?", "[?", "?\"", ", ?"].iter().any(|mark| text.contains(mark))
}

enum Written {
    Same,
    Refused,
    NotRead,
}

fn judge(schemas: &Schemas, dialect: Dialect, source: &str, vars: &Map) -> Result<Written, String> {
    let Ok(expected) = evaluate_alone(schemas, source, vars) else { return Ok(Written::Refused) };
    let (expr, _) = syntax::parse_expression(FileId(0), source);
    let typed: Vec<(Text, Type)> = vars.iter().map(|(k, v)| (k.to_string().into(), type_of(schemas, v))).collect();
    let modules = Modules::default();
    let checked = check::check_expression(&modules, schemas, ModuleId(0), &expr, &typed, Typing::Static);
    let fits = !checked.diagnostics.iter().any(|d| d.is_error());
    let checked = if fits {
        checked
    } else {
        check::check_expression(&modules, schemas, ModuleId(0), &expr, &typed, Typing::Dynamic)
    };
    let mut writer = Writer::new(dialect, &Alone, typed.iter().map(|(name, _)| name.to_string()).collect());
    for (slot, (name, _)) in typed.iter().enumerate() {
        let local = Local { slot: slot as u32, name: name.clone() };
        writer.bind(&local, Place { text: name.to_string(), optional: false, schema: None });
    }
    let text = match writer.native(&checked.typed.expr) {
        Ok(written) => written.text,
        Err(refused) => {
            let diagnostic = refused.diagnostic;
            assert!(diagnostic.help.is_some(), "{source}: {}", diagnostic.message);
            return Ok(Written::Refused);
        }
    };
    if optional(&text) {
        return Ok(Written::NotRead);
    }
    match evaluate_alone(schemas, &text, vars) {
        Ok(answer)
            if answer.value == expected.value || format!("{:?}", answer.value) == format!("{:?}", expected.value) =>
        {
            Ok(Written::Same)
        }
        Ok(answer) => Err(format!("{source}\n    {text}\n    is {:?}, not {:?}", answer.value, expected.value)),
        Err(errors) => Err(format!("{source}\n    {text}\n    {}", errors[0].message)),
    }
}

fn all(cases: &[(String, Map)], least: usize) {
    let schemas = Schemas::builtin();
    for dialect in [Dialect::kro(), Dialect::api_server(37)] {
        let (mut same, mut refused, mut unread) = (0, 0, 0);
        let mut wrong = Vec::new();
        for (source, vars) in cases {
            match judge(&schemas, dialect, source, vars) {
                Ok(Written::Same) => same += 1,
                Ok(Written::Refused) => refused += 1,
                Ok(Written::NotRead) => unread += 1,
                Err(message) => wrong.push(message),
            }
        }
        println!("{}: {same} the same, {refused} without a value or refused, {unread} not read back", dialect.name);
        assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
        assert!(same >= least, "only {same} were compared");
    }
}

#[test]
fn conformance_expressions_are_written_as_cel_of_the_same_value() {
    let mut cases = Vec::new();
    for entry in fs::read_dir(root().join("tests/cel")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "textproto") {
            let tests = load(&path).unwrap();
            // A name from the root (`.y`) is told apart by its place alone.
            let tests = tests.into_iter().filter(|t| !t.expr.contains(" ."));
            // The parser's own test of 32 operators in a row says nothing of writing.
            let short = tests.filter(|t| t.expr.matches("||").count().max(t.expr.matches("&&").count()) < 20);
            cases.extend(short.filter_map(|test| Some((test.expr, test.vars.ok()?))));
        }
    }
    all(&cases, 1000);
}

#[test]
fn generated_expressions_are_written_as_cel_of_the_same_value() {
    let cases: Vec<(String, Map)> = expressions(5, 3000).into_iter().map(|text| (text, Map::default())).collect();
    all(&cases, 500);
}
