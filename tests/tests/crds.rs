//! Real CRDs load, and an object of each of their kinds can be written.
//!
//! `TESSERA_CRDS` names an archive (`.tar.gz`) of them; `./test` sets it where
//! the project's source material lies beside it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::fmt::Write as _;
use std::path::PathBuf;

use tessera_compiler::diagnostic::{Diagnostic, Options, render_human};
use tessera_tests::compile::check;
use tessera_tests::crds::{files, samples};

/// Objects whose required fields alone break a rule of their definition: what
/// the rule wants cannot be read off the schema.
const BREAK_A_RULE: usize = 0;

#[test]
#[ignore = "needs an archive of CRDs in TESSERA_CRDS, which ./test sets"]
fn an_object_of_each_kind_can_be_written() {
    let Some(archive) = std::env::var_os("TESSERA_CRDS").filter(|path| !path.is_empty()) else {
        eprintln!("left out: TESSERA_CRDS names no archive");
        return;
    };
    let mut project = files(&PathBuf::from(archive)).unwrap();
    assert!(project.len() >= 500, "{} definitions", project.len());
    let (mut source, mut count) = (String::new(), 0);
    for sample in project.iter().flat_map(|(_, text)| samples(text)) {
        count += 1;
        writeln!(source, "resource r{count}: {} {{\n{}}}", sample.kind, sample.body).unwrap();
    }
    assert!(count >= 500, "{count} kinds");
    project.push(("main.tess".to_owned(), source));
    project.push(("tessera.toml".to_owned(), "[package]\nname = \"all\"\ncrds = [\"crds/*.yaml\"]\n".to_owned()));
    let compiled = check(&project);
    let (rules, rest): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        compiled.diagnostics.iter().partition(|diagnostic| diagnostic.code.id == "E0422");
    let deprecated = |diagnostic: &&&Diagnostic| diagnostic.code.id != "W0822";
    let rest: Vec<Diagnostic> = rest.iter().filter(deprecated).map(|diagnostic| (*diagnostic).clone()).collect();
    let rules: Vec<Diagnostic> = rules.into_iter().cloned().collect();
    let options = Options { color: false, width: 140, unicode: true };
    let show = |diagnostics: &[Diagnostic]| render_human(diagnostics, compiled.sources(), options);
    assert!(rest.is_empty(), "{count} kinds\n{}", show(&rest));
    assert_eq!(rules.len(), BREAK_A_RULE, "{count} kinds\n{}", show(&rules));
}
