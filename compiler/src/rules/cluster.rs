//! Kinds of the cluster as a whole: RuntimeClasses, Leases,
//! CertificateSigningRequests, FlowSchemas and PriorityLevelConfigurations
//! (`pkg/apis/{node,coordination,certificates,flowcontrol}/validation/validation.go`).

use super::forms::{Form, LABEL, SIGNER, SUBDOMAIN};
use super::shape::{Check, MAX, NATURAL, Shape, between, clash, is, is_empty, is_set, needed, only, unique, walk};
use super::{Object, Part, Report, pods};
use crate::diagnostic::{E0442, E0470};
use crate::value::{Value, decode_base64};

static RUNTIME_CLASS: Shape = &[
    ("handler", &[Check::Needed("it runs the containers"), Check::Is(&LABEL, "handler")]),
    ("scheduling", &[Check::In(&[("nodeSelector", &[Check::Labels]), ("tolerations", &[Check::Rule(tolerations)])])]),
    ("overhead", &[Check::In(&[("podFixed", &[Check::Rule(pods::overhead)])])]),
];

/// Those of a pod, each once (validateTolerations).
fn tolerations<'a>(list: Part<'a>, report: &mut Report<'a>) {
    pods::tolerations(list, report);
    let known = |one: &Part<'a>| {
        let text = |name| one.get(name).str().or_else(|| one.get(name).is_absent().then_some(""));
        Some((text("key")?, text("operator")?, text("value")?, text("effect")?))
    };
    let keyed = list.items().list.into_iter().filter_map(|one| known(&one).map(|key| (key, one)));
    unique(keyed, &E0442, |(key, ..)| format!("the toleration of `{key}` is given twice"), report);
}

/// What must hold of a RuntimeClass.
pub(super) fn runtime_class<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    walk(object.root, RUNTIME_CLASS, report);
}

static LEASE: Shape = &[("leaseDurationSeconds", &[Check::Between(1, MAX)]), ("leaseTransitions", &[NATURAL])];

/// What must hold of a Lease.
pub(super) fn lease<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    walk(spec, LEASE, report);
    let (holder, strategy) = (spec.get("preferredHolder"), spec.get("strategy"));
    if is_set(holder) && is_empty(strategy) {
        clash(holder, "without `strategy` no holder is preferred", "give `strategy`, or remove it", report);
    }
}

const USAGES: &[&str] = &[
    "signing",
    "digital signature",
    "content commitment",
    "key encipherment",
    "key agreement",
    "data encipherment",
    "cert sign",
    "crl sign",
    "encipher only",
    "decipher only",
    "any",
    "server auth",
    "client auth",
    "code signing",
    "email protection",
    "s/mime",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "timestamping",
    "ocsp signing",
    "microsoft sgc",
    "netscape sgc",
];

static REQUEST: Shape = &[
    ("signerName", &[Check::Needed("it says who signs"), Check::Is(&SIGNER, "name of a signer")]),
    ("usages", &[Check::Needed("the certificate is for them"), Check::Rule(usages)]),
    ("expirationSeconds", &[Check::Between(600, MAX)]),
    ("request", &[Check::Rule(pem)]),
];

/// What must hold of a CertificateSigningRequest, besides the request itself.
pub(super) fn signing_request<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    walk(spec, REQUEST, report);
    let signer = spec.get("signerName");
    if signer.str() == Some("kubernetes.io/legacy-unknown") {
        report.add(&E0470, signer, "nobody signs for `kubernetes.io/legacy-unknown`").help("name another signer");
    }
}

/// The request is PEM (ParseCSR); what stands in it is the server's to read.
fn pem<'a>(request: Part<'a>, report: &mut Report<'a>) {
    let bytes = match request.known() {
        Some(Value::Bytes(bytes)) => bytes.to_vec(),
        Some(Value::String(text)) => decode_base64(text).unwrap_or_default(),
        _ => return,
    };
    if !String::from_utf8_lossy(&bytes).contains("-----BEGIN CERTIFICATE REQUEST-----") {
        report
            .add(&E0470, request, "this is no certificate request in PEM")
            .label("has no line `-----BEGIN CERTIFICATE REQUEST-----`")
            .help("make one with `openssl req -new`, and give it in base64");
    }
}

/// A ControllerRevision (pkg/apis/apps/validation, ValidateControllerRevision).
pub(super) fn revision<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let (number, data) = (object.root.get("revision"), object.root.get("data"));
    between(number, "revision", 0, i64::MAX, report);
    if data.is_absent() && object.root.is_present() {
        needed(object.root, "data", data, "it is what the revision keeps", report);
    } else if data.known().is_some_and(|value| value.as_map().is_none()) {
        report.add(&E0470, data, "the data of a revision is an object").help("give `{ … }`");
    }
}

fn usages<'a>(usages: Part<'a>, report: &mut Report<'a>) {
    let items = usages.items().list;
    items.iter().for_each(|usage| only(*usage, "usages", USAGES, report));
    let keyed = items.into_iter().filter_map(|usage| usage.str().map(|text| (text, usage)));
    unique(keyed, &E0442, |usage| format!("the usage `{usage}` is given twice"), report);
}

static FLOW: Shape = &[
    ("matchingPrecedence", &[Check::Between(0, 10_000)]),
    ("priorityLevelConfiguration", &[Check::In(LEVEL_REFERENCE)]),
    ("distinguisherMethod", &[Check::In(&[("type", &[Check::Only(&["ByUser", "ByNamespace"])])])]),
    ("rules", &[Check::Rule(flow_rules)]),
];

static LEVEL_REFERENCE: Shape =
    &[("name", &[Check::Needed("requests get its priority"), Check::Is(&SUBDOMAIN, "name of a priority level")])];

/// What must hold of a FlowSchema.
pub(super) fn flow_schema<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    walk(spec, FLOW, report);
    let precedence = spec.get("matchingPrecedence");
    if precedence.int() == Some(1) && object.root.at(&["metadata", "name"]).str().is_some_and(|name| name != "exempt") {
        report
            .add(&E0470, precedence, "only the FlowSchema `exempt` comes first of all")
            .help("give a `matchingPrecedence` from 2 to 10000");
    }
}

fn flow_rules<'a>(rules: Part<'a>, report: &mut Report<'a>) {
    for rule in rules.items().list {
        let subjects = rule.get("subjects");
        if is_empty(subjects) {
            needed(rule, "subjects", subjects, "the rule is about their requests", report);
        }
        subjects.items().list.into_iter().for_each(|one| subject(one, report));
        let (resources, urls) = (rule.get("resourceRules"), rule.get("nonResourceRules"));
        if is_empty(resources) && is_empty(urls) {
            report
                .add(&E0470, rule, "a rule that is about no requests")
                .help("give `resourceRules` or `nonResourceRules`");
        }
        for one in resources.items().list {
            verbs(one, report);
            for field in ["apiGroups", "resources"] {
                all_or_some(one, field, report);
            }
            let scope = one.get("clusterScope");
            let namespaces = one.get("namespaces");
            if is_empty(namespaces) && (scope.is_absent() || scope.bool() == Some(false)) {
                needed(one, "namespaces", namespaces, "the rule is about requests in them", report)
                    .help("give `namespaces: [\"*\"]`, or `clusterScope: true`");
            }
            for name in namespaces.items().list {
                if name.str() != Some("*") {
                    is(name, &LABEL, "namespace", report);
                }
            }
        }
        for one in urls.items().list {
            verbs(one, report);
            all_or_some(one, "nonResourceURLs", report);
            let urls = one.get("nonResourceURLs").items().list;
            urls.into_iter().filter(|url| url.str() != Some("*")).for_each(|url| is(url, &URL_PATH, "path", report));
        }
    }
}

/// ValidateNonResourceURLPath.
static URL_PATH: Form = Form {
    fits: |text| {
        let (path, parts) = (text.strip_suffix('*').unwrap_or(text), text.trim_matches('/').split('/'));
        let empty = text != "/" && text.contains("//");
        text.starts_with('/') && !path.contains([' ', '*']) && !empty && parts.count() > 0
    },
    words: "a path that begins with `/`; `*` may end it",
    example: "/healthz",
    named: false,
};

fn verbs<'a>(rule: Part<'a>, report: &mut Report<'a>) {
    const VERBS: &[&str] =
        &["get", "list", "create", "update", "delete", "deletecollection", "patch", "watch", "proxy"];
    all_or_some(rule, "verbs", report);
    let verbs = rule.get("verbs").items().list;
    if !verbs.iter().any(|verb| verb.str() == Some("*")) {
        verbs.into_iter().for_each(|verb| only(verb, "verbs", VERBS, report));
    }
}

/// At least one, and `*` only alone.
fn all_or_some<'a>(rule: Part<'a>, field: &str, report: &mut Report<'a>) {
    let part = rule.get(field);
    if is_empty(part) {
        needed(rule, field, part, "a rule says what it is about; `*` is everything", report);
    }
    let items = part.items().list;
    if items.len() > 1
        && let Some(all) = items.iter().find(|item| item.str() == Some("*"))
    {
        clash(*all, format!("`*` is every one of `{field}` already"), "remove the others, or `*`", report);
    }
}

/// (ValidateFlowSchemaSubject)
fn subject<'a>(subject: Part<'a>, report: &mut Report<'a>) {
    let kind = subject.get("kind");
    let wanted = match kind.str() {
        Some("User") => "user",
        Some("Group") => "group",
        Some("ServiceAccount") => "serviceAccount",
        Some(other) => {
            report
                .add(&E0470, kind, format!("requests do not come from a `{other}`"))
                .help("a subject is a `User`, a `Group` or a `ServiceAccount`");
            return;
        }
        None => return,
    };
    let named = subject.get(wanted);
    if named.is_absent() {
        needed(subject, wanted, named, "its kind asks for it", report);
    } else if named.is_present() {
        let fields: &[&str] = if wanted == "serviceAccount" { &["name", "namespace"] } else { &["name"] };
        for field in fields {
            let part = named.get(field);
            if is_empty(part) {
                needed(named, field, part, "the subject is found by it", report);
            } else if wanted == "serviceAccount" && part.str() != Some("*") {
                is(part, if *field == "name" { &SUBDOMAIN } else { &LABEL }, field, report);
            }
        }
    }
    for other in ["user", "group", "serviceAccount"].into_iter().filter(|other| *other != wanted) {
        let part = subject.get(other);
        if part.is_present() {
            clash(part, format!("a subject of this kind has no `{other}`"), "make two subjects of it", report)
                .also(kind, "the kind");
        }
    }
}

static LEVEL: Shape = &[("limited", &[Check::In(LIMITED)]), ("exempt", &[Check::In(SHARES)])];

static SHARES: Shape = &[("nominalConcurrencyShares", &[NATURAL]), ("lendablePercent", &[Check::Between(0, 100)])];

static LIMITED: Shape = &[
    ("nominalConcurrencyShares", &[NATURAL]),
    ("lendablePercent", &[Check::Between(0, 100)]),
    ("borrowingLimitPercent", &[NATURAL]),
    ("limitResponse", &[Check::Rule(response)]),
];

static QUEUES: Shape =
    &[("queues", &[Check::Between(0, 10_000_000)]), ("handSize", &[NATURAL]), ("queueLengthLimit", &[NATURAL])];

/// What must hold of a PriorityLevelConfiguration.
pub(super) fn priority_level<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    walk(spec, LEVEL, report);
    let (kind, limited, exempt) = (spec.get("type"), spec.get("limited"), spec.get("exempt"));
    let own = object.root.at(&["metadata", "name"]).str().map(|name| name == "exempt");
    match kind.str() {
        Some("Limited") => {
            if limited.is_absent() {
                needed(spec, "limited", limited, "its type asks for it", report);
            }
            if exempt.is_present() {
                clash(exempt, "a limited level has no `exempt`", "remove it", report).also(kind, "the type");
            }
        }
        Some("Exempt") => {
            if limited.is_present() {
                clash(limited, "an exempt level has no `limited`", "remove it", report).also(kind, "the type");
            }
            if own == Some(false) {
                report
                    .add(&E0470, kind, "only the level `exempt` is exempt from limits")
                    .help("give `type: \"Limited\"` and `limited`");
            }
        }
        Some(_) => only(kind, "type", &["Exempt", "Limited"], report),
        None => {}
    }
    if limited.is_present() && is_empty(kind) && spec.is_present() {
        needed(spec, "type", kind, "it says whether the level is limited", report);
    }
}

fn response<'a>(response: Part<'a>, report: &mut Report<'a>) {
    let (kind, queuing) = (response.get("type"), response.get("queuing"));
    match kind.str() {
        Some("Queue") if queuing.is_absent() => {
            needed(response, "queuing", queuing, "requests wait in queues", report);
        }
        Some("Reject") if queuing.is_present() => {
            clash(queuing, "nothing waits where requests are rejected", "give `type: \"Queue\"`", report)
                .also(kind, "the type");
        }
        Some("") => {
            needed(response, "type", kind, "it says what becomes of requests that are too many", report);
        }
        Some("Queue" | "Reject") | None => {}
        Some(_) => only(kind, "type", &["Queue", "Reject"], report),
    }
    walk(queuing, QUEUES, report);
    let (queues, hand) = (queuing.get("queues"), queuing.get("handSize"));
    if let (Some(all), Some(dealt)) = (queues.int(), hand.int())
        && all > 0
        && dealt > all
    {
        report
            .add(&E0470, hand, format!("{dealt} queues cannot be dealt of {all}"))
            .also(queues, "so many there are")
            .help("give a smaller `handSize`, or more `queues`");
    }
}
