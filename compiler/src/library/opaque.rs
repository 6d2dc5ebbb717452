//! Values of the API server's library types.

use std::fmt;

/// A value of one of the API server's library types.
#[derive(Clone, Debug, PartialEq)]
pub enum Opaque {}

impl Opaque {
    /// The CEL name of its type.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match *self {}
    }

    /// The name of its type in our language.
    #[must_use]
    pub const fn shown_type(&self) -> &'static str {
        match *self {}
    }

    /// Reads what `Display` wrote, by the CEL name of the type.
    #[must_use]
    pub fn parse(_type_name: &str, _text: &str) -> Option<Self> {
        None
    }
}

impl fmt::Display for Opaque {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}
