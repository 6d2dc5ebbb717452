//! Partial evaluation: an expression and what is known now, to a smaller
//! expression over what is not. Functions and module constants disappear, and
//! what is known is folded.
//!
//! The result means the same. It may only be *more* defined: where one field
//! of an object is read, errors that its other fields might have go with them.
//! Where another field may be pending, the object stays whole, because `has`
//! and `??` can tell.
//!
//! Faults. What certainly fails is reported at once, all of it and not only the
//! first: a division by zero in a field, a constant that breaks a rule in an
//! argument that is used. What fails only if a branch is taken (`if`, `? :`,
//! `match`, `&&`, `||`, the body of a macro or loop) stays in the result and
//! fails when that happens, since the condition may be there to prevent it. The
//! exception is a constant that someone wrote where its type or rule does not
//! allow it: that is a mistake wherever it stands.
//!
//! Slots. Variables of the surroundings keep theirs; every variable that the
//! result binds has a slot of its own above them.

mod access;
mod bind;
mod branches;
mod collections;
mod forms;
mod walk;

use rustc_hash::{FxHashMap, FxHashSet};

use super::machine::{Machine, Memo};
use super::prepared::Prepared;
use super::{Fault, MAX_DEPTH, MAX_PARTS, NoHost, too_many_parts};
use crate::diagnostic::codes::E0505;
use crate::expr::{Expr, ExprKind, FnDef, Local, Program};
use crate::value::Value;

/// The most nodes that one partial evaluation makes.
pub const MAX_NODES: usize = 1_000_000;

/// What is known of the surroundings; nothing by default.
pub trait Known {
    /// The value of a parameter; `Some(Value::Absent)` where it is known not
    /// to be given.
    fn param(&self, _name: &str) -> Option<Value> {
        None
    }

    /// The instance, whole.
    fn instance(&self) -> Option<Value> {
        None
    }

    /// A resource, whole.
    fn resource(&self, _name: &str) -> Option<Value> {
        None
    }

    /// A `let` of the composite.
    fn binding(&self, _name: &str) -> Option<Value> {
        None
    }
}

/// Nothing is known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing;

impl Known for Nothing {}

/// The variables round an expression.
#[derive(Clone, Copy, Debug, Default)]
pub struct Frame<'a> {
    /// The number of slots that are taken; what is bound goes above them.
    pub taken: u32,
    /// The variables whose value is known.
    pub known: &'a [(u32, Value)],
}

/// What is left of an expression.
#[derive(Clone, Debug)]
pub struct Residual {
    /// The smaller expression.
    pub expr: Expr,
    /// The size of the frame that it needs, `taken` included.
    pub slots: u32,
    /// What is certainly wrong, in the order of the source, each once.
    pub faults: Vec<Fault>,
}

/// Evaluates one expression as far as what is known allows; [`Partial`] for many.
#[must_use]
pub fn partial(program: &Program, known: &dyn Known, frame: Frame<'_>, expr: &Expr) -> Residual {
    Partial::new(program).partial(known, frame, expr)
}

/// Evaluates expressions partially. It remembers the module constants that it
/// has computed; every expression has a budget of its own.
pub struct Partial<'a> {
    program: &'a Program,
    prepared: Prepared,
    memo: Memo,
}

impl<'a> Partial<'a> {
    /// A partial evaluator of expressions that use this program.
    #[must_use]
    pub fn new(program: &'a Program) -> Self {
        Self { program, prepared: Prepared::default(), memo: Memo::new() }
    }

    /// Evaluates as far as what is known allows.
    pub fn partial(&mut self, known: &dyn Known, frame: Frame<'_>, expr: &Expr) -> Residual {
        self.memo.renew();
        let unchanged =
            |fault: Fault| Residual { expr: expr.clone(), slots: frame.taken, faults: vec![fault.at(expr.span)] };
        let mut folder = Folder::new(self.program, &self.prepared, &mut self.memo, known, frame);
        match folder.fold(expr) {
            Ok(out) if !walk::constants_within(&out.expr, &mut { MAX_PARTS }) => unchanged(too_many_parts()),
            Ok(out) => {
                folder.faults.extend(out.doom);
                Residual { expr: out.expr, slots: folder.next_slot, faults: distinct(folder.faults) }
            }
            Err(fault) => unchanged(fault),
        }
    }
}

/// A function with its constant parts computed; `None` where that takes too
/// much. Calls in it stay calls, so that it grows by nothing and faults still
/// tell them.
pub(super) fn fold_function(
    program: &Program,
    prepared: &Prepared,
    memo: &mut Memo,
    function: &FnDef,
) -> Option<FnDef> {
    let frame = Frame { taken: function.params.len() as u32, known: &[] };
    let mut folder = Folder::new(program, prepared, memo, &Nothing, frame);
    folder.keep_calls = true;
    folder.waiting.extend(0..frame.taken);
    let body = folder.fold(&function.body).ok()?.expr;
    let slots = folder.next_slot;
    Some(FnDef { body, slots, ..function.clone() })
}

/// Each fault once: the same code at the same place is the same fault.
fn distinct(faults: Vec<Fault>) -> Vec<Fault> {
    let mut kept: Vec<Fault> = Vec::new();
    for fault in faults {
        let same = |other: &Fault| other.span == fault.span && other.message == fault.message;
        if !kept.iter().any(same) {
            kept.push(fault);
        }
    }
    kept
}

/// A folded expression, and the faults that evaluating it certainly has.
struct Out {
    expr: Expr,
    doom: Vec<Fault>,
}

impl Out {
    const fn fine(expr: Expr) -> Self {
        Self { expr, doom: Vec::new() }
    }
}

/// What a variable of the source became: an expression that may stand in any
/// number of places, and the faults of reading it.
#[derive(Clone)]
struct Bound {
    expr: Expr,
    doom: Vec<Fault>,
}

/// The evaluation under way. Its methods fail only when the budget is used up.
struct Folder<'a> {
    program: &'a Program,
    prepared: &'a Prepared,
    known: &'a dyn Known,
    /// Calls over what is unknown stay calls.
    keep_calls: bool,
    memo: &'a mut Memo,
    frames: Vec<Vec<Option<Bound>>>,
    /// Objects that variables of the result hold, made of [`bind::atom`]s.
    shapes: FxHashMap<u32, Expr>,
    /// Variables of the result that may be pending.
    waiting: FxHashSet<u32>,
    next_slot: u32,
    nodes: usize,
    depth: u32,
    faults: Vec<Fault>,
}

impl<'a> Folder<'a> {
    fn new(
        program: &'a Program,
        prepared: &'a Prepared,
        memo: &'a mut Memo,
        known: &'a dyn Known,
        frame: Frame<'_>,
    ) -> Self {
        let mut folder = Self {
            program,
            prepared,
            known,
            keep_calls: false,
            memo,
            frames: vec![Vec::new()],
            shapes: FxHashMap::default(),
            waiting: FxHashSet::default(),
            next_slot: frame.taken,
            nodes: 0,
            depth: 0,
            faults: Vec::new(),
        };
        for (slot, value) in frame.known {
            folder.set(*slot, value.clone());
        }
        folder
    }

    fn fold(&mut self, expr: &Expr) -> Result<Out, Fault> {
        if let ExprKind::Const(_) = expr.kind {
            return Ok(Out::fine(expr.clone()));
        }
        self.nodes += 1;
        self.depth += 1;
        if self.nodes > MAX_NODES || self.depth > MAX_DEPTH {
            return Err(too_large());
        }
        let out = stacker::maybe_grow(256 * 1024, 4 * 1024 * 1024, || self.form(expr));
        self.depth -= 1;
        out
    }

    /// The value of an expression without anything unknown, else the
    /// expression with its fault.
    fn run(&mut self, expr: Expr) -> Result<Out, Fault> {
        match self.attempt(&expr) {
            Ok(value) => Ok(Out::fine(Expr { kind: ExprKind::Const(value), ..expr })),
            Err(fault) if fault.is_exhausted() => Err(fault),
            Err(fault) if fault.is_pending() => Ok(Out::fine(expr)),
            Err(fault) => Ok(Out { expr, doom: vec![fault] }),
        }
    }

    fn attempt(&mut self, expr: &Expr) -> Result<Value, Fault> {
        Machine::new(self.program, self.prepared, &NoHost, self.memo, &[]).value(expr)
    }

    /// [`Self::run`] where `known`, else the expression as it is.
    fn run_if(&mut self, known: bool, expr: Expr, doom: Vec<Fault>) -> Result<Out, Fault> {
        if known { self.run(expr) } else { Ok(Out { expr, doom }) }
    }

    fn fresh(&mut self, name: &Local) -> Local {
        let slot = self.next_slot;
        self.next_slot += 1;
        Local { slot, name: name.name.clone() }
    }
}

#[cold]
fn too_large() -> Fault {
    Fault::new(&E0505, format!("the expression grows beyond {MAX_NODES} parts when its functions are put in"))
}

#[cfg(test)]
mod tests;
