//! What targets make of the examples, as kept beside this file; what they take,
//! leave out and refuse, as docs/targets.md has it.
//!
//! `UPDATE_DOCUMENTATION=1` writes the tables of docs/targets.md anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use tessera_compiler::diagnostic::{Diagnostic, Severity};
use tessera_compiler::target::limits::{Construct, ENGINES, Engine, Fit};
use tessera_compiler::target::{self, Lowered};
use tessera_tests::compile::{self, Compiled};
use tessera_tests::corpus::{File, example, examples, root};

fn compiled(files: &[File]) -> Compiled {
    let compiled = compile::check(files);
    let errors: Vec<&Diagnostic> = compiled.diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    compiled
}

/// The codes of what was reported, errors and warnings.
fn codes(lowered: &Lowered) -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let (errors, warnings): (Vec<_>, Vec<_>) =
        lowered.diagnostics.iter().partition(|d| d.code.severity == Severity::Error);
    (errors.iter().map(|d| d.code.id).collect(), warnings.iter().map(|d| d.code.id).collect())
}

/// What a target makes of an example, but for representations, which are one long
/// line each, and for the part that is the same in every chart.
fn shown(engine: &Engine, example_of: &str) -> String {
    let compiled = compiled(&example(example_of).unwrap());
    let lowered = target::lower(&compiled.compilation, engine.lower);
    let sources = compiled.sources();
    let mut text = String::new();
    for diagnostic in &lowered.diagnostics {
        let line = sources.get(diagnostic.primary.span.file).unwrap();
        let at = line.text[..diagnostic.primary.span.start as usize].lines().count();
        let _ = writeln!(text, "# {}:{at}: {}: {}", line.path, diagnostic.code.id, diagnostic.message);
    }
    for file in lowered.files.iter().filter(|file| !file.path.ends_with("/_tessera.tpl")) {
        let _ = writeln!(text, "# {}", file.path);
        for line in file.text.lines() {
            let representation =
                line.split_once("ir: ").filter(|(before, ir)| before.trim().is_empty() && ir.len() > 20);
            let _ = match representation {
                Some((before, _)) => writeln!(text, "{before}ir: …"),
                None => writeln!(text, "{line}"),
            };
        }
    }
    text
}

#[test]
fn the_examples_go_to_every_target_as_kept() {
    for engine in ENGINES {
        for example in examples().unwrap() {
            insta::assert_snapshot!(format!("{}__{example}", engine.name), shown(engine, &example));
        }
    }
}

/// The composites of tests/targets/constructs.tess by their names.
fn cases() -> BTreeMap<String, Vec<File>> {
    let text = fs::read_to_string(root().join("tests/targets/constructs.tess")).unwrap();
    let mut found = BTreeMap::new();
    for section in text.split("\n//- ").skip(1) {
        let (name, body) = section.split_once('\n').unwrap();
        let files = body.split("//+\n").enumerate();
        found.insert(name.to_owned(), files.map(|(n, text)| (format!("case{n}.tess"), text.to_owned())).collect());
    }
    found
}

/// Every entry of the targets' limits, and every construct that they do not name, is proved by lowering.
#[test]
fn every_construct_is_taken_left_out_or_refused_as_the_table_says() {
    let (cases, mut wrong) = (cases(), Vec::new());
    let names: BTreeSet<&str> = cases.keys().map(String::as_str).collect();
    assert_eq!(names, Construct::ALL.iter().map(|construct| construct.id()).collect());
    for construct in Construct::ALL {
        let compiled = compiled(&cases[construct.id()]);
        for engine in ENGINES {
            let lowered = target::lower(&compiled.compilation, engine.lower);
            let (errors, warnings) = codes(&lowered);
            let paths: BTreeSet<&str> = lowered.files.iter().map(|file| file.path.as_str()).collect();
            assert_eq!(paths.len(), lowered.files.len(), "{}: two files of one path", construct.id());
            let holds = match engine.fit(*construct) {
                Fit::Taken | Fit::Otherwise(_) => errors.is_empty() && warnings.is_empty() && !lowered.files.is_empty(),
                Fit::LeftOut(code) => errors.is_empty() && warnings == BTreeSet::from([code.id]),
                Fit::Refused(code) => errors == BTreeSet::from([code.id]),
            };
            if !holds {
                let said: Vec<&str> = lowered.diagnostics.iter().map(|d| d.message.as_str()).collect();
                let fit = engine.fit(*construct);
                wrong.push(format!(
                    "{} to {}: {errors:?} {warnings:?} {said:?}, not {fit:?}",
                    construct.id(),
                    engine.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Examples that every target must take.
const EVERYWHERE: &[&str] = &["financial-backend", "performance-test-cluster"];

#[test]
fn every_example_goes_to_every_target_or_is_refused_for_a_reason_that_a_page_explains() {
    for example_of in examples().unwrap() {
        let files = example(&example_of).unwrap();
        let compiled = compiled(&files);
        for engine in ENGINES {
            let lowered = target::lower(&compiled.compilation, engine.lower);
            let (errors, _) = codes(&lowered);
            let must = EVERYWHERE.contains(&example_of.as_str());
            assert!(errors.is_empty() || !must, "{example_of} to {}: {errors:?}", engine.name);
            assert_eq!(lowered.files.is_empty(), !errors.is_empty(), "{example_of} to {}", engine.name);
            for diagnostic in &lowered.diagnostics {
                let source = compiled.sources().get(diagnostic.primary.span.file).unwrap();
                assert!(files.iter().any(|(path, _)| *path == *source.path), "{example_of}: not at a line of its own");
                assert!(diagnostic.help.is_some(), "{example_of}: {} says no way forward", diagnostic.message);
                assert!(root().join(format!("docs/errors/{}.md", diagnostic.code.id)).is_file());
            }
        }
    }
}

fn link(code: &str) -> String {
    format!("[{code}](errors/{code}.md)")
}

fn constructs() -> String {
    let row = |construct: &Construct| {
        let fits = ENGINES.iter().map(|engine| match engine.fit(*construct) {
            Fit::Taken => "yes".to_owned(),
            Fit::Otherwise(how) => format!("yes: {how}"),
            Fit::LeftOut(code) => format!("left out, {}", link(code.id)),
            Fit::Refused(code) => format!("refused, {}", link(code.id)),
        });
        (construct.title().to_owned(), fits.collect())
    };
    table("construct", Construct::ALL.iter().map(row))
}

fn matrix() -> String {
    let row = |name: String| {
        let compiled = compiled(&example(&name).unwrap());
        let outcomes = ENGINES.iter().map(|engine| {
            let (errors, warnings) = codes(&target::lower(&compiled.compilation, engine.lower));
            let links = |codes: BTreeSet<&str>| codes.into_iter().map(link).collect::<Vec<_>>().join(", ");
            match (errors.is_empty(), warnings.is_empty()) {
                (true, true) => "yes".to_owned(),
                (true, false) => format!("yes, with {}", links(warnings)),
                (false, _) => format!("refused, {}", links(errors)),
            }
        });
        (format!("`{name}`"), outcomes.collect())
    };
    table("example", examples().unwrap().into_iter().map(row))
}

fn table(heading: &str, rows: impl Iterator<Item = (String, Vec<String>)>) -> String {
    let titles: Vec<&str> = ENGINES.iter().map(|engine| engine.title).collect();
    let mut text = format!("| {heading} | {} |\n| --- |{}\n", titles.join(" | "), " --- |".repeat(titles.len()));
    for (name, cells) in rows {
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
    text
}

#[test]
fn the_tables_of_the_documentation_are_the_targets_own() {
    let path = root().join("docs/targets.md");
    let mut page = fs::read_to_string(&path).unwrap();
    let before = page.clone();
    for (name, table) in [("constructs", constructs()), ("examples", matrix())] {
        let (start, end) = (format!("<!-- table of {name}, generated -->\n"), format!("<!-- end of {name} -->"));
        let (head, rest) = page.split_once(&start).unwrap_or_else(|| panic!("docs/targets.md has no `{start}`"));
        let (_, tail) = rest.split_once(&end).unwrap_or_else(|| panic!("docs/targets.md has no `{end}`"));
        page = format!("{head}{start}\n{table}\n{end}{tail}");
    }
    if std::env::var_os("UPDATE_DOCUMENTATION").is_some() {
        fs::write(&path, &page).unwrap();
    } else {
        assert!(before == page, "docs/targets.md: run again with UPDATE_DOCUMENTATION=1");
    }
}

/// What the benchmark lowers goes to every target; `bench/run` measures how fast.
#[test]
fn the_composites_of_the_benchmark_go_to_every_target() {
    let text = fs::read_to_string(root().join("bench/programs/composite.tess")).unwrap();
    let one = |n: usize| (format!("c{n}.tess"), text.replace("Medium", &format!("Medium{n}")));
    let compiled = compiled(&(0..3).map(one).collect::<Vec<_>>());
    for engine in ENGINES {
        let lowered = target::lower(&compiled.compilation, engine.lower);
        assert!(codes(&lowered).0.is_empty(), "{}: {:?}", engine.name, lowered.diagnostics);
        assert!(lowered.files.len() >= 3, "{}", engine.name);
    }
}
