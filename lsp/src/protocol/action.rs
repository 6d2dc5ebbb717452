//! Edits and code actions as the protocol has them.

use std::collections::HashMap;

use tower_lsp::ls_types::{
    DocumentChanges, OneOf, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};

use crate::feature::{Edit, FileEdit};
use crate::protocol::capabilities::About;
use crate::protocol::position::Lines;
use crate::workspace::document::Document;
use crate::workspace::snapshot::Snapshot;

/// Edits of one text.
pub(crate) fn text_edits(text: &str, lines: &Lines, edits: &[Edit], snapshot: &Snapshot) -> Vec<TextEdit> {
    edits
        .iter()
        .map(|edit| TextEdit {
            range: lines.range(text, edit.start, edit.end, snapshot.encoding),
            new_text: edit.text.clone(),
        })
        .collect()
}

/// Edits of an open document.
pub(crate) fn document_edits(document: &Document, edits: &[Edit], snapshot: &Snapshot) -> Vec<TextEdit> {
    text_edits(&document.text, document.lines(), edits, snapshot)
}

/// Edits of files; nothing where one of them has no place in the editor.
pub(crate) fn workspace_edit(edits: &[FileEdit], snapshot: &Snapshot, about: &About) -> Option<WorkspaceEdit> {
    let mut files: Vec<(Uri, Option<i32>, Vec<TextEdit>)> = Vec::new();
    for FileEdit { path, text, edits } in edits {
        let uri = snapshot.uri(path)?;
        let version = snapshot.documents.get(path).map(|document| document.version);
        files.push((uri, version, text_edits(text, &Lines::new(text), edits, snapshot)));
    }
    if about.versioned_edits {
        let changes = files.into_iter().map(|(uri, version, edits)| TextDocumentEdit {
            text_document: OptionalVersionedTextDocumentIdentifier { uri, version },
            edits: edits.into_iter().map(OneOf::Left).collect(),
        });
        let changes = Some(DocumentChanges::Edits(changes.collect()));
        return Some(WorkspaceEdit { document_changes: changes, ..WorkspaceEdit::default() });
    }
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for (uri, _, edits) in files {
        changes.entry(uri).or_default().extend(edits);
    }
    Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
}
