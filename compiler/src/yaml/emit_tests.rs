//! What is written is read back by another's reader; strings that have
//! misled readers of YAML stand as values, keys and list items.

use serde_json::json;

use super::nasty::nasty;
use super::*;
use crate::value::{Key, Map, Value};

fn emitted(value: &Value) -> String {
    let mut out = String::new();
    emit(value, &mut out);
    out
}

fn map(entries: Vec<(&str, Value)>) -> Value {
    Value::map(entries.into_iter().map(|(k, v)| (Key::from(k), v)).collect())
}

fn read_back(text: &str) -> serde_json::Value {
    let options = serde_yaml::options! { budget: None, strict_booleans: true };
    serde_yaml::from_str_with_options(text, options).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn nasty_strings_come_back_as_values_keys_and_items() {
    let strings = nasty();
    assert!(strings.len() >= 240, "{}", strings.len());
    for string in &strings {
        let item = Value::str(string);
        let value = map(vec![
            ("value", item.clone()),
            ("items", Value::list(vec![item.clone(), Value::list(vec![item.clone(), item.clone()])])),
            ("maps", Value::list(vec![map(vec![(string, item.clone()), ("z.z", Value::Int(1))])])),
            ("deep", map(vec![(string, map(vec![(string, Value::list(vec![item.clone()]))]))])),
        ]);
        let expected = json!({
            "value": string,
            "items": [string, [string, string]],
            "maps": [{ string.as_str(): string, "z.z": 1 }],
            "deep": { string.as_str(): { string.as_str(): [string] } },
        });
        let text = emitted(&value);
        assert_eq!(read_back(&text), expected, "{string:?}\n{text}");
        let mut text = String::new();
        emit_json(&value, &mut text);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), expected, "{text}");
    }
}

#[test]
fn our_own_reader_agrees_without_a_word() {
    for string in nasty() {
        let text = emitted(&map(vec![(&string, Value::list(vec![Value::str(&string)]))]));
        let (documents, diagnostics) = read(crate::source::FileId(0), &text);
        assert!(diagnostics.is_empty(), "{string:?} {diagnostics:?}");
        let (key, value) = &documents[0].root.entries()[0];
        assert_eq!(key.as_str(), Some(string.as_str()));
        let NodeKind::List(items) = &value.kind else { panic!("{value:?}") };
        assert_eq!(items[0].as_str(), Some(string.as_str()), "{text}");
    }
}

#[test]
fn the_layout_is_that_of_kubectl() {
    let value = map(vec![
        ("apiVersion", Value::str("apps/v1")),
        ("empty", map(vec![])),
        ("none", Value::list(vec![])),
        ("args", Value::list(vec![Value::str("-c"), Value::str("run it\nnow\n"), Value::Int(-3)])),
        (
            "ports",
            Value::list(vec![map(vec![("name", Value::str("http")), ("ports", Value::list(vec![Value::Int(80)]))])]),
        ),
        ("nested", Value::list(vec![Value::list(vec![Value::Int(1), Value::Int(2)]), Value::list(vec![])])),
        ("no", Value::Null),
        ("text", Value::str("a\n\n  b")),
    ]);
    let expected = "apiVersion: apps/v1\nempty: {}\nnone: []\nargs:\n- \"-c\"\n- |\n  run it\n  now\n- -3\nports:\n- name: http\n  ports:\n  - 80\nnested:\n- - 1\n  - 2\n- []\n\"no\": null\ntext: |-\n  a\n\n    b\n";
    assert_eq!(emitted(&value), expected);
}

#[test]
fn documents_are_parted() {
    let mut out = String::new();
    emit_documents([&Value::Int(1), &map(vec![("a", Value::Bool(true))]), &Value::str("a\nb\n")], &mut out);
    assert_eq!(out, "1\n---\na: true\n---\n|\n  a\n  b\n");
}

#[test]
fn floats_stay_the_same_number_for_every_reader() {
    for (float, expected) in [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (-2.5, "-2.5"),
        (0.1, "0.1"),
        (1e15, "1000000000000000.0"),
        (1e16, "1.0e+16"),
        (1e21, "1.0e+21"),
        (1.5e300, "1.5e+300"),
        (1e-5, "0.00001"),
        (1.25e-7, "1.25e-7"),
        (5e-324, "5.0e-324"),
        (f64::NAN, ".nan"),
        (f64::INFINITY, ".inf"),
        (f64::NEG_INFINITY, "-.inf"),
    ] {
        assert_eq!(emitted(&Value::Float(float)), format!("{expected}\n"));
    }
    assert_eq!(emitted(&Value::Int(i64::MIN)), "-9223372036854775808\n");
    assert_eq!(emitted(&Value::Uint(u64::MAX)), "18446744073709551615\n");
    let mut out = String::new();
    emit_json(&Value::list(vec![Value::Float(f64::NEG_INFINITY), Value::Float(2.0), Value::Float(1e21)]), &mut out);
    assert_eq!(out, "[\n  \"-Infinity\",\n  2.0,\n  1.0e+21\n]\n");
}

#[test]
fn bytes_durations_and_times_have_their_text() {
    let bytes = |b: &[u8]| emitted(&Value::Bytes(b.into()));
    assert_eq!(bytes(b""), "\"\"\n");
    assert_eq!(bytes(b"f"), "\"Zg==\"\n");
    assert_eq!(bytes(b"fo"), "\"Zm8=\"\n");
    assert_eq!(bytes(b"foo"), "Zm9v\n");
    assert_eq!(bytes(&[0xfb, 0xff, 0xfe]), "\"+//+\"\n");
    for (millis, expected) in [
        (0, "\"0s\""),
        (1, "\"1ms\""),
        (1_500, "\"1.5s\""),
        (90 * 60_000, "\"1h30m\""),
        (604_800_000, "\"168h\""),
        (3_600_000 + 1_020, "\"1h1.02s\""),
        (-60_000, "\"-1m\""),
    ] {
        let duration = crate::units::Duration::from_millis(millis);
        assert_eq!(emitted(&Value::Duration(duration)), format!("{expected}\n"));
    }
    let time = crate::units::parse_timestamp("2026-01-31T10:00:00Z").unwrap();
    assert_eq!(emitted(&Value::Timestamp(time)), "\"2026-01-31T10:00:00Z\"\n");
}

#[test]
fn keys_that_are_no_strings_become_strings() {
    let entries = [(Key::Int(1), Value::Int(1)), (Key::Bool(true), Value::Int(2))];
    let value = Value::map(Map::from_iter(entries));
    assert_eq!(emitted(&value), "\"1\": 1\n\"true\": 2\n");
}

#[test]
fn a_list_of_objects_is_one_json_document() {
    let mut out = String::new();
    emit_json_list([&map(vec![("a", Value::Int(1))])], &mut out);
    let read: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(read, json!({ "apiVersion": "v1", "kind": "List", "items": [{ "a": 1 }] }));
    assert!(out.contains("\"items\": [\n    {\n      \"a\": 1\n    }\n  ]\n}"), "{out}");
}

#[test]
fn deep_values_do_not_exhaust_the_stack() {
    let deep = (0..50_000).fold(Value::Int(1), |inner, _| Value::list(vec![inner]));
    assert!(emitted(&deep).len() > 100_000);
    std::mem::forget(deep);
}
