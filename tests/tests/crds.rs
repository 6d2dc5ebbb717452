//! Real CRDs load, and an object of each of their kinds can be written.
//!
//! `TESSERA_CRDS` names an archive (`.tar.gz`) of them; `./test` sets it where
//! the project's source material lies beside it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use tessera_compiler::diagnostic::{Diagnostic, Options, render_human};
use tessera_tests::compile::check;
use tessera_tests::crds::{Sample, files, samples};

/// What rules say that want more than a schema shows: the least object breaks
/// them, as a server would say too. Each is told of some kind.
const WANTED_BY_RULES: &[&str] = &[
    "`ControllerReconciler`: failed rule: self.metadata.name == 'cnrm-controller-manager'",
    "`spec.of`: either a resource reference or a resource selector should be set.",
    "`spec.rules[0].backendRefs[0]`: Must have port for Service reference",
    "`spec.target`: allTables and objects are mutually exclusive",
    "`spec.validation`: must specify either CACertificateRefs or WellKnownCACertificates",
    "`spec`: Exactly one parent field must be set",
    "`spec`: externalHostname must be set when type is ExternalHostname and must be unset otherwise",
    "`spec`: either \"spec.by\" or \"spec.reason\" must be specified.",
];

#[test]
#[ignore = "needs an archive of CRDs in TESSERA_CRDS, which ./test sets"]
fn an_object_of_each_kind_can_be_written() {
    let Some(archive) = std::env::var_os("TESSERA_CRDS").filter(|path| !path.is_empty()) else {
        eprintln!("left out: TESSERA_CRDS names no archive");
        return;
    };
    let mut project = files(&PathBuf::from(archive)).unwrap();
    assert!(project.len() >= 500, "{} definitions", project.len());
    let all: Vec<Sample> = project.iter().flat_map(|(_, text)| samples(text)).collect();
    assert!(all.len() >= 500, "{} kinds", all.len());
    let mut source = String::new();
    for (number, Sample { kind, body }) in all.iter().enumerate() {
        writeln!(source, "resource r{number}: {kind} {{\n{body}}}").unwrap();
    }
    project.push(("main.tess".to_owned(), source));
    project.push(("tessera.toml".to_owned(), "[package]\nname = \"all\"\ncrds = [\"crds/*.yaml\"]\n".to_owned()));
    let compiled = check(&project);
    let mut said = BTreeSet::new();
    let mut wrong: Vec<Diagnostic> = Vec::new();
    for diagnostic in &compiled.diagnostics {
        if diagnostic.code.id == "E0422" && WANTED_BY_RULES.contains(&&*diagnostic.message) {
            said.insert(diagnostic.message.as_str());
        } else if diagnostic.code.id != "W0806" {
            wrong.push(diagnostic.clone());
        }
    }
    let options = Options { color: false, width: 140, unicode: true };
    assert!(wrong.is_empty(), "{} kinds\n{}", all.len(), render_human(&wrong, compiled.sources(), options));
    assert_eq!(said, WANTED_BY_RULES.iter().copied().collect());
}
