//! Plain Kubernetes objects, in one text or one file each.

use std::fmt::Write as _;

use rustc_hash::FxHashMap;

use crate::compile::Built;
use crate::diagnostic::{Diagnostic, E0602};
use crate::source::Span;
use crate::value::Value;
use crate::yaml;

/// How objects are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// YAML documents.
    Yaml,
    /// JSON; several objects are a `List`.
    Json,
}

/// The longest name of a file, less its ending, in bytes: file systems take 255.
const MAX_NAME: usize = 200;

/// All objects in the order of the sources.
pub fn objects(built: &[Built]) -> impl Iterator<Item = &Value> {
    built.iter().flat_map(|built| &built.result.objects).map(|object| &object.value)
}

/// All objects as one text: YAML documents parted by `---`, or a `List` in JSON.
#[must_use]
pub fn whole(objects: &[&Value], notation: Notation) -> String {
    let mut out = String::new();
    match notation {
        Notation::Yaml => yaml::emit_documents(objects.iter().copied(), &mut out),
        Notation::Json => yaml::emit_json_list(objects.iter().copied(), &mut out),
    }
    out
}

/// Each object as a file: its name, which is its own on every file system, and
/// its text.
///
/// The name is `kind-name.yaml`; where several objects would share it, each of
/// them says its namespace and group as well.
#[must_use]
pub fn split(objects: &[&Value], notation: Notation) -> Vec<(String, String)> {
    let mut names: Vec<String> = objects.iter().map(|object| file_name(object, 0)).collect();
    for level in 1..=3 {
        let mut count: FxHashMap<String, usize> = FxHashMap::default();
        for name in &names {
            *count.entry(name.clone()).or_default() += 1;
        }
        let mut place = FxHashMap::<String, usize>::default();
        for (name, object) in names.iter_mut().zip(objects) {
            if count.get(name.as_str()).copied().unwrap_or(0) > 1 {
                let number = place.entry(name.clone()).or_default();
                *number += 1;
                *name = if level == 3 { format!("{name}__{number}") } else { file_name(object, level) };
            }
        }
    }
    names.into_iter().zip(objects).map(|(name, object)| file(name, object, notation)).collect()
}

fn file(name: String, object: &Value, notation: Notation) -> (String, String) {
    let mut text = String::new();
    match notation {
        Notation::Yaml => {
            yaml::emit(object, &mut text);
            (name + ".yaml", text)
        }
        Notation::Json => {
            yaml::emit_json(object, &mut text);
            (name + ".json", text)
        }
    }
}

/// A name of letters, digits, `.`, `-` and `_`; anything else in it is written
/// `_` and its hexadecimal value, capital letters too, since not every file
/// system tells them apart.
fn file_name(object: &Value, level: usize) -> String {
    let text = |path: &[&str]| object.at(path).and_then(Value::as_str).unwrap_or_default();
    let mut name = String::new();
    escape(&text(&["kind"]).to_lowercase(), &mut name);
    name.push('-');
    escape(text(&["metadata", "name"]), &mut name);
    escape(text(&["metadata", "generateName"]), &mut name);
    if level > 0 {
        name.push_str("__");
        escape(text(&["metadata", "namespace"]), &mut name);
    }
    if level > 1 {
        name.push_str("__");
        escape(text(&["apiVersion"]), &mut name);
    }
    if name.len() > MAX_NAME {
        let hash = fnv(&name);
        name.truncate(MAX_NAME - 20);
        let _ = write!(name, "__{hash:016x}");
    }
    name
}

fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "_{byte:02x}");
            }
        }
    }
}

/// FNV-1a, 64 bits: stable over versions, as a file's name must be.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Objects of different instances that would be one in the cluster. Within an
/// instance, instantiation has seen to it.
#[must_use]
pub fn refuse_equal(built: &[Built]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut seen: FxHashMap<[&str; 4], (usize, Span)> = FxHashMap::default();
    for (index, instance) in built.iter().enumerate() {
        for object in &instance.result.objects {
            // A name that the server makes is nobody's twin.
            if identity(&object.value)[3].is_empty() {
                continue;
            }
            let (earlier, span) = *seen.entry(identity(&object.value)).or_insert((index, object.span));
            if let Some(other) = built.get(earlier).filter(|_| earlier != index) {
                found.push(equal(&object.value, instance, object.span, other, span));
            }
        }
    }
    found
}

/// Group, kind, namespace and name.
fn identity(object: &Value) -> [&str; 4] {
    let text = |path: &[&str]| object.at(path).and_then(Value::as_str).unwrap_or_default();
    let group = text(&["apiVersion"]).rsplit_once('/').map_or("", |(group, _)| group);
    [group, text(&["kind"]), text(&["metadata", "namespace"]), text(&["metadata", "name"])]
}

fn equal(object: &Value, built: &Built, span: Span, other: &Built, earlier: Span) -> Diagnostic {
    let [_, kind, _, name] = identity(object);
    let diagnostic =
        Diagnostic::new(&E0602, built.span, format!("two instances make the same object: {kind} `{name}`"))
            .label("one of them")
            .also(other.span, "the other one")
            .also(span, "the object");
    let diagnostic = if earlier == span { diagnostic } else { diagnostic.also(earlier, "the same object") };
    diagnostic.help("make `self.name` part of its `metadata.name`, or put the instances in different namespaces")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::from_json;

    fn object(kind: &str, namespace: &str, name: &str) -> Value {
        from_json(
            &serde_json::json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": name, "namespace": namespace } }),
        )
    }

    fn names(objects: &[Value]) -> Vec<String> {
        let objects: Vec<&Value> = objects.iter().collect();
        split(&objects, Notation::Yaml).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn files_are_named_by_kind_and_name() {
        assert_eq!(names(&[object("ConfigMap", "a", "web")]), ["configmap-web.yaml"]);
        let two = [object("Role", "a", "web"), object("Role", "b", "web"), object("Role", "b", "other")];
        assert_eq!(names(&two), ["role-web__a.yaml", "role-web__b.yaml", "role-other.yaml"]);
    }

    #[test]
    fn names_are_safe_and_never_equal() {
        let strange = [object("ClusterRole", "", "../system:Node"), object("ClusterRole", "", "../system_3a_4eode")];
        let found = names(&strange);
        assert_eq!(found[0], "clusterrole-.._2fsystem_3a_4eode.yaml");
        assert_ne!(found[0], found[1]);
        let long = [object("Secret", "", &"x".repeat(253)), object("Secret", "", &format!("{}y", "x".repeat(252)))];
        let found = names(&long);
        assert!(found.iter().all(|name| name.len() < 255));
        assert_ne!(found[0], found[1]);
        let same = [object("Pod", "a", "x"), object("Pod", "a", "x")];
        let found = names(&same);
        assert_ne!(found[0], found[1]);
    }
}
