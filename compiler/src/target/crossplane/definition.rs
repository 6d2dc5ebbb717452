//! The definition of a composite's API, an XRD. Crossplane makes a CRD of it:
//! at the root it keeps only the description and rules, in `spec` and `status`
//! only fields, what is required, rules and the description, and it demands
//! `spec` (crossplane, internal/xcrd/crd.go). So a default of `spec` itself is
//! left out; everything deeper stays.

use super::name;
use crate::diagnostic::Diagnostic;
use crate::ir::{Composite, Scope};
use crate::schema::Schemas;
use crate::target::schema::openapi::{OpenApi, entries};
use crate::target::schema::{self, Column};
use crate::value::{Map, Value};

/// Headings of the columns that Crossplane adds.
const COLUMNS: &[&str] = &["synced", "ready", "composition", "compositionrevision", "age"];

/// The definition, and what its schema cannot say.
pub(super) fn definition(composite: &Composite, schemas: &Schemas) -> (Value, Vec<Diagnostic>) {
    let (api, diagnostics) = schema::api(composite, schemas);
    let columns: Vec<Value> = api.columns.iter().map(column).collect();
    let mut status = api.status;
    if composite.lease.is_some() {
        status.fields.insert("lease".into(), lease());
    }
    let spec = OpenApi { default: None, ..api.spec };
    let whole = OpenApi {
        description: composite.doc.as_deref().map(|doc| doc.trim_end().to_owned()),
        rules: api.rules,
        ..OpenApi::object([("spec".into(), spec), ("status".into(), status)], vec!["spec".into()])
    };
    let version = entries([
        ("name", Value::String(composite.api_version.clone())),
        ("served", Value::Bool(true)),
        ("referenceable", Value::Bool(true)),
        ("schema", entries([("openAPIV3Schema", whole.value())])),
        ("additionalPrinterColumns", if columns.is_empty() { Value::Absent } else { Value::list(columns) }),
    ]);
    let whole = name(composite);
    let scope = match composite.scope {
        Scope::Namespaced => "Namespaced",
        Scope::Cluster => "Cluster",
    };
    let names =
        entries([("kind", Value::String(composite.kind.clone())), ("plural", Value::String(composite.plural.clone()))]);
    let definition = entries([
        ("apiVersion", Value::str("apiextensions.crossplane.io/v2")),
        ("kind", Value::str("CompositeResourceDefinition")),
        ("metadata", entries([("name", Value::str(&whole))])),
        (
            "spec",
            entries([
                ("group", Value::String(composite.group.clone())),
                ("names", names),
                ("scope", Value::str(scope)),
                ("defaultCompositionRef", entries([("name", Value::str(&whole))])),
                ("versions", Value::list(vec![without_absent(&version)])),
            ]),
        ),
    ]);
    (definition, diagnostics)
}

/// What the function writes of a lease.
fn lease() -> OpenApi {
    let time = || OpenApi { format: Some("date-time"), ..OpenApi::of("string") };
    let fields = [("startedAt".into(), time()), ("expiresAt".into(), time()), ("phase".into(), OpenApi::of("string"))];
    OpenApi { description: Some("How long the instance lives.".to_owned()), ..OpenApi::object(fields, Vec::new()) }
}

fn column(column: &Column) -> Value {
    let taken = COLUMNS.contains(&column.name.replace(' ', "").to_lowercase().as_str());
    let name = if taken { format!("{} (output)", column.name) } else { column.name.clone() };
    let text = |text: &Option<String>| text.as_deref().map_or(Value::Absent, Value::str);
    let wide = if column.wide { Value::Int(1) } else { Value::Absent };
    without_absent(&entries([
        ("name", Value::str(&name)),
        ("type", Value::str(column.ty)),
        ("description", text(&column.description)),
        ("jsonPath", Value::str(&column.path)),
        ("priority", wide),
    ]))
}

fn without_absent(value: &Value) -> Value {
    let fields = value.as_map().into_iter().flat_map(Map::iter);
    let given = fields.filter(|(_, value)| !matches!(value, Value::Absent));
    Value::map(given.map(|(key, value)| (key.clone(), value.clone())).collect())
}
