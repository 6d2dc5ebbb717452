//! The intermediate representation of a composite: what every target lowers
//! and what the controller evaluates. Plain data; it knows no syntax.
//!
//! The checker builds it with expressions as they were written;
//! [`crate::reduce::reduce`] folds what is known, after which no expression calls
//! a function of a module or reads a constant of one.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::expr::{Expr, Local, Loop};
use crate::source::Span;
use crate::value::Value;

/// The version of this representation. It changes with every change of form,
/// and a reader refuses versions that it does not know.
pub const VERSION: u32 = 1;

/// The representations of some composites as they are stored and sent: with
/// the paths of the files that their spans name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// [`VERSION`].
    pub ir_version: u32,
    /// The paths of the sources; a span's `file` is an index into them.
    pub files: Vec<SmolStr>,
    /// The composites.
    pub composites: Vec<Composite>,
}

/// A composite.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Composite {
    /// [`VERSION`].
    pub ir_version: u32,
    /// Its kind; empty for the resources at the top level of a module.
    pub kind: SmolStr,
    /// Its API group.
    pub group: SmolStr,
    /// Its API version, `v1alpha1`.
    pub api_version: SmolStr,
    /// The kind's plural, in lower case.
    pub plural: SmolStr,
    /// Whether instances live in namespaces.
    pub scope: Scope,
    /// Its documentation.
    pub doc: Option<SmolStr>,
    /// The declaration's name.
    pub span: Span,
    /// The parameters in source order.
    pub params: Vec<Param>,
    /// Its `let`s, each after those that it needs.
    pub bindings: Vec<Binding>,
    /// What must hold of the parameters.
    pub requirements: Vec<Requirement>,
    /// The resources, with the conditions and loops round them.
    pub nodes: Vec<Node>,
    /// What it reports.
    pub outputs: Vec<Output>,
    /// When it is ready; where absent, when all its resources are.
    pub ready: Option<Expr>,
    /// How long an instance lives.
    pub lease: Option<Lease>,
    /// Whom it tells of what.
    pub notifications: Vec<Notification>,
    /// Which resource needs which, see [`Edge`].
    pub edges: Vec<Edge>,
    /// The size of the frame that its expressions need.
    pub slots: u32,
}

/// Where instances and objects live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Scope {
    Namespaced,
    Cluster,
}

/// A parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Param {
    /// The name.
    pub name: SmolStr,
    /// What values it takes.
    pub schema: Schema,
    /// It may be left out without a default.
    pub optional: bool,
    /// The value where it is left out; a constant.
    pub default: Option<Expr>,
    /// Its documentation.
    pub doc: Option<SmolStr>,
    /// The declaration's name.
    pub span: Span,
}

/// What values a parameter takes, names of types forgotten.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Schema {
    /// Anything.
    Any,
    /// `null`.
    Null,
    /// A truth value.
    Bool,
    /// An integer.
    Int,
    /// An unsigned integer.
    Uint,
    /// A number.
    Float,
    /// Text.
    String,
    /// Octets, base64 in manifests.
    Bytes,
    /// A duration.
    Duration,
    /// A point in time.
    Timestamp,
    /// A quantity.
    Quantity,
    /// One value.
    Literal(Value),
    /// A list.
    List(Box<Schema>),
    /// A map with string keys.
    Map(Box<Schema>),
    /// A closed record.
    Record(Vec<SchemaField>),
    /// One of several.
    Union(Vec<Schema>),
    /// A value that keeps a rule.
    Rule(Box<Rule>),
    /// A reference to a secret: `{ secret, key }`.
    Secret(Box<Schema>),
    /// A Kubernetes type, by `group/version/Name`.
    Kubernetes(SmolStr),
}

impl Schema {
    /// The fields of a record.
    #[must_use]
    pub fn fields(&self) -> Option<&[SchemaField]> {
        match self {
            Self::Record(fields) => Some(fields),
            Self::Rule(rule) => rule.base.fields(),
            _ => None,
        }
    }
}

/// A field of a record.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SchemaField {
    /// The name.
    pub name: SmolStr,
    /// Its values.
    pub schema: Schema,
    /// It may be left out.
    pub optional: bool,
    /// The value where it is left out.
    pub default: Option<Expr>,
    /// Its documentation.
    pub doc: Option<SmolStr>,
}

/// A rule of a type.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// What it is a rule on.
    pub base: Schema,
    /// The rule, a Bool over slot 0, `it`.
    pub rule: Expr,
    /// What is said when it is broken.
    pub message: Option<Expr>,
    /// The rule as written.
    pub text: SmolStr,
    /// The name of the type that it defines.
    pub name: Option<SmolStr>,
    /// How many slots its expressions need.
    pub slots: u32,
}

/// A `let`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Binding {
    /// The name.
    pub name: SmolStr,
    /// The value.
    pub value: Expr,
}

/// A `require`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Requirement {
    /// What must hold.
    pub condition: Expr,
    /// What is said otherwise; a String.
    pub message: Option<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// A resource, or several under a condition or in a loop.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Node {
    /// One resource.
    Resource(Box<Resource>),
    /// Resources under a condition.
    If {
        /// The condition.
        condition: Expr,
        /// Where it holds.
        then: Vec<Node>,
        /// Where it does not.
        otherwise: Vec<Node>,
    },
    /// Resources for each element.
    For {
        /// The variables and what is gone over.
        head: Loop,
        /// The stable key of an iteration; a String.
        key: Expr,
        /// The resources of an iteration.
        body: Vec<Node>,
    },
    /// A variable for the nodes after it.
    Let(Local, Expr),
}

/// A Kubernetes object that an instance has, or reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// The name, unique in the composite.
    pub name: SmolStr,
    /// It is read, never written.
    pub external: bool,
    /// The API group, empty for the core one.
    pub group: SmolStr,
    /// The API version.
    pub version: SmolStr,
    /// The kind.
    pub kind: SmolStr,
    /// Where it lives; `None` where no schema says so.
    pub scope: Option<Scope>,
    /// The object without `apiVersion` and `kind`.
    pub body: Expr,
    /// Resources that it waits for, as written.
    pub after: Vec<SmolStr>,
    /// When it is ready; where absent, as usual for its kind.
    pub ready: Option<Expr>,
    /// Never deleted by Tessera.
    pub protect: bool,
    /// Kept when the instance goes.
    pub retain: bool,
    /// Deleted and made again when an immutable field changes.
    pub replace: bool,
    /// The declaration's name.
    pub span: Span,
}

/// An output.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    /// The name, also in the status.
    pub name: SmolStr,
    /// What values it has.
    pub schema: Schema,
    /// The value.
    pub value: Expr,
    /// Its documentation.
    pub doc: Option<SmolStr>,
    /// The declaration's name.
    pub span: Span,
}

/// A lease.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lease {
    /// How long; a Duration.
    pub duration: Expr,
    /// `{ warn: [Duration], from: "first-ready" | "created", max-wait?: Duration }`.
    pub options: Expr,
    /// Where it stands.
    pub span: Span,
}

/// A notification.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Notification {
    /// `slack`, `email` or `webhook`.
    pub channel: SmolStr,
    /// The channel, address or URL; nobody is told where it is absent.
    pub target: Expr,
    /// Of what.
    pub events: Vec<SmolStr>,
    /// Where it stands.
    pub span: Span,
}

/// `from` needs something of `to` that only a cluster knows, or says `after`:
/// it is created after it and deleted before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// The resource that waits.
    pub from: SmolStr,
    /// The resource that it waits for.
    pub to: SmolStr,
    /// What it needs, `status.readyReplicas`; `None` for `after`.
    pub field: Option<String>,
    /// Where that is written.
    pub span: Span,
}

impl Composite {
    /// All resources, in source order.
    #[must_use]
    pub fn resources(&self) -> Vec<&Resource> {
        let mut found = Vec::new();
        gather(&self.nodes, &mut found);
        found
    }

    /// The resource with this name.
    #[must_use]
    pub fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources().into_iter().find(|r| r.name == name)
    }

    /// `group/version`.
    #[must_use]
    pub fn api(&self) -> String {
        format!("{}/{}", self.group, self.api_version)
    }
}

impl Resource {
    /// `apiVersion` as manifests have it: without a slash in the core group.
    #[must_use]
    pub fn api(&self) -> String {
        if self.group.is_empty() { self.version.to_string() } else { format!("{}/{}", self.group, self.version) }
    }
}

fn gather<'a>(nodes: &'a [Node], found: &mut Vec<&'a Resource>) {
    for node in nodes {
        match node {
            Node::Resource(resource) => found.push(resource),
            Node::If { then, otherwise, .. } => {
                gather(then, found);
                gather(otherwise, found);
            }
            Node::For { body, .. } => gather(body, found),
            Node::Let(..) => {}
        }
    }
}
