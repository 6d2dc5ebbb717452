//! Operators as functions of templates.

use super::value::{literal, words};
use super::{ELSEWHERE, Out, Writer, refused};
use crate::expr::{BinaryOp, Expr, Repr};
use crate::ir::Schema;
use crate::source::Span;
use crate::value::Value;

impl Writer<'_> {
    pub(super) fn binary(&mut self, span: Span, op: BinaryOp, a: &Expr, b: &Expr) -> Out<String> {
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let left = self.operand(a)?;
                let (statements, right) = self.apart(b)?;
                if statements.is_empty() {
                    return Ok(format!("({} {left} {right})", if op == BinaryOp::And { "and" } else { "or" }));
                }
                let text = self.variable("holds", &left);
                let guard = if op == BinaryOp::And { text.clone() } else { format!("not {text}") };
                self.statement(&format!("if {guard}"));
                self.out.push_str(&statements);
                self.statement(&format!("{text} = {right}"));
                self.statement("end");
                Ok(text)
            }
            BinaryOp::Coalesce => self.coalesce(a, b),
            BinaryOp::Eq | BinaryOp::Ne => self.equality(span, op, a, b),
            BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => self.comparison(span, op, a, b),
            BinaryOp::In => self.membership(span, a, b),
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => {
                self.computed(span, op, a, b)
            }
        }
    }

    pub(super) fn coalesce(&mut self, a: &Expr, b: &Expr) -> Out<String> {
        let left = self.operand(a)?;
        if !self.may_be_absent(a) {
            return Ok(left);
        }
        let (statements, right) = self.apart(b)?;
        let text = self.variable("value", &left);
        self.statement(&format!("if kindIs \"invalid\" {text}"));
        self.out.push_str(&statements);
        self.statement(&format!("{text} = {right}"));
        self.statement("end");
        Ok(text)
    }

    pub(super) fn equality(&mut self, span: Span, op: BinaryOp, a: &Expr, b: &Expr) -> Out<String> {
        let name = if op == BinaryOp::Eq { "eq" } else { "ne" };
        let known = |r: Repr| matches!(r, Repr::String | Repr::Bool | Repr::Duration);
        let number = |r: Repr| matches!(r, Repr::Int | Repr::Uint);
        let (x, y) = (a.repr, b.repr);
        let same = known(x) && x == y || number(x) && number(y) || x == Repr::Float && y == Repr::Float;
        let (left, right) = (self.operand(a)?, self.operand(b)?);
        if same {
            return Ok(format!("({name} {left} {right})"));
        }
        let scalar = |r: Repr| known(r) || number(r) || r == Repr::Dyn || r == Repr::Null || r == Repr::Float;
        if scalar(x) && scalar(y) {
            return Ok(format!("({name} (toJson {left}) (toJson {right}))"));
        }
        Err(refused(span, format!("`{}` of {} and {}", op.symbol(), words(x), words(y)), ELSEWHERE))
    }

    pub(super) fn comparison(&mut self, span: Span, op: BinaryOp, a: &Expr, b: &Expr) -> Out<String> {
        let name = match op {
            BinaryOp::Lt => "lt",
            BinaryOp::Le => "le",
            BinaryOp::Gt => "gt",
            _ => "ge",
        };
        let number = |r: Repr| matches!(r, Repr::Int | Repr::Uint);
        match (a.repr, b.repr) {
            (Repr::Duration, Repr::Duration) => {
                let (left, right) = (self.nanoseconds(a)?, self.nanoseconds(b)?);
                Ok(format!("({name} {left} {right})"))
            }
            (x, y) if number(x) && number(y) || x == y && matches!(x, Repr::String | Repr::Float) => {
                Ok(format!("({name} {} {})", self.operand(a)?, self.operand(b)?))
            }
            (x, y) => Err(refused(span, format!("`{}` of {} and {}", op.symbol(), words(x), words(y)), ELSEWHERE)),
        }
    }

    pub(super) fn membership(&mut self, span: Span, a: &Expr, b: &Expr) -> Out<String> {
        if b.repr == Repr::Map && a.repr == Repr::String {
            return Ok(format!("(hasKey {} {})", self.operand(b)?, self.operand(a)?));
        }
        if b.repr != Repr::List || !matches!(a.repr, Repr::String | Repr::Int | Repr::Uint | Repr::Bool) {
            return Err(refused(span, format!("`in` of {} and {}", words(a.repr), words(b.repr)), ELSEWHERE));
        }
        let wanted = self.operand(a)?;
        if let Some(items) = b.known().and_then(Value::as_list)
            && !items.is_empty()
        {
            let items = items.iter().map(|item| literal(item, span)).collect::<Out<Vec<_>>>()?;
            return Ok(format!(
                "(has (toJson {wanted}) (list {}))",
                items.iter().map(|i| format!("(toJson {i})")).collect::<Vec<_>>().join(" ")
            ));
        }
        let items = self.operand(b)?;
        let text = self.variable("found", "false");
        self.statement(&format!("range {items}"));
        self.statement(&format!("if eq (toJson .) (toJson {wanted}) }}}}{{{{ {text} = true }}}}{{{{ end"));
        self.statement("end");
        Ok(text)
    }

    pub(super) fn computed(&mut self, span: Span, op: BinaryOp, a: &Expr, b: &Expr) -> Out<String> {
        let number = |r: Repr| matches!(r, Repr::Int);
        match (op, a.repr, b.repr) {
            (BinaryOp::Add, Repr::String, Repr::String) => {
                Ok(format!("(printf \"%s%s\" {} {})", self.operand(a)?, self.operand(b)?))
            }
            (BinaryOp::Add, Repr::List, Repr::List) => {
                Ok(format!("(concat {} {})", self.operand(a)?, self.operand(b)?))
            }
            (BinaryOp::Add | BinaryOp::Sub, Repr::Duration, Repr::Duration) => {
                let name = if op == BinaryOp::Add { "add" } else { "sub" };
                let (left, right) = (self.nanoseconds(a)?, self.nanoseconds(b)?);
                Ok(format!("(include \"tessera.nanoseconds.text\" ({name} {left} {right}))"))
            }
            (_, x, y) if number(x) && number(y) => {
                let (left, right) = (self.operand(a)?, self.operand(b)?);
                Ok(match op {
                    BinaryOp::Add => format!("(add {left} {right})"),
                    BinaryOp::Sub => format!("(sub {left} {right})"),
                    BinaryOp::Mul => {
                        self.shared.units = true;
                        format!("(int64 (include \"tessera.product\" (list {left} {right})))")
                    }
                    BinaryOp::Div => format!("(div {left} {right})"),
                    _ => format!("(mod {left} {right})"),
                })
            }
            (_, x, _) => Err(arithmetic(span, x)),
        }
    }

    /// A duration as an integer.
    pub(super) fn nanoseconds(&mut self, expr: &Expr) -> Out<String> {
        if let Some(Value::Duration(duration)) = expr.known()
            && let Ok(nanos) = i64::try_from(duration.as_nanos())
        {
            return Ok(nanos.to_string());
        }
        self.shared.units = true;
        let operand = self.operand(expr)?;
        Ok(format!("(int64 (include \"tessera.nanoseconds\" {operand}))"))
    }

    /// A duration or quantity in canonical form.
    pub(crate) fn unit(&mut self, schema: &Schema, operand: &str) -> String {
        self.shared.units = true;
        let template = if matches!(schema, Schema::Duration) { "tessera.duration" } else { "tessera.quantity" };
        format!("(include \"{template}\" {operand})")
    }
}

pub(super) fn arithmetic(span: Span, repr: Repr) -> Box<crate::diagnostic::Diagnostic> {
    refused(
        span,
        format!("arithmetic on {}", words(repr)),
        "choose among constants with `match`, or let the instance give the value",
    )
}
