//! Features: pure functions over a snapshot. They know bytes, paths and the
//! compiler's values; the protocol they do not know.

use std::path::PathBuf;
use std::sync::Arc;

pub(crate) mod call_hierarchy;
pub(crate) mod code_lens;
pub(crate) mod completion;
pub(crate) mod declared;
pub(crate) mod definition;
pub(crate) mod extent;
pub(crate) mod fixes;
#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod folding;
pub(crate) mod formatting;
pub(crate) mod graph;
pub(crate) mod hover;
pub(crate) mod imports;
pub(crate) mod inlay_hints;
pub(crate) mod links;
pub(crate) mod names;
pub(crate) mod preview;
pub(crate) mod problems;
pub(crate) mod refactor;
pub(crate) mod references;
pub(crate) mod rename;
pub(crate) mod selection;
pub(crate) mod semantic_tokens;
pub(crate) mod signature_help;
pub(crate) mod symbols;
#[cfg(test)]
mod tests;
pub(crate) mod words;

/// A replacement of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) text: String,
}

/// Edits of one file, in the order of their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileEdit {
    pub(crate) path: PathBuf,
    /// The text that they are for.
    pub(crate) text: Arc<str>,
    pub(crate) edits: Vec<Edit>,
}
