//! Evaluation of typed expressions: as far as the source alone allows
//! ([`partial()`]), and whole, with an instance and what a cluster knows
//! ([`Evaluator`]).
//!
//! A name stands for its value, and a value that nothing needs is never
//! computed: `let`, arguments and module constants are evaluated when they are
//! first read, once. So a function may be replaced by its body anywhere, and a
//! fault appears only where its value is needed.
//!
//! Two kinds of result are no value. An *error* is wrong for these inputs; a
//! *pending* fault waits for a field that only a cluster fills. `&&`, `||`,
//! `all` and `exists` absorb both where the other side decides, as CEL says;
//! where neither decides, pending wins, since the answer may still come.
//!
//! Reading order: `fault`, `machine` (variables, calls), `access` (fields,
//! `has`, `??`), `logic`, `build` (lists and objects), `comprehension`,
//! `text`, `coerce`, `partial`.

mod access;
mod build;
mod coerce;
mod comprehension;
mod fault;
mod logic;
mod machine;
mod partial;
mod prepared;
mod text;

pub use coerce::coerce;
pub use fault::{Context, Fault, FaultData, FaultKind, MAX_BYTES, MAX_ITEMS, MAX_STEPS, MAX_TOTAL_BYTES};
pub use partial::{Frame, Known, MAX_NODES, Nothing, Partial, Residual, partial};
pub use text::text_of;

use crate::diagnostic::codes::E0505;
use crate::expr::{Expr, Program};
use crate::value::Value;
use machine::{Machine, Memo};
use prepared::Prepared;

/// The most levels of expressions within expressions, calls included.
pub const MAX_DEPTH: u32 = 10_000;

/// The most parts of a result, written out; see [`Value::is_within`].
pub const MAX_PARTS: usize = 8_000_000;

/// What an expression can ask about its surroundings.
pub trait Host {
    /// The value of a parameter; `None` where it is not given.
    fn param(&self, name: &str) -> Option<Value>;

    /// The instance, `self`.
    fn instance(&self) -> Value;

    /// A resource: what was written laid over what was observed.
    ///
    /// # Errors
    /// The fault of its own expressions, or pending.
    fn resource(&self, name: &str) -> Result<Value, Fault>;

    /// A `let` of the composite.
    ///
    /// # Errors
    /// The fault of its expression.
    fn binding(&self, name: &str) -> Result<Value, Fault>;
}

/// Surroundings without anything: for constants.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHost;

impl Host for NoHost {
    fn param(&self, _name: &str) -> Option<Value> {
        None
    }

    fn instance(&self) -> Value {
        Value::Absent
    }

    fn resource(&self, name: &str) -> Result<Value, Fault> {
        Err(Fault::error(format!("the resource `{name}` is not known here")))
    }

    fn binding(&self, name: &str) -> Result<Value, Fault> {
        Err(Fault::error(format!("`{name}` is not known here")))
    }
}

/// The value of an expression without variables and surroundings.
///
/// # Errors
/// The fault of the deepest expression that failed, with its span.
pub fn evaluate_constant(program: &Program, expr: &Expr) -> Result<Value, Fault> {
    Evaluator::new(program, &NoHost).eval(expr)
}

/// Evaluates expressions. It remembers the module constants that it has
/// computed, and all its evaluations share one budget.
pub struct Evaluator<'a> {
    program: &'a Program,
    host: &'a dyn Host,
    memo: Memo,
    prepared: Prepared,
}

impl<'a> Evaluator<'a> {
    /// An evaluator with a whole budget.
    #[must_use]
    pub fn new(program: &'a Program, host: &'a dyn Host) -> Self {
        Self { program, host, memo: Memo::new(), prepared: Prepared::default() }
    }

    /// The same with so many steps alone, for those who would rather have no value than wait.
    #[must_use]
    pub fn with_steps(mut self, steps: u64) -> Self {
        // A budget that is smaller than that is spent.
        let _ = self.memo.ctx().charge(MAX_STEPS.saturating_sub(steps));
        self
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// The fault of the deepest expression that failed, with its span.
    pub fn eval(&mut self, expr: &Expr) -> Result<Value, Fault> {
        self.eval_with(expr, &[])
    }

    /// The value of an expression over variables: `locals` fill the first
    /// slots of its frame.
    ///
    /// # Errors
    /// As [`Self::eval`].
    pub fn eval_with(&mut self, expr: &Expr, locals: &[Value]) -> Result<Value, Fault> {
        let value = Machine::new(self.program, &self.prepared, self.host, &mut self.memo, locals).value(expr)?;
        if value.is_within(MAX_PARTS) { Ok(value) } else { Err(too_many_parts().at(expr.span)) }
    }
}

#[cold]
fn too_many_parts() -> Fault {
    Fault::new(&E0505, format!("the value, written out, has more than {MAX_PARTS} parts"))
}

#[cfg(test)]
mod tests;
