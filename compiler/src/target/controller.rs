//! What our controller takes: for each composite its CustomResourceDefinition, a
//! CompositeDefinition that carries the representation, and the role with exactly
//! the kinds and verbs that its instances need. All of it is ready for `kubectl apply`.

use std::collections::{BTreeMap, BTreeSet};

use super::limits::{Construct, Fit};
use super::schema::openapi::{OpenApi, entries};
use super::schema::{self, Api, Column};
use super::{File, Lowered, Lowering, Names, Source};
use crate::diagnostic::{Diagnostic, E0710, E0711, E0713, W0712};
use crate::eval::evaluate_constant;
use crate::expr::{Entry, Expr, ExprKind, Program};
use crate::ir::{self, Composite, Document, Scope};
use crate::schema::Schemas;
use crate::value::{Map, Value};

/// The group of the controller's own kinds.
const GROUP: &str = "tessera.dev";
/// The namespace and the service account of the controller.
const NAMESPACE: &str = "tessera-system";
const ACCOUNT: &str = "tessera-controller";
/// Fields of the status that are the controller's own.
const OWN_STATUS: &[&str] = &["conditions", "observedGeneration", "inventory", "lease"];
/// The group of roles and bindings.
const RBAC: &str = "rbac.authorization.k8s.io";
/// What the controller does with the objects of an instance.
const OWNED: &[&str] = &["create", "delete", "get", "list", "patch", "update", "watch"];
/// What it does with objects that it only reads.
const READ: &[&str] = &["get", "list", "watch"];

/// What the controller does not simply take.
pub const LIMITS: &[(Construct, Fit)] = &[
    (Construct::SeveralTypes, Fit::Refused(&E0710)),
    (Construct::NoBound, Fit::Refused(&E0711)),
    (Construct::NoCel, Fit::LeftOut(&W0712)),
    (Construct::Reserved, Fit::Refused(&E0710)),
    (Construct::Versions, Fit::Refused(&E0713)),
];

/// Writes one file of four documents for each composite.
#[must_use]
pub fn lower(lowering: Lowering<'_>) -> Lowered {
    let (mut lowered, mut names) = (Lowered::default(), Names::default());
    for source in lowering.composites {
        let name = format!("{}.{}", source.reduced.plural, source.reduced.group);
        if let Some(twice) = names.take(name.clone(), source.reduced, "the definition") {
            lowered.diagnostics.push(twice);
            continue;
        }
        let (api, mut diagnostics) = schema::api(source.reduced, lowering.schemas);
        diagnostics.extend(own_fields(source.reduced));
        lowered.diagnostics.append(&mut diagnostics);
        let composite = source.reduced;
        let (role, mut unknown) = role(composite, lowering.schemas);
        lowered.diagnostics.append(&mut unknown);
        let documents = [definition(composite, api), composite_definition(source, &lowering), role, binding(composite)];
        lowered.files.push(File::yaml(format!("{name}.yaml"), &documents));
    }
    lowered
}

/// Parameters and outputs that are called as something of the controller is.
fn own_fields(composite: &Composite) -> Vec<Diagnostic> {
    let taken = |name: &str, place: &str, span| {
        Diagnostic::new(&E0710, span, format!("`{place}.{name}` is the controller's own field"))
            .help(format!("call it something else than `{name}`"))
    };
    let outputs = composite.outputs.iter().filter(|output| OWN_STATUS.contains(&output.name.as_str()));
    let params = composite.params.iter().filter(|param| composite.lease.is_some() && param.name == "lease");
    outputs
        .map(|output| taken(&output.name, "status", output.span))
        .chain(params.map(|param| taken(&param.name, "spec", param.span)))
        .collect()
}

fn object(api_version: &str, kind: &str, name: &str, rest: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let mut map = Map::default();
    map.insert("apiVersion", Value::str(api_version));
    map.insert("kind", Value::str(kind));
    map.insert("metadata", entries([("name", Value::str(name))]));
    for (key, value) in rest {
        map.insert(key, value);
    }
    Value::map(map)
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Value {
    Value::list(texts.into_iter().map(Value::str).collect())
}

/// The plural with the group: the name of a definition.
fn full_name(composite: &Composite) -> String {
    format!("{}.{}", composite.plural, composite.group)
}

/// The CustomResourceDefinition of a composite.
#[must_use]
pub fn definition(composite: &Composite, api: Api) -> Value {
    let columns = columns(composite, &api.columns);
    let version = entries([
        ("name", Value::str(&composite.api_version)),
        ("served", Value::Bool(true)),
        ("storage", Value::Bool(true)),
        ("schema", entries([("openAPIV3Schema", whole(composite, api).value())])),
        ("subresources", entries([("status", Value::map(Map::default()))])),
        ("additionalPrinterColumns", Value::list(columns.iter().map(column).collect())),
    ]);
    let singular = composite.kind.to_lowercase();
    let names = entries([
        ("kind", Value::str(&composite.kind)),
        ("listKind", Value::str(&format!("{}List", composite.kind))),
        ("plural", Value::str(&composite.plural)),
        ("singular", Value::str(&singular)),
        ("categories", texts(["tessera"])),
    ]);
    let scope = match composite.scope {
        Scope::Namespaced => "Namespaced",
        Scope::Cluster => "Cluster",
    };
    let spec = entries([
        ("group", Value::str(&composite.group)),
        ("names", names),
        ("scope", Value::str(scope)),
        ("versions", Value::list(vec![version])),
    ]);
    object("apiextensions.k8s.io/v1", "CustomResourceDefinition", &full_name(composite), [("spec", spec)])
}

/// The whole object: the API with what is the controller's own.
fn whole(composite: &Composite, api: Api) -> OpenApi {
    let Api { mut spec, mut status, rules, .. } = api;
    if composite.lease.is_some() {
        spec.fields.insert("lease".into(), renewal());
    }
    for (name, level) in own_status(composite) {
        status.fields.insert(name.into(), level);
    }
    let required = if spec.required.is_empty() { Vec::new() } else { vec!["spec".into()] };
    let text = |text: &str| OpenApi { description: Some(text.to_owned()), ..OpenApi::of("string") };
    let fields = [
        ("apiVersion".into(), text("The version of the API.")),
        ("kind".into(), text("The kind.")),
        ("metadata".into(), OpenApi::of("object")),
        ("spec".into(), OpenApi { description: Some("What is asked for.".to_owned()), ..spec }),
        ("status".into(), OpenApi { description: Some("What the controller has found.".to_owned()), ..status }),
    ];
    OpenApi {
        description: composite.doc.as_deref().map(|doc| doc.trim_end().to_owned()),
        rules,
        ..OpenApi::object(fields, required)
    }
}

fn renewal() -> OpenApi {
    let at = OpenApi {
        description: Some("The lease begins anew at this time, which is never in the future.".to_owned()),
        format: Some("date-time"),
        ..OpenApi::of("string")
    };
    let description = Some("Renews the lease.".to_owned());
    OpenApi { description, ..OpenApi::object([("renewedAt".into(), at)], Vec::new()) }
}

fn own_status(composite: &Composite) -> Vec<(&'static str, OpenApi)> {
    let integer = || OpenApi { format: Some("int64"), ..OpenApi::of("integer") };
    let list = |items: OpenApi| OpenApi { items: Some(Box::new(items)), ..OpenApi::of("array") };
    let time = || OpenApi { format: Some("date-time"), ..OpenApi::of("string") };
    let words =
        |words: &[&str]| OpenApi { one_of: words.iter().map(|w| Value::str(w)).collect(), ..OpenApi::of("string") };
    let fields = |fields: Vec<(&str, OpenApi)>, required: &[&str]| {
        OpenApi::object(
            fields.into_iter().map(|(name, level)| (name.into(), level)),
            required.iter().map(|name| (*name).into()).collect(),
        )
    };
    let text = || OpenApi::of("string");
    let condition = fields(
        vec![
            ("type", text()),
            ("status", words(&["True", "False", "Unknown"])),
            ("observedGeneration", integer()),
            ("lastTransitionTime", time()),
            ("reason", text()),
            ("message", text()),
        ],
        &["type", "status"],
    );
    let entry = fields(
        vec![
            ("group", text()),
            ("kind", text()),
            ("namespace", text()),
            ("name", text()),
            ("uid", text()),
            ("wave", integer()),
            ("digest", text()),
        ],
        &["kind", "name"],
    );
    let mut own = vec![
        ("conditions", OpenApi { keys: vec!["type".into()], ..list(condition) }),
        ("observedGeneration", integer()),
        ("inventory", list(entry)),
    ];
    if composite.lease.is_some() {
        let lease = vec![("startedAt", time()), ("expiresAt", time()), ("phase", text()), ("warned", list(text()))];
        own.push(("lease", fields(lease, &[])));
    }
    own
}

fn columns(composite: &Composite, outputs: &[Column]) -> Vec<Column> {
    let own = |name: &str, ty, path: &str| Column {
        name: name.to_owned(),
        ty,
        description: None,
        path: path.to_owned(),
        wide: false,
    };
    let mut columns = vec![own("Ready", "string", r#".status.conditions[?(@.type=="Ready")].status"#)];
    columns.extend(outputs.iter().cloned());
    if composite.lease.is_some() {
        columns.push(own("Expires", "date", ".status.lease.expiresAt"));
    }
    columns.push(own("Age", "date", ".metadata.creationTimestamp"));
    columns
}

fn column(column: &Column) -> Value {
    let mut map = Map::default();
    map.insert("name", Value::str(&column.name));
    map.insert("type", Value::str(column.ty));
    map.insert("jsonPath", Value::str(&column.path));
    if let Some(description) = &column.description {
        map.insert("description", Value::str(description));
    }
    if column.wide {
        map.insert("priority", Value::Int(1));
    }
    Value::map(map)
}

/// The object from which the controller learns of the composite.
fn composite_definition(source: &Source<'_>, lowering: &Lowering<'_>) -> Value {
    let composite = source.reduced;
    let document =
        Document { ir_version: ir::VERSION, files: lowering.files.to_vec(), composites: vec![composite.clone()] };
    // One text: as a tree, the API server would keep an owner for each of its thousands of fields.
    let ir = serde_json::to_string(&document).unwrap_or_default();
    let names = entries([
        ("group", Value::str(&composite.group)),
        ("version", Value::str(&composite.api_version)),
        ("kind", Value::str(&composite.kind)),
        ("plural", Value::str(&composite.plural)),
    ]);
    let spec = entries([("composite", names), ("irVersion", Value::Int(ir::VERSION.into())), ("ir", Value::str(&ir))]);
    object(&format!("{GROUP}/v1alpha1"), "CompositeDefinition", &full_name(composite), [("spec", spec)])
}

/// The name of the role and of its binding.
fn role_name(composite: &Composite) -> String {
    format!("{GROUP}:{}", full_name(composite))
}

/// A kind as rules of a role name it.
type Named = (String, String);

/// The role that the controller needs for a composite, and the kinds whose plural nobody knows.
fn role(composite: &Composite, schemas: &Schemas) -> (Value, Vec<Diagnostic>) {
    let (mut owned, mut read, mut diagnostics) = (BTreeSet::<Named>::new(), BTreeSet::new(), Vec::new());
    for resource in composite.resources() {
        let Some(kind) = schemas.kind(&resource.group, &resource.version, &resource.kind) else {
            diagnostics.push(
                Diagnostic::new(
                    &E0710,
                    resource.span,
                    format!("the plural of {}/{} is not known, so no role can name it", resource.api(), resource.kind),
                )
                .help("add the CustomResourceDefinition of the kind to the project"),
            );
            continue;
        };
        let named = (kind.group.to_string(), kind.plural.to_string());
        if resource.external {
            read.insert(named)
        } else {
            owned.insert(named)
        };
    }
    read.retain(|named| !owned.contains(named));
    let mut rules = vec![
        rule(&composite.group, &[&composite.plural], &["get", "list", "patch", "update", "watch"]),
        rule(&composite.group, &[&format!("{}/status", composite.plural)], &["get", "patch", "update"]),
    ];
    rules.extend(by_group(&owned).iter().map(|(group, kinds)| rule(group, kinds, OWNED)));
    rules.extend(by_group(&read).iter().map(|(group, kinds)| rule(group, kinds, READ)));
    rules.extend(granted(composite));
    let role = object(&format!("{RBAC}/v1"), "ClusterRole", &role_name(composite), [("rules", Value::list(rules))]);
    (role, diagnostics)
}

/// What is needed to make roles and bindings: whoever grants something must have
/// it. Where the rules of a role are known, those; otherwise the right to grant
/// anything (kubernetes, pkg/registry/rbac/escalation_check.go).
fn granted(composite: &Composite) -> Vec<Value> {
    let mut rules = Vec::new();
    for resource in composite.resources().into_iter().filter(|r| !r.external && r.group == RBAC) {
        let plural = if resource.kind.starts_with("Cluster") { "clusterroles" } else { "roles" };
        match resource.kind.as_str() {
            "Role" | "ClusterRole" => match known(field(&resource.body, "rules")) {
                Some(Value::List(known)) => rules.extend(known.iter().cloned()),
                _ => rules.push(rule(RBAC, &[plural], &["escalate"])),
            },
            "RoleBinding" | "ClusterRoleBinding" => rules.extend(bound(&resource.body)),
            _ => {}
        }
    }
    let mut distinct: Vec<Value> = Vec::new();
    rules.into_iter().for_each(|rule| {
        if !distinct.contains(&rule) {
            distinct.push(rule)
        }
    });
    distinct
}

/// The right to bind a role that the composite does not make itself.
fn bound(body: &Expr) -> Option<Value> {
    let reference = known(field(body, "roleRef"));
    let text = |key| reference.as_ref().and_then(|r| r.get(key)).and_then(Value::as_str);
    let (kind, name) = (text("kind")?, text("name")?);
    let plural = if kind == "ClusterRole" { "clusterroles" } else { "roles" };
    Some(entries([
        ("apiGroups", texts([RBAC])),
        ("resources", texts([plural])),
        ("resourceNames", texts([name])),
        ("verbs", texts(["bind"])),
    ]))
}

/// The field that an object writes under a name.
fn field<'e>(body: &'e Expr, name: &str) -> Option<&'e Expr> {
    let ExprKind::Object(entries) = &body.kind else { return None };
    entries.iter().find_map(|entry| match entry {
        Entry::Field(key, value) if key == name => Some(value),
        _ => None,
    })
}

/// The value that does not depend on an instance.
fn known(expr: Option<&Expr>) -> Option<Value> {
    evaluate_constant(&Program::default(), expr?).ok()
}

fn by_group(named: &BTreeSet<Named>) -> BTreeMap<&str, Vec<&str>> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (group, plural) in named {
        groups.entry(group).or_default().push(plural);
    }
    groups
}

fn rule(group: &str, kinds: &[&str], verbs: &[&str]) -> Value {
    entries([
        ("apiGroups", texts([group])),
        ("resources", texts(kinds.iter().copied())),
        ("verbs", texts(verbs.iter().copied())),
    ])
}

fn binding(composite: &Composite) -> Value {
    let name = role_name(composite);
    let role =
        entries([("apiGroup", Value::str(RBAC)), ("kind", Value::str("ClusterRole")), ("name", Value::str(&name))]);
    let subject = entries([
        ("kind", Value::str("ServiceAccount")),
        ("name", Value::str(ACCOUNT)),
        ("namespace", Value::str(NAMESPACE)),
    ]);
    object(
        &format!("{RBAC}/v1"),
        "ClusterRoleBinding",
        &name,
        [("roleRef", role), ("subjects", Value::list(vec![subject]))],
    )
}
