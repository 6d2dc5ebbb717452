//! Variables: what may be copied to where it is read, and what must be kept in
//! a `let` so that no work is done twice.

use super::walk::{Place, count_uses, may_wait, replace_uses};
use super::{Bound, Folder, Out};
use crate::eval::Fault;
use crate::expr::{Access, Entry, Expr, ExprKind, FnId, Local};
use crate::source::Span;
use crate::value::Value;

/// A `let` that the result may need.
pub(super) struct Pending {
    local: Local,
    value: Expr,
}

/// How often and where a variable is read.
#[derive(Clone, Copy, Default)]
pub(super) struct Uses {
    pub(super) count: u32,
    pub(super) repeated: bool,
    pub(super) asked: bool,
}

/// Whether an expression costs next to nothing, so that it may stand in
/// several places: a constant, a name, or a field of one.
pub(super) fn atom(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Const(_)
        | ExprKind::Local(_)
        | ExprKind::Param(_)
        | ExprKind::Instance
        | ExprKind::Resource(_)
        | ExprKind::Binding(_) => true,
        ExprKind::Field { base, .. } => atom(base),
        _ => false,
    }
}

/// Whether `has` and `??` would take it otherwise than its bare value: they
/// forgive a missing last step.
pub(super) const fn forgiven(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Field { access: Access::Required, .. } | ExprKind::Index { access: Access::Required, .. }
    )
}

impl Folder<'_> {
    pub(super) fn set(&mut self, slot: u32, value: Value) {
        let span = Span::new(crate::source::FileId(0), 0, 0);
        self.bind(slot, Bound { expr: Expr::constant(value, span), doom: Vec::new() });
    }

    pub(super) fn bind(&mut self, slot: u32, bound: Bound) {
        let Some(frame) = self.frames.last_mut() else { return };
        let slot = slot as usize;
        if frame.len() <= slot {
            frame.resize(slot + 1, None);
        }
        if let Some(place) = frame.get_mut(slot) {
            *place = Some(bound);
        }
    }

    /// Gives a variable that stays unknown its slot in the result.
    pub(super) fn rename(&mut self, local: &Local, like: &Expr) -> Local {
        let new = self.fresh(local);
        let expr = Expr { kind: ExprKind::Local(new.clone()), repr: crate::expr::Repr::Dyn, span: like.span };
        self.bind(local.slot, Bound { expr, doom: Vec::new() });
        new
    }

    pub(super) fn variable(&self, local: &Local, expr: &Expr) -> Out {
        match self.frames.last().and_then(|frame| frame.get(local.slot as usize)) {
            Some(Some(bound)) => {
                // A constant is shown where it is used, a name keeps the type that it has there.
                let at = if matches!(bound.expr.kind, ExprKind::Field { .. }) { bound.expr.span } else { expr.span };
                let repr = if bound.expr.repr == crate::expr::Repr::Dyn { expr.repr } else { bound.expr.repr };
                Out { expr: Expr { kind: bound.expr.kind.clone(), repr, span: at }, doom: bound.doom.clone() }
            }
            _ => Out::fine(expr.clone()),
        }
    }

    pub(super) fn fold_let(&mut self, local: &Local, value: &Expr, body: &Expr) -> Result<Out, Fault> {
        let value = self.fold(value)?;
        let mut lets = Vec::new();
        let bound = self.bound(local, value, &mut lets);
        self.bind(local.slot, bound);
        let body = self.fold(body)?;
        Ok(close(lets, body))
    }

    pub(super) fn fold_call(&mut self, id: FnId, args: &[Expr], call: &Expr) -> Result<Out, Fault> {
        let program = self.program;
        let Some(function) = program.functions.get(id.0 as usize) else {
            return Err(Fault::error("a function is missing from the program"));
        };
        let args = self.fold_all(args)?;
        let args = match self.call_known(id, args, call)? {
            Ok(out) => return Ok(out),
            Err(args) => args,
        };
        if self.keep_calls {
            let args = args.into_iter().map(|arg| arg.expr).collect();
            return Ok(Out::fine(Expr { kind: ExprKind::CallFn(id, args), repr: call.repr, span: call.span }));
        }
        let mut lets = Vec::new();
        let frame = function.params.iter().zip(args).enumerate().map(|(slot, (name, arg))| {
            let local = Local { slot: slot as u32, name: name.clone() };
            Some(self.bound(&local, arg, &mut lets))
        });
        let frame = frame.collect();
        self.frames.push(frame);
        let body = self.fold(&function.body);
        self.frames.pop();
        let mut out = close(lets, body?);
        out.doom = out.doom.into_iter().map(|fault| fault.called(call.span, &function.name)).collect();
        Ok(out)
    }

    /// The value of a call whose arguments are all known; the arguments where
    /// one is not, or the call fails: then its body shows all that fails.
    fn call_known(&mut self, id: FnId, args: Vec<Out>, call: &Expr) -> Result<Result<Out, Vec<Out>>, Fault> {
        if !args.iter().all(|arg| arg.expr.known().is_some()) {
            return Ok(Err(args));
        }
        let args: Vec<Expr> = args.into_iter().map(|arg| arg.expr).collect();
        let call = Expr { kind: ExprKind::CallFn(id, args), repr: call.repr, span: call.span };
        match self.attempt(&call) {
            Ok(value) => Ok(Ok(Out::fine(Expr { kind: ExprKind::Const(value), ..call }))),
            Err(fault) if fault.is_exhausted() => Err(fault),
            Err(_) => {
                let ExprKind::CallFn(_, args) = call.kind else { return Ok(Err(Vec::new())) };
                Ok(Err(args.into_iter().map(Out::fine).collect()))
            }
        }
    }

    /// Makes a variable mean an expression: the expression itself where it
    /// costs nothing, else a variable of the result. An object is taken apart
    /// first, so that a field of it can be read without the others.
    fn bound(&mut self, name: &Local, value: Out, lets: &mut Vec<Pending>) -> Bound {
        let Out { expr, doom } = value;
        Bound { expr: self.shared(name, expr, lets), doom }
    }

    /// Remembers a variable of the result whose value may be pending.
    pub(super) fn note_waiting(&mut self, local: &Local, value: &Expr) {
        if may_wait(value, &self.waiting) {
            self.waiting.insert(local.slot);
        }
    }

    fn shared(&mut self, name: &Local, mut expr: Expr, lets: &mut Vec<Pending>) -> Expr {
        if atom(&expr) {
            return expr;
        }
        let whole = self.fresh(name);
        if let ExprKind::Object(entries) = &mut expr.kind
            && entries.iter().all(|entry| matches!(entry, Entry::Field(..)))
        {
            for entry in entries {
                if let Entry::Field(key, value) = entry {
                    let part = Local { slot: 0, name: key.clone() };
                    let taken = std::mem::replace(value, Expr::constant(Value::Absent, value.span));
                    *value = self.shared(&part, taken, lets);
                }
            }
            self.shapes.insert(whole.slot, expr.clone());
        }
        self.note_waiting(&whole, &expr);
        let read = Expr { kind: ExprKind::Local(whole.clone()), repr: expr.repr, span: expr.span };
        lets.push(Pending { local: whole, value: expr });
        read
    }
}

/// Puts the lets round a body: those that are read more than once, or in
/// every round of a loop. Others go where they are read, or away.
pub(super) fn close(lets: Vec<Pending>, body: Out) -> Out {
    if lets.is_empty() {
        return body;
    }
    let slots = || lets.iter().map(|pending| pending.local.slot);
    let (first, last) = (slots().min().unwrap_or(0), slots().max().unwrap_or(0));
    let mut uses = vec![Uses::default(); (last.saturating_sub(first) + 1) as usize];
    count_uses(&body.expr, Place::Plain, first, &mut uses);
    for pending in lets.iter().rev() {
        if count(&uses, first, &pending.local).count > 0 {
            count_uses(&pending.value, Place::Plain, first, &mut uses);
        }
    }
    let mut inlined: Vec<Option<Expr>> = uses.iter().map(|_| None).collect();
    let mut kept = Vec::new();
    for pending in lets {
        let uses = count(&uses, first, &pending.local);
        let once = uses.count == 1 && !uses.repeated && !(uses.asked && forgiven(&pending.value));
        match inlined.get_mut((pending.local.slot - first) as usize) {
            Some(place) if once => *place = Some(pending.value),
            _ if uses.count > 0 => kept.push(pending),
            _ => {}
        }
    }
    let mut expr = body.expr;
    replace_uses(&mut expr, first, &mut inlined);
    for mut pending in kept.into_iter().rev() {
        replace_uses(&mut pending.value, first, &mut inlined);
        let (repr, span) = (expr.repr, expr.span);
        expr = Expr { kind: ExprKind::Let(pending.local, Box::new(pending.value), Box::new(expr)), repr, span };
    }
    Out { expr, doom: body.doom }
}

fn count(uses: &[Uses], first: u32, local: &Local) -> Uses {
    uses.get((local.slot - first) as usize).copied().unwrap_or_default()
}
