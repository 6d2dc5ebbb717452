//! Diagnostics as JSON, a stable format for scripts and editors:
//!
//! ```json
//! {
//!   "diagnostics": [
//!     {
//!       "code": "E0302",
//!       "severity": "error",
//!       "message": "`Spec` has no field `replcas`",
//!       "primary": {
//!         "file": "a.tess",
//!         "start": { "offset": 16, "line": 3, "column": 3 },
//!         "end": { "offset": 23, "line": 3, "column": 10 },
//!         "message": "no such field"
//!       },
//!       "secondary": [],
//!       "notes": ["fields: replicas"],
//!       "help": null,
//!       "fixes": [
//!         {
//!           "title": "replace it with `replicas`",
//!           "safe": true,
//!           "edits": [{ "file": "a.tess", "start": { … }, "end": { … }, "text": "replicas" }]
//!         }
//!       ]
//!     }
//!   ],
//!   "errors": 1,
//!   "warnings": 0
//! }
//! ```
//!
//! Severities are `error`, `warning` and `note`. Offsets count bytes from 0,
//! lines and columns (characters) from 1. Keys may be added; none changes its
//! meaning.

use serde::Serialize;

use super::order::sorted;
use super::place::{Place, Places};
use super::{Diagnostic, Label, Severity};
use crate::source::{SourceMap, Span};

#[derive(Serialize)]
struct Report<'a> {
    diagnostics: Vec<Entry<'a>>,
    errors: usize,
    warnings: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    primary: Spot<'a>,
    secondary: Vec<Spot<'a>>,
    notes: &'a [String],
    help: Option<&'a str>,
    fixes: Vec<Fix<'a>>,
}

#[derive(Serialize)]
struct Spot<'a> {
    file: &'a str,
    start: Point,
    end: Point,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

#[derive(Serialize)]
struct Point {
    offset: u32,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    safe: bool,
    edits: Vec<Spot<'a>>,
}

/// The diagnostics, in order and each once, as one JSON object that ends in a
/// line break; the format is described at the top of `json.rs`.
#[must_use]
pub fn render_json(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let sorted = sorted(diagnostics, sources);
    let mut places = Places::new(sources);
    let count = |severity| sorted.iter().filter(|d| d.severity == severity).count();
    let report = Report {
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        diagnostics: sorted.iter().map(|d| entry(d, &mut places)).collect(),
    };
    // The structures hold nothing that JSON cannot write.
    let mut out = serde_json::to_string_pretty(&report).unwrap_or_default();
    out.push('\n');
    out
}

fn entry<'a>(diagnostic: &'a Diagnostic, places: &mut Places<'a>) -> Entry<'a> {
    let fixes = diagnostic.fixes.iter().map(|fix| Fix {
        title: &fix.title,
        safe: fix.safe,
        edits: fix.edits.iter().map(|e| spot(e.span, None, Some(&e.text), places)).collect(),
    });
    let fixes = fixes.collect();
    Entry {
        code: diagnostic.code.id,
        severity: name(diagnostic.severity),
        message: &diagnostic.message,
        primary: label(&diagnostic.primary, places),
        secondary: diagnostic.secondary.iter().map(|l| label(l, places)).collect(),
        notes: &diagnostic.notes,
        help: diagnostic.help.as_deref(),
        fixes,
    }
}

fn label<'a>(label: &'a Label, places: &mut Places<'a>) -> Spot<'a> {
    spot(label.span, Some(&label.message), None, places)
}

fn spot<'a>(span: Span, message: Option<&'a str>, text: Option<&'a str>, places: &mut Places<'a>) -> Spot<'a> {
    let Place { path, start, end, offsets } = places.of(span);
    let point = |offset, at: crate::source::LineColumn| Point { offset, line: at.line, column: at.column };
    Spot { file: path, start: point(offsets.0, start), end: point(offsets.1, end), message, text }
}

/// The word for a severity.
pub(super) const fn name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
