//! What a function of the library takes and gives, as data: for the checker,
//! for messages and for the reference.

use std::fmt::{self, Write as _};

use super::Since;

/// One way to call a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overload {
    /// Called as a method, `x.f(y)`.
    pub receiver: bool,
    /// The parameters; of a method the first is the receiver.
    pub params: &'static [Sig],
    /// The result.
    pub result: Sig,
    /// Since when the API server's CEL has this overload, where it is later
    /// than the function's first one.
    pub since: Option<Since>,
}

/// A type in a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sig {
    /// Anything.
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
    /// A type of the API server's library, as in [`crate::types::Type::Opaque`].
    Opaque(&'static str),
    /// `[T]`.
    List(&'static Sig),
    /// `{K: V}`.
    Map(&'static Sig, &'static Sig),
    /// `T?`; a value that is there fits too.
    Optional(&'static Sig),
    /// `Int`, `Uint` or `Float`; each argument for itself.
    Number,
    /// A type variable.
    A,
    /// Another type variable.
    B,
    /// The type variable `A`, bound only to types whose values have an order
    /// in the API server: numbers, `Bool`, `String`, `Bytes`, `Duration`, `Timestamp`.
    Ordered,
    /// One or more arguments; only as the last parameter.
    Variadic(&'static Sig),
}

/// A method.
pub(super) const fn method(params: &'static [Sig], result: Sig) -> Overload {
    Overload { receiver: true, params, result, since: None }
}

/// A function called by its name alone.
pub(super) const fn plain(params: &'static [Sig], result: Sig) -> Overload {
    Overload { receiver: false, params, result, since: None }
}

impl Overload {
    /// The same overload, which the API server has only since then.
    pub(super) const fn since(self, since: Since) -> Self {
        Self { since: Some(since), ..self }
    }
}

/// The signature for people: `String.split(String) -> [String]`.
#[must_use]
pub fn signature(name: &str, overload: &Overload) -> String {
    let mut text = String::new();
    let mut params = overload.params;
    if let (true, [receiver, rest @ ..]) = (overload.receiver, params) {
        let _ = write!(text, "{receiver}.");
        params = rest;
    }
    let params: Vec<String> = params.iter().map(Sig::to_string).collect();
    let _ = write!(text, "{name}({}) -> {}", params.join(", "), overload.result);
    text
}

impl fmt::Display for Sig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(item) => write!(f, "[{item}]"),
            Self::Map(key, value) => write!(f, "{{{key}: {value}}}"),
            Self::Optional(inner) => write!(f, "{inner}?"),
            Self::Variadic(each) => write!(f, "{each}..."),
            Self::Opaque(name) => f.write_str(name),
            _ => f.write_str(self.simple_name()),
        }
    }
}

impl Sig {
    const fn simple_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "Bool",
            Self::Int => "Int",
            Self::Uint => "Uint",
            Self::Float => "Float",
            Self::String => "String",
            Self::Bytes => "Bytes",
            Self::Duration => "Duration",
            Self::Timestamp => "Timestamp",
            Self::Quantity => "Quantity",
            Self::TypeValue => "Type",
            Self::Number => "Number",
            Self::A | Self::Ordered => "A",
            Self::B => "B",
            _ => "Dyn",
        }
    }
}
