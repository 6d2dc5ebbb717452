//! Properties over every text of the repository, and over random changes to
//! them: a text prints back, nothing panics, hangs or overflows the stack,
//! formatting is idempotent and changes no meaning.
//!
//! `TESSERA_FUZZ_CASES` is the number of random texts; `TESSERA_FUZZ_SEED` the
//! first seed, to see a failure again. The text that is being tried is kept below
//! `target/tmp`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use tessera_compiler::format;
use tessera_compiler::source::FileId;
use tessera_compiler::syntax;
use tessera_tests::compile;
use tessera_tests::corpus::{Random, mutated, texts};

/// No text of the size that is tried here may take longer, in a debug build on
/// a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// The texts of the repository, without their paths.
fn corpus() -> Vec<String> {
    let corpus: Vec<String> = texts().unwrap().into_iter().map(|(_, text)| text).collect();
    assert!(corpus.len() > 20, "the corpus was not found");
    corpus
}

/// Calls the property with random texts and says at which seed it fails. Each
/// text is first written to a file, which stays where the process is aborted,
/// as it is when a stack overflows.
fn for_random_texts(name: &str, property: impl Fn(&str)) {
    let corpus = corpus();
    for_made_texts(
        name,
        |random| {
            let original = random.pick(&corpus).unwrap();
            mutated(original, &corpus, random)
        },
        property,
    );
}

fn for_made_texts(name: &str, make: impl Fn(&mut Random) -> String, property: impl Fn(&str)) {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.tess"));
    let first = number("TESSERA_FUZZ_SEED", 1);
    for seed in first..first + number("TESSERA_FUZZ_CASES", 400) {
        let text = make(&mut Random::new(seed));
        std::fs::write(&kept, &text).unwrap();
        let started = Instant::now();
        let held = catch_unwind(AssertUnwindSafe(|| property(&text)));
        let slow = started.elapsed() > LIMIT;
        assert!(held.is_ok() && !slow, "TESSERA_FUZZ_SEED={seed} TESSERA_FUZZ_CASES=1 fails (slow: {slow}):\n{text}");
    }
}

fn prints_back(text: &str) {
    let tree = syntax::parse(FileId(0), text).tree;
    let printed: String = tree.leaves().map(|leaf| tree.text(leaf, text)).collect();
    assert_eq!(printed, text);
}

#[test]
fn every_text_prints_back() {
    corpus().iter().for_each(|text| prints_back(text));
}

#[test]
fn random_texts_print_back() {
    for_random_texts("prints-back", prints_back);
}

#[test]
fn every_prefix_of_a_text_prints_back() {
    let text = include_str!("../../compiler/src/syntax/taste.tess");
    for (end, _) in text.char_indices() {
        prints_back(&text[..end]);
    }
}

#[test]
fn random_texts_are_checked_without_a_panic() {
    for_random_texts("checked", |text| {
        let compiled = compile::check(&[("main.tess".to_owned(), text.to_owned())]);
        // What is reported has a place that exists.
        for diagnostic in &compiled.diagnostics {
            let span = diagnostic.primary.span;
            let source = compiled.sources().get(span.file).expect("a diagnostic is about a known file");
            assert!(source.text.get(span.start as usize..span.end as usize).is_some(), "{diagnostic:?}");
        }
        let _ = compile::stage(&compiled, tessera_tests::suite::Stage::Human);
    });
}

/// A file that can be formatted is the same after a second time, keeps its
/// comments in their order, and means the same.
fn formats(text: &str) {
    let Ok(once) = format::format(text) else { return };
    let twice = format::format(&once);
    assert_eq!(twice.as_ref(), Ok(&once), "formatting twice differs");
    assert_eq!(comments(&once), comments(text), "comments differ");
    let build = |text: &str| compile::build(&[("main.tess".to_owned(), text.to_owned())]);
    let (before, after) = (build(text), build(&once));
    let codes =
        |c: &compile::Compiled| c.diagnostics.iter().map(|d| (d.code.id, d.message.clone())).collect::<BTreeSet<_>>();
    assert_eq!(codes(&before), codes(&after), "other diagnostics after formatting");
    assert_eq!(compile::manifests(&before), compile::manifests(&after), "other objects after formatting");
}

/// The words of each comment, in order: blanks within one may change.
fn comments(text: &str) -> Vec<String> {
    let tree = syntax::parse(FileId(0), text).tree;
    let is_comment = |leaf: &str| leaf.starts_with("//") || leaf.starts_with("/*");
    let leaves = tree.leaves().map(|leaf| tree.text(leaf, text)).filter(|leaf| is_comment(leaf));
    leaves.map(|comment| comment.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn every_text_is_formatted_once_and_for_all() {
    corpus().iter().for_each(|text| formats(text));
}

#[test]
fn random_texts_are_formatted_once_and_for_all() {
    for_random_texts("formats", formats);
}

/// Openers without an end: what makes parsers exponential or overflow.
#[test]
fn deep_and_unclosed_texts_end_soon() {
    let pieces = [
        "{",
        "(",
        "[",
        "\"${",
        "a: {",
        "[{",
        "if a { ",
        "for x in y { ",
        "-",
        "!",
        "a.",
        "a ? ",
        "? ",
        "f(",
        "match a { ",
        "/*",
        "\"\"\"",
        "composite A: b/v1 { ",
        "resource r: v1/ConfigMap { ",
        "type A = {a: ",
        "fn f() -> Int = ",
        "raw ",
        "...",
        "a => ",
        "if a then ",
        "Secret<",
        "{String: ",
        "a ?? ",
        "a || ",
        "x where ",
        "`",
        "r\"",
        "'",
        "b'",
        "// allow(",
        "0x",
        "\\",
        "${",
    ];
    for piece in pieces {
        for head in ["", "let a = ", "composite A: b/v1 { ", "resource r: v1/ConfigMap { data: { a: "] {
            let text = format!("{head}{}", piece.repeat(20_000 / piece.len()));
            let started = Instant::now();
            prints_back(&text);
            let _ = compile::check(&[("main.tess".to_owned(), text)]);
            assert!(started.elapsed() < LIMIT, "{head}{piece}… takes {:?}", started.elapsed());
        }
    }
}

/// Many openers and then closers that fit or not, on lines indented at random:
/// what the grammar reads must have its brackets in pairs, or it takes 2^n steps.
#[test]
fn random_brackets_end_soon() {
    let make = |random: &mut Random| {
        let mut text = String::from(if random.below(2) == 0 { "" } else { "let a = " });
        let kinds = ["(", "[", "{", "a: {", "\"${", "f("];
        let same = random.pick(&kinds).unwrap();
        for _ in 0..random.below(100) {
            text.push_str(if random.below(4) > 0 { same } else { random.pick(&kinds).unwrap() });
        }
        for _ in 0..random.below(60) {
            match random.below(8) {
                0 => text.push_str(&format!("\n{}", " ".repeat(random.below(8)))),
                1 => text.push_str(random.pick(&["b: 1", "\"", "x", ",", " ", "\"\"\"", "'", "//"]).unwrap()),
                2 => text.push_str(random.pick(&kinds).unwrap()),
                _ => text.push_str(random.pick(&["}", ")", "]"]).unwrap()),
            }
        }
        text
    };
    for_made_texts("brackets", make, prints_back);
}

/// Declarations that each need the next: as deep as files can be long.
#[test]
fn long_chains_end_soon() {
    let chains: [fn(usize) -> String; 5] = [
        |i| format!("let a{i} = a{} + 1\n", i + 1),
        |i| format!("type T{i} = {{ a: T{} }}\n", i + 1),
        |i| format!("fn f{i}(x: Int) -> Int = f{}(x)\n", i + 1),
        |i| format!("fn f{i}(x: Int = f{}()) -> Int = x\n", i + 1),
        |i| format!("let a{i}: Int = g(a{})\n", i + 1),
    ];
    for chain in chains {
        let text: String = (0..3_000).map(chain).collect();
        let started = Instant::now();
        let _ = compile::check(&[("main.tess".to_owned(), text)]);
        assert!(started.elapsed() < LIMIT, "{} takes {:?}", chain(0), started.elapsed());
    }
}
