//! kro's SimpleSchema of parameters (pkg/simpleschema): a type, then markers. What it has no
//! marker for is a rule in CEL, what it cannot say at all is refused.

use super::{Problems, not_in_kro};
use crate::expr::{BinaryOp, Expr, ExprKind, Local};
use crate::ir::{Rule, Schema, SchemaField};
use crate::source::Span;
use crate::target::cel::{Dialect, Names, Place, Writer};
use crate::value::{Map, Value, to_json};

/// Durations of whole seconds without days, which CEL can read and print back.
const DURATION: &str = r"^([0-9]+h)?([0-9]+m)?([0-9]+s)?$";
/// Quantities as Kubernetes takes them as text.
const QUANTITY: &str = r"^[+-]?[0-9]+([.][0-9]*)?([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$";

/// The schema of an instance's `spec`, with the types that it names.
#[derive(Default)]
pub(super) struct Simple {
    pub(super) types: Map,
}

/// The markers of a field.
#[derive(Default)]
struct Markers(Vec<(&'static str, String)>);

impl Markers {
    fn put(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.push((name, value.into()));
    }

    fn text(&self) -> String {
        let each = self.0.iter().map(|(name, value)| format!("{name}={value}"));
        each.collect::<Vec<_>>().join(" ")
    }
}

/// One field: what it is called, takes and means.
pub(super) struct Field<'a> {
    pub(super) path: String,
    pub(super) schema: &'a Schema,
    pub(super) optional: bool,
    pub(super) default: Option<&'a Expr>,
    pub(super) doc: Option<&'a str>,
    pub(super) span: Span,
}

impl Simple {
    pub(super) fn field(&mut self, field: &Field<'_>, problems: &mut Problems) -> Value {
        let mut markers = Markers::default();
        let ty = self.ty(field.schema, &field.path, field.span, &mut markers, problems);
        match field.default.and_then(Expr::known) {
            Some(Value::Absent) | None if !field.optional && field.default.is_none() => markers.put("required", "true"),
            Some(Value::Absent) | None => {}
            Some(value) => match to_json(value) {
                serde_json::Value::String(text) if text.contains(['"', '\\']) => {
                    problems.push(not_in_kro(
                        field.span,
                        "a default with quotes or backslashes",
                        "leave the default out",
                    ));
                }
                serde_json::Value::String(text) => markers.put("default", quoted(&text)),
                json => markers.put("default", json.to_string()),
            },
        }
        if let Some(doc) = field.doc {
            markers.put("description", quoted(doc));
        }
        let text = if markers.0.is_empty() { ty } else { format!("{ty} | {}", markers.text()) };
        Value::String(text.into())
    }

    fn ty(
        &mut self,
        schema: &Schema,
        path: &str,
        span: Span,
        markers: &mut Markers,
        problems: &mut Problems,
    ) -> String {
        let mut inner = Markers::default();
        let name = match schema {
            Schema::Bool => "boolean".to_owned(),
            Schema::Int | Schema::Uint => "integer".to_owned(),
            Schema::Float => "float".to_owned(),
            Schema::String | Schema::Bytes | Schema::Timestamp => "string".to_owned(),
            Schema::Duration => {
                markers.put("pattern", quoted(DURATION));
                markers.put("minLength", "1");
                markers.put("maxLength", "32");
                "string".to_owned()
            }
            Schema::Quantity => {
                markers.put("pattern", quoted(QUANTITY));
                markers.put("maxLength", "64");
                "string".to_owned()
            }
            Schema::Literal(_) | Schema::Union(_) => return self.choice(schema, span, markers, problems),
            Schema::List(item) => format!("[]{}", self.item(item, path, span, &mut inner, problems)),
            Schema::Map(value) => format!("map[string]{}", self.item(value, path, span, &mut inner, problems)),
            Schema::Record(fields) => self.record(fields, path, span, problems),
            Schema::Secret(_) => {
                let mut fields = Map::default();
                for name in ["secret", "key"] {
                    fields.insert(name, Value::str("string | required=true minLength=1 maxLength=253"));
                }
                self.types.insert("SecretReference", Value::map(fields));
                "SecretReference".to_owned()
            }
            Schema::Rule(rule) => {
                let ty = self.ty(&rule.base, path, span, markers, problems);
                self.rule(rule, span, markers, problems);
                return ty;
            }
            Schema::Any | Schema::Null | Schema::Kubernetes(_) => {
                problems.push(not_in_kro(span, "a parameter of this type", "give its fields as a record of its own"));
                "object".to_owned()
            }
        };
        name
    }

    /// The type of items; one with markers gets a name, since markers stand at names only.
    fn item(
        &mut self,
        schema: &Schema,
        path: &str,
        span: Span,
        inner: &mut Markers,
        problems: &mut Problems,
    ) -> String {
        let ty = self.ty(schema, &format!("{path}Item"), span, inner, problems);
        if inner.0.is_empty() {
            return ty;
        }
        let name = format!("{path}Item");
        self.types.insert(name.as_str(), Value::String(format!("{ty} | {}", inner.text()).into()));
        name
    }

    fn record(&mut self, fields: &[SchemaField], path: &str, span: Span, problems: &mut Problems) -> String {
        let mut map = Map::default();
        for SchemaField { name, schema, optional, default, doc } in fields {
            let field = Field {
                path: format!("{path}{}", super::pascal(name)),
                schema,
                optional: *optional,
                default: default.as_ref(),
                doc: doc.as_deref(),
                span,
            };
            map.insert(name.clone(), self.field(&field, problems));
        }
        self.types.insert(path, Value::map(map));
        path.to_owned()
    }

    /// A choice among literals.
    fn choice(&mut self, schema: &Schema, span: Span, markers: &mut Markers, problems: &mut Problems) -> String {
        let members = match schema {
            Schema::Union(members) => members.as_slice(),
            other => std::slice::from_ref(other),
        };
        let mut texts = Vec::new();
        let mut ty = "string";
        for member in members {
            match member {
                Schema::Literal(Value::String(text))
                    if !text.contains(',') && text.trim() == text.as_str() && !text.is_empty() =>
                {
                    texts.push(text.to_string());
                }
                Schema::Literal(Value::Int(n)) => {
                    ty = "integer";
                    texts.push(n.to_string());
                }
                _ => {
                    problems.push(not_in_kro(
                        span,
                        "a union of other than literals",
                        "make one parameter of each shape, each optional",
                    ));
                    return "object".to_owned();
                }
            }
        }
        markers.put("enum", quoted(&texts.join(",")));
        ty.to_owned()
    }

    fn rule(&mut self, rule: &Rule, span: Span, markers: &mut Markers, problems: &mut Problems) {
        let mut parts = Vec::new();
        conjuncts(&rule.rule, &mut parts);
        for part in parts {
            if keyword(part, &rule.base, markers) {
                continue;
            }
            let mut writer = Writer::new(Dialect::api_server(33), &Nothing, Vec::new());
            let it = Local { slot: 0, name: "it".into() };
            writer.bind(&it, Place { text: "self".to_owned(), optional: false, schema: Some(&rule.base) });
            match writer.native(part) {
                Ok(written) => markers.put("validation", quoted(&written.text)),
                Err(mut diagnostic) => {
                    diagnostic.primary.span = span;
                    problems.push(*diagnostic);
                }
            }
        }
    }
}

struct Nothing;

impl<'e> Names<'e> for Nothing {
    fn param(&self, _: &str) -> Option<Place<'e>> {
        None
    }
    fn instance(&self, _: &str) -> Option<Place<'e>> {
        None
    }
    fn resource(&self, _: &str) -> Option<Place<'e>> {
        None
    }
    fn binding(&self, _: &str) -> Option<&'e Expr> {
        None
    }
}

/// The parts of a conjunction.
pub(super) fn conjuncts<'e>(expr: &'e Expr, parts: &mut Vec<&'e Expr>) {
    match &expr.kind {
        ExprKind::Binary(BinaryOp::And, a, b) => {
            conjuncts(a, parts);
            conjuncts(b, parts);
        }
        _ => parts.push(expr),
    }
}

/// A part of a rule as a keyword of the schema, where there is one for it.
fn keyword(part: &Expr, base: &Schema, markers: &mut Markers) -> bool {
    let is_it = |e: &Expr| matches!(&e.kind, ExprKind::Local(local) if local.slot == 0);
    match &part.kind {
        ExprKind::Binary(op @ (BinaryOp::Le | BinaryOp::Ge), a, b) => {
            let Some(Value::Int(n)) = b.known() else { return false };
            let low = *op == BinaryOp::Ge;
            match (&a.kind, base) {
                (ExprKind::Call(name, args), Schema::String) if name == "size" && args.first().is_some_and(is_it) => {
                    markers.put(if low { "minLength" } else { "maxLength" }, n.to_string());
                }
                (ExprKind::Call(name, args), Schema::List(_)) if name == "size" && args.first().is_some_and(is_it) => {
                    markers.put(if low { "minItems" } else { "maxItems" }, n.to_string());
                }
                (ExprKind::Local(_), Schema::Int) if is_it(a) => {
                    markers.put(if low { "minimum" } else { "maximum" }, n.to_string());
                }
                _ => return false,
            }
            true
        }
        ExprKind::Call(name, args) if name == "matches" && matches!(base, Schema::String) => match args.as_slice() {
            [it, pattern] if is_it(it) && !markers.0.iter().any(|(name, _)| *name == "pattern") => {
                let Some(Value::String(pattern)) = pattern.known() else { return false };
                markers.put("pattern", quoted(pattern));
                true
            }
            _ => false,
        },
        _ => false,
    }
}

/// A value of a marker.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
