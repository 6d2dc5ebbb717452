//! Durations, timestamps and Kubernetes quantities.

mod quantity;

pub use quantity::Quantity;

/// A span of time.
pub type Duration = jiff::SignedDuration;
/// A point in time.
pub type Timestamp = jiff::Timestamp;
