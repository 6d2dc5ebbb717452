//! What the server needs of the disk. The command line implements it with the
//! code of its own commands, so that "project" has one meaning.

use std::any::Any;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use tessera_compiler::source::FileError;

/// What is compiled together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// The project in this folder.
    Project(PathBuf),
    /// A file of no project, with what it imports.
    Loose(PathBuf),
}

impl Target {
    /// The project's folder, or the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Project(path) | Self::Loose(path) => path,
        }
    }
}

/// What the compiler is asked for: what `tessera check` would take in the project's
/// folder, or for the file that is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// The folder that paths are relative to, absolute.
    pub host: PathBuf,
    /// The project's folder, as seen from there.
    pub root: String,
    /// Whether the folder has a project file.
    pub has_file: bool,
    /// The files asked for.
    pub paths: Vec<String>,
    /// Sources that YAML files may need.
    pub context: Vec<String>,
    /// The only sources there are, for files outside any project.
    pub only: Option<Vec<String>>,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Its text is another one.
    Changed,
    /// It came, or it went; so may a folder.
    Moved,
}

/// A folder that is watched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Watched {
    /// The folder.
    pub folder: PathBuf,
    /// Whether what lies in folders inside matters, too.
    pub deep: bool,
}

/// Who is told what happens to files.
pub type Tell = Box<dyn Fn(Vec<(PathBuf, Event)>) + Send>;

/// The disk, as the server's host sees it. Paths are absolute, without `.` and `..`.
pub trait Host: Send + Sync + 'static {
    /// The nearest folder with a project file, from this one upwards.
    fn project_above(&self, folder: &Path) -> Option<PathBuf>;

    /// The projects that a folder of the editor shows: the one that it lies in, or
    /// those below it.
    ///
    /// # Errors
    /// A sentence for people: the folder cannot be read, or holds too much.
    fn projects(&self, folder: &Path) -> Result<Vec<PathBuf>, String>;

    /// Whether a file below a project's folder, there or not, is one that the project takes.
    fn takes(&self, root: &Path, file: &Path) -> bool;

    /// What is compiled.
    ///
    /// # Errors
    /// A sentence for people: the folder cannot be read, or holds too much.
    fn work(&self, target: &Target) -> Result<Work, String>;

    /// The text of a file.
    ///
    /// # Errors
    /// When it cannot be had whole.
    fn read(&self, path: &Path) -> Result<Arc<str>, FileError>;

    /// The files below a folder whose name ends in `extension`, sorted.
    fn list(&self, folder: &Path, extension: &str) -> Vec<PathBuf>;

    /// Tells what happens in folders, and below those that are `deep`, until what is given back is dropped.
    ///
    /// # Errors
    /// A sentence for people: the system cannot watch.
    fn watch(&self, folders: &[Watched], tell: Tell) -> Result<Box<dyn Any + Send>, String>;

    /// A file as seen from a folder, `/`-separated.
    fn relative(&self, folder: &Path, file: &Path) -> String;

    /// The file that a path names from a folder.
    fn absolute(&self, folder: &Path, path: &str) -> PathBuf {
        normal(&folder.join(path))
    }
}

/// The path without `.` and `..`, which are resolved as text: no link is followed.
#[must_use]
pub fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}
