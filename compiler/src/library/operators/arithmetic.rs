//! `+ - * / %` and negation.

use std::sync::Arc;

use super::{no_overload, unit_fault};
use crate::diagnostic::codes::{E0502, E0503};
use crate::eval::{Context, Fault};
use crate::units::{Duration, Quantity, Timestamp, UnitError, check_duration};
use crate::value::{Text, Value};

type Outcome = Result<Value, Fault>;

pub(super) fn add(ctx: &mut Context<'_>, a: &Value, b: &Value) -> Outcome {
    match (a, b) {
        (Value::Int(x), Value::Int(y)) => whole(x.checked_add(*y), "+", a, b),
        (Value::Uint(x), Value::Uint(y)) => unsigned(x.checked_add(*y), "+", a, b),
        (Value::Float(x), Value::Float(y)) => Ok(Value::Float(x + y)),
        (Value::String(x), Value::String(y)) => join(ctx, x, y),
        (Value::Bytes(x), Value::Bytes(y)) => {
            ctx.bytes(x.len().saturating_add(y.len()))?;
            Ok(Value::Bytes([&**x, &**y].concat().into()))
        }
        (Value::List(x), Value::List(y)) => append(ctx, x, y),
        (Value::Duration(x), Value::Duration(y)) => duration(x.checked_add(*y)),
        (Value::Timestamp(x), Value::Duration(y)) | (Value::Duration(y), Value::Timestamp(x)) => timestamp(x, y),
        _ => quantities(a, b, Quantity::plus).unwrap_or_else(|| Err(no_overload("+", &[a, b]))),
    }
}

pub(super) fn subtract(a: &Value, b: &Value) -> Outcome {
    match (a, b) {
        (Value::Int(x), Value::Int(y)) => whole(x.checked_sub(*y), "-", a, b),
        (Value::Uint(x), Value::Uint(y)) => unsigned(x.checked_sub(*y), "-", a, b),
        (Value::Float(x), Value::Float(y)) => Ok(Value::Float(x - y)),
        (Value::Duration(x), Value::Duration(y)) => duration(x.checked_sub(*y)),
        (Value::Timestamp(x), Value::Duration(y)) => timestamp(x, &-*y),
        (Value::Timestamp(x), Value::Timestamp(y)) => between(*x, *y),
        _ => quantities(a, b, Quantity::minus).unwrap_or_else(|| Err(no_overload("-", &[a, b]))),
    }
}

pub(super) fn multiply(a: &Value, b: &Value) -> Outcome {
    match (a, b) {
        (Value::Int(x), Value::Int(y)) => whole(x.checked_mul(*y), "*", a, b),
        (Value::Uint(x), Value::Uint(y)) => unsigned(x.checked_mul(*y), "*", a, b),
        (Value::Float(x), Value::Float(y)) => Ok(Value::Float(x * y)),
        (Value::Quantity(q), Value::Int(n)) | (Value::Int(n), Value::Quantity(q)) => quantity(q.times((*n).into())),
        (Value::Quantity(q), Value::Uint(n)) | (Value::Uint(n), Value::Quantity(q)) => quantity(q.times((*n).into())),
        (Value::Quantity(q), Value::Float(f)) | (Value::Float(f), Value::Quantity(q)) => quantity(q.times_float(*f)),
        _ => Err(no_overload("*", &[a, b])),
    }
}

pub(super) fn divide(a: &Value, b: &Value) -> Outcome {
    match (a, b) {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => Err(zero_division("division")),
        (Value::Int(x), Value::Int(y)) => whole(x.checked_div(*y), "/", a, b),
        (Value::Uint(x), Value::Uint(y)) => unsigned(x.checked_div(*y), "/", a, b),
        (Value::Float(x), Value::Float(y)) => Ok(Value::Float(x / y)),
        (Value::Quantity(q), Value::Int(n)) => quantity(q.divided((*n).into())),
        (Value::Quantity(q), Value::Uint(n)) => quantity(q.divided((*n).into())),
        (Value::Quantity(q), Value::Float(f)) => quantity(q.divided_float(*f)),
        _ => Err(no_overload("/", &[a, b])),
    }
}

pub(super) fn remainder(a: &Value, b: &Value) -> Outcome {
    match (a, b) {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => Err(zero_division("remainder")),
        (Value::Int(x), Value::Int(y)) => whole(x.checked_rem(*y), "%", a, b),
        (Value::Uint(x), Value::Uint(y)) => unsigned(x.checked_rem(*y), "%", a, b),
        _ => Err(no_overload("%", &[a, b])),
    }
}

pub(super) fn negate(a: &Value) -> Outcome {
    match a {
        Value::Int(n) => {
            let negative = n.checked_neg().ok_or_else(|| Fault::new(&E0502, format!("integer overflow: -({n})")))?;
            Ok(Value::Int(negative))
        }
        Value::Float(f) => Ok(Value::Float(-f)),
        Value::Duration(d) => duration(d.checked_neg()),
        Value::Quantity(q) => quantity(q.negated()),
        _ => Err(no_overload("-", &[a])),
    }
}

/// Quantities among themselves, and with numbers, which count as quantities.
fn quantities(a: &Value, b: &Value, op: fn(&Quantity, &Quantity) -> Result<Quantity, UnitError>) -> Option<Outcome> {
    if !matches!((a, b), (Value::Quantity(_), _) | (_, Value::Quantity(_))) {
        return None;
    }
    let (a, b) = (to_quantity(a)?, to_quantity(b)?);
    Some(quantity(a.and_then(|a| op(&a, &b?))))
}

fn to_quantity(value: &Value) -> Option<Result<Quantity, UnitError>> {
    match value {
        Value::Quantity(q) => Some(Ok(**q)),
        Value::Int(n) => Some(Ok(Quantity::from_int(*n))),
        Value::Uint(n) => Some(Quantity::from_int(1).times((*n).into())),
        Value::Float(f) => Some(Quantity::from_float(*f)),
        _ => None,
    }
}

fn quantity(result: Result<Quantity, UnitError>) -> Outcome {
    result.map(|q| Value::Quantity(Arc::new(q))).map_err(|e| unit_fault(e, "the Quantity"))
}

fn duration(result: Option<Duration>) -> Outcome {
    let checked = result.ok_or(UnitError::Range).and_then(check_duration);
    checked.map(Value::Duration).map_err(|e| unit_fault(e, "the Duration"))
}

/// The time between two points: as in the API server, nanoseconds of 64 bits,
/// which are 292 years.
fn between(later: Timestamp, earlier: Timestamp) -> Outcome {
    let time = later.since(earlier);
    duration(i64::try_from(time.as_nanos()).is_ok().then_some(time))
}

fn timestamp(from: &Timestamp, by: &Duration) -> Outcome {
    from.plus(*by).map(Value::Timestamp).map_err(|e| unit_fault(e, "the Timestamp"))
}

fn join(ctx: &mut Context<'_>, a: &str, b: &str) -> Outcome {
    let length = a.len().saturating_add(b.len());
    ctx.bytes(length)?;
    let mut text = String::with_capacity(length);
    text.push_str(a);
    text.push_str(b);
    Ok(Value::String(Text::from(text)))
}

fn append(ctx: &mut Context<'_>, a: &Arc<Vec<Value>>, b: &Arc<Vec<Value>>) -> Outcome {
    if a.is_empty() || b.is_empty() {
        return Ok(Value::List(Arc::clone(if a.is_empty() { b } else { a })));
    }
    let length = a.len().saturating_add(b.len());
    ctx.items(length)?;
    let mut items = Vec::with_capacity(length);
    items.extend(a.iter().cloned());
    items.extend(b.iter().cloned());
    Ok(Value::list(items))
}

fn whole(result: Option<i64>, op: &str, a: &Value, b: &Value) -> Outcome {
    result.map(Value::Int).ok_or_else(|| overflow(op, a, b))
}

fn unsigned(result: Option<u64>, op: &str, a: &Value, b: &Value) -> Outcome {
    result.map(Value::Uint).ok_or_else(|| overflow(op, a, b))
}

#[cold]
fn overflow(op: &str, a: &Value, b: &Value) -> Fault {
    Fault::new(&E0502, format!("integer overflow: {} {op} {}", a.shown(), b.shown()))
}

#[cold]
pub(super) fn zero_division(what: &str) -> Fault {
    Fault::new(&E0503, format!("{what} by zero"))
}
