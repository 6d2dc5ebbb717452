//! Where text comes from and how a place in it is named: file ids, byte spans,
//! line indexes, and the one trait through which the compiler reads.

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::memo::Memo;

/// The largest source or YAML file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 16 * 1024 * 1024;

/// A file of one compilation; an index into its [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileId(pub u32);

/// A half-open range of bytes, `start..end`, in one file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset one past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets.
    #[must_use]
    pub const fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// The empty span at the start of this one.
    #[must_use]
    pub const fn at_start(self) -> Self {
        Self { end: self.start, ..self }
    }

    /// The empty span at the end of this one.
    #[must_use]
    pub const fn at_end(self) -> Self {
        Self { start: self.end, ..self }
    }

    /// The smallest span that covers both; `other` must be in the same file,
    /// otherwise this span is returned unchanged.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.file != other.file {
            return self;
        }
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether the byte offset lies in the span, its end included.
    #[must_use]
    pub const fn touches(self, offset: u32) -> bool {
        self.start <= offset && offset <= self.end
    }

    /// The text under the span; empty when it does not lie in `text`.
    #[must_use]
    pub fn text(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}..{}", self.file.0, self.start, self.end)
    }
}

/// Line starts of a text, to turn byte offsets into lines and columns.
/// Only `\n` ends a line (`\r\n` included); see `syntax` for why no other
/// line break may occur in source.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

/// A position for people: both parts count from one, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1.
    pub column: u32,
}

impl LineIndex {
    /// Indexes the text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1));
        Self { starts }
    }

    /// The zero-based line that holds the offset.
    #[must_use]
    pub fn line(&self, offset: u32) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The offset at which the zero-based line starts.
    #[must_use]
    pub fn line_start(&self, line: usize) -> Option<u32> {
        self.starts.get(line).copied()
    }

    /// The position of an offset; offsets past the end give the end.
    #[must_use]
    pub fn position(&self, text: &str, offset: u32) -> LineColumn {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line(offset as u32);
        let start = self.line_start(line).unwrap_or(0) as usize;
        let column = text.get(start..offset).map_or(0, |s| s.chars().count());
        LineColumn { line: line as u32 + 1, column: column as u32 + 1 }
    }
}

/// Why a file could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileError {
    /// There is no such file.
    NotFound,
    /// It is larger than [`MAX_FILE_BYTES`]; the size in bytes.
    TooLarge(u64),
    /// It is not UTF-8; the offset of the first bad byte.
    NotUtf8(usize),
    /// It is a directory.
    IsDirectory,
    /// The host could not read it, with its reason.
    Unreadable(String),
}

/// How the compiler reads: the only way in. Paths are `/`-separated and
/// relative to whatever root the host chose; the compiler only joins and
/// normalises them.
pub trait Files: Sync {
    /// The text of a file.
    ///
    /// # Errors
    /// When it cannot be had whole, see [`FileError`].
    fn read(&self, path: &str) -> Result<Arc<str>, FileError>;

    /// The paths of all files below a folder whose name ends in `extension`
    /// (without the dot), sorted.
    fn list(&self, folder: &str, extension: &str) -> Vec<String>;

    /// A number that is another one whenever some file that is no source of the language may be:
    /// as long as it is the same, definitions that are remembered need not be looked for again.
    fn stamp(&self) -> Option<u64> {
        None
    }

    /// Told where definitions below a folder are taken as remembered, instead of a listing and reads.
    fn reused(&self, folder: &str) {
        let _ = folder;
    }

    /// What the host keeps between compilations, where it does.
    fn memo(&self) -> Option<&Memo> {
        None
    }
}

/// Files in memory, for tests, the controller and standard input.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles(pub IndexMap<String, Arc<str>>);

impl MemoryFiles {
    /// Adds or replaces a file.
    pub fn insert(&mut self, path: &str, text: &str) {
        self.0.insert(path.to_owned(), Arc::from(text));
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &str) -> Result<Arc<str>, FileError> {
        self.0.get(path).cloned().ok_or(FileError::NotFound)
    }

    fn list(&self, folder: &str, extension: &str) -> Vec<String> {
        let prefix = if folder.is_empty() || folder == "." { String::new() } else { format!("{folder}/") };
        let suffix = format!(".{extension}");
        let mut found: Vec<String> =
            self.0.keys().filter(|p| p.starts_with(&prefix) && p.ends_with(&suffix)).cloned().collect();
        found.sort();
        found
    }
}

/// One file as a compilation saw it.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path, as shown to the user.
    pub path: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
}

/// All files that a compilation has seen, by id. Append-only.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a file and gives it an id.
    pub fn add(&mut self, path: &str, text: Arc<str>) -> FileId {
        let id = self.next();
        self.files.push(SourceFile { path: Arc::from(path), text });
        id
    }

    /// The id that the next file gets.
    #[must_use]
    pub fn next(&self) -> FileId {
        FileId(self.files.len() as u32)
    }

    /// The file with this id, if the map has it.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// The id of the file with this path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<FileId> {
        self.files.iter().position(|f| &*f.path == path).map(|i| FileId(i as u32))
    }

    /// The text under a span; empty when unknown.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).map_or("", |f| span.text(&f.text))
    }

    /// All files in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, f)| (FileId(i as u32), f))
    }
}
