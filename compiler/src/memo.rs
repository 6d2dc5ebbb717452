//! What a host that compiles again and again, as an editor's server does, keeps
//! between two compilations: the parse of every file whose text and number are
//! the same, the schemas of a range of releases, the names and decoded schemas
//! of CRDs. All of it is a function of the texts, so that a compilation with a
//! memory yields what one without it does; only sooner.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use crate::project::VersionRange;
use crate::schema::{Known, Schemas};
use crate::source::FileId;
use crate::syntax::{self, Parse};

/// How many compilations a parse is kept for that none of them asked for.
const KEPT: u64 = 16;

/// The memory of one project's compilations; see [`crate::source::Files::memo`].
#[derive(Default)]
pub struct Memo {
    parses: Mutex<Parses>,
    schemas: Mutex<Vec<(VersionRange, Schemas)>>,
    crds: Mutex<Option<Arc<Known>>>,
}

#[derive(Default)]
struct Parses {
    by_path: FxHashMap<String, Remembered>,
    /// The number of the compilation.
    turn: u64,
}

struct Remembered {
    file: FileId,
    text: Arc<str>,
    parse: Arc<Parse>,
    turn: u64,
}

impl Memo {
    /// The parse of a text, made where it is not there already.
    #[must_use]
    pub fn parse(&self, file: FileId, path: &str, text: &Arc<str>) -> Arc<Parse> {
        {
            let mut parses = locked(&self.parses);
            let turn = parses.turn;
            if let Some(known) = parses.by_path.get_mut(path).filter(|known| known.is(file, text)) {
                known.turn = turn;
                return known.parse.clone();
            }
        }
        // Not under the lock: other threads parse other files.
        let parse = Arc::new(syntax::parse(file, text));
        let mut parses = locked(&self.parses);
        let kept = Remembered { file, text: text.clone(), parse: parse.clone(), turn: parses.turn };
        parses.by_path.insert(path.to_owned(), kept);
        parse
    }

    /// Begins a compilation: forgets what none of the last ones asked for.
    pub(crate) fn begin(&self) {
        let mut parses = locked(&self.parses);
        parses.turn += 1;
        let oldest = parses.turn.saturating_sub(KEPT);
        parses.by_path.retain(|_, kept| kept.turn >= oldest);
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

    /// The CRDs of the last compilation, where they are those that are wanted.
    pub(crate) fn crds(&self, wanted: impl FnOnce(&Known) -> bool) -> Option<Arc<Known>> {
        locked(&self.crds).as_ref().filter(|known| wanted(known)).cloned()
    }

    /// Keeps the CRDs of a compilation.
    pub(crate) fn keep_crds(&self, known: &Arc<Known>) {
        *locked(&self.crds) = Some(known.clone());
    }
}

impl Remembered {
    fn is(&self, file: FileId, text: &Arc<str>) -> bool {
        self.file == file && (Arc::ptr_eq(&self.text, text) || *self.text == **text)
    }
}

/// What a panicking thread left behind is still whole: every change under these locks is one step.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
