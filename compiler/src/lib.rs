//! The Tessera compiler.

pub mod check;
pub mod compile;
pub mod diagnostic;
pub mod eval;
pub mod evaluate;
pub mod expr;
pub mod format;
pub mod graph;
pub mod instantiate;
pub mod ir;
pub mod library;
pub mod project;
pub mod reduce;
pub mod resolve;
pub mod schema;
pub mod source;
mod suggest;
pub mod syntax;
pub mod target;
pub mod types;
pub mod units;
pub mod value;
pub mod why;
pub mod yaml;
