//! What a host that compiles again and again, as an editor's server does, keeps
//! between two compilations: the parse of every file whose text and number are
//! the same, the schemas of a range of releases, the names and decoded schemas
//! of CRDs, what was checked, reduced and evaluated. All of it is a function of the texts, so that a compilation with a
//! memory yields what one without it does; only sooner.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use crate::compile::Kept;
use crate::project::VersionRange;
use crate::resolve::{Glance, Parsed};
use crate::schema::{Known, Schemas};
use crate::source::FileId;

/// How many compilations a text is kept for that none of them asked for.
const KEPT: u64 = 16;
/// How many texts of one file are kept: what stands there, and those with a word put at the cursor.
const TEXTS: usize = 4;

/// The memory of one project's compilations; see [`crate::source::Files::memo`].
#[derive(Default)]
pub struct Memo {
    texts: Mutex<Texts>,
    schemas: Mutex<Vec<(VersionRange, Schemas)>>,
    crds: Mutex<Option<Arc<Known>>>,
    last: Mutex<Option<Arc<Kept>>>,
}

#[derive(Default)]
struct Texts {
    by_path: FxHashMap<String, Vec<Remembered>>,
    /// The number of the compilation.
    turn: u64,
}

/// What is known of a text.
struct Remembered {
    text: Arc<str>,
    glance: Option<Arc<Glance>>,
    parsed: Option<(FileId, Arc<Parsed>)>,
    turn: u64,
}

impl Memo {
    /// What is seen of a text, looked at where nobody did before.
    pub(crate) fn glance(&self, path: &str, text: &Arc<str>) -> Arc<Glance> {
        self.known(path, text, |known| &mut known.glance, |_| true, || Arc::new(Glance::at(text)))
    }

    /// The parse of a text, made where it is not there already.
    pub(crate) fn parsed(&self, file: FileId, path: &str, text: &Arc<str>) -> Arc<Parsed> {
        let same = |(of, _): &(FileId, Arc<Parsed>)| *of == file;
        self.known(path, text, |known| &mut known.parsed, same, || (file, Arc::new(Parsed::of(file, text)))).1
    }

    fn known<T: Clone>(
        &self,
        path: &str,
        text: &Arc<str>,
        part: impl Fn(&mut Remembered) -> &mut Option<T>,
        fits: impl Fn(&T) -> bool,
        make: impl FnOnce() -> T,
    ) -> T {
        let known = locked(&self.texts).of(path, text).and_then(|known| part(known).clone());
        if let Some(known) = known.filter(fits) {
            return known;
        }
        // Not under the lock: other threads look at other texts.
        let made = make();
        locked(&self.texts).keep(path, text, |known| *part(known) = Some(made.clone()));
        made
    }

    /// Begins a compilation: forgets what none of the last ones asked for.
    pub(crate) fn begin(&self) {
        let mut texts = locked(&self.texts);
        texts.turn += 1;
        let oldest = texts.turn.saturating_sub(KEPT);
        texts.by_path.retain(|_, kept| {
            kept.retain(|text| text.turn >= oldest);
            !kept.is_empty()
        });
    }

    /// The schemas of a range of releases.
    pub(crate) fn schemas(&self, all: &Schemas, range: VersionRange) -> Schemas {
        let mut known = locked(&self.schemas);
        if let Some((_, schemas)) = known.iter().find(|(own, _)| *own == range) {
            return schemas.clone();
        }
        let schemas = all.of_versions(range);
        known.truncate(KEPT as usize);
        known.insert(0, (range, schemas.clone()));
        schemas
    }

    /// What the last compilation left.
    pub(crate) fn last(&self) -> Option<Arc<Kept>> {
        locked(&self.last).clone()
    }

    /// Keeps what a compilation leaves.
    pub(crate) fn keep(&self, kept: Kept) {
        let old = locked(&self.last).replace(Arc::new(kept));
        // Not under the lock: much may be given back.
        drop(old);
    }

    /// The CRDs of the last compilation, where they are those that are wanted.
    pub(crate) fn crds(&self, wanted: impl FnOnce(&Known) -> bool) -> Option<Arc<Known>> {
        locked(&self.crds).as_ref().filter(|known| wanted(known)).cloned()
    }

    /// Keeps the CRDs of a compilation.
    pub(crate) fn keep_crds(&self, known: &Arc<Known>) {
        *locked(&self.crds) = Some(known.clone());
    }
}

impl Texts {
    fn of(&mut self, path: &str, text: &Arc<str>) -> Option<&mut Remembered> {
        let known = self.by_path.get_mut(path)?.iter_mut().find(|known| known.is(text))?;
        known.turn = self.turn;
        Some(known)
    }

    fn keep(&mut self, path: &str, text: &Arc<str>, note: impl FnOnce(&mut Remembered)) {
        let turn = self.turn;
        let kept = self.by_path.entry(path.to_owned()).or_default();
        if let Some(known) = kept.iter_mut().find(|known| known.is(text)) {
            return note(known);
        }
        kept.sort_by_key(|known| std::cmp::Reverse(known.turn));
        kept.truncate(TEXTS - 1);
        let mut new = Remembered { text: text.clone(), glance: None, parsed: None, turn };
        note(&mut new);
        kept.push(new);
    }
}

impl Remembered {
    fn is(&self, text: &Arc<str>) -> bool {
        Arc::ptr_eq(&self.text, text) || *self.text == **text
    }
}

/// What a panicking thread left behind is still whole: every change under these locks is one step.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
