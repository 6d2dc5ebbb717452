//! The numbers by which expressions call functions and read constants. A declaration keeps its number from
//! one compilation to the next, since expressions that are taken over go by it.

use std::sync::{Arc, LazyLock};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::expr::{Expr, FnDef, GlobalDef};
use crate::resolve::DeclId;
use crate::source::{FileId, Span};
use crate::syntax::ast::Name;
use crate::value::Value;

/// The numbers of functions, or of constants.
#[derive(Default)]
pub(super) struct Numbers {
    /// Those that the last compilation gave.
    known: FxHashMap<DeclId, u32>,
    /// Those below the highest that nothing had.
    free: Vec<u32>,
}

/// What has a number, and what stands where nothing has it.
pub(super) trait Numbered: Sized + 'static {
    fn nothing() -> Arc<Self>;
}

impl Numbers {
    /// Gives those of the last compilation the numbers that they had.
    pub(super) fn number<T: Numbered>(&mut self, all: &mut Vec<Arc<T>>, last: impl Iterator<Item = (DeclId, u32)>) {
        self.known = last.collect();
        let taken: FxHashSet<u32> = self.known.values().copied().collect();
        let count = taken.iter().max().map_or(0, |highest| highest + 1);
        self.free = (0..count).filter(|number| !taken.contains(number)).collect();
        all.resize(count as usize, T::nothing());
    }

    /// Adds what a declaration declares, and gives it its number.
    pub(super) fn add<T: Numbered>(&mut self, all: &mut Vec<Arc<T>>, decl: DeclId, made: T) -> u32 {
        let known = self.known.get(&decl).copied().or_else(|| self.free.pop());
        let number = known.unwrap_or(all.len() as u32);
        put(all, number, Arc::new(made));
        number
    }
}

/// Puts something under a number.
pub(super) fn put<T: Numbered>(all: &mut Vec<Arc<T>>, number: u32, made: Arc<T>) {
    let at = number as usize;
    if at >= all.len() {
        all.resize(at + 1, T::nothing());
    }
    if let Some(place) = all.get_mut(at) {
        *place = made;
    }
}

static NO_FUNCTION: LazyLock<Arc<FnDef>> = LazyLock::new(|| {
    Arc::new(FnDef { name: Name::default(), params: Vec::new(), slots: 0, body: no_value(), span: NOWHERE })
});
static NO_GLOBAL: LazyLock<Arc<GlobalDef>> =
    LazyLock::new(|| Arc::new(GlobalDef { name: Name::default(), slots: 0, value: no_value(), span: NOWHERE }));

const NOWHERE: Span = Span::new(FileId(u32::MAX), 0, 0);

fn no_value() -> Expr {
    Expr::constant(Value::Absent, NOWHERE)
}

impl Numbered for FnDef {
    fn nothing() -> Arc<Self> {
        NO_FUNCTION.clone()
    }
}

impl Numbered for GlobalDef {
    fn nothing() -> Arc<Self> {
        NO_GLOBAL.clone()
    }
}
