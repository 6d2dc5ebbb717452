//! `format` of strings, as the API server's CEL (strings, version 2) has it:
//! floats in `%f` and `%e` print in their English form, inside lists and
//! objects with six decimals.

use std::fmt::Write as _;

use crate::eval::{Context, Fault};
use crate::value::{Key, Value};

use super::arguments::{Outcome, no_overload, quoted};
use super::conversions::to_text;
use super::float;
use super::type_name;

/// Decimals, where a clause has no precision.
const DEFAULT_PRECISION: usize = 6;
/// The largest precision of a clause. The API server has no limit; no double
/// has more digits than this.
const MAX_PRECISION: usize = 1100;
/// How deep a list or object that is printed may be nested.
const MAX_DEPTH: usize = 100;

/// The function.
pub(super) fn format(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::String(template), Value::List(values)] = args else { return Err(no_overload("format", args)) };
    let mut out = String::new();
    let mut values_left = values.iter();
    let mut rest = template.as_str();
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let value = values_left.next().ok_or_else(|| too_few(template, values.len()))?;
        let (clause, after) = parse_clause(after)?;
        clause.write(ctx, value, &mut out)?;
        ctx.bytes(out.len())?;
        rest = after;
    }
    out.push_str(rest);
    let unused = values_left.count();
    if unused > 0 {
        return Err(Fault::error(format!(
            "format: {} takes {} values and is given {}",
            quoted(template),
            values.len() - unused,
            values.len()
        )));
    }
    ctx.bytes(out.len())?;
    Ok(Value::String(out.into()))
}

#[cold]
fn too_few(template: &str, given: usize) -> Fault {
    Fault::error(format!("format: {} has more clauses than the {given} values that it is given", quoted(template)))
}

struct Clause {
    verb: char,
    precision: usize,
}

/// The clause after a percent sign, and what stands behind it.
fn parse_clause(text: &str) -> Result<(Clause, &str), Fault> {
    let (precision, rest) = parse_precision(text)?;
    let mut rest = rest.chars();
    match rest.next() {
        Some(verb) if "sdfebxXo".contains(verb) => Ok((Clause { verb, precision }, rest.as_str())),
        Some(verb) => Err(Fault::error(format!("format: unrecognized formatting clause `%{verb}`"))),
        None => Err(Fault::error("format: unexpected end of string after `%`")),
    }
}

fn parse_precision(text: &str) -> Result<(usize, &str), Fault> {
    let Some(text) = text.strip_prefix('.') else { return Ok((DEFAULT_PRECISION, text)) };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(digits).unwrap_or((text, ""));
    match number.parse() {
        Ok(precision) if precision <= MAX_PRECISION => Ok((precision, rest)),
        _ => Err(Fault::error(format!("format: `%.` needs a precision between 0 and {MAX_PRECISION}"))),
    }
}

impl Clause {
    fn write(&self, ctx: &mut Context<'_>, value: &Value, out: &mut String) -> Result<(), Fault> {
        let text = match self.verb {
            's' => return top_level(ctx, value, out),
            'd' => decimal(value),
            'f' => number(value).map(|n| float::grouped(n, self.precision)),
            'e' => number(value).map(|n| float::scientific(n, self.precision)),
            'b' => binary(value),
            'o' => octal(value),
            'x' => hexadecimal(ctx, value)?,
            _ => hexadecimal(ctx, value)?.map(|digits| digits.to_ascii_uppercase()),
        };
        out.push_str(&text.ok_or_else(|| self.mismatch(value))?);
        Ok(())
    }

    #[cold]
    fn mismatch(&self, value: &Value) -> Fault {
        let takes = match self.verb {
            'd' | 'o' => "integers",
            'f' | 'e' => "doubles",
            'b' => "integers and bools",
            _ => "integers, byte buffers, and strings",
        };
        Fault::error(format!("format: `%{}` can only be used on {takes}, was given {}", self.verb, type_name(value)))
    }
}

fn decimal(value: &Value) -> Option<String> {
    match value {
        Value::Int(n) => Some(n.to_string()),
        Value::Uint(n) => Some(n.to_string()),
        _ => None,
    }
}

/// The number of `%f` and `%e`, which also take the names of special numbers.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        Value::String(name) => match name.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

fn binary(value: &Value) -> Option<String> {
    match value {
        Value::Int(n) => Some(format!("{}{:b}", sign(*n), n.unsigned_abs())),
        Value::Uint(n) => Some(format!("{n:b}")),
        Value::Bool(b) => Some(u8::from(*b).to_string()),
        _ => None,
    }
}

fn octal(value: &Value) -> Option<String> {
    match value {
        Value::Int(n) => Some(format!("{}{:o}", sign(*n), n.unsigned_abs())),
        Value::Uint(n) => Some(format!("{n:o}")),
        _ => None,
    }
}

fn hexadecimal(ctx: &mut Context<'_>, value: &Value) -> Result<Option<String>, Fault> {
    Ok(match value {
        Value::Int(n) => Some(format!("{}{:x}", sign(*n), n.unsigned_abs())),
        Value::Uint(n) => Some(format!("{n:x}")),
        Value::String(text) => Some(octets(ctx, text.as_bytes())?),
        Value::Bytes(bytes) => Some(octets(ctx, bytes)?),
        _ => None,
    })
}

fn octets(ctx: &mut Context<'_>, bytes: &[u8]) -> Result<String, Fault> {
    ctx.bytes(bytes.len().saturating_mul(2))?;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

const fn sign(n: i64) -> &'static str {
    if n < 0 { "-" } else { "" }
}

/// `%s`: strings as they are, everything else as it would be written in CEL.
fn top_level(ctx: &mut Context<'_>, value: &Value, out: &mut String) -> Result<(), Fault> {
    match value {
        Value::List(_) | Value::Map(_) => nested(ctx, value, out, 0),
        Value::Null => {
            out.push_str("null");
            Ok(())
        }
        Value::Absent => Err(no_overload("format", std::slice::from_ref(value))),
        _ => {
            out.push_str(&to_text(value)?);
            Ok(())
        }
    }
}

/// A value inside a list or object.
fn nested(ctx: &mut Context<'_>, value: &Value, out: &mut String, depth: usize) -> Result<(), Fault> {
    ctx.charge(1)?;
    ctx.bytes(out.len() / 64)?;
    if depth > MAX_DEPTH {
        return Err(Fault::error(format!("format: a value is nested more than {MAX_DEPTH} deep")));
    }
    match value {
        Value::List(items) => list(ctx, items, out, depth),
        Value::Map(map) => object(ctx, map, out, depth),
        _ => {
            out.push_str(&literal(value)?);
            Ok(())
        }
    }
}

fn list(ctx: &mut Context<'_>, items: &[Value], out: &mut String, depth: usize) -> Result<(), Fault> {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        nested(ctx, item, out, depth + 1)?;
    }
    out.push(']');
    Ok(())
}

/// The entries sorted by their keys as printed, as the API server does.
fn object(ctx: &mut Context<'_>, map: &crate::value::Map, out: &mut String, depth: usize) -> Result<(), Fault> {
    let mut entries: Vec<(String, &Value)> = map.iter().map(|(key, value)| (key_literal(key), value)).collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    out.push('{');
    for (index, (key, value)) in entries.into_iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        out.push_str(&key);
        out.push(':');
        nested(ctx, value, out, depth + 1)?;
    }
    out.push('}');
    Ok(())
}

fn key_literal(key: &Key) -> String {
    if let Key::String(text) = key { go_quoted(text) } else { key.to_string() }
}

fn literal(value: &Value) -> Result<String, Fault> {
    Ok(match value {
        Value::Null => "null".to_owned(),
        Value::String(text) => go_quoted(text),
        Value::Bytes(_) => format!("b{}", go_quoted(&to_text(value)?)),
        Value::Float(n) if !n.is_finite() => go_quoted(&float::shortest(*n)),
        Value::Float(n) => float::fixed(*n, DEFAULT_PRECISION),
        Value::Timestamp(_) => format!("timestamp({})", go_quoted(&to_text(value)?)),
        Value::Duration(_) => format!("duration({})", go_quoted(&to_text(value)?)),
        _ => to_text(value)?,
    })
}

/// A string in double quotes as Go writes it.
fn go_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        let _ = match c {
            '"' | '\\' => write!(out, "\\{c}"),
            '\u{7}' => write!(out, "\\a"),
            '\u{8}' => write!(out, "\\b"),
            '\u{c}' => write!(out, "\\f"),
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            '\u{b}' => write!(out, "\\v"),
            c if c.is_ascii_control() => write!(out, "\\x{:02x}", c as u32),
            c if printable(c) => write!(out, "{c}"),
            c if (c as u32) < 0x1_0000 => write!(out, "\\u{:04x}", c as u32),
            c => write!(out, "\\U{:08x}", c as u32),
        };
    }
    out.push('"');
    out
}

/// Whether a character prints as itself. Rust's own escaping has the Unicode
/// tables; a mark that combines with the quote before it is escaped there only.
fn printable(c: char) -> bool {
    c == '\'' || !matches!(format!("a{c}").escape_debug().nth(1), Some('\\')) && (c == ' ' || !c.is_whitespace())
}
