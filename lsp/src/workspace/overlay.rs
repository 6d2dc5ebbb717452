//! The files of a compilation: open documents over the disk.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashSet;
use tessera_compiler::compile::Wanted;
use tessera_compiler::memo::Memo;
use tessera_compiler::source::{FileError, Files, MAX_FILE_BYTES};

use crate::host::Work;
use crate::workspace::disk::Disk;
use crate::workspace::snapshot::Documents;

/// The files that were read or looked for, and the folders that were listed.
pub(super) type Touched = (FxHashSet<PathBuf>, FxHashSet<PathBuf>);

/// Open documents over the disk.
pub(super) struct Overlay<'a> {
    pub(super) documents: &'a Documents,
    pub(super) disk: &'a Disk,
    /// The folder that paths are relative to.
    pub(super) host: &'a Path,
    pub(super) only: Option<&'a [String]>,
    pub(super) memo: &'a Memo,
    /// See [`Files::stamp`].
    pub(super) stamp: Option<u64>,
    pub(super) touched: Mutex<Touched>,
}

impl Overlay<'_> {
    /// What the compiler is asked for.
    pub(super) fn wanted<'w>(&'w self, work: &'w Work) -> Wanted<'w> {
        let Work { root, has_file, paths, context, .. } = work;
        Wanted { files: self, root, has_file: *has_file, paths, named: &[], context }
    }

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

    fn reused(&self, folder: &str) {
        let folder = self.disk.host().absolute(self.host, folder);
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
