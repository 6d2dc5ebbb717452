//! Tests of the library: the table of calls, calls with every kind of value,
//! the resolution of overloads, the reference.

mod nasty;
mod overloads;
mod reader;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{all, find, reference};
use crate::value::Value;

const CALLS: &str = include_str!("calls.txt");

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = CALLS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(" => ").expect(line))
}

#[test]
fn every_call_gives_what_the_table_says() {
    let mut wrong = String::new();
    for (call, expected) in rows() {
        let given = match reader::evaluate(call, &mut Vec::new()) {
            Ok(value) => shown(&value),
            Err(fault) => fault.code().map_or("pending", |code| code.id).to_owned(),
        };
        if given != expected {
            let _ = writeln!(wrong, "{call}\n  expected {expected}\n  given    {given}");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn the_table_has_every_function() {
    let mut called = Vec::new();
    for (call, _) in rows() {
        let _ = reader::evaluate(call, &mut called);
    }
    let called: BTreeSet<&str> = called.iter().map(String::as_str).collect();
    let missing: Vec<&str> = all().iter().map(|f| f.name).filter(|name| !called.contains(name)).collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
    assert!(rows().count() >= 200);
}

#[test]
fn every_name_is_found_and_documented() {
    for function in all() {
        assert_eq!(find(function.name).map(|f| f.name), Some(function.name));
        assert!(function.doc.ends_with('.') && function.doc.len() > 5, "{}", function.name);
        assert!(!function.overloads.is_empty(), "{}", function.name);
    }
    assert!(all().windows(2).all(|pair| pair[0].name < pair[1].name), "a name has two entries");
    assert!(find("nope").is_none());
}

#[test]
fn the_reference_has_a_row_for_each_function() {
    let table = reference();
    assert_eq!(table.lines().count(), all().len() + 2);
    assert!(table.contains(
        "| `split` | `String.split(String) -> [String]`<br>`String.split(String, Int) -> [String]` | always |"
    ));
    assert!(table.contains("`String.reverse() -> String` (never, folds only)"));
    assert!(table.lines().all(|line| line.replace("\\|", "").matches('|').count() == 5), "a cell holds a bar");
}

/// The value as a CEL literal.
fn shown(value: &Value) -> String {
    match value {
        Value::Absent => "none".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Uint(n) => format!("{n}u"),
        Value::Float(n) => format!("{n:?}"),
        Value::String(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")),
        Value::Bytes(octets) => format!("b\"{}\"", octets.escape_ascii()),
        Value::Duration(d) => format!("<{}>", crate::units::format_duration_cel(*d)),
        Value::Timestamp(t) => format!("<{}>", crate::units::format_timestamp(*t)),
        Value::Quantity(q) => format!("<{q}>"),
        Value::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Map(map) => {
            let entries: Vec<String> =
                map.iter().map(|(k, v)| format!("{}: {}", shown(&k.clone().into()), shown(v))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Type(name) => name.to_string(),
        Value::Opaque(opaque) => format!("<{opaque}>"),
    }
}
