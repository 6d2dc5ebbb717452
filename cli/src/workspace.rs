//! From the paths of a call to projects: which files are asked for, and which
//! project each belongs to.
//!
//! A file belongs to the project whose `tessera.toml` lies nearest above it.
//! Files that belong to none make one project together, with defaults.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::GlobBuilder;
use tessera_compiler::source::FileError;

use crate::failure::{Failure, Outcome};
use crate::files::DiskFiles;
use crate::paths::{absolute, is_yaml, relative};
use crate::walk::{self, PROJECT_FILE};

/// The endings of files that a folder is searched for.
pub(crate) const ENDINGS: [&str; 3] = ["tess", "yaml", "yml"];

/// What was asked for of one project.
#[derive(Debug, Default)]
pub(crate) struct Work {
    /// The project's folder, absolute.
    pub(crate) root: PathBuf,
    /// Whether the folder has a project file.
    pub(crate) has_file: bool,
    /// How its files are read.
    pub(crate) files: DiskFiles,
    /// The files asked for, as `files` names them.
    pub(crate) paths: Vec<String>,
    /// The YAML files among them that were named one by one.
    pub(crate) named: Vec<String>,
    /// Sources that YAML files may need.
    pub(crate) context: Vec<String>,
}

/// Standard input, as a file of the call.
#[derive(Debug)]
pub(crate) struct Stdin {
    /// The name that it goes by, as the user would write a path.
    pub(crate) name: String,
    /// What it gave.
    pub(crate) text: Result<Arc<str>, FileError>,
}

/// What a call asks for.
#[derive(Debug, Default)]
pub(crate) struct Asked<'a> {
    /// Files, folders and patterns; the current project where there are none.
    pub(crate) paths: &'a [String],
    /// The folder of the project, where it is not to be searched for.
    pub(crate) project: Option<&'a Path>,
    /// What came on standard input.
    pub(crate) stdin: Option<Stdin>,
    /// Only sources in the language are wanted.
    pub(crate) sources_only: bool,
}

/// The projects that a call asks for, in the order of its paths.
///
/// # Errors
/// When the call names nothing that could be there.
pub(crate) fn select(asked: Asked<'_>) -> Outcome<Vec<Work>> {
    let current = current_folder()?;
    let project = asked.project.map(|folder| absolute(&current, folder));
    if let Some(folder) = project.as_deref().filter(|folder| !folder.is_dir()) {
        return Err(Failure::call(format!("`{}` is not the folder of a project", folder.display())));
    }
    let endings: &[&str] = if asked.sources_only { &["tess"] } else { &ENDINGS };
    let mut selection = Selection { current, project, endings, works: Vec::new(), loose: None };
    let nothing = asked.paths.is_empty() && asked.stdin.is_none();
    for path in asked.paths {
        selection.path(path)?;
    }
    if nothing {
        let folder = selection.project.clone().or_else(|| project_above(&selection.current));
        selection.folder(&folder.unwrap_or_else(|| selection.current.clone()))?;
    }
    if let Some(stdin) = asked.stdin {
        selection.stdin(stdin);
    }
    let named = asked.paths.iter().cloned().chain(asked.project.map(|folder| folder.display().to_string()));
    let named: Vec<String> = named.map(|place| format!("`{place}`")).collect();
    selection.finish(&named)
}

/// What `tessera check` takes in the folder of a project.
///
/// # Errors
/// When the folder cannot be read, or holds too much.
pub(crate) fn whole(root: &Path) -> Outcome<Work> {
    let mut selection = Selection::of(root);
    let index = selection.project_at(root.to_owned());
    selection.folder(root)?;
    taken(selection, index, root)
}

/// What `tessera check FILE` takes for a file outside any project, in the file's folder. It need not be there.
///
/// # Errors
/// Never by what is on disk.
pub(crate) fn loose(file: &Path) -> Outcome<Work> {
    let mut selection = Selection::of(file.parent().unwrap_or(file));
    let index = selection.loose_project(file);
    selection.add_to(index, file, false);
    taken(selection, index, file)
}

fn taken(selection: Selection<'_>, index: usize, asked: &Path) -> Outcome<Work> {
    let work = selection.finish(&[])?.into_iter().nth(index);
    work.ok_or_else(|| Failure::call(format!("there is nothing to check in `{}`", asked.display())))
}

/// The project that a folder lies in, or those below it.
///
/// # Errors
/// When the folder cannot be read, or holds too much.
pub(crate) fn projects(folder: &Path) -> Outcome<Vec<PathBuf>> {
    match project_above(folder) {
        Some(project) => Ok(vec![project]),
        None => Ok(walk::below(folder, &[])?.projects),
    }
}

/// The folder in which the call was made.
///
/// # Errors
/// When it is gone.
pub(crate) fn current_folder() -> Outcome<PathBuf> {
    std::env::current_dir().map_err(|error| Failure::world("find", Path::new("."), &error))
}

struct Selection<'a> {
    current: PathBuf,
    project: Option<PathBuf>,
    endings: &'a [&'a str],
    works: Vec<Work>,
    /// The place of the files without a project in `works`.
    loose: Option<usize>,
}

impl Selection<'_> {
    /// What is selected in a folder by no names.
    fn of(current: &Path) -> Self {
        Self { current: current.to_owned(), project: None, endings: &ENDINGS, works: Vec::new(), loose: None }
    }

    fn path(&mut self, written: &str) -> Outcome {
        let path = absolute(&self.current, Path::new(written));
        if path.is_dir() && !ENDINGS.iter().any(|ending| written.ends_with(&format!(".{ending}"))) {
            return self.folder(&path);
        }
        if written.contains(['*', '?', '[', '{']) && !path.exists() {
            return self.pattern(written);
        }
        self.add(&path, true);
        Ok(())
    }

    fn folder(&mut self, folder: &Path) -> Outcome {
        let found = walk::below(folder, self.endings)?;
        let owned = self.owner(folder).is_some();
        for file in &found.files {
            self.add(file, false);
        }
        // A project inside a project is another one; below a folder that belongs
        // to none, the projects are what there is.
        if !owned {
            for project in &found.projects {
                self.folder(project)?;
            }
        }
        Ok(())
    }

    /// The files that a pattern matches, such as `examples/**/*.tess`.
    fn pattern(&mut self, written: &str) -> Outcome {
        let full = self.current.join(written);
        let fixed: PathBuf = full
            .components()
            .take_while(|part| !part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{']))
            .collect();
        let matcher = GlobBuilder::new(&full.to_string_lossy())
            .literal_separator(true)
            .build()
            .map_err(|error| Failure::call(format!("`{written}` is not a pattern: {}", error.kind())))?
            .compile_matcher();
        let mut files = Vec::new();
        let mut folders = if fixed.is_dir() { vec![fixed] } else { Vec::new() };
        while let Some(folder) = folders.pop() {
            let found = walk::below(&folder, self.endings)?;
            files.extend(found.files.into_iter().filter(|file| matcher.is_match(file)));
            folders.extend(found.projects);
        }
        if files.is_empty() {
            return Err(Failure::call(format!("no file matches `{written}`")));
        }
        files.sort();
        for file in &files {
            self.add(file, false);
        }
        Ok(())
    }

    fn stdin(&mut self, stdin: Stdin) {
        let path = absolute(&self.current, Path::new(&stdin.name));
        let name = self.add(&path, true);
        if let Some((work, name)) = name.and_then(|(index, name)| Some((self.works.get_mut(index)?, name))) {
            if let Some(only) = work.files.only.as_mut() {
                only.push(name.clone());
            }
            work.files.overlay.push((name, stdin.text));
        }
    }

    fn owner(&self, path: &Path) -> Option<PathBuf> {
        self.project.clone().or_else(|| project_above(path))
    }

    /// Adds a file to its project: where the project stands, and its name there.
    fn add(&mut self, path: &Path, named: bool) -> Option<(usize, String)> {
        let known = self.works.iter().position(|w| w.has_file && path.parent().is_some_and(|folder| folder == w.root));
        let index = match known {
            Some(index) => index,
            None => match self.owner(path.parent().unwrap_or(path)) {
                Some(root) => self.project_at(root),
                None => self.loose_project(path),
            },
        };
        self.add_to(index, path, named)
    }

    fn add_to(&mut self, index: usize, path: &Path, named: bool) -> Option<(usize, String)> {
        let work = self.works.get_mut(index)?;
        let name = relative(&work.files.host, path);
        if named && is_yaml(path) && !work.named.contains(&name) {
            work.named.push(name.clone());
        }
        work.paths.push(name.clone());
        Some((index, name))
    }

    fn project_at(&mut self, root: PathBuf) -> usize {
        if let Some(index) = self.works.iter().position(|work| work.root == root && work.files.only.is_none()) {
            return index;
        }
        let host = if root.starts_with(&self.current) { self.current.clone() } else { root.clone() };
        let has_file = root.join(PROJECT_FILE).exists();
        self.works.push(Work { root, has_file, files: DiskFiles { host, ..DiskFiles::default() }, ..Work::default() });
        self.works.len() - 1
    }

    fn loose_project(&mut self, path: &Path) -> usize {
        if let Some(index) = self.loose {
            return index;
        }
        let host = if path.starts_with(&self.current) { self.current.clone() } else { PathBuf::from("/") };
        let files = DiskFiles { host: host.clone(), only: Some(Vec::new()), ..DiskFiles::default() };
        self.works.push(Work { root: host, files, ..Work::default() });
        self.loose = Some(self.works.len() - 1);
        self.works.len() - 1
    }

    /// `named` is where the call says to look.
    fn finish(mut self, named: &[String]) -> Outcome<Vec<Work>> {
        for work in &mut self.works {
            let mut seen = rustc_hash::FxHashSet::default();
            work.paths.retain(|path| seen.insert(path.clone()));
            work.complete();
        }
        if self.works.is_empty() {
            let place = if named.is_empty() { "here".to_owned() } else { format!("in {}", named.join(", ")) };
            let endings = self.endings.join(", .");
            return Err(Failure::call(format!("there are no files ending in .{endings} {place}")));
        }
        Ok(self.works)
    }
}

impl Work {
    /// The project's folder as its files name it.
    pub(crate) fn root_name(&self) -> String {
        relative(&self.files.host, &self.root)
    }

    /// The path of a file for people: from the current folder where that is near.
    pub(crate) fn shown(&self, current: &Path, name: &str) -> String {
        if self.files.host == current {
            return name.to_owned();
        }
        let path = absolute(&self.files.host, Path::new(name));
        if current.starts_with(&self.root) && self.has_file || path.starts_with(current) {
            return relative(current, &path);
        }
        path.to_string_lossy().into_owned()
    }

    /// Finds the sources that were not asked for but may be needed.
    fn complete(&mut self) {
        let loose = self.files.only.is_some();
        if loose {
            let sources = self.beside();
            if let Some(only) = self.files.only.as_mut() {
                only.extend(self.paths.iter().cloned());
                only.extend(sources);
                only.sort();
                only.dedup();
            }
        }
        // Outside a project, sources that are named are all that there are; where
        // only YAML is, its composites are looked for beside it.
        let (yaml, sources): (Vec<&String>, Vec<&String>) =
            self.paths.iter().partition(|path| is_yaml(Path::new(path.as_str())));
        if !yaml.is_empty() && (sources.is_empty() || !loose) {
            let all = tessera_compiler::source::Files::list(&self.files, &self.root_name(), "tess");
            let asked: rustc_hash::FxHashSet<&String> = self.paths.iter().collect();
            self.context = all.into_iter().filter(|path| !asked.contains(path)).collect();
        }
    }

    /// The sources that lie in the folders of the files asked for.
    fn beside(&self) -> Vec<String> {
        let mut folders: Vec<PathBuf> =
            self.paths.iter().filter_map(|path| Some(self.files.host.join(path).parent()?.to_owned())).collect();
        folders.sort();
        folders.dedup();
        let entries = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
        let sources = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "tess"));
        sources.map(|path| relative(&self.files.host, &path)).collect()
    }
}

/// The nearest folder with a project file, from this one upwards.
pub(crate) fn project_above(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|folder| folder.join(PROJECT_FILE).is_file()).map(Path::to_owned)
}
