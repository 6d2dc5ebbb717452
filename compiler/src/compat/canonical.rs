//! Expressions compared by what they say, not by where they stand.

use serde_json::Value as Json;

use crate::expr::Expr;
use crate::ir::{Binding, Composite};

/// `let`s in each other, at most.
const DEEPEST: usize = 16;

/// The expression without places; `let`s of a composite stand for what they are.
pub(super) fn canonical(expr: &Expr, composite: &Composite) -> String {
    canonical_in(expr, &composite.bindings)
}

/// The expression without places.
pub(super) fn alone(expr: &Expr) -> String {
    canonical_in(expr, &[])
}

fn canonical_in(expr: &Expr, bindings: &[Binding]) -> String {
    plain(expr, bindings, 0).to_string()
}

fn plain(expr: &Expr, bindings: &[Binding], depth: usize) -> Json {
    let mut json = serde_json::to_value(expr).unwrap_or_default();
    strip(&mut json, bindings, depth);
    json
}

fn strip(json: &mut Json, bindings: &[Binding], depth: usize) {
    match json {
        Json::Object(entries) => {
            entries.retain(|key, _| key != "span");
            let named = entries.get("binding").and_then(Json::as_str);
            let binding = named.and_then(|name| bindings.iter().find(|b| b.name == name));
            if let Some(binding) = binding.filter(|_| depth < DEEPEST) {
                *json = plain(&binding.value, bindings, depth + 1);
                return;
            }
            entries.values_mut().for_each(|value| strip(value, bindings, depth));
        }
        Json::Array(items) => items.iter_mut().for_each(|item| strip(item, bindings, depth)),
        _ => {}
    }
}
