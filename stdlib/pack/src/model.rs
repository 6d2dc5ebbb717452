//! One release of Kubernetes, as the schemas describe it.

use std::collections::BTreeMap;

/// A release of Kubernetes.
#[derive(Clone, Debug, Default)]
pub struct Release {
    /// `1.37.0`.
    pub version: String,
    /// Its definitions.
    pub definitions: BTreeMap<Name, Definition>,
    /// Its kinds, by kind, group (`core` for the core one) and version.
    pub kinds: BTreeMap<KindName, Kind>,
    /// What its source says of the lives of kinds, also of those that it lacks.
    pub lives: BTreeMap<KindName, Life>,
}

/// Kind, group (`core` for the core one) and version.
pub type KindName = (String, String, String);

/// The minors, `1.x`, in which something happens to a kind.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Life {
    /// Since when it exists; 0 where that is not known.
    pub introduced: u8,
    /// Since when it is deprecated, or will be; 0 for never.
    pub deprecated: u8,
    /// Since when it is not served, or will not be; 0 for never.
    pub removed: u8,
    /// The kind that takes its place.
    pub replacement: Option<KindName>,
}

/// The name of a definition: `networking.k8s.io/v1/IngressRule`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The whole group, `core` for the core one, `meta` for the common types.
    pub group: String,
    /// The version.
    pub version: String,
    /// The name.
    pub name: String,
}

/// An object or part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// What it consists of.
    pub shape: Shape,
    /// The whole object has one owner.
    pub atomic: bool,
    /// Its documentation says that it is deprecated.
    pub deprecated: bool,
    /// Its documentation, empty where there is none.
    pub doc: String,
    /// Its fields, empty unless it is a record.
    pub fields: BTreeMap<String, Field>,
}

/// What a definition consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The fields.
    Record,
    /// Any value.
    Open,
    /// What the type says.
    Alias(Ty),
}

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Ty {
    Dyn,
    String,
    Int64,
    Int32,
    Float,
    Bool,
    Quantity,
    IntOrString,
    Time,
    MicroTime,
    Bytes,
    Map(Box<Ty>),
    List(Box<Ty>),
    Reference(Name),
    Enum(Vec<String>),
}

/// How the items of a list are owned and told apart.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum ListType {
    /// Nothing is published.
    #[default]
    Unsaid,
    /// The whole list has one owner.
    Atomic,
    /// The items are unique.
    Set,
    /// These fields tell the items apart.
    Map(Vec<String>),
}

/// A field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)]
pub struct Field {
    /// Its type.
    pub ty: Ty,
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
    /// The key of a strategic merge.
    pub merge_key: Option<String>,
    /// Its default as JSON.
    pub default: Option<String>,
    /// Its documentation, empty where there is none.
    pub doc: String,
}

/// A kind that has a path of its own in the API.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Kind {
    /// The name in paths: `deployments`.
    pub plural: String,
    /// Its objects live in namespaces.
    pub namespaced: bool,
    /// It has the subresource `status`.
    pub status: bool,
    /// It has the subresource `scale`.
    pub scale: bool,
    /// Bits in the order of `packed::VERBS`.
    pub verbs: u16,
}
