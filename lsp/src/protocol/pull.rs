//! Diagnostics that the client asks for.

use std::hash::{Hash as _, Hasher as _};

use rustc_hash::FxHasher;
use tower_lsp::ls_types::{
    Diagnostic, DocumentDiagnosticParams, DocumentDiagnosticReport, FullDocumentDiagnosticReport,
    RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport,
    Uri,
};

use crate::feature::problems;
use crate::protocol::capabilities::About;
use crate::protocol::diagnostic::diagnostic;
use crate::protocol::uri::path_of;
use crate::workspace::snapshot::Snapshot;

/// The diagnostics of a document.
fn of(snapshot: &Snapshot, uri: &Uri, about: &About) -> Vec<Diagnostic> {
    let path = snapshot.document(uri).map_or_else(|| path_of(uri, None), |document| document.path.clone());
    let (targets, _) = snapshot.targets();
    let own = snapshot.target(&path).filter(|own| !targets.contains(own));
    let compilations: Vec<_> = targets.iter().chain(&own).filter_map(|target| snapshot.compiled(target).ok()).collect();
    let found = problems::of_file(&compilations, &path);
    found
        .iter()
        .filter_map(|(compiled, index)| {
            Some(diagnostic(compiled.compilation.diagnostics.get(*index)?, compiled, snapshot, about))
        })
        .collect()
}

/// What names a list of diagnostics: the same for equal ones.
pub(crate) fn result_id(diagnostics: &[Diagnostic]) -> String {
    let mut hasher = FxHasher::default();
    serde_json::to_string(diagnostics).unwrap_or_default().hash(&mut hasher);
    format!("{:016x}-{}", hasher.finish(), diagnostics.len())
}

/// The answer to `textDocument/diagnostic`.
pub(crate) fn document(
    snapshot: &Snapshot,
    params: &DocumentDiagnosticParams,
    about: &About,
) -> DocumentDiagnosticReport {
    let items = of(snapshot, &params.text_document.uri, about);
    let result_id = result_id(&items);
    if params.previous_result_id.as_ref() == Some(&result_id) {
        return DocumentDiagnosticReport::Unchanged(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
        });
    }
    DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: FullDocumentDiagnosticReport { result_id: Some(result_id), items },
    })
}
