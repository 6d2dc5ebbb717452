//! Pods, wherever they stand: in a Pod, a template, a workload
//! (`pkg/apis/core/validation/validation.go`, ValidatePodSpec), after the
//! defaults of `pkg/apis/core/v1/defaults.go`, with the feature gates as 1.37
//! has them. Fields that the API server drops since their gate is off are left
//! alone: `lifecycle.stopSignal`, `httpGet.protocol`, `grpc.mode`,
//! `bindMountOptions`, `emptyDir.mode`, `defaultUser` and `user` of volumes.
//!
//! * `containers.rs`: containers of all sorts, in which `env.rs`, `ports.rs`,
//!   `probes.rs`, `mounts.rs`, `resources.rs` and `security.rs` have their part;
//! * `volumes.rs`; `scheduling.rs`: affinity, tolerations, spreading.

mod containers;
mod env;
mod mounts;
mod ports;
mod probes;
mod resources;
mod scheduling;
mod security;
mod volumes;

pub(super) use resources::overhead;
pub(super) use scheduling::{node_selector, tolerations};

use super::forms::{IP, LABEL, LABEL_KEY, SEARCH_DOMAIN, SUBDOMAIN};
use super::shape::{Check, Count, MAX, Shape, clash, is, is_empty, is_set, needed, one_of, texts, unique, walk};
use super::{Part, Report, metadata};
use crate::diagnostic::{E0442, E0448, E0450};

/// What has the pod.
#[derive(Clone, Copy, Debug)]
pub(super) enum Host<'a> {
    /// It is one.
    Pod,
    /// It has a template for pods.
    Template,
    /// It is a StatefulSet, with its `volumeClaimTemplates`.
    StatefulSet(Part<'a>),
}

/// What containers need to know of their pod.
struct Pod<'a> {
    spec: Part<'a>,
    /// It is a Pod itself, for which more is defaulted.
    is_pod: bool,
    volumes: Names<'a>,
    claims: Names<'a>,
}

/// Things by their names.
struct Names<'a> {
    list: Vec<(&'a str, Part<'a>)>,
    /// There are no others.
    complete: bool,
}

impl<'a> Names<'a> {
    fn of(part: Part<'a>, name: &[&str]) -> Self {
        let items = part.items();
        let list: Vec<_> = items.list.iter().filter_map(|item| Some((item.at(name).str()?, *item))).collect();
        Self { complete: items.complete && list.len() == items.list.len(), list }
    }

    fn get(&self, name: &str) -> Option<Part<'a>> {
        self.list.iter().find(|(known, _)| *known == name).map(|(_, part)| *part)
    }

    /// Certainly not among them.
    fn lacks(&self, name: &str) -> bool {
        self.complete && self.get(name).is_none()
    }

    /// What to do about a name that is not among them.
    fn help(&self, written: &str, field: &str) -> String {
        let names = || self.list.iter().map(|(name, _)| *name);
        match crate::suggest::closest(written, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if self.list.is_empty() => format!("the pod has no `{field}`; add one with this name"),
            None => format!("`{field}` has {}; add one with this name", crate::suggest::listing(names())),
        }
    }
}

static SPEC: Shape = &[
    ("containers", &[Check::Needed("a pod has one container or more")]),
    ("activeDeadlineSeconds", &[Check::Between(1, MAX)]),
    ("serviceAccountName", &[Check::Is(&SUBDOMAIN, "name of a ServiceAccount")]),
    ("nodeName", &[Check::Is(&SUBDOMAIN, "name of a node")]),
    ("priorityClassName", &[Check::Is(&SUBDOMAIN, "name of a PriorityClass")]),
    ("runtimeClassName", &[Check::Exactly(&SUBDOMAIN, "name of a RuntimeClass")]),
    ("hostnameOverride", &[Check::Exactly(&SUBDOMAIN, "host name")]),
    ("nodeSelector", &[Check::Labels]),
    (
        "os",
        &[Check::In(&[("name", &[Check::Needed("it is `linux` or `windows`"), Check::Only(&["linux", "windows"])])])],
    ),
    ("resourceClaims", &[Check::Each(CLAIM), Check::Rule(unique_names)]),
    ("readinessGates", &[Check::Each(&[("conditionType", &[Check::Exactly(&LABEL_KEY, "condition")])])]),
    (
        "schedulingGates",
        &[Check::Each(&[("name", &[Check::Exactly(&LABEL_KEY, "scheduling gate")])]), Check::Rule(unique_names)],
    ),
    (
        "hostAliases",
        &[Check::Each(&[
            ("ip", &[Check::Exactly(&IP, "IP address")]),
            ("hostnames", &[Check::EachIs(&SUBDOMAIN, "host name")]),
        ])],
    ),
    ("dnsConfig", &[Check::In(DNS)]),
    ("overhead", &[Check::Rule(resources::overhead)]),
    ("affinity", &[Check::In(scheduling::AFFINITY)]),
    ("tolerations", &[Check::Rule(scheduling::tolerations)]),
    ("topologySpreadConstraints", &[Check::Rule(scheduling::spread)]),
    ("securityContext", &[Check::In(security::POD)]),
];

/// validatePodDNSConfig.
static DNS: Shape = &[
    ("nameservers", &[Check::EachIs(&IP, "address of a name server"), Check::Rule(|part, r| at_most(part, 3, r))]),
    ("searches", &[Check::EachIs(&SEARCH_DOMAIN, "search domain"), Check::Rule(|part, r| at_most(part, 32, r))]),
    ("options", &[Check::Each(&[("name", &[Check::Needed("an option has a name")])])]),
];

/// validatePodResourceClaim.
static CLAIM: Shape = &[
    ("name", &[Check::Exactly(&LABEL, "name of a claim")]),
    ("resourceClaimName", &[Check::Exactly(&SUBDOMAIN, "name of a ResourceClaim")]),
    ("resourceClaimTemplateName", &[Check::Exactly(&SUBDOMAIN, "name of a ResourceClaimTemplate")]),
];

/// What must hold of a pod or template of pods.
pub(super) fn check<'a>(root: Part<'a>, host: Host<'a>, report: &mut Report<'a>) {
    if !matches!(host, Host::Pod) {
        metadata::check_template(root.get("metadata"), report);
    }
    let spec = root.get("spec");
    if spec.is_absent() {
        if root.is_present() {
            needed(root, "spec", spec, "it has the containers", report);
        }
        return;
    }
    let claimed = spec.get("resourceClaims");
    let mut volumes = Names::of(spec.get("volumes"), &["name"]);
    if let Host::StatefulSet(templates) = host {
        let templates = Names::of(templates, &["metadata", "name"]);
        volumes.complete &= templates.complete;
        // A template takes the place of a volume with the same name.
        volumes.list.splice(..0, templates.list);
    }
    let pod = Pod { spec, is_pod: matches!(host, Host::Pod), volumes, claims: Names::of(claimed, &["name"]) };
    walk(spec, SPEC, report);
    volumes::check(spec.get("volumes"), report);
    for claim in claimed.items().list {
        one_of(claim, &["resourceClaimName", "resourceClaimTemplateName"], Count::One, "this claim", report);
    }
    containers::check(&pod, report);
    if !matches!(host, Host::StatefulSet(_)) {
        // The controller of a StatefulSet writes these itself.
        is_label(spec.get("hostname"), "host name", report);
        is_label(spec.get("subdomain"), "subdomain", report);
    }
    resources::of_pod(&pod, report);
    namespaces(spec, report);
    names(spec, report);
    security::windows(spec, report);
    ephemeral(spec, pod.is_pod, report);
}

fn is_label<'a>(part: Part<'a>, noun: &str, report: &mut Report<'a>) {
    if part.str() != Some("") {
        is(part, &LABEL, noun, report);
    }
}

/// No two items of a list have the same `name`.
fn unique_names<'a>(list: Part<'a>, report: &mut Report<'a>) {
    unique(texts(&list.items().list, "name"), &E0442, |name| format!("`{name}` is given twice"), report);
}

pub(super) fn at_most<'a>(list: Part<'a>, most: usize, report: &mut Report<'a>) {
    let count = list.items().list.len();
    if count > most {
        report
            .add(&E0450, list, format!("{count} entries are too many; the limit is {most}"))
            .help(format!("keep the {most} that matter most"));
    }
}

/// Host namespaces, sharing and name resolution (validateHostUsers,
/// validateShareProcessNamespace, validatePodDNSConfig, validateSysctls).
fn namespaces<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    let on = |name: &str| spec.get(name).bool() == Some(true);
    let users = spec.get("hostUsers");
    if users.bool() == Some(false) {
        for name in ["hostNetwork", "hostPID", "hostIPC"].into_iter().filter(|name| on(name)) {
            clash(
                spec.get(name),
                format!("`{name}: true` does not go with `hostUsers: false`"),
                "a pod with its own users cannot share other namespaces with the node; remove one of the two",
                report,
            )
            .also(users, "given here");
        }
    }
    let share = spec.get("shareProcessNamespace");
    if share.bool() == Some(true) && on("hostPID") {
        clash(
            share,
            "`shareProcessNamespace: true` does not go with `hostPID: true`",
            "with `hostPID` the containers see all processes already; remove one of the two",
            report,
        )
        .also(spec.get("hostPID"), "given here");
    }
    let (policy, config) = (spec.get("dnsPolicy"), spec.get("dnsConfig"));
    if policy.str() == Some("None") && (config.is_absent() || is_empty(config.get("nameservers"))) {
        needed(
            if config.is_absent() { spec } else { config },
            "nameservers",
            config.get("nameservers"),
            "`dnsPolicy: \"None\"` leaves the pod without any other",
            report,
        )
        .also(policy, "asked for here")
        .help("give `dnsConfig: { nameservers: [\"10.0.0.10\"] }`, or leave `dnsPolicy` out");
    }
}

/// What the pod is called (validatePodHostName), and where it may not run yet
/// (ValidatePodCreate).
fn names<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    let name = spec.get("hostnameOverride");
    if !name.is_present() {
        return;
    }
    for other in ["setHostnameAsFQDN", "hostNetwork"] {
        let part = spec.get(other);
        if part.bool() == Some(true) {
            clash(
                name,
                format!("`hostnameOverride` does not go with `{other}: true`"),
                "remove one of the two",
                report,
            )
            .also(part, "given here");
        }
    }
    if let Some(text) = name.str().filter(|text| text.len() > 64) {
        report
            .add(&E0450, name, format!("this host name has {} characters; 64 are the most", text.len()))
            .help("give a shorter one");
    }
}

/// Ephemeral containers come later, by a subresource (ValidatePodCreate,
/// ValidatePodTemplateSpec); a pod that waits at gates has no node yet.
fn ephemeral<'a>(spec: Part<'a>, is_pod: bool, report: &mut Report<'a>) {
    let list = spec.get("ephemeralContainers");
    if !list.items().list.is_empty() {
        report
            .add(&E0448, list, "ephemeral containers cannot be part of a new pod")
            .help("remove them; `kubectl debug` adds one to a pod that runs");
    }
    let (node, gates) = (spec.get("nodeName"), spec.get("schedulingGates"));
    if is_pod && is_set(node) && !gates.items().list.is_empty() {
        clash(
            node,
            "`nodeName` does not go with `schedulingGates`",
            "a pod gets its node after its gates; remove one of the two",
            report,
        )
        .also(gates, "given here");
    }
}
