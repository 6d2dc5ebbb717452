//! Runs a case and says what came out.

use std::fs;
use std::path::Path;

use crate::Result;
use crate::cases::{Case, Contender, Goal, SELF};
use crate::inputs;
use crate::measure::{Measured, measure};
use crate::outputs::{Objects, difference, objects};

/// Measures everyone in the case and prints a table. False when outputs that
/// must agree did not.
///
/// # Errors
/// When results cannot be written.
pub(crate) fn run(case: &Case, folder: &Path) -> Result<bool> {
    println!("\n{}", case.title);
    let outputs = folder.join("out");
    fs::create_dir_all(&outputs).map_err(|e| e.to_string())?;
    let mut results: Vec<(&str, Measured)> = Vec::new();
    let mut first: Option<(&str, Objects)> = None;
    let mut agreed = true;
    for contender in &case.contenders {
        let output = outputs.join(format!("{}-{}", case.title.replace([' ', ','], "-"), contender.name));
        if let (Some(folder), Some((_, objects))) = (&contender.given, &first) {
            inputs::unlabelled(folder, objects)?;
        }
        let Some(measured) = one(contender, &output) else {
            continue;
        };
        results.push((contender.name, measured));
        if case.compared {
            agreed &= compare(contender, &output, &mut first);
        }
    }
    for goal in &case.goals {
        println!("  {}", judge(goal, &results));
    }
    Ok(agreed)
}

fn one(contender: &Contender, output: &Path) -> Option<Measured> {
    let name = contender.name;
    if contender.call.program.as_os_str().is_empty() {
        println!("  {name:<10} left out: not installed");
        return None;
    }
    match measure(&contender.call, contender.runs, output) {
        Ok(m) => {
            let (median, fastest) = (milliseconds(m.median), milliseconds(m.fastest));
            let peak = mebibytes(m);
            println!(
                "  {name:<10} {median:>9.1} ms   fastest {fastest:>9.1} ms   peak {peak:>7.1} MiB   {} runs",
                contender.runs
            );
            Some(m)
        }
        Err(message) => {
            println!("  {name:<10} failed: {message}");
            None
        }
    }
}

/// Holds an output against the first one of the case.
fn compare<'a>(contender: &'a Contender, output: &Path, first: &mut Option<(&'a str, Objects)>) -> bool {
    let found = match objects(output) {
        Ok(found) => found,
        Err(message) => {
            println!("  {:<10} output cannot be read: {message}", "");
            return false;
        }
    };
    match first {
        None => {
            *first = Some((contender.name, found));
            true
        }
        Some((name, expected)) => match difference(expected, &found) {
            None => true,
            Some(text) => {
                println!("  {:<10} output is not that of {name}: {text}", "");
                false
            }
        },
    }
}

fn judge(goal: &Goal, results: &[(&str, Measured)]) -> String {
    let of = |name: &str| results.iter().find(|(n, _)| *n == name).map(|(_, m)| *m);
    let (goal, reached, limit, unit) = match goal {
        Goal::Milliseconds(limit) => {
            (format!("at most {limit} ms"), of(SELF).map(|m| milliseconds(m.median)), Some(*limit), "ms")
        }
        Goal::Mebibytes(limit) => (format!("at most {limit} MiB"), of(SELF).map(mebibytes), Some(*limit), "MiB"),
        Goal::TimeOf(peer, part) => (
            format!("at most {part} of {peer}'s time"),
            of(SELF).map(|m| milliseconds(m.median)),
            of(peer).map(|m| milliseconds(m.median) * part),
            "ms",
        ),
        Goal::MemoryOf(peer, part) => (
            format!("at most {part} of {peer}'s memory"),
            of(SELF).map(mebibytes),
            of(peer).map(|m| mebibytes(m) * part),
            "MiB",
        ),
    };
    match (reached, limit) {
        (Some(reached), Some(limit)) => {
            let verdict = if reached <= limit { "met" } else { "MISSED" };
            format!("goal: {goal}: {reached:.1} of {limit:.1} {unit}: {verdict}")
        }
        _ => format!("goal: {goal}: not measured"),
    }
}

fn milliseconds(m: std::time::Duration) -> f64 {
    m.as_secs_f64() * 1e3
}

fn mebibytes(m: Measured) -> f64 {
    m.peak_kib as f64 / 1024.0
}
