//! What the compiler has to say: one structured value, collected and never
//! printed here. Renderers turn it into terminal text, JSON, SARIF, GitHub
//! annotations.

pub mod codes;
mod fix;
mod github;
mod human;
mod json;
mod order;
mod pages;
mod place;
mod sarif;
mod stage;

#[cfg(test)]
mod human_tests;
#[cfg(test)]
mod machine_tests;

pub use codes::*;
pub use fix::{MAX_ROUNDS, apply_fixes};
pub use github::render_github;
pub use human::{MAX_SHOWN, Options, render_human};
pub use json::render_json;
pub use order::{sorted, summary};
pub use pages::page;
pub use sarif::render_sarif;

use crate::source::{FileId, Span};

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Likely a mistake; does not stop a build.
    Warning,
    /// The input is wrong; nothing is built from it.
    Error,
}

/// A place, and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What about it; may be empty.
    pub message: String,
}

/// A replacement of the text under a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// A change that mends the cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an imperative: "replace it with `replicas`".
    pub title: String,
    /// The edits, not overlapping, in any number of files.
    pub edits: Vec<Edit>,
    /// Whether `check --fix` may apply it without asking: it keeps or makes
    /// the meaning certain.
    pub safe: bool,
}

/// One thing to say, with its places and its way forward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: &'static Code,
    /// The code's severity, unless raised or lowered.
    pub severity: Severity,
    /// One sentence without a final full stop.
    pub message: String,
    /// The place that is to blame.
    pub primary: Label,
    /// Other places that explain it.
    pub secondary: Vec<Label>,
    /// Facts that help to understand.
    pub notes: Vec<String>,
    /// The one next step.
    pub help: Option<String>,
    /// Changes that mend it.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// A diagnostic with the code's own severity.
    #[must_use]
    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity,
            message: message.into(),
            primary: Label { span, message: String::new() },
            secondary: Vec::new(),
            notes: Vec::new(),
            help: None,
            fixes: Vec::new(),
        }
    }

    /// Sets what is said at the primary place.
    #[must_use]
    pub fn label(mut self, message: impl Into<String>) -> Self {
        self.primary.message = message.into();
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn also(mut self, span: Span, message: impl Into<String>) -> Self {
        self.secondary.push(Label { span, message: message.into() });
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Sets the next step.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a fix that replaces one span. A safe one may be applied unasked.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, span: Span, text: impl Into<String>, safe: bool) -> Self {
        let edits = vec![Edit { span, text: text.into() }];
        self.fixes.push(Fix { title: title.into(), edits, safe });
        self
    }

    /// Gives the files of its places other ids.
    pub fn move_files(&mut self, to: impl Fn(FileId) -> FileId) {
        let moved = |span: &mut Span| span.file = to(span.file);
        moved(&mut self.primary.span);
        self.secondary.iter_mut().for_each(|label| moved(&mut label.span));
        self.fixes.iter_mut().flat_map(|fix| &mut fix.edits).for_each(|edit| moved(&mut edit.span));
    }

    /// Whether this stops a build.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
