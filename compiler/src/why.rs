//! `tessera why`: finds the object and the field that are meant, and tells
//! where the value came from.

use std::fmt::Write as _;

use smol_str::SmolStr;

use crate::compile::{Built, Compilation, Settings, input};
use crate::instantiate::{self, Object};
pub use crate::instantiate::{Origin, Segment};
use crate::source::Span;
use crate::suggest;
use crate::value::Value;
use crate::yaml;

/// Where a value came from.
#[derive(Clone, Debug)]
pub struct Why {
    /// `Deployment/name`.
    pub object: String,
    /// The path in it, `spec.replicas`.
    pub path: String,
    /// The value.
    pub value: Value,
    /// Its origins: each step nearer to the source is one deeper.
    pub origins: Vec<Origin>,
}

/// The longest value that is shown beside its place, in characters.
const MAX_VALUE: usize = 60;

impl Why {
    /// The answer for people: the value, then a line for each step with its place.
    #[must_use]
    pub fn text(&self, place: impl Fn(Span) -> String) -> String {
        let path = if self.path.is_empty() { String::new() } else { format!(".{}", self.path) };
        let mut out = format!("{}{path} is {}\n", self.object, one_line(&self.value));
        for origin in &self.origins {
            let _ = writeln!(out, "{}{}  {}", "  ".repeat(origin.depth + 1), step(origin), place(origin.span));
        }
        out
    }
}

/// What a step is, and what it came to.
#[must_use]
pub fn step(origin: &Origin) -> String {
    match &origin.value {
        Some(found) => format!("{} = {}", origin.what, one_line(found)),
        None => origin.what.clone(),
    }
}

/// The value on one line.
fn one_line(found: &Value) -> String {
    let mut text = String::new();
    yaml::emit_json(found, &mut text);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MAX_VALUE { line } else { line.chars().take(MAX_VALUE - 1).chain(['…']).collect() }
}

/// Tells where a value came from. The question is `Kind/name.path`, `name.path`
/// or `resource.path`, with `[0]` for elements of lists and `["a.b/c"]` for keys
/// that are no plain words.
///
/// # Errors
/// A sentence that says what was not found, and what there is.
pub fn why(compilation: &Compilation, settings: &Settings, question: &str) -> Result<Why, String> {
    let (built, object, rest) = find(compilation, question)?;
    let path = parse_path(rest)?;
    let value = instantiate::at(&object.value, &path).ok_or_else(|| missing(object, &path))?;
    let composite = match built.instance.and_then(|i| compilation.instances.get(i)) {
        Some(instance) => &instance.composite,
        None => compilation
            .composites
            .iter()
            .find(|c| c.ir.span == built.span && c.ir.kind.is_empty())
            .ok_or("the object's source is not known")?,
    };
    let instance = built.instance.and_then(|i| compilation.instances.get(i)).map(|instance| &**instance);
    let input =
        input(composite, instance, &compilation.program, settings).map_err(|_| "the instance has errors".to_owned())?;
    let origins = instantiate::trace(&input, &object.resource, &object.keys, &path);
    Ok(Why { object: title(object), path: rest.trim_start_matches('.').to_owned(), value, origins })
}

fn text<'v>(object: &'v Object, path: &[&str]) -> &'v str {
    object.value.at(path).and_then(Value::as_str).unwrap_or("")
}

fn title(object: &Object) -> String {
    format!("{}/{}", text(object, &["kind"]), text(object, &["metadata", "name"]))
}

/// The object that a question begins with: the longest name that fits.
fn find<'c, 'q>(compilation: &'c Compilation, question: &'q str) -> Result<(&'c Built, &'c Object, &'q str), String> {
    let mut best: Option<(usize, &Built, &Object, &str)> = None;
    let mut all = Vec::new();
    for built in &compilation.built {
        for object in &built.result.objects {
            all.push(title(object));
            let names = [title(object), text(object, &["metadata", "name"]).to_owned(), object.resource.to_string()];
            for name in names {
                let Some(rest) = question.strip_prefix(name.as_str()) else { continue };
                let whole = rest.is_empty() || rest.starts_with(['.', '[']);
                if whole && best.as_ref().is_none_or(|(length, ..)| name.len() > *length) {
                    best = Some((name.len(), built, object, rest));
                }
            }
        }
    }
    best.map(|(_, built, object, rest)| (built, object, rest)).ok_or_else(|| {
        let wanted = question.split('.').next().unwrap_or(question);
        match suggest::closest(wanted, all.iter().map(String::as_str)) {
            Some(close) => format!("there is no object `{wanted}`; did you mean `{close}`?"),
            None if all.is_empty() => "nothing is built here: there is no instance, or it has errors".to_owned(),
            None => {
                format!("there is no object `{wanted}`; there are {}", suggest::listing(all.iter().map(String::as_str)))
            }
        }
    })
}

fn missing(object: &Object, path: &[Segment]) -> String {
    let mut known = object.value.clone();
    for (depth, segment) in path.iter().enumerate() {
        let Some(next) = instantiate::at(&known, std::slice::from_ref(segment)) else {
            let name = match segment {
                Segment::Field(name) => format!("field `{name}`"),
                Segment::Index(index) => format!("element {index}"),
            };
            let fields: Vec<String> =
                known.as_map().map(|m| m.iter().map(|(k, _)| k.to_string()).collect()).unwrap_or_default();
            let place = if depth == 0 { title(object) } else { "the value there".to_owned() };
            let there = if fields.is_empty() {
                String::new()
            } else {
                format!("; it has {}", suggest::listing(fields.iter().map(String::as_str)))
            };
            return format!("{place} has no {name}{there}");
        };
        known = next;
    }
    "nothing is there".to_owned()
}

/// `.spec.containers[0]["a.b"]` as segments.
fn parse_path(text: &str) -> Result<Vec<Segment>, String> {
    let mut segments = Vec::new();
    let mut rest = text.strip_prefix('.').unwrap_or(text);
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (inside, after) = inner.split_once(']').ok_or_else(|| format!("`[` is not closed in `{text}`"))?;
            let key = inside.trim_matches(['"', '\'']);
            segments.push(match inside.parse::<usize>() {
                Ok(index) => Segment::Index(index),
                Err(_) => Segment::Field(SmolStr::new(key)),
            });
            rest = after.strip_prefix('.').unwrap_or(after);
            continue;
        }
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        segments.push(Segment::Field(SmolStr::new(name)));
        rest = after.strip_prefix('.').unwrap_or(after);
    }
    Ok(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_fields_and_elements() {
        let field = |t: &str| Segment::Field(t.into());
        assert_eq!(parse_path(".spec.a[0].b").unwrap(), [field("spec"), field("a"), Segment::Index(0), field("b")]);
        assert_eq!(parse_path("labels[\"a.b/c\"]").unwrap(), [field("labels"), field("a.b/c")]);
        assert!(parse_path("a[0").is_err());
    }
}
