//! What the CEL of a target has.

use super::Written;
use crate::expr::Repr;
use crate::library::words::{LITERALS, RESERVED, field_name, is_name};
use crate::library::{self, Since};

/// The CEL of a target.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// Whose it is, for messages: `kro 0.9`.
    pub name: &'static str,
    /// It knows what the API server knows since this minor version of Kubernetes.
    pub minor: u8,
    /// Quantities in objects may be integers.
    pub int_or_string: bool,
    /// It has `cel.bind`.
    pub bind: bool,
    /// It has `merge` of two maps.
    pub merge: bool,
    /// Lists and maps must have items of one type.
    pub homogeneous: bool,
    /// Words of the language are escaped as names of fields: `self.__namespace__`.
    pub escape_words: bool,
    /// Functions that it has beyond the API server's.
    pub more: &'static [&'static str],
    /// Functions of the API server, or beginnings of their names, that it lacks.
    pub lacks: &'static [&'static str],
}

impl Dialect {
    /// The CEL of the API server of this minor version of Kubernetes, for rules of a CRD or an
    /// admission policy. A server checks rules against the library of the version before it.
    #[must_use]
    pub const fn api_server(minor: u8) -> Self {
        Self {
            name: "the API server",
            minor,
            int_or_string: true,
            bind: false,
            merge: false,
            homogeneous: true,
            escape_words: true,
            more: &[],
            lacks: &[],
        }
    }

    /// The CEL of kro 0.9 (pkg/cel/environment.go): newer than any API server's, without sets
    /// and named formats, with `cel.bind`, base64 and `merge`.
    #[must_use]
    pub const fn kro() -> Self {
        Self {
            name: "kro 0.9",
            minor: u8::MAX,
            int_or_string: false,
            bind: true,
            merge: true,
            homogeneous: false,
            escape_words: false,
            more: &["base64.encode", "base64.decode"],
            lacks: &["sets.", "format.", "validate"],
        }
    }

    /// What stands in an object, as operators take it.
    pub(super) fn unit(&self, repr: Repr, place: &str) -> Written {
        Written::primary(match repr {
            // Days, which `duration()` does not read, stand first and are whole. By way of times, since the API server takes a text that is
            // made of a number to be endless.
            Repr::Duration => format!(
                "({place}.contains('d') ? timestamp(int({place}.find('[0-9]+')) * 86400) - timestamp(0) + \
                 duration({place}.substring({place}.indexOf('d') + 1) + '0s') : duration({place}))"
            ),
            Repr::Quantity if self.int_or_string => format!("quantity(string({place}))"),
            Repr::Quantity => format!("quantity({place})"),
            Repr::Timestamp => format!("timestamp({place})"),
            _ => place.to_owned(),
        })
    }

    /// Whether it has a function with so many arguments.
    pub(super) fn has(&self, function: &library::Function, arguments: usize) -> bool {
        let name = function.name;
        if self.more.contains(&name) {
            return true;
        }
        if self.lacks.iter().any(|lacked| *lacked == name || (lacked.ends_with('.') && name.starts_with(lacked))) {
            return false;
        }
        let fits = function.overloads.iter().filter(|overload| overload.params.len() == arguments);
        let since = fits.map(|overload| function.since(overload)).min().unwrap_or(function.since);
        self.since(since)
    }

    /// Whether it has what the API server has since then.
    pub(super) fn since(&self, since: Since) -> bool {
        match since {
            Since::Always => true,
            Since::Minor(minor) => minor <= self.minor,
            Since::Never => false,
        }
    }

    /// Whether it has macros over two variables.
    pub(super) const fn two_variables(&self) -> bool {
        self.minor >= 32
    }

    /// Whether it has `sort`, `flatten` and the other functions on lists.
    pub(super) const fn list_functions(&self) -> bool {
        self.minor >= 34
    }

    /// A field of an object with a schema, as text after the object.
    #[must_use]
    pub fn field(&self, name: &str) -> String {
        self.selected(name, true)
    }

    /// A field read by its name: the text that follows the base. `object` is for values with a
    /// schema, whose names are escaped; others are maps.
    pub(super) fn selected(&self, name: &str, object: bool) -> String {
        let reserved = if self.escape_words { RESERVED } else { LITERALS };
        let known = if object && (reserved.contains(&name) || !RESERVED.contains(&name)) {
            field_name(name)
        } else {
            (is_name(name) && !reserved.contains(&name)).then(|| name.to_owned())
        };
        if let Some(known) = known {
            return format!(".{known}");
        }
        format!("[{}]", super::quoted(name))
    }
}
