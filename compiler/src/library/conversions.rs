//! Conversions between types, with CEL's ranges.

use crate::diagnostic::codes::{E0502, E0506};
use crate::eval::{Context, Fault};
use crate::units;
use crate::value::Value;

use super::Sig::{Bool, Bytes, Duration, Float, Int, Opaque, Quantity, String as Text, Timestamp, Uint};
use super::arguments::{Outcome, no_overload, quoted, text};
use super::signature::{Overload, plain};
use super::{Function, Since, float, time, type_name};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "bool",
        overloads: &[plain(&[Bool], Bool), plain(&[Text], Bool)],
        eval: to_bool,
        since: Since::Always,
        doc: "The value as a Bool; of strings `true True TRUE t T 1` and `false False FALSE f F 0`.",
    },
    Function {
        name: "bytes",
        overloads: &[plain(&[Bytes], Bytes), plain(&[Text], Bytes)],
        eval: to_bytes,
        since: Since::Always,
        doc: "The UTF-8 octets of the string.",
    },
    Function {
        name: "double",
        overloads: &[plain(&[Float], Float), plain(&[Int], Float), plain(&[Uint], Float), plain(&[Text], Float)],
        eval: to_double,
        since: Since::Always,
        doc: "The value as a Float, the nearest one for large integers.",
    },
    Function {
        name: "duration",
        overloads: &[plain(&[Duration], Duration), plain(&[Text], Duration)],
        eval: to_duration,
        since: Since::Always,
        doc: "The Duration that a string like `1h30m` or `500ms` writes; units are `h m s ms us ns`.",
    },
    Function {
        name: "int",
        overloads: &[
            plain(&[Int], Int),
            plain(&[Uint], Int),
            plain(&[Float], Int),
            plain(&[Text], Int),
            plain(&[Timestamp], Int),
            plain(&[Duration], Int),
        ],
        eval: to_int,
        since: Since::Always,
        doc: "The value as an Int: a Float without its fraction, the seconds of a Timestamp since 1970, the nanoseconds of a Duration.",
    },
    Function {
        name: "string",
        overloads: STRING,
        eval: to_string,
        since: Since::Always,
        doc: "The value as CEL prints it: `1e+06` for a large Float, `5400s` for a Duration, RFC 3339 in UTC for a Timestamp, Kubernetes' canonical form for a Quantity.",
    },
    Function {
        name: "timestamp",
        overloads: &[plain(&[Timestamp], Timestamp), plain(&[Text], Timestamp), plain(&[Int], Timestamp)],
        eval: to_timestamp,
        since: Since::Always,
        doc: "The Timestamp that an RFC 3339 string writes, or that lies so many seconds after 1970; years 1 to 9999.",
    },
    Function {
        name: "uint",
        overloads: &[plain(&[Uint], Uint), plain(&[Int], Uint), plain(&[Float], Uint), plain(&[Text], Uint)],
        eval: to_uint,
        since: Since::Always,
        doc: "The value as a Uint; a Float without its fraction.",
    },
];

const STRING: &[Overload] = &[
    plain(&[Text], Text),
    plain(&[Bool], Text),
    plain(&[Int], Text),
    plain(&[Uint], Text),
    plain(&[Float], Text),
    plain(&[Bytes], Text),
    plain(&[Duration], Text),
    plain(&[Timestamp], Text),
    plain(&[Opaque("IP")], Text).since(Since::Minor(30)),
    plain(&[Opaque("CIDR")], Text).since(Since::Minor(30)),
    plain(&[Quantity], Text).since(Since::Never),
    plain(&[Opaque("URL")], Text).since(Since::Never),
    plain(&[Opaque("Semver")], Text).since(Since::Never),
];

#[cold]
fn failed(text: &str, to: &str, form: &str) -> Fault {
    Fault::new(&E0506, format!("{} cannot be converted from string to {to}: {form}", quoted(text)))
}

#[cold]
fn overflow(value: impl std::fmt::Display, of: &str) -> Fault {
    Fault::new(&E0502, format!("{of} overflow: {value} is out of range"))
}

fn to_bool(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [value @ Value::Bool(_)] => Ok(value.clone()),
        [Value::String(text)] => match text.as_str() {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Value::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Value::Bool(false)),
            _ => Err(failed(text, "bool", "write \"true\" or \"false\"")),
        },
        _ => Err(no_overload("bool", args)),
    }
}

fn to_bytes(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [value @ Value::Bytes(_)] => Ok(value.clone()),
        [Value::String(text)] => {
            ctx.bytes(text.len())?;
            Ok(Value::Bytes(text.as_bytes().into()))
        }
        _ => Err(no_overload("bytes", args)),
    }
}

fn to_double(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [value @ Value::Float(_)] => Ok(value.clone()),
        [Value::Int(n)] => Ok(Value::Float(*n as f64)),
        [Value::Uint(n)] => Ok(Value::Float(*n as f64)),
        [Value::String(text)] => float::parse(text)
            .map(Value::Float)
            .ok_or_else(|| failed(text, "double", "write a number like \"1.5\" or \"2e9\"")),
        _ => Err(no_overload("double", args)),
    }
}

fn to_duration(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [value @ Value::Duration(_)] => Ok(value.clone()),
        [Value::String(text)] => units::parse_duration_cel(text).map(Value::Duration).map_err(|_| {
            failed(text, "duration", "write numbers with the units h, m, s, ms, us or ns, like \"1h30m\"")
        }),
        _ => Err(no_overload("duration", args)),
    }
}

fn to_int(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [value @ Value::Int(_)] => Ok(value.clone()),
        [Value::Uint(n)] => i64::try_from(*n).map(Value::Int).map_err(|_| overflow(n, "integer")),
        [Value::Float(n)] => float_to_int(*n).map(Value::Int).ok_or_else(|| overflow(n, "integer")),
        [Value::String(text)] => {
            text.parse().map(Value::Int).map_err(|_| failed(text, "int", "write a whole number of 64 bits"))
        }
        [Value::Timestamp(t)] => Ok(Value::Int(t.second())),
        [Value::Duration(d)] => {
            time::nanoseconds(*d).map(Value::Int).ok_or_else(|| overflow(units::format_duration_cel(*d), "integer"))
        }
        _ => Err(no_overload("int", args)),
    }
}

/// The ends of the range are out of it, as in the API server: they cannot be
/// told from the numbers next to them.
fn float_to_int(number: f64) -> Option<i64> {
    (number > i64::MIN as f64 && number < i64::MAX as f64).then_some(number as i64)
}

fn to_uint(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [value @ Value::Uint(_)] => Ok(value.clone()),
        [Value::Int(n)] => u64::try_from(*n).map(Value::Uint).map_err(|_| overflow(n, "unsigned integer")),
        [Value::Float(n)] if *n >= 0.0 && *n < u64::MAX as f64 => Ok(Value::Uint(*n as u64)),
        [Value::Float(n)] => Err(overflow(n, "unsigned integer")),
        [Value::String(text)] if !text.starts_with('+') => text
            .parse()
            .map(Value::Uint)
            .map_err(|_| failed(text, "uint", "write a whole number of 64 bits without a sign")),
        [Value::String(text)] => Err(failed(text, "uint", "write it without a sign")),
        _ => Err(no_overload("uint", args)),
    }
}

fn to_timestamp(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [value @ Value::Timestamp(_)] => Ok(value.clone()),
        [Value::String(text)] => units::parse_timestamp(text)
            .map(Value::Timestamp)
            .map_err(|_| failed(text, "timestamp", "write it like \"2026-01-31T12:00:00Z\", years 1 to 9999")),
        [Value::Int(n)] => units::Timestamp::new(*n, 0).map(Value::Timestamp).map_err(|_| overflow(n, "timestamp")),
        _ => Err(no_overload("timestamp", args)),
    }
}

fn to_string(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    match args {
        [value @ Value::String(_)] => Ok(value.clone()),
        [Value::Type(_) | Value::Null | Value::List(_) | Value::Map(_) | Value::Absent] => {
            Err(no_overload("string", args))
        }
        [value] => text(ctx, to_text(value)?),
        _ => Err(no_overload("string", args)),
    }
}

/// The text of a value that is neither a list nor an object, as `string()`
/// gives it; of a type its name.
pub(super) fn to_text(value: &Value) -> Result<String, Fault> {
    Ok(match value {
        Value::String(text) => text.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Uint(n) => n.to_string(),
        Value::Float(n) => float::shortest(*n),
        Value::Bytes(bytes) => std::str::from_utf8(bytes)
            .map_err(|_| Fault::new(&E0506, "invalid UTF-8 in bytes, cannot convert to string"))?
            .to_owned(),
        Value::Duration(d) => units::format_duration_cel(*d),
        Value::Timestamp(t) => units::format_timestamp(*t),
        Value::Quantity(q) => q.to_string(),
        Value::Opaque(opaque) => opaque.to_string(),
        Value::Type(name) => name.to_string(),
        _ => return Err(Fault::new(&E0506, format!("{} cannot be converted to string", type_name(value)))),
    })
}
