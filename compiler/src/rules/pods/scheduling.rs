//! On which nodes a pod may run (validateAffinity, ValidateTolerations,
//! validateTopologySpreadConstraints).

use super::super::forms::{LABEL, LABEL_KEY, LABEL_VALUE, SUBDOMAIN};
use super::super::selectors;
use super::super::shape::{Check, MAX, Shape, clash, is, is_empty, is_set, unique, walk};
use super::{Part, Report};
use crate::diagnostic::{E0441, E0442, E0449, E0452};

static NODES: Shape = &[(
    "nodeSelectorTerms",
    &[Check::Needed("without one no node is right"), Check::Rule(|list, r| node_terms(list, true, r))],
)];

const WEIGHT: &[Check] = &[Check::Between(1, 100)];

/// Affinity of all three kinds.
pub(super) static AFFINITY: Shape = &[
    (
        "nodeAffinity",
        &[Check::In(&[
            ("requiredDuringSchedulingIgnoredDuringExecution", &[Check::In(NODES)]),
            (
                "preferredDuringSchedulingIgnoredDuringExecution",
                &[Check::Each(&[
                    ("weight", WEIGHT),
                    ("preference", &[Check::Rule(|term, r| node_term(term, false, r))]),
                ])],
            ),
        ])],
    ),
    ("podAffinity", PODS),
    ("podAntiAffinity", PODS),
];

const PODS: &[Check] = &[Check::In(&[
    (
        "requiredDuringSchedulingIgnoredDuringExecution",
        &[
            Check::Each(TERM),
            Check::Rule(|list, report| {
                list.items().list.into_iter().for_each(|term| label_keys(term, report));
            }),
        ],
    ),
    (
        "preferredDuringSchedulingIgnoredDuringExecution",
        &[Check::Each(&[("weight", WEIGHT), ("podAffinityTerm", &[Check::In(TERM), Check::Rule(label_keys)])])],
    ),
])];

/// validatePodAffinityTerm.
static TERM: Shape = &[
    ("topologyKey", &[Check::Exactly(&LABEL_KEY, "label key")]),
    ("namespaces", &[Check::EachIs(&LABEL, "namespace")]),
    ("labelSelector", &[Check::Rule(selectors::check)]),
    ("namespaceSelector", &[Check::Rule(selectors::check)]),
];

/// ValidateMatchLabelKeysAndMismatchLabelKeys.
fn label_keys<'a>(term: Part<'a>, report: &mut Report<'a>) {
    let (same, other) = (term.get("matchLabelKeys"), term.get("mismatchLabelKeys"));
    for (name, part) in [("matchLabelKeys", same), ("mismatchLabelKeys", other)] {
        let keys = part.items().list;
        if !keys.is_empty() && term.get("labelSelector").is_absent() {
            clash(part, format!("`{name}` needs a `labelSelector`"), "give `labelSelector`, even an empty one", report);
        }
        keys.into_iter().for_each(|key| is(key, &LABEL_KEY, "label key", report));
    }
    let others = other.items().list;
    for key in same.items().list {
        if let Some(twin) = key.str().and_then(|text| others.iter().find(|other| other.str() == Some(text))) {
            clash(key, "this key is in both `matchLabelKeys` and `mismatchLabelKeys`", "remove one of the two", report)
                .also(*twin, "the other");
        }
    }
}

/// Which nodes something is for (ValidateNodeSelector).
pub(in crate::rules) fn node_selector<'a>(selector: Part<'a>, report: &mut Report<'a>) {
    if !selector.is_absent() {
        walk(selector, NODES, report);
    }
}

fn node_terms<'a>(terms: Part<'a>, strict: bool, report: &mut Report<'a>) {
    terms.items().list.into_iter().for_each(|term| node_term(term, strict, report));
}

/// ValidateNodeSelectorTerm; values of labels are looked at where nodes must have them.
fn node_term<'a>(term: Part<'a>, strict: bool, report: &mut Report<'a>) {
    for expression in term.get("matchExpressions").items().list {
        selectors::requirement(expression, &["Gt", "Lt"], report);
        is(expression.get("key"), &LABEL_KEY, "label key", report);
        if strict {
            for value in expression.get("values").items().list {
                is(value, &LABEL_VALUE, "label value", report);
            }
        }
    }
    for field in term.get("matchFields").items().list {
        node_field(field, report);
    }
}

/// ValidateNodeFieldSelectorRequirement.
fn node_field<'a>(field: Part<'a>, report: &mut Report<'a>) {
    let (key, operator, values) = (field.get("key"), field.get("operator"), field.get("values").items());
    if key.str().is_some_and(|text| text != "metadata.name") {
        report.add(&E0452, key, "nodes are matched by one field only").help("use `metadata.name`");
    }
    if operator.str().is_some_and(|text| !matches!(text, "In" | "NotIn")) {
        report.add(&E0452, operator, "a field of a node is matched by `In` or `NotIn`").help("use one of the two");
    }
    if values.complete && values.list.len() != 1 {
        report
            .add(&E0452, field, format!("a field of a node takes one value, not {}", values.list.len()))
            .help("write one term for each node");
    }
    values.list.into_iter().for_each(|value| is(value, &SUBDOMAIN, "name of a node", report));
}

static TOLERATION: Shape = &[("key", &[Check::Is(&LABEL_KEY, "label key")])];

/// ValidateTolerations, with comparisons switched off.
pub(in crate::rules) fn tolerations<'a>(list: Part<'a>, report: &mut Report<'a>) {
    for one in list.items().list {
        walk(one, TOLERATION, report);
        let (operator, value, effect) = (one.get("operator"), one.get("value"), one.get("effect"));
        match operator.str() {
            Some("Exists") if is_set(value) => {
                clash(value, "`operator: \"Exists\"` takes no `value`", "remove `value`, or use `Equal`", report)
                    .also(operator, "given here");
            }
            Some("Lt" | "Gt") => {
                report
                    .add(&E0441, operator, "comparing tolerations are switched off in Kubernetes")
                    .help("use `Equal` or `Exists`");
            }
            Some("" | "Equal") => is(value, &LABEL_VALUE, "label value", report),
            _ if operator.is_absent() => is(value, &LABEL_VALUE, "label value", report),
            _ => {}
        }
        let exists = operator.str() == Some("Exists") || !operator.is_absent() && operator.str().is_none();
        if is_empty(one.get("key")) && !exists && one.is_present() {
            report
                .add(&E0449, one, "`key` is missing: only `operator: \"Exists\"` goes without one")
                .help("give `key`, or `operator: \"Exists\"` to tolerate everything");
        }
        let seconds = one.get("tolerationSeconds");
        if seconds.is_present() && (effect.is_absent() || effect.str().is_some_and(|text| text != "NoExecute")) {
            clash(
                seconds,
                "`tolerationSeconds` needs `effect: \"NoExecute\"`",
                "give that effect, or remove it",
                report,
            )
            .also(effect, "the effect");
        }
    }
}

static SPREAD: Shape = &[
    ("maxSkew", &[Check::Between(1, MAX)]),
    ("minDomains", &[Check::Between(1, MAX)]),
    ("topologyKey", &[Check::Needed("it is the label of nodes that makes the groups")]),
    ("labelSelector", &[Check::Rule(selectors::check)]),
];

/// validateTopologySpreadConstraints.
pub(super) fn spread<'a>(list: Part<'a>, report: &mut Report<'a>) {
    let list = list.items().list;
    for one in &list {
        walk(*one, SPREAD, report);
        label_keys(*one, report);
        let (least, action) = (one.get("minDomains"), one.get("whenUnsatisfiable"));
        if least.is_present() && action.str() == Some("ScheduleAnyway") {
            clash(
                least,
                "`minDomains` does not go with `whenUnsatisfiable: \"ScheduleAnyway\"`",
                "remove it, or use `DoNotSchedule`",
                report,
            )
            .also(action, "given here");
        }
    }
    let keys = list
        .iter()
        .filter_map(|one| Some(((one.get("topologyKey").str()?, one.get("whenUnsatisfiable").str()?), *one)));
    unique(keys, &E0442, |(key, action)| format!("pods are spread over `{key}` with `{action}` twice"), report);
}
