//! What was read of the disk. A snapshot keeps the [`Disk`] that it began with:
//! news from the disk make a new one, which keeps what they do not touch.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use tessera_compiler::source::FileError;

use crate::host::{Event, Host, Target, Work};

type Read = Result<Arc<str>, FileError>;

/// The disk as it was when first asked.
pub(crate) struct Disk {
    host: Arc<dyn Host>,
    seen: Mutex<Seen>,
}

#[derive(Clone, Default)]
struct Seen {
    texts: FxHashMap<PathBuf, Read>,
    /// Texts that may be other ones now; kept where they are not.
    stale: FxHashMap<PathBuf, Arc<str>>,
    lists: FxHashMap<(PathBuf, String), Arc<Vec<PathBuf>>>,
    owners: FxHashMap<PathBuf, Option<PathBuf>>,
    works: FxHashMap<Target, Arc<Result<Work, String>>>,
    projects: FxHashMap<PathBuf, Arc<Result<Vec<PathBuf>, String>>>,
}

impl Disk {
    pub(crate) fn new(host: Arc<dyn Host>) -> Self {
        Self { host, seen: Mutex::default() }
    }

    pub(crate) fn host(&self) -> &dyn Host {
        &*self.host
    }

    /// The disk after something happened to files.
    pub(crate) fn after(&self, events: &[(PathBuf, Event)]) -> Self {
        let mut seen = self.with(|seen| seen.clone());
        for (path, _) in events {
            if let Some(Ok(text)) = seen.texts.remove(path) {
                seen.stale.insert(path.clone(), text);
            }
        }
        if events.iter().any(|(_, event)| *event == Event::Moved) {
            // A folder that went is one event.
            let gone = |path: &PathBuf| events.iter().any(|(of, event)| *event == Event::Moved && path.starts_with(of));
            seen.texts.retain(|path, read| read.is_ok() && !gone(path));
            seen.lists.clear();
            seen.owners.clear();
            seen.works.clear();
            seen.projects.clear();
        }
        Self { host: self.host.clone(), seen: Mutex::new(seen) }
    }

    pub(crate) fn read(&self, path: &Path) -> Read {
        if let Some(read) = self.with(|seen| seen.texts.get(path).cloned()) {
            return read;
        }
        let read = self.host.read(path);
        self.with(|seen| {
            let read = match (read, seen.stale.remove(path)) {
                (Ok(now), Some(before)) if now == before => Ok(before),
                (read, _) => read,
            };
            seen.texts.entry(path.to_owned()).or_insert(read).clone()
        })
    }

    pub(crate) fn list(&self, folder: &Path, extension: &str) -> Arc<Vec<PathBuf>> {
        let key = (folder.to_owned(), extension.to_owned());
        if let Some(list) = self.with(|seen| seen.lists.get(&key).cloned()) {
            return list;
        }
        let list = Arc::new(self.host.list(folder, extension));
        self.with(|seen| seen.lists.entry(key).or_insert(list).clone())
    }

    /// The nearest folder with a project file, from this one upwards.
    pub(crate) fn project_above(&self, folder: &Path) -> Option<PathBuf> {
        if let Some(owner) = self.with(|seen| seen.owners.get(folder).cloned()) {
            return owner;
        }
        let owner = self.host.project_above(folder);
        self.with(|seen| seen.owners.entry(folder.to_owned()).or_insert(owner).clone())
    }

    pub(crate) fn work(&self, target: &Target) -> Arc<Result<Work, String>> {
        if let Some(work) = self.with(|seen| seen.works.get(target).cloned()) {
            return work;
        }
        let work = Arc::new(self.host.work(target));
        self.with(|seen| seen.works.entry(target.clone()).or_insert(work).clone())
    }

    pub(crate) fn projects(&self, folder: &Path) -> Arc<Result<Vec<PathBuf>, String>> {
        if let Some(projects) = self.with(|seen| seen.projects.get(folder).cloned()) {
            return projects;
        }
        let projects = Arc::new(self.host.projects(folder));
        self.with(|seen| seen.projects.entry(folder.to_owned()).or_insert(projects).clone())
    }

    /// Nothing is read while the lock is held.
    fn with<R>(&self, work: impl FnOnce(&mut Seen) -> R) -> R {
        work(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
