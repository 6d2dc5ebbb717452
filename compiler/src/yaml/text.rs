//! Scalars as YAML text.

use std::fmt::Write;

use crate::units::{format_duration, format_timestamp};
use crate::value::{Key, Value};

/// The longest string that is written plain, in bytes.
const MAX_PLAIN: usize = 200;
/// Readers look no further than 1,024 characters for the colon of a simple
/// key; longer ones are written in the explicit form, `? key`.
pub(super) const MAX_SIMPLE_KEY: usize = 1000;
/// The longest of [`RESERVED`].
const MAX_RESERVED: usize = 8;
/// Words that some reader takes for a truth value, null or number, in lower case.
const RESERVED: [&str; 12] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"];
const SPACES: &str = "                                                                ";

pub(super) fn key(name: &Key, out: &mut String) {
    match name {
        Key::String(text) if is_plain(text) => out.push_str(text),
        Key::String(text) => quote(text, out),
        other => quote(&other.to_string(), out),
    }
}

/// Writes a scalar, or an empty list or map, without a line break after it.
pub(super) fn scalar(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::String(text) => string(text, indent, out),
        Value::Float(float) if float.is_nan() => out.push_str(".nan"),
        Value::Float(float) if float.is_infinite() => {
            out.push_str(if *float > 0.0 { ".inf" } else { "-.inf" });
        }
        Value::List(_) => out.push_str("[]"),
        Value::Map(_) => out.push_str("{}"),
        _ => match text(value) {
            Some(text) => string(&text, indent, out),
            None => number_or_word(value, out),
        },
    }
}

fn string(text: &str, indent: usize, out: &mut String) {
    if is_plain(text) {
        out.push_str(text);
    } else if is_block(text) {
        block(text, indent, out);
    } else {
        quote(text, out);
    }
}

/// The canonical text of values that are strings in Kubernetes.
pub(super) fn text(value: &Value) -> Option<String> {
    Some(match value {
        Value::Bytes(bytes) => base64(bytes),
        Value::Duration(duration) => format_duration(*duration),
        Value::Timestamp(timestamp) => format_timestamp(*timestamp),
        Value::Quantity(quantity) => quantity.to_string(),
        Value::Type(name) => name.to_string(),
        Value::Opaque(opaque) => opaque.to_string(),
        _ => return None,
    })
}

/// Writes what is spelt the same in YAML and JSON.
pub(super) fn number_or_word(value: &Value, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = match value {
        Value::Bool(true) => out.write_str("true"),
        Value::Bool(false) => out.write_str("false"),
        Value::Int(n) => write!(out, "{n}"),
        Value::Uint(n) => write!(out, "{n}"),
        Value::Float(float) => {
            write_float(*float, out);
            Ok(())
        }
        _ => out.write_str("null"),
    };
}

/// Writes a finite float so that every reader sees a float: always with a
/// point, and an exponent always with its sign, since YAML 1.1 takes `1e21`
/// for a string.
fn write_float(float: f64, out: &mut String) {
    let size = float.abs();
    if size != 0.0 && !(1e-5..1e16).contains(&size) {
        let text = format!("{float:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let point = if mantissa.contains('.') { "" } else { ".0" };
        let sign = if exponent.starts_with('-') { "" } else { "+" };
        let _ = write!(out, "{mantissa}{point}e{sign}{exponent}");
    } else {
        let start = out.len();
        let _ = write!(out, "{float}");
        if !out.get(start..).is_some_and(|text| text.contains('.')) {
            out.push_str(".0");
        }
    }
}

/// Whether every reader takes the bare text for this very string:
/// `[A-Za-z/][A-Za-z0-9_./-]*`, not too long, and no word with a meaning.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(first) = bytes.first() else { return false };
    (first.is_ascii_alphabetic() || *first == b'/')
        && bytes.len() <= MAX_PLAIN
        && bytes.iter().all(|b| class(*b) == PLAIN)
        && !(bytes.len() <= MAX_RESERVED && is_reserved(*first, text))
}

fn is_reserved(first: u8, text: &str) -> bool {
    matches!(first | 0x20, b'y' | b'n' | b'o' | b't' | b'f' | b'i')
        && RESERVED.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A byte of `[A-Za-z0-9_./-]`.
const PLAIN: u8 = 0;
/// A byte that stands for itself between quotes.
const QUOTED: u8 = 1;
/// A byte that must be looked at as a character, or escaped.
const OTHER: u8 = 2;

/// Classes by byte; most of what is written is looked up here once.
static CLASSES: [u8; 256] = classes();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse a wrong index")]
const fn classes() -> [u8; 256] {
    let mut table = [OTHER; 256];
    let mut byte = 0_u8;
    while byte < 0x7f {
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'/' | b'-');
        if plain {
            table[byte as usize] = PLAIN;
        } else if byte >= b' ' && byte != b'"' && byte != b'\\' {
            table[byte as usize] = QUOTED;
        }
        byte += 1;
    }
    table
}

fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(OTHER)
}

/// Whether the text is readable as a block that every reader gives back
/// unchanged: several lines, printable, no blank or break at its start, none
/// at the end of a line, at most one break at its end.
fn is_block(text: &str) -> bool {
    let starts_well = !text.starts_with([' ', '\t', '\n']);
    let ends_well = !text.ends_with("\n\n") && !text.ends_with([' ', '\t']);
    text.contains('\n')
        && starts_well
        && ends_well
        && !text.contains(" \n")
        && !text.contains("\t\n")
        && text.chars().all(|c| matches!(c, '\n' | '\t') || is_printable(c))
}

/// Printable in every YAML version, blanks included; breaks and tabs are not.
fn is_printable(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => c >= '\u{a0}',
    }
}

fn block(text: &str, indent: usize, out: &mut String) {
    let body = text.strip_suffix('\n');
    out.push_str(if body.is_some() { "|" } else { "|-" });
    for line in body.unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            pad(indent, out);
            out.push_str(line);
        }
    }
}

/// Writes a double-quoted string that YAML and JSON read alike.
pub(crate) fn quote(text: &str, out: &mut String) {
    out.push('"');
    if text.bytes().all(|b| class(b) != OTHER) {
        out.push_str(text);
    } else {
        quote_slowly(text, out);
    }
    out.push('"');
}

fn quote_slowly(text: &str, out: &mut String) {
    let mut from = 0;
    for (at, c) in text.char_indices() {
        if c != '"' && c != '\\' && is_printable(c) {
            continue;
        }
        out.push_str(text.get(from..at).unwrap_or(""));
        from = at + c.len_utf8();
        escape(c, out);
    }
    out.push_str(text.get(from..).unwrap_or(""));
}

fn escape(c: char, out: &mut String) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        '\r' => out.push_str("\\r"),
        other => {
            let _ = write!(out, "\\u{:04x}", u32::from(other));
        }
    }
}

pub(super) fn pad(mut indent: usize, out: &mut String) {
    while indent > SPACES.len() {
        out.push_str(SPACES);
        indent -= SPACES.len();
    }
    out.push_str(SPACES.get(..indent).unwrap_or(""));
}

/// Standard base64 with padding, RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut word = 0_u32;
        for index in 0..3 {
            word = word << 8 | u32::from(chunk.get(index).copied().unwrap_or(0));
        }
        for place in 0..4 {
            let digit = DIGITS.get((word >> (18 - 6 * place) & 63) as usize);
            out.push(if place > chunk.len() { '=' } else { char::from(digit.copied().unwrap_or(b'=')) });
        }
    }
    out
}
