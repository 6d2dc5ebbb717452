//! Random instances: the function takes and refuses them as `tessera build` does. And
//! how long it takes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value as Json;
use tessera_runtime::function::{Definitions, run};
use tessera_tests::compile::{self, build};
use tessera_tests::corpus::{self, Random, examples};
use tessera_tests::instances::{self, Instance, Verdict, of_project};

use super::client::*;

#[test]
fn one_answer_takes_at_most_two_milliseconds_when_it_is_optimised() {
    let compiled = build(&corpus::example("financial-backend").unwrap());
    let instance = of_project(&compiled).remove(0);
    let asked = request(&input(&compiled, &instance.kind), &instance.object, &BTreeMap::new());
    let definitions = Definitions::default();
    let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut best = std::time::Duration::MAX;
    for _ in 0..20 {
        let start = std::time::Instant::now();
        assert!(run(&definitions, &asked, now).results.is_empty());
        best = best.min(start.elapsed());
    }
    eprintln!("one answer of FinancialBackend: {best:?}");
    // A debug build is about thirty times slower.
    let limit = if cfg!(debug_assertions) { 200 } else { 2 };
    assert!(best < std::time::Duration::from_millis(limit), "{best:?}");
}

/// The function says of an instance what a build of it as a file says, and makes
/// the same objects of it.
fn agreed(definitions: &Definitions, input: &Json, object: &Json, verdict: Verdict) {
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut observed = BTreeMap::new();
    let answer = loop {
        let answer = run(definitions, &request(input, object, &observed), now);
        let mut more = wanted(&answer);
        if more.len() <= observed.len() {
            break answer;
        }
        more.values_mut().for_each(done);
        observed = more;
    };
    let Ok(Instance { mut objects, .. }) = verdict.instance(object) else {
        assert!(!answer.results.is_empty(), "taken, but not in a file: {object}");
        return;
    };
    assert!(answer.results.is_empty(), "{:?}: {object}", answer.results);
    let mut made: Vec<Json> = wanted(&answer).into_values().collect();
    made.sort_by_key(key);
    objects.sort_by_key(key);
    assert_eq!(made, objects, "{object}");
}

#[test]
fn random_instances_are_taken_or_refused_as_in_a_file_and_come_to_the_same() {
    let definitions = Definitions::default();
    for example in examples().unwrap() {
        let files = corpus::example(&example).unwrap();
        let compiled = compile::check(&files);
        for composite in compiled.compilation.reduced.iter().flatten().filter(|c| !c.kind.is_empty()) {
            let input = input(&compiled, &composite.kind);
            let sample = instances::sample(&files, composite, instances::count(), 11);
            let mut random = Random::new(11);
            let objects = sample.valid.iter().map(|instance| &instance.object);
            let changed: Vec<Json> = objects
                .clone()
                .filter_map(|object| Some(instances::change(composite, object, &mut random)?.0))
                .collect();
            let all: Vec<Json> = objects
                .chain(sample.refused.iter().map(|(object, _)| object).take(instances::count()))
                .chain(&changed)
                .cloned()
                .collect();
            eprintln!(
                "{}: {} valid, {} invalid or changed",
                composite.kind,
                sample.valid.len(),
                all.len() - sample.valid.len()
            );
            for (object, verdict) in all.iter().zip(instances::judge(&files, &all)) {
                agreed(&definitions, &input, object, verdict);
            }
        }
    }
}

#[test]
fn a_thousand_at_a_time_are_all_answered() {
    let compiled = build(&corpus::example("financial-backend").unwrap());
    let instance = of_project(&compiled).remove(0);
    let asked = request(&input(&compiled, &instance.kind), &instance.object, &BTreeMap::new());
    let definitions = Definitions::default();
    let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let expected = wanted(&run(&definitions, &asked, now)).len();
    let start = std::time::Instant::now();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..1000)
            .map(|_| {
                let work = || {
                    let answer = run(&definitions, &asked, now);
                    (answer.results.len(), wanted(&answer).len())
                };
                std::thread::Builder::new().stack_size(8 * 1024 * 1024).spawn_scoped(scope, work).unwrap()
            })
            .collect();
        for worker in workers {
            assert_eq!(worker.join().unwrap(), (0, expected));
        }
    });
    eprintln!("a thousand answers at a time: {:?}", start.elapsed());
}
