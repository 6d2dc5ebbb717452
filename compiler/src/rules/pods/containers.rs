//! Containers of all sorts (validateContainers, validateInitContainers,
//! validateContainerCommon). A container without restart rules of its own has
//! those of the pod.

use super::super::forms::LABEL;
use super::super::shape::{Check, Shape, clash, needed, only, texts, unique, walk};
use super::{Part, Pod, Report, at_most, env, mounts, ports, probes, resources, security};
use crate::diagnostic::{E0441, E0442, E0447, E0451};

static CONTAINER: Shape = &[
    ("name", &[Check::Exactly(&LABEL, "name of a container")]),
    ("image", &[Check::Needed("a container is made from one")]),
    ("securityContext", &[Check::In(security::CONTAINER)]),
    ("restartPolicy", &[Check::Only(&["Always", "Never", "OnFailure"])]),
    ("restartPolicyRules", &[Check::Each(RULE), Check::Rule(|part, report| at_most(part, 20, report))]),
];

/// validateContainerRestartPolicy.
static RULE: Shape = &[
    ("action", &[Check::Only(&["Restart", "RestartAllContainers"])]),
    ("exitCodes", &[Check::Needed("it is when the rule holds"), Check::In(EXIT_CODES)]),
];

static EXIT_CODES: Shape = &[
    ("operator", &[Check::Only(&["In", "NotIn"])]),
    ("values", &[Check::Rule(|part, report| at_most(part, 255, report))]),
];

/// All containers of a pod.
pub(super) fn check<'a>(pod: &Pod<'a>, report: &mut Report<'a>) {
    let main = pod.spec.get("containers").items().list;
    let init = pod.spec.get("initContainers").items().list;
    unique(
        texts(&main, "name").chain(texts(&init, "name")),
        &E0442,
        |name| format!("the pod has two containers named `{name}`"),
        report,
    );
    for container in &main {
        common(pod, *container, report);
        probes::check(pod, *container, report);
    }
    ports::of_node(pod, &main, report);
    for container in &init {
        common(pod, *container, report);
        // These run one by one, so that their ports do not meet.
        ports::of_node(pod, std::slice::from_ref(container), report);
        let policy = container.get("restartPolicy");
        if policy.str() == Some("Always") {
            probes::check(pod, *container, report);
        } else if policy.is_absent() || policy.str().is_some() {
            runs_once(*container, report);
        }
    }
}

fn common<'a>(pod: &Pod<'a>, container: Part<'a>, report: &mut Report<'a>) {
    walk(container, CONTAINER, report);
    let image = container.get("image");
    if let Some(text) = image.str().filter(|text| pod.is_pod && text.trim() != *text) {
        report.add(&E0441, image, "there is white space around the image").help(format!("write `{}`", text.trim()));
    }
    ports::check(&container.get("ports").items().list, report);
    env::check(pod, container, report);
    mounts::check(pod, container, report);
    resources::check(pod, container.get("resources"), report);
    resize(pod, container, report);
    security::container(pod, container, report);
    let (policy, rules) = (container.get("restartPolicy"), container.get("restartPolicyRules"));
    if policy.is_absent() && !rules.items().list.is_empty() {
        needed(container, "restartPolicy", policy, "`restartPolicyRules` are exceptions from it", report)
            .help("give the container `restartPolicy: \"Never\"`, or what else holds where no rule does");
    }
    if pod.spec.get("hostUsers").bool() == Some(false) && !container.get("volumeDevices").items().list.is_empty() {
        clash(
            container.get("volumeDevices"),
            "`volumeDevices` do not go with `hostUsers: false`",
            "mount the volume, or leave `hostUsers` out",
            report,
        )
        .also(pod.spec.get("hostUsers"), "given here");
    }
}

/// What goes with containers that run beside others only.
fn runs_once<'a>(container: Part<'a>, report: &mut Report<'a>) {
    for name in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
        let part = container.get(name);
        if part.is_present() {
            report
                .add(&E0447, part, format!("an init container that runs once has no `{name}`"))
                .help("remove it, or let the container run beside the others: `restartPolicy: \"Always\"`");
        }
    }
    for entry in container.get("resizePolicy").items().list {
        let policy = entry.get("restartPolicy");
        if policy.str() == Some("RestartContainer") {
            report
                .add(&E0451, policy, "an init container that runs once cannot be restarted for new resources")
                .help("use `NotRequired`, or let the container run beside the others: `restartPolicy: \"Always\"`");
        }
    }
}

/// validateResizePolicy.
fn resize<'a>(pod: &Pod<'a>, container: Part<'a>, report: &mut Report<'a>) {
    let list = container.get("resizePolicy").items().list;
    let never = pod.spec.get("restartPolicy");
    for entry in &list {
        let (resource, policy) = (entry.get("resourceName"), entry.get("restartPolicy"));
        only(resource, "resourceName", &["cpu", "memory"], report);
        only(policy, "restartPolicy", &["NotRequired", "RestartContainer"], report);
        if never.str() == Some("Never") && policy.str() == Some("RestartContainer") {
            clash(policy, "a pod that is never restarted cannot be so for new resources", "use `NotRequired`", report)
                .also(never, "never restarted");
        }
    }
    unique(texts(&list, "resourceName"), &E0442, |name| format!("`{name}` is given twice"), report);
}
