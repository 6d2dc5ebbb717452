//! Tables of cases: an expression over one choice among known values is the same choice among
//! the values that come of it. So what CEL has no operator for (`match size { … } * 2`) is
//! computed ahead, case by case.

use std::rc::Rc;

use super::variables::Slot;
use super::write::{Outcome, Writer, conditional};
use super::{Form, literal};
use crate::eval::{Evaluator, NoHost};
use crate::expr::{BinaryOp, Expr, ExprKind, Program, Repr};
use crate::value::Value;

/// A choice among known values.
pub(super) struct Cases<'e> {
    /// What decides, with the variables round it.
    subject: &'e Expr,
    frame: Rc<Vec<Slot<'e>>>,
    /// Patterns and values; what matches none is the last one's.
    pub(super) arms: Vec<(Vec<Value>, Value)>,
}

impl<'e> Writer<'e, '_> {
    /// The table that an expression other than a plain choice comes to.
    pub(super) fn tabled(&self, expr: &'e Expr) -> Option<Cases<'e>> {
        let over =
            expr.is_operation() || matches!(expr.kind, ExprKind::Concat(_) | ExprKind::Binding(_) | ExprKind::Local(_));
        if !over { None } else { self.cases_of(expr, 8) }
    }

    fn cases_of(&self, expr: &'e Expr, depth: usize) -> Option<Cases<'e>> {
        let depth = depth.checked_sub(1)?;
        let frame = self.frame.clone();
        match &expr.kind {
            ExprKind::Match { subject, arms, default } => {
                let mut known = Vec::new();
                for (patterns, arm) in arms {
                    known.push((patterns.clone(), arm.known()?.clone()));
                }
                if let Some(default) = default {
                    known.push((Vec::new(), default.known()?.clone()));
                }
                Some(Cases { subject, frame, arms: known })
            }
            ExprKind::Cond(subject, a, b) => {
                let (a, b) = (a.known()?.clone(), b.known()?.clone());
                Some(Cases { subject, frame, arms: vec![(vec![Value::Bool(true)], a), (Vec::new(), b)] })
            }
            ExprKind::Binding(_) | ExprKind::Local(_) => {
                let (value, frame) = self.behind(expr)?;
                self.framed(&frame).cases_of(value, depth)
            }
            _ => self.computed(expr, depth),
        }
    }

    /// The table of an expression over one table and constants.
    fn computed(&self, expr: &'e Expr, depth: usize) -> Option<Cases<'e>> {
        let mut parts: Vec<&'e Expr> = Vec::new();
        match &expr.kind {
            // The other side may decide whatever this one comes to.
            ExprKind::Binary(BinaryOp::And | BinaryOp::Or | BinaryOp::Coalesce, ..) => return None,
            ExprKind::Field { base, .. } | ExprKind::Unary(_, base) | ExprKind::Coerce(_, base) => parts.push(base),
            ExprKind::Index { base: a, index: b, .. } | ExprKind::Binary(_, a, b) => parts.extend([&**a, &**b]),
            ExprKind::Call(_, args) | ExprKind::Concat(args) => parts.extend(args),
            _ => return None,
        }
        let mut open = parts.iter().enumerate().filter(|(_, part)| part.known().is_none());
        let (place, part) = open.next()?;
        if open.next().is_some() {
            return None;
        }
        let cases = self.cases_of(part, depth)?;
        let program = Program::default();
        let mut arms = Vec::new();
        for (patterns, value) in cases.arms {
            let mut filled = expr.clone();
            let mut index = 0;
            filled.parts_mut(&mut |part| {
                if index == place {
                    *part = Expr::constant(value.clone(), part.span);
                }
                index += 1;
            });
            let value = Evaluator::new(&program, &NoHost).eval(&filled).ok()?;
            arms.push((patterns, value));
        }
        Some(Cases { subject: cases.subject, frame: cases.frame, arms })
    }

    pub(super) fn cases(&mut self, cases: &Cases<'e>, form: Form) -> Outcome {
        let subject = self.framed(&cases.frame).value(cases.subject, Form::Native)?;
        let reprs: Vec<Repr> = cases.arms.iter().map(|(_, value)| Repr::of(value)).collect();
        let mixed = reprs.windows(2).any(|pair| pair.first() != pair.last())
            || reprs.iter().any(|repr| matches!(repr, Repr::List | Repr::Map | Repr::Dyn));
        let text = |writer: &Self, value: &Value| {
            let written = literal(&writer.dialect, value, form);
            if mixed { written.dynamic() } else { written }
        };
        let Some(((_, last), arms)) = cases.arms.split_last() else {
            return Ok(super::Written::primary("null"));
        };
        let mut written = text(self, last);
        for (patterns, value) in arms.iter().rev() {
            written = conditional(self.pattern(&subject, patterns), text(self, value), written);
        }
        Ok(written)
    }
}
