//! Tessera's standard library: modules written in Tessera, and the Kubernetes
//! schemas that the compiler checks against. Plain data; no logic lives here.

/// The text of the standard library module with this dotted name, such as
/// `std.labels`; `None` when there is no such module.
#[must_use]
pub fn module(_name: &str) -> Option<&'static str> {
    None
}
