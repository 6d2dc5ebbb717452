//! Folds what is done to one of several known values into each of them:
//! `match size { "small" => 1Gi … } * 2` becomes a `match` with the products, so
//! that a target without such arithmetic needs none.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::eval::evaluate_constant;
use crate::expr::{Expr, ExprKind, Local, Program};
use crate::ir::{Composite, Node};

/// How deep one is looked for behind names.
const MAX_NAMES: u32 = 16;

/// Folds in every expression of a composite outside its parameters.
pub(crate) fn fold(composite: &mut Composite) {
    let mut folder = Folder::default();
    let mut bindings = std::mem::take(&mut composite.bindings);
    for binding in &mut bindings {
        folder.expr(&mut binding.value);
        if is_table(&binding.value) {
            folder.bindings.insert(binding.name.clone(), binding.value.clone());
        }
    }
    composite.bindings = bindings;
    for requirement in &mut composite.requirements {
        folder.expr(&mut requirement.condition);
        requirement.message.iter_mut().for_each(|message| folder.expr(message));
    }
    folder.nodes(&mut composite.nodes);
    composite.outputs.iter_mut().for_each(|output| folder.expr(&mut output.value));
}

#[derive(Default)]
struct Folder {
    none: Program,
    bindings: FxHashMap<SmolStr, Expr>,
    locals: FxHashMap<u32, Expr>,
}

impl Folder {
    fn nodes(&mut self, nodes: &mut [Node]) {
        for node in nodes {
            match node {
                Node::Resource(resource) => self.expr(&mut resource.body),
                Node::If { condition, then, otherwise } => {
                    self.expr(condition);
                    self.nodes(then);
                    self.nodes(otherwise);
                }
                Node::For { head, key, body } => {
                    self.expr(&mut head.range);
                    self.expr(key);
                    self.nodes(body);
                }
                Node::Let(local, value) => {
                    self.expr(value);
                    self.remember(local, value);
                }
            }
        }
    }

    fn remember(&mut self, local: &Local, value: &Expr) {
        if is_table(value) {
            self.locals.insert(local.slot, value.clone());
        } else {
            self.locals.remove(&local.slot);
        }
    }

    fn expr(&mut self, expr: &mut Expr) {
        if let ExprKind::Let(local, value, body) = &mut expr.kind {
            self.expr(value);
            let outer = self.locals.get(&local.slot).cloned();
            self.remember(local, value);
            self.expr(body);
            match outer {
                Some(outer) => self.locals.insert(local.slot, outer),
                None => self.locals.remove(&local.slot),
            };
            return;
        }
        expr.parts_mut(&mut |part| self.expr(part));
        if expr.is_operation()
            && let Some(folded) = self.distributed(expr)
        {
            *expr = folded;
        }
    }

    /// The expression with its operation done in each arm of the one part that is not known.
    fn distributed(&self, expr: &Expr) -> Option<Expr> {
        let mut open = Vec::new();
        let mut index = 0;
        expr.parts(&mut |part| {
            if part.known().is_none() {
                open.push((index, part.clone()));
            }
            index += 1;
        });
        let [(place, part)] = open.as_slice() else { return None };
        let table = self.table(part, 0)?;
        let ExprKind::Match { subject, arms, default } = &table.kind else { return None };
        let in_arm = |value: &Expr| {
            let mut copy = expr.clone();
            let mut index = 0;
            copy.parts_mut(&mut |part| {
                if index == *place {
                    *part = value.clone();
                }
                index += 1;
            });
            Some(Expr::constant(evaluate_constant(&self.none, &copy).ok()?, value.span))
        };
        let arms =
            arms.iter().map(|(patterns, value)| Some((patterns.clone(), in_arm(value)?))).collect::<Option<_>>()?;
        let default = match default {
            Some(default) => Some(Box::new(in_arm(default)?)),
            None => None,
        };
        Some(Expr::new(ExprKind::Match { subject: subject.clone(), arms, default }, expr.repr, expr.span))
    }

    fn table<'a>(&'a self, expr: &'a Expr, depth: u32) -> Option<&'a Expr> {
        let behind = match &expr.kind {
            ExprKind::Match { .. } if is_table(expr) => return Some(expr),
            ExprKind::Local(local) => self.locals.get(&local.slot)?,
            ExprKind::Binding(name) => self.bindings.get(name)?,
            _ => return None,
        };
        if depth < MAX_NAMES { self.table(behind, depth + 1) } else { None }
    }
}

/// A `match` on part of a parameter whose arms are known.
fn is_table(expr: &Expr) -> bool {
    let ExprKind::Match { subject, arms, default } = &expr.kind else { return false };
    let known = |e: &Expr| e.known().is_some();
    of_parameter(subject) && arms.iter().all(|(_, e)| known(e)) && default.as_deref().is_none_or(known)
}

fn of_parameter(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Param(_) => true,
        ExprKind::Field { base, .. } => of_parameter(base),
        _ => false,
    }
}
