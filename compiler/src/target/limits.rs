//! What each target makes of each construct of a composite, in one form: the
//! documentation's table is written from it, and the tests prove every entry.

use super::{Lowered, Lowering, controller, crossplane, helm, kro};
use crate::diagnostic::Code;

/// A target that lowers composites.
#[derive(Clone, Copy, Debug)]
pub struct Engine {
    /// How `--target` calls it.
    pub name: &'static str,
    /// How people call it.
    pub title: &'static str,
    /// What lowers composites to it.
    pub lower: fn(Lowering<'_>) -> Lowered,
    /// The constructs that it does not simply take.
    pub limits: &'static [(Construct, Fit)],
}

/// The targets that lower composites, in the order of the documentation.
pub const ENGINES: &[Engine] = &[
    Engine { name: "controller", title: "Controller", lower: controller::lower, limits: controller::LIMITS },
    Engine { name: "crossplane", title: "Crossplane", lower: crossplane::lower, limits: crossplane::LIMITS },
    Engine { name: "helm", title: "Helm", lower: helm::lower, limits: helm::LIMITS },
    Engine { name: "kro", title: "kro", lower: kro::lower, limits: kro::LIMITS },
];

/// What a target makes of a construct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It means what it means in a build.
    Taken,
    /// The same, in a way of its own that is worth knowing.
    Otherwise(&'static str),
    /// It is left out, and a warning says so.
    LeftOut(&'static Code),
    /// It is an error.
    Refused(&'static Code),
}

impl Engine {
    /// What the target makes of a construct.
    #[must_use]
    pub fn fit(&self, construct: Construct) -> Fit {
        self.limits.iter().find(|(limited, _)| *limited == construct).map_or(Fit::Taken, |(_, fit)| *fit)
    }
}

/// Declares the constructs, in the order of the documentation.
macro_rules! constructs {
    ($($name:ident $id:literal $title:literal)*) => {
        /// Something that a composite may have and that some target takes otherwise than others.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub enum Construct { $($name),* }

        impl Construct {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name, in which words are joined by `-`.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }

            /// Its name in documentation.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }
        }
    };
}

constructs! {
    Units "units" "parameters of type `Duration`, `Quantity`"
    Union "union" "a parameter that is one of several records"
    Secret "secret" "a parameter of type `Secret<T>`"
    Bytes "bytes" "a parameter of type `Bytes`"
    Timestamp "timestamp" "a parameter of type `Timestamp`"
    Kubernetes "kubernetes-type" "a parameter of a Kubernetes type"
    SeveralTypes "several-types" "a parameter of several types in one place: `Bool \\| String`"
    NoBound "no-bound" "a rule on each item of a list that has no bound"
    ItemRule "item-rule" "a rule on each item of a list with a bound"
    NoCel "no-cel" "a rule that the API server's CEL cannot say"
    Require "require" "`require` between parameters"
    Reserved "reserved" "an output named `conditions`"
    Condition "condition" "`if` round resources"
    Loop "loop" "`for` round resources"
    Arithmetic "arithmetic" "arithmetic on Ints"
    QuantityArithmetic "quantity-arithmetic" "arithmetic on Quantities"
    QuantityOrder "quantity-order" "order among Quantities"
    FloatArithmetic "float-arithmetic" "arithmetic on Floats"
    SortBy "sort-by" "`sortBy`"
    MapMacro "map-macro" "a macro over a map as it is written"
    OwnLabels "own-labels" "`self.labels`, `self.annotations`, `self.uid`"
    Observed "observed" "a value in a resource that only a cluster knows"
    ObservedOutput "observed-output" "an output that only a cluster knows"
    External "external" "`external`: an object that is only read"
    After "after" "`after`"
    Ready "ready" "`ready when` of a resource"
    CompositeReady "composite-ready" "`ready when` of the composite"
    Protect "protect" "`protect`"
    Retain "retain" "`retain`"
    Replace "replace" "`replace`"
    Lease "lease" "`lease`"
    Notify "notify" "`notify`"
    ClusterScope "cluster-scope" "`scope cluster`"
    OtherNamespace "other-namespace" "an object in another namespace than its instance"
    Versions "versions" "two versions of one composite in a call"
}
