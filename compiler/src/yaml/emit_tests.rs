//! What is written is read back by another's reader; strings that have
//! misled readers of YAML stand as values, keys and list items.

use serde_json::json;

use super::*;
use crate::value::{Key, Map, Value};

/// Strings on which some reader or writer of YAML has failed.
pub(super) fn nasty() -> Vec<String> {
    let fixed = [
        // Words with a meaning in some version.
        "y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF",
        "true", "True", "TRUE", "tRUE", "false", "False", "FALSE", "null", "Null", "NULL", "nUll", "~", "nil",
        "none", "None", "undefined", "nan", "NaN", ".nan", ".NaN", ".NAN", "inf", "Inf", ".inf", ".Inf", ".INF",
        "-.inf", "+.inf", "infinity", "Infinity", "-Infinity", "=", "<<", "<", "!", "!!", "!!str", "!x y",
        // Numbers in some version.
        "0", "1", "-1", "+1", "00", "01", "007", "0644", "089", "0o17", "0O17", "0x1F", "0X1f", "0b11", "0B11",
        "1_000", "1__0", "_1", "1_", "1.0", "1.", ".5", "-.5", "+.5", ".", "..", "1e3", "1E3", "1e+3", "1.5e-3",
        "1e", "e1", "1e1e1", "0e0", "123456789012345678901234567890", "9223372036854775807",
        "9223372036854775808", "-9223372036854775809", "1:30", "190:20:30", "1:30:00.5", "12:30", "0x", "0b", "0o",
        "1,000", "1.2.3", "7.4", "7.10", "2.34.3", "v1", "1a", "0xg", "1d", "10m", "256Mi", "1Gi", "500m", "12h",
        // Dates.
        "2001-12-14", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.10 -5", "2026-01-31T00:00:00Z",
        "20260131", "2001-1-1",
        // Indicators.
        "-", "- ", "- a", "-a", "--", "---", "--- ", "--- a", "...", "... ", "?", "? ", "? a", "?a", ":", ": ",
        ": a", ":a", "a:", "a: ", "a: b", "a:b", "a :b", "a : b", ",", ", a", "[", "]", "[]", "[a]", "{", "}",
        "{}", "{a: b}", "#", "# a", "a#", "a #", "a # b", "&", "&a", "&a b", "*", "*a", "|", "|-", "|+", "| a",
        ">", ">-", "%", "%YAML 1.2", "%TAG", "@", "@a", "`", "`a`", "'", "''", "'a'", "a'b", "\"", "\"\"",
        "\"a\"", "a\"b", "\\", "\\n", "\\x41", "a\\", "a\\\nb", "\\\"", "$", "${a}", "${", "{{ .Values.x }}",
        // White space.
        "", " ", "  ", " a", "a ", " a ", "\t", "\ta", "a\t", "a\tb", "\n", "\n\n", "\na", "a\n", "a\n\n", "a\nb",
        "a\nb\n", "a\nb\n\n", "a\n\nb", "a\n\n\nb\n", " a\nb", "a\n b", "a\n  b\n c\n", "a \nb", "a\n\tb\n", "\ta\nb",
        "a\t\nb", "a\nb ", "a\r\nb", "a\rb", "\r", "a\n ", "a\n \nb", "\n a", "a\n\n b\n", "#a\n#b\n", "- a\n- b\n",
        "a: 1\nb: 2\n", "---\na\n", "a\n---\n", "...\n", "a\n...\nb\n", "%a\nb\n", "? a\n: b\n", "{\n}\n", "'a\nb'",
        "\"a\nb\"", "|\na\n", "a\n# b\n", "if true; then\n\techo hi\nfi\n", "key: |\n  a\n",
        // Unicode and control characters.
        "é", "ü\nö\n", "日本語", "日本\n語", "😀", "😀\n😀\n", "\u{0}", "a\u{0}b", "\u{1}", "\u{7}", "\u{8}",
        "\u{b}", "\u{c}", "\u{1b}[31m", "\u{7f}", "\u{80}", "\u{85}", "a\u{85}b", "\u{9f}", "\u{a0}", "\u{a0}a",
        "a\u{a0}", "\u{ad}", "\u{200b}", "\u{200e}", "\u{2028}", "a\u{2028}b", "\u{2029}", "\u{202e}x", "\u{2060}",
        "\u{d7ff}", "\u{e000}", "\u{feff}", "\u{feff}a", "a\u{feff}", "\u{fffd}", "\u{fffe}", "\u{ffff}", "\u{10000}",
        "\u{1f600}\u{fe0f}", "\u{10ffff}", "a\n\u{2028}\nb", "e\u{301}", "\u{3000}", "\u{3000}\na",
        // Shapes from real manifests.
        "nginx:1.25", "registry.example.com:5000/a/b@sha256:0f", "https://example.com/?a=b&c=d#e", "*/5 * * * *",
        "@daily", "0 0 * * *", "10.0.0.0/8", "::1", "fe80::1", "1.2.3.4", "a=b", "a,b", "--flag=value",
        "-c", "sh -c 'echo \"$X\"'", "app.kubernetes.io/name", "metadata.labels['app']", "*.example.com", "!ok",
        "%p", "50%", "#channel", "C:\\dir", "a/b", "/", "/a b", "/healthz", "0.5", "100%", "<none>", "e", "E",
        "0e", ".e1", "+", "+a", "=a", "^", "~a", "~/x", "\u{fe0f}",
    ];
    let mut all: Vec<String> = fixed.iter().map(ToString::to_string).collect();
    all.extend(["x".repeat(200), "x".repeat(201), "x".repeat(1100), "k ".repeat(600), "long word ".repeat(300)]);
    all.extend([format!("{}\n{}", "w ".repeat(200) + "e", "z".repeat(300)), "\\".repeat(900), "é".repeat(700)]);
    all
}

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
        ("ports", Value::list(vec![map(vec![("name", Value::str("http")), ("ports", Value::list(vec![Value::Int(80)]))])])),
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
        (0.0, "0.0"), (-0.0, "-0.0"), (1.0, "1.0"), (-2.5, "-2.5"), (0.1, "0.1"), (1e15, "1000000000000000.0"),
        (1e16, "1.0e+16"), (1e21, "1.0e+21"), (1.5e300, "1.5e+300"), (1e-5, "0.00001"), (1.25e-7, "1.25e-7"),
        (5e-324, "5.0e-324"), (f64::NAN, ".nan"), (f64::INFINITY, ".inf"), (f64::NEG_INFINITY, "-.inf"),
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
        (0, "\"0s\""), (1, "\"1ms\""), (1_500, "\"1.5s\""), (90 * 60_000, "\"1h30m\""), (604_800_000, "\"168h\""),
        (3_600_000 + 1_020, "\"1h1.02s\""), (-60_000, "\"-1m\""),
    ] {
        let duration = crate::units::Duration::from_millis(millis);
        assert_eq!(emitted(&Value::Duration(duration)), format!("{expected}\n"));
    }
    let time = "2026-01-31T10:00:00Z".parse().unwrap();
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
