//! A tree to a [`Schema`], with what is odd about it.
//!
//! What a schema may say is what the API server lets it say
//! (apiextensions-apiserver, pkg/apiserver/schema/validation.go). A schema that
//! breaks those rules is one that no server would have taken; it is read as far
//! as it has a meaning, and the rest allows anything.

use std::sync::OnceLock;

use smol_str::SmolStr;

use super::formats;
use super::model::{Checks, Form, Node, NodeId, Pattern, Property, Range, Rule, Schema};
use super::names::start_of;
use crate::diagnostic::{Diagnostic, E0420, W0820, W0822};
use crate::schema::ListType;
use crate::source::Span;
use crate::yaml::{self, NodeKind};

/// How many nodes the schema of one version may have.
pub(super) const MAX_NODES: usize = 1 << super::NODE_BITS;
/// How much is said about one version; more of the same helps nobody.
const MAX_REPORTS: usize = 20;

/// The decoded schema of a version.
pub(super) struct Decoded {
    pub(super) schema: Schema,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// A schema that allows everything.
pub(super) fn open() -> Schema {
    Schema { nodes: vec![Node { form: Form::Object, open: true, ..Node::default() }] }
}

/// Decodes the schema under `openAPIV3Schema`.
pub(super) fn decode(root: &yaml::Node) -> Decoded {
    decode_within(root, MAX_NODES)
}

/// Decodes a schema of at most so many nodes.
pub(super) fn decode_within(root: &yaml::Node, limit: usize) -> Decoded {
    let mut decoder = Decoder { schema: Schema::default(), diagnostics: Vec::new(), limit };
    decoder.node(root, None, Level::Root);
    if decoder.schema.nodes.is_empty() {
        decoder.schema = open();
    }
    Decoded { schema: decoder.schema, diagnostics: decoder.diagnostics }
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Field,
    /// Within `allOf`, `anyOf`, `oneOf` or `not`: it checks values and gives no types.
    Junctor,
}

impl Level {
    const fn below(self) -> Self {
        match self {
            Self::Junctor => Self::Junctor,
            Self::Root | Self::Field => Self::Field,
        }
    }
}

struct Decoder {
    schema: Schema,
    diagnostics: Vec<Diagnostic>,
    limit: usize,
}

impl Decoder {
    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_REPORTS {
            self.diagnostics.push(diagnostic);
        }
    }

    fn quirk(&mut self, span: Span, message: impl Into<String>, note: &str) {
        self.report(Diagnostic::new(&W0820, span, message).note(note).help(SUPPRESS));
    }

    /// Decodes a node and what is below it; its place in the list.
    fn node(&mut self, tree: &yaml::Node, parent: Option<NodeId>, level: Level) -> NodeId {
        let id = NodeId(self.schema.nodes.len() as u32);
        if self.schema.nodes.len() >= self.limit {
            if self.schema.nodes.len() == self.limit {
                let message = format!("the schema has more than {} parts", self.limit);
                self.report(Diagnostic::new(&E0420, start_of(tree), message).help("what is left allows anything"));
                self.schema.nodes.push(Node { parent, ..Node::default() });
            }
            return NodeId(self.limit as u32);
        }
        self.schema.nodes.push(Node { parent, ..Node::default() });
        let node = Node { parent, ..self.read(tree, id, level) };
        if let Some(place) = self.schema.nodes.get_mut(id.0 as usize) {
            *place = node;
        }
        id
    }

    fn read(&mut self, tree: &yaml::Node, id: NodeId, level: Level) -> Node {
        let mut node = Node { parent: None, ..Node::default() };
        let NodeKind::Map(entries) = &tree.kind else {
            self.quirk(tree.span, "a schema is an object", "anything is allowed here");
            return node;
        };
        let mut checks = Checks::default();
        let (mut ty, mut format, mut int_or_string) = (None, None, false);
        let mut required: Vec<SmolStr> = Vec::new();
        for (key, value) in entries {
            let truth = || matches!(value.kind, NodeKind::Bool(true));
            match key.as_str().unwrap_or_default() {
                "type" => ty = Some((value, value.as_str().unwrap_or_default())),
                "format" => format = value.as_str(),
                "description" => node.doc = value.as_str().filter(|text| !text.is_empty()).map(Into::into),
                "nullable" => node.nullable = truth(),
                "x-kubernetes-preserve-unknown-fields" => node.open = truth(),
                "x-kubernetes-embedded-resource" => node.embedded = truth(),
                "x-kubernetes-int-or-string" => int_or_string = truth(),
                "x-kubernetes-map-type" => node.atomic = value.as_str() == Some("atomic"),
                "properties" => node.properties = self.properties(value, id, level),
                "items" => node.inner = self.items(value, id, level),
                "additionalProperties" => self.additional(value, id, level, &mut node),
                "required" => required = texts(value),
                "$ref" => self.reference(key.span),
                name => self.check(name, key.span, value, id, &mut checks),
            }
        }
        node.form = self.form(ty, int_or_string, &node, tree, level);
        node.format = formats::format(node.form, format, checks.pattern.as_ref());
        for property in &mut node.properties {
            property.required = required.contains(&property.name);
        }
        required.retain(|name| node.property(name).is_none());
        checks.required = required;
        if !checks.is_empty() {
            node.checks = Some(Box::new(checks));
        }
        self.lists(&node, tree);
        node
    }

    fn form(
        &mut self,
        ty: Option<(&yaml::Node, &str)>,
        int_or_string: bool,
        node: &Node,
        tree: &yaml::Node,
        level: Level,
    ) -> Form {
        let Some((place, name)) = ty else {
            if int_or_string {
                return Form::IntOrString;
            }
            if level == Level::Junctor || node.open || tree.get("$ref").is_some() {
                return Form::Any;
            }
            if node.embedded || !node.properties.is_empty() {
                self.quirk(start_of(tree), "the schema says no `type`", "it is read as `object`, since it has fields");
                return Form::Object;
            }
            self.quirk(start_of(tree), "the schema says no `type`", "anything is allowed here");
            return Form::Any;
        };
        let form = match name {
            "object" => Form::Object,
            "array" => Form::Array,
            "string" => Form::String,
            "integer" => Form::Integer,
            "number" => Form::Number,
            "boolean" => Form::Boolean,
            _ => {
                self.quirk(place.span, format!("`{name}` is no type of a schema"), "anything is allowed here");
                return Form::Any;
            }
        };
        if level == Level::Root && form != Form::Object {
            self.quirk(place.span, format!("an object cannot be of type `{name}`"), "any field is allowed");
            return Form::Object;
        }
        if int_or_string { Form::IntOrString } else { form }
    }

    fn properties(&mut self, tree: &yaml::Node, id: NodeId, level: Level) -> Box<[Property]> {
        let mut properties = Vec::with_capacity(tree.entries().len());
        for (key, value) in tree.entries() {
            let node = self.node(value, Some(id), level.below());
            properties.push(Property { name: key.as_str().unwrap_or_default().into(), node, required: false });
        }
        properties.into_boxed_slice()
    }

    fn items(&mut self, tree: &yaml::Node, id: NodeId, level: Level) -> Option<NodeId> {
        Some(self.node(tree, Some(id), level.below()))
    }

    fn additional(&mut self, tree: &yaml::Node, id: NodeId, level: Level, node: &mut Node) {
        match tree.kind {
            NodeKind::Bool(true) => node.open = true,
            NodeKind::Bool(false) => {}
            _ => node.inner = Some(self.node(tree, Some(id), level.below())),
        }
    }

    fn reference(&mut self, span: Span) {
        self.report(
            Diagnostic::new(&E0420, span, "a definition of a kind may not refer to other schemas with `$ref`")
                .note("no API server takes it; anything is allowed here")
                .help("write out what it refers to"),
        );
    }

    /// A keyword that checks values.
    fn check(&mut self, name: &str, key: Span, value: &yaml::Node, id: NodeId, checks: &mut Checks) {
        let truth = || matches!(value.kind, NodeKind::Bool(true));
        match name {
            "default" => checks.default = Some(yaml::value(value)),
            "enum" => checks.choice = list(value).iter().map(yaml::value).collect(),
            "pattern" => checks.pattern = self.pattern(value),
            "minLength" => checks.lengths.least = count(value),
            "maxLength" => checks.lengths.greatest = count(value),
            "minItems" => checks.items.least = count(value),
            "maxItems" => checks.items.greatest = count(value),
            "minProperties" => checks.entries.least = count(value),
            "maxProperties" => checks.entries.greatest = count(value),
            "minimum" => checks.number.least = number(value),
            "maximum" => checks.number.greatest = number(value),
            "exclusiveMinimum" => checks.exclusive.0 = truth(),
            "exclusiveMaximum" => checks.exclusive.1 = truth(),
            "multipleOf" => checks.multiple = number(value).filter(|factor| *factor > 0.0),
            "uniqueItems" => checks.unique = truth(),
            "allOf" => checks.all_of = self.junctor(value, id),
            "anyOf" => checks.any_of = self.junctor(value, id),
            "oneOf" => checks.one_of = self.junctor(value, id),
            "not" => checks.not = Some(self.node(value, Some(id), Level::Junctor)),
            "x-kubernetes-list-type" => match value.as_str() {
                Some("atomic") => checks.list = ListType::Atomic,
                Some("set") => checks.list = ListType::Set,
                Some("map") if !matches!(checks.list, ListType::Map(_)) => checks.list = ListType::Map(Vec::new()),
                Some("map") => {}
                _ => self.quirk(value.span, "this is no type of list", "they are `atomic`, `set` and `map`"),
            },
            "x-kubernetes-list-map-keys" => checks.list = ListType::Map(texts(value)),
            "x-kubernetes-validations" => checks.rules = list(value).iter().filter_map(|r| self.rule(r)).collect(),
            "title" | "example" | "externalDocs" | "id" | "$schema" => {}
            other if other.starts_with("x-") => {}
            other => {
                self.quirk(key, format!("`{other}` has no meaning in the schema of a kind"), "it is passed over");
            }
        }
    }

    fn junctor(&mut self, tree: &yaml::Node, id: NodeId) -> Vec<NodeId> {
        list(tree).iter().map(|node| self.node(node, Some(id), Level::Junctor)).collect()
    }

    fn pattern(&mut self, tree: &yaml::Node) -> Option<Pattern> {
        let text = tree.as_str().filter(|text| !text.is_empty())?;
        if let Err(reason) = crate::library::check_pattern(text) {
            let message = format!("the pattern is not a regular expression: {reason}");
            self.quirk(tree.span, message, "values are not checked against it");
            return None;
        }
        Some(Pattern { text: text.into(), compiled: OnceLock::new() })
    }

    fn rule(&mut self, tree: &yaml::Node) -> Option<Rule> {
        let text = |key: &str| tree.get(key).and_then(yaml::Node::as_str).filter(|text| !text.trim().is_empty());
        let Some(rule) = text("rule") else {
            let diagnostic = Diagnostic::new(&W0822, start_of(tree), "a validation without a `rule`");
            self.report(diagnostic.note("it is passed over").help(SUPPRESS));
            return None;
        };
        Some(Rule {
            rule: rule.into(),
            span: tree.get("rule").map_or(tree.span, |node| node.span),
            message: text("message").map(SmolStr::new),
            message_expression: text("messageExpression").map(SmolStr::new),
            field_path: text("fieldPath").map(SmolStr::new),
            optional_old_self: matches!(tree.get("optionalOldSelf").map(|n| &n.kind), Some(NodeKind::Bool(true))),
            compiled: OnceLock::new(),
        })
    }

    /// Whether what is said about a list fits what it holds.
    fn lists(&mut self, node: &Node, tree: &yaml::Node) {
        let Some(ListType::Map(keys)) = node.checks().map(|checks| &checks.list) else { return };
        if keys.is_empty() {
            self.quirk(start_of(tree), "a list of type `map` has no keys", "its items are not told apart");
        }
        let Some(item) = node.inner.and_then(|inner| self.schema.node(inner)) else { return };
        let missing = keys.iter().find(|key| item.property(key).is_none()).cloned();
        if let Some(key) = missing.filter(|_| !item.open) {
            let message = format!("the items of this list have no field `{key}`, which is to tell them apart");
            self.quirk(start_of(tree), message, "no server takes it");
        }
    }
}

/// What one does about a quirk.
pub(super) const SUPPRESS: &str =
    "tell whoever publishes the definition; to allow it, add `[[allow]]` with `code` and `reason` to `tessera.toml`";

impl Checks {
    fn is_empty(&self) -> bool {
        let ranges = |range: &Range<u64>| range.least.is_none() && range.greatest.is_none();
        self.default.is_none()
            && self.choice.is_empty()
            && self.pattern.is_none()
            && ranges(&self.lengths)
            && ranges(&self.items)
            && ranges(&self.entries)
            && self.number.least.is_none()
            && self.number.greatest.is_none()
            && self.multiple.is_none()
            && !self.unique
            && self.list == ListType::Unsaid
            && self.required.is_empty()
            && self.all_of.is_empty()
            && self.any_of.is_empty()
            && self.one_of.is_empty()
            && self.not.is_none()
            && self.rules.is_empty()
    }
}

fn list(tree: &yaml::Node) -> &[yaml::Node] {
    if let NodeKind::List(items) = &tree.kind { items } else { &[] }
}

fn texts(tree: &yaml::Node) -> Vec<SmolStr> {
    list(tree).iter().filter_map(yaml::Node::as_str).map(SmolStr::new).collect()
}

fn count(tree: &yaml::Node) -> Option<u64> {
    match tree.kind {
        NodeKind::Int(n) => u64::try_from(n).ok(),
        NodeKind::Uint(n) => Some(n),
        NodeKind::Float(n) if n >= 0.0 && n.fract() == 0.0 => Some(n as u64),
        _ => None,
    }
}

fn number(tree: &yaml::Node) -> Option<f64> {
    match tree.kind {
        NodeKind::Int(n) => Some(n as f64),
        NodeKind::Uint(n) => Some(n as f64),
        NodeKind::Float(n) => Some(n),
        _ => None,
    }
}
