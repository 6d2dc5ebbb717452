//! What Tessera builds, a real API server accepts; and what starts that server
//! leaves nothing behind. `./test` builds the pinned programs and gives their
//! paths in the environment.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tessera_compiler::diagnostic::Severity;
use tessera_compiler::value::to_json;
use tessera_tests::cluster::client::in_parallel;
use tessera_tests::cluster::verdict::Verdict;
use tessera_tests::cluster::{ControlPlane, Options};
use tessera_tests::compile;
use tessera_tests::corpus::{files, project, root};
use tessera_tests::docs;

/// On a busy machine a process takes its time to be gone.
const SOON: Duration = Duration::from_secs(20);

fn text<'a>(object: &'a Json, path: &str) -> &'a str {
    object.pointer(path).and_then(Json::as_str).unwrap_or_default()
}

/// What a project builds, each object with the project's name. One that does
/// not compile, as some in the documentation, builds nothing.
fn built(name: &str, files: &[(String, String)]) -> Vec<(String, Json)> {
    let compiled = compile::build(files);
    if compiled.diagnostics.iter().any(|d| d.severity == Severity::Error) {
        return Vec::new();
    }
    let objects = compiled.compilation.built.iter().flat_map(|b| &b.result.objects);
    objects.map(|o| (name.to_owned(), to_json(&o.value))).collect()
}

/// What the API server has against objects: refusals, and warnings as of a
/// deprecated version or a name that becomes no host name. The namespaces and
/// accounts that they name and the definitions among them are made first.
fn objections(objects: Vec<(String, Json)>) -> Vec<String> {
    let client = ControlPlane::shared().unwrap().client();
    let mut found = Vec::new();
    let mut judge = |objects: &[(String, Json)]| {
        let verdicts = in_parallel(objects, 4, |(_, object)| client.dry_run(object).unwrap());
        for ((name, object), verdict) in objects.iter().zip(verdicts) {
            let said = match verdict {
                // That is found out last: what another test made has the same name.
                Verdict::Refused(refusal) if refusal.reason == "AlreadyExists" => Vec::new(),
                Verdict::Refused(refusal) => vec![refusal.to_string()],
                Verdict::Accepted { warnings, .. } => warnings,
            };
            let title = format!("{name}: {} {}", text(object, "/kind"), text(object, "/metadata/name"));
            found.extend(said.iter().map(|said| format!("{title}: {said}")));
        }
    };
    let (first, rest): (Vec<_>, Vec<_>) = objects
        .into_iter()
        .partition(|(_, object)| ["Namespace", "CustomResourceDefinition"].contains(&text(object, "/kind")));
    judge(&first);
    let (namespaces, definitions): (Vec<Json>, Vec<Json>) =
        first.into_iter().map(|(_, object)| object).partition(|object| text(object, "/kind") == "Namespace");
    for namespace in &namespaces {
        client.create(namespace).unwrap();
    }
    client.definitions(&definitions).unwrap();
    let named = rest.iter().map(|(_, object)| text(object, "/metadata/namespace")).filter(|n| !n.is_empty());
    let names: BTreeSet<&str> = named.chain(namespaces.iter().map(|n| text(n, "/metadata/name"))).collect();
    client.namespaces(&Vec::from_iter(names)).unwrap();
    // Whether a Pod's account exists is no matter of what is written.
    let pods = rest.iter().filter(|(_, object)| text(object, "/kind") == "Pod").map(|(_, object)| object);
    for pod in pods.filter(|pod| pod.pointer("/spec/serviceAccountName").is_some()) {
        let name = text(pod, "/spec/serviceAccountName");
        let metadata = json!({ "name": name, "namespace": text(pod, "/metadata/namespace") });
        client.create(&json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata })).unwrap();
    }
    judge(&rest);
    found
}

#[test]
#[ignore = "needs a control plane: run ./test"]
fn the_api_server_accepts_what_every_example_builds() {
    let mut objects = Vec::new();
    for example in fs::read_dir(root().join("examples")).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()) {
        let name = example.file_name().unwrap().to_string_lossy().into_owned();
        let files = project(&example).unwrap();
        let of_example = built(&name, &files);
        assert!(!of_example.is_empty(), "{name} builds nothing");
        objects.extend(of_example);
        let yaml = files.iter().filter(|(path, _)| path.ends_with(".yaml"));
        let documents = yaml.flat_map(|(_, text)| compile::documents(text).unwrap());
        let definitions = documents.filter(|d| text(d, "/kind") == "CustomResourceDefinition");
        objects.extend(definitions.map(|d| (name.clone(), d)));
    }
    assert!(objects.len() > 60, "only {} objects are judged", objects.len());
    let objections = objections(objects);
    assert!(objections.is_empty(), "the API server has against the examples:\n{}", objections.join("\n"));
}

#[test]
#[ignore = "needs a control plane: run ./test"]
fn the_api_server_accepts_what_the_documentation_builds() {
    let mut objects = Vec::new();
    let pages = files(&root().join("docs"), "md").unwrap();
    for path in pages.iter().chain([&root().join("README.md")]) {
        let page = fs::read_to_string(path).unwrap();
        // In a page of an error, what is right is what counts.
        let projects = if path.starts_with(root().join("docs/errors")) {
            docs::section(&page, "Right").into_iter().collect()
        } else {
            docs::projects(&page)
        };
        for project in projects {
            let name = format!("{}:{}", path.strip_prefix(root()).unwrap().display(), project.line);
            // A kind of a group that stands for any other is defined nowhere, and
            // those that pages define themselves are another on each.
            let own = project.files.iter().any(|(path, _)| path.starts_with("crds/"));
            let known = |api: &str| !api.starts_with("example.com/") && !(own && api.starts_with("acme.example/"));
            let real = built(&name, &project.files).into_iter();
            objects.extend(real.filter(|(_, object)| known(text(object, "/apiVersion"))));
        }
    }
    assert!(objects.len() > 20, "only {} objects are judged", objects.len());
    let objections = objections(objects);
    assert!(objections.is_empty(), "the API server has against the documentation:\n{}", objections.join("\n"));
}

fn config_map(name: &str, data: &Json) -> Json {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name }, "data": data })
}

#[test]
#[ignore = "needs a control plane: run ./test"]
fn a_verdict_says_what_is_wrong() {
    let client = ControlPlane::shared().unwrap().client();
    let refusal = |object: &Json| client.dry_run(object).unwrap().refusal().cloned().expect("refused");

    let said = refusal(&config_map("Upper", &json!({})));
    assert_eq!((said.code, said.reason.as_str(), said.causes[0].field.as_str()), (422, "Invalid", "metadata.name"));
    let said = refusal(&json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a" }, "dta": {} }));
    assert!(said.code == 400 && said.message.contains("unknown field \"dta\""), "{said}");
    let said = refusal(&config_map("a", &json!({ "number": 1 })));
    assert_eq!(said.code, 400);
    let said = refusal(&json!({ "apiVersion": "v1", "kind": "ConfgMap", "metadata": { "name": "a" } }));
    assert_eq!(said.reason, "UnknownKind");
    let mut elsewhere = config_map("a", &json!({}));
    elsewhere["metadata"]["namespace"] = json!("no where");
    assert_eq!(refusal(&elsewhere).code, 404);
}

#[test]
#[ignore = "needs a control plane: run ./test"]
fn a_dry_run_keeps_nothing_and_a_creation_does() {
    let client = ControlPlane::shared().unwrap().client();
    let object = config_map("kept", &json!({ "a": "b" }));
    let path = "/api/v1/namespaces/default/configmaps/kept";
    assert!(client.dry_run(&object).unwrap().is_accepted());
    assert_eq!(client.get(path).unwrap().0, 404);
    assert!(client.create(&object).unwrap().is_accepted());
    assert_eq!(client.get(path).unwrap().1["data"], json!({ "a": "b" }));
    assert!(client.delete(path).unwrap());
    assert_eq!(client.get(path).unwrap().0, 404);
}

#[test]
#[ignore = "needs a control plane: run ./test"]
fn many_dry_runs_on_several_connections_keep_their_order() {
    let client = ControlPlane::shared().unwrap().client();
    let name = |i: usize| if i.is_multiple_of(3) { format!("Wrong-{i}") } else { format!("right-{i}") };
    let objects: Vec<Json> = (0..2_000).map(|i| config_map(&name(i), &json!({}))).collect();
    let started = Instant::now();
    let verdicts = client.dry_runs(&objects, 4);
    println!("{:.0} dry runs in a second", objects.len() as f64 / started.elapsed().as_secs_f64());
    for (i, verdict) in verdicts.into_iter().enumerate() {
        assert_eq!(verdict.unwrap().is_accepted(), !i.is_multiple_of(3), "{}", name(i));
    }
}

#[test]
#[ignore = "needs a control plane: run ./test"]
fn objects_of_a_new_definition_are_judged_at_once() {
    let client = ControlPlane::shared().unwrap().client();
    let size = json!({ "type": "integer", "maximum": 3 });
    let spec = json!({ "type": "object", "required": ["size"], "properties": { "size": size } });
    let schema = json!({ "type": "object", "properties": { "spec": spec } });
    let version = json!({ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": schema } });
    let definition = |plural: &str, kind: &str| {
        json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": { "name": format!("{plural}.test.example") },
            "spec": {
                "group": "test.example", "scope": "Namespaced", "versions": [version],
                "names": { "plural": plural, "kind": kind },
            },
        })
    };
    let answers = client.definitions(&[definition("boxes", "Box"), definition("Bags", "Bag")]).unwrap();
    assert_eq!(answers.iter().map(Verdict::is_accepted).collect::<Vec<_>>(), [true, false]);

    let of = |spec: &Json| {
        let object =
            json!({ "apiVersion": "test.example/v1", "kind": "Box", "metadata": { "name": "a" }, "spec": spec });
        client.dry_run(&object).unwrap()
    };
    assert!(of(&json!({ "size": 3 })).is_accepted());
    let field = |spec: &Json| of(spec).refusal().expect("refused").causes[0].field.clone();
    assert_eq!(field(&json!({ "size": 4 })), "spec.size");
    assert_eq!(field(&json!({})), "spec.size");
    let said = of(&json!({ "size": 1, "colour": "red" }));
    assert!(said.refusal().expect("refused").message.contains("unknown field \"spec.colour\""), "{said:?}");
}

/// Asks until it is so.
fn soon(what: &str, so: impl Fn() -> bool) {
    let started = Instant::now();
    while !so() {
        assert!(started.elapsed() < SOON, "not within {SOON:?}: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// How many processes were started with the folder in their arguments: all that
/// belong to a control plane are.
fn processes(folder: &Path) -> usize {
    let folder = folder.to_str().unwrap();
    let all = fs::read_dir("/proc").unwrap().filter_map(|entry| fs::read(entry.unwrap().path().join("cmdline")).ok());
    all.filter(|arguments| String::from_utf8_lossy(arguments).contains(folder)).count()
}

#[test]
#[ignore = "needs a control plane: run ./test"]
fn a_control_plane_with_controllers_works_and_leaves_nothing_behind() {
    let plane = ControlPlane::start(Options { controller_manager: true }).unwrap();
    let labels = json!({ "app": "a" });
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "a" },
        "spec": {
            "selector": { "matchLabels": labels },
            "template": {
                "metadata": { "labels": labels },
                "spec": { "containers": [{ "name": "a", "image": "a" }] },
            },
        },
    });
    assert!(plane.client().create(&deployment).unwrap().is_accepted());
    soon("a Deployment makes a Pod", || {
        let (_, pods) = plane.client().get("/api/v1/namespaces/default/pods").unwrap();
        pods["items"].as_array().is_some_and(|pods| pods.len() == 1)
    });

    let folder = plane.folder().to_path_buf();
    assert_eq!(processes(&folder), 4, "three programs and their keeper");
    drop(plane);
    assert!(!folder.exists());
    assert_eq!(processes(&folder), 0);
}

#[test]
#[ignore = "needs a control plane: run ./test"]
fn a_process_that_is_killed_takes_its_control_plane_with_it() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_control-plane")).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let file = PathBuf::from(line.trim().strip_prefix("export KUBECONFIG=").unwrap());
    let folder = file.parent().unwrap();
    assert!(file.is_file());
    assert_eq!(processes(folder), 4, "three programs and their keeper");
    child.kill().unwrap();
    child.wait().unwrap();
    soon("the folder is gone", || !folder.exists());
    soon("the processes are gone", || processes(folder) == 0);
}

#[test]
fn a_program_that_ends_is_reported_with_its_log() {
    let mut keeper = tessera_tests::cluster::keeper::Keeper::new().unwrap();
    let arguments = ["-c".to_owned(), "echo no room; exit 3".to_owned()];
    keeper.start("shell", Path::new("/bin/sh"), &arguments).unwrap();
    let mut said = Ok(());
    let started = Instant::now();
    while said.is_ok() && started.elapsed() < SOON {
        said = keeper.all_run();
    }
    let said = said.unwrap_err();
    assert!(said.starts_with("shell ended, exit status: 3") && said.ends_with("no room"), "{said}");
    assert!(keeper.start("none", Path::new("/nonexistent/etcd"), &[]).unwrap_err().contains("no such program"));
}
