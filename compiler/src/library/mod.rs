//! CEL's standard library and the API server's extensions.

use crate::value::Value;

/// A value of one of the API server's library types.
#[derive(Clone, Debug)]
pub enum Opaque {}

/// CEL's equality.
#[must_use]
pub fn equal(_a: &Value, _b: &Value) -> bool {
    false
}
