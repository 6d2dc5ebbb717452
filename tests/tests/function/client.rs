//! A client of the function: requests made, answers read.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tessera_compiler::value::to_json;
use tessera_runtime::function::message::{Request, Resource, Response};
use tessera_runtime::function::{Definitions, run, structure};
use tessera_tests::compile::{Compiled, build};
use tessera_tests::function;
pub(crate) use tessera_tests::function::{ALWAYS, done};
use tessera_tests::instances::{Instance, of_project};

/// The composition's input for a kind, as the target writes it.
pub(crate) fn input(compiled: &Compiled, kind: &str) -> Json {
    function::input(compiled, kind).unwrap()
}

pub(crate) fn resource(object: &Json) -> Resource {
    function::resource(object).unwrap()
}

pub(crate) fn request(input: &Json, object: &Json, observed: &BTreeMap<String, Json>) -> Request {
    function::request(input, object, observed).unwrap()
}

/// An answer with the definitions of its own, at the start of 2026.
pub(crate) fn ask(request: &Request) -> Response {
    run(&Definitions::default(), request, "2026-01-01T00:00:00Z".parse().unwrap())
}

pub(crate) fn json_of(resource: &Resource) -> Json {
    to_json(&structure::read(resource.resource.as_ref().unwrap()).unwrap())
}

/// The objects of an answer by their names in the composition.
pub(crate) fn wanted(response: &Response) -> BTreeMap<String, Json> {
    function::wanted(response).unwrap()
}

/// The usages of an answer.
pub(crate) fn usages(response: &Response) -> Vec<Json> {
    let desired = response.desired.as_ref().unwrap();
    desired
        .resources
        .values()
        .map(json_of)
        .filter(|object| object["kind"].as_str().unwrap().ends_with("Usage"))
        .collect()
}

pub(crate) fn status(response: &Response) -> Json {
    let composite = response.desired.as_ref().unwrap().composite.as_ref().unwrap();
    json_of(composite)["status"].clone()
}

/// The code and text of a fatal answer.
pub(crate) fn refusal(response: &Response) -> (String, String) {
    let [result] = response.results.as_slice() else { panic!("{:?}", response.results) };
    assert_eq!(result.severity, 1, "{result:?}");
    assert_eq!(response.conditions[0].reason, *result.reason.as_ref().unwrap());
    (result.reason.clone().unwrap(), result.message.clone())
}

pub(crate) fn condition<'r>(response: &'r Response, name: &str) -> (i32, &'r str, &'r str) {
    let found = response.conditions.iter().find(|c| c.r#type == name).unwrap();
    (found.status, found.reason.as_str(), found.message.as_deref().unwrap_or_default())
}

pub(crate) fn key(object: &Json) -> (String, String, String) {
    let text = |path: &str| object.pointer(path).and_then(Json::as_str).unwrap_or_default().to_owned();
    (text("/kind"), text("/metadata/namespace"), text("/metadata/name"))
}

pub(crate) fn one(text: &str) -> (Compiled, Instance) {
    let compiled = build(&[("main.tess".to_owned(), text.to_owned())]);
    let errors: Vec<_> = compiled.diagnostics.iter().filter(|d| d.is_error() && d.code.id != "E0604").collect();
    assert!(errors.is_empty(), "{errors:?}");
    let instance = of_project(&compiled).remove(0);
    (compiled, instance)
}

/// Three objects, each after the one before.
pub(crate) const QUEUE: &str = r#"
composite Queue: test.acme/v1 {
  param size: Int where it >= 1 else "at least one"
  param mode: "fast" | "slow" = "slow"
  resource settings: v1/ConfigMap { data: { mode, size: string(size) } }
  resource work: batch/v1/Job after settings {
    spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "b:1" }] } } }
  }
  resource last: v1/ConfigMap after work { data: { of: "work" } }
  output mode: String = mode
}
Queue one in space { size: 3 }
"#;
