//! CEL's official conformance tests: what the files say, and how an answer of
//! ours is held against it. The schema is cel-spec's `simple.proto`.

pub mod expected;
pub mod textproto;

use std::path::Path;

use tessera_compiler::evaluate::{Answer, evaluate_alone};
use tessera_compiler::schema::Schemas;
use tessera_compiler::value::Map;

use expected::{Expected, value};
use textproto::Message;

/// One test.
#[derive(Clone, Debug)]
pub struct Test {
    /// `file/section/test`, which is how the list of exceptions names it.
    pub name: String,
    /// The expression.
    pub expr: String,
    /// The variables; an error where one is no value of ours.
    pub vars: Result<Map, String>,
    /// What it must give; an error where that is no value of ours.
    pub expected: Result<Expected, String>,
}

/// The tests of a file.
///
/// # Errors
/// What is wrong with the file's form.
pub fn load(path: &Path) -> Result<Vec<Test>, String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let file = textproto::read(&text)?;
    let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let mut tests = Vec::new();
    for section in file.messages("section") {
        let section_name = section.text("name").unwrap_or_default();
        for test in section.messages("test") {
            let name = format!("{stem}/{section_name}/{}", test.text("name").unwrap_or_default());
            let expr = test.text("expr").ok_or_else(|| format!("{name}: no expression"))?;
            tests.push(Test { name, expr, vars: bindings(test), expected: expected::of(test) });
        }
    }
    Ok(tests)
}

fn bindings(test: &Message) -> Result<Map, String> {
    let mut vars = Map::default();
    for binding in test.messages("bindings") {
        let name = binding.text("key").ok_or("a binding without a name")?;
        let bound = binding.message("value").and_then(|v| v.message("value")).ok_or("a binding that is no value")?;
        vars.insert(name.as_str(), value(bound)?);
    }
    Ok(vars)
}

/// Runs a test.
///
/// # Errors
/// What it gave, and what it should have given.
pub fn run(schemas: &Schemas, test: &Test) -> Result<(), String> {
    let expected = test.expected.as_ref().map_err(|e| format!("needs {e}"))?;
    let vars = test.vars.as_ref().map_err(|e| format!("needs {e}"))?;
    let answer = evaluate_alone(schemas, &test.expr, vars);
    expected.meet(&answer).map_err(|wanted| format!("expected {wanted}, found {}", shown(&answer)))
}

fn shown(answer: &Result<Answer, Vec<tessera_compiler::diagnostic::Diagnostic>>) -> String {
    match answer {
        Ok(answer) => format!("{:?} of type {}", answer.value, answer.ty),
        Err(diagnostics) => {
            let all: Vec<String> = diagnostics.iter().map(|d| format!("{} {}", d.code.id, d.message)).collect();
            format!("the error {}", all.join("; "))
        }
    }
}
