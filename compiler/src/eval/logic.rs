//! `&&`, `||`, conditions, and which of two faults counts.

use super::Fault;
use super::machine::Machine;
use crate::expr::{BinaryOp, Expr};
use crate::library::operators::{self, no_overload};
use crate::value::Value;

impl<'e> Machine<'e, '_> {
    pub(super) fn binary(&mut self, op: BinaryOp, a: &'e Expr, b: &'e Expr) -> Result<Value, Fault> {
        match op {
            BinaryOp::And => self.either(op, a, b, false),
            BinaryOp::Or => self.either(op, a, b, true),
            BinaryOp::Coalesce => self.coalesce(a, b),
            _ => {
                let a = self.value(a)?;
                let b = self.value(b)?;
                operators::binary(self.ctx(), op, &a, &b)
            }
        }
    }

    /// `&&` and `||`: `decisive` on either side decides, whatever the other is.
    fn either(&mut self, op: BinaryOp, a: &'e Expr, b: &'e Expr, decisive: bool) -> Result<Value, Fault> {
        let left = self.truth(op.symbol(), a);
        if matches!(left, Ok(value) if value == decisive) || exhausted(&left) {
            return left.map(Value::Bool);
        }
        let right = self.truth(op.symbol(), b);
        if matches!(right, Ok(value) if value == decisive) {
            return Ok(Value::Bool(decisive));
        }
        match (left, right) {
            (Err(left), Err(right)) => Err(graver(left, right)),
            (Err(fault), _) | (_, Err(fault)) => Err(fault),
            _ => Ok(Value::Bool(!decisive)),
        }
    }

    fn truth(&mut self, operator: &str, expr: &'e Expr) -> Result<bool, Fault> {
        match self.value(expr)? {
            Value::Bool(value) => Ok(value),
            other => Err(no_overload(operator, &[&other]).at(expr.span)),
        }
    }

    /// The truth of a condition, filter or rule.
    pub(super) fn condition(&mut self, expr: &'e Expr) -> Result<bool, Fault> {
        self.truth("condition", expr)
    }
}

fn exhausted(result: &Result<bool, Fault>) -> bool {
    result.as_ref().is_err_and(|fault| fault.is_exhausted())
}

/// Of two faults that both stand: an exhausted budget, then what is pending,
/// then the first.
pub(super) fn graver(first: Fault, second: Fault) -> Fault {
    let rank = |fault: &Fault| if fault.is_exhausted() { 2 } else { u8::from(fault.is_pending()) };
    if rank(&second) > rank(&first) { second } else { first }
}
