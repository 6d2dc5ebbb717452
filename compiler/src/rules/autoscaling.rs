//! HorizontalPodAutoscalers (`pkg/apis/autoscaling/validation/validation.go`;
//! defaults in `pkg/apis/autoscaling/v2/defaults.go`).

use super::forms::{LABEL, SEGMENT};
use super::shape::{Check, MAX, NATURAL, Shape, clash, is_empty, needed, walk};
use super::{Object, Part, Report};
use crate::diagnostic::E0463;

const FOUND: Check = Check::Needed("the object is found by it");
const POSITIVE: Check = Check::Between(1, MAX);

static SPEC: Shape = &[
    ("minReplicas", &[NATURAL]),
    ("maxReplicas", &[POSITIVE]),
    ("scaleTargetRef", &[Check::In(REFERENCE), Check::Rule(has_group)]),
    ("targetCPUUtilizationPercentage", &[POSITIVE]),
    ("metrics", &[Check::Each(METRIC), Check::Rule(metrics)]),
    ("behavior", &[Check::In(BEHAVIOR)]),
];

static REFERENCE: Shape =
    &[("kind", &[FOUND, Check::Is(&SEGMENT, "kind")]), ("name", &[FOUND, Check::Is(&SEGMENT, "name")])];

static METRIC: Shape = &[
    ("object", &[Check::In(OBJECT), Check::Rule(by_value)]),
    ("external", &[Check::In(NAMED), Check::Rule(by_value)]),
    ("pods", &[Check::In(NAMED), Check::Rule(by_average)]),
    ("resource", &[Check::In(RESOURCE), Check::Rule(by_utilization)]),
    ("containerResource", &[Check::In(RESOURCE), Check::In(CONTAINER), Check::Rule(by_utilization)]),
];

static OBJECT: Shape = &[("describedObject", &[Check::In(REFERENCE)]), ("metric", IDENTIFIER), ("target", TARGETS)];

static NAMED: Shape = &[("metric", IDENTIFIER), ("target", TARGETS)];

static RESOURCE: Shape = &[("name", &[Check::Needed("a metric is about a resource")]), ("target", TARGETS)];

static CONTAINER: Shape =
    &[("container", &[Check::Needed("it is the container's metric"), Check::Is(&LABEL, "name of a container")])];

static IDENTIFIER: &[Check] =
    &[Check::In(&[("name", &[Check::Needed("the metric is found by it"), Check::Is(&SEGMENT, "name of a metric")])])];

static TARGETS: &[Check] = &[Check::In(TARGET)];

static TARGET: Shape = &[
    ("type", &[Check::Only(&["Utilization", "Value", "AverageValue"])]),
    ("value", &[Check::Rule(positive)]),
    ("averageValue", &[Check::Rule(positive)]),
    ("averageUtilization", &[POSITIVE]),
];

static BEHAVIOR: Shape = &[("scaleUp", &[Check::In(RULES)]), ("scaleDown", &[Check::In(RULES)])];

static RULES: Shape = &[
    ("stabilizationWindowSeconds", &[Check::Between(0, 3600)]),
    ("selectPolicy", &[Check::Only(&["Max", "Min", "Disabled"])]),
    ("policies", &[Check::Each(POLICY), Check::Rule(has_policies)]),
    ("tolerance", &[Check::Rule(not_negative)]),
];

static POLICY: Shape = &[
    ("type", &[Check::Only(&["Pods", "Percent"])]),
    ("value", &[POSITIVE]),
    ("periodSeconds", &[Check::Between(1, 1800)]),
];

/// What must hold of a HorizontalPodAutoscaler.
pub(super) fn check<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    walk(spec, SPEC, report);
    let (least, most) = (spec.get("minReplicas"), spec.get("maxReplicas"));
    if let (Some(min), Some(max)) = (least.int(), most.int())
        && max < min
        && max > 0
    {
        report
            .add(&E0463, most, format!("`maxReplicas` is {max}, fewer than `minReplicas`"))
            .also(least, format!("at least {min} here"))
            .help("give `maxReplicas` the larger number");
    }
    let metrics = spec.get("metrics").items();
    if least.int() == Some(0) && object.version != "v1" && metrics.complete {
        let outside = |metric: &Part<'_>| {
            let kind = metric.get("type");
            matches!(kind.str(), Some("Object" | "External")) || kind.str().is_none() && !is_empty(kind)
        };
        if !metrics.list.iter().any(outside) {
            report
                .add(&E0463, least, "without pods, no metric of pods says when to begin")
                .help("measure an `Object` or something `External`, or give `minReplicas: 1`");
        }
    }
}

/// Only a ReplicationController is of the core group (ValidateAPIVersion).
fn has_group<'a>(target: Part<'a>, report: &mut Report<'a>) {
    let (version, kind) = (target.get("apiVersion"), target.get("kind"));
    let text = if version.is_absent() { Some("") } else { version.str() };
    let (Some(text), Some(kind)) = (text, kind.str()) else { return };
    let slashes = text.matches('/').count();
    let grouped = slashes == 1 && !text.starts_with('/');
    if slashes > 1 || !grouped && kind != "ReplicationController" {
        report
            .add(&E0463, if version.is_absent() { target } else { version }, "the target to scale is of no API group")
            .help("give the group and version of the target: `apiVersion: \"apps/v1\"`");
    }
}

/// The source that the type says, and no other (validateMetricSpec).
fn metrics<'a>(metrics: Part<'a>, report: &mut Report<'a>) {
    const SOURCES: [(&str, &str); 5] = [
        ("Object", "object"),
        ("External", "external"),
        ("Pods", "pods"),
        ("Resource", "resource"),
        ("ContainerResource", "containerResource"),
    ];
    for metric in metrics.items().list {
        let kind = metric.get("type");
        let Some(text) = kind.str() else { continue };
        let Some((_, wanted)) = SOURCES.iter().find(|(kind, _)| *kind == text) else {
            report
                .add(&E0463, kind, format!("`{text}` is no type of a metric"))
                .help("there are `Resource`, `ContainerResource`, `Pods`, `Object` and `External`");
            continue;
        };
        let source = metric.get(wanted);
        if source.is_absent() {
            report
                .add(&E0463, kind, format!("a metric of type {text} needs `{wanted}`"))
                .help(format!("give `{wanted}`, or another `type`"));
        }
        for (_, other) in SOURCES.iter().filter(|(_, other)| other != wanted) {
            let part = metric.get(other);
            if part.is_present() {
                clash(part, format!("a metric of type {text} has no `{other}`"), "make two metrics of it", report)
                    .also(kind, "the type");
            }
        }
    }
}

fn by_value<'a>(source: Part<'a>, report: &mut Report<'a>) {
    one_target(source, &["value", "averageValue"], report);
}

fn by_average<'a>(source: Part<'a>, report: &mut Report<'a>) {
    one_target(source, &["averageValue"], report);
}

fn by_utilization<'a>(source: Part<'a>, report: &mut Report<'a>) {
    one_target(source, &["averageUtilization", "averageValue"], report);
}

/// A target has one number that fits the metric.
fn one_target<'a>(source: Part<'a>, fields: &[&str], report: &mut Report<'a>) {
    let target = source.get("target");
    if !target.is_present() {
        return;
    }
    let parts: Vec<Part<'a>> = fields.iter().map(|field| target.get(field)).collect();
    let shown: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
    if parts.iter().all(|part| part.is_absent()) {
        report
            .add(&E0463, target, format!("this metric needs {} as target", shown.join(" or ")))
            .help(format!("give {}", shown.join(" or ")));
    }
    // An object may be measured by both.
    if let [first, second] = parts.as_slice()
        && source.get("describedObject").is_absent()
        && first.is_present()
        && second.is_present()
    {
        clash(*second, format!("a target has {}, not both", shown.join(" or ")), "remove one of them", report)
            .also(*first, "the other one");
    }
}

fn positive<'a>(part: Part<'a>, report: &mut Report<'a>) {
    if part.quantity().is_some_and(|quantity| quantity.nanos() <= 0) {
        report.add(&E0463, part, "a target is more than nothing").help("give a positive number");
    }
}

fn not_negative<'a>(part: Part<'a>, report: &mut Report<'a>) {
    if part.quantity().is_some_and(|quantity| quantity.nanos() < 0) {
        report.add(&E0463, part, "a tolerance is not negative").help("give `0` to react to every change");
    }
}

fn has_policies<'a>(policies: Part<'a>, report: &mut Report<'a>) {
    if policies.is_present() && is_empty(policies) {
        needed(policies, "policies", policies, "the rules scale by them", report)
            .help("give a policy, or leave `policies` out for the default ones");
    }
}
