//! The order in which diagnostics are shown, and their sum.

use super::{Diagnostic, Severity};
use crate::source::SourceMap;

/// The diagnostics by path, place, gravity and text, equal ones once.
#[must_use]
pub fn sorted<'d>(diagnostics: &'d [Diagnostic], sources: &SourceMap) -> Vec<&'d Diagnostic> {
    let path = |d: &Diagnostic| sources.get(d.primary.span.file).map_or("", |f| &f.path);
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by(|a, b| {
        let place = |d: &Diagnostic| (d.primary.span.start, d.primary.span.end);
        path(a)
            .cmp(path(b))
            .then_with(|| place(a).cmp(&place(b)))
            .then_with(|| b.severity.cmp(&a.severity))
            .then_with(|| a.code.id.cmp(b.code.id))
            .then_with(|| a.message.cmp(&b.message))
    });
    sorted.dedup();
    sorted
}

/// One line that sums up: "3 errors, 1 warning in 2 files", and which page
/// explains the first code. Empty where there is nothing to say.
#[must_use]
pub fn summary(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let shown = sorted(diagnostics, sources);
    let Some(first) = shown.iter().find(|d| d.is_error()).or(shown.first()) else {
        return String::new();
    };
    let parts: Vec<String> = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")]
        .iter()
        .map(|(severity, noun)| (shown.iter().filter(|d| d.severity == *severity).count(), noun))
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| plural(count, noun))
        .collect();
    // By path: the stages of a call may each have brought the same file.
    let mut files: Vec<_> = shown.iter().map(|d| sources.get(d.primary.span.file).map(|file| &file.path)).collect();
    files.sort_unstable();
    files.dedup();
    let files = plural(files.len(), "file");
    format!("{} in {files}; `tessera explain {}` says more", parts.join(", "), first.code.id)
}

/// `1 error`, `2,000 errors`.
pub(super) fn plural(count: usize, noun: &str) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let ending = if count == 1 { "" } else { "s" };
    format!("{grouped} {noun}{ending}")
}
