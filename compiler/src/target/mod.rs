//! What a compilation is turned into, one leaf module per target. A target
//! sees values and the representation of composites, never syntax.

pub mod manifests;
