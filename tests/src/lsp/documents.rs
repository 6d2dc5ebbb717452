//! What a client does with documents and files.

use serde_json::{Value as Json, json};

use super::texts::{changed, language};
use super::{Client, Document, Place, Result};

impl Client {
    /// What it answers from now on when it is asked for its configuration.
    pub fn configure(&mut self, settings: Json) {
        self.options.settings = settings;
    }

    /// Opens a document.
    ///
    /// # Errors
    /// When the server does not read.
    pub fn open(&mut self, uri: &str, text: &str) -> Result<()> {
        self.open_as(uri, Document { text: text.to_owned(), version: 1, language: language(uri).to_owned() })
    }

    /// Opens a document at a version, in a language.
    ///
    /// # Errors
    /// When the server does not read.
    pub fn open_as(&mut self, uri: &str, document: Document) -> Result<()> {
        let Document { text, version, language } = &document;
        let item = json!({ "uri": uri, "languageId": language, "version": version, "text": text });
        self.documents.insert(uri.to_owned(), document);
        self.notify("textDocument/didOpen", json!({ "textDocument": item }))
    }

    /// Changes a document by `TextDocumentContentChangeEvent`s.
    ///
    /// # Errors
    /// When the document is not open or the server does not read.
    pub fn change(&mut self, uri: &str, changes: Vec<Json>) -> Result<()> {
        let document = self.documents.get_mut(uri).ok_or_else(|| format!("{uri} is not open"))?;
        document.version += 1;
        for change in &changes {
            document.text = changed(&document.text, change);
        }
        let of = json!({ "uri": uri, "version": document.version });
        self.notify("textDocument/didChange", json!({ "textDocument": of, "contentChanges": changes }))
    }

    /// Gives a document a new text.
    ///
    /// # Errors
    /// When the document is not open or the server does not read.
    pub fn replace(&mut self, uri: &str, text: &str) -> Result<()> {
        self.change(uri, vec![json!({ "text": text })])
    }

    /// Closes a document.
    ///
    /// # Errors
    /// When the server does not read.
    pub fn close(&mut self, uri: &str) -> Result<()> {
        self.documents.remove(uri);
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }))
    }

    /// Tells changes of files: 1 created, 2 changed, 3 deleted.
    ///
    /// # Errors
    /// When the server does not read.
    pub fn files_changed(&mut self, changes: &[(String, u32)]) -> Result<()> {
        let changes: Vec<Json> = changes.iter().map(|(uri, kind)| json!({ "uri": uri, "type": kind })).collect();
        self.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }))
    }

    /// The result of a request about a place in a document.
    ///
    /// # Errors
    /// When it is an error.
    pub fn at(&mut self, method: &str, uri: &str, place: Place) -> Result<Json> {
        self.ask(method, json!({ "textDocument": { "uri": uri }, "position": place.json() }))
    }

    /// The diagnostics of a document, asked for.
    ///
    /// # Errors
    /// When the answer is an error.
    pub fn diagnostics(&mut self, uri: &str) -> Result<Vec<Json>> {
        let report = self.ask("textDocument/diagnostic", json!({ "textDocument": { "uri": uri } }))?;
        let items = report.get("items").and_then(Json::as_array).cloned();
        items.ok_or_else(|| format!("no full report: {report}"))
    }
}
