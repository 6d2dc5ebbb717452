//! Namespaces, nodes and events (`pkg/apis/core/validation/validation.go`,
//! ValidateNamespace and ValidateNode; `events.go` there;
//! `k8s.io/pod-security-admission`, `api/helpers.go`).

use super::addresses::cidr_any;
use super::forms::{CIDR, Form, LABEL_KEY, LABEL_VALUE};
use super::shape::{Check, Shape, between, is, is_empty, needed, only, unique, walk};
use super::{Object, Part, Report};
use crate::diagnostic::{E0441, E0442, E0448};

/// A Namespace.
pub(super) fn namespace<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    for finalizer in object.root.at(&["spec", "finalizers"]).items().list {
        let Some(text) = finalizer.str() else { continue };
        let own = matches!(text, "kubernetes" | "foregroundDeletion" | "orphan");
        if !(own || text.contains('/') && (LABEL_KEY.fits)(text)) {
            report
                .add(&E0441, finalizer, format!("`{text}` is not a valid finalizer"))
                .label("must be `kubernetes`, or a domain, `/` and a name")
                .help("give one such as `example.com/cleanup`");
        }
    }
    for (key, value) in object.root.at(&["metadata", "labels"]).entries().list {
        let Some(mode) = key.strip_prefix("pod-security.kubernetes.io/") else { continue };
        match mode {
            "enforce" | "audit" | "warn" => levels(key, value, report),
            "enforce-version" | "audit-version" | "warn-version" => version(key, value, report),
            _ => {}
        }
    }
}

/// ParseLevel: an empty one is none.
fn levels<'a>(key: &str, value: Part<'a>, report: &mut Report<'a>) {
    const LEVELS: &[&str] = &["privileged", "baseline", "restricted"];
    if value.str() == Some("") {
        needed(value, key, value, "it is the level of the Pod Security Standards", report);
    } else {
        only(value, key, LEVELS, report);
    }
}

/// ParseVersion.
fn version<'a>(key: &str, value: Part<'a>, report: &mut Report<'a>) {
    let Some(text) = value.str() else { return };
    let plain = |n: &str| n == "0" || !n.is_empty() && !n.starts_with('0') && n.bytes().all(|b| b.is_ascii_digit());
    if text != "latest" && !text.strip_prefix("v1.").is_some_and(plain) {
        report
            .add(&E0441, value, format!("`{key}` cannot be `{text}`"))
            .label("must be `latest` or a version like `v1.36`")
            .help("leave it out to mean `latest`");
    }
}

/// A Node.
pub(super) fn node<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    static SPEC: Shape = &[(
        "taints",
        &[Check::Each(&[
            ("key", &[Check::Exactly(&LABEL_KEY, "key of a taint")]),
            ("value", &[Check::Is(&LABEL_VALUE, "value of a taint")]),
            (
                "effect",
                &[
                    Check::Needed("it says what becomes of pods"),
                    Check::Only(&["NoSchedule", "PreferNoSchedule", "NoExecute"]),
                ],
            ),
        ])],
    )];
    let spec = object.root.get("spec");
    walk(spec, SPEC, report);
    let taints = spec.get("taints").items().list;
    let keys = taints.iter().filter_map(|one| Some(((one.get("key").str()?, one.get("effect").str()?), *one)));
    unique(keys, &E0442, |(key, effect)| format!("the taint `{key}` with `{effect}` is given twice"), report);
    networks(spec, report);
}

/// The networks of a node. Where `podCIDR` is not the first of `podCIDRs`, it is
/// taken for all of them (Convert_v1_NodeSpec_To_core_NodeSpec).
fn networks<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    let (one, all) = (spec.get("podCIDR"), spec.get("podCIDRs"));
    is(one, &OR_NONE, "network", report);
    let list = all.items().list;
    let counts = one.is_absent() || list.first().is_some_and(|first| first.str() == one.str());
    if !counts {
        return;
    }
    list.iter().for_each(|network| is(*network, &CIDR, "network", report));
    let families: Vec<bool> = list.iter().filter_map(|n| Some(cidr_any(n.str()?)?.ip.is_ipv4())).collect();
    if families.iter().filter(|v4| **v4).count() > 1 || families.iter().filter(|v4| !**v4).count() > 1 {
        report
            .add(&E0448, all, "a node has at most one network of each IP family")
            .help("give one for IPv4 and one for IPv6 at most");
    }
}

/// A network, or an empty text, which is none.
static OR_NONE: Form = Form { fits: |text| text.is_empty() || (CIDR.fits)(text), ..CIDR };

/// An Event of `events.k8s.io`, where new ones are looked at strictly
/// (ValidateEventCreate); lengths count octets.
pub(super) fn event<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let root = object.root;
    static SHAPE: Shape = &[("reportingController", &[Check::Is(&LABEL_KEY, "name of a controller")])];
    walk(root, SHAPE, report);
    for (name, why) in [
        ("eventTime", "it says when it was"),
        ("reportingController", "it says who noticed it"),
        ("reportingInstance", "it says which instance noticed it"),
        ("action", "it says what was done"),
        ("reason", "it says why"),
    ] {
        let field = root.get(name);
        if is_empty(field) && root.is_present() {
            needed(root, name, field, why, report);
        }
    }
    for (name, limit) in [("reportingInstance", 128), ("action", 128), ("reason", 128), ("note", 1024)] {
        let field = root.get(name);
        if let Some(length) = field.str().map(str::len).filter(|length| *length > limit) {
            report
                .add(&E0441, field, format!("`{name}` has {length} characters; it takes at most {limit}"))
                .help("shorten it");
        }
    }
    let kind = root.get("type");
    if is_empty(kind) && root.is_present() {
        needed(root, "type", kind, "it is `Normal` or `Warning`", report);
    }
    only(kind, "type", &["Normal", "Warning"], report);
    between(root.at(&["series", "count"]), "count", 2, super::shape::MAX, report);
    for name in ["deprecatedCount", "deprecatedFirstTimestamp", "deprecatedLastTimestamp"] {
        let field = root.get(name);
        if field.is_present() && field.int() != Some(0) {
            report.add(&E0448, field, format!("`{name}` is of the old form of events")).help("remove it");
        }
    }
}
