//! Which files lie below a folder.
//!
//! Hidden files and folders, the folder `target` of a project, folders that a
//! tool marks as its cache (`CACHEDIR.TAG`) and projects inside the project
//! are left out. Links to folders are followed, each target once.

use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;
pub(crate) use tessera_compiler::compile::PROJECT_FILE;

use crate::failure::{Failure, Outcome};
/// Marks a folder that a tool fills.
const CACHE_MARK: &str = "CACHEDIR.TAG";
/// How deep folders may nest.
const MAX_DEPTH: usize = 64;
/// How many entries are looked at; more are mostly a mistake in the call.
pub(crate) const MAX_ENTRIES: usize = 500_000;

/// What lies below a folder.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The files whose name ends in one of the endings, sorted.
    pub(crate) files: Vec<PathBuf>,
    /// The folders of projects inside, sorted.
    pub(crate) projects: Vec<PathBuf>,
}

/// The files below a folder with one of these endings.
///
/// # Errors
/// When the folder itself cannot be read, or there is too much in it.
pub(crate) fn below(folder: &Path, endings: &[&str]) -> Outcome<Found> {
    let mut walk = Walk { endings, found: Found::default(), links: FxHashSet::default(), entries: 0 };
    walk.folder(folder, 0)?;
    walk.found.files.sort();
    walk.found.projects.sort();
    Ok(walk.found)
}

/// Whether a walk of a folder would come to a file, were it there. Folders inside
/// that are projects are for the caller to know.
pub(crate) fn takes(folder: &Path, file: &Path) -> bool {
    let Ok(below) = file.strip_prefix(folder) else { return false };
    let hidden = below.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.'));
    let above = below.parent().unwrap_or(Path::new("")).ancestors().filter(|part| !part.as_os_str().is_empty());
    let cached = above.into_iter().any(|part| folder.join(part).join(CACHE_MARK).exists());
    !hidden && !cached && (below.components().count() == 1 || !below.starts_with("target"))
}

struct Walk<'a> {
    endings: &'a [&'a str],
    found: Found,
    links: FxHashSet<PathBuf>,
    entries: usize,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) -> Outcome {
        let entries: Vec<DirEntry> = match fs::read_dir(folder) {
            Ok(entries) => entries.flatten().collect(),
            Err(error) if depth == 0 => return Err(Failure::world("read", folder, &error)),
            // A folder that may not be read holds nothing for whoever may not read it.
            Err(_) => return Ok(()),
        };
        let has = |name: &str| entries.iter().any(|e| e.file_name() == name);
        if depth > 0 && has(CACHE_MARK) {
            return Ok(());
        }
        if depth > 0 && has(PROJECT_FILE) {
            self.found.projects.push(folder.to_owned());
            return Ok(());
        }
        self.entries += entries.len();
        if self.entries > MAX_ENTRIES || depth > MAX_DEPTH {
            return Err(Failure::call(format!(
                "`{}` holds too many files or folders; name what you mean",
                folder.display()
            )));
        }
        entries.iter().try_for_each(|entry| self.entry(entry, depth))
    }

    fn entry(&mut self, entry: &DirEntry, depth: usize) -> Outcome {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') || (depth == 0 && name == "target") {
            return Ok(());
        }
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { return Ok(()) };
        if kind.is_dir() {
            return self.folder(&path, depth + 1);
        }
        if kind.is_symlink() && path.is_dir() {
            return if self.enters(&path) { self.folder(&path, depth + 1) } else { Ok(()) };
        }
        if self.endings.iter().any(|ending| name.strip_suffix(ending).is_some_and(|stem| stem.ends_with('.'))) {
            self.found.files.push(path);
        }
        Ok(())
    }

    /// Whether a link leads to something new that does not hold the link.
    fn enters(&mut self, link: &Path) -> bool {
        let real = |path: &Path| path.canonicalize().ok();
        let (Some(target), Some(parent)) = (real(link), link.parent().and_then(real)) else { return false };
        !parent.starts_with(&target) && self.links.insert(target)
    }
}
