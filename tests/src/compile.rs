//! The compiler as tests call it: files in memory in, everything out.

use std::sync::Arc;

use tessera_compiler::check::{self, Checked};
use tessera_compiler::diagnostic::{Diagnostic, Options, apply_fixes, render_human, sorted};
use tessera_compiler::project::{self, Project};
use tessera_compiler::resolve::{self, Modules, Request};
use tessera_compiler::schema::Schemas;
use tessera_compiler::source::{FileId, MemoryFiles, SourceMap};

use crate::suite::Stage;

const PROJECT_FILE: &str = "tessera.toml";

/// What a compilation yields.
pub struct Compiled {
    /// All modules, with the texts.
    pub modules: Modules,
    /// What checking yields, its diagnostics moved into the field below.
    pub checked: Checked,
    /// All that was reported, in the order in which it is shown.
    pub diagnostics: Vec<Diagnostic>,
}

impl Compiled {
    /// The texts.
    #[must_use]
    pub const fn sources(&self) -> &SourceMap {
        &self.modules.sources
    }
}

/// Compiles files, given by path and text, as the project that they are. A
/// `tessera.toml` among them is the project file.
#[must_use]
pub fn check(files: &[(String, String)]) -> Compiled {
    let mut memory = MemoryFiles::default();
    for (path, text) in files {
        memory.0.insert(path.clone(), Arc::from(text.as_str()));
    }
    let (project, mut diagnostics) = project_of(files);
    let paths: Vec<String> =
        files.iter().map(|(path, _)| path.clone()).filter(|path| !path.ends_with(".toml")).collect();
    let request = Request { files: &memory, project: &project, root: "", paths: &paths };
    let mut modules = resolve::load(&request);
    locate(&mut diagnostics, &mut modules.sources, files);
    let mut checked = check::check(&modules, &Schemas::builtin());
    diagnostics.append(&mut checked.diagnostics);
    let diagnostics = sorted(&diagnostics, &modules.sources).into_iter().cloned().collect();
    Compiled { modules, checked, diagnostics }
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
        diagnostic.primary.span.file = id;
    }
}

/// The text of a stage, as it is kept in a snapshot.
#[must_use]
pub fn stage(compiled: &Compiled, stage: Stage) -> String {
    let sources = compiled.sources();
    match stage {
        Stage::Human => {
            render_human(&compiled.diagnostics, sources, Options { color: false, width: 100, unicode: true })
        }
        Stage::Fix => {
            let changed = apply_fixes(&compiled.diagnostics, sources, true);
            let path = |id: FileId| sources.get(id).map_or("", |f| &f.path);
            changed.iter().map(|(id, text, _)| format!("//- {}\n{text}", path(*id))).collect()
        }
        Stage::Fmt | Stage::Tree | Stage::Ir | Stage::Build => String::new(),
    }
}
