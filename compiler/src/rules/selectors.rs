//! Label selectors (`pkg/apis/meta/v1/validation/validation.go` of
//! apimachinery, ValidateLabelSelector) and what they select.

use super::forms::{LABEL_KEY, LABEL_VALUE};
use super::metadata::check_labels;
use super::shape::{is, is_empty};
use super::{Part, Report};
use crate::diagnostic::{E0440, E0452};

/// A label selector that may select everything.
pub(super) fn check<'a>(selector: Part<'a>, report: &mut Report<'a>) {
    check_labels(selector.get("matchLabels"), report);
    for expression in selector.get("matchExpressions").items().list {
        requirement(expression, &[], report);
        is(expression.get("key"), &LABEL_KEY, "label key", report);
        for value in expression.get("values").items().list {
            is(value, &LABEL_VALUE, "label value", report);
        }
    }
}

/// The operator of a requirement, and whether it takes values. `single` are
/// operators beside the usual four, which take one value.
pub(super) fn requirement<'a>(expression: Part<'a>, single: &[&str], report: &mut Report<'a>) {
    let values = expression.get("values");
    let operator = expression.get("operator");
    match operator.str() {
        Some(name @ ("In" | "NotIn")) if is_empty(values) => {
            report
                .add(&E0452, expression, format!("`operator: {name}` has no `values`"))
                .help("give `values`, or use `Exists` or `DoesNotExist`");
        }
        Some(name @ ("Exists" | "DoesNotExist")) if !values.items().list.is_empty() => {
            report
                .add(&E0452, values, format!("`operator: {name}` takes no `values`"))
                .help("remove `values`, or use `In` or `NotIn`");
        }
        Some("In" | "NotIn" | "Exists" | "DoesNotExist") => {}
        Some(name) if single.contains(&name) => {
            let items = values.items();
            if items.complete && items.list.len() != 1 {
                report
                    .add(&E0452, expression, format!("`operator: {name}` takes one value, not {}", items.list.len()))
                    .help("give one whole number as text in `values`");
            }
        }
        Some(name) => {
            report
                .add(&E0452, operator, format!("`{name}` is no operator of a selector"))
                .help("use `In`, `NotIn`, `Exists` or `DoesNotExist`");
        }
        None => {}
    }
}

/// The selector of a workload: not empty, and it selects the pods of the
/// template (`selector.Matches(labels)`).
pub(super) fn of_workload<'a>(spec: Part<'a>, kind: &str, report: &mut Report<'a>) {
    let selector = spec.get("selector");
    check(selector, report);
    let none = |name: &str| {
        let part = selector.get(name);
        let entries = part.entries();
        is_empty(part) || entries.complete && entries.list.is_empty() && part.items().list.is_empty()
    };
    if selector.is_present() && none("matchLabels") && none("matchExpressions") {
        report
            .add(&E0452, selector, format!("the selector of a {kind} cannot be empty"))
            .help("select labels of the template: `selector: { matchLabels: labels }`");
        return;
    }
    matches(spec, selector, report);
}

/// The selector selects the labels of the template, as far as both are known.
pub(super) fn matches<'a>(spec: Part<'a>, selector: Part<'a>, report: &mut Report<'a>) {
    matches_labels(spec, selector.get("matchLabels"), report);
    let labels = spec.at(&["template", "metadata", "labels"]);
    for expression in selector.get("matchExpressions").items().list {
        let Some(key) = expression.get("key").str() else { continue };
        let values = expression.get("values").items();
        let texts: Option<Vec<&str>> = values.list.iter().map(|value| value.str()).collect();
        let want = match (expression.get("operator").str(), &texts) {
            (Some("In"), Some(texts)) if values.complete && !texts.is_empty() => Want::In(texts),
            (Some("NotIn"), Some(texts)) => Want::NotIn(texts),
            (Some("Exists"), _) => Want::Present,
            (Some("DoesNotExist"), _) => Want::Absent,
            _ => continue,
        };
        selects(spec, labels, key, want, expression, report);
    }
}

/// The template has these labels.
pub(super) fn matches_labels<'a>(spec: Part<'a>, wanted: Part<'a>, report: &mut Report<'a>) {
    let labels = spec.at(&["template", "metadata", "labels"]);
    for (key, value) in wanted.entries().list {
        let Some(text) = value.str() else { continue };
        selects(spec, labels, key, Want::In(&[text]), value, report);
    }
}

/// What a selector wants of a label.
enum Want<'w> {
    In(&'w [&'w str]),
    NotIn(&'w [&'w str]),
    Present,
    Absent,
}

fn selects<'a>(spec: Part<'a>, labels: Part<'a>, key: &str, want: Want<'_>, at: Part<'a>, report: &mut Report<'a>) {
    let label = labels.get(key);
    let message = match (&want, label.str()) {
        (Want::In(_) | Want::Present, _) if label.is_absent() => {
            format!("the selector wants the label `{key}`, which the pods of the template do not have")
        }
        (Want::In([only]), Some(text)) if text != *only => {
            format!("the selector wants `{key}: {only}`, but the pods of the template have `{text}`")
        }
        (Want::In(texts), Some(text)) if !texts.contains(&text) => {
            format!("the selector wants one of {} for `{key}`, but the pods of the template have `{text}`", list(texts))
        }
        (Want::NotIn(texts), Some(text)) if texts.contains(&text) => {
            format!("the selector wants no `{key}: {text}`, but the pods of the template have it")
        }
        (Want::Absent, Some(text)) => {
            format!("the selector wants pods without the label `{key}`, but those of the template have `{text}`")
        }
        _ => return,
    };
    let blamed = [label, labels, spec].into_iter().find(|part| !part.is_absent()).unwrap_or(spec);
    report
        .add(&E0440, blamed, message)
        .also(at, "wanted here")
        .help("give `selector.matchLabels` and `template.metadata.labels` the same entries, best from one `let`");
}

fn list(texts: &[&str]) -> String {
    crate::suggest::listing(texts.iter().copied())
}
