//! The Tessera compiler.

pub mod diagnostic;
pub mod eval;
pub mod expr;
pub mod library;
pub mod project;
pub mod schema;
pub mod source;
pub mod syntax;
pub mod types;
pub mod units;
pub mod value;
pub mod yaml;
