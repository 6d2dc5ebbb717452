//! What evaluation works on: CEL's values and Tessera's units.
//!
//! A value has three written forms: JSON as a manifest shows it
//! ([`to_json`]), a tagged form that reads back to the same value (serde), and
//! a short one for messages ([`Value::shown`]).

mod base64;
mod json;
mod show;
mod wire;

pub use base64::{decode_base64, encode_base64};
pub use json::{from_json, to_json};

use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::Arc;

use indexmap::{Equivalent, IndexMap};
use rustc_hash::FxHasher;
use smol_str::SmolStr;

use crate::stack::deep;
use crate::units::{Duration, Quantity, Timestamp};

/// An interned-size name or string: up to 23 bytes are stored inline.
pub type Text = SmolStr;

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// No value: an optional that was not given, CEL's `optional.none()`.
    Absent,
    /// `null`, where a schema is nullable.
    Null,
    /// A truth value.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// CEL's `uint`.
    Uint(u64),
    /// A double.
    Float(f64),
    /// Text.
    String(Text),
    /// Octets.
    Bytes(Arc<[u8]>),
    /// A span of time.
    Duration(Duration),
    /// A point in time.
    Timestamp(Timestamp),
    /// A Kubernetes quantity.
    Quantity(Arc<Quantity>),
    /// A list.
    List(Arc<Vec<Value>>),
    /// An object or map, in the order in which it was written.
    Map(Arc<Map>),
    /// A type as a value, by its CEL name.
    Type(Text),
    /// A value of one of the API server's library types (URL, IP, CIDR, semver).
    Opaque(Arc<crate::library::Opaque>),
}

/// A map key; CEL allows these four. `1` and `1u` are the same key.
#[derive(Clone, Debug)]
pub enum Key {
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An unsigned integer.
    Uint(u64),
    /// Text.
    String(Text),
}

impl Key {
    fn number(&self) -> Option<i128> {
        match self {
            Self::Int(n) => Some(i128::from(*n)),
            Self::Uint(n) => Some(i128::from(*n)),
            _ => None,
        }
    }

    /// The text of a string key.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(s) = self { Some(s) } else { None }
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl Key {
    /// The key that a value makes: CEL takes the four types, and a float or
    /// number of the other type where it is the same number.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Bool(b) => Self::Bool(*b),
            Value::Int(n) => Self::Int(*n),
            Value::Uint(n) => Self::Uint(*n),
            Value::String(s) => Self::String(s.clone()),
            Value::Float(f) => Self::of_float(*f)?,
            _ => return None,
        })
    }

    fn of_float(number: f64) -> Option<Self> {
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        if number.trunc() != number {
            return None;
        }
        if (-LIMIT..LIMIT).contains(&number) {
            return Some(Self::Int(number as i64));
        }
        (0.0..2.0 * LIMIT).contains(&number).then_some(Self::Uint(number as u64))
    }
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Bool(b) => Self::Bool(b),
            Key::Int(n) => Self::Int(n),
            Key::Uint(n) => Self::Uint(n),
            Key::String(s) => Self::String(s),
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            _ => matches!((self.number(), other.number()), (Some(a), Some(b)) if a == b),
        }
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::String(s) => s.as_str().hash(state),
            Self::Bool(b) => b.hash(state),
            Self::Int(n) => i128::from(*n).hash(state),
            Self::Uint(n) => i128::from(*n).hash(state),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(b) => write!(f, "{b}"),
            Self::Int(n) => write!(f, "{n}"),
            Self::Uint(n) => write!(f, "{n}"),
            Self::String(s) => f.write_str(s),
        }
    }
}

/// Looks up a string key without making a [`Key`].
#[derive(Hash)]
struct StrKey<'a>(&'a str);

impl Equivalent<Key> for StrKey<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        matches!(key, Key::String(s) if s == self.0)
    }
}

/// An ordered map.
#[derive(Clone, Debug, Default)]
pub struct Map(pub IndexMap<Key, Value, BuildHasherDefault<FxHasher>>);

impl Map {
    /// An empty map with room for `n` entries.
    #[must_use]
    pub fn with_capacity(n: usize) -> Self {
        Self(IndexMap::with_capacity_and_hasher(n, BuildHasherDefault::default()))
    }

    /// The value under a string key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(&StrKey(key))
    }

    /// The value under any key.
    #[must_use]
    pub fn get_key(&self, key: &Key) -> Option<&Value> {
        self.0.get(key)
    }

    /// Adds an entry at the end, or replaces the value where the key exists.
    pub fn insert(&mut self, key: impl Into<Key>, value: Value) {
        self.0.insert(key.into(), value);
    }

    /// The entries in order.
    pub fn iter(&self) -> indexmap::map::Iter<'_, Key, Value> {
        self.0.iter()
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Text> for Key {
    fn from(text: Text) -> Self {
        Self::String(text)
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a Key, &'a Value);
    type IntoIter = indexmap::map::Iter<'a, Key, Value>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl FromIterator<(Key, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (Key, Value)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl Value {
    /// A string value.
    #[must_use]
    pub fn str(text: &str) -> Self {
        Self::String(text.into())
    }

    /// A list value.
    #[must_use]
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(Arc::new(items))
    }

    /// A map value.
    #[must_use]
    pub fn map(map: Map) -> Self {
        Self::Map(Arc::new(map))
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(s) = self { Some(s) } else { None }
    }

    /// The map of an object.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        if let Self::Map(m) = self { Some(m) } else { None }
    }

    /// The items of a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(l) = self { Some(l) } else { None }
    }

    /// The value under a string key of an object.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map().and_then(|m| m.get(key))
    }

    /// The value at a path of string keys.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }
}

impl Value {
    /// Whether the value, written out, has at most so many parts. A value that
    /// shares parts can be small in memory and endless when written. Sixteen
    /// bytes of text count as a part.
    #[must_use]
    pub fn is_within(&self, parts: usize) -> bool {
        let mut left = parts;
        self.take_parts(&mut left)
    }

    /// [`Self::is_within`] of what is left of a budget, which it uses up.
    pub(crate) fn take_parts(&self, left: &mut usize) -> bool {
        let own = match self {
            Self::String(text) => 1 + text.len() / 16,
            Self::Bytes(octets) => 1 + octets.len() / 16,
            _ => 1,
        };
        let Some(rest) = left.checked_sub(own) else { return false };
        *left = rest;
        match self {
            Self::List(items) => deep(|| items.iter().all(|item| item.take_parts(left))),
            Self::Map(map) => deep(|| map.iter().all(|(_, value)| value.take_parts(left))),
            _ => true,
        }
    }
}

impl Default for Value {
    /// [`Value::Absent`].
    fn default() -> Self {
        Self::Absent
    }
}

/// Equality as CEL has it: numbers compare by value across their types, values
/// of unlike types are unequal, NaN equals nothing.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        crate::library::equal(self, other)
    }
}
