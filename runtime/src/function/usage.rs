//! The order of deletion. Crossplane deletes all objects of an instance at once; a
//! Usage lets one of them wait until those that need it are gone, and replays its
//! deletion then.

use tessera_compiler::instantiate::{Object, Observed};
use tessera_compiler::value::{Map, Value};

use super::request::Asked;
use super::run::key;

const API: &str = "protection.crossplane.io/v1beta1";

/// The usages of an instance by their names in the composition. Each comes when both of
/// its objects are there, so that nothing waits for it.
pub(super) fn usages(asked: &Asked, observed: &Observed) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    let objects = &observed.result.objects;
    for ((user, needs), exists) in objects.iter().zip(&observed.needs).zip(&observed.exists) {
        let there = needs.iter().filter(|at| *exists && observed.exists.get(**at) == Some(&true));
        for used in there.filter_map(|at| objects.get(*at)) {
            found.extend(usage(asked, user, used).map(|usage| (format!("{} needs {}", key(user), key(used)), usage)));
        }
    }
    found
}

/// The usage of one object by another. Nothing where a Usage cannot say it: one object has a
/// namespace and the other has not.
fn usage(asked: &Asked, user: &Object, used: &Object) -> Option<Value> {
    let namespace = |object: &Object| place(object, "namespace");
    let (kind, at, other) = match (namespace(user), namespace(used)) {
        (None, None) => ("ClusterUsage", None, None),
        (Some(by), Some(of)) => ("Usage", Some(by.clone()), (by != of).then_some(of)),
        _ => return None,
    };
    let own = asked.object.at(&["metadata", "name"]).and_then(Value::as_str)?;
    let mut metadata = Map::default();
    metadata.insert("name", Value::str(&name(own, user, used)));
    if let Some(at) = at {
        metadata.insert("namespace", Value::str(&at));
    }
    let reference = |object: &Object, namespace: Option<String>| {
        let mut named = Map::default();
        named.insert("name", Value::str(&place(object, "name").unwrap_or_default()));
        if let Some(namespace) = namespace {
            named.insert("namespace", Value::str(&namespace));
        }
        let text = |field: &str| object.value.get(field).cloned().unwrap_or_default();
        map([("apiVersion", text("apiVersion")), ("kind", text("kind")), ("resourceRef", Value::map(named))])
    };
    let spec = map([
        ("of", reference(used, other)),
        ("by", reference(user, None)),
        ("reason", Value::str(&format!("{} needs {}", key(user), key(used)))),
        ("replayDeletion", Value::Bool(true)),
    ]);
    Some(map([
        ("apiVersion", Value::str(API)),
        ("kind", Value::str(kind)),
        ("metadata", Value::map(metadata)),
        ("spec", spec),
    ]))
}

fn place(object: &Object, field: &str) -> Option<String> {
    object.value.at(&["metadata", field]).and_then(Value::as_str).map(str::to_owned)
}

/// A name that tells one pair of objects of one instance: readable as far as there is room.
fn name(instance: &str, user: &Object, used: &Object) -> String {
    let pair = format!("{instance}\0{}\0{}", key(user), key(used));
    // FNV-1a, which is the same for ever.
    let hash = pair
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let readable: String = instance.chars().take(40).collect();
    format!("{}-{hash:016x}", readable.trim_end_matches(['-', '.']))
}

fn map<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::map(fields.into_iter().map(|(key, value)| (key.into(), value)).collect())
}
