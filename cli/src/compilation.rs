//! Runs the compiler over the projects of a call.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustc_hash::FxHashSet;
use tessera_compiler::compat;
use tessera_compiler::compile::{self, Compilation, Settings};
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::project::{self, Project};
use tessera_compiler::resolve::Request;
use tessera_compiler::schema::Schemas;
use tessera_compiler::source::{FileId, Files as _};

use crate::earlier::Version;
use crate::files::DiskFiles;
use crate::report::{Report, move_files};
use crate::walk::PROJECT_FILE;
use crate::workspace::Work;

/// A project's compilation, with what its project file had to say.
pub(crate) struct Compiled<'a> {
    pub(crate) work: &'a Work,
    pub(crate) compilation: Compilation,
    /// The files of another version among its sources, called as people should see them.
    pub(crate) foreign: FxHashSet<String>,
}

/// Compiles one project.
pub(crate) fn compile<'a>(work: &'a Work, schemas: &Schemas, settings: &Settings) -> Compiled<'a> {
    let (project, text, mut diagnostics) = project_of(work);
    let root = work.root_name();
    let Work { files, paths, named, context, .. } = work;
    let request = Request { files, project: &project, root: &root, paths, named, context };
    let mut compilation = compile::compile(&request, schemas, settings);
    if let Some((path, text)) = text {
        let id = compilation.modules.sources.add(&path, text);
        compilation.diagnostics.append(&mut diagnostics);
        let here = |file| if file == FileId(u32::MAX) { id } else { file };
        compilation.diagnostics.iter_mut().for_each(|diagnostic| move_files(diagnostic, here));
    }
    Compiled { work, compilation, foreign: FxHashSet::default() }
}

/// The schemas of the project in a folder: what is wrong with it, checking tells.
pub(crate) fn schemas_of(root: PathBuf) -> Schemas {
    let files = DiskFiles { host: root.clone(), ..DiskFiles::default() };
    let work = Work { root, has_file: true, files, ..Work::default() };
    let (project, _, _) = project_of(&work);
    let root = work.root_name();
    let request = Request { files: &work.files, project: &project, root: &root, paths: &[], named: &[], context: &[] };
    compile::schemas_of(&request)
}

type ProjectFile = Option<(String, Arc<str>)>;

/// The project file, read; its diagnostics have no file yet.
fn project_of(work: &Work) -> (Project, ProjectFile, Vec<Diagnostic>) {
    if !work.has_file {
        return Default::default();
    }
    let path = [work.root_name(), PROJECT_FILE.to_owned()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("/");
    match work.files.read(&path) {
        Ok(text) => {
            let (project, diagnostics) = project::parse(FileId(u32::MAX), &text);
            (project, Some((path, text)), diagnostics)
        }
        Err(error) => {
            let diagnostic = tessera_compiler::resolve::unreadable(FileId(u32::MAX), &path, &error);
            (Project::default(), Some((path, Arc::from(""))), vec![diagnostic])
        }
    }
}

impl Compiled<'_> {
    /// Adds what was found to a report.
    pub(crate) fn report_to(&self, report: &mut Report, current: &Path) {
        let Compilation { modules, diagnostics, .. } = &self.compilation;
        let shown = |path: &str| {
            if self.foreign.contains(path) { path.to_owned() } else { self.work.shown(current, path) }
        };
        report.absorb(&modules.sources, diagnostics, shown);
        report.world |= self.work.files.failed.load(Ordering::Relaxed);
    }

    /// Holds the project against another version of it, and adds what that tells.
    pub(crate) fn compare(&mut self, earlier: &Version, old: &Compilation, current: &Path) {
        let shown = |path: &str| earlier.shown(current, path);
        compat::against(&mut self.compilation, old, &format!("`{}`", earlier.name), shown);
        self.foreign = old.sources().iter().map(|(_, file)| shown(&file.path)).collect();
    }

    /// Adds what a target had to say to a report.
    pub(crate) fn report_lowering_to(&self, report: &mut Report, current: &Path, diagnostics: &[Diagnostic]) {
        report.absorb(&self.compilation.modules.sources, diagnostics, |path| self.work.shown(current, path));
    }
}
