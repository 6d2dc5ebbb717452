//! What a host that runs beside a cluster asks beyond the objects: which are
//! ready, which must wait for others, how long the instance lives.

use smol_str::SmolStr;

use super::host::InstanceHost;
use super::{Input, Instantiated, Object, finish, instantiate_with};
use crate::diagnostic::Diagnostic;
use crate::expr::{BinaryOp, Expr, ExprKind};
use crate::ir::{Composite, Node, Schema};
use crate::readiness;
use crate::source::Span;
use crate::units::Duration;
use crate::value::Value;

/// An instance beside what a cluster has of it.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// What it comes to.
    pub result: Instantiated,
    /// For each object of the result: whether it is there.
    pub exists: Vec<bool>,
    /// For each object of the result: whether it is there and ready.
    pub ready: Vec<bool>,
    /// For each object of the result: the resources that must be ready first,
    /// and are not. Of no interest where the object exists.
    pub waits: Vec<Vec<SmolStr>>,
    /// For each object of the result: those that it needs, by their places in the
    /// result. They are made before it and deleted after it.
    pub needs: Vec<Vec<usize>>,
    /// Whether the instance is ready by its own words, where it has any.
    pub instance_ready: Option<bool>,
    /// Its lease.
    pub lease: Option<LeaseTerms>,
}

/// How long an instance lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseTerms {
    /// The length.
    pub duration: Duration,
    /// The most that it may last in all, renewals included, where the type of its parameter says so.
    pub longest: Option<Duration>,
    /// It runs from the creation, not from when the instance was first ready.
    pub from_creation: bool,
    /// It begins at the latest so long after the creation.
    pub max_wait: Option<Duration>,
    /// So long before its end it is warned of.
    pub warnings: Vec<Duration>,
}

/// Evaluates an instance beside what was observed.
#[must_use]
pub fn observe(input: &Input<'_>) -> Observed {
    let host = InstanceHost::new(input);
    let result = instantiate_with(&host);
    let mut observed = Observed { result, ..Observed::default() };
    if observed.result.diagnostics.iter().any(Diagnostic::is_error) {
        return observed;
    }
    for at in 0..observed.result.objects.len() {
        let Some(object) = observed.result.objects.get(at) else { break };
        let there = finish::observed(input.observed, &object.value);
        let ready = there.is_some_and(|there| is_ready(&host, object, there));
        observed.exists.push(there.is_some());
        observed.ready.push(ready);
    }
    observed.waits = observed.result.objects.iter().map(|object| waits(input, object, &observed)).collect();
    observed.needs = needs(input, &observed.result.objects);
    observed.instance_ready = input.composite.ready.as_ref().map(|ready| holds(&host, ready, &[], &[]));
    observed.lease = lease(&host);
    observed
}

fn is_ready(host: &InstanceHost<'_>, object: &Object, there: &Value) -> bool {
    let found = {
        let slots = host.slots.borrow();
        let slot = slots.iter().find(|slot| slot.resource.name == object.resource && slot.keys == object.keys);
        slot.and_then(|slot| Some((slot.resource.ready.as_ref()?, slot.frame.clone(), slot.path.clone())))
    };
    match found {
        Some((ready, frame, path)) => holds(host, ready, &frame, &path),
        None => readiness::of(there).is_ok(),
    }
}

/// A condition over what was observed: what is not known yet does not hold.
fn holds(host: &InstanceHost<'_>, condition: &Expr, frame: &[Value], path: &[(Span, SmolStr)]) -> bool {
    matches!(host.evaluate_in(condition, frame, path), Ok(Value::Bool(true)))
}

/// The resources that an object waits for by `after`.
fn waits(input: &Input<'_>, object: &Object, observed: &Observed) -> Vec<SmolStr> {
    let Some(resource) = input.composite.resource(&object.resource) else { return Vec::new() };
    let loops = loops_of(&input.composite.nodes, &object.resource).unwrap_or_default();
    let is_waited_for = |name: &&SmolStr| {
        let theirs = loops_of(&input.composite.nodes, name).unwrap_or_default();
        let shared = loops.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
        let mut pending = observed.result.pending.iter();
        let others = observed.result.objects.iter().zip(&observed.ready);
        let mut unready = others.filter(|(other, ready)| {
            let near = other.keys.iter().take(shared).eq(object.keys.iter().take(shared));
            other.resource == **name && near && !**ready
        });
        unready.next().is_some() || pending.any(|pending| !pending.output && pending.name == **name)
    };
    resource.after.iter().filter(is_waited_for).cloned().collect()
}

/// The objects that each object needs.
fn needs(input: &Input<'_>, objects: &[Object]) -> Vec<Vec<usize>> {
    let loops = |name: &str| loops_of(&input.composite.nodes, name).unwrap_or_default();
    let of_object = |object: &Object| {
        let edges = input.composite.edges.iter().filter(|edge| edge.from == object.resource);
        let mut found = std::collections::BTreeSet::new();
        for edge in edges {
            let (own, theirs) = (loops(&edge.from), loops(&edge.to));
            let shared = own.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
            let near = |other: &Object| other.keys.iter().take(shared).eq(object.keys.iter().take(shared));
            let others = objects.iter().enumerate().filter(|(_, other)| other.resource == edge.to && near(other));
            found.extend(others.map(|(at, _)| at));
        }
        found.into_iter().collect()
    };
    objects.iter().map(of_object).collect()
}

/// The loops round a resource, by the places of what they go over.
fn loops_of(nodes: &[Node], name: &str) -> Option<Vec<Span>> {
    nodes.iter().find_map(|node| match node {
        Node::Resource(resource) => (resource.name == name).then(Vec::new),
        Node::If { then, otherwise, .. } => loops_of(then, name).or_else(|| loops_of(otherwise, name)),
        Node::For { head, body, .. } => {
            let inner = loops_of(body, name)?;
            Some(std::iter::once(head.range.span).chain(inner).collect())
        }
        Node::Let(..) => None,
    })
}

fn lease(host: &InstanceHost<'_>) -> Option<LeaseTerms> {
    let lease = host.input.composite.lease.as_ref()?;
    let Ok(Value::Duration(duration)) = host.evaluate(&lease.duration, &[]) else { return None };
    let options = host.evaluate(&lease.options, &[]).unwrap_or_default();
    let max_wait = match options.get("max-wait") {
        Some(Value::Duration(wait)) => Some(*wait),
        _ => None,
    };
    let from_creation = options.get("from").and_then(Value::as_str) == Some("created");
    let warnings = options.get("warn").and_then(Value::as_list).unwrap_or_default();
    let warnings = warnings.iter().filter_map(|warning| match warning {
        Value::Duration(before) => Some(*before),
        _ => None,
    });
    let longest = longest(host.input.composite);
    Some(LeaseTerms { duration, longest, from_creation, max_wait, warnings: warnings.collect() })
}

/// The greatest Duration that the lease's parameter takes, where a rule of it says so: `it <= 72h`.
fn longest(composite: &Composite) -> Option<Duration> {
    let ExprKind::Param(name) = &composite.lease.as_ref()?.duration.kind else { return None };
    let mut schema = &composite.params.iter().find(|param| param.name == *name)?.schema;
    let mut longest = None;
    while let Schema::Rule(rule) = schema {
        bound(&rule.rule, &mut longest);
        schema = &rule.base;
    }
    longest
}

fn bound(rule: &Expr, longest: &mut Option<Duration>) {
    let is_it = |expr: &Expr| matches!(&expr.kind, ExprKind::Local(local) if local.slot == 0);
    let ExprKind::Binary(op, left, right) = &rule.kind else { return };
    let most = match op {
        BinaryOp::And => {
            bound(left, longest);
            bound(right, longest);
            None
        }
        BinaryOp::Le | BinaryOp::Lt if is_it(left) => right.known(),
        BinaryOp::Ge | BinaryOp::Gt if is_it(right) => left.known(),
        _ => None,
    };
    if let Some(Value::Duration(most)) = most {
        *longest = Some(longest.map_or(*most, |least| least.min(*most)));
    }
}
