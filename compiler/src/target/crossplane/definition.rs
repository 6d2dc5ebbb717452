//! The definition of a composite's API, an XRD.

use super::{name, object};
use crate::diagnostic::Diagnostic;
use crate::ir::{Composite, Scope};
use crate::schema::Schemas;
use crate::value::Value;

/// The definition, and what its schema cannot say.
pub(super) fn definition(composite: &Composite, _schemas: &Schemas) -> (Value, Vec<Diagnostic>) {
    let open = || object([("type", Value::str("object")), ("x-kubernetes-preserve-unknown-fields", Value::Bool(true))]);
    let schema = object([
        ("type", Value::str("object")),
        ("properties", object([("spec", open()), ("status", open())])),
        ("required", Value::list(vec![Value::str("spec")])),
    ]);
    let version = object([
        ("name", Value::String(composite.api_version.clone())),
        ("served", Value::Bool(true)),
        ("referenceable", Value::Bool(true)),
        ("schema", object([("openAPIV3Schema", schema)])),
    ]);
    let whole = name(composite);
    let scope = match composite.scope {
        Scope::Namespaced => "Namespaced",
        Scope::Cluster => "Cluster",
    };
    let names =
        object([("kind", Value::String(composite.kind.clone())), ("plural", Value::String(composite.plural.clone()))]);
    let definition = object([
        ("apiVersion", Value::str("apiextensions.crossplane.io/v2")),
        ("kind", Value::str("CompositeResourceDefinition")),
        ("metadata", object([("name", Value::str(&whole))])),
        (
            "spec",
            object([
                ("group", Value::String(composite.group.clone())),
                ("names", names),
                ("scope", Value::str(scope)),
                ("defaultCompositionRef", object([("name", Value::str(&whole))])),
                ("versions", Value::list(vec![version])),
            ]),
        ),
    ]);
    (definition, Vec::new())
}
