//! What the compiler says of an object.

use serde_json::Value as Json;
use tessera_compiler::diagnostic::Diagnostic;

use super::print::source;
use crate::compile;

/// The definitions that the test's own kinds come from, as files of a project.
#[derive(Clone, Debug, Default)]
pub struct Definitions(pub Vec<(String, String)>);

/// The group of the test's own kinds.
const GROUP: &str = "oracle.example.com/";

/// A project that reads the definitions.
const PROJECT: &str = "[package]\nname = \"oracle\"\ncrds = [\"crds/*.yaml\"]\n";

/// The errors that `tessera check` reports for the object as a resource: each
/// the code and the message.
#[must_use]
pub fn errors(object: &Json, definitions: &Definitions) -> Vec<String> {
    let mut files = vec![("main.tess".to_owned(), source(object))];
    if object.get("apiVersion").and_then(Json::as_str).is_some_and(|version| version.starts_with(GROUP)) {
        files.extend(definitions.0.iter().cloned());
        files.push(("tessera.toml".to_owned(), PROJECT.to_owned()));
    }
    let compiled = compile::check(&files);
    let errors = compiled.diagnostics.iter().filter(|d| Diagnostic::is_error(d));
    errors.map(|d| format!("{} {}", d.code.id, d.message)).collect()
}
