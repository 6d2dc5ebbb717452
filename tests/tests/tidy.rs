//! The invariants of ARCHITECTURE.md, as what is absent. Lints hold the others.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use tessera_tests::corpus::root;

/// A longer file says in its header why, in a sentence that begins so.
const LONGEST: usize = 500;
const REASON: &str = "Over 500 lines: ";

/// A text file of the repository: its path from the top, and its text.
struct Text {
    path: String,
    text: String,
}

impl Text {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it is only compiled for tests.
    fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || ["tests.rs", "fixture.rs"].iter().any(|name| self.path.ends_with(name))
    }

    /// The lines with their numbers, from 1, up to the tests at the end.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().take_while(|l| !l.starts_with("#[cfg(test)]"));
        lines.enumerate().map(|(i, l)| (i + 1, l)).filter(|(_, l)| !l.trim_start().starts_with("//"))
    }
}

/// All text files that belong to the repository.
fn texts() -> Vec<Text> {
    let (root, mut found) = (root(), Vec::new());
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // In a worktree `.git` is a file.
            if ["target", ".git", ".cache", "node_modules"].contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                found.push(Text { path: relative(&root, &path), text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.len() > 20, "the repository was not found at {}", root.display());
    found
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/")
}

/// Fails with every place in the chosen files whose code contains a word.
fn absent(why: &str, chosen: impl Fn(&Text) -> bool, words: &[&str]) {
    let mut places = Vec::new();
    for file in texts().iter().filter(|t| t.is_rust() && !t.is_test() && chosen(t)) {
        for (number, line) in file.code() {
            if words.iter().any(|w| line.contains(w)) {
                places.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    assert!(places.is_empty(), "{why}:\n{}", places.join("\n"));
}

#[test]
fn only_the_parser_names_pest() {
    let parser = "compiler/src/syntax/parse.rs";
    absent(
        "only the parser names pest",
        |t| t.path.starts_with("compiler/") && t.path != parser,
        &["pest::", "pest_derive"],
    );
}

#[test]
fn only_the_renderer_for_people_names_ariadne() {
    let renderer = ["compiler/src/diagnostic/human.rs", "compiler/src/diagnostic/stage.rs"];
    absent("only the renderer names ariadne", |t| !renderer.contains(&t.path.as_str()), &["ariadne::"]);
}

#[test]
fn the_compiler_has_no_files_environment_clock_network_or_output() {
    let words = [
        "std::fs",
        "std::env",
        "std::net::Tcp",
        "std::net::Udp",
        "ToSocketAddrs",
        "std::process",
        "SystemTime",
        "std::time",
        "println!",
        "print!(",
        "dbg!",
        "stdin()",
        "stdout()",
        "stderr()",
    ];
    absent("the compiler is pure", |t| t.path.starts_with("compiler/src/"), &words);
}

#[test]
fn targets_and_evaluation_of_ir_see_no_syntax() {
    let after = |t: &Text| t.path.starts_with("compiler/src/target/") || t.path == "compiler/src/ir.rs";
    absent("everything after the IR knows no syntax", after, &["crate::syntax", "super::syntax"]);
}

#[test]
fn the_schemas_know_no_types_of_the_checker() {
    absent(
        "schemas are below the checker",
        // The rules of a definition are expressions: the one place that has them checked.
        |t| t.path.starts_with("compiler/src/schema/") && t.path != "compiler/src/schema/crd/rules.rs",
        &["crate::check", "crate::syntax"],
    );
}

#[test]
fn features_of_the_server_know_no_protocol() {
    let feature = |t: &Text| t.path.starts_with("lsp/src/feature/");
    absent("features are plain functions", feature, &["tower_lsp", "crate::protocol", "crate::session", "ls_types"]);
    let counting = "lsp/src/protocol/position.rs";
    let other = |t: &Text| t.path.starts_with("lsp/src/") && t.path != counting;
    absent("one file counts as the protocol does", other, &["len_utf16", "encode_utf16"]);
    absent("the disk is the host's", |t| t.path.starts_with("lsp/src/"), &["std::fs", "std::env", "tokio::fs"]);
}

#[test]
fn the_standard_library_depends_on_nothing() {
    let manifest = fs::read_to_string(root().join("stdlib/Cargo.toml")).unwrap();
    assert!(!manifest.contains("dependencies"), "stdlib is data: it has no dependencies");
}

#[test]
fn the_compiler_depends_only_on_the_standard_library_and_its_schemas() {
    let manifest = fs::read_to_string(root().join("compiler/Cargo.toml")).unwrap();
    let ours: Vec<_> = manifest.lines().filter(|l| l.starts_with("tessera-")).collect();
    assert_eq!(ours, ["tessera-stdlib.workspace = true", "tessera-schema-pack.workspace = true"]);
}

#[test]
fn long_files_say_why() {
    let long: Vec<_> = texts()
        .into_iter()
        .filter(|t| t.is_rust() && t.text.lines().count() > LONGEST)
        .filter(|t| !t.text.lines().take_while(|l| l.starts_with("//!")).any(|l| l.contains(REASON)))
        .map(|t| format!("{}: {} lines", t.path, t.text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split these, or say in the header `{REASON}…`:\n{}", long.join("\n"));
}

#[test]
fn nothing_is_left_to_do_and_no_machine_or_registry_is_named() {
    // Joined here, so that this file does not contain them.
    let words: Vec<String> = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["XX", "X:"],
        ["/ro", "ot/"],
        ["/ho", "me/"],
        ["/wo", "rk/"],
        ["/Us", "ers/"],
        ["crates", ".io"],
        ["pypi", ".org"],
        ["proxy.golang", ".org"],
        ["registry.npmjs", ".org"],
        ["deb.debian", ".org"],
    ]
    .map(|parts| parts.concat())
    .to_vec();
    let mut places = Vec::new();
    for file in texts().iter().filter(|t| !is_foreign(&t.path)) {
        for (number, line) in file.text.lines().enumerate() {
            if let Some(word) = words.iter().find(|w| contains_word(line, w)) {
                places.push(format!("{}:{}: {word}", file.path, number + 1));
            }
        }
    }
    assert!(places.is_empty(), "these do not belong into the repository:\n{}", places.join("\n"));
}

/// Lock files name registries, and published data is kept as it is.
fn is_foreign(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    ["Cargo.lock", "go.sum", "LICENSE"].contains(&name) || path.starts_with("stdlib/schemas/")
}

/// Whether the line has the word, not as part of a longer one.
fn contains_word(line: &str, word: &str) -> bool {
    let alphanumeric = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (line[..at].chars().next_back(), line[at + word.len()..].chars().next());
        let open_end = word.ends_with(|c: char| !c.is_alphanumeric());
        !alphanumeric(before) && (open_end || !alphanumeric(after))
    })
}

#[test]
fn every_script_can_be_run() {
    let scripts: [PathBuf; 3] = ["test", ".ci/run", "bench/run"].map(|s| root().join(s));
    for script in scripts {
        let text = fs::read_to_string(&script).unwrap();
        assert!(text.starts_with("#!/usr/bin/env bash\n"), "{}", script.display());
    }
}
