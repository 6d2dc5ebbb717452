//! What checking noted at one moment, and where its texts lie.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use tessera_compiler::analysis::Analysis;
use tessera_compiler::resolve::{Modules, Origin};
use tessera_compiler::source::{FileId, SourceFile, Span};
use tower_lsp::ls_types::Range;

use crate::host::{Host, Target};
use crate::protocol::position::{Encoding, Lines};
use crate::workspace::disk::Disk;

/// Of so many files is kept what was noted while nothing changes.
const KEPT: usize = 16;

/// What was noted of a file or of all, and where its texts lie.
pub(crate) struct Analysed {
    pub(crate) analysis: Analysis,
    disk: Arc<Disk>,
    /// The folder that paths are relative to.
    folder: PathBuf,
    /// Made when asked for: of hundreds of files an answer needs a few.
    paths: Vec<OnceLock<Option<PathBuf>>>,
    lines: Vec<OnceLock<Lines>>,
}

impl Analysed {
    pub(super) fn new(analysis: Analysis, disk: Arc<Disk>, folder: PathBuf) -> Self {
        let files = analysis.modules.sources.iter().count();
        let paths = (0..files).map(|_| OnceLock::new()).collect();
        let lines = (0..files).map(|_| OnceLock::new()).collect();
        Self { analysis, disk, folder, paths, lines }
    }

    /// Where a source lies; nothing for the standard library.
    pub(crate) fn path(&self, file: FileId) -> Option<&Path> {
        let make = || {
            let modules = &self.analysis.modules;
            let mut standard = modules.list.iter().filter(|module| module.origin == Origin::Standard);
            let source = modules.sources.get(file).filter(|_| !standard.any(|module| module.file == file))?;
            Some(self.disk.host().absolute(&self.folder, &source.path))
        };
        self.paths.get(file.0 as usize)?.get_or_init(make).as_deref()
    }

    /// The source that a file is.
    pub(crate) fn file(&self, path: &Path) -> Option<FileId> {
        let name = self.disk.host().relative(&self.folder, path);
        let named = |(id, source): &(FileId, &SourceFile)| *source.path == *name && self.path(*id).is_some();
        self.analysis.modules.sources.iter().find(named).map(|(id, _)| id)
    }

    /// A place in a source, as the client counts.
    pub(crate) fn range(&self, span: Span, encoding: Encoding) -> Range {
        let Some(file) = self.analysis.modules.sources.get(span.file) else { return Range::default() };
        let Some(lines) = self.lines.get(span.file.0 as usize) else { return Range::default() };
        lines.get_or_init(|| Lines::new(&file.text)).range(&file.text, span.start, span.end, encoding)
    }
}

/// Where the sources lie; nothing for the standard library.
pub(super) fn paths(modules: &Modules, host: &dyn Host, folder: &Path) -> Vec<Option<PathBuf>> {
    let standard = modules.list.iter().filter(|module| module.origin == Origin::Standard);
    let standard: FxHashSet<FileId> = standard.map(|module| module.file).collect();
    let sources = modules.sources.iter();
    sources.map(|(id, file)| (!standard.contains(&id)).then(|| host.absolute(folder, &file.path))).collect()
}

/// Made when first asked for; nothing where it cannot be.
type View = Arc<OnceLock<Option<Arc<Analysed>>>>;

/// What was noted of one state of the workspace.
#[derive(Default)]
pub(crate) struct Views {
    files: Mutex<FxHashMap<PathBuf, View>>,
    targets: Mutex<FxHashMap<Target, View>>,
}

impl Views {
    pub(super) fn of_file(&self, path: &Path) -> View {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if files.len() >= KEPT && !files.contains_key(path) {
            files.clear();
        }
        files.entry(path.to_owned()).or_default().clone()
    }

    pub(super) fn of_target(&self, target: &Target) -> View {
        self.targets.lock().unwrap_or_else(PoisonError::into_inner).entry(target.clone()).or_default().clone()
    }
}
