//! The language server in the hands of someone who types: how long the first diagnostics, a completion, a
//! hover and the diagnostics after an edit take, what memory it needs, and whether any of that grows over
//! 10,000 edits. The long run has ten times the files, too, to see what grows with them.
//!
//! Beside it the language server for YAML, with the same definitions as schemas, on the same custom objects,
//! as the same client drives it. What is compared, and what is not:
//!
//! - Each has its inputs as it takes them: Tessera a project of 200 modules, each with composites, functions
//!   and one custom object; the other the 200 custom objects that the project builds, a file each, with the
//!   schema of its kind named in its first line. Its documentation puts that first of the ways to associate
//!   schemas. The objects of the composites are left out: it would need the schemas of Kubernetes' own kinds,
//!   which it gets from the network.
//! - Each is asked for the same: a letter typed behind a random word and completed, a hover after an edit, an
//!   unknown name written at the end and taken away again. Not every place has something to say: how many
//!   answers did is printed.
//! - Its diagnostics are of one file, against one schema; Tessera's are of the project. It waits 200 ms
//!   after an edit before it looks at the text, which no setting changes; that is in its figures.

mod drive;
mod figures;
pub(crate) mod projects;

use std::path::{Path, PathBuf};

use crate::Result;
use drive::{Editing, drive};
use figures::{Column, Figures, table};
use projects::Place;

/// How many files the projects have; the first is the one with goals, the second is for the long run.
pub(crate) const SIZES: [usize; 2] = [200, 2_000];

/// How many edits are made before all is measured once more, of Tessera.
const EDITS: usize = 10_000;

/// The words by which `bench/run` picks this.
const TITLE: &str = "language server";

/// Measures the servers where one of the words asks for them, and prints a table.
///
/// # Errors
/// When the projects cannot be written.
pub(crate) fn run(folder: &Path, words: &[String], long: bool) -> Result<()> {
    if !words.is_empty() && !words.iter().any(|word| TITLE.contains(word.as_str())) {
        return Ok(());
    }
    let Some(tessera) = program("TESSERA") else { return Ok(()) };
    let mut columns = Vec::new();
    for size in SIZES {
        let first = size == SIZES[0];
        if !first && !long {
            continue;
        }
        let places = projects::write(folder, size)?;
        println!("\n{TITLE}, {size} files and {} definitions", places.definitions);
        let edits = if first { EDITS } else { 0 };
        let editing = Editing { program: tessera.clone(), arguments: vec!["lsp".into()], edits };
        columns.extend(measured(&format!("Tessera, {size} files"), first, &editing, &places.tessera));
        if !first {
            continue;
        }
        match (program("NODE"), program("YAML_LANGUAGE_SERVER")) {
            (Some(node), Some(server)) => {
                projects::objects(folder, &tessera, &places)?;
                let arguments = vec![server.into_os_string(), "--stdio".into()];
                let editing = Editing { program: node, arguments, edits: 0 };
                let place = projects::yaml(folder, &places)?;
                let title = format!("yaml-language-server, {} objects", place.files.len());
                columns.extend(measured(&title, false, &editing, &place));
            }
            _ => println!("  yaml-language-server  left out: not installed"),
        }
    }
    println!("\n{}", table(&columns));
    Ok(())
}

fn measured(title: &str, goals: bool, editing: &Editing, place: &Place) -> Vec<Column> {
    let column = |figures: Figures| {
        let title = figures.edits.map_or(title.to_owned(), |(edits, _)| format!("{title}, after {edits} edits"));
        figures.print(&title);
        Column { title, goals, figures }
    };
    match drive(editing, place) {
        Ok(figures) => figures.into_iter().map(column).collect(),
        Err(message) => {
            println!("  {title}  failed: {message}");
            Vec::new()
        }
    }
}

fn program(variable: &str) -> Option<PathBuf> {
    std::env::var_os(format!("BENCH_{variable}")).filter(|path| !path.is_empty()).map(PathBuf::from)
}
