//! Whether a new name leaves everything what it was.

use rustc_hash::FxHashMap;
use tessera_compiler::analysis::Analysis;
use tessera_compiler::check::Named;
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::source::{LineIndex, Span};

use super::Edits;
use crate::feature::Edit;

/// Holds the sources with the new name against those with the old one.
///
/// # Errors
/// A sentence for people: something would be another thing, or a mistake.
pub(crate) fn check(before: &Analysis, after: &Analysis, edits: &Edits, new: &str) -> Result<(), String> {
    if let Some(found) = new_mistake(before, after, edits) {
        let place = place(after, found.primary.span);
        return Err(format!("`{new}` cannot be the name: {} ({place}, {}).", found.message, found.code.id));
    }
    if before.facts.references.len() != after.facts.references.len() {
        return Err(format!("`{new}` cannot be the name: it has a meaning already where this one is used."));
    }
    for reference in &before.facts.references {
        let span = moved(edits, reference.span);
        let named = match &reference.named {
            Named::Source(declared) => Some(moved(edits, *declared)),
            _ => None,
        };
        let references = &after.facts.references;
        let from = references.partition_point(|other| (other.span.file, other.span.start) < (span.file, span.start));
        let mut near = references
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(|other| other.span.file == span.file && other.span.start <= span.end);
        let same = |other: &Named| match (other, named) {
            (Named::Source(other), Some(wanted)) => is_in(*other, wanted),
            (other, None) => *other == reference.named,
            _ => false,
        };
        if !near.any(|other| is_in(other.span, span) && same(&other.named)) {
            let place = place(before, reference.span);
            let name = before.modules.sources.text(reference.span);
            return Err(format!("`{new}` cannot be the name: `{name}` in {place} would mean something else."));
        }
    }
    Ok(())
}

fn is_in(inner: Span, outer: Span) -> bool {
    inner.file == outer.file && outer.start <= inner.start && inner.end <= outer.end
}

/// What is wrong with the new name and was not with the old one.
fn new_mistake<'a>(before: &Analysis, after: &'a Analysis, edits: &Edits) -> Option<&'a Diagnostic> {
    let mut known: FxHashMap<(&str, Span), usize> = FxHashMap::default();
    for found in all(before) {
        *known.entry((found.code.id, moved(edits, found.primary.span).at_start())).or_default() += 1;
    }
    all(after).find(|found| match known.get_mut(&(found.code.id, found.primary.span.at_start())) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    })
}

fn all(analysis: &Analysis) -> impl Iterator<Item = &Diagnostic> {
    analysis.modules.diagnostics.iter().chain(&analysis.facts.diagnostics)
}

/// Where a place comes to lie. One that an edit replaces becomes all that it is replaced by.
fn moved(edits: &Edits, span: Span) -> Span {
    let Some(of_file) = edits.get(&span.file) else { return span };
    let mut by = 0_i64;
    let (mut start, mut end) = (None, i64::from(span.end));
    for Edit { start: from, end: to, text } in of_file {
        if start.is_none() && span.start <= *from {
            start = Some(i64::from(span.start) + by);
        }
        if span.end <= *from && span.end > span.start || span.end < *from {
            break;
        }
        let grown = text.len() as i64 - i64::from(to - from);
        if span.end >= *to {
            by += grown;
        }
        end = i64::from(span.end) + by;
    }
    let start = start.unwrap_or(i64::from(span.start) + by);
    Span::new(span.file, u32::try_from(start).unwrap_or(0), u32::try_from(end.max(start)).unwrap_or(0))
}

/// A place for people.
fn place(analysis: &Analysis, span: Span) -> String {
    let Some(source) = analysis.modules.sources.get(span.file) else { return String::new() };
    let line = LineIndex::new(&source.text).position(&source.text, span.start).line;
    format!("{}:{line}", source.path)
}

/// The text of a file after its edits.
pub(crate) fn applied(text: &str, edits: &[Edit]) -> String {
    let mut text = text.to_owned();
    for edit in edits.iter().rev() {
        text.replace_range(edit.start as usize..edit.end as usize, &edit.text);
    }
    text
}
