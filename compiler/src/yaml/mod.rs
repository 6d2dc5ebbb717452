//! YAML out and in: an emitter whose text every YAML reader takes the same
//! way, and a reader that keeps the place of every key and value.

mod emit;
mod json;
mod mistakes;
mod node;
mod read;
mod scalar;
mod text;
mod to_ast;

#[cfg(test)]
mod emit_tests;
#[cfg(test)]
mod nasty;
#[cfg(test)]
mod read_tests;

pub use emit::{emit, emit_documents};
pub use json::{emit_json, emit_json_list};
pub use node::{Document, Node, NodeKind};
pub use read::{MAX_COPIED, MAX_DEPTH, MAX_NODES, read, read_part};
pub(crate) use text::quote;
pub(crate) use to_ast::SERVER_METADATA;
pub use to_ast::{Header, InstanceDocument, expr, header, instance, value};
