//! The Tessera compiler.

pub mod diagnostic;
pub mod expr;
pub mod format;
pub mod library;
pub mod schema;
pub mod source;
pub mod syntax;
pub mod types;
pub mod units;
pub mod value;
