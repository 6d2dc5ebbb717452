//! A comparison for programs; docs/compatibility.md describes the form.

use serde_json::{Value as Json, json as object};

use super::{Diff, Document, Field, FileDiff, InstanceDiff, ObjectDiff};
use crate::compat::Change;
use crate::value::{Value, to_json};

/// The version of the form. It changes where a reader of the one before would err.
pub const VERSION: u32 = 1;

/// The comparison of two versions, called as the user calls them.
#[must_use]
pub fn json(diff: &Diff, old: &str, new: &str) -> String {
    let counts = diff.counts();
    let apis = diff
        .apis
        .iter()
        .map(|api| object!({ "kind": api.kind, "api": api.api, "changes": list(&api.changes, change) }));
    let whole = object!({
        "version": VERSION,
        "old": old,
        "new": new,
        "apis": apis.collect::<Vec<_>>(),
        "instances": list(&diff.instances, instance),
        "files": list(&diff.files, file),
        "summary": {
            "added": counts.added,
            "removed": counts.removed,
            "changed": counts.changed,
            "refused": counts.refused,
            "breaking": counts.breaking,
            "unproven": counts.unproven,
        },
    });
    serde_json::to_string_pretty(&whole).unwrap_or_default() + "\n"
}

fn list<T>(items: &[T], one: fn(&T) -> Json) -> Json {
    items.iter().map(one).collect()
}

/// An object without what it has not.
fn some(entries: Vec<(&str, Option<Json>)>) -> Json {
    Json::Object(entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect())
}

fn text(text: &str) -> Option<Json> {
    (!text.is_empty()).then(|| text.into())
}

fn change(change: &Change) -> Json {
    some(vec![
        ("rule", text(change.rule.id)),
        ("effect", text(change.rule.effect.word())),
        ("path", text(&change.place())),
        ("old", text(&change.old)),
        ("new", text(&change.new)),
        ("example", change.value.as_ref().map(to_json)),
        ("instance", change.instance.as_ref().map(to_json)),
    ])
}

fn instance(instance: &InstanceDiff) -> Json {
    some(vec![
        ("kind", text(&instance.kind)),
        ("namespace", instance.namespace.as_deref().and_then(text)),
        ("name", text(&instance.name)),
        ("state", text(instance.state.word())),
        ("objects", Some(list(&instance.objects, changed_object))),
    ])
}

fn changed_object(object: &ObjectDiff) -> Json {
    some(vec![
        ("apiVersion", text(&object.api)),
        ("kind", text(&object.kind)),
        ("namespace", text(&object.namespace)),
        ("name", text(&object.name)),
        ("state", text(object.state.word())),
        ("replaced", object.replaced.then_some(Json::Bool(true))),
        ("fields", Some(list(&object.fields, field))),
    ])
}

fn field(field: &Field) -> Json {
    let shown = |value: &Option<Value>| value.as_ref().filter(|_| !field.hidden).map(to_json);
    some(vec![
        ("path", Some(field.path.clone().into())),
        ("old", shown(&field.old)),
        ("new", shown(&field.new)),
        ("immutable", field.immutable.then_some(Json::Bool(true))),
        ("hidden", field.hidden.then_some(Json::Bool(true))),
    ])
}

fn file(file: &FileDiff) -> Json {
    let objects = match &file.content {
        Document::Objects(objects) => Some(list(objects, changed_object)),
        Document::Text(..) => None,
    };
    some(vec![("path", text(&file.path)), ("state", text(file.state.word())), ("objects", objects)])
}
