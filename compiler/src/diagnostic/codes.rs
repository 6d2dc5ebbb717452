//! The table of codes. A code is stable: it is never given another meaning.
//!
//! | range | about |
//! | --- | --- |
//! | E00xx | files and text |
//! | E01xx | syntax |
//! | E02xx | names and modules |
//! | E03xx | types |
//! | E04xx | Kubernetes |
//! | E05xx | evaluation |
//! | E06xx | the graph of resources |
//! | E07xx | targets |
//! | W08xx | lints |
//! | E09xx | the project, its instances, its earlier versions (E095x) |

use super::Severity;

/// One kind of diagnostic. Its page is `docs/errors/<id>.md`.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `E0301`.
    pub id: &'static str,
    /// A few words, as on the page's title.
    pub title: &'static str,
    /// The severity unless changed.
    pub severity: Severity,
}

/// The code with this id, in any case: `e0301` finds `E0301`.
#[must_use]
pub fn code(id: &str) -> Option<&'static Code> {
    ALL.iter().copied().find(|c| c.id.eq_ignore_ascii_case(id))
}

macro_rules! codes {
    ($($id:ident $severity:ident $title:literal)*) => {
        $(
            #[doc = $title]
            pub static $id: Code = Code { id: stringify!($id), title: $title, severity: Severity::$severity };
        )*
        /// Every code, in order.
        pub static ALL: &[&Code] = &[$(&$id),*];
    };
}

codes! {
    E0001 Error "file cannot be read"
    E0002 Error "file is not UTF-8 text"
    E0003 Error "file is too large"
    E0004 Error "character not allowed in source"
    E0005 Error "nested too deeply"

    E0101 Error "syntax error"
    E0102 Error "bracket is not closed"
    E0103 Error "string is not closed"
    E0104 Error "misspelt or misplaced keyword"
    E0105 Error "not a valid literal"
    E0106 Error "invalid escape in a string"
    E0107 Error "braces missing round an object"
    E0108 Error "not available yet"

    E0201 Error "unknown name"
    E0202 Error "name declared twice"
    E0203 Error "module not found"
    E0204 Error "modules import each other"
    E0205 Error "name is private to its module"
    E0206 Error "shadows a name that is in use here"
    E0207 Error "subtraction needs spaces"
    E0208 Error "declarations refer to each other in a cycle"
    E0209 Error "not usable here"

    E0301 Error "type mismatch"
    E0302 Error "unknown field"
    E0303 Error "required field is missing"
    E0304 Error "value breaks a rule of its type"
    E0305 Error "match does not cover every case"
    E0306 Error "match arm can never be reached"
    E0307 Error "unit does not fit"
    E0308 Error "value may be absent"
    E0309 Error "secret would become visible"
    E0310 Error "wrong arguments"
    E0311 Error "no such operation for these types"
    E0312 Error "field given twice"
    E0313 Error "entry is lost to a later spread"
    E0314 Error "not a valid type"
    E0315 Error "unit of a literal is ambiguous"
    E0316 Error "function is recursive"

    E0401 Error "unknown kind"
    E0402 Error "field is filled by the cluster"
    E0403 Error "name is not valid in Kubernetes"
    E0404 Error "scope does not fit"
    E0405 Error "name is too long"
    E0406 Error "kind is not in every version of Kubernetes"
    E0407 Error "field or value is not in every version of Kubernetes"
    E0420 Error "definition of a kind cannot be used"
    E0421 Error "version of a kind is not served"
    E0422 Error "object breaks a rule of its kind's definition"
    E0440 Error "selector does not match its template"
    E0441 Error "text has not the form that is needed"
    E0442 Error "given twice where each may stand once"
    E0443 Error "port cannot be used"
    E0444 Error "refers to what the pod does not have"
    E0445 Error "one of several fields is needed, and only one"
    E0446 Error "resources do not fit together"
    E0447 Error "probe or hook cannot work"
    E0448 Error "fields exclude each other"
    E0449 Error "field is needed here"
    E0450 Error "number is out of range"
    E0451 Error "pods cannot be restarted like that"
    E0452 Error "selector is not valid"
    E0453 Error "update strategy cannot work"
    E0454 Error "two entries of a list have the same key"
    E0455 Error "label or annotation is not valid"
    E0456 Error "finalizer or owner is not valid"
    E0457 Error "port of a Service is not valid"
    E0458 Error "addresses of a Service do not fit"
    E0459 Error "Ingress is not valid"
    E0460 Error "NetworkPolicy is not valid"
    E0461 Error "role or binding is not valid"
    E0462 Error "schedule or time zone is not valid"
    E0463 Error "autoscaler cannot work"
    E0464 Error "disruption budget is not valid"
    E0465 Error "quota or limit is not valid"
    E0466 Error "data of a ConfigMap or Secret is not valid"
    E0467 Error "claim, volume or class is not valid"
    E0468 Error "webhook or admission policy is not valid"
    E0469 Error "definition of an API is not valid"
    E0470 Error "object of the cluster is not valid"

    E0501 Error "evaluation failed"
    E0502 Error "integer overflow"
    E0503 Error "division by zero"
    E0504 Error "no such key or index"
    E0505 Error "evaluation is too large"
    E0506 Error "conversion failed"

    E0601 Error "resources refer to each other in a cycle"
    E0602 Error "two resources have the same identity"
    E0603 Error "loop has no stable key"
    E0604 Error "value is known only in a cluster"
    E0605 Error "resource may not exist"
    E0606 Error "requirement is not met"

    E0710 Error "type cannot be part of an API's schema"
    E0711 Error "rule of an API needs a bound"
    E0713 Error "two composites become one in the target"
    W0712 Warning "rule is not checked by the API server"
    E0720 Error "composite does not fit Crossplane"
    E0721 Error "does not fit patch-and-transform"
    E0725 Error "request to the function is not valid"
    W0720 Warning "Crossplane has no place for it"
    W0726 Warning "lease ends soon"
    W0727 Warning "renewal of a lease is not taken"
    E0730 Error "expression has no CEL in the target"
    E0731 Error "composite does not fit kro"
    W0732 Warning "left out for kro"
    E0740 Error "a Helm chart cannot express it"
    W0741 Warning "left out of the Helm chart"

    W0801 Warning "never used"
    W0802 Warning "checking is switched off"
    W0803 Warning "image has no fixed version"
    W0804 Warning "suppression that suppresses nothing"
    W0805 Warning "condition is always the same"
    W0806 Warning "deprecated"
    W0807 Warning "amount is likely of another unit"
    W0808 Warning "text that looks like a value"
    W0820 Warning "definition of a kind is odd"
    W0821 Warning "kind is defined twice"
    W0822 Warning "rule of a definition cannot be run"

    E0901 Error "project file is not valid"
    E0902 Error "YAML is not valid"
    E0903 Error "instance of an unknown composite"
    E0904 Error "lease is not valid"

    E0950 Error "change breaks an API that is in use"
    E0951 Error "version of an API is gone"
    E0952 Error "earlier version cannot be compared"
    W0950 Warning "change is not shown to be compatible"
    W0951 Warning "version of an API is replaced"
}
