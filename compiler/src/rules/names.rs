//! The names of objects (`Validate…Name` in `pkg/apis/*/validation` of Kubernetes,
//! `pkg/api/validation/generic.go` of apimachinery).

use super::addresses::ip;
use super::forms::{self, DATA_KEY};
use super::{Object, Part, Report};
use crate::check::{is_dns_label, is_dns_subdomain, nearest_name};
use crate::diagnostic::{E0403, E0405};

/// How long a name may be and which characters it takes.
struct Form {
    limit: usize,
    valid: fn(&str) -> bool,
    words: &'static str,
}

const SUBDOMAIN: Form = Form { limit: 253, valid: is_dns_subdomain, words: "lower-case letters, digits, `-` and `.`" };
const LABEL: Form = Form { limit: 63, valid: is_dns_label, words: "lower-case letters, digits and `-`" };
/// Every name is a part of a path at least (`pkg/registry/rest/create.go` of apiserver).
const SEGMENT: Form = Form { limit: usize::MAX, valid: forms::SEGMENT.fits, words: forms::SEGMENT.words };

/// The form of a kind's names.
fn form(object: &Object<'_>) -> Form {
    match (object.group, object.kind) {
        // Before 1.36 a Service's name began with a letter.
        ("", "Namespace" | "Service") | ("apps", "StatefulSet") => LABEL,
        // The name becomes a label of its pods, unless they are selected by hand.
        ("batch", "Job") if !may_be_true(object.root.at(&["spec", "manualSelector"])) => {
            Form { limit: 63, ..SUBDOMAIN }
        }
        // Its Jobs' names are eleven characters longer.
        ("batch", "CronJob") => Form { limit: 52, ..SUBDOMAIN },
        ("rbac.authorization.k8s.io", _)
        | ("certificates.k8s.io", "CertificateSigningRequest")
        | ("policy", "PodDisruptionBudget") => SEGMENT,
        ("coordination.k8s.io", "LeaseCandidate") => Form { valid: DATA_KEY.fits, words: DATA_KEY.words, ..SUBDOMAIN },
        ("networking.k8s.io", "IPAddress") => {
            Form { valid: |name| ip(name).is_some(), words: "an IP address in its shortest form", ..SEGMENT }
        }
        ("certificates.k8s.io", "ClusterTrustBundle") => Form {
            valid: |name| name.rsplit_once(':').map_or(is_dns_subdomain(name), |(_, last)| is_dns_subdomain(last)),
            words: "the signer with `:` for `/`, then `:` and lower-case letters, digits, `-` and `.`",
            ..SEGMENT
        },
        // Named after what they describe, which is checked with it.
        ("apiregistration.k8s.io", "APIService") | ("apiextensions.k8s.io", "CustomResourceDefinition") => SEGMENT,
        ("internal.apiserver.k8s.io", _) => SEGMENT,
        _ => SUBDOMAIN,
    }
}

fn may_be_true(part: Part<'_>) -> bool {
    !part.is_absent() && part.bool() != Some(false)
}

/// What names of an object's kind look like, where a name of allowed length is none.
pub(super) fn invalid(object: &Object<'_>, name: &str) -> Option<&'static str> {
    let form = form(object);
    (name.len() <= form.limit && !(form.valid)(name)).then_some(form.words)
}

/// What is wrong with an object's name and namespace.
pub(super) fn check<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let metadata = object.root.get("metadata");
    let form = form(object);
    let name = metadata.get("name");
    if let Some(text) = name.str() {
        check_name(object, &form, name, text, report);
    }
    let prefix = metadata.get("generateName");
    if let Some(text) = prefix.str()
        && !text.is_empty()
        && checks_prefix(object)
    {
        check_prefix(object, &form, prefix, text, report);
    }
    let namespace = metadata.get("namespace");
    if let Some(text) = namespace.str()
        && !is_dns_label(text)
    {
        let better = nearest_name(text).replace('.', "-");
        report
            .add(&E0403, namespace, format!("`{text}` is not a valid namespace"))
            .help(format!("a namespace is lower-case letters, digits and `-`: `{better}`"));
    }
}

fn check_name<'a>(object: &Object<'a>, form: &Form, at: Part<'a>, name: &str, report: &mut Report<'a>) {
    let kind = object.kind;
    if name.len() > form.limit {
        let message = format!("the name `{name}` has {} characters; a {kind} takes at most {}", name.len(), form.limit);
        report.add(&E0405, at, message).help(
            "give the object a shorter `metadata.name`, or the instance a shorter name; nothing is cut or hashed by itself",
        );
    } else if !((form.valid)(name) || name.is_empty() && kind == "LimitRange") {
        // A LimitRange without a name gets one (its strategy's PrepareForCreate).
        let better = nearest_name(name);
        let violation = report
            .add(&E0403, at, format!("`{name}` is not a valid name for a {kind}"))
            .label(format!("names are {}", form.words));
        if (form.valid)(&better) {
            violation.help(format!("valid would be `{better}`"));
        }
    }
}

/// What the server appends takes nothing from the limit, since it cuts the prefix
/// (names.SimpleNameGenerator); a `-` at its end is no longer the end (maskTrailingDash).
fn check_prefix<'a>(object: &Object<'a>, form: &Form, at: Part<'a>, prefix: &str, report: &mut Report<'a>) {
    let valid = if form.limit == usize::MAX {
        // IsPathSegmentPrefix.
        !prefix.contains(['/', '%'])
    } else {
        let masked = match prefix.char_indices().rev().nth(1) {
            Some((second_last, _)) if prefix.ends_with('-') => {
                format!("{}a", prefix.get(..second_last).unwrap_or_default())
            }
            _ => prefix.to_owned(),
        };
        masked.len() <= form.limit && (form.valid)(&masked)
    };
    if !valid {
        report
            .add(&E0403, at, format!("`{prefix}` is not a valid beginning of a name for a {}", object.kind))
            .label(format!("names are {}", form.words));
    }
}

/// Where only the generated name is looked at (ValidateObjectMetaAccessorWithOpts),
/// a prefix alone is not wrong; some of these kinds generate other names.
fn checks_prefix(object: &Object<'_>) -> bool {
    !matches!(
        (object.group, object.kind),
        ("", "ReplicationController")
            | ("resource.k8s.io", "DeviceClass")
            | ("certificates.k8s.io", _)
            | ("networking.k8s.io", "IPAddress")
            | ("coordination.k8s.io", "LeaseCandidate")
    )
}
