//! Tessera's standard library: modules written in Tessera, and the Kubernetes
//! schemas that the compiler checks against. Plain data; no logic lives here.

/// The text of the standard library module with this dotted name, such as
/// `std.labels`; `None` when there is no such module.
#[must_use]
pub fn module(_name: &str) -> Option<&'static str> {
    None
}

pub mod packed;

/// Kubernetes' published API as a packed binary, see [`packed`]. Its origin and
/// licence stand beside it in `stdlib/schemas`.
pub static KUBERNETES: &[u8] = include_bytes!("../schemas/kubernetes.bin");
