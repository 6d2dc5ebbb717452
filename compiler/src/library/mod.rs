//! CEL's standard library and the API server's extensions.

pub mod operators;

use std::fmt;

pub use operators::equal;

use crate::eval::{Context, Fault};
use crate::value::Value;

/// A value of one of the API server's library types.
#[derive(Clone, Debug, PartialEq)]
pub enum Opaque {}

impl Opaque {
    /// The CEL name of its type.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match *self {}
    }

    /// Reads what `Display` wrote, by the name of the type.
    #[must_use]
    pub fn parse(_type_name: &str, _text: &str) -> Option<Self> {
        None
    }
}

impl fmt::Display for Opaque {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

/// A function of the library.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// The code.
    pub eval: fn(&mut Context<'_>, &[Value]) -> Result<Value, Fault>,
}

/// The function with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    static SIZE: Function = Function { name: "size", eval: size };
    (name == "size").then_some(&SIZE)
}

fn size(_: &mut Context<'_>, args: &[Value]) -> Result<Value, Fault> {
    match args {
        [Value::List(items)] => Ok(Value::Int(items.len() as i64)),
        [Value::Map(map)] => Ok(Value::Int(map.len() as i64)),
        [Value::String(text)] => Ok(Value::Int(text.chars().count() as i64)),
        _ => Err(Fault::error("no such overload: `size`")),
    }
}

/// The name of a value's type in our language.
#[must_use]
pub const fn shown_type(value: &Value) -> &'static str {
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
        Value::Opaque(_) => "Opaque",
    }
}
