//! `tessera fmt`.

use crate::folder::Folder;

const UNTIDY: &str = "let a   =  1\nlet b = {x: 1}\n";
const TIDY: &str = "let a = 1\nlet b = { x: 1 }\n";

#[test]
fn files_are_written_in_the_one_style() {
    let folder = Folder::with("fmt-write", &[("a.tess", UNTIDY), ("b/c.tess", UNTIDY), ("d.tess", TIDY)]);
    let called = folder.call(&["fmt", "."]);
    assert_eq!((called.code, called.out.as_str(), called.err.as_str()), (0, "", ""));
    assert_eq!((folder.read("a.tess").as_str(), folder.read("b/c.tess").as_str()), (TIDY, TIDY));
    assert_eq!(folder.list("."), ["a.tess", "b", "d.tess"]);
}

#[test]
fn checking_lists_what_would_change_and_changes_nothing() {
    let folder = Folder::with("fmt-check", &[("a.tess", UNTIDY), ("b.tess", TIDY)]);
    let called = folder.call(&["fmt", "--check", "a.tess", "b.tess"]);
    assert_eq!((called.code, called.out.as_str()), (1, "a.tess\n"));
    assert_eq!(folder.read("a.tess"), UNTIDY);
    assert_eq!(folder.call(&["fmt", "--check", "b.tess"]).code, 0);
}

#[test]
fn the_difference_is_a_patch() {
    let folder = Folder::with("fmt-diff", &[("a.tess", UNTIDY)]);
    let called = folder.call(&["fmt", "--diff", "a.tess"]);
    let expected =
        "--- a/a.tess\n+++ b/a.tess\n@@ -1,2 +1,2 @@\n-let a   =  1\n-let b = {x: 1}\n+let a = 1\n+let b = { x: 1 }\n";
    assert_eq!((called.code, called.out.as_str()), (0, expected));
    assert_eq!(folder.read("a.tess"), UNTIDY);
    assert_eq!(folder.call(&["fmt", "--diff", "--check", "a.tess"]).code, 1);
}

#[test]
fn standard_input_is_formatted_to_standard_output() {
    let folder = Folder::new("fmt-stdin");
    let called = folder.call_with(&["fmt", "-"], UNTIDY.as_bytes());
    assert_eq!((called.code, called.out.as_str()), (0, TIDY));
    assert_eq!(folder.call_with(&["fmt", "-", "--check"], UNTIDY.as_bytes()).code, 1);
    let called = folder.call_with(&["fmt", "-"], b"let = {\n");
    assert!(called.code == 1 && called.out.is_empty() && called.err.contains("<stdin>:1:"), "{}", called.err);
}

#[test]
fn a_file_with_a_mistake_is_left_and_the_others_are_formatted() {
    let folder = Folder::with("fmt-mistake", &[("a.tess", "let = {\n"), ("b.tess", UNTIDY)]);
    let called = folder.call(&["fmt", "."]);
    assert!(called.code == 1 && called.err.contains("a.tess:1:"), "{}", called.err);
    assert_eq!((folder.read("a.tess").as_str(), folder.read("b.tess").as_str()), ("let = {\n", TIDY));
}

#[test]
fn yaml_is_not_formatted() {
    let folder = Folder::with("fmt-yaml", &[("a.yaml", "a:   1\n")]);
    assert_eq!(folder.call(&["fmt", "a.yaml"]).code, 2);
}
