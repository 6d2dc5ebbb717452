//! Endpoints and EndpointSlices (`pkg/apis/core/validation/validation.go`,
//! validateEndpointSubsets; `pkg/apis/discovery/validation/validation.go`).

use super::addresses::{ip, ip_any};
use super::forms::{IP, LABEL, LABEL_KEY, LABEL_VALUE, SUBDOMAIN};
use super::service::{PORT, reachable_one};
use super::shape::{Check, Shape, is, is_empty, needed, texts, unique, walk};
use super::{Object, Part, Report};
use crate::check::{is_dns_label, is_dns_subdomain};
use crate::diagnostic::{E0442, E0457, E0458};

static SUBSET: Shape = &[
    ("addresses", &[Check::Each(ADDRESS)]),
    ("notReadyAddresses", &[Check::Each(ADDRESS)]),
    ("ports", &[Check::Each(SUBSET_PORT)]),
];

static ADDRESS: Shape = &[
    ("ip", &[Check::Exactly(&IP, "IP address"), Check::Rule(reachable_one)]),
    ("hostname", &[Check::Is(&LABEL, "name of a host")]),
    ("nodeName", &[Check::Exactly(&SUBDOMAIN, "name of a Node")]),
];

static SUBSET_PORT: Shape = &[
    ("name", &[Check::Is(&LABEL, "name of a port")]),
    ("port", &[PORT]),
    ("appProtocol", &[Check::Exactly(&LABEL_KEY, "protocol")]),
];

/// What must hold of Endpoints.
pub(super) fn endpoints<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    for subset in object.root.get("subsets").items().list {
        walk(subset, SUBSET, report);
        if is_empty(subset.get("addresses")) && is_empty(subset.get("notReadyAddresses")) {
            needed(subset, "addresses", Part::Absent, "traffic goes to them", report)
                .help("give `addresses`, or `notReadyAddresses`");
        }
        let ports = subset.get("ports").items().list;
        for port in ports.iter().filter(|port| ports.len() > 1 && is_empty(port.get("name"))) {
            report
                .add(&E0457, *port, "a port without name, beside another port")
                .label("has no `name`")
                .help("give each port the `name` that the Service gives it");
        }
    }
}

static SLICE: Shape = &[("endpoints", &[Check::Each(ENDPOINT)]), ("ports", &[Check::Each(SLICE_PORT)])];

static ENDPOINT: Shape = &[
    ("addresses", &[Check::Needed("traffic goes to them")]),
    ("nodeName", &[Check::Exactly(&SUBDOMAIN, "name of a Node")]),
    ("hostname", &[Check::Exactly(&LABEL, "name of a host")]),
    ("deprecatedTopology", &[Check::Labels]),
    ("hints", &[Check::In(&[("forZones", &[Check::Rule(zones)])])]),
];

static SLICE_PORT: Shape =
    &[("name", &[Check::Is(&LABEL, "name of a port")]), ("appProtocol", &[Check::Exactly(&LABEL_KEY, "protocol")])];

/// What must hold of an EndpointSlice.
pub(super) fn slice<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    walk(object.root, SLICE, report);
    let ports = object.root.get("ports").items();
    let names = ports.list.iter().filter_map(|port| {
        let name = port.get("name");
        if name.is_absent() { Some(("", *port)) } else { name.str().map(|text| (text, name)) }
    });
    let message = |name: &&str| match *name {
        "" => "two ports have no name".to_owned(),
        name => format!("two ports are named `{name}`"),
    };
    unique(names, &E0442, message, report);
    let Some(kind) = object.root.get("addressType").str() else { return };
    let endpoints = object.root.get("endpoints");
    let items = endpoints.items().list;
    for (what, count, limit, at) in
        [("endpoints", items.len(), 1000, endpoints), ("ports", ports.list.len(), 20_000, object.root.get("ports"))]
    {
        if count > limit {
            report
                .add(&E0458, at, format!("there are {count} {what}; a slice takes {limit}"))
                .help("make several slices of it");
        }
    }
    for endpoint in items {
        let addresses = endpoint.get("addresses");
        let given = addresses.items().list;
        if given.len() > 100 {
            report
                .add(&E0458, addresses, format!("there are {} addresses; an endpoint takes 100", given.len()))
                .help("all addresses of an endpoint lead to the same pod: make several endpoints");
        }
        given.into_iter().for_each(|address| of_type(kind, address, report));
    }
}

/// The address is of the type that the slice says.
fn of_type<'a>(kind: &str, address: Part<'a>, report: &mut Report<'a>) {
    let Some(text) = address.str() else { return };
    let right = match kind {
        "IPv4" => ip_any(text).is_some_and(|address| address.is_ipv4()),
        "IPv6" => ip(text).is_some_and(|address| address.is_ipv6()),
        "FQDN" => {
            let name = text.strip_suffix('.').unwrap_or(text);
            is_dns_subdomain(name) && name.contains('.') && name.split('.').all(is_dns_label)
        }
        _ => true,
    };
    if !right {
        report
            .add(&E0458, address, format!("`{text}` is no address of type {kind}"))
            .help("all addresses of a slice are of its `addressType`");
    } else if kind != "FQDN" {
        reachable_one(address, report);
    }
}

fn zones<'a>(zones: Part<'a>, report: &mut Report<'a>) {
    let zones = zones.items().list;
    unique(texts(&zones, "name"), &E0442, |name| format!("the zone `{name}` is given twice"), report);
    zones.into_iter().for_each(|zone| is(zone.get("name"), &LABEL_VALUE, "name of a zone", report));
}
