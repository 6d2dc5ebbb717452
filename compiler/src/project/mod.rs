//! The project file, `tessera.toml`: text to a [`Project`], with the places of
//! what it says. Pure; the host finds and reads the file.
//!
//! ```toml
//! [package]
//! name = "acme-platform"
//! version = "0.1.0"
//! kubernetes = "1.34..1.36"     # or one minor
//! crds = ["crds/*.yaml"]
//! [dependencies]
//! base = { path = "../base" }
//! [[allow]]                      # a warning in CRDs, which nobody edits
//! code = "W0820"
//! files = ["crds/old.yaml"]      # all of them where it is left out
//! reason = "the next release mends it"
//! ```

mod globs;
mod reader;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::RangeInclusive;

use indexmap::IndexMap;
use smol_str::SmolStr;

pub use globs::{Glob, Globs};
pub use reader::parse;

use crate::source::Span;

/// The Kubernetes minors, `1.x`, whose types are included and that a project may
/// name; those of `stdlib/schemas/releases.txt`.
pub const KNOWN_MINORS: RangeInclusive<u32> = 33..=37;
/// The minor of a project that names none.
pub const NEWEST_MINOR: u32 = 37;

/// A project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Who it is.
    pub package: Package,
    /// The Kubernetes minors that it is for.
    pub kubernetes: VersionRange,
    /// Where `kubernetes` is written.
    pub kubernetes_span: Option<Span>,
    /// Globs of CRD files, relative to the project's folder, with their places.
    pub crds: Vec<(String, Span)>,
    /// Other projects, by the name under which their modules are used, in
    /// the order in which they are written.
    pub dependencies: IndexMap<SmolStr, Dependency>,
    /// Warnings about CRDs that are allowed.
    pub allows: Vec<Allow>,
}

/// A warning about CRDs that is allowed. They are as others publish them, so
/// that no comment can be put into them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// The warning's code.
    pub code: SmolStr,
    /// Where the code is written.
    pub span: Span,
    /// Globs of the files that may give it, with their places; all where there are none.
    pub files: Vec<(String, Span)>,
}

/// Name and version of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Lower-case words joined by hyphens.
    pub name: SmolStr,
    /// A semantic version.
    pub version: SmolStr,
}

/// Another project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// Its folder, relative to this project's.
    pub path: String,
    /// Where the path is written.
    pub span: Span,
}

/// Kubernetes minors, `1.oldest` to `1.newest`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionRange {
    /// The oldest minor: rules that targets emit pass for it.
    pub oldest: u32,
    /// The newest minor. What it has and an older one of the range has not is
    /// refused.
    pub newest: u32,
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.oldest == self.newest {
            return write!(f, "1.{}", self.oldest);
        }
        write!(f, "1.{}..1.{}", self.oldest, self.newest)
    }
}

impl Default for Project {
    /// The project of files that belong to none.
    fn default() -> Self {
        Self {
            package: Package { name: "project".into(), version: "0.0.0".into() },
            kubernetes: VersionRange { oldest: NEWEST_MINOR, newest: NEWEST_MINOR },
            kubernetes_span: None,
            crds: Vec::new(),
            dependencies: IndexMap::new(),
            allows: Vec::new(),
        }
    }
}
