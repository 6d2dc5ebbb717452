//! What the definitions of custom kinds say about finished objects, told at the
//! place where what is wrong was written.

use std::fmt::Write as _;

use crate::diagnostic::{Diagnostic, E0422};
use crate::expr::Program;
use crate::instantiate::{self, Input, Object, Segment};
use crate::ir::{Composite, Resource};
use crate::rules::Part;
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
            let span = instantiate::place_of(input, resource, &object.keys, &violation.path);
            told(violation, span, &resource.kind)
        }));
    }
    found
}

/// What is wrong with the resources of a composite, whatever its parameters are.
pub(crate) fn check_composite(
    schemas: &Schemas,
    reduced: &Composite,
    written: &Composite,
    program: &Program,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let custom = |resource: &&Resource| !resource.external && schemas.has_crds();
    for resource in reduced.resources().into_iter().filter(custom) {
        let Some(kind) = schemas.kind(&resource.group, &resource.version, &resource.kind) else { continue };
        let (violations, more) = schemas.certain_violations(kind.def, Part::of_expr(&resource.body));
        found.extend(more);
        found.extend(violations.iter().map(|(violation, span)| {
            let traced = instantiate::trace_certain(written, program, &resource.name, &violation.path);
            told(violation, traced.or(*span).unwrap_or(resource.span), &resource.kind)
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
