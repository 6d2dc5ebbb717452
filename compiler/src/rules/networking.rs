//! Ingresses, their classes, NetworkPolicies, IPAddresses and ServiceCIDRs
//! (`pkg/apis/networking/validation/validation.go`).

use super::addresses::{cidr, cidr_any};
use super::forms::{CANONICAL_CIDR, CIDR, CONTROLLER, Form, HOST, LABEL, PORT_NAME, SEGMENT, SUBDOMAIN};
use super::service::target_port;
use super::shape::{Check, Shape, clash, is, is_empty, is_set, needed, walk};
use super::{Object, Part, Report, selectors};
use crate::diagnostic::{E0458, E0459, E0460};

static INGRESS: Shape = &[
    ("defaultBackend", &[Check::Rule(backend)]),
    ("rules", &[Check::Each(INGRESS_RULE)]),
    ("tls", &[Check::Each(TLS)]),
    ("ingressClassName", &[Check::Exactly(&SUBDOMAIN, "name of an IngressClass")]),
];

static INGRESS_RULE: Shape = &[("host", &[Check::Is(&HOST, "host")]), ("http", &[Check::In(HTTP)])];

static HTTP: Shape = &[("paths", &[Check::Needed("a rule says which paths it is about"), Check::Each(PATH)])];

static PATH: Shape = &[("backend", &[Check::Rule(backend)])];

static TLS: Shape =
    &[("hosts", &[Check::EachIs(&HOST_OF_TLS, "host")]), ("secretName", &[Check::Is(&SUBDOMAIN, "name of a Secret")])];

/// As [`HOST`], but an address is let through (validateIngressTLS).
static HOST_OF_TLS: Form = Form {
    fits: |text| crate::check::is_dns_subdomain(text) || (HOST.fits)(text),
    words: HOST.words,
    example: HOST.example,
    named: true,
};

static TYPED_REFERENCE: Shape = &[
    ("apiGroup", &[Check::Exactly(&SUBDOMAIN, "API group")]),
    ("kind", &[Check::Needed("the object is found by it"), Check::Is(&SEGMENT, "kind")]),
    ("name", &[Check::Needed("the object is found by it"), Check::Is(&SEGMENT, "name")]),
];

/// What must hold of an Ingress (ValidateIngressCreate).
pub(super) fn ingress<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    let at = if spec.is_absent() { object.root } else { spec };
    if is_empty(spec.get("rules")) && spec.get("defaultBackend").is_absent() {
        report
            .add(&E0459, at, "an Ingress with neither `rules` nor `defaultBackend` leads nowhere")
            .help("give `rules`, or a `defaultBackend` for everything");
    }
    walk(spec, INGRESS, report);
    for rule in spec.get("rules").items().list {
        rule.at(&["http", "paths"]).items().list.into_iter().for_each(|one| path(one, report));
    }
    let annotation = object.root.at(&["metadata", "annotations", "kubernetes.io/ingress.class"]);
    let class = spec.get("ingressClassName");
    if let (Some(old), Some(new)) = (annotation.str(), class.str())
        && old != new
    {
        let message = format!("the annotation says class `{old}`, `ingressClassName` says `{new}`");
        clash(annotation, message, "remove the annotation, which is the older way", report)
            .also(class, "the other one");
    }
}

/// (validateHTTPIngressPath)
fn path<'a>(path: Part<'a>, report: &mut Report<'a>) {
    let (text, kind) = (path.get("path"), path.get("pathType").str());
    let Some(kind) = kind else { return };
    let plain = kind == "ImplementationSpecific";
    if is_empty(text) {
        if !plain {
            let at = if text.is_absent() { path } else { text };
            report
                .add(&E0459, at, format!("a path of type {kind} begins with `/`"))
                .label("no path is given")
                .help("for every path, write `path: \"/\"`");
        }
        return;
    }
    let Some(written) = text.str() else { return };
    let wrong = ["//", "/./", "/../", "%2f", "%2F"].into_iter().find(|part| written.contains(part));
    let wrong = wrong.or_else(|| ["/..", "/."].into_iter().find(|end| written.ends_with(end)));
    if !written.starts_with('/') {
        report
            .add(&E0459, text, format!("the path `{written}` does not begin with `/`"))
            .help(format!("write `/{}`", written.trim_start_matches(['.', '/'])));
    } else if let Some(wrong) = wrong.filter(|_| !plain) {
        report
            .add(&E0459, text, format!("a path of type {kind} has no `{wrong}`"))
            .help("write the path as requests have it, or use `pathType: \"ImplementationSpecific\"`");
    }
}

/// (validateIngressBackend)
fn backend<'a>(backend: Part<'a>, report: &mut Report<'a>) {
    let (service, resource) = (backend.get("service"), backend.get("resource"));
    if service.is_present() && resource.is_present() {
        report
            .add(&E0459, resource, "a backend is either a `service` or a `resource`")
            .also(service, "the other one")
            .help("remove one of them");
    } else if service.is_absent() && resource.is_absent() {
        report
            .add(&E0459, backend, "a backend without `service` and `resource`")
            .help("give `service: { name: …, port: { number: 80 } }`");
    } else if resource.is_present() && service.is_absent() {
        walk(resource, TYPED_REFERENCE, report);
    } else if service.is_present() {
        let name = service.get("name");
        if is_empty(name) {
            needed(service, "name", name, "the Service is found by it", report);
        }
        is_filled(name, &LABEL, "name of a Service", report);
        backend_port(service, report);
    }
}

fn is_filled<'a>(part: Part<'a>, form: &Form, noun: &str, report: &mut Report<'a>) {
    if part.str() != Some("") {
        is(part, form, noun, report);
    }
}

fn backend_port<'a>(service: Part<'a>, report: &mut Report<'a>) {
    let port = service.get("port");
    let (name, number) = (port.get("name"), port.get("number"));
    let has_number = number.int().is_some_and(|n| n != 0);
    if is_set(name) && has_number {
        report
            .add(&E0459, number, "the port of a backend is either a `name` or a `number`")
            .also(name, "the other one")
            .help("remove one of them");
    } else if is_empty(name) && (number.is_absent() || number.int() == Some(0)) {
        report
            .add(&E0459, if port.is_absent() { service } else { port }, "a backend without port")
            .help("give `port: { number: 80 }`, or the `name` that the Service gives its port");
    }
    is_filled(name, &PORT_NAME, "name of a port", report);
    if has_number {
        super::shape::between(number, "number", 1, 65_535, report);
    }
}

static CLASS: Shape =
    &[("controller", &[Check::Is(&CONTROLLER, "controller")]), ("parameters", &[Check::In(TYPED_REFERENCE)])];

/// What must hold of an IngressClass (validateIngressClassSpec).
pub(super) fn class<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    let controller = spec.get("controller");
    if is_empty(controller) {
        let at = if spec.is_absent() { object.root } else { spec };
        needed(at, "controller", controller, "it says who serves the class", report);
    }
    walk(spec, CLASS, report);
    let parameters = spec.get("parameters");
    let (scope, namespace) = (parameters.get("scope"), parameters.get("namespace"));
    let scope_text = if scope.is_absent() { Some("Cluster") } else { scope.str() };
    match scope_text {
        Some("Namespace") if namespace.is_absent() => {
            needed(parameters, "namespace", namespace, "the scope of the parameters is Namespace", report);
        }
        Some("Namespace") => is(namespace, &LABEL, "namespace", report),
        Some("Cluster") if namespace.is_present() => {
            clash(
                namespace,
                "parameters for the cluster have no `namespace`",
                "remove it, or give `scope: \"Namespace\"`",
                report,
            );
        }
        Some(text) if !matches!(text, "Namespace" | "Cluster") => {
            super::shape::only(scope, "scope", &["Cluster", "Namespace"], report);
        }
        _ => {}
    }
}

static POLICY: Shape = &[
    ("podSelector", &[Check::Rule(selectors::check)]),
    ("ingress", &[Check::Each(INGRESS_OF_POLICY)]),
    ("egress", &[Check::Each(EGRESS_OF_POLICY)]),
    ("policyTypes", &[Check::Rule(policy_types)]),
];

static INGRESS_OF_POLICY: Shape = &[("ports", &[Check::Rule(policy_ports)]), ("from", &[Check::Rule(peers)])];

static EGRESS_OF_POLICY: Shape = &[("ports", &[Check::Rule(policy_ports)]), ("to", &[Check::Rule(peers)])];

/// What must hold of a NetworkPolicy (ValidateNetworkPolicySpec).
pub(super) fn policy<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    walk(object.root.get("spec"), POLICY, report);
}

fn policy_types<'a>(types: Part<'a>, report: &mut Report<'a>) {
    let given = types.items().list;
    if given.len() > 2 {
        report.add(&E0460, types, "there are two types of policy: Ingress and Egress").help("give each once at most");
    }
    given.into_iter().for_each(|one| super::shape::only(one, "policyTypes", &["Ingress", "Egress"], report));
}

/// (ValidateNetworkPolicyPort)
fn policy_ports<'a>(ports: Part<'a>, report: &mut Report<'a>) {
    for entry in ports.items().list {
        let (port, end) = (entry.get("port"), entry.get("endPort"));
        if port.int() == Some(0) || port.str() == Some("") {
            report.add(&E0460, port, "this is no port").help("leave `port` out for every port");
        }
        target_port(port, report);
        let Some(last) = end.int() else { continue };
        if port.is_absent() {
            clash(end, "`endPort` needs `port`, where the range begins", "give `port: 1`", report);
        } else if port.str().is_some() {
            clash(end, "a range of ports begins with a number, not with a name", "give `port` as a number", report)
                .also(port, "the name");
        } else if let Some(first) = port.int()
            && (last < first || last > 65_535)
        {
            report
                .add(&E0460, end, format!("the range of ports from {first} to {last} is not valid"))
                .also(port, "where it begins")
                .help(format!("give an `endPort` from {first} to 65535"));
        }
    }
}

/// (ValidateNetworkPolicyPeer)
fn peers<'a>(peers: Part<'a>, report: &mut Report<'a>) {
    for peer in peers.items().list {
        let [pods, namespaces, block] = ["podSelector", "namespaceSelector", "ipBlock"].map(|name| peer.get(name));
        selectors::check(pods, report);
        selectors::check(namespaces, report);
        if pods.is_absent() && namespaces.is_absent() && block.is_absent() {
            report
                .add(&E0460, peer, "a peer that says nothing")
                .help("give `podSelector`, `namespaceSelector` or `ipBlock`; leave the whole list out for everyone");
        }
        if block.is_present() && (pods.is_present() || namespaces.is_present()) {
            report
                .add(&E0460, block, "a peer is either an `ipBlock` or what selectors select")
                .also(if pods.is_present() { pods } else { namespaces }, "the other one")
                .help("make two peers of it");
        }
        ip_block(block, report);
    }
}

/// (ValidateIPBlock)
fn ip_block<'a>(block: Part<'a>, report: &mut Report<'a>) {
    let whole = block.get("cidr");
    is(whole, &CIDR, "network", report);
    for except in block.get("except").items().list {
        is(except, &CIDR, "network", report);
        if let (Some(outer), Some(inner)) = (whole.str().and_then(cidr_any), except.str().and_then(cidr_any))
            && !outer.contains_strictly(inner)
        {
            report
                .add(&E0460, except, "what is excepted is no smaller part of the block")
                .also(whole, "the block")
                .help("except a network inside the block, or leave it out");
        }
    }
}

static ADDRESS: Shape = &[("parentRef", &[Check::In(PARENT)])];

static PARENT: Shape = &[
    ("group", &[Check::Is(&SUBDOMAIN, "API group")]),
    ("resource", &[Check::Needed("the owner is found by it"), Check::Is(&SEGMENT, "resource")]),
    ("name", &[Check::Needed("the owner is found by it"), Check::Is(&SEGMENT, "name")]),
    ("namespace", &[Check::Is(&SEGMENT, "namespace")]),
];

/// What must hold of an IPAddress (validateIPAddressParentReference).
pub(super) fn address<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    walk(object.root.get("spec"), ADDRESS, report);
}

/// What must hold of a ServiceCIDR (validateServiceCIDRSpec).
pub(super) fn service_cidr<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let given = object.root.at(&["spec", "cidrs"]);
    if is_empty(given) {
        needed(object.root, "spec.cidrs", Part::Absent, "a ServiceCIDR is a network", report);
    }
    let networks = given.items().list;
    networks.iter().for_each(|one| is(*one, &CANONICAL_CIDR, "network", report));
    let versions: Vec<bool> =
        networks.iter().filter_map(|one| one.str().and_then(cidr)).map(|one| one.ip.is_ipv4()).collect();
    let same = matches!(versions.as_slice(), [first, second] if first == second);
    if networks.len() > 2 || same {
        report.add(&E0458, given, "a ServiceCIDR has one network for each IP family at most");
    }
}
