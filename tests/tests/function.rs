//! The composition function answers as `tessera build` builds, waits, keeps
//! leases, and refuses whatever it cannot read.
//!
//! Over 500 lines: the cases share one small client, and each is short.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::BTreeMap;

use jiff::Timestamp;
use prost::Message as _;
use serde_json::{Value as Json, json};
use tessera_compiler::target::{self, crossplane};
use tessera_compiler::value::{from_json, to_json};
use tessera_runtime::function::message::{Ready, Request, RequestMeta, Resource, Response, State};
use tessera_runtime::function::{Definitions, run, structure};
use tessera_tests::compile::{self, Compiled, build};
use tessera_tests::corpus::{self, Random, examples};
use tessera_tests::instances::{self, Instance, Verdict, of_project};

/// The composition's input for a kind, as the target writes it.
fn input(compiled: &Compiled, kind: &str) -> Json {
    let lowered = target::lower(&compiled.compilation, crossplane::lower);
    assert!(lowered.diagnostics.iter().all(|d| !d.is_error()), "{:?}", lowered.diagnostics);
    let texts = lowered.files.iter().filter(|file| file.path.ends_with("composition.yaml"));
    let compositions = texts.flat_map(|file| compile::documents(&file.text).unwrap());
    let of_kind = |c: &Json| c["spec"]["compositeTypeRef"]["kind"] == kind;
    compositions.into_iter().find(of_kind).unwrap()["spec"]["pipeline"][0]["input"].clone()
}

fn resource(object: &Json) -> Resource {
    Resource { resource: Some(structure::write(&from_json(object)).unwrap()), ..Resource::default() }
}

fn request(input: &Json, object: &Json, observed: &BTreeMap<String, Json>) -> Request {
    let resources = observed.iter().map(|(name, object)| (name.clone(), resource(object))).collect();
    Request {
        meta: Some(RequestMeta { tag: "tag".to_owned() }),
        observed: Some(State { composite: Some(resource(object)), resources }),
        input: Some(structure::write(&from_json(input)).unwrap()),
        ..Request::default()
    }
}

/// An answer with the definitions of its own, at the start of 2026.
fn ask(request: &Request) -> Response {
    run(&Definitions::default(), request, "2026-01-01T00:00:00Z".parse().unwrap())
}

fn json_of(resource: &Resource) -> Json {
    to_json(&structure::read(resource.resource.as_ref().unwrap()).unwrap())
}

/// The objects of an answer by their names in the composition.
fn wanted(response: &Response) -> BTreeMap<String, Json> {
    let desired = response.desired.as_ref().unwrap();
    desired.resources.iter().map(|(name, resource)| (name.clone(), json_of(resource))).collect()
}

fn status(response: &Response) -> Json {
    let composite = response.desired.as_ref().unwrap().composite.as_ref().unwrap();
    json_of(composite)["status"].clone()
}

/// The code and text of a fatal answer.
fn refusal(response: &Response) -> (String, String) {
    let [result] = response.results.as_slice() else { panic!("{:?}", response.results) };
    assert_eq!(result.severity, 1, "{result:?}");
    assert_eq!(response.conditions[0].reason, *result.reason.as_ref().unwrap());
    (result.reason.clone().unwrap(), result.message.clone())
}

fn condition<'r>(response: &'r Response, name: &str) -> (i32, &'r str, &'r str) {
    let found = response.conditions.iter().find(|c| c.r#type == name).unwrap();
    (found.status, found.reason.as_str(), found.message.as_deref().unwrap_or_default())
}

fn key(object: &Json) -> (String, String, String) {
    let text = |path: &str| object.pointer(path).and_then(Json::as_str).unwrap_or_default().to_owned();
    (text("/kind"), text("/metadata/namespace"), text("/metadata/name"))
}

fn one(text: &str) -> (Compiled, Instance) {
    let compiled = build(&[("main.tess".to_owned(), text.to_owned())]);
    let errors: Vec<_> = compiled.diagnostics.iter().filter(|d| d.is_error() && d.code.id != "E0604").collect();
    assert!(errors.is_empty(), "{errors:?}");
    let instance = of_project(&compiled).remove(0);
    (compiled, instance)
}

#[test]
fn every_example_is_answered_as_it_is_built() {
    let mut answered = 0;
    for example in examples().unwrap() {
        let compiled = build(&corpus::example(&example).unwrap());
        for instance in of_project(&compiled) {
            let input = input(&compiled, &instance.kind);
            let mut observed = BTreeMap::new();
            let mut rounds = 0;
            // What is there does not wait: each round adds at least a wave.
            let last = loop {
                let response = ask(&request(&input, &instance.object, &observed));
                assert!(response.results.is_empty(), "{}: {:?}", instance.name, response.results);
                let mut now = wanted(&response);
                now.values_mut().for_each(done);
                if now.len() == observed.len() {
                    break wanted(&response);
                }
                observed = now;
                rounds += 1;
                assert!(rounds < 20);
            };
            let mut made: Vec<Json> = last.into_values().collect();
            let mut built = instance.objects.clone();
            made.sort_by_key(key);
            built.sort_by_key(key);
            assert_eq!(made, built, "{} of {example}", instance.name);
            answered += 1;
        }
    }
    assert!(answered >= 8, "only {answered} instances");
}

/// Gives an object the status that waiting ones look for.
fn done(object: &mut Json) {
    object["status"] = json!({ "succeeded": 1, "conditions": [{ "type": "Complete", "status": "True" }] });
}

const QUEUE: &str = r#"
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

#[test]
fn objects_wait_until_those_before_them_are_ready() {
    let (compiled, instance) = one(QUEUE);
    let input = input(&compiled, "Queue");
    let mut observed = BTreeMap::new();
    let answer = ask(&request(&input, &instance.object, &observed));
    assert_eq!(wanted(&answer).keys().collect::<Vec<_>>(), ["settings"]);
    assert_eq!(condition(&answer, "Waiting").1, "WaitingForResources");
    assert_eq!(condition(&answer, "Waiting").2, "work waits for settings; last waits for work");
    let composite = answer.desired.as_ref().unwrap().composite.clone().unwrap();
    assert_eq!((composite.ready, status(&answer)), (Ready::False as i32, json!({ "mode": "slow" })));
    assert_eq!(answer.meta.as_ref().map(|meta| (meta.tag.as_str(), meta.ttl.unwrap().seconds)), Some(("tag", 60)));
    // Settings are there, so the work is made; it is not complete, so the last one is not.
    observed.extend(wanted(&answer));
    let answer = ask(&request(&input, &instance.object, &observed));
    assert_eq!(wanted(&answer).keys().collect::<Vec<_>>(), ["settings", "work"]);
    observed.extend(wanted(&answer));
    done(observed.get_mut("work").unwrap());
    let answer = ask(&request(&input, &instance.object, &observed));
    assert_eq!(wanted(&answer).len(), 3);
    observed.extend(wanted(&answer));
    done(observed.get_mut("work").unwrap());
    let answer = ask(&request(&input, &instance.object, &observed));
    assert_eq!(answer.desired.as_ref().unwrap().composite.as_ref().unwrap().ready, Ready::Unspecified as i32);
    assert!(answer.desired.as_ref().unwrap().resources.values().all(|r| r.ready == Ready::True as i32));
    // What is there stays, even where what it waited for is not ready any longer.
    observed.get_mut("work").unwrap().as_object_mut().unwrap().remove("status");
    assert_eq!(wanted(&ask(&request(&input, &instance.object, &observed))).len(), 3);
}

#[test]
fn what_waits_for_a_value_is_kept_while_the_value_is_gone() {
    let (compiled, instance) = one(r#"
composite Web: test.acme/v1 {
  resource service: v1/Service { spec: { type: "LoadBalancer", ports: [{ port: 80 }] } }
  resource note: v1/ConfigMap { data: { address: service.status.loadBalancer.ingress[0].ip } }
  output address: String = service.status.loadBalancer.ingress[0].ip
}
Web one in space {}
"#);
    let input = input(&compiled, "Web");
    let none = BTreeMap::new();
    let first = ask(&request(&input, &instance.object, &none));
    assert_eq!(wanted(&first).keys().collect::<Vec<_>>(), ["service"]);
    let mut observed = wanted(&first);
    observed.get_mut("service").unwrap()["status"] = json!({ "loadBalancer": { "ingress": [{ "ip": "10.0.0.1" }] } });
    let second = ask(&request(&input, &instance.object, &observed));
    assert_eq!(wanted(&second)["note"]["data"], json!({ "address": "10.0.0.1" }));
    assert_eq!(status(&second), json!({ "address": "10.0.0.1" }));
    observed.extend(wanted(&second));
    observed.get_mut("note").unwrap()["metadata"]["uid"] = json!("1");
    let third = ask(&request(&input, &instance.object, &observed));
    assert_eq!(wanted(&third)["note"], wanted(&second)["note"]);
    assert_eq!(third.desired.unwrap().resources["note"].ready, Ready::False as i32);
}

#[test]
fn a_lease_ends_with_no_objects_and_says_so() {
    let (compiled, mut instance) = one(r#"
composite Trial: test.acme/v1 {
  param time: Duration
  lease time
  resource settings: v1/ConfigMap { data: { a: "b" } }
}
Trial one in space { time: 1h }
"#);
    let input = input(&compiled, "Trial");
    instance.object["metadata"]["creationTimestamp"] = json!("2025-12-31T20:00:00Z");
    let none = BTreeMap::new();
    let answer = ask(&request(&input, &instance.object, &none));
    assert_eq!(status(&answer), json!({ "lease": { "phase": "Pending" } }));
    let observed = wanted(&answer);
    let answer = ask(&request(&input, &instance.object, &observed));
    let lease = json!({ "startedAt": "2026-01-01T00:00:00Z", "expiresAt": "2026-01-01T01:00:00Z", "phase": "Active" });
    assert_eq!(status(&answer), json!({ "lease": lease }));
    assert_eq!(answer.meta.unwrap().ttl.unwrap().seconds, 3600);
    instance.object["status"] = json!({ "lease": { "startedAt": "2025-12-31T22:00:00Z" } });
    let mut asked = request(&input, &instance.object, &observed);
    asked.desired = Some(State {
        resources: BTreeMap::from([("other".to_owned(), resource(&json!({ "a": 1 })))]),
        ..State::default()
    });
    let answer = ask(&asked);
    assert_eq!(wanted(&answer).keys().collect::<Vec<_>>(), ["other"], "what other steps want stays");
    assert_eq!(condition(&answer, "Expired").0, 2);
    assert_eq!(status(&answer)["lease"]["phase"], "Expired");
}

#[test]
fn objects_that_are_only_read_are_asked_for() {
    let (compiled, instance) = one(r#"
composite Reader: test.acme/v1 {
  external shared: v1/ConfigMap { metadata: { name: "shared" } }
  resource copy: v1/ConfigMap { data: { a: shared.data["a"] } }
}
Reader one in space {}
"#);
    let input = input(&compiled, "Reader");
    let none = BTreeMap::new();
    let mut asked = request(&input, &instance.object, &none);
    let answer = ask(&asked);
    assert!(wanted(&answer).is_empty());
    let selector = &answer.requirements.unwrap().resources["shared"];
    assert_eq!((selector.kind.as_str(), selector.match_name.as_deref()), ("ConfigMap", Some("shared")));
    let shared = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "shared", "namespace": "space" }, "data": { "a": "x" },
    });
    asked.required_resources.entry("shared".to_owned()).or_default().items.push(resource(&shared));
    assert_eq!(wanted(&ask(&asked))["copy"]["data"], json!({ "a": "x" }));
}

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

/// The codes that the target reports for a composite with these members.
fn reported(members: &str) -> Vec<(&'static str, String)> {
    let text = format!("composite Web: test.acme/v1 {{\n{members}\n}}");
    let compiled = build(&[("main.tess".to_owned(), text)]);
    assert!(compiled.diagnostics.iter().all(|d| !d.is_error()), "{:?}", compiled.diagnostics);
    let lowered = target::lower(&compiled.compilation, crossplane::lower);
    let place = |span| compiled.sources().text(span).to_owned();
    lowered.diagnostics.iter().map(|d| (d.code.id, place(d.primary.span))).collect()
}

#[test]
fn what_crossplane_cannot_do_is_refused_at_its_place() {
    let map = |modifiers: &str, namespace: &str| {
        format!("resource web: v1/ConfigMap {modifiers} {{\n metadata: {{ {namespace} }}\n data: {{ a: \"b\" }}\n }}")
    };
    assert_eq!(reported(&map("", "namespace: self.namespace")), []);
    assert_eq!(reported(&map("", "namespace: \"other\"")), [("E0720", "\"other\"".to_owned())]);
    assert_eq!(reported(&format!("scope cluster\n{}", map("", "namespace: \"other\""))), []);
    assert_eq!(reported(&map("retain", "")), [("E0720", "web".to_owned())]);
    assert_eq!(reported(&map("protect", "")), [("E0720", "web".to_owned())]);
    assert_eq!(reported(&map("replace", "")), [("W0720", "web".to_owned())]);
    assert_eq!(reported("param crossplane: Int = 1\noutput conditions: Int = crossplane").len(), 2);
    assert_eq!(reported("lease 1h\noutput lease: Int = 1"), [("E0720", "lease".to_owned())]);
    let notified = reported("notify slack(\"#here\") on ready");
    assert_eq!(notified.len(), 1);
    assert_eq!(notified[0].0, "W0720");
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
            let changed: Vec<Json> =
                objects.clone().filter_map(|object| Some(instances::change(object, &mut random)?.0)).collect();
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
