//! One cause, one error: a slip in a source that is right gives exactly one
//! error, at its line. The shares that hold are stated here.
//!
//! `TESSERA_SLIPS` is the number of slips of each kind in each file,
//! `TESSERA_SLIPS_SHOWN` of the worst that are printed. `--nocapture` shows the
//! figures when they hold, too.

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
    let mut folders: Vec<_> =
        std::fs::read_dir(root().join("examples")).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    folders.sort();
    let mut found: Vec<Files> = folders.iter().map(|f| project(f)).collect();
    let alone = files(&root().join("stdlib/std"), "tess").unwrap();
    let taste = root().join("tests/slips/taste.tess");
    found.extend(
        alone
            .into_iter()
            .chain([taste])
            .map(|path| vec![("main.tess".to_owned(), std::fs::read_to_string(path).unwrap())]),
    );
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
        let errors: Vec<&str> = sound.diagnostics.iter().filter(|d| d.is_error()).map(|d| d.message.as_str()).collect();
        assert!(errors.is_empty(), "{} is not right as it is: {errors:?}", project[0].0);
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
    let outcomes = outcomes(number("TESSERA_SLIPS", 3));
    // A slip that leaves a right text (a comma before a line break) is none.
    let real: Vec<&Outcome> = outcomes.iter().filter(|o| o.errors > 0).collect();
    let mut by_kind: BTreeMap<usize, Vec<&Outcome>> = BTreeMap::new();
    real.iter().for_each(|o| by_kind.entry(o.kind).or_default().push(o));
    let mut table = String::new();
    for (kind, of) in &by_kind {
        let (one, right) = shares(of, 1);
        let _ = writeln!(table, "{:30} {:5} slips, one error {one:.3}, right line {right:.3}", KINDS[*kind], of.len());
    }
    let (one, right) = shares(&real, 1);
    let worst = worst(&real, 1);
    let summary = format!(
        "{} slips, {} with errors: one error {one:.3}, right line {right:.3}\n{table}\n{worst}",
        outcomes.len(),
        real.len()
    );
    println!("{summary}");
    assert!(real.len() > 300, "{summary}");
    assert!(one >= 0.97 && right >= 0.97, "{summary}");
}

/// What is said of one slip hides nothing that is said of another.
#[test]
fn two_slips_far_apart_give_two_errors() {
    let mut random = Random::new(2);
    let mut found = Vec::new();
    for project in projects() {
        for (index, (path, text)) in project.iter().enumerate() {
            let lines = text.lines().count();
            if !path.ends_with(".tess") || lines < 40 {
                continue;
            }
            let all: Vec<Slip> = slips::all(text).into_iter().flatten().collect();
            let within = |from: usize, to: usize| {
                all.iter().filter(|s| s.lines.iter().all(|l| (from..to).contains(l))).collect::<Vec<_>>()
            };
            let (early, late) = (within(1, lines / 2 - 5), within(lines / 2 + 5, lines + 1));
            for _ in 0..number("TESSERA_SLIPS", 3) * 5 {
                let (Some(one), Some(other)) = (random.pick(&early), random.pick(&late)) else { continue };
                found.push(try_slip(&project, index, 0, &both(one, other, lines / 2)));
            }
        }
    }
    let real: Vec<&Outcome> = found.iter().collect();
    let (two, right) = shares(&real, 2);
    let summary = format!("{} pairs: two errors {two:.3}, right line {right:.3}\n{}", real.len(), worst(&real, 2));
    println!("{summary}");
    assert!(real.len() >= 60 && two >= 0.90, "{summary}");
}

/// One slip in the lines before the middle and one after it. No slip adds or
/// takes lines.
fn both(early: &Slip, late: &Slip, middle: usize) -> Slip {
    let lines: Vec<&str> = early.text.lines().take(middle).chain(late.text.lines().skip(middle)).collect();
    let places = early.lines.iter().chain(&late.lines).copied().collect();
    Slip { what: format!("{}, and {}", early.what, late.what), text: lines.join("\n") + "\n", lines: places }
}

/// The share with that many errors, and that with the right line.
fn shares(of: &[&Outcome], errors: usize) -> (f64, f64) {
    let share = |count: usize| count as f64 / of.len().max(1) as f64;
    (share(of.iter().filter(|o| o.errors == errors).count()), share(of.iter().filter(|o| o.right_line).count()))
}

fn worst(of: &[&Outcome], errors: usize) -> String {
    let mut bad: Vec<&&Outcome> = of.iter().filter(|o| o.errors != errors || !o.right_line).collect();
    bad.sort_by_key(|o| std::cmp::Reverse(o.errors));
    bad.iter().take(number("TESSERA_SLIPS_SHOWN", 20)).map(|o| o.report.as_str()).collect()
}

fn number(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}
