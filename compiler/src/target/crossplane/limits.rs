//! What Crossplane cannot do with a composite, whatever evaluates it.

use smol_str::SmolStr;

use super::{Release, names};
use crate::diagnostic::{Diagnostic, E0710, E0711, E0720, W0712, W0720};
use crate::expr::{Entry, Expr, ExprKind};
use crate::ir::{Composite, Resource, Scope};
use crate::target::limits::{Construct, Fit};

/// What Crossplane does not simply take.
pub const LIMITS: &[(Construct, Fit)] = &[
    (Construct::SeveralTypes, Fit::Refused(&E0710)),
    (Construct::NoBound, Fit::Refused(&E0711)),
    (Construct::NoCel, Fit::LeftOut(&W0712)),
    (Construct::Reserved, Fit::Refused(&E0720)),
    (Construct::External, Fit::Otherwise("Crossplane fetches it, and needs the right to")),
    (Construct::After, Fit::Otherwise("made later; a Usage has it deleted earlier")),
    (Construct::Protect, Fit::Refused(&E0720)),
    (Construct::Retain, Fit::Refused(&E0720)),
    (Construct::Replace, Fit::LeftOut(&W0720)),
    (Construct::Lease, Fit::Otherwise("the instance stays, its objects go")),
    (Construct::Notify, Fit::LeftOut(&W0720)),
    (Construct::OtherNamespace, Fit::Refused(&E0720)),
    (Construct::Versions, Fit::Refused(&E0720)),
];

/// The longest name of a definition; the composition's is a label as well.
const LONGEST: usize = 63;

/// The fields of `spec` that belong to composites with claims.
pub const CLAIMS: &[&str] = &[
    "claimRef",
    "compositeDeletePolicy",
    "compositionRef",
    "compositionRevisionRef",
    "compositionRevisionSelector",
    "compositionSelector",
    "compositionUpdatePolicy",
    "publishConnectionDetailsTo",
    "resourceRef",
    "resourceRefs",
    "writeConnectionSecretToRef",
];

/// What there is to say of a composite: its reduced representation tells what it
/// does, the one as written where.
pub(super) fn check(composite: &Composite, written: &Composite, release: Release) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let whole = format!("{}.{}", names(composite, release).1, composite.group);
    if whole.len() > LONGEST {
        let message =
            format!("`{whole}` is too long to name a definition in Crossplane, which takes {LONGEST} characters");
        found.push(Diagnostic::new(&E0720, composite.span, message).help("give it a shorter kind, plural or group"));
    }
    let reserved = |name: &str, span, place: &str| {
        Diagnostic::new(&E0720, span, format!("`{place}.{name}` belongs to Crossplane")).help("give it another name")
    };
    let older = |name: &str| release == Release::V1 && CLAIMS.contains(&name);
    let params = composite.params.iter().filter(|p| p.name == "crossplane" || older(&p.name));
    found.extend(params.map(|param| reserved(&param.name, param.span, "spec")));
    found.extend(crate::target::beyond_doubles(composite).map(|param| {
        let message =
            format!("Crossplane carries numbers as doubles, exact up to 2^53, and `{}` has larger ones", param.name);
        Diagnostic::new(&E0720, param.span, message).help("give smaller ones, or take it as a String")
    }));
    let renewal = composite.params.iter().filter(|param| param.name == "lease" && composite.lease.is_some());
    found.extend(renewal.map(|param| {
        Diagnostic::new(&E0720, param.span, "`spec.lease` renews the lease").help("give the parameter another name")
    }));
    let taken = |name: &SmolStr| {
        matches!(name.as_str(), "conditions" | "crossplane") || name == "lease" && composite.lease.is_some()
    };
    let outputs = composite.outputs.iter().filter(|output| taken(&output.name));
    found.extend(outputs.map(|output| match output.name.as_str() {
        "lease" => {
            Diagnostic::new(&E0720, output.span, "`status.lease` tells of the lease").help("give it another name")
        }
        _ => reserved(&output.name, output.span, "status"),
    }));
    for resource in composite.resources().into_iter().filter(|resource| !resource.external) {
        let body = written.resource(&resource.name).map_or(&resource.body, |written| &written.body);
        found.extend(of_resource(composite, resource, body));
    }
    found.extend(composite.notifications.iter().map(|notification| {
        Diagnostic::new(&W0720, notification.span, "Crossplane tells nobody: this notification is left out")
            .help("let something watch the conditions of the instances, or build for `controller`")
    }));
    found
}

fn of_resource(composite: &Composite, resource: &Resource, written: &Expr) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if composite.scope == Scope::Namespaced && resource.scope == Some(Scope::Cluster) {
        let message = format!(
            "in Crossplane a {} lives in a namespace, so it cannot own this {}, which does not",
            composite.kind, resource.kind
        );
        found.push(
            Diagnostic::new(&E0720, resource.span, message)
                .also(composite.span, "instances of this live in a namespace")
                .help("write `scope cluster` in the composite, or make the object elsewhere"),
        );
    }
    if composite.scope == Scope::Namespaced && chooses_namespace(&resource.body) {
        let message = format!(
            "Crossplane puts every object of a {} into its own namespace, so this {} cannot choose another",
            composite.kind, resource.kind
        );
        let place = field(written, "metadata").and_then(|metadata| field(metadata, "namespace"));
        found.push(
            Diagnostic::new(&E0720, place.map_or(resource.span, |place| place.span), message)
                .also(composite.span, "instances of this live in a namespace")
                .help("leave the namespace out, or write `scope cluster` in the composite"),
        );
    }
    let kept = [(resource.retain, "retain"), (resource.protect, "protect")];
    for (_, word) in kept.iter().filter(|(said, _)| *said) {
        let message = format!("Crossplane deletes every object of an instance with it, so `{word}` cannot be kept");
        found.push(
            Diagnostic::new(&E0720, resource.span, message)
                .help(format!("leave `{word}` out and make the object elsewhere, or build for `controller`")),
        );
    }
    if resource.replace {
        let message =
            "Crossplane never makes an object again when an immutable field changes, so `replace` is left out";
        found.push(
            Diagnostic::new(&W0720, resource.span, message)
                .help("make what may change part of its `metadata.name`, or delete the object by hand"),
        );
    }
    found
}

/// Whether an object's namespace is written, and is not the instance's. What
/// only evaluation shows, the function refuses.
fn chooses_namespace(body: &Expr) -> bool {
    if let Some(known) = body.known() {
        return known.at(&["metadata", "namespace"]).is_some();
    }
    let Some(metadata) = field(body, "metadata") else { return false };
    match (metadata.known(), field(metadata, "namespace")) {
        (Some(known), _) => known.get("namespace").is_some(),
        (None, Some(namespace)) => !is_own(namespace),
        (None, None) => false,
    }
}

fn field<'e>(object: &'e Expr, wanted: &str) -> Option<&'e Expr> {
    match &object.kind {
        ExprKind::Object(entries) => entries.iter().rev().find_map(|entry| match entry {
            Entry::Field(name, value) if name == wanted => Some(value),
            _ => None,
        }),
        ExprKind::Let(_, _, body) => field(body, wanted),
        _ => None,
    }
}

/// `self.namespace`.
fn is_own(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Field { base, name, .. } if name == "namespace" && matches!(base.kind, ExprKind::Instance))
}
