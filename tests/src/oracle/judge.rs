//! What the compiler says of an object.

use serde_json::Value as Json;
use tessera_compiler::diagnostic::Diagnostic;

use super::print::source;
use crate::compile;

/// The definitions that the objects' kinds come from, as the files of a project.
#[derive(Clone, Debug, Default)]
pub struct Definitions(pub Vec<(String, String)>);

/// The errors that `tessera check` reports for the object as a resource: each
/// the code and the message.
#[must_use]
pub fn errors(object: &Json, definitions: &Definitions) -> Vec<String> {
    let mut files = definitions.0.clone();
    files.push(("main.tess".to_owned(), source(object)));
    let compiled = compile::check(&files);
    let errors = compiled.diagnostics.iter().filter(|d| Diagnostic::is_error(d));
    errors.map(|d| format!("{} {}", d.code.id, d.message)).collect()
}
