//! The language server.

pub mod feature;
