//! What people read.

use std::sync::Arc;

use super::*;
use crate::source::{FileId, SourceMap, Span};

const ASCII: Options = Options { color: false, width: 80, unicode: false };

fn map(files: &[(&str, &str)]) -> SourceMap {
    let mut sources = SourceMap::default();
    for (path, text) in files {
        sources.add(path, Arc::from(*text));
    }
    sources
}

/// The span of the first `what` in the file.
fn at(sources: &SourceMap, file: u32, what: &str) -> Span {
    let text = &sources.get(FileId(file)).unwrap().text;
    let start = text.find(what).unwrap();
    Span::new(FileId(file), start as u32, (start + what.len()) as u32)
}

#[test]
fn a_diagnostic_with_two_files_notes_help_and_a_fix() {
    let sources =
        map(&[("a.tess", "x: 1\nspec: {\n  replcas: 2\n}\n"), ("b.tess", "// ü\ntype T = { replicas: Int }\n")]);
    let here = at(&sources, 0, "replcas");
    let diagnostic = Diagnostic::new(&E0302, here, "`Spec` has no field `replcas`")
        .label("no such field")
        .also(at(&sources, 1, "replicas"), "this one is near")
        .note("fields: replicas")
        .fix("replace it with `replicas`", here, "replicas", true);
    insta::assert_snapshot!(render_human(&[diagnostic], &sources, ASCII), @r"
    error[E0302]: `Spec` has no field `replcas`
       ,-[ a.tess:3:3 ]
       |
     3 |   replcas: 2
       |   ^^^|^^^
       |      `----- no such field
       |
       |-[ b.tess:2:12 ]
       |
     2 | type T = { replicas: Int }
       |            ^^^^|^^^
       |                `----- this one is near
       |
       | Help: replace it with `replicas` (`tessera check --fix` does it)
       |
       | Note: fields: replicas
    ---'
    ");
}

#[test]
fn a_place_of_many_lines_is_shown_by_its_first() {
    let text = "spec: {\n  a: 1\n  b: 2\n  c: 3\n}\n";
    let sources = map(&[("a.tess", text)]);
    let diagnostic = Diagnostic::new(&E0303, Span::new(FileId(0), 6, 30), "`name` is missing");
    let out = render_human(&[diagnostic], &sources, ASCII);
    insta::assert_snapshot!(out, @r"
    error[E0303]: `name` is missing
       ,-[ a.tess:1:7 ]
       |
     1 | spec: {
       |       |
       |       `-- here
    ---'
    ");
}

#[test]
fn places_at_the_end_and_beyond_are_clamped() {
    let sources = map(&[("a.tess", "a: {\n"), ("b.tess", "é"), ("empty.tess", ""), ("crlf.tess", "a\r\nb\r\n")]);
    for (file, start, end) in
        [(0, 5, 5), (0, 4, 5), (0, 99, 200), (1, 1, 1), (1, 2, 2), (1, 0, 1), (2, 0, 0), (3, 1, 3), (9, 0, 1)]
    {
        let diagnostic = Diagnostic::new(&E0102, Span::new(FileId(file), start, end), "brace").label("not closed");
        let out = render_human(&[diagnostic], &sources, Options::default());
        assert!(out.contains("error[E0102]: brace"), "{out}");
        assert_eq!(out.contains("not closed"), !matches!(file, 2 | 9), "{file} {start} {out}");
    }
}

#[test]
fn long_lines_are_cut_round_the_place() {
    let text = format!("{}bad{}\n", "x".repeat(50_000), "y".repeat(50_000));
    let sources = map(&[("a.yaml", &text)]);
    let diagnostic = Diagnostic::new(&E0902, at(&sources, 0, "bad"), "bad").label("this");
    let out = render_human(&[diagnostic], &sources, ASCII);
    assert!(out.lines().all(|l| l.chars().count() < 100), "{out}");
    assert!(out.contains("a.yaml:1:"), "{out}");
    assert!(out.contains("bady"), "{out}");
}

#[test]
fn nothing_that_steers_a_terminal_gets_through() {
    let sources = map(&[("a\u{1b}[2J.tess", "a \u{1b}[31m\u{202e}\u{85}b\n")]);
    let diagnostic = Diagnostic::new(&E0004, Span::new(FileId(0), 2, 3), "bad \u{1b}[0m")
        .label("\u{7}")
        .note("\u{9b}")
        .help("\u{8}");
    let out = render_human(&[diagnostic], &sources, Options::default());
    assert!(!out.contains(|c: char| c != '\n' && (c.is_control() || c == '\u{202e}')), "{out:?}");
    assert!(out.contains("a.tess") || out.contains(".tess:1:3"), "{out}");
}

#[test]
fn order_and_doubles() {
    let sources = map(&[("z.tess", "one two"), ("a.tess", "one two")]);
    let make = |file, start, text: &str| Diagnostic::new(&E0201, Span::new(FileId(file), start, start + 3), text);
    let all = [make(0, 4, "d"), make(0, 0, "c"), make(1, 4, "b"), make(1, 0, "a"), make(0, 0, "c")];
    let messages: Vec<&str> = sorted(&all, &sources).iter().map(|d| d.message.as_str()).collect();
    assert_eq!(messages, ["a", "b", "c", "d"]);
    let mut all = all.to_vec();
    all.push(Diagnostic::new(&W0801, Span::new(FileId(0), 0, 3), "w"));
    assert_eq!(summary(&all, &sources), "4 errors, 1 warning in 2 files; `tessera explain E0201` says more");
    assert_eq!(summary(&[], &sources), "");
    assert_eq!(summary(&all[..1], &sources), "1 error in 1 file; `tessera explain E0201` says more");
}

#[test]
fn ten_thousand_errors_are_bounded() {
    let text = "line of text\n".repeat(10_000);
    let sources = map(&[("a.tess", &text)]);
    let all: Vec<Diagnostic> = (0..10_000)
        .map(|i| Diagnostic::new(&E0201, Span::new(FileId(0), i * 13, i * 13 + 4), format!("no {i}")))
        .collect();
    let out = render_human(&all, &sources, ASCII);
    assert_eq!(out.matches("error[").count(), MAX_SHOWN);
    assert!(out.ends_with("… and 9,900 more diagnostics like these\n\n"), "{}", &out[out.len() - 100..]);
    assert!(summary(&all, &sources).starts_with("10,000 errors in 1 file"));
}

#[test]
fn long_notes_are_wrapped() {
    let sources = map(&[("a.tess", "abc")]);
    let note = "word ".repeat(60);
    let diagnostic = Diagnostic::new(&E0201, Span::new(FileId(0), 0, 3), "m").note(note);
    let out = render_human(&[diagnostic], &sources, ASCII);
    assert!(out.lines().all(|l| l.chars().count() <= 90), "{out}");
    assert_eq!(out.matches("word").count(), 60);
}

#[test]
fn colour_is_used_only_when_asked_for() {
    let sources = map(&[("a.tess", "abc")]);
    let all = [Diagnostic::new(&E0201, Span::new(FileId(0), 0, 3), "m")];
    assert!(!render_human(&all, &sources, Options::default()).contains('\u{1b}'));
    assert!(render_human(&all, &sources, Options { color: true, ..Options::default() }).contains('\u{1b}'));
}
