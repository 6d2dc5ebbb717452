//! The resources of a composite and what each reads of the others: the order
//! of creation, circles, and pictures of it.
//!
//! Reading `status`, `metadata.uid` or anything else that nobody wrote makes
//! an edge: whoever reads waits. Reading what is written, `metadata.name` for
//! instance, makes none; pictures show it by a broken line.

mod authored;
mod cycles;
mod edges;
mod layers;
mod picture;
mod svg;
#[cfg(test)]
mod tests;

pub use cycles::cycles;
pub use edges::{Reference, references};
pub use layers::layers;
pub use picture::{Arrow, Box, Picture};

use crate::diagnostic::Diagnostic;
use crate::ir::Composite;

/// Fills in a composite's edges; what cannot be created is reported.
#[must_use]
pub fn connect(composite: &mut Composite) -> Vec<Diagnostic> {
    let references = references(composite).into_iter();
    composite.edges = references.filter(|reference| reference.needs).map(|reference| reference.edge).collect();
    cycles(&composite.edges)
}
