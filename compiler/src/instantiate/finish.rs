//! Completes an object: `apiVersion`, `kind`, the default name and namespace,
//! the usual order of the first fields.

use smol_str::SmolStr;

use super::Input;
use crate::ir::{Resource, Scope};
use crate::source::Span;
use crate::value::{Key, Map, Value};

/// Group, kind, namespace and name.
pub(super) type Identity = (SmolStr, SmolStr, Option<SmolStr>, SmolStr);

/// The object of a resource, made of its evaluated body.
pub(super) fn finish(input: &Input<'_>, resource: &Resource, path: &[(Span, SmolStr)], body: Value) -> Value {
    let empty = Map::default();
    let body = body.as_map().unwrap_or(&empty);
    let mut object = Map::with_capacity(body.len() + 3);
    object.insert("apiVersion", Value::String(resource.api().into()));
    object.insert("kind", Value::String(resource.kind.clone()));
    object.insert("metadata", metadata(input, resource, path, body.get("metadata")));
    for (key, value) in body {
        if key.as_str() != Some("metadata") {
            object.insert(key.clone(), value.clone());
        }
    }
    Value::map(object)
}

fn metadata(input: &Input<'_>, resource: &Resource, path: &[(Span, SmolStr)], written: Option<&Value>) -> Value {
    let empty = Map::default();
    let written = written.and_then(Value::as_map).unwrap_or(&empty);
    let mut metadata = Map::with_capacity(written.len() + 2);
    match written.get("name") {
        Some(name) => metadata.insert("name", name.clone()),
        None if written.get("generateName").is_none() => {
            let name = default_name(&input.composite.kind, &input.name, &resource.name, path);
            metadata.insert("name", Value::String(name));
        }
        None => {}
    }
    let namespace = written.get("namespace").cloned().or_else(|| {
        let own = input.namespace.clone().filter(|_| resource.scope != Some(Scope::Cluster));
        own.map(Value::String)
    });
    if let Some(namespace) = namespace {
        metadata.insert("namespace", namespace);
    }
    for (key, value) in written {
        if !matches!(key.as_str(), Some("name" | "namespace")) {
            metadata.insert(key.clone(), value.clone());
        }
    }
    Value::map(metadata)
}

/// `<instance>-<resource>`, in loops also `-<key>`; at top level the resource's own name.
fn default_name(kind: &str, instance: &str, resource: &str, path: &[(Span, SmolStr)]) -> SmolStr {
    if kind.is_empty() {
        return resource.into();
    }
    let mut name = format!("{instance}-{resource}");
    for (_, key) in path {
        name.push('-');
        name.push_str(key);
    }
    name.into()
}

pub(super) fn identity(resource: &Resource, object: &Value) -> Identity {
    let text = |field: &str| object.at(&["metadata", field]).and_then(Value::as_str).map(SmolStr::new);
    (resource.group.clone(), resource.kind.clone(), text("namespace"), text("name").unwrap_or_default())
}

/// What a cluster has of an object: same API, kind, namespace and name.
pub(super) fn observed<'a>(observed: &'a [Value], object: &Value) -> Option<&'a Value> {
    let same = |other: &Value, path: &[&str]| object.at(path) == other.at(path);
    observed.iter().find(|other| {
        same(other, &["apiVersion"])
            && same(other, &["kind"])
            && same(other, &["metadata", "name"])
            && (object.at(&["metadata", "namespace"]).is_none() || same(other, &["metadata", "namespace"]))
    })
}

/// A key made of a value that CEL allows as one.
impl TryFrom<Value> for Key {
    type Error = Value;

    fn try_from(value: Value) -> Result<Self, Value> {
        match value {
            Value::Bool(b) => Ok(Self::Bool(b)),
            Value::Int(n) => Ok(Self::Int(n)),
            Value::Uint(n) => Ok(Self::Uint(n)),
            Value::String(s) => Ok(Self::String(s)),
            other => Err(other),
        }
    }
}
