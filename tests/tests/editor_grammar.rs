//! The TextMate grammar of editors, made of the compiler's own words and signs.
//!
//! It reads one line at a time and knows no tree, so it tells keywords from
//! names by what stands around them. Editors with semantic tokens put those on
//! top; this is what is there before the server is, and where there is none.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::fs;

use serde_json::{Value, json};
use tessera_compiler::source::FileId;
use tessera_compiler::syntax::tokens::{
    CONNECTING, CONSTANTS, DECLARING, MODIFYING, OPERATORS, RAW, RESERVED, SIGNS, STATING,
};
use tessera_tests::corpus::root;

/// A name, as the grammar of the language has it.
const NAME: &str = r"(?:[A-Za-z_]\w*(?:-\w+)*|`[^`]*`)";
/// No word, access or path ends here; what is spread may begin.
const START: &str = r"(?:(?<=\.\.\.)|(?<![\w.`-])(?<!\w/))";
/// The word ends here.
const END: &str = r"(?![\w`]|-\w)";

fn alternatives<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().collect::<Vec<_>>().join("|")
}

/// The characters as a regular expression that matches them.
fn literal(sign: &str) -> String {
    sign.chars().map(|c| if c.is_ascii_punctuation() { format!("\\{c}") } else { c.to_string() }).collect()
}

fn named(name: &str, pattern: &str) -> Value {
    json!({ "name": name, "match": pattern })
}

/// A pattern whose groups have names; an empty one is left out.
fn grouped(pattern: &str, groups: &[&str]) -> Value {
    let captures: serde_json::Map<String, Value> =
        groups.iter().enumerate().map(|(i, name)| ((i + 1).to_string(), json!({ "name": name }))).collect();
    json!({ "match": pattern, "captures": captures })
}

fn included(names: &[&str]) -> Value {
    names.iter().map(|name| json!({ "include": format!("#{name}") })).collect()
}

/// A string literal, with what is seen inside. The short ones end with the line.
fn text(prefix: &str, quotes: &str, inside: &[&str]) -> Value {
    let name = if prefix.is_empty() && quotes.starts_with('"') { "double" } else { "other" };
    let (name, end) = if quotes.len() == 1 {
        (name.to_owned(), format!("{quotes}|$"))
    } else {
        (format!("{name}.block"), quotes.to_owned())
    };
    let begin = if prefix.is_empty() { quotes.to_owned() } else { format!("(?<![\\w`-]){prefix}{quotes}") };
    json!({
        "name": format!("string.quoted.{name}.tessera"),
        "begin": begin,
        "end": end,
        "beginCaptures": { "0": { "name": "punctuation.definition.string.begin.tessera" } },
        "endCaptures": { "0": { "name": "punctuation.definition.string.end.tessera" } },
        "patterns": included(inside),
    })
}

fn strings() -> Value {
    let (triple, double) = ("\"\"\"", "\"");
    let computed = &["escape", "interpolation"][..];
    // Raw ones take no escapes; of CEL's forms none is computed. The longer openers come first.
    let forms = [
        ("(?:[bB][rR]|[rR][bB]?)", [(triple, &[][..]), (double, &[]), ("'''", &[]), ("'", &[])]),
        ("[bB]", [(triple, &["escape"]), (double, &["escape"]), ("'''", &["escape"]), ("'", &["escape"])]),
        ("", [(triple, computed), (double, computed), ("'''", &["escape"]), ("'", &["escape"])]),
    ];
    let patterns: Vec<Value> = forms
        .into_iter()
        .flat_map(|(prefix, forms)| forms.map(|(quotes, inside)| text(prefix, quotes, inside)))
        .collect();
    json!({ "patterns": patterns })
}

fn keywords() -> Vec<Value> {
    let values = "[^\\s=:.,;)\\]}?&|<>+*/%-]";
    let naming = alternatives(DECLARING.into_iter().chain(STATING));
    // With `in`, `then` and the like after it, it is a name.
    let not_name = alternatives(["in", "then", "else", "on", "by", "where"]);
    let before_name =
        |words: &str| format!(r#"{START}(?:{words}){END}(?=\s+[A-Za-z_`"])(?!\s+(?:{not_name}){END}(?!\s*:))"#);
    let stating = alternatives(STATING.into_iter().filter(|w| *w != "ready" && *w != "scope"));
    let before_value = r#"(?<=[\w\])}>?"'`] )"#;
    let mut patterns = vec![
        grouped(
            &format!(r"{START}(composite)\s+({NAME})\s*:\s*([\w.-]+/[\w.-]+)"),
            &["keyword.declaration.tessera", "entity.name.class.tessera", "support.type.api.tessera"],
        ),
        grouped(
            &format!(r"{START}(fn)\s+({NAME})(?=\s*\()"),
            &["keyword.declaration.tessera", "entity.name.function.tessera"],
        ),
        grouped(
            &format!(r"{START}(type)\s+({NAME})(?=\s*=)"),
            &["keyword.declaration.tessera", "entity.name.type.tessera"],
        ),
        grouped(
            &format!(r"{START}(param)\s+({NAME})(?=\s*:)"),
            &["keyword.declaration.tessera", "variable.parameter.tessera"],
        ),
        grouped(
            &format!(r"{START}(let|output)\s+({NAME})(?=\s*[:=])"),
            &["keyword.declaration.tessera", "variable.other.constant.tessera"],
        ),
        grouped(
            &format!(r"{START}(module)\s+({NAME}(?:\.{NAME})*)"),
            &["keyword.declaration.tessera", "entity.name.namespace.tessera"],
        ),
        grouped(&format!(r"{START}(ready)\s+(when){END}"), &["keyword.declaration.tessera", "keyword.control.tessera"]),
        named("keyword.declaration.tessera", &before_name(&naming)),
        named("keyword.control.tessera", &before_name(&alternatives(CONNECTING))),
        // What states something may be followed by any value, where a member begins.
        grouped(
            &format!(r"(?:^|(?<=[{{;]))\s*((?:{stating}){END})(?=\s+(?!!=){values})"),
            &["keyword.declaration.tessera"],
        ),
        // Between a value or type and a value.
        named("keyword.control.tessera", &format!(r"{before_value}(?:by|where){END}(?=\s+[^\s=:.,)\]}}])")),
        grouped(&format!(r"^\s*(by|where){END}(?=\s+[^\s=:.,)\]}}])"), &["keyword.control.tessera"]),
        named("keyword.other.tessera", &format!(r#"{START}{RAW}(?=\s*["'\[{{]|\s*[rR]["']|\s+[\w.-]+/)"#)),
    ];
    let reserved = alternatives(RESERVED);
    patterns.push(named("keyword.control.tessera", &format!("{START}(?:{reserved}){END}")));
    patterns
}

/// From the keyword of a resource to its body: here alone stand modifiers.
fn head() -> Value {
    let modifiers = alternatives(MODIFYING);
    let mut patterns = vec![
        json!({ "include": "#comments" }),
        grouped(&format!(r"{START}(ready)\s+(when){END}"), &["keyword.declaration.tessera", "keyword.control.tessera"]),
        named("keyword.other.tessera", &format!("{START}(?:after|{modifiers}){END}")),
        named("keyword.other.tessera", &format!(r"{START}{RAW}(?=\s+[\w.-]+/)")),
        named("entity.name.type.kind.tessera", r"(?:[\w.-]+/)?v\d\w*/[A-Za-z]\w*"),
    ];
    patterns.push(json!({ "include": "#expression" }));
    json!({
        "begin": format!(r"{START}(resource|external)\s+({NAME})\s*(:)"),
        "beginCaptures": {
            "1": { "name": "keyword.declaration.tessera" },
            "2": { "name": "variable.other.resource.tessera" },
            "3": { "name": "punctuation.separator.tessera" },
        },
        "end": r"(?=[{}])|(?<![!<>=])(?==(?![=>]))",
        "patterns": patterns,
    })
}

fn words() -> Vec<Value> {
    vec![
        grouped(
            &format!(
                r#"^\s*((?:{NAME}\.)*[A-Z]\w*)\s+({NAME}|[\w.-]+|"[^"]*")(?:\s+(in)\s+([\w.-]+|`[^`]*`))?\s*(?=\{{)"#
            ),
            &["entity.name.type.tessera", "entity.name.tessera", "keyword.control.tessera", "entity.name.tessera"],
        ),
        named("constant.language.tessera", &format!("{START}(?:{}){END}", alternatives(CONSTANTS))),
        named("variable.language.tessera", &format!("{START}(?:self|it){END}")),
        named("entity.name.type.kind.tessera", r"(?<![\w.-])(?:[\w.-]+/)?v\d\w*/[A-Z]\w*"),
        named("constant.numeric.tessera", r"(?<![\w`])0[xXoObB]\w*"),
        named("constant.numeric.tessera", r"(?<![\w`])(?:\.\d|\d)(?:[eE][+-](?=\d)|\w|\.(?=\d))*"),
        named("entity.name.function.tessera", &format!(r"{NAME}(?=\()")),
        named("entity.name.type.tessera", r"(?<![\w`.-])[A-Z]\w*(?:-\w+)*"),
        named("variable.other.tessera", NAME),
    ]
}

fn signs() -> Vec<Value> {
    let mut all: Vec<&str> = OPERATORS.into_iter().chain(SIGNS).collect();
    all.sort_by_key(|sign| std::cmp::Reverse(sign.len()));
    let operators = all.into_iter().map(literal).collect::<Vec<_>>().join("|");
    vec![named("keyword.operator.tessera", &operators), named("punctuation.separator.tessera", "[,;:.]")]
}

/// The whole grammar.
fn grammar() -> Value {
    let patterns = |all: Vec<Value>| json!({ "patterns": all });
    let nested =
        |begin: &str, end: &str| json!({ "begin": begin, "end": end, "patterns": included(&["nested", "expression"]) });
    json!({
        "name": "Tessera",
        "scopeName": "source.tessera",
        "comment": "Made by tests/tests/editor_grammar.rs from compiler/src/syntax/tokens.rs: run it with UPDATE_DOCUMENTATION=1.",
        "patterns": included(&["expression"]),
        "repository": {
            "expression": { "patterns": included(&["comments", "keys", "strings", "head", "keywords", "words", "signs"]) },
            "comments": patterns(vec![
                named("comment.line.documentation.tessera", "///(?!/).*$"),
                named("comment.line.double-slash.tessera", "//.*$"),
                json!({ "name": "comment.block.tessera", "begin": r"/\*", "end": r"\*/" }),
            ]),
            // `if:` is a key, and `a ? b : c` has none: its colon stands alone.
            "keys": patterns(vec![grouped(
                r"(?<![\w.`/-])([A-Za-z0-9_](?:[\w/-]|\.(?!\.))*)(\??)(?=:(?!:))",
                &["variable.other.property.tessera", "keyword.operator.tessera"],
            )]),
            "strings": strings(),
            "escape": named("constant.character.escape.tessera", r"\\(?:[xX][0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-3][0-7]{2}|.)"),
            "interpolation": {
                "name": "meta.embedded.expression.tessera",
                "begin": r"\$\{",
                "end": r"\}",
                "beginCaptures": { "0": { "name": "punctuation.section.embedded.begin.tessera" } },
                "endCaptures": { "0": { "name": "punctuation.section.embedded.end.tessera" } },
                "patterns": included(&["nested", "expression"]),
            },
            // Braces inside an interpolation do not end it.
            "nested": nested(r"\{", r"\}"),
            "head": head(),
            "keywords": patterns(keywords()),
            "words": patterns(words()),
            "signs": patterns(signs()),
        },
    })
}

/// `UPDATE_DOCUMENTATION=1` writes it anew.
#[test]
fn the_grammar_of_editors_is_made_of_the_compilers_tokens() {
    let path = root().join("vscode-extension/syntaxes/tessera.tmLanguage.json");
    let made = format!("{}\n", serde_json::to_string_pretty(&grammar()).unwrap());
    if std::env::var_os("UPDATE_DOCUMENTATION").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(there == made, "{}: run again with UPDATE_DOCUMENTATION=1", path.display());
}

/// A snippet with its defaults put in.
fn expanded(body: &str) -> String {
    let (mut out, mut defaults, mut rest) = (String::new(), Vec::new(), body);
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(inner) = rest.strip_prefix('{') {
            let (place, after) = inner.split_once('}').unwrap();
            let (number, default) = place.split_once(':').unwrap();
            defaults.push((number.to_owned(), default.to_owned()));
            out.push_str(default);
            rest = after;
        } else {
            let number = rest.chars().take_while(char::is_ascii_digit).collect::<String>();
            rest = &rest[number.len()..];
            out.extend(defaults.iter().find(|(n, _)| *n == number).map(|(_, default)| default.as_str()));
        }
    }
    out + rest
}

#[test]
fn every_snippet_is_right_as_it_is_put_in() {
    let path = root().join("vscode-extension/snippets/tessera.json");
    let all: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    for (name, snippet) in all.as_object().unwrap() {
        let lines: Vec<&str> = snippet["body"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        let text = expanded(&lines.join("\n"));
        let is_declaration = ["composite", "type", "fn"].iter().any(|word| snippet["prefix"] == *word);
        let text = if is_declaration {
            text
        } else {
            // What refers to a resource finds one.
            let server = if name == "Ready" { "  resource server: apps/v1/Deployment = {}\n" } else { "" };
            format!("composite A: example.com/v1 {{\n{server}{text}\n}}\n")
        };
        let found = tessera_compiler::syntax::parse(FileId(0), &text).diagnostics;
        assert!(found.is_empty(), "{name}:\n{text}\n{found:#?}");
        if name != "Ready" {
            let found = tessera_tests::compile::check(&[("a.tess".to_owned(), text.clone())]).diagnostics;
            let errors: Vec<_> = found.iter().filter(|d| d.code.id.starts_with('E')).collect();
            assert!(errors.is_empty(), "{name}:\n{text}\n{errors:#?}");
        }
    }
}
