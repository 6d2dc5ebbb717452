//! The rules: which change of an API does what to the instances that there are.
//! docs/compatibility.md shows this table; a test holds the two together.

/// What a change does to instances, or to those who read their outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Whatever was valid is valid and means the same.
    Compatible,
    /// Neither shown to be compatible nor to break anything.
    Unproven,
    /// Some instance is refused now, or means something else.
    Breaking,
}

impl Effect {
    /// The word for it, in the documentation and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Unproven => "unproven",
            Self::Breaking => "breaking",
        }
    }
}

/// A kind of change, and what it does.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// A stable name, also in JSON.
    pub id: &'static str,
    /// What it does.
    pub effect: Effect,
    /// The change.
    pub change: &'static str,
    /// Why it has this effect.
    pub reason: &'static str,
}

macro_rules! rules {
    ($($name:ident $id:literal $effect:ident $change:literal $reason:literal)*) => {
        $(
            #[doc = $change]
            pub static $name: Rule =
                Rule { id: $id, effect: Effect::$effect, change: $change, reason: $reason };
        )*
        /// Every rule, in the order of the documentation.
        pub static RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    PARAM_REMOVED "param-removed" Breaking
        "a parameter, or a field of one, is removed or renamed"
        "instances that give it have a field that is not known"
    PARAM_REQUIRED "param-required" Breaking
        "a new parameter or field must be given"
        "no instance gives it yet"
    NOW_REQUIRED "now-required" Breaking
        "a parameter or field that could be left out must be given"
        "instances that leave it out are refused"
    TYPE_NARROWED "type-narrowed" Breaking
        "a type takes values no more that it took"
        "instances with such a value are refused"
    VALUE_GONE "value-gone" Breaking
        "one of several values is gone"
        "instances that say it are refused"
    RULE_TIGHTENED "rule-tightened" Breaking
        "a rule of a type (`where`) refuses what was taken"
        "instances with such a value are refused"
    DEFAULT_CHANGED "default-changed" Breaking
        "a default is changed, taken away, or given to what was absent before"
        "instances that leave it out mean something else"
    REQUIREMENT_TIGHTENED "requirement-tightened" Breaking
        "a `require` refuses parameters that were taken"
        "such instances are refused"
    OUTPUT_REMOVED "output-removed" Breaking
        "an output, or a field of one, is removed or renamed"
        "who reads it finds nothing"
    OUTPUT_WIDENED "output-widened" Breaking
        "an output may have values that it could not have"
        "who reads it does not know them"
    SCOPE_CHANGED "scope-changed" Breaking
        "the scope is changed"
        "instances live in namespaces, or not; the API server does not move them"
    KIND_GONE "kind-gone" Breaking
        "a composite of a beta or stable version is gone, or has another kind or group"
        "its instances are of an API that nothing serves"
    VERSION_BACK "version-back" Breaking
        "a version is replaced by an older or less stable one"
        "nobody expects to move back, and a version may be given up only for one as stable"
    TYPE_UNPROVEN "type-unproven" Unproven
        "a type is another one, of which nothing tells whether it takes the same"
        "Kubernetes types of another release, what lies in a secret"
    RULE_UNPROVEN "rule-unproven" Unproven
        "a rule of a type is another one, and neither proof nor counterexample was found"
        "of patterns and functions nothing but their value is known"
    REQUIREMENT_UNPROVEN "requirement-unproven" Unproven
        "a `require` is new or another one, and neither proof nor counterexample was found"
        "likewise"
    OUTPUT_UNPROVEN "output-unproven" Unproven
        "the type of an output is another one, and neither proof nor counterexample was found"
        "likewise"
    VERSION_REPLACED "version-replaced" Unproven
        "a beta or stable version is gone, and a newer one is there"
        "instances of the old one must have been moved; Kubernetes keeps such versions for a time"
    ALPHA_GONE "alpha-gone" Compatible
        "an alpha version is gone or replaced"
        "alpha versions may go in any release, without notice"
    PARAM_ADDED "param-added" Compatible
        "a new parameter or field may be left out"
        "instances that leave it out are as before"
    NOW_OPTIONAL "now-optional" Compatible
        "a parameter or field that had to be given may be left out"
        "all instances give it"
    TYPE_WIDENED "type-widened" Compatible
        "a type takes more, or the same in other words"
        "what was taken is taken"
    REQUIREMENT_LOOSENED "requirement-loosened" Compatible
        "a `require` is removed or asks for less"
        "what was taken is taken"
    OUTPUT_ADDED "output-added" Compatible
        "an output is new"
        "nobody reads it yet"
    OUTPUT_NARROWED "output-narrowed" Compatible
        "an output has fewer values"
        "who reads it knows them all"
    COMPOSITE_ADDED "composite-added" Compatible
        "a composite or a version of one is new"
        "it has no instances yet"
}
