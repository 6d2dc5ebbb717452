//! What a resource reads of another one, by following every expression to the
//! resource at its root.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::authored::is_authored;
use crate::expr::{Entry, Expr, ExprKind, Item, Loop};
use crate::ir::{Composite, Edge, Node, Resource};
use crate::source::Span;
use crate::value::Value;

/// The name that stands for any element of a list or map in a path.
pub(super) const ELEMENT: &str = "[]";

/// How many names may each stand for the next.
const MAX_ALIASES: usize = 64;

/// A resource reads something of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// What is read, and by whom; without a field for `after`.
    pub edge: Edge,
    /// Only a cluster knows it, so it makes an order.
    pub needs: bool,
}

/// Every reference between the resources of a composite, in source order, the
/// same one once. One that reads only what is written is no edge.
#[must_use]
pub fn references(composite: &Composite) -> Vec<Reference> {
    let resources = composite.resources().into_iter().map(|r| (r.name.as_str(), r)).collect();
    let bindings = composite.bindings.iter().map(|b| (b.name.as_str(), &b.value)).collect();
    let mut finder =
        Finder { resources, bindings, read: FxHashMap::default(), locals: FxHashMap::default(), found: Vec::new() };
    finder.nodes(&composite.nodes, &[]);
    finder.found
}

/// What is read: the resource, the fields on the way, and where it is written.
#[derive(Clone, Debug)]
struct Reading {
    resource: SmolStr,
    path: Vec<SmolStr>,
    span: Span,
}

/// What a variable stands for.
#[derive(Clone, Debug)]
enum Bound {
    /// A part of a resource.
    Part(Reading),
    /// A value made from these.
    Made(Vec<Reading>),
}

struct Finder<'a> {
    resources: FxHashMap<&'a str, &'a Resource>,
    bindings: FxHashMap<&'a str, &'a Expr>,
    /// What the bindings that were looked into read; empty while they are.
    read: FxHashMap<SmolStr, Vec<Reading>>,
    locals: FxHashMap<u32, Bound>,
    found: Vec<Reference>,
}

impl Finder<'_> {
    /// `outer` is what the conditions and loops round the nodes read.
    fn nodes(&mut self, nodes: &[Node], outer: &[Reading]) {
        for node in nodes {
            match node {
                Node::Resource(resource) => self.resource(resource, outer),
                Node::If { condition, then, otherwise } => {
                    let outer = self.with(outer, condition);
                    self.nodes(then, &outer);
                    self.nodes(otherwise, &outer);
                }
                Node::For { head, key, body } => {
                    let outer = self.with(outer, &head.range);
                    self.bind_loop(head);
                    let outer = self.with(&outer, key);
                    self.nodes(body, &outer);
                }
                Node::Let(local, value) => self.bind(local.slot, value),
            }
        }
    }

    fn with(&mut self, outer: &[Reading], expr: &Expr) -> Vec<Reading> {
        let mut all = outer.to_vec();
        self.visit(expr, &mut all);
        all
    }

    fn resource(&mut self, resource: &Resource, outer: &[Reading]) {
        for reading in self.with(outer, &resource.body) {
            self.add(resource, reading, true);
        }
        let mut asked = Vec::new();
        resource.ready.iter().for_each(|ready| self.visit(ready, &mut asked));
        // A resource may ask itself whether it is ready. What it asks others
        // delays nothing but those that wait until it is.
        let awaited = self.resources.values().any(|other| other.after.contains(&resource.name));
        for reading in asked.into_iter().filter(|reading| reading.resource != resource.name) {
            self.add(resource, reading, awaited);
        }
        for to in &resource.after {
            let edge = Edge { from: resource.name.clone(), to: to.clone(), field: None, span: resource.span };
            self.push(Reference { edge, needs: true });
        }
    }

    fn add(&mut self, from: &Resource, reading: Reading, orders: bool) {
        let Some(to) = self.resources.get(reading.resource.as_str()) else { return };
        let observed = !reading.path.is_empty() && !is_authored(to, &reading.path);
        let needs = observed && orders;
        if from.name == to.name && !needs {
            return;
        }
        let fields: Vec<&str> = reading.path.iter().map(SmolStr::as_str).filter(|name| *name != ELEMENT).collect();
        let edge =
            Edge { from: from.name.clone(), to: to.name.clone(), field: Some(fields.join(".")), span: reading.span };
        self.push(Reference { edge, needs });
    }

    fn push(&mut self, new: Reference) {
        let same = |old: &Reference| {
            (&old.edge.from, &old.edge.to, &old.edge.field) == (&new.edge.from, &new.edge.to, &new.edge.field)
        };
        if !self.found.iter().any(same) {
            self.found.push(new);
        }
    }

    /// Gathers what an expression reads.
    fn visit(&mut self, expr: &Expr, out: &mut Vec<Reading>) {
        if let Some(reading) = self.part(expr, 0) {
            self.indexes(expr, out);
            merge(out, std::iter::once(reading));
            return;
        }
        match &expr.kind {
            ExprKind::Local(local) => {
                if let Some(Bound::Made(readings)) = self.locals.get(&local.slot) {
                    merge(out, readings.iter().map(|reading| Reading { span: expr.span, ..reading.clone() }));
                }
            }
            ExprKind::Binding(name) => self.binding(name, expr.span, out),
            ExprKind::Let(local, value, body) => {
                self.bind(local.slot, value);
                self.visit(body, out);
            }
            ExprKind::Comprehension(c) => {
                self.visit(&c.range, out);
                self.bind_elements(&c.range, c.first.slot, c.second.as_ref().map(|second| second.slot));
                c.filter.iter().for_each(|filter| self.visit(filter, out));
                self.visit(&c.body, out);
            }
            ExprKind::List(items) => self.items(items, out),
            ExprKind::Object(entries) => self.entries(entries, out),
            _ => expr.parts(&mut |part| self.visit(part, out)),
        }
    }

    fn items(&mut self, items: &[Item], out: &mut Vec<Reading>) {
        for item in items {
            match item {
                Item::Value(value) | Item::Spread(value) => self.visit(value, out),
                Item::If(condition, then, otherwise) => {
                    self.visit(condition, out);
                    self.items(then, out);
                    self.items(otherwise, out);
                }
                Item::For(head, body) => {
                    self.visit(&head.range, out);
                    self.bind_loop(head);
                    self.items(body, out);
                }
            }
        }
    }

    fn entries(&mut self, entries: &[Entry], out: &mut Vec<Reading>) {
        for entry in entries {
            match entry {
                Entry::Field(_, value) | Entry::Spread(value) => self.visit(value, out),
                Entry::Computed(key, value) => [key, value].into_iter().for_each(|expr| self.visit(expr, out)),
                Entry::If(condition, then, otherwise) => {
                    self.visit(condition, out);
                    self.entries(then, out);
                    self.entries(otherwise, out);
                }
                Entry::For(head, body) => {
                    self.visit(&head.range, out);
                    self.bind_loop(head);
                    self.entries(body, out);
                }
            }
        }
    }

    /// What the indexes on the way to a part read.
    fn indexes(&mut self, expr: &Expr, out: &mut Vec<Reading>) {
        match &expr.kind {
            ExprKind::Field { base, .. } => self.indexes(base, out),
            ExprKind::Index { base, index, .. } => {
                self.indexes(base, out);
                self.visit(index, out);
            }
            _ => {}
        }
    }

    fn binding(&mut self, name: &SmolStr, span: Span, out: &mut Vec<Reading>) {
        if !self.read.contains_key(name) {
            // Seen as empty from inside: a circle of lets is reported elsewhere.
            self.read.insert(name.clone(), Vec::new());
            let mut readings = Vec::new();
            if let Some(value) = self.bindings.get(name.as_str()).copied() {
                self.visit(value, &mut readings);
            }
            self.read.insert(name.clone(), readings);
        }
        let readings = self.read.get(name).into_iter().flatten();
        merge(out, readings.map(|reading| Reading { span, ..reading.clone() }));
    }

    /// The part of a resource that an expression is, if it is one.
    fn part(&self, expr: &Expr, depth: usize) -> Option<Reading> {
        let reading = |resource: &SmolStr| Reading { resource: resource.clone(), path: Vec::new(), span: expr.span };
        let (base, name) = match &expr.kind {
            ExprKind::Resource(name) => return Some(reading(name)),
            ExprKind::Local(local) => match self.locals.get(&local.slot)? {
                Bound::Part(part) => return Some(Reading { span: expr.span, ..part.clone() }),
                Bound::Made(_) => return None,
            },
            ExprKind::Binding(name) if depth < MAX_ALIASES => {
                let part = self.part(self.bindings.get(name.as_str())?, depth + 1)?;
                return Some(Reading { span: expr.span, ..part });
            }
            ExprKind::Field { base, name, .. } => (base, name.clone()),
            ExprKind::Index { base, index, .. } => {
                let key = index.known().and_then(Value::as_str).unwrap_or(ELEMENT);
                (base, SmolStr::new(key))
            }
            _ => return None,
        };
        let mut part = self.part(base, depth)?;
        self.step(&mut part, name);
        part.span = expr.span;
        Some(part)
    }

    /// An element of a looped resource is the resource of one iteration.
    fn step(&self, part: &mut Reading, name: SmolStr) {
        if !(name == ELEMENT && part.path.is_empty()) {
            part.path.push(name);
        }
    }

    fn bind(&mut self, slot: u32, value: &Expr) {
        let bound = match self.part(value, 0) {
            Some(part) => Bound::Part(part),
            None => {
                let mut readings = Vec::new();
                self.visit(value, &mut readings);
                Bound::Made(readings)
            }
        };
        self.locals.insert(slot, bound);
    }

    fn bind_loop(&mut self, head: &Loop) {
        self.bind_elements(&head.range, head.first.slot, head.second.as_ref().map(|second| second.slot));
    }

    /// Of two variables the second is the element; the first is an index or key.
    fn bind_elements(&mut self, range: &Expr, first: u32, second: Option<u32>) {
        let element = self.part(range, 0).map(|mut part| {
            self.step(&mut part, SmolStr::new(ELEMENT));
            part
        });
        let nothing = Bound::Made(Vec::new());
        if second.is_some() {
            self.locals.insert(first, nothing.clone());
        }
        self.locals.insert(second.unwrap_or(first), element.map_or(nothing, Bound::Part));
    }
}

/// Adds what is not there yet.
fn merge(out: &mut Vec<Reading>, new: impl Iterator<Item = Reading>) {
    for reading in new {
        if !out.iter().any(|old| old.resource == reading.resource && old.path == reading.path) {
            out.push(reading);
        }
    }
}
