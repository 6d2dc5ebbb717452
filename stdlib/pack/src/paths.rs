//! What the paths of the API say about kinds.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::Kind;

/// Kinds by kind, group and version.
type Kinds = BTreeMap<(String, String, String), Kind>;

/// The kinds that have a path of their own, with what the paths say about them.
pub(crate) fn kinds(files: &[Value]) -> Kinds {
    let paths = || files.iter().filter_map(|file| file.get("paths").and_then(Value::as_object)).flatten();
    let mut kinds = BTreeMap::new();
    let mut owners = BTreeMap::new();
    for (path, operations) in paths() {
        let Some(place) = Place::of(path) else { continue };
        if place.subresource.is_none() {
            for (method, operation) in operations.as_object().into_iter().flatten() {
                if let Some(key) = add_operation(&mut kinds, &place, method, operation) {
                    owners.insert((place.api, place.plural), key);
                }
            }
        }
    }
    for place in paths().filter_map(|(path, _)| Place::of(path)) {
        let owner = owners.get(&(place.api, place.plural)).and_then(|key| kinds.get_mut(key));
        if let (Some(kind), Some(subresource)) = (owner, place.subresource) {
            kind.status |= subresource == "status";
            kind.scale |= subresource == "scale";
        }
    }
    kinds
}

fn add_operation(
    kinds: &mut Kinds,
    place: &Place<'_>,
    method: &str,
    operation: &Value,
) -> Option<(String, String, String)> {
    let gvk = operation.get("x-kubernetes-group-version-kind")?;
    let verb = match (method, text(operation, "x-kubernetes-action")) {
        (_, "post") => "create",
        (_, "put") => "update",
        (_, "watch" | "watchlist") => "watch",
        (_, "connect" | "") => return None,
        (_, action) => action,
    };
    let bit = tessera_stdlib::packed::VERBS.iter().position(|known| *known == verb)?;
    let key = (text(gvk, "kind").to_owned(), group_name(text(gvk, "group")), text(gvk, "version").to_owned());
    let kind: &mut Kind = kinds.entry(key.clone()).or_default();
    place.plural.clone_into(&mut kind.plural);
    kind.namespaced |= place.namespaced;
    kind.verbs |= 1 << bit;
    Some(key)
}

/// What a path of the API says.
struct Place<'a> {
    /// `/api/v1` or `/apis/apps/v1`.
    api: &'a str,
    namespaced: bool,
    plural: &'a str,
    subresource: Option<&'a str>,
}

impl<'a> Place<'a> {
    fn of(path: &'a str) -> Option<Self> {
        let version_at = if path.starts_with("/apis/") { 3 } else { 2 };
        let end = path.match_indices('/').nth(version_at).map(|(at, _)| at)?;
        let (api, rest) = path.split_at_checked(end)?;
        let mut parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
        if parts.first() == Some(&"watch") {
            parts.remove(0);
        }
        let namespaced = matches!(parts.as_slice(), ["namespaces", "{namespace}", _, ..]);
        let own = if namespaced { parts.get(2..)? } else { parts.as_slice() };
        let (plural, subresource) = match own {
            [plural] | [plural, "{name}"] => (plural, None),
            [plural, "{name}", subresource, ..] => (plural, Some(*subresource)),
            _ => return None,
        };
        Some(Self { api, namespaced, plural, subresource })
    }
}

/// The group as it stands in names: `core` for the core group.
pub(crate) fn group_name(group: &str) -> String {
    if group.is_empty() { "core".to_owned() } else { group.to_owned() }
}

/// A text of an object, empty where there is none.
pub(crate) fn text<'a>(schema: &'a Value, key: &str) -> &'a str {
    schema.get(key).and_then(Value::as_str).unwrap_or_default()
}
