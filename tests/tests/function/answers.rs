//! What is answered: objects, waiting, leases, what is only read.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value as Json, json};
use tessera_runtime::function::message::{Ready, State};
use tessera_tests::compile::build;
use tessera_tests::corpus::{self, examples};
use tessera_tests::instances::of_project;

use super::client::*;

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
    instance.object["status"] = json!({ "lease": { "startedAt": "2025-12-31T22:58:00Z" } });
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
fn what_is_needed_is_deleted_after_what_needs_it() {
    let (compiled, instance) = one(QUEUE);
    let input = input(&compiled, "Queue");
    let mut observed = BTreeMap::new();
    assert!(usages(&ask(&request(&input, &instance.object, &observed))).is_empty(), "nothing is there");
    for _ in 0..3 {
        observed.extend(wanted(&ask(&request(&input, &instance.object, &observed))));
        observed.values_mut().for_each(done);
    }
    let answer = ask(&request(&input, &instance.object, &observed));
    let found = usages(&answer);
    let pairs: Vec<(&str, &str)> = found
        .iter()
        .map(|usage| {
            let name = |of: &str| usage["spec"][of]["resourceRef"]["name"].as_str().unwrap();
            (name("by"), name("of"))
        })
        .collect();
    assert_eq!(pairs, [("one-last", "one-work"), ("one-work", "one-settings")]);
    assert_eq!(found[1]["kind"], "Usage");
    assert_eq!(found[1]["metadata"]["namespace"], "space");
    assert_eq!(found[1]["spec"]["of"]["kind"], "ConfigMap");
    assert_eq!(found[1]["spec"]["replayDeletion"], true);
    assert_ne!(found[0]["metadata"]["name"], found[1]["metadata"]["name"]);
}

#[test]
#[ignore = "needs a control plane and Crossplane: run ./test"]
fn an_api_server_with_crossplanes_definitions_takes_the_usages() {
    let client = tessera_tests::cluster::ControlPlane::shared().unwrap().client();
    let folder = std::path::PathBuf::from(std::env::var_os("TESSERA_CROSSPLANE_CRDS").expect("./test sets it"));
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let files = ["protection.crossplane.io_usages.yaml", "protection.crossplane.io_clusterusages.yaml"];
    let definitions: Vec<Json> =
        files.iter().flat_map(|file| tessera_tests::compile::documents(&read(file)).unwrap()).collect();
    for verdict in client.definitions(&definitions).unwrap() {
        assert_eq!(verdict.refusal(), None);
    }
    let mut objects = Vec::new();
    for text in [QUEUE.replace(" in space", " in default"), CLUSTER.to_owned()] {
        let (compiled, instance) = one(&text);
        let input = input(&compiled, &instance.kind);
        let mut observed = BTreeMap::new();
        for _ in 0..3 {
            observed.extend(wanted(&ask(&request(&input, &instance.object, &observed))));
            observed.values_mut().for_each(done);
        }
        objects.extend(usages(&ask(&request(&input, &instance.object, &observed))));
    }
    let kinds: Vec<&str> = objects.iter().map(|object| object["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["Usage", "Usage", "ClusterUsage"]);
    for verdict in client.dry_runs(&objects, 1) {
        assert_eq!(verdict.unwrap().refusal(), None);
    }
}

const CLUSTER: &str = r#"
composite Area: test.acme/v1 {
  scope cluster
  resource space: v1/Namespace {}
  resource high: scheduling.k8s.io/v1/PriorityClass after space { value: 5 }
}
Area one {}
"#;

#[test]
fn a_lease_warns_once_for_each_time_and_is_renewed() {
    let (compiled, mut instance) = one(r#"
composite Trial: test.acme/v1 {
  param time: Duration
  lease time { warn: [30m, 10m], from: "created" }
  resource settings: v1/ConfigMap { data: { a: "b" } }
}
Trial one in space { time: 1h }
"#);
    let input = input(&compiled, "Trial");
    instance.object["metadata"]["creationTimestamp"] = json!("2025-12-31T23:25:00Z");
    let none = BTreeMap::new();
    let answer = ask(&request(&input, &instance.object, &none));
    let [warning] = answer.results.as_slice() else { panic!("{:?}", answer.results) };
    assert_eq!((warning.severity, warning.reason.as_deref()), (2, Some("W0726")));
    assert_eq!(condition(&answer, "Expiring").1, "LeaseEndsSoon");
    assert_eq!(status(&answer)["lease"]["warned"], json!(["30m"]));
    assert_eq!(answer.meta.as_ref().unwrap().ttl.unwrap().seconds, 15 * 60, "until the next warning");
    instance.object["status"] = json!({ "lease": status(&answer)["lease"] });
    assert!(ask(&request(&input, &instance.object, &none)).results.is_empty(), "it is told once");
    instance.object["spec"]["lease"] = json!({ "renewedAt": "2025-12-31T23:55:00Z" });
    let answer = ask(&request(&input, &instance.object, &none));
    assert!(answer.results.is_empty());
    assert_eq!(status(&answer)["lease"]["expiresAt"], "2026-01-01T00:55:00Z");
    assert_eq!(condition(&answer, "Expiring").0, 3);
    instance.object["spec"]["lease"] = json!({ "renewedAt": "2026-01-02T00:00:00Z" });
    let answer = ask(&request(&input, &instance.object, &none));
    assert_eq!(answer.results[0].reason.as_deref(), Some("W0727"));
}

#[test]
fn a_lease_is_no_longer_than_its_type_allows_and_one_that_ran_out_unseen_gets_some_minutes() {
    let (compiled, mut instance) = one(r#"
composite Trial: test.acme/v1 {
  param time: Duration where it >= 15m && it <= 90m
  lease time
  resource settings: v1/ConfigMap { data: { a: "b" } }
}
Trial one in space { time: 1h }
"#);
    let input = input(&compiled, "Trial");
    let none = BTreeMap::new();
    let mut answered = |spec: Json, lease: Json| {
        instance.object["spec"]["lease"] = spec;
        instance.object["status"] = json!({ "lease": lease });
        ask(&request(&input, &instance.object, &none))
    };
    let lease = json!({ "startedAt": "2025-12-31T23:10:00Z", "expiresAt": "2026-01-01T00:10:00Z", "phase": "Active" });
    let answer = answered(json!({ "renewedAt": "2025-12-31T23:55:00Z" }), lease);
    assert_eq!(status(&answer)["lease"]["expiresAt"], "2026-01-01T00:40:00Z", "90 minutes after its start");
    assert_eq!(answer.results[0].reason.as_deref(), Some("W0727"));
    assert!(answer.results[0].message.contains("longer than its type allows"), "{:?}", answer.results);
    // The function was down for hours.
    let lease = json!({ "startedAt": "2025-12-31T20:00:00Z", "expiresAt": "2025-12-31T21:00:00Z", "phase": "Active" });
    let answer = answered(Json::Null, lease);
    let overdue =
        json!({ "startedAt": "2025-12-31T20:00:00Z", "expiresAt": "2026-01-01T00:05:00Z", "phase": "Overdue" });
    assert_eq!(status(&answer), json!({ "lease": overdue }));
    assert_eq!(wanted(&answer).len(), 1, "the objects are still wanted");
    assert_eq!(answer.results[0].reason.as_deref(), Some("W0726"));
    assert!(condition(&answer, "Expiring").2.contains("ran out at 2025-12-31T21:00:00Z"));
    assert_eq!((condition(&answer, "Expiring").1, condition(&answer, "Expired").0), ("LeaseOverdue", 3));
    assert_eq!(answer.meta.as_ref().unwrap().ttl.unwrap().seconds, 300);
    let answer = answered(Json::Null, overdue);
    assert!(answer.results.is_empty(), "it is told once");
    let over = json!({ "startedAt": "2025-12-31T20:00:00Z", "expiresAt": "2026-01-01T00:00:00Z", "phase": "Overdue" });
    let answer = answered(Json::Null, over);
    assert_eq!((wanted(&answer).len(), condition(&answer, "Expired").0), (0, 2));
}
