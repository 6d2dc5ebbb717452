//! Lists taken as sets: CEL's sets extension.

use crate::eval::{Context, Fault};
use crate::value::Value;

use super::Sig::{A, Bool, List};
use super::arguments::{Outcome, no_overload};
use super::lists::position;
use super::signature::{Overload, plain};
use super::{Function, Since};

const TWO_LISTS: &[Overload] = &[plain(&[List(&A), List(&A)], Bool)];

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "sets.contains",
        overloads: TWO_LISTS,
        eval: contains,
        since: Since::Minor(29),
        doc: "Whether every item of the second list is in the first.",
    },
    Function {
        name: "sets.equivalent",
        overloads: TWO_LISTS,
        eval: equivalent,
        since: Since::Minor(29),
        doc: "Whether each list has every item of the other, however often and in whatever order.",
    },
    Function {
        name: "sets.intersects",
        overloads: TWO_LISTS,
        eval: intersects,
        since: Since::Minor(29),
        doc: "Whether some item is in both lists.",
    },
];

fn contains(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::List(all), Value::List(some)] = args else { return Err(no_overload("sets.contains", args)) };
    Ok(Value::Bool(has_all(ctx, all, some)?))
}

fn equivalent(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::List(a), Value::List(b)] = args else { return Err(no_overload("sets.equivalent", args)) };
    Ok(Value::Bool(has_all(ctx, a, b)? && has_all(ctx, b, a)?))
}

fn intersects(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::List(a), Value::List(b)] = args else { return Err(no_overload("sets.intersects", args)) };
    for item in a.iter() {
        if position(ctx, b, item)?.is_some() {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn has_all(ctx: &mut Context<'_>, all: &[Value], some: &[Value]) -> Result<bool, Fault> {
    for item in some {
        if position(ctx, all, item)?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}
