//! The API server with the definition that we write, and our own check of the
//! same instances: both accept the same, and fill in the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::fs;

use serde_json::Value as Json;
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::ir::Composite;
use tessera_compiler::target::{self, Lowered, controller};
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
            total += judged.len();
            differences.extend(compared(client, &composite.kind, &judged, INTENDED));
        }
    }
    println!("{total} instances in all, {} differences", differences.len());
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}
