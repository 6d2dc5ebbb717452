//! The whole way from files to objects: loads, checks, evaluates every
//! instance that was asked for, and gathers all that there is to say.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use crate::check::{self, CompositeType, TypedInstance};
use crate::diagnostic::{self, Diagnostic, E0604, E0903, Severity};
use crate::eval::Evaluator;
use crate::eval::NoHost;
use crate::expr::{Expr, Program};
use crate::instantiate::{self, Input, Instantiated, Pending};
use crate::resolve::{self, ModuleId, Modules, Request, Target};
use crate::schema::Schemas;
use crate::target::manifests;
use crate::source::{FileId, SourceMap, Span};
use crate::value::{Map, Value};

/// From so many instances on, both processors share the work.
const PARALLEL_FROM: usize = 8;

/// How a compilation treats what it finds.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Only the instance with this name is evaluated.
    pub instance: Option<String>,
    /// What a cluster has of the objects, for values that only it knows.
    pub observed: Vec<Value>,
    /// What waits for a cluster is left out with a warning, not an error.
    pub partial: bool,
    /// Whether objects are wanted, so that what waits is worth a word.
    pub build: bool,
}

/// What a compilation yields.
pub struct Compilation {
    /// The modules and texts.
    pub modules: Modules,
    /// Functions and constants.
    pub program: Program,
    /// The composites in source order, those of the resources at the top level
    /// of a module without a kind.
    pub composites: Vec<Arc<CompositeType>>,
    /// The instances in source order.
    pub instances: Vec<TypedInstance>,
    /// What the instances (and the top levels) that were asked for come to.
    pub built: Vec<Built>,
    /// All that was found, sorted, each once.
    pub diagnostics: Vec<Diagnostic>,
}

/// An instance, evaluated.
pub struct Built {
    /// The composite's kind; empty for the top level of a module.
    pub kind: SmolStr,
    /// The instance's name; empty for the top level of a module.
    pub name: SmolStr,
    /// Its namespace.
    pub namespace: Option<SmolStr>,
    /// Where it is named.
    pub span: Span,
    /// Index into [`Compilation::instances`].
    pub instance: Option<usize>,
    /// What it comes to.
    pub result: Instantiated,
}

impl Compilation {
    /// The texts.
    #[must_use]
    pub const fn sources(&self) -> &SourceMap {
        &self.modules.sources
    }

    /// Whether anything stops a build.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Compiles what a request asks for.
#[must_use]
pub fn compile(request: &Request<'_>, schemas: &Schemas, settings: &Settings) -> Compilation {
    stacker::maybe_grow(1024 * 1024, 16 * 1024 * 1024, || compile_here(request, schemas, settings))
}

fn compile_here(request: &Request<'_>, schemas: &Schemas, settings: &Settings) -> Compilation {
    let modules = resolve::load(request);
    let checked = check::check(&modules, schemas);
    let mut diagnostics = checked.diagnostics;
    let jobs = jobs(&modules, &checked.composites, &checked.instances, &checked.broken, settings);
    let one = |job: &Job<'_>| evaluate(job, &checked.program, settings);
    let mut built: Vec<Built> =
        if jobs.len() < PARALLEL_FROM { jobs.iter().map(one).collect() } else { jobs.par_iter().map(one).collect() };
    for result in &mut built {
        diagnostics.append(&mut result.result.diagnostics);
        if settings.build {
            diagnostics.extend(result.result.pending.iter().filter(|p| !p.output).map(|p| waiting(p, settings.partial)));
        }
    }
    diagnostics.extend(manifests::refuse_equal(&built));
    check::suppress(&modules, &mut diagnostics);
    if !request.context.is_empty() {
        keep_needed(&modules, &checked.instances, &mut diagnostics);
    }
    let diagnostics = diagnostic::sorted(&diagnostics, &modules.sources).into_iter().cloned().collect();
    Compilation { modules, program: checked.program, composites: checked.composites, instances: checked.instances, built, diagnostics }
}

/// Drops what is said of sources that nothing asked for needs. Where a composite
/// is missing, any of them may be the reason, so then nothing is dropped.
fn keep_needed(modules: &Modules, instances: &[TypedInstance], diagnostics: &mut Vec<Diagnostic>) {
    if diagnostics.iter().any(|d| d.code == &E0903) {
        return;
    }
    let composites = instances.iter().filter(|i| i.module.is_none()).map(|i| i.composite.module);
    let mut open: Vec<ModuleId> = modules.roots.iter().copied().chain(composites).collect();
    let mut needed: FxHashSet<ModuleId> = FxHashSet::default();
    while let Some(id) = open.pop() {
        if !needed.insert(id) {
            continue;
        }
        let imports = modules.get(id).into_iter().flat_map(|m| m.imports.values());
        open.extend(imports.filter_map(|import| match import.target {
            Target::Module(target) => Some(target),
            Target::Decl(decl) => Some(decl.module),
            Target::Missing => None,
        }));
    }
    let files: FxHashSet<FileId> =
        modules.ids().filter(|id| !needed.contains(id)).filter_map(|id| Some(modules.get(id)?.file)).collect();
    diagnostics.retain(|d| !files.contains(&d.primary.span.file));
}

/// One thing to evaluate.
struct Job<'a> {
    composite: &'a CompositeType,
    instance: Option<(usize, &'a TypedInstance)>,
}

fn jobs<'a>(
    modules: &Modules,
    composites: &'a [Arc<CompositeType>],
    instances: &'a [TypedInstance],
    broken: &FxHashSet<ModuleId>,
    settings: &Settings,
) -> Vec<Job<'a>> {
    let asked = |module: ModuleId| modules.roots.contains(&module);
    let whole = |c: &CompositeType| c.sound && !broken.contains(&c.module);
    let mut jobs = Vec::new();
    if settings.instance.is_none() {
        let tops = composites.iter().filter(|c| c.ir.kind.is_empty() && asked(c.module) && whole(c));
        jobs.extend(tops.map(|composite| Job { composite, instance: None }));
    }
    for (index, instance) in instances.iter().enumerate() {
        let wanted = settings.instance.as_ref().is_none_or(|name| *name == instance.name.name);
        let here = instance.module.is_none_or(|m| asked(m) && !broken.contains(&m));
        if wanted && here && instance.sound && whole(&instance.composite) {
            jobs.push(Job { composite: &instance.composite, instance: Some((index, instance)) });
        }
    }
    jobs
}

fn evaluate(job: &Job<'_>, program: &Program, settings: &Settings) -> Built {
    let instance = job.instance.map(|(_, i)| i);
    let result = match input(job.composite, instance, program, settings) {
        Ok(input) => instantiate::instantiate(&input),
        Err(diagnostics) => Instantiated { diagnostics, ..Instantiated::default() },
    };
    Built {
        kind: job.composite.ir.kind.clone(),
        name: instance.map(|i| i.name.name.clone()).unwrap_or_default(),
        namespace: instance.and_then(|i| i.namespace.as_ref()).map(|n| n.name.clone()),
        span: instance.map_or(job.composite.ir.span, |i| i.name.span),
        instance: job.instance.map(|(i, _)| i),
        result,
    }
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
        Some(expr) => evaluator.eval_with(expr, &[]).map_err(|fault| fault.diagnostic(expr.span).into_iter().collect::<Vec<_>>()),
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

fn waiting(pending: &Pending, partial: bool) -> Diagnostic {
    let mut diagnostic = Diagnostic::new(&E0604, pending.span, format!("`{}` needs a value that only a cluster knows", pending.name))
        .label(pending.message.clone())
        .help("give what the cluster has with `--observed FILE`, or leave out what waits with `--partial`");
    if partial {
        diagnostic.severity = Severity::Warning;
        diagnostic.help = Some("it is left out".to_owned());
    }
    diagnostic
}
