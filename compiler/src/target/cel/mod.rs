//! Expressions as CEL: total over the forms of expression. Each is written, or refused with
//! a diagnostic at the user's line that names the construct and says what to do.
//!
//! A [`Dialect`] says what the CEL of a target has, [`Names`] what its variables are called.
//! Two forms of a value differ where JSON has no type for it: [`Form::Wire`] is what a
//! manifest holds (`"500m"`), [`Form::Native`] what operators work on (`quantity("500m")`).

mod absence;
mod calls;
mod cases;
mod collections;
mod dialect;
mod literal;
mod loops;
mod operators;
mod units;
mod variables;
mod write;

pub use dialect::Dialect;
pub use literal::{literal, quoted};
pub use loops::Over;
pub use write::Writer;

use crate::diagnostic::{Diagnostic, E0730};
use crate::expr::Expr;
use crate::ir::Schema;
use crate::source::Span;

/// The longest text of an expression: what stands for a name is written at each of its uses.
const MAX_TEXT: usize = 64 * 1024;

/// A refusal; a box, since it is rare and large.
pub type Refusal = Box<Refused>;

/// What cannot be written.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The construct, for a message of another kind.
    pub what: String,
    /// What is said of it.
    pub diagnostic: Diagnostic,
}

impl From<Diagnostic> for Refusal {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::new(Refused { what: diagnostic.message.clone(), diagnostic })
    }
}

/// What a target calls things.
pub trait Names<'e> {
    /// A parameter.
    fn param(&self, name: &str) -> Option<Place<'e>>;
    /// A field of the instance, `self.name`.
    fn instance(&self, field: &str) -> Option<Place<'e>>;
    /// A resource, or the list of all where it stands in a loop.
    fn resource(&self, name: &str) -> Option<Place<'e>>;
    /// The value of a `let` of the composite.
    fn binding(&self, name: &str) -> Option<&'e Expr>;
}

/// Where a value is found.
#[derive(Clone, Debug)]
pub struct Place<'e> {
    /// What reads it, a primary expression.
    pub text: String,
    /// It may be absent; then the text ends with a selection.
    pub optional: bool,
    /// What values it has, where the target's schema says so: its fields are escaped and its
    /// units are text.
    pub schema: Option<&'e Schema>,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As JSON holds it.
    Wire,
    /// As operators take it.
    Native,
}

/// How tightly the outermost operator of a text binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// `? :`.
    Cond,
    /// `||`.
    Or,
    /// `&&`.
    And,
    /// `==`, `<`, `in`.
    Relation,
    /// `+`, `-`.
    Sum,
    /// `*`, `/`, `%`.
    Product,
    /// `!`, `-`.
    Unary,
    /// Anything that a `.` may follow.
    Primary,
}

/// A text of CEL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// Its outermost operator.
    pub level: Level,
}

impl Written {
    /// A text that needs no parentheses anywhere.
    fn primary(text: impl Into<String>) -> Self {
        Self { text: text.into(), level: Level::Primary }
    }

    /// A text with this outermost operator.
    fn of(level: Level, text: String) -> Self {
        Self { text, level }
    }

    /// The text where an operand of at least this level is needed.
    #[must_use]
    pub fn at(self, level: Level) -> String {
        if self.level < level { format!("({})", self.text) } else { self.text }
    }

    /// The value with its type forgotten, where parts of several types meet.
    fn dynamic(self) -> Self {
        if self.text.starts_with("dyn(") && self.level == Level::Primary {
            return self;
        }
        Self::primary(format!("dyn({})", self.text))
    }
}

/// Refuses a construct.
fn refusal(dialect: &Dialect, span: Span, what: &str, help: &str) -> Refusal {
    let diagnostic = Diagnostic::new(&E0730, span, format!("{what} cannot be written in the CEL of {}", dialect.name))
        .label("this is known only when an instance is given")
        .help(help);
    Box::new(Refused { what: what.to_owned(), diagnostic })
}
