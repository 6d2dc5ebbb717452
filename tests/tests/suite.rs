//! Runs every case of `tests/suite`; [`tessera_tests::suite`] says what a case
//! is. All differences are listed, each with what to write where it is right.
//! Snapshots are insta's: `cargo insta review`, or `INSTA_UPDATE=always`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use tessera_compiler::diagnostic::ALL;
use tessera_tests::compile;
use tessera_tests::corpus::root;
use tessera_tests::suite::{Case, Stage, cases, judge};

#[test]
fn every_case_is_met() {
    let folder = root().join("tests/suite");
    let filter = std::env::var("TESSERA_SUITE").ok();
    let cases = cases(&folder, filter.as_deref()).unwrap();
    assert!(!cases.is_empty(), "no case below {} fits the filter", folder.display());
    let mut failures = Vec::new();
    for (path, text) in &cases {
        let name = path.strip_prefix(&folder).unwrap().display().to_string();
        failures.extend(run(path, text).into_iter().map(|failure| format!("tests/suite/{name}: {failure}")));
    }
    assert!(failures.is_empty(), "{} of {} cases differ:\n\n{}\n", failures.len(), cases.len(), failures.join("\n\n"));
}

/// Everything that is wrong with a case.
fn run(path: &Path, text: &str) -> Vec<String> {
    let case = match Case::parse(text) {
        Ok(case) => case,
        Err(error) => return vec![error],
    };
    let files: Vec<(String, String)> = case.files.iter().map(|f| (f.path.clone(), f.text.clone())).collect();
    let compile = |files: &[(String, String)]| match case.stages.iter().find_map(|stage| stage.lowering()) {
        _ if compile::has_versions(files) => compile::check_against(files),
        Some(lowering) => compile::lower(files, lowering),
        None if case.stages.contains(&Stage::Build) => compile::build(files),
        None => compile::check(files),
    };
    let Ok(compiled) = catch_unwind(AssertUnwindSafe(|| compile(&files))) else {
        return vec!["the compiler panicked".to_owned()];
    };
    let mut failures = judge(&case, &compiled.diagnostics, compiled.sources());
    for stage in &case.stages {
        failures.extend(kept(path, *stage, &compile::stage(&compiled, *stage)));
    }
    failures
}

/// Holds a stage against its snapshot beside the case.
fn kept(path: &Path, stage: Stage, text: &str) -> Option<String> {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(path.parent().unwrap());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let name = format!("{}.{}", path.file_stem().unwrap().to_string_lossy(), stage.word());
    let held = || settings.bind(|| insta::assert_snapshot!(name.clone(), text));
    catch_unwind(AssertUnwindSafe(held)).err().map(|_| format!("{} is not its snapshot; see above", stage.word()))
}

#[test]
fn every_code_has_a_case() {
    let mut seen = BTreeSet::new();
    for (_, text) in cases(&root().join("tests/suite"), None).unwrap() {
        let case = Case::parse(&text).unwrap_or_default();
        seen.extend(case.files.iter().flat_map(|f| &f.expected).map(|e| e.code.id));
    }
    // What is about files as such, or said by a server, shows a command on its page,
    // and its case is a test of its own.
    let command_tests: String = own_tests();
    let lacking: Vec<&str> =
        ALL.iter().map(|c| c.id).filter(|id| !seen.contains(id) && !command_tests.contains(id)).collect();
    assert!(lacking.is_empty(), "no case below tests/suite expects {}", lacking.join(", "));
}

fn own_tests() -> String {
    let in_folder = |folder: &str| tessera_tests::corpus::files(&root().join(folder), "rs").unwrap();
    let files = ["cli/tests", "tests/tests"].into_iter().flat_map(in_folder);
    files.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}
