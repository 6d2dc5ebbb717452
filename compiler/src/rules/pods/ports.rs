//! Ports of containers (validateContainerPorts, checkHostPortConflicts,
//! validatePodHostNetworkDeps, ValidatePortNumOrName).

use super::super::forms::PORT_NAME;
use super::super::shape::{is, texts, unique};
use super::{Part, Pod, Report};
use crate::diagnostic::{E0442, E0443, E0454};

/// The ports of one container.
pub(super) fn check<'a>(ports: &[Part<'a>], report: &mut Report<'a>) {
    for port in ports {
        in_range(port.get("containerPort"), "containerPort", report);
        // Zero is the same as none.
        if port.get("hostPort").int() != Some(0) {
            in_range(port.get("hostPort"), "hostPort", report);
        }
        let name = port.get("name");
        if name.str() != Some("") {
            is(name, &PORT_NAME, "name of a port", report);
        }
    }
    unique(texts(ports, "name"), &E0442, |name| format!("the container has two ports named `{name}`"), report);
    let keys = ports.iter().filter_map(|port| Some(((port.get("containerPort").int()?, protocol(*port)?), *port)));
    unique(keys, &E0454, |(number, protocol)| format!("port {number}/{protocol} is given twice"), report);
}

/// A port by number or name, as probes have it.
pub(super) fn number_or_name<'a>(port: Part<'a>, report: &mut Report<'a>) {
    is(port, &PORT_NAME, "name of a port", report);
    in_range(port, "port", report);
}

fn in_range<'a>(part: Part<'a>, name: &str, report: &mut Report<'a>) {
    let Some(number) = part.int().filter(|number| !(1..=65535).contains(number)) else { return };
    report
        .add(&E0443, part, format!("`{name}` cannot be {number}"))
        .label("ports are 1 to 65535")
        .help("give a port between 1 and 65535");
}

fn protocol(port: Part<'_>) -> Option<&str> {
    let protocol = port.get("protocol");
    if protocol.is_absent() || protocol.str() == Some("") { Some("TCP") } else { protocol.str() }
}

/// No port of the node is taken twice by these containers, which run at once.
pub(super) fn of_node<'a>(pod: &Pod<'a>, containers: &[Part<'a>], report: &mut Report<'a>) {
    let network = pod.spec.get("hostNetwork");
    let shares = network.bool() == Some(true);
    let mut taken = Vec::new();
    for port in containers.iter().flat_map(|container| container.get("ports").items().list) {
        let (inside, outside) = (port.get("containerPort"), port.get("hostPort"));
        // In a Pod on the network of its node each port is one of the node.
        let own = outside.is_absent() && shares && pod.is_pod;
        let at = if own { inside } else { outside };
        let Some(number) = at.int().filter(|number| *number != 0) else { continue };
        if shares && !own && inside.int().is_some_and(|inside| inside != number) {
            report
                .add(
                    &E0443,
                    outside,
                    format!("`hostPort` {number} is not `containerPort`, though the pod has the network of its node"),
                )
                .also(network, "because of this")
                .also(inside, "the port inside")
                .help("remove `hostPort`, or give it the number of `containerPort`");
        }
        let address = port.get("hostIP");
        let address = if address.is_absent() { Some("") } else { address.str() };
        if let (Some(address), Some(protocol)) = (address, protocol(port)) {
            taken.push(((protocol, address, number), at));
        }
    }
    unique(
        taken,
        &E0443,
        |(protocol, _, number)| format!("port {number}/{protocol} of the node is taken twice"),
        report,
    );
}
