//! CEL's operators: equality and order across the number types, arithmetic
//! that never wraps, `in` and indexing; and ours on quantities.
//!
//! Semantics: the CEL language definition, sections on equality, ordering and
//! numeric arithmetic. `&&`, `||` and `??` are the evaluator's, since they do
//! not always look at both sides.

mod arithmetic;

use std::cmp::Ordering;

use crate::diagnostic::codes::{E0308, E0311, E0502, E0504};
use crate::eval::{Context, Fault};
use crate::expr::{BinaryOp, UnaryOp};
use crate::library::shown_type;
use crate::stack::deep;
use crate::units::UnitError;
use crate::value::{Key, Map, Value};

/// The value of a binary operator other than `&&`, `||` and `??`.
///
/// # Errors
/// E0311 for types that the operator has not, E0502 on overflow, E0503 for a
/// division by zero, E0501 for a time out of range, E0505 beyond the budget.
pub fn binary(ctx: &mut Context<'_>, op: BinaryOp, a: &Value, b: &Value) -> Result<Value, Fault> {
    let holds = match op {
        BinaryOp::Eq => equals(ctx, a, b)?,
        BinaryOp::Ne => !equals(ctx, a, b)?,
        BinaryOp::Lt => ordered(op, a, b)?.is_some_and(Ordering::is_lt),
        BinaryOp::Le => ordered(op, a, b)?.is_some_and(Ordering::is_le),
        BinaryOp::Gt => ordered(op, a, b)?.is_some_and(Ordering::is_gt),
        BinaryOp::Ge => ordered(op, a, b)?.is_some_and(Ordering::is_ge),
        BinaryOp::In => contains(ctx, a, b)?,
        BinaryOp::Add => return arithmetic::add(ctx, a, b),
        BinaryOp::Sub => return arithmetic::subtract(a, b),
        BinaryOp::Mul => return arithmetic::multiply(a, b),
        BinaryOp::Div => return arithmetic::divide(a, b),
        BinaryOp::Rem => return arithmetic::remainder(a, b),
        BinaryOp::And | BinaryOp::Or | BinaryOp::Coalesce => return Err(no_overload(op.symbol(), &[a, b])),
    };
    Ok(Value::Bool(holds))
}

/// The value of `!a` and `-a`.
///
/// # Errors
/// As [`binary`].
pub fn unary(op: UnaryOp, a: &Value) -> Result<Value, Fault> {
    match (op, a) {
        (UnaryOp::Not, Value::Bool(b)) => Ok(Value::Bool(!b)),
        (UnaryOp::Not, _) => Err(no_overload("!", &[a])),
        (UnaryOp::Neg, _) => arithmetic::negate(a),
    }
}

/// Equality: numbers compare by value across their types, values of unlike
/// types are unequal, NaN equals nothing.
#[must_use]
pub fn equal(a: &Value, b: &Value) -> bool {
    equals(&mut Context::new(), a, b).unwrap_or(false)
}

/// [`equal`] within a budget: values that share parts can be small in memory
/// and endless to compare.
///
/// # Errors
/// E0505 when the budget is used up.
pub fn equals(ctx: &mut Context<'_>, a: &Value, b: &Value) -> Result<bool, Fault> {
    Ok(match (a, b) {
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Absent, Value::Absent) | (Value::Null, Value::Null) => true,
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::Duration(a), Value::Duration(b)) => a == b,
        (Value::Timestamp(a), Value::Timestamp(b)) => a == b,
        (Value::Quantity(a), Value::Quantity(b)) => a == b,
        (Value::Type(a), Value::Type(b)) => a == b,
        (Value::Opaque(a), Value::Opaque(b)) => a == b,
        (Value::List(a), Value::List(b)) => a.len() == b.len() && deep(|| equal_lists(ctx, a, b))?,
        (Value::Map(a), Value::Map(b)) => a.len() == b.len() && deep(|| equal_maps(ctx, a, b))?,
        _ => compare_numbers(a, b).is_some_and(|order| order == Some(Ordering::Equal)),
    })
}

fn equal_lists(ctx: &mut Context<'_>, a: &[Value], b: &[Value]) -> Result<bool, Fault> {
    ctx.charge(a.len() as u64)?;
    for (a, b) in a.iter().zip(b) {
        if !equals(ctx, a, b)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn equal_maps(ctx: &mut Context<'_>, a: &Map, b: &Map) -> Result<bool, Fault> {
    ctx.charge(a.len() as u64)?;
    for (key, a) in a {
        let Some(b) = b.get_key(key) else { return Ok(false) };
        if !equals(ctx, a, b)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The order of two values, `Some(None)` where one is NaN; `None` where their
/// types have no order.
#[must_use]
pub fn compare(a: &Value, b: &Value) -> Option<Option<Ordering>> {
    let order = match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::String(a), Value::String(b)) => a.as_str().cmp(b.as_str()),
        (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
        (Value::Timestamp(a), Value::Timestamp(b)) => a.cmp(b),
        (Value::Quantity(a), Value::Quantity(b)) => a.cmp(b),
        _ => return compare_numbers(a, b),
    };
    Some(Some(order))
}

fn ordered(op: BinaryOp, a: &Value, b: &Value) -> Result<Option<Ordering>, Fault> {
    compare(a, b).ok_or_else(|| no_overload(op.symbol(), &[a, b]))
}

fn compare_numbers(a: &Value, b: &Value) -> Option<Option<Ordering>> {
    Some(match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Float(a), _) => a.partial_cmp(&rounded(whole(b)?)),
        (_, Value::Float(b)) => rounded(whole(a)?).partial_cmp(b),
        _ => Some(whole(a)?.cmp(&whole(b)?)),
    })
}

fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Int(n) => Some(i128::from(*n)),
        Value::Uint(n) => Some(i128::from(*n)),
        _ => None,
    }
}

/// An integer beside a float counts as the nearest float, as CEL has it: the
/// greatest Int is not less than the float next to it.
const fn rounded(number: i128) -> f64 {
    number as f64
}

/// `a in b`.
fn contains(ctx: &mut Context<'_>, a: &Value, b: &Value) -> Result<bool, Fault> {
    match b {
        Value::List(items) => {
            ctx.charge(items.len() as u64)?;
            for item in items.iter() {
                if equals(ctx, a, item)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Value::Map(map) => Ok(Key::of(a).is_some_and(|key| map.get_key(&key).is_some())),
        _ => Err(no_overload("in", &[a, b])),
    }
}

/// The element of a list or map, `None` where it has none.
///
/// # Errors
/// E0311 when `base` is neither or `index` can be no index of it.
pub fn index<'a>(base: &'a Value, index: &Value) -> Result<Option<&'a Value>, Fault> {
    match base {
        Value::Map(map) => match (index, Key::of(index)) {
            (Value::String(name), _) => Ok(map.get(name)),
            (_, Some(key)) => Ok(map.get_key(&key)),
            (Value::Float(_), None) => Ok(None),
            _ => Err(no_overload("[]", &[base, index])),
        },
        Value::List(items) => {
            let position = match Key::of(index) {
                Some(Key::Int(n)) => usize::try_from(n).ok(),
                Some(Key::Uint(n)) => usize::try_from(n).ok(),
                None if matches!(index, Value::Float(_)) => None,
                _ => return Err(no_overload("[]", &[base, index])),
            };
            Ok(position.and_then(|position| items.get(position)))
        }
        _ => Err(no_overload("[]", &[base, index])),
    }
}

/// The fault of an index or key that is not there, E0504.
#[cold]
#[must_use]
pub fn missing(base: &Value, index: &Value) -> Fault {
    match base {
        Value::List(items) => {
            let shown = index.shown();
            Fault::new(&E0504, format!("index {shown} is out of bounds of a list of {}", counted(items.len(), "item")))
        }
        Value::Map(map) => Fault::new(&E0504, format!("no such key: {}; {}", index.shown(), known_keys(map))),
        _ => no_overload("[]", &[base, index]),
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn known_keys(map: &Map) -> String {
    const MOST: usize = 8;
    let mut keys: Vec<String> = map.iter().take(MOST).map(|(key, _)| Value::from(key.clone()).shown()).collect();
    match map.len() {
        0 => return "it is empty".to_owned(),
        n if n > MOST => keys.push(format!("and {} more", n - MOST)),
        _ => {}
    }
    format!("it has {}", keys.join(", "))
}

/// The fault of an operator on values that it is not for.
#[cold]
pub(crate) fn no_overload(operator: &str, operands: &[&Value]) -> Fault {
    if operands.iter().any(|value| matches!(value, Value::Absent)) {
        return Fault::new(&E0308, format!("`{operator}` needs a value, and one that it is given is absent"));
    }
    let types: Vec<&str> = operands.iter().map(|value| shown_type(value)).collect();
    Fault::new(&E0311, format!("no such overload: `{operator}` on {}", types.join(" and ")))
}

/// The fault of an operation of units.
#[cold]
pub(crate) fn unit_fault(error: UnitError, what: &str) -> Fault {
    match error {
        UnitError::ZeroDivision => arithmetic::zero_division("division"),
        UnitError::Range => Fault::new(&E0502, format!("{what} is out of range")),
        UnitError::Form => Fault::error(format!("{what} has not the right form")),
    }
}

#[cfg(test)]
mod tests;
