//! The workspace at one moment.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;
use tessera_compiler::analysis::{Analysis, analyse, analyse_all};
use tessera_compiler::compile::{PROJECT_FILE, Settings};
use tessera_compiler::memo::Memo;
use tessera_compiler::resolve::Request;
use tessera_compiler::schema::Schemas;
use tessera_compiler::source::FileId;
use tower_lsp::ls_types::Uri;

use crate::host::{Event, Target, Work};
use crate::protocol::position::Encoding;
use crate::protocol::uri;
use crate::workspace::analysed::{Analysed, Views};
use crate::workspace::compiled::Compiled;
use crate::workspace::compiler::Compiler;
use crate::workspace::disk::Disk;
use crate::workspace::document::Document;
use crate::workspace::overlay::{Overlay, Prepared, Touched};

/// The open documents by path.
pub(crate) type Documents = FxHashMap<PathBuf, Arc<Document>>;

/// Made when first asked for; a sentence where it cannot be.
type Cell<T> = Arc<OnceLock<Result<Arc<T>, String>>>;

/// What is made once of each target: its compilation, in one state; what it is compiled of, as
/// long as the same documents are open over the same disk.
pub(crate) struct Cells<T>(Mutex<FxHashMap<Target, Cell<T>>>);

impl<T> Default for Cells<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Cells<T> {
    fn of(&self, target: &Target) -> Cell<T> {
        let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cells.entry(target.clone()).or_default().clone()
    }
}

impl Cells<Compiled> {
    /// Those that are done and that the events leave as they are.
    pub(crate) fn after(&self, events: &[(PathBuf, Event)]) -> Self {
        let cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let survives = |cell: &Cell<Compiled>| {
            cell.get().is_some_and(|done| done.as_ref().is_ok_and(|compiled| compiled.survives(events)))
        };
        let kept = cells.iter().filter(|(_, cell)| survives(cell));
        Self(Mutex::new(kept.map(|(target, cell)| (target.clone(), cell.clone())).collect()))
    }
}

/// What is kept between the compilations of each target.
#[derive(Default)]
pub(crate) struct Memos(Mutex<FxHashMap<Target, Arc<Memo>>>);

impl Memos {
    fn of(&self, target: &Target) -> Arc<Memo> {
        let mut memos = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memos.entry(target.clone()).or_default().clone()
    }

    /// Forgets what is compiled no more.
    pub(crate) fn keep(&self, targets: &[Target]) {
        let mut memos = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memos.retain(|target, _| targets.contains(target));
    }
}

/// An immutable view of everything; cheap to clone.
#[derive(Clone)]
pub(crate) struct Snapshot {
    /// Counts the changes of the state.
    pub(crate) revision: u64,
    /// Counts those of them that are no edits of an open document.
    pub(crate) outside: u64,
    /// Counts the changes of files that are no sources; nothing where one of them has another text for a while.
    pub(crate) stamp: Option<u64>,
    pub(crate) encoding: Encoding,
    pub(crate) documents: Arc<Documents>,
    pub(crate) roots: Arc<Vec<PathBuf>>,
    pub(crate) disk: Arc<Disk>,
    pub(super) compiler: Arc<Compiler>,
    pub(super) works: Arc<Cells<Prepared>>,
    pub(crate) cells: Arc<Cells<Compiled>>,
    pub(crate) views: Arc<Views>,
    pub(crate) memos: Arc<Memos>,
    pub(crate) schemas: Arc<Schemas>,
}

/// A document in its compilation.
pub(crate) struct Place {
    pub(crate) document: Arc<Document>,
    pub(crate) compiled: Arc<Compiled>,
    pub(crate) file: FileId,
}

impl Snapshot {
    /// The open document of a URI.
    pub(crate) fn document(&self, uri: &Uri) -> Option<Arc<Document>> {
        find(&self.documents, uri).cloned()
    }

    /// The workspace with another text of a file.
    pub(crate) fn with_text(&self, path: &Path, text: Arc<str>) -> Self {
        let mut documents = (*self.documents).clone();
        let Some(uri) = self.uri(path) else { return self.clone() };
        let (version, language) =
            documents.get(path).map_or_else(Default::default, |old| (old.version, old.language.clone()));
        let document = Document::new(uri, path.to_owned(), version, language, text);
        let was_open = documents.insert(path.to_owned(), Arc::new(document)).is_some();
        let works = if was_open { self.works.clone() } else { Arc::default() };
        let cells = Arc::new(self.cells.after(&[(path.to_owned(), Event::Changed)]));
        let stamp = self.stamp.filter(|_| is_source(path));
        Self { documents: Arc::new(documents), works, cells, views: Arc::default(), stamp, ..self.clone() }
    }

    /// The URI of a file, as the client writes it where it is open.
    pub(crate) fn uri(&self, path: &Path) -> Option<Uri> {
        self.documents.get(path).map(|document| document.uri.clone()).or_else(|| uri::uri_of(path))
    }

    /// What a file is compiled with; nothing where it is none of ours.
    pub(crate) fn target(&self, file: &Path) -> Option<Target> {
        if uri::is_standard(file) {
            return None;
        }
        let folder = file.parent()?;
        let extension = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let owner = self.disk.project_above(folder);
        if file.file_name().is_some_and(|name| name == PROJECT_FILE) {
            return owner.filter(|owner| owner == folder).map(Target::Project);
        }
        match (owner, extension.as_str()) {
            (Some(root), "tess" | "yaml" | "yml") if self.disk.host().takes(&root, file) => Some(Target::Project(root)),
            (_, "tess") => Some(Target::Loose(file.to_owned())),
            (None, "yaml" | "yml") => Some(Target::Loose(file.to_owned())),
            _ => None,
        }
    }

    /// All that is compiled: the projects of the editor's folders and what is open; and
    /// what people should know of folders that could not be looked through.
    pub(crate) fn targets(&self) -> (Vec<Target>, Vec<String>) {
        let (mut targets, mut messages) = (Vec::new(), Vec::new());
        for root in self.roots.iter() {
            match &*self.disk.projects(root) {
                Ok(projects) => targets.extend(projects.iter().cloned().map(Target::Project)),
                Err(message) => messages.push(message.clone()),
            }
        }
        targets.extend(self.documents.keys().filter_map(|path| self.target(path)));
        targets.sort();
        targets.dedup();
        (targets, messages)
    }

    /// A compilation, made at most once.
    ///
    /// # Errors
    /// A sentence for people: the project's files could not be found.
    pub(crate) fn compiled(&self, target: &Target) -> Result<Arc<Compiled>, String> {
        let cell = self.cells.of(target);
        let known = cell.get().cloned();
        known.unwrap_or_else(|| {
            let (snapshot, target) = (self.clone(), target.clone());
            let make = move || snapshot.compile(&target, &Settings::default()).map(Arc::new);
            // Nobody else fills it, so that nobody waits for whom the thread waits for.
            self.compiler.run(move || cell.get_or_init(make).clone())
        })
    }

    /// A document with the compilation that it belongs to.
    pub(crate) fn place(&self, uri: &Uri) -> Option<Place> {
        let document = self.document(uri)?;
        let compiled = self.compiled(&self.target(&document.path)?).ok()?;
        let file = compiled.file(&document.path)?;
        Some(Place { document, compiled, file })
    }

    /// A compilation with other settings than a check has; it is not kept.
    ///
    /// # Errors
    /// A sentence for people: the project's files could not be found.
    pub(crate) fn compiled_with(&self, target: &Target, settings: Settings) -> Result<Compiled, String> {
        let (snapshot, target) = (self.clone(), target.clone());
        self.compiler.run(move || snapshot.compile(&target, &settings))
    }

    fn compile(&self, target: &Target, settings: &Settings) -> Result<Compiled, String> {
        let prepared = self.prepared(target)?;
        let memo = self.memos.of(target);
        let overlay = self.overlay(&prepared, &memo, Some(Mutex::default()));
        Ok(Compiled::new(target.clone(), overlay, &self.schemas, settings))
    }

    /// What checking knows of a document beside what it reports; with a place in it, in bytes,
    /// also what may stand there.
    pub(crate) fn analyse(&self, document: &Document, probe: Option<u32>) -> Option<Analysis> {
        self.request(&self.target(&document.path)?, |request, folder| {
            analyse(request, &self.schemas, &self.disk.host().relative(folder, &document.path), probe)
        })?
    }

    /// The same without a place, made at most once.
    pub(crate) fn view(&self, document: &Document) -> Option<Arc<Analysed>> {
        let view = self.views.of_file(&document.path);
        let make = || {
            self.request(&self.target(&document.path)?, |request, folder| {
                let path = self.disk.host().relative(folder, &document.path);
                let analysis = analyse(request, &self.schemas, &path, None)?;
                Some(Arc::new(Analysed::new(analysis, self.disk.clone(), folder.to_owned())))
            })?
        };
        view.get_or_init(make).clone()
    }

    /// What checking knows of all that is compiled together, made at most once.
    pub(crate) fn whole(&self, target: &Target) -> Option<Arc<Analysed>> {
        let view = self.views.of_target(target);
        let make = || {
            self.request(target, |request, folder| {
                Arc::new(Analysed::new(analyse_all(request, &self.schemas), self.disk.clone(), folder.to_owned()))
            })
        };
        view.get_or_init(make).clone()
    }

    /// Calls the compiler for what is compiled together, with the folder that paths are relative to.
    fn request<R>(&self, target: &Target, call: impl FnOnce(&Request<'_>, &Path) -> R) -> Option<R> {
        let prepared = self.prepared(target).ok()?;
        let memo = self.memos.of(target);
        let overlay = self.overlay(&prepared, &memo, None);
        Some(overlay.wanted().with_request(|request| call(request, &prepared.work.host)))
    }

    fn overlay<'a>(&'a self, prepared: &'a Prepared, memo: &'a Memo, touched: Option<Mutex<Touched>>) -> Overlay<'a> {
        let (documents, disk) = (&*self.documents, &*self.disk);
        Overlay { documents, disk, prepared, memo, stamp: self.stamp, touched }
    }

    /// What is compiled for a target, made at most once for the same files.
    fn prepared(&self, target: &Target) -> Result<Arc<Prepared>, String> {
        let prepare = || self.work(target).map(|work| Arc::new(Prepared::new(work, self.disk.host())));
        self.works.of(target).get_or_init(prepare).clone()
    }

    /// What the disk has, and the documents that are open but not there.
    fn work(&self, target: &Target) -> Result<Work, String> {
        let mut work = (*self.disk.work(target)).clone()?;
        let host = self.disk.host();
        let has =
            |path: &Path, endings: &[&str]| path.extension().is_some_and(|e| endings.iter().any(|known| e == *known));
        match target {
            Target::Project(_) => {
                let own =
                    |path: &&PathBuf| has(path, &["tess", "yaml", "yml"]) && self.target(path).as_ref() == Some(target);
                add(&mut work.paths, self.documents.keys().filter(own).map(|path| host.relative(&work.host, path)));
            }
            Target::Loose(file) => {
                let beside = |path: &&PathBuf| has(path, &["tess"]) && path.parent() == file.parent() && *path != file;
                let open: Vec<String> =
                    self.documents.keys().filter(beside).map(|path| host.relative(&work.host, path)).collect();
                if !has(file, &["tess"]) {
                    add(&mut work.context, open.iter().cloned());
                }
                add(work.only.get_or_insert_default(), open.into_iter());
            }
        }
        Ok(work)
    }
}

/// Whether a file is a source of the language.
pub(super) fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "tess")
}

/// Adds paths that are not there yet, in the order of a walk.
fn add(paths: &mut Vec<String>, more: impl Iterator<Item = String>) {
    let before = paths.len();
    let new: Vec<String> = more.filter(|path| !paths.contains(path)).collect();
    paths.extend(new);
    if paths.len() > before {
        paths.sort_by(|a, b| Path::new(a).cmp(Path::new(b)));
    }
}

/// The document of a URI, however it is written.
pub(crate) fn find<'d>(documents: &'d Documents, uri: &Uri) -> Option<&'d Arc<Document>> {
    if uri::is_file(uri) {
        return documents.get(&uri::path_of(uri, None));
    }
    documents.values().find(|document| document.uri == *uri)
}
