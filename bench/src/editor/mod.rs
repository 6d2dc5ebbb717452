//! The language server in the hands of someone who types: how long the first diagnostics, a completion, a
//! hover and the diagnostics after an edit take, what memory it needs, and whether any of that grows over
//! 10,000 edits. Beside it a language server for YAML with the same definitions on the same objects.

mod drive;
mod figures;
pub(crate) mod projects;

use std::path::{Path, PathBuf};

use crate::Result;
use drive::{Editing, drive};
use figures::Figures;
use projects::Place;

/// How many files the projects have; the first is the one with goals.
pub(crate) const SIZES: [usize; 3] = [200, 400, 2_000];

/// The words by which `bench/run` picks this.
const TITLE: &str = "language server";

/// What must be at most so much: milliseconds, and MiB.
type Goal = (&'static str, fn(&Figures) -> f64, f64);

const GOALS: [Goal; 7] = [
    ("start to first diagnostics, ms", |f| f.start, 500.0),
    ("completion p95, ms", |f| f.completion.p95, 10.0),
    ("hover p95, ms", |f| f.hover.p95, 10.0),
    ("edit to diagnostics p95, ms", |f| f.edit.p95, 50.0),
    ("memory, MiB", |f| f.memory, 200.0),
    ("after 10,000 edits: completion p95, ms", |f| f.later.as_ref().map_or(f64::NAN, |l| l.completion.p95), 10.0),
    ("after 10,000 edits: memory, MiB", |f| f.later.as_ref().map_or(f64::NAN, |l| l.memory), 200.0),
];

/// Measures the servers where one of the words asks for them, and prints a table for each size.
///
/// # Errors
/// When the projects cannot be written.
pub(crate) fn run(folder: &Path, words: &[String]) -> Result<()> {
    if !words.is_empty() && !words.iter().any(|word| TITLE.contains(word.as_str())) {
        return Ok(());
    }
    let Some(tessera) = program("TESSERA") else { return Ok(()) };
    for size in SIZES {
        let places = projects::write(folder, size)?;
        println!("\n{TITLE}, {size} files and {} definitions", places.definitions);
        let first = size == SIZES[0];
        let editing =
            Editing { program: tessera.clone(), arguments: vec!["lsp".into()], edits: if first { 10_000 } else { 0 } };
        let figures = measured("tessera", &editing, &places.tessera);
        if !first {
            continue;
        }
        for (goal, of, limit) in GOALS {
            match figures.as_ref().map(of).filter(|reached| !reached.is_nan()) {
                Some(reached) => {
                    let verdict = if reached <= limit { "met" } else { "MISSED" };
                    println!("  goal: {goal}: {reached:.1} of {limit:.1}: {verdict}");
                }
                None => println!("  goal: {goal}: not measured"),
            }
        }
        match (program("NODE"), program("YAML_LANGUAGE_SERVER")) {
            (Some(node), Some(server)) => {
                projects::objects(folder, &tessera, &places)?;
                let arguments = vec![server.into_os_string(), "--stdio".into()];
                let editing = Editing { program: node, arguments, edits: 0 };
                measured("yaml-language-server", &editing, &projects::yaml(folder, &places)?);
            }
            _ => println!("  yaml-language-server  left out: not installed"),
        }
    }
    Ok(())
}

fn measured(name: &str, editing: &Editing, place: &Place) -> Option<Figures> {
    match drive(editing, place) {
        Ok(figures) => {
            figures.print(name);
            Some(figures)
        }
        Err(message) => {
            println!("  {name}  failed: {message}");
            None
        }
    }
}

fn program(variable: &str) -> Option<PathBuf> {
    std::env::var_os(format!("BENCH_{variable}")).filter(|path| !path.is_empty()).map(PathBuf::from)
}
