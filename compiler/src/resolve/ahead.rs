//! Looks ahead: follows the `use` lines of texts before anything is parsed, so
//! that all files can be parsed side by side and it is known what they mention.
//! A line that is not found here costs time, nothing else: `imports` reads the
//! file behind it when it comes to the parsed import.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Request, imports, paths};
use crate::source::{FileId, SourceMap};

/// A text to be parsed.
pub(super) struct Wanted {
    pub(super) file: FileId,
    pub(super) path: String,
    pub(super) text: Arc<str>,
}

/// What a `use` line names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named<'t> {
    /// A file, by its path as written.
    File(&'t str),
    /// A module, by its dotted name.
    Module(&'t str),
}

/// What the `use` lines of a text name.
pub(super) fn uses(text: &str) -> impl Iterator<Item = Named<'_>> {
    text.lines().filter_map(|line| {
        let rest = line.trim_start().strip_prefix("use")?;
        let named = rest.trim_start();
        if let Some(path) = named.strip_prefix('"') {
            return path.split_once('"').map(|(path, _)| Named::File(path));
        }
        let end = named.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')));
        let name = named.get(..end.unwrap_or(named.len()))?.trim_end_matches('.');
        (named.len() < rest.len() && !name.is_empty()).then_some(Named::Module(name))
    })
}

/// Adds the texts of the project and of those it depends on that the wanted
/// ones import, and those that these import. Gives the headers of all files,
/// where they were needed.
pub(super) fn follow(
    request: &Request<'_>,
    sources: &mut SourceMap,
    wanted: &mut Vec<Wanted>,
) -> Option<Vec<imports::Header>> {
    let mut headers = None;
    let mut known: FxHashSet<String> = wanted.iter().map(|w| w.path.clone()).collect();
    let mut named: Option<FxHashSet<String>> = None;
    let mut next = 0;
    while let Some(Wanted { path, text, .. }) = wanted.get(next) {
        let mut found: Vec<String> = Vec::new();
        for import in uses(text) {
            match import {
                Named::File(file) => found.push(paths::join(paths::parent(path), file)),
                Named::Module(name) if imports::is_standard(name) => {}
                Named::Module(name) => {
                    let named = named.get_or_insert_with(|| own_names(wanted));
                    if !named.contains(name) {
                        let headers = headers.get_or_insert_with(|| imports::scan(request));
                        found.extend(headers.iter().find(|h| h.name == name).map(|h| h.path.clone()));
                    }
                }
            }
        }
        for path in found {
            if !known.insert(path.clone()) {
                continue;
            }
            if let Ok(text) = super::load::read_one(request, &path) {
                wanted.push(Wanted { file: sources.add(&path, text.clone()), path, text });
            }
        }
        next += 1;
    }
    headers
}

/// The names that the texts give themselves.
fn own_names(wanted: &[Wanted]) -> FxHashSet<String> {
    wanted.iter().filter_map(|w| imports::header(&w.text)).map(str::to_owned).collect()
}

/// The modules of the standard library that texts import, directly or through
/// each other, each once.
pub(super) fn standard<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<(&'static str, &'static str)> {
    let mut found: Vec<(&'static str, &'static str)> = Vec::new();
    let add = |text: &str, found: &mut Vec<(&'static str, &'static str)>| {
        for named in uses(text) {
            let Named::Module(name) = named else { continue };
            let module = tessera_stdlib::modules().iter().find(|(known, _)| *known == name);
            found.extend(module.filter(|(name, _)| found.iter().all(|(known, _)| known != name)));
        }
    };
    texts.for_each(|text| add(text, &mut found));
    let mut next = 0;
    while let Some((_, text)) = found.get(next) {
        add(text, &mut found);
        next += 1;
    }
    found
}
