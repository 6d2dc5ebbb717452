//! What machines read: JSON, SARIF, GitHub's commands, fixed texts; and the
//! form of the pages.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::source::{FileId, SourceMap, Span};

fn sources() -> SourceMap {
    let mut sources = SourceMap::default();
    sources.add("dir/ü a.tess", Arc::from("// é\nspec: {\n  replcas: 2\n}\n"));
    sources.add("b.tess", Arc::from("type T = { replicas: Int }\n"));
    sources
}

/// The place of `replcas`: byte 16 to 23, line 3, columns 3 to 10.
const HERE: Span = Span::new(FileId(0), 16, 23);

fn example() -> Diagnostic {
    Diagnostic::new(&E0302, HERE, "`Spec` has no field `replcas`")
        .label("no such field")
        .also(Span::new(FileId(1), 11, 19), "this one is near")
        .note("fields: replicas")
        .help("look again, 100%:\nit is near")
        .fix("replace it with `replicas`", HERE, "replicas", true)
}

fn warning() -> Diagnostic {
    Diagnostic::new(&W0801, Span::new(FileId(1), 0, 26), "`T` is never used")
}

#[test]
fn json_has_the_documented_form() {
    let text = render_json(&[example(), warning(), example()], &sources());
    let read: Value = serde_json::from_str(&text).unwrap();
    let start = json!({ "offset": 16, "line": 3, "column": 3 });
    let end = json!({ "offset": 23, "line": 3, "column": 10 });
    let first = json!({
        "code": "E0302",
        "severity": "error",
        "message": "`Spec` has no field `replcas`",
        "primary": { "file": "dir/ü a.tess", "start": start, "end": end, "message": "no such field" },
        "secondary": [{
            "file": "b.tess",
            "start": { "offset": 11, "line": 1, "column": 12 },
            "end": { "offset": 19, "line": 1, "column": 20 },
            "message": "this one is near",
        }],
        "notes": ["fields: replicas"],
        "help": "look again, 100%:\nit is near",
        "fixes": [{
            "title": "replace it with `replicas`",
            "safe": true,
            "edits": [{ "file": "dir/ü a.tess", "start": start, "end": end, "text": "replicas" }],
        }],
    });
    assert_eq!(read["diagnostics"][1], first);
    assert_eq!(read["diagnostics"].as_array().unwrap().len(), 2);
    assert_eq!((&read["errors"], &read["warnings"]), (&json!(1), &json!(1)));
    assert_eq!(render_json(&[], &sources()), "{\n  \"diagnostics\": [],\n  \"errors\": 0,\n  \"warnings\": 0\n}\n");
}

/// What SARIF's schema requires of the objects that are written.
fn check_sarif(log: &Value) {
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "tessera");
    let rules = driver["rules"].as_array().unwrap();
    assert_eq!(rules.len(), ALL.len());
    for rule in rules {
        assert!(rule["id"].is_string() && rule["shortDescription"]["text"].is_string());
        assert!(rule["help"]["text"].is_string());
    }
    for result in run["results"].as_array().unwrap() {
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        for location in result["locations"].as_array().unwrap() {
            let physical = &location["physicalLocation"];
            assert!(physical["artifactLocation"]["uri"].is_string());
            for field in ["startLine", "startColumn", "endLine", "endColumn"] {
                assert!(physical["region"][field].as_u64().unwrap() >= 1);
            }
        }
        for fix in result["fixes"].as_array().unwrap_or(&Vec::new()) {
            for change in fix["artifactChanges"].as_array().unwrap() {
                assert!(change["artifactLocation"]["uri"].is_string());
                let replacements = change["replacements"].as_array().unwrap();
                assert!(replacements.iter().all(|r| r["deletedRegion"]["startLine"].is_u64()));
            }
        }
    }
}

#[test]
fn sarif_has_what_its_schema_requires() {
    let text = render_sarif(&[example(), warning()], &sources());
    let log: Value = serde_json::from_str(&text).unwrap();
    check_sarif(&log);
    let result = &log["runs"][0]["results"][1];
    assert_eq!(result["ruleId"], "E0302");
    assert_eq!(
        result["locations"][0]["physicalLocation"],
        json!({
            "artifactLocation": { "uri": "dir/%C3%BC%20a.tess" },
            "region": {
                "startLine": 3, "startColumn": 3, "endLine": 3, "endColumn": 10, "byteOffset": 16, "byteLength": 7,
            },
        })
    );
    assert_eq!(result["relatedLocations"][0]["id"], 0);
    assert_eq!(result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"], "replicas");
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let page_of = |id: &str| rules.iter().find(|r| r["id"] == id).unwrap()["help"]["markdown"].as_str();
    assert!(page_of("E0302").unwrap().starts_with("# E0302: unknown field"));
    assert_eq!(page_of("E0301"), None);
    check_sarif(&serde_json::from_str(&render_sarif(&[], &sources())).unwrap());
}

#[test]
fn github_commands_are_escaped() {
    assert_eq!(
        render_github(&[example()], &sources()),
        "::error file=dir/ü a.tess,line=3,endLine=3,col=3,endColumn=10,title=E0302%3A unknown field::\
         `Spec` has no field `replcas`%0Anote: fields: replicas%0Ahelp: look again, 100%25:%0Ait is near%0A\
         fix: replace it with `replicas`\n"
    );
    let mut sources = SourceMap::default();
    sources.add("a,b:c.tess", Arc::from("one\ntwo\n"));
    let diagnostic = Diagnostic::new(&W0801, Span::new(FileId(0), 0, 7), "m");
    assert_eq!(
        render_github(&[diagnostic], &sources),
        "::warning file=a%2Cb%3Ac.tess,line=1,endLine=2,title=W0801%3A never used::m\n"
    );
}

fn fix(edits: &[(u32, u32, u32, &str)], safe: bool) -> Diagnostic {
    let edits: Vec<Edit> = edits
        .iter()
        .map(|(file, start, end, text)| Edit { span: Span::new(FileId(*file), *start, *end), text: (*text).to_owned() })
        .collect();
    let mut diagnostic = Diagnostic::new(&E0201, edits[0].span, format!("{edits:?}"));
    diagnostic.fixes.push(Fix { title: "t".to_owned(), edits, safe });
    diagnostic
}

fn fixed(diagnostics: &[Diagnostic], safe_only: bool) -> Vec<(u32, String, usize)> {
    let mut sources = SourceMap::default();
    sources.add("a", Arc::from("0123456789"));
    sources.add("b", Arc::from("aé"));
    let fixed = apply_fixes(diagnostics, &sources, safe_only);
    fixed.into_iter().map(|(file, text, count)| (file.0, text, count)).collect()
}

#[test]
fn fixes_are_applied_where_they_do_not_touch() {
    let one = |text: &str, count| vec![(0, text.to_owned(), count)];
    assert_eq!(fixed(&[fix(&[(0, 5, 6, "F")], true), fix(&[(0, 0, 1, "")], true)], true), one("1234F6789", 2));
    assert_eq!(fixed(&[fix(&[(0, 2, 5, "x")], true), fix(&[(0, 4, 6, "y")], true)], true), one("01x56789", 1));
    assert_eq!(fixed(&[fix(&[(0, 2, 4, "x")], true), fix(&[(0, 4, 6, "y")], true)], true), one("01xy6789", 2));
    assert_eq!(fixed(&[fix(&[(0, 3, 3, "x")], true), fix(&[(0, 3, 3, "y")], true)], true), one("012x3456789", 1));
    assert_eq!(fixed(&[fix(&[(0, 1, 8, "x")], true), fix(&[(0, 3, 3, "y")], true)], true), one("0x89", 1));
    assert_eq!(fixed(&[fix(&[(0, 3, 3, "y")], true), fix(&[(0, 3, 5, "z")], true)], true), one("012y3456789", 1));
    assert_eq!(fixed(&[fix(&[(0, 10, 10, "!")], true)], true), one("0123456789!", 1));
}

#[test]
fn unsafe_fixes_wait_to_be_asked_for() {
    let doubtful = [fix(&[(0, 0, 10, "x")], false)];
    assert_eq!(fixed(&doubtful, true), []);
    assert_eq!(fixed(&doubtful, false), [(0, "x".to_owned(), 1)]);
}

#[test]
fn a_fix_is_applied_whole_or_not_at_all() {
    let both = fix(&[(0, 1, 2, "x"), (1, 0, 1, "y")], true);
    assert_eq!(fixed(&[both], true), [(0, "0x23456789".to_owned(), 1), (1, "yé".to_owned(), 1)]);
    let outside = fix(&[(0, 1, 2, "x"), (1, 2, 3, "y")], true);
    assert_eq!(fixed(&[outside], true), []);
    let itself = fix(&[(0, 1, 4, "x"), (0, 2, 3, "y")], true);
    assert_eq!(fixed(&[itself], true), []);
    let blocked = [fix(&[(0, 0, 2, "0x")], true), fix(&[(0, 1, 2, "x"), (1, 0, 1, "y")], true)];
    assert_eq!(fixed(&blocked, true), [(0, "0x23456789".to_owned(), 1)]);
}

#[test]
fn every_code_has_a_page_of_the_documented_form() {
    for code in ALL {
        let page = page(code).unwrap_or_else(|| panic!("{} has no page in docs/errors", code.id));
        let (title, rest) = page.split_once('\n').unwrap();
        assert_eq!(title, format!("# {}: {}", code.id, code.title));
        let (prose, examples) = rest.split_once("\n## Wrong\n").unwrap();
        let (wrong, right) = examples.split_once("\n## Right\n").unwrap();
        let lines = prose.lines().filter(|l| !l.is_empty()).count();
        assert!((3..=16).contains(&lines), "{}: {lines} lines", code.id);
        for part in [wrong, right] {
            let fences: Vec<&str> = part.lines().filter(|l| l.starts_with("```")).collect();
            assert!(fences.len() >= 2 && fences.len().is_multiple_of(2), "{}", code.id);
            for open in fences.iter().step_by(2) {
                let language = open.split(' ').next().unwrap();
                assert!(["```tess", "```yaml", "```toml", "```console"].contains(&language), "{}: {open}", code.id);
            }
        }
        assert!(page.lines().all(|l| l.len() <= 120 || l.starts_with("let deep")), "{}", code.id);
    }
}

#[test]
fn codes_are_found_in_any_case() {
    assert_eq!(code("e0301").unwrap().id, "E0301");
    assert!(code("E9999").is_none());
}
