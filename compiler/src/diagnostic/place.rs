//! Spans as paths, lines and columns, for the formats that machines read.

use std::collections::BTreeMap;

use crate::source::{FileId, LineColumn, LineIndex, SourceMap, Span};

/// A span as other tools name it.
pub(super) struct Place<'a> {
    pub(super) path: &'a str,
    pub(super) start: LineColumn,
    pub(super) end: LineColumn,
    /// Byte offsets, clamped to the text.
    pub(super) offsets: (u32, u32),
}

/// Turns spans into places; indexes each file once.
pub(super) struct Places<'a> {
    sources: &'a SourceMap,
    indexes: BTreeMap<FileId, LineIndex>,
}

impl<'a> Places<'a> {
    pub(super) const fn new(sources: &'a SourceMap) -> Self {
        Self { sources, indexes: BTreeMap::new() }
    }

    /// The place of a span; the start of a nameless file where the map does
    /// not have the file.
    pub(super) fn of(&mut self, span: Span) -> Place<'a> {
        let file = self.sources.get(span.file);
        let (path, text): (&str, &str) = file.map_or(("", ""), |f| (&f.path, &f.text));
        let index = self.indexes.entry(span.file).or_insert_with(|| LineIndex::new(text));
        let start = span.start.min(text.len() as u32);
        let end = span.end.clamp(start, text.len() as u32);
        Place { path, start: index.position(text, start), end: index.position(text, end), offsets: (start, end) }
    }
}
