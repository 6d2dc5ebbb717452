//! The representations of composites, reduced, and what is wrong with them whatever the parameters are.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::PARALLEL_FROM;
use crate::check::{CompositeType, Unsound};
use crate::diagnostic::Diagnostic;
use crate::expr::Program;
use crate::reduce::{Reduced, reduce};
use crate::schema::{self, Asked, Schemas};
use crate::{definitions, graph, ir, rules};

/// What reducing the composites of a compilation came to, by [`address`].
pub(super) struct Reductions(FxHashMap<usize, Arc<Reduction>>);

/// What reducing a sound composite came to.
struct Reduction {
    /// What was reduced. It is held so that nothing else gets its address.
    _composite: Arc<CompositeType>,
    /// Nothing where that found an error.
    reduced: Option<Arc<ir::Composite>>,
    diagnostics: Vec<Diagnostic>,
    asked: Asked,
}

/// Tells what is held from all else that is held.
pub(super) fn address<T>(held: &Arc<T>) -> usize {
    Arc::as_ptr(held) as usize
}

impl Reductions {
    /// Reduces the sound composites. Those that the last compilation had are taken over: what they call is
    /// the same, or checking would have made them anew.
    pub(super) fn of(
        composites: &[Arc<CompositeType>],
        program: &Program,
        unsound: &Unsound,
        schemas: &Schemas,
        last: Option<&Self>,
    ) -> Self {
        let mut all = FxHashMap::default();
        let mut new = Vec::new();
        for composite in composites.iter().filter(|composite| unsound.allows(composite)) {
            match last.and_then(|last| last.0.get(&address(composite))) {
                Some(known) => {
                    schemas.ask(&known.asked);
                    all.insert(address(composite), known.clone());
                }
                None => new.push(composite),
            }
        }
        let one = |composite: &&Arc<CompositeType>| {
            (address(composite), Arc::new(Reduction::of(composite, program, schemas)))
        };
        if new.len() < PARALLEL_FROM {
            all.extend(new.iter().map(one));
        } else {
            all.par_extend(new.par_iter().map(one));
        }
        Self(all)
    }

    /// All that was found.
    pub(super) fn diagnostics<'a>(
        &'a self,
        composites: &'a [Arc<CompositeType>],
    ) -> impl Iterator<Item = &'a Diagnostic> {
        let all = composites.iter().filter_map(|composite| self.0.get(&address(composite)));
        all.flat_map(|reduction| &reduction.diagnostics)
    }

    /// The representation of a composite; none where it is unsound.
    pub(super) fn get(&self, composite: &Arc<CompositeType>) -> Option<&Arc<ir::Composite>> {
        self.0.get(&address(composite))?.reduced.as_ref()
    }

    /// The representation of each.
    pub(super) fn of_each(&self, composites: &[Arc<CompositeType>]) -> Vec<Option<Arc<ir::Composite>>> {
        composites.iter().map(|composite| self.get(composite).cloned()).collect()
    }
}

impl Reduction {
    fn of(composite: &Arc<CompositeType>, program: &Program, schemas: &Schemas) -> Self {
        let written = &composite.ir;
        let ((reduced, diagnostics), asked) = schema::noting(|| {
            let Reduced { composite: mut reduced, mut diagnostics } = reduce(written, program);
            // Functions are put in by now, and what is written in place of its name.
            diagnostics.extend(graph::connect(&mut reduced));
            if diagnostics.iter().any(Diagnostic::is_error) {
                return (None, diagnostics);
            }
            // Those of the top level are evaluated whole.
            if !written.kind.is_empty() {
                diagnostics.extend(rules::check_composite(&reduced, written, program));
                diagnostics.extend(definitions::check_composite(schemas, &reduced, written, program));
            }
            (Some(Arc::new(reduced)), diagnostics)
        });
        Self { _composite: composite.clone(), reduced, diagnostics, asked }
    }
}
