//! Expressions without types, as CEL evaluates what it has not checked: what
//! does not fit fails where evaluation reaches it, and nowhere else. An
//! expression on its own is tried so when it does not check, since CEL gives
//! `1 == "a"` and `true || 1` a value. Sources are never checked so.

use super::{Checker, Typed};
use crate::diagnostic::{Code, Diagnostic, E0201, E0301, E0302, E0308, E0311};
use crate::expr::{Expr, ExprKind, Repr};
use crate::source::Span;
use crate::syntax::ast;
use crate::types::Type;

/// What evaluation finds by itself: names, fields and overloads that are not
/// there, values of another type or none. What else is refused stays refused.
const LEFT_TO_EVALUATION: [&Code; 5] = [&E0201, &E0301, &E0302, &E0308, &E0311];
/// No function has this name, so that calling it is a fault.
const REFUSED: &str = "(refused)";

impl Checker<'_> {
    /// Checks a part for what it is, and takes it for anything. A part in which
    /// an error is found fails in its turn.
    pub(super) fn infer_dynamic(&mut self, expr: &ast::Expr) -> Typed {
        let count = self.diagnostics.len();
        let typed = self.infer_form(expr);
        let found = self.diagnostics.split_off(count.min(self.diagnostics.len()));
        let failed = found.iter().any(Diagnostic::is_error);
        self.diagnostics
            .extend(found.into_iter().filter(|d| !LEFT_TO_EVALUATION.iter().any(|code| code.id == d.code.id)));
        if failed || typed.is_unknown() {
            return refused(expr.span);
        }
        Typed { expr: typed.expr, ty: Type::Dyn }
    }
}

const fn refused(span: Span) -> Typed {
    let name = smol_str::SmolStr::new_static(REFUSED);
    Typed { expr: Expr::new(ExprKind::Call(name, Vec::new()), Repr::Dyn, span), ty: Type::Dyn }
}
