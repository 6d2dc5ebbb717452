//! PodDisruptionBudgets (`pkg/apis/policy/validation/validation.go`) and
//! PriorityClasses (`pkg/apis/scheduling/validation/validation.go`).

use super::forms::PERCENT;
use super::shape::{Check, NATURAL, Shape, is, walk};
use super::{Object, Part, Report, selectors};
use crate::diagnostic::{E0403, E0464};

static BUDGET: Shape = &[
    ("minAvailable", &[NATURAL, Check::Rule(percentage)]),
    ("maxUnavailable", &[NATURAL, Check::Rule(percentage)]),
    ("selector", &[Check::Rule(selectors::check)]),
    ("unhealthyPodEvictionPolicy", &[Check::Only(&["IfHealthyBudget", "AlwaysAllow"])]),
];

/// What must hold of a PodDisruptionBudget.
pub(super) fn budget<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    walk(spec, BUDGET, report);
    let (least, most) = (spec.get("minAvailable"), spec.get("maxUnavailable"));
    if least.is_present() && most.is_present() {
        report
            .add(&E0464, most, "a budget has either `minAvailable` or `maxUnavailable`")
            .also(least, "the other one")
            .help("keep `maxUnavailable`, which also fits when the number of pods changes");
    }
}

/// (ValidatePositiveIntOrPercent, IsNotMoreThan100Percent)
fn percentage<'a>(part: Part<'a>, report: &mut Report<'a>) {
    let Some(text) = part.str() else { return };
    is(part, &PERCENT, "number or percentage", report);
    // More digits than fit are more than a hundred, too.
    if (PERCENT.fits)(text) && text.trim_end_matches('%').parse::<u64>().map_or(true, |n| n > 100) {
        report.add(&E0464, part, format!("{text} is more than all pods")).help("give at most `100%`");
    }
}

/// The highest value that is not Kubernetes' own.
const HIGHEST: i64 = 1_000_000_000;

/// What must hold of a PriorityClass (ValidatePriorityClass).
pub(super) fn priority_class<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let name = object.root.at(&["metadata", "name"]);
    let value = object.root.get("value");
    let own = match name.str() {
        Some("system-node-critical") => Some(HIGHEST * 2 + 1000),
        Some("system-cluster-critical") => Some(HIGHEST * 2),
        Some(text) if text.starts_with("system-") => {
            report
                .add(&E0403, name, format!("`{text}` is not a valid name for a PriorityClass"))
                .label("names that begin with `system-` are Kubernetes' own")
                .help("give it another name");
            return;
        }
        Some(_) => None,
        None => return,
    };
    match (value.int(), own) {
        (Some(number), Some(own)) if number != own => {
            let text = name.str().unwrap_or_default();
            report
                .add(&E0403, name, format!("`{text}` is Kubernetes' own PriorityClass, of value {own}"))
                .help("give it another name");
        }
        (Some(_), None) => super::shape::between(value, "value", i64::from(i32::MIN), HIGHEST, report),
        _ => {}
    }
}
