//! What an editor asks about sources: loads them as a compilation does and
//! checks one file, or all, taking notes. Nothing is reduced or evaluated, and
//! of the other files only what the one needs is checked, so that an answer
//! costs little while somebody types.

use crate::check::{self, Facts};
use crate::compile;
use crate::resolve::{Modules, Request};
use crate::schema::Schemas;
use crate::source::FileId;
use crate::syntax;

/// What there is to know about sources.
pub struct Analysis {
    /// The modules and texts.
    pub modules: Modules,
    /// The schemas of the project.
    pub schemas: Schemas,
    /// How many of the texts are no CRDs; those come after them.
    pub source_files: usize,
    /// The file that it is of, where it is of one.
    pub file: Option<FileId>,
    /// What checking noted.
    pub facts: Facts,
}

/// Analyses one file of a request; with a place in it, in bytes, what may stand there is noted too.
/// `None` where the file is not among those that the request loads.
#[must_use]
pub fn analyse(request: &Request<'_>, schemas: &Schemas, path: &str, probe: Option<u32>) -> Option<Analysis> {
    on_stack(|| {
        let (modules, schemas, source_files) = compile::load(request, schemas);
        let file = modules.sources.find(path)?;
        let facts = check::facts(&modules, &schemas, Some(file), probe);
        Some(Analysis { modules, schemas, source_files, file: Some(file), facts })
    })
}

/// Analyses all files of a request.
#[must_use]
pub fn analyse_all(request: &Request<'_>, schemas: &Schemas) -> Analysis {
    on_stack(|| {
        let (modules, schemas, source_files) = compile::load(request, schemas);
        let facts = check::facts(&modules, &schemas, None, None);
        Analysis { modules, schemas, source_files, file: None, facts }
    })
}

fn on_stack<R>(work: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(syntax::STACK, 2 * syntax::STACK, work)
}
