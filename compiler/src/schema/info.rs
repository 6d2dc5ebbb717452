//! What callers get to know about kinds and fields.

use std::fmt;

use smol_str::SmolStr;
use tessera_stdlib::packed;

use super::DefId;
use super::body::RawField;
use crate::types::Type;
use crate::value::{Key, Map, Value};

/// A kind that has objects of its own in the API. Lists (`PodList`) and what is
/// sent to a subresource only (`Scale`, `Eviction`) are definitions, not kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The group as in `apiVersion`; empty for the core group.
    pub group: SmolStr,
    /// The version.
    pub version: SmolStr,
    /// The kind.
    pub kind: SmolStr,
    /// The name in paths and in rules: `deployments`.
    pub plural: SmolStr,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// Whether it has the subresource `status`.
    pub has_status: bool,
    /// Whether it has the subresource `scale`.
    pub has_scale: bool,
    /// What the API does with it.
    pub verbs: Verbs,
    /// The definition of its objects.
    pub def: DefId,
}

impl Kind {
    /// What stands in `apiVersion`: `apps/v1`, `v1`.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_string() } else { format!("{}/{}", self.group, self.version) }
    }
}

/// As it is written in the language: `apps/v1/Deployment`, `v1/Service`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.api_version(), self.kind)
    }
}

/// What the API does with objects of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Verb {
    Create,
    Get,
    List,
    Watch,
    Update,
    Patch,
    Delete,
    DeleteCollection,
}

/// A set of verbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Verbs(u32);

impl Verbs {
    /// Every verb: what the API does with custom resources.
    pub(super) const ALL: Self = Self(0xff);

    pub(super) const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Whether the set has a verb. The order of [`Verb`] is that of
    /// `packed::VERBS`.
    #[must_use]
    pub const fn contains(self, verb: Verb) -> bool {
        self.0 & (1 << verb as u32) != 0
    }
}

/// How the items of a list are owned and told apart.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum ListType {
    /// Nothing is published; the API server takes it as atomic.
    #[default]
    Unsaid,
    /// The whole list has one owner.
    Atomic,
    /// The items are unique.
    Set,
    /// No two items have the same values in these fields.
    Map(Vec<SmolStr>),
}

/// What is published about a field.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)]
pub struct FieldInfo {
    /// Its type, without the null that `nullable` allows.
    pub ty: Type,
    /// The published format: `int32`, `int64`, `double`, `byte`, `date-time`,
    /// `int-or-string`; `date-time-micro` for microseconds.
    pub format: Option<&'static str>,
    /// It must be present.
    pub required: bool,
    /// It may be null.
    pub nullable: bool,
    /// Its documentation says that it is deprecated.
    pub deprecated: bool,
    /// The whole map has one owner.
    pub atomic: bool,
    /// How its items are told apart.
    pub list: ListType,
    /// The key of `kubectl`'s strategic merge.
    pub merge_key: Option<SmolStr>,
    /// The published default. Zero values are not kept: they say only what Go
    /// does with an absent field.
    pub default: Option<Value>,
}

/// A field from its packed form; `None` where its default is no JSON.
pub(super) fn field(raw: RawField<'_>) -> Option<FieldInfo> {
    let default = match raw.default {
        Some(json) => Some(value(&serde_json::from_str(json).ok()?)),
        None => None,
    };
    Some(FieldInfo {
        format: raw.format,
        required: raw.has(packed::FIELD_REQUIRED),
        nullable: raw.has(packed::FIELD_NULLABLE),
        deprecated: raw.has(packed::FIELD_DEPRECATED),
        atomic: raw.has(packed::FIELD_ATOMIC),
        merge_key: raw.merge_key.map(Into::into),
        list: raw.list,
        ty: raw.ty,
        default,
    })
}

/// A default's value. Its depth is bounded by the JSON reader.
fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(b) => Value::Bool(*b),
        serde_json::Value::Number(n) => match n.as_i64() {
            Some(int) => Value::Int(int),
            None => Value::Float(n.as_f64().unwrap_or_default()),
        },
        serde_json::Value::String(s) => Value::str(s),
        serde_json::Value::Array(items) => Value::list(items.iter().map(value).collect()),
        serde_json::Value::Object(entries) => {
            Value::map(entries.iter().map(|(k, v)| (Key::from(k.as_str()), value(v))).collect::<Map>())
        }
    }
}
