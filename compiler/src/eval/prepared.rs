//! Functions that are called often, with what is constant in them computed
//! once: a probe or a security context in a function's body is then one
//! shared value, whatever the arguments are.

use std::cell::{Cell, OnceCell};

use super::machine::Memo;
use super::partial::fold_function;
use crate::expr::{FnDef, FnId, Program};

/// From which call on a function is worth the work.
const WORTH_IT: u32 = 2;

/// The functions of a program, from when they are called more than once. It
/// takes no memory before the first call, since many evaluators live for one
/// expression without any.
#[derive(Default)]
pub(super) struct Prepared {
    functions: OnceCell<Vec<Function>>,
}

#[derive(Default)]
struct Function {
    calls: Cell<u32>,
    folded: OnceCell<Option<Box<FnDef>>>,
}

impl Prepared {
    /// The function as it is to be evaluated.
    pub(super) fn function<'e>(&'e self, program: &'e Program, memo: &mut Memo, id: FnId) -> Option<&'e FnDef> {
        let written = program.functions.get(id.0 as usize)?;
        let functions = self.functions.get_or_init(|| program.functions.iter().map(|_| Function::default()).collect());
        let Some(function) = functions.get(id.0 as usize) else { return Some(written) };
        if let Some(folded) = function.folded.get() {
            return Some(folded.as_deref().unwrap_or(written));
        }
        let calls = function.calls.get().saturating_add(1);
        function.calls.set(calls);
        if calls == WORTH_IT {
            let folded = fold_function(program, self, memo, written);
            // It is set already only if the function called itself, which the checker refuses.
            let _ = function.folded.set(folded.map(Box::new));
        }
        Some(written)
    }
}
