//! ResourceQuotas and LimitRanges (`pkg/apis/core/validation/validation.go`,
//! ValidateResourceQuota and ValidateLimitRange; names of resources in
//! `pkg/apis/core/helper/helpers.go`).

use super::forms::LABEL_KEY;
use super::shape::{clash, is, unique};
use super::{Object, Part, Report, selectors};
use crate::diagnostic::{E0442, E0465};
use crate::units::Quantity;

/// What is counted in whole numbers.
const COUNTED: &[&str] = &[
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

/// What is measured.
const MEASURED: &[&str] = &[
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "requests.storage",
];

/// What a container asks for.
const OF_CONTAINER: &[&str] = &["cpu", "memory", "ephemeral-storage"];

/// The name is of Kubernetes' own namespace (IsNativeResource).
fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

fn is_counted(name: &str) -> bool {
    COUNTED.contains(&name)
        || !is_native(name) && !name.starts_with("requests.") && (LABEL_KEY.fits)(&format!("requests.{name}"))
}

fn is_huge_page(name: &str) -> bool {
    name.starts_with("hugepages-") || name.starts_with("requests.hugepages-")
}

/// What must hold of a ResourceQuota.
pub(super) fn quota<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    let hard = spec.get("hard").entries().list;
    for (name, value) in &hard {
        let known = COUNTED.contains(name) || MEASURED.contains(name) || is_huge_page(name);
        resource_name(name, known, *value, "a quota limits", report);
        let Some(quantity) = value.quantity() else { continue };
        not_negative(name, &quantity, *value, report);
        if is_counted(name) && quantity.nanos() % 1_000_000_000 != 0 {
            report
                .add(&E0465, *value, format!("there is no part of one of `{name}`"))
                .help("give a whole number; `m` means thousandths");
        }
    }
    scopes(spec.get("scopes").items().list, &hard, report);
    let selected = spec.at(&["scopeSelector", "matchExpressions"]).items().list;
    for one in &selected {
        let (name, operator) = (one.get("scopeName").str(), one.get("operator"));
        selectors::requirement(*one, &[], report);
        if let (Some(name), Some(text)) = (name, operator.str())
            && !matches!(name, "PriorityClass" | "VolumeAttributesClass")
            && !matches!(text, "Exists")
        {
            clash(operator, format!("the scope {name} has no values to compare"), "use `Exists`", report);
        }
    }
    scopes(selected.into_iter().map(|one| one.get("scopeName")).collect(), &hard, report);
}

/// Scopes that the resources have, and that do not exclude each other
/// (validateResourceQuotaScopes).
fn scopes<'a>(scopes: Vec<Part<'a>>, hard: &[(&'a str, Part<'a>)], report: &mut Report<'a>) {
    const OF_PODS: &[&str] =
        &["pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];
    for scope in &scopes {
        let fitting: &[&str] = match scope.str() {
            Some("BestEffort") => &["pods"],
            Some(
                "Terminating" | "NotTerminating" | "NotBestEffort" | "PriorityClass" | "CrossNamespacePodAffinity",
            ) => OF_PODS,
            Some("VolumeAttributesClass") => &["persistentvolumeclaims", "requests.storage"],
            Some(text) => {
                report.add(&E0465, *scope, format!("`{text}` is no scope of a quota")).help(
                    "there are Terminating, NotTerminating, BestEffort, NotBestEffort, PriorityClass, \
                     CrossNamespacePodAffinity and VolumeAttributesClass",
                );
                continue;
            }
            None => continue,
        };
        let text = scope.str().unwrap_or_default();
        let known = |name: &str| COUNTED.contains(&name) || MEASURED.contains(&name) || is_huge_page(name);
        for (name, value) in hard.iter().filter(|(name, _)| known(name) && !fitting.contains(name)) {
            clash(*value, format!("`{name}` has no scope {text}"), "make a quota of its own of it", report)
                .also(*scope, "the scope");
        }
    }
    for (one, other) in [("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")] {
        let find = |wanted: &str| scopes.iter().find(|scope| scope.str() == Some(wanted));
        if let (Some(first), Some(second)) = (find(one), find(other)) {
            clash(*second, format!("no pod is both {one} and {other}"), "remove one of them", report)
                .also(*first, "the other one");
        }
    }
}

/// A qualified name, and one of the known ones where it has no domain
/// (validateResourceName).
fn resource_name<'a>(name: &str, known: bool, at: Part<'a>, who: &str, report: &mut Report<'a>) {
    if !at.is_present() {
        return;
    }
    if !(LABEL_KEY.fits)(name) {
        report
            .add(&E0465, at, format!("`{name}` is not a valid name of a resource"))
            .label(format!("its name must be {}", LABEL_KEY.words));
    } else if !name.contains('/') && !known {
        let near = crate::suggest::closest(name, COUNTED.iter().chain(MEASURED).copied());
        let violation = report.add(&E0465, at, format!("`{name}` is nothing that {who}"));
        match near {
            Some(near) => violation.help(format!("did you mean `{near}`?")),
            None => violation
                .help("resources of others have a domain: `nvidia.com/gpu`; objects are `count/deployments.apps`"),
        };
    }
}

fn not_negative<'a>(name: &str, quantity: &Quantity, at: Part<'a>, report: &mut Report<'a>) {
    if quantity.nanos() < 0 {
        report.add(&E0465, at, format!("`{name}` is less than nothing")).help("give at least `0`");
    }
}

/// What must hold of a LimitRange.
pub(super) fn limits<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let limits = object.root.at(&["spec", "limits"]).items().list;
    let types = limits.iter().filter_map(|limit| {
        let kind = limit.get("type");
        kind.str().map(|text| (text, kind))
    });
    unique(types, &E0442, |kind| format!("there are two limits for each {kind}"), report);
    limits.into_iter().for_each(|limit| limit_item(limit, report));
}

const FIELDS: [&str; 5] = ["min", "max", "default", "defaultRequest", "maxLimitRequestRatio"];

fn limit_item<'a>(limit: Part<'a>, report: &mut Report<'a>) {
    let kind = limit.get("type");
    let Some(text) = kind.str() else { return };
    if !matches!(text, "Pod" | "Container" | "PersistentVolumeClaim") {
        if text.contains('/') {
            is(kind, &LABEL_KEY, "type of a limit", report);
        } else {
            report
                .add(&E0465, kind, format!("there are no limits for a `{text}`"))
                .help("there are `Container`, `Pod` and `PersistentVolumeClaim`");
        }
    }
    if text == "Pod" {
        for field in ["default", "defaultRequest"] {
            let part = limit.get(field);
            if !part.entries().list.is_empty() {
                clash(part, format!("the limits of a Pod have no `{field}`"), "give it for `Container`", report);
            }
        }
    }
    if text == "PersistentVolumeClaim" && ["min", "max"].iter().all(|field| limit.at(&[field, "storage"]).is_absent()) {
        report
            .add(&E0465, limit, "the limits of claims need `min` or `max` of `storage`")
            .help("give `max: { storage: 100Gi }`");
    }
    let mut names: Vec<&str> = Vec::new();
    for field in FIELDS {
        for (name, value) in limit.get(field).entries().list {
            let of_pods = matches!(text, "Pod" | "Container");
            let known = if of_pods {
                OF_CONTAINER.contains(&name) || name.starts_with("hugepages-")
            } else {
                COUNTED.contains(&name) || MEASURED.contains(&name) || is_huge_page(name) || name == "storage"
            };
            resource_name(name, known, value, if of_pods { "a container has" } else { "is limited" }, report);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names.into_iter().for_each(|name| compare(limit, name, text == "Pod", report));
}

/// The numbers for one resource, in their order.
fn compare<'a>(limit: Part<'a>, name: &str, pod: bool, report: &mut Report<'a>) {
    let get = |field: &str| {
        let part = if pod && field.starts_with("default") { Part::Absent } else { limit.at(&[field, name]) };
        (part, part.quantity())
    };
    for (low, high) in [
        ("min", "max"),
        ("min", "defaultRequest"),
        ("defaultRequest", "max"),
        ("defaultRequest", "default"),
        ("min", "default"),
        ("default", "max"),
    ] {
        let ((low_part, low_value), (high_part, high_value)) = (get(low), get(high));
        if let (Some(a), Some(b)) = (low_value, high_value)
            && a.nanos() > b.nanos()
        {
            report
                .add(&E0465, high_part, format!("`{high}` of {name} is less than `{low}`"))
                .also(low_part, format!("`{low}` is more"))
                .help("the order is `min`, `defaultRequest`, `default`, `max`");
        }
    }
    let (ratio, value) = get("maxLimitRequestRatio");
    if let Some(value) = value {
        if value.nanos() < 1_000_000_000 {
            report.add(&E0465, ratio, "a limit is never less than the request").help("give a ratio of at least `1`");
        }
        if let ((_, Some(min)), (_, Some(max))) = (get("min"), get("max"))
            && min.nanos() > 0
            && value.as_float() > max.as_float() / min.as_float() * (1.0 + 1e-9)
        {
            report
                .add(&E0465, ratio, "a ratio beyond that of `max` and `min` never matters")
                .help("give at most `max` divided by `min`");
        }
    }
    if !is_native(name) || name.starts_with("hugepages-") {
        let ((default, a), (request, b)) = (get("default"), get("defaultRequest"));
        if let (Some(a), Some(b)) = (a, b)
            && a.nanos() > b.nanos()
        {
            clash(request, format!("of {name}, no more can be used than is requested"), "give both the same", report)
                .also(default, "the default limit");
        }
    }
}
