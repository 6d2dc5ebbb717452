//! What is refused, by which code.

use std::collections::BTreeMap;

use prost::Message as _;
use serde_json::{Value as Json, json};
use tessera_compiler::value::from_json;
use tessera_runtime::function::message::{Request, State};
use tessera_runtime::function::structure;

use super::client::*;

#[test]
fn what_is_wrong_with_an_instance_has_the_code_that_a_file_gets() {
    let (compiled, instance) = one(QUEUE);
    let input = input(&compiled, "Queue");
    let refused = |spec: Json| {
        let mut object = instance.object.clone();
        object["spec"] = spec;
        refusal(&ask(&request(&input, &object, &BTreeMap::new())))
    };
    assert_eq!(refused(json!({ "size": "three" })).0, "E0301");
    assert!(refused(json!({ "size": "three" })).1.starts_with("E0301: `spec.size`: "));
    assert_eq!(refused(json!({})).0, "E0303");
    assert_eq!(refused(json!({ "size": 3, "sise": 3 })).0, "E0302");
    assert!(refused(json!({ "size": 0 })).1.contains("at least one"));
    assert!(refused(json!({ "size": 3, "mode": "medium" })).1.contains("`spec.mode`"));
    assert_eq!(refused(json!([1])).0, "E0725");
    assert_eq!(refused(json!({ "size": 1.5 })).0, "E0301");
    let mut object = instance.object.clone();
    object["spec"]["crossplane"] = json!({ "compositionRef": { "name": "a" } });
    assert!(
        ask(&request(&input, &object, &BTreeMap::new())).results.is_empty(),
        "Crossplane's own fields are no mistake"
    );
}

#[test]
fn requests_without_sense_are_refused_by_a_code() {
    let (compiled, instance) = one(QUEUE);
    let input = input(&compiled, "Queue");
    let none = BTreeMap::new();
    let good = request(&input, &instance.object, &none);
    let refused = |change: &dyn Fn(&mut Request)| {
        let mut request = good.clone();
        change(&mut request);
        let (code, message) = refusal(&ask(&request));
        assert_eq!(code, "E0725", "{message}");
        message
    };
    let with = |change: &dyn Fn(&mut Json)| {
        let mut changed = input.clone();
        change(&mut changed);
        refused(&|request| request.input = Some(structure::write(&from_json(&changed)).unwrap()))
    };
    assert!(refused(&|request| *request = Request::default()).contains("has no input"));
    assert!(refused(&|request| request.input = None).contains("has no input"));
    assert!(refused(&|request| request.input = Some(vec![0xff; 9].into())).contains("the input cannot be read"));
    assert!(refused(&|request| request.observed = None).contains("holds no composite resource"));
    assert!(with(&|input| input["kind"] = json!("Resources")).contains("this function takes `Composite`"));
    assert!(with(&|input| input["ir"] = json!(7)).contains("must be text"));
    assert!(with(&|input| input["ir"] = json!("AAAA")).contains("cannot be decompressed"));
    assert!(with(&|input| input["ir"] = json!("{\"irVersion\":9}")).contains("it has version 9"));
    assert!(
        with(&|input| {
            input.as_object_mut().unwrap().remove("ir");
        })
        .contains("has no `ir`")
    );
    let mut other = instance.object.clone();
    other["kind"] = json!("Stack");
    assert!(
        refused(&|r| r.observed = Some(State { composite: Some(resource(&other)), ..State::default() }))
            .contains("no composite Stack of test.acme/v1, but Queue of test.acme/v1")
    );
    // Cut anywhere, a request is refused or is another request; it is never the end of the process.
    let octets = good.encode_to_vec();
    for end in (0..octets.len()).step_by(7) {
        if let Ok(cut) = Request::decode(&octets[..end]) {
            let _ = ask(&cut);
        }
    }
}

#[test]
fn a_representation_as_deep_as_may_be_is_answered() {
    let (compiled, instance) = one(QUEUE);
    let mut document = serde_json::to_value(compiled.compilation.document(|_| true)).unwrap();
    document["composites"][0]["params"][1]["schema"] = json!("DEEP");
    document["composites"][0]["params"][1]["default"] = Json::Null;
    let schema = format!("{}\"string\"{}", "{\"list\":".repeat(4_900), "}".repeat(4_900));
    let mut input = input(&compiled, "Queue");
    input["ir"] = json!(document.to_string().replace("\"DEEP\"", &schema));
    let mut object = instance.object.clone();
    object["spec"]["mode"] = json!([[["x"]]]);
    let asked = request(&input, &object, &BTreeMap::new());
    // The stack of the server's threads.
    let thread = std::thread::Builder::new().stack_size(8 * 1024 * 1024).spawn(move || refusal(&ask(&asked)));
    let (code, message) = thread.unwrap().join().unwrap();
    assert_eq!(code, "E0301", "{message}");
    assert!(message.len() < 10_000, "a message of {} bytes", message.len());
}

#[test]
fn a_composite_of_fifty_megabytes_is_answered() {
    let (compiled, instance) = one(QUEUE);
    let input = input(&compiled, "Queue");
    let mut object = instance.object.clone();
    object["spec"]["mode"] = json!("x".repeat(50 * 1024 * 1024));
    let (code, message) = refusal(&ask(&request(&input, &object, &BTreeMap::new())));
    assert!(message.len() < 10_000, "{code}: a message of {} bytes", message.len());
    object["spec"]["mode"] = json!(vec![1; 5 * 1024 * 1024]);
    let (code, _) = refusal(&ask(&request(&input, &object, &BTreeMap::new())));
    assert_eq!(code, "E0505");
}
