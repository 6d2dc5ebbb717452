//! Kubernetes quantities.

use std::fmt;

/// A quantity.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {}

impl fmt::Display for Quantity {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}
