//! The API server as oracle: objects and expressions made from a seed, and what
//! the compiler and the server say of each.
//!
//! * `base`: valid objects, written by hand in `tests/oracle`, and variations;
//! * `mutate`: one change that may make an object invalid, with `texts` and
//!   `place` behind it;
//! * `print`: an object as a source in the language; `judge`: what the compiler
//!   says of it;
//! * `known`: the list of intended differences; `report`: rates and tables;
//! * `grammar`: expressions of CEL; `cel`: how a server evaluates them.

pub mod base;
pub mod cel;
mod grammar;
pub mod judge;
pub mod known;
pub mod mutate;
pub mod place;
pub mod print;
pub mod report;
mod texts;

use serde_json::Value as Json;

use crate::corpus::Random;
use base::Base;
use mutate::{Change, Donors};

/// One object that both are asked about.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its number: with the seed it is enough to make it again.
    pub number: usize,
    /// What is sent.
    pub object: Json,
    /// What was changed in the valid object; `None` where nothing was.
    pub change: Option<Change>,
}

impl Case {
    /// The kind, as people know it.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.object.get("kind").and_then(Json::as_str).unwrap_or_default()
    }

    /// What was changed, in words.
    #[must_use]
    pub fn changed(&self) -> String {
        self.change.as_ref().map_or_else(|| "nothing changed".to_owned(), ToString::to_string)
    }
}

/// One object of so many is left as it is.
const UNCHANGED: usize = 12;

/// The cases of a seed: the kinds in turn, each case by its own numbers, so that
/// one more base changes no other's.
#[must_use]
pub fn cases(bases: &[Base], seed: u64, count: usize) -> Vec<Case> {
    let donors = Donors::of(bases);
    (0..count)
        .filter_map(|number| {
            let mut random = Random::new(seed.wrapping_mul(0x9E37_79B9).wrapping_add(number as u64));
            let base = bases.get(number % bases.len().max(1))?;
            let mut object = base.varied(&mut random);
            let change =
                if random.below(UNCHANGED) == 0 { None } else { mutate::mutate(&mut object, &donors, &mut random) };
            Some(Case { number, object, change })
        })
        .collect()
}
