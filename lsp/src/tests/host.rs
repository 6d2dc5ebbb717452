//! A disk in memory, with the meaning of the real one as far as tests need it.

use std::any::Any;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tessera_compiler::source::{FileError, MAX_FILE_BYTES};

use crate::host::{Event, Host, Target, Tell, Watched, Work};

const PROJECT_FILE: &str = "tessera.toml";

#[derive(Clone, Default)]
pub(super) struct Memory(Arc<Mutex<BTreeMap<PathBuf, Arc<str>>>>, Arc<Mutex<Option<Tell>>>);

impl Memory {
    pub(super) fn write(&self, path: &str, text: &str) {
        self.0.lock().unwrap().insert(PathBuf::from(path), Arc::from(text));
    }

    pub(super) fn remove(&self, path: &str) {
        self.0.lock().unwrap().remove(Path::new(path));
    }

    pub(super) fn text(&self, path: &str) -> Option<Arc<str>> {
        self.0.lock().unwrap().get(Path::new(path)).cloned()
    }

    /// Tells the server, as the system tells of changes.
    pub(super) fn tell(&self, path: &str, event: Event) {
        self.1.lock().unwrap().as_ref().expect("somebody watches")(vec![(PathBuf::from(path), event)]);
    }

    /// Whether the server wants to be told.
    pub(super) fn is_watched(&self) -> bool {
        self.1.lock().unwrap().is_some()
    }

    fn has(&self, path: &Path) -> bool {
        self.0.lock().unwrap().contains_key(path)
    }

    fn below(&self, folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
        let all: Vec<PathBuf> = self.0.lock().unwrap().keys().cloned().collect();
        let owner = self.project_above(folder);
        let ends = |path: &PathBuf| path.extension().is_some_and(|e| endings.iter().any(|ending| e == *ending));
        let own = |path: &PathBuf| self.project_above(path.parent().unwrap()) == owner;
        all.into_iter().filter(|path| self.takes(folder, path) && ends(path) && own(path)).collect()
    }
}

impl Host for Memory {
    fn project_above(&self, folder: &Path) -> Option<PathBuf> {
        folder.ancestors().find(|folder| self.has(&folder.join(PROJECT_FILE))).map(Path::to_owned)
    }

    fn projects(&self, folder: &Path) -> Result<Vec<PathBuf>, String> {
        if folder.ends_with("unreadable") {
            return Err("`unreadable` holds too many files or folders".to_owned());
        }
        if let Some(above) = self.project_above(folder) {
            return Ok(vec![above]);
        }
        let files = self.0.lock().unwrap();
        let projects = files.keys().filter(|path| path.starts_with(folder) && path.ends_with(PROJECT_FILE));
        Ok(projects.map(|path| path.parent().unwrap().to_owned()).collect())
    }

    fn takes(&self, root: &Path, file: &Path) -> bool {
        file.strip_prefix(root)
            .is_ok_and(|below| !below.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.')))
    }

    fn work(&self, target: &Target) -> Result<Work, String> {
        Ok(match target {
            Target::Project(root) => {
                let paths = self.below(root, &["tess", "yaml", "yml"]);
                let paths = paths.iter().map(|path| self.relative(root, path)).collect();
                Work { host: root.clone(), has_file: true, paths, ..Work::default() }
            }
            Target::Loose(file) => {
                let host = file.parent().unwrap().to_owned();
                let mut only: Vec<String> =
                    self.below(&host, &["tess"]).iter().map(|path| self.relative(&host, path)).collect();
                let paths = vec![self.relative(&host, file)];
                only.extend(paths.iter().filter(|path| !only.contains(path)).cloned().collect::<Vec<_>>());
                Work { host, paths, only: Some(only), ..Work::default() }
            }
        })
    }

    fn read(&self, path: &Path) -> Result<Arc<str>, FileError> {
        let text = self.0.lock().unwrap().get(path).cloned().ok_or(FileError::NotFound)?;
        if text.len() > MAX_FILE_BYTES { Err(FileError::TooLarge(text.len() as u64)) } else { Ok(text) }
    }

    fn list(&self, folder: &Path, extension: &str) -> Vec<PathBuf> {
        self.below(folder, &[extension])
    }

    fn watch(&self, _: &[Watched], tell: Tell) -> Result<Box<dyn Any + Send>, String> {
        *self.1.lock().unwrap() = Some(tell);
        Ok(Box::new(()))
    }

    fn relative(&self, folder: &Path, file: &Path) -> String {
        let shared = folder.ancestors().find(|folder| file.starts_with(folder)).unwrap();
        let up = "../".repeat(folder.strip_prefix(shared).unwrap().components().count());
        format!("{up}{}", file.strip_prefix(shared).unwrap().display())
    }
}
