//! The metadata of every object, and what else is made of labels
//! (apimachinery, `pkg/api/validation/objectmeta.go` and
//! `pkg/apis/meta/v1/validation/validation.go`).

use super::forms::{ANNOTATION_KEY, Form, LABEL_KEY, LABEL_VALUE};
use super::{Object, Part, Report};
use crate::diagnostic::{E0455, E0456};

/// How many octets the annotations of one object may have together
/// (`TotalAnnotationSizeLimitB`).
const ANNOTATIONS_SIZE: usize = 256 << 10;

/// What must hold of the metadata of any object, besides its name
/// (ValidateObjectMetaAccessor).
pub(super) fn check<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let metadata = object.root.get("metadata");
    check_template(metadata, report);
    check_finalizers(object, metadata.get("finalizers"), report);
    check_owners(metadata.get("ownerReferences"), report);
}

/// The metadata of a template, which has only labels and annotations
/// (ValidatePodTemplateSpec).
pub(super) fn check_template<'a>(metadata: Part<'a>, report: &mut Report<'a>) {
    check_labels(metadata.get("labels"), report);
    check_annotations(metadata.get("annotations"), report);
}

/// Labels, and a map that selects by them (ValidateLabels).
pub(super) fn check_labels<'a>(labels: Part<'a>, report: &mut Report<'a>) {
    for (key, value) in labels.entries().list {
        if value.is_present() {
            check_key("a label", key, &LABEL_KEY, value, report);
        }
        check_value(value, report);
    }
}

fn check_key<'a>(what: &str, key: &str, form: &Form, at: Part<'a>, report: &mut Report<'a>) {
    if (form.fits)(key) {
        return;
    }
    let better = nearest(key);
    report
        .add(&E0455, at, format!("`{key}` is not a valid key of {what}"))
        .label(format!("its key must be {}", form.words))
        .help(format!("valid would be `{}`", better.as_deref().unwrap_or(form.example)));
}

fn check_value<'a>(value: Part<'a>, report: &mut Report<'a>) {
    let Some(text) = value.str().filter(|text| !(LABEL_VALUE.fits)(text)) else { return };
    let better = nearest(text);
    report
        .add(&E0455, value, format!("`{text}` is not a valid value of a label"))
        .label(format!("must be {}", LABEL_VALUE.words))
        .help(match better {
            Some(better) => format!("valid would be `{better}`; free text belongs into an annotation"),
            None => "free text belongs into an annotation".to_owned(),
        });
}

/// The nearest text that is right, where changing characters is enough.
fn nearest(text: &str) -> Option<String> {
    let (prefix, name) = text.rsplit_once('/').map_or(("", text), |(prefix, name)| (prefix, name));
    let plain = |name: &str| {
        let changed: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
        changed.trim_matches(['-', '_', '.']).chars().take(63).collect::<String>()
    };
    let mut better = plain(name);
    if !prefix.is_empty() {
        better = format!("{}/{better}", crate::check::nearest_name(prefix));
    }
    ((LABEL_KEY.fits)(&better) && better != text).then_some(better)
}

/// Annotations: their keys, and how much they are together (ValidateAnnotations).
fn check_annotations<'a>(annotations: Part<'a>, report: &mut Report<'a>) {
    let mut size = 0;
    for (key, value) in annotations.entries().list {
        if value.is_present() {
            check_key("an annotation", key, &ANNOTATION_KEY, value, report);
            size += key.len() + value.str().map_or(0, str::len);
        }
    }
    if size > ANNOTATIONS_SIZE {
        report
            .add(&E0455, annotations, format!("the annotations have {size} octets; an object takes {ANNOTATIONS_SIZE}"))
            .help("put what is long into a ConfigMap");
    }
}

/// Finalizers are qualified names (ValidateFinalizers); where the kind is one of
/// Kubernetes' own, those without a domain are known ones
/// (`pkg/apis/core/validation/validation.go`, validateKubeFinalizerName).
fn check_finalizers<'a>(object: &Object<'a>, finalizers: Part<'a>, report: &mut Report<'a>) {
    let (mut orphan, mut foreground) = (false, false);
    for finalizer in finalizers.items().list {
        let Some(text) = finalizer.str() else { continue };
        orphan |= text == "orphan";
        foreground |= text == "foregroundDeletion";
        if !(LABEL_KEY.fits)(text) {
            report
                .add(&E0456, finalizer, format!("`{text}` is not a valid finalizer"))
                .label(format!("must be {}", LABEL_KEY.words))
                .help("name it after the program that removes it: `acme.example/cleanup`");
        } else if !text.contains('/')
            && !matches!(text, "kubernetes" | "orphan" | "foregroundDeletion")
            && knows_finalizers(object)
        {
            report
                .add(&E0456, finalizer, format!("the finalizer `{text}` has no domain"))
                .help(format!("name it after the program that removes it: `acme.example/{text}`"));
        }
    }
    if orphan && foreground {
        report
            .add(&E0456, finalizers, "`orphan` and `foregroundDeletion` exclude each other")
            .help("keep one: whether what the object owns is left or deleted first");
    }
}

/// The kinds whose metadata `pkg/apis/core/validation` checks.
fn knows_finalizers(object: &Object<'_>) -> bool {
    matches!(
        object.group,
        "" | "apps"
            | "batch"
            | "autoscaling"
            | "networking.k8s.io"
            | "discovery.k8s.io"
            | "scheduling.k8s.io"
            | "flowcontrol.apiserver.k8s.io"
            | "rbac.authorization.k8s.io"
            | "storage.k8s.io"
            | "certificates.k8s.io"
            | "resource.k8s.io"
    )
}

/// Owners (ValidateOwnerReferences).
fn check_owners<'a>(owners: Part<'a>, report: &mut Report<'a>) {
    let mut controller: Option<Part<'a>> = None;
    for owner in owners.items().list {
        for field in ["apiVersion", "kind", "name", "uid"] {
            let part = owner.get(field);
            if part.str() == Some("") {
                report
                    .add(&E0456, part, format!("the `{field}` of an owner is empty"))
                    .help("an owner is named by its `apiVersion`, `kind`, `name` and `uid`");
            }
        }
        let version = owner.get("apiVersion");
        if version.str().is_some_and(|v| !v.is_empty() && (v.matches('/').count() > 1 || v.ends_with('/'))) {
            report
                .add(&E0456, version, "the `apiVersion` of an owner is a group and a version")
                .help("write `apps/v1`, or `v1` for the core group");
        }
        if version.str() == Some("v1") && owner.get("kind").str() == Some("Event") {
            report.add(&E0456, owner, "an Event cannot own anything").help("name another owner");
        }
        let controls = owner.get("controller");
        if controls.bool() == Some(true) {
            match controller {
                Some(first) => {
                    report
                        .add(&E0456, controls, "two owners are the controller")
                        .also(first, "the other one")
                        .help("one owner at most has `controller: true`");
                }
                None => controller = Some(controls),
            }
        }
    }
}
