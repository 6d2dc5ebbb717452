//! Objects compared: which is which, and which fields differ.

use super::fields::{self, Field};
use crate::value::Value;

/// What became of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum State {
    Added,
    Removed,
    Changed,
}

impl State {
    /// The word for it in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// An object that changed.
#[derive(Clone, Debug)]
pub struct ObjectDiff {
    /// Its `apiVersion`, the new one.
    pub api: String,
    /// Its kind.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What became of it.
    pub state: State,
    /// The fields that differ, where it is changed.
    pub fields: Vec<Field>,
    /// Its resource says that it is deleted and made again.
    pub replaced: bool,
}

impl ObjectDiff {
    /// Group, kind, namespace and name.
    #[must_use]
    pub fn identity(&self) -> [&str; 4] {
        [group(&self.api), &self.kind, &self.namespace, &self.name]
    }
}

fn group(api: &str) -> &str {
    api.rsplit_once('/').map_or("", |(group, _)| group)
}

fn text<'a>(object: &'a Value, path: &[&str]) -> &'a str {
    object.at(path).and_then(Value::as_str).unwrap_or_default()
}

/// Group, kind, namespace and name; the version may be another one.
pub(super) fn identity(object: &Value) -> [&str; 4] {
    let name = text(object, &["metadata", "name"]);
    let name = if name.is_empty() { text(object, &["metadata", "generateName"]) } else { name };
    [group(text(object, &["apiVersion"])), text(object, &["kind"]), text(object, &["metadata", "namespace"]), name]
}

/// What differs between two lists of objects, in the order of the new one, what is
/// gone at the end.
pub(super) fn compare(old: &[Value], new: &[Value]) -> Vec<ObjectDiff> {
    let mut rest: Vec<&Value> = old.iter().collect();
    let mut found = Vec::new();
    for object in new {
        let Some(at) = rest.iter().position(|o| identity(o) == identity(object)) else {
            found.push(diff(object, State::Added, Vec::new()));
            continue;
        };
        let before = rest.remove(at);
        let fields = fields::compare(before, object);
        if !fields.is_empty() {
            found.push(diff(object, State::Changed, fields));
        }
    }
    found.extend(rest.into_iter().map(|object| diff(object, State::Removed, Vec::new())));
    found
}

fn diff(object: &Value, state: State, fields: Vec<Field>) -> ObjectDiff {
    let [_, kind, namespace, name] = identity(object).map(str::to_owned);
    let api = text(object, &["apiVersion"]).to_owned();
    ObjectDiff { api, kind, namespace, name, state, fields, replaced: false }
}
