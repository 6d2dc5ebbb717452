//! Places, meanings and bounds of the reader.

use super::*;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::FileId;
use crate::syntax::ast::{Entry, ExprKind, Key};

const FILE: FileId = FileId(0);

fn one(text: &str) -> Node {
    let (documents, diagnostics) = read(FILE, text);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!(documents.len(), 1);
    documents[0].root.clone()
}

fn errors(text: &str) -> Vec<Diagnostic> {
    read(FILE, text).1
}

/// The node as JSON-like text, with what its span covers.
fn show(node: &Node, text: &str, out: &mut String) {
    match &node.kind {
        NodeKind::List(items) => {
            out.push('[');
            items.iter().for_each(|item| show(item, text, out));
            out.push(']');
        }
        NodeKind::Map(entries) => {
            out.push('{');
            for (key, value) in entries {
                show(key, text, out);
                out.push('=');
                show(value, text, out);
            }
            out.push('}');
        }
        other => {
            let name = match other {
                NodeKind::Null => "null".to_owned(),
                NodeKind::Bool(b) => b.to_string(),
                NodeKind::Int(n) => n.to_string(),
                NodeKind::Uint(n) => format!("{n}u"),
                NodeKind::Float(f) => format!("{f:?}"),
                NodeKind::String { text, .. } => format!("{text:?}"),
                _ => String::new(),
            };
            out.push_str(&format!("({name} @ {})", node.span.text(text)));
        }
    }
}

fn shown(text: &str) -> String {
    let mut out = String::new();
    show(&one(text), text, &mut out);
    out
}

#[test]
fn every_key_and_value_has_its_place() {
    assert_eq!(shown("a: 1\nü: 'x y' # c\n"), r#"{("a" @ a)=(1 @ 1)("ü" @ ü)=("x y" @ 'x y')}"#);
    assert_eq!(shown("- \"q\\n\"\n- plain  text \n"), r#"[("q\n" @ "q\n")("plain  text" @ plain  text)]"#);
    assert_eq!(shown("{a: [1, two], b: {}}"), r#"{("a" @ a)=[(1 @ 1)("two" @ two)]("b" @ b)={}}"#);
    assert_eq!(shown("t: |\n  a\n  b\nu: 1\n"), "{(\"t\" @ t)=(\"a\\nb\\n\" @ a\n  b)(\"u\" @ u)=(1 @ 1)}");
    assert_eq!(shown("\u{feff}k: v\n"), r#"{("k" @ k)=("v" @ v)}"#);
    assert_eq!(shown("a:\r\n  b: 1\r\n"), r#"{("a" @ a)={("b" @ b)=(1 @ 1)}}"#);
}

#[test]
fn lists_and_maps_span_what_they_hold() {
    let text = "spec:\n  a:\n    b: 1\n  c: [1,\n    2]\nlast:\n- x\n\n# end\n";
    let root = one(text);
    assert_eq!(root.span.text(text), "spec:\n  a:\n    b: 1\n  c: [1,\n    2]\nlast:\n- x");
    let spec = root.get("spec").unwrap();
    assert_eq!(spec.span.text(text), "a:\n    b: 1\n  c: [1,\n    2]");
    assert_eq!(spec.get("c").unwrap().span.text(text), "[1,\n    2]");
    assert_eq!(spec.get("a").unwrap().span.text(text), "b: 1");
}

#[test]
fn a_missing_value_has_the_place_of_its_key() {
    assert_eq!(shown("name:\nother: ~\n"), r#"{("name" @ name)=(null @ name)("other" @ other)=(null @ ~)}"#);
}

#[test]
fn scalars_mean_what_kubectl_takes_them_for() {
    for (text, expected) in [
        ("true", "true"),
        ("False", "false"),
        ("null", "null"),
        ("~", "null"),
        ("12", "12"),
        ("-3", "-3"),
        ("+4", "4"),
        ("1_000", "1000"),
        ("0x1F", "31"),
        ("0o17", "15"),
        ("0b11", "3"),
        ("1.5", "1.5"),
        (".5", "0.5"),
        ("1e3", "1000.0"),
        ("-.inf", "-inf"),
        (".nan", "NaN"),
        ("9223372036854775808", "9223372036854775808u"),
        ("7.4.2", "\"7.4.2\""),
        ("12h", "\"12h\""),
        ("256Mi", "\"256Mi\""),
        ("2026-01-31", "\"2026-01-31\""),
        ("1:30", "\"1:30\""),
        ("0x", "\"0x\""),
        ("+", "\"+\""),
        (".", "\".\""),
        ("1e", "\"1e\""),
        ("--1", "\"--1\""),
        ("tRUE", "\"tRUE\""),
        ("inf", "\"inf\""),
        ("a b", "\"a b\""),
        ("1.2e+3", "1200.0"),
        ("1e1000", "\"1e1000\""),
        ("!!str 12", "\"12\""),
        ("!!int 12", "12"),
        ("!!float 1", "1.0"),
        ("! 12", "\"12\""),
        ("0", "0"),
    ] {
        let source = format!("v: {text}\n");
        let mut out = String::new();
        show(one(&source).get("v").unwrap(), &source, &mut out);
        assert!(out.starts_with(&format!("({expected} @ ")), "{text}: {out}");
    }
}

#[test]
fn doubtful_scalars_make_warnings() {
    for (text, value) in [("no", "false"), ("On", "true"), ("y", "true"), ("017", "15"), ("089", "89.0")] {
        let source = format!("v: {text}\n");
        let (documents, diagnostics) = read(FILE, &source);
        let mut out = String::new();
        show(documents[0].root.get("v").unwrap(), &source, &mut out);
        assert_eq!(out, format!("({value} @ {text})"));
        assert_eq!(diagnostics.len(), 1, "{text}");
        assert_eq!(diagnostics[0].severity, Severity::Warning);
        assert_eq!(diagnostics[0].fixes[0].edits[0].text, format!("\"{text}\""));
    }
    let diagnostics = errors("on: 1\n\"off\": 2\n");
    assert_eq!(diagnostics.len(), 1);
    assert!(diagnostics[0].message.contains("`on`"), "{diagnostics:?}");
}

#[test]
fn documents_without_content_are_left_out() {
    let (documents, diagnostics) = read(FILE, "---\n# nothing\n---\na: 1\n---\n---\nb: 2\n...\n");
    assert!(diagnostics.is_empty());
    assert_eq!(documents.len(), 2);
    assert!(read(FILE, "").0.is_empty());
    assert!(read(FILE, "# only\n").0.is_empty());
    let many = "---\na: 1\n".repeat(3000);
    assert_eq!(read(FILE, &many).0.len(), 3000);
}

#[test]
fn aliases_and_merge_keys_are_expanded() {
    let text = "base: &b {x: 1, y: 2}\nsame: *b\nmore:\n  <<: *b\n  'y': 3\nlist:\n  <<: [*b, {z: 9}]\n";
    let (documents, _) = read(FILE, text);
    let root = &documents[0].root;
    assert_eq!(root.get("same").unwrap().span.text(text), "*b");
    let more = root.get("more").unwrap();
    assert!(matches!(more.get("y").unwrap().kind, NodeKind::Int(3)));
    assert!(matches!(more.get("x").unwrap().kind, NodeKind::Int(1)));
    assert_eq!(root.get("list").unwrap().entries().len(), 3);
}

#[test]
fn mistakes_are_at_their_place() {
    for (text, at, says) in [
        ("a: 1\na: 2\n", 5, "given twice"),
        ("a: 1\n\tb: 2\n", 5, "tab"),
        ("a:\n\tb: 2\n", 3, "tab"),
        ("a:\n  b:\n  \tc: 2\n", 10, "tab"),
        ("a: b: c\n", 4, "key: value"),
        ("a: \"x\n", 6, "not closed"),
        ("a: \"x", 3, "not closed"),
        ("a: [1, 2\nb: 3\n", 3, "not closed"),
        ("a: *x\n", 3, "no anchor"),
        ("a: @x\n", 3, "cannot begin"),
        ("a: !secret x\n", 11, "tag"),
        ("? [a]\n: b\n", 2, "must be text"),
        ("a: \"\\q\"\n", 3, "escape"),
        ("a: &x [*x]\n", 7, "inside its own anchor"),
        ("a: !!int b\n", 9, "does not fit"),
        ("<<: 1\n", 4, "takes a map"),
    ] {
        let diagnostics = errors(text);
        assert_eq!(diagnostics.len(), 1, "{text:?} {diagnostics:#?}");
        assert!(diagnostics[0].message.contains(says), "{text:?} {diagnostics:#?}");
        assert_eq!(diagnostics[0].primary.span.start, at, "{text:?} {diagnostics:#?}");
    }
}

#[test]
fn what_stands_before_an_error_is_read() {
    let (documents, diagnostics) = read(FILE, "a: 1\n---\nb: [\n---\nc: 3\n");
    assert_eq!(documents.len(), 1);
    assert_eq!(diagnostics.len(), 1);
}

#[test]
fn bounds_hold() {
    let deep = |open: &str| open.repeat(100_000);
    for text in
        [deep("["), deep("{a: "), deep("- "), deep("? "), deep("\""), deep("&a "), deep("[{"), deep("!"), deep("a: ")]
    {
        let diagnostics = errors(&text);
        assert_eq!(diagnostics.len(), 1, "{:?} {diagnostics:?}", &text[..10]);
    }
    assert_eq!(errors(&format!("{}1{}", "[".repeat(128), "]".repeat(128))).len(), 0);
    assert_eq!(errors(&format!("{}1{}", "[".repeat(129), "]".repeat(129)))[0].code.id, "E0005");
    let steps: Vec<String> = (1..40).map(|i| format!("a{i}: &a{i} [*a{}, *a{}]\n", i - 1, i - 1)).collect();
    let laughs = format!("a0: &a0 [x]\n{}", steps.concat());
    assert!(errors(&laughs)[0].message.contains("repeat more than"));
    let chain: Vec<String> = (1..200).map(|i| format!("a{i}: &a{i} [*a{}]\n", i - 1)).collect();
    assert_eq!(errors(&format!("a0: &a0 [x]\n{}", chain.concat()))[0].code.id, "E0005");
    assert!(errors(&format!("[{}]", "a,".repeat(2_100_000)))[0].message.contains("more than"));
    assert_eq!(errors(&"x".repeat(17 << 20))[0].code.id, "E0003");
}

#[test]
fn many_mistakes_are_bounded() {
    let text = "k: no\n".repeat(5000);
    assert_eq!(errors(&text).len(), 200);
}

const INSTANCE: &str = "apiVersion: composites.financialone.acme/v1alpha1
kind: FinancialBackend
metadata:
  name: tenantABC-eu-west
  namespace: payments
  labels: {team: a}
spec:
  service-versions:
    fund-transfer: 2.34.3
  sizes: [1, 2]
status: {}
sepc: 1
";

#[test]
fn an_instance_is_taken_apart() {
    let (documents, _) = read(FILE, INSTANCE);
    let header = header(&documents[0]).unwrap();
    assert_eq!(header.kind.0, "FinancialBackend");
    assert_eq!(header.kind.1.text(INSTANCE), "FinancialBackend");
    let (instance, diagnostics) = instance(&documents[0], header);
    assert!(diagnostics.is_empty());
    let (name, place) = instance.name.unwrap();
    assert_eq!((name.as_str(), place.text(INSTANCE)), ("tenantABC-eu-west", "tenantABC-eu-west"));
    assert_eq!(instance.namespace.unwrap().0, "payments");
    assert!(instance.annotations.is_none());
    assert_eq!(instance.labels.unwrap().span.text(INSTANCE), "{team: a}");
    assert_eq!(instance.unknown.len(), 1);
    assert_eq!(instance.unknown[0].span.text(INSTANCE), "sepc");
    let ExprKind::Object(entries) = &instance.spec.kind else { panic!() };
    let Entry::Field { key: Key::Word { name, bare }, value, .. } = &entries[0] else { panic!() };
    assert_eq!((name.name.as_str(), name.span.text(INSTANCE), *bare), ("service-versions", "service-versions", true));
    let ExprKind::Object(versions) = &value.kind else { panic!() };
    let Entry::Field { value, .. } = &versions[0] else { panic!() };
    assert!(matches!(&value.kind, ExprKind::String(v) if v == "2.34.3"));
    assert_eq!(value.span.text(INSTANCE), "2.34.3");
}

#[test]
fn what_is_no_object_has_no_header() {
    for text in ["a: 1", "[1]", "kind: X", "apiVersion: 1\nkind: X", "text"] {
        assert!(header(&read(FILE, text).0[0]).is_none(), "{text}");
    }
}

#[test]
fn wrong_parts_of_an_instance_are_named() {
    for (text, says, at) in [
        ("apiVersion: a/v1\nkind: K\nmetadata: {name: 12}\n", "`metadata.name` must be text", "12"),
        ("apiVersion: a/v1\nkind: K\nmetadata: x\n", "`metadata` must be a map", "x"),
        ("apiVersion: a/v1\nkind: K\nspec: [1]\n", "`spec` must be a map", "[1]"),
    ] {
        let (documents, _) = read(FILE, text);
        let (instance, diagnostics) = instance(&documents[0], header(&documents[0]).unwrap());
        assert_eq!(diagnostics.len(), 1, "{text}");
        assert!(diagnostics[0].message.contains(says), "{diagnostics:?}");
        assert_eq!(diagnostics[0].primary.span.text(text), at);
        assert!(matches!(&instance.spec.kind, ExprKind::Object(e) if e.is_empty()));
    }
}
