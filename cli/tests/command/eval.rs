//! `tessera eval`, alone, in context, and line by line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::project::PROJECT;

#[test]
fn an_expression_has_a_value_and_a_type() {
    let folder = Folder::new("eval");
    for (args, expected) in [
        (&["eval", "256Mi * 3"][..], "\"768Mi\"\n"),
        (&["eval", "-1 + 3"], "2\n"),
        (&["eval", "[1, 2].map(x, x * 2)"], "- 2\n- 4\n"),
        (&["eval", "{ a: 1 }", "--output", "json"], "{\n  \"a\": 1\n}\n"),
        (&["eval", "256Mi * 3", "--type"], "value: \"768Mi\"\ntype: Quantity\n"),
        (&["eval", "[1, 2]", "--type"], "value:\n- 1\n- 2\ntype: \"[Int]\"\n"),
        (&["eval", "{ a: 1 }.a", "--type", "--output", "json"], "{\n  \"value\": 1,\n  \"type\": \"Int\"\n}\n"),
        (&["eval", "{ a: \"x\" }", "--type"], "value:\n  a: x\ntype: \"{ a: String }\"\n"),
        (&["eval", "optional.none()", "--type"], "value: null\ntype: Any\n"),
    ] {
        let called = folder.call(args);
        assert_eq!((called.code, called.out.as_str(), called.err.as_str()), (0, expected, ""), "{args:?}");
    }
}

#[test]
fn a_wrong_expression_is_shown_with_its_place() {
    let called = Folder::new("eval-wrong").call(&["eval", "1 + nothing"]);
    assert_eq!((called.code, called.out.as_str()), (1, ""));
    assert!(called.err.contains("E0201") && called.err.contains("<expression>:1:5"), "{}", called.err);
}

#[test]
fn names_of_an_instance_and_of_a_file_are_known() {
    let folder = Folder::with("eval-context", PROJECT);
    let called = folder.call(&["eval", "size + 1", "--instance", "two"]);
    assert_eq!((called.code, called.out.as_str()), (0, "3\n"), "{}", called.err);
    assert_eq!(folder.call(&["eval", "settings.metadata.name", "--instance", "one"]).out, "one-settings\n");
    folder.write("src/names.tess", "module shop.names\n\nlet answer = 42\n");
    assert_eq!(folder.call(&["eval", "answer", "--file", "src/names.tess"]).out, "42\n");
    let called = folder.call(&["eval", "size", "--instance", "none"]);
    assert_eq!(
        (called.code, called.err.as_str()),
        (2, "tessera: there is no instance `none`; the instances are `one`, `two`\n")
    );
}

fn batch(lines: &str) -> Vec<Value> {
    let called = Folder::new("eval-batch").call_with(&["eval", "--batch"], lines.as_bytes());
    assert_eq!((called.code, called.err.as_str()), (0, ""));
    called.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_line_has_an_answer_in_its_order() {
    let lines = "{\"expr\": \"a + 1\", \"vars\": {\"a\": 1}}\nnonsense\n\n{\"expr\": \"1 / 0\"}\n{\"expr\": \"b\\\"a\\\"\"}\n{\"expr\": \"1.0 / 0.0\"}\n{\"expr\": 7}\n{\"expr\": \"true\"}";
    let answers = batch(lines);
    assert_eq!(answers.len(), 7);
    assert_eq!(answers[0], json!({ "value": 2, "type": "Int" }));
    assert!(answers[1]["error"]["message"].is_string());
    assert_eq!(answers[2]["error"]["code"], "E0503");
    assert_eq!(answers[3], json!({ "value": "YQ==", "type": "Bytes" }));
    assert_eq!(answers[4], json!({ "value": "Infinity", "type": "Float" }));
    assert!(answers[5]["error"].is_object());
    assert_eq!(answers[6], json!({ "value": true, "type": "Bool" }));
}

#[test]
fn many_lines_keep_their_order() {
    let lines: String = (0..20_000).map(|n| format!("{{\"expr\": \"a + 1\", \"vars\": {{\"a\": {n}}}}}\n")).collect();
    let answers = batch(&lines);
    assert_eq!(answers.len(), 20_000);
    assert!(answers.iter().enumerate().all(|(n, answer)| answer["value"] == json!(n + 1)));
}

#[test]
fn whoever_asks_one_by_one_is_answered_one_by_one() {
    let folder = Folder::new("eval-interactive");
    let mut child = folder.command(&["eval", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for n in 0..3 {
        stdin.write_all(format!("{{\"expr\": \"{n} + 1\"}}\n").as_bytes()).unwrap();
        let answer: Value = serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap();
        assert_eq!(answer["value"], json!(n + 1));
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn deep_and_long_lines_have_answers() {
    let deep = format!("{{\"expr\": \"{}1{}\"}}", "(".repeat(100_000), ")".repeat(100_000));
    let long = format!("{{\"expr\": \"{}\"}}", " ".repeat(17 << 20));
    let answers = batch(&format!("{deep}\n{long}\n{{\"expr\": \"1\"}}\n"));
    assert_eq!(answers[0]["error"]["code"], "E0005");
    assert!(answers[1]["error"]["message"].as_str().unwrap().contains("bytes"));
    assert_eq!(answers[2]["value"], 1);
}
