//! The whole way from files to objects: loads, checks, evaluates every
//! instance that was asked for, and gathers all that there is to say.

mod evaluated;
mod project;
mod reduced;

use std::sync::Arc;

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use crate::check::{self, CompositeType, Turns, TypedInstance, Unsound};
use crate::diagnostic::{self, Diagnostic, E0401, E0602, E0604, E0901, E0903, Severity};
use crate::eval::Evaluator;
use crate::eval::NoHost;
use crate::expr::Program;
use crate::instantiate::{Instantiated, Pending};
use crate::ir;
use crate::memo::Memo;
use crate::project::{Globs, Package, VersionRange};
use crate::resolve::{self, ModuleId, Modules, Origin, Request};
use crate::schema::{Crds, Schemas};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax;
use crate::target::manifests;
use crate::value::Value;

pub(crate) use evaluated::input;
pub use project::{PROJECT_FILE, Wanted, compile_project, project_schemas};

use evaluated::{Evaluations, Stage};
use reduced::Reductions;

/// From so many instances on, both processors share the work.
const PARALLEL_FROM: usize = 8;

/// What a compilation leaves for the next one of the same project.
pub(crate) struct Kept {
    turns: Turns,
    reductions: Reductions,
    evaluations: Evaluations,
}

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
    pub reduced: Vec<Option<Arc<ir::Composite>>>,
    /// The instances in source order.
    pub instances: Vec<Arc<TypedInstance>>,
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
    pub result: Arc<Instantiated>,
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
            composites: composites.filter_map(|(_, reduced)| reduced.as_deref().cloned()).collect(),
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
    let memo = request.files.memo();
    let last = memo.and_then(Memo::last);
    let checked = check::check(&modules, &schemas, last.as_deref().map(|last| &last.turns));
    let mut diagnostics = checked.diagnostics;
    constants(&modules, &checked.program, &checked.unsound, &mut diagnostics);
    let reductions = last.as_deref().map(|last| &last.reductions);
    let reductions = Reductions::of(&checked.composites, &checked.program, &checked.unsound, &schemas, reductions);
    diagnostics.extend(reductions.diagnostics(&checked.composites).cloned());
    let stage = Stage {
        modules: &modules,
        schemas: &schemas,
        program: &checked.program,
        unsound: &checked.unsound,
        reductions: &reductions,
        settings,
    };
    // What is wrong for every instance is not said again of each.
    let key = |d: &Diagnostic| (d.code.id, d.primary.span, d.message.clone());
    let certain: FxHashSet<_> = diagnostics.iter().map(key).collect();
    let evaluations = last.as_deref().map(|last| &last.evaluations);
    let (built, evaluations) = stage.evaluate_all(&checked.composites, &checked.instances, evaluations);
    for built in &built {
        diagnostics.extend(built.result.diagnostics.iter().filter(|d| !certain.contains(&key(d))).cloned());
        if settings.build {
            diagnostics.extend(waiting(&built.result.pending, settings.partial));
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
    let reduced = reductions.of_each(&checked.composites);
    if let Some(memo) = memo {
        memo.keep(Kept { turns: checked.turns, reductions, evaluations });
    }
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
fn constants(modules: &Modules, program: &Program, unsound: &Unsound, diagnostics: &mut Vec<Diagnostic>) {
    let own: FxHashSet<FileId> = modules.list.iter().filter(|m| m.origin == Origin::Project).map(|m| m.file).collect();
    let mut evaluator = Evaluator::new(program, &NoHost);
    for global in program.globals.iter().filter(|g| g.value.known().is_none()) {
        let wanted = own.contains(&global.span.file) && unsound.allows_constant(global.span);
        if let (true, Err(fault)) = (wanted, evaluator.eval(&global.value)) {
            diagnostics.extend(fault.diagnostic(global.span));
        }
    }
}

/// Drops what is said of sources that nothing asked for needs. Where a composite
/// is missing, any of them may be the reason, so then nothing is dropped.
fn keep_needed(modules: &Modules, instances: &[Arc<TypedInstance>], diagnostics: &mut Vec<Diagnostic>) {
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
        open.extend(imports.filter_map(|import| import.target.module()));
    }
    let files: FxHashSet<FileId> =
        modules.ids().filter(|id| !needed.contains(id)).filter_map(|id| Some(modules.get(id)?.file)).collect();
    diagnostics.retain(|d| !files.contains(&d.primary.span.file));
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
