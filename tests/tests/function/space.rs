//! Random instances: the function takes and refuses them as `tessera build` does.

use std::collections::BTreeMap;
use std::fs;

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tessera_compiler::value::to_json;
use tessera_runtime::function::{Definitions, run};
use tessera_tests::compile::{self, build};
use tessera_tests::corpus::{project, root};
use tessera_tests::instance_objects::instances;

use super::client::*;

#[test]
fn one_answer_takes_at_most_two_milliseconds_when_it_is_optimised() {
    let compiled = build(&project(&root().join("examples/financial-backend")).unwrap());
    let instance = instances(&compiled).remove(0);
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

/// Values of the types that only their name tells.
pub(crate) fn known(name: &str) -> Vec<Json> {
    match name {
        "core/v1/ContainerPort" => vec![json!({ "containerPort": 80 }), json!({ "name": "lacks" })],
        "core/v1/ResourceRequirements" => {
            vec![
                json!({ "limits": { "cpu": 1, "memory": "1Gi" } }),
                json!({ "requests": { "cpu": "many" } }),
                json!({}),
            ]
        }
        _ => vec![json!({})],
    }
}

/// For each random instance, what a build of it as a file comes to: its
/// objects, or nothing where it is refused.
pub(crate) fn built(files: &[(String, String)], objects: &[Json]) -> Vec<Option<Vec<Json>>> {
    let mut all: Vec<(String, String)> = files.iter().filter(|(path, _)| !path.ends_with(".yaml")).cloned().collect();
    let path = |number: usize| format!("cases/{number:04}.yaml");
    all.extend(objects.iter().enumerate().map(|(number, object)| (path(number), object.to_string())));
    let compiled = compile::check(&all);
    let sources = compiled.sources();
    let file = |span: tessera_compiler::source::Span| sources.get(span.file).map(|file| file.path.to_string());
    let errors = compiled.diagnostics.iter().filter(|d| d.is_error());
    let places = errors.flat_map(|d| std::iter::once(&d.primary).chain(&d.secondary)).filter_map(|l| file(l.span));
    let refused: std::collections::BTreeSet<String> = places.collect();
    let mut made: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for built in &compiled.compilation.built {
        let objects = built.result.objects.iter().map(|object| to_json(&object.value)).collect();
        made.extend(file(built.span).map(|path| (path, objects)));
    }
    (0..objects.len()).map(|n| if refused.contains(&path(n)) { None } else { made.remove(&path(n)) }).collect()
}

/// How many times as many instances are made as are to be valid.
const MOST_BATCHES: usize = 12;

/// Whether an instance is taken, which the function must say as the build of a
/// file does, and of which it must make the same objects.
fn agreed(definitions: &Definitions, input: &Json, object: &Json, built: Option<Vec<Json>>) -> bool {
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
    let Some(mut built) = built else {
        assert!(!answer.results.is_empty(), "taken, but not in a file: {object}");
        return false;
    };
    assert!(answer.results.is_empty(), "{:?}: {object}", answer.results);
    let mut made: Vec<Json> = wanted(&answer).into_values().collect();
    made.sort_by_key(key);
    built.sort_by_key(key);
    assert_eq!(made, built, "{object}");
    true
}

#[test]
fn random_instances_are_taken_or_refused_as_in_a_file_and_come_to_the_same() {
    let count: usize = std::env::var("TESSERA_INSTANCES").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let definitions = Definitions::default();
    let mut told = Vec::new();
    for example in fs::read_dir(root().join("examples")).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()) {
        let files = project(&example).unwrap();
        let compiled = compile::check(&files);
        for composite in compiled.compilation.reduced.iter().flatten().filter(|c| !c.kind.is_empty()) {
            let input = input(&compiled, &composite.kind);
            let mut random = tessera_tests::corpus::Random::new(11);
            let instance = |number: usize, random: &mut tessera_tests::corpus::Random| {
                let mut metadata = json!({ "name": format!("case-{number}") });
                if composite.scope == tessera_compiler::ir::Scope::Namespaced {
                    metadata["namespace"] = json!("default");
                }
                let spec = tessera_tests::instances::spec(composite, &known, random);
                json!({ "apiVersion": composite.api(), "kind": composite.kind, "metadata": metadata, "spec": spec })
            };
            let (mut taken, mut refused) = (0, 0);
            // Of some composites, few random instances are valid.
            for batch in 0..MOST_BATCHES {
                let objects: Vec<Json> = (0..count).map(|n| instance(batch * count + n, &mut random)).collect();
                for (object, built) in objects.iter().zip(built(&files, &objects)) {
                    match agreed(&definitions, &input, object, built) {
                        true => taken += 1,
                        false => refused += 1,
                    }
                }
                if taken >= count {
                    break;
                }
            }
            assert!(taken >= count.min(100), "{}: only {taken} instances are valid", composite.kind);
            told.push(format!("{}: {taken} taken, {refused} refused", composite.kind));
        }
    }
    eprintln!("{}", told.join("\n"));
}

#[test]
fn a_thousand_at_a_time_are_all_answered() {
    let compiled = build(&project(&root().join("examples/financial-backend")).unwrap());
    let instance = instances(&compiled).remove(0);
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
