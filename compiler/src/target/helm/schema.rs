//! `values.schema.json`: what values the parameters take, as JSON Schema draft 7.
//! Rules that it has no words for are in the templates, which see the same values.

use serde_json::{Map as Json, Value as J, json};

use crate::expr::{BinaryOp, Expr, ExprKind};
use crate::ir::{Composite, Param, Schema, SchemaField};
use crate::source::Span;
use crate::target::EXACT;
use crate::target::template::{Out, is_direct, is_mergeable, refused};
use crate::value::{Value, to_json};

const DURATION: &str = r"^[-+]?(0|(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d))+)$";
const QUANTITY: &str = r"^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?$";

pub(super) fn text(composite: &Composite) -> Out<String> {
    let mut properties = Json::new();
    // Helm itself gives subcharts these.
    properties.insert("global".to_owned(), json!({ "type": "object" }));
    let mut required = Vec::new();
    for param in &composite.params {
        let mut schema = of(&param.schema, is_direct(param), param.span)?;
        describe(&mut schema, param.doc.as_deref());
        if is_always(param) {
            required.push(J::from(param.name.as_str()));
        }
        properties.insert(param.name.to_string(), schema);
    }
    let whole = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": composite.kind.as_str(),
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    });
    Ok(serde_json::to_string_pretty(&whole).unwrap_or_default() + "\n")
}

/// Whether the values always have a parameter: it must be given, or the chart gives it.
fn is_always(param: &Param) -> bool {
    match &param.default {
        Some(default) => default.known().is_some_and(is_mergeable),
        None => !param.optional,
    }
}

fn describe(schema: &mut J, doc: Option<&str>) {
    if let (J::Object(map), Some(doc)) = (schema, doc) {
        map.insert("description".to_owned(), J::from(doc.trim_end()));
    }
}

/// `merged`: the chart's own values hold the defaults of its fields.
fn of(schema: &Schema, merged: bool, span: Span) -> Out<J> {
    Ok(match schema {
        Schema::Any => json!({}),
        Schema::Null => {
            return Err(refused(
                span,
                "a parameter that may be `null`",
                "Helm takes `null` for `not given`; make the parameter optional with `?`",
            ));
        }
        Schema::Bool => json!({ "type": "boolean" }),
        Schema::Int => json!({ "type": "integer", "minimum": -EXACT, "maximum": EXACT }),
        Schema::Uint => json!({ "type": "integer", "minimum": 0, "maximum": EXACT }),
        Schema::Float => json!({ "type": "number" }),
        Schema::String => json!({ "type": "string" }),
        Schema::Duration => json!({ "type": "string", "pattern": DURATION }),
        Schema::Quantity => json!({ "type": ["string", "number"], "pattern": QUANTITY }),
        Schema::Bytes | Schema::Timestamp | Schema::Kubernetes(_) => {
            let what = match schema {
                Schema::Bytes => "Bytes".to_owned(),
                Schema::Timestamp => "a Timestamp".to_owned(),
                Schema::Kubernetes(name) => format!("`{name}`"),
                _ => String::new(),
            };
            return Err(refused(
                span,
                format!("a parameter of the type {what}"),
                "take what is needed of it as parameters of simple types, or build for `--target controller`",
            ));
        }
        Schema::Literal(value) => json!({ "const": to_json(value) }),
        Schema::List(item) => json!({ "type": "array", "items": of(item, false, span)? }),
        Schema::Map(value) => json!({ "type": "object", "additionalProperties": of(value, false, span)? }),
        Schema::Record(fields) => record(fields, merged, span)?,
        Schema::Union(members) => {
            let literal = |member: &Schema| match member {
                Schema::Literal(value) => Some(to_json(value)),
                _ => None,
            };
            match members.iter().map(literal).collect::<Option<Vec<_>>>() {
                Some(values) => json!({ "enum": values }),
                None => {
                    let members = members.iter().map(|member| of(member, false, span)).collect::<Out<Vec<_>>>()?;
                    json!({ "anyOf": members })
                }
            }
        }
        Schema::Rule(rule) => {
            let mut base = of(&rule.base, merged, span)?;
            if let J::Object(map) = &mut base {
                keywords(&rule.rule, map);
            }
            base
        }
        Schema::Secret(_) => json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["secret", "key"],
            "properties": { "secret": { "type": "string" }, "key": { "type": "string" } },
        }),
    })
}

fn record(fields: &[SchemaField], merged: bool, span: Span) -> Out<J> {
    let (mut properties, mut required) = (Json::new(), Vec::new());
    for field in fields {
        let mut schema = of(&field.schema, merged && !field.optional, span)?;
        describe(&mut schema, field.doc.as_deref());
        properties.insert(field.name.to_string(), schema);
        if if field.default.is_some() { merged } else { !field.optional } {
            required.push(J::from(field.name.as_str()));
        }
    }
    Ok(json!({
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    }))
}

/// What a rule says that JSON Schema has a word for; the templates check all of it.
fn keywords(rule: &Expr, into: &mut Json<String, J>) {
    match &rule.kind {
        ExprKind::Binary(BinaryOp::And, a, b) => {
            keywords(a, into);
            keywords(b, into);
        }
        ExprKind::Binary(op @ (BinaryOp::Le | BinaryOp::Ge), a, b) => {
            let Some(Value::Int(bound)) = b.known() else { return };
            let at_most = *op == BinaryOp::Le;
            match &a.kind {
                ExprKind::Local(_) => {
                    drop(into.insert(if at_most { "maximum" } else { "minimum" }.to_owned(), (*bound).into()))
                }
                ExprKind::Call(name, args) if name == "size" && args.iter().all(is_text) => {
                    drop(into.insert(if at_most { "maxLength" } else { "minLength" }.to_owned(), (*bound).into()));
                }
                _ => {}
            }
        }
        ExprKind::Call(name, args) if name == "matches" => {
            if let [it, pattern] = args.as_slice()
                && is_text(it)
                && let Some(Value::String(pattern)) = pattern.known()
            {
                into.entry("pattern").or_insert_with(|| J::from(pattern.as_str()));
            }
        }
        _ => {}
    }
}

/// Whether an expression is the value itself, a text.
fn is_text(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Local(_)) && expr.repr == crate::expr::Repr::String
}
