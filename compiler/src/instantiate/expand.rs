//! Decides which resources an instance has: evaluates conditions and loops, not
//! yet the bodies. A condition that asks for a resource which is itself not
//! decided yet waits its turn.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::host::{InstanceHost, key_text};
use super::{Instantiated, failed};
use crate::diagnostic::{Diagnostic, E0601, E0602};
use crate::eval::Fault;
use crate::expr::{Expr, Local, Loop};
use crate::ir::Node;
use crate::source::Span;
use crate::value::{Key, Value};

/// The most objects that one instance may have.
const MAX_OBJECTS: usize = 100_000;

/// Nodes in one iteration, waiting to be expanded.
struct Task<'a> {
    nodes: &'a [Node],
    path: Vec<(Span, SmolStr)>,
    frame: Arc<Vec<Value>>,
}

pub(super) fn expand<'a>(host: &InstanceHost<'a>, result: &mut Instantiated) {
    let nodes: &'a [Node] = &host.input.composite.nodes;
    let order: FxHashMap<&str, usize> =
        host.input.composite.resources().into_iter().enumerate().map(|(i, r)| (r.name.as_str(), i)).collect();
    mark_undecided(host, nodes);
    let frame = Arc::new(vec![Value::Absent; host.input.composite.slots as usize]);
    let mut tasks = vec![Task { nodes, path: Vec::new(), frame }];
    while !tasks.is_empty() {
        let count = tasks.len();
        let mut waiting = Vec::new();
        let mut progress = false;
        for task in tasks {
            progress |= run(host, task, &mut waiting, result);
        }
        if !progress && waiting.len() >= count {
            report_circle(&waiting, result);
            break;
        }
        tasks = waiting;
    }
    host.undecided.borrow_mut().clear();
    host.sort_slots(&order);
}

/// Plain resources are there; all others wait for their condition or loop.
fn mark_undecided(host: &InstanceHost<'_>, nodes: &[Node]) {
    let inner = |nodes: &[Node]| {
        let mut names = Vec::new();
        gather(nodes, &mut names);
        names
    };
    for node in nodes {
        match node {
            Node::If { then, otherwise, .. } => {
                host.undecided.borrow_mut().extend(inner(then));
                host.undecided.borrow_mut().extend(inner(otherwise));
            }
            Node::For { body, .. } => host.undecided.borrow_mut().extend(inner(body)),
            Node::Resource(_) | Node::Let(..) => {}
        }
    }
}

fn gather(nodes: &[Node], names: &mut Vec<SmolStr>) {
    for node in nodes {
        match node {
            Node::Resource(resource) => names.push(resource.name.clone()),
            Node::If { then, otherwise, .. } => {
                gather(then, names);
                gather(otherwise, names);
            }
            Node::For { body, .. } => gather(body, names),
            Node::Let(..) => {}
        }
    }
}

/// Expands the nodes of a task; what must wait is put back. Whether anything was done.
fn run<'a>(host: &InstanceHost<'a>, task: Task<'a>, waiting: &mut Vec<Task<'a>>, result: &mut Instantiated) -> bool {
    let mut frame = task.frame;
    let mut progress = false;
    let mut conditions = Vec::new();
    for (index, node) in task.nodes.iter().enumerate() {
        match node {
            Node::Resource(resource) => {
                if host.slots.borrow().len() < MAX_OBJECTS {
                    host.add_slot(resource, &task.path, frame.clone());
                }
                host.undecided.borrow_mut().retain(|n| *n != resource.name || !task.path.is_empty());
                progress = true;
            }
            Node::Let(local, value) => match host.evaluate_in(value, &frame, &task.path) {
                Ok(value) => set(&mut frame, local, value),
                Err(fault) => failed(&fault, &local.name, value.span, false, result),
            },
            Node::If { .. } | Node::For { .. } => conditions.push((index, node, frame.clone())),
        }
    }
    for (index, node, frame) in conditions {
        host.missed.set(false);
        let done = match node {
            Node::If { condition, then, otherwise } => {
                branch(host, condition, then, otherwise, &task.path, &frame, waiting, result)
            }
            Node::For { head, key, body } => iterate(host, head, key, body, &task.path, &frame, waiting, result),
            _ => true,
        };
        if done {
            progress = true;
        } else {
            let nodes = task.nodes.get(index..=index).unwrap_or_default();
            waiting.push(Task { nodes, path: task.path.clone(), frame });
        }
    }
    progress
}

fn set(frame: &mut Arc<Vec<Value>>, local: &Local, value: Value) {
    let values = Arc::make_mut(frame);
    let slot = local.slot as usize;
    if values.len() <= slot {
        values.resize(slot + 1, Value::Absent);
    }
    if let Some(place) = values.get_mut(slot) {
        *place = value;
    }
}

/// A fault of a condition or range: `true` when it is final.
fn settle(
    host: &InstanceHost<'_>,
    fault: &Fault,
    name: &str,
    span: Span,
    nodes: &[&[Node]],
    result: &mut Instantiated,
) -> bool {
    if host.missed.get() {
        return false;
    }
    decided(host, nodes);
    failed(fault, &name.into(), span, false, result);
    true
}

fn decided(host: &InstanceHost<'_>, nodes: &[&[Node]]) {
    let mut names = Vec::new();
    nodes.iter().for_each(|n| gather(n, &mut names));
    host.undecided.borrow_mut().retain(|n| !names.contains(n));
}

#[allow(clippy::too_many_arguments, reason = "the parts of one node and its iteration")]
fn branch<'a>(
    host: &InstanceHost<'a>,
    condition: &Expr,
    then: &'a [Node],
    otherwise: &'a [Node],
    path: &[(Span, SmolStr)],
    frame: &Arc<Vec<Value>>,
    waiting: &mut Vec<Task<'a>>,
    result: &mut Instantiated,
) -> bool {
    let chosen = match host.evaluate_in(condition, frame, path) {
        Ok(Value::Bool(true)) => then,
        Ok(_) => otherwise,
        Err(fault) => return settle(host, &fault, "if", condition.span, &[then, otherwise], result),
    };
    decided(host, &[then, otherwise]);
    // Resources of conditions and loops further in are still undecided.
    mark_undecided(host, chosen);
    run(host, Task { nodes: chosen, path: path.to_vec(), frame: frame.clone() }, waiting, result);
    true
}

#[allow(clippy::too_many_arguments, reason = "the parts of one node and its iteration")]
fn iterate<'a>(
    host: &InstanceHost<'a>,
    head: &'a Loop,
    key: &'a Expr,
    body: &'a [Node],
    path: &[(Span, SmolStr)],
    frame: &Arc<Vec<Value>>,
    waiting: &mut Vec<Task<'a>>,
    result: &mut Instantiated,
) -> bool {
    let range = match host.evaluate_in(&head.range, frame, path) {
        Ok(range) => range,
        Err(fault) => return settle(host, &fault, "for", head.range.span, &[body], result),
    };
    decided(host, &[body]);
    let mut seen: FxHashMap<SmolStr, ()> = FxHashMap::default();
    for (first, second) in elements(head, &range) {
        let mut frame = frame.clone();
        set(&mut frame, &head.first, first);
        if let Some(local) = &head.second {
            set(&mut frame, local, second);
        }
        let Some(key) = key_of(host, key, &frame, path, result) else { continue };
        if seen.insert(key.clone(), ()).is_some() {
            result.diagnostics.push(same_key(&key, head));
            continue;
        }
        let mut inner = path.to_vec();
        inner.push((head.range.span, key));
        mark_undecided(host, body);
        run(host, Task { nodes: body, path: inner, frame }, waiting, result);
        if host.slots.borrow().len() >= MAX_OBJECTS {
            result.diagnostics.push(too_many(head));
            return true;
        }
    }
    true
}

fn too_many(head: &Loop) -> Diagnostic {
    Diagnostic::new(
        &crate::diagnostic::E0505,
        head.range.span,
        format!("an instance has at most {MAX_OBJECTS} objects"),
    )
    .help("split it into several instances")
}

fn same_key(key: &str, head: &Loop) -> Diagnostic {
    Diagnostic::new(&E0602, head.range.span, format!("two iterations have the same key `{key}`"))
        .label("its resources would have the same identity")
        .help("keys must differ; say with `by` what identifies an iteration")
}

fn key_of(
    host: &InstanceHost<'_>,
    key: &Expr,
    frame: &[Value],
    path: &[(Span, SmolStr)],
    result: &mut Instantiated,
) -> Option<SmolStr> {
    match host.evaluate_in(key, frame, path) {
        Ok(Value::String(text)) => Some(text),
        Ok(other) => Key::try_from(other).ok().map(|k| key_text(&k)),
        Err(fault) => {
            failed(&fault, &"for".into(), key.span, false, result);
            None
        }
    }
}

/// The values of a loop's variables, iteration by iteration; see [`Loop`].
fn elements(head: &Loop, range: &Value) -> Vec<(Value, Value)> {
    let two = head.second.is_some();
    match range {
        Value::List(items) => items
            .iter()
            .enumerate()
            .map(|(i, item)| if two { (Value::Int(i as i64), item.clone()) } else { (item.clone(), Value::Absent) })
            .collect(),
        Value::Map(map) => {
            let mut entries: Vec<(&Key, &Value)> = map.iter().collect();
            if head.sorted {
                entries.sort_by_key(|(key, _)| key_text(key));
            }
            entries.into_iter().map(|(key, value)| (key.clone().into(), value.clone())).collect()
        }
        _ => Vec::new(),
    }
}

fn report_circle(waiting: &[Task<'_>], result: &mut Instantiated) {
    for task in waiting {
        let span = match task.nodes.first() {
            Some(Node::If { condition, .. }) => condition.span,
            Some(Node::For { head, .. }) => head.range.span,
            _ => continue,
        };
        result.diagnostics.push(
            Diagnostic::new(
                &E0601,
                span,
                "whether these resources exist depends on resources whose existence depends on them",
            )
            .help("break the circle"),
        );
    }
}
