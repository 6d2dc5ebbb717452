//! Reduces a checked composite to the representation that targets and the
//! controller take: functions and constants disappear, what is known is folded,
//! and what one resource reads of another's own text is put in its place, so
//! that only references to what a cluster knows are left.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::diagnostic::{Diagnostic, E0601};
use crate::eval::{Frame, Known, Nothing, Partial};
use crate::expr::{Access, Entry, Expr, ExprKind, Program, Repr};
use crate::ir::{Composite, Node, Resource, Schema, Scope};
use crate::source::Span;
use crate::value::Value;

/// The largest expression that is put in the place of a reference, in nodes:
/// more would grow the representation more than it helps.
const MAX_COPIED: usize = 64;

/// A reduced composite, and what is certainly wrong with it.
pub struct Reduced {
    /// The representation.
    pub composite: Composite,
    /// Faults that every instance would meet.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reduces a composite; `program` has the functions that it calls.
#[must_use]
pub fn reduce(composite: &Composite, program: &Program) -> Reduced {
    let mut reducer = Reducer {
        partial: Partial::new(program),
        lets: Lets::default(),
        taken: composite.slots,
        slots: composite.slots,
        diagnostics: Vec::new(),
    };
    let mut composite = composite.clone();
    reducer.params(&mut composite);
    reducer.bindings(&mut composite);
    reducer.each(&mut composite);
    let mut places = Places::of(&composite);
    places.substitute(&mut composite);
    reducer.each(&mut composite);
    composite.slots = reducer.slots;
    reducer.diagnostics.extend(known_lease(&composite));
    let mut diagnostics = reducer.diagnostics;
    diagnostics.append(&mut places.diagnostics);
    Reduced { composite, diagnostics }
}

/// What is wrong with a lease that is the same for every instance.
fn known_lease(composite: &Composite) -> Option<Diagnostic> {
    let lease = composite.lease.as_ref()?;
    let (Value::Duration(duration), options) = (lease.duration.known()?, lease.options.known()?) else { return None };
    crate::instantiate::lease_problem(lease, *duration, options, lease.duration.span)
}

/// The lets of a composite whose value is known.
#[derive(Default)]
struct Lets(FxHashMap<SmolStr, Value>);

impl Known for Lets {
    fn binding(&self, name: &str) -> Option<Value> {
        self.0.get(name).cloned()
    }
}

struct Reducer<'a> {
    partial: Partial<'a>,
    lets: Lets,
    taken: u32,
    slots: u32,
    diagnostics: Vec<Diagnostic>,
}

impl Reducer<'_> {
    fn expr(&mut self, expr: &mut Expr) {
        if expr.known().is_some() {
            return;
        }
        let residual = self.partial.partial(&self.lets, Frame { taken: self.taken, known: &[] }, expr);
        self.slots = self.slots.max(residual.slots);
        let found = residual.faults.iter().filter_map(|f| f.diagnostic(expr.span));
        for diagnostic in found {
            if !self.diagnostics.contains(&diagnostic) {
                self.diagnostics.push(diagnostic);
            }
        }
        *expr = residual.expr;
    }

    fn params(&mut self, composite: &mut Composite) {
        for param in &mut composite.params {
            if let Some(default) = &mut param.default {
                self.expr(default);
            }
            self.schema(&mut param.schema);
        }
        composite.outputs.iter_mut().for_each(|output| self.schema(&mut output.schema));
    }

    /// The rules and defaults in a type.
    fn schema(&mut self, schema: &mut Schema) {
        match schema {
            Schema::List(inner) | Schema::Map(inner) | Schema::Secret(inner) => self.schema(inner),
            Schema::Union(members) => members.iter_mut().for_each(|member| self.schema(member)),
            Schema::Record(fields) => {
                for field in fields {
                    field.default.iter_mut().for_each(|default| self.expr(default));
                    self.schema(&mut field.schema);
                }
            }
            Schema::Rule(rule) => {
                self.schema(&mut rule.base);
                let (taken, mut slots) = (rule.slots, rule.slots);
                for expr in std::iter::once(&mut rule.rule).chain(&mut rule.message) {
                    let residual = self.partial.partial(&Nothing, Frame { taken, known: &[] }, expr);
                    slots = slots.max(residual.slots);
                    *expr = residual.expr;
                }
                rule.slots = slots;
            }
            _ => {}
        }
    }

    /// Lets in their order; those that are known are folded into what reads them.
    fn bindings(&mut self, composite: &mut Composite) {
        let mut kept = Vec::new();
        for mut binding in std::mem::take(&mut composite.bindings) {
            self.expr(&mut binding.value);
            match binding.value.known() {
                Some(value) => {
                    self.lets.0.insert(binding.name, value.clone());
                }
                None => kept.push(binding),
            }
        }
        composite.bindings = kept;
    }

    fn each(&mut self, composite: &mut Composite) {
        for_each_expr(composite, &mut |expr| self.expr(expr));
    }
}

/// Every expression of a composite outside its parameters.
fn for_each_expr(composite: &mut Composite, f: &mut dyn FnMut(&mut Expr)) {
    composite.bindings.iter_mut().for_each(|b| f(&mut b.value));
    for requirement in &mut composite.requirements {
        f(&mut requirement.condition);
        requirement.message.iter_mut().for_each(&mut *f);
    }
    for_each_node(&mut composite.nodes, f);
    composite.outputs.iter_mut().for_each(|o| f(&mut o.value));
    composite.ready.iter_mut().for_each(&mut *f);
    if let Some(lease) = &mut composite.lease {
        f(&mut lease.duration);
        f(&mut lease.options);
    }
    composite.notifications.iter_mut().for_each(|n| f(&mut n.target));
}

fn for_each_node(nodes: &mut [Node], f: &mut dyn FnMut(&mut Expr)) {
    for node in nodes {
        match node {
            Node::Resource(resource) => {
                f(&mut resource.body);
                resource.ready.iter_mut().for_each(&mut *f);
            }
            Node::If { condition, then, otherwise } => {
                f(condition);
                for_each_node(then, f);
                for_each_node(otherwise, f);
            }
            Node::For { head, key, body } => {
                f(&mut head.range);
                f(key);
                for_each_node(body, f);
            }
            Node::Let(_, value) => f(value),
        }
    }
}

/// What the resources outside loops and conditions write, to be put in the
/// place of references to it.
struct Places {
    written: FxHashMap<SmolStr, Resource>,
    named: bool,
    /// References on the way, to find circles.
    way: Vec<(SmolStr, String, Span)>,
    diagnostics: Vec<Diagnostic>,
}

enum Found {
    /// The text at the path.
    Written(Box<Expr>),
    /// Nothing is written there: only a cluster has it.
    Nothing,
    /// It cannot be told from the form.
    Unclear,
}

impl Places {
    fn of(composite: &Composite) -> Self {
        let plain = composite.nodes.iter().filter_map(|node| match node {
            Node::Resource(resource) => Some((resource.name.clone(), Resource::clone(resource))),
            _ => None,
        });
        Self { written: plain.collect(), named: !composite.kind.is_empty(), way: Vec::new(), diagnostics: Vec::new() }
    }

    fn substitute(&mut self, composite: &mut Composite) {
        for_each_expr(composite, &mut |expr| self.in_expr(expr));
    }

    fn in_expr(&mut self, expr: &mut Expr) {
        let Some((name, path)) = reference(expr) else {
            expr.parts_mut(&mut |part| self.in_expr(part));
            return;
        };
        if path.is_empty() {
            return;
        }
        if let Some(mut found) = self.resolve(&name, &path, expr.span) {
            found.span = expr.span;
            *expr = found;
        }
    }

    /// What a resource writes at a path, its own references resolved.
    fn resolve(&mut self, name: &SmolStr, path: &[SmolStr], span: Span) -> Option<Expr> {
        let resource = self.written.get(name)?.clone();
        let shown = path.join(".");
        let found = match self.lookup(&resource, path) {
            Found::Written(found) => found,
            Found::Nothing | Found::Unclear => return None,
        };
        if self.way.iter().any(|(n, p, _)| n == name && *p == shown) {
            self.report_circle(name, &shown, span);
            return Some(Expr::constant(Value::Absent, span));
        }
        self.way.push((name.clone(), shown, span));
        let mut found = *found;
        self.in_expr(&mut found);
        self.way.pop();
        Some(found)
    }

    fn lookup(&self, resource: &Resource, path: &[SmolStr]) -> Found {
        let found = find(&resource.body, path);
        let default = matches!(path, [first, second] if first == "metadata" && second == "name");
        match found {
            Found::Written(expr) if copyable(&expr) => Found::Written(expr),
            Found::Written(_) => Found::Unclear,
            Found::Nothing if default && !resource.external => Found::Written(Box::new(self.default_name(resource))),
            Found::Nothing
                if path.len() == 2
                    && path.iter().map(SmolStr::as_str).eq(["metadata", "namespace"])
                    && resource.scope != Some(Scope::Cluster) =>
            {
                let base = Expr::new(ExprKind::Instance, Repr::Map, resource.span);
                let kind = ExprKind::Field { base: Box::new(base), name: "namespace".into(), access: Access::Declared };
                Found::Written(Box::new(Expr::new(kind, Repr::String, resource.span)))
            }
            other => other,
        }
    }

    fn default_name(&self, resource: &Resource) -> Expr {
        let span = resource.span;
        if !self.named {
            return Expr::constant(Value::String(resource.name.clone()), span);
        }
        let instance = Expr::new(ExprKind::Instance, Repr::Map, span);
        let name = ExprKind::Field { base: Box::new(instance), name: "name".into(), access: Access::Required };
        let suffix = Expr::constant(Value::String(format!("-{}", resource.name).into()), span);
        Expr::new(ExprKind::Concat(vec![Expr::new(name, Repr::String, span), suffix]), Repr::String, span)
    }

    fn report_circle(&mut self, name: &SmolStr, path: &str, span: Span) {
        let from = self.way.iter().position(|(n, p, _)| n == name && p == path).unwrap_or(0);
        let ring = self.way.get(from..).unwrap_or(&[]);
        let mut names: Vec<String> = ring.iter().map(|(n, p, _)| format!("{n}.{p}")).collect();
        names.push(format!("{name}.{path}"));
        let mut diagnostic = Diagnostic::new(&E0601, span, format!("values need each other: {}", names.join(" → ")))
            .label("this reference closes the circle")
            .help("write one of them without the other");
        for (_, _, other) in ring.iter().skip(1) {
            diagnostic = diagnostic.also(*other, "needed here");
        }
        let same = |d: &Diagnostic| ring.iter().any(|(_, _, s)| *s == d.primary.span) || d.primary.span == span;
        if !self.diagnostics.iter().any(same) {
            self.diagnostics.push(diagnostic);
        }
    }
}

/// A chain of fields that begins at a resource: its name and the fields.
pub(crate) fn reference(expr: &Expr) -> Option<(SmolStr, Vec<SmolStr>)> {
    match &expr.kind {
        ExprKind::Resource(name) => Some((name.clone(), Vec::new())),
        ExprKind::Field { base, name, .. } => {
            let (resource, mut path) = reference(base)?;
            path.push(name.clone());
            Some((resource, path))
        }
        _ => None,
    }
}

/// What an object writes at a path, as far as its form tells.
fn find(body: &Expr, path: &[SmolStr]) -> Found {
    let Some((first, rest)) = path.split_first() else { return Found::Written(Box::new(body.clone())) };
    match &body.kind {
        ExprKind::Const(Value::Map(map)) => match map.get(first) {
            Some(value) => find(&Expr::constant(value.clone(), body.span), rest),
            None => Found::Nothing,
        },
        ExprKind::Object(entries) => {
            for entry in entries.iter().rev() {
                match entry {
                    Entry::Field(name, value) if name == first => return find(value, rest),
                    Entry::Field(..) => {}
                    _ => return Found::Unclear,
                }
            }
            Found::Nothing
        }
        _ => Found::Unclear,
    }
}

/// Whether an expression may stand elsewhere: it binds no variable, reads none,
/// and is small.
fn copyable(expr: &Expr) -> bool {
    let mut size = 0;
    let mut free = true;
    expr.walk(&mut |e| {
        size += 1;
        free &= !matches!(
            e.kind,
            ExprKind::Local(_)
                | ExprKind::Let(..)
                | ExprKind::Comprehension(_)
                | ExprKind::Refine(_)
                | ExprKind::List(_)
        );
    });
    free && size <= MAX_COPIED
}
