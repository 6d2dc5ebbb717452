//! A schema as it is decoded: one node for each place of an object, in a list.

use std::sync::OnceLock;

use regex::Regex;
use smol_str::SmolStr;

use crate::expr::Expr;
use crate::schema::ListType;
use crate::source::Span;
use crate::value::Value;

/// A node of a [`Schema`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NodeId(pub(super) u32);

impl NodeId {
    /// The node of a whole object.
    pub(super) const ROOT: Self = Self(0);
}

/// The schema of one version of a kind.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) nodes: Vec<Node>,
}

impl Schema {
    pub(super) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }
}

/// What may stand at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Form {
    /// Anything: no type is said.
    #[default]
    Any,
    Object,
    Array,
    String,
    Integer,
    Number,
    Boolean,
    /// `x-kubernetes-int-or-string`.
    IntOrString,
}

/// The schema of one place.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) form: Form,
    /// Null may stand there.
    pub(super) nullable: bool,
    /// `x-kubernetes-preserve-unknown-fields`.
    pub(super) open: bool,
    /// `x-kubernetes-embedded-resource`.
    pub(super) embedded: bool,
    /// `x-kubernetes-map-type: atomic`.
    pub(super) atomic: bool,
    pub(super) format: Format,
    pub(super) parent: Option<NodeId>,
    pub(super) properties: Box<[Property]>,
    /// Of the items of a list, of the values of a map.
    pub(super) inner: Option<NodeId>,
    pub(super) doc: Option<Box<str>>,
    pub(super) checks: Option<Box<Checks>>,
}

impl Node {
    pub(super) fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    pub(super) fn checks(&self) -> Option<&Checks> {
        self.checks.as_deref()
    }

    /// The value that the server puts where none is written.
    pub(super) fn fallback(&self) -> Option<&Value> {
        self.checks()?.default.as_ref()
    }
}

/// A field of an object.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) name: SmolStr,
    pub(super) node: NodeId,
    pub(super) required: bool,
}

/// The formats that mean something to a server; others are passed over
/// (apiextensions-apiserver, pkg/apiserver/validation/formats.go).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Format {
    #[default]
    None,
    Int32,
    Int64,
    Double,
    Byte,
    DateTime,
    /// A format of text, an index into `formats::TEXT`.
    Text(u8),
    /// Text whose pattern is that of quantities.
    Quantity,
}

/// What is asked of the value of a place beyond its type.
#[derive(Debug, Default)]
pub(super) struct Checks {
    pub(super) default: Option<Value>,
    pub(super) choice: Vec<Value>,
    pub(super) pattern: Option<Pattern>,
    pub(super) lengths: Range<u64>,
    pub(super) items: Range<u64>,
    pub(super) entries: Range<u64>,
    pub(super) number: Range<f64>,
    /// The least, the greatest number itself is excluded.
    pub(super) exclusive: (bool, bool),
    pub(super) multiple: Option<f64>,
    pub(super) unique: bool,
    pub(super) list: ListType,
    /// Required fields that are no properties.
    pub(super) required: Vec<SmolStr>,
    pub(super) all_of: Vec<NodeId>,
    pub(super) any_of: Vec<NodeId>,
    pub(super) one_of: Vec<NodeId>,
    pub(super) not: Option<NodeId>,
    pub(super) rules: Vec<Rule>,
}

/// The least and the greatest that is allowed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Range<T> {
    pub(super) least: Option<T>,
    pub(super) greatest: Option<T>,
}

/// A regular expression, compiled when first needed.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) text: SmolStr,
    pub(super) compiled: OnceLock<Option<Regex>>,
}

/// One of `x-kubernetes-validations`.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) rule: SmolStr,
    /// Where it is written.
    pub(super) span: Span,
    pub(super) message: Option<SmolStr>,
    pub(super) message_expression: Option<SmolStr>,
    /// The field that a violation is told of, relative to the node: `.spec.a`.
    pub(super) field_path: Option<SmolStr>,
    pub(super) optional_old_self: bool,
    pub(super) compiled: OnceLock<Result<CompiledRule, String>>,
}

/// A rule that can be evaluated: `self` and `oldSelf` are the first two slots.
#[derive(Debug)]
pub(super) struct CompiledRule {
    pub(super) rule: Expr,
    pub(super) message: Option<Expr>,
    /// It compares with what was before, so it does not run on what is new.
    pub(super) transition: bool,
}
