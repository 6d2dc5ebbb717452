//! The language server. START HERE.
//!
//! A host (the command line) implements [`Host`], what the server needs of the
//! disk, and calls [`serve`] with two streams. What happens then:
//!
//! 1. `transport` cuts the stream into messages. What is no message is answered
//!    with an error, and the next one is read.
//! 2. `order` is called for every message in the order of arrival. What changes
//!    the workspace (`workspace::state`) changes it there and then; every request
//!    is given the [`workspace::snapshot`] of that moment, so that its answer
//!    belongs to the text that the client had when it asked.
//! 3. `server` has a thin handler for each request: it turns the protocol's
//!    parameters into paths and bytes, calls a pure function of `feature` with the
//!    snapshot, away from the threads that read and write, and turns what it
//!    gives into the protocol's answer. A panic is an error answer.
//! 4. `publish` compiles what changed and tells the client what was found.
//!
//! Nothing here analyses: what is shown is what the compiler says. Features know
//! bytes and plain values; `protocol` alone converts them, and only
//! `protocol::position` knows how the protocol counts.

mod feature;
mod host;
mod order;
mod protocol;
mod publish;
mod refresh;
mod server;
mod session;
#[cfg(test)]
mod tests;
mod transport;
mod watch;
mod workspace;

pub use host::{Event, Host, Target, Tell, Watched, Work, normal};
pub use transport::{Ended, serve};
