//! What the definitions of custom kinds say about finished objects, told at the
//! place where what is wrong was written.

use std::fmt::Write as _;

use crate::diagnostic::{Diagnostic, E0422};
use crate::instantiate::{self, Input, Object, Segment};
use crate::schema::{Schemas, Violation};
use crate::source::Span;

/// What is wrong with the objects of an instance that CRDs define.
pub(crate) fn check(schemas: &Schemas, input: &Input<'_>, objects: &[Object]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if !schemas.has_crds() {
        return found;
    }
    for object in objects {
        let Some(resource) = input.composite.resource(&object.resource) else { continue };
        let Some(kind) = schemas.kind(&resource.group, &resource.version, &resource.kind) else { continue };
        let (violations, more) = schemas.violations(kind.def, &object.value);
        found.extend(more);
        found.extend(violations.iter().map(|violation| {
            let span = place(input, object, &violation.path);
            told(violation, span, &resource.kind)
        }));
    }
    found
}

fn told(violation: &Violation, span: Span, kind: &str) -> Diagnostic {
    let place = if violation.path.is_empty() { kind.to_owned() } else { shown(&violation.path) };
    match violation.rule {
        Some(rule) => Diagnostic::new(&E0422, span, format!("`{place}`: {}", violation.message)).also(rule, "the rule"),
        None => Diagnostic::new(&E0422, span, format!("`{place}` {}", violation.message)),
    }
}

/// Where the value at a path was written, or else what is round it. What is
/// computed stands where that is done, not where its parts do.
fn place(input: &Input<'_>, object: &Object, path: &[Segment]) -> Span {
    for length in (1..=path.len()).rev() {
        let Some(part) = path.get(..length) else { continue };
        let steps = instantiate::trace(input, &object.resource, &object.keys, part);
        let computed = steps.iter().find(|step| step.what == "computed");
        if let Some(step) = computed.or_else(|| steps.last()) {
            return step.span;
        }
    }
    object.span
}

/// `spec.listeners[0].port`.
fn shown(path: &[Segment]) -> String {
    let mut out = String::new();
    for segment in path {
        match segment {
            Segment::Field(name) if out.is_empty() => out.push_str(name),
            Segment::Field(name) => {
                out.push('.');
                out.push_str(name);
            }
            Segment::Index(at) => {
                let _ = write!(out, "[{at}]");
            }
        }
    }
    out
}
