//! The rules behind the schema: what the API server checks in code
//! (`pkg/apis/*/validation` of Kubernetes), told before it would refuse.
//!
//! A rule sees an object as a [`Part`]: whole where an instance is built, in
//! part where a composite is checked. It speaks only of what it knows: what is
//! not known may be right. It says [`Violation`]s, whose places are found here:
//! in a composite the expression's own, in an instance the literal, parameter
//! or default that made the value.
//!
//! * `part.rs`: the view;
//! * `shape.rs`: rules of one field each, as tables; `forms.rs` and `addresses.rs`: what texts look like;
//! * `names.rs`, `metadata.rs`: what every object has;
//! * `workloads.rs`, `jobs.rs`, `pods/`, `selectors.rs`: all that has pods in it;
//! * else one file for each family of kinds.

mod addresses;
mod admission;
mod autoscaling;
mod cluster;
mod data;
mod devices;
mod endpoints;
mod extensions;
mod forms;
mod immutable;
mod jobs;
mod metadata;
mod names;
mod networking;
mod nodes;
mod part;
mod pods;
mod policy;
mod quota;
mod rbac;
mod schedule;
mod selectors;
mod service;
mod shape;
mod storage;
mod workloads;

use rustc_hash::FxHashSet;

pub(crate) use immutable::{immutable, is_immutable};
pub(crate) use part::Part;

use crate::diagnostic::{Code, Diagnostic};
use crate::expr::Program;
use crate::instantiate::{Segment, trace_certain};
use crate::ir::{Composite, Resource};
use crate::source::Span;
use crate::value::Value;

/// No object has more said of it than this.
const MAX_VIOLATIONS: usize = 50;

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object<'a> {
    /// The API group, empty for the core one.
    pub(crate) group: &'a str,
    /// The API version.
    pub(crate) version: &'a str,
    /// The kind.
    pub(crate) kind: &'a str,
    /// The object; a composite's has no `apiVersion` and `kind`, and may have no name.
    pub(crate) root: Part<'a>,
}

/// A rule that is broken.
#[derive(Debug)]
pub(crate) struct Violation<'a> {
    code: &'static Code,
    at: Part<'a>,
    message: String,
    label: String,
    help: Option<String>,
    also: Vec<(Part<'a>, String)>,
}

impl<'a> Violation<'a> {
    /// Sets what is said at the place.
    pub(crate) fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// Sets the next step.
    pub(crate) fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another part that explains it.
    pub(crate) fn also(&mut self, at: Part<'a>, message: impl Into<String>) -> &mut Self {
        if !at.is_absent() {
            self.also.push((at, message.into()));
        }
        self
    }
}

/// The violations found so far.
#[derive(Debug, Default)]
pub(crate) struct Report<'a> {
    found: Vec<Violation<'a>>,
}

impl<'a> Report<'a> {
    /// Adds a violation at a part. Where the part is not there, the one that
    /// should have it is to be given instead.
    pub(crate) fn add(&mut self, code: &'static Code, at: Part<'a>, message: impl Into<String>) -> &mut Violation<'a> {
        let message = message.into();
        self.found.push(Violation { code, at, message, label: String::new(), help: None, also: Vec::new() });
        let last = self.found.len() - 1;
        // The vector cannot be empty here.
        #[allow(clippy::indexing_slicing)]
        &mut self.found[last]
    }
}

/// All rules for an object.
fn check<'a>(object: &Object<'a>) -> Vec<Violation<'a>> {
    let mut report = Report::default();
    names::check(object, &mut report);
    metadata::check(object, &mut report);
    workloads::check(object, &mut report);
    match (object.group, object.kind) {
        ("", "Service") => service::check(object, &mut report),
        ("networking.k8s.io", "Ingress") => networking::ingress(object, &mut report),
        ("networking.k8s.io", "IngressClass") => networking::class(object, &mut report),
        ("networking.k8s.io", "NetworkPolicy") => networking::policy(object, &mut report),
        ("networking.k8s.io", "IPAddress") => networking::address(object, &mut report),
        ("networking.k8s.io", "ServiceCIDR") => networking::service_cidr(object, &mut report),
        ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => rbac::role(object, &mut report),
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => rbac::binding(object, &mut report),
        ("batch", "CronJob") => schedule::check(object, &mut report),
        ("autoscaling", "HorizontalPodAutoscaler") => autoscaling::check(object, &mut report),
        ("policy", "PodDisruptionBudget") => policy::budget(object, &mut report),
        ("scheduling.k8s.io", "PriorityClass") => policy::priority_class(object, &mut report),
        ("", "ResourceQuota") => quota::quota(object, &mut report),
        ("", "LimitRange") => quota::limits(object, &mut report),
        ("", "ConfigMap") => data::config_map(object, &mut report),
        ("", "Secret") => data::secret(object, &mut report),
        ("", "PersistentVolumeClaim") => storage::claim(object, &mut report),
        ("", "PersistentVolume") => storage::volume(object, &mut report),
        ("storage.k8s.io", "StorageClass") => storage::class(object, &mut report),
        ("storage.k8s.io", "VolumeAttributesClass") => storage::attributes(object, &mut report),
        ("storage.k8s.io", "CSIDriver") => storage::driver(object, &mut report),
        ("storage.k8s.io", "VolumeAttachment") => storage::attachment(object, &mut report),
        ("storage.k8s.io", "CSIStorageCapacity") => storage::capacity(object, &mut report),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration") => {
            admission::webhooks(object, &mut report);
        }
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy" | "MutatingAdmissionPolicy") => {
            admission::policy(object, &mut report);
        }
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding" | "MutatingAdmissionPolicyBinding") => {
            admission::binding(object, &mut report);
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => extensions::definition(object, &mut report),
        ("apiregistration.k8s.io", "APIService") => extensions::service(object, &mut report),
        ("", "Endpoints") => endpoints::endpoints(object, &mut report),
        ("discovery.k8s.io", "EndpointSlice") => endpoints::slice(object, &mut report),
        ("apps", "ControllerRevision") => cluster::revision(object, &mut report),
        ("node.k8s.io", "RuntimeClass") => cluster::runtime_class(object, &mut report),
        ("coordination.k8s.io", "Lease") => cluster::lease(object, &mut report),
        ("certificates.k8s.io", "CertificateSigningRequest") => cluster::signing_request(object, &mut report),
        ("flowcontrol.apiserver.k8s.io", "FlowSchema") => cluster::flow_schema(object, &mut report),
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration") => {
            cluster::priority_level(object, &mut report);
        }
        ("", "Namespace") => nodes::namespace(object, &mut report),
        ("", "Node") => nodes::node(object, &mut report),
        ("events.k8s.io", "Event") => nodes::event(object, &mut report),
        // The first beta has another shape.
        ("resource.k8s.io", _) if object.version == "v1beta1" => {}
        ("resource.k8s.io", "DeviceClass") => devices::class(object, &mut report),
        ("resource.k8s.io", "ResourceClaim") => devices::claim(object, &mut report),
        ("resource.k8s.io", "ResourceClaimTemplate") => devices::claim_template(object, &mut report),
        ("resource.k8s.io", "DeviceTaintRule") => devices::taint_rule(object, &mut report),
        ("resource.k8s.io", "ResourceSlice") => devices::slice(object, &mut report),
        _ => {}
    }
    report.found.truncate(MAX_VIOLATIONS);
    report.found
}

/// The rules for the name of an object that is only read.
fn check_name<'a>(object: &Object<'a>) -> Vec<Violation<'a>> {
    let mut report = Report::default();
    names::check(object, &mut report);
    report.found
}

/// What is wrong with the resources of a composite, whatever its parameters are:
/// looked for in the reduced one, blamed in the one as it was written.
pub(crate) fn check_composite(reduced: &Composite, written: &Composite, program: &Program) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for resource in reduced.resources().into_iter().filter(|r| !r.external) {
        let root = Part::of_expr(&resource.body);
        let object = Object { group: &resource.group, version: &resource.version, kind: &resource.kind, root };
        let place = |part: Part<'_>| {
            let mut path = Vec::new();
            let span = match part {
                Part::Value(value, span) if part::path_of(root, value, &mut path) => {
                    trace_certain(written, program, &resource.name, &path).or(span)
                }
                Part::Value(_, span) => span,
                Part::Expr(expr) => Some(expr.span),
                Part::Unknown | Part::Absent => None,
            };
            span.unwrap_or(resource.span)
        };
        diagnostics.extend(check(&object).iter().map(|violation| diagnostic(violation, place)));
    }
    diagnostics
}

/// What is wrong with a finished object; of one that others make only its name
/// is looked at. `place` tells where the value at a path comes from.
pub(crate) fn check_object(resource: &Resource, object: &Value, place: impl Fn(&[Segment]) -> Span) -> Vec<Diagnostic> {
    let Resource { group, version, kind, external, .. } = resource;
    let view = Object { group, version, kind, root: Part::of_value(object) };
    let found = if *external { check_name(&view) } else { check(&view) };
    let span = |part: Part<'_>| {
        let mut path = Vec::new();
        if let Some(value) = part.known() {
            part::path_of(Part::of_value(object), value, &mut path);
        }
        place(&path)
    };
    found.iter().map(|violation| diagnostic(violation, span)).collect()
}

fn diagnostic(violation: &Violation<'_>, place: impl Fn(Part<'_>) -> Span) -> Diagnostic {
    let mut diagnostic =
        Diagnostic::new(violation.code, place(violation.at), violation.message.clone()).label(violation.label.clone());
    diagnostic.help.clone_from(&violation.help);
    let mut seen: FxHashSet<Span> = FxHashSet::from_iter([diagnostic.primary.span]);
    for (part, message) in &violation.also {
        let span = place(*part);
        if seen.insert(span) {
            diagnostic = diagnostic.also(span, message.clone());
        }
    }
    diagnostic
}

/// What names of a resource's kind look like, where a name is none.
pub(crate) fn invalid_name(resource: &Resource, object: &Value, name: &str) -> Option<&'static str> {
    let Resource { group, version, kind, .. } = resource;
    names::invalid(&Object { group, version, kind, root: Part::of_value(object) }, name)
}
