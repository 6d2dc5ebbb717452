//! The other version of a project: `--against`, and the two sides of `diff`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::failure::{Failure, Outcome};
use crate::files::DiskFiles;
use crate::git::Revision;
use crate::paths::{absolute, is_yaml};
use crate::walk::PROJECT_FILE;
use crate::workspace::{Asked, Work, select};

/// Says that a revision is meant where a folder has the same name.
const GIT: &str = "git:";

/// A version of a project.
#[derive(Debug)]
pub(crate) struct Version {
    /// What the user calls it.
    pub(crate) name: String,
    /// Its files.
    pub(crate) work: Work,
    /// Whether its files are not on disk.
    of_revision: bool,
}

impl Version {
    /// The version that is on disk.
    pub(crate) fn on_disk(work: Work) -> Self {
        let name = work.root.to_string_lossy().into_owned();
        Self { name, work, of_revision: false }
    }

    /// The path of one of its files for people.
    pub(crate) fn shown(&self, current: &Path, path: &str) -> String {
        if path.starts_with("std/") {
            return path.to_owned();
        }
        let shown = self.work.shown(current, path);
        if self.of_revision { format!("{}:{shown}", self.name) } else { shown }
    }
}

/// Whether a version is taken as a folder.
pub(crate) fn is_folder(current: &Path, written: &str) -> bool {
    !written.starts_with(GIT) && absolute(current, Path::new(written)).is_dir()
}

/// The version of a project that a revision or a folder has. `endings` are those of
/// the files that are wanted.
///
/// # Errors
/// When there is none.
pub(crate) fn version(like: &Work, current: &Path, written: &str, endings: &[&str]) -> Outcome<Version> {
    // As `--against "$(git describe)"` gives it where that fails: this folder is not meant.
    if written.trim().is_empty() {
        return Err(Failure::call("the version to compare with is empty; name a git revision or a folder"));
    }
    let folder = absolute(current, Path::new(written));
    let stated = written.strip_prefix(GIT);
    if is_folder(current, written) {
        return of_folder(&folder, written, endings);
    }
    if stated.is_none() && folder.is_file() {
        return Err(Failure::call(format!("`{written}` is a file; name the folder of a project or a git revision")));
    }
    let name = stated.unwrap_or(written);
    Ok(Version { name: name.to_owned(), work: of_revision(like, current, name, endings)?, of_revision: true })
}

/// The project in a folder.
///
/// # Errors
/// When it holds several, or none.
pub(crate) fn of_folder(folder: &Path, written: &str, endings: &[&str]) -> Outcome<Version> {
    let own = folder.join(PROJECT_FILE).is_file().then_some(folder);
    let path = [folder.to_string_lossy().into_owned()];
    let mut works = select(Asked { paths: &path, project: own, stdin: None, sources_only: endings == ["tess"] })?;
    match (works.pop(), works.is_empty()) {
        (Some(work), true) => Ok(Version { name: written.to_owned(), work, of_revision: false }),
        _ => Err(Failure::call(format!("`{written}` holds several projects; name one of them"))),
    }
}

fn of_revision(like: &Work, current: &Path, name: &str, endings: &[&str]) -> Outcome<Work> {
    // Files of no project are taken by their names, from where the call was made.
    let loose = like.files.only.is_some();
    let seen_from: PathBuf = if loose { current.to_owned() } else { like.root.clone() };
    let revision = Arc::new(Revision::open(&seen_from, name)?);
    let place = |path: &String| absolute(&like.files.host, Path::new(path));
    let paths: Vec<String> = if loose {
        let wanted = |path: &&String| endings.contains(&"yaml") || !is_yaml(Path::new(path.as_str()));
        like.paths.iter().filter(wanted).filter(|path| revision.has(&place(path))).cloned().collect()
    } else {
        let found = revision.below(&like.root, endings);
        found.iter().map(|path| crate::paths::relative(&like.files.host, path)).collect()
    };
    let has_file = !loose && revision.has(&like.root.join(PROJECT_FILE));
    if paths.is_empty() && !has_file {
        let what =
            if loose { "none of these files".to_owned() } else { format!("no project in `{}`", like.root.display()) };
        return Err(Failure::call(format!("the revision `{name}` has {what}")));
    }
    let only = loose.then(|| paths.clone());
    let files = DiskFiles { host: like.files.host.clone(), only, revision: Some(revision), ..DiskFiles::default() };
    Ok(Work { root: like.root.clone(), has_file, files, paths, ..Work::default() })
}
