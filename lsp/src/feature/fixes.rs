//! The compiler's fixes as actions.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tessera_compiler::diagnostic::{Diagnostic, Fix, MAX_ROUNDS, Severity, W0804, apply_fixes};
use tessera_compiler::resolve::Origin;
use tessera_compiler::source::FileId;

use crate::feature::formatting::between;
use crate::feature::{Edit, FileEdit};
use crate::workspace::compiled::Compiled;
use crate::workspace::snapshot::{Place, Snapshot};

/// A fix that may be made.
pub(crate) struct Offer {
    pub(crate) title: String,
    /// The diagnostic that it mends, by its place in the compilation.
    pub(crate) diagnostic: usize,
    pub(crate) safe: bool,
    pub(crate) edits: Vec<FileEdit>,
}

/// The fixes of all that was found in a range of a document.
pub(crate) fn fixes(place: &Place, start: u32, end: u32) -> Vec<Offer> {
    let compiled = &place.compiled;
    here(place, start, end)
        .flat_map(|(index, found)| found.fixes.iter().filter_map(move |fix| offer(compiled, index, fix)))
        .collect()
}

/// Comments that allow the warnings found in a range of a source.
pub(crate) fn allowances(place: &Place, start: u32, end: u32) -> Vec<Offer> {
    let text = &place.document.text;
    if place.document.parse().is_none() || !is_own(&place.compiled, place.file) {
        return Vec::new();
    }
    let offer = |(index, found): (usize, &Diagnostic)| {
        let at = found.primary.span.start as usize;
        let line = text.get(..at)?.rfind('\n').map_or(0, |at| at + 1);
        let indent: String = text.get(line..)?.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
        let id = found.code.id;
        let new = Edit { start: line as u32, end: line as u32, text: format!("{indent}// allow({id}): say why\n") };
        let edits = vec![FileEdit { path: place.document.path.clone(), text: text.clone(), edits: vec![new] }];
        Some(Offer { title: format!("Allow {id} here, with a reason"), diagnostic: index, safe: false, edits })
    };
    let warns = |found: &Diagnostic| found.severity == Severity::Warning && found.code != &W0804;
    here(place, start, end).filter(|(_, found)| warns(found)).filter_map(offer).collect()
}

/// What was found in a range of a document, by its place in the compilation.
fn here(place: &Place, start: u32, end: u32) -> impl Iterator<Item = (usize, &Diagnostic)> {
    let here = move |found: &Diagnostic| {
        let span = found.primary.span;
        span.file == place.file && span.start <= end && start <= span.end
    };
    place.compiled.compilation.diagnostics.iter().enumerate().filter(move |(_, found)| here(found))
}

/// Whether a document has a fix that needs no asking.
pub(crate) fn has_safe(place: &Place) -> bool {
    safe(place).next().is_some()
}

fn safe(place: &Place) -> impl Iterator<Item = &Diagnostic> {
    let found = place.compiled.compilation.diagnostics.iter();
    found.filter(|found| found.primary.span.file == place.file && found.fixes.iter().any(|fix| fix.safe))
}

/// The safe fixes of a document, as `tessera check --fix` makes them: again until there are none.
pub(crate) fn all(snapshot: &Snapshot, place: &Place) -> Vec<FileEdit> {
    let mut now = snapshot.clone();
    let mut before: BTreeMap<PathBuf, Arc<str>> = BTreeMap::new();
    let mut at = Some(Place { document: place.document.clone(), compiled: place.compiled.clone(), file: place.file });
    for _ in 0..MAX_ROUNDS {
        let Some(place) = at.take() else { break };
        let found: Vec<Diagnostic> = safe(&place).cloned().collect();
        let sources = place.compiled.compilation.sources();
        let changed: Vec<(PathBuf, Arc<str>, String)> = apply_fixes(&found, sources, true)
            .into_iter()
            .filter(|(file, ..)| is_own(&place.compiled, *file))
            .filter_map(|(file, text, _)| {
                Some((place.compiled.path(file)?.to_owned(), sources.get(file)?.text.clone(), text))
            })
            .collect();
        if changed.is_empty() {
            break;
        }
        for (path, old, new) in changed {
            before.entry(path.clone()).or_insert(old);
            now = now.with_text(&path, Arc::from(new));
        }
        at = now.place(&place.document.uri);
    }
    let edits = before.into_iter().filter_map(|(path, text)| {
        let edits = between(&text, &now.documents.get(&path)?.text);
        Some(FileEdit { path, text, edits })
    });
    edits.collect()
}

fn offer(compiled: &Arc<Compiled>, diagnostic: usize, fix: &Fix) -> Option<Offer> {
    let mut edits: Vec<FileEdit> = Vec::new();
    for edit in &fix.edits {
        let file = edit.span.file;
        if !is_own(compiled, file) {
            return None;
        }
        let path = compiled.path(file)?;
        let new = Edit { start: edit.span.start, end: edit.span.end, text: edit.text.clone() };
        match edits.iter_mut().find(|edits| edits.path == path) {
            Some(edits) => edits.edits.push(new),
            None => {
                let text = compiled.compilation.sources().get(file)?.text.clone();
                edits.push(FileEdit { path: path.to_owned(), text, edits: vec![new] });
            }
        }
    }
    Some(Offer { title: sentence(&fix.title), diagnostic, safe: fix.safe, edits })
}

/// Whether a file is the project's own: others are not ours to change.
pub(crate) fn is_own(compiled: &Compiled, file: FileId) -> bool {
    let module = compiled.compilation.modules.list.iter().find(|module| module.file == file);
    module.is_none_or(|module| module.origin == Origin::Project)
}

/// The title as editors write titles.
fn sentence(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
