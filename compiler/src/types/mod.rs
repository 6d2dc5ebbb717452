//! Types, and what the checker asks of them.

mod display;
mod relate;

pub use relate::{fits, join, undecided};

use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use crate::expr::Expr;
use crate::schema::DefId;
use crate::source::Span;
use crate::value::Value;

/// A type. Cloning is cheap.
#[derive(Clone, Debug)]
pub enum Type {
    /// What could not be typed; reported already, fits everything in silence.
    Unknown,
    /// Anything, decided at evaluation: CEL's `dyn`, `raw`, fields without schema.
    Dyn,
    /// `null`.
    Null,
    /// `Bool`.
    Bool,
    /// `Int`.
    Int,
    /// `Uint`.
    Uint,
    /// `Float`.
    Float,
    /// `String`.
    String,
    /// `Bytes`.
    Bytes,
    /// `Duration`.
    Duration,
    /// `Timestamp`.
    Timestamp,
    /// `Quantity`.
    Quantity,
    /// A type as a value.
    TypeValue,
    /// A type of the API server's CEL library, by its name: `URL`, `IP`, `CIDR`, `Semver`, `Format`.
    Opaque(&'static str),
    /// One value: `"small"`.
    Literal(Value),
    /// `[T]`.
    List(Arc<Type>),
    /// `{K: V}`.
    Map(Arc<(Type, Type)>),
    /// A closed record.
    Record(Arc<Record>),
    /// `T?`.
    Optional(Arc<Type>),
    /// `A | B`; at least two, flat.
    Union(Arc<Vec<Type>>),
    /// A name for a type; transparent.
    Named(Arc<Named>),
    /// `T where rule`.
    Refined(Arc<Refined>),
    /// `Secret<T>`.
    Secret(Arc<Type>),
    /// A Kubernetes object or part of one, by schema.
    Schema(DefId),
    /// The same as it is read from a cluster: fields may be pending.
    Observed(Arc<Type>),
}

impl Type {
    /// This type or `null`, as a member of the union that it may be.
    #[must_use]
    pub fn or_null(self) -> Self {
        let mut members = match self {
            Self::Union(members) => Arc::unwrap_or_clone(members),
            Self::Dyn => return Self::Dyn,
            other => vec![other],
        };
        members.push(Self::Null);
        Self::Union(Arc::new(members))
    }

    /// The type, or anything where it is not known: what comes out of a list
    /// whose elements have no type, as those of `[]`.
    #[must_use]
    pub fn or_dyn(self) -> Self {
        if matches!(self.peel(), Self::Unknown) { Self::Dyn } else { self }
    }
}

/// A closed record.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The fields in source order.
    pub fields: IndexMap<SmolStr, Field>,
}

/// A field of a record.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its type; never `Optional`, see `optional`.
    pub ty: Type,
    /// It may be left out.
    pub optional: bool,
    /// The value where it is left out.
    pub default: Option<Expr>,
    /// Its documentation.
    pub doc: Option<SmolStr>,
    /// Where it is declared; `None` for schemas.
    pub span: Option<Span>,
}

/// A named type.
#[derive(Clone, Debug)]
pub struct Named {
    /// The name.
    pub name: SmolStr,
    /// Its documentation.
    pub doc: Option<SmolStr>,
    /// The declaration's name.
    pub span: Span,
    /// The definition.
    pub ty: Type,
}

/// A type with a rule.
#[derive(Clone, Debug)]
pub struct Refined {
    /// The name of the type that the rule defines, where it has one.
    pub name: Option<SmolStr>,
    /// The base.
    pub base: Type,
    /// The rule, a Bool over slot 0, `it`.
    pub rule: Expr,
    /// The message, a String over slot 0.
    pub message: Option<Expr>,
    /// The size of the frame that both need.
    pub slots: u32,
    /// The rule as written.
    pub text: SmolStr,
    /// Where the rule stands.
    pub span: Span,
}
