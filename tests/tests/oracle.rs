//! The API server as oracle: of objects made from a seed, what it refuses is
//! refused by the compiler too, and nothing that it accepts.
//!
//! `TESSERA_ORACLE_CASES` is how many objects are judged, `TESSERA_ORACLE_SEED`
//! the seed. What differs is listed in `target/oracle`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use serde_json::Value as Json;
use tessera_tests::cluster::ControlPlane;
use tessera_tests::cluster::client::in_parallel;
use tessera_tests::corpus::{files, root};
use tessera_tests::oracle::base::{self, Base};
use tessera_tests::oracle::judge::{self, Definitions};
use tessera_tests::oracle::known::Known;
use tessera_tests::oracle::report::{Outcome, Report};
use tessera_tests::oracle::{Case, cases};

const CASES: u64 = 6_000;
const SEED: u64 = 1;
/// So many of a hundred objects that the server refuses may be accepted.
const GOAL: f64 = 2.0;
/// The server may panic for fewer objects than these.
const UNANSWERED: usize = 10;

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn folder() -> PathBuf {
    root().join("tests/oracle")
}

fn bases() -> Vec<Base> {
    base::load(&folder()).unwrap()
}

fn all_cases() -> Vec<Case> {
    cases(&bases(), number("TESSERA_ORACLE_SEED", SEED), number("TESSERA_ORACLE_CASES", CASES) as usize)
}

fn known() -> Known {
    Known::parse(&fs::read_to_string(folder().join("known.txt")).unwrap()).unwrap()
}

/// Puts the lists where people look for them.
fn write(lists: &[(&str, String)]) {
    let target = root().join("target/oracle");
    fs::create_dir_all(&target).unwrap();
    for (name, text) in lists {
        fs::write(target.join(name), text).unwrap();
    }
}

#[test]
fn a_seed_gives_the_same_objects_of_many_kinds() {
    let bases = bases();
    let (one, same, other) = (cases(&bases, 1, 400), cases(&bases, 1, 400), cases(&bases, 2, 400));
    let objects = |cases: &[Case]| cases.iter().map(|c| c.object.to_string()).collect::<Vec<_>>();
    assert_eq!(objects(&one), objects(&same));
    assert_ne!(objects(&one), objects(&other));
    let kinds: BTreeSet<&str> = one.iter().map(Case::kind).collect();
    assert!(kinds.len() >= 40, "only {} kinds", kinds.len());
}

/// What the objects refer to, and what is not a matter of the object itself.
fn prepare(control_plane: &ControlPlane) -> Definitions {
    let client = control_plane.client();
    client.namespaces(&["default"]).unwrap();
    let definitions = files(&folder().join("crds"), "yaml").unwrap();
    let documents: Vec<Json> = definitions.iter().flat_map(|path| base::documents(path).unwrap()).collect();
    for (definition, verdict) in documents.iter().zip(client.definitions(&documents).unwrap()) {
        assert!(verdict.is_accepted(), "{}: {}", definition["metadata"]["name"], verdict.refusal().unwrap());
    }
    let text = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (format!("crds/{name}"), fs::read_to_string(path).unwrap())
    };
    Definitions(definitions.iter().map(text).collect())
}

#[test]
#[ignore = "needs a control plane: run ./test"]
fn the_api_server_refuses_what_the_compiler_refuses() {
    let control_plane = ControlPlane::shared().unwrap();
    let definitions = prepare(control_plane);
    let cases = all_cases();
    let started = Instant::now();
    let objects: Vec<Json> = cases.iter().map(|case| case.object.clone()).collect();
    let server = control_plane.client().dry_runs(&objects, 4);
    let served = started.elapsed();
    let ours = in_parallel(&objects, 2, |object| judge::errors(object, &definitions));
    println!("the server took {served:.0?}, the compiler {:.0?}", started.elapsed() - served);
    let mut unanswered = String::new();
    let mut outcomes = Vec::new();
    for ((case, ours), server) in cases.into_iter().zip(ours).zip(server) {
        // Some objects make the server itself panic, and end the connection.
        match server.or_else(|_| control_plane.client().dry_run(&case.object)) {
            Ok(server) => outcomes.push(Outcome { case, ours, server }),
            Err(e) => {
                unanswered += &format!("#{} {}: {}\n    {e}\n    {ours:?}\n", case.number, case.kind(), case.changed())
            }
        }
    }
    let known = known();
    let report = Report::of(&outcomes, &known);
    println!("{}\n{}", report.tables, report.summary());
    write(&report.lists);
    write(&[("unanswered.txt", unanswered.clone())]);
    assert!(unanswered.lines().count() < 3 * UNANSWERED, "the server does not answer:\n{unanswered}");
    assert_eq!(report.bad_bases, 0, "valid objects that the server refuses: see target/oracle/bases.txt");
    assert_eq!(report.stricter, 0, "refused by us alone: see target/oracle/stricter.txt");
    assert!(report.missed_percent() <= GOAL, "{}: see target/oracle/missed-by-rule.txt", report.summary());
    // Another seed may do without some of them.
    let usual = number("TESSERA_ORACLE_SEED", SEED) == SEED && number("TESSERA_ORACLE_CASES", CASES) == CASES;
    assert!(!usual || known.idle().is_empty(), "known.txt lists what does not happen:\n{}", known.idle().join("\n"));
}
