//! The specification's machine-readable form, its meta model, and messages held against it.
//!
//! `TESSERA_META_MODEL` names the file, which `./test` makes from a published package; without it
//! nothing is held against anything. Own messages stand in `own.json`, in the same form.

mod model;
mod validate;

pub use model::{Model, Sender};
