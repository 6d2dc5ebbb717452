//! Functions of lists: Kubernetes' own and those of CEL's lists extension.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::diagnostic::codes::{E0502, E0504};
use crate::eval::{Context, Fault};
use crate::units::check_duration;
use crate::value::Value;

use super::Sig::{self, A, Bool, Dyn, Int, List, Optional, Ordered};
use super::arguments::{Outcome, list, no_overload};
use super::operators::equals;
use super::order::in_order;
use super::signature::{Overload, method, plain};
use super::{Function, Since, shown_type};

/// How deep `flatten` goes.
const MAX_DEPTH: i64 = 100;

const SUM: &[Overload] = &[
    method(&[List(&Int)], Int),
    method(&[List(&Sig::Uint)], Sig::Uint),
    method(&[List(&Sig::Float)], Sig::Float),
    method(&[List(&Sig::Duration)], Sig::Duration),
    method(&[List(&Sig::Quantity)], Sig::Quantity).since(Since::Never),
];

/// One element out of a list of things that have an order; of quantities only here.
const PICK: &[Overload] =
    &[method(&[List(&Ordered)], Ordered), method(&[List(&Sig::Quantity)], Sig::Quantity).since(Since::Never)];

/// A list of things that have an order, and what is made of it.
const SORTED: &[Overload] = &[
    method(&[List(&Ordered)], List(&Ordered)),
    method(&[List(&Sig::Quantity)], List(&Sig::Quantity)).since(Since::Never),
];

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "distinct",
        overloads: &[method(&[List(&A)], List(&A))],
        eval: distinct,
        since: Since::Minor(34),
        doc: "The list without the items that equal an earlier one.",
    },
    Function {
        name: "first",
        overloads: &[method(&[List(&A)], Optional(&A))],
        eval: |_, args| end("first", args, <[Value]>::first),
        since: Since::Minor(34),
        doc: "The first item, absent where the list is empty.",
    },
    Function {
        name: "flatten",
        overloads: &[
            method(&[List(&List(&A))], List(&A)),
            method(&[List(&Dyn)], List(&Dyn)),
            method(&[List(&Dyn), Int], List(&Dyn)),
        ],
        eval: flatten,
        since: Since::Minor(34),
        doc: "The list with the items of lists in it in their place, one level deep or as many as are given.",
    },
    Function {
        name: "includes",
        overloads: &[method(&[List(&A), A], Bool), method(&[A, A], Bool)],
        eval: includes,
        since: Since::Minor(37),
        doc: "Whether the list has the item, or the value equals the other one.",
    },
    Function {
        name: "isSorted",
        overloads: &[method(&[List(&Ordered)], Bool), method(&[List(&Sig::Quantity)], Bool).since(Since::Never)],
        eval: is_sorted,
        since: Since::Always,
        doc: "Whether no item is greater than the next.",
    },
    Function {
        name: "last",
        overloads: &[method(&[List(&A)], Optional(&A))],
        eval: |_, args| end("last", args, <[Value]>::last),
        since: Since::Minor(34),
        doc: "The last item, absent where the list is empty.",
    },
    Function {
        name: "lists.range",
        overloads: &[plain(&[Int], List(&Int))],
        eval: range,
        since: Since::Minor(34),
        doc: "The integers from 0 up to, without, the number.",
    },
    Function {
        name: "max",
        overloads: PICK,
        eval: |ctx, args| pick(ctx, "max", args, Ordering::Greater),
        since: Since::Always,
        doc: "The greatest item; an error where the list is empty.",
    },
    Function {
        name: "min",
        overloads: PICK,
        eval: |ctx, args| pick(ctx, "min", args, Ordering::Less),
        since: Since::Always,
        doc: "The least item; an error where the list is empty.",
    },
    Function {
        name: "slice",
        overloads: &[method(&[List(&A), Int, Int], List(&A))],
        eval: slice,
        since: Since::Minor(34),
        doc: "The items from the first position up to, without, the second.",
    },
    Function {
        name: "sort",
        overloads: SORTED,
        eval: sort,
        since: Since::Minor(34),
        doc: "The list in ascending order; equal items keep their order.",
    },
    Function {
        name: "sum",
        overloads: SUM,
        eval: sum,
        since: Since::Always,
        doc: "The sum of the items, 0 of an empty list.",
    },
];

fn distinct(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::List(items)] = args else { return Err(no_overload("distinct", args)) };
    let mut kept: Vec<Value> = Vec::new();
    for item in items.iter() {
        if position(ctx, &kept, item)?.is_none() {
            kept.push(item.clone());
        }
    }
    list(ctx, kept)
}

/// The index of the first item that equals the value.
pub(super) fn position(ctx: &mut Context<'_>, items: &[Value], value: &Value) -> Result<Option<usize>, Fault> {
    for (index, item) in items.iter().enumerate() {
        ctx.charge(1)?;
        if equals(ctx, item, value)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// The index of the last item that equals the value.
pub(super) fn last_position(ctx: &mut Context<'_>, items: &[Value], value: &Value) -> Result<Option<usize>, Fault> {
    for (index, item) in items.iter().enumerate().rev() {
        ctx.charge(1)?;
        if equals(ctx, item, value)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

fn end(name: &str, args: &[Value], which: fn(&[Value]) -> Option<&Value>) -> Outcome {
    let [Value::List(items)] = args else { return Err(no_overload(name, args)) };
    Ok(which(items).cloned().unwrap_or(Value::Absent))
}

fn flatten(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (items, depth) = match args {
        [Value::List(items)] => (items, 1),
        [Value::List(items), Value::Int(depth)] => (items, *depth),
        _ => return Err(no_overload("flatten", args)),
    };
    if !(0..=MAX_DEPTH).contains(&depth) {
        return Err(Fault::error(format!(
            "flatten: level must be non-negative and at most {MAX_DEPTH}, and is {depth}"
        )));
    }
    let mut flat = Vec::new();
    flatten_into(ctx, items, depth, &mut flat)?;
    Ok(Value::list(flat))
}

fn flatten_into(ctx: &mut Context<'_>, items: &[Value], depth: i64, flat: &mut Vec<Value>) -> Result<(), Fault> {
    ctx.items(flat.len().saturating_add(items.len()))?;
    for item in items {
        match item {
            Value::List(inner) if depth > 0 => flatten_into(ctx, inner, depth - 1, flat)?,
            _ => flat.push(item.clone()),
        }
    }
    Ok(())
}

fn includes(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [Value::Absent, _] | [_, Value::Absent] => Err(no_overload("includes", args)),
        [Value::List(items), value] => Ok(Value::Bool(position(ctx, items, value)?.is_some())),
        [one, other] => Ok(Value::Bool(equals(ctx, one, other)?)),
        _ => Err(no_overload("includes", args)),
    }
}

fn is_sorted(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::List(items)] = args else { return Err(no_overload("isSorted", args)) };
    ctx.charge(items.len() as u64)?;
    for pair in items.windows(2) {
        let [a, b] = pair else { continue };
        if !has_nan(a, b) && in_order(a, b)? == Ordering::Greater {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

fn range(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::Int(end)] = args else { return Err(no_overload("lists.range", args)) };
    let Ok(size) = usize::try_from(*end) else {
        return Err(Fault::error(format!("lists.range: the number of items must not be negative, got {end}")));
    };
    ctx.items(size)?;
    Ok(Value::list((0..*end).map(Value::Int).collect()))
}

/// Whether one is NaN, which the API server's functions of lists neither order nor mind.
fn has_nan(a: &Value, b: &Value) -> bool {
    [a, b].iter().any(|value| matches!(value, Value::Float(n) if n.is_nan()))
}

/// The first item that no other one is more `wanted` than.
fn pick(ctx: &mut Context<'_>, name: &str, args: &[Value], wanted: Ordering) -> Outcome {
    let [Value::List(items)] = args else { return Err(no_overload(name, args)) };
    ctx.charge(items.len() as u64)?;
    let Some((first, rest)) = items.split_first() else {
        return Err(Fault::new(&E0504, format!("{name} called on empty list")));
    };
    let mut best = first;
    for item in rest {
        if !has_nan(item, best) && in_order(item, best)? == wanted {
            best = item;
        }
    }
    Ok(best.clone())
}

/// `reverse` of lists.
pub(super) fn reverse(ctx: &mut Context<'_>, items: &[Value]) -> Outcome {
    list(ctx, items.iter().rev().cloned().collect())
}

fn slice(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::List(items), Value::Int(start), Value::Int(end)] = args else {
        return Err(no_overload("slice", args));
    };
    let bounds = usize::try_from(*start).ok().zip(usize::try_from(*end).ok());
    let part = bounds.and_then(|(start, end)| items.get(start..end));
    let part = part.ok_or_else(|| {
        Fault::new(&E0504, format!("cannot slice({start}, {end}), the list has {} items", items.len()))
    })?;
    list(ctx, part.to_vec())
}

fn sort(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::List(items)] = args else { return Err(no_overload("sort", args)) };
    let sorted = sorted_by(ctx, items.iter().map(|item| (item.clone(), item.clone())).collect())?;
    Ok(Value::list(sorted))
}

/// The values in the order of their keys, which must be of one type; values
/// with equal keys keep their order.
///
/// # Errors
/// For keys of several types or without an order.
pub fn sorted_by(ctx: &mut Context<'_>, mut keyed: Vec<(Value, Value)>) -> Result<Vec<Value>, Fault> {
    ctx.items(keyed.len())?;
    ctx.charge(keyed.len() as u64 * u64::from(keyed.len().max(1).ilog2() + 1))?;
    check_keys(&keyed)?;
    let mut fault = None;
    keyed.sort_by(|(a, _), (b, _)| {
        in_order(a, b).unwrap_or_else(|found| {
            fault.get_or_insert(found);
            Ordering::Equal
        })
    });
    fault.map_or_else(|| Ok(keyed.into_iter().map(|(_, value)| value).collect()), Err)
}

/// An order that does not hold between all keys could make a sort panic, so it
/// is looked for before.
fn check_keys(keyed: &[(Value, Value)]) -> Result<(), Fault> {
    let Some(((first, _), rest)) = keyed.split_first() else { return Ok(()) };
    in_order(first, first)?;
    for (key, _) in rest {
        if std::mem::discriminant(key) != std::mem::discriminant(first) {
            let types = format!("{} and {}", shown_type(first), shown_type(key));
            return Err(Fault::error(format!("list elements must have the same type to be sorted, and are {types}")));
        }
        in_order(key, key)?;
    }
    Ok(())
}

fn sum(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::List(items)] = args else { return Err(no_overload("sum", args)) };
    ctx.charge(items.len() as u64)?;
    let Some((first, rest)) = items.split_first() else { return Ok(Value::Int(0)) };
    if !matches!(first, Value::Int(_) | Value::Uint(_) | Value::Float(_) | Value::Duration(_) | Value::Quantity(_)) {
        return Err(no_overload("sum", args));
    }
    let mut total = first.clone();
    for item in rest {
        total = plus(&total, item).ok_or_else(|| no_overload("sum", args))??;
    }
    Ok(total)
}

/// The sum of two values of one type; `None` where they are of several.
fn plus(a: &Value, b: &Value) -> Option<Outcome> {
    let sum = match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.checked_add(*b).map(Value::Int),
        (Value::Uint(a), Value::Uint(b)) => a.checked_add(*b).map(Value::Uint),
        (Value::Float(a), Value::Float(b)) => Some(Value::Float(a + b)),
        (Value::Duration(a), Value::Duration(b)) => {
            a.checked_add(*b).and_then(|sum| check_duration(sum).ok()).map(Value::Duration)
        }
        (Value::Quantity(a), Value::Quantity(b)) => a.plus(b).ok().map(|sum| Value::Quantity(Arc::new(sum))),
        _ => return None,
    };
    Some(sum.ok_or_else(|| Fault::new(&E0502, format!("sum: overflow of {}", shown_type(a)))))
}
