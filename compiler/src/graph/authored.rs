//! Whether a field of a resource is written in its source, as far as one can
//! tell without evaluating it: where it may be, it is taken to be.

use smol_str::SmolStr;

use super::edges::ELEMENT;
use crate::expr::{Entry, Expr, ExprKind, Item};
use crate::ir::Resource;
use crate::value::Value;

/// Whether a value for the path stands in the source, or comes from it by
/// default, so that no cluster is needed to know it.
pub(super) fn is_authored(resource: &Resource, path: &[SmolStr]) -> bool {
    let names: Vec<&str> = path.iter().map(SmolStr::as_str).collect();
    match names.as_slice() {
        ["apiVersion" | "kind", ..] | ["metadata"] | ["metadata", "name" | "namespace", ..] => true,
        ["status", ..] => false,
        _ => !resource.external && in_expr(&resource.body, &names),
    }
}

fn in_expr(expr: &Expr, path: &[&str]) -> bool {
    let Some((name, rest)) = path.split_first() else { return true };
    match &expr.kind {
        ExprKind::Const(value) => in_value(value, path),
        ExprKind::Object(entries) => in_entries(entries, name, rest),
        ExprKind::List(items) => *name != ELEMENT || in_items(items, rest),
        ExprKind::Cond(_, then, otherwise) => in_expr(then, path) || in_expr(otherwise, path),
        ExprKind::Let(_, _, body) | ExprKind::Coerce(_, body) => in_expr(body, path),
        ExprKind::Refine(refine) => in_expr(&refine.value, path),
        _ => true,
    }
}

fn in_entries(entries: &[Entry], name: &str, rest: &[&str]) -> bool {
    entries.iter().any(|entry| match entry {
        Entry::Field(field, value) => (field == name || name == ELEMENT) && in_expr(value, rest),
        Entry::Computed(..) | Entry::For(..) => true,
        Entry::Spread(value) => in_expr(value, &[&[name], rest].concat()),
        Entry::If(_, then, otherwise) => in_entries(then, name, rest) || in_entries(otherwise, name, rest),
    })
}

fn in_items(items: &[Item], rest: &[&str]) -> bool {
    items.iter().any(|item| match item {
        Item::Value(value) => in_expr(value, rest),
        Item::Spread(_) | Item::For(..) => true,
        Item::If(_, then, otherwise) => in_items(then, rest) || in_items(otherwise, rest),
    })
}

fn in_value(value: &Value, path: &[&str]) -> bool {
    let Some((name, rest)) = path.split_first() else { return true };
    match value {
        Value::Map(map) if *name == ELEMENT => map.iter().any(|(_, value)| in_value(value, rest)),
        Value::Map(map) => map.get(name).is_some_and(|value| in_value(value, rest)),
        Value::List(items) => items.iter().any(|value| in_value(value, rest)),
        _ => false,
    }
}
