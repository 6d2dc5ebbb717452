//! Where a value came from: follows one field of an object through spreads,
//! functions, lets and parameters to the literal or default that made it. It
//! walks the expressions as they were written, and evaluates only what it needs
//! to choose a way.

use std::rc::Rc;

use smol_str::SmolStr;

use super::host::InstanceHost;
use super::origin::{Origin, Role, Segment, at, blamed, prefixed, shown};
use super::scope::{Bound, Env, enclosing};
use super::{Input, expand};
use crate::eval::Evaluator;
use crate::expr::{BinaryOp, Entry, Expr, ExprKind, Item, Local, Loop, Program};
use crate::ir::{Composite, Node, Resource};
use crate::source::Span;
use crate::value::{Key, Value};

/// How deep a trace goes; expressions are finite, but their paths may be many.
const MAX_DEPTH: usize = 64;
/// How many steps one answer has at most.
const MAX_STEPS: usize = 200;

/// Where the value at a path is made in a resource of a composite, whatever the
/// parameters are.
pub(crate) fn trace_certain(
    composite: &Composite,
    program: &Program,
    resource: &str,
    path: &[Segment],
) -> Option<Span> {
    let input = Input::of_none(composite, program);
    let host = InstanceHost::new(&input);
    let found = composite.resource(resource)?;
    let mut tracer = Tracer { input: &input, host: &host, steps: Vec::new(), aside: 0 };
    let env = tracer.around(found, Env::of_values(Vec::new()));
    tracer.follow(&found.body, path, &env, 0);
    blamed(&tracer.steps).map(|origin| origin.span)
}

/// The origins of the value at a path in one resource of an instance, in the
/// iteration with these keys.
pub(crate) fn trace(input: &Input<'_>, resource: &str, keys: &[SmolStr], path: &[Segment]) -> Vec<Origin> {
    let host = InstanceHost::new(input);
    let mut ignored = super::Instantiated::default();
    expand::expand(&host, &mut ignored);
    let slot = host
        .slots
        .borrow()
        .iter()
        .find(|s| s.resource.name == resource && s.keys == keys)
        .map(|s| (s.resource, s.frame.clone()));
    let Some((resource, frame)) = slot else { return Vec::new() };
    let mut tracer = Tracer { input, host: &host, steps: Vec::new(), aside: 0 };
    let env = tracer.around(resource, Env::of_values(frame.to_vec()));
    if named_by_default(&resource.body, path) {
        tracer.step(0, format!("default: the instance's name and `{}`", resource.name), resource.span, None);
    } else {
        tracer.follow(&resource.body, path, &env, 0);
    }
    tracer.steps
}

/// `metadata.name` and `metadata.namespace` that nobody wrote.
fn named_by_default(body: &Expr, path: &[Segment]) -> bool {
    let [Segment::Field(first), Segment::Field(second)] = path else { return false };
    let names = first == "metadata" && matches!(second.as_str(), "name" | "namespace");
    names && !crate::check::has_path(body, &[first, second])
}

struct Tracer<'e, 'h> {
    input: &'e Input<'e>,
    host: &'h InstanceHost<'e>,
    steps: Vec<Origin>,
    /// How many conditions it is inside of.
    aside: usize,
}

impl<'e> Tracer<'e, '_> {
    fn step(&mut self, depth: usize, what: String, span: Span, value: Option<Value>) {
        if self.steps.len() < MAX_STEPS {
            let role = if self.aside > 0 { Role::Aside } else { Role::Way };
            self.steps.push(Origin { depth, what, span, value, role });
        }
    }

    /// A step at which the value comes into being.
    fn made(&mut self, depth: usize, what: String, span: Span, value: Option<Value>, role: Role) {
        let count = self.steps.len();
        self.step(depth, what, span, value);
        if let Some(step) = self.steps.get_mut(count).filter(|step| step.role == Role::Way) {
            step.role = role;
        }
    }

    fn value(&self, expr: &Expr, env: &Env<'e>) -> Option<Value> {
        let mut slots = Vec::new();
        expr.walk(&mut |e| {
            if let ExprKind::Local(local) = &e.kind {
                slots.push(local.clone());
            }
        });
        let mut frame = vec![Value::Absent; env.slots.len()];
        for local in slots {
            let known = match env.get(&local) {
                Bound::Value(value) | Bound::Element(_, _, _, value) => Some(value),
                Bound::Thunk(expr, env) => self.value(expr, &env),
                Bound::Nothing => None,
            };
            if let (Some(value), Some(place)) = (known, frame.get_mut(local.slot as usize)) {
                *place = value;
            }
        }
        Evaluator::new(self.input.program, self.host).eval_with(expr, &frame).ok()
    }

    /// Follows the value at `path` inside `expr`.
    fn follow(&mut self, expr: &'e Expr, path: &[Segment], env: &Env<'e>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match &expr.kind {
            ExprKind::Const(value) => {
                let value = at(value, path);
                self.made(depth, "literal".to_owned(), expr.span, value, Role::Made);
            }
            ExprKind::Object(entries) => match path.split_first() {
                Some((Segment::Field(name), rest)) => {
                    if !self.in_entries(entries, name, rest, env, depth) {
                        self.step(depth, format!("`{name}` is not written here"), expr.span, None);
                    }
                }
                _ => self.made(depth, "object".to_owned(), expr.span, None, Role::Made),
            },
            ExprKind::List(items) => match path.split_first() {
                Some((Segment::Index(index), rest)) => {
                    self.in_items(items, &mut { *index }, rest, env, depth);
                }
                _ => self.made(depth, "list".to_owned(), expr.span, None, Role::Made),
            },
            ExprKind::Let(local, value, body) => {
                self.follow(body, path, &env.with(local, Bound::Thunk(value, env.clone())), depth)
            }
            ExprKind::Refine(refine) => self.follow(&refine.value, path, env, depth),
            ExprKind::Coerce(_, inner) => self.follow(inner, path, env, depth),
            ExprKind::Field { base, name, .. } => {
                self.follow(base, &prefixed(Segment::Field(name.clone()), path), env, depth)
            }
            ExprKind::Index { base, index, .. } => self.index(base, index, path, env, depth),
            _ => self.follow_name(expr, path, env, depth),
        }
    }

    /// Names: variables, parameters, lets, functions.
    fn follow_name(&mut self, expr: &'e Expr, path: &[Segment], env: &Env<'e>, depth: usize) {
        let value = self.value(expr, env).and_then(|v| at(&v, path));
        match &expr.kind {
            ExprKind::Local(local) => match env.get(local) {
                Bound::Thunk(inner, inner_env) => self.follow(inner, path, &inner_env, depth),
                Bound::Element(range, outer, segment, _) => {
                    self.step(depth, format!("loop variable `{}`", local.name), expr.span, value);
                    self.follow(range, &prefixed(segment, path), &outer, depth + 1);
                }
                _ => self.step(depth, format!("loop variable `{}`", local.name), expr.span, value),
            },
            ExprKind::Param(name) => self.param(name, path, expr.span, depth),
            ExprKind::Instance => {
                let field = path.first().map(shown).unwrap_or_default();
                self.step(depth, format!("the instance: `self{field}`"), self.input.span, value);
            }
            ExprKind::Binding(name) => {
                self.step(depth, format!("let `{name}`"), expr.span, value);
                if let Some(binding) = self.input.composite.bindings.iter().find(|b| b.name == *name) {
                    self.follow(&binding.value, path, &Env::of_values(Vec::new()), depth + 1);
                }
            }
            ExprKind::Resource(name) => self.resource(name, path, expr.span, value, depth),
            ExprKind::Global(id) => {
                let program = self.input.program;
                let Some(global) = program.globals.get(id.0 as usize) else { return };
                self.step(depth, format!("constant `{}`", global.name), expr.span, value);
                self.follow(&global.value, path, &Env::of_values(Vec::new()), depth + 1);
            }
            ExprKind::CallFn(id, args) => {
                let program = self.input.program;
                let Some(function) = program.functions.get(id.0 as usize) else { return };
                self.step(depth, format!("function `{}`", function.name), expr.span, value);
                let slots = args.iter().map(|a| Bound::Thunk(a, env.clone())).collect();
                self.follow(&function.body, path, &Env { slots: Rc::new(slots) }, depth + 1);
            }
            _ => self.follow_choice(expr, path, env, depth),
        }
    }

    /// Branches: the one that was taken, and why.
    fn follow_choice(&mut self, expr: &'e Expr, path: &[Segment], env: &Env<'e>, depth: usize) {
        match &expr.kind {
            ExprKind::Cond(condition, then, otherwise) => {
                let holds = matches!(self.value(condition, env), Some(Value::Bool(true)));
                self.step(
                    depth,
                    format!("condition, {}", if holds { "which holds" } else { "which does not hold" }),
                    condition.span,
                    None,
                );
                self.choice(condition, env, depth + 1);
                self.follow(if holds { then } else { otherwise }, path, env, depth);
            }
            ExprKind::Match { subject, arms, default } => {
                let value = self.value(subject, env);
                let arm = value.as_ref().and_then(|v| arms.iter().find(|(patterns, _)| patterns.contains(v)));
                self.step(depth, "match on".to_owned(), subject.span, value);
                self.choice(subject, env, depth + 1);
                match (arm, default) {
                    (Some((_, body)), _) => self.follow(body, path, env, depth),
                    (None, Some(body)) => self.follow(body, path, env, depth),
                    _ => {}
                }
            }
            ExprKind::Binary(BinaryOp::Coalesce, left, right) => {
                let present = self.value(left, env).is_some_and(|v| !matches!(v, Value::Absent));
                self.follow(if present { left } else { right }, path, env, depth);
            }
            _ => {
                let value = self.value(expr, env).and_then(|v| at(&v, path));
                self.made(depth, "computed".to_owned(), expr.span, value, Role::Made);
                self.inputs(expr, env, depth + 1);
            }
        }
    }

    /// What a condition reads.
    fn choice(&mut self, expr: &'e Expr, env: &Env<'e>, depth: usize) {
        self.aside += 1;
        self.inputs(expr, env, depth);
        self.aside -= 1;
    }

    /// What an expression reads.
    fn inputs(&mut self, expr: &'e Expr, env: &Env<'e>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let mut reads: Vec<&'e Expr> = Vec::new();
        collect_reads(expr, &mut reads);
        for read in reads {
            self.follow(read, &[], env, depth);
        }
    }

    fn param(&mut self, name: &SmolStr, path: &[Segment], span: Span, depth: usize) {
        let shown: String = path.iter().map(shown).collect();
        let value = self.input.params.get(name).and_then(|v| at(v, path));
        self.step(depth, format!("parameter `{name}{shown}`"), span, value.clone());
        let Some(written) = self.input.written else { return };
        let place = self.written_at(written, name, path);
        let Some(place) = place else { return };
        let given = place.file == self.input.span.file && self.is_of_instance(place);
        let what = if given { format!("given by the instance `{}`", self.input.name) } else { "default".to_owned() };
        self.made(depth + 1, what, place, value, if given { Role::Given } else { Role::Made });
    }

    /// Defaults stand at the composite, what is given after the instance's name.
    fn is_of_instance(&self, place: Span) -> bool {
        let composite = self.input.composite;
        let declared = composite.params.iter().any(|p| p.default.as_ref().is_some_and(|d| d.span == place));
        place.start >= self.input.span.start && !declared
    }

    fn written_at(&self, written: &Expr, name: &SmolStr, path: &[Segment]) -> Option<Span> {
        let mut names = vec![name.clone()];
        names.extend(path.iter().map_while(|s| if let Segment::Field(name) = s { Some(name.clone()) } else { None }));
        super::host::span_at(written, &names)
    }

    fn resource(&mut self, name: &SmolStr, path: &[Segment], span: Span, value: Option<Value>, depth: usize) {
        let shown: String = path.iter().map(shown).collect();
        self.step(depth, format!("resource `{name}{shown}`"), span, value);
        let Some(resource) = self.input.composite.resource(name) else { return };
        if named_by_default(&resource.body, path) {
            self.step(depth + 1, format!("default: the instance's name and `{name}`"), resource.span, None);
            return;
        }
        let frame = self.host.slots.borrow().iter().find(|s| s.resource.name == *name).map(|s| s.frame.to_vec());
        let env = Env::of_values(frame.unwrap_or_default());
        let resource: &'e crate::ir::Resource = resource;
        self.follow(&resource.body, path, &env, depth + 1);
    }

    fn index(&mut self, base: &'e Expr, index: &'e Expr, path: &[Segment], env: &Env<'e>, depth: usize) {
        let segment = match self.value(index, env) {
            Some(Value::String(key)) => Segment::Field(key),
            Some(Value::Int(n)) => Segment::Index(usize::try_from(n).unwrap_or(0)),
            _ => return,
        };
        self.follow(base, &prefixed(segment, path), env, depth);
    }

    /// The last entry that brings a field; whether one does.
    fn in_entries(
        &mut self,
        entries: &'e [Entry],
        name: &SmolStr,
        rest: &[Segment],
        env: &Env<'e>,
        depth: usize,
    ) -> bool {
        for entry in entries.iter().rev() {
            let found = match entry {
                Entry::Field(key, value) if key == name => {
                    self.follow(value, rest, env, depth);
                    true
                }
                Entry::Computed(key, value) if self.value(key, env).as_ref().and_then(Value::as_str) == Some(name) => {
                    self.follow(value, rest, env, depth);
                    true
                }
                Entry::Spread(value) if self.value(value, env).is_some_and(|v| v.get(name).is_some()) => {
                    self.follow(value, &prefixed(Segment::Field(name.clone()), rest), env, depth);
                    true
                }
                Entry::If(condition, then, otherwise) => {
                    let holds = matches!(self.value(condition, env), Some(Value::Bool(true)));
                    self.in_entries(if holds { then } else { otherwise }, name, rest, env, depth)
                }
                Entry::For(head, body) => {
                    self.iterations(head, env).into_iter().any(|env| self.in_entries(body, name, rest, &env, depth))
                }
                _ => false,
            };
            if found {
                return true;
            }
        }
        false
    }

    /// The element with an index, counted down over the items before it.
    fn in_items(
        &mut self,
        items: &'e [Item],
        index: &mut usize,
        rest: &[Segment],
        env: &Env<'e>,
        depth: usize,
    ) -> bool {
        for item in items {
            let found = match item {
                Item::Value(value) => {
                    let there = !matches!(self.value(value, env), Some(Value::Absent));
                    if there && *index == 0 {
                        self.follow(value, rest, env, depth);
                        return true;
                    }
                    *index -= usize::from(there);
                    false
                }
                Item::Spread(value) => {
                    let count = self.value(value, env).and_then(|v| v.as_list().map(<[Value]>::len)).unwrap_or(0);
                    if *index < count {
                        self.follow(value, &prefixed(Segment::Index(*index), rest), env, depth);
                        return true;
                    }
                    *index -= count;
                    false
                }
                Item::If(condition, then, otherwise) => {
                    let holds = matches!(self.value(condition, env), Some(Value::Bool(true)));
                    self.in_items(if holds { then } else { otherwise }, index, rest, env, depth)
                }
                Item::For(head, body) => {
                    self.iterations(head, env).into_iter().any(|env| self.in_items(body, index, rest, &env, depth))
                }
            };
            if found {
                return true;
            }
        }
        false
    }

    fn iterations(&self, head: &'e Loop, env: &Env<'e>) -> Vec<Env<'e>> {
        let Some(range) = self.value(&head.range, env) else { return Vec::new() };
        let bound = |first: Value, second: Value| self.iteration(head, env, first, second);
        match &range {
            Value::List(items) if head.second.is_none() => {
                items.iter().map(|i| bound(i.clone(), Value::Absent)).collect()
            }
            Value::List(items) => {
                items.iter().enumerate().map(|(n, i)| bound(Value::Int(n as i64), i.clone())).collect()
            }
            Value::Map(map) => {
                let mut entries: Vec<(&Key, &Value)> = map.iter().collect();
                if head.sorted {
                    entries.sort_by_key(|(k, _)| k.to_string());
                }
                entries.into_iter().map(|(k, v)| bound(k.clone().into(), v.clone())).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl<'e> Tracer<'e, '_> {
    /// The variables of one iteration, which know what they are an element of.
    fn iteration(&self, head: &'e Loop, env: &Env<'e>, first: Value, second: Value) -> Env<'e> {
        let element = |segment: Option<Segment>, value: Value| match segment {
            Some(segment) => Bound::Element(&head.range, env.clone(), segment, value),
            None => Bound::Value(value),
        };
        match &head.second {
            Some(local) => {
                let segment = match &first {
                    Value::String(key) => Some(Segment::Field(key.clone())),
                    Value::Int(index) => usize::try_from(*index).ok().map(Segment::Index),
                    _ => None,
                };
                env.with(&head.first, Bound::Value(first)).with(local, element(segment, second))
            }
            None => {
                let range = self.value(&head.range, env);
                let index =
                    range.as_ref().and_then(Value::as_list).and_then(|items| items.iter().position(|i| *i == first));
                env.with(&head.first, element(index.map(Segment::Index), first))
            }
        }
    }

    /// The variables of the loops and lets round a resource.
    fn around(&self, resource: &Resource, env: Env<'e>) -> Env<'e> {
        let input: &'e Input<'e> = self.input;
        let mut way = Vec::new();
        enclosing(&input.composite.nodes, &resource.name, &mut way);
        way.into_iter().fold(env, |env, node| match node {
            Node::Let(local, value) => env.with(local, Bound::Thunk(value, env.clone())),
            Node::For { head, .. } => {
                let bound = |local: &Local| match env.get(local) {
                    Bound::Value(value) => value,
                    _ => Value::Absent,
                };
                let second = head.second.as_ref().map(bound).unwrap_or_default();
                self.iteration(head, &env, bound(&head.first), second)
            }
            Node::Resource(_) | Node::If { .. } => env,
        })
    }
}

/// The names that an expression reads, not those inside its functions.
fn collect_reads<'e>(expr: &'e Expr, reads: &mut Vec<&'e Expr>) {
    match &expr.kind {
        ExprKind::Param(_)
        | ExprKind::Binding(_)
        | ExprKind::Local(_)
        | ExprKind::Instance
        | ExprKind::Resource(_)
        | ExprKind::Global(_) => {
            reads.push(expr);
        }
        ExprKind::Field { .. } if is_chain(expr) => reads.push(expr),
        ExprKind::CallFn(..) => reads.push(expr),
        ExprKind::Comprehension(c) => collect_reads(&c.range, reads),
        ExprKind::Concat(parts) | ExprKind::Call(_, parts) => parts.iter().for_each(|p| collect_reads(p, reads)),
        ExprKind::Binary(_, a, b) => [a, b].into_iter().for_each(|e| collect_reads(e, reads)),
        ExprKind::Unary(_, a) | ExprKind::Has(a) | ExprKind::Coerce(_, a) | ExprKind::Field { base: a, .. } => {
            collect_reads(a, reads)
        }
        ExprKind::Index { base, index, .. } => [base, index].into_iter().for_each(|e| collect_reads(e, reads)),
        ExprKind::Cond(a, b, c) => [a, b, c].into_iter().for_each(|e| collect_reads(e, reads)),
        ExprKind::Refine(refine) => collect_reads(&refine.value, reads),
        ExprKind::Let(_, value, _) => collect_reads(value, reads),
        _ => {}
    }
}

fn is_chain(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Field { base, .. } => is_chain(base),
        ExprKind::Param(_)
        | ExprKind::Binding(_)
        | ExprKind::Local(_)
        | ExprKind::Instance
        | ExprKind::Resource(_)
        | ExprKind::Global(_) => true,
        _ => false,
    }
}
