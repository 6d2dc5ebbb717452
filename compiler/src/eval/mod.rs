//! Evaluation of typed expressions.

mod fault;

pub use fault::{Context, Fault, FaultData, FaultKind, MAX_BYTES, MAX_ITEMS, MAX_STEPS, MAX_TOTAL_BYTES};
