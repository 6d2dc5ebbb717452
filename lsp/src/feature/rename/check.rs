//! Whether a new name leaves everything what it was.

use rustc_hash::{FxHashMap, FxHashSet};
use tessera_compiler::analysis::Analysis;
use tessera_compiler::check::{Named, Reference};
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::resolve::Origin;
use tessera_compiler::source::{FileId, LineIndex, Span};

use super::Edits;
use crate::feature::Edit;

/// Holds the sources with the new name against those with the old one.
///
/// # Errors
/// A sentence for people: something would be another thing, or a mistake.
pub(crate) fn check(before: &Analysis, after: &Analysis, edits: &Edits, new: &str) -> Result<(), String> {
    let moves = Moves::new(before, after, edits);
    if let Some(found) = more_wrong(all(before), all(after), &moves) {
        return Err(wrong(after, found, new));
    }
    let (old, now) = (own(before), own(after));
    if old.len() != now.len() {
        return Err(format!("`{new}` cannot be the name: it has a meaning already where this one is used."));
    }
    for reference in old {
        let span = moves.span(reference.span);
        let from = now.partition_point(|other| (other.span.file, other.span.start) < (span.file, span.start));
        let mut near = now
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(|other| other.span.file == span.file && other.span.start <= span.end);
        let same = |other: &Named| match (&reference.named, other) {
            (Named::Source(old), Named::Source(now)) => is_in(*now, moves.span(*old)),
            (Named::Module(old), Named::Module(now)) => {
                let file = |analysis: &Analysis, id| analysis.modules.get(id).map(|module| module.file);
                file(before, *old).map(|file| moves.file(file)) == file(after, *now)
            }
            (old, now) => old == now,
        };
        if !near.any(|other| is_in(other.span, span) && same(&other.named)) {
            let place = place(before, reference.span);
            let name = before.modules.sources.text(reference.span);
            return Err(format!("`{new}` cannot be the name: `{name}` in {place} would mean something else."));
        }
    }
    Ok(())
}

/// The same for all that compiling says, evaluation and rules included.
///
/// # Errors
/// A sentence for people: something would be a mistake.
pub(crate) fn check_compiled(
    before: (&Analysis, &[Diagnostic]),
    after: (&Analysis, &[Diagnostic]),
    edits: &Edits,
    new: &str,
) -> Result<(), String> {
    let moves = Moves::new(before.0, after.0, edits);
    match more_wrong(before.1.iter(), after.1.iter(), &moves) {
        Some(found) => Err(wrong(after.0, found, new)),
        None => Ok(()),
    }
}

fn wrong(after: &Analysis, found: &Diagnostic, new: &str) -> String {
    let place = place(after, found.primary.span);
    format!("`{new}` cannot be the name: {} ({place}, {}).", found.message, found.code.id)
}

/// The references of the sources that people write: which of the standard library are read, names decide.
fn own(analysis: &Analysis) -> Vec<&Reference> {
    let standard = analysis.modules.list.iter().filter(|module| module.origin == Origin::Standard);
    let standard: FxHashSet<FileId> = standard.map(|module| module.file).collect();
    analysis.facts.references.iter().filter(|reference| !standard.contains(&reference.span.file)).collect()
}

fn is_in(inner: Span, outer: Span) -> bool {
    inner.file == outer.file && outer.start <= inner.start && inner.end <= outer.end
}

fn all(analysis: &Analysis) -> impl Iterator<Item = &Diagnostic> + Clone {
    analysis.modules.diagnostics.iter().chain(&analysis.facts.diagnostics)
}

/// What is wrong with the new name and was not with the old one: of a code of which there is more in a file, the
/// first that was not there.
fn more_wrong<'a>(
    before: impl Iterator<Item = &'a Diagnostic>,
    after: impl Iterator<Item = &'a Diagnostic> + Clone,
    moves: &Moves<'_>,
) -> Option<&'a Diagnostic> {
    let mut more: FxHashMap<(&str, FileId), i64> = FxHashMap::default();
    let mut known: FxHashSet<(&str, FileId, u32)> = FxHashSet::default();
    for found in before {
        let span = moves.span(found.primary.span);
        *more.entry((found.code.id, span.file)).or_default() -= 1;
        known.insert((found.code.id, span.file, span.start));
    }
    for found in after.clone() {
        *more.entry((found.code.id, found.primary.span.file)).or_default() += 1;
    }
    let mut added = after.filter(|found| more.get(&(found.code.id, found.primary.span.file)).is_some_and(|n| *n > 0));
    let is_known =
        |found: &Diagnostic| known.contains(&(found.code.id, found.primary.span.file, found.primary.span.start));
    let first = added.next()?;
    if is_known(first) { added.find(|found| !is_known(found)).or(Some(first)) } else { Some(first) }
}

/// Where places come to lie.
struct Moves<'e> {
    files: FxHashMap<FileId, FileId>,
    edits: &'e Edits,
}

impl<'e> Moves<'e> {
    /// Files may get other numbers: where a name of the prelude is no longer used, that is not read.
    fn new(before: &Analysis, after: &Analysis, edits: &'e Edits) -> Self {
        let now: FxHashMap<&str, FileId> = after.modules.sources.iter().map(|(id, file)| (&*file.path, id)).collect();
        let same = before.modules.sources.iter().filter_map(|(id, file)| Some((id, *now.get(&*file.path)?)));
        Self { files: same.collect(), edits }
    }

    fn file(&self, file: FileId) -> FileId {
        self.files.get(&file).copied().unwrap_or(file)
    }

    fn span(&self, span: Span) -> Span {
        Span { file: self.file(span.file), ..moved(self.edits, span) }
    }
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
