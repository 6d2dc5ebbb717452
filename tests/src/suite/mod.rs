//! The suite is the specification: each file below `tests/suite` is a case.
//!
//! A case is a source file. What must be reported stands under the line that
//! it is reported at, in comments, with the code and a part of the text:
//!
//! ```text
//! //? build
//! composite Site: acme.example/v1 {
//!   resource web: v1/ConfigMap { dta: {} }
//!   //                           ^^^ E0302 `dta`
//! }
//! ```
//!
//! - Carets are exact: they begin where the diagnostic's place begins and are
//!   as many as it has characters on that line. `//~ E0302 text` stands for
//!   any place on the line, for what begins in the first two columns. In YAML
//!   and TOML files the comments begin with `#`.
//! - Several of them may follow one line. Every diagnostic must be expected,
//!   and every expectation met.
//! - `//- path` begins another file of the same project; what comes before the
//!   first one is `main.tess`, unless it is only comments.
//! - Files below `before/` are an earlier version of the project, against which the others
//!   are held, as `check --against` does.
//! - `//? stage stage …` names the stages that are kept as snapshots beside the
//!   case; see [`Stage`]. A case that names none only checks.
//!
//! `TESSERA_SUITE=part/of/path` runs only the cases whose path contains it.

mod case;
mod judge;
mod markers;

pub use case::{Case, CaseFile, Stage};
pub use judge::judge;
pub use markers::{Expectation, expectations};

use std::path::{Path, PathBuf};

/// All cases below the folder, sorted by path, less those that the filter
/// leaves out.
///
/// # Errors
/// When the folder or a file in it cannot be read.
pub fn cases(folder: &Path, filter: Option<&str>) -> std::io::Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    for path in crate::corpus::files(folder, "tess")? {
        let wanted = filter.is_none_or(|part| path.to_string_lossy().contains(part));
        if wanted {
            let text = std::fs::read_to_string(&path)?;
            found.push((path, text));
        }
    }
    Ok(found)
}
