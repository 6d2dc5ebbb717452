//! Values in messages: as one would write them, on one line and short.

use std::fmt::Write;

use super::{Key, Value, encode_base64};
use crate::units;

/// The most characters of a value in a message.
const MAX_SHOWN: usize = 80;

impl Value {
    /// The value for a message, cut where it is long.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut text = String::new();
        show(&mut text, self);
        if text.chars().count() <= MAX_SHOWN {
            return text;
        }
        let mut short: String = text.chars().take(MAX_SHOWN - 1).collect();
        short.push('…');
        short
    }
}

fn show(out: &mut String, value: &Value) {
    let _ = match value {
        Value::Absent => write!(out, "nothing"),
        Value::Null => write!(out, "null"),
        Value::Bool(b) => write!(out, "{b}"),
        Value::Int(n) => write!(out, "{n}"),
        Value::Uint(n) => write!(out, "{n}u"),
        Value::Float(f) => write!(out, "{f:?}"),
        Value::String(s) => quote(out, s),
        Value::Bytes(b) => write!(out, "b'{}'", encode_base64(b.get(..MAX_SHOWN).unwrap_or(b))),
        Value::Duration(d) => write!(out, "{}", units::format_duration(*d)),
        Value::Timestamp(t) => write!(out, "{}", units::format_timestamp(*t)),
        Value::Quantity(q) => write!(out, "{q}"),
        Value::List(items) => list(out, items),
        Value::Map(map) => object(out, map.iter()),
        Value::Type(name) => write!(out, "{name}"),
        Value::Opaque(opaque) => write!(out, "{opaque}"),
    };
}

fn quote(out: &mut String, text: &str) -> std::fmt::Result {
    let short: String = text.chars().take(MAX_SHOWN).collect();
    write!(out, "{short:?}")
}

fn list(out: &mut String, items: &[Value]) -> std::fmt::Result {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if out.len() > MAX_SHOWN {
            break;
        }
        out.push_str(if index > 0 { ", " } else { "" });
        show(out, item);
    }
    out.push(']');
    Ok(())
}

fn object<'a>(out: &mut String, entries: impl Iterator<Item = (&'a Key, &'a Value)>) -> std::fmt::Result {
    out.push('{');
    for (index, (key, value)) in entries.enumerate() {
        if out.len() > MAX_SHOWN {
            break;
        }
        write!(out, "{}{key}: ", if index > 0 { ", " } else { " " })?;
        show(out, value);
    }
    out.push_str(" }");
    Ok(())
}
