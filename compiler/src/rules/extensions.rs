//! CustomResourceDefinitions and APIServices
//! (`pkg/apis/apiextensions/validation/validation.go` of apiextensions-apiserver,
//! `pkg/apis/apiregistration/validation/validation.go` of kube-aggregator).
//! Of a schema only its form is looked at: whoever writes one has it checked as
//! a file of the project.

use super::admission::{client, review_versions};
use super::forms::{LETTER_LABEL, SUBDOMAIN};
use super::service::PORT;
use super::shape::{Check, Shape, clash, is, is_empty, is_set, needed, only, texts, unique, walk};
use super::{Object, Part, Report};
use crate::diagnostic::{E0403, E0442, E0469};

static DEFINITION: Shape = &[
    ("group", &[Check::Needed("the kind is in it"), Check::Rule(group)]),
    ("names", &[Check::In(NAMES), Check::Rule(kinds)]),
    ("scope", &[Check::Needed("objects are in a namespace or not"), Check::Only(&["Cluster", "Namespaced"])]),
    ("versions", &[Check::Each(VERSION), Check::Rule(versions)]),
    ("conversion", &[Check::Rule(conversion)]),
];

static NAMES: Shape = &[
    ("plural", &[Check::Needed("it is part of the address"), Check::Is(&LETTER_LABEL, "plural")]),
    ("singular", &[Check::Is(&LETTER_LABEL, "singular")]),
    ("shortNames", &[Check::EachIs(&LETTER_LABEL, "short name")]),
    ("categories", &[Check::EachIs(&LETTER_LABEL, "category")]),
];

static VERSION: Shape = &[
    ("name", &[Check::Needed("it is part of the address"), Check::Is(&LETTER_LABEL, "version")]),
    ("schema", &[Check::Rule(schema)]),
    ("subresources", &[Check::In(&[("scale", &[Check::Rule(scale)])])]),
    ("additionalPrinterColumns", &[Check::Each(COLUMN)]),
];

static COLUMN: Shape = &[
    ("name", &[Check::Needed("it is the title of the column")]),
    (
        "type",
        &[Check::Needed("it says how to print"), Check::Only(&["integer", "number", "string", "boolean", "date"])],
    ),
    ("jsonPath", &[Check::Needed("it says what to print"), Check::Rule(dotted)]),
];

/// What must hold of a CustomResourceDefinition, besides its schemas.
pub(super) fn definition<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    walk(spec, DEFINITION, report);
    for version in spec.get("versions").items().list {
        if version.at(&["schema", "openAPIV3Schema"]).is_absent() {
            report
                .add(&E0469, version, "a version without schema")
                .help("give `schema: { openAPIV3Schema: { type: \"object\", … } }`");
        }
    }
    let unknown = spec.get("preserveUnknownFields");
    if unknown.bool() == Some(true) {
        report
            .add(&E0469, unknown, "unknown fields are not kept as a whole")
            .help("give `x-kubernetes-preserve-unknown-fields: true` where the schema should keep them");
    }
    let group = spec.get("group");
    let approval = object.root.at(&["metadata", "annotations", "api-approved.kubernetes.io"]);
    if let Some(text) = group.str()
        && ["k8s.io", "kubernetes.io"].iter().any(|own| text == *own || text.ends_with(&format!(".{own}")))
        && is_empty(approval)
    {
        report
            .add(&E0469, group, format!("the group `{text}` is Kubernetes' own"))
            .help("use a group of your own domain; approved ones have the annotation `api-approved.kubernetes.io`");
    }
    let plural = spec.at(&["names", "plural"]);
    if let (Some(plural), Some(group)) = (plural.str(), group.str()) {
        named(object, &format!("{plural}.{group}"), "its plural, `.` and its group", report);
    }
}

/// The name is made of the parts of the object.
fn named<'a>(object: &Object<'a>, wanted: &str, parts: &str, report: &mut Report<'a>) {
    let name = object.root.at(&["metadata", "name"]);
    if let Some(text) = name.str()
        && text != wanted
    {
        report
            .add(&E0403, name, format!("`{text}` is not the name of this {}", object.kind))
            .label(format!("must be {parts}"))
            .help(format!("give `metadata: {{ name: \"{wanted}\" }}`"));
    }
}

fn group<'a>(group: Part<'a>, report: &mut Report<'a>) {
    is(group, &SUBDOMAIN, "API group", report);
    if let Some(text) = group.str().filter(|text| !text.is_empty() && !text.contains('.')) {
        report
            .add(&E0469, group, format!("the group `{text}` has no domain"))
            .help(format!("write a domain: `{text}.example.com`"));
    }
}

/// A kind may have capitals (ValidateCustomResourceDefinitionNames).
fn kinds<'a>(names: Part<'a>, report: &mut Report<'a>) {
    let (kind, list) = (names.get("kind"), names.get("listKind"));
    if is_empty(kind) {
        needed(names, "kind", kind, "objects have it", report);
    }
    for part in [kind, list] {
        if part.str().is_some_and(|text| !text.is_empty() && !(LETTER_LABEL.fits)(&text.to_ascii_lowercase())) {
            is(part, &LETTER_LABEL, "kind", report);
        }
    }
    if let (Some(one), Some(other)) = (kind.str(), list.str())
        && one == other
    {
        clash(list, "a list needs a kind of its own", &format!("give `{one}List`, or leave it out"), report)
            .also(kind, "the kind of its objects");
    }
}

fn versions<'a>(versions: Part<'a>, report: &mut Report<'a>) {
    let items = versions.items();
    for version in &items.list {
        let (warning, old) = (version.get("deprecationWarning"), version.get("deprecated"));
        if is_set(warning) && (old.is_absent() || old.bool() == Some(false)) {
            clash(warning, "only of a version that is deprecated is warned", "give `deprecated: true`", report);
        }
        let fields = version.get("selectableFields").items().list;
        unique(texts(&fields, "jsonPath"), &E0442, |path| format!("the field `{path}` is given twice"), report);
    }
    unique(texts(&items.list, "name"), &E0442, |name| format!("the version {name} is given twice"), report);
    let stored: Vec<Part<'a>> = items.list.iter().map(|version| version.get("storage")).collect();
    let mut chosen = stored.iter().filter(|part| part.bool() == Some(true));
    if let (Some(first), Some(second)) = (chosen.next(), chosen.next()) {
        report
            .add(&E0469, *second, "objects are stored in one version")
            .also(*first, "the other one")
            .help("give `storage: true` to one, best to the newest");
    } else if items.complete && stored.iter().all(|part| part.is_absent() || part.bool() == Some(false)) {
        report.add(&E0469, versions, "no version is the one that is stored").help("give `storage: true` to one");
    }
}

fn schema<'a>(schema: Part<'a>, report: &mut Report<'a>) {
    let root = schema.get("openAPIV3Schema");
    let kind = root.get("type");
    if root.is_present() && (is_empty(kind) || kind.str().is_some_and(|text| text != "object")) {
        report
            .add(&E0469, if kind.is_absent() { root } else { kind }, "the schema of a kind is that of an object")
            .help("give `type: \"object\"` at its root");
    }
    structural(root, report);
    let nullable = root.get("nullable");
    if nullable.bool() == Some(true) {
        report.add(&E0469, nullable, "an object is not `null`").help("remove `nullable` at the root");
    }
}

/// What must hold of every part of a schema (`pkg/apiserver/schema/validation.go`).
fn structural<'a>(schema: Part<'a>, report: &mut Report<'a>) {
    const TYPES: &[&str] = &["array", "boolean", "integer", "number", "object", "string"];
    if !schema.is_present() || schema.bool().is_some() {
        return;
    }
    let kind = schema.get("type");
    let free = ["x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields"];
    if is_empty(kind) && free.iter().all(|field| schema.get(field).is_absent()) {
        needed(schema, "type", kind, "every field of a structural schema has one", report);
    }
    only(kind, "type", TYPES, report);
    only(schema.get("x-kubernetes-list-type"), "x-kubernetes-list-type", &["atomic", "set", "map"], report);
    only(schema.get("x-kubernetes-map-type"), "x-kubernetes-map-type", &["atomic", "granular"], report);
    for (_, property) in schema.get("properties").entries().list {
        structural(property, report);
    }
    structural(schema.get("items"), report);
    structural(schema.get("additionalProperties"), report);
}

fn dotted<'a>(path: Part<'a>, report: &mut Report<'a>) {
    if let Some(text) = path.str().filter(|text| !text.is_empty() && !text.starts_with('.')) {
        report
            .add(&E0469, path, format!("`{text}` is no path into an object"))
            .help(format!("write `.{}`", text.trim_start_matches(['$', '.'])));
    }
}

fn scale<'a>(scale: Part<'a>, report: &mut Report<'a>) {
    for (field, starts) in [
        ("specReplicasPath", &[".spec."] as &[&str]),
        ("statusReplicasPath", &[".status."]),
        ("labelSelectorPath", &[".spec.", ".status."]),
    ] {
        let path = scale.get(field);
        if is_empty(path) && field != "labelSelectorPath" {
            needed(scale, field, path, "the number of pods is read and written there", report);
        }
        if let Some(text) = path.str().filter(|text| !text.is_empty())
            && !starts.iter().any(|start| text.starts_with(start))
        {
            report
                .add(&E0469, path, format!("`{text}` is no path for `{field}`"))
                .label(format!("must begin with {}", starts.join(" or ")))
                .help("write the way to the field with dots: `.spec.replicas`");
        }
    }
}

fn conversion<'a>(conversion: Part<'a>, report: &mut Report<'a>) {
    let (strategy, webhook) = (conversion.get("strategy"), conversion.get("webhook"));
    only(strategy, "strategy", &["None", "Webhook"], report);
    match strategy.str() {
        Some("Webhook") => {
            let config = webhook.get("clientConfig");
            if webhook.is_absent() || config.is_absent() {
                let at = if webhook.is_absent() { conversion } else { webhook };
                needed(at, "webhook.clientConfig", Part::Absent, "it says where the webhook is", report);
            } else if config.is_present() {
                client(config, report);
            }
            review_versions(webhook.get("conversionReviewVersions"), report);
        }
        Some("None") if webhook.is_present() => {
            clash(webhook, "nothing is converted, so that no webhook is asked", "give `strategy: \"Webhook\"`", report);
        }
        _ => {}
    }
}

static SERVICE: Shape = &[
    ("groupPriorityMinimum", &[Check::Between(1, 20_000)]),
    ("versionPriority", &[Check::Between(1, 1000)]),
    ("version", &[Check::Needed("it is part of the name"), Check::Is(&LETTER_LABEL, "version")]),
    ("group", &[Check::Is(&SUBDOMAIN, "API group")]),
    ("service", &[Check::In(BACKEND)]),
];

static BACKEND: Shape = &[
    ("namespace", &[Check::Needed("the Service is found by it")]),
    ("name", &[Check::Needed("the Service is found by it")]),
    ("port", &[PORT]),
];

/// What must hold of an APIService.
pub(super) fn service<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    walk(spec, SERVICE, report);
    let (group, version) = (spec.get("group"), spec.get("version"));
    let group_text = if group.is_absent() { Some("") } else { group.str() };
    if let (Some(group_text), Some(version)) = (group_text, version.str()) {
        named(object, &format!("{version}.{group_text}"), "its version, `.` and its group", report);
        if group_text.is_empty() && version != "v1" {
            needed(spec, "group", group, "only `v1` is of the core group", report);
        }
    }
    let (insecure, bundle, service) = (spec.get("insecureSkipTLSVerify"), spec.get("caBundle"), spec.get("service"));
    let skips = insecure.bool() == Some(true);
    if service.is_absent() {
        for (part, wrong) in [(insecure, skips), (bundle, bundle.is_present() && !is_empty(bundle))] {
            if wrong {
                clash(
                    part,
                    "without `service` the API server serves it itself",
                    "remove it, or give `service`",
                    report,
                );
            }
        }
    } else if skips && bundle.is_present() && !is_empty(bundle) {
        clash(insecure, "a certificate that nobody verifies", "keep `caBundle`", report)
            .also(bundle, "the certificate");
    }
}
