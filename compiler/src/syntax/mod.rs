//! Text to tree to abstract syntax.

pub mod ast;
