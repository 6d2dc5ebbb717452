//! CEL's standard functions on strings and types.

use crate::eval::Context;
use crate::value::Value;

use super::Sig::{A, Bool, Dyn, String, TypeValue};
use super::arguments::{Outcome, no_overload, scan};
use super::signature::{method, plain};
use super::{Function, Since, type_name};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "contains",
        overloads: &[method(&[String, String], Bool)],
        eval: contains,
        since: Since::Always,
        doc: "Whether the string contains the other one.",
    },
    Function {
        name: "dyn",
        overloads: &[plain(&[A], Dyn)],
        eval: dynamic,
        since: Since::Always,
        doc: "The value itself, its type known only at evaluation.",
    },
    Function {
        name: "endsWith",
        overloads: &[method(&[String, String], Bool)],
        eval: ends_with,
        since: Since::Always,
        doc: "Whether the string ends with the other one.",
    },
    Function {
        name: "startsWith",
        overloads: &[method(&[String, String], Bool)],
        eval: starts_with,
        since: Since::Always,
        doc: "Whether the string starts with the other one.",
    },
    Function {
        name: "type",
        overloads: &[plain(&[A], TypeValue)],
        eval: type_of,
        since: Since::Always,
        doc: "The type of the value, to be compared: `type(x) == int`.",
    },
];

fn contains(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::String(text), Value::String(part)] = args else { return Err(no_overload("contains", args)) };
    scan(ctx, text)?;
    Ok(Value::Bool(text.contains(part.as_str())))
}

fn starts_with(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::String(text), Value::String(part)] = args else { return Err(no_overload("startsWith", args)) };
    Ok(Value::Bool(text.starts_with(part.as_str())))
}

fn ends_with(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::String(text), Value::String(part)] = args else { return Err(no_overload("endsWith", args)) };
    Ok(Value::Bool(text.ends_with(part.as_str())))
}

fn dynamic(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [value] = args else { return Err(no_overload("dyn", args)) };
    Ok(value.clone())
}

fn type_of(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [value] = args else { return Err(no_overload("type", args)) };
    Ok(Value::Type(type_name(value).into()))
}
