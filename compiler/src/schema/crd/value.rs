//! Whether an object is what its definition asks for.
//!
//! The keywords mean what the API server takes them for: first defaults are
//! filled in (apiextensions-apiserver, pkg/apiserver/schema/defaulting), then
//! values are checked (kube-openapi, pkg/validation/validate), then lists that
//! are sets or maps (pkg/apiserver/schema/listtype), last the rules in CEL,
//! unless something else was wrong.

use smol_str::SmolStr;

use super::formats;
use super::model::{Checks, Form, Format, Node, NodeId, Pattern, Range, Schema};
use crate::instantiate::Segment;
use crate::rules::Part;
use crate::schema::ListType;
use crate::source::Span;
use crate::value::{Map, Value, encode_base64};

/// How much is told about one object.
const MAX_VIOLATIONS: usize = 50;

/// Something in an object that its definition does not allow.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Where, from the object on.
    pub path: Vec<Segment>,
    /// What is wrong, as the end of a sentence that begins with the place.
    pub message: String,
    /// The rule in the definition, where it is one of its own.
    pub rule: Option<Span>,
}

/// What is wrong with the value of a node, its rules in CEL left out.
pub(super) fn violations(schema: &Schema, id: NodeId, value: &Value) -> Vec<Violation> {
    let mut checker = Checker { schema, path: Vec::new(), found: Vec::new() };
    checker.node(id, value, Depth::Structural);
    checker.found
}

/// The value of a node as a server sees it: what manifests write as text is
/// text, and defaults are filled in.
pub(super) fn served(schema: &Schema, id: NodeId, value: &Value) -> Value {
    with_defaults(schema, id, &plain(value))
}

/// A part of an object that is not finished, but is itself known whole.
pub(super) struct Known<'a> {
    pub(super) node: NodeId,
    pub(super) path: Vec<Segment>,
    pub(super) value: &'a Value,
    pub(super) span: Option<Span>,
}

/// The parts of an object that are known whole, the largest that are: never the
/// object itself, which lacks its name as yet.
pub(super) fn known<'a>(schema: &Schema, root: Part<'a>) -> Vec<Known<'a>> {
    let mut found = Vec::new();
    let fields = root.entries().list.into_iter().filter(|(name, _)| *name != "metadata");
    for (name, part) in fields {
        let node = schema.node(NodeId::ROOT).and_then(|root| root.property(name));
        if let Some(property) = node {
            collect(schema, property.node, part, vec![Segment::Field(name.into())], &mut found);
        }
    }
    found
}

fn collect<'a>(schema: &Schema, id: NodeId, part: Part<'a>, path: Vec<Segment>, found: &mut Vec<Known<'a>>) {
    let Some(node) = schema.node(id) else { return };
    let below = |segment: Segment| path.iter().cloned().chain([segment]).collect();
    match part {
        Part::Value(value, span) => found.push(Known { node: id, path, value, span }),
        Part::Expr(_) if node.form == Form::Array => {
            let items = part.items();
            // Where some items may be missing, nobody knows the place of the others.
            for (at, item) in items.list.into_iter().enumerate().filter(|_| items.complete) {
                node.inner.into_iter().for_each(|inner| collect(schema, inner, item, below(Segment::Index(at)), found));
            }
        }
        Part::Expr(_) => {
            for (name, part) in part.entries().list {
                let inner = node.property(name).map(|property| property.node).or(node.inner);
                inner
                    .into_iter()
                    .for_each(|inner| collect(schema, inner, part, below(Segment::Field(name.into())), found));
            }
        }
        Part::Unknown | Part::Absent => {}
    }
}

/// A value as JSON would have it.
fn plain(value: &Value) -> Value {
    match value {
        Value::Absent => Value::Null,
        Value::Bytes(bytes) => Value::String(encode_base64(bytes).into()),
        Value::Duration(duration) => Value::String(crate::units::format_duration(*duration).into()),
        Value::Timestamp(time) => Value::String(crate::units::format_timestamp(*time).into()),
        Value::Quantity(quantity) => Value::String(quantity.to_string().into()),
        Value::Opaque(opaque) => Value::String(opaque.to_string().into()),
        Value::List(items) => Value::list(items.iter().map(plain).collect()),
        Value::Map(map) => {
            let entries = map.iter().filter(|(_, value)| !matches!(value, Value::Absent));
            let text = |key: &crate::value::Key| key.as_str().map_or_else(|| key.to_string(), str::to_owned);
            Value::map(entries.map(|(key, value)| (crate::value::Key::from(&*text(key)), plain(value))).collect())
        }
        other => other.clone(),
    }
}

fn with_defaults(schema: &Schema, id: NodeId, value: &Value) -> Value {
    let Some(node) = schema.node(id) else { return value.clone() };
    match value {
        Value::Map(map) => {
            let mut filled = Map::with_capacity(map.len());
            for (key, value) in map.iter() {
                let inner = key.as_str().and_then(|key| node.property(key)).map(|p| p.node).or(node.inner);
                filled.insert(key.clone(), inner.map_or_else(|| value.clone(), |id| replaced(schema, id, value)));
            }
            for property in &node.properties {
                let fallback = schema.node(property.node).and_then(Node::fallback);
                if let Some(fallback) = fallback.filter(|_| filled.get(&property.name).is_none()) {
                    filled.insert(&*property.name, with_defaults(schema, property.node, fallback));
                }
            }
            Value::map(filled)
        }
        Value::List(items) => match node.inner {
            Some(inner) => Value::list(items.iter().map(|item| replaced(schema, inner, item)).collect()),
            None => value.clone(),
        },
        _ => value.clone(),
    }
}

/// A value with defaults; null where it may not stand gives way to the default.
fn replaced(schema: &Schema, id: NodeId, value: &Value) -> Value {
    let node = schema.node(id);
    let fallback = node.and_then(Node::fallback);
    match (value, node, fallback) {
        (Value::Null, Some(node), Some(fallback)) if !node.nullable => with_defaults(schema, id, fallback),
        _ => with_defaults(schema, id, value),
    }
}

/// Whether a node says what there is, or only checks what is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Structural,
    Junctor,
}

struct Checker<'a> {
    schema: &'a Schema,
    path: Vec<Segment>,
    found: Vec<Violation>,
}

impl<'a> Checker<'a> {
    fn tell(&mut self, message: String) {
        if self.found.len() < MAX_VIOLATIONS {
            self.found.push(Violation { path: self.path.clone(), message, rule: None });
        }
    }

    fn below(&mut self, segment: Segment, run: impl FnOnce(&mut Self)) {
        self.path.push(segment);
        run(self);
        self.path.pop();
    }

    fn node(&mut self, id: NodeId, value: &Value, depth: Depth) {
        let schema = self.schema;
        let Some(node) = schema.node(id) else { return };
        if matches!(value, Value::Null) && (node.nullable || node.form == Form::Any) {
            return;
        }
        if !is_of(node.form, value) {
            return self.tell(format!("is {}, and must be {}", article(value), wanted(node.form)));
        }
        self.format(node, value);
        match value {
            Value::Map(map) => self.object(id, node, map, depth),
            Value::List(items) => self.list(node, items, depth),
            _ => {}
        }
        if let Some(checks) = node.checks() {
            self.checks(checks, value);
        }
    }

    fn format(&mut self, node: &Node, value: &Value) {
        match (node.format, value) {
            (Format::Int32, Value::Int(n)) if i32::try_from(*n).is_err() => {
                self.tell(format!("is {n}, which does not fit into 32 bits"));
            }
            (Format::Int32 | Format::Int64, Value::Uint(n)) => {
                self.tell(format!("is {n}, which does not fit into 64 bits"));
            }
            (Format::Text(at), Value::String(text)) => {
                let Some(format) = formats::TEXT.get(usize::from(at)) else { return };
                if !(format.fits)(text) {
                    self.tell(format!("is {}, which is not of the format `{}`", quoted(text), format.name));
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, id: NodeId, node: &'a Node, map: &Map, depth: Depth) {
        for property in &node.properties {
            match map.get(&property.name) {
                Some(value) => {
                    self.below(Segment::Field(property.name.clone()), |c| c.node(property.node, value, depth))
                }
                None if property.required => self.tell(format!("needs `{}`", property.name)),
                None => {}
            }
        }
        let implied = |key: &str| {
            (id == NodeId::ROOT || node.embedded) && matches!(key, "apiVersion" | "kind" | "metadata")
                || self.is_metadata(id)
        };
        let unknown: Vec<(&str, &Value)> = map
            .iter()
            .filter_map(|(key, value)| Some((key.as_str()?, value)))
            .filter(|(key, _)| node.property(key).is_none() && !implied(key))
            .collect();
        for (key, value) in unknown {
            match node.inner {
                Some(inner) => self.below(Segment::Field(key.into()), |c| c.node(inner, value, depth)),
                None if depth == Depth::Structural && node.form == Form::Object && !node.open => {
                    self.below(Segment::Field(key.into()), |c| c.tell("is no field that the definition has".into()));
                }
                None => {}
            }
        }
        if node.embedded {
            for key in ["apiVersion", "kind"].into_iter().filter(|key| map.get(key).is_none()) {
                self.tell(format!("needs `{key}`, since it is an object of its own"));
            }
        }
    }

    /// Whether a node is the metadata of an object, which every object has alike.
    fn is_metadata(&self, id: NodeId) -> bool {
        let parent = self.schema.node(id).and_then(|node| node.parent);
        let owner = parent.and_then(|parent| Some((parent, self.schema.node(parent)?)));
        owner.is_some_and(|(parent, owner)| {
            (parent == NodeId::ROOT || owner.embedded)
                && owner.property("metadata").is_some_and(|property| property.node == id)
        })
    }

    fn list(&mut self, node: &Node, items: &[Value], depth: Depth) {
        if let Some(inner) = node.inner {
            for (at, item) in items.iter().enumerate() {
                self.below(Segment::Index(at), |c| c.node(inner, item, depth));
            }
        }
        let Some(checks) = node.checks() else { return };
        let (keys, what): (Vec<Value>, _) = match &checks.list {
            ListType::Map(keys) => (items.iter().map(|item| key_of(item, keys)).collect(), "has the same key as"),
            ListType::Set => (items.to_vec(), "is the same as"),
            _ if checks.unique => (items.to_vec(), "is the same as"),
            _ => return,
        };
        let mut seen: rustc_hash::FxHashMap<String, usize> = rustc_hash::FxHashMap::default();
        for (at, key) in keys.iter().enumerate() {
            let text = crate::value::to_json(key).to_string();
            match seen.get(&text) {
                Some(first) => {
                    let message = format!("{what} item {first}: {text}");
                    self.below(Segment::Index(at), |c| c.tell(message));
                }
                None => {
                    seen.insert(text, at);
                }
            }
        }
    }

    fn checks(&mut self, checks: &Checks, value: &Value) {
        if !checks.choice.is_empty() && !checks.choice.iter().any(|choice| same(choice, value)) {
            let choice: Vec<String> = checks.choice.iter().map(shown).collect();
            self.tell(format!("is {}, and must be one of {}", shown(value), choice.join(", ")));
        }
        match value {
            Value::String(text) => self.text(checks, text),
            Value::List(items) => self.count("items", items.len() as u64, checks.items),
            Value::Map(map) => {
                self.count("entries", map.len() as u64, checks.entries);
                for name in checks.required.iter().filter(|name| map.get(name).is_none()) {
                    self.tell(format!("needs `{name}`"));
                }
            }
            _ => {
                if let Some(number) = number(value) {
                    self.number(checks, value, number);
                }
            }
        }
        self.junctors(checks, value);
    }

    fn text(&mut self, checks: &Checks, text: &str) {
        if checks.lengths.least.is_some() || checks.lengths.greatest.is_some() {
            self.count("characters", text.chars().count() as u64, checks.lengths);
        }
        if let Some(pattern) = &checks.pattern
            && !pattern.matches(text)
        {
            self.tell(format!("is {}, which does not match `{}`", quoted(text), pattern.text));
        }
    }

    fn count(&mut self, what: &str, count: u64, range: Range<u64>) {
        if let Some(least) = range.least.filter(|least| count < *least) {
            self.tell(format!("has {count} {what}, and needs at least {least}"));
        }
        if let Some(greatest) = range.greatest.filter(|greatest| count > *greatest) {
            self.tell(format!("has {count} {what}, and may have at most {greatest}"));
        }
    }

    fn number(&mut self, checks: &Checks, value: &Value, number: f64) {
        let (no_least, no_greatest) = checks.exclusive;
        if let Some(least) = checks.number.least.filter(|l| number < *l || no_least && number <= *l) {
            let word = if no_least { "more than" } else { "at least" };
            self.tell(format!("is {}, and must be {word} {least}", shown(value)));
        }
        if let Some(greatest) = checks.number.greatest.filter(|g| number > *g || no_greatest && number >= *g) {
            let word = if no_greatest { "less than" } else { "at most" };
            self.tell(format!("is {}, and must be {word} {greatest}", shown(value)));
        }
        if let Some(factor) = checks.multiple.filter(|factor| !is_multiple(number, *factor)) {
            self.tell(format!("is {}, and must be a multiple of {factor}", shown(value)));
        }
    }

    fn junctors(&mut self, checks: &Checks, value: &Value) {
        for id in &checks.all_of {
            self.node(*id, value, Depth::Junctor);
        }
        if !checks.any_of.is_empty() && !checks.any_of.iter().any(|id| self.fits(*id, value)) {
            self.tell(format!("must {}", self.alternatives("at least one", &checks.any_of)));
        }
        if !checks.one_of.is_empty() {
            let count = checks.one_of.iter().filter(|id| self.fits(**id, value)).count();
            if count != 1 {
                let so = if count == 0 { "none holds" } else { "more than one holds" };
                self.tell(format!("must {}; {so}", self.alternatives("exactly one", &checks.one_of)));
            }
        }
        if let Some(id) = checks.not.filter(|id| self.fits(*id, value)) {
            self.tell(match self.needed(id).as_deref() {
                Some([]) | None => "is what the definition excludes".to_owned(),
                Some([only]) => format!("must not have `{only}`"),
                Some(names) => format!("must not have all of `{}`", names.join("`, `")),
            });
        }
    }

    /// Whether a value is what a node within `anyOf` and the like asks for.
    fn fits(&self, id: NodeId, value: &Value) -> bool {
        let mut checker = Checker { schema: self.schema, path: Vec::new(), found: Vec::new() };
        checker.node(id, value, Depth::Junctor);
        checker.found.is_empty()
    }

    /// What alternatives ask for, in words where they are about fields only.
    fn alternatives(&self, how_many: &str, ids: &[NodeId]) -> String {
        let all: Option<Vec<Vec<SmolStr>>> = ids.iter().map(|id| self.needed(*id)).collect();
        match all {
            Some(all) if all.iter().all(|names| !names.is_empty()) => {
                let words: Vec<String> = all.iter().map(|names| format!("`{}`", names.join("` with `"))).collect();
                format!("have {how_many} of {}", words.join(", "))
            }
            _ => format!("be {how_many} of the forms that the definition gives"),
        }
    }

    /// The fields that a node asks for, where it asks for nothing else.
    fn needed(&self, id: NodeId) -> Option<Vec<SmolStr>> {
        let node = self.schema.node(id)?;
        let checks = node.checks()?;
        let bare = checks.all_of.is_empty() && checks.any_of.is_empty() && checks.one_of.is_empty();
        let only = bare && checks.not.is_none() && node.properties.is_empty();
        only.then(|| checks.required.clone())
    }
}

impl Pattern {
    /// Whether the expression matches some part of a text; one that cannot be
    /// compiled matches all, since that was told where it is written.
    fn matches(&self, text: &str) -> bool {
        let regex = self.compiled.get_or_init(|| crate::library::compile_pattern(&self.text).ok());
        regex.as_ref().is_none_or(|regex| regex.is_match(text))
    }
}

const fn is_of(form: Form, value: &Value) -> bool {
    match form {
        Form::Any => true,
        Form::Object => matches!(value, Value::Map(_)),
        Form::Array => matches!(value, Value::List(_)),
        Form::String => matches!(value, Value::String(_)),
        Form::Integer => is_whole(value),
        Form::Number => matches!(value, Value::Int(_) | Value::Uint(_) | Value::Float(_)),
        Form::Boolean => matches!(value, Value::Bool(_)),
        Form::IntOrString => matches!(value, Value::String(_)) || is_whole(value),
    }
}

const fn is_whole(value: &Value) -> bool {
    match value {
        Value::Int(_) | Value::Uint(_) => true,
        Value::Float(number) => *number as i64 as f64 == *number,
        _ => false,
    }
}

const fn wanted(form: Form) -> &'static str {
    match form {
        Form::Any => "anything",
        Form::Object => "an object",
        Form::Array => "a list",
        Form::String => "text",
        Form::Integer => "a whole number",
        Form::Number => "a number",
        Form::Boolean => "true or false",
        Form::IntOrString => "a whole number or text",
    }
}

fn article(value: &Value) -> String {
    match value {
        Value::Map(_) => "an object".to_owned(),
        Value::List(_) => "a list".to_owned(),
        other => shown(other),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(n) => Some(*n as f64),
        Value::Uint(n) => Some(*n as f64),
        Value::Float(n) => Some(*n),
        _ => None,
    }
}

/// As the server divides: within what doubles can tell.
fn is_multiple(number: f64, factor: f64) -> bool {
    let ratio = if factor < 1.0 { number * (1.0 / factor) } else { number / factor };
    let whole = ratio.trunc();
    // The server's tolerance (kube-openapi, third_party/swag, IsFloat64AJSONInteger).
    whole == ratio || (ratio - whole).abs() / (ratio.abs() + whole.abs()) < 1e-9
}

/// Whether two values are the same JSON; `1` and `1.0` are.
fn same(a: &Value, b: &Value) -> bool {
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

/// The values of an item that tell it from others.
fn key_of(item: &Value, keys: &[SmolStr]) -> Value {
    let found = keys.iter().filter_map(|key| Some((crate::value::Key::from(&**key), item.get(key)?.clone())));
    Value::map(found.collect())
}

fn quoted(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("\"{}{dots}\"", short.escape_debug())
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        other => crate::value::to_json(other).to_string().chars().take(80).collect(),
    }
}
