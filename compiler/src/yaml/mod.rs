//! YAML out and in: an emitter whose text every YAML reader takes the same
//! way, and a reader that keeps the place of every key and value.

mod emit;
mod read;
mod scalar;
mod to_ast;

#[cfg(test)]
mod emit_tests;
#[cfg(test)]
mod read_tests;

pub use emit::{emit, emit_documents, emit_json, emit_json_list};
pub use read::{Document, MAX_COPIED, MAX_DEPTH, MAX_NODES, Node, NodeKind, read};
pub use to_ast::{Header, InstanceDocument, expr, header, instance};
