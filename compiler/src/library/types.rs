//! The names of types: CEL's for `type()`, ours for messages.

use crate::value::Value;

/// The names that stand for types in CEL expressions.
const CONSTANTS: &[&str] = &[
    "bool",
    "bytes",
    "double",
    "google.protobuf.Duration",
    "google.protobuf.Timestamp",
    "int",
    "list",
    "map",
    "net.CIDR",
    "net.IP",
    "null_type",
    "optional_type",
    "string",
    "type",
    "uint",
];

/// The value of a name that stands for a type, as in `type(x) == int`.
#[must_use]
pub fn type_constant(name: &str) -> Option<Value> {
    CONSTANTS.contains(&name).then(|| Value::Type(name.into()))
}

/// The CEL name of a value's type, which is what CEL's `type()` gives.
#[must_use]
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Absent => "optional_type",
        Value::Null => "null_type",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Uint(_) => "uint",
        Value::Float(_) => "double",
        Value::String(_) => "string",
        Value::Bytes(_) => "bytes",
        Value::Duration(_) => "google.protobuf.Duration",
        Value::Timestamp(_) => "google.protobuf.Timestamp",
        Value::Quantity(_) => "kubernetes.Quantity",
        Value::List(_) => "list",
        Value::Map(_) => "map",
        Value::Type(_) => "type",
        Value::Opaque(opaque) => opaque.type_name(),
    }
}

/// The name of a value's type in our language, for messages: `Int`, `[...]`.
#[must_use]
pub fn shown_type(value: &Value) -> &'static str {
    match value {
        Value::Absent => "absent",
        Value::Null => "null",
        Value::Bool(_) => "Bool",
        Value::Int(_) => "Int",
        Value::Uint(_) => "Uint",
        Value::Float(_) => "Float",
        Value::String(_) => "String",
        Value::Bytes(_) => "Bytes",
        Value::Duration(_) => "Duration",
        Value::Timestamp(_) => "Timestamp",
        Value::Quantity(_) => "Quantity",
        Value::List(_) => "list",
        Value::Map(_) => "object",
        Value::Type(_) => "Type",
        Value::Opaque(opaque) => opaque.shown_type(),
    }
}
