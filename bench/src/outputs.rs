//! Whether two programs said the same: their objects, by identity.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::Result;

/// The objects of one output, by `kind/name`.
pub(crate) type Objects = BTreeMap<String, Value>;

/// Reads an output: JSON (a list), or YAML (documents, a list, or a list
/// under `items`).
///
/// # Errors
/// When it cannot be read or holds something that is no object.
pub(crate) fn objects(path: &Path) -> Result<Objects> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let documents = if text.starts_with('[') { json(&text)? } else { yaml(&text)? };
    let mut objects = Objects::new();
    for value in documents.into_iter().flat_map(flatten) {
        let name = identity(&value).ok_or_else(|| format!("{}: not an object: {value}", path.display()))?;
        objects.insert(name, value);
    }
    Ok(objects)
}

/// The first difference between the two, or `None` when they agree.
pub(crate) fn difference(left: &Objects, right: &Objects) -> Option<String> {
    if left.len() != right.len() {
        return Some(format!("{} objects, not {}", right.len(), left.len()));
    }
    left.iter().find_map(|(name, value)| match right.get(name) {
        None => Some(format!("{name} is missing")),
        Some(other) if other != value => Some(format!("{name} differs:\n  {value}\n  {other}")),
        Some(_) => None,
    })
}

fn json(text: &str) -> Result<Vec<Value>> {
    serde_json::from_str(text).map_err(|e| e.to_string())
}

fn yaml(text: &str) -> Result<Vec<Value>> {
    // The default budget stops at 1,024 documents.
    let options = serde_yaml::options! { budget: None };
    serde_yaml::from_multiple_with_options(text, options).map_err(|e| e.to_string())
}

fn flatten(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Object(mut map) if map.get("kind").is_none() => match map.remove("items") {
            Some(Value::Array(items)) => items,
            _ => vec![Value::Object(map)],
        },
        Value::Null => Vec::new(),
        other => vec![other],
    }
}

fn identity(value: &Value) -> Option<String> {
    let kind = value.get("kind")?.as_str()?;
    let name = value.get("metadata")?.get("name")?.as_str()?;
    Some(format!("{kind}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_objects_agree_whatever_their_form_and_order() {
        let folder = std::env::temp_dir().join(format!("tessera-bench-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (json, yaml) = (folder.join("a.json"), folder.join("a.yaml"));
        fs::write(&json, r#"[{"kind":"A","metadata":{"name":"x"},"n":1},{"kind":"B","metadata":{"name":"x"}}]"#)
            .unwrap();
        fs::write(&yaml, "kind: B\nmetadata: {name: x}\n---\nn: 1\nkind: A\nmetadata:\n  name: x\n").unwrap();
        let (left, right) = (objects(&json).unwrap(), objects(&yaml).unwrap());
        assert_eq!(left.len(), 2);
        assert_eq!(difference(&left, &right), None);
        fs::write(&yaml, "kind: B\nmetadata: {name: x}\n---\nn: 2\nkind: A\nmetadata: {name: x}\n").unwrap();
        assert!(difference(&left, &objects(&yaml).unwrap()).unwrap().starts_with("A/x differs"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
