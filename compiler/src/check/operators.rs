//! Operators: which types they take and what they yield. The rules are CEL's
//! (cel-spec, "Standard Definitions"), with Quantities and the mixed
//! comparison of numbers added.

use super::{Checker, Typed};
use crate::diagnostic::{Diagnostic, E0301, E0308, E0311};
use crate::eval;
use crate::expr::{ExprKind, Repr};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, UnaryOp};
use crate::types::{self, Type};
use crate::units;
use crate::value::Value;

impl Checker<'_> {
    pub(crate) fn unary(&mut self, op: UnaryOp, operand: &ast::Expr, span: Span) -> Typed {
        if op == UnaryOp::Not {
            let operand = self.check(operand, &Type::Bool);
            return self.folded(Typed::new(ExprKind::Unary(op, Box::new(operand)), Type::Bool, span));
        }
        let operand = self.infer(operand);
        let ty = operand.ty.base().unwrap_or(Type::Dyn);
        match ty.repr() {
            Repr::Int | Repr::Float | Repr::Duration | Repr::Quantity | Repr::Dyn => {
                let ty = if operand.is_unknown() { Type::Unknown } else { ty };
                self.folded(Typed::new(ExprKind::Unary(op, Box::new(operand.expr)), ty, span))
            }
            _ => {
                let message = format!("`-` does not work on {}", self.article(&operand.ty.widen()));
                self.report(Diagnostic::new(&E0311, span, message).help("it takes a number, a duration or a quantity"));
                Self::unknown(span)
            }
        }
    }

    pub(crate) fn binary(
        &mut self,
        op: BinaryOp,
        place: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Typed {
        if matches!(op, BinaryOp::And | BinaryOp::Or) {
            return self.logic(op, place, left, right, span);
        }
        let (left, right) = self.operands(left, right);
        self.binary_typed(op, place, left, right, span)
    }

    /// Both operands; a literal with a unit takes the other side's type.
    fn operands(&mut self, left: &ast::Expr, right: &ast::Expr) -> (Typed, Typed) {
        if matches!(left.kind, ast::ExprKind::Suffixed(_)) && !matches!(right.kind, ast::ExprKind::Suffixed(_)) {
            let right = self.infer(right);
            let left = self.beside(left, &right);
            return (left, right);
        }
        let left = self.infer(left);
        let right = self.beside(right, &left);
        (left, right)
    }

    fn beside(&mut self, expr: &ast::Expr, other: &Typed) -> Typed {
        self.note_value(expr, Some(&other.ty));
        let ast::ExprKind::Suffixed(text) = &expr.kind else { return self.infer(expr) };
        let expected = match other.ty.base() {
            Some(ty @ (Type::Duration | Type::Quantity)) => ty,
            Some(Type::Timestamp) => Type::Duration,
            _ => return self.infer(expr),
        };
        Typed { expr: self.suffixed(text, expr.span, Some(&expected)), ty: expected }
    }

    /// Arithmetic where a type is expected, which literals with a unit take over.
    pub(crate) fn arithmetic_expected(
        &mut self,
        op: BinaryOp,
        place: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        expected: &Type,
    ) -> Typed {
        let scalar = match expected.structure() {
            Type::Duration => Type::Duration,
            Type::Quantity => Type::Quantity,
            _ => return self.binary(op, place, left, right, span),
        };
        let mut operand = |expr: &ast::Expr| match &expr.kind {
            ast::ExprKind::Suffixed(text) => {
                Typed { expr: self.suffixed(text, expr.span, Some(&scalar)), ty: scalar.clone() }
            }
            ast::ExprKind::Binary(op, place, l, r) => self.arithmetic_expected(*op, *place, l, r, expr.span, &scalar),
            _ => self.infer(expr),
        };
        let (left, right) = match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => {
                (operand(left), operand(right))
            }
            _ => return self.binary(op, place, left, right, span),
        };
        self.binary_typed(op, place, left, right, span)
    }

    fn logic(&mut self, op: BinaryOp, place: Span, left: &ast::Expr, right: &ast::Expr, span: Span) -> Typed {
        if op == BinaryOp::Or
            && self.place(left).is_some()
            && let Some(typed) = self.attempt(|c| c.infer(left))
            && let Type::Optional(inner) = typed.ty.peel()
            && !matches!(inner.structure(), Type::Bool | Type::Dyn | Type::Unknown)
        {
            let diagnostic = Diagnostic::new(&E0308, place, "a default for what may be absent is given with `??`")
                .label("`||` stands between conditions")
                .fix("write `??`", place, "??", true);
            self.report(diagnostic);
            return Self::unknown(span);
        }
        let checked = self.check(left, &Type::Bool);
        let facts = self.facts(left);
        let known = if op == BinaryOp::And { facts.holds } else { facts.fails };
        let right = self.narrowing(known, |c| c.check(right, &Type::Bool));
        self.folded(Typed::new(ExprKind::Binary(op, Box::new(checked), Box::new(right)), Type::Bool, span))
    }

    fn binary_typed(&mut self, op: BinaryOp, place: Span, left: Typed, right: Typed, span: Span) -> Typed {
        if left.is_unknown() || right.is_unknown() {
            return Self::unknown(span);
        }
        if let Some(absent) = [&left, &right].into_iter().find(|t| self.needs_presence(op, t)) {
            let diagnostic = Diagnostic::new(
                &E0308,
                absent.expr.span,
                format!("this value may be absent, so `{}` may have nothing to work on", op.symbol()),
            )
            .help("give a default with `??`, or ask with `has(…)` first");
            self.report(diagnostic);
            return Self::unknown(span);
        }
        let result = match op {
            BinaryOp::Eq | BinaryOp::Ne => self.comparable(&left, &right).then_some(Type::Bool),
            BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
                ordered(&left.ty, &right.ty).then_some(Type::Bool)
            }
            BinaryOp::In => self.contained(&left, &right),
            _ => self.arithmetic(op, &left.ty, &right.ty),
        };
        match result {
            Some(Type::Unknown) => Self::unknown(span),
            Some(ty) => {
                self.folded(Typed::new(ExprKind::Binary(op, Box::new(left.expr), Box::new(right.expr)), ty, span))
            }
            None => {
                let diagnostic = self.no_operation(op, place, &left, &right);
                self.report(diagnostic);
                Self::unknown(span)
            }
        }
    }

    fn needs_presence(&self, op: BinaryOp, typed: &Typed) -> bool {
        matches!(typed.ty.peel(), Type::Optional(_)) && !matches!(op, BinaryOp::Eq | BinaryOp::Ne)
    }

    /// `==` and `!=`: one type on both sides, or two kinds of number. A literal
    /// that the other side's type does not have is a mistake.
    fn comparable(&mut self, left: &Typed, right: &Typed) -> bool {
        let strip = |ty: &Type| match ty.peel() {
            Type::Optional(inner) => (**inner).clone(),
            _ => ty.clone(),
        };
        let (a, b) = (strip(&left.ty), strip(&right.ty));
        if number(&a) && number(&b) {
            return true;
        }
        if let Some(diagnostic) = self.foreign_literal(&a, right).or_else(|| self.foreign_literal(&b, left)) {
            self.report(diagnostic);
            return true;
        }
        if matches!(a.structure(), Type::Null) || matches!(b.structure(), Type::Null) {
            return true;
        }
        types::fits(self.schemas, &a, &b)
            || types::fits(self.schemas, &b, &a)
            || types::join(self.schemas, &a, &b).is_some()
            || loosely(&a, &b)
    }

    fn foreign_literal(&self, ty: &Type, other: &Typed) -> Option<Diagnostic> {
        let written = other.expr.known()?.as_str()?;
        let options = super::fit::literals(ty);
        if options.is_empty()
            || options.iter().any(|o| o == written)
            || !matches!(ty.structure(), Type::Union(_))
            || ty.base().is_none()
        {
            return None;
        }
        let span = other.expr.span;
        let diagnostic = Diagnostic::new(&E0301, span, format!("\"{written}\" is not one of {}", self.show(ty)))
            .label("never equal to it");
        Some(match super::branches::closest_literal(ty, written) {
            Some(best) => diagnostic.fix(format!("replace it with \"{best}\""), span, format!("\"{best}\""), true),
            None => diagnostic.help(format!(
                "its values are {}",
                options.iter().map(|o| format!("\"{o}\"")).collect::<Vec<_>>().join(", ")
            )),
        })
    }

    fn contained(&mut self, left: &Typed, right: &Typed) -> Option<Type> {
        let item = match right.ty.structure() {
            Type::List(item) => (**item).clone(),
            Type::Map(entry) => entry.0.clone(),
            Type::Record(_) | Type::Schema(_) => Type::String,
            Type::Dyn => Type::Dyn,
            _ => return None,
        };
        let item = Typed { expr: right.expr.clone(), ty: item };
        self.comparable(left, &item).then_some(Type::Bool)
    }

    fn arithmetic(&self, op: BinaryOp, left: &Type, right: &Type) -> Option<Type> {
        if let (Type::List(a), Type::List(b), BinaryOp::Add) = (left.structure(), right.structure(), op) {
            return Some(Type::list(types::join(self.schemas, a, b).unwrap_or(Type::Dyn)));
        }
        let (a, b) = (left.base()?, right.base()?);
        let ty = match (a.repr(), b.repr(), op) {
            (Repr::Dyn, _, _) | (_, Repr::Dyn, _) => Type::Dyn,
            (Repr::Int, Repr::Int, _) | (Repr::Uint, Repr::Uint, _) => a,
            (Repr::Float, Repr::Float, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div) => a,
            (Repr::String, Repr::String, BinaryOp::Add) | (Repr::Bytes, Repr::Bytes, BinaryOp::Add) => a,
            (Repr::Duration, Repr::Duration, BinaryOp::Add | BinaryOp::Sub) => a,
            (Repr::Timestamp, Repr::Duration, BinaryOp::Add | BinaryOp::Sub) => a,
            (Repr::Duration, Repr::Timestamp, BinaryOp::Add) => b,
            (Repr::Timestamp, Repr::Timestamp, BinaryOp::Sub) => Type::Duration,
            (Repr::Quantity, Repr::Quantity | Repr::Int, BinaryOp::Add | BinaryOp::Sub) => a,
            (Repr::Quantity, Repr::Int | Repr::Float, BinaryOp::Mul | BinaryOp::Div) => a,
            (Repr::Int | Repr::Float, Repr::Quantity, BinaryOp::Mul) => b,
            (Repr::Duration, Repr::Int, BinaryOp::Mul | BinaryOp::Div) => a,
            (Repr::Int, Repr::Duration, BinaryOp::Mul) => b,
            _ => return None,
        };
        Some(ty)
    }

    fn no_operation(&self, op: BinaryOp, place: Span, left: &Typed, right: &Typed) -> Diagnostic {
        let (a, b) = (left.ty.widen(), right.ty.widen());
        let diagnostic = Diagnostic::new(
            &E0311,
            place,
            format!("`{}` does not work on {} and {}", op.symbol(), self.show(&a), self.show(&b)),
        )
        .also(left.expr.span, self.show(&a))
        .also(right.expr.span, self.show(&b));
        let text = |ty: &Type| ty.repr() == Repr::String;
        let (x, y) = (a.repr(), b.repr());
        if op == BinaryOp::Add && (text(&a) || text(&b)) {
            return diagnostic.help("to put a value into text, write `\"${…}\"`");
        }
        if matches!((x, y), (Repr::Int, Repr::Float) | (Repr::Float, Repr::Int)) {
            return diagnostic.help("Int and Float mix only in comparisons; convert one with `double(…)` or `int(…)`");
        }
        if let Some(unit) =
            [(left, y), (right, x)].into_iter().find_map(|(typed, other)| self.without_unit(typed, other))
        {
            return match unit {
                Ok((span, text)) => diagnostic.fix(format!("write `{text}`, without quotes"), span, text, true),
                Err(help) => diagnostic.help(help),
            };
        }
        if op == BinaryOp::Add && x == Repr::Map && y == Repr::Map {
            return diagnostic.help("to put objects together, spread them: `{ ...a, ...b }`");
        }
        if op == BinaryOp::In {
            return diagnostic.help("on the right of `in` stands a list or a map");
        }
        diagnostic
    }

    /// A number or text beside a Duration or Quantity, written as one: with its
    /// place where that is certain, otherwise in words.
    fn without_unit(&self, typed: &Typed, other: Repr) -> Option<Result<(Span, String), String>> {
        let span = typed.expr.span;
        match (typed.expr.known()?, other) {
            (Value::Int(n), Repr::Duration) => Some(Err(format!("a Duration has a unit: `{n}h`, `{n}m` or `{n}s`"))),
            (Value::String(text), Repr::Duration) if units::parse_duration(text).is_ok() => {
                Some(Ok((span, text.to_string())))
            }
            (Value::String(text), Repr::Quantity) if units::Quantity::parse(text).is_ok() => {
                Some(Ok((span, text.to_string())))
            }
            _ => None,
        }
    }

    /// An operator on two known values is known. Its errors are left to
    /// evaluation: `true || 1 / 0 > 0` and a branch not taken have none.
    fn folded(&mut self, typed: Typed) -> Typed {
        if !operands_known(&typed.expr.kind) {
            return typed;
        }
        match eval::evaluate_constant(&self.program, &typed.expr) {
            Ok(value) => Typed::constant(value, typed.expr.span),
            Err(_) => typed,
        }
    }
}

fn operands_known(kind: &ExprKind) -> bool {
    match kind {
        ExprKind::Unary(_, a) => a.known().is_some_and(scalar),
        ExprKind::Binary(_, a, b) => a.known().is_some_and(scalar) && b.known().is_some_and(scalar),
        _ => false,
    }
}

const fn scalar(value: &Value) -> bool {
    !matches!(value, Value::List(_) | Value::Map(_) | Value::Absent)
}

fn number(ty: &Type) -> bool {
    ty.base().is_some_and(|t| matches!(t.repr(), Repr::Int | Repr::Uint | Repr::Float))
}

fn ordered(a: &Type, b: &Type) -> bool {
    if number(a) && number(b) {
        return true;
    }
    let (Some(a), Some(b)) = (a.base(), b.base()) else { return false };
    match (a.repr(), b.repr()) {
        (Repr::Dyn, _) | (_, Repr::Dyn) => true,
        (Repr::Quantity, Repr::Int) | (Repr::Int, Repr::Quantity) => true,
        (x, y) => {
            x == y
                && matches!(
                    x,
                    Repr::String | Repr::Bool | Repr::Bytes | Repr::Duration | Repr::Timestamp | Repr::Quantity
                )
        }
    }
}

/// Collections compare by their elements at evaluation; a Quantity with a number by value.
fn loosely(a: &Type, b: &Type) -> bool {
    matches!(
        (a.repr(), b.repr()),
        (Repr::List, Repr::List) | (Repr::Map, Repr::Map) | (Repr::Quantity, Repr::Int) | (Repr::Int, Repr::Quantity)
    ) || matches!(a.structure(), Type::Union(_)) && a.base().is_none()
        || matches!(b.structure(), Type::Union(_)) && b.base().is_none()
}
