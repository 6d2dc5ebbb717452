//! What instances, and the resources at the top level of modules, come to.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::reduced::{Reductions, address};
use super::{Built, PARALLEL_FROM, Settings};
use crate::check::{CompositeType, TypedInstance, Unsound};
use crate::definitions;
use crate::diagnostic::Diagnostic;
use crate::eval::{Evaluator, NoHost};
use crate::expr::{Expr, Program};
use crate::instantiate::{self, Input, Instantiated};
use crate::ir;
use crate::resolve::{ModuleId, Modules};
use crate::schema::{self, Asked, Schemas};
use crate::source::Span;
use crate::value::{Map, Value};

/// What is needed to evaluate.
pub(super) struct Stage<'a> {
    pub(super) modules: &'a Modules,
    pub(super) schemas: &'a Schemas,
    pub(super) program: &'a Program,
    pub(super) unsound: &'a Unsound,
    pub(super) reductions: &'a Reductions,
    pub(super) settings: &'a Settings,
}

/// What evaluating came to where nothing of a cluster was given: by [`address`] of the instance, or of the
/// composite where there is none.
pub(super) struct Evaluations(FxHashMap<usize, Arc<Evaluation>>);

struct Evaluation {
    result: Arc<Instantiated>,
    asked: Asked,
    /// What was evaluated. They are held so that nothing else gets their addresses.
    _composite: Arc<CompositeType>,
    _instance: Option<Arc<TypedInstance>>,
}

/// One thing to evaluate.
struct Job<'a> {
    composite: &'a Arc<CompositeType>,
    reduced: &'a ir::Composite,
    instance: Option<(usize, &'a Arc<TypedInstance>)>,
}

impl Job<'_> {
    fn address(&self) -> usize {
        self.instance.map_or_else(|| address(self.composite), |(_, instance)| address(instance))
    }
}

impl Stage<'_> {
    /// Evaluates what is asked for. What the last compilation evaluated is taken over: what it calls is the
    /// same, or checking would have made it anew.
    pub(super) fn evaluate_all(
        &self,
        composites: &[Arc<CompositeType>],
        instances: &[Arc<TypedInstance>],
        last: Option<&Evaluations>,
    ) -> (Vec<Built>, Evaluations) {
        // Those of other instances, too, where not all are asked for.
        let still = composites.iter().map(address).chain(instances.iter().map(address));
        let known = still.filter_map(|at| Some((at, last?.0.get(&at)?.clone())));
        let mut evaluations = Evaluations(known.collect());
        let jobs = self.jobs(composites, instances);
        let steady = self.settings.observed.is_empty();
        let known: Vec<Option<Arc<Evaluation>>> =
            jobs.iter().map(|job| evaluations.0.get(&job.address()).filter(|_| steady).cloned()).collect();
        let one = |(job, known): (&Job<'_>, &Option<Arc<Evaluation>>)| match known {
            Some(known) => {
                self.schemas.ask(&known.asked);
                known.clone()
            }
            None => Arc::new(self.evaluation(job)),
        };
        let done: Vec<Arc<Evaluation>> = if known.iter().filter(|known| known.is_none()).count() < PARALLEL_FROM {
            jobs.iter().zip(&known).map(one).collect()
        } else {
            jobs.par_iter().zip(&known).map(one).collect()
        };
        if steady {
            evaluations.0.extend(jobs.iter().map(Job::address).zip(done.iter().cloned()));
        }
        (jobs.iter().zip(done).map(|(job, done)| job.built(&done)).collect(), evaluations)
    }

    fn jobs<'a>(&'a self, composites: &'a [Arc<CompositeType>], instances: &'a [Arc<TypedInstance>]) -> Vec<Job<'a>> {
        let asked = |module: ModuleId| self.modules.roots.contains(&module);
        let mut jobs = Vec::new();
        if self.settings.instance.is_none() {
            for composite in composites.iter().filter(|c| c.ir.kind.is_empty() && asked(c.module)) {
                let reduced = self.reductions.get(composite);
                jobs.extend(reduced.map(|reduced| Job { composite, reduced, instance: None }));
            }
        }
        for (index, instance) in instances.iter().enumerate() {
            let wanted = self.settings.instance.as_ref().is_none_or(|name| *name == instance.name.name);
            let here = instance.module.is_none_or(asked);
            if wanted && here && self.unsound.allows_instance(instance) {
                let (composite, instance) = (&instance.composite, Some((index, instance)));
                let reduced = self.reductions.get(composite);
                jobs.extend(reduced.map(|reduced| Job { composite, reduced, instance }));
            }
        }
        jobs
    }

    fn evaluation(&self, job: &Job<'_>) -> Evaluation {
        let (result, asked) = schema::noting(|| self.evaluate(job));
        Evaluation {
            result: Arc::new(result),
            asked,
            _composite: job.composite.clone(),
            _instance: job.instance.map(|(_, instance)| instance.clone()),
        }
    }

    /// Evaluates the reduced representation. Where it fails, the one with functions
    /// is evaluated too: its faults tell the calls that led to them.
    fn evaluate(&self, job: &Job<'_>) -> Instantiated {
        let instance = job.instance.map(|(_, instance)| &**instance);
        let mut result = match input(job.composite, instance, self.program, self.settings) {
            Ok(whole) => {
                let none = Program::default();
                let reduced =
                    instantiate::instantiate(&Input { composite: job.reduced, program: &none, ..whole.clone() });
                if reduced.diagnostics.is_empty() {
                    let diagnostics = definitions::check(self.schemas, &whole, &reduced.objects);
                    Instantiated { diagnostics, ..reduced }
                } else {
                    Instantiated { diagnostics: told(&whole, &reduced), ..reduced }
                }
            }
            Err(diagnostics) => Instantiated { diagnostics, ..Instantiated::default() },
        };
        result.diagnostics.iter_mut().for_each(|d| of_instance(d, instance));
        result
    }
}

impl Job<'_> {
    fn built(&self, done: &Evaluation) -> Built {
        let instance = self.instance.map(|(_, instance)| instance);
        Built {
            kind: self.composite.ir.kind.clone(),
            name: instance.map(|i| i.name.name.clone()).unwrap_or_default(),
            namespace: instance.and_then(|i| i.namespace.as_ref()).map(|n| n.name.clone()),
            span: instance.map_or(self.composite.ir.span, |i| i.name.span),
            instance: self.instance.map(|(index, _)| index),
            result: done.result.clone(),
        }
    }
}

fn told(whole: &Input<'_>, reduced: &Instantiated) -> Vec<Diagnostic> {
    let again = instantiate::instantiate(whole).diagnostics;
    if again.is_empty() { reduced.diagnostics.clone() } else { again }
}

/// A fault in the composite is also the instance's that met it: says which.
fn of_instance(diagnostic: &mut Diagnostic, instance: Option<&TypedInstance>) {
    let Some(instance) = instance else { return };
    let inside = |span: Span| {
        span.file == instance.span.file && instance.span.start <= span.start && span.end <= instance.span.end
    };
    if inside(diagnostic.primary.span) || diagnostic.secondary.iter().any(|l| inside(l.span)) {
        return;
    }
    *diagnostic = diagnostic.clone().also(instance.name.span, format!("for the instance `{}`", instance.name.name));
}

/// An instance (or the top level of a module) as evaluation needs it.
pub(crate) fn input<'a>(
    composite: &'a CompositeType,
    instance: Option<&'a TypedInstance>,
    program: &'a Program,
    settings: &'a Settings,
) -> Result<Input<'a>, Vec<Diagnostic>> {
    let mut evaluator = Evaluator::new(program, &NoHost);
    let mut value = |expr: Option<&Expr>| match expr {
        Some(expr) => {
            evaluator.eval_with(expr, &[]).map_err(|fault| fault.diagnostic(expr.span).into_iter().collect::<Vec<_>>())
        }
        None => Ok(Value::map(Map::default())),
    };
    let params = value(instance.map(|i| &i.params))?;
    Ok(Input {
        composite: &composite.ir,
        program,
        name: instance.map(|i| i.name.name.clone()).unwrap_or_default(),
        namespace: instance.and_then(|i| i.namespace.as_ref()).map(|n| n.name.clone()),
        labels: value(instance.and_then(|i| i.labels.as_ref()))?,
        annotations: value(instance.and_then(|i| i.annotations.as_ref()))?,
        uid: None,
        params: if let Value::Map(map) = params { map } else { Arc::default() },
        written: instance.map(|i| &i.params),
        span: instance.map_or(composite.ir.span, |i| i.name.span),
        observed: &settings.observed,
    })
}
