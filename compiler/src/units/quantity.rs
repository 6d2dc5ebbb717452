//! Kubernetes quantities.

/// A quantity.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {}
