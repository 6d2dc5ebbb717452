//! A compilation that takes over what an earlier one made says and builds what one from nothing does:
//! random edits over the examples, the suite's projects of several files and `tests/incremental`, which has
//! everything that one module can need of another.
//!
//! `TESSERA_FUZZ_CASES` is the number of edits, fourteen a seed, and `TESSERA_FUZZ_SEED` the first seed, to see a
//! failure again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::sync::LazyLock;

use tessera_compiler::compile::Settings;
use tessera_compiler::memo::Memo;
use tessera_tests::compile::{self, Compiled};
use tessera_tests::corpus::{File, Random, example, examples, mutated, project, root};
use tessera_tests::suite::{Case, cases};

/// The edits of one seed.
const EDITS: u64 = 14;

static PROJECTS: LazyLock<Vec<Vec<File>>> = LazyLock::new(|| {
    let folder = root().join("tests/incremental");
    let own = ["whole", "whole", "whole", "circle"].map(|name| project(&folder.join(name)).unwrap());
    let mut projects: Vec<Vec<File>> = examples().unwrap().iter().map(|name| example(name).unwrap()).collect();
    for (_, text) in cases(&root().join("tests/suite"), None).unwrap() {
        let files: Vec<File> = Case::parse(&text).unwrap().files.into_iter().map(|f| (f.path, f.text)).collect();
        if files.iter().filter(|(path, _)| path.ends_with(".tess")).count() > 1 {
            projects.push(files);
        }
    }
    assert!(own.iter().all(|files| files.len() > 1) && projects.len() > 15, "projects are missing");
    // Half of the seeds are for the projects that are made for this.
    let half = own.iter().cycle().take(projects.len()).cloned().collect::<Vec<_>>();
    projects.extend(half);
    projects
});

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// All that a compilation says and makes. What numbers functions have is nobody's concern.
fn told(compiled: &Compiled) -> Vec<String> {
    let compilation = &compiled.compilation;
    let mut told: Vec<String> = compiled.diagnostics.iter().map(|diagnostic| format!("{diagnostic:?}")).collect();
    told.push(serde_json::to_string_pretty(&compilation.document(|_| true)).unwrap());
    for composite in &compilation.composites {
        told.push(format!("{:?} {} {:?}", composite.decl, composite.ir.kind, composite.sound));
    }
    for instance in &compilation.instances {
        told.push(format!("{} {:?} {:?}", instance.composite.ir.kind, instance.name, instance.sound));
    }
    for built in &compilation.built {
        told.push(format!("{} {} {:?} {:?}", built.kind, built.name, built.instance, built.result));
    }
    told
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// The words of a text by their places.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        let word = rest[start..].split(|c| !is_word(c)).next().unwrap();
        found.push((text.len() - rest.len() + start, word));
        rest = &rest[start + word.len()..];
    }
    found
}

/// The paragraphs of a text, each with the blank line after it.
fn paragraphs(text: &str) -> Vec<String> {
    let found: Vec<String> = text.split_inclusive("\n\n").map(str::to_owned).collect();
    if found.is_empty() { vec![String::new()] } else { found }
}

/// What people do to a text, and what is hard for who takes over: words for others (of the same length
/// nothing moves), declarations that go, come, change places or are written twice, lines that move all
/// that follows.
fn edited(text: &str, original: &str, others: &[String], random: &mut Random) -> String {
    let words_here = words(text);
    let word = random.pick(&words_here).copied();
    let replace = |at: usize, long: usize, new: &str| format!("{}{new}{}", &text[..at], &text[at + long..]);
    match random.below(18) {
        0 | 1 => original.to_owned(),
        2 | 3 => {
            let Some((at, old)) = word else { return original.to_owned() };
            let other = random.pick(others).unwrap();
            let (words_there, same) = (words(other), random.below(2) == 0);
            let fitting: Vec<&str> =
                words_there.iter().map(|(_, new)| *new).filter(|new| !same || new.len() == old.len()).collect();
            random.pick(&fitting).map_or_else(|| text.to_owned(), |new| replace(at, old.len(), new))
        }
        4 => {
            let Some((at, old)) = word else { return original.to_owned() };
            let new = format!("{old}{}", random.pick(&["x", "-2", "1"]).unwrap());
            let everywhere = text.replace(old, &new);
            if random.below(2) == 0 { everywhere } else { replace(at, old.len(), &new) }
        }
        5 => {
            let Some((at, old)) = word else { return original.to_owned() };
            replace(at, old.len(), random.pick(&["1", "\"a\"", "true", "null", "5m", "[]", "{}"]).unwrap())
        }
        kind @ 6..=9 => {
            let mut parts = paragraphs(text);
            let (one, two) = (random.below(parts.len()), random.below(parts.len()));
            match kind {
                6 => drop(parts.remove(one)),
                7 => parts.swap(one, two),
                8 => parts.insert(two, parts[one].clone()),
                _ => {
                    let there = paragraphs(random.pick(others).unwrap());
                    parts.insert(one, random.pick(&there).unwrap().clone());
                }
            }
            parts.concat()
        }
        10 => format!("\n{text}"),
        11 => format!("{text}\nlet oops: Int = zzz\n"),
        12 => {
            let (Some((at, _)), true) = (word, !text.is_empty()) else { return original.to_owned() };
            let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
            format!("{}// {}", &text[..line], &text[line..])
        }
        13 => text.replacen("private ", "", 1),
        14 => {
            // A name that stands for something else; where it is as long, nothing moves.
            let kinds = ["let ", "fn ", "type ", "composite ", "let    ", "fn     ", "fn x() -> Int = 1 // "];
            let starts: Vec<(usize, &str)> = text
                .split_inclusive('\n')
                .scan(0, |at, line| Some((std::mem::replace(at, *at + line.len()), line)))
                .filter_map(|(at, line)| Some((at, *kinds.iter().find(|kind| line.starts_with(**kind))?)))
                .collect();
            let Some((at, old)) = random.pick(&starts).copied() else { return original.to_owned() };
            replace(at, old.len(), random.pick(&kinds).unwrap())
        }
        15 => {
            // What a constant is comes to be another name of the module: circles, chains, other types.
            let names: Vec<&str> =
                text.lines().filter_map(|line| line.strip_prefix("let ")?.split([' ', ':', '=']).next()).collect();
            let (Some(of), Some(to)) = (random.pick(&names), random.pick(&names)) else { return original.to_owned() };
            let Some(at) = text.find(&format!("\nlet {of}")) else { return original.to_owned() };
            let end = text[at + 1..].find('\n').map_or(text.len(), |end| at + 1 + end);
            replace(at, end - at, &format!("{:width$}", format!("\nlet {of} = {to}"), width = end - at))
        }
        16 => text.replacen("\nfn ", "\nprivate fn ", 1).replacen("\ntype ", "\nprivate type ", 1),
        _ => mutated(text, others, random),
    }
}

/// Mostly what a check asks for; now and then what a preview does.
fn settings(random: &mut Random, files: &[File]) -> Settings {
    let mut settings = Settings::default();
    match random.below(8) {
        0 => settings.build = true,
        1 => settings = Settings { partial: true, build: true, ..settings },
        2 => {
            let all: Vec<(usize, &str)> = files.iter().flat_map(|(_, text)| words(text)).collect();
            settings.instance = random.pick(&all).map(|(_, word)| (*word).to_owned());
        }
        _ => {}
    }
    settings
}

fn check(seed: u64) {
    let random = &mut Random::new(seed);
    let original = random.pick(&PROJECTS).unwrap();
    let others: Vec<String> = original.iter().map(|(_, text)| text.clone()).collect();
    let (mut files, memo) = (original.clone(), Memo::default());
    let mut last = usize::MAX;
    for edit in 0..=EDITS {
        let settings = settings(random, &files);
        let (again, fresh) = (compile::check_again(&files, &settings, &memo), compile::check_with(&files, &settings));
        let (again, fresh) = (told(&again), told(&fresh));
        if again != fresh {
            let at = again.iter().zip(&fresh).take_while(|(one, other)| one == other).count();
            let (one, other) = (again.get(at).map_or("", String::as_str), fresh.get(at).map_or("", String::as_str));
            let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
            let shown = |text: &str| text.chars().skip(same.saturating_sub(200)).take(600).collect::<String>();
            panic!(
                "TESSERA_FUZZ_SEED={seed} TESSERA_FUZZ_CASES=1: after {edit} edits, the last in {:?}\n\
                 where the last compilation is known:\n{}\nfrom nothing:\n{}\n{}",
                files.get(last).map(|(path, _)| path),
                shown(one),
                shown(other),
                files.iter().map(|(path, text)| format!("//- {path}\n{text}")).collect::<String>(),
            );
        }
        // Often the same file again.
        let at = if last < files.len() && random.below(2) == 0 { last } else { random.below(files.len()) };
        last = at;
        files[at].1 = edited(&files[at].1, &original[at].1, &others, random);
    }
}

#[test]
fn what_is_taken_over_is_what_would_be_made() {
    let first = number("TESSERA_FUZZ_SEED", 1);
    for seed in first..first + number("TESSERA_FUZZ_CASES", 400).div_ceil(EDITS) {
        check(seed);
    }
}

/// Checks a project in several states, one after the other, with what is kept.
fn states(states: &[&[(&str, &str)]], expected: &[&[&str]]) {
    let memo = Memo::default();
    for (state, expected) in states.iter().zip(expected) {
        let files: Vec<File> = state.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let again = compile::check_again(&files, &Settings::default(), &memo);
        let messages: Vec<&str> = again.diagnostics.iter().map(|d| d.message.as_str()).collect();
        assert_eq!(messages.len(), expected.len(), "{messages:?}");
        let shown = format!("{:?}", again.diagnostics);
        assert!(expected.iter().all(|part| shown.contains(part)), "{expected:?} is not in {shown}");
        assert_eq!(told(&again), told(&compile::check_with(&files, &Settings::default())));
    }
}

#[test]
fn what_is_suggested_follows_what_all_modules_have() {
    let instance = ("a.tess", "module a\n\nPart one { }\n");
    let composite = |name: &str| format!("module b\n\ncomposite {name}: made.example.com/v1 {{ }}\n");
    let (part, other) = (composite("Part"), composite("Mill"));
    states(
        &[&[instance, ("b.tess", &other)], &[instance, ("b.tess", &part)], &[instance, ("b.tess", &other)]],
        &[&["declare it with `composite`"], &["import it: `use b.{ Part }`"], &["declare it with `composite`"]],
    );
}

#[test]
fn what_was_missing_in_another_module_is_found_when_it_comes() {
    let reader = ("a.tess", "module a\n\nuse b\n\nlet x: Int = b.y\n");
    let states_of =
        ["module b\n", "module b\n\nlet y = 1\n", "module b\n\nprivate let y = 1\n", "module b\n\nlet y = \"\"\n"];
    let all: Vec<Vec<(&str, &str)>> = states_of.iter().map(|text| vec![reader, ("b.tess", text)]).collect();
    let all: Vec<&[(&str, &str)]> = all.iter().map(Vec::as_slice).collect();
    states(&all, &[&["has no `y`"], &[], &["is private", "never used"], &["Int"]]);
}

#[test]
fn a_name_that_comes_may_stand_in_front_of_another() {
    let text = |more: &str| {
        format!("module a\n\ntype Plan = {{ name: String }}\n\nlet plan: Plan = {{ name: \"a\" }}\n{more}")
    };
    let (without, with) = (text(""), text("\ntype String = Int\n"));
    states(&[&[("a.tess", &without)], &[("a.tess", &with)], &[("a.tess", &without)]], &[&[], &["Int"], &[]]);
}

#[test]
fn who_reads_by_way_of_another_modules_imports_follows_them() {
    let top = ("a.tess", "module a\n\nuse b\n\nlet x: b.c.T = 1\n");
    let (one, two) = (("c.tess", "module c\n\ntype T = Int\n"), ("d.tess", "module d\n\ntype T = String\n"));
    let middle = |of: &str| format!("module b\n\nuse {of} as c\n\nlet y: c.T? = null\n");
    let (first, second) = (middle("c"), middle("d"));
    states(
        &[&[top, ("b.tess", &first), one, two], &[top, ("b.tess", &second), one, two]],
        &[&["expected a T, found null"], &["expected a T, found null", "String"]],
    );
}

#[test]
fn the_last_resource_of_a_top_level_goes() {
    let one = "resource one: v1/ConfigMap {\n  data: { a: \"b\" }\n}\n";
    let both = format!("{one}\nresource two: v1/ConfigMap {{\n  data: {{ a: \"c\" }}\n}}\n");
    states(&[&[("a.tess", &both)], &[("a.tess", one)], &[("a.tess", &both)]], &[&[], &[], &[]]);
}

/// Projects of two modules in two states, with what is said in each.
fn pairs(reader: &str, states_of: &[&str], expected: &[&[&str]]) {
    let all: Vec<Vec<(&str, &str)>> = states_of.iter().map(|text| vec![("a.tess", reader), ("b.tess", text)]).collect();
    let all: Vec<&[(&str, &str)]> = all.iter().map(Vec::as_slice).collect();
    states(&all, expected);
}

#[test]
fn what_a_name_stands_for_is_needed_even_where_it_cannot_stand() {
    let kinds = ["fn n() -> Int = 1", "let n = 1", "type n = Int", "let m = 1", "composite n: a.b/v1 { }"];
    let modules = kinds.map(|kind| format!("module b\n\n{kind}\n"));
    let modules: Vec<&str> = modules.iter().map(String::as_str).collect();
    let read = "module a\n\nuse b\n\nlet x = b.n\n";
    pairs(read, &modules, &[&["is a function"], &[], &["is a type"], &["has no `n`"], &["capital", "is a composite"]]);
    let call = "module a\n\nuse b\n\nlet x = b.n()\n";
    let not = "is not a function";
    pairs(call, &modules, &[&[], &[not], &[not], &["has no `n`"], &["capital", not]]);
    // In one module, and seen from another.
    let read = "module a\n\nuse b\n\nlet s: String = b.x\n";
    let states_of = ["module b\n\nlet x = n\nlet n = 1\n", "module b\n\nlet x = n\nfn n() -> Int = 1\n"];
    pairs(read, &states_of, &[&["expected a String"], &["is a function"]]);
}

#[test]
fn who_closes_a_circle_decides_what_is_missing() {
    let read = "module a\n\nuse b\n\nlet x: b.A = { b: 1 }\n";
    let types = |q: &str| format!("module b\n\ntype Q = {q}\n\ntype A = {{ b: B }}\n\ntype B = {{ a: A }}\n");
    pairs(read, &[&types("Int"), &types("[B]"), &types("Int")], &[&["", ""], &[""], &["", ""]]);
    let read = "module a\n\nuse b\n\nlet s: String = b.a\n";
    let lets = |q: &str| format!("module b\n\nlet q = {q}\n\nlet a = b.size()\n\nlet b = [a]\n");
    pairs(read, &[&lets("1"), &lets("b"), &lets("1")], &[&["", ""], &[""], &["", ""]]);
}

#[test]
fn an_error_is_told_whoever_needs_it_first() {
    let before =
        "type U = { kind: \"a\", x: Int } | { kind: \"b\", y: Int }\nlet v: U = { kind: n, x: 1 }\nlet n = zzz\n";
    let after =
        "type U = { kind: \"a\", x: Int } | { kind: \"b\", y: Int }\nlet n = zzz\nlet v: U = { kind: n, x: 1 }\n";
    states(&[&[("a.tess", before)], &[("a.tess", after)]], &[&["there is no `zzz`"], &["there is no `zzz`"]]);
    let unknown = "let y = nofn(n)\nlet n = 1 + \"a\"\n";
    states(&[&[("a.tess", unknown)]], &[&["nofn", "`+` does not work on Int and String"]]);
    let unknown = "let y = nofn(f())\nfn f(a: Zzz) -> Int = 1\n";
    states(&[&[("a.tess", unknown)]], &[&["nofn", "Zzz"]]);
}
