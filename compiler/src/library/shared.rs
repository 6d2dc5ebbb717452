//! The functions whose name several families share; the first argument says
//! which one is meant.

use std::cmp::Ordering;

use crate::eval::{Context, Fault};
use crate::value::Value;

use super::Sig::{self, A, B, Bool, Bytes, Int, List, Map, String as Text};
use super::arguments::{Outcome, no_overload};
use super::signature::{Overload, method, plain};
use super::{Function, Opaque, Since, lists, strings};

const INDEX: &[Overload] = &[method(&[Text, Text], Int), method(&[Text, Text, Int], Int), method(&[List(&A), A], Int)];

const SIZE: &[Overload] = &[
    plain(&[Text], Int),
    plain(&[Bytes], Int),
    plain(&[List(&A)], Int),
    plain(&[Map(&A, &B)], Int),
    method(&[Text], Int),
    method(&[Bytes], Int),
    method(&[List(&A)], Int),
    method(&[Map(&A, &B)], Int),
];

const SEMVER: Sig = Sig::Opaque("Semver");

/// Of two quantities, and later of two versions.
const COMPARED: &[Overload] =
    &[method(&[Sig::Quantity, Sig::Quantity], Bool), method(&[SEMVER, SEMVER], Bool).since(Since::Minor(33))];

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "compareTo",
        overloads: &[
            method(&[Sig::Quantity, Sig::Quantity], Int),
            method(&[SEMVER, SEMVER], Int).since(Since::Minor(33)),
        ],
        eval: |_, args| compared("compareTo", args).map(|order| Value::Int(order as i64)),
        since: Since::Minor(28),
        doc: "-1, 0 or 1: how the quantity or version stands to the other one.",
    },
    Function {
        name: "indexOf",
        overloads: INDEX,
        eval: index_of,
        since: Since::Always,
        doc: "The first position of the string or item, -1 where there is none; of strings from the third argument on.",
    },
    Function {
        name: "isGreaterThan",
        overloads: COMPARED,
        eval: |_, args| compared("isGreaterThan", args).map(|order| Value::Bool(order == Ordering::Greater)),
        since: Since::Minor(28),
        doc: "Whether the quantity or version is greater than the other one.",
    },
    Function {
        name: "isLessThan",
        overloads: COMPARED,
        eval: |_, args| compared("isLessThan", args).map(|order| Value::Bool(order == Ordering::Less)),
        since: Since::Minor(28),
        doc: "Whether the quantity or version is less than the other one.",
    },
    Function {
        name: "lastIndexOf",
        overloads: INDEX,
        eval: last_index_of,
        since: Since::Always,
        doc: "The last position of the string or item, -1 where there is none; of strings up to the third argument.",
    },
    Function {
        name: "reverse",
        overloads: &[method(&[List(&A)], List(&A)), method(&[Text], Text).since(Since::Never)],
        eval: reverse,
        since: Since::Minor(34),
        doc: "The list or string backwards.",
    },
    Function {
        name: "size",
        overloads: SIZE,
        eval: size,
        since: Since::Always,
        doc: "The number of characters, octets, items or entries.",
    },
];

fn compared(name: &str, args: &[Value]) -> Result<Ordering, Fault> {
    match args {
        [Value::Quantity(a), Value::Quantity(b)] => Ok(a.cmp(b)),
        [Value::Opaque(a), Value::Opaque(b)] => match (&**a, &**b) {
            (Opaque::Semver(a), Opaque::Semver(b)) => Ok(a.order(b)),
            _ => Err(no_overload(name, args)),
        },
        _ => Err(no_overload(name, args)),
    }
}

fn index_of(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [Value::String(text), Value::String(part)] => strings::index_of(ctx, text, part, 0),
        [Value::String(text), Value::String(part), Value::Int(from)] => strings::index_of(ctx, text, part, *from),
        [Value::List(items), value] if !matches!(value, Value::Absent) => {
            Ok(index(lists::position(ctx, items, value)?))
        }
        _ => Err(no_overload("indexOf", args)),
    }
}

fn last_index_of(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [Value::String(text), Value::String(part)] => strings::last_index_of(ctx, text, part, None),
        [Value::String(text), Value::String(part), Value::Int(to)] => {
            strings::last_index_of(ctx, text, part, Some(*to))
        }
        [Value::List(items), value] if !matches!(value, Value::Absent) => {
            Ok(index(lists::last_position(ctx, items, value)?))
        }
        _ => Err(no_overload("lastIndexOf", args)),
    }
}

fn index(position: Option<usize>) -> Value {
    Value::Int(position.map_or(-1, |index| index as i64))
}

fn reverse(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [Value::List(items)] => lists::reverse(ctx, items),
        [Value::String(text)] => strings::reverse(ctx, text),
        _ => Err(no_overload("reverse", args)),
    }
}

fn size(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let size = match args {
        [Value::String(text)] => {
            super::arguments::scan(ctx, text)?;
            text.chars().count()
        }
        [Value::Bytes(bytes)] => bytes.len(),
        [Value::List(items)] => items.len(),
        [Value::Map(map)] => map.len(),
        _ => return Err(no_overload("size", args)),
    };
    Ok(Value::Int(size as i64))
}
