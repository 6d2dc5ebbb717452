//! The tutorial is a session: what it says to write is written, what it says
//! to run is run, in order, in one folder, and must print what it shows.
//! `UPDATE_DOCS=1 cargo test -p tessera-cli --test tutorial` writes what is
//! printed now into the page, to be read in the diff.
//!
//! A block with a path is a file, a `console` block holds commands behind `$`
//! with what they print, `<!-- run: … -->` is a step that the reader does by
//! hand, and a line `…` in the output stands for any lines.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tessera_tests::corpus::root;
use tessera_tests::docs::blocks;

/// A command of a `console` block.
struct Asked {
    command: String,
    /// What the page says that it prints.
    shown: String,
    /// The page's line on which the output begins, from 0.
    line: usize,
}

enum Step {
    Write { path: String, text: String },
    Run(Asked),
    Hidden(String),
}

fn steps(page: &str) -> Vec<Step> {
    let mut found: Vec<(usize, Step)> = Vec::new();
    for block in blocks(page) {
        if let Some(path) = block.path {
            found.push((block.line, Step::Write { path, text: block.text }));
        } else if block.language == "console" {
            found.extend(asked(&block.text, block.line).into_iter().map(|a| (a.line, Step::Run(a))));
        }
    }
    for (line, text) in page.lines().enumerate() {
        if let Some(command) = text.strip_prefix("<!-- run: ").and_then(|t| t.strip_suffix(" -->")) {
            found.push((line, Step::Hidden(command.to_owned())));
        }
    }
    found.sort_by_key(|(line, _)| *line);
    found.into_iter().map(|(_, step)| step).collect()
}

fn asked(text: &str, first_line: usize) -> Vec<Asked> {
    let mut found: Vec<Asked> = Vec::new();
    for (offset, line) in text.lines().enumerate() {
        if let Some(command) = line.strip_prefix("$ ") {
            found.push(Asked { command: command.to_owned(), shown: String::new(), line: first_line + offset + 1 });
        } else if let Some(last) = found.last_mut() {
            last.shown.push_str(line);
            last.shown.push('\n');
        }
    }
    found
}

/// A folder of its own, empty, below cargo's.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tutorial");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// What the command prints, on both outputs, as in a terminal without colour.
fn run(command: &str, folder: &Path) -> String {
    let tessera = Path::new(env!("CARGO_BIN_EXE_tessera"));
    let path = format!("{}:{}", tessera.parent().unwrap().display(), std::env::var("PATH").unwrap_or_default());
    let script = format!("exec 2>&1; {command}");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).current_dir(folder).env("PATH", path).env("NO_COLOR", "1").env("COLUMNS", "100");
    String::from_utf8(shell.output().unwrap().stdout).unwrap()
}

/// Whether the output is as shown; `…` on a line of its own is any lines.
fn agrees(shown: &str, printed: &str) -> bool {
    let parts: Vec<&str> = shown.split("…\n").collect();
    let [first, middle @ .., last] = parts.as_slice() else { return shown == printed };
    let Some(mut rest) = printed.strip_prefix(first) else { return false };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[test]
fn the_tutorial_goes_as_it_says() {
    let path = root().join("docs/tutorial.md");
    let page = fs::read_to_string(&path).unwrap();
    let mut folder = folder();
    let (mut differences, mut lines): (Vec<String>, Vec<String>) =
        (Vec::new(), page.lines().map(str::to_owned).collect());
    let mut shift = 0_isize;
    let mut ran = 0;
    for step in steps(&page) {
        match step {
            Step::Write { path, text } => {
                let path = folder.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            Step::Hidden(command) => assert_eq!(run(&command, &folder), "", "{command}"),
            Step::Run(Asked { command, shown, line }) => {
                ran += 1;
                if let Some(next) = command.strip_prefix("cd ") {
                    folder.push(next);
                    continue;
                }
                let printed = run(&command, &folder);
                if !agrees(&shown, &printed) {
                    differences.push(format!("line {line}: $ {command}\n--- shown\n{shown}--- printed\n{printed}"));
                    let start = line.checked_add_signed(shift).unwrap();
                    let new: Vec<String> = printed.lines().map(str::to_owned).collect();
                    shift += new.len() as isize - shown.lines().count() as isize;
                    lines.splice(start..start + shown.lines().count(), new);
                }
            }
        }
    }
    assert!(ran > 3, "the tutorial was not understood");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, lines.join("\n") + "\n").unwrap();
    } else {
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}

#[test]
fn dots_stand_for_any_lines() {
    assert!(agrees("a\n", "a\n") && agrees("a\n…\nd\n", "a\nb\nc\nd\n") && agrees("…\n", ""));
    assert!(!agrees("a\n", "a\nb\n") && !agrees("a\n…\nd\n", "a\nb\n") && !agrees("", "a\n"));
}
