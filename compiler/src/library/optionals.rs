//! Optional values. What is there is the value itself; `none` is the absent value.

use crate::eval::{Context, Fault};
use crate::value::Value;

use super::Sig::{A, Bool, Optional};
use super::arguments::{Outcome, no_overload};
use super::signature::{method, plain};
use super::{Function, Since};

const FROM: Since = Since::Minor(28);

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "hasValue",
        overloads: &[method(&[Optional(&A)], Bool)],
        eval: has_value,
        since: FROM,
        doc: "Whether the value is there.",
    },
    Function {
        name: "optional.none",
        overloads: &[plain(&[], Optional(&A))],
        eval: none,
        since: FROM,
        doc: "An absent value.",
    },
    Function {
        name: "optional.of",
        overloads: &[plain(&[A], Optional(&A))],
        eval: of,
        since: FROM,
        doc: "The value as one that may be absent.",
    },
    Function {
        name: "optional.ofNonZeroValue",
        overloads: &[plain(&[A], Optional(&A))],
        eval: of_non_zero,
        since: FROM,
        doc: "The value, absent where it is `false`, zero, empty or `null`.",
    },
    Function {
        name: "or",
        overloads: &[method(&[Optional(&A), Optional(&A)], Optional(&A))],
        eval: or,
        since: FROM,
        doc: "The value, or the other one where it is absent.",
    },
    Function {
        name: "orValue",
        overloads: &[method(&[Optional(&A), A], A)],
        eval: or,
        since: FROM,
        doc: "The value, or the given one where it is absent. `??` is shorter.",
    },
    Function {
        name: "value",
        overloads: &[method(&[Optional(&A)], A)],
        eval: value,
        since: FROM,
        doc: "The value; an error where it is absent.",
    },
];

fn has_value(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [value] => Ok(Value::Bool(!matches!(value, Value::Absent))),
        _ => Err(no_overload("hasValue", args)),
    }
}

fn none(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    if args.is_empty() { Ok(Value::Absent) } else { Err(no_overload("optional.none", args)) }
}

fn of(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [value] => Ok(value.clone()),
        _ => Err(no_overload("optional.of", args)),
    }
}

fn of_non_zero(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [value] => Ok(if is_zero(value) { Value::Absent } else { value.clone() }),
        _ => Err(no_overload("optional.ofNonZeroValue", args)),
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Absent | Value::Null => true,
        Value::Bool(b) => !b,
        Value::Int(n) => *n == 0,
        Value::Uint(n) => *n == 0,
        Value::Float(n) => *n == 0.0,
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::Duration(duration) => duration.is_zero(),
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.is_empty(),
        _ => false,
    }
}

fn or(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [Value::Absent, other] => Ok(other.clone()),
        [value, _] => Ok(value.clone()),
        _ => Err(no_overload("or", args)),
    }
}

fn value(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [Value::Absent] => Err(Fault::error("optional.none() dereference: the value is absent")),
        [value] => Ok(value.clone()),
        _ => Err(no_overload("value", args)),
    }
}
