//! Files written whole or not at all: first beside their place, then renamed.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};

/// Writes all files or none: every one is complete on disk before the first
/// takes its place. Folders above them are made.
///
/// # Errors
/// When the system refuses; then no file is changed, unless it refused between
/// two renames.
pub(crate) fn save_all<'a>(files: impl IntoIterator<Item = (PathBuf, &'a str)>) -> Outcome {
    let mut waiting: Vec<Waiting> = Vec::new();
    for (path, text) in files {
        waiting.push(Waiting::write(path, text)?);
    }
    waiting.into_iter().try_for_each(Waiting::keep)
}

/// Writes one file.
///
/// # Errors
/// When the system refuses; then the file is as it was.
pub(crate) fn save(path: &Path, text: &str) -> Outcome {
    save_all([(path.to_owned(), text)])
}

/// A file that is written beside its place; it goes unless it is kept.
struct Waiting {
    temporary: PathBuf,
    place: PathBuf,
    kept: bool,
}

impl Waiting {
    fn write(path: PathBuf, text: &str) -> Outcome<Self> {
        // A link stays a link: what it leads to is replaced.
        let place = path.canonicalize().unwrap_or(path);
        if place.is_dir() {
            return Err(Failure::call(format!("`{}` is a directory, not a file", place.display())));
        }
        let folder = place.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|error| Failure::world("make the folder", folder, &error))?;
        let (mut file, temporary) = beside(&place)?;
        let waiting = Self { temporary, place, kept: false };
        let refused = |error| Failure::world("write", &waiting.place, &error);
        file.write_all(text.as_bytes()).map_err(refused)?;
        if let Ok(about) = fs::metadata(&waiting.place) {
            fs::set_permissions(&waiting.temporary, about.permissions()).map_err(refused)?;
        }
        Ok(waiting)
    }

    fn keep(mut self) -> Outcome {
        fs::rename(&self.temporary, &self.place).map_err(|error| Failure::world("write", &self.place, &error))?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// A new file in the same folder, so that renaming it is one step.
fn beside(place: &Path) -> Outcome<(File, PathBuf)> {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let short: String = name.chars().take(60).collect();
    for attempt in 0..100_u32 {
        let temporary = place.with_file_name(format!(".{short}.{}-{attempt}.tmp", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Ok(file) => return Ok((file, temporary)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Failure::world("write", place, &error)),
        }
    }
    Err(Failure::World(format!("cannot write `{}`: too many unfinished files beside it", place.display())))
}
