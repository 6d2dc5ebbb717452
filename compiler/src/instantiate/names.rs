//! Names of objects: what the API server would refuse is refused here, at the
//! place that makes the name.

use smol_str::SmolStr;

use super::host::InstanceHost;
use crate::check::{is_dns_label, is_dns_subdomain, nearest_name};
use crate::diagnostic::{Diagnostic, E0403, E0405};
use crate::expr::{Entry, Expr, ExprKind};
use crate::ir::Resource;
use crate::source::Span;
use crate::value::Value;

/// How long a name may be and which characters it takes.
struct Form {
    limit: usize,
    valid: fn(&str) -> bool,
    words: &'static str,
}

const SUBDOMAIN: Form = Form { limit: 253, valid: is_dns_subdomain, words: "lower-case letters, digits, `-` and `.`" };
const LABEL: Form = Form { limit: 63, valid: is_dns_label, words: "lower-case letters, digits and `-`" };

/// The form of a kind's names (pkg/apis/*/validation/validation.go, the
/// `Validate…Name` of each kind).
fn form(group: &str, kind: &str) -> Form {
    match (group, kind) {
        ("", "Namespace") => LABEL,
        ("", "Service") => Form {
            valid: is_service_name,
            words: "lower-case letters, digits and `-`, beginning with a letter",
            ..LABEL
        },
        ("batch", "Job") => Form { limit: 63, ..SUBDOMAIN },
        ("batch", "CronJob") => Form { limit: 52, ..SUBDOMAIN },
        ("rbac.authorization.k8s.io", _) => {
            Form { limit: 253, valid: is_path_segment, words: "any characters but `/` and `%`" }
        }
        _ => SUBDOMAIN,
    }
}

/// A DNS-1035 label (IsDNS1035Label): Services give their names to DNS.
fn is_service_name(name: &str) -> bool {
    is_dns_label(name) && name.starts_with(|c: char| c.is_ascii_lowercase())
}

/// A path segment (apimachinery, pkg/api/validation/path, IsValidPathSegmentName).
fn is_path_segment(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '%'])
}

/// What is wrong with an object's name and namespace.
pub(super) fn check(
    host: &InstanceHost<'_>,
    resource: &Resource,
    loops: &[(Span, SmolStr)],
    object: &Value,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let text = |field: &str| object.at(&["metadata", field]).and_then(Value::as_str);
    if let Some(name) = text("name") {
        let by_key = written(resource, "name").is_none().then(|| bad_key(host, resource, loops, name)).flatten();
        found.extend(by_key.or_else(|| check_name(resource, name)));
    }
    if let Some(namespace) = text("namespace")
        && !is_dns_label(namespace)
    {
        let diagnostic =
            Diagnostic::new(&E0403, place(resource, "namespace"), format!("`{namespace}` is not a valid namespace"))
                .help(format!("a namespace is lower-case letters, digits and `-`: `{}`", nearest_name(namespace)));
        found.push(diagnostic);
    }
    found
}

/// Where a name is made of the keys of loops, the key that makes it invalid is
/// the cause: it is said where the instance writes it, or else at the loop.
fn bad_key(host: &InstanceHost<'_>, resource: &Resource, loops: &[(Span, SmolStr)], name: &str) -> Option<Diagnostic> {
    let form = form(&resource.group, &resource.kind);
    if name.len() > form.limit || (form.valid)(name) {
        return None;
    }
    let (range, key) = loops.iter().find(|(_, key)| !(form.valid)(&format!("a-{key}")))?;
    let written = host.written_key(*range, key);
    let diagnostic = Diagnostic::new(
        &E0403,
        written.unwrap_or(*range),
        format!("the key `{key}` makes `{name}`, which is not a valid name for a {}", resource.kind),
    )
    .label(format!("names are {}", form.words));
    let diagnostic = match written {
        Some(_) => diagnostic.also(*range, "this loop names its objects by the key"),
        None => diagnostic,
    };
    Some(diagnostic.also(resource.span, "the object").help(format!(
        "call it `{}`, or write a `metadata.name` of its own for the {}",
        nearest_name(key),
        resource.kind
    )))
}

fn check_name(resource: &Resource, name: &str) -> Option<Diagnostic> {
    let form = form(&resource.group, &resource.kind);
    let span = place(resource, "name");
    if name.len() > form.limit {
        return Some(
            Diagnostic::new(&E0405, span, format!("the name `{name}` has {} characters; a {} takes at most {}", name.len(), resource.kind, form.limit))
                .help("give the object a shorter `metadata.name`, or the instance a shorter name; nothing is cut or hashed by itself"),
        );
    }
    if (form.valid)(name) {
        return None;
    }
    Some(
        Diagnostic::new(&E0403, span, format!("`{name}` is not a valid name for a {}", resource.kind))
            .label(format!("names are {}", form.words))
            .help(format!("valid would be `{}`", nearest_name(name))),
    )
}

/// Where a field of the metadata is written, or else the resource.
fn place(resource: &Resource, field: &str) -> Span {
    written(resource, field).unwrap_or(resource.span)
}

fn written(resource: &Resource, field: &str) -> Option<Span> {
    entry(entry(&resource.body, "metadata")?, field).map(|e| e.span)
}

fn entry<'e>(expr: &'e Expr, name: &str) -> Option<&'e Expr> {
    match &expr.kind {
        ExprKind::Object(entries) => entries.iter().find_map(|e| match e {
            Entry::Field(key, value) if key == name => Some(value),
            _ => None,
        }),
        ExprKind::Let(_, _, body) => entry(body, name),
        _ => None,
    }
}
