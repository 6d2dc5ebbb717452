//! Fixtures of features as a whole workspace: their files lie below `/w`, that with the cursor is open.

use std::sync::Arc;

use tower_lsp::ls_types::TextDocumentItem;

use crate::feature;
use crate::protocol::uri::uri_of;
use crate::tests::host::Memory;
use crate::workspace::document::Document;
use crate::workspace::snapshot::{Place, Snapshot};
use crate::workspace::state::State;

/// A workspace with a cursor.
pub(super) struct Fixture {
    pub(super) snapshot: Snapshot,
    pub(super) document: Arc<Document>,
    /// Where the cursor is, in bytes.
    pub(super) cursor: u32,
}

impl Fixture {
    pub(super) fn new(text: &str) -> Self {
        let given = feature::fixture::Fixture::new(text);
        let memory = Memory::default();
        memory.write("/w/tessera.toml", "[package]\nname = \"w\"\nversion = \"0.1.0\"\n");
        for (path, text) in &given.files.0 {
            memory.write(&format!("/w/{path}"), text);
        }
        let (path, cursor) = given.cursor.expect("a cursor, `$0`");
        let (text, path) = (given.files.0[&path].to_string(), format!("/w/{path}"));
        let mut state = State::new(Arc::new(memory));
        let uri = uri_of(path.as_ref()).unwrap();
        state.open(TextDocumentItem { uri: uri.clone(), language_id: "tessera".to_owned(), version: 1, text });
        let snapshot = state.snapshot();
        let document = snapshot.document(&uri).unwrap();
        Self { snapshot, document, cursor }
    }

    pub(super) fn place(&self) -> Place {
        self.snapshot.place(&self.document.uri).expect("the document is compiled")
    }

    pub(super) fn text(&self, start: u32, end: u32) -> &str {
        &self.document.text[start as usize..end as usize]
    }
}
