//! Known values as CEL.

use std::fmt::Write as _;

use super::{Dialect, Form, Level, Written};
use crate::library::Opaque;
use crate::units;
use crate::value::{Key, Value, encode_base64};

/// A value as a literal.
#[must_use]
pub fn literal(dialect: &Dialect, value: &Value, form: Form) -> Written {
    let native = form == Form::Native;
    let unit = |function: &str, text: &str| {
        Written::primary(if native { format!("{function}({})", quoted(text)) } else { quoted(text) })
    };
    match value {
        Value::Absent => Written::primary("optional.none()"),
        Value::Null => Written::primary("null"),
        Value::Bool(b) => Written::primary(b.to_string()),
        Value::Int(n) => Written::of(if *n < 0 { Level::Unary } else { Level::Primary }, n.to_string()),
        Value::Uint(n) if native => Written::primary(format!("{n}u")),
        Value::Uint(n) if *n > i64::MAX as u64 => Written::primary(format!("{n}u")),
        Value::Uint(n) => Written::primary(n.to_string()),
        Value::Float(f) => float(*f),
        Value::String(s) => Written::primary(quoted(s)),
        Value::Bytes(b) if native => Written::primary(bytes(b)),
        Value::Bytes(b) => Written::primary(quoted(&encode_base64(b))),
        Value::Duration(d) => unit("duration", &units::format_duration(*d)),
        Value::Timestamp(t) => unit("timestamp", &units::format_timestamp(*t)),
        Value::Quantity(q) => unit("quantity", &q.to_string()),
        Value::List(items) => {
            let mixed = dialect.homogeneous && !alike(items.iter());
            let items: Vec<String> = items.iter().map(|item| part(dialect, item, form, mixed)).collect();
            Written::primary(format!("[{}]", items.join(", ")))
        }
        Value::Map(map) => {
            let mixed = dialect.homogeneous && !alike(map.iter().map(|(_, value)| value));
            let entries: Vec<String> =
                map.iter().map(|(k, v)| format!("{}: {}", key(k), part(dialect, v, form, mixed))).collect();
            Written::primary(format!("{{{}}}", entries.join(", ")))
        }
        Value::Type(name) => Written::primary(name.as_str()),
        Value::Opaque(opaque) if native => opaque_value(opaque),
        Value::Opaque(opaque) => Written::primary(quoted(&opaque.to_string())),
    }
}

fn part(dialect: &Dialect, value: &Value, form: Form, mixed: bool) -> String {
    let written = literal(dialect, value, form);
    if mixed { written.dynamic().text } else { written.text }
}

/// Whether all values are scalars of one type.
fn alike<'v>(mut values: impl Iterator<Item = &'v Value>) -> bool {
    let Some(first) = values.next() else { return true };
    !matches!(first, Value::List(_) | Value::Map(_))
        && values.all(|value| std::mem::discriminant(value) == std::mem::discriminant(first))
}

fn key(key: &Key) -> String {
    match key {
        Key::Bool(b) => b.to_string(),
        Key::Int(n) => n.to_string(),
        Key::Uint(n) => format!("{n}u"),
        Key::String(s) => quoted(s),
    }
}

fn float(number: f64) -> Written {
    if number.is_nan() {
        return Written::primary("double(\"NaN\")");
    }
    if number.is_infinite() {
        return Written::primary(if number > 0.0 { "double(\"Infinity\")" } else { "double(\"-Infinity\")" });
    }
    // Debug writes `1.0` and `1e300`, which both are doubles to CEL.
    Written::of(if number.is_sign_negative() { Level::Unary } else { Level::Primary }, format!("{number:?}"))
}

/// A text in double quotes. Kro looks for `${` and braces outside double quotes only; the
/// dollar is escaped all the same, so that no reader takes it for its own.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' if rest.peek() == Some(&'{') => out.push_str("\\u0024"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn bytes(octets: &[u8]) -> String {
    let mut out = String::from("b\"");
    for octet in octets {
        match octet {
            b'"' | b'\\' | b'$' => {
                let _ = write!(out, "\\x{octet:02x}");
            }
            0x20..=0x7e => out.push(char::from(*octet)),
            _ => {
                let _ = write!(out, "\\x{octet:02x}");
            }
        }
    }
    out.push('"');
    out
}

fn opaque_value(opaque: &Opaque) -> Written {
    let text = opaque.to_string();
    Written::primary(match opaque {
        Opaque::Url(_) => format!("url({})", quoted(&text)),
        Opaque::Ip(_) => format!("ip({})", quoted(&text)),
        Opaque::Cidr(_) => format!("cidr({})", quoted(&text)),
        Opaque::Semver(_) => format!("semver({})", quoted(&text)),
        Opaque::Format(_) => format!("format.{text}()"),
    })
}
