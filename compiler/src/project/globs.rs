//! Which files hold the CRDs of a project.

use globset::{GlobBuilder, GlobMatcher};

use super::Project;
use crate::source::Span;

/// The characters that make a glob of a path.
const SPECIAL: [char; 4] = ['*', '?', '[', '{'];

/// Globs, ready to be matched against paths as the host names them.
#[derive(Clone, Debug, Default)]
pub struct Globs {
    globs: Vec<Glob>,
    /// Those that are none, with the reason.
    bad: Vec<(String, Span)>,
}

/// One glob.
#[derive(Clone, Debug)]
pub struct Glob {
    /// As it is written.
    pub written: String,
    /// Where it is written.
    pub span: Span,
    /// The folder below which all that it matches lies.
    pub folder: String,
    matcher: GlobMatcher,
}

impl Glob {
    /// Whether the glob matches a path.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.matcher.is_match(path)
    }
}

impl Globs {
    /// Where the CRDs of a project in this folder lie.
    #[must_use]
    pub fn of(project: &Project, root: &str) -> Self {
        Self::new(&project.crds, root)
    }

    /// These globs, relative to a folder.
    #[must_use]
    pub fn new(written: &[(String, Span)], root: &str) -> Self {
        let mut globs = Self::default();
        for (written, span) in written {
            let path = crate::resolve::join(root, written);
            match GlobBuilder::new(&path).literal_separator(true).build() {
                Ok(glob) => globs.globs.push(Glob {
                    written: written.clone(),
                    span: *span,
                    folder: folder(&path),
                    matcher: glob.compile_matcher(),
                }),
                Err(error) => globs.bad.push((format!("`{written}` is no glob: {}", error.kind()), *span)),
            }
        }
        globs
    }

    /// The globs in the order in which they are written.
    pub fn iter(&self) -> impl Iterator<Item = &Glob> {
        self.globs.iter()
    }

    /// What is wrong with those that are no globs.
    pub fn bad(&self) -> impl Iterator<Item = &(String, Span)> {
        self.bad.iter()
    }

    /// Whether one of the globs matches a path.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.globs.iter().any(|glob| glob.matches(path))
    }

    /// Those paths that are of no file with CRDs, or are named one by one: CRDs
    /// are no instances.
    #[must_use]
    pub fn without(&self, paths: &[String], named: &[String]) -> Vec<String> {
        let is_crd = |path: &&String| self.matches(path) && !named.contains(path);
        paths.iter().filter(|path| !is_crd(path)).cloned().collect()
    }
}

/// The folders of a path before the first that is a glob.
fn folder(path: &str) -> String {
    let fixed = path.find(SPECIAL).and_then(|at| path.get(..at)).unwrap_or(path);
    fixed.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
}
