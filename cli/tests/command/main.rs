//! The command as its callers see it: exit codes, streams, files.

mod bad_input;
mod build;
mod check;
mod eval;
mod fmt;
mod folder;
mod others;
