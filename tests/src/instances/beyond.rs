//! Values that lie just beyond what a rule takes: one too many, one too few, one
//! character that the pattern does not have.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tessera_compiler::ir::{Composite, Rule, Schema, SchemaField};
use tessera_compiler::units::{Duration, Quantity};
use tessera_compiler::value::{Value, to_json};

use super::hints::{self, Hints};
use crate::corpus::Random;
use crate::oracle::mutate::Change;
use crate::oracle::place::{Place, Step};

/// Puts such a value in the place of one that keeps its rule; `None` where no rule
/// tells where it ends.
pub(super) fn step_over(composite: &Composite, object: &mut Json, random: &mut Random) -> Option<Change> {
    let mut rules = Vec::new();
    for param in &composite.params {
        let place = Place(vec![Step::Key("spec".to_owned()), Step::Key(param.name.to_string())]);
        gather(&param.schema, object, &place, &mut rules);
    }
    let (at, rule) = random.pick(&rules)?.clone();
    let (base, hints, _) = hints::of(rule, random);
    let old = at.of(object)?.clone();
    let new = random.pick(&beyond(base, &hints, &old))?.clone();
    let to = new.to_string().chars().take(80).collect();
    *at.of_mut(object)? = new;
    Some(Change { what: "beyond the rule", at, to })
}

/// The rules on what is given, each with its place.
fn gather<'s>(schema: &'s Schema, object: &Json, place: &Place, out: &mut Vec<(Place, &'s Rule)>) {
    let Some(value) = place.of(object) else { return };
    match schema {
        Schema::Rule(rule) => {
            out.push((place.clone(), rule));
            gather(&rule.base, object, place, out);
        }
        Schema::Record(fields) if told(fields, value) => {
            for field in fields {
                gather(&field.schema, object, &place.then(Step::Key(field.name.to_string())), out);
            }
        }
        Schema::List(item) => {
            for index in 0..value.as_array().map_or(0, Vec::len) {
                gather(item, object, &place.then(Step::Index(index)), out);
            }
        }
        Schema::Map(item) => {
            for key in value.as_object().into_iter().flat_map(serde_json::Map::keys) {
                gather(item, object, &place.then(Step::Key(key.clone())), out);
            }
        }
        Schema::Union(members) => members.iter().for_each(|member| gather(member, object, place, out)),
        _ => {}
    }
}

/// Whether a value is of the case of a union that the record is.
fn told(fields: &[SchemaField], value: &Json) -> bool {
    fields.iter().all(|field| match &field.schema {
        Schema::Literal(word) => value.get(field.name.as_str()) == Some(&to_json(word)),
        _ => true,
    })
}

fn beyond(base: &Schema, hints: &Hints, old: &Json) -> Vec<Json> {
    let mut found: Vec<Json> = [(&hints.low, -1), (&hints.high, 1)]
        .into_iter()
        .filter_map(|(bound, step)| Some(to_json(&beside(bound.as_ref()?, step)?)))
        .collect();
    match old {
        Json::String(text) if matches!(base, Schema::String) => {
            found.extend(hints.most.map(|most| json!("a".repeat(most + 1))));
            found.extend(hints.least.filter(|least| *least > 0).map(|least| json!("a".repeat(least - 1))));
            if !hints.patterns.is_empty() {
                found.extend([json!(format!("{text} ")), json!(format!("!{text}")), json!(format!("{text}\n"))]);
            }
        }
        Json::Array(items) => {
            if let (Some(most), Some(item)) = (hints.most, items.first()) {
                found.push(json!(vec![item; most + 1]));
            }
            if hints.least.is_some_and(|least| least > 0) {
                found.push(json!([]));
            }
        }
        _ => {}
    }
    found
}

/// What comes next before or after a bound.
fn beside(bound: &Value, step: i64) -> Option<Value> {
    Some(match bound {
        Value::Int(n) => Value::Int(n.checked_add(step)?),
        Value::Float(n) => Value::Float(n + step as f64 / 8.0),
        Value::Duration(d) => Value::Duration(d.checked_add(Duration::from_secs(step))?),
        Value::Quantity(q) => {
            Value::Quantity(Arc::new(Quantity::from_nanos(q.nanos() + i128::from(step) * 1_000_000_000, q.family())))
        }
        _ => return None,
    })
}
