//! Deployments, ReplicaSets, StatefulSets, DaemonSets, ReplicationControllers
//! (`pkg/apis/apps/validation/validation.go`, and for the last
//! ValidateReplicationControllerSpec), pods and templates of pods
//! (`pkg/apis/core/validation/validation.go`). Jobs are in `jobs.rs`.

use super::forms::{LABEL, PERCENT};
use super::metadata::check_labels;
use super::pods::{self, Host};
use super::shape::{Check, MAX, NATURAL, Shape, clash, is, is_set, needed, walk};
use super::{Object, Part, Report, jobs, selectors, storage};
use crate::diagnostic::{E0441, E0450, E0451, E0453};

/// All that has pods in it.
pub(super) fn check<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    match (object.group, object.kind) {
        ("", "Pod") => pods::check(object.root, Host::Pod, report),
        ("", "PodTemplate") => {
            let template = object.root.get("template");
            if template.is_absent() && object.root.is_present() {
                needed(object.root, "template", template, "the pods are made from it", report);
            }
            pods::check(template, Host::Template, report);
        }
        ("", "ReplicationController") => {
            if spec.is_absent() && object.root.is_present() {
                needed(object.root, "spec", spec, "it has the template of the pods", report);
            }
            controller(spec, report);
        }
        ("apps", "Deployment") => deployment(spec, report),
        ("apps", "ReplicaSet") => {
            walk(spec, REPLICA_SET, report);
            with_template(spec, "ReplicaSet", Host::Template, report);
        }
        ("apps", "StatefulSet") => stateful_set(spec, report),
        ("apps", "DaemonSet") => daemon_set(spec, report),
        ("batch", "Job") => jobs::check(object.root, report),
        ("batch", "CronJob") => jobs::check_template(spec.at(&["jobTemplate", "spec"]), report),
        _ => {}
    }
}

static REPLICA_SET: Shape = &[("replicas", &[NATURAL]), ("minReadySeconds", &[NATURAL])];

static DEPLOYMENT: Shape = &[
    ("replicas", &[NATURAL]),
    ("minReadySeconds", &[NATURAL]),
    ("revisionHistoryLimit", &[NATURAL]),
    ("progressDeadlineSeconds", &[NATURAL]),
];

static DAEMON_SET: Shape = &[
    ("minReadySeconds", &[NATURAL]),
    ("revisionHistoryLimit", &[NATURAL]),
    ("updateStrategy", &[Check::In(&[("type", &[Check::Only(&["RollingUpdate", "OnDelete"])])])]),
];

/// What may become of the claims of a StatefulSet.
const RETENTION: &[Check] = &[Check::Only(&["Retain", "Delete"])];

static STATEFUL_SET: Shape = &[
    ("replicas", &[NATURAL]),
    ("minReadySeconds", &[NATURAL]),
    ("revisionHistoryLimit", &[Check::Between(-MAX - 1, MAX)]),
    ("ordinals", &[Check::In(&[("start", &[NATURAL])])]),
    ("serviceName", &[Check::Is(&LABEL, "name of a Service")]),
    ("persistentVolumeClaimRetentionPolicy", &[Check::In(&[("whenDeleted", RETENTION), ("whenScaled", RETENTION)])]),
    ("updateStrategy", &[Check::In(&[("type", &[Check::Only(&["RollingUpdate", "OnDelete"])])])]),
    (
        "volumeClaimTemplates",
        &[Check::Each(&[(
            "metadata",
            &[Check::In(&[(
                "name",
                &[Check::Needed("it is the name of the volume"), Check::Is(&LABEL, "name of a volume")],
            )])],
        )])],
    ),
];

/// ValidateReplicationControllerSpec; an absent selector is the template's labels.
fn controller<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    walk(spec, REPLICA_SET, report);
    let selector = spec.get("selector");
    check_labels(selector, report);
    let template = spec.get("template");
    if nothing(selector) && nothing(template.at(&["metadata", "labels"])) && template.is_present() {
        needed(spec, "selector", selector, "the template has no labels that could take its place", report);
    }
    selectors::matches_labels(spec, selector, report);
    if spec.is_present() && template.is_absent() {
        needed(spec, "template", template, "the pods are made from it", report);
    }
    pods::check(template, Host::Template, report);
    always(spec, "ReplicationController", report);
}

/// It is certainly absent, or a map without entries.
fn nothing(map: Part<'_>) -> bool {
    let entries = map.entries();
    entries.complete && entries.list.is_empty()
}

/// ValidatePodTemplateSpecForReplicaSet and its like.
fn with_template<'a>(spec: Part<'a>, kind: &str, host: Host<'a>, report: &mut Report<'a>) {
    selectors::of_workload(spec, kind, report);
    let template = spec.get("template");
    if spec.is_present() && template.is_absent() {
        needed(spec, "template", template, "the pods are made from it", report);
    }
    pods::check(template, host, report);
    always(spec, kind, report);
}

/// Pods of a workload that runs for ever are always restarted, and have no deadline.
fn always<'a>(spec: Part<'a>, kind: &str, report: &mut Report<'a>) {
    let pod = spec.at(&["template", "spec"]);
    let policy = pod.get("restartPolicy");
    if let Some(text @ ("Never" | "OnFailure")) = policy.str() {
        report
            .add(
                &E0451,
                policy,
                format!("the pods of a {kind} are always restarted; `restartPolicy` cannot be `{text}`"),
            )
            .help("remove it, or use a Job for work that ends");
    }
    let deadline = pod.get("activeDeadlineSeconds");
    if deadline.is_present() {
        report
            .add(&E0451, deadline, format!("the pods of a {kind} run for ever; they have no `activeDeadlineSeconds`"))
            .help("remove it, or use a Job for work that ends");
    }
}

/// ValidateDeploymentSpec, with the defaults of `pkg/apis/apps/v1/defaults.go`.
fn deployment<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    walk(spec, DEPLOYMENT, report);
    with_template(spec, "Deployment", Host::Template, report);
    let (ready, progress) = (spec.get("minReadySeconds"), spec.get("progressDeadlineSeconds"));
    if let (Some(least), Some(most)) = (number_or(ready, 0), number_or(progress, 600))
        && most <= least
        && most >= 0
    {
        let at = if progress.is_absent() { ready } else { progress };
        report
            .add(
                &E0450,
                at,
                format!("`progressDeadlineSeconds` ({most}) must be more than `minReadySeconds` ({least})"),
            )
            .help(format!("give `progressDeadlineSeconds: {}` or more", least.saturating_add(1)));
    }
    let strategy = spec.get("strategy");
    let rolling = strategy.get("rollingUpdate");
    match strategy.get("type") {
        kind if kind.str() == Some("Recreate") => only_rolling(rolling, "Recreate", report),
        kind if is_rolling(kind) => {
            let (down, up) = (rolling.get("maxUnavailable"), rolling.get("maxSurge"));
            share(down, "maxUnavailable", true, report);
            share(up, "maxSurge", false, report);
            if let (Some(0), Some(0)) = (share_or(down, 25), share_or(up, 25)) {
                report
                    .add(&E0453, down, "`maxUnavailable` and `maxSurge` are both 0: no pod could ever be replaced")
                    .also(up, "and this is 0")
                    .help("let one of them be 1 or more");
            }
        }
        _ => {}
    }
}

/// ValidateDaemonSetSpec.
fn daemon_set<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    walk(spec, DAEMON_SET, report);
    with_template(spec, "DaemonSet", Host::Template, report);
    let strategy = spec.get("updateStrategy");
    if !is_rolling(strategy.get("type")) {
        return;
    }
    let rolling = strategy.get("rollingUpdate");
    let (down, up) = (rolling.get("maxUnavailable"), rolling.get("maxSurge"));
    share(down, "maxUnavailable", true, report);
    share(up, "maxSurge", true, report);
    match (share_or(down, 1), share_or(up, 0)) {
        (Some(0), Some(0)) => {
            report
                .add(&E0453, down, "`maxUnavailable` and `maxSurge` are both 0: no pod could ever be replaced")
                .help("let one of them be 1 or more");
        }
        (Some(1..), Some(1..)) => {
            report
                .add(&E0453, up, "a DaemonSet takes `maxSurge` only where `maxUnavailable` is 0; without one it is 1")
                .also(down, "this is not 0")
                .help("write `maxUnavailable: 0` beside it");
        }
        _ => {}
    }
}

/// ValidateStatefulSetSpec.
fn stateful_set<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    walk(spec, STATEFUL_SET, report);
    with_template(spec, "StatefulSet", Host::StatefulSet(spec.get("volumeClaimTemplates")), report);
    for claim in spec.get("volumeClaimTemplates").items().list {
        let of_claim = claim.get("spec");
        storage::claim_spec(if of_claim.is_absent() { claim } else { of_claim }, of_claim, report);
    }
    let strategy = spec.get("updateStrategy");
    let rolling = strategy.get("rollingUpdate");
    let kind = strategy.get("type");
    if kind.str() == Some("OnDelete") {
        only_rolling(rolling, "OnDelete", report);
    } else if is_rolling(kind) {
        walk(rolling, &[("partition", &[NATURAL])], report);
        let down = rolling.get("maxUnavailable");
        share(down, "maxUnavailable", true, report);
        if share_or(down, 1) == Some(0) {
            report
                .add(&E0453, down, "`maxUnavailable` is 0: no pod could ever be replaced")
                .help("let it be 1 or more");
        }
    }
}

/// The strategy is certainly the rolling one, which is the default.
fn is_rolling(kind: Part<'_>) -> bool {
    kind.is_absent() || matches!(kind.str(), Some("RollingUpdate" | ""))
}

fn only_rolling<'a>(rolling: Part<'a>, kind: &str, report: &mut Report<'a>) {
    if is_set(rolling) {
        clash(
            rolling,
            format!("`rollingUpdate` does not go with the strategy `{kind}`"),
            "remove it, or let the strategy be `RollingUpdate`",
            report,
        );
    }
}

/// A number or percentage (ValidatePositiveIntOrPercent), of which some are at
/// most 100 % (IsNotMoreThan100Percent).
fn share<'a>(part: Part<'a>, name: &str, whole: bool, report: &mut Report<'a>) {
    if part.str().is_some() {
        is(part, &PERCENT, name, report);
    } else {
        super::shape::between(part, name, 0, MAX, report);
    }
    if whole && part.str().is_some() && share_or(part, 0).is_some_and(|share| share > 100) {
        report.add(&E0441, part, format!("`{name}` is more than 100%")).help("give at most `100%`");
    }
}

/// The number of a share, whether of pods or of hundredths.
fn share_or(part: Part<'_>, default: i64) -> Option<i64> {
    if let Some(text) = part.str() {
        return text.strip_suffix('%')?.parse().ok();
    }
    number_or(part, default)
}

/// A known number, or the default where it is absent.
pub(super) fn number_or(part: Part<'_>, default: i64) -> Option<i64> {
    if part.is_absent() { Some(default) } else { part.int() }
}
