//! `tessera new`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::failure::{Failure, Outcome, reason};
use crate::{save, terminal};

/// Make a project from a template; it builds at once
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The folder that is made; its last part names the project
    path: PathBuf,
    /// What the project begins with
    #[arg(long, value_enum, default_value_t)]
    template: Template,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Template {
    /// A composite and an instance of it.
    #[default]
    Composite,
    /// Kubernetes objects, without a composite.
    Manifests,
    /// Types and functions for other projects, and an example of their use.
    Library,
}

/// The files of a template: path and text, in which `PROJECT` is the name.
type Files = &'static [(&'static str, &'static str)];

const COMPOSITE: Files = &[
    ("tessera.toml", include_str!("../../templates/tessera.toml")),
    (".gitignore", include_str!("../../templates/gitignore")),
    ("src/web-service.tess", include_str!("../../templates/composite/web-service.tess")),
    ("src/instances.tess", include_str!("../../templates/composite/instances.tess")),
];
const MANIFESTS: Files = &[
    ("tessera.toml", include_str!("../../templates/tessera.toml")),
    (".gitignore", include_str!("../../templates/gitignore")),
    ("src/main.tess", include_str!("../../templates/manifests/main.tess")),
];
const LIBRARY: Files = &[
    ("tessera.toml", include_str!("../../templates/tessera.toml")),
    (".gitignore", include_str!("../../templates/gitignore")),
    ("src/limits.tess", include_str!("../../templates/library/limits.tess")),
    ("src/example.tess", include_str!("../../templates/library/example.tess")),
];

impl New {
    pub(crate) fn run(&self) -> Outcome {
        let name = self.name()?;
        refuse_full(&self.path)?;
        let files: Vec<(PathBuf, String)> = self
            .template
            .files()
            .iter()
            .map(|(path, text)| (self.path.join(path), text.replace("PROJECT", &name)))
            .collect();
        save::save_all(files.iter().map(|(path, text)| (path.clone(), text.as_str())))?;
        terminal::tell(&format!("made the project `{name}`; next: cd {} && tessera build\n", self.path.display()));
        Ok(())
    }

    /// The project's name: the folder's, which must be one.
    fn name(&self) -> Outcome<String> {
        let current = crate::workspace::current_folder()?;
        let folder = crate::paths::absolute(&current, &self.path);
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let fits = name.starts_with(|c: char| c.is_ascii_lowercase())
            && !name.ends_with('-')
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if fits {
            return Ok(name);
        }
        Err(Failure::call(format!(
            "`{name}` is not the name of a project: use lower-case letters, digits and hyphens, beginning with a letter"
        )))
    }
}

impl Template {
    const fn files(self) -> Files {
        match self {
            Self::Composite => COMPOSITE,
            Self::Manifests => MANIFESTS,
            Self::Library => LIBRARY,
        }
    }
}

/// Refuses a folder with anything in it, and what is no folder.
fn refuse_full(path: &Path) -> Outcome {
    match std::fs::read_dir(path) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(Failure::call(format!("`{}` is not empty", path.display()))),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            Err(Failure::call(format!("`{}` is a file, not a folder", path.display())))
        }
        Err(error) => Err(Failure::World(format!("cannot read `{}`: {}", path.display(), reason(&error)))),
    }
}
