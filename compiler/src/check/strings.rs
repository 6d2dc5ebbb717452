//! Strings with `${…}`.

use super::{Checker, Typed};
use crate::diagnostic::{Diagnostic, E0308, E0311};
use crate::expr::{Expr, ExprKind, Repr};
use crate::source::Span;
use crate::syntax::ast::StringPart;
use crate::types::Type;
use crate::value::Value;

impl Checker<'_> {
    pub(crate) fn interpolated(&mut self, parts: &[StringPart], span: Span) -> Typed {
        let mut pieces = Vec::with_capacity(parts.len());
        let mut good = true;
        for part in parts {
            match part {
                StringPart::Text(text) => pieces.push(Expr::constant(Value::String(text.clone()), span)),
                StringPart::Expr(expr) => {
                    let typed = self.infer(expr);
                    good &= self.printable(&typed);
                    pieces.push(typed.expr);
                }
            }
        }
        if good { Typed::new(ExprKind::Concat(pieces), Type::String, span) } else { Self::unknown(span) }
    }

    /// Whether a value can stand in a string; complains where it cannot.
    fn printable(&mut self, typed: &Typed) -> bool {
        let complaint = match typed.ty.structure() {
            Type::Unknown => return false,
            Type::Secret(_) => super::secret::visible(typed.expr.span, "a string"),
            Type::Optional(_) => Diagnostic::new(&E0308, typed.expr.span, "this value may be absent, so the string has a hole")
                .help("give a default: `${value ?? \"…\"}`"),
            Type::Union(members) if members.iter().all(|m| printable_repr(m.repr())) => return true,
            ty if printable_repr(ty.repr()) => return true,
            ty => Diagnostic::new(&E0311, typed.expr.span, format!("{} cannot stand in a string", self.article(ty)))
                .help("only text, numbers, truth values, durations, quantities and timestamps print; for a list, use `.join(\", \")`"),
        };
        self.report(complaint);
        false
    }
}

const fn printable_repr(repr: Repr) -> bool {
    !matches!(repr, Repr::List | Repr::Map | Repr::Null)
}
