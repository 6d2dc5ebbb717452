//! One change to an object, which may make it invalid: generic ones, at a
//! random place of the tree, and those that need to know what stands there.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value as Json, json};

use super::base::Base;
use super::place::{Place, Step, places};
use super::texts::{KEYS, LENGTHS, NUMBERS, QUANTITIES, TEXTS};
use crate::corpus::Random;

/// What was done to an object.
#[derive(Clone, Debug)]
pub struct Change {
    /// The name of the change, as in the tables.
    pub what: &'static str,
    /// Where.
    pub at: Place,
    /// To what.
    pub to: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.what, self.at)?;
        if self.to.is_empty() { Ok(()) } else { write!(f, ": {}", self.to) }
    }
}

/// What stands where in any of the bases: what a change takes from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Donors {
    /// By the key of an object (or of its list): the fields that one has.
    fields: BTreeMap<String, Vec<(String, Json)>>,
    /// By key, the texts and numbers that it has.
    scalars: BTreeMap<String, Vec<Json>>,
}

impl Donors {
    /// All that the bases have.
    #[must_use]
    pub fn of(bases: &[Base]) -> Self {
        let mut donors = Self::default();
        for whole in bases.iter().map(Base::whole) {
            donors.take(&Place::default(), &whole);
            for place in places(&whole) {
                if let Some(value) = place.of(&whole) {
                    donors.take(&place, value);
                }
            }
        }
        donors
    }

    fn take(&mut self, place: &Place, value: &Json) {
        match value {
            Json::Object(entries) => {
                let fields = self.fields.entry(place.key().to_owned()).or_default();
                fields.extend(entries.iter().map(|(k, v)| (k.clone(), v.clone())));
            }
            Json::String(_) | Json::Number(_) => {
                self.scalars.entry(place.key().to_owned()).or_default().push(value.clone());
            }
            _ => {}
        }
    }
}

/// A change, and what it needs: `None` where it does not fit the place.
type Mutation = fn(&mut Json, &Place, &Donors, &mut Random) -> Option<String>;

/// Each with its name and how often it is tried.
const MUTATIONS: &[(&str, usize, Mutation)] = &[
    ("removed", 5, remove),
    ("misspelt", 4, misspell),
    ("another type", 4, retype),
    ("number", 6, number),
    ("text", 7, text),
    ("too long", 2, long),
    ("empty", 3, empty),
    ("null", 1, null),
    ("another word", 3, word),
    ("listed twice", 4, duplicate),
    ("unknown field", 2, unknown),
    ("quantity", 4, quantity),
    ("further field", 6, graft),
    ("value from elsewhere", 4, swap),
    ("key", 4, key),
    ("name", 2, name),
    ("selector", 2, selector),
    ("limits", 2, limits),
    ("text for number", 2, requote),
];

/// A change that fits none of so many places is given up for another.
const PLACES: usize = 60;

/// Makes one change, and says which; `None` where no change fits.
pub fn mutate(object: &mut Json, donors: &Donors, random: &mut Random) -> Option<Change> {
    let total: usize = MUTATIONS.iter().map(|(_, weight, _)| weight).sum();
    let all: Vec<Place> = places(object).into_iter().filter(may_change).collect();
    for _ in 0..10 {
        let mut at = random.below(total);
        let (what, _, mutation) = MUTATIONS.iter().find(|(_, weight, _)| {
            let found = at < *weight;
            at = at.saturating_sub(*weight);
            found
        })?;
        for _ in 0..PLACES {
            let place = random.pick(&all)?.clone();
            let mut changed = object.clone();
            if let Some(to) = mutation(&mut changed, &place, donors, random)
                && changed != *object
                && names_itself(&changed)
            {
                *object = changed;
                return Some(Change { what, at: place, to });
            }
        }
    }
    None
}

/// The kind is what a resource is declared with, so it is no value to change.
fn may_change(place: &Place) -> bool {
    let [Step::Key(first), ..] = place.0.as_slice() else { return false };
    !matches!(first.as_str(), "apiVersion" | "kind") && place.0 != [Step::Key("metadata".to_owned())]
}

/// A resource without a name is given one by the language: no question to ask.
fn names_itself(object: &Json) -> bool {
    object.pointer("/metadata/name").is_some_and(|name| !name.is_null())
}

fn shown(value: &Json) -> String {
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}… ({} bytes)", text.get(..end).unwrap_or_default(), text.len()),
        None => text,
    }
}

/// Puts a value in the place.
fn put(object: &mut Json, place: &Place, value: Json) -> Option<String> {
    let to = shown(&value);
    *place.of_mut(object)? = value;
    Some(to)
}

fn remove(object: &mut Json, place: &Place, _: &Donors, _: &mut Random) -> Option<String> {
    let (parent, last) = place.parent()?;
    match (parent.of_mut(object)?, last) {
        (Json::Object(entries), Step::Key(key)) => {
            entries.shift_remove(key)?;
        }
        (Json::Array(items), Step::Index(index)) if *index < items.len() => {
            items.remove(*index);
        }
        _ => return None,
    }
    Some(String::new())
}

/// The same entries, in the same order, one with another key.
fn rename(entries: &mut Map<String, Json>, from: &str, to: &str) {
    let old = std::mem::take(entries);
    entries.extend(old.into_iter().map(|(key, value)| (if key == from { to.to_owned() } else { key }, value)));
}

fn misspell(object: &mut Json, place: &Place, _: &Donors, random: &mut Random) -> Option<String> {
    let (parent, Step::Key(key)) = place.parent()? else { return None };
    let entries = parent.of_mut(object)?.as_object_mut()?;
    let mut letters: Vec<char> = key.chars().collect();
    let at = random.below(letters.len());
    match random.below(4) {
        0 if letters.len() > 1 => {
            letters.remove(at);
        }
        1 => letters.push('s'),
        2 => letters.insert(at, 'x'),
        _ => {
            let letter = letters.get_mut(at)?;
            *letter = if letter.is_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
        }
    }
    let to: String = letters.into_iter().collect();
    if to == *key || entries.contains_key(&to) {
        return None;
    }
    rename(entries, key, &to);
    Some(to)
}

fn retype(object: &mut Json, place: &Place, _: &Donors, random: &mut Random) -> Option<String> {
    let found = place.of(object)?;
    let others = [json!("text"), json!(7), json!(true), json!(["a"]), json!({ "a": "b" }), json!(1.5), json!([found])];
    let other = random.pick(&others)?.clone();
    let same = std::mem::discriminant(&other) == std::mem::discriminant(found);
    if same && !found.is_number() { None } else { put(object, place, other) }
}

fn number(object: &mut Json, place: &Place, _: &Donors, random: &mut Random) -> Option<String> {
    let old = place.of(object)?.as_i64()?;
    let new = match random.below(5) {
        0 => old.checked_neg()?,
        1 => old.checked_mul(1000)?,
        2 => old + 1,
        _ => *random.pick(NUMBERS)?,
    };
    put(object, place, new.into())
}

fn text(object: &mut Json, place: &Place, _: &Donors, random: &mut Random) -> Option<String> {
    let old = place.of(object)?.as_str()?.to_owned();
    let new = match random.below(6) {
        0 => format!("{old}_"),
        1 => format!(" {old}"),
        2 => format!("{old}/{}", random.pick(TEXTS)?),
        _ => (*random.pick(TEXTS)?).to_owned(),
    };
    put(object, place, new.into())
}

fn long(object: &mut Json, place: &Place, _: &Donors, random: &mut Random) -> Option<String> {
    place.of(object)?.as_str()?;
    let length = *random.pick(LENGTHS)?;
    put(object, place, "a".repeat(length).into())
}

fn empty(object: &mut Json, place: &Place, _: &Donors, _: &mut Random) -> Option<String> {
    let new = match place.of(object)? {
        Json::String(_) => json!(""),
        Json::Array(_) => json!([]),
        Json::Object(_) => json!({}),
        _ => return None,
    };
    put(object, place, new)
}

fn null(object: &mut Json, place: &Place, _: &Donors, _: &mut Random) -> Option<String> {
    put(object, place, Json::Null)
}

/// A word of a closed set becomes another.
fn word(object: &mut Json, place: &Place, _: &Donors, random: &mut Random) -> Option<String> {
    let old = place.of(object)?.as_str()?.to_owned();
    if !old.starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    let new = match random.below(4) {
        0 => old.to_lowercase(),
        1 => format!("{old}s"),
        2 => "Other".to_owned(),
        _ => old.to_uppercase(),
    };
    put(object, place, new.into())
}

/// An item again: the same, or one that differs in one field.
fn duplicate(object: &mut Json, place: &Place, donors: &Donors, random: &mut Random) -> Option<String> {
    let (parent, Step::Index(_)) = place.parent()? else { return None };
    let mut copy = place.of(object)?.clone();
    let mut said = "the same".to_owned();
    if random.below(2) == 0
        && let Some(place) = random.pick(&places(&copy)).cloned()
    {
        said = format!("but for {place}");
        match random.below(2) {
            0 => remove(&mut copy, &place, donors, random)?,
            _ => swap(&mut copy, &place, donors, random)?,
        };
    }
    parent.of_mut(object)?.as_array_mut()?.push(copy);
    Some(said)
}

fn unknown(object: &mut Json, place: &Place, _: &Donors, random: &mut Random) -> Option<String> {
    let fields = ["extra", "nameSpace", "x", "metadata2", "Name"];
    let values = [json!("a"), json!(1), json!({}), json!([])];
    let entries = place.of_mut(object)?.as_object_mut()?;
    let field = *random.pick(&fields)?;
    entries.insert(field.to_owned(), random.pick(&values)?.clone());
    Some(field.to_owned())
}

fn quantity(object: &mut Json, place: &Place, _: &Donors, random: &mut Random) -> Option<String> {
    let amounts = ["requests", "limits", "capacity", "hard", "max", "min", "default", "defaultRequest", "podFixed"];
    let inside = place.parent().is_some_and(|(parent, _)| amounts.contains(&parent.key()));
    let named = ["sizeLimit", "divisor", "averageValue", "value", "maximumVolumeSize", "capacity", "cpu"];
    let amount = place.of(object)?.as_str().is_some_and(|t| t.starts_with(|c: char| c.is_ascii_digit()));
    if !(inside || amount && named.contains(&place.key())) {
        return None;
    }
    put(object, place, (*random.pick(QUANTITIES)?).into())
}

/// A field that objects in such places have elsewhere: the other of a one-of,
/// what goes with another type, what another kind has.
fn graft(object: &mut Json, place: &Place, donors: &Donors, random: &mut Random) -> Option<String> {
    let (key, value) = random.pick(donors.fields.get(place.key())?)?.clone();
    let entries = place.of_mut(object)?.as_object_mut()?;
    if entries.contains_key(&key) || key == "namespace" && place.0.len() == 1 {
        return None;
    }
    let to = format!("{key}: {}", shown(&value));
    entries.insert(key, value);
    Some(to)
}

fn swap(object: &mut Json, place: &Place, donors: &Donors, random: &mut Random) -> Option<String> {
    let old = place.of(object)?;
    if !matches!(old, Json::String(_) | Json::Number(_)) {
        return None;
    }
    let new = random.pick(donors.scalars.get(place.key())?)?.clone();
    put(object, place, new)
}

/// An entry of a map of the user's own keys.
fn key(object: &mut Json, place: &Place, _: &Donors, random: &mut Random) -> Option<String> {
    let maps = [
        "labels",
        "annotations",
        "matchLabels",
        "nodeSelector",
        "data",
        "binaryData",
        "stringData",
        "requests",
        "limits",
        "hard",
        "parameters",
        "capacity",
        "max",
        "selector",
        "volumeAttributes",
        "podFixed",
    ];
    let entries = place.of_mut(object)?.as_object_mut()?;
    let (old, value) = entries.iter().nth(random.below(entries.len())).map(|(k, v)| (k.clone(), v.clone()))?;
    if !maps.contains(&place.key()) || !(value.is_string() || value.is_number()) {
        return None;
    }
    let new = match random.below(3) {
        0 => format!("{old}{}", "a".repeat(*random.pick(LENGTHS)?)),
        1 => format!("{}.example.com/x", "a".repeat(*random.pick(LENGTHS)?)),
        _ => (*random.pick(KEYS)?).to_owned(),
    };
    let to = shown(&Json::from(new.as_str()));
    entries.insert(new, value);
    Some(to)
}

fn name(object: &mut Json, _: &Place, donors: &Donors, random: &mut Random) -> Option<String> {
    let place = Place(vec![Step::Key("metadata".to_owned()), Step::Key("name".to_owned())]);
    if random.below(3) == 0 { long(object, &place, donors, random) } else { text(object, &place, donors, random) }
}

/// A label of a selector or of what it selects.
fn selector(object: &mut Json, place: &Place, _: &Donors, random: &mut Random) -> Option<String> {
    let (parent, Step::Key(key)) = place.parent()? else { return None };
    if !matches!(parent.key(), "matchLabels" | "labels" | "selector" | "matchExpressions") {
        return None;
    }
    let key = key.clone();
    let entries = parent.of_mut(object)?.as_object_mut()?;
    match random.below(3) {
        0 => {
            *entries.get_mut(&key)? = "other".into();
            Some("other value".to_owned())
        }
        1 => {
            rename(entries, &key, "other");
            Some("other key".to_owned())
        }
        _ => {
            entries.insert("further".to_owned(), "x".into());
            Some("further label".to_owned())
        }
    }
}

/// More is asked for than is allowed.
fn limits(object: &mut Json, place: &Place, _: &Donors, random: &mut Random) -> Option<String> {
    let (parent, Step::Key(resource)) = place.parent()? else { return None };
    let other = match parent.key() {
        "requests" => "limits",
        "limits" => "requests",
        _ => return None,
    };
    let (around, _) = parent.parent()?;
    let value = if matches!(resource.as_str(), "cpu") { "7" } else { "7Gi" };
    let to = if random.below(3) == 0 { place.clone() } else { around.then(Step::Key(other.to_owned())) };
    if to == *place {
        return put(object, place, value.into());
    }
    let entries = to.of_mut(object)?.as_object_mut()?;
    entries.insert(resource.clone(), value.into());
    Some(format!("{to}.{resource} = {value}"))
}

/// A number as text, a text as number.
fn requote(object: &mut Json, place: &Place, _: &Donors, _: &mut Random) -> Option<String> {
    let new = match place.of(object)? {
        Json::Number(n) => Json::from(n.to_string()),
        Json::Bool(b) => Json::from(b.to_string()),
        Json::String(text) => text.parse::<i64>().map_or_else(|_| json!(1), Json::from),
        _ => return None,
    };
    put(object, place, new)
}
