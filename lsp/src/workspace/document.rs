//! A document that is open in the editor.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use tessera_compiler::source::{FileId, MAX_FILE_BYTES};
use tessera_compiler::syntax::{self, Parse};
use tower_lsp::ls_types::Uri;

use crate::protocol::position::Lines;

/// A document, as it is at one version.
#[derive(Debug)]
pub(crate) struct Document {
    /// As the client writes it.
    pub(crate) uri: Uri,
    pub(crate) path: PathBuf,
    pub(crate) version: i32,
    pub(crate) language: String,
    /// The same text as long as it is the same version.
    pub(crate) text: Arc<str>,
    lines: OnceLock<Lines>,
    parse: OnceLock<Parse>,
}

impl Document {
    pub(crate) fn new(uri: Uri, path: PathBuf, version: i32, language: String, text: Arc<str>) -> Self {
        Self { uri, path, version, language, text, lines: OnceLock::new(), parse: OnceLock::new() }
    }

    pub(crate) fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::new(&self.text))
    }

    /// The syntax, where the document is a source that is read at all; its file is 0.
    pub(crate) fn parse(&self) -> Option<&Parse> {
        let source = self.path.extension().is_some_and(|extension| extension == "tess");
        (source && !self.is_too_large()).then(|| self.parse.get_or_init(|| syntax::parse(FileId(0), &self.text)))
    }

    /// Whether the compiler refuses it by its size.
    pub(crate) fn is_too_large(&self) -> bool {
        self.text.len() > MAX_FILE_BYTES
    }
}
