//! Requirements of a composite: what is broken is said at the instance's line,
//! with the values that broke it.

use smol_str::SmolStr;

use super::host::{InstanceHost, first_param, span_at};
use super::{Instantiated, failed};
use crate::diagnostic::{Diagnostic, E0606};
use crate::expr::{Expr, ExprKind};
use crate::ir::Requirement;
use crate::value::Value;

pub(super) fn check(host: &InstanceHost<'_>, result: &mut Instantiated) {
    for requirement in &host.input.composite.requirements {
        match host.evaluate(&requirement.condition, &[]) {
            Ok(Value::Bool(false)) => {
                let diagnostic = broken(host, requirement);
                result.diagnostics.push(diagnostic);
            }
            Ok(_) => {}
            Err(fault) => failed(&fault, &"require".into(), requirement.span, true, result),
        }
    }
}

fn broken(host: &InstanceHost<'_>, requirement: &Requirement) -> Diagnostic {
    let message = requirement.message.as_ref().and_then(|m| host.evaluate(m, &[]).ok());
    let message = match message {
        Some(Value::String(text)) => text.to_string(),
        _ => "a requirement is not met".to_owned(),
    };
    let path = first_param(&requirement.condition);
    let place = path.and_then(|p| span_at(host.input.written?, &p)).unwrap_or(host.input.span);
    let mut diagnostic = Diagnostic::new(&E0606, place, message).also(requirement.span, "required here");
    for (name, value) in values(host, &requirement.condition) {
        diagnostic = diagnostic.note(format!("`{name}` is {value}"));
    }
    diagnostic.help("change one of these values")
}

/// The parameters that a condition reads, with their values.
fn values(host: &InstanceHost<'_>, condition: &Expr) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    condition.walk(&mut |expr| {
        let Some(path) = path_of(expr) else { return };
        let name = path.iter().map(SmolStr::as_str).collect::<Vec<_>>().join(".");
        let Ok(value) = host.evaluate(expr, &[]) else { return };
        let inner = found.iter().any(|(known, _)| known.starts_with(&format!("{name}.")) || *known == name);
        if !inner && !matches!(value, Value::Map(_) | Value::List(_)) {
            found.push((name, value.shown()));
        }
    });
    found
}

fn path_of(expr: &Expr) -> Option<Vec<SmolStr>> {
    match &expr.kind {
        ExprKind::Param(_) | ExprKind::Field { .. } => first_param(expr).filter(|_| is_chain(expr)),
        _ => None,
    }
}

fn is_chain(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Param(_) => true,
        ExprKind::Field { base, .. } => is_chain(base),
        _ => false,
    }
}
