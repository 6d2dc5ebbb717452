//! Fields, elements, `has` and `??`.

use super::bind::forgiven;
use super::forms::{made, never_absent};
use super::walk::{closed, entry_may_wait, may_wait};
use super::{Folder, Out};
use crate::eval::Fault;
use crate::eval::access::{read_field, read_index};
use crate::expr::{Access, BinaryOp, Entry, Expr, ExprKind, Local};
use crate::value::{Text, Value};

impl Folder<'_> {
    pub(super) fn fold_field(&mut self, base: Out, name: &Text, access: Access, expr: &Expr) -> Result<Out, Fault> {
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
    pub(super) fn project(&self, base: &Expr, name: &str, access: Access) -> Option<Expr> {
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
        // What is not read must not make the object wait.
        let kept = found.flatten();
        let waits = |entry: &Entry| match entry {
            Entry::Field(_, value) => {
                kept.is_none_or(|kept| !std::ptr::eq(kept, value)) && may_wait(value, &self.waiting)
            }
            entry => entry_may_wait(entry, &self.waiting),
        };
        if entries.iter().any(waits) {
            return None;
        }
        let alone = entries.iter().all(|entry| matches!(entry, Entry::Field(..)));
        match found {
            Some(Some(value)) if never_absent(value) => Some(value.clone()),
            // A required field is never absent in what the checker lets through.
            Some(Some(value)) if alone && access != Access::Observed => Some(value.clone()),
            None if matches!(access, Access::Declared | Access::Optional) => {
                Some(Expr::constant(Value::Absent, base.span))
            }
            _ => None,
        }
    }

    pub(super) fn fold_index(&mut self, base: &Expr, index: &Expr, access: Access, expr: &Expr) -> Result<Out, Fault> {
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
                match self.project(&base, name, *access) {
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
                self.note_waiting(&local, &out);
                let read = Expr { kind: ExprKind::Local(local.clone()), repr: out.repr, span: out.span };
                return Ok((read, Some((local, out))));
            }
        };
        Ok((out, None))
    }

    pub(super) fn fold_has(&mut self, inner: &Expr, expr: &Expr) -> Result<Out, Fault> {
        let first = self.next_slot;
        let (inner, apart) = self.fold_asked(inner)?;
        let asked = kept_apart(made(expr, ExprKind::Has(Box::new(inner))), apart);
        if closed(&asked, first) {
            return self.run(asked);
        }
        Ok(Out::fine(asked))
    }

    pub(super) fn fold_coalesce(&mut self, a: &Expr, b: &Expr, expr: &Expr) -> Result<Out, Fault> {
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
