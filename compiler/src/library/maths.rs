//! CEL's math extension. The API server has none of it, so these fold at
//! compile time.

use std::cmp::Ordering;

use crate::diagnostic::codes::{E0502, E0504};
use crate::eval::{Context, Fault};
use crate::value::Value;

use super::Sig::{Bool, Dyn, Float, Int, List, Number, Uint, Variadic};
use super::arguments::{Outcome, no_overload};
use super::order::in_order;
use super::signature::{Overload, plain};
use super::{Function, Since};

const FLOAT: &[Overload] = &[plain(&[Float], Float)];
const TEST: &[Overload] = &[plain(&[Float], Bool)];
const SAME: &[Overload] = &[plain(&[Int], Int), plain(&[Uint], Uint), plain(&[Float], Float)];
const BITS: &[Overload] = &[plain(&[Int, Int], Int), plain(&[Uint, Uint], Uint)];
const SHIFT: &[Overload] = &[plain(&[Int, Int], Int), plain(&[Uint, Int], Uint)];
const CHOICE: &[Overload] = &[
    plain(&[Variadic(&Int)], Int),
    plain(&[Variadic(&Uint)], Uint),
    plain(&[Variadic(&Float)], Float),
    plain(&[List(&Int)], Int),
    plain(&[List(&Uint)], Uint),
    plain(&[List(&Float)], Float),
    plain(&[Variadic(&Number)], Dyn),
];

/// The entry of a function that the API server has not.
const fn entry(name: &'static str, overloads: &'static [Overload], eval: super::Eval, doc: &'static str) -> Function {
    Function { name, overloads, eval, since: Since::Never, doc }
}

pub(super) const FUNCTIONS: &[Function] = &[
    entry("math.abs", SAME, abs, "The number without its sign."),
    entry("math.bitAnd", BITS, |_, args| bits("math.bitAnd", args, |a, b| a & b), "The bits that both numbers have."),
    entry("math.bitNot", &[plain(&[Int], Int), plain(&[Uint], Uint)], bit_not, "The number with each bit flipped."),
    entry("math.bitOr", BITS, |_, args| bits("math.bitOr", args, |a, b| a | b), "The bits that either number has."),
    entry(
        "math.bitShiftLeft",
        SHIFT,
        |_, args| shift("math.bitShiftLeft", args, u64::checked_shl),
        "The bits moved up.",
    ),
    entry(
        "math.bitShiftRight",
        SHIFT,
        |_, args| shift("math.bitShiftRight", args, u64::checked_shr),
        "The bits moved down; zeros move in, of negative numbers too.",
    ),
    entry(
        "math.bitXor",
        BITS,
        |_, args| bits("math.bitXor", args, |a, b| a ^ b),
        "The bits that one number alone has.",
    ),
    entry("math.ceil", FLOAT, |_, args| float("math.ceil", args, f64::ceil), "The next whole number upwards."),
    entry("math.floor", FLOAT, |_, args| float("math.floor", args, f64::floor), "The next whole number downwards."),
    entry(
        "math.greatest",
        CHOICE,
        |ctx, args| choose(ctx, "math.greatest", args, Ordering::Greater),
        "The greatest of the numbers.",
    ),
    entry(
        "math.isFinite",
        TEST,
        |_, args| test("math.isFinite", args, f64::is_finite),
        "Whether the number is neither NaN nor infinite.",
    ),
    entry("math.isInf", TEST, |_, args| test("math.isInf", args, f64::is_infinite), "Whether the number is infinite."),
    entry("math.isNaN", TEST, |_, args| test("math.isNaN", args, f64::is_nan), "Whether the number is NaN."),
    entry(
        "math.least",
        CHOICE,
        |ctx, args| choose(ctx, "math.least", args, Ordering::Less),
        "The least of the numbers.",
    ),
    entry(
        "math.round",
        FLOAT,
        |_, args| float("math.round", args, f64::round),
        "The nearest whole number, halves away from zero.",
    ),
    entry("math.sign", SAME, sign, "1, 0 or -1 in the number's own type."),
    entry("math.sqrt", &[plain(&[Number], Float)], sqrt, "The square root; NaN of negative numbers."),
    entry("math.trunc", FLOAT, |_, args| float("math.trunc", args, f64::trunc), "The number without its fraction."),
];

fn abs(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [Value::Int(n)] => n
            .checked_abs()
            .map(Value::Int)
            .ok_or_else(|| Fault::new(&E0502, format!("integer overflow: the absolute value of {n}"))),
        [value @ Value::Uint(_)] => Ok(value.clone()),
        [Value::Float(n)] => Ok(Value::Float(n.abs())),
        _ => Err(no_overload("math.abs", args)),
    }
}

fn sign(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [Value::Int(n)] => Ok(Value::Int(n.signum())),
        [Value::Uint(n)] => Ok(Value::Uint((*n).min(1))),
        [Value::Float(n)] if *n == 0.0 => Ok(Value::Float(0.0)),
        [Value::Float(n)] => Ok(Value::Float(n.signum())),
        _ => Err(no_overload("math.sign", args)),
    }
}

fn sqrt(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [Value::Int(n)] => Ok(Value::Float((*n as f64).sqrt())),
        [Value::Uint(n)] => Ok(Value::Float((*n as f64).sqrt())),
        [Value::Float(n)] => Ok(Value::Float(n.sqrt())),
        _ => Err(no_overload("math.sqrt", args)),
    }
}

fn float(name: &str, args: &[Value], of: fn(f64) -> f64) -> Outcome {
    let [Value::Float(number)] = args else { return Err(no_overload(name, args)) };
    Ok(Value::Float(of(*number)))
}

fn test(name: &str, args: &[Value], of: fn(f64) -> bool) -> Outcome {
    let [Value::Float(number)] = args else { return Err(no_overload(name, args)) };
    Ok(Value::Bool(of(*number)))
}

fn bits(name: &str, args: &[Value], of: fn(u64, u64) -> u64) -> Outcome {
    match args {
        [Value::Int(a), Value::Int(b)] => Ok(Value::Int(of(*a as u64, *b as u64) as i64)),
        [Value::Uint(a), Value::Uint(b)] => Ok(Value::Uint(of(*a, *b))),
        _ => Err(no_overload(name, args)),
    }
}

fn bit_not(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [Value::Int(n)] => Ok(Value::Int(!n)),
        [Value::Uint(n)] => Ok(Value::Uint(!n)),
        _ => Err(no_overload("math.bitNot", args)),
    }
}

/// Moving by 64 bits or more leaves none.
fn shift(name: &str, args: &[Value], by: fn(u64, u32) -> Option<u64>) -> Outcome {
    let (number, offset) = match args {
        [Value::Int(n), Value::Int(offset)] => (*n as u64, *offset),
        [Value::Uint(n), Value::Int(offset)] => (*n, *offset),
        _ => return Err(no_overload(name, args)),
    };
    if offset < 0 {
        return Err(Fault::error(format!("{name}() negative offset: {offset}")));
    }
    let moved = u32::try_from(offset).ok().and_then(|offset| by(number, offset)).unwrap_or(0);
    Ok(if matches!(args, [Value::Int(_), _]) { Value::Int(moved as i64) } else { Value::Uint(moved) })
}

/// The first number that no other one is more `wanted` than; of a list or of
/// the arguments themselves.
fn choose(ctx: &mut Context<'_>, name: &str, args: &[Value], wanted: Ordering) -> Outcome {
    let numbers = match args {
        [Value::List(numbers)] => numbers.as_slice(),
        numbers => numbers,
    };
    ctx.charge(numbers.len() as u64)?;
    let Some((first, rest)) = numbers.split_first() else {
        return Err(if args.is_empty() {
            no_overload(name, args)
        } else {
            Fault::new(&E0504, format!("{name} of an empty list"))
        });
    };
    if !numbers.iter().all(|n| matches!(n, Value::Int(_) | Value::Uint(_) | Value::Float(_))) {
        return Err(no_overload(name, args));
    }
    let mut best = first;
    for number in rest {
        if in_order(number, best)? == wanted {
            best = number;
        }
    }
    Ok(best.clone())
}
