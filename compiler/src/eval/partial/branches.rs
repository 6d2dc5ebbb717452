//! `&&`, `||`, conditions, `match`, and strings from pieces.

use super::forms::made;
use super::{Folder, Out};
use crate::eval::{Fault, text_of};
use crate::expr::{BinaryOp, Expr, ExprKind, Repr};
use crate::library::operators;
use crate::value::{Text, Value};

impl Folder<'_> {
    /// `&&` and `||`. A fault of one side is certain only when the other has
    /// one too, or does not decide.
    pub(super) fn fold_either(
        &mut self,
        op: BinaryOp,
        a: &Expr,
        b: &Expr,
        decisive: bool,
        expr: &Expr,
    ) -> Result<Out, Fault> {
        let left = self.fold(a)?;
        let known = |out: &Out| if let Some(Value::Bool(value)) = out.expr.known() { Some(*value) } else { None };
        if known(&left) == Some(decisive) {
            return Ok(left);
        }
        let right = self.fold(b)?;
        match (known(&left), known(&right)) {
            (_, Some(value)) if value == decisive => return Ok(right),
            (Some(_), None) if right.expr.repr == Repr::Bool => return Ok(right),
            (None, Some(_)) if left.expr.repr == Repr::Bool => return Ok(left),
            _ => {}
        }
        let all_known = left.expr.known().is_some() && right.expr.known().is_some();
        let doom = match (known(&left), known(&right)) {
            (Some(_), None) => right.doom,
            (None, Some(_)) => left.doom,
            _ if right.doom.is_empty() => Vec::new(),
            _ => left.doom,
        };
        self.run_if(all_known, made(expr, ExprKind::Binary(op, Box::new(left.expr), Box::new(right.expr))), doom)
    }

    pub(super) fn fold_condition(
        &mut self,
        condition: &Expr,
        then: &Expr,
        otherwise: &Expr,
        expr: &Expr,
    ) -> Result<Out, Fault> {
        let condition = self.fold(condition)?;
        if let Some(Value::Bool(holds)) = condition.expr.known() {
            return self.fold(if *holds { then } else { otherwise });
        }
        let (then, otherwise) = (self.fold(then)?, self.fold(otherwise)?);
        let mut doom = condition.doom;
        if doom.is_empty() && condition.expr.known().is_some() {
            doom.push(
                operators::no_overload("condition", &[condition.expr.known().unwrap_or(&Value::Absent)])
                    .at(condition.expr.span),
            );
        }
        let kind = ExprKind::Cond(Box::new(condition.expr), Box::new(then.expr), Box::new(otherwise.expr));
        Ok(Out { expr: made(expr, kind), doom })
    }

    pub(super) fn fold_match(
        &mut self,
        subject: &Expr,
        arms: &[(Vec<Value>, Expr)],
        default: Option<&Expr>,
        expr: &Expr,
    ) -> Result<Out, Fault> {
        let subject = self.fold(subject)?;
        if let Some(value) = subject.expr.known() {
            let arm = arms.iter().find(|(patterns, _)| patterns.contains(value)).map(|(_, body)| body);
            if let Some(body) = arm.or(default) {
                return self.fold(body);
            }
            let kind = ExprKind::Match { subject: Box::new(subject.expr), arms: Vec::new(), default: None };
            return self.run(made(expr, kind));
        }
        let mut folded = Vec::with_capacity(arms.len());
        for (patterns, body) in arms {
            folded.push((patterns.clone(), self.fold(body)?.expr));
        }
        let default = match default {
            Some(default) => Some(Box::new(self.fold(default)?.expr)),
            None => None,
        };
        let kind = ExprKind::Match { subject: Box::new(subject.expr), arms: folded, default };
        Ok(Out { expr: made(expr, kind), doom: subject.doom })
    }

    /// Joins neighbours that are known.
    pub(super) fn fold_concat(&mut self, pieces: &[Expr], expr: &Expr) -> Result<Out, Fault> {
        let (mut joined, mut doom): (Vec<Expr>, Vec<Fault>) = (Vec::new(), Vec::new());
        for piece in self.fold_all(pieces)? {
            doom.extend(piece.doom);
            match piece.expr.kind {
                ExprKind::Concat(inner) => {
                    for piece in inner {
                        self.join(&mut joined, piece, &mut doom)?;
                    }
                }
                _ => self.join(&mut joined, piece.expr, &mut doom)?,
            }
        }
        match joined.as_slice() {
            [] => Ok(Out::fine(made(expr, ExprKind::Const(Value::str(""))))),
            [piece] if matches!(piece.known(), Some(Value::String(_))) => {
                let value = piece.known().cloned().unwrap_or_default();
                Ok(Out::fine(made(expr, ExprKind::Const(value))))
            }
            _ => Ok(Out { expr: made(expr, ExprKind::Concat(joined)), doom }),
        }
    }

    fn join(&mut self, joined: &mut Vec<Expr>, piece: Expr, doom: &mut Vec<Fault>) -> Result<(), Fault> {
        let Some(value) = piece.known() else {
            joined.push(piece);
            return Ok(());
        };
        let text = match text_of(self.memo.ctx(), value) {
            Ok(text) => text,
            Err(fault) if fault.is_exhausted() => return Err(fault),
            Err(fault) => {
                doom.push(fault.at(piece.span));
                joined.push(piece);
                return Ok(());
            }
        };
        match joined.last_mut() {
            Some(Expr { kind: ExprKind::Const(Value::String(before)), .. }) => {
                self.memo.ctx().bytes(before.len() + text.len())?;
                *before = Text::from(format!("{before}{text}"));
            }
            _ => joined.push(Expr { kind: ExprKind::Const(Value::String(text)), repr: Repr::String, span: piece.span }),
        }
        Ok(())
    }
}
