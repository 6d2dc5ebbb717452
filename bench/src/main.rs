//! Measures whole processes: Tessera and its peers, on the same input, with
//! their outputs compared. Start with `bench/run`, which also gets the peers.

mod ask;
mod cases;
mod editor;
mod inputs;
mod measure;
mod outputs;
mod report;

use std::path::Path;
use std::process::ExitCode;

use cases::Case;

/// Every failure here is told to a person and ends the run.
pub(crate) type Result<T> = std::result::Result<T, String>;

const LONG: &str = "--long";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((first, rest)) if first == "measure" => measure::child(rest).map(|()| true),
        Some((first, rest)) if first == "ask" => ask::child(rest).map(|()| true),
        _ => bench(&arguments),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("bench: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the cases whose title contains one of the words, or all of them; with `--long` also what takes
/// minutes. False when outputs that must agree did not.
fn bench(arguments: &[String]) -> Result<bool> {
    let (flags, words): (Vec<String>, Vec<String>) =
        arguments.iter().cloned().partition(|argument| argument.starts_with("--"));
    if let Some(flag) = flags.iter().find(|flag| *flag != LONG) {
        return Err(format!("`{flag}` is not known; there is `{LONG}`"));
    }
    let folder = Path::new(".cache/bench");
    inputs::write(folder)?;
    let wanted = |case: &Case| words.is_empty() || words.iter().any(|w| case.title.contains(w.as_str()));
    let mut agreed = true;
    for case in cases::all(folder).into_iter().filter(wanted) {
        agreed &= report::run(&case, folder)?;
    }
    editor::run(folder, &words, !flags.is_empty())?;
    Ok(agreed)
}
