//! The least object that a schema takes: its required fields, each with the
//! first value that comes to mind.

use std::fmt::Write as _;

use tessera_compiler::source::{FileId, Span};
use tessera_compiler::yaml::{self, Node, NodeKind};

/// The least object of a version of a kind, in the language.
pub struct Sample {
    /// `cert-manager.io/v1/Certificate`.
    pub kind: String,
    /// The entries of the resource, one a line.
    pub body: String,
}

/// Kinds whose rules want more than a schema shows: their samples break them, as
/// a server would say too.
pub const WANT_MORE: &[&str] = &[
    "BackendTLSPolicy",
    "ClusterUsage",
    "ControllerReconciler",
    "IAPSettings",
    "Publication",
    "TCPRoute",
    "TLSRoute",
    "UDPRoute",
    "Usage",
    "XBackend",
];

/// The samples of the versions that the definitions of a text serve.
#[must_use]
pub fn samples(text: &str) -> Vec<Sample> {
    let (documents, _) = yaml::read(FileId(0), text);
    documents.iter().flat_map(|document| of_definition(&document.root)).collect()
}

fn of_definition(root: &Node) -> Vec<Sample> {
    let at = |node: &Node, path: &[&str]| path.iter().try_fold(node.clone(), |node, key| node.get(key).cloned());
    let name = |path: &[&str]| at(root, path).and_then(|node| node.as_str().map(str::to_owned)).unwrap_or_default();
    let (group, kind) = (name(&["spec", "group"]), name(&["spec", "names", "kind"]));
    let Some(versions) = at(root, &["spec", "versions"]) else { return Vec::new() };
    let mut samples = Vec::new();
    for version in items(&versions) {
        let served = matches!(version.get("served").map(|node| &node.kind), Some(NodeKind::Bool(true)));
        let schema = at(version, &["schema", "openAPIV3Schema"]);
        let (Some(schema), true) = (schema, served) else { continue };
        let version = version.get("name").and_then(Node::as_str).unwrap_or_default();
        let mut body = String::new();
        fields(&schema, &mut body, 0);
        samples.push(Sample { kind: format!("{group}/{version}/{kind}"), body });
    }
    samples
}

fn items(node: &Node) -> &[Node] {
    if let NodeKind::List(items) = &node.kind { items } else { &[] }
}

/// The required fields of an object, those with defaults left out.
fn fields(schema: &Node, out: &mut String, depth: usize) {
    for name in required(schema) {
        if depth == 0 && matches!(name, "apiVersion" | "kind" | "metadata" | "status") {
            continue;
        }
        let Some(property) = schema.get("properties").and_then(|properties| properties.get(name)) else { continue };
        if property.get("default").is_some() {
            continue;
        }
        let _ = write!(out, "{}{}: ", "  ".repeat(depth + 1), quoted(name));
        match named_by_rules(schema, name) {
            Some(more) => value(&more, out, depth + 1),
            None => value(property, out, depth + 1),
        }
        out.push('\n');
    }
}

/// The schema of a field with what rules require of it, where their messages say
/// so: Crossplane's providers write `spec.forProvider.name is a required parameter`.
fn named_by_rules(schema: &Node, field: &str) -> Option<Node> {
    let mut property = schema.get("properties")?.get(field)?.clone();
    let rules = schema.get("x-kubernetes-validations").map(items)?;
    let messages = rules.iter().filter_map(|rule| rule.get("message")?.as_str());
    let prefix = format!("spec.{field}.");
    let named = messages.filter_map(|text| text.strip_prefix(&prefix)?.strip_suffix(" is a required parameter"));
    let named: Vec<Node> = named.map(|name| text_node(name, property.span)).collect();
    let NodeKind::Map(entries) = &mut property.kind else { return None };
    match entries.iter_mut().find(|(key, _)| key.as_str() == Some("required")) {
        Some((_, Node { kind: NodeKind::List(required), .. })) => required.extend(named),
        _ => {
            let span = property.span;
            entries.push((text_node("required", span), Node { span, kind: NodeKind::List(named) }));
        }
    }
    Some(property)
}

fn text_node(text: &str, span: Span) -> Node {
    Node { span, kind: NodeKind::String { text: text.into(), plain: true } }
}

/// What must be there: what is required, and of alternatives the first.
fn required(schema: &Node) -> Vec<&str> {
    let mut names: Vec<&str> =
        schema.get("required").map(items).unwrap_or_default().iter().filter_map(Node::as_str).collect();
    for junctor in ["oneOf", "anyOf"] {
        let first = schema.get(junctor).map(items).and_then(<[Node]>::first);
        names.extend(first.map(required).unwrap_or_default());
    }
    for part in schema.get("allOf").map(items).unwrap_or_default() {
        names.extend(required(part));
    }
    names.dedup();
    names
}

fn value(schema: &Node, out: &mut String, depth: usize) {
    let text = |key: &str| schema.get(key).and_then(Node::as_str);
    let number = |key: &str| match schema.get(key).map(|node| &node.kind) {
        Some(NodeKind::Int(number)) => *number,
        _ => 0,
    };
    if let Some(first) = schema.get("enum").map(items).and_then(<[Node]>::first) {
        match &first.kind {
            NodeKind::String { text, .. } => out.push_str(&quoted(text)),
            NodeKind::Int(number) => {
                let _ = write!(out, "{number}");
            }
            other => {
                let _ = write!(out, "{other:?}");
            }
        }
        return;
    }
    match text("type") {
        Some("object") => {
            out.push_str("{\n");
            fields(schema, out, depth);
            if schema.get("properties").is_none() && number("minProperties") > 0 {
                out.push_str("\"key\": ");
                schema.get("additionalProperties").into_iter().for_each(|inner| value(inner, out, depth + 1));
                out.push('\n');
            }
            let _ = write!(out, "{}}}", "  ".repeat(depth));
        }
        Some("array") => {
            out.push('[');
            for at in 0..number("minItems") {
                out.push_str(if at > 0 { ", " } else { "" });
                schema.get("items").into_iter().for_each(|inner| value(inner, out, depth + 1));
            }
            out.push(']');
        }
        Some("integer") => {
            let least = number("minimum").max(1);
            let _ = write!(out, "{}", if number("maximum") > 0 { least.min(number("maximum")) } else { least });
        }
        Some("number") => out.push_str("1.0"),
        Some("boolean") => out.push_str("true"),
        Some("string") => {
            let written = match text("format") {
                Some("date-time") => "2026-01-31T12:00:00Z".to_owned(),
                Some("byte") => "YQ==".to_owned(),
                _ => of_pattern(text("pattern"), number("minLength").max(1) as usize),
            };
            out.push_str(&quoted(&written));
        }
        _ => out.push('1'),
    }
}

/// A text that a pattern is likely to match.
fn of_pattern(pattern: Option<&str>, length: usize) -> String {
    const GUESSES: [&str; 12] = [
        "a",
        "1",
        "1s",
        "1h",
        "a.b",
        "a/b",
        "/a",
        "https://a.b",
        "A",
        "1.2.3.4",
        "arn:aws:iam::123456789012:role/a",
        "*",
    ];
    let repeated = "a".repeat(length);
    let Some(pattern) = pattern else { return repeated };
    let fits = |text: &str| {
        let question = format!("{}.matches({})", quoted(text), quoted(pattern));
        let schemas = tessera_compiler::schema::Schemas::builtin();
        let answer = tessera_compiler::evaluate::evaluate_alone(&schemas, &question, &Default::default());
        answer.is_ok_and(|answer| matches!(answer.value, tessera_compiler::value::Value::Bool(true)))
    };
    let guesses = std::iter::once(repeated.as_str()).chain(GUESSES);
    guesses.into_iter().find(|guess| guess.len() >= length && fits(guess)).unwrap_or(&repeated).to_owned()
}

/// Text as the language writes it.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$").replace('\n', "\\n");
    format!("\"{escaped}\"")
}
