//! Kubernetes schemas as types, decoded lazily, kind by kind.

use serde::{Deserialize, Serialize};

/// A definition (an object or part of one) in the schemas of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DefId(pub u32);
