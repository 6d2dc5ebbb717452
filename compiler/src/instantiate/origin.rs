//! The places that had a part in a value, and the way to a value in an object.

use smol_str::SmolStr;

use crate::source::Span;
use crate::value::Value;

/// A step of a path into an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// A field.
    Field(SmolStr),
    /// An element of a list, from 0.
    Index(usize),
}

/// One place that had a part in a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// How far it is from the value itself.
    pub depth: usize,
    /// What it is: "parameter `size`", "literal".
    pub what: String,
    /// Where it stands.
    pub span: Span,
    /// What it came to there.
    pub value: Option<Value>,
    /// What part it had.
    pub role: Role,
}

/// The part of a place in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It hands the value on.
    Way,
    /// The value is made there: a literal, a default, a computation.
    Made,
    /// The instance gives it there.
    Given,
    /// It only chose between ways.
    Aside,
}

/// Which of the places is to blame for a value.
pub(crate) fn blamed(origins: &[Origin]) -> Option<&Origin> {
    let made = origins.iter().find(|o| matches!(o.role, Role::Given | Role::Made));
    made.or_else(|| origins.first())
}

pub(super) fn prefixed(first: Segment, rest: &[Segment]) -> Vec<Segment> {
    std::iter::once(first).chain(rest.iter().cloned()).collect()
}

pub(super) fn shown(segment: &Segment) -> String {
    match segment {
        Segment::Field(name) => format!(".{name}"),
        Segment::Index(index) => format!("[{index}]"),
    }
}

/// The value at a path.
pub(crate) fn at(value: &Value, path: &[Segment]) -> Option<Value> {
    path.iter()
        .try_fold(value, |value, segment| match segment {
            Segment::Field(name) => value.get(name),
            Segment::Index(index) => value.as_list().and_then(|l| l.get(*index)),
        })
        .cloned()
}
