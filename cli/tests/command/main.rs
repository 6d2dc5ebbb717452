//! The command as its callers see it: exit codes, streams, files.

// Everything here is a test or helps one.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod bad_input;
mod build;
mod check;
mod eval;
mod fmt;
#[path = "../support/folder.rs"]
mod folder;
#[cfg(unix)]
mod function;
mod others;
mod project;
mod versions;
