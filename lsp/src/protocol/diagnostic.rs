//! Diagnostics of the compiler as those of the protocol.

use tessera_compiler::diagnostic::{Diagnostic, Severity};
use tower_lsp::ls_types::{
    self, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location, NumberOrString,
};

use crate::feature::problems::message;
use crate::protocol::capabilities::About;
use crate::workspace::compiled::Compiled;
use crate::workspace::snapshot::Snapshot;

/// The diagnostic as the client shows it. Its text is what the command line says.
pub(crate) fn diagnostic(
    found: &Diagnostic,
    compiled: &Compiled,
    snapshot: &Snapshot,
    about: &About,
) -> ls_types::Diagnostic {
    let related: Vec<DiagnosticRelatedInformation> = found
        .secondary
        .iter()
        .filter_map(|label| {
            let range = compiled.range(label.span, snapshot.encoding);
            let uri = snapshot.uri(compiled.path(label.span.file)?)?;
            Some(DiagnosticRelatedInformation { location: Location { uri, range }, message: label.message.clone() })
        })
        .collect();
    let tag = match found.code.id {
        "W0801" => Some(DiagnosticTag::UNNECESSARY),
        "W0806" => Some(DiagnosticTag::DEPRECATED),
        _ => None,
    };
    ls_types::Diagnostic {
        range: compiled.range(found.primary.span, snapshot.encoding),
        severity: Some(match found.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Note => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(found.code.id.to_owned())),
        code_description: None,
        source: Some("tessera".to_owned()),
        message: message(found),
        related_information: (about.related && !related.is_empty()).then_some(related),
        tags: tag.filter(|_| about.tags).map(|tag| vec![tag]),
        data: None,
    }
}
