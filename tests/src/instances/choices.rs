//! What there is to choose when an instance is made: which case of a union, whether
//! what may be left out is given, and so on, each as a text that begins with its place.

use std::collections::BTreeSet;

use tessera_compiler::ir::{Composite, Schema};

/// All that can be chosen for the parameters of a composite.
#[must_use]
pub fn choices(composite: &Composite) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for param in &composite.params {
        field(&param.name, &param.schema, param.optional || param.default.is_some(), "", &mut found);
    }
    found
}

pub(super) fn place_of(around: &str, name: &str) -> String {
    if around.is_empty() { name.to_owned() } else { format!("{around}.{name}") }
}

pub(super) fn presence(place: &str, given: bool) -> String {
    format!("{place} is {}", if given { "given" } else { "left out" })
}

pub(super) fn truth(place: &str, value: bool) -> String {
    format!("{place} is {value}")
}

pub(super) fn filled(place: &str, filled: bool) -> String {
    format!("{place} has {}", if filled { "items" } else { "no item" })
}

/// A case of a union, which is also the place of what is inside it.
pub(super) fn member(place: &str, member: &Schema, index: usize) -> String {
    let name = match member {
        Schema::Literal(value) => value.shown(),
        Schema::Record(fields) => {
            let literal =
                |schema: &Schema| if let Schema::Literal(value) = schema { Some(value.shown()) } else { None };
            fields.iter().find_map(|field| literal(&field.schema)).unwrap_or_else(|| index.to_string())
        }
        _ => index.to_string(),
    };
    format!("{place}<{name}>")
}

fn field(name: &str, schema: &Schema, may_lack: bool, around: &str, found: &mut BTreeSet<String>) {
    let place = place_of(around, name);
    if may_lack {
        found.extend([presence(&place, true), presence(&place, false)]);
    }
    gather(schema, &place, found);
}

fn gather(schema: &Schema, place: &str, found: &mut BTreeSet<String>) {
    match schema {
        Schema::Bool => found.extend([truth(place, true), truth(place, false)]),
        Schema::List(item) => {
            let place = format!("{place}[]");
            found.extend([filled(&place, true), filled(&place, false)]);
            gather(item, &place, found);
        }
        Schema::Map(item) => {
            let place = format!("{place}{{}}");
            found.extend([filled(&place, true), filled(&place, false)]);
            gather(item, &place, found);
        }
        Schema::Record(fields) => {
            for f in fields {
                field(&f.name, &f.schema, f.optional || f.default.is_some(), place, found);
            }
        }
        Schema::Union(members) => {
            for (index, case) in members.iter().enumerate() {
                let place = member(place, case, index);
                found.insert(place.clone());
                gather(case, &place, found);
            }
        }
        Schema::Rule(rule) => gather(&rule.base, place, found),
        _ => {}
    }
}
