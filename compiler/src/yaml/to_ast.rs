//! YAML values as expressions of the language, so that the checker that checks
//! an instance in the language checks one in YAML, at its places in the YAML.

use smol_str::SmolStr;

use super::{Document, Node, NodeKind};
use crate::diagnostic::{Diagnostic, E0302, E0902};
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::{Entry, Expr, ExprKind, Ident, Item, Key};
use crate::value::{Map, Value};

/// What a document says that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// `apiVersion` and its place.
    pub api_version: (SmolStr, Span),
    /// `kind` and its place.
    pub kind: (SmolStr, Span),
}

/// A Kubernetes object, taken apart as an instance of a composite.
#[derive(Clone, Debug)]
pub struct InstanceDocument {
    /// `apiVersion` and `kind`.
    pub header: Header,
    /// `metadata.name`; `None` where it is missing.
    pub name: Option<(SmolStr, Span)>,
    /// `metadata.namespace`.
    pub namespace: Option<(SmolStr, Span)>,
    /// `metadata.labels`, an object.
    pub labels: Option<Expr>,
    /// `metadata.annotations`, an object.
    pub annotations: Option<Expr>,
    /// `spec`, an object; empty, at the place of `kind`, where it is missing.
    pub spec: Expr,
    /// Top-level fields that no object has, with the places of their keys.
    pub unknown: Vec<Ident>,
    /// The whole document.
    pub span: Span,
}

/// The value as an expression of literals, lists and objects.
#[must_use]
pub fn expr(node: &Node) -> Expr {
    let kind = match &node.kind {
        NodeKind::Null => ExprKind::Null,
        NodeKind::Bool(value) => ExprKind::Bool(*value),
        NodeKind::Int(value) => ExprKind::Int(*value),
        NodeKind::Uint(value) => ExprKind::Uint(*value),
        NodeKind::Float(value) => ExprKind::Float(*value),
        NodeKind::String { text, .. } => ExprKind::String(text.clone()),
        NodeKind::List(items) => ExprKind::List(items.iter().map(|item| Item::Value(expr(item))).collect()),
        NodeKind::Map(entries) => ExprKind::Object(entries.iter().map(entry).collect()),
    };
    Expr { kind, span: node.span }
}

/// The value itself, without its places.
#[must_use]
pub fn value(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Null => Value::Null,
        NodeKind::Bool(value) => Value::Bool(*value),
        NodeKind::Int(value) => Value::Int(*value),
        NodeKind::Uint(value) => Value::Uint(*value),
        NodeKind::Float(value) => Value::Float(*value),
        NodeKind::String { text, .. } => Value::str(text),
        NodeKind::List(items) => Value::list(items.iter().map(value).collect()),
        NodeKind::Map(entries) => {
            let mut map = Map::with_capacity(entries.len());
            for (key, entry) in entries {
                map.insert(key.as_str().unwrap_or_default(), value(entry));
            }
            Value::map(map)
        }
    }
}

fn entry((key, value): &(Node, Node)) -> Entry {
    let bare = matches!(key.kind, NodeKind::String { plain: true, .. });
    let name = Ident { name: key.as_str().unwrap_or_default().into(), span: key.span };
    Entry::Field { doc: None, key: Key::Word { name, bare }, value: expr(value), optional: false }
}

/// `apiVersion` and `kind` of a document that is a Kubernetes object; `None`
/// for any other YAML.
#[must_use]
pub fn header(document: &Document) -> Option<Header> {
    let text = |key| {
        let node = document.root.get(key)?;
        Some((SmolStr::new(node.as_str()?), node.span))
    };
    Some(Header { api_version: text("apiVersion")?, kind: text("kind")? })
}

/// The fields of `metadata` that a file may hold.
const METADATA: [&str; 7] =
    ["name", "namespace", "labels", "annotations", "generateName", "ownerReferences", "finalizers"];

/// Those that only a server writes (`ObjectMeta` in apimachinery's `pkg/apis/meta/v1/types.go`).
pub(crate) const SERVER_METADATA: [&str; 8] = [
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
    "selfLink",
];

/// Takes a document with this header apart. Fields of another type than
/// Kubernetes gives them are reported and left out.
#[must_use]
pub fn instance(document: &Document, header: Header) -> (InstanceDocument, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let root = &document.root;
    let metadata = root.get("metadata").and_then(|node| object(node, "metadata", &mut diagnostics));
    let field = |key| metadata.and_then(|node| node.get(key));
    for (key, _) in metadata.map(Node::entries).unwrap_or_default() {
        let Some(name) = key.as_str().filter(|name| !METADATA.contains(name) && !SERVER_METADATA.contains(name)) else {
            continue;
        };
        let diagnostic = Diagnostic::new(&E0302, key.span, format!("`metadata` has no field `{name}`"));
        diagnostics.push(match suggest::closest(name, METADATA.into_iter().chain(SERVER_METADATA)) {
            Some(best) => diagnostic.fix(format!("replace it with `{best}`"), key.span, best, true),
            None => diagnostic.help("the parameters stand under `spec`"),
        });
    }
    let instance = InstanceDocument {
        name: field("name").and_then(|node| text(node, "metadata.name", &mut diagnostics)),
        namespace: field("namespace").and_then(|node| text(node, "metadata.namespace", &mut diagnostics)),
        labels: field("labels").and_then(|node| object(node, "metadata.labels", &mut diagnostics)).map(expr),
        annotations: field("annotations")
            .and_then(|node| object(node, "metadata.annotations", &mut diagnostics))
            .map(expr),
        spec: root
            .get("spec")
            .and_then(|node| object(node, "spec", &mut diagnostics))
            .map_or_else(|| Expr { kind: ExprKind::Object(Vec::new()), span: header.kind.1 }, expr),
        unknown: unknown(root),
        span: root.span,
        header,
    };
    (instance, diagnostics)
}

/// The keys that stand beside `spec` and belong to no object. `status` is
/// passed over: it stands in what `kubectl get -o yaml` prints.
fn unknown(root: &Node) -> Vec<Ident> {
    let known = |key: &str| matches!(key, "apiVersion" | "kind" | "metadata" | "spec" | "status");
    let keys = root.entries().iter().filter_map(|(key, _)| Some((key.as_str()?, key.span)));
    keys.filter(|(key, _)| !known(key)).map(|(key, span)| Ident { name: key.into(), span }).collect()
}

/// The node if it is a map, `None` if it is null.
fn object<'a>(node: &'a Node, field: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<&'a Node> {
    match node.kind {
        NodeKind::Map(_) => return Some(node),
        NodeKind::Null => {}
        _ => {
            let message = format!("`{field}` must be a map, but this is {}", describe(node));
            diagnostics.push(
                Diagnostic::new(&E0902, node.span, message)
                    .help(format!("write `key: value` lines below `{}:`", last(field))),
            );
        }
    }
    None
}

/// The text of the node, `None` if it is null.
fn text(node: &Node, field: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<(SmolStr, Span)> {
    match &node.kind {
        NodeKind::String { text, .. } => return Some((text.clone(), node.span)),
        NodeKind::Null => {}
        _ => {
            let message = format!("`{field}` must be text, but this is {}", describe(node));
            diagnostics.push(Diagnostic::new(&E0902, node.span, message).help("put the value in quotes"));
        }
    }
    None
}

fn last(field: &str) -> &str {
    field.rsplit('.').next().unwrap_or(field)
}

fn describe(node: &Node) -> &'static str {
    match node.kind {
        NodeKind::Null => "null",
        NodeKind::Bool(_) => "a truth value",
        NodeKind::Int(_) | NodeKind::Uint(_) | NodeKind::Float(_) => "a number",
        NodeKind::String { .. } => "text",
        NodeKind::List(_) => "a list",
        NodeKind::Map(_) => "a map",
    }
}
