//! Values as plain JSON, which is what manifests and people see.

use serde_json::Value as Json;

use super::{Key, Map, Value, encode_base64};
use crate::units;

/// A value as JSON. Durations, quantities and timestamps are strings in their
/// canonical form, bytes are base64, a float that JSON cannot write is the
/// string `NaN`, `Infinity` or `-Infinity`, and what is absent is null.
#[must_use]
pub fn to_json(value: &Value) -> Json {
    match value {
        Value::Absent | Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(n) => Json::from(*n),
        Value::Uint(n) => Json::from(*n),
        Value::Float(f) => float(*f),
        Value::String(s) => Json::String(s.to_string()),
        Value::Bytes(b) => Json::String(encode_base64(b)),
        Value::Duration(d) => Json::String(units::format_duration(*d)),
        Value::Timestamp(t) => Json::String(units::format_timestamp(*t)),
        Value::Quantity(q) => Json::String(q.to_string()),
        Value::List(items) => Json::Array(items.iter().map(to_json).collect()),
        Value::Map(map) => Json::Object(map.iter().map(|(k, v)| (key_text(k), to_json(v))).collect()),
        Value::Type(name) => Json::String(name.to_string()),
        Value::Opaque(opaque) => Json::String(opaque.to_string()),
    }
}

fn key_text(key: &Key) -> String {
    key.as_str().map_or_else(|| key.to_string(), str::to_owned)
}

fn float(number: f64) -> Json {
    match serde_json::Number::from_f64(number) {
        Some(number) => Json::Number(number),
        None if number.is_nan() => Json::from("NaN"),
        None if number > 0.0 => Json::from("Infinity"),
        None => Json::from("-Infinity"),
    }
}

/// A value from JSON. A whole number is an Int, or a Uint where only that
/// holds it; any other number is a Float.
#[must_use]
pub fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(number) => number_value(number),
        Json::String(s) => Value::str(s),
        Json::Array(items) => Value::list(items.iter().map(from_json).collect()),
        Json::Object(entries) => {
            let mut map = Map::with_capacity(entries.len());
            for (key, value) in entries {
                map.insert(key.as_str(), from_json(value));
            }
            Value::map(map)
        }
    }
}

fn number_value(number: &serde_json::Number) -> Value {
    if let Some(n) = number.as_i64() {
        return Value::Int(n);
    }
    if let Some(n) = number.as_u64() {
        return Value::Uint(n);
    }
    Value::Float(number.as_f64().unwrap_or(f64::NAN))
}
