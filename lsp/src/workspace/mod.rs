//! What the server knows: open documents over the disk, and compilations of
//! both. [`state::State`] changes with the client's messages, in their order; a
//! [`snapshot::Snapshot`] of it is immutable, and all that a feature sees.

pub(crate) mod analysed;
pub(crate) mod compiled;
mod compiler;
pub(crate) mod disk;
pub(crate) mod document;
mod overlay;
pub(crate) mod snapshot;
pub(crate) mod state;
