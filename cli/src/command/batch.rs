//! `tessera eval --batch`: questions as lines of JSON, answers as lines of JSON.
//!
//! Whoever asks line by line is answered line by line. Lines that are there
//! already are answered together, on all processors, in their order.

use std::io::{BufRead, BufReader, Read, Write as _};

use rayon::prelude::*;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tessera_compiler::diagnostic::{Diagnostic, E0902};
use tessera_compiler::evaluate::evaluate_alone;
use tessera_compiler::schema::Schemas;
use tessera_compiler::source::MAX_FILE_BYTES;
use tessera_compiler::value::{Map, Value, from_json, to_json};

use crate::failure::{Failure, Outcome, reason};

/// How many lines are answered together at most.
const TOGETHER: usize = 2048;
/// From so many lines on, all processors share the work.
const PARALLEL_FROM: usize = 32;
/// What is read at once.
const BUFFER: usize = 1 << 18;
/// Enough for the deepest expression, so that none needs a stack of its own;
/// memory is taken only when it is used.
const STACK: usize = 128 << 20;

#[derive(Deserialize)]
struct Question {
    expr: String,
    #[serde(default)]
    vars: serde_json::Map<String, Json>,
}

/// Answers until the input ends.
///
/// # Errors
/// When a stream fails.
pub(crate) fn run() -> Outcome {
    let threads = rayon::ThreadPoolBuilder::new().stack_size(STACK).build();
    let threads = threads.map_err(|error| Failure::World(format!("cannot start threads: {error}")))?;
    threads.install(|| answer_all(BufReader::with_capacity(BUFFER, std::io::stdin())))
}

fn answer_all(mut input: BufReader<impl Read>) -> Outcome {
    let schemas = Schemas::builtin();
    let mut out = std::io::stdout().lock();
    loop {
        let lines = read_lines(&mut input)
            .map_err(|error| Failure::World(format!("cannot read standard input: {}", reason(&error))))?;
        if lines.is_empty() {
            return Ok(());
        }
        let one = |line: &Vec<u8>| answer(&schemas, line);
        let answers: Vec<String> = if lines.len() < PARALLEL_FROM {
            lines.iter().map(one).collect()
        } else {
            lines.par_iter().map(one).collect()
        };
        let written = answers.iter().try_for_each(|answer| out.write_all(answer.as_bytes())).and_then(|()| out.flush());
        written.map_err(|error| match error.kind() {
            std::io::ErrorKind::BrokenPipe => Failure::PipeClosed,
            _ => Failure::World(format!("cannot write to standard output: {}", reason(&error))),
        })?;
    }
}

/// Waits for a line, then takes those that came with it. A line that is too
/// long is cut, which its answer says.
fn read_lines(input: &mut BufReader<impl Read>) -> std::io::Result<Vec<Vec<u8>>> {
    let mut lines = Vec::new();
    loop {
        let mut line = Vec::new();
        let count = input.by_ref().take(MAX_FILE_BYTES as u64 + 1).read_until(b'\n', &mut line)?;
        if count == 0 {
            return Ok(lines);
        }
        if count > MAX_FILE_BYTES && line.last() != Some(&b'\n') {
            skip_line(input)?;
        }
        if !line.trim_ascii().is_empty() {
            lines.push(line);
        }
        let more = input.buffer().contains(&b'\n') && lines.len() < TOGETHER;
        if !more && !lines.is_empty() {
            return Ok(lines);
        }
    }
}

fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (end, used) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (true, at + 1),
            None => (buffer.is_empty(), buffer.len()),
        };
        input.consume(used);
        if end {
            return Ok(());
        }
    }
}

fn answer(schemas: &Schemas, line: &[u8]) -> String {
    let answer = match question(line) {
        Ok(question) => evaluated(schemas, &question),
        Err(message) => failed(E0902.id, &message),
    };
    answer.to_string() + "\n"
}

fn question(line: &[u8]) -> Result<Question, String> {
    if line.len() > MAX_FILE_BYTES {
        return Err(format!("the line has more than {MAX_FILE_BYTES} bytes"));
    }
    serde_json::from_slice(line).map_err(|error| format!("the line is not {{\"expr\": …, \"vars\": {{…}}}}: {error}"))
}

fn evaluated(schemas: &Schemas, question: &Question) -> Json {
    let mut vars = Map::with_capacity(question.vars.len());
    for (name, value) in &question.vars {
        vars.insert(name.as_str(), from_json(value));
    }
    match evaluate_alone(schemas, &question.expr, &vars) {
        Ok(answer) => json!({ "value": plain(&answer.value), "type": answer.ty }),
        Err(diagnostics) => {
            let first = diagnostics.iter().min_by_key(|diagnostic| diagnostic.primary.span.start);
            first.map_or_else(|| failed("E0501", "evaluation failed"), |d| failed(d.code.id, &sentence(d)))
        }
    }
}

/// What is absent is null, as in any JSON.
fn plain(value: &Value) -> Json {
    to_json(value)
}

/// The message, with what is said at the place.
fn sentence(diagnostic: &Diagnostic) -> String {
    let label = &diagnostic.primary.message;
    if label.is_empty() { diagnostic.message.clone() } else { format!("{}: {label}", diagnostic.message) }
}

fn failed(code: &str, message: &str) -> Json {
    json!({ "error": { "code": code, "message": message } })
}
