//! What an editor asks about sources: loads them as a compilation does and
//! checks one file, or all, taking notes. Nothing is reduced or evaluated, and
//! of the other files only what the one needs is checked, so that an answer
//! costs little while somebody types.

use rustc_hash::FxHashSet;

use crate::check::{self, Facts};
use crate::compile;
use crate::eval::{Evaluator, NoHost};
use crate::expr::{Expr, ExprKind};
use crate::resolve::{self, Modules, Request};
use crate::schema::Schemas;
use crate::source::{FileId, Span};
use crate::syntax;
use crate::value::Value;

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
    /// The modules that may be imported, where a place was asked about that checking knows nothing of.
    pub importable: Vec<String>,
}

/// Analyses one file of a request; with a place in it, in bytes, what may stand there is noted too.
/// `None` where the file is not among those that the request loads.
#[must_use]
pub fn analyse(request: &Request<'_>, schemas: &Schemas, path: &str, probe: Option<u32>) -> Option<Analysis> {
    on_stack(|| {
        let (modules, schemas, source_files) = compile::load(request, schemas);
        let file = modules.sources.find(path)?;
        let facts = check::facts(&modules, &schemas, Some(file), probe);
        let unknown = probe.is_some() && facts.places.is_empty();
        let importable = if unknown { resolve::importable(request) } else { Vec::new() };
        Some(Analysis { modules, schemas, source_files, file: Some(file), facts, importable })
    })
}

/// Analyses all files of a request.
#[must_use]
pub fn analyse_all(request: &Request<'_>, schemas: &Schemas) -> Analysis {
    on_stack(|| {
        let (modules, schemas, source_files) = compile::load(request, schemas);
        let facts = check::facts(&modules, &schemas, None, None);
        Analysis { modules, schemas, source_files, file: None, facts, importable: Vec::new() }
    })
}

/// The steps that an editor waits for.
const STEPS: u64 = 20_000;

impl Analysis {
    /// The value of the constant of a module whose name is declared at a place, where it is soon told.
    #[must_use]
    pub fn constant(&self, name: Span) -> Option<Value> {
        let program = &self.facts.program;
        let global = program.globals.iter().find(|global| global.span == name)?;
        if let Some(value) = global.value.known() {
            return Some(value.clone());
        }
        let is_whole =
            || self.facts.diagnostics.iter().all(|found| !found.is_error()) && self.has_bodies(&global.value);
        is_whole().then(|| on_stack(|| Evaluator::new(program, &NoHost).with_steps(STEPS).eval(&global.value).ok()))?
    }

    /// Whether the functions that an expression calls were all checked: of another file, only what they take is.
    fn has_bodies(&self, expr: &Expr) -> bool {
        let Some(file) = self.file else { return true };
        let mut open = vec![expr];
        let (mut functions, mut globals) = (FxHashSet::default(), FxHashSet::default());
        while let Some(expr) = open.pop() {
            let mut called = Vec::new();
            expr.walk(&mut |part| match &part.kind {
                ExprKind::CallFn(id, _) if functions.insert(*id) => called.push(Err(*id)),
                ExprKind::Global(id) if globals.insert(*id) => called.push(Ok(*id)),
                _ => {}
            });
            for id in called {
                match id {
                    Err(function) => match self.facts.program.functions.get(function.0 as usize) {
                        Some(function) if function.span.file == file => open.push(&function.body),
                        _ => return false,
                    },
                    Ok(global) => open.extend(self.facts.program.globals.get(global.0 as usize).map(|g| &g.value)),
                }
            }
        }
        true
    }
}

fn on_stack<R>(work: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(syntax::STACK, 2 * syntax::STACK, work)
}
