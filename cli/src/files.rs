//! Files on disk, or of a git revision as if they were there, as the compiler reads them.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tessera_compiler::source::{FileError, Files, MAX_FILE_BYTES};

use crate::failure::reason;
use crate::git::Revision;
use crate::{paths, walk};

/// Files below a folder of the disk, some of them perhaps in memory only.
#[derive(Debug, Default)]
pub(crate) struct DiskFiles {
    /// The folder from which paths are taken, absolute.
    pub(crate) host: PathBuf,
    /// Files that are not on disk: standard input.
    pub(crate) overlay: Vec<(String, Result<Arc<str>, FileError>)>,
    /// The only sources there are, for files outside any project.
    pub(crate) only: Option<Vec<String>>,
    /// The revision that the files are of, where they are not those on disk.
    pub(crate) revision: Option<Arc<Revision>>,
    /// Whether the system refused to give a file.
    pub(crate) failed: AtomicBool,
}

impl Files for DiskFiles {
    fn read(&self, path: &str) -> Result<Arc<str>, FileError> {
        if let Some((_, text)) = self.overlay.iter().find(|(name, _)| name == path) {
            return text.clone();
        }
        let read = match &self.revision {
            Some(revision) => revision.read(&paths::absolute(&self.host, Path::new(path))),
            None => read_text(&self.host.join(path)).map(Arc::from),
        };
        if matches!(read, Err(FileError::Unreadable(_))) {
            self.failed.store(true, Ordering::Relaxed);
        }
        read
    }

    fn list(&self, folder: &str, extension: &str) -> Vec<String> {
        let ending = format!(".{extension}");
        if let Some(only) = &self.only {
            return only.iter().filter(|path| path.ends_with(&ending)).cloned().collect();
        }
        let folder = paths::absolute(&self.host, Path::new(folder));
        let found = match &self.revision {
            Some(revision) => revision.below(&folder, &[extension]),
            None => walk::below(&folder, &[extension]).unwrap_or_default().files,
        };
        let mut files: Vec<String> = found.iter().map(|path| paths::relative(&self.host, path)).collect();
        files.extend(self.overlay.iter().map(|(path, _)| path.clone()).filter(|path| path.ends_with(&ending)));
        files.sort();
        files.dedup();
        files
    }
}

/// The text of a file. The size is looked at before anything is read, and no
/// more than the limit is read of what has no size.
pub(crate) fn read_text(path: &Path) -> Result<String, FileError> {
    let file = File::open(path).map_err(|error| refused(&error))?;
    let about = file.metadata().map_err(|error| refused(&error))?;
    if about.is_dir() {
        return Err(FileError::IsDirectory);
    }
    if about.len() > MAX_FILE_BYTES as u64 {
        return Err(FileError::TooLarge(about.len()));
    }
    read_bounded(file, about.len() as usize)
}

/// All that a stream has to give, as text, up to the limit.
pub(crate) fn read_bounded(stream: impl Read, expected: usize) -> Result<String, FileError> {
    let mut bytes = Vec::with_capacity(expected + 1);
    stream.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|error| refused(&error))?;
    if bytes.len() > MAX_FILE_BYTES {
        return Err(FileError::TooLarge(bytes.len() as u64));
    }
    String::from_utf8(bytes).map_err(|error| FileError::NotUtf8(error.utf8_error().valid_up_to()))
}

fn refused(error: &std::io::Error) -> FileError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => FileError::NotFound,
        ErrorKind::IsADirectory => FileError::IsDirectory,
        _ => FileError::Unreadable(reason(error)),
    }
}
