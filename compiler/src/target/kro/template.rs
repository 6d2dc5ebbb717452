//! Templates: objects and lists stay what they are as far as their form is known, and hold
//! expressions between `${` and `}` where it is not.

use crate::expr::{Entry, Expr, ExprKind, Item};
use crate::target::cel::{Refusal, Writer};
use crate::value::{Map, Value};

/// The template of an expression.
pub(super) fn template<'e>(writer: &mut Writer<'e, '_>, expr: &'e Expr) -> Result<Value, Refusal> {
    match &expr.kind {
        ExprKind::Const(value) => Ok(escaped(value)),
        ExprKind::Object(entries) => {
            let mut fields = Map::default();
            if spread(writer, entries, &mut fields)? {
                return Ok(Value::map(fields));
            }
            whole(writer, expr)
        }
        ExprKind::List(items) if items.iter().all(|i| matches!(i, Item::Value(v) if !writer.may_be_absent(v))) => {
            let values = items.iter().filter_map(|item| match item {
                Item::Value(value) => Some(template(writer, value)),
                _ => None,
            });
            Ok(Value::list(values.collect::<Result<Vec<_>, _>>()?))
        }
        ExprKind::Binding(_) | ExprKind::Local(_) => match writer.standing(expr) {
            Some(value) if matches!(value.kind, ExprKind::Object(_) | ExprKind::List(_) | ExprKind::Concat(_)) => {
                template(writer, value)
            }
            _ => whole(writer, expr),
        },
        ExprKind::Concat(pieces) => {
            let mut text = String::new();
            for piece in pieces {
                match piece.known() {
                    Some(Value::String(known)) if !known.contains("${") => text.push_str(known),
                    _ => text.push_str(&format!("${{{}}}", writer.piece(piece)?.text)),
                }
            }
            Ok(Value::String(text.into()))
        }
        _ => whole(writer, expr),
    }
}

/// The expression as one.
fn whole<'e>(writer: &mut Writer<'e, '_>, expr: &'e Expr) -> Result<Value, Refusal> {
    let written = writer.wire(expr)?;
    Ok(expression(&written.text))
}

pub(super) fn expression(text: &str) -> Value {
    Value::String(format!("${{{text}}}").into())
}

/// Puts entries into an object, a later one over an earlier; `false` where their form is not known.
fn spread<'e>(writer: &mut Writer<'e, '_>, entries: &'e [Entry], fields: &mut Map) -> Result<bool, Refusal> {
    for entry in entries {
        match entry {
            Entry::Field(name, value) => {
                if writer.may_be_absent(value) {
                    return Ok(false);
                }
                let made = template(writer, value)?;
                fields.insert(name.clone(), made);
            }
            Entry::Spread(value) => {
                let value = writer.standing(value).unwrap_or(value);
                match &value.kind {
                    ExprKind::Object(inner) => {
                        if !spread(writer, inner, fields)? {
                            return Ok(false);
                        }
                    }
                    ExprKind::Const(Value::Map(map)) => {
                        for (key, value) in map.iter() {
                            fields.insert(key.clone(), escaped(value));
                        }
                    }
                    _ => return Ok(false),
                }
            }
            // What may be left out is an optional entry of a map in CEL: `omit()` is behind a gate.
            Entry::If(..) | Entry::Computed(..) | Entry::For(..) => return Ok(false),
        }
    }
    Ok(true)
}

/// A known value as kro takes it: units as text, and no text that it would read as an expression.
pub(super) fn escaped(value: &Value) -> Value {
    match value {
        Value::String(text) if text.contains("${") => expression(&crate::target::cel::quoted(text)),
        Value::List(items) => Value::list(items.iter().map(escaped).collect()),
        Value::Map(map) => Value::map(map.iter().map(|(key, value)| (key.clone(), escaped(value))).collect()),
        other => other.clone(),
    }
}

/// A text with pieces between `${` and `}` as one expression.
pub(super) fn as_expression(text: &str) -> String {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, after) = (rest.get(..start).unwrap_or_default(), rest.get(start + 2..).unwrap_or_default());
        if !before.is_empty() {
            parts.push(crate::target::cel::quoted(before));
        }
        let end = closing(after);
        parts.push(format!("({})", after.get(..end).unwrap_or_default()));
        rest = after.get(end + 1..).unwrap_or_default();
    }
    if !rest.is_empty() {
        parts.push(crate::target::cel::quoted(rest));
    }
    parts.join(" + ")
}

/// Where an expression ends: the brace that closes it, outside texts.
fn closing(text: &str) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted && depth == 0 => return at,
            '}' if !quoted => depth -= 1,
            _ => {}
        }
    }
    text.len()
}
