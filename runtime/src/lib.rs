//! What runs beside a cluster. START HERE: [`function`] is the composition
//! function for Crossplane; its `run` is pure, `serve` the server round it.

pub mod function;
