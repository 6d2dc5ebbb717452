//! What the documentation says is true: every block of code compiles, every
//! table of expressions is evaluated, every command of the tutorial is run and
//! prints what the page shows.
//!
//! With `UPDATE_DOCUMENTATION=1` the page of the library and the output shown
//! in the tutorial are written anew, to be read in the diff.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

mod markdown;
mod workspace;

use std::path::{Path, PathBuf};

use markdown::Piece;
use workspace::Workspace;

fn page(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

fn updating() -> bool {
    std::env::var_os("UPDATE_DOCUMENTATION").is_some()
}

fn read(name: &str) -> String {
    std::fs::read_to_string(page(name)).unwrap()
}

#[test]
fn every_block_of_the_reference_compiles() {
    let projects = tessera_tests::docs::projects(&read("language.md"));
    assert!(projects.len() > 15, "found {} projects only", projects.len());
    let mut failures = String::new();
    for project in projects {
        let workspace = Workspace::new(&format!("reference-{}", project.line));
        for (path, text) in &project.files {
            workspace.write(path, text);
        }
        let output = workspace.run("tessera check .");
        if !output.success || output.text.contains("error[") || output.text.contains("warning[") {
            failures.push_str(&format!("docs/language.md:{}\n{}\n", project.line, output.text));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn the_library_page_is_the_library() {
    let intro = "# The function library\n\nA name before the dot says what a function is called on. \
        `tessera eval` tries any of them.\n\n";
    let written = format!("{intro}{}", tessera_compiler::library::reference());
    if updating() {
        std::fs::write(page("library.md"), &written).unwrap();
    }
    assert_eq!(read("library.md"), written);
}

#[test]
fn every_table_of_expressions_is_true() {
    let rows = markdown::expressions(&read("language.md"));
    assert!(rows.len() > 60, "found {} expressions only", rows.len());
    let workspace = Workspace::new("expressions");
    let questions: Vec<String> =
        rows.iter().map(|row| serde_json::json!({ "expr": row.expression }).to_string()).collect();
    let answers = workspace.pipe("tessera eval --batch", &(questions.join("\n") + "\n"));
    let answers: Vec<&str> = answers.text.lines().collect();
    assert_eq!(answers.len(), rows.len(), "{answers:?}");
    let mut failures = String::new();
    for (row, answer) in rows.iter().zip(answers) {
        let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
        let expected: serde_json::Value = serde_json::from_str(&row.value).unwrap();
        if answer.get("value") != Some(&expected) {
            failures.push_str(&format!("docs/language.md:{}: {} gives {answer}\n", row.line, row.expression));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn the_tutorial_shows_what_happens() {
    let text = read("tutorial.md");
    let workspace = Workspace::new("tutorial");
    let mut played = String::new();
    for piece in markdown::pieces(&text) {
        played.push_str(&play(&workspace, &piece));
    }
    if updating() {
        std::fs::write(page("tutorial.md"), &played).unwrap();
        return;
    }
    let differs = text.lines().zip(played.lines()).position(|(shown, happens)| shown != happens);
    if let Some(line) = differs {
        let around: Vec<&str> = played.lines().skip(line).take(12).collect();
        panic!("docs/tutorial.md:{}: this happens instead:\n{}", line + 1, around.join("\n"));
    }
    assert_eq!(text.lines().count(), played.lines().count());
}

/// Does what a piece of the tutorial says, and gives the piece back with the
/// output as it happened.
fn play(workspace: &Workspace, piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => text.clone(),
        Piece::File { path, text, whole } => {
            workspace.write(path, text);
            whole.clone()
        }
        Piece::Hidden { command, whole } => {
            let output = workspace.run(command);
            assert!(output.success, "{command}: {}", output.text);
            whole.clone()
        }
        Piece::Console(commands) => {
            let mut played = String::from("```console\n");
            for command in commands {
                played.push_str(&format!("$ {command}\n"));
                played.push_str(&workspace.run(command).text);
            }
            played + "```\n"
        }
    }
}
