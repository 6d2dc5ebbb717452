//! The compiler as tests call it: files in memory in, everything out.

use std::sync::Arc;

use tessera_compiler::check::{self, Checked};
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::project::{self, Project};
use tessera_compiler::resolve::{self, Modules, Request};
use tessera_compiler::schema::Schemas;
use tessera_compiler::source::{FileId, MemoryFiles, SourceMap};

/// What a compilation yields.
pub struct Compiled {
    /// All modules, with the texts.
    pub modules: Modules,
    /// What checking yields, its diagnostics moved into the field below.
    pub checked: Checked,
    /// All that was reported, in the order in which it is shown.
    pub diagnostics: Vec<Diagnostic>,
}

impl Compiled {
    /// The texts.
    #[must_use]
    pub const fn sources(&self) -> &SourceMap {
        &self.modules.sources
    }
}
