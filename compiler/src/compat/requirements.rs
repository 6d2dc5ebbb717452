//! What a composite requires of its parameters together.

use super::admit::admits;
use super::canonical::canonical;
use super::imply::{Formula, implies};
use super::sample::varied;
use super::{Change, REQUIREMENT_LOOSENED, REQUIREMENT_TIGHTENED, REQUIREMENT_UNPROVEN, completed, hints, record_of};
use crate::expr::{Expr, ExprKind, Program};
use crate::instantiate::{Input, instantiate};
use crate::ir::{Composite, Requirement, Schema, SchemaField};
use crate::value::Value;
use smol_str::SmolStr;

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
        let (instance, value) = match refused(old, new, requirement) {
            Some((params, true)) => (Some(params.clone()), Some(params)),
            Some((params, false)) => (None, Some(params)),
            None => (None, None),
        };
        let rule = if value.is_some() { &REQUIREMENT_TIGHTENED } else { &REQUIREMENT_UNPROVEN };
        let places = (None, Some(requirement.span));
        changes.push(Change { instance, value, places, ..Change::new(rule, Vec::new(), "", message(requirement)) });
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

/// Parameters that the old version takes and the new requirement refuses, and whether
/// they are all that an instance needs: of a pattern no text is made.
fn refused(old: &Composite, new: &Composite, requirement: &Requirement) -> Option<(Value, bool)> {
    let from = record_of(old);
    let Schema::Record(fields) = &from else { return None };
    let hints = hints(&[], &[&Composite { requirements: vec![requirement.clone()], ..new.clone() }, old]);
    let only = Composite { requirements: vec![requirement.clone()], ..bare(new) };
    let before = bare(old);
    let names = read(requirement, new);
    let broken = |taken: &Schema, fields: &[SchemaField]| {
        varied(fields, &names, &hints).into_iter().find(|params| {
            let valid = admits(taken, params) == Some(true) && meets(&before, params) == Some(true);
            valid && meets(&only, params) == Some(false)
        })
    };
    if let Some(params) = broken(&from, fields) {
        return Some((params, true));
    }
    let also: Vec<SmolStr> = old.requirements.iter().flat_map(|requirement| read(requirement, old)).collect();
    let needed = |field: &&SchemaField| names.contains(&field.name) || also.contains(&field.name);
    let fields: Vec<SchemaField> = fields.iter().filter(needed).cloned().collect();
    broken(&Schema::Record(fields.clone()), &fields).map(|params| (params, false))
}

/// The parameters that a requirement reads, through `let`s, too.
fn read(requirement: &Requirement, composite: &Composite) -> Vec<SmolStr> {
    let mut names: Vec<SmolStr> = Vec::new();
    let mut lets = false;
    let mut note = |expr: &Expr, lets: &mut bool| {
        expr.walk(&mut |part| match &part.kind {
            ExprKind::Param(name) if !names.contains(name) => names.push(name.clone()),
            ExprKind::Binding(_) => *lets = true,
            _ => {}
        });
    };
    note(&requirement.condition, &mut lets);
    if lets {
        composite.bindings.iter().for_each(|binding| note(&binding.value, &mut lets));
    }
    names
}

/// What parameters an old version took, as far as its requirements say.
pub(super) struct Valid(Composite);

impl Valid {
    pub(super) fn of(old: &Composite) -> Self {
        Self(bare(old))
    }

    /// Whether they are surely met.
    pub(super) fn takes(&self, params: &Value) -> bool {
        self.0.requirements.is_empty() || meets(&self.0, params) == Some(true)
    }
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
