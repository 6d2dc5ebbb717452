//! kro's SimpleSchema of parameters (pkg/simpleschema): a type, then markers, made of the
//! schema that every target has. What SimpleSchema has no marker for is a rule in CEL, what it
//! cannot say at all is refused.

use super::{Problems, not_in_kro};
use crate::diagnostic::{E0710, W0712};
use crate::expr::Expr;
use crate::ir::{Composite, Param, Schema, SchemaField};
use crate::schema::Schemas;
use crate::source::Span;
use crate::target::cel::quoted;
use crate::target::schema::cel::literal;
use crate::target::schema::openapi::{OpenApi, SELF};
use crate::target::schema::{self, Form};
use crate::value::{Map, Value, to_json};

/// Durations that CEL can read and print back: of whole days, hours, minutes and seconds.
const DURATION: &str = r"^([0-9]{1,6}d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$";
/// Quantities as `quantity()` takes them, which wants digits before the point.
const QUANTITY: &str = r"^[+-]?[0-9]+([.][0-9]*)?([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$";

/// The schema of an instance's `spec`, with the types that it names.
pub(super) struct Simple {
    pub(super) spec: Map,
    pub(super) types: Map,
    problems: Problems,
    span: Span,
}

/// The markers of a field.
#[derive(Default)]
struct Markers(Vec<(&'static str, String)>);

impl Markers {
    fn put(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.push((name, value.into()));
    }

    fn number(&mut self, name: &'static str, value: Option<i64>) {
        if let Some(n) = value {
            self.put(name, n.to_string());
        }
    }

    fn rule(&mut self, rule: &str) {
        self.put("validation", marked(rule));
    }

    fn text(&self) -> String {
        let each = self.0.iter().map(|(name, value)| format!("{name}={value}"));
        each.collect::<Vec<_>>().join(" ")
    }
}

/// The schema of a composite's parameters.
pub(super) fn simple(composite: &Composite, schemas: &Schemas, problems: &mut Problems) -> Simple {
    let (spec, diagnostics) = schema::parameters(composite, schemas, false);
    let mut simple = Simple { spec: Map::default(), types: Map::default(), problems: Vec::new(), span: composite.span };
    for diagnostic in diagnostics {
        // kro checks no instance itself: what the API server does not check, nobody does.
        let unchecked = diagnostic.code.id == W0712.id;
        simple.problems.push(if unchecked {
            not_in_kro(
                diagnostic.primary.span,
                "a rule that the API server cannot check",
                "write it with what CEL has, or as a `require` of the composite",
            )
        } else {
            diagnostic
        });
    }
    for param in &composite.params {
        let Param { name, span, default, .. } = param;
        simple.span = *span;
        let Some(level) = spec.fields.get(name) else { continue };
        let level = OpenApi { default: default.as_ref().and_then(Expr::known).cloned(), ..level.clone() };
        if defaults_by_case(&param.schema) {
            let help = "give it the same default in each case that has the field, or in none";
            simple.refuse("a field with another default in each case of a union", help);
        }
        let field = simple.field(&level, spec.required.contains(name), &super::pascal(name));
        simple.spec.insert(name.clone(), field);
    }
    problems.append(&mut simple.problems);
    simple
}

impl Simple {
    fn refuse(&mut self, what: &str, help: &str) -> String {
        self.problems.push(not_in_kro(self.span, what, help));
        "object".to_owned()
    }

    fn field(&mut self, level: &OpenApi, required: bool, path: &str) -> Value {
        let mut markers = Markers::default();
        let ty = self.ty(level, path, &mut markers);
        if required {
            markers.put("required", "true");
        }
        match level.default.as_ref().map(to_json) {
            None if !required && filled_in(level) => {
                self.refuse(
                    "an optional object without a default whose fields all have one: kro fills it in",
                    "give it a default, or make one of its fields required",
                );
            }
            None => {}
            // kro puts the quotes of a text round it itself.
            Some(json @ serde_json::Value::String(_)) => {
                let text = json.to_string();
                let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
                markers.put("default", marked(inner));
            }
            Some(json @ (serde_json::Value::Bool(_) | serde_json::Value::Number(_))) => {
                markers.put("default", json.to_string());
            }
            Some(json) => markers.put("default", marked(&json.to_string())),
        }
        if let Some(description) = &level.description {
            markers.put("description", marked(description));
        }
        let text = if markers.0.is_empty() { ty } else { format!("{ty} | {}", markers.text()) };
        Value::String(text.into())
    }

    fn ty(&mut self, level: &OpenApi, path: &str, markers: &mut Markers) -> String {
        if level.nullable && !level.open {
            return self.refuse("a value that may be null", "make the field optional instead");
        }
        let name = match (level.ty, &level.items, &level.values) {
            _ if level.int_or_string && level.form == Some(Form::Quantity) => "string".to_owned(),
            _ if level.int_or_string => {
                return self.refuse("a value that is an integer or text", "take one of the two");
            }
            (Some("object"), _, Some(values)) => {
                let mut inner = false;
                values.walk(&mut |level| inner |= !level.rules.is_empty());
                if inner {
                    let help = "check it with a `require` of the composite, or make it a list";
                    return self.refuse("a rule on each value of a map, which has no bound there", help);
                }
                format!("map[string]{}", self.item(values, path))
            }
            (Some("object"), _, None) if level.open => "object".to_owned(),
            (Some("object"), ..) => self.record(level, path),
            (Some("array"), Some(items), _) => format!("[]{}", self.item(items, path)),
            (Some("number"), ..) => "float".to_owned(),
            (Some(ty @ ("string" | "integer" | "boolean")), ..) => ty.to_owned(),
            // What no schema can say is said already.
            _ if self.problems.iter().any(|problem| problem.code.id == E0710.id) => "object".to_owned(),
            _ => return self.refuse("a parameter of this type", "give its fields as a record of its own"),
        };
        keywords(level, &name, markers);
        name
    }

    /// The type of items; one with markers gets a name, since markers stand at names only.
    fn item(&mut self, level: &OpenApi, path: &str) -> String {
        let mut markers = Markers::default();
        let path = format!("{path}Item");
        let ty = self.ty(level, &path, &mut markers);
        if markers.0.is_empty() {
            return ty;
        }
        self.named(&path, Value::String(format!("{ty} | {}", markers.text()).into()))
    }

    fn record(&mut self, level: &OpenApi, path: &str) -> String {
        let mut fields = Map::default();
        for (name, field) in &level.fields {
            let path = format!("{path}{}", super::pascal(name));
            let value = self.field(field, level.required.contains(name), &path);
            fields.insert(name.clone(), value);
        }
        self.named(path, Value::map(fields))
    }

    /// Declares a type, under another name where this one is another's.
    fn named(&mut self, name: &str, ty: Value) -> String {
        let mut unlike = name.to_owned();
        for number in 2.. {
            match self.types.get(unlike.as_str()) {
                Some(known) if *known != ty => unlike = format!("{name}{number}"),
                _ => break,
            }
        }
        self.types.insert(unlike.as_str(), ty);
        unlike
    }
}

/// Whether a field of a union has several defaults, or may be absent in another case than that which has
/// one: what holds where it is not given depends on the case.
fn defaults_by_case(schema: &Schema) -> bool {
    match schema {
        Schema::List(inner) | Schema::Map(inner) => defaults_by_case(inner),
        Schema::Rule(rule) => defaults_by_case(&rule.base),
        Schema::Record(fields) => fields.iter().any(|field| defaults_by_case(&field.schema)),
        Schema::Union(members) => {
            let fields: Vec<_> = members.iter().filter_map(Schema::fields).flatten().collect();
            let known = |field: &SchemaField| field.default.as_ref().and_then(Expr::known).cloned();
            let clash = |a: &SchemaField, b: &SchemaField| {
                a.name == b.name
                    && a.default.is_some()
                    && if b.default.is_some() { known(a) != known(b) } else { b.optional }
            };
            members.iter().any(defaults_by_case) || fields.iter().any(|a| fields.iter().any(|b| clash(a, b)))
        }
        _ => false,
    }
}

/// Whether kro gives an object of this type the default `{}` on its own.
fn filled_in(level: &OpenApi) -> bool {
    level.is_record()
        && level.required.is_empty()
        && level.fields.values().any(|field| field.default.is_some() || filled_in(field))
}

/// What else a level says: as markers, and as rules where there are none.
fn keywords(level: &OpenApi, ty: &str, markers: &mut Markers) {
    let mut rules: Vec<String> = Vec::new();
    match enumeration(&level.one_of, ty) {
        Some(words) => markers.put("enum", words),
        None if level.one_of.is_empty() => {}
        None => rules.push(format!("self in {}", literal(&Value::list(level.one_of.clone())))),
    }
    let own = match level.form {
        Some(Form::Duration) => Some(DURATION),
        Some(Form::Quantity) => Some(QUANTITY),
        None => None,
    };
    if level.form == Some(Form::Duration) {
        markers.put("minLength", "1");
    }
    let patterns: Vec<&str> =
        own.into_iter().chain(level.patterns.iter().map(String::as_str).filter(|_| own.is_none())).collect();
    for (at, pattern) in patterns.into_iter().enumerate() {
        match at {
            0 => markers.put("pattern", marked(pattern)),
            _ => rules.push(format!("self.matches({})", quoted(pattern))),
        }
    }
    let mut bound = |value: &Option<Value>, apart: bool, name: &'static str, sign: &str| match value {
        Some(value) if apart => rules.push(format!("self {sign} {}", literal(value))),
        Some(value) => markers.put(name, to_json(value).to_string()),
        None => {}
    };
    bound(&level.minimum, level.above, "minimum", ">");
    bound(&level.maximum, level.below, "maximum", "<");
    match level.ty {
        Some("array") => {
            markers.number("minItems", level.min_size);
            markers.number("maxItems", level.max_size);
        }
        Some("object") => {
            rules.extend(level.min_size.map(|n| format!("self.size() >= {n}")));
            rules.extend(level.max_size.map(|n| format!("self.size() <= {n}")));
        }
        _ => {
            markers.number("minLength", level.min_size);
            markers.number("maxLength", level.max_size);
        }
    }
    if !level.keys.is_empty() {
        markers.put("listType", "map");
        level.keys.iter().for_each(|key| markers.put("listMapKey", key.as_str()));
    }
    rules.extend(level.rules.iter().map(|rule| rule.rule.replace(SELF, "self")));
    rules.iter().for_each(|rule| markers.rule(rule));
}

/// Words as the marker has them: between commas, without blanks round them.
fn enumeration(values: &[Value], ty: &str) -> Option<String> {
    let plain = |text: &str| {
        !text.is_empty() && text.trim() == text && text.chars().all(|c| c != ',' && c.is_ascii_graphic() || c == ' ')
    };
    let words: Option<Vec<String>> = values
        .iter()
        .map(|value| match (ty, value) {
            ("string", Value::String(text)) if plain(text) => Some(text.to_string()),
            ("integer", Value::Int(n)) => Some(n.to_string()),
            _ => None,
        })
        .collect();
    words.filter(|words| !words.is_empty()).map(|words| marked(&words.join(",")))
}

/// A value of a marker.
fn marked(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
