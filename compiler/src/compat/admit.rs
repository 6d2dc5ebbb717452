//! Whether a type takes a value, as far as that can be said without a schema of
//! Kubernetes: `None` where it cannot.

use smol_str::SmolStr;

use crate::eval::{Evaluator, NoHost};
use crate::expr::{Expr, Program};
use crate::ir::{Schema, SchemaField};
use crate::value::{Key, Map, Value};

/// Whether a type takes the value.
pub(super) fn admits(schema: &Schema, value: &Value) -> Option<bool> {
    match (schema, value) {
        (Schema::Any, _)
        | (Schema::Null, Value::Null)
        | (Schema::Bool, Value::Bool(_))
        | (Schema::Int, Value::Int(_))
        | (Schema::Uint, Value::Uint(_))
        | (Schema::Float, Value::Float(_) | Value::Int(_))
        | (Schema::String, Value::String(_))
        | (Schema::Bytes, Value::Bytes(_))
        | (Schema::Duration, Value::Duration(_))
        | (Schema::Timestamp, Value::Timestamp(_))
        | (Schema::Quantity, Value::Quantity(_) | Value::Int(_)) => Some(true),
        (Schema::Uint, Value::Int(n)) => Some(*n >= 0),
        (Schema::Literal(one), value) => Some(one == value),
        (Schema::List(item), Value::List(items)) => all(items.iter().map(|i| admits(item, i))),
        (Schema::Map(inner), Value::Map(map)) => all(map.iter().map(|(_, v)| admits(inner, v))),
        (Schema::Record(fields), Value::Map(map)) => record(fields, map),
        (Schema::Union(members), value) => any(members.iter().map(|m| admits(m, value))),
        (Schema::Rule(rule), value) => match admits(&rule.base, value) {
            Some(true) => holds(&rule.rule, &complete(&rule.base, value)),
            other => other,
        },
        (Schema::Secret(_), Value::Map(map)) => {
            let is_text = |key: &str| matches!(map.get(key), Some(Value::String(_)));
            Some(map.len() == 2 && is_text("secret") && is_text("key"))
        }
        (Schema::Kubernetes(_), _) => None,
        _ => Some(false),
    }
}

/// Whether a rule over `it` holds; `None` where it cannot be evaluated.
pub(super) fn holds(rule: &Expr, value: &Value) -> Option<bool> {
    let program = Program::default();
    match Evaluator::new(&program, &NoHost).eval_with(rule, std::slice::from_ref(value)) {
        Ok(Value::Bool(holds)) => Some(holds),
        _ => None,
    }
}

/// The value with the defaults of its type filled in.
pub(super) fn complete(schema: &Schema, value: &Value) -> Value {
    match (schema, value) {
        (Schema::Record(fields), Value::Map(map)) => complete_record(fields, map),
        (Schema::List(item), Value::List(items)) => Value::list(items.iter().map(|i| complete(item, i)).collect()),
        (Schema::Map(inner), Value::Map(map)) => {
            let mut filled = Map::with_capacity(map.len());
            map.iter().for_each(|(key, value)| filled.insert(key.clone(), complete(inner, value)));
            Value::map(filled)
        }
        (Schema::Rule(rule), value) => complete(&rule.base, value),
        (Schema::Union(members), value) => {
            let member = members.iter().find(|m| admits(m, value) == Some(true));
            member.map_or_else(|| value.clone(), |m| complete(m, value))
        }
        (Schema::Float, Value::Int(n)) => Value::Float(*n as f64),
        (Schema::Quantity, Value::Int(n)) => Value::Quantity(crate::units::Quantity::from_int(*n).into()),
        _ => value.clone(),
    }
}

fn complete_record(fields: &[SchemaField], map: &Map) -> Value {
    let mut filled = Map::with_capacity(fields.len());
    for field in fields {
        let given = map.get(&field.name).or_else(|| field.default.as_ref().and_then(Expr::known));
        if let Some(value) = given {
            filled.insert(field.name.clone(), complete(&field.schema, value));
        }
    }
    Value::map(filled)
}

fn record(fields: &[SchemaField], map: &Map) -> Option<bool> {
    let known = |key: &Key| matches!(key, Key::String(name) if fields.iter().any(|f| f.name == *name));
    if !map.iter().all(|(key, _)| known(key)) {
        return Some(false);
    }
    all(fields.iter().map(|field| match map.get(&field.name) {
        Some(value) => admits(&field.schema, value),
        None => Some(field.optional || field.default.is_some()),
    }))
}

/// Whether all hold: surely not where one does not.
fn all(each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let each: Vec<Option<bool>> = each.collect();
    if each.contains(&Some(false)) {
        return Some(false);
    }
    (!each.contains(&None)).then_some(true)
}

/// Whether one holds: surely where one does.
fn any(each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let each: Vec<Option<bool>> = each.collect();
    if each.contains(&Some(true)) {
        return Some(true);
    }
    (!each.contains(&None)).then_some(false)
}

/// A record with one field set.
pub(super) fn with_field(base: &Value, name: &SmolStr, value: Value) -> Value {
    let mut map = base.as_map().cloned().unwrap_or_default();
    map.insert(name.clone(), value);
    Value::map(map)
}
