//! Runs the compiler over the projects of a call.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use rustc_hash::FxHashSet;
use tessera_compiler::compat;
use tessera_compiler::compile::{self, Compilation, Settings, Wanted};
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::schema::Schemas;

use crate::earlier::Version;
use crate::files::DiskFiles;
use crate::report::Report;
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
    let root = work.root_name();
    let compilation = compile::compile_project(&wanted(work, &root), schemas, settings);
    Compiled { work, compilation, foreign: FxHashSet::default() }
}

/// The schemas of the project in a folder: what is wrong with it, checking tells.
pub(crate) fn schemas_of(root: PathBuf) -> Schemas {
    let files = DiskFiles { host: root.clone(), ..DiskFiles::default() };
    let work = Work { root, has_file: true, files, ..Work::default() };
    compile::project_schemas(&wanted(&work, &work.root_name()))
}

fn wanted<'a>(work: &'a Work, root: &'a str) -> Wanted<'a> {
    let Work { files, has_file, paths, named, context, .. } = work;
    Wanted { files, root, has_file: *has_file, paths, named, context }
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
