//! Diagnostics as SARIF 2.1.0 (OASIS), which code scanners and editors read.
//! The rules are the table of codes; a rule that was broken carries its page.

use serde_json::{Value, json};

use super::order::sorted;
use super::place::{Place, Places};
use super::{ALL, Code, Diagnostic, Fix, Label, Severity, page};
use crate::source::{SourceMap, Span};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The diagnostics, in order and each once, as one SARIF log that ends in a
/// line break. Paths become relative URIs; columns count characters.
#[must_use]
pub fn render_sarif(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let sorted = sorted(diagnostics, sources);
    let mut places = Places::new(sources);
    let used = |code: &Code| sorted.iter().any(|d| d.code == code);
    let rules: Vec<Value> = ALL.iter().map(|code| rule(code, used(code))).collect();
    let results: Vec<Value> = sorted.iter().map(|d| result(d, &mut places)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "tessera",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    // The value holds nothing that JSON cannot write.
    let mut out = serde_json::to_string_pretty(&log).unwrap_or_default();
    out.push('\n');
    out
}

fn rule(code: &Code, with_page: bool) -> Value {
    let explain = format!("tessera explain {}", code.id);
    let mut rule = json!({
        "id": code.id,
        "shortDescription": { "text": code.title },
        "defaultConfiguration": { "level": level(code.severity) },
        "help": { "text": explain },
    });
    if let (true, Some(page), Some(help)) = (with_page, page(code), rule.get_mut("help")) {
        *help = json!({ "text": explain, "markdown": page });
    }
    rule
}

fn result(diagnostic: &Diagnostic, places: &mut Places<'_>) -> Value {
    let mut result = json!({
        "ruleId": diagnostic.code.id,
        "level": level(diagnostic.severity),
        "message": { "text": message(diagnostic) },
        "locations": [location(&diagnostic.primary, None, places)],
    });
    let Some(fields) = result.as_object_mut() else { return result };
    if let Some(index) = ALL.iter().position(|code| *code == diagnostic.code) {
        fields.insert("ruleIndex".into(), json!(index));
    }
    if !diagnostic.secondary.is_empty() {
        let related = diagnostic.secondary.iter().enumerate();
        let related: Vec<Value> = related.map(|(id, l)| location(l, Some(id), places)).collect();
        fields.insert("relatedLocations".into(), Value::Array(related));
    }
    if !diagnostic.fixes.is_empty() {
        let fixes: Vec<Value> = diagnostic.fixes.iter().map(|f| fix(f, places)).collect();
        fields.insert("fixes".into(), Value::Array(fixes));
    }
    result
}

/// The message with what helps, since scanners show nothing else.
fn message(diagnostic: &Diagnostic) -> String {
    let mut lines = vec![diagnostic.message.clone()];
    lines.extend(diagnostic.notes.iter().map(|note| format!("Note: {note}")));
    lines.extend(diagnostic.help.iter().map(|help| format!("Help: {help}")));
    lines.join("\n")
}

fn location(label: &Label, id: Option<usize>, places: &mut Places<'_>) -> Value {
    let place = places.of(label.span);
    let mut location = json!({
        "physicalLocation": { "artifactLocation": { "uri": uri(place.path) }, "region": region(&place) },
    });
    if let Some(fields) = location.as_object_mut() {
        if let Some(id) = id {
            fields.insert("id".into(), json!(id));
        }
        if !label.message.is_empty() {
            fields.insert("message".into(), json!({ "text": label.message }));
        }
    }
    location
}

fn region(place: &Place<'_>) -> Value {
    let (start, end) = place.offsets;
    json!({
        "startLine": place.start.line,
        "startColumn": place.start.column,
        "endLine": place.end.line,
        "endColumn": place.end.column,
        "byteOffset": start,
        "byteLength": end - start,
    })
}

/// A fix; its edits are grouped by file, as SARIF wants them.
fn fix(fix: &Fix, places: &mut Places<'_>) -> Value {
    let mut files: Vec<_> = fix.edits.iter().map(|e| e.span.file).collect();
    files.sort_unstable();
    files.dedup();
    let changes: Vec<Value> = files
        .iter()
        .map(|file| {
            let path = places.of(Span::new(*file, 0, 0)).path;
            let edits = fix.edits.iter().filter(|e| e.span.file == *file);
            let replacements: Vec<Value> = edits
                .map(|edit| {
                    let region = region(&places.of(edit.span));
                    json!({ "deletedRegion": region, "insertedContent": { "text": edit.text } })
                })
                .collect();
            json!({ "artifactLocation": { "uri": uri(path) }, "replacements": replacements })
        })
        .collect();
    json!({ "description": { "text": fix.title }, "artifactChanges": changes })
}

const fn level(severity: Severity) -> &'static str {
    super::json::name(severity)
}

/// The path as a relative URI reference, RFC 3986.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
