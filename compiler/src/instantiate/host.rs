//! The surroundings of an instance's expressions: its parameters, lets and
//! resources, each evaluated when first read, once.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::{Input, finish};
use crate::diagnostic::{E0208, E0601};
use crate::eval::{Evaluator, Fault, Host};
use crate::expr::{Entry, Expr, ExprKind, Item};
use crate::ir;
use crate::source::Span;
use crate::value::{Key, Map, Value};

/// A resource in one iteration of the loops round it.
pub(super) struct Slot<'a> {
    pub(super) resource: &'a ir::Resource,
    /// The loops round it, by their places, with this iteration's keys.
    pub(super) path: Vec<(Span, SmolStr)>,
    pub(super) keys: Vec<SmolStr>,
    /// The variables of the loops.
    pub(super) frame: Arc<Vec<Value>>,
    state: State,
}

enum State {
    Unread,
    Busy,
    Done(Result<Value, Fault>),
}

enum BindingState {
    Busy,
    Done(Result<Value, Fault>),
}

pub(super) struct InstanceHost<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) slots: RefCell<Vec<Slot<'a>>>,
    by_name: RefCell<FxHashMap<&'a str, Vec<usize>>>,
    bindings: RefCell<FxHashMap<SmolStr, BindingState>>,
    /// The iteration in which the expression under evaluation stands.
    context: RefCell<Vec<(Span, SmolStr)>>,
    /// Resources whose conditions or loops are still to be decided.
    pub(super) undecided: RefCell<Vec<SmolStr>>,
    /// An undecided resource was asked for.
    pub(super) missed: Cell<bool>,
    instance: Value,
}

impl<'a> InstanceHost<'a> {
    pub(super) fn new(input: &'a Input<'a>) -> Self {
        Self {
            input,
            slots: RefCell::new(Vec::new()),
            by_name: RefCell::new(FxHashMap::default()),
            bindings: RefCell::new(FxHashMap::default()),
            context: RefCell::new(Vec::new()),
            undecided: RefCell::new(Vec::new()),
            missed: Cell::new(false),
            instance: instance_value(input),
        }
    }

    /// The value of an expression, over loop variables.
    pub(super) fn evaluate(&self, expr: &Expr, frame: &[Value]) -> Result<Value, Fault> {
        if let Some(value) = expr.known() {
            return Ok(value.clone());
        }
        Evaluator::new(self.input.program, self).eval_with(expr, frame)
    }

    /// The value of an expression that stands in an iteration.
    pub(super) fn evaluate_in(&self, expr: &Expr, frame: &[Value], path: &[(Span, SmolStr)]) -> Result<Value, Fault> {
        if let Some(value) = expr.known() {
            return Ok(value.clone());
        }
        let saved = self.context.replace(path.to_vec());
        let result = self.evaluate(expr, frame);
        self.context.replace(saved);
        result
    }

    pub(super) fn add_slot(&self, resource: &'a ir::Resource, path: &[(Span, SmolStr)], frame: Arc<Vec<Value>>) {
        let keys = path.iter().map(|(_, key)| key.clone()).collect();
        let mut slots = self.slots.borrow_mut();
        self.by_name.borrow_mut().entry(&resource.name).or_default().push(slots.len());
        slots.push(Slot { resource, path: path.to_vec(), keys, frame, state: State::Unread });
    }

    /// Where the instance writes the entry or element that gave a loop, told by
    /// the place of what it goes over, a key.
    pub(super) fn written_key(&self, range: Span, key: &str) -> Option<Span> {
        fn ranges(nodes: &[ir::Node], place: Span) -> Option<&Expr> {
            nodes.iter().find_map(|node| match node {
                ir::Node::For { head, .. } if head.range.span == place => Some(&*head.range),
                ir::Node::For { body, .. } => ranges(body, place),
                ir::Node::If { then, otherwise, .. } => ranges(then, place).or_else(|| ranges(otherwise, place)),
                ir::Node::Resource(_) | ir::Node::Let(..) => None,
            })
        }
        let path = first_param(ranges(&self.input.composite.nodes, range)?)?;
        let mut written = self.input.written?;
        for name in &path {
            written = entry_at(written, name)?;
        }
        match &written.kind {
            ExprKind::List(items) => items.iter().find_map(|item| match item {
                Item::Value(value) if value.known().and_then(Value::as_str) == Some(key) => Some(value.span),
                _ => None,
            }),
            _ => entry_at(written, key).map(|value| value.span),
        }
    }

    /// Puts the slots into the order of the source.
    pub(super) fn sort_slots(&self, order: &FxHashMap<&str, usize>) {
        let mut slots = self.slots.borrow_mut();
        let sorted = slots.is_sorted_by_key(|s| order.get(s.resource.name.as_str()));
        if sorted {
            return;
        }
        slots.sort_by_key(|s| order.get(s.resource.name.as_str()).copied());
        let mut by_name: FxHashMap<&'a str, Vec<usize>> = FxHashMap::default();
        for (index, slot) in slots.iter().enumerate() {
            by_name.entry(&slot.resource.name).or_default().push(index);
        }
        self.by_name.replace(by_name);
    }

    /// The object of a slot, as it is to be written.
    pub(super) fn object(&self, index: usize) -> Result<Value, Fault> {
        let (resource, frame, path) = {
            let mut slots = self.slots.borrow_mut();
            let Some(slot) = slots.get_mut(index) else { return Ok(Value::Absent) };
            match &slot.state {
                State::Done(result) => return result.clone(),
                State::Busy => return Err(cycle(slot.resource)),
                State::Unread => {}
            }
            slot.state = State::Busy;
            (slot.resource, slot.frame.clone(), slot.path.clone())
        };
        let body = self.evaluate_in(&resource.body, &frame, &path);
        let result = body.map(|body| finish::finish(self.input, resource, &path, body));
        if let Some(slot) = self.slots.borrow_mut().get_mut(index) {
            slot.state = State::Done(result.clone());
        }
        result
    }

    /// What was written laid over what was observed.
    fn merged(&self, index: usize) -> Result<Value, Fault> {
        let written = self.object(index)?;
        Ok(match finish::observed(self.input.observed, &written) {
            Some(observed) => overlay(&written, observed),
            None => written,
        })
    }

    /// Where the instance writes the parameter that an expression reads.
    pub(super) fn written_at(&self, expr: &Expr) -> Option<Span> {
        let path = first_param(expr)?;
        span_at(self.input.written?, &path)
    }
}

fn cycle(resource: &ir::Resource) -> Fault {
    Fault::new(&E0601, format!("resource `{}` needs itself", resource.name)).at(resource.span)
}

impl Host for InstanceHost<'_> {
    fn param(&self, name: &str) -> Option<Value> {
        self.input.params.get(name).cloned()
    }

    fn instance(&self) -> Value {
        self.instance.clone()
    }

    fn resource(&self, name: &str) -> Result<Value, Fault> {
        if self.undecided.borrow().iter().any(|n| n == name) {
            self.missed.set(true);
            return Err(Fault::pending(format!("whether `{name}` exists is not decided yet")));
        }
        let found = self.by_name.borrow().get(name).cloned().unwrap_or_default();
        let context = self.context.borrow().clone();
        let slots = self.slots.borrow();
        let mut chosen = Vec::new();
        let mut outside = false;
        for index in found {
            let Some(slot) = slots.get(index) else { continue };
            let shared = slot.path.iter().zip(&context).take_while(|(a, b)| a.0 == b.0).count();
            let here = slot.path.iter().take(shared).eq(context.iter().take(shared));
            outside |= shared < slot.path.len();
            if here {
                chosen.push(index);
            }
        }
        drop(slots);
        match (outside, chosen.as_slice()) {
            (false, [one]) => self.merged(*one),
            (false, []) if !self.in_loop(name) => Ok(Value::Absent),
            _ => Ok(Value::list(chosen.into_iter().map(|i| self.merged(i)).collect::<Result<_, _>>()?)),
        }
    }

    fn binding(&self, name: &str) -> Result<Value, Fault> {
        match self.bindings.borrow().get(name) {
            Some(BindingState::Done(result)) => return result.clone(),
            Some(BindingState::Busy) => return Err(Fault::new(&E0208, format!("`{name}` needs itself"))),
            None => {}
        }
        let Some(binding) = self.input.composite.bindings.iter().find(|b| b.name == name) else {
            return Err(Fault::error(format!("`{name}` is not known here")));
        };
        self.bindings.borrow_mut().insert(name.into(), BindingState::Busy);
        let result = self.evaluate_in(&binding.value, &[], &[]);
        // What asked for something undecided may have another answer later.
        if self.missed.get() {
            self.bindings.borrow_mut().remove(name);
        } else {
            self.bindings.borrow_mut().insert(name.into(), BindingState::Done(result.clone()));
        }
        result
    }
}

impl InstanceHost<'_> {
    /// Whether a resource stands in a loop, so that outside it is a list.
    fn in_loop(&self, name: &str) -> bool {
        fn search(nodes: &[ir::Node], name: &str, looped: bool) -> Option<bool> {
            nodes.iter().find_map(|node| match node {
                ir::Node::Resource(r) => (r.name == name).then_some(looped),
                ir::Node::If { then, otherwise, .. } => {
                    search(then, name, looped).or_else(|| search(otherwise, name, looped))
                }
                ir::Node::For { body, .. } => search(body, name, true),
                ir::Node::Let(..) => None,
            })
        }
        search(&self.input.composite.nodes, name, false).unwrap_or(false)
    }
}

fn instance_value(input: &Input<'_>) -> Value {
    let mut map = Map::default();
    map.insert("name", Value::String(input.name.clone()));
    if let Some(namespace) = &input.namespace {
        map.insert("namespace", Value::String(namespace.clone()));
    }
    map.insert("labels", input.labels.clone());
    map.insert("annotations", input.annotations.clone());
    if let Some(uid) = &input.uid {
        map.insert("uid", Value::String(uid.clone()));
    }
    Value::map(map)
}

/// Objects merged field by field, the upper one first; anything else is the upper one's.
fn overlay(upper: &Value, lower: &Value) -> Value {
    let (Some(over), Some(under)) = (upper.as_map(), lower.as_map()) else { return upper.clone() };
    let mut merged = over.clone();
    for (key, value) in under {
        let value = match over.get_key(key) {
            Some(own) => overlay(own, value),
            None => value.clone(),
        };
        merged.insert(key.clone(), value);
    }
    Value::map(merged)
}

/// The first parameter that an expression reads, with the fields read of it.
pub(super) fn first_param(expr: &Expr) -> Option<Vec<SmolStr>> {
    fn chain(expr: &Expr) -> Option<Vec<SmolStr>> {
        match &expr.kind {
            ExprKind::Param(name) => Some(vec![name.clone()]),
            ExprKind::Field { base, name, .. } => {
                let mut path = chain(base)?;
                path.push(name.clone());
                Some(path)
            }
            _ => None,
        }
    }
    let mut found = None;
    expr.walk(&mut |e| {
        if found.is_none() {
            found = chain(e);
        }
    });
    found
}

/// Where an object writes the value at a path, as far as the path goes.
pub(super) fn span_at(expr: &Expr, path: &[SmolStr]) -> Option<Span> {
    let Some((first, rest)) = path.split_first() else { return Some(expr.span) };
    let ExprKind::Object(entries) = &expr.kind else { return Some(expr.span) };
    entries.iter().rev().find_map(|entry| match entry {
        Entry::Field(name, value) if name == first => span_at(value, rest),
        _ => None,
    })
}

fn entry_at<'e>(expr: &'e Expr, key: &str) -> Option<&'e Expr> {
    let ExprKind::Object(entries) = &expr.kind else { return None };
    entries.iter().rev().find_map(|entry| match entry {
        Entry::Field(name, value) if name == key => Some(value),
        _ => None,
    })
}

/// Text keys of a map, for messages.
pub(super) fn key_text(key: &Key) -> SmolStr {
    match key {
        Key::String(text) => text.clone(),
        other => other.to_string().into(),
    }
}
