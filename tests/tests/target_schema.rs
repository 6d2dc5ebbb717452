//! The API server with the definition that we write, and our own check of the
//! same instances: both accept the same, and fill in the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::fs;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::ir::Composite;
use tessera_compiler::target::{self, Lowered, Lowering, controller, crossplane};
use tessera_tests::cluster::ControlPlane;
use tessera_tests::compile;
use tessera_tests::corpus::{File, example, examples, root};
use tessera_tests::schemas::{Intended, compared, judged};

/// What is meant to differ: the server's own ways with what it is sent.
const INTENDED: &[Intended] = &[
    // It takes null for what is left out, where there is a default.
    |judged, _| judged.change.starts_with("null at"),
    // What is an integer or text is no number with a fraction; we take one for a quantity.
    |judged, _| judged.change.starts_with("another type") && judged.change.ends_with(": 1.5"),
    // It minds a blank in a quantity.
    |judged, _| judged.change.starts_with("text at") && judged.change.contains(": \" "),
    // What a container may ask for is a rule on values of Kubernetes' own types.
    |judged, _| {
        judged.change.contains(" at spec.policy.") && judged.ours.as_ref().is_err_and(|said| said.starts_with("E0307"))
    },
    // What a composite makes of its parameters has rules of its own.
    |judged, _| judged.ours.as_ref().is_err_and(|said| said.contains("is not a valid LabelValue")),
];

fn projects() -> Vec<(String, Vec<File>)> {
    let mut found: Vec<_> =
        examples().unwrap().into_iter().map(|name| (name.clone(), example(&name).unwrap())).collect();
    let types = fs::read_to_string(root().join("tests/targets/types.tess")).unwrap();
    found.push(("types".to_owned(), vec![("types.tess".to_owned(), types)]));
    found
}

fn lowered(files: &[File], lower: fn(Lowering<'_>) -> Lowered) -> (Lowered, Vec<Arc<Composite>>) {
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

/// What writes the definitions of a project's composites, and the composites.
type Definitions = fn(&[File]) -> (Vec<Json>, Vec<Arc<Composite>>);

/// What one definition of an API is held to.
struct Server<'a> {
    /// What its group begins with, so that two definitions of a kind are there at once.
    prefix: &'a str,
    definitions: Definitions,
    intended: &'a [Intended],
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
            let mut judged = judged(&files, composite);
            for judged in &mut judged {
                judged.object["apiVersion"] = json!(format!("{}{}", server.prefix, composite.api()));
            }
            total += judged.len();
            let kind = format!("{}{}", server.prefix, composite.kind);
            differences.extend(compared(client, &kind, &judged, server.intended));
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
    let definitions = |files: &[File]| {
        let (lowered, composites) = lowered(files, controller::lower);
        (documents(&lowered, "CustomResourceDefinition"), composites)
    };
    hold(&Server { prefix: "", definitions, intended: INTENDED });
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
    let definitions = |files: &[File]| {
        let (lowered, composites) = lowered(files, crossplane::lower);
        (made_by_crossplane(&documents(&lowered, "CompositeResourceDefinition")), composites)
    };
    let beyond: Intended = |judged, _| beyond_doubles(&judged.object["spec"]);
    let intended: Vec<Intended> = INTENDED.iter().copied().chain([beyond]).collect();
    hold(&Server { prefix: "crossplane.", definitions, intended: &intended });
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
