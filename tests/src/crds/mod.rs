//! Real CRDs: an archive of them, and the least object of each kind.

mod archive;
mod minimal;

pub use archive::files;
pub use minimal::{Sample, WANT_MORE, samples};
