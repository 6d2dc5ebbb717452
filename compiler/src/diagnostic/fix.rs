//! Fixes applied to texts.

use std::collections::BTreeMap;

use super::order::sorted;
use super::{Diagnostic, Edit, Fix};
use crate::source::{FileId, SourceMap};

/// How often fixes are applied and their result compiled again: a fix may bring
/// the next one to light.
pub const MAX_ROUNDS: usize = 5;

/// The edits that are accepted for one file: start to end and new text. They
/// do not overlap.
type Edits<'d> = BTreeMap<u32, (u32, &'d str)>;

/// Applies the fixes of the diagnostics, at most the first fitting one of
/// each, in their order; with `safe_only`, those that need no asking. A fix
/// that touches what an earlier one changes is left out whole: the next run
/// may apply it.
///
/// Returns the changed files in the order of their ids: the new text, and how
/// many fixes changed it.
#[must_use]
pub fn apply_fixes(diagnostics: &[Diagnostic], sources: &SourceMap, safe_only: bool) -> Vec<(FileId, String, usize)> {
    let mut accepted: BTreeMap<FileId, (Edits<'_>, usize)> = BTreeMap::new();
    for diagnostic in sorted(diagnostics, sources) {
        let Some(fix) = diagnostic.fixes.iter().find(|fix| fix.safe || !safe_only) else { continue };
        if fits(fix, sources, &accepted) {
            accept(fix, &mut accepted);
        }
    }
    let changed = accepted.into_iter();
    changed.filter_map(|(file, (edits, count))| Some((file, apply(&sources.get(file)?.text, &edits), count))).collect()
}

fn accept<'d>(fix: &'d Fix, accepted: &mut BTreeMap<FileId, (Edits<'d>, usize)>) {
    let mut files: Vec<FileId> = fix.edits.iter().map(|e| e.span.file).collect();
    for Edit { span, text } in &fix.edits {
        accepted.entry(span.file).or_default().0.insert(span.start, (span.end, text));
    }
    files.sort_unstable();
    files.dedup();
    for file in files {
        accepted.entry(file).or_default().1 += 1;
    }
}

/// Whether all edits lie in their files and none touches an accepted one or
/// another of the same fix.
fn fits(fix: &Fix, sources: &SourceMap, accepted: &BTreeMap<FileId, (Edits<'_>, usize)>) -> bool {
    let mut own: BTreeMap<FileId, Edits<'_>> = BTreeMap::new();
    for Edit { span, text } in &fix.edits {
        let file = sources.get(span.file);
        let lies_in = file.is_some_and(|f| f.text.get(span.start as usize..span.end as usize).is_some());
        let own = own.entry(span.file).or_default();
        let free = |edits: &Edits<'_>| !touches(edits, span.start, span.end);
        if !lies_in || !free(own) || !accepted.get(&span.file).is_none_or(|(edits, _)| free(edits)) {
            return false;
        }
        own.insert(span.start, (span.end, text));
    }
    !fix.edits.is_empty()
}

/// Whether an edit overlaps the range or begins where it begins: then their
/// order would be a guess.
fn touches(edits: &Edits<'_>, start: u32, end: u32) -> bool {
    let before = edits.range(..end.max(start.saturating_add(1))).next_back();
    before.is_some_and(|(from, (to, _))| *to > start || *from == start)
}

fn apply(text: &str, edits: &Edits<'_>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (start, (end, new)) in edits {
        out.push_str(text.get(from..*start as usize).unwrap_or(""));
        out.push_str(new);
        from = *end as usize;
    }
    out.push_str(text.get(from..).unwrap_or(""));
    out
}
