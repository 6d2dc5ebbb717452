//! The composition function: Crossplane asks with a composite's object and what
//! the cluster has of it, and the answer is the whole intent. Nothing is kept
//! between requests but composites that were read before.

mod answer;
mod definitions;
pub mod lease;
pub mod message;
mod request;
mod run;
mod serve;
pub mod structure;
mod usage;

pub use definitions::Definitions;
pub use run::run;
pub use serve::{MAX_MESSAGE, Options, ServeError, serve};
