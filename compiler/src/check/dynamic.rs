//! Expressions without types, as CEL evaluates what it has not checked: what
//! does not fit fails where evaluation reaches it, and nowhere else. An
//! expression on its own is tried so when it does not check, since CEL gives
//! `1 == "a"` and `true || 1` a value. Sources are never checked so.

use super::{Checker, Typed};
use crate::diagnostic::Diagnostic;
use crate::expr::{Expr, ExprKind, Repr};
use crate::source::Span;
use crate::syntax::ast;
use crate::types::Type;

/// No function has this name, so that calling it is a fault.
const REFUSED: &str = "(refused)";

impl Checker<'_> {
    /// Checks a part for what it is, and takes it for anything. A part in which
    /// an error is found fails in its turn.
    pub(super) fn infer_dynamic(&mut self, expr: &ast::Expr) -> Typed {
        let count = self.diagnostics.len();
        let typed = self.infer_form(expr);
        let failed = self.diagnostics.iter().skip(count).any(Diagnostic::is_error);
        self.diagnostics.truncate(count);
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
