//! Between the compiler's plain values and the protocol's.

pub(crate) mod action;
pub(crate) mod beside;
pub(crate) mod calls;
pub(crate) mod capabilities;
pub(crate) mod code_action;
pub(crate) mod completion;
pub(crate) mod diagnostic;
pub(crate) mod markup;
pub(crate) mod navigate;
pub(crate) mod own;
pub(crate) mod position;
pub(crate) mod pull;
pub(crate) mod rename;
pub(crate) mod structure;
pub(crate) mod tokens;
pub(crate) mod uri;
