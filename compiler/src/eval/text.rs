//! Strings from pieces.

use std::fmt::Write;

use super::machine::Machine;
use super::{Context, Fault, MAX_BYTES};
use crate::diagnostic::codes::{E0308, E0505, E0506};
use crate::expr::Expr;
use crate::library;
use crate::units;
use crate::value::{Text, Value};

impl<'e> Machine<'e, '_> {
    pub(super) fn concat(&mut self, pieces: &'e [Expr]) -> Result<Value, Fault> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let start = buffer.len();
        for piece in pieces {
            self.piece(&mut buffer, piece)?;
        }
        let made = buffer.get(start..).unwrap_or("");
        self.ctx().bytes(made.len())?;
        let value = Value::String(Text::new(made));
        buffer.truncate(start);
        self.buffer = buffer;
        Ok(value)
    }

    fn piece(&mut self, buffer: &mut String, piece: &'e Expr) -> Result<(), Fault> {
        if let Some(Value::String(text)) = self.peek(piece) {
            buffer.push_str(text);
        } else {
            let value = self.value(piece)?;
            append(self.ctx(), buffer, &value).map_err(|fault| fault.at(piece.span))?;
        }
        if buffer.len() > MAX_BYTES {
            return Err(Fault::new(&E0505, format!("a string of more than {MAX_BYTES} bytes would be made")));
        }
        Ok(())
    }
}

/// The text of a value in an interpolated string: as CEL's `string()` converts
/// it, and Durations and Quantities in their canonical form.
///
/// # Errors
/// E0506 for lists, objects and null; E0308 for what is absent.
pub fn text_of(ctx: &mut Context<'_>, value: &Value) -> Result<Text, Fault> {
    if let Value::String(text) = value {
        return Ok(text.clone());
    }
    let mut buffer = String::new();
    append(ctx, &mut buffer, value)?;
    Ok(Text::from(buffer))
}

fn append(ctx: &mut Context<'_>, buffer: &mut String, value: &Value) -> Result<(), Fault> {
    let written = match value {
        Value::String(text) => buffer.write_str(text),
        Value::Int(n) => write!(buffer, "{n}"),
        Value::Uint(n) => write!(buffer, "{n}"),
        Value::Bool(b) => write!(buffer, "{b}"),
        Value::Duration(d) => buffer.write_str(&units::format_duration(*d)),
        Value::Quantity(q) => write!(buffer, "{q}"),
        Value::Timestamp(t) => buffer.write_str(&units::format_timestamp(*t)),
        Value::Type(name) => buffer.write_str(name),
        Value::Opaque(opaque) => write!(buffer, "{opaque}"),
        Value::Absent => return Err(Fault::new(&E0308, "the value is absent, so it has no text")),
        Value::Null | Value::List(_) | Value::Map(_) => {
            return Err(Fault::new(&E0506, format!("{} has no text", value.shown())));
        }
        Value::Float(_) | Value::Bytes(_) => return converted(ctx, buffer, value),
    };
    written.map_err(|_| Fault::error("the text cannot be written"))
}

fn converted(ctx: &mut Context<'_>, buffer: &mut String, value: &Value) -> Result<(), Fault> {
    let string = library::find("string").ok_or_else(|| Fault::error("there is no function `string`"))?;
    if let Value::String(text) = (string.eval)(ctx, std::slice::from_ref(value))? {
        buffer.push_str(&text);
    }
    Ok(())
}
