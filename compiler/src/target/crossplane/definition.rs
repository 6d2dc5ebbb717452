//! The definition of a composite's API, an XRD. Crossplane makes a CRD of it:
//! at the root it keeps only the description and rules, in `spec` and `status`
//! only fields, what is required, rules and the description, and it demands
//! `spec` (crossplane, internal/xcrd/crd.go). So a default of `spec` itself is
//! left out; everything deeper stays.

use super::{Release, name, names};
use crate::ir::{Composite, Scope};
use crate::target::EXACT;
use crate::target::schema::openapi::{OpenApi, entries};
use crate::target::schema::{Api, Column};
use crate::value::{Map, Value};

/// Headings of the columns that Crossplane adds.
const COLUMNS: &[&str] = &["synced", "ready", "composition", "compositionrevision", "age"];

/// The definition.
pub(super) fn definition(composite: &Composite, api: Api, release: Release) -> Value {
    let columns: Vec<Value> = api.columns.iter().map(column).collect();
    let mut status = api.status;
    if composite.lease.is_some() {
        status.fields.insert("lease".into(), lease());
    }
    let mut spec = OpenApi { default: None, ..api.spec };
    bound(&mut spec);
    if composite.lease.is_some() {
        spec.fields.insert("lease".into(), renewal());
    }
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
    let (kind, plural) = names(composite, release);
    let named = |kind: &str, plural: &str| entries([("kind", Value::str(kind)), ("plural", Value::str(plural))]);
    let mut spec = Map::default();
    spec.insert("group", Value::String(composite.group.clone()));
    spec.insert("names", named(&kind, &plural));
    match (release, composite.scope) {
        (Release::V2, Scope::Namespaced) => spec.insert("scope", Value::str("Namespaced")),
        (Release::V2, Scope::Cluster) => spec.insert("scope", Value::str("Cluster")),
        // Instances that live in a namespace are claims of composites that do not.
        (Release::V1, Scope::Namespaced) => spec.insert("claimNames", named(&composite.kind, &composite.plural)),
        (Release::V1, Scope::Cluster) => {}
    }
    spec.insert("defaultCompositionRef", entries([("name", Value::str(&whole))]));
    spec.insert("versions", Value::list(vec![without_absent(&version)]));
    let (api, name) = match release {
        Release::V1 => ("apiextensions.crossplane.io/v1", format!("{plural}.{}", composite.group)),
        Release::V2 => ("apiextensions.crossplane.io/v2", whole),
    };
    entries([
        ("apiVersion", Value::str(api)),
        ("kind", Value::str("CompositeResourceDefinition")),
        ("metadata", entries([("name", Value::str(&name))])),
        ("spec", Value::map(spec)),
    ])
}

/// Integers of every level that are not bound closer.
fn bound(level: &mut OpenApi) {
    if level.ty == Some("integer") && level.one_of.is_empty() {
        if !matches!(level.minimum, Some(Value::Int(min)) if min >= -EXACT) {
            level.minimum = Some(Value::Int(-EXACT));
            level.above = false;
        }
        if !matches!(level.maximum, Some(Value::Int(max)) if max <= EXACT) {
            level.maximum = Some(Value::Int(EXACT));
            level.below = false;
        }
    }
    let parts =
        level.items.iter_mut().chain(&mut level.values).map(|part| &mut **part).chain(level.fields.values_mut());
    parts.for_each(bound);
}

/// What renews a lease.
fn renewal() -> OpenApi {
    let renewed = OpenApi {
        format: Some("date-time"),
        description: Some("The lease runs anew from this time, which is not in the future.".to_owned()),
        ..OpenApi::of("string")
    };
    OpenApi {
        description: Some("How long the instance lives.".to_owned()),
        ..OpenApi::object([("renewedAt".into(), renewed)], Vec::new())
    }
}

/// What the function writes of a lease.
fn lease() -> OpenApi {
    let time = || OpenApi { format: Some("date-time"), ..OpenApi::of("string") };
    let warned = OpenApi { items: Some(Box::new(OpenApi::of("string"))), ..OpenApi::of("array") };
    let fields = [
        ("startedAt".into(), time()),
        ("expiresAt".into(), time()),
        ("phase".into(), OpenApi::of("string")),
        ("warned".into(), warned),
    ];
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
