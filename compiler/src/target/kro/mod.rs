//! `--target kro`: a ResourceGraphDefinition (kro.run/v1alpha1, kro 0.9) for each composite.
//!
//! Parameters are SimpleSchema, what depends on an instance is CEL between `${` and `}`. Ids
//! are made of the names of resources; the annotation [`NAMES`] tells which is which.

mod graph;
mod simple;
mod template;

use smol_str::SmolStr;

use super::limits::{Construct, Fit};
use super::{File, Lowered, Lowering, Names};
use crate::diagnostic::{Diagnostic, E0710, E0711, E0713, E0730, E0731, W0732};
use crate::ir::{Composite, Scope};
use crate::library::words::RESERVED;
use crate::schema::Schemas;
use crate::source::Span;
use crate::value::{Map, Value};
use graph::Graph;

/// Which resource each id stands for, where the two differ.
const NAMES: &str = "tessera.dev/names";

/// What kro does not simply take.
pub const LIMITS: &[(Construct, Fit)] = &[
    (Construct::Units, Fit::Refused(&E0730)),
    (Construct::SeveralTypes, Fit::Refused(&E0710)),
    (Construct::NoBound, Fit::Refused(&E0711)),
    (Construct::Reserved, Fit::Refused(&E0731)),
    (Construct::QuantityArithmetic, Fit::Refused(&E0730)),
    (Construct::QuantityOrder, Fit::Refused(&E0730)),
    (Construct::Protect, Fit::Refused(&E0731)),
    (Construct::Retain, Fit::Refused(&E0731)),
    (Construct::Replace, Fit::LeftOut(&W0732)),
    (Construct::Lease, Fit::LeftOut(&W0732)),
    (Construct::Notify, Fit::LeftOut(&W0732)),
    (Construct::Versions, Fit::Refused(&E0713)),
];

type Problems = Vec<Diagnostic>;

/// Lowers composites.
#[must_use]
pub fn lower(lowering: Lowering<'_>) -> Lowered {
    let (mut lowered, mut names) = (Lowered::default(), Names::default());
    for source in lowering.composites {
        let name = definition_name(source.reduced);
        let path = format!("{name}.yaml");
        if let Some(twice) = names.take(name, source.reduced, "the definition") {
            lowered.diagnostics.push(twice);
            continue;
        }
        let document = definition(source.reduced, lowering.schemas, &mut lowered.diagnostics);
        lowered.files.push(File::yaml(path, &[document]));
    }
    lowered
}

fn definition_name(composite: &Composite) -> String {
    format!("{}.{}", composite.plural, composite.group)
}

fn not_in_kro(span: Span, what: &str, help: &str) -> Diagnostic {
    Diagnostic::new(&E0731, span, format!("kro has no place for {what}")).label("this does not fit").help(help)
}

fn left_out(span: Span, what: &str, why: &str) -> Diagnostic {
    Diagnostic::new(&W0732, span, format!("{what} is left out: {why}"))
        .help("build for a target that has it, such as `controller`, where it is needed")
}

fn definition(composite: &Composite, schemas: &Schemas, problems: &mut Problems) -> Value {
    let graph = Graph::new(composite, problems);
    let mut schema = Map::default();
    schema.insert("kind", Value::String(composite.kind.clone()));
    schema.insert("apiVersion", Value::String(composite.api_version.clone()));
    schema.insert("group", Value::String(composite.group.clone()));
    let scope = if composite.scope == Scope::Cluster { "Cluster" } else { "Namespaced" };
    schema.insert("scope", Value::str(scope));
    let simple = simple::simple(composite, schemas, problems);
    schema.insert("spec", Value::map(simple.spec));
    if !simple.types.is_empty() {
        schema.insert("types", Value::map(simple.types));
    }
    let status = graph.status(problems);
    if !status.is_empty() {
        schema.insert("status", Value::map(status));
    }
    left_behind(composite, problems);
    let resources = graph.resources(problems);
    let mut metadata = Map::default();
    metadata.insert("name", Value::String(definition_name(composite).into()));
    let renamed: Vec<String> = graph.renamed().map(|(id, name)| format!("{id}={name}")).collect();
    if !renamed.is_empty() {
        let mut annotations = Map::default();
        annotations.insert(NAMES, Value::String(renamed.join(",").into()));
        metadata.insert("annotations", Value::map(annotations));
    }
    let mut spec = Map::default();
    spec.insert("schema", Value::map(schema));
    spec.insert("resources", Value::list(resources));
    let mut document = Map::default();
    document.insert("apiVersion", Value::str("kro.run/v1alpha1"));
    document.insert("kind", Value::str("ResourceGraphDefinition"));
    document.insert("metadata", Value::map(metadata));
    document.insert("spec", Value::map(spec));
    Value::map(document)
}

/// What has no place in kro.
fn left_behind(composite: &Composite, problems: &mut Problems) {
    if let Some(lease) = &composite.lease {
        problems.push(left_out(lease.span, "the lease", "kro has no time"));
    }
    for notification in &composite.notifications {
        problems.push(left_out(notification.span, "the notification", "kro tells nobody"));
    }
    for resource in composite.resources() {
        if resource.protect || resource.retain {
            problems.push(not_in_kro(
                resource.span,
                "an object that stays when its instance goes",
                "write the object apart, and refer to it with `external`",
            ));
        }
        if resource.replace {
            problems.push(left_out(resource.span, "`replace`", "kro makes no object anew"));
        }
    }
}

/// `redis-cache` as `RedisCache`.
fn pascal(name: &str) -> String {
    let parts = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let mut letters = part.chars();
            letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
        })
        .collect()
}

/// What no id and no variable may be called.
fn reserved() -> impl Iterator<Item = &'static str> {
    OWN.iter().chain(RESERVED).copied()
}

/// An id that kro takes, made of a name.
fn id(name: &str, taken: &[SmolStr]) -> SmolStr {
    let mut id = pascal(name);
    if let Some(first) = id.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    if !id.starts_with(|c: char| c.is_ascii_lowercase()) {
        id = format!("r{id}");
    }
    if reserved().any(|word| word == id) {
        id.push_str("Resource");
    }
    let free = |id: &str| !taken.iter().any(|taken| taken == id);
    if free(&id) {
        return id.into();
    }
    (2..).map(|n| format!("{id}{n}")).find(|id| free(id)).unwrap_or(id).into()
}

/// What no id may be (pkg/graph/validation.go), and what CEL's own functions and types are called; its words
/// are not among them.
const OWN: &[&str] = &[
    "apiVersion",
    "context",
    "dependency",
    "dependencies",
    "each",
    "externalRef",
    "externalReference",
    "externalRefs",
    "externalReferences",
    "graph",
    "instance",
    "item",
    "items",
    "kind",
    "kro",
    "metadata",
    "namespace",
    "object",
    "resource",
    "resourcegraphdefinition",
    "resourceGraphDefinition",
    "resources",
    "root",
    "runtime",
    "schema",
    "self",
    "serviceAccountName",
    "spec",
    "status",
    "this",
    "variables",
    "vars",
    "version",
    "int",
    "uint",
    "double",
    "bool",
    "string",
    "bytes",
    "list",
    "map",
    "type",
    "dyn",
    "size",
    "has",
    "omit",
    "quantity",
    "duration",
    "timestamp",
    "lists",
    "hash",
    "json",
    "random",
    "optional",
];
