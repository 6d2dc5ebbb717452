//! Fixtures: files parted by lines `//- path`, below `/w`; the first one with `$0`, where the
//! cursor is, is open. A fixture without such a line is the file `main.tess` of a project.

use std::sync::Arc;

use tower_lsp::ls_types::TextDocumentItem;

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
        let mut files: Vec<(String, String)> = Vec::new();
        for line in text.split_inclusive('\n') {
            match line.strip_prefix("//- ") {
                Some(path) => files.push((format!("/w/{}", path.trim()), String::new())),
                None if files.is_empty() => files.push(("/w/main.tess".to_owned(), line.to_owned())),
                None => files.last_mut().unwrap().1.push_str(line),
            }
        }
        if !files.iter().any(|(path, _)| path.ends_with("tessera.toml")) {
            files.push(("/w/tessera.toml".to_owned(), "[package]\nname = \"w\"\nversion = \"0.1.0\"\n".to_owned()));
        }
        let memory = Memory::default();
        let mut open = None;
        for (path, text) in &files {
            let cursor = text.find("$0");
            let text = text.replacen("$0", "", 1);
            memory.write(path, &text);
            if let Some(cursor) = cursor.filter(|_| open.is_none()) {
                open = Some((path.clone(), text, cursor as u32));
            }
        }
        let (path, text, cursor) = open.expect("a cursor, `$0`");
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
