//! One cause, one error: a slip in a source that is right gives exactly one
//! error, at its line. The shares that hold are stated here.
//!
//! `TESSERA_SLIPS` is the number of slips of each kind in each file.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use tessera_compiler::source::LineIndex;
use tessera_tests::compile;
use tessera_tests::corpus::{Random, files, root};
use tessera_tests::slips::{self, KINDS, Slip};

type Files = Vec<(String, String)>;

/// A project whose files are right as they are.
fn project(folder: &Path) -> Files {
    let mut found = Vec::new();
    for extension in ["tess", "toml", "yaml"] {
        for path in files(folder, extension).unwrap() {
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            found.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

fn projects() -> Vec<Files> {
    let mut folders: Vec<_> = std::fs::read_dir(root().join("examples")).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    folders.sort();
    let mut found: Vec<Files> = folders.iter().map(|f| project(f)).collect();
    let alone = files(&root().join("stdlib/std"), "tess").unwrap();
    let taste = root().join("tests/slips/taste.tess");
    found.extend(alone.into_iter().chain([taste]).map(|path| {
        vec![("main.tess".to_owned(), std::fs::read_to_string(path).unwrap())]
    }));
    found
}

/// What a slip came to.
struct Outcome {
    kind: usize,
    errors: usize,
    right_line: bool,
    report: String,
}

fn try_slip(project: &Files, index: usize, kind: usize, slip: &Slip) -> Outcome {
    let mut files = project.clone();
    files[index].1.clone_from(&slip.text);
    let compiled = compile::check(&files);
    let mut report = format!("{}: {}\n", project[index].0, slip.what);
    let errors: Vec<_> = compiled.diagnostics.iter().filter(|d| d.is_error()).collect();
    let mut first_line = None;
    for error in &errors {
        let source = compiled.sources().get(error.primary.span.file).unwrap();
        let line = LineIndex::new(&source.text).position(&source.text, error.primary.span.start).line as usize;
        let here = source.path.as_ref() == project[index].0;
        first_line = first_line.or(Some(if here { line } else { 0 }));
        let _ = writeln!(report, "    {}:{line} {} {}", source.path, error.code.id, error.message);
    }
    let right_line = first_line.is_some_and(|line| slip.lines.contains(&line));
    Outcome { kind, errors: errors.len(), right_line, report }
}

fn outcomes(per_kind: usize) -> Vec<Outcome> {
    let mut random = Random::new(1);
    let mut found = Vec::new();
    for project in projects() {
        let sound = compile::check(&project);
        if sound.diagnostics.iter().any(|d| d.is_error()) {
            eprintln!("has errors: {:?} {:?}", project[0].1.lines().next(), sound.diagnostics.iter().filter(|d| d.is_error()).map(|d| &d.message).collect::<Vec<_>>());
            continue;
        }
        for (index, (path, text)) in project.iter().enumerate() {
            if !path.ends_with(".tess") {
                continue;
            }
            for (kind, slips) in slips::all(text).into_iter().enumerate() {
                let count = per_kind.min(slips.len());
                for i in 0..count {
                    // Spread over the file, so that a few are all of it.
                    let (from, to) = (i * slips.len() / count, (i + 1) * slips.len() / count);
                    let slip = &slips[from + random.below(to - from)];
                    found.push(try_slip(&project, index, kind, slip));
                }
            }
        }
    }
    found
}

#[test]
fn a_slip_gives_one_error_at_its_line() {
    let per_kind = std::env::var("TESSERA_SLIPS").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let outcomes = outcomes(per_kind);
    // A slip that leaves a right text (a comma before a line break) is none.
    let real: Vec<&Outcome> = outcomes.iter().filter(|o| o.errors > 0).collect();
    let share = |of: &[&Outcome], good: fn(&Outcome) -> bool| of.iter().filter(|o| good(o)).count() as f64 / of.len().max(1) as f64;
    let mut by_kind: BTreeMap<usize, Vec<&Outcome>> = BTreeMap::new();
    real.iter().for_each(|o| by_kind.entry(o.kind).or_default().push(o));
    let mut table = String::new();
    for (kind, of) in &by_kind {
        let _ = writeln!(table, "{:30} {:5} slips, one error {:.3}, right line {:.3}", KINDS[*kind], of.len(), share(of, |o| o.errors == 1), share(of, |o| o.right_line));
    }
    let (one, right) = (share(&real, |o| o.errors == 1), share(&real, |o| o.right_line));
    let mut bad: Vec<&&Outcome> = real.iter().filter(|o| o.errors != 1 || !o.right_line).collect();
    bad.sort_by_key(|o| std::cmp::Reverse(o.errors));
    let limit = std::env::var("TESSERA_SLIPS_SHOWN").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let worst: String = bad.iter().take(limit).map(|o| o.report.as_str()).collect();
    let summary = format!("{} slips, {} with errors: one error {one:.3}, right line {right:.3}\n{table}\n{worst}", outcomes.len(), real.len());
    println!("{summary}");
    assert!(one >= 0.95 && right >= 0.95, "{summary}");
}
