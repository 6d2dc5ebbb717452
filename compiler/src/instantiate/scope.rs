//! What is bound where a value is traced: loop variables, lets, arguments.

use std::rc::Rc;

use super::origin::Segment;
use crate::expr::{Expr, Local};
use crate::ir::Node;
use crate::value::Value;

/// Variables: what an expression would see, evaluated only when it is looked at.
#[derive(Clone)]
pub(super) struct Env<'e> {
    pub(super) slots: Rc<Vec<Bound<'e>>>,
}

#[derive(Clone)]
pub(super) enum Bound<'e> {
    Nothing,
    Value(Value),
    Thunk(&'e Expr, Env<'e>),
    /// An element of what a loop goes over.
    Element(&'e Expr, Env<'e>, Segment, Value),
}

impl<'e> Env<'e> {
    pub(super) fn of_values(values: Vec<Value>) -> Self {
        Self { slots: Rc::new(values.into_iter().map(Bound::Value).collect()) }
    }

    pub(super) fn with(&self, local: &Local, bound: Bound<'e>) -> Self {
        let mut slots = (*self.slots).clone();
        let index = local.slot as usize;
        if slots.len() <= index {
            slots.resize(index + 1, Bound::Nothing);
        }
        if let Some(slot) = slots.get_mut(index) {
            *slot = bound;
        }
        Self { slots: Rc::new(slots) }
    }

    pub(super) fn get(&self, local: &Local) -> Bound<'e> {
        self.slots.get(local.slot as usize).cloned().unwrap_or(Bound::Nothing)
    }
}

/// The loops round a resource and the lets before it, outermost first; whether
/// it is among the nodes.
pub(super) fn enclosing<'e>(nodes: &'e [Node], name: &str, way: &mut Vec<&'e Node>) -> bool {
    let start = way.len();
    for node in nodes {
        let found = match node {
            Node::Resource(resource) => resource.name == name,
            Node::If { then, otherwise, .. } => enclosing(then, name, way) || enclosing(otherwise, name, way),
            Node::For { body, .. } => {
                way.push(node);
                let found = enclosing(body, name, way);
                if !found {
                    way.pop();
                }
                found
            }
            Node::Let(..) => {
                way.push(node);
                false
            }
        };
        if found {
            return true;
        }
    }
    way.truncate(start);
    false
}
