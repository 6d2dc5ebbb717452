//! Deployments, ReplicaSets, StatefulSets and DaemonSets
//! (`pkg/apis/apps/validation/validation.go`).

use super::{Object, Part, Report};
use crate::diagnostic::E0440;

/// What must hold of a workload with a selector and a template.
pub(super) fn check<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    selector_matches(spec, report);
}

/// The selector must select the pods of the template (ValidatePodTemplateSpecForReplicaSet
/// and its like: `selector.Matches(labels)`).
fn selector_matches<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    let labels = spec.at(&["template", "metadata", "labels"]);
    let wanted = spec.at(&["selector", "matchLabels"]);
    for (key, value) in wanted.entries().list {
        let Some(value_text) = value.str() else { continue };
        let label = labels.get(key);
        let blamed = if label.is_absent() { labels } else { label };
        let message = match (label, label.str()) {
            (Part::Absent, _) => {
                format!("the selector wants the label `{key}`, which the pods of the template do not have")
            }
            (_, Some(text)) if text != value_text => {
                format!("the selector wants `{key}: {value_text}`, but the pods of the template have `{text}`")
            }
            _ => continue,
        };
        report
            .add(&E0440, if blamed.is_absent() { spec } else { blamed }, message)
            .also(value, "wanted here")
            .help("give `selector.matchLabels` and `template.metadata.labels` the same entries, best from one `let`");
    }
}
