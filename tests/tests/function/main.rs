//! The composition function answers as `tessera build` builds, waits, keeps
//! leases, and refuses whatever it cannot read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

mod answers;
mod client;
mod patches;
mod requests;
mod serve;
mod space;
mod target;
