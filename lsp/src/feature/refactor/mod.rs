//! Changes that somebody may want, beside the compiler's own fixes: what is
//! required filled in, missing cases added, a name imported, an expression made a
//! `let`, a constant or a parameter.

mod extract;
mod fill;
mod import;
#[cfg(test)]
mod tests;

use tessera_compiler::analysis::Analysis;
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::resolve::Module;
use tessera_compiler::source::FileId;

use super::Edit;

/// A change of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Action {
    /// What it does, as an order.
    pub(crate) title: String,
    /// What it is for.
    pub(crate) aim: Aim,
    /// The edits, in the order of their places.
    pub(crate) edits: Vec<Edit>,
}

/// What an action is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    /// It mends the diagnostic with this number among those that were given.
    Mend(usize),
    /// It takes something out to a place of its own.
    Extract,
}

/// A file and what is chosen in it.
pub(crate) struct Choice<'a> {
    pub(crate) analysis: &'a Analysis,
    pub(crate) module: &'a Module,
    pub(crate) text: &'a str,
    pub(crate) file: FileId,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// The changes that are offered for a range of a file. `found` is what the compiler says there.
#[must_use]
pub(crate) fn actions(analysis: &Analysis, found: &[&Diagnostic], start: u32, end: u32) -> Vec<Action> {
    let Some(file) = analysis.file else { return Vec::new() };
    let Some(source) = analysis.modules.sources.get(file) else { return Vec::new() };
    let Some(module) = analysis.modules.list.iter().find(|module| module.file == file) else { return Vec::new() };
    let choice = Choice { analysis, module, text: &source.text, file, start, end };
    let mut actions = Vec::new();
    for (number, diagnostic) in found.iter().enumerate() {
        let edits = match diagnostic.code.id {
            "E0303" => fill::fields(&choice, diagnostic).into_iter().collect(),
            "E0305" => fill::arms(&choice, diagnostic).into_iter().collect(),
            "E0201" | "E0903" => import::imports(&choice, diagnostic),
            _ => Vec::new(),
        };
        actions.extend(edits.into_iter().map(|(title, edit)| Action {
            title,
            aim: Aim::Mend(number),
            edits: vec![edit],
        }));
    }
    if start < end {
        actions.extend(extract::extractions(&choice));
    }
    actions
}

impl Choice<'_> {
    /// The blanks that the line of a place begins with.
    fn indent(&self, at: u32) -> &str {
        let head = self.text.get(..at as usize).unwrap_or("");
        let start = head.rfind('\n').map_or(0, |i| i + 1);
        let line = self.text.get(start..).unwrap_or("");
        let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
        line.get(..blank).unwrap_or("")
    }

    /// The beginning of the line of a place.
    fn line_start(&self, at: u32) -> u32 {
        let head = self.text.get(..at as usize).unwrap_or("");
        head.rfind('\n').map_or(0, |i| i as u32 + 1)
    }
}
