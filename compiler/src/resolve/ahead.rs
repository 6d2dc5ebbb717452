//! Looks ahead: follows the `use` lines of texts before anything is parsed, so
//! that all files can be parsed side by side and it is known what they mention.
//! A line that is not found here costs time, nothing else: `imports` reads the
//! file behind it when it comes to the parsed import.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::glance::{Glance, Named};
use super::{Request, imports, paths};
use crate::source::{FileId, SourceMap};

/// A text to be parsed.
pub(super) struct Wanted {
    pub(super) file: FileId,
    pub(super) path: String,
    pub(super) text: Arc<str>,
    pub(super) glance: Arc<Glance>,
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
    let mut named: Option<FxHashSet<Box<str>>> = None;
    let mut next = 0;
    while let Some(Wanted { path, glance, .. }) = wanted.get(next) {
        let mut found: Vec<String> = Vec::new();
        for import in &glance.uses {
            match import {
                Named::File(file) => found.push(paths::join(paths::parent(path), file)),
                Named::Module(name) if imports::is_standard(name) => {}
                Named::Module(name) => {
                    let named = named.get_or_insert_with(|| own_names(wanted));
                    if !named.contains(name) {
                        let headers = headers.get_or_insert_with(|| imports::scan(request));
                        found.extend(headers.iter().find(|h| *h.name == **name).map(|h| h.path.clone()));
                    }
                }
            }
        }
        for path in found {
            if !known.insert(path.clone()) {
                continue;
            }
            if let Ok((text, glance)) = super::load::seen(request, &path) {
                wanted.push(Wanted { file: sources.add(&path, text.clone()), path, text, glance });
            }
        }
        next += 1;
    }
    headers
}

/// The names that the texts give themselves.
fn own_names(wanted: &[Wanted]) -> FxHashSet<Box<str>> {
    wanted.iter().filter_map(|w| w.glance.header.clone()).collect()
}

/// A module of the standard library: its name, its text, what is seen of that.
pub(super) type Standard = (&'static str, &'static str, Arc<Glance>);

/// The modules of the standard library that texts import, directly or through
/// each other, each once.
pub(super) fn standard(request: &Request<'_>, wanted: &[Wanted]) -> Vec<Standard> {
    let mut found: Vec<Standard> = Vec::new();
    let add = |glance: &Glance, found: &mut Vec<Standard>| {
        for named in &glance.uses {
            let Named::Module(name) = named else { continue };
            if !imports::is_standard(name) || found.iter().any(|(known, ..)| **known == **name) {
                continue;
            }
            if let Some((name, text)) = tessera_stdlib::modules().iter().find(|(known, _)| **known == **name) {
                found.push((name, text, super::load::glance(request, name, &Arc::from(*text))));
            }
        }
    };
    wanted.iter().for_each(|wanted| add(&wanted.glance, &mut found));
    let mut next = 0;
    while let Some((.., glance)) = found.get(next) {
        let glance = glance.clone();
        add(&glance, &mut found);
        next += 1;
    }
    found
}
