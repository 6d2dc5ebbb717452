//! The compiler as tests call it: files in memory in, everything out.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use tessera_compiler::compat;
use tessera_compiler::compile::{self, Compilation, Settings};
use tessera_compiler::diagnostic::{Diagnostic, Options, Severity, apply_fixes, render_human, sorted};
use tessera_compiler::format;
use tessera_compiler::memo::Memo;
use tessera_compiler::project::{self, Project};
use tessera_compiler::resolve::Request;
use tessera_compiler::schema::Schemas;
use tessera_compiler::source::{FileError, FileId, Files, MemoryFiles, SourceMap};
use tessera_compiler::syntax::{self, tree::NodeId};
use tessera_compiler::target::{self, File, Lowered, Lowering};
use tessera_compiler::value::to_json;
use tessera_compiler::yaml;

use crate::suite::Stage;

const PROJECT_FILE: &str = "tessera.toml";

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(Schemas::builtin);

/// What a compilation yields.
pub struct Compiled {
    /// Everything but the project file's diagnostics.
    pub compilation: Compilation,
    /// All that was reported, in the order in which it is shown.
    pub diagnostics: Vec<Diagnostic>,
    /// The files of the target that was asked for, where nothing is wrong.
    lowered: Vec<File>,
    /// The paths that were asked for.
    paths: Vec<String>,
}

impl Compiled {
    /// The texts.
    #[must_use]
    pub const fn sources(&self) -> &SourceMap {
        self.compilation.sources()
    }
}

/// Checks files, given by path and text, as the project that they are. A
/// `tessera.toml` among them is the project file.
#[must_use]
pub fn check(files: &[(String, String)]) -> Compiled {
    compiled(files, false)
}

/// The same for a build, which also reports what only a cluster knows.
#[must_use]
pub fn build(files: &[(String, String)]) -> Compiled {
    compiled(files, true)
}

/// Where files of the earlier version of a project stand.
const BEFORE: &str = "before/";

/// Checks files; those below `before/` are an earlier version of the project, and the
/// others are held against it.
#[must_use]
pub fn check_against(files: &[(String, String)]) -> Compiled {
    let (before, now): (Vec<_>, Vec<_>) = files.iter().cloned().partition(|(path, _)| path.starts_with(BEFORE));
    let before: Vec<(String, String)> =
        before.into_iter().map(|(path, text)| (path.trim_start_matches(BEFORE).to_owned(), text)).collect();
    let (mut new, old) = (check(&now), check(&before));
    compat::against(&mut new.compilation, &old.compilation, "the version before", |path| format!("{BEFORE}{path}"));
    new.diagnostics.clone_from(&new.compilation.diagnostics);
    new
}

/// Whether there are files of an earlier version.
#[must_use]
pub fn has_versions(files: &[(String, String)]) -> bool {
    files.iter().any(|(path, _)| path.starts_with(BEFORE))
}

/// The same for a target that is made from composites.
#[must_use]
pub fn lower(files: &[(String, String)], lowering: fn(Lowering<'_>) -> Lowered) -> Compiled {
    let mut compiled = compiled(files, false);
    if compiled.compilation.has_errors() {
        return compiled;
    }
    let lowered = target::lower(&compiled.compilation, lowering);
    compiled.diagnostics.extend(lowered.diagnostics);
    compiled.diagnostics = sorted(&compiled.diagnostics, compiled.sources()).into_iter().cloned().collect();
    if !compiled.diagnostics.iter().any(Diagnostic::is_error) {
        compiled.lowered = lowered.files;
    }
    compiled
}

/// Checks files as an editor's server does, which keeps what it can between two compilations.
#[must_use]
pub fn check_again(files: &[(String, String)], settings: &Settings, memo: &Memo) -> Compiled {
    let memory = of_files(files);
    compile_files(files, &Remembering { memory, memo }, settings)
}

/// Checks files as if for the first time.
#[must_use]
pub fn check_with(files: &[(String, String)], settings: &Settings) -> Compiled {
    compile_files(files, &of_files(files), settings)
}

fn compiled(files: &[(String, String)], build: bool) -> Compiled {
    check_with(files, &Settings { build, ..Settings::default() })
}

/// Files in memory, and what is kept between compilations.
struct Remembering<'a> {
    memory: MemoryFiles,
    memo: &'a Memo,
}

impl Files for Remembering<'_> {
    fn read(&self, path: &str) -> Result<Arc<str>, FileError> {
        self.memory.read(path)
    }

    fn list(&self, folder: &str, extension: &str) -> Vec<String> {
        self.memory.list(folder, extension)
    }

    fn memo(&self) -> Option<&Memo> {
        Some(self.memo)
    }
}

fn of_files(files: &[(String, String)]) -> MemoryFiles {
    let mut memory = MemoryFiles::default();
    for (path, text) in files {
        memory.insert(path, text);
    }
    memory
}

fn compile_files(files: &[(String, String)], reader: &dyn Files, settings: &Settings) -> Compiled {
    let paths: Vec<String> =
        files.iter().map(|(path, _)| path.clone()).filter(|path| !path.ends_with(".toml")).collect();
    let (project, mut diagnostics) = project_of(files);
    let request = Request { files: reader, project: &project, root: "", paths: &paths, named: &[], context: &[] };
    let mut compilation = compile::compile(&request, &SCHEMAS, settings);
    diagnostics.extend(compilation.diagnostics.iter().cloned());
    locate(&mut diagnostics, &mut compilation.modules.sources, files);
    let diagnostics = sorted(&diagnostics, compilation.sources()).into_iter().cloned().collect();
    Compiled { compilation, diagnostics, lowered: Vec::new(), paths }
}

/// Reads the project file, whose id is not known yet: see [`locate`].
fn project_of(files: &[(String, String)]) -> (Project, Vec<Diagnostic>) {
    let file = files.iter().find(|(path, _)| path == PROJECT_FILE);
    file.map_or_else(Default::default, |(_, text)| project::parse(FileId(u32::MAX), text))
}

/// Puts the project file among the texts and the diagnostics into it.
fn locate(diagnostics: &mut [Diagnostic], sources: &mut SourceMap, files: &[(String, String)]) {
    let Some((path, text)) = files.iter().find(|(path, _)| path == PROJECT_FILE) else { return };
    let id = sources.add(path, Arc::from(text.as_str()));
    for diagnostic in diagnostics {
        if diagnostic.primary.span.file == FileId(u32::MAX) {
            diagnostic.primary.span.file = id;
        }
    }
}

/// The text of a stage, as it is kept in a snapshot.
#[must_use]
pub fn stage(compiled: &Compiled, stage: Stage) -> String {
    match stage {
        Stage::Human => {
            let options = Options { color: false, width: 100, unicode: true };
            render_human(&compiled.diagnostics, compiled.sources(), options)
        }
        Stage::Fix => fixed(compiled),
        Stage::Fmt => of_sources(compiled, formatted),
        Stage::Tree => of_sources(compiled, tree),
        Stage::Ir => ir(compiled),
        Stage::Build => manifests(compiled),
        Stage::Controller | Stage::Kro | Stage::Patches | Stage::Claims => {
            compiled.lowered.iter().map(|file| format!("# {}\n{}", file.path, file.text)).collect()
        }
    }
}

fn fixed(compiled: &Compiled) -> String {
    let sources = compiled.sources();
    let changed = apply_fixes(&compiled.diagnostics, sources, true);
    let path = |id: FileId| sources.get(id).map_or("", |f| &f.path);
    changed.iter().map(|(id, text, _)| format!("//- {}\n{text}", path(*id))).collect()
}

/// What a function makes of each source that was asked for.
fn of_sources(compiled: &Compiled, show: fn(&str) -> String) -> String {
    let asked = |path: &str| path.ends_with(".tess") && compiled.paths.iter().any(|p| p == path);
    let sources = compiled.sources().iter().filter(|(_, f)| asked(&f.path));
    sources.map(|(_, f)| format!("//- {}\n{}", f.path, show(&f.text))).collect()
}

fn formatted(text: &str) -> String {
    format::format(text).unwrap_or_else(|_| "left alone: it has syntax errors\n".to_owned())
}

fn tree(text: &str) -> String {
    fn show(tree: &syntax::Tree, node: NodeId, text: &str, depth: usize, out: &mut String) {
        let indent = "  ".repeat(depth);
        if tree.is_leaf(node) {
            let _ = writeln!(out, "{indent}{:?} {:?}", tree.kind(node), tree.text(node, text));
            return;
        }
        let _ = writeln!(out, "{indent}{:?}", tree.kind(node));
        for child in tree.children(node) {
            show(tree, child, text, depth + 1, out);
        }
    }
    let (parse, mut out) = (syntax::parse(FileId(0), text), String::new());
    show(&parse.tree, parse.tree.root(), text, 0, &mut out);
    out
}

fn ir(compiled: &Compiled) -> String {
    let document = compiled.compilation.document(|_| true);
    serde_json::to_string_pretty(&document).unwrap_or_else(|e| e.to_string()) + "\n"
}

/// The objects that everything that was built comes to, as YAML.
#[must_use]
pub fn manifests(compiled: &Compiled) -> String {
    let objects = compiled.compilation.built.iter().flat_map(|b| &b.result.objects).map(|o| &o.value);
    let mut out = String::new();
    yaml::emit_documents(objects, &mut out);
    out
}

/// The documents of a YAML file, as a cluster would get them.
///
/// # Errors
/// What is wrong with the file.
pub fn documents(text: &str) -> Result<Vec<serde_json::Value>, String> {
    let (documents, diagnostics) = yaml::read(FileId(0), text);
    match diagnostics.iter().find(|d| d.severity == Severity::Error) {
        Some(error) => Err(format!("{} at {:?}: {}", error.code.id, error.primary.span, error.message)),
        None => Ok(documents.iter().map(|document| to_json(&yaml::value(&document.root))).collect()),
    }
}
