//! The API server with the definition that we write, and our own check of the
//! same instances: both accept the same, and fill in the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value as Json, json};
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::ir::Composite;
use tessera_compiler::target::{self, Lowered, controller};
use tessera_compiler::units::{Quantity, parse_duration, parse_timestamp};
use tessera_compiler::value::to_json;
use tessera_tests::cluster::ControlPlane;
use tessera_tests::cluster::verdict::Verdict;
use tessera_tests::compile;
use tessera_tests::corpus::{File, Random, example, examples, root};
use tessera_tests::instances;

/// What is meant to differ: the server's own ways with what it is sent.
const INTENDED: &[fn(&Judged) -> bool] = &[
    // It takes null for what is left out, where there is a default.
    |judged| judged.change.starts_with("null at"),
    // What is an integer or text is no number with a fraction; we take one for a quantity.
    |judged| judged.change.starts_with("another type") && judged.change.ends_with(": 1.5"),
    // It minds a blank in a quantity.
    |judged| judged.change.starts_with("text at") && judged.change.contains(": \" "),
    // What a container may ask for is a rule on values of Kubernetes' own types.
    |judged| {
        judged.change.contains(" at spec.policy.") && judged.ours.as_ref().is_err_and(|said| said.starts_with("E0307"))
    },
    // What a composite makes of its parameters has rules of its own.
    |judged| judged.ours.as_ref().is_err_and(|said| said.contains("is not a valid LabelValue")),
];

struct Judged {
    object: Json,
    change: String,
    ours: Result<Json, String>,
}

fn projects() -> Vec<(String, Vec<File>)> {
    let mut found: Vec<_> =
        examples().unwrap().into_iter().map(|name| (name.clone(), example(&name).unwrap())).collect();
    let types = fs::read_to_string(root().join("tests/targets/types.tess")).unwrap();
    found.push(("types".to_owned(), vec![("types.tess".to_owned(), types)]));
    found
}

fn lowered(files: &[File]) -> (Lowered, Vec<Composite>) {
    let compiled = compile::check(files);
    let lowered = target::lower(&compiled.compilation, controller::lower);
    let composites = compiled.compilation.reduced.into_iter().flatten().filter(|c| !c.kind.is_empty());
    (lowered, composites.collect())
}

fn documents(lowered: &Lowered, kind: &str) -> Vec<Json> {
    let all = lowered.files.iter().flat_map(|file| compile::documents(&file.text).unwrap());
    all.filter(|document| document["kind"] == kind).collect()
}

/// What our check says of the parameters of instances: with defaults filled in, or
/// the first complaint.
fn ours(files: &[File], objects: &[Json]) -> Vec<Result<Json, String>> {
    let verdict =
        |verdict: instances::Verdict| match verdict.complaints.iter().find(|(code, _)| is_about_parameters(code)) {
            Some((code, message)) => Err(format!("{code}: {message}")),
            None => verdict.params.as_ref().map(to_json).ok_or_else(|| "no parameters".to_owned()),
        };
    instances::judge(files, objects).into_iter().map(verdict).collect()
}

/// Not about the objects that come of them: those no schema of the API knows.
fn is_about_parameters(code: &str) -> bool {
    code.starts_with("E03") || code.starts_with("E05") || ["E0606", "E0902", "E0904"].contains(&code)
}

/// Valid instances, as many with one change, and some that were made invalid.
fn judged(files: &[File], composite: &Composite) -> Vec<Judged> {
    let (count, mut random) = (instances::count(), Random::new(7));
    let sample = instances::sample(files, composite, count, 7);
    let valid: Vec<Json> = sample.valid.into_iter().map(|instance| instance.object).collect();
    let mut all: Vec<(Json, String)> = valid.iter().map(|object| (object.clone(), "nothing".to_owned())).collect();
    let changed = valid.iter().filter_map(|object| instances::change(composite, object, &mut random));
    all.extend(changed.map(|(object, change)| (object, change.to_string())));
    let refused = sample.refused.into_iter().take(count / 4);
    all.extend(refused.map(|(object, _)| (object, "made invalid".to_owned())));
    let objects: Vec<Json> = all.iter().map(|(object, _)| object.clone()).collect();
    let verdicts = ours(files, &objects);
    all.into_iter().zip(verdicts).map(|((object, change), ours)| Judged { object, change, ours }).collect()
}

/// Whether both have the same fields and values, however units are written.
/// What is in ours only stands in a case of a union, whose defaults a schema
/// cannot fill in.
fn same(ours: &Json, theirs: &Json) -> bool {
    match (ours, theirs) {
        (Json::Object(a), Json::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let cases = ["kind", "as"].iter().any(|key| a.contains_key(*key));
            keys.into_iter().all(|key| match (a.get(key), b.get(key)) {
                (Some(a), Some(b)) => same(a, b),
                (Some(_), None) => cases,
                _ => false,
            })
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::String(a), b) => {
            let b = b.as_str().map_or_else(|| b.to_string(), str::to_owned);
            let durations = || parse_duration(a).ok().is_some_and(|a| parse_duration(&b) == Ok(a));
            let quantities = || Quantity::parse(a).ok().is_some_and(|a| Quantity::parse(&b).is_ok_and(|b| a == b));
            let times = || parse_timestamp(a).ok().is_some_and(|a| parse_timestamp(&b) == Ok(a));
            *a == b || durations() || quantities() || times()
        }
        _ => ours == theirs,
    }
}

#[test]
#[ignore = "needs a control plane: run ./test"]
fn the_api_server_with_our_definition_accepts_what_we_accept() {
    let client = ControlPlane::shared().unwrap().client();
    let mut differences = Vec::new();
    let mut total = 0;
    for (name, files) in projects() {
        let (lowered, composites) = lowered(&files);
        let said: Vec<&str> = lowered.diagnostics.iter().map(|d| d.message.as_str()).collect();
        assert!(!lowered.diagnostics.iter().any(Diagnostic::is_error), "{name}: {said:?}");
        let definitions = documents(&lowered, "CustomResourceDefinition");
        for (definition, verdict) in definitions.iter().zip(client.definitions(&definitions).unwrap()) {
            let refused =
                verdict.refusal().map(|r| format!("{name}: {} is refused: {r}", definition["metadata"]["name"]));
            differences.extend(refused);
        }
        for composite in &composites {
            let judged = judged(&files, composite);
            let objects: Vec<Json> = judged.iter().map(|j| j.object.clone()).collect();
            let verdicts = client.dry_runs(&objects, 4);
            let (mut agreed, mut accepted, mut filled, mut intended) = (0, 0, 0, 0);
            for (judged, verdict) in judged.iter().zip(verdicts) {
                let verdict = verdict.unwrap();
                let complaint = match (&judged.ours, &verdict) {
                    (Ok(params), Verdict::Accepted { object, .. }) => {
                        accepted += 1;
                        let empty = json!({});
                        let same = same(params, object.get("spec").unwrap_or(&empty));
                        filled += usize::from(same);
                        (!same).then(|| format!("filled in otherwise: {params}\n      {}", object["spec"]))
                    }
                    (Err(_), Verdict::Refused(_)) => None,
                    (Err(said), Verdict::Accepted { .. }) => Some(format!("only we refuse: {said}")),
                    (Ok(_), Verdict::Refused(refusal)) => Some(format!("only the server refuses: {refusal}")),
                };
                match complaint {
                    None => agreed += 1,
                    Some(_) if INTENDED.iter().any(|is| is(judged)) => intended += 1,
                    Some(said) => differences
                        .push(format!("{}: {} ({}): {}", composite.kind, said, judged.change, judged.object["spec"])),
                }
            }
            total += judged.len();
            println!(
                "{:24} {:4} instances: {agreed:4} judged alike ({:.1} %), {intended} differ as intended, \
                 {accepted} accepted by both, {filled} of them filled in alike",
                composite.kind,
                judged.len(),
                agreed as f64 * 100.0 / judged.len() as f64,
            );
        }
    }
    println!("{total} instances in all, {} differences", differences.len());
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}
