//! The string functions of CEL's strings extension, version 2. Positions count
//! Unicode code points.

use crate::diagnostic::codes::E0504;
use crate::eval::{Context, Fault};
use crate::value::Value;

use super::Sig::{Dyn, Int, List, String as Text};
use super::arguments::{Outcome, no_overload, scan, text};
use super::format::format;
use super::signature::{method, plain};
use super::{Function, Since, shown_type};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "charAt",
        overloads: &[method(&[Text, Int], Text)],
        eval: char_at,
        since: Since::Always,
        doc: "The character at the position; empty at the end of the string, an error beyond it.",
    },
    Function {
        name: "format",
        overloads: &[method(&[Text, List(&Dyn)], Text)],
        eval: format,
        since: Since::Minor(29),
        doc: "The string with its clauses `%s %d %f %e %b %o %x %X` replaced by the items of the list; `%.2f` sets decimals, `%%` is a percent sign. `%f` and `%e` print as the API server does: `1,234.50`, `1.2×10⁰³`.",
    },
    Function {
        name: "join",
        overloads: &[method(&[List(&Text)], Text), method(&[List(&Text), Text], Text)],
        eval: join,
        since: Since::Always,
        doc: "The strings of the list in one, with the separator between them.",
    },
    Function {
        name: "lowerAscii",
        overloads: &[method(&[Text], Text)],
        eval: lower_ascii,
        since: Since::Always,
        doc: "The string with the letters A to Z in lower case.",
    },
    Function {
        name: "replace",
        overloads: &[method(&[Text, Text, Text], Text), method(&[Text, Text, Text, Int], Text)],
        eval: replace,
        since: Since::Always,
        doc: "The string with each occurrence of the first argument replaced by the second, at most as often as the third says (all when it is negative).",
    },
    Function {
        name: "split",
        overloads: &[method(&[Text, Text], List(&Text)), method(&[Text, Text, Int], List(&Text))],
        eval: split,
        since: Since::Always,
        doc: "The parts of the string between the separators, at most as many as the limit says (all when it is negative); an empty separator splits into characters.",
    },
    Function {
        name: "strings.quote",
        overloads: &[plain(&[Text], Text)],
        eval: quote,
        since: Since::Minor(29),
        doc: "The string in double quotes, special characters escaped.",
    },
    Function {
        name: "substring",
        overloads: &[method(&[Text, Int], Text), method(&[Text, Int, Int], Text)],
        eval: substring,
        since: Since::Always,
        doc: "The part of the string from the first position up to, without, the second.",
    },
    Function {
        name: "trim",
        overloads: &[method(&[Text], Text)],
        eval: trim,
        since: Since::Always,
        doc: "The string without white space at its ends.",
    },
    Function {
        name: "upperAscii",
        overloads: &[method(&[Text], Text)],
        eval: upper_ascii,
        since: Since::Always,
        doc: "The string with the letters a to z in upper case.",
    },
];

/// The number of characters, as an index.
fn length(text: &str) -> usize {
    text.chars().count()
}

/// The byte at which the character with this index starts; the end for the
/// index one past the last.
fn byte_at(text: &str, index: usize) -> Option<usize> {
    text.char_indices().map(|(byte, _)| byte).chain([text.len()]).nth(index)
}

#[cold]
fn out_of_range(index: i64, text: &str) -> Fault {
    Fault::new(&E0504, format!("index out of range: {index}, the string has {} characters", length(text)))
}

fn byte_of(text: &str, index: i64) -> Result<usize, Fault> {
    usize::try_from(index).ok().and_then(|i| byte_at(text, i)).ok_or_else(|| out_of_range(index, text))
}

fn char_at(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::String(string), Value::Int(index)] = args else { return Err(no_overload("charAt", args)) };
    scan(ctx, string)?;
    let rest = string.get(byte_of(string, *index)?..).unwrap_or("");
    Ok(Value::String(rest.chars().take(1).collect()))
}

/// `indexOf` of strings; `offset` is where the search starts.
pub(super) fn index_of(ctx: &mut Context<'_>, string: &str, part: &str, offset: i64) -> Outcome {
    scan(ctx, string)?;
    let from = usize::try_from(offset).map_err(|_| out_of_range(offset, string))?;
    let Some(byte) = byte_at(string, from) else {
        return Ok(Value::Int(if part.is_empty() { length(string) as i64 } else { -1 }));
    };
    let rest = string.get(byte..).unwrap_or("");
    let found = rest.find(part).and_then(|at| rest.get(..at)).map(|before| from + length(before));
    Ok(Value::Int(found.map_or(-1, |index| index as i64)))
}

/// `lastIndexOf` of strings; `offset` is the last position that counts.
pub(super) fn last_index_of(ctx: &mut Context<'_>, string: &str, part: &str, offset: Option<i64>) -> Outcome {
    scan(ctx, string)?;
    let Some(offset) = offset else {
        return Ok(position(string, string.rfind(part)));
    };
    let last = usize::try_from(offset).map_err(|_| out_of_range(offset, string))?;
    if !part.is_empty() && last >= length(string) {
        return Ok(Value::Int(-1));
    }
    let end = last.checked_add(length(part)).and_then(|end| byte_at(string, end)).unwrap_or(string.len());
    Ok(position(string, string.get(..end).and_then(|head| head.rfind(part))))
}

/// A byte offset as an index of characters, -1 for none.
fn position(string: &str, byte: Option<usize>) -> Value {
    Value::Int(byte.and_then(|at| string.get(..at)).map_or(-1, |before| length(before) as i64))
}

fn join(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (items, separator) = match args {
        [Value::List(items)] => (items, ""),
        [Value::List(items), Value::String(separator)] => (items, separator.as_str()),
        _ => return Err(no_overload("join", args)),
    };
    let mut parts = Vec::with_capacity(items.len());
    for item in items.iter() {
        let Value::String(part) = item else {
            return Err(Fault::error(format!("join: invalid input: an item is {}, not String", shown_type(item))));
        };
        parts.push(part.as_str());
    }
    let size: usize = parts.iter().map(|part| part.len()).sum();
    ctx.bytes(size.saturating_add(separator.len().saturating_mul(parts.len().saturating_sub(1))))?;
    Ok(Value::String(parts.join(separator).into()))
}

fn lower_ascii(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::String(string)] = args else { return Err(no_overload("lowerAscii", args)) };
    text(ctx, string.to_ascii_lowercase())
}

fn upper_ascii(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::String(string)] = args else { return Err(no_overload("upperAscii", args)) };
    text(ctx, string.to_ascii_uppercase())
}

fn replace(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (string, old, new, limit) = match args {
        [Value::String(string), Value::String(old), Value::String(new)] => (string, old, new, -1),
        [Value::String(string), Value::String(old), Value::String(new), Value::Int(n)] => (string, old, new, *n),
        _ => return Err(no_overload("replace", args)),
    };
    scan(ctx, string)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let count = string.matches(old.as_str()).take(limit).count();
    let size = (string.len() - count * old.len()).saturating_add(count.saturating_mul(new.len()));
    ctx.bytes(size)?;
    Ok(Value::String(string.replacen(old.as_str(), new, limit).into()))
}

fn split(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (string, separator, limit) = match args {
        [Value::String(string), Value::String(separator)] => (string, separator, -1),
        [Value::String(string), Value::String(separator), Value::Int(n)] => (string, separator, *n),
        _ => return Err(no_overload("split", args)),
    };
    scan(ctx, string)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let count = if separator.is_empty() { length(string) } else { string.matches(separator.as_str()).count() + 1 };
    ctx.items(count.min(limit))?;
    let parts = if separator.is_empty() { characters(string, limit) } else { parts(string, separator, limit) };
    Ok(Value::list(parts))
}

fn parts(string: &str, separator: &str, limit: usize) -> Vec<Value> {
    string.splitn(limit, separator).map(Value::str).collect()
}

/// At most `limit` items: single characters, the last one the rest.
fn characters(string: &str, limit: usize) -> Vec<Value> {
    let mut items = Vec::new();
    let mut rest = string.chars();
    while items.len() + 1 < limit {
        let Some(one) = rest.next() else { return items };
        items.push(Value::str(one.encode_utf8(&mut [0; 4])));
    }
    if limit > 0 && !rest.as_str().is_empty() {
        items.push(Value::str(rest.as_str()));
    }
    items
}

fn quote(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::String(string)] = args else { return Err(no_overload("strings.quote", args)) };
    scan(ctx, string)?;
    let mut quoted = String::with_capacity(string.len() + 2);
    quoted.push('"');
    for c in string.chars() {
        match escape(c) {
            Some(letter) => quoted.extend(['\\', letter]),
            None => quoted.push(c),
        }
    }
    quoted.push('"');
    text(ctx, quoted)
}

const fn escape(c: char) -> Option<char> {
    match c {
        '\u{7}' => Some('a'),
        '\u{8}' => Some('b'),
        '\u{c}' => Some('f'),
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        '\u{b}' => Some('v'),
        '\\' | '"' => Some(c),
        _ => None,
    }
}

/// `reverse` of strings.
pub(super) fn reverse(ctx: &mut Context<'_>, string: &str) -> Outcome {
    text(ctx, string.chars().rev().collect::<String>())
}

fn substring(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (string, start, end) = match args {
        [Value::String(string), Value::Int(start)] => (string, *start, None),
        [Value::String(string), Value::Int(start), Value::Int(end)] => (string, *start, Some(*end)),
        _ => return Err(no_overload("substring", args)),
    };
    scan(ctx, string)?;
    if let Some(end) = end.filter(|end| start > *end) {
        return Err(Fault::new(&E0504, format!("invalid substring range: it starts at {start} and ends at {end}")));
    }
    let from = byte_of(string, start)?;
    let to = end.map_or(Ok(string.len()), |end| byte_of(string, end))?;
    text(ctx, string.get(from..to).unwrap_or(""))
}

fn trim(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::String(string)] = args else { return Err(no_overload("trim", args)) };
    text(ctx, string.trim())
}
