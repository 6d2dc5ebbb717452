//! What a cluster has of the objects: `--observed FILE`.

use std::path::PathBuf;
use std::sync::Arc;

use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::resolve::unreadable;
use tessera_compiler::source::{FileError, FileId, SourceMap};
use tessera_compiler::value::Value;
use tessera_compiler::yaml;

use crate::failure::Outcome;
use crate::files;
use crate::report::Report;

/// The objects in the files; a `List` gives its items. What is wrong goes to
/// the report.
///
/// # Errors
/// None yet; the report holds them.
pub(crate) fn read(paths: &[PathBuf], report: &mut Report) -> Outcome<Vec<Value>> {
    let mut objects = Vec::new();
    for path in paths {
        let shown = path.to_string_lossy();
        let mut sources = SourceMap::default();
        let diagnostics: Vec<Diagnostic> = match files::read_text(path) {
            Ok(text) => {
                let file = sources.add(&shown, Arc::from(text.as_str()));
                let (documents, diagnostics) = yaml::read(file, &text);
                documents.iter().for_each(|document| add(yaml::value(&document.root), &mut objects));
                diagnostics
            }
            Err(error) => {
                report.world |= matches!(error, FileError::Unreadable(_));
                sources.add(&shown, Arc::from(""));
                vec![unreadable(FileId(0), &shown, &error)]
            }
        };
        report.absorb(&sources, &diagnostics, str::to_owned);
    }
    Ok(objects)
}

fn add(value: Value, objects: &mut Vec<Value>) {
    let is_list = value.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
    match value.get("items").and_then(Value::as_list) {
        Some(items) if is_list => objects.extend(items.iter().cloned()),
        _ => objects.push(value),
    }
}
