//! What a composite requires of its parameters together.

use super::admit::admits;
use super::canonical::canonical;
use super::imply::{Formula, implies};
use super::sample::samples;
use super::{Change, REQUIREMENT_LOOSENED, REQUIREMENT_TIGHTENED, REQUIREMENT_UNPROVEN, completed, hints, record_of};
use crate::expr::Program;
use crate::instantiate::{Input, instantiate};
use crate::ir::{Composite, Requirement};
use crate::value::Value;

pub(super) fn compare(old: &Composite, new: &Composite, changes: &mut Vec<Change>) {
    let formula = |composite: &Composite, requirement: &Requirement| {
        Formula::of(&requirement.condition, &|expr| canonical(expr, composite))
    };
    let known: Vec<Formula> = old.requirements.iter().map(|requirement| formula(old, requirement)).collect();
    let wanted: Vec<Formula> = new.requirements.iter().map(|requirement| formula(new, requirement)).collect();
    for (requirement, goal) in new.requirements.iter().zip(&wanted) {
        if implies(&known, goal) {
            continue;
        }
        let instance = refused(old, new, requirement);
        let rule = if instance.is_some() { &REQUIREMENT_TIGHTENED } else { &REQUIREMENT_UNPROVEN };
        let places = (None, Some(requirement.span));
        changes.push(Change { instance, places, ..Change::new(rule, Vec::new(), "", message(requirement)) });
    }
    for (requirement, was) in old.requirements.iter().zip(&known) {
        if !implies(&wanted, was) {
            let places = (Some(requirement.span), None);
            changes.push(Change { places, ..Change::new(&REQUIREMENT_LOOSENED, Vec::new(), message(requirement), "") });
        }
    }
}

/// What is said where a requirement is not met, if that is constant.
fn message(requirement: &Requirement) -> String {
    let constant = requirement.message.as_ref().and_then(|message| message.known()).and_then(Value::as_str);
    constant.unwrap_or("require").to_owned()
}

/// Parameters that the old version takes and the new requirement refuses.
fn refused(old: &Composite, new: &Composite, requirement: &Requirement) -> Option<Value> {
    let (from, to) = (record_of(old), record_of(new));
    let hints = hints(&[&from, &to], &[old, new]);
    let only = Composite { requirements: vec![requirement.clone()], ..bare(new) };
    let before = bare(old);
    samples(&from, &hints).into_iter().find(|params| {
        admits(&from, params) == Some(true) && meets(&before, params) == Some(true) && meets(&only, params) == Some(false)
    })
}

/// A composite of which nothing but its requirements is left.
fn bare(composite: &Composite) -> Composite {
    Composite { nodes: Vec::new(), outputs: Vec::new(), lease: None, ready: None, ..composite.clone() }
}

/// Whether an instance with these parameters meets all requirements; `None` where
/// that cannot be evaluated.
fn meets(composite: &Composite, params: &Value) -> Option<bool> {
    if composite.requirements.iter().any(|requirement| super::reads_cluster(&requirement.condition)) {
        return None;
    }
    let program = Program::default();
    let none = Input::of_none(composite, &program);
    let input = Input { params: completed(composite, params).into(), name: "example".into(), ..none };
    let found = instantiate(&input).diagnostics;
    let broken = found.iter().any(|d| d.code == &crate::diagnostic::E0606);
    if broken { Some(false) } else { found.is_empty().then_some(true) }
}
