//! The API server with the definition that we write, and our own check of the
//! same instances: both accept the same, and fill in the same.
//!
//! `TESSERA_INSTANCES` is how many instances of each composite are valid to begin
//! with; as many again have one change.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Value as Json, json};
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::eval::evaluate_constant;
use tessera_compiler::ir::{Composite, Scope};
use tessera_compiler::target::{self, Lowered, Lowering, controller, crossplane};
use tessera_compiler::units::{Quantity, parse_duration, parse_timestamp};
use tessera_compiler::value::{from_json, to_json};
use tessera_compiler::yaml;
use tessera_tests::cluster::ControlPlane;
use tessera_tests::cluster::verdict::Verdict;
use tessera_tests::compile;
use tessera_tests::corpus::{Random, project, root};
use tessera_tests::instances;
use tessera_tests::oracle::mutate::{Donors, mutate};
use tessera_tests::oracle::place::Step;

type Files = Vec<(String, String)>;

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

fn count() -> usize {
    std::env::var("TESSERA_INSTANCES").ok().and_then(|text| text.parse().ok()).unwrap_or(200)
}

fn projects() -> Vec<(String, Files)> {
    let examples = fs::read_dir(root().join("examples")).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir());
    let mut found: Vec<(String, Files)> = examples
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), project(&path).unwrap()))
        .collect();
    let types = fs::read_to_string(root().join("tests/targets/types.tess")).unwrap();
    found.push(("types".to_owned(), vec![("types.tess".to_owned(), types)]));
    found.sort();
    found
}

fn lowered(files: &Files, lower: impl Fn(Lowering<'_>) -> Lowered) -> (Lowered, Vec<Composite>) {
    let compiled = compile::check(files);
    let lowered = target::lower(&compiled.compilation, lower);
    let said: Vec<&str> = lowered.diagnostics.iter().map(|d| d.message.as_str()).collect();
    assert!(!lowered.diagnostics.iter().any(Diagnostic::is_error), "{said:?}");
    let composites = compiled.compilation.reduced.into_iter().flatten().filter(|c| !c.kind.is_empty());
    (lowered, composites.collect())
}

fn documents(lowered: &Lowered, kind: &str) -> Vec<Json> {
    let all = lowered.files.iter().flat_map(|file| compile::documents(&file.text).unwrap());
    all.filter(|document| document["kind"] == kind).collect()
}

/// Values of the types that only their name tells.
fn known(name: &str) -> Vec<Json> {
    match name {
        "core/v1/ContainerPort" => vec![
            json!({ "containerPort": 80 }),
            json!({ "containerPort": 80, "protocol": "UDP", "name": "dns" }),
            json!({ "name": "lacks" }),
        ],
        "core/v1/ResourceRequirements" => vec![
            json!({ "limits": { "cpu": 1, "memory": "1Gi" } }),
            json!({ "requests": { "cpu": "many" } }),
            json!({}),
        ],
        _ => vec![json!({})],
    }
}

fn instance(composite: &Composite, number: usize, random: &mut Random) -> Json {
    let mut metadata = json!({ "name": format!("case-{number}") });
    if composite.scope == Scope::Namespaced {
        metadata["namespace"] = json!("default");
    }
    json!({
        "apiVersion": composite.api(), "kind": composite.kind, "metadata": metadata,
        "spec": instances::spec(composite, &known, random),
    })
}

/// What our check says of instances: their parameters, defaults filled in, or
/// the first complaint. All are files of one project.
fn ours(files: &Files, objects: &[Json]) -> Vec<Result<Json, String>> {
    let mut all: Files = files.iter().filter(|(path, _)| !path.ends_with(".yaml")).cloned().collect();
    let path = |number: usize| format!("cases/{number:04}.yaml");
    for (number, object) in objects.iter().enumerate() {
        let mut text = String::new();
        yaml::emit(&from_json(object), &mut text);
        all.push((path(number), text));
    }
    let compiled = compile::check(&all);
    let sources = compiled.sources();
    let mut said: BTreeMap<String, &Diagnostic> = BTreeMap::new();
    for diagnostic in compiled.diagnostics.iter().filter(|d| d.is_error() && is_about_parameters(d)) {
        let places = std::iter::once(diagnostic.primary.span).chain(diagnostic.secondary.iter().map(|l| l.span));
        for file in places.filter_map(|span| sources.get(span.file)) {
            said.entry(file.path.to_string()).or_insert(diagnostic);
        }
    }
    let mut params: BTreeMap<String, Json> = BTreeMap::new();
    for instance in &compiled.compilation.instances {
        let Some(file) = sources.get(instance.span.file) else { continue };
        if let Ok(value) = evaluate_constant(&compiled.compilation.program, &instance.params) {
            params.insert(file.path.to_string(), to_json(&value));
        }
    }
    let verdict = |number: usize| match (said.get(&path(number)), params.remove(&path(number))) {
        (Some(diagnostic), _) => Err(format!("{}: {}", diagnostic.code.id, diagnostic.message)),
        (None, Some(params)) => Ok(params),
        (None, None) => Err("no parameters".to_owned()),
    };
    (0..objects.len()).map(verdict).collect()
}

/// Not about the objects that come of them: those no schema of the API knows.
fn is_about_parameters(diagnostic: &Diagnostic) -> bool {
    let id = diagnostic.code.id;
    id.starts_with("E03") || id.starts_with("E05") || ["E0606", "E0902", "E0904"].contains(&id)
}

fn judged(files: &Files, composite: &Composite) -> Vec<Judged> {
    let mut random = Random::new(7);
    // Of what is made, so much is kept as is valid.
    let made: Vec<Json> = (0..count() * 6).map(|n| instance(composite, n, &mut random)).collect();
    let verdicts = ours(files, &made);
    let (valid, invalid): (Vec<_>, Vec<_>) = made.into_iter().zip(verdicts).partition(|(_, verdict)| verdict.is_ok());
    let mut all: Vec<(Json, String)> =
        valid.iter().take(count()).map(|(object, _)| (object.clone(), "nothing".to_owned())).collect();
    let complaints: BTreeSet<&String> = invalid.iter().filter_map(|(_, verdict)| verdict.as_ref().err()).collect();
    assert!(!all.is_empty(), "{}: nothing that was made is valid: {complaints:#?}", composite.kind);
    let bases = all.clone();
    for number in 0..count() * 8 {
        let mut object = bases[number % bases.len()].0.clone();
        let Some(change) = mutate(&mut object, &Donors::default(), &mut random) else { continue };
        let in_spec = change.at.0.first() == Some(&Step::Key("spec".to_owned())) && change.at.0.len() > 1;
        // One change takes the place for one in the name.
        let base = &bases[number % bases.len()].0;
        if in_spec && object["metadata"] == base["metadata"] {
            all.push((object, change.to_string()));
        }
        if all.len() >= bases.len() + count() {
            break;
        }
    }
    all.extend(invalid.into_iter().take(count() / 4).map(|(object, _)| (object, "made invalid".to_owned())));
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

/// What one definition of an API is held to.
struct Server<'a> {
    /// What its group begins with, so that two definitions of a kind are there at once.
    prefix: &'a str,
    definitions: &'a dyn Fn(&Files) -> (Vec<Json>, Vec<Composite>),
    intended: &'a [fn(&Judged) -> bool],
}

/// Holds the API server with a definition to our own check.
fn hold(server: &Server<'_>) {
    let client = ControlPlane::shared().unwrap().client();
    let mut differences = Vec::new();
    let mut total = 0;
    for (name, files) in projects() {
        let (definitions, composites) = (server.definitions)(&files);
        let definitions: Vec<Json> = definitions.into_iter().map(|d| in_group(server.prefix, d)).collect();
        for (definition, verdict) in definitions.iter().zip(client.definitions(&definitions).unwrap()) {
            let refused =
                verdict.refusal().map(|r| format!("{name}: {} is refused: {r}", definition["metadata"]["name"]));
            differences.extend(refused);
        }
        for composite in &composites {
            let judged = judged(&files, composite);
            let asked = |j: &Judged| {
                let mut object = j.object.clone();
                object["apiVersion"] = json!(format!("{}{}", server.prefix, composite.api()));
                object
            };
            let objects: Vec<Json> = judged.iter().map(asked).collect();
            let verdicts = client.dry_runs(&objects, 4);
            let (mut agreed, mut accepted, mut filled, mut intended) = (0, 0, 0, 0);
            for (judged, verdict) in judged.iter().zip(verdicts) {
                let verdict = verdict.unwrap();
                let complaint = match (&judged.ours, &verdict) {
                    (Ok(params), Verdict::Accepted { object, .. }) => {
                        accepted += 1;
                        let mut spec = object.get("spec").cloned().unwrap_or_else(|| json!({}));
                        // Crossplane's own fields have defaults, too.
                        spec.as_object_mut().map(|spec| spec.remove("crossplane"));
                        let same = same(params, &spec);
                        filled += usize::from(same);
                        (!same).then(|| format!("filled in otherwise: {params}\n      {}", object["spec"]))
                    }
                    (Err(_), Verdict::Refused(_)) => None,
                    (Err(said), Verdict::Accepted { .. }) => Some(format!("only we refuse: {said}")),
                    (Ok(_), Verdict::Refused(refusal)) => Some(format!("only the server refuses: {refusal}")),
                };
                match complaint {
                    None => agreed += 1,
                    Some(_) if server.intended.iter().any(|is| is(judged)) => intended += 1,
                    Some(said) => differences
                        .push(format!("{}: {} ({}): {}", composite.kind, said, judged.change, judged.object["spec"])),
                }
            }
            total += judged.len();
            println!(
                "{}{:24} {:4} instances: {agreed:4} judged alike ({:.1} %), {intended} differ as intended, \
                 {accepted} accepted by both, {filled} of them filled in alike",
                server.prefix,
                composite.kind,
                judged.len(),
                agreed as f64 * 100.0 / judged.len() as f64,
            );
        }
    }
    println!("{total} instances in all, {} differences", differences.len());
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

/// A definition for a group of its own.
fn in_group(prefix: &str, mut definition: Json) -> Json {
    let group = format!("{prefix}{}", definition["spec"]["group"].as_str().unwrap());
    let plural = definition["spec"]["names"]["plural"].as_str().unwrap();
    definition["metadata"]["name"] = json!(format!("{plural}.{group}"));
    definition["spec"]["group"] = json!(group);
    definition
}

#[test]
#[ignore = "needs a control plane: run ./test"]
fn the_api_server_with_our_definition_accepts_what_we_accept() {
    let definitions = |files: &Files| {
        let (lowered, composites) = lowered(files, controller::lower);
        (documents(&lowered, "CustomResourceDefinition"), composites)
    };
    hold(&Server { prefix: "", definitions: &definitions, intended: INTENDED });
}

/// The definitions that Crossplane makes of ours, by its own code.
fn made_by_crossplane(definitions: &[Json]) -> Vec<Json> {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let program =
        std::env::var_os("TESSERA_CROSSPLANE_CRD").expect("TESSERA_CROSSPLANE_CRD names a program; ./test sets it");
    let mut process =
        Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
    let texts: Vec<String> = definitions.iter().map(Json::to_string).collect();
    process.stdin.take().unwrap().write_all(texts.join("\n").as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success());
    let made = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Json>();
    made.map(|made| {
        let mut made = made.unwrap();
        // The definition that owns it is not there, and no status is sent.
        made["metadata"].as_object_mut().unwrap().remove("ownerReferences");
        made.as_object_mut().unwrap().remove("status");
        made["apiVersion"] = json!("apiextensions.k8s.io/v1");
        made["kind"] = json!("CustomResourceDefinition");
        made
    })
    .collect()
}

#[test]
#[ignore = "needs a control plane and Crossplane: run ./test"]
fn the_api_server_with_crossplanes_definition_accepts_what_we_accept() {
    let definitions = |files: &Files| {
        let (lowered, composites) =
            lowered(files, |lowering| crossplane::lower(lowering, crossplane::Options::default()));
        (made_by_crossplane(&documents(&lowered, "CompositeResourceDefinition")), composites)
    };
    let beyond: fn(&Judged) -> bool = |judged| beyond_doubles(&judged.object["spec"]);
    let intended: Vec<fn(&Judged) -> bool> = INTENDED.iter().copied().chain([beyond]).collect();
    hold(&Server { prefix: "crossplane.", definitions: &definitions, intended: &intended });
}

/// Whether there is a whole number that functions cannot be sent.
fn beyond_doubles(value: &Json) -> bool {
    match value {
        Json::Number(number) => {
            number.as_i64().is_some_and(|n| n.unsigned_abs() >= 1 << 53) || number.as_u64() > Some(1 << 53)
        }
        Json::Array(items) => items.iter().any(beyond_doubles),
        Json::Object(fields) => fields.values().any(beyond_doubles),
        _ => false,
    }
}
