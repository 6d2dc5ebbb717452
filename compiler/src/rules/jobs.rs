//! Jobs, and the template for them that a CronJob has
//! (`pkg/apis/batch/validation/validation.go`, ValidateJobSpec, after the
//! defaults of `pkg/apis/batch/v1/defaults.go`).

use super::forms::{DOMAIN_PATH, LABEL_KEY};
use super::pods::{self, Host};
use super::shape::{Check, Count, MAX, NATURAL, Shape, clash, is_empty, needed, one_of, only, walk};
use super::{Part, Report, selectors};
use crate::check::is_dns_label;
use crate::diagnostic::{E0441, E0442, E0444, E0448, E0450, E0451};

static JOB: Shape = &[
    ("parallelism", &[NATURAL]),
    ("completions", &[NATURAL]),
    ("activeDeadlineSeconds", &[Check::Between(0, i64::MAX)]),
    ("backoffLimit", &[NATURAL]),
    ("ttlSecondsAfterFinished", &[NATURAL]),
    ("backoffLimitPerIndex", &[NATURAL]),
    ("maxFailedIndexes", &[NATURAL]),
    ("managedBy", &[Check::Exactly(&DOMAIN_PATH, "name of a controller")]),
    ("podReplacementPolicy", &[Check::Only(&["TerminatingOrFailed", "Failed"])]),
    (
        "podFailurePolicy",
        &[Check::In(&[("rules", &[Check::Each(FAILURE_RULE), Check::Rule(|part, r| pods::at_most(part, 20, r))])])],
    ),
    (
        "successPolicy",
        &[Check::In(&[(
            "rules",
            &[
                Check::Needed("a policy has one rule or more"),
                Check::Each(&[("succeededCount", &[NATURAL])]),
                Check::Rule(|part, r| pods::at_most(part, 20, r)),
            ],
        )])],
    ),
];

static FAILURE_RULE: Shape = &[
    (
        "onPodConditions",
        &[
            Check::Each(&[
                ("type", &[Check::Exactly(&LABEL_KEY, "condition")]),
                ("status", &[Check::Only(&["True", "False", "Unknown"])]),
            ]),
            Check::Rule(|part, report| pods::at_most(part, 20, report)),
        ],
    ),
    (
        "onExitCodes",
        &[Check::In(&[(
            "values",
            &[Check::Needed("a rule is for some exit codes"), Check::Rule(|part, r| pods::at_most(part, 255, r))],
        )])],
    ),
];

/// The labels by which a Job finds its pods, which it makes itself.
const OWN_LABELS: [&str; 4] =
    ["controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"];

/// A Job.
pub(super) fn check<'a>(root: Part<'a>, report: &mut Report<'a>) {
    let spec = root.get("spec");
    if root.is_present() && spec.is_absent() {
        needed(root, "spec", spec, "it has the template of the pods", report);
    }
    check_spec(spec, report);
    let (manual, selector) = (spec.get("manualSelector"), spec.get("selector"));
    selectors::check(selector, report);
    if manual.bool() == Some(true) {
        if selector.is_absent() {
            needed(spec, "selector", selector, "`manualSelector: true` means that you give it", report)
                .also(manual, "given here");
        }
        selectors::matches(spec, selector, report);
    } else if manual.is_absent() || manual.bool() == Some(false) {
        generated(root, selector, report);
    }
    let (name, count) = (root.at(&["metadata", "name"]), spec.get("completions"));
    if let (Some("Indexed"), Some(text), Some(1..)) = (spec.get("completionMode").str(), name.str(), count.int()) {
        let last = format!("{text}-{}", count.int().unwrap_or(1) - 1);
        if !is_dns_label(&last) {
            report
                .add(
                    &E0441,
                    name,
                    format!("the last pod of this Job would have the host name `{last}`, which is not valid"),
                )
                .label("with the number of the pod behind, it must be a DNS label of at most 63 characters")
                .help("give the Job a shorter name, without `.`");
        }
    }
}

/// validateGeneratedSelector: a Job selects its pods by labels of its own.
fn generated<'a>(root: Part<'a>, selector: Part<'a>, report: &mut Report<'a>) {
    let template = root.at(&["spec", "template", "metadata", "labels"]);
    let name = root.at(&["metadata", "name"]);
    for (key, value) in template.entries().list.into_iter().filter(|(key, _)| OWN_LABELS.contains(key)) {
        let right =
            key.ends_with("job-name") && (value.str().is_none() || name.str().is_none() || value.str() == name.str());
        if !right {
            clash(value, format!("the Job sets the label `{key}` of its pods itself"), "remove it", report);
        }
    }
    for (key, value) in selector.get("matchLabels").entries().list {
        if !OWN_LABELS.contains(&key) {
            clash(
                value,
                "a Job makes its own selector",
                "remove `selector`, or add `manualSelector: true` and see to it that no other pods have these labels",
                report,
            );
            return;
        }
    }
}

/// What a CronJob makes Jobs from (ValidateJobTemplateSpec).
pub(super) fn check_template<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    check_spec(spec, report);
    let (manual, selector) = (spec.get("manualSelector"), spec.get("selector"));
    if selector.is_present() {
        clash(selector, "the Jobs of a CronJob make their own selectors", "remove `selector`", report);
    }
    if manual.bool() == Some(true) {
        clash(manual, "the Jobs of a CronJob make their own selectors", "remove `manualSelector`", report);
    }
}

fn check_spec<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    walk(spec, JOB, report);
    pods::check(spec.get("template"), Host::Template, report);
    restarts(spec, report);
    let mode = spec.get("completionMode");
    match mode.str() {
        Some("Indexed") => indexed(spec, report),
        Some(_) => not_indexed(spec, report),
        None if mode.is_absent() => not_indexed(spec, report),
        None => {}
    }
    let failures = spec.get("maxFailedIndexes");
    if failures.is_present() && spec.get("backoffLimitPerIndex").is_absent() {
        clash(failures, "`maxFailedIndexes` needs `backoffLimitPerIndex`", "give it, too", report);
    }
    let (policy, replacement) = (spec.get("podFailurePolicy"), spec.get("podReplacementPolicy"));
    if policy.is_present() && replacement.str().is_some_and(|text| text == "TerminatingOrFailed") {
        clash(
            replacement,
            "`podFailurePolicy` needs `podReplacementPolicy: \"Failed\"`",
            "remove it; that is the default then",
            report,
        )
        .also(policy, "given here");
    }
    for rule in policy.get("rules").items().list {
        failure_rule(spec, rule, report);
    }
}

/// Pods of a Job end, so that they are not always restarted.
fn restarts<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    let pod = spec.at(&["template", "spec"]);
    let policy = pod.get("restartPolicy");
    let failures = spec.get("podFailurePolicy");
    if pod.is_present() && is_empty(policy) {
        report
            .add(&E0451, pod, "the pods of a Job need a `restartPolicy`, since the default is `Always`")
            .help("give `restartPolicy: \"Never\"` or `\"OnFailure\"`");
    } else if policy.str() == Some("Always") {
        report
            .add(&E0451, policy, "the pods of a Job end; they cannot have `restartPolicy: \"Always\"`")
            .help("use `Never` or `OnFailure`");
    } else if policy.str() == Some("OnFailure") && failures.is_present() {
        report
            .add(&E0451, policy, "`podFailurePolicy` needs `restartPolicy: \"Never\"`")
            .also(failures, "given here")
            .help("use `Never`; the Job then makes new pods");
    }
}

fn indexed<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    let (count, parallel) = (spec.get("completions"), spec.get("parallelism"));
    let (failures, per_index) = (spec.get("maxFailedIndexes"), spec.get("backoffLimitPerIndex"));
    // Without either, both are 1.
    if count.is_absent() && parallel.is_present() {
        needed(spec, "completions", count, "an `Indexed` Job counts them", report);
    }
    let many = count.int().is_some_and(|count| count > 100_000) && per_index.is_present();
    for (part, name, most) in [
        (parallel, "parallelism", if many { 10_000 } else { 100_000 }),
        (failures, "maxFailedIndexes", count.int().unwrap_or(MAX).min(if many { 10_000 } else { 100_000 })),
    ] {
        if let Some(number) = part.int().filter(|number| *number > most) {
            report
                .add(&E0450, part, format!("`{name}` cannot be {number} in this Job"))
                .label(format!("must be at most {most}"))
                .help("give less");
        }
    }
    if many && failures.is_absent() {
        needed(spec, "maxFailedIndexes", failures, "a Job with more than 100,000 completions needs it", report);
    }
    for rule in spec.at(&["successPolicy", "rules"]).items().list {
        let (wanted, indexes) = (rule.get("succeededCount"), rule.get("succeededIndexes"));
        if wanted.is_absent() && indexes.is_absent() {
            needed(rule, "succeededCount", wanted, "a rule has it or `succeededIndexes`", report);
        }
        let chosen = if let (Some(text), Some(most)) = (indexes.str(), count.int()) {
            match count_indexes(text, most) {
                Ok(chosen) => Some(chosen).filter(|_| indexes.is_present()),
                Err(why) => {
                    report
                        .add(&E0441, indexes, format!("`{text}` are no indexes of this Job: {why}"))
                        .help(format!("write numbers below {most} and ranges of them in order: `0,2-4`"));
                    None
                }
            }
        } else {
            None
        };
        let most = [count.int(), chosen].into_iter().flatten().min();
        if let Some((number, most)) = wanted.int().zip(most).filter(|(number, most)| number > most) {
            report
                .add(&E0450, wanted, format!("{number} pods cannot succeed where there are {most}"))
                .also(if chosen.is_some() { indexes } else { count }, "the pods")
                .help(format!("give at most {most}"));
        }
    }
}

/// How many indexes `0,2-4` has (validateIndexesFormat).
fn count_indexes(text: &str, completions: i64) -> Result<i64, &'static str> {
    let mut last = None;
    let mut total = 0;
    if text.is_empty() {
        return Ok(0);
    }
    for interval in text.split(',') {
        let (first, end) = interval.split_once('-').unwrap_or((interval, interval));
        let number = |text: &str| text.parse::<i64>().map_err(|_| "they are not all numbers");
        let (first, end) = (number(first)?, number(end)?);
        if first.max(end) >= completions {
            return Err("one is too large");
        }
        if first > end || interval.contains('-') && first == end || last.is_some_and(|last| last >= first) {
            return Err("they are not in order");
        }
        total += end - first + 1;
        last = Some(end);
    }
    Ok(total)
}

fn not_indexed<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    for name in ["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"] {
        let part = spec.get(name);
        if part.is_present() {
            clash(part, format!("`{name}` needs `completionMode: \"Indexed\"`"), "give that, or remove it", report)
                .also(spec.get("completionMode"), "the mode");
        }
    }
}

/// validatePodFailurePolicyRule.
fn failure_rule<'a>(spec: Part<'a>, rule: Part<'a>, report: &mut Report<'a>) {
    let action = rule.get("action");
    if action.str() == Some("FailIndex") && spec.get("backoffLimitPerIndex").is_absent() {
        clash(action, "the action `FailIndex` needs `backoffLimitPerIndex`", "give it, or use another action", report);
    }
    let codes = rule.get("onExitCodes");
    // An empty list of conditions is as good as none.
    if is_empty(rule.get("onPodConditions")) {
        one_of(rule, &["onExitCodes"], Count::One, "this rule without `onPodConditions`", report);
    } else {
        one_of(rule, &["onExitCodes", "onPodConditions"], Count::AtMostOne, "a rule", report);
    }
    let container = codes.get("containerName");
    if let Some(name) = container.str() {
        let pod = spec.at(&["template", "spec"]);
        let lists = [pod.get("containers").items(), pod.get("initContainers").items()];
        let has = |known: &Part<'_>| known.get("name").str().is_none_or(|known| known == name);
        if lists.iter().all(|list| list.complete && !list.list.iter().any(has)) {
            report
                .add(&E0444, container, format!("the pod has no container `{name}`"))
                .help("name a container or init container of the template, or leave `containerName` out");
        }
    }
    let values = codes.get("values").items().list;
    let operator = codes.get("operator");
    only(operator, "operator", &["In", "NotIn"], report);
    for value in &values {
        if value.int() == Some(0) && operator.str() == Some("In") {
            clash(*value, "an exit code of 0 is no failure", "remove it", report);
        }
    }
    for pair in values.windows(2) {
        let [one, next] = pair else { continue };
        match one.int().zip(next.int()) {
            Some((one, number)) if one == number => {
                report
                    .add(&E0442, *next, format!("the exit code {number} is given twice"))
                    .help("remove one of the two");
            }
            Some((before, number)) if before > number => {
                report
                    .add(&E0448, *next, format!("exit codes stand in ascending order; {number} is less than {before}"))
                    .help("sort them");
            }
            _ => {}
        }
    }
}
