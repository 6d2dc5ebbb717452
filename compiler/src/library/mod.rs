//! CEL's standard library and the API server's extensions: one table of
//! functions, with the signatures that the checker uses, the code that
//! evaluates them, and since which Kubernetes the API server's CEL has them.
//!
//! Each family of functions is one file with a `FUNCTIONS` table at its top.
//! A name has one entry; where two families share a name (`indexOf` of strings
//! and of lists) the entry stands in `shared` and looks at the values.

mod arguments;
mod conversions;
mod encoders;
mod escaping;
mod float;
mod format;
mod ip;
mod lists;
mod maths;
mod named_formats;
mod opaque;
pub mod operators;
mod optionals;
mod order;
mod pattern;
mod quantities;
mod reference;
mod regexes;
mod resolve;
mod semver;
mod sets;
mod shared;
mod signature;
mod standard;
mod strings;
mod time;
mod types;
mod url;
pub mod words;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::LazyLock;

pub use lists::sorted_by;
pub use opaque::Opaque;
pub use operators::equal;
pub(crate) use pattern::compile as compile_pattern;
pub use reference::reference;
pub use regexes::check_pattern;
pub use resolve::{Resolution, resolve, takes_receiver};
pub use signature::{Overload, Sig, signature};
pub use types::{shown_type, type_constant, type_name};

use crate::eval::{Context, Fault};
use crate::value::Value;

/// A function of the library.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name in CEL: `size`, `sets.contains`.
    pub name: &'static str,
    /// The ways to call it; the first that fits counts.
    pub overloads: &'static [Overload],
    /// The code. The receiver of a method is the first argument. Arguments of
    /// wrong type or number give a fault.
    pub eval: Eval,
    /// Since when the API server's CEL has it; overloads may come later.
    pub since: Since,
    /// One or two sentences, Markdown.
    pub doc: &'static str,
}

/// The code of a function.
pub type Eval = fn(&mut Context<'_>, &[Value]) -> Result<Value, Fault>;

/// Since which Kubernetes minor version the API server's CEL has a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Since {
    /// Ever since it has CEL.
    Always,
    /// Since this minor version: 28 is Kubernetes 1.28.
    Minor(u8),
    /// It has no such function: it must fold at compile time.
    Never,
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => f.write_str("always"),
            Self::Minor(minor) => write!(f, "1.{minor}"),
            Self::Never => f.write_str("never, folds only"),
        }
    }
}

impl Function {
    /// Since when the API server has this overload of the function.
    #[must_use]
    pub fn since(&self, overload: &Overload) -> Since {
        overload.since.unwrap_or(self.since)
    }

    /// The signatures for people, one for each overload.
    pub fn signatures(&self) -> impl Iterator<Item = String> + '_ {
        self.overloads.iter().map(|overload| signature(self.name, overload))
    }
}

static ALL: LazyLock<Vec<Function>> = LazyLock::new(|| {
    let families = [
        conversions::FUNCTIONS,
        encoders::FUNCTIONS,
        ip::FUNCTIONS,
        lists::FUNCTIONS,
        maths::FUNCTIONS,
        named_formats::FUNCTIONS,
        optionals::FUNCTIONS,
        quantities::FUNCTIONS,
        regexes::FUNCTIONS,
        semver::FUNCTIONS,
        sets::FUNCTIONS,
        shared::FUNCTIONS,
        standard::FUNCTIONS,
        strings::FUNCTIONS,
        time::FUNCTIONS,
        url::FUNCTIONS,
    ];
    let mut all: Vec<Function> = families.into_iter().flatten().copied().collect();
    all.sort_by_key(|function| function.name);
    all
});

/// Every function, sorted by name.
#[must_use]
pub fn all() -> &'static [Function] {
    &ALL
}

/// The function with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    let index = ALL.binary_search_by(|function| function.name.cmp(name)).ok()?;
    ALL.get(index)
}
