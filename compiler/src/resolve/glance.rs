//! What a look at a text tells before it is parsed: the name that it gives
//! itself, what its `use` lines name, which types of the prelude it mentions.
//! A look costs less than to learn of a need only after parsing.

use super::prelude::{self, Mentions};

/// What was seen of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Glance {
    /// The name in its `module` line.
    pub(super) header: Option<Box<str>>,
    /// What its `use` lines name.
    pub(super) uses: Box<[Named]>,
    /// The types of the prelude whose names stand in it.
    pub(super) mentions: Mentions,
}

/// What a `use` line names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A file, by its path as written.
    File(Box<str>),
    /// A module, by its dotted name.
    Module(Box<str>),
}

impl Glance {
    pub(crate) fn at(text: &str) -> Self {
        Self {
            header: header(text).map(Box::from),
            uses: uses(text).collect(),
            mentions: prelude::standard().map_or_else(Mentions::default, |prelude| prelude.mentions(text)),
        }
    }
}

/// The name that a text gives itself.
fn header(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.trim().strip_prefix("module "))?.split_whitespace().next()
}

/// What the `use` lines of a text name.
pub(super) fn uses(text: &str) -> impl Iterator<Item = Named> {
    text.lines().filter_map(|line| {
        let rest = line.trim_start().strip_prefix("use")?;
        let named = rest.trim_start();
        if let Some(path) = named.strip_prefix('"') {
            return path.split_once('"').map(|(path, _)| Named::File(path.into()));
        }
        let end = named.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')));
        let name = named.get(..end.unwrap_or(named.len()))?.trim_end_matches('.');
        (named.len() < rest.len() && !name.is_empty()).then_some(Named::Module(name.into()))
    })
}
