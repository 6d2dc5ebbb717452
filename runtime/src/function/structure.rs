//! `google.protobuf.Struct` as values and back. Its numbers are doubles, its
//! fields come in any order, and how deep it goes is up to who sends it.

use prost::bytes::Bytes;
use tessera_compiler::value::{Key, Map, Value, to_json};

/// The most objects and lists in each other.
pub const MAX_DEPTH: usize = 512;
/// The largest whole number up to which doubles have all.
const EXACT: u64 = 1 << 53;

/// Octets that are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

const CUT: Malformed = Malformed("it ends too early");

/// Reads an object; its fields stand in alphabetical order, at every level.
///
/// # Errors
/// Why it cannot be read.
pub fn read(octets: &[u8]) -> Result<Value, Malformed> {
    object(octets, MAX_DEPTH)
}

/// One field of a message.
enum Field<'a> {
    Number(u64),
    Double(f64),
    Octets(&'a [u8]),
    Other,
}

fn varint(rest: &mut &[u8]) -> Result<u64, Malformed> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (first, tail) = rest.split_first().ok_or(CUT)?;
        *rest = tail;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Malformed("a number in it is too long"))
}

fn take<'a>(rest: &mut &'a [u8], count: u64) -> Result<&'a [u8], Malformed> {
    let count = usize::try_from(count).map_err(|_| CUT)?;
    let (taken, tail) = rest.split_at_checked(count).ok_or(CUT)?;
    *rest = tail;
    Ok(taken)
}

fn field<'a>(rest: &mut &'a [u8]) -> Result<(u64, Field<'a>), Malformed> {
    let key = varint(rest)?;
    let field = match key & 7 {
        0 => Field::Number(varint(rest)?),
        1 => {
            let octets = take(rest, 8)?;
            Field::Double(f64::from_le_bytes(octets.try_into().map_err(|_| CUT)?))
        }
        2 => {
            let count = varint(rest)?;
            Field::Octets(take(rest, count)?)
        }
        5 => {
            take(rest, 4)?;
            Field::Other
        }
        _ => return Err(Malformed("a field of it has no known form")),
    };
    Ok((key >> 3, field))
}

fn text(octets: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(octets).map_err(|_| Malformed("a text in it is not UTF-8"))
}

fn object(mut rest: &[u8], depth: usize) -> Result<Value, Malformed> {
    let mut entries: Vec<(&str, Value)> = Vec::new();
    while !rest.is_empty() {
        if let (1, Field::Octets(entry)) = field(&mut rest)? {
            entries.push(pair(entry, depth)?);
        }
    }
    entries.sort_by_key(|(key, _)| *key);
    let mut map = Map::with_capacity(entries.len());
    for (key, value) in entries {
        map.insert(key, value);
    }
    Ok(Value::map(map))
}

fn pair(mut rest: &[u8], depth: usize) -> Result<(&str, Value), Malformed> {
    let (mut key, mut inner) = ("", Value::Null);
    while !rest.is_empty() {
        match field(&mut rest)? {
            (1, Field::Octets(octets)) => key = text(octets)?,
            (2, Field::Octets(octets)) => inner = value(octets, depth)?,
            _ => {}
        }
    }
    Ok((key, inner))
}

fn value(mut rest: &[u8], depth: usize) -> Result<Value, Malformed> {
    let depth = depth.checked_sub(1).ok_or(Malformed("it goes too deep"))?;
    let mut found = Value::Null;
    while !rest.is_empty() {
        found = match field(&mut rest)? {
            (1, _) => Value::Null,
            (2, Field::Double(number)) => whole(number),
            (3, Field::Octets(octets)) => Value::str(text(octets)?),
            (4, Field::Number(number)) => Value::Bool(number != 0),
            (5, Field::Octets(octets)) => deep(|| object(octets, depth))?,
            (6, Field::Octets(octets)) => deep(|| list(octets, depth))?,
            _ => continue,
        };
    }
    Ok(found)
}

fn list(mut rest: &[u8], depth: usize) -> Result<Value, Malformed> {
    let mut items = Vec::new();
    while !rest.is_empty() {
        if let (1, Field::Octets(octets)) = field(&mut rest)? {
            items.push(value(octets, depth)?);
        }
    }
    Ok(Value::list(items))
}

fn deep<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, work)
}

/// A whole number is an Int, as it is where JSON is read.
fn whole(number: f64) -> Value {
    if number.trunc() == number && number.abs() <= EXACT as f64 {
        Value::Int(number as i64)
    } else {
        Value::Float(number)
    }
}

/// Writes an object.
///
/// # Errors
/// A whole number that no double has, by its text.
pub fn write(value: &Value) -> Result<Bytes, String> {
    let mut out = Vec::new();
    if let Some(map) = value.as_map() {
        write_object(map, &mut out)?;
    }
    Ok(Bytes::from(out))
}

fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put(number: u8, octets: &[u8], out: &mut Vec<u8>) {
    out.push(number << 3 | 2);
    put_varint(octets.len() as u64, out);
    out.extend_from_slice(octets);
}

fn write_object(map: &Map, out: &mut Vec<u8>) -> Result<(), String> {
    for (key, value) in map.iter().filter(|(_, value)| !matches!(value, Value::Absent)) {
        let (mut entry, mut inner) = (Vec::new(), Vec::new());
        match key {
            Key::String(text) => put(1, text.as_bytes(), &mut entry),
            other => put(1, other.to_string().as_bytes(), &mut entry),
        }
        write_value(value, &mut inner)?;
        put(2, &inner, &mut entry);
        put(1, &entry, out);
    }
    Ok(())
}

fn write_value(value: &Value, out: &mut Vec<u8>) -> Result<(), String> {
    match value {
        Value::Absent | Value::Null => out.extend([1 << 3, 0]),
        Value::Bool(truth) => out.extend([4 << 3, u8::from(*truth)]),
        Value::Int(number) => write_whole(number.unsigned_abs(), *number < 0, out)?,
        Value::Uint(number) => write_whole(*number, false, out)?,
        Value::Float(number) if number.is_finite() => write_double(*number, out),
        Value::List(items) => {
            let mut list = Vec::new();
            for item in items.iter() {
                let mut inner = Vec::new();
                deep(|| write_value(item, &mut inner))?;
                put(1, &inner, &mut list);
            }
            put(6, &list, out);
        }
        Value::Map(map) => {
            let mut inner = Vec::new();
            deep(|| write_object(map, &mut inner))?;
            put(5, &inner, out);
        }
        other => put(3, to_json(other).as_str().unwrap_or_default().as_bytes(), out),
    }
    Ok(())
}

fn write_whole(size: u64, negative: bool, out: &mut Vec<u8>) -> Result<(), String> {
    let sign = if negative { "-" } else { "" };
    if size > EXACT {
        return Err(format!("{sign}{size}"));
    }
    write_double(if negative { -(size as f64) } else { size as f64 }, out);
    Ok(())
}

fn write_double(number: f64, out: &mut Vec<u8>) {
    out.push(2 << 3 | 1);
    out.extend(number.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::{Malformed, read, write};
    use tessera_compiler::value::{from_json, to_json};

    #[test]
    fn what_is_written_is_read() {
        let json = serde_json::json!({
            "a": null, "b": true, "c": [1, -2.5, "x", [], {}], "d": { "e": "ö", "f": 9_007_199_254_740_992_i64 },
        });
        let octets = write(&from_json(&json)).unwrap();
        assert_eq!(to_json(&read(&octets).unwrap()), json);
        for end in 0..octets.len() {
            // What is cut is refused or, between two fields, shorter; never a crash.
            let _ = read(&octets[..end]);
        }
    }

    #[test]
    fn numbers_that_no_double_has_are_refused() {
        assert_eq!(write(&from_json(&serde_json::json!({ "a": i64::MIN }))), Err(i64::MIN.to_string()));
    }

    #[test]
    fn depth_is_bounded() {
        let mut json = serde_json::json!(1);
        for _ in 0..600 {
            json = serde_json::json!([json]);
        }
        let octets = write(&from_json(&serde_json::json!({ "a": json }))).unwrap();
        assert_eq!(read(&octets).unwrap_err(), Malformed("it goes too deep"));
    }
}
