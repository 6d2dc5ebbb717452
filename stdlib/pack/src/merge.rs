//! Several releases laid over one another: what is the same in all of them is
//! written once, what differs once for each form, with a mask of its releases.

use std::collections::BTreeMap;

use tessera_stdlib::packed::MAX_RELEASES;

use crate::Result;
use crate::model::{Definition, Field, Kind, KindName, Life, Name, Release, Shape};

/// The releases in which something exists; bit 0 is the first.
pub type Mask = u16;

/// All releases.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    /// Their versions, ascending.
    pub versions: Vec<String>,
    /// The definitions of any release.
    pub definitions: BTreeMap<Name, Layers>,
    /// The kinds of any release, each with its forms.
    pub kinds: BTreeMap<KindName, Vec<(Mask, Kind)>>,
    /// The lives of kinds, as the newest release that knows them tells them.
    pub lives: BTreeMap<KindName, Life>,
}

/// A definition over the releases.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// The forms, without fields.
    pub forms: Vec<Form>,
    /// The fields with their forms.
    pub fields: BTreeMap<String, Vec<(Mask, Field)>>,
}

/// One form of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Form {
    pub mask: Mask,
    pub shape: Shape,
    pub atomic: bool,
    pub deprecated: bool,
    pub doc: String,
}

/// Lays releases over one another; they must be in ascending order, since the
/// documentation that stays is that of the newest.
///
/// # Errors
/// Fails where there are too many releases for a mask.
pub fn merge(releases: &[Release]) -> Result<Merged> {
    if releases.is_empty() || releases.len() > MAX_RELEASES {
        return Err(format!("between 1 and {MAX_RELEASES} releases fit, not {}", releases.len()));
    }
    let mut merged = Merged::default();
    for (at, release) in releases.iter().enumerate() {
        let mask = 1 << at;
        merged.versions.push(release.version.clone());
        for (name, definition) in &release.definitions {
            merged.definitions.entry(name.clone()).or_default().add(mask, definition);
        }
        merged.lives.extend(release.lives.clone());
        for (key, kind) in &release.kinds {
            add(merged.kinds.entry(key.clone()).or_default(), mask, kind.clone(), |a, b| a == b);
        }
    }
    Ok(merged)
}

impl Layers {
    fn add(&mut self, mask: Mask, definition: &Definition) {
        let Definition { shape, atomic, deprecated, doc, fields } = definition.clone();
        let form = Form { mask, shape, atomic, deprecated, doc };
        let same =
            |other: &&mut Form| (&other.shape, other.atomic, other.deprecated) == (&form.shape, atomic, deprecated);
        match self.forms.iter_mut().find(same) {
            Some(known) => *known = Form { mask: known.mask | mask, ..form },
            None => self.forms.push(form),
        }
        for (name, field) in fields {
            add(self.fields.entry(name).or_default(), mask, field, same_but_for_doc);
        }
    }
}

/// The documentation of the newest release stands for all that agree in the
/// rest: it is the best wording, and twice as many texts would be of no use.
fn same_but_for_doc(a: &Field, b: &Field) -> bool {
    Field { doc: String::new(), ..a.clone() } == Field { doc: String::new(), ..b.clone() }
}

fn add<T>(forms: &mut Vec<(Mask, T)>, mask: Mask, new: T, same: impl Fn(&T, &T) -> bool) {
    match forms.iter_mut().find(|(_, known)| same(known, &new)) {
        Some(known) => *known = (known.0 | mask, new),
        None => forms.push((mask, new)),
    }
}
