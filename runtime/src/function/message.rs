//! The messages of `apiextensions.fn.proto.v1`, as far as the function uses
//! them, written by hand so that no protobuf compiler is needed. Objects
//! (`google.protobuf.Struct`) stay octets until they are read: what earlier
//! steps of a pipeline want passes through as it came, and depth is bounded by
//! [`super::structure`], not by the decoder of messages.

use std::collections::BTreeMap;

use prost::Message;
use prost::bytes::Bytes;

/// An enumeration of the protocol: a number in messages.
macro_rules! enumeration {
    ($(#[$about:meta])* $name:ident { $($value:ident = $number:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
        #[repr(i32)]
        #[allow(missing_docs)]
        pub enum $name {
            $($value = $number,)*
        }
    };
}

/// What Crossplane asks.
#[derive(Clone, PartialEq, Message)]
pub struct Request {
    /// About the request itself.
    #[prost(message, optional, tag = "1")]
    pub meta: Option<RequestMeta>,
    /// What the cluster has.
    #[prost(message, optional, tag = "2")]
    pub observed: Option<State>,
    /// What earlier steps want.
    #[prost(message, optional, tag = "3")]
    pub desired: Option<State>,
    /// The input of the pipeline's step.
    #[prost(bytes = "bytes", optional, tag = "4")]
    pub input: Option<Bytes>,
    /// What earlier steps tell later ones.
    #[prost(bytes = "bytes", optional, tag = "5")]
    pub context: Option<Bytes>,
    /// Objects that were asked for, by the older name.
    #[prost(btree_map = "string, message", tag = "6")]
    pub extra_resources: BTreeMap<String, Resources>,
    /// Objects that were asked for.
    #[prost(btree_map = "string, message", tag = "8")]
    pub required_resources: BTreeMap<String, Resources>,
}

/// About a request.
#[derive(Clone, PartialEq, Message)]
pub struct RequestMeta {
    /// Identifies its contents; the answer repeats it.
    #[prost(string, tag = "1")]
    pub tag: String,
}

/// The composite and its resources.
#[derive(Clone, PartialEq, Message)]
pub struct State {
    /// The composite.
    #[prost(message, optional, tag = "1")]
    pub composite: Option<Resource>,
    /// The resources by their names in the composition.
    #[prost(btree_map = "string, message", tag = "2")]
    pub resources: BTreeMap<String, Resource>,
}

/// An object.
#[derive(Clone, PartialEq, Message)]
pub struct Resource {
    /// The object, a `google.protobuf.Struct`.
    #[prost(bytes = "bytes", optional, tag = "1")]
    pub resource: Option<Bytes>,
    /// Its connection details.
    #[prost(btree_map = "string, bytes", tag = "2")]
    pub connection_details: BTreeMap<String, Vec<u8>>,
    /// Whether it is ready.
    #[prost(enumeration = "Ready", tag = "3")]
    pub ready: i32,
}

enumeration! {
    /// Whether a resource is ready.
    Ready {
        Unspecified = 0,
        True = 1,
        False = 2,
    }
}

/// Objects.
#[derive(Clone, PartialEq, Message)]
pub struct Resources {
    /// The objects.
    #[prost(message, repeated, tag = "1")]
    pub items: Vec<Resource>,
}

/// The answer.
#[derive(Clone, PartialEq, Message)]
pub struct Response {
    /// About the answer itself.
    #[prost(message, optional, tag = "1")]
    pub meta: Option<ResponseMeta>,
    /// The whole intent.
    #[prost(message, optional, tag = "2")]
    pub desired: Option<State>,
    /// What there is to say.
    #[prost(message, repeated, tag = "3")]
    pub results: Vec<Outcome>,
    /// What this and earlier steps tell later ones.
    #[prost(bytes = "bytes", optional, tag = "4")]
    pub context: Option<Bytes>,
    /// What the function must see.
    #[prost(message, optional, tag = "5")]
    pub requirements: Option<Requirements>,
    /// Conditions of the composite.
    #[prost(message, repeated, tag = "6")]
    pub conditions: Vec<Condition>,
}

/// About an answer.
#[derive(Clone, PartialEq, Message)]
pub struct ResponseMeta {
    /// The request's.
    #[prost(string, tag = "1")]
    pub tag: String,
    /// How long it holds.
    #[prost(message, optional, tag = "2")]
    pub ttl: Option<Span>,
}

/// `google.protobuf.Duration`.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Span {
    /// Whole seconds.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// What is beyond them.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

/// One thing that is said of a run.
#[derive(Clone, PartialEq, Message)]
pub struct Outcome {
    /// How grave it is.
    #[prost(enumeration = "Severity", tag = "1")]
    pub severity: i32,
    /// What is said.
    #[prost(string, tag = "2")]
    pub message: String,
    /// One word for it: our code.
    #[prost(string, optional, tag = "3")]
    pub reason: Option<String>,
}

enumeration! {
    /// How grave an outcome is.
    Severity {
        Unspecified = 0,
        Fatal = 1,
        Warning = 2,
        Normal = 3,
    }
}

/// A condition of the composite.
#[derive(Clone, PartialEq, Message)]
pub struct Condition {
    /// Its type.
    #[prost(string, tag = "1")]
    pub r#type: String,
    /// Whether it holds.
    #[prost(enumeration = "Status", tag = "2")]
    pub status: i32,
    /// One word why.
    #[prost(string, tag = "3")]
    pub reason: String,
    /// A sentence why.
    #[prost(string, optional, tag = "4")]
    pub message: Option<String>,
}

enumeration! {
    /// Whether a condition holds.
    Status {
        Unspecified = 0,
        Unknown = 1,
        True = 2,
        False = 3,
    }
}

/// What the function must see before it can answer.
#[derive(Clone, PartialEq, Message)]
pub struct Requirements {
    /// Objects, by the older name.
    #[prost(btree_map = "string, message", tag = "1")]
    pub extra_resources: BTreeMap<String, Selector>,
    /// Objects.
    #[prost(btree_map = "string, message", tag = "2")]
    pub resources: BTreeMap<String, Selector>,
}

/// Which object is asked for.
#[derive(Clone, PartialEq, Message)]
pub struct Selector {
    /// Its API.
    #[prost(string, tag = "1")]
    pub api_version: String,
    /// Its kind.
    #[prost(string, tag = "2")]
    pub kind: String,
    /// Its name.
    #[prost(string, optional, tag = "3")]
    pub match_name: Option<String>,
    /// Its namespace.
    #[prost(string, optional, tag = "5")]
    pub namespace: Option<String>,
}
