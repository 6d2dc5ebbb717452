//! The server in a process of its tests: features on fixtures of many files, and
//! whole sessions with a client of few lines.

mod client;
mod features;
mod fixture;
mod host;
mod random;
mod sessions;
