//! What kubectl reads is what was written. `./test` builds the pinned kubectl
//! and gives its path in `TESSERA_KUBECTL`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::{Value as Json, json};
use tessera_compiler::value::{Key, Map, Value};
use tessera_compiler::yaml;
use tessera_tests::corpus::Random;

/// Strings that some YAML reader takes for something else, or breaks.
#[rustfmt::skip]
const NASTY: &[&str] = &[
    "", " ", "  ", "\t", "\n", "\n\n", "\r", "\r\n", " a", "a ", "\ta", "a\t", "\na", "a\n", "a\n\n", "\n a", "a\n b", " a\nb",
    "a \nb", "a\r\nb", "a\rb", "a\tb\nc", "a\n\tb", "  a\n  b\n", "a\n\nb", "a\n---\nb", "---", "--- a", "...", "... a", "-", "- a",
    "-a", "--", "?", "? a", "?a", ":", ": a", ":a", "a:", "a: b", "a:b", "a :b", "#", "#a", "# a", "a#", "a #", "a # b", "&", "&a",
    "*", "*a", "!", "!a", "!!str a", "|", "|-", ">", ">-", "%", "%a", "@", "@a", "`", "`a`", "'", "''", "'a'", "a'b", "\"", "\"\"",
    "\"a\"", "a\"b", "\\", "\\n", "a\\", "{", "}", "{}", "{a: b}", "[", "]", "[]", "[a]", ",", "a,", ",a", "a, b",
    "y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "true", "True", "TRUE",
    "false", "False", "FALSE", "null", "Null", "NULL", "~", "nil", "none", "nan", "NaN", ".nan", ".NaN", ".NAN", "inf", ".inf",
    ".Inf", "-.inf", "+.inf", "infinity", "Infinity", "yes ", "t", "f",
    "0", "-0", "+0", "1", "-1", "+1", "01", "007", "08", "0o7", "0o17", "0O17", "0x1F", "0X1f", "0b1", "0B1", "1_000", "1,000",
    "1.", ".1", "1.0", "1.5", "-1.5", "1e3", "1E3", "1e+3", "1e-3", ".5e1", "1.e1", "1e", "e1", "0e0", "1e999", "-1e999",
    "123456789012345678901234567890", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "1:30", "12:30:45", "190:20:30", "1:2:3:4", "0:0", "2001-01-01", "2001-1-1", "2001-12-14t21:59:43.10-05:00",
    "2001-12-14 21:59:43.10 -5", "2026-11-21T00:00:00Z", "12:00", "1.2.3", "1.2.3.4", "0.0.0.0", "1.10", "10.0", "v1", "1m", "500m",
    "1Gi", "1e3Mi", "=", "<<", "<", "<=", "a=b", "$", "${a}", "$(a)", "{{ a }}", "{{- a -}}", "%s", "a%20b", "/", "/a/b", "./a",
    "../a", "~/a", "a/b", "a.b", "a_b", "a-b", "_", "_a", ".a", "a.", "*.example.com", "http://a:80/b?c=d#e", "a@b.c",
    "postgres://u:p@h:5432/d?sslmode=disable", "key: |\n  block", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    "#!/bin/sh\nset -e\n\techo \"hi\"\n", "line one\nline two", "line one\nline two\n", "line one\n\n\nline two\n\n\n", "trailing \nspace",
    "trailing\t\ntab", "\u{7f}", "\u{0}", "\u{1}", "\u{7}", "\u{8}", "\u{b}", "\u{c}", "\u{1b}", "\u{1f}", "\u{80}", "\u{85}", "\u{9f}",
    "\u{a0}", "\u{ad}", "\u{200b}", "\u{200d}", "\u{2028}", "\u{2029}", "\u{202e}", "\u{feff}", "\u{feff}a", "a\u{feff}", "\u{fffd}",
    "\u{fffe}", "\u{ffff}", "\u{d7ff}", "\u{e000}", "\u{1F600}", "\u{10ffff}", "é", "e\u{301}", "日本語", "日本\n語\n", "ünï: cödé",
    "a\u{85}b", "a\u{2028}b\nc", "a\u{0}b", "a\u{1F600}\nb", "yes: no", "- - a", "[a, b]: c", "? a\n: b", "a\n: b", "a\n# b", "a\n- b",
    "\"a\" b", "'a' b", "a: 'b", "key with spaces", "UPPER", "camelCase", "apiVersion", "a:\n  b: c\n", "\\\"", "\\u0041", "\\x41", "\\",
];

/// kubectl, or the reason why this test cannot run.
fn kubectl() -> Command {
    let path = std::env::var_os("TESSERA_KUBECTL").expect("TESSERA_KUBECTL is the path of kubectl; ./test sets it");
    let mut command = Command::new(path);
    // Nothing of the person's own set-up may matter.
    command.env_clear().env("HOME", "/nonexistent").env("KUBECONFIG", "/nonexistent/config");
    command
}

/// The document as `kubectl apply` would read it, less the annotation that the
/// command puts on.
fn read(yaml: &str) -> Json {
    let mut child = kubectl()
        .args(["annotate", "--local", "-f", "-", "-o", "json", "read=yes"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(yaml.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "kubectl does not read:\n{yaml}");
    let mut read: Json = serde_json::from_slice(&output.stdout).unwrap();
    read["metadata"].as_object_mut().unwrap().remove("annotations");
    read
}

fn map(entries: impl IntoIterator<Item = (String, Value)>) -> Value {
    let mut map = Map::default();
    for (name, value) in entries {
        map.insert(Key::from(name.as_str()), value);
    }
    Value::Map(Arc::new(map))
}

fn text(text: &str) -> Value {
    Value::String(text.into())
}

/// An object that holds the strings as values, as items and as keys, once for
/// us to write and once as what must be read.
fn object(strings: &[String]) -> (Value, Json) {
    let values = strings.iter().enumerate().map(|(i, s)| (format!("k{i}"), text(s)));
    let keys = strings.iter().enumerate().map(|(i, s)| (s.clone(), Value::Int(i as i64)));
    let nested = strings.iter().map(|s| map([("name".to_owned(), text(s)), ("value".to_owned(), text(s))]));
    let spec = map([
        ("values".to_owned(), map(values)),
        ("keys".to_owned(), map(keys)),
        ("items".to_owned(), Value::List(Arc::new(strings.iter().map(|s| text(s)).collect()))),
        ("nested".to_owned(), Value::List(Arc::new(nested.collect()))),
    ]);
    let ours = map([
        ("apiVersion".to_owned(), text("example.com/v1")),
        ("kind".to_owned(), text("Thing")),
        ("metadata".to_owned(), map([("name".to_owned(), text("nasty"))])),
        ("spec".to_owned(), spec),
    ]);
    let values: Json = strings.iter().enumerate().map(|(i, s)| (format!("k{i}"), json!(s))).collect();
    let keys: Json = strings.iter().enumerate().map(|(i, s)| (s.clone(), json!(i))).collect();
    let nested: Json = strings.iter().map(|s| json!({ "name": s, "value": s })).collect();
    let expected = json!({
        "apiVersion": "example.com/v1", "kind": "Thing", "metadata": { "name": "nasty" },
        "spec": { "values": values, "keys": keys, "items": strings, "nested": nested },
    });
    (ours, expected)
}

fn check(strings: &[String]) {
    let (ours, expected) = object(strings);
    let mut yaml = String::new();
    yaml::emit(&ours, &mut yaml);
    let found = read(&yaml);
    for part in ["values", "keys", "items", "nested"] {
        assert_eq!(found["spec"][part], expected["spec"][part], "in {part}");
    }
    assert_eq!(found, expected);
}

#[test]
#[ignore = "needs kubectl: run ./test"]
fn kubectl_reads_every_nasty_string_as_written() {
    check(&NASTY.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
}

#[test]
#[ignore = "needs kubectl: run ./test"]
fn kubectl_reads_random_strings_as_written() {
    let mut random = Random::new(20);
    let mut strings = std::collections::BTreeSet::new();
    while strings.len() < 3_000 {
        let parts = 1 + random.below(4);
        strings.insert((0..parts).filter_map(|_| random.pick(NASTY)).copied().collect::<String>());
    }
    check(&strings.into_iter().collect::<Vec<_>>());
}

#[test]
#[ignore = "needs kubectl: run ./test"]
fn kubectl_reads_long_keys_and_texts_as_written() {
    let long = |n: usize| "a".repeat(n);
    let mut strings: Vec<String> =
        [79, 80, 81, 127, 128, 129, 199, 200, 201, 1_000, 1_023, 1_024, 1_025, 5_000].map(long).to_vec();
    strings.push("word ".repeat(300));
    strings.push(format!("{}\n{}", long(300), "b c ".repeat(100)));
    check(&strings);
}

#[test]
#[ignore = "needs kubectl: run ./test"]
fn kubectl_reads_numbers_and_empty_collections_as_written() {
    let ours = map([
        ("apiVersion".to_owned(), text("example.com/v1")),
        ("kind".to_owned(), text("Thing")),
        ("metadata".to_owned(), map([("name".to_owned(), text("numbers"))])),
        (
            "spec".to_owned(),
            map([
                ("most".to_owned(), Value::Int(i64::MAX)),
                ("least".to_owned(), Value::Int(i64::MIN)),
                ("half".to_owned(), Value::Float(0.5)),
                ("small".to_owned(), Value::Float(1e-7)),
                ("large".to_owned(), Value::Float(1.5e300)),
                ("yes".to_owned(), Value::Bool(true)),
                ("nothing".to_owned(), Value::Null),
                ("map".to_owned(), map([])),
                ("list".to_owned(), Value::List(Arc::new(Vec::new()))),
                ("lists".to_owned(), Value::List(Arc::new(vec![Value::List(Arc::new(vec![Value::Int(1), map([])]))]))),
            ]),
        ),
    ]);
    let mut yaml = String::new();
    yaml::emit(&ours, &mut yaml);
    let expected = json!({
        "most": i64::MAX, "least": i64::MIN, "half": 0.5, "small": 1e-7, "large": 1.5e300, "yes": true,
        "nothing": null, "map": {}, "list": [], "lists": [[1, {}]],
    });
    assert_eq!(read(&yaml)["spec"], expected);
}
