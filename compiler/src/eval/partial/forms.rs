//! The forms of expression, lists and objects aside.

use super::bind::forgiven;
use super::walk::closed;
use super::{Folder, Out};
use crate::eval::access::{read_field, read_index};
use crate::eval::{Fault, text_of};
use crate::expr::{Access, BinaryOp, Entry, Expr, ExprKind, GlobalId, Item, Local, Refine, Repr};
use crate::library::operators;
use crate::value::{Text, Value};

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

    fn fold_field(&mut self, base: Out, name: &Text, access: Access, expr: &Expr) -> Result<Out, Fault> {
        if let Some(value) = base.expr.known() {
            let read = read_field(value, name, access).map_err(|fault| fault.at(expr.span));
            let rebuilt = |base| made(expr, ExprKind::Field { base: Box::new(base), name: name.clone(), access });
            return Ok(match read {
                Ok(value) => Out::fine(made(expr, ExprKind::Const(value))),
                Err(fault) if fault.is_pending() => Out::fine(rebuilt(base.expr)),
                Err(fault) => Out { expr: rebuilt(base.expr), doom: vec![fault] },
            });
        }
        if let Some(found) = self.project(&base.expr, name, access) {
            return Ok(Out { expr: found, doom: base.doom });
        }
        let kind = ExprKind::Field { base: Box::new(base.expr), name: name.clone(), access };
        Ok(Out { expr: made(expr, kind), doom: base.doom })
    }

    /// The field of an object whose making is in sight.
    fn project(&self, base: &Expr, name: &str, access: Access) -> Option<Expr> {
        let object = match &base.kind {
            ExprKind::Local(local) => self.shapes.get(&local.slot)?,
            _ => base,
        };
        let ExprKind::Object(entries) = &object.kind else { return None };
        let found = entries.iter().rev().find_map(|entry| match entry {
            Entry::Field(key, value) if key == name => Some(Some(value)),
            Entry::Field(..) => None,
            _ => Some(None),
        });
        let alone = entries.iter().all(|entry| matches!(entry, Entry::Field(..)));
        match found {
            Some(Some(value)) if never_absent(value) => Some(value.clone()),
            Some(Some(value)) if alone && matches!(access, Access::Declared | Access::Optional) => Some(value.clone()),
            None if matches!(access, Access::Declared | Access::Optional) => {
                Some(Expr::constant(Value::Absent, base.span))
            }
            _ => None,
        }
    }

    fn fold_index(&mut self, base: &Expr, index: &Expr, access: Access, expr: &Expr) -> Result<Out, Fault> {
        let base = self.fold(base)?;
        let index = self.fold(index)?;
        if let Some(Value::String(name)) = index.expr.known()
            && base.expr.known().is_none()
            && let Some(found) = self.project(&base.expr, name, access)
        {
            return Ok(Out { expr: found, doom: base.doom });
        }
        let both = base.expr.known().zip(index.expr.known());
        let read = both.map(|(base, index)| read_index(base, index, access).map_err(|fault| fault.at(expr.span)));
        let mut doom = base.doom;
        doom.extend(index.doom);
        match read {
            Some(Ok(value)) => return Ok(Out::fine(made(expr, ExprKind::Const(value)))),
            Some(Err(fault)) if !fault.is_pending() => doom.push(fault),
            _ => {}
        }
        let kind = ExprKind::Index { base: Box::new(base.expr), index: Box::new(index.expr), access };
        Ok(Out { expr: made(expr, kind), doom })
    }

    /// What `has` and `??` ask about. A name that became a field which they
    /// would forgive is kept apart, since the name itself is not forgiven.
    /// Faults of a known base are what is asked about, so they are not told.
    fn fold_asked(&mut self, inner: &Expr) -> Result<(Expr, Option<(Local, Expr)>), Fault> {
        let out = match &inner.kind {
            ExprKind::Field { base, name, access } => {
                let base = self.fold(base)?.expr;
                match self.project(&base, name, *access).filter(never_absent) {
                    Some(found) if !forgiven(&found) => found,
                    _ => made(inner, ExprKind::Field { base: Box::new(base), name: name.clone(), access: *access }),
                }
            }
            ExprKind::Index { base, index, access } => {
                let (base, index) = (Box::new(self.fold(base)?.expr), Box::new(self.fold(index)?.expr));
                made(inner, ExprKind::Index { base, index, access: *access })
            }
            _ => {
                let out = self.fold(inner)?.expr;
                if !forgiven(&out) {
                    return Ok((out, None));
                }
                let name = Local { slot: 0, name: Text::new_static("value") };
                let local = self.fresh(&name);
                let read = Expr { kind: ExprKind::Local(local.clone()), repr: out.repr, span: out.span };
                return Ok((read, Some((local, out))));
            }
        };
        Ok((out, None))
    }

    fn fold_has(&mut self, inner: &Expr, expr: &Expr) -> Result<Out, Fault> {
        let first = self.next_slot;
        let (inner, apart) = self.fold_asked(inner)?;
        let asked = kept_apart(made(expr, ExprKind::Has(Box::new(inner))), apart);
        if closed(&asked, first) {
            return self.run(asked);
        }
        Ok(Out::fine(asked))
    }

    fn fold_coalesce(&mut self, a: &Expr, b: &Expr, expr: &Expr) -> Result<Out, Fault> {
        let first = self.next_slot;
        let (left, apart) = self.fold_asked(a)?;
        if let Some(value) = left.known() {
            return if matches!(value, Value::Absent) { self.fold(b) } else { Ok(Out::fine(left)) };
        }
        let asked = kept_apart(left, apart);
        if closed(&asked, first) {
            let nothing = Expr::constant(Value::Absent, expr.span);
            let probe = coalesce(expr, asked.clone(), nothing);
            match self.attempt(&probe) {
                Ok(Value::Absent) => return self.fold(b),
                Ok(value) => return Ok(Out::fine(made(expr, ExprKind::Const(value)))),
                Err(fault) if fault.is_exhausted() => return Err(fault),
                Err(fault) => {
                    let right = self.fold(b)?;
                    let doom = if fault.is_pending() { right.doom } else { vec![fault] };
                    return Ok(Out { expr: coalesce(expr, asked, right.expr), doom });
                }
            }
        }
        let right = self.fold(b)?;
        Ok(Out::fine(coalesce(expr, asked, right.expr)))
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

    /// `&&` and `||`. A fault of one side is certain only when the other has
    /// one too, or does not decide.
    fn fold_either(&mut self, op: BinaryOp, a: &Expr, b: &Expr, decisive: bool, expr: &Expr) -> Result<Out, Fault> {
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

    fn fold_condition(&mut self, condition: &Expr, then: &Expr, otherwise: &Expr, expr: &Expr) -> Result<Out, Fault> {
        let condition = self.fold(condition)?;
        if let Some(Value::Bool(holds)) = condition.expr.known() {
            return self.fold(if *holds { then } else { otherwise });
        }
        let (then, otherwise) = (self.fold(then)?, self.fold(otherwise)?);
        let mut doom = condition.doom;
        if doom.is_empty() && condition.expr.known().is_some() {
            doom.push(operators::no_overload("condition", &[condition.expr.known().unwrap_or(&Value::Absent)]).at(condition.expr.span));
        }
        let kind = ExprKind::Cond(Box::new(condition.expr), Box::new(then.expr), Box::new(otherwise.expr));
        Ok(Out { expr: made(expr, kind), doom })
    }

    fn fold_match(
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
    fn fold_concat(&mut self, pieces: &[Expr], expr: &Expr) -> Result<Out, Fault> {
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

fn coalesce(like: &Expr, a: Expr, b: Expr) -> Expr {
    made(like, ExprKind::Binary(BinaryOp::Coalesce, Box::new(a), Box::new(b)))
}

fn kept_apart(body: Expr, apart: Option<(Local, Expr)>) -> Expr {
    match apart {
        Some((local, value)) => {
            let (repr, span) = (body.repr, body.span);
            Expr { kind: ExprKind::Let(local, Box::new(value), Box::new(body)), repr, span }
        }
        None => body,
    }
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
