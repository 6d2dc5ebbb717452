//! The files of a compilation: open documents over the disk.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use tessera_compiler::compile::Wanted;
use tessera_compiler::memo::Memo;
use tessera_compiler::source::{FileError, Files, MAX_FILE_BYTES};

use crate::host::{Host, Work};
use crate::workspace::disk::Disk;
use crate::workspace::snapshot::Documents;

/// The files that were read or looked for, and the folders that were listed.
pub(super) type Touched = (FxHashSet<PathBuf>, FxHashSet<PathBuf>);

/// What is compiled, prepared for being read again and again.
pub(super) struct Prepared {
    pub(super) work: Work,
    /// Where its files lie: to make a path takes longer than to look one up.
    places: FxHashMap<String, PathBuf>,
}

impl Prepared {
    pub(super) fn new(work: Work, host: &dyn Host) -> Self {
        let paths = work.paths.iter().chain(&work.context);
        let places = paths.map(|path| (path.clone(), host.absolute(&work.host, path))).collect();
        Self { work, places }
    }
}

/// Open documents over the disk.
pub(super) struct Overlay<'a> {
    pub(super) documents: &'a Documents,
    pub(super) disk: &'a Disk,
    pub(super) prepared: &'a Prepared,
    pub(super) memo: &'a Memo,
    /// See [`Files::stamp`].
    pub(super) stamp: Option<u64>,
    /// Noted where somebody wants to know.
    pub(super) touched: Option<Mutex<Touched>>,
}

impl Overlay<'_> {
    /// What the compiler is asked for.
    pub(super) fn wanted(&self) -> Wanted<'_> {
        let Work { root, has_file, paths, context, .. } = &self.prepared.work;
        Wanted { files: self, root, has_file: *has_file, paths, named: &[], context }
    }

    fn touch(&self, note: impl FnOnce(&mut Touched)) {
        if let Some(touched) = &self.touched {
            note(&mut touched.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn absolute(&self, path: &str) -> Cow<'_, Path> {
        let make = || Cow::Owned(self.disk.host().absolute(&self.prepared.work.host, path));
        self.prepared.places.get(path).map_or_else(make, |place| Cow::Borrowed(place.as_path()))
    }
}

impl Files for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Arc<str>, FileError> {
        let path = self.absolute(path);
        self.touch(|(reads, _)| {
            reads.insert(path.clone().into_owned());
        });
        match self.documents.get(&*path) {
            Some(document) if document.text.len() > MAX_FILE_BYTES => {
                Err(FileError::TooLarge(document.text.len() as u64))
            }
            Some(document) => Ok(document.text.clone()),
            None => self.disk.read(&path),
        }
    }

    fn list(&self, folder: &str, extension: &str) -> Vec<String> {
        let ending = format!(".{extension}");
        let Work { host: home, only, .. } = &self.prepared.work;
        if let Some(only) = only {
            return only.iter().filter(|path| path.ends_with(&ending)).cloned().collect();
        }
        let host = self.disk.host();
        let folder = self.absolute(folder).into_owned();
        let mut files: Vec<String> =
            self.disk.list(&folder, extension).iter().map(|path| host.relative(home, path)).collect();
        let owner = self.disk.project_above(&folder);
        let open = self.documents.keys().filter(|path| {
            path.starts_with(&folder)
                && path.to_string_lossy().ends_with(&ending)
                && path.parent().is_some_and(|parent| self.disk.project_above(parent) == owner)
                && host.takes(&folder, path)
        });
        files.extend(open.map(|path| host.relative(home, path)));
        files.sort();
        files.dedup();
        self.touch(|(_, folders)| {
            folders.insert(folder);
        });
        files
    }

    fn reused(&self, folder: &str) {
        let folder = self.absolute(folder).into_owned();
        self.touch(|(_, folders)| {
            folders.insert(folder);
        });
    }

    fn stamp(&self) -> Option<u64> {
        self.stamp
    }

    fn memo(&self) -> Option<&Memo> {
        Some(self.memo)
    }
}
