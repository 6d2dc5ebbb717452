//! A client of the language server, as tests and measurements need one: it starts the server, keeps the
//! texts, answers what the server asks, and holds every message in both directions against the
//! specification's own meta model.

mod client;
mod edits;
mod frame;
pub mod invariants;
pub mod meta;
mod peer;
pub mod questions;
pub mod sessions;
pub mod texts;
pub mod world;

pub use client::{Answer, Client, Options};
pub use frame::{frame, read};
pub use texts::{Document, Place, uri};

/// What helps here fails with a sentence.
pub type Result<T> = std::result::Result<T, String>;
