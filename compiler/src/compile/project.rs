//! A project as a host finds it: its project file is read, then it is compiled.
//! Every host comes this way, so that all say the same of the same files.

use std::sync::Arc;

use super::{Compilation, Settings, compile, schemas_of};
use crate::diagnostic::{self, Diagnostic};
use crate::project::{self, Project};
use crate::resolve::{Request, join, unreadable};
use crate::schema::Schemas;
use crate::source::{FileId, Files};

/// The project file's name.
pub const PROJECT_FILE: &str = "tessera.toml";

/// The id that places in the project file have before the file has one.
const NO_FILE: FileId = FileId(u32::MAX);

/// What a host asks for of one project.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// How to read.
    pub files: &'a dyn Files,
    /// The project's folder, without a slash at its end; `""` is the host's root.
    pub root: &'a str,
    /// Whether the folder has a project file.
    pub has_file: bool,
    /// See [`Request::paths`].
    pub paths: &'a [String],
    /// See [`Request::named`].
    pub named: &'a [String],
    /// See [`Request::context`].
    pub context: &'a [String],
}

impl<'a> Wanted<'a> {
    const fn request(&self, project: &'a Project) -> Request<'a> {
        let Self { files, root, paths, named, context, .. } = *self;
        Request { files, project, root, paths, named, context }
    }

    /// Calls with the request that is compiled.
    pub fn with_request<R>(&self, call: impl FnOnce(&Request<'_>) -> R) -> R {
        let (project, ..) = project_of(self);
        call(&self.request(&project))
    }
}

/// Reads the project file and compiles what is wanted. The project file is the last of the sources.
#[must_use]
pub fn compile_project(wanted: &Wanted<'_>, schemas: &Schemas, settings: &Settings) -> Compilation {
    let (project, text, mut diagnostics) = project_of(wanted);
    let mut compilation = compile(&wanted.request(&project), schemas, settings);
    if let Some((path, text)) = text {
        let id = compilation.modules.sources.add(&path, text);
        compilation.diagnostics.append(&mut diagnostics);
        let here = |file| if file == NO_FILE { id } else { file };
        compilation.diagnostics.iter_mut().for_each(|diagnostic| diagnostic.move_files(here));
        if compilation.diagnostics.iter().any(|diagnostic| diagnostic.primary.span.file == id) {
            let sorted = diagnostic::sorted(&compilation.diagnostics, &compilation.modules.sources);
            compilation.diagnostics = sorted.into_iter().cloned().collect();
        }
    }
    compilation
}

/// The schemas of a project: what is wrong with it, compiling tells.
#[must_use]
pub fn project_schemas(wanted: &Wanted<'_>) -> Schemas {
    wanted.with_request(schemas_of)
}

type ProjectFile = Option<(String, Arc<str>)>;

/// The project file, read; its diagnostics have no file yet.
fn project_of(wanted: &Wanted<'_>) -> (Project, ProjectFile, Vec<Diagnostic>) {
    if !wanted.has_file {
        return Default::default();
    }
    let path = join(wanted.root, PROJECT_FILE);
    match wanted.files.read(&path) {
        Ok(text) => {
            let (project, diagnostics) = project::parse(NO_FILE, &text);
            (project, Some((path, text)), diagnostics)
        }
        Err(error) => {
            let diagnostic = unreadable(NO_FILE, &path, &error);
            (Project::default(), Some((path, Arc::from(""))), vec![diagnostic])
        }
    }
}
