//! Values to YAML and JSON text that kubectl, and any reader of YAML 1.1 or
//! 1.2, takes the same way.
//!
//! Strings are plain only where no reader could see anything else in them, in
//! block style where they are printable text of several lines, and otherwise
//! double-quoted with JSON's escapes. Nothing is ever folded. Lists stand at
//! the indentation of their key, as kubectl prints them.

use super::text::{MAX_SIMPLE_KEY, key, pad, scalar};
use crate::stack::deep;
use crate::value::{Map, Value};

/// Appends one YAML document, without a `---`, ending in a line break.
///
/// Bytes are base64; Durations, Quantities and Timestamps their canonical
/// text; keys that are no strings become strings, as in JSON. An absent value
/// has no place in a finished object; it is written as `null`.
pub fn emit(value: &Value, out: &mut String) {
    match value {
        Value::Map(map) if !map.is_empty() => entries(map, 0, false, out),
        Value::List(list) if !list.is_empty() => items(list, 0, false, out),
        _ => {
            scalar(value, 2, out);
            out.push('\n');
        }
    }
}

/// Appends the documents with `---` between them.
pub fn emit_documents<'a>(documents: impl IntoIterator<Item = &'a Value>, out: &mut String) {
    for (index, document) in documents.into_iter().enumerate() {
        if index > 0 {
            out.push_str("---\n");
        }
        emit(document, out);
    }
}

/// Writes the entries of a non-empty map. The first one's indentation is there
/// already where `inline` is set, after a dash.
fn entries(map: &Map, indent: usize, inline: bool, out: &mut String) {
    for (index, (name, value)) in map.iter().enumerate() {
        if index > 0 || !inline {
            pad(indent, out);
        }
        let start = out.len();
        key(name, out);
        if out.len() - start > MAX_SIMPLE_KEY {
            out.insert_str(start, "? ");
            out.push('\n');
            pad(indent, out);
            out.push_str(": ");
            compact(value, indent + 2, out);
        } else {
            out.push(':');
            after_key(value, indent, out);
        }
    }
}

/// Writes what follows `key:`.
fn after_key(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Map(map) if !map.is_empty() => {
            out.push('\n');
            deep(|| entries(map, indent + 2, false, out));
        }
        Value::List(list) if !list.is_empty() => {
            out.push('\n');
            items(list, indent, false, out);
        }
        _ => {
            out.push(' ');
            scalar(value, indent + 2, out);
            out.push('\n');
        }
    }
}

/// Writes the items of a non-empty list; `inline` as in [`entries`].
fn items(list: &[Value], indent: usize, inline: bool, out: &mut String) {
    for (index, value) in list.iter().enumerate() {
        if index > 0 || !inline {
            pad(indent, out);
        }
        out.push_str("- ");
        compact(value, indent + 2, out);
    }
}

/// Writes a value that begins on the line of its dash.
fn compact(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Map(map) if !map.is_empty() => {
            deep(|| entries(map, indent, true, out));
        }
        Value::List(list) if !list.is_empty() => {
            deep(|| items(list, indent, true, out));
        }
        _ => {
            scalar(value, indent, out);
            out.push('\n');
        }
    }
}
