//! A compilation of a snapshot, and what it read.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use tessera_compiler::compile::{Compilation, Settings, Wanted, compile_project};
use tessera_compiler::schema::Schemas;
use tessera_compiler::source::{FileError, FileId, Files, MAX_FILE_BYTES, Span};
use tower_lsp::ls_types::Range;

use crate::host::{Target, Work};
use crate::protocol::position::{Encoding, Lines};
use crate::workspace::disk::{Disk, Event};
use crate::workspace::snapshot::Documents;

/// A project or a file alone, compiled.
pub(crate) struct Compiled {
    pub(crate) target: Target,
    pub(crate) compilation: Compilation,
    /// How many files were asked for.
    pub(crate) files: usize,
    paths: Vec<Option<PathBuf>>,
    lines: Vec<OnceLock<Lines>>,
    ids: FxHashMap<PathBuf, FileId>,
    /// Every file that was read or looked for.
    reads: FxHashSet<PathBuf>,
    /// Every folder that was listed, and the target's own.
    folders: FxHashSet<PathBuf>,
}

impl Compiled {
    pub(crate) fn new(
        target: Target,
        work: &Work,
        documents: &Documents,
        disk: &Disk,
        schemas: &Schemas,
        settings: &Settings,
    ) -> Self {
        let files =
            Overlay { documents, disk, host: &work.host, only: work.only.as_deref(), touched: Mutex::default() };
        let Work { root, has_file, paths, context, .. } = work;
        let wanted = Wanted { files: &files, root, has_file: *has_file, paths, named: &[], context };
        let compilation = compile_project(&wanted, schemas, settings);
        let (reads, mut folders) = files.touched.into_inner().unwrap_or_else(PoisonError::into_inner);
        folders.insert(match &target {
            Target::Project(root) => root.clone(),
            Target::Loose(file) => file.parent().unwrap_or(file).to_owned(),
        });
        let place = |path: &str| {
            let standard = path.strip_prefix("std/").is_some_and(|rest| !rest.contains('/'));
            (!standard).then(|| disk.host().absolute(&work.host, path))
        };
        let paths: Vec<Option<PathBuf>> = compilation.sources().iter().map(|(_, file)| place(&file.path)).collect();
        let mut ids = FxHashMap::default();
        for (index, path) in paths.iter().enumerate() {
            if let Some(path) = path {
                ids.entry(path.clone()).or_insert(FileId(index as u32));
            }
        }
        let lines = paths.iter().map(|_| OnceLock::new()).collect();
        Self { target, files: work.paths.len(), compilation, paths, lines, ids, reads, folders }
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

    /// Whether what happened to files leaves the compilation as it is.
    pub(crate) fn survives(&self, events: &[(PathBuf, Event)]) -> bool {
        !events.iter().any(|(path, event)| {
            let moved = || {
                let below = |folder: &PathBuf| path.starts_with(folder) || folder.starts_with(path);
                self.folders.iter().any(below) || self.reads.iter().any(|read| read.starts_with(path))
            };
            self.reads.contains(path) || (*event == Event::Moved && moved())
        })
    }
}

type Touched = (FxHashSet<PathBuf>, FxHashSet<PathBuf>);

/// Open documents over the disk.
struct Overlay<'a> {
    documents: &'a Documents,
    disk: &'a Disk,
    host: &'a Path,
    only: Option<&'a [String]>,
    touched: Mutex<Touched>,
}

impl Overlay<'_> {
    fn touch(&self, note: impl FnOnce(&mut Touched)) {
        note(&mut self.touched.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Files for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Arc<str>, FileError> {
        let path = self.disk.host().absolute(self.host, path);
        self.touch(|(reads, _)| {
            reads.insert(path.clone());
        });
        match self.documents.get(&path) {
            Some(document) if document.text.len() > MAX_FILE_BYTES => {
                Err(FileError::TooLarge(document.text.len() as u64))
            }
            Some(document) => Ok(document.text.clone()),
            None => self.disk.read(&path),
        }
    }

    fn list(&self, folder: &str, extension: &str) -> Vec<String> {
        let ending = format!(".{extension}");
        if let Some(only) = self.only {
            return only.iter().filter(|path| path.ends_with(&ending)).cloned().collect();
        }
        let host = self.disk.host();
        let folder = host.absolute(self.host, folder);
        let mut files: Vec<String> =
            self.disk.list(&folder, extension).iter().map(|path| host.relative(self.host, path)).collect();
        let owner = self.disk.project_above(&folder);
        let open = self.documents.keys().filter(|path| {
            path.starts_with(&folder)
                && path.to_string_lossy().ends_with(&ending)
                && path.parent().is_some_and(|parent| self.disk.project_above(parent) == owner)
                && host.takes(&folder, path)
        });
        files.extend(open.map(|path| host.relative(self.host, path)));
        files.sort();
        files.dedup();
        self.touch(|(_, folders)| {
            folders.insert(folder);
        });
        files
    }
}
