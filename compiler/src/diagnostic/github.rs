//! Diagnostics as workflow commands, which GitHub Actions shows beside the
//! changed lines.

use std::fmt::Write;

use super::order::sorted;
use super::place::Places;
use super::{Diagnostic, Severity};
use crate::source::SourceMap;

/// One command a line, in order and each diagnostic once:
/// `::error file=a.tess,line=3,endLine=3,col=3,endColumn=10,title=E0302%3A unknown field::message`.
#[must_use]
pub fn render_github(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let mut places = Places::new(sources);
    let mut out = String::new();
    for diagnostic in sorted(diagnostics, sources) {
        command(diagnostic, &mut places, &mut out);
    }
    out
}

fn command(diagnostic: &Diagnostic, places: &mut Places<'_>, out: &mut String) {
    let name = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let place = places.of(diagnostic.primary.span);
    let title = format!("{}: {}", diagnostic.code.id, diagnostic.code.title);
    // Writing to a string cannot fail.
    let _ = write!(out, "::{name} file={},line={},endLine={}", property(place.path), place.start.line, place.end.line);
    // GitHub refuses columns where the place has several lines.
    if place.start.line == place.end.line {
        let _ = write!(out, ",col={},endColumn={}", place.start.column, place.end.column);
    }
    let _ = writeln!(out, ",title={}::{}", property(&title), data(&text(diagnostic)));
}

/// The message with what helps.
fn text(diagnostic: &Diagnostic) -> String {
    let mut lines = vec![diagnostic.message.clone()];
    lines.extend(diagnostic.notes.iter().map(|note| format!("note: {note}")));
    lines.extend(diagnostic.help.iter().map(|help| format!("help: {help}")));
    lines.extend(diagnostic.fixes.iter().map(|fix| format!("fix: {}", fix.title)));
    lines.join("\n")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
