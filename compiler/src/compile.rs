//! The whole way from files to objects: loads, checks, evaluates every
//! instance that was asked for, and gathers all that there is to say.

mod project;

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use crate::check::{self, Checked, CompositeType, TypedInstance};
use crate::definitions;
use crate::diagnostic::{self, Diagnostic, E0401, E0602, E0604, E0901, E0903, Severity};
use crate::eval::Evaluator;
use crate::eval::NoHost;
use crate::expr::{Expr, Program};
use crate::graph;
use crate::instantiate::{self, Input, Instantiated, Pending};
use crate::ir;
use crate::project::{Globs, Package, VersionRange};
use crate::reduce::{Reduced, reduce};
use crate::resolve::{self, ModuleId, Modules, Origin, Request, Target};
use crate::rules;
use crate::schema::{Crds, Schemas};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax;
use crate::target::manifests;
use crate::value::{Map, Value};

pub use project::{PROJECT_FILE, Wanted, compile_project, project_schemas};

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
    /// How many of the texts are no CRDs; those come after them.
    pub source_files: usize,
    /// The schemas for the versions of Kubernetes that the project names.
    pub schemas: Schemas,
    /// The name and version of the project.
    pub package: Package,
    /// The versions of Kubernetes that it is for.
    pub kubernetes: VersionRange,
    /// Functions and constants.
    pub program: Program,
    /// The composites in source order, those of the resources at the top level
    /// of a module without a kind.
    pub composites: Vec<Arc<CompositeType>>,
    /// Their representations, reduced, in the same order; an unsound composite has none.
    pub reduced: Vec<Option<ir::Composite>>,
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

    /// The reduced representations of the composites that a predicate picks. Of the files, sources only:
    /// YAML comes after them, and no composite stands there.
    #[must_use]
    pub fn document(&self, pick: impl Fn(&CompositeType) -> bool) -> ir::Document {
        let composites = self.composites.iter().zip(&self.reduced).filter(|(composite, _)| pick(composite));
        ir::Document {
            ir_version: ir::VERSION,
            files: self.source_paths().map(SmolStr::new).collect(),
            composites: composites.filter_map(|(_, reduced)| reduced.clone()).collect(),
        }
    }

    fn source_paths(&self) -> impl Iterator<Item = &str> {
        let paths = self.sources().iter().take(self.source_files).map(|(_, file)| &*file.path);
        paths.take_while(|path| !resolve::is_yaml(path))
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
    // One large stack for all: each file parsed would otherwise get its own.
    stacker::maybe_grow(syntax::STACK, 2 * syntax::STACK, || compile_here(request, schemas, settings))
}

/// Loads the sources of a request and the schemas of its project; how many of the texts are no CRDs.
pub(crate) fn load(request: &Request<'_>, schemas: &Schemas) -> (Modules, Schemas, usize) {
    let globs = Globs::of(request.project, request.root);
    let paths = globs.without(request.paths, request.named);
    let request = &Request { paths: &paths, ..*request };
    let mut modules = resolve::load(request);
    let source_files = modules.sources.iter().count();
    let bad = |(message, span): &(String, Span)| Diagnostic::new(&E0901, *span, message.clone());
    modules.diagnostics.extend(globs.bad().map(bad));
    modules.diagnostics.extend(empty_dependencies(request));
    let schemas = with_crds(schemas, request, &globs, &mut modules.sources);
    (modules, schemas, source_files)
}

fn compile_here(request: &Request<'_>, schemas: &Schemas, settings: &Settings) -> Compilation {
    let (modules, schemas, source_files) = load(request, schemas);
    let checked = check::check(&modules, &schemas);
    let mut diagnostics = checked.diagnostics.clone();
    constants(&modules, &checked, &mut diagnostics);
    let reduced = reduce_all(&checked, &mut diagnostics);
    // Those of the top level are evaluated whole.
    let named = checked.composites.iter().zip(&reduced).filter(|(written, _)| !written.ir.kind.is_empty());
    diagnostics.extend(named.flat_map(|(written, reduced)| {
        reduced.iter().flat_map(|reduced| {
            let mut found = rules::check_composite(reduced, &written.ir, &checked.program);
            found.extend(definitions::check_composite(&schemas, reduced, &written.ir, &checked.program));
            found
        })
    }));
    // What is wrong for every instance is not said again of each.
    let key = |d: &Diagnostic| (d.code.id, d.primary.span, d.message.clone());
    let certain: FxHashSet<_> = diagnostics.iter().map(key).collect();
    let jobs = jobs(&modules, &checked, &reduced, settings);
    let one = |job: &Job<'_>| evaluate(job, &checked.program, &schemas, settings);
    let mut built: Vec<Built> =
        if jobs.len() < PARALLEL_FROM { jobs.iter().map(one).collect() } else { jobs.par_iter().map(one).collect() };
    for result in &mut built {
        let told = |d: &Diagnostic| certain.contains(&key(d));
        diagnostics.extend(result.result.diagnostics.extract_if(.., |d| !told(d)));
        if settings.build {
            diagnostics.extend(waiting(&result.result.pending, settings.partial));
        }
    }
    // Two instances of one name have the same objects, and are reported already.
    let twins: FxHashSet<_> = diagnostics.iter().filter(|d| d.code == &E0602).map(|d| d.primary.span).collect();
    diagnostics.extend(manifests::refuse_equal(&built).into_iter().filter(|d| !twins.contains(&d.primary.span)));
    // A definition that could not be read may be that of a kind that is not known.
    if schemas.crd_diagnostics().any(|d| matches!(d.code.id, "E0001" | "E0002" | "E0003" | "E0902")) {
        diagnostics.retain(|d| d.code != &E0401 || !d.fixes.is_empty() || !of_definitions(&modules, d.primary.span));
    }
    diagnostics.extend(schemas.crd_diagnostics().cloned());
    allow(request, &modules.sources, source_files, &mut diagnostics);
    check::drop_consequences(&modules, &mut diagnostics);
    check::suppress(&modules, &mut diagnostics);
    if !request.context.is_empty() {
        keep_needed(&modules, &checked.instances, &mut diagnostics);
    }
    let diagnostics = diagnostic::sorted(&diagnostics, &modules.sources).into_iter().cloned().collect();
    Compilation {
        modules,
        source_files,
        schemas,
        package: request.project.package.clone(),
        kubernetes: request.project.kubernetes,
        program: checked.program,
        composites: checked.composites,
        reduced,
        instances: checked.instances,
        built,
        diagnostics,
    }
}

/// Whether a kind is written that only a definition can bring.
fn of_definitions(modules: &Modules, kind: Span) -> bool {
    let group = modules.sources.text(kind).split('/').next().unwrap_or("");
    group.contains('.') && !group.ends_with(".k8s.io")
}

/// Warns of dependencies whose folders hold no sources.
fn empty_dependencies(request: &Request<'_>) -> Vec<Diagnostic> {
    let folder = |path: &str| resolve::join(request.root, path);
    let dependencies = request.project.dependencies.iter();
    let empty = dependencies.filter(|(_, dependency)| request.files.list(&folder(&dependency.path), "tess").is_empty());
    empty
        .map(|(name, dependency)| {
            let message = format!("there are no sources of `{name}` in `{}`", dependency.path);
            let mut warning = Diagnostic::new(&E0901, dependency.span, message)
                .help("write where its `tessera.toml` lies, relative to this file, or remove it");
            warning.severity = Severity::Warning;
            warning
        })
        .collect()
}

/// The schemas that a project has: those of its versions of Kubernetes and of
/// its CRDs.
#[must_use]
pub fn schemas_of(request: &Request<'_>) -> Schemas {
    let globs = Globs::of(request.project, request.root);
    with_crds(&Schemas::builtin(), request, &globs, &mut SourceMap::default())
}

fn with_crds(schemas: &Schemas, request: &Request<'_>, globs: &Globs, sources: &mut SourceMap) -> Schemas {
    let range = request.project.kubernetes;
    let schemas = match request.files.memo() {
        Some(memo) => memo.schemas(schemas, range),
        None => schemas.of_versions(range),
    };
    if globs.iter().next().is_none() {
        return schemas;
    }
    schemas.with_crds(Crds::load(request.files, globs, sources))
}

/// Drops the warnings about CRDs that the project file allows. One that allows
/// nothing is no mistake: schemas that nothing uses are not looked at.
fn allow(request: &Request<'_>, sources: &SourceMap, source_files: usize, diagnostics: &mut Vec<Diagnostic>) {
    for allow in &request.project.allows {
        let globs = Globs::new(&allow.files, request.root);
        diagnostics.retain(|diagnostic| {
            let file = diagnostic.primary.span.file;
            let is_crd = file.0 as usize >= source_files;
            let there = sources.get(file).is_some_and(|f| is_crd && (allow.files.is_empty() || globs.matches(&f.path)));
            diagnostic.is_error() || !there || diagnostic.code.id != allow.code
        });
    }
}

/// Evaluates the constants of the project's own modules, read or not.
fn constants(modules: &Modules, checked: &Checked, diagnostics: &mut Vec<Diagnostic>) {
    let own: FxHashSet<FileId> = modules.list.iter().filter(|m| m.origin == Origin::Project).map(|m| m.file).collect();
    let mut evaluator = Evaluator::new(&checked.program, &NoHost);
    for global in checked.program.globals.iter().filter(|g| g.value.known().is_none()) {
        let wanted = own.contains(&global.span.file) && checked.unsound.allows_constant(global.span);
        if let (true, Err(fault)) = (wanted, evaluator.eval(&global.value)) {
            diagnostics.extend(fault.diagnostic(global.span));
        }
    }
}

/// Reduces the sound composites; what is certainly wrong is reported.
fn reduce_all(checked: &Checked, diagnostics: &mut Vec<Diagnostic>) -> Vec<Option<ir::Composite>> {
    let composites = &checked.composites;
    let one = |c: &Arc<CompositeType>| checked.unsound.allows(c).then(|| reduce(&c.ir, &checked.program));
    let all: Vec<Option<Reduced>> = if composites.len() < PARALLEL_FROM {
        composites.iter().map(one).collect()
    } else {
        composites.par_iter().map(one).collect()
    };
    all.into_iter()
        .map(|reduced| {
            let Reduced { mut composite, diagnostics: mut found } = reduced?;
            // Functions are put in by now, and what is written in place of its name.
            found.extend(graph::connect(&mut composite));
            let sound = !found.iter().any(Diagnostic::is_error);
            diagnostics.extend(found);
            sound.then_some(composite)
        })
        .collect()
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
    reduced: &'a ir::Composite,
    instance: Option<(usize, &'a TypedInstance)>,
}

fn jobs<'a>(
    modules: &Modules,
    checked: &'a Checked,
    reduced: &'a [Option<ir::Composite>],
    settings: &Settings,
) -> Vec<Job<'a>> {
    let asked = |module: ModuleId| modules.roots.contains(&module);
    let reduced_of = |composite: &Arc<CompositeType>| {
        let index = checked.composites.iter().position(|c| Arc::ptr_eq(c, composite))?;
        reduced.get(index)?.as_ref()
    };
    let mut jobs = Vec::new();
    if settings.instance.is_none() {
        for composite in checked.composites.iter().filter(|c| c.ir.kind.is_empty() && asked(c.module)) {
            jobs.extend(reduced_of(composite).map(|reduced| Job { composite, reduced, instance: None }));
        }
    }
    for (index, instance) in checked.instances.iter().enumerate() {
        let wanted = settings.instance.as_ref().is_none_or(|name| *name == instance.name.name);
        let here = instance.module.is_none_or(asked);
        if wanted && here && checked.unsound.allows_instance(instance) {
            let reduced = reduced_of(&instance.composite);
            jobs.extend(reduced.map(|reduced| Job {
                composite: &instance.composite,
                reduced,
                instance: Some((index, instance)),
            }));
        }
    }
    jobs
}

/// Evaluates the reduced representation. Where it fails, the one with functions
/// is evaluated too: its faults tell the calls that led to them.
fn evaluate(job: &Job<'_>, program: &Program, schemas: &Schemas, settings: &Settings) -> Built {
    let instance = job.instance.map(|(_, i)| i);
    let mut result = match input(job.composite, instance, program, settings) {
        Ok(whole) => {
            let none = Program::default();
            let reduced = instantiate::instantiate(&Input { composite: job.reduced, program: &none, ..whole.clone() });
            if reduced.diagnostics.is_empty() {
                let diagnostics = definitions::check(schemas, &whole, &reduced.objects);
                Instantiated { diagnostics, ..reduced }
            } else {
                Instantiated { diagnostics: told(&whole, &reduced), ..reduced }
            }
        }
        Err(diagnostics) => Instantiated { diagnostics, ..Instantiated::default() },
    };
    result.diagnostics.iter_mut().for_each(|d| of_instance(d, instance));
    Built {
        kind: job.composite.ir.kind.clone(),
        name: instance.map(|i| i.name.name.clone()).unwrap_or_default(),
        namespace: instance.and_then(|i| i.namespace.as_ref()).map(|n| n.name.clone()),
        span: instance.map_or(job.composite.ir.span, |i| i.name.span),
        instance: job.instance.map(|(i, _)| i),
        result,
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

/// What waits for a cluster, each cause once with all the resources that it keeps waiting.
fn waiting(pending: &[Pending], partial: bool) -> Vec<Diagnostic> {
    let resources: Vec<&Pending> = pending.iter().filter(|p| !p.output).collect();
    let first = |i: &usize| {
        let (earlier, rest) = resources.split_at(*i);
        rest.first().is_some_and(|p| !earlier.iter().any(|e| e.span == p.span))
    };
    (0..resources.len())
        .filter(first)
        .filter_map(|i| resources.get(i))
        .map(|cause| {
            let names: Vec<String> =
                resources.iter().filter(|p| p.span == cause.span).map(|p| format!("`{}`", p.name)).collect();
            let verb = if names.len() == 1 { "needs" } else { "need" };
            let message = format!("{} {verb} a value that only a cluster knows", names.join(", "));
            let mut diagnostic = Diagnostic::new(&E0604, cause.span, message)
                .label(cause.message.clone())
                .help("give what the cluster has with `--observed FILE`, or leave out what waits with `--partial`");
            if partial {
                diagnostic.severity = Severity::Warning;
                diagnostic.help = Some("it is left out".to_owned());
            }
            diagnostic
        })
        .collect()
}
