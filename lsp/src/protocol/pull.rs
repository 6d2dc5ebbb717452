//! Diagnostics that the client asks for.

use std::collections::BTreeMap;
use std::hash::{Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHasher;
use tower_lsp::ls_types::{
    Diagnostic, DocumentDiagnosticParams, DocumentDiagnosticReport, FullDocumentDiagnosticReport,
    RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport,
    Uri, WorkspaceDiagnosticParams, WorkspaceDiagnosticReport, WorkspaceDocumentDiagnosticReport,
    WorkspaceFullDocumentDiagnosticReport, WorkspaceUnchangedDocumentDiagnosticReport,
};

use crate::feature::problems::{self, Found};
use crate::protocol::capabilities::About;
use crate::protocol::diagnostic::diagnostic;
use crate::protocol::uri::path_of;
use crate::workspace::compiled::Compiled;
use crate::workspace::snapshot::Snapshot;

/// The answer to `workspace/diagnostic`: every file that something was found in, and every one that
/// the client has an answer for.
pub(crate) fn workspace(
    snapshot: &Snapshot,
    params: &WorkspaceDiagnosticParams,
    about: &About,
) -> WorkspaceDiagnosticReport {
    let (targets, _) = snapshot.targets();
    let compilations: Vec<_> = targets.iter().filter_map(|target| snapshot.compiled(target).ok()).collect();
    let mut all = problems::by_file(&compilations);
    let known: BTreeMap<PathBuf, &str> =
        params.previous_result_ids.iter().map(|old| (path(snapshot, &old.uri), old.value.as_str())).collect();
    for path in known.keys() {
        all.entry(path.clone()).or_default();
    }
    let report = |(path, found): (PathBuf, Found)| {
        let uri = snapshot.uri(&path)?;
        let version = snapshot.documents.get(&path).map(|document| i64::from(document.version));
        let items = converted(&found, snapshot, about);
        let result_id = result_id(&items);
        Some(if known.get(&path) == Some(&result_id.as_str()) {
            let unchanged_document_diagnostic_report = UnchangedDocumentDiagnosticReport { result_id };
            WorkspaceDocumentDiagnosticReport::Unchanged(WorkspaceUnchangedDocumentDiagnosticReport {
                uri,
                version,
                unchanged_document_diagnostic_report,
            })
        } else {
            WorkspaceDocumentDiagnosticReport::Full(WorkspaceFullDocumentDiagnosticReport {
                uri,
                version,
                full_document_diagnostic_report: FullDocumentDiagnosticReport { result_id: Some(result_id), items },
            })
        })
    };
    WorkspaceDiagnosticReport { items: all.into_iter().filter_map(report).collect() }
}

/// The diagnostics of a file as the client shows them.
pub(crate) fn converted(found: &Found, snapshot: &Snapshot, about: &About) -> Vec<Diagnostic> {
    let of = |(compiled, index): &(Arc<Compiled>, usize)| {
        Some(diagnostic(compiled.compilation.diagnostics.get(*index)?, compiled, snapshot, about))
    };
    found.iter().filter_map(of).collect()
}

/// The diagnostics of a document.
fn of(snapshot: &Snapshot, uri: &Uri, about: &About) -> Vec<Diagnostic> {
    let path = path(snapshot, uri);
    let (targets, _) = snapshot.targets();
    let own = snapshot.target(&path).filter(|own| !targets.contains(own));
    let compilations: Vec<_> = targets.iter().chain(&own).filter_map(|target| snapshot.compiled(target).ok()).collect();
    converted(&problems::of_file(&compilations, &path), snapshot, about)
}

/// What names a list of diagnostics: the same for equal ones.
pub(crate) fn result_id(diagnostics: &[Diagnostic]) -> String {
    let mut hasher = FxHasher::default();
    serde_json::to_string(diagnostics).unwrap_or_default().hash(&mut hasher);
    format!("{:016x}-{}", hasher.finish(), diagnostics.len())
}

/// How the server knows a document.
pub(crate) fn path(snapshot: &Snapshot, uri: &Uri) -> PathBuf {
    snapshot.document(uri).map_or_else(|| path_of(uri, None), |document| document.path.clone())
}

/// The answer to `textDocument/diagnostic`, and its name.
pub(crate) fn document(
    snapshot: &Snapshot,
    params: &DocumentDiagnosticParams,
    about: &About,
) -> (DocumentDiagnosticReport, String) {
    let items = of(snapshot, &params.text_document.uri, about);
    let result_id = result_id(&items);
    if params.previous_result_id.as_ref() == Some(&result_id) {
        let report = DocumentDiagnosticReport::Unchanged(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id: result_id.clone() },
        });
        return (report, result_id);
    }
    let report = DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: FullDocumentDiagnosticReport { result_id: Some(result_id.clone()), items },
    });
    (report, result_id)
}
