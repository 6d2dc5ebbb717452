//! The forms of expression that have no file of their own.

use super::walk::closed;
use super::{Folder, Out};
use crate::eval::Fault;
use crate::expr::{Access, BinaryOp, Expr, ExprKind, GlobalId, Item, Refine};
use crate::value::Value;

impl Folder<'_> {
    pub(super) fn form(&mut self, expr: &Expr) -> Result<Out, Fault> {
        match &expr.kind {
            ExprKind::Const(_) => Ok(Out::fine(expr.clone())),
            ExprKind::Local(local) => Ok(self.variable(local, expr)),
            ExprKind::Param(name) => Ok(outer(expr, self.known.param(name))),
            ExprKind::Instance => Ok(outer(expr, self.known.instance())),
            ExprKind::Resource(name) => Ok(outer(expr, self.known.resource(name))),
            ExprKind::Binding(name) => Ok(outer(expr, self.known.binding(name))),
            ExprKind::Global(id) => self.fold_global(*id, expr),
            ExprKind::Field { base, name, access } => {
                let base = self.fold(base)?;
                self.fold_field(base, name, *access, expr)
            }
            ExprKind::Index { base, index, access } => self.fold_index(base, index, *access, expr),
            ExprKind::Has(inner) => self.fold_has(inner, expr),
            ExprKind::Unary(op, a) => {
                let a = self.fold(a)?;
                let known = a.expr.known().is_some();
                self.run_if(known, made(expr, ExprKind::Unary(*op, Box::new(a.expr))), a.doom)
            }
            ExprKind::Binary(op, a, b) => self.fold_binary(*op, a, b, expr),
            ExprKind::Cond(condition, then, otherwise) => self.fold_condition(condition, then, otherwise, expr),
            ExprKind::Match { subject, arms, default } => self.fold_match(subject, arms, default.as_deref(), expr),
            ExprKind::Call(name, args) => {
                let (args, doom, known) = parts(self.fold_all(args)?);
                self.run_if(known, made(expr, ExprKind::Call(name.clone(), args)), doom)
            }
            ExprKind::CallFn(id, args) => self.fold_call(*id, args, expr),
            ExprKind::Let(local, value, body) => self.fold_let(local, value, body),
            ExprKind::List(items) => self.fold_list(items, expr),
            ExprKind::Object(entries) => self.fold_object(entries, expr),
            ExprKind::Concat(pieces) => self.fold_concat(pieces, expr),
            ExprKind::Comprehension(comprehension) => self.fold_comprehension(comprehension, expr),
            ExprKind::Coerce(to, inner) => {
                let written = closed(inner, u32::MAX);
                let inner = self.fold(inner)?;
                if inner.expr.repr == to.repr() && inner.expr.known().is_none() {
                    return Ok(inner);
                }
                let known = inner.expr.known().is_some();
                let out = self.run_if(known, made(expr, ExprKind::Coerce(*to, Box::new(inner.expr))), inner.doom)?;
                Ok(self.told(out, written && known))
            }
            ExprKind::Refine(refine) => self.fold_refine(refine, expr),
        }
    }

    /// Tells a fault now where the constant was written as it is.
    fn told(&mut self, out: Out, written: bool) -> Out {
        if written {
            self.faults.extend(out.doom.iter().cloned());
        }
        out
    }

    pub(super) fn fold_all(&mut self, parts: &[Expr]) -> Result<Vec<Out>, Fault> {
        parts.iter().map(|part| self.fold(part)).collect()
    }

    fn fold_global(&mut self, id: GlobalId, expr: &Expr) -> Result<Out, Fault> {
        match self.attempt(expr) {
            Ok(value) => return Ok(Out::fine(made(expr, ExprKind::Const(value)))),
            Err(fault) if fault.is_exhausted() => return Err(fault),
            Err(_) => {}
        }
        let program = self.program;
        let Some(global) = program.globals.get(id.0 as usize) else {
            return Err(Fault::error("a constant is missing from the program"));
        };
        self.frames.push(Vec::new());
        let out = self.fold(&global.value);
        self.frames.pop();
        out
    }

    fn fold_binary(&mut self, op: BinaryOp, a: &Expr, b: &Expr, expr: &Expr) -> Result<Out, Fault> {
        match op {
            BinaryOp::And => self.fold_either(op, a, b, false, expr),
            BinaryOp::Or => self.fold_either(op, a, b, true, expr),
            BinaryOp::Coalesce => self.fold_coalesce(a, b, expr),
            _ => {
                let (a, b) = (self.fold(a)?, self.fold(b)?);
                let known = a.expr.known().is_some() && b.expr.known().is_some();
                let mut doom = a.doom;
                doom.extend(b.doom);
                self.run_if(known, made(expr, ExprKind::Binary(op, Box::new(a.expr), Box::new(b.expr))), doom)
            }
        }
    }

    fn fold_refine(&mut self, refine: &Refine, expr: &Expr) -> Result<Out, Fault> {
        let first = self.next_slot;
        let written = closed(&refine.value, u32::MAX);
        let value = self.fold(&refine.value)?;
        let it = self.rename(&refine.it, &refine.value);
        let rule = self.fold(&refine.rule)?.expr;
        if matches!(rule.known(), Some(Value::Bool(true))) {
            return Ok(value);
        }
        let message = match &refine.message {
            Some(message) => Some(self.fold(message)?.expr),
            None => None,
        };
        let known = value.expr.known().is_some();
        let refine = Refine { value: value.expr, it, rule, message, type_name: refine.type_name.clone() };
        let folded = made(expr, ExprKind::Refine(Box::new(refine)));
        let known = known && closed(&folded, first);
        let out = self.run_if(known, folded, value.doom)?;
        Ok(self.told(out, written && known))
    }
}

/// An expression of the same type and place.
pub(super) const fn made(like: &Expr, kind: ExprKind) -> Expr {
    Expr { kind, repr: like.repr, span: like.span }
}

fn outer(expr: &Expr, value: Option<Value>) -> Out {
    Out::fine(value.map_or_else(|| expr.clone(), |value| made(expr, ExprKind::Const(value))))
}

/// The expressions, all their faults, and whether all are known.
fn parts(outs: Vec<Out>) -> (Vec<Expr>, Vec<Fault>, bool) {
    let known = outs.iter().all(|out| out.expr.known().is_some());
    let mut doom = Vec::new();
    let exprs = outs
        .into_iter()
        .map(|out| {
            doom.extend(out.doom);
            out.expr
        })
        .collect();
    (exprs, doom, known)
}

/// Whether the expression has a value whenever it does not fail.
pub(super) fn never_absent(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Const(value) => !matches!(value, Value::Absent),
        ExprKind::Object(_)
        | ExprKind::List(_)
        | ExprKind::Concat(_)
        | ExprKind::Unary(..)
        | ExprKind::Has(_)
        | ExprKind::Comprehension(_)
        | ExprKind::Field { access: Access::Required | Access::Observed, .. }
        | ExprKind::Index { access: Access::Required | Access::Observed, .. } => true,
        ExprKind::Binary(BinaryOp::Coalesce, _, b) => never_absent(b),
        ExprKind::Binary(..) => true,
        ExprKind::Coerce(_, inner) | ExprKind::Let(_, _, inner) => never_absent(inner),
        ExprKind::Refine(refine) => never_absent(&refine.value),
        ExprKind::Cond(_, a, b) => never_absent(a) && never_absent(b),
        _ => false,
    }
}

/// Whether an item is a known value.
pub(super) const fn known_item(item: &Item) -> bool {
    match item {
        Item::Value(expr) | Item::Spread(expr) => expr.known().is_some(),
        Item::If(..) | Item::For(..) => false,
    }
}
