//! Values as JSON, the twin of the YAML emitter.

use std::fmt::Write;

use super::text::{number_or_word, pad, quote, text};
use crate::stack::deep;
use crate::value::Value;

/// Appends the value as JSON, indented by two blanks, ending in a line break.
/// A number that JSON cannot write (`NaN`, the infinities) becomes a string.
pub fn emit_json(value: &Value, out: &mut String) {
    json(value, 0, out);
    out.push('\n');
}

/// Appends the documents as one Kubernetes `List` in JSON, which kubectl
/// takes for several objects.
pub fn emit_json_list<'a>(documents: impl IntoIterator<Item = &'a Value>, out: &mut String) {
    out.push_str("{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"List\",\n  \"items\": ");
    let mut documents = documents.into_iter().peekable();
    if documents.peek().is_none() {
        out.push_str("[]\n}\n");
        return;
    }
    sequence(documents, 2, ['[', ']'], out, |document, out| json(document, 4, out));
    out.push_str("\n}\n");
}

fn json(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::String(text) => quote(text, out),
        Value::Float(float) if !float.is_finite() => {
            let name = if float.is_nan() { "NaN" } else { "Infinity" };
            let sign = if *float < 0.0 { "-" } else { "" };
            let _ = write!(out, "\"{sign}{name}\"");
        }
        Value::List(list) => deep(|| {
            sequence(list.iter(), indent, ['[', ']'], out, |item, out| json(item, indent + 2, out));
        }),
        Value::Map(map) => deep(|| {
            sequence(map.iter(), indent, ['{', '}'], out, |(name, value), out| {
                quote(name.as_str().unwrap_or(&name.to_string()), out);
                out.push_str(": ");
                json(value, indent + 2, out);
            });
        }),
        _ => match text(value) {
            Some(text) => quote(&text, out),
            None => number_or_word(value, out),
        },
    }
}

/// Writes items between brackets, each on a line of its own.
fn sequence<T>(
    items: impl Iterator<Item = T>,
    indent: usize,
    brackets: [char; 2],
    out: &mut String,
    mut write: impl FnMut(T, &mut String),
) {
    let [open, close] = brackets;
    out.push(open);
    let mut any = false;
    for item in items {
        out.push_str(if any { ",\n" } else { "\n" });
        any = true;
        pad(indent + 2, out);
        write(item, out);
    }
    if any {
        out.push('\n');
        pad(indent, out);
    }
    out.push(close);
}
