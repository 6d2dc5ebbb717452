//! One change to an instance's parameters, which may make it invalid: something
//! missing, misspelt, of another type, out of range and so on.

use serde_json::Value as Json;
use tessera_compiler::ir::Composite;

use super::beyond::step_over;
use crate::corpus::Random;
use crate::oracle::mutate::{Change, Donors, mutate};
use crate::oracle::place::Step;

/// How often another change is tried for one outside the parameters.
const TRIES: usize = 40;

/// The instance with one change to its parameters, under another name, and which
/// change; `None` where it has nothing to change.
pub fn change(composite: &Composite, object: &Json, random: &mut Random) -> Option<(Json, Change)> {
    (0..TRIES).find_map(|_| {
        let mut changed = object.clone();
        let change = match random.below(4) {
            0 => step_over(composite, &mut changed, random)?,
            _ => mutate(&mut changed, &Donors::default(), random)?,
        };
        let in_spec = change.at.0.len() > 1 && change.at.0.first() == Some(&Step::Key("spec".to_owned()));
        // One change takes the place for one in the name.
        if !in_spec || changed.get("metadata") != object.get("metadata") {
            return None;
        }
        let name = changed.pointer_mut("/metadata/name")?;
        *name = format!("{}-changed", name.as_str()?).into();
        Some((changed, change))
    })
}
