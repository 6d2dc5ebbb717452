//! Services (`pkg/apis/core/validation/validation.go`, ValidateServiceCreate;
//! defaults in `pkg/apis/core/v1/defaults.go`, addresses in
//! `pkg/registry/core/service/storage/alloc.go`).

use super::addresses::{ip_any, not_reachable};
use super::forms::{CIDR, IP, LABEL, LABEL_KEY, PORT_NAME, SUBDOMAIN};
use super::shape::{Check, Shape, clash, is, is_empty, is_set, needed, texts, unique, walk};
use super::{Object, Part, Report};
use crate::check::is_dns_subdomain;
use crate::diagnostic::{E0442, E0457, E0458};

/// A number of a port.
pub(super) const PORT: Check = Check::Between(1, 65_535);

static SPEC: Shape = &[
    ("selector", &[Check::Labels]),
    ("ports", &[Check::Each(PORTS), Check::Rule(ports_differ)]),
    ("externalIPs", &[Check::EachIs(&IP, "IP address"), Check::Rule(reachable)]),
    ("trafficDistribution", &[Check::Only(&["PreferClose", "PreferSameZone", "PreferSameNode"])]),
    ("ipFamilies", &[Check::Rule(differ)]),
];

static PORTS: Shape = &[
    ("name", &[Check::Is(&LABEL, "name of a port")]),
    ("port", &[PORT]),
    ("targetPort", &[Check::Rule(target_port)]),
    ("nodePort", &[Check::Between(0, 65_535)]),
    ("appProtocol", &[Check::Exactly(&LABEL_KEY, "protocol")]),
];

/// What must hold of a Service.
pub(super) fn check<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    walk(spec, SPEC, report);
    names_of_ports(spec, report);
    affinity(spec, report);
    let Some(kind) = type_of(spec) else { return };
    has_ports(object.root, spec, kind, report);
    if kind == "ExternalName" {
        external_name(spec, report);
    } else {
        addresses(spec, kind, report);
    }
    if kind == "ClusterIP" {
        no_node_ports(spec, report);
    }
    if kind != "LoadBalancer" {
        no_balancer(spec, kind, report);
    } else {
        is(spec.get("loadBalancerClass"), &LABEL_KEY, "class", report);
        source_ranges(spec, report);
    }
    traffic(spec, kind, report);
}

/// The type, or what it is by default, where that is known.
fn type_of<'a>(spec: Part<'a>) -> Option<&'a str> {
    let kind = spec.get("type");
    if is_empty(kind) { Some("ClusterIP") } else { kind.str() }
}

/// Its only address is None: it has none.
fn is_headless(spec: Part<'_>) -> Option<bool> {
    let addresses = spec.get("clusterIPs").items();
    if !addresses.complete {
        return None;
    }
    let only = match addresses.list.as_slice() {
        [] => spec.get("clusterIP"),
        [only] => *only,
        _ => return Some(false),
    };
    if is_empty(only) { Some(false) } else { only.str().map(|text| text == "None") }
}

fn has_ports<'a>(root: Part<'a>, spec: Part<'a>, kind: &str, report: &mut Report<'a>) {
    if kind != "ExternalName" && is_empty(spec.get("ports")) && is_headless(spec) == Some(false) {
        let at = if spec.is_absent() { root } else { spec };
        needed(at, "ports", Part::Absent, "a Service with an address listens on a port", report)
            .help("give `ports: [{ port: 80 }]`, or `clusterIP: \"None\"` for a Service without address");
    }
}

/// Several ports have names, and no two the same (validateServicePort).
fn names_of_ports<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    let ports = spec.get("ports").items();
    if ports.list.len() > 1 {
        for port in &ports.list {
            if is_empty(port.get("name")) {
                report
                    .add(&E0457, *port, "a port without name, beside another port")
                    .label("has no `name`")
                    .help("give each port a `name`, `http` for example; only a single one needs none");
            }
        }
    }
    unique(texts(&ports.list, "name"), &E0442, |name| format!("two ports are named `{name}`"), report);
}

/// No number twice for one protocol.
fn ports_differ<'a>(ports: Part<'a>, report: &mut Report<'a>) {
    let ports = ports.items().list;
    for field in ["port", "nodePort"] {
        let keyed = ports.iter().filter_map(|port| {
            let protocol = port.get("protocol");
            let protocol = if is_empty(protocol) { "TCP" } else { protocol.str()? };
            let number = port.get(field);
            number.int().filter(|n| *n != 0).map(|n| ((n, protocol), number))
        });
        let message = |(number, protocol): &(i64, &str)| format!("two ports have `{field}: {number}` for {protocol}");
        unique(keyed, &E0442, message, report);
    }
}

/// A number, or the name of a port of the pods (ValidatePortNumOrName).
pub(super) fn target_port<'a>(port: Part<'a>, report: &mut Report<'a>) {
    match port.int() {
        Some(number) if !(0..=65_535).contains(&number) => {
            report.add(&E0457, port, format!("there is no port {number}")).label("must be between 1 and 65535");
        }
        Some(_) => {}
        None => {
            let Some(name) = port.str().filter(|name| !name.is_empty() && !(PORT_NAME.fits)(name)) else { return };
            let violation = report.add(&E0457, port, format!("`{name}` is not a valid name of a port"));
            violation.label(format!("must be {}", PORT_NAME.words));
            if name.bytes().all(|b| b.is_ascii_digit()) {
                violation.help(format!("a number is written without quotes: `{name}`"));
            }
        }
    }
}

/// Only certain types are known outside, and have ports on the nodes.
fn no_node_ports<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    for port in spec.get("ports").items().list {
        let number = port.get("nodePort");
        if number.int().is_some_and(|n| n != 0) {
            clash(
                number,
                "a Service of type ClusterIP has no `nodePort`",
                "remove it, or give `type: \"NodePort\"`",
                report,
            );
        }
    }
}

/// (validateClientIPAffinityConfig)
fn affinity<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    let timeout = spec.at(&["sessionAffinityConfig", "clientIP", "timeoutSeconds"]);
    if spec.get("sessionAffinity").str() == Some("ClientIP")
        && let Some(seconds) = timeout.int()
        && !(1..=86_400).contains(&seconds)
    {
        report
            .add(&E0458, timeout, format!("sessions cannot last {seconds} seconds"))
            .label("must be between 1 and 86400")
            .help("a day is the longest; the default is 10800, three hours");
    }
}

fn external_name<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    let name = spec.get("externalName");
    if is_empty(name) {
        needed(spec, "externalName", name, "a Service of this type is another name of it", report);
    } else if let Some(text) = name.str()
        && !is_dns_subdomain(text.strip_suffix('.').unwrap_or(text))
    {
        is(name, &SUBDOMAIN, "DNS name", report);
    }
    for field in ["clusterIPs", "clusterIP", "ipFamilies", "ipFamilyPolicy"] {
        let part = spec.get(field);
        if is_set(part) && !is_empty(part) {
            let message = format!("a Service of type ExternalName has no address, and so no `{field}`");
            clash(part, message, &format!("remove `{field}`"), report);
        }
    }
}

/// (ValidateServiceClusterIPsRelatedFields, initIPFamilyFields)
fn addresses<'a>(spec: Part<'a>, kind: &str, report: &mut Report<'a>) {
    let (one, many) = (spec.get("clusterIP"), spec.get("clusterIPs"));
    let listed = many.items();
    let headless = is_headless(spec) == Some(true);
    if headless && matches!(kind, "LoadBalancer" | "NodePort") {
        let message = format!("a Service of type {kind} needs an address, but `None` says that it has none");
        clash(if is_set(one) { one } else { many }, message, "remove `clusterIP`, or the type", report);
    }
    if let Some(first) = listed.list.first() {
        if is_empty(one) {
            let help = "give `clusterIP` the first of `clusterIPs`";
            clash(many, "`clusterIPs` needs `clusterIP`", help, report);
        } else if let (Some(one_text), Some(text)) = (one.str(), first.str())
            && one_text != text
        {
            let message = format!("`clusterIPs` begins with {text}, but `clusterIP` is {one_text}");
            clash(*first, message, "give both the same address", report).also(one, "the other one");
        }
    }
    let shown: Vec<Part<'a>> = if listed.list.is_empty() { vec![one] } else { listed.list };
    let several = shown.len() > 1;
    for (index, address) in shown.iter().enumerate() {
        match address.str() {
            Some("None") if index == 0 && !several => {}
            Some("None") => {
                clash(*address, "`None` stands beside other addresses", "give either `None` or addresses", report);
            }
            Some(text) if !text.is_empty() && ip_any(text).is_none() => is(*address, &IP, "IP address", report),
            _ => {}
        }
    }
    if shown.len() > 2 {
        report.add(&E0458, many, "a Service has at most two addresses").help("give one for each IP family");
    }
    families(spec, &shown, headless, report);
}

/// Each family has one address, and the order is the same.
fn families<'a>(spec: Part<'a>, addresses: &[Part<'a>], headless: bool, report: &mut Report<'a>) {
    let given = spec.get("ipFamilies");
    let families = given.items();
    let parsed: Vec<Option<bool>> =
        addresses.iter().map(|a| a.str().and_then(ip_any).map(|address| address.is_ipv4())).collect();
    if let [Some(first), Some(second)] = parsed.as_slice()
        && first == second
        && let Some(at) = addresses.last()
    {
        clash(*at, "both addresses are of one IP family", "give one for each IP family", report);
    }
    for ((family, address), is_v4) in families.list.iter().zip(addresses).zip(&parsed) {
        if let (Some(text), Some(is_v4)) = (family.str(), is_v4)
            && (text == "IPv4") != *is_v4
        {
            clash(
                *address,
                format!("this is no {text} address"),
                "give addresses in the order of `ipFamilies`",
                report,
            )
            .also(*family, "the family that belongs to it");
        }
    }
    let policy = spec.get("ipFamilyPolicy");
    let single = if policy.is_absent() {
        let selector = spec.get("selector").entries();
        !headless && is_headless(spec).is_some() || headless && !selector.list.is_empty()
    } else {
        policy.str() == Some("SingleStack")
    };
    if single && (families.list.len() == 2 || addresses.len() == 2) {
        let at = if policy.is_absent() { given } else { policy };
        report
            .add(&E0458, if at.is_absent() { spec } else { at }, "two IP families, but the policy is SingleStack")
            .help("give `ipFamilyPolicy: \"PreferDualStack\"` or `\"RequireDualStack\"`");
    }
}

fn differ<'a>(families: Part<'a>, report: &mut Report<'a>) {
    let families = families.items().list.into_iter().filter_map(|family| family.str().map(|text| (text, family)));
    unique(families, &E0442, |family| format!("the IP family {family} is given twice"), report);
}

/// (ValidateEndpointIP)
pub(super) fn reachable<'a>(addresses: Part<'a>, report: &mut Report<'a>) {
    addresses.items().list.into_iter().for_each(|address| reachable_one(address, report));
}

/// One address to which traffic is sent.
pub(super) fn reachable_one<'a>(address: Part<'a>, report: &mut Report<'a>) {
    if let Some(text) = address.str()
        && let Some(reason) = ip_any(text).and_then(not_reachable)
    {
        report
            .add(&E0458, address, format!("no traffic can be sent to {text} from elsewhere"))
            .label(reason)
            .help("give an address that other machines reach");
    }
}

/// Fields that only a load balancer has.
fn no_balancer<'a>(spec: Part<'a>, kind: &str, report: &mut Report<'a>) {
    for field in ["loadBalancerClass", "allocateLoadBalancerNodePorts", "loadBalancerSourceRanges"] {
        let part = spec.get(field);
        if part.is_present() && (field != "loadBalancerSourceRanges" || !part.items().list.is_empty()) {
            let message = format!("a Service of type {kind} has no `{field}`");
            clash(part, message, &format!("remove `{field}`, or give `type: \"LoadBalancer\"`"), report);
        }
    }
}

fn source_ranges<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    for range in spec.get("loadBalancerSourceRanges").items().list {
        if range.str().is_some_and(|text| !(CIDR.fits)(text.trim())) {
            is(range, &CIDR, "network", report);
        }
    }
}

/// (validateServiceExternalTrafficPolicy)
fn traffic<'a>(spec: Part<'a>, kind: &str, report: &mut Report<'a>) {
    let addresses = spec.get("externalIPs").items();
    let inside = kind == "ExternalName" || kind == "ClusterIP" && addresses.complete && addresses.list.is_empty();
    let policy = spec.get("externalTrafficPolicy");
    if inside && is_set(policy) {
        let help = "remove it, or give `type: \"LoadBalancer\"` or `\"NodePort\"`";
        clash(policy, "nothing outside reaches this Service, so that it has no `externalTrafficPolicy`", help, report);
    }
    let port = spec.get("healthCheckNodePort");
    let checked = kind == "LoadBalancer" && policy.str() != Some("Cluster") && !policy.is_absent();
    if let Some(number) = port.int()
        && number != 0
    {
        if !checked {
            let help = "remove it, or give `type: \"LoadBalancer\"` and `externalTrafficPolicy: \"Local\"`";
            clash(port, "only a load balancer with local traffic has a `healthCheckNodePort`", help, report);
        } else if !(1..=65_535).contains(&number) {
            report.add(&E0457, port, format!("there is no port {number}")).label("must be between 1 and 65535");
        }
    }
}
