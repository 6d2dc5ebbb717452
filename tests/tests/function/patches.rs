//! Patch-and-transform beside the function: whatever the composition is made of, an
//! instance comes to the objects of `tessera build`, and to the readiness and status
//! that the function alone gives it.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value as Json, json};
use tessera_compiler::ir::Composite;
use tessera_compiler::target::crossplane::{Function, Options, Release};
use tessera_compiler::target::{self, crossplane};
use tessera_runtime::function::message::{Ready, State};
use tessera_runtime::function::{Definitions, run};
use tessera_tests::compile::{self, Compiled, build};
use tessera_tests::corpus::{example, examples, root};
use tessera_tests::instances;
use tessera_tests::patch_and_transform as patches;

use super::client::*;

const AUTO: Options = Options { function: Function::Auto, release: Release::V2 };
const NEVER: Options = Options { function: Function::Never, release: Release::V2 };
const OLDER: Options = Options { function: Function::Never, release: Release::V1 };

type Files = Vec<(String, String)>;

fn shelf() -> Files {
    let path = "targets/patches.tess";
    vec![("patches.tess".to_owned(), fs::read_to_string(root().join("tests").join(path)).unwrap())]
}

fn projects() -> Vec<Files> {
    examples().unwrap().iter().map(|name| example(name).unwrap()).chain([shelf()]).collect()
}

/// What the target makes for a kind: definition and composition.
fn package(compiled: &Compiled, kind: &str, options: Options) -> (Json, Json) {
    let lowered = target::lower(&compiled.compilation, |lowering| crossplane::lower_with(lowering, options));
    let errors: Vec<_> = lowered.diagnostics.iter().filter(|d| d.is_error()).map(|d| &d.message).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let documents = lowered.files.iter().flat_map(|file| compile::documents(&file.text).unwrap());
    let documents: Vec<Json> = documents.collect();
    let kind_of = |composition: &Json| composition["spec"]["compositeTypeRef"]["kind"].as_str().map(str::to_owned);
    let older = format!("X{kind}");
    let at = documents.iter().position(|d| kind_of(d).is_some_and(|k| k == kind || k == older)).unwrap();
    (documents[at - 1].clone(), documents[at].clone())
}

/// A value with the defaults of its schema, as the API server fills them in.
fn filled(schema: &Json, value: &mut Json) {
    if let (Some(fields), Some(object)) = (schema["properties"].as_object(), value.as_object_mut()) {
        for (name, inner) in fields {
            if !object.contains_key(name) && !inner["default"].is_null() {
                object.insert(name.clone(), inner["default"].clone());
            }
            if let Some(value) = object.get_mut(name) {
                filled(inner, value);
            }
        }
    }
    let items = value.as_array_mut().into_iter().flatten();
    items.for_each(|item| filled(&schema["items"], item));
    if schema["additionalProperties"].is_object() {
        value.as_object_mut().into_iter().flat_map(|map| map.values_mut()).for_each(|value| {
            filled(&schema["additionalProperties"], value);
        });
    }
}

/// What a pipeline comes to: objects and their readiness, and the status.
#[derive(Debug, PartialEq)]
struct Made {
    objects: BTreeMap<String, (Json, bool)>,
    status: Json,
}

/// Runs all steps of a composition once.
fn once(definitions: &Definitions, composition: &Json, object: &Json, observed: &BTreeMap<String, Json>) -> Made {
    if let Some(resources) = composition["spec"]["resources"].as_array() {
        assert_eq!(composition["spec"]["mode"], "Resources");
        let outcome = patches::run_older(resources, object, observed).unwrap();
        return Made { objects: outcome.resources, status: outcome.composite["status"].clone() };
    }
    let mut made = Made { objects: BTreeMap::new(), status: Json::Null };
    for step in composition["spec"]["pipeline"].as_array().unwrap() {
        if step["functionRef"]["name"] == "function-patch-and-transform" {
            let outcome =
                patches::run(&step["input"], object, observed).unwrap_or_else(|why| panic!("{why}: {object}"));
            made = Made { objects: outcome.resources, status: outcome.composite["status"].clone() };
            continue;
        }
        let mut asked = request(&step["input"], object, observed);
        let mut desired = State::default();
        for (name, (object, ready)) in &made.objects {
            let ready = if *ready { Ready::True } else { Ready::Unspecified } as i32;
            desired
                .resources
                .insert(name.clone(), tessera_runtime::function::message::Resource { ready, ..resource(object) });
        }
        asked.desired = Some(desired);
        let answer = run(definitions, &asked, "2026-01-01T00:00:00Z".parse().unwrap());
        assert!(answer.results.iter().all(|result| result.severity != 1), "{:?}: {object}", answer.results);
        let all = answer.desired.as_ref().unwrap();
        let ready = |name: &str| all.resources[name].ready == Ready::True as i32;
        made.objects =
            wanted(&answer).into_iter().map(|(name, object)| (name.clone(), (object, ready(&name)))).collect();
        made.status = status(&answer);
    }
    made
}

/// Statuses that objects may have.
fn statuses() -> Vec<Json> {
    vec![
        json!({}),
        json!({ "succeeded": 1, "conditions": [{ "type": "Complete", "status": "True" }] }),
        json!({ "phase": "Bound", "loadBalancer": { "ingress": [] }, "conditions": [{ "type": "Complete", "status": "False" }] }),
        json!({
            "phase": "Pending", "loadBalancer": { "ingress": [{ "ip": "10.0.0.1" }] },
            "conditions": [{ "type": "Good", "status": "True" }],
        }),
        json!({ "loadBalancer": { "ingress": [{ "ip": "10.0.0.2" }] }, "conditions": [{ "type": "Good", "status": "True" }] }),
    ]
}

/// Whether a composition does with an instance what one of the function alone does.
fn judge(
    definitions: &Definitions,
    (composition, whole): (&Json, &Json),
    object: &Json,
    built: Vec<Json>,
    statuses: &[Json],
) {
    let mut observed = BTreeMap::new();
    let made = loop {
        let made = once(definitions, composition, object, &observed);
        if made.objects.len() <= observed.len() {
            break made;
        }
        observed = made.objects.into_iter().map(|(name, (object, _))| (name, object)).collect();
        observed.values_mut().for_each(done);
    };
    let mut objects: Vec<Json> = made.objects.values().map(|(object, _)| object.clone()).collect();
    let mut built = built;
    objects.sort_by_key(key);
    built.sort_by_key(key);
    assert_eq!(objects, built, "{object}");
    for status in statuses {
        observed.values_mut().for_each(|object| object["status"] = status.clone());
        let ours = once(definitions, composition, object, &observed);
        let alone = once(definitions, whole, object, &observed);
        assert_eq!(ours, alone, "{object} with {status}");
    }
}

/// Random valid instances of a composite, defaults filled in, and what a build of each makes.
fn space(files: &Files, composite: &Composite, definition: &Json) -> Vec<(Json, Vec<Json>)> {
    let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    let sample = instances::sample(files, composite, instances::count(), 23);
    let all = sample.valid.into_iter().map(|mut instance| {
        filled(schema, &mut instance.object);
        (instance.object, instance.objects)
    });
    all.collect()
}

#[test]
fn whoever_makes_them_the_objects_are_those_of_a_build() {
    let definitions = Definitions::default();
    let mut told = Vec::new();
    for files in projects() {
        let compiled = compile::check(&files);
        for composite in compiled.compilation.reduced.iter().flatten().filter(|c| !c.kind.is_empty()) {
            let (definition, composition) = package(&compiled, &composite.kind, AUTO);
            let (_, whole) = package(&compiled, &composite.kind, ALWAYS);
            let instances = space(&files, composite, &definition);
            let templates = composition["spec"]["pipeline"][0]["input"]["resources"].as_array().map_or(0, Vec::len);
            told.push(format!(
                "{}: {} instances, {templates} of {} resources by patch-and-transform",
                composite.kind,
                instances.len(),
                composite.resources().len()
            ));
            for (number, (object, built)) in instances.into_iter().enumerate() {
                // Readiness and status are the same for all that have the same objects.
                let statuses = if number % 10 == 0 { statuses() } else { Vec::new() };
                judge(&definitions, (&composition, &whole), &object, built, &statuses);
            }
        }
    }
    eprintln!("{}", told.join("\n"));
}

#[test]
fn what_fits_needs_no_function() {
    let compiled = build(&shelf());
    let (_, composition) = package(&compiled, "Shelf", NEVER);
    let steps = composition["spec"]["pipeline"].as_array().unwrap();
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0]["input"]["resources"].as_array().unwrap().len(), 5);
    assert_eq!(package(&compiled, "Shelf", AUTO).1, composition);
}

#[test]
fn older_compositions_make_the_same_of_claims() {
    let definitions = Definitions::default();
    let mut files = shelf();
    let kept = |line: &&str| !["output title", "output summary", "output fixed"].iter().any(|o| line.contains(o));
    files[0].1 = files[0].1.lines().filter(kept).map(|line| format!("{line}\n")).collect();
    let compiled = build(&files);
    let composite = compiled.compilation.reduced[0].as_ref().unwrap();
    let (definition, composition) = package(&compiled, "Shelf", OLDER);
    assert_eq!(definition["apiVersion"], "apiextensions.crossplane.io/v1");
    assert_eq!(definition["spec"]["claimNames"], json!({ "kind": "Shelf", "plural": "shelfs" }));
    assert_eq!(definition["metadata"]["name"], "xshelfs.test.acme");
    for (mut object, mut built) in space(&files, composite, &definition) {
        // The composite that Crossplane makes of a claim.
        let (name, namespace) = (object["metadata"]["name"].clone(), object["metadata"]["namespace"].clone());
        object["kind"] = json!("XShelf");
        object["spec"]["claimRef"] = json!({ "name": name, "namespace": namespace });
        object["metadata"] = json!({ "name": format!("{}-x7k2p", name.as_str().unwrap()) });
        let made = once(&definitions, &composition, &object, &BTreeMap::new());
        let mut objects: Vec<Json> = made.objects.into_values().map(|(object, _)| object).collect();
        objects.sort_by_key(key);
        built.sort_by_key(key);
        assert_eq!(objects, built, "{object}");
    }
}

/// The compositions as they are written, the representation aside.
fn shown(files: &Files, options: Options) -> String {
    let compiled = build(files);
    let lowered = target::lower(&compiled.compilation, |lowering| crossplane::lower_with(lowering, options));
    let shown = |text: &str| match text.split_once("ir: \"") {
        Some((before, after)) => format!("{before}ir: …{}", after.split_once('"').unwrap().1),
        None => text.to_owned(),
    };
    let files = lowered.files.iter().map(|file| format!("# {}\n{}", file.path, shown(&file.text)));
    let said = lowered.diagnostics.iter().map(|d| format!("{}: {}\n", d.code.id, d.message));
    said.chain(files).collect()
}

#[test]
fn compositions_are_as_they_were() {
    insta::assert_snapshot!("shelf", shown(&shelf(), NEVER));
}

/// What is refused of these members, and where.
fn refused(members: &str, options: Options) -> Vec<(String, String)> {
    let compiled = build(&[("main.tess".to_owned(), format!("composite Web: test.acme/v1 {{\n{members}\n}}"))]);
    let errors: Vec<_> = compiled.diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let lowered = target::lower(&compiled.compilation, |lowering| crossplane::lower_with(lowering, options));
    let place = |span| compiled.sources().text(span).to_owned();
    let errors = lowered.diagnostics.iter().filter(|d| d.code.id == "E0721");
    errors.map(|d| (place(d.primary.span), d.message.clone())).collect()
}

#[test]
fn what_does_not_fit_is_refused_at_its_place() {
    let map = |data: &str| {
        format!(
            "param n: Int = 1\nparam d: Duration = 1h\nparam s: String = \"a\"\nresource web: v1/ConfigMap {{ data: {{ a: {data} }} }}"
        )
    };
    let one = |members: &str| {
        let found = refused(members, NEVER);
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].clone()
    };
    assert_eq!(one(&map("\"${d}\"")).0, "d");
    assert!(
        one(&map("string(n + 1)")).1.ends_with("a computation with `n`, which may have too many values for a table")
    );
    assert_eq!(one(&map("s.upperAscii()")).0, "s");
    assert_eq!(
        one("lease 1h\nresource a: v1/ConfigMap { data: { a: \"b\" } }").1.split("express ").nth(1),
        Some("a lease")
    );
    assert_eq!(one("param n: Bool = true\nif n { resource a: v1/ConfigMap { data: { a: \"b\" } } }").0, "n");
    assert_eq!(one("resource a: v1/Pod { spec: { containers: [{ name: \"a\", image: \"b:1\" }] } }").0, "a");
    assert!(
        one("resource a: v1/ConfigMap { data: { a: \"b\" } }\nresource b: v1/ConfigMap after a { data: { a: \"b\" } }")
            .1
            .contains("`b` waits for `a`")
    );
    assert_eq!(refused(&map("s"), NEVER), []);
    assert_eq!(refused(&map("s.upperAscii()"), AUTO), []);
    // What is written to the status of the older kind comes from resources alone.
    assert_eq!(refused(&format!("{}\noutput s: String = s", map("s")), OLDER).len(), 1);
}
