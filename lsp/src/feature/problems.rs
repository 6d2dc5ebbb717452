//! What the compiler found, file by file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tessera_compiler::diagnostic::Diagnostic;

use crate::workspace::compiled::Compiled;

/// The diagnostics of a file, each with the compilation that it is of.
pub(crate) type Found = Vec<(Arc<Compiled>, usize)>;

/// All that compilations found, by file. Two that found the same say it once.
pub(crate) fn by_file(compilations: &[Arc<Compiled>]) -> BTreeMap<PathBuf, Found> {
    let mut files: BTreeMap<PathBuf, Found> = BTreeMap::new();
    for compiled in compilations {
        for (index, found) in compiled.compilation.diagnostics.iter().enumerate() {
            let Some(path) = compiled.path(found.primary.span.file) else { continue };
            let of_file = files.entry(path.to_owned()).or_default();
            if !of_file.iter().any(|(other, index)| !Arc::ptr_eq(other, compiled) && is_same(other, *index, found)) {
                of_file.push((compiled.clone(), index));
            }
        }
    }
    files
}

/// What compilations found in one file.
pub(crate) fn of_file(compilations: &[Arc<Compiled>], path: &Path) -> Found {
    by_file(compilations).remove(path).unwrap_or_default()
}

fn is_same(other: &Compiled, index: usize, found: &Diagnostic) -> bool {
    let Some(known) = other.compilation.diagnostics.get(index) else { return false };
    let place = |d: &Diagnostic| (d.primary.span.start, d.primary.span.end);
    known.code == found.code
        && place(known) == place(found)
        && known.message == found.message
        && known.primary.message == found.primary.message
        && known.notes == found.notes
        && known.help == found.help
}

/// What is said, what about the place, the facts, the next step: a line each.
pub(crate) fn message(found: &Diagnostic) -> String {
    let label = Some(&found.primary.message).filter(|label| !label.is_empty());
    let mut lines = vec![found.message.clone()];
    lines.extend(label.cloned());
    lines.extend(found.notes.iter().map(|note| format!("Note: {note}")));
    lines.extend(found.help.iter().map(|help| format!("Help: {help}")));
    lines.join("\n")
}
