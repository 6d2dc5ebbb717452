//! Patch-and-transform, as far as the target writes it: a small interpreter after the
//! function's documentation, which says no to whatever the function's input does not have.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

/// What a step comes to.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The objects by their names, and whether each is ready.
    pub resources: BTreeMap<String, (Json, bool)>,
    /// What is written to the composite.
    pub composite: Json,
}

type Result<T> = std::result::Result<T, String>;

/// Whether an object has only these fields, and these of them.
fn shape(object: &Json, required: &[&str], optional: &[&str]) -> Result<()> {
    let fields = object.as_object().ok_or_else(|| format!("no object: {object}"))?;
    if let Some(lacks) = required.iter().find(|name| !fields.contains_key(**name)) {
        return Err(format!("`{lacks}` is missing in {object}"));
    }
    match fields.keys().find(|name| !required.contains(&name.as_str()) && !optional.contains(&name.as_str())) {
        Some(unknown) => Err(format!("`{unknown}` is unknown in {object}")),
        None => Ok(()),
    }
}

fn text<'j>(object: &'j Json, field: &str) -> Result<&'j str> {
    object[field].as_str().ok_or_else(|| format!("`{field}` is no text in {object}"))
}

fn list<'j>(object: &'j Json, field: &str) -> Result<&'j [Json]> {
    match &object[field] {
        Json::Null => Ok(&[]),
        Json::Array(items) => Ok(items),
        other => Err(format!("`{field}` is no list: {other}")),
    }
}

/// Runs the step of a pipeline.
///
/// # Errors
/// What makes the pipeline fail.
pub fn run(input: &Json, composite: &Json, observed: &BTreeMap<String, Json>) -> Result<Outcome> {
    shape(input, &["apiVersion", "kind", "resources"], &["environment"])?;
    if (text(input, "apiVersion")?, text(input, "kind")?) != ("pt.fn.crossplane.io/v1beta1", "Resources") {
        return Err("another function's input".to_owned());
    }
    templates(list(input, "resources")?, list(&input["environment"], "patches")?, composite, observed, false)
}

/// Runs the `resources` of an older Composition.
///
/// # Errors
/// What makes it fail.
pub fn run_older(resources: &[Json], composite: &Json, observed: &BTreeMap<String, Json>) -> Result<Outcome> {
    templates(resources, &[], composite, observed, true)
}

fn templates(
    resources: &[Json],
    environment: &[Json],
    composite: &Json,
    observed: &BTreeMap<String, Json>,
    older: bool,
) -> Result<Outcome> {
    let mut outcome = Outcome { composite: json!({}), ..Outcome::default() };
    let mut between = json!({});
    for patch in environment {
        let missing = match text(patch, "type")? {
            "ToCompositeFieldPath" => apply(patch, &between, &mut outcome.composite, older)?,
            _ => apply(patch, composite, &mut between, older)?,
        };
        if missing && is_required(patch) {
            return Err(format!("nothing to patch from: {patch}"));
        }
    }
    for template in resources {
        shape(template, &["name", "base", "readinessChecks"], &["patches"])?;
        let name = text(template, "name")?;
        let there = observed.get(name);
        let mut object = template["base"].clone();
        let mut skipped = false;
        for patch in list(template, "patches")? {
            if text(patch, "type")? == "ToCompositeFieldPath" {
                if let Some(there) = there {
                    apply(patch, there, &mut outcome.composite, older)?;
                }
                continue;
            }
            let missing = apply(patch, composite, &mut object, older)?;
            skipped |= missing && is_required(patch);
        }
        if skipped && there.is_none() {
            continue;
        }
        let checks = list(template, "readinessChecks")?;
        if checks.is_empty() {
            return Err(format!("`{name}` states no readiness"));
        }
        let mut ready = there.is_some();
        for check in checks {
            ready &= holds(check, there.unwrap_or(&Json::Null))?;
        }
        if outcome.resources.insert(name.to_owned(), (object, ready)).is_some() {
            return Err(format!("two resources are called `{name}`"));
        }
    }
    Ok(outcome)
}

fn is_required(patch: &Json) -> bool {
    patch.pointer("/policy/fromFieldPath").is_some_and(|policy| policy == "Required")
}

/// Applies a patch; whether there was nothing to patch from.
fn apply(patch: &Json, from: &Json, to: &mut Json, older: bool) -> Result<bool> {
    let mut value = match text(patch, "type")? {
        "FromCompositeFieldPath" | "ToCompositeFieldPath" => {
            shape(patch, &["type", "fromFieldPath", "toFieldPath"], &["transforms", "policy"])?;
            match get(from, text(patch, "fromFieldPath")?)? {
                Some(value) => value.clone(),
                None => return Ok(true),
            }
        }
        "CombineFromComposite" => {
            shape(patch, &["type", "combine", "toFieldPath"], &["transforms", "policy"])?;
            let combine = &patch["combine"];
            shape(combine, &["strategy", "variables", "string"], &[])?;
            let mut values = Vec::new();
            for variable in list(combine, "variables")? {
                shape(variable, &["fromFieldPath"], &[])?;
                match get(from, text(variable, "fromFieldPath")?)? {
                    Some(value) => values.push(value.clone()),
                    None => return Ok(true),
                }
            }
            shape(&combine["string"], &["fmt"], &[])?;
            Json::String(print(text(&combine["string"], "fmt")?, &values)?)
        }
        other => return Err(format!("a patch of type `{other}`")),
    };
    for transform in list(patch, "transforms")? {
        value = transformed(transform, value)?;
    }
    let policy = &patch["policy"];
    if !policy.is_null() {
        shape(policy, &["fromFieldPath"], if older { &["mergeOptions"] } else { &["toFieldPath"] })?;
    }
    let merges = policy["toFieldPath"] == "MergeObjects" || policy["mergeOptions"] == json!({ "keepMapValues": true });
    set(to, &segments(text(patch, "toFieldPath")?)?, value, merges)?;
    Ok(false)
}

fn transformed(transform: &Json, value: Json) -> Result<Json> {
    let kind = text(transform, "type")?;
    shape(transform, &["type", kind], &[])?;
    let how = &transform[kind];
    match kind {
        "convert" => {
            shape(how, &["toType"], &[])?;
            match (text(how, "toType")?, &value) {
                ("string", Json::String(_)) => Ok(value),
                ("string", Json::Bool(_) | Json::Number(_)) => Ok(Json::String(value.to_string())),
                (other, value) => Err(format!("a conversion of {value} to {other}")),
            }
        }
        "string" => {
            shape(how, &["type", "fmt"], &[])?;
            match text(how, "type")? {
                "Format" => Ok(Json::String(print(text(how, "fmt")?, &[value])?)),
                other => Err(format!("the transform of text `{other}`")),
            }
        }
        "map" => {
            let key = value.as_str().ok_or_else(|| format!("a map looks {value} up"))?;
            how.get(key).cloned().ok_or_else(|| format!("the map has no `{key}`"))
        }
        "match" => {
            shape(how, &["patterns", "fallbackValue"], &[])?;
            if list(how, "patterns")?.is_empty() {
                return Err("a match without patterns".to_owned());
            }
            for pattern in list(how, "patterns")? {
                shape(pattern, &["type", "literal", "result"], &[])?;
                let value = value.as_str().ok_or_else(|| format!("a match with {value}"))?;
                if text(pattern, "literal")? == value {
                    return Ok(pattern["result"].clone());
                }
            }
            Ok(how["fallbackValue"].clone())
        }
        other => Err(format!("the transform `{other}`")),
    }
}

/// What Go's `fmt.Sprintf` makes of texts, truths, and numbers that are floats.
fn print(format: &str, values: &[Json]) -> Result<String> {
    let mut values = values.iter();
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(char) = chars.next() {
        if char != '%' {
            out.push(char);
            continue;
        }
        let verb = chars.next();
        if verb == Some('%') {
            out.push('%');
            continue;
        }
        match (verb, values.next()) {
            (Some('s' | 'v'), Some(Json::String(text))) => out.push_str(text),
            (Some('t' | 'v'), Some(Json::Bool(truth))) => out.push_str(&truth.to_string()),
            (Some('v'), Some(Json::Number(number))) if number.as_i64().is_some_and(|n| n.abs() < 1_000_000) => {
                out.push_str(&number.to_string());
            }
            (verb, value) => return Err(format!("{verb:?} of {value:?}")),
        }
    }
    if values.next().is_some() { Err(format!("`{format}` leaves values over")) } else { Ok(out) }
}

/// A step of a field path.
enum Segment {
    Field(String),
    Index(usize),
}

fn segments(path: &str) -> Result<Vec<Segment>> {
    let mut found = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (name, after) = inner.split_once(']').ok_or_else(|| format!("`{path}` does not close"))?;
            found.push(name.parse().map_or_else(|_| Segment::Field(name.to_owned()), Segment::Index));
            rest = after.strip_prefix('.').unwrap_or(after);
            continue;
        }
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        if end == 0 {
            return Err(format!("`{path}` has an empty field"));
        }
        found.push(Segment::Field(rest[..end].to_owned()));
        rest = rest[end..].strip_prefix('.').unwrap_or(&rest[end..]);
    }
    Ok(found)
}

fn get<'j>(object: &'j Json, path: &str) -> Result<Option<&'j Json>> {
    let mut found = object;
    for segment in segments(path)? {
        let next = match &segment {
            Segment::Field(name) => found.get(name),
            Segment::Index(index) => found.get(index),
        };
        let Some(next) = next else { return Ok(None) };
        found = next;
    }
    Ok(Some(found))
}

fn set(into: &mut Json, path: &[Segment], value: Json, merges: bool) -> Result<()> {
    let Some((first, rest)) = path.split_first() else {
        match (merges, &mut *into, value) {
            (true, Json::Object(fields), Json::Object(more)) => {
                for (name, value) in more {
                    fields.entry(name).or_insert(value);
                }
            }
            (_, into, value) => *into = value,
        }
        return Ok(());
    };
    match first {
        Segment::Field(name) => {
            if into.is_null() {
                *into = Json::Object(Map::new());
            }
            let fields = into.as_object_mut().ok_or_else(|| format!("`{name}` of no object"))?;
            set(fields.entry(name.clone()).or_insert(Json::Null), rest, value, merges)
        }
        Segment::Index(index) => {
            let items = into.as_array_mut().ok_or_else(|| format!("item {index} of no list"))?;
            let item = items.get_mut(*index).ok_or_else(|| format!("item {index} of a shorter list"))?;
            set(item, rest, value, merges)
        }
    }
}

/// Whether a check of readiness holds.
fn holds(check: &Json, object: &Json) -> Result<bool> {
    let kind = text(check, "type")?;
    let value = |check: &Json| Ok::<_, String>(get(object, text(check, "fieldPath")?)?.cloned());
    match kind {
        "None" => shape(check, &["type"], &[]).map(|()| true),
        "NonEmpty" => shape(check, &["type", "fieldPath"], &[]).and_then(|()| Ok(value(check)?.is_some())),
        "MatchTrue" => shape(check, &["type", "fieldPath"], &[]).and_then(|()| Ok(value(check)? == Some(json!(true)))),
        "MatchFalse" => {
            shape(check, &["type", "fieldPath"], &[]).and_then(|()| Ok(value(check)? == Some(json!(false))))
        }
        "MatchString" => shape(check, &["type", "fieldPath", "matchString"], &[])
            .and_then(|()| Ok(value(check)?.as_ref() == Some(&check["matchString"]))),
        "MatchInteger" => shape(check, &["type", "fieldPath", "matchInteger"], &[])
            .and_then(|()| Ok(value(check)?.as_ref() == Some(&check["matchInteger"]))),
        "MatchCondition" => {
            shape(check, &["type", "matchCondition"], &[])?;
            let wanted = &check["matchCondition"];
            shape(wanted, &["type", "status"], &[])?;
            let conditions = object.pointer("/status/conditions").and_then(Json::as_array);
            Ok(conditions.into_iter().flatten().any(|c| c["type"] == wanted["type"] && c["status"] == wanted["status"]))
        }
        other => Err(format!("the check `{other}`")),
    }
}
