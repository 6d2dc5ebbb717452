//! The command as its callers see it: exit codes, streams, files.

// Everything here is a test or helps one.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod bad_input;
mod build;
mod check;
mod eval;
mod fmt;
mod folder;
#[cfg(unix)]
mod function;
mod lsp;
mod lsp_features;
mod others;
mod versions;
