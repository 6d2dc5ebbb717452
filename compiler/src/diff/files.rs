//! The files that a target writes, compared: documents of YAML by their fields,
//! templates by their lines.

use super::objects::{ObjectDiff, State, compare};
use crate::source::FileId;
use crate::target::File;
use crate::value::Value;
use crate::yaml;

/// A file that changed.
#[derive(Debug)]
pub struct FileDiff {
    /// Its path below the output folder.
    pub path: String,
    /// What became of it.
    pub state: State,
    /// What differs, where it is changed.
    pub content: Document,
}

/// What differs in a file.
#[derive(Debug)]
pub enum Document {
    /// Objects, with the fields that differ.
    Objects(Vec<ObjectDiff>),
    /// Text, old and new.
    Text(String, String),
}

/// The files that differ.
#[must_use]
pub fn compare_files(old: &[File], new: &[File]) -> Vec<FileDiff> {
    let mut found = Vec::new();
    for file in new {
        match old.iter().find(|before| before.path == file.path) {
            Some(before) if before.text == file.text => {}
            Some(before) => found.push(diff(file, State::Changed, content(&before.text, &file.text))),
            None => found.push(diff(file, State::Added, Document::Objects(Vec::new()))),
        }
    }
    let gone = old.iter().filter(|before| !new.iter().any(|file| file.path == before.path));
    found.extend(gone.map(|file| diff(file, State::Removed, Document::Objects(Vec::new()))));
    found
}

fn diff(file: &File, state: State, content: Document) -> FileDiff {
    FileDiff { path: file.path.clone(), state, content }
}

fn content(old: &str, new: &str) -> Document {
    let text = || Document::Text(old.to_owned(), new.to_owned());
    let (Some(before), Some(after)) = (documents(old), documents(new)) else { return text() };
    match compare(&before, &after) {
        // What differs is no field: a comment, the order of keys.
        found if found.is_empty() => text(),
        found => Document::Objects(found),
    }
}

/// The documents of a file, where it is plain YAML.
fn documents(text: &str) -> Option<Vec<Value>> {
    if text.contains("{{") {
        return None;
    }
    let (documents, diagnostics) = yaml::read(FileId(0), text);
    diagnostics.is_empty().then(|| documents.iter().map(|document| yaml::value(&document.root)).collect())
}
