//! Which definitions some work asked for. What is odd in a definition is told only where something
//! asks for it; who takes over what an earlier compilation made asks again for what that asked for.

use std::cell::RefCell;

use rustc_hash::FxHashSet;

/// Versions of kinds, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Asked(Box<[usize]>);

impl Asked {
    pub(super) fn versions(&self) -> impl Iterator<Item = usize> {
        self.0.iter().copied()
    }
}

thread_local! {
    /// What is asked for on this thread, where somebody wants to know.
    static NOTED: RefCell<Option<FxHashSet<usize>>> = const { RefCell::new(None) };
}

/// Runs some work, and tells what it asked for on this thread.
pub(crate) fn noting<R>(work: impl FnOnce() -> R) -> (R, Asked) {
    let outer = NOTED.replace(Some(FxHashSet::default()));
    let result = work();
    let asked = NOTED.replace(outer).unwrap_or_default();
    asked.iter().for_each(|at| note(*at));
    (result, Asked(asked.into_iter().collect()))
}

/// Notes that a version was asked for.
pub(super) fn note(at: usize) {
    NOTED.with_borrow_mut(|noted| {
        noted.as_mut().map(|noted| noted.insert(at));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_within_work_is_noted_twice() {
        let (((), inner), outer) = noting(|| {
            note(1);
            noting(|| note(2))
        });
        note(3);
        assert_eq!(inner.versions().collect::<Vec<_>>(), [2]);
        let mut all: Vec<usize> = outer.versions().collect();
        all.sort_unstable();
        assert_eq!(all, [1, 2]);
    }
}
