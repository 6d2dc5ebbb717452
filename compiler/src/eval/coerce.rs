//! Conversions that a context demands.

use std::sync::Arc;

use super::Fault;
use crate::diagnostic::codes::E0506;
use crate::expr::Coercion;
use crate::units::{Quantity, UnitError, parse_duration, parse_timestamp};
use crate::value::Value;

/// Converts a value as its context demands. A value that has the type already,
/// is absent stays as it is; so does null where a unit is demanded.
///
/// # Errors
/// E0506 for other types and for text without the form.
pub fn coerce(to: Coercion, value: Value) -> Result<Value, Fault> {
    let converted = match (to, &value) {
        (_, Value::Absent)
        | (Coercion::Quantity | Coercion::Duration | Coercion::Timestamp | Coercion::Float, Value::Null)
        | (Coercion::Quantity, Value::Quantity(_))
        | (Coercion::Duration, Value::Duration(_))
        | (Coercion::Timestamp, Value::Timestamp(_))
        | (Coercion::Float, Value::Float(_))
        | (Coercion::Bool, Value::Bool(_))
        | (Coercion::Int, Value::Int(_))
        | (Coercion::String, Value::String(_))
        | (Coercion::List, Value::List(_))
        | (Coercion::Map, Value::Map(_)) => return Ok(value),
        (Coercion::Quantity, _) => to_quantity(&value).map(|q| Value::Quantity(Arc::new(q))),
        (Coercion::Duration, Value::String(text)) => parse_duration(text).map(Value::Duration),
        (Coercion::Timestamp, Value::String(text)) => parse_timestamp(text).map(Value::Timestamp),
        (Coercion::Float, Value::Int(n)) => Ok(Value::Float(*n as f64)),
        (Coercion::Float, Value::Uint(n)) => Ok(Value::Float(*n as f64)),
        _ => Err(UnitError::Form),
    };
    converted.map_err(|error| refused(to, &value, error))
}

fn to_quantity(value: &Value) -> Result<Quantity, UnitError> {
    match value {
        Value::String(text) => Quantity::parse(text),
        Value::Int(n) => Ok(Quantity::from_int(*n)),
        Value::Uint(n) => Quantity::from_int(1).times((*n).into()),
        Value::Float(f) => Quantity::from_float(*f),
        _ => Err(UnitError::Form),
    }
}

#[cold]
fn refused(to: Coercion, value: &Value, error: UnitError) -> Fault {
    let (what, example) = match to {
        Coercion::Quantity => ("a Quantity", "such as 500m or 256Mi"),
        Coercion::Duration => ("a Duration", "such as 90s or 1h30m"),
        Coercion::Timestamp => ("a Timestamp", "such as 2026-01-31T12:00:00Z"),
        Coercion::Float => ("a Float", "such as 1.5"),
        Coercion::Bool => ("a Bool", "such as true"),
        Coercion::Int => ("an Int", "such as 3"),
        Coercion::String => ("a String", "such as \"text\""),
        Coercion::List => ("a list", "such as [1, 2]"),
        Coercion::Map => ("an object", "such as { a: 1 }"),
    };
    let message = match error {
        UnitError::Range => format!("{} is out of the range of {what}", value.shown()),
        _ => format!("{} is not {what}, {example}", value.shown()),
    };
    Fault::new(&E0506, message)
}
