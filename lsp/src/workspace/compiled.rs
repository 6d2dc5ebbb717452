//! A compilation of a snapshot, and what it read.

use std::path::{Path, PathBuf};
use std::sync::{OnceLock, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use tessera_compiler::compile::{Compilation, Settings, compile_project};
use tessera_compiler::schema::Schemas;
use tessera_compiler::source::{FileId, Span};
use tower_lsp::ls_types::Range;

use crate::host::{Event, Target, Watched};
use crate::protocol::position::{Encoding, Lines};
use crate::workspace::analysed::paths;
use crate::workspace::overlay::Overlay;

/// A project or a file alone, compiled.
pub(crate) struct Compiled {
    pub(crate) target: Target,
    pub(crate) compilation: Compilation,
    /// How many files were asked for.
    pub(crate) files: usize,
    /// How many of the sources are a project file: one or none.
    pub(crate) has_file: usize,
    paths: Vec<Option<PathBuf>>,
    lines: Vec<OnceLock<Lines>>,
    ids: FxHashMap<PathBuf, FileId>,
    /// Every file that was read or looked for.
    reads: FxHashSet<PathBuf>,
    /// Every folder that was listed, and the target's own.
    folders: FxHashSet<PathBuf>,
}

impl Compiled {
    pub(super) fn new(target: Target, overlay: Overlay<'_>, schemas: &Schemas, settings: &Settings) -> Self {
        let compilation = compile_project(&overlay.wanted(), schemas, settings);
        let (host, work) = (overlay.disk.host(), &overlay.prepared.work);
        let touched = overlay.touched.unwrap_or_default();
        let (reads, mut folders) = touched.into_inner().unwrap_or_else(PoisonError::into_inner);
        folders.insert(match &target {
            Target::Project(root) => root.clone(),
            Target::Loose(file) => file.parent().unwrap_or(file).to_owned(),
        });
        let paths = paths(&compilation.modules, host, &work.host);
        let mut ids = FxHashMap::default();
        for (index, path) in paths.iter().enumerate() {
            if let Some(path) = path {
                ids.entry(path.clone()).or_insert(FileId(index as u32));
            }
        }
        let lines = paths.iter().map(|_| OnceLock::new()).collect();
        Self {
            target,
            files: work.paths.len(),
            has_file: work.has_file.into(),
            compilation,
            paths,
            lines,
            ids,
            reads,
            folders,
        }
    }

    /// The project's folder, where it is one.
    pub(crate) fn project(&self) -> Option<&Path> {
        match &self.target {
            Target::Project(root) => Some(root),
            Target::Loose(_) => None,
        }
    }

    /// Where a source lies; nothing for the standard library.
    pub(crate) fn path(&self, file: FileId) -> Option<&Path> {
        self.paths.get(file.0 as usize)?.as_deref()
    }

    /// A place in a source, as the client counts.
    pub(crate) fn range(&self, span: Span, encoding: Encoding) -> Range {
        let Some(file) = self.compilation.sources().get(span.file) else { return Range::default() };
        let Some(lines) = self.lines.get(span.file.0 as usize) else { return Range::default() };
        lines.get_or_init(|| Lines::new(&file.text)).range(&file.text, span.start, span.end, encoding)
    }

    /// The source that a file is.
    pub(crate) fn file(&self, path: &Path) -> Option<FileId> {
        self.ids.get(path).copied()
    }

    /// The folders whose files it is made of. Those of a project and those that were listed are
    /// deep, those of single files are not.
    pub(crate) fn folders(&self) -> impl Iterator<Item = Watched> {
        let listed = self.folders.iter().map(|folder| (folder.as_path(), self.project().is_some()));
        let read = self.reads.iter().filter_map(|path| Some((path.parent()?, false)));
        listed.chain(read).map(|(folder, deep)| Watched { folder: folder.to_owned(), deep })
    }

    /// Whether what happened to files leaves the compilation as it is.
    pub(crate) fn survives(&self, events: &[(PathBuf, Event)]) -> bool {
        !events.iter().any(|(path, event)| {
            let moved = || {
                let below = |folder: &PathBuf| path.starts_with(folder) || folder.starts_with(path);
                self.folders.iter().any(below) || self.reads.iter().any(|read| read.starts_with(path))
            };
            // Definitions that were remembered are sources that were not read.
            self.reads.contains(path) || self.ids.contains_key(path) || (*event == Event::Moved && moved())
        })
    }
}
