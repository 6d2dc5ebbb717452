//! Rules of types (`T where …`): decided at once where the value is known,
//! otherwise kept with the expression.

use std::sync::Arc;

use super::Checker;
use crate::diagnostic::{Diagnostic, E0304};
use crate::eval::{self, Fault};
use crate::expr::{Expr, ExprKind, Local, Refine};
use crate::source::Span;
use crate::types::Refined;
use crate::value::Value;

impl Checker<'_> {
    /// The value under a rule.
    pub(crate) fn refine(&mut self, value: Expr, rule: &Arc<Refined>) -> Expr {
        if matches!(value.known(), Some(Value::Absent)) {
            return value;
        }
        let offset = self.frame.slots;
        self.frame.slots += rule.slots.max(1);
        let decidable = value.known().is_some() && decidable(&rule.rule);
        let (repr, span) = (value.repr, value.span);
        let refine = Refine {
            value,
            it: Local { slot: offset, name: "it".into() },
            rule: rule.rule.shifted(offset),
            message: rule.message.as_ref().map(|m| m.shifted(offset)),
            type_name: rule.name.clone(),
        };
        let expr = Expr::new(ExprKind::Refine(Box::new(refine)), repr, span);
        if decidable { self.decide(expr, rule) } else { expr }
    }

    /// Checks a known value against its rule, with both places in the complaint.
    fn decide(&mut self, expr: Expr, rule: &Arc<Refined>) -> Expr {
        match eval::evaluate_constant(&self.program, &expr) {
            Ok(value) => Expr::constant(value, expr.span),
            Err(fault) => {
                let diagnostic = self.broken_rule(&expr, rule, &fault);
                self.report(diagnostic);
                Self::unknown(expr.span).expr
            }
        }
    }

    /// Reports a fault of evaluation.
    pub(crate) fn report_fault(&mut self, fault: &Fault, span: Span) {
        self.diagnostics.extend(fault.diagnostic(span));
    }

    /// The message with the value as it is written: `20d`, not the `480h` that it comes to.
    fn as_written(&self, expr: &Expr, message: String) -> String {
        let ExprKind::Refine(refine) = &expr.kind else { return message };
        let Some(value @ (Value::Duration(_) | Value::Quantity(_))) = refine.value.known() else { return message };
        let written = self.modules.sources.text(expr.span).trim_matches(['"', '\'']);
        let is_literal = written.starts_with(|c: char| c.is_ascii_digit())
            && written.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
        match message.strip_prefix(&value.shown()) {
            Some(rest) if is_literal => format!("{written}{rest}"),
            _ => message,
        }
    }

    fn broken_rule(&self, expr: &Expr, rule: &Refined, fault: &Fault) -> Diagnostic {
        let message = self.as_written(expr, fault.message.clone());
        let code = fault.code().unwrap_or(&E0304);
        let diagnostic = Diagnostic::new(code, expr.span, message).also(rule.span, "the rule");
        match self.way.last().and_then(|s| s.declared) {
            Some(declared) if declared != rule.span => diagnostic.also(declared, "declared here"),
            _ => diagnostic,
        }
    }
}

/// Whether an expression can be evaluated before all functions are checked:
/// it calls none and reads no constant.
pub(crate) fn decidable(expr: &Expr) -> bool {
    let mut free = true;
    expr.walk(&mut |e| free &= !matches!(e.kind, ExprKind::CallFn(..) | ExprKind::Global(_)));
    free
}
