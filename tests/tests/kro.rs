//! kro itself with the definitions that we write: it takes them, what it makes of instances is
//! what `tessera build` makes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::ir::Composite;
use tessera_compiler::target::{self, kro};
use tessera_tests::cluster::client::{Client, in_parallel};
use tessera_tests::cluster::verdict::{Cause, Refusal, Verdict};
use tessera_tests::compile;
use tessera_tests::corpus::{File, example, examples, root};
use tessera_tests::instances::{self, Instance};
use tessera_tests::kro::Kro;
use tessera_tests::schemas::{Intended, compared, judged};

/// Where no instance becomes active for so long, the others are not waited for.
const STUCK_AFTER: Duration = Duration::from_secs(60);
/// What kro writes into every object.
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// What kro's definitions are meant to judge otherwise than `tessera check`.
const INTENDED: &[Intended] = &[
    // Its CEL prints durations of whole seconds, without a sign, the largest unit first.
    |judged, verdict| judged.ours.is_ok() && verdict.refusal().is_some_and(is_in_another_form),
    // null is what is left out, where there is a default.
    |judged, _| judged.change.starts_with("null at"),
    // What a composite makes of its parameters has rules of its own.
    |judged, _| judged.ours.as_ref().is_err_and(|said| said.contains("is not a valid LabelValue")),
    // kro has no time, so that the lease is left out, and what must hold of it.
    |judged, _| judged.ours.as_ref().is_err_and(|said| said.starts_with("E0904")),
    // Requirements have no place in SimpleSchema; kro makes nothing where one is not met.
    |judged, _| judged.ours.as_ref().is_err_and(|said| said.starts_with("E0606")),
];

/// The examples, and a composite of all that kro has a place for.
fn projects() -> Vec<(String, Vec<File>)> {
    let mut projects: Vec<(String, Vec<File>)> =
        examples().unwrap().into_iter().map(|name| (name.clone(), example(&name).unwrap())).collect();
    let gamut = fs::read_to_string(root().join("tests/targets/kro.tess")).unwrap();
    projects.push(("gamut".to_owned(), vec![("kro.tess".to_owned(), gamut)]));
    projects
}

/// The graphs of a project, or what speaks against them.
type Graphs = Result<Vec<Json>, Vec<Diagnostic>>;

/// The project's graphs and its composites.
fn graphs(files: &[File]) -> (Graphs, Vec<Arc<Composite>>) {
    let compiled = compile::check(files);
    let lowered = target::lower(&compiled.compilation, kro::lower);
    let composites = compiled.compilation.reduced.into_iter().flatten().filter(|c| !c.kind.is_empty()).collect();
    let errors: Vec<Diagnostic> = lowered.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
    let graphs = lowered.files.iter().flat_map(|file| compile::documents(&file.text).unwrap()).collect();
    (if errors.is_empty() { Ok(graphs) } else { Err(errors) }, composites)
}

/// Random valid instances, in a namespace of their kind: what they make is named after them, and
/// kinds share names.
fn random_instances(files: &[File], composite: &Composite) -> Vec<Instance> {
    let mut objects: Vec<Json> = instances::sample(files, composite, instances::count(), 11)
        .valid
        .into_iter()
        .map(|instance| instance.object)
        .collect();
    for (number, object) in objects.iter_mut().enumerate() {
        object["metadata"]["name"] = json!(format!("made-{number}"));
        if let Some(namespace) = object["metadata"].get_mut("namespace") {
            *namespace = json!(composite.kind.to_lowercase());
        }
    }
    let verdicts = instances::judge(files, &objects).into_iter().zip(&objects);
    verdicts.map(|(verdict, object)| verdict.instance(object).unwrap()).collect()
}

fn at<'j>(object: &'j Json, path: &str) -> &'j str {
    object.pointer(path).and_then(Json::as_str).unwrap_or_default()
}

fn named(object: &Json) -> String {
    let place = at(object, "/metadata/namespace");
    format!("{} {place}/{}", at(object, "/kind"), at(object, "/metadata/name"))
}

/// What would make a workload ready, whose status nobody else writes here.
fn readiness(kind: &str) -> Option<Json> {
    Some(match kind {
        "Job" => json!({ "succeeded": 1 }),
        "Deployment" => json!({ "replicas": 2, "readyReplicas": 2, "availableReplicas": 2 }),
        "StatefulSet" => json!({ "replicas": 1, "readyReplicas": 1, "availableReplicas": 1 }),
        _ => return None,
    })
}

/// Active, and ready by its condition: while each pass of kro changes an object, it is the one
/// and not the other.
fn is_done(instance: &Json) -> bool {
    let conditions = instance["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ready = conditions.iter().any(|c| c["type"] == "Ready" && c["status"] == "True");
    at(instance, "/status/state") == "ACTIVE" && ready
}

/// Waits until kro is done with all of them; with which it is not, and what it says of them.
fn settle(client: &Client, instances: &[Instance]) -> BTreeMap<String, String> {
    let mut moved = Instant::now();
    let mut waiting: Vec<&Instance> = instances.iter().collect();
    let mut ready: BTreeSet<String> = BTreeSet::new();
    loop {
        let answers = in_parallel(&waiting, 4, |instance| {
            let path = client.path(&instance.object).unwrap().unwrap();
            client.get(&path).unwrap().1
        });
        let before = waiting.len();
        waiting = waiting.into_iter().zip(&answers).filter(|(_, a)| !is_done(a)).map(|(i, _)| i).collect();
        if waiting.is_empty() {
            return BTreeMap::new();
        }
        let unready: Vec<(String, &Json, Json)> = waiting
            .iter()
            .flat_map(|instance| &instance.objects)
            .filter_map(|object| Some((named(object), object, readiness(at(object, "/kind"))?)))
            .filter(|(name, ..)| !ready.contains(name))
            .collect();
        let patched = in_parallel(&unready, 4, |(name, object, status)| {
            client.patch_status(object, status).unwrap().is_accepted().then(|| name.clone())
        });
        let patched: Vec<String> = patched.into_iter().flatten().collect();
        if waiting.len() < before || !patched.is_empty() {
            moved = Instant::now();
        }
        ready.extend(patched);
        if moved.elapsed() > STUCK_AFTER {
            let left = answers.iter().filter(|a| !is_done(a));
            return left.map(|a| (named(a), said(a))).collect();
        }
        thread::sleep(Duration::from_millis(200));
    }
}

/// What is wrong with an instance, as kro says it.
fn said(instance: &Json) -> String {
    let conditions = instance["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let wrong: Vec<&str> = conditions.iter().filter(|c| c["status"] != "True").map(|c| at(c, "/message")).collect();
    format!("{}: {} {}", instance["spec"], at(instance, "/status/state"), wrong.first().copied().unwrap_or_default())
}

/// Without what kro writes into every object, and what changes with each write.
fn bare(mut object: Json) -> Json {
    let metadata = object["metadata"].as_object_mut().unwrap();
    for field in ["managedFields", "resourceVersion", "generation"] {
        metadata.remove(field);
    }
    for part in ["labels", "annotations"] {
        let Some(Json::Object(entries)) = metadata.get_mut(part) else { continue };
        entries.retain(|key, _| !is_kros(key));
        if entries.is_empty() {
            metadata.remove(part);
        }
    }
    object
}

fn is_kros(key: &str) -> bool {
    key == MANAGED_BY || ["kro.run/", "internal.kro.run/", "applyset.kubernetes.io/"].iter().any(|p| key.contains(p))
}

/// How the object that kro made differs from what we build.
///
/// If its manager applied ours instead, nothing must change but what kro writes into each.
fn difference(client: &Client, built: &Json) -> Option<String> {
    let path = client.path(built).unwrap().unwrap();
    let (code, made) = client.get(&path).unwrap();
    if code != 200 {
        return Some(format!("{} is not there", named(built)));
    }
    let managers = made["metadata"]["managedFields"].as_array().unwrap();
    let Some(kro) = managers.iter().find(|m| m["operation"] == "Apply") else {
        return Some(format!("{} is not kro's", named(built)));
    };
    match client.apply(built, at(kro, "/manager"), true).unwrap() {
        Verdict::Refused(refusal) => Some(format!("{}: {refusal}", named(built))),
        Verdict::Accepted { object, .. } => {
            let (ours, theirs) = (bare(object), bare(made));
            (ours != theirs).then(|| format!("{}\n{}", named(built), lines(&ours, &theirs)))
        }
    }
}

/// That a difference is found where there is one: in a label more than kro's, or less.
fn changes_are_seen(client: &Client, built: &Json) -> bool {
    let mut more = built.clone();
    more["metadata"]["labels"]["example.org/more"] = json!("one");
    let mut less = built.clone();
    let fields = less.as_object_mut().unwrap();
    let removed = ["data", "spec"].iter().any(|field| fields.remove(*field).is_some());
    difference(client, &more).is_some() && (!removed || difference(client, &less).is_some())
}

fn lines(ours: &Json, theirs: &Json) -> String {
    let text = |value: &Json| serde_json::to_string_pretty(value).unwrap();
    let (ours, theirs) = (text(ours), text(theirs));
    let (ours_set, theirs_set): (BTreeSet<&str>, BTreeSet<&str>) = (ours.lines().collect(), theirs.lines().collect());
    let only = |a: &str, b: &BTreeSet<&str>, mark: &str| -> String {
        a.lines().filter(|line| !b.contains(line)).map(|line| format!("  {mark} {}\n", line.trim())).collect()
    };
    only(&ours, &theirs_set, "build") + &only(&theirs, &ours_set, "kro  ")
}

/// A duration, or a quantity, that `tessera check` takes and the definition for kro does not.
fn is_in_another_form(refusal: &Refusal) -> bool {
    let duration = |cause: &Cause| cause.message.contains("([0-9]+m)?([0-9]+s)?$");
    let quantity = |cause: &Cause| {
        cause.message.contains("([.][0-9]*)?([numkMGTPE]|[KMGTPE]i")
            || cause.message.contains("must be of type string: ")
    };
    refusal.causes.iter().any(|cause| duration(cause) || quantity(cause))
}

/// What kro has made of instances, by the instance.
fn made(client: &Client, instances: &[Instance]) -> BTreeMap<String, usize> {
    let mut collections: BTreeSet<String> = BTreeSet::new();
    for object in instances.iter().flat_map(|instance| &instance.objects) {
        let resource = client.resource(at(object, "/apiVersion"), at(object, "/kind")).unwrap().unwrap();
        let api = at(object, "/apiVersion");
        let base = if api.contains('/') { format!("/apis/{api}") } else { format!("/api/{api}") };
        collections.insert(format!("{base}/{}?labelSelector=kro.run%2Fowned%3Dtrue", resource.plural));
    }
    let mut found = BTreeMap::new();
    for path in collections {
        for item in client.get(&path).unwrap().1["items"].as_array().unwrap() {
            let label = |name: &str| item["metadata"]["labels"][format!("kro.run/{name}")].as_str().unwrap_or_default();
            *found.entry(format!("{} {}", label("instance-kind"), label("instance-name"))).or_default() += 1;
        }
    }
    found
}

#[test]
#[ignore = "needs kro: run ./test"]
fn kro_makes_what_is_built() {
    let kro = Kro::shared().unwrap();
    let client = kro.client();
    let mut differences = Vec::new();
    let (mut served, mut total) = (0, 0);
    for (name, files) in projects() {
        let (graphs, composites) = graphs(&files);
        let graphs = match graphs {
            Ok(graphs) => graphs,
            Err(errors) => {
                println!("{name}: refused, {}", errors[0].message);
                assert!(errors.iter().all(|d| d.help.is_some()), "{errors:?}");
                continue;
            }
        };
        for graph in &graphs {
            if let Err(said) = kro.serve(graph) {
                differences.push(format!("{name}: kro does not take {}: {said}", graph["metadata"]["name"]));
            }
        }
        served += graphs.len();
        let mut all = instances::of_project(&compile::build(&files));
        let own = all.len();
        for composite in &composites {
            all.extend(random_instances(&files, composite));
        }
        let spaces: BTreeSet<&str> = all
            .iter()
            .flat_map(|i| std::iter::once(&i.object))
            .map(|o| at(o, "/metadata/namespace"))
            .filter(|n| !n.is_empty())
            .collect();
        client.namespaces(&spaces.into_iter().collect::<Vec<_>>()).unwrap();
        let started = Instant::now();
        let verdicts = in_parallel(&all, 4, |instance| client.create(&instance.object).unwrap());
        let (mut taken, mut finer) = (Vec::new(), 0);
        let mut wrong = Vec::new();
        for (instance, verdict) in all.into_iter().zip(verdicts) {
            match verdict.refusal() {
                None => taken.push(instance),
                Some(refusal) if is_in_another_form(refusal) => finer += 1,
                Some(refusal) => wrong.push(format!("{}: {refusal}", instance.object)),
            }
        }
        let stuck = settle(client, &taken);
        taken.retain(|instance| !stuck.contains_key(&named(&instance.object)));
        wrong.extend(stuck.into_iter().map(|(name, said)| format!("{name}: {said}")));
        let waited = started.elapsed();
        let objects: Vec<&Json> = taken.iter().flat_map(|instance| &instance.objects).collect();
        wrong.extend(in_parallel(&objects, 4, |object| difference(client, object)).into_iter().flatten());
        assert!(objects.first().is_none_or(|object| changes_are_seen(client, object)), "{name}");
        let made = made(client, &taken);
        for instance in &taken {
            let key = format!("{} {}", instance.kind, instance.name);
            let made = made.get(&key).copied().unwrap_or_default();
            if made != instance.objects.len() {
                wrong.push(format!("{made} objects of {key}, not {}", instance.objects.len()));
            }
        }
        total += objects.len();
        println!(
            "{name}: {own} instances of its own and {} random ones, {} objects in {waited:.1?}; {finer} refused for \
             the form of a unit, {} differences",
            taken.len().saturating_sub(own),
            objects.len(),
            wrong.len(),
        );
        differences.extend(wrong.into_iter().take(4).map(|said| format!("{name}: {said}")));
    }
    println!("{served} definitions, {total} objects");
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

#[test]
#[ignore = "needs kro: run ./test"]
fn the_api_server_with_kros_definition_accepts_what_we_accept() {
    let kro = Kro::shared().unwrap();
    let mut differences = Vec::new();
    let mut total = 0;
    for (name, files) in projects() {
        let (graphs, composites) = graphs(&files);
        for graph in graphs.unwrap() {
            differences.extend(kro.serve(&graph).err().map(|said| format!("{name}: {said}")));
        }
        for composite in &composites {
            let judged = judged(&files, composite);
            total += judged.len();
            differences.extend(compared(kro.client(), &composite.kind, &judged, INTENDED));
        }
    }
    println!("{total} instances in all, {} differences", differences.len());
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}
