//! Operators, and strings from pieces.

use super::write::{Outcome, Writer, conditional};
use super::{Form, Level, Written, quoted};
use crate::expr::{BinaryOp, Expr, ExprKind, Repr, UnaryOp};
use crate::value::Value;

impl<'e> Writer<'e, '_> {
    pub(super) fn unary(&mut self, op: UnaryOp, a: &'e Expr) -> Outcome {
        if a.repr == Repr::Quantity {
            return Err(self.refuse(a.span, "a negative of a quantity", "subtract it instead"));
        }
        let a = self.value(a, Form::Native)?;
        // `--1` is read as one token by some.
        let level = if a.level == Level::Unary { Level::Primary } else { Level::Unary };
        Ok(Written::of(Level::Unary, format!("{}{}", if op == UnaryOp::Not { "!" } else { "-" }, a.at(level))))
    }

    pub(super) fn binary(&mut self, expr: &'e Expr, op: BinaryOp, a: &'e Expr, b: &'e Expr, form: Form) -> Outcome {
        if op == BinaryOp::Coalesce {
            return self.coalesce(a, b, form);
        }
        if a.repr == Repr::Quantity && !matches!(op, BinaryOp::Eq | BinaryOp::Ne | BinaryOp::In) {
            return self.quantities(expr, op, a, b);
        }
        if matches!(op, BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem)
            && [a, b].iter().any(|e| matches!(e.repr, Repr::Duration | Repr::Quantity))
        {
            return Err(self.refuse(
                expr.span,
                &format!("`{}` of a duration or quantity", op.symbol()),
                "choose among known values with `match`: its arms are computed ahead",
            ));
        }
        let temporal = matches!(a.repr, Repr::Quantity | Repr::Duration | Repr::Timestamp);
        if temporal && op == BinaryOp::In && self.schema(b).is_some() {
            return Err(self.refuse(expr.span, "`in` over units that an instance gives", "compare with `exists`"));
        }
        if temporal && form == Form::Wire && !matches!(op.level(), Level::Relation) {
            return Err(self.refuse(
                expr.span,
                &format!("the text of a computed {:?}", a.repr),
                "choose among known values with `match`",
            ));
        }
        let level = op.level();
        if matches!(op, BinaryOp::Eq | BinaryOp::Ne) && (self.may_be_absent(a) || self.may_be_absent(b)) {
            if let (false, ExprKind::Field { .. } | ExprKind::Param(_)) = (self.may_be_absent(b), &a.kind) {
                return self.present_and(op, a, b);
            }
            let (left, right) = (self.optional(a, Form::Native)?, self.optional(b, Form::Native)?);
            let (left, right) = (left.at(Level::Relation), right.at(Level::Sum));
            return Ok(Written::of(level, format!("{left} {} {right}", op.symbol())));
        }
        let (left, right) = (self.value(a, Form::Native)?, self.value(b, Form::Native)?);
        // Kinds that CEL's checker does not let meet meet at evaluation.
        let unlike = level == Level::Relation && op != BinaryOp::In && a.repr != b.repr
            || op == BinaryOp::Add && self.unlike_lists(a, b);
        let left = if unlike && a.repr != Repr::Dyn { left.dynamic() } else { left };
        let (on_left, on_right) = match level {
            // Both are the same however they are grouped.
            Level::Or => (Level::Or, Level::Or),
            Level::And => (Level::And, Level::And),
            Level::Relation => (Level::Relation, Level::Sum),
            Level::Sum => (Level::Sum, Level::Product),
            _ => (Level::Product, Level::Unary),
        };
        Ok(Written::of(level, format!("{} {} {}", left.at(on_left), op.symbol(), right.at(on_right))))
    }

    /// `has(a) && a == b`: what is absent equals nothing. The API server knows what that costs.
    fn present_and(&mut self, op: BinaryOp, a: &'e Expr, b: &'e Expr) -> Outcome {
        let condition = self.has(a)?;
        let (left, right) = (self.value(a, Form::Native)?, self.value(b, Form::Native)?);
        let test = format!("{} == {}", left.at(Level::Relation), right.at(Level::Sum));
        let both = Written::of(Level::And, format!("{} && {test}", condition.at(Level::And)));
        Ok(if op == BinaryOp::Eq { both } else { Written::of(Level::Unary, format!("!{}", both.at(Level::Unary))) })
    }

    fn unlike_lists(&self, a: &Expr, b: &Expr) -> bool {
        a.repr == Repr::List && [a, b].iter().any(|e| matches!(e.kind, ExprKind::List(_) | ExprKind::Const(_)))
    }

    /// Quantities have methods where other numbers have operators.
    fn quantities(&mut self, expr: &'e Expr, op: BinaryOp, a: &'e Expr, b: &'e Expr) -> Outcome {
        let method = |name: &str, left: Written, right: Written| {
            Written::primary(format!("{}.{name}({})", left.at(Level::Primary), right.text))
        };
        let not = |written: Written| Written::of(Level::Unary, format!("!{}", written.at(Level::Unary)));
        if b.repr != Repr::Quantity && !matches!(op, BinaryOp::Add | BinaryOp::Sub) || b.repr == Repr::Dyn {
            return Err(self.refuse(
                expr.span,
                &format!("`{}` of a quantity", op.symbol()),
                "choose among known values with `match`: its arms are computed ahead",
            ));
        }
        let (left, right) = (self.value(a, Form::Native)?, self.value(b, Form::Native)?);
        Ok(match op {
            BinaryOp::Lt => method("isLessThan", left, right),
            BinaryOp::Gt => method("isGreaterThan", left, right),
            BinaryOp::Le => not(method("isGreaterThan", left, right)),
            BinaryOp::Ge => not(method("isLessThan", left, right)),
            BinaryOp::Add => method("add", left, right),
            BinaryOp::Sub => method("sub", left, right),
            _ => {
                return Err(self.refuse(
                    expr.span,
                    &format!("`{}` of quantities", op.symbol()),
                    "choose among known values with `match`: its arms are computed ahead",
                ));
            }
        })
    }

    /// `a ?? b`.
    fn coalesce(&mut self, a: &'e Expr, b: &'e Expr, form: Form) -> Outcome {
        let other = self.value(b, form)?;
        if !self.dialect.bind
            || unit_text(a) && form == Form::Native
            || !matches!(a.kind, ExprKind::Field { .. } | ExprKind::Index { .. } | ExprKind::Param(_))
        {
            // Conditions read better, and convert units on one side only.
            if let ExprKind::Field { .. } | ExprKind::Param(_) = a.kind {
                let condition = self.has(a)?;
                let value = self.value(a, form)?;
                return Ok(conditional(condition, value, other));
            }
        }
        let value = self.optional(a, form)?;
        let other = if a.repr == b.repr && !matches!(a.repr, Repr::List | Repr::Map) { other } else { other.dynamic() };
        Ok(Written::primary(format!("{}.orValue({})", value.at(Level::Primary), other.text)))
    }

    /// Pieces joined, each as `string()` converts it.
    pub(super) fn concat(&mut self, pieces: &'e [Expr]) -> Outcome {
        let mut parts: Vec<Written> = Vec::new();
        for piece in pieces {
            parts.push(self.piece(piece)?);
        }
        Ok(match parts.len() {
            0 => Written::primary(quoted("")),
            1 => parts.remove(0),
            _ => {
                let texts: Vec<String> = parts.into_iter().map(|part| part.at(Level::Product)).collect();
                Written::of(Level::Sum, texts.join(" + "))
            }
        })
    }

    /// A piece of a string, as a string.
    ///
    /// # Errors
    /// What has no text in CEL.
    pub fn piece(&mut self, piece: &'e Expr) -> Outcome {
        if let Some(value) = piece.known()
            && let Ok(text) = crate::eval::text_of(&mut crate::eval::Context::new(), value)
        {
            return Ok(Written::primary(quoted(&text)));
        }
        // The text of one known value among several is computed ahead.
        if let Some(mut cases) = self.tabled(piece).filter(|_| !matches!(piece.repr, Repr::String)) {
            let text = |value: &Value| crate::eval::text_of(&mut crate::eval::Context::new(), value).ok();
            let texts: Option<Vec<_>> = cases.arms.iter().map(|(_, value)| text(value)).collect();
            if let Some(texts) = texts {
                for ((_, value), text) in cases.arms.iter_mut().zip(texts) {
                    *value = Value::str(&text);
                }
                return self.cases(&cases, Form::Native);
            }
        }
        match piece.repr {
            Repr::String => self.value(piece, Form::Native),
            Repr::Duration => {
                let native = self.value(piece, Form::Native)?;
                Ok(self.duration_text(native))
            }
            Repr::Quantity | Repr::Opaque => Err(self.refuse(
                piece.span,
                "the text of a quantity or address that an instance gives",
                "take a String, or choose among known values with `match`",
            )),
            _ => Ok(Written::primary(format!("string({})", self.value(piece, Form::Native)?.text))),
        }
    }
}

fn unit_text(expr: &Expr) -> bool {
    super::units::unit(expr.repr).is_some()
}

impl BinaryOp {
    /// How tightly it binds in CEL.
    const fn level(self) -> Level {
        match self {
            Self::Or | Self::Coalesce => Level::Or,
            Self::And => Level::And,
            Self::Eq | Self::Ne | Self::Lt | Self::Le | Self::Gt | Self::Ge | Self::In => Level::Relation,
            Self::Add | Self::Sub => Level::Sum,
            Self::Mul | Self::Div | Self::Rem => Level::Product,
        }
    }
}
