//! Functions and constants that call themselves, by whatever way.

use rustc_hash::FxHashMap;

use super::{Checker, GlobalState};
use crate::diagnostic::{Diagnostic, E0316};
use crate::expr::{Expr, ExprKind, FnId, GlobalId};
use crate::resolve::{DeclId, ModuleId};
use crate::source::Span;
use crate::stack::deep;

/// A function or constant.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Callee {
    Function(FnId),
    Global(GlobalId),
}

/// A function or constant with what it calls and reads of the others.
struct Node<'a> {
    name: &'a str,
    body: &'a Expr,
    calls: Vec<(usize, Span)>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unseen,
    /// On the way that is being followed.
    Open,
    Done,
}

impl Checker<'_> {
    /// Reports the functions and constants of modules that call themselves. What these modules import was
    /// checked before, and calls nothing of them.
    pub(super) fn report_recursion(&mut self, group: &[ModuleId]) {
        let mut nodes = Vec::new();
        let mut places: FxHashMap<Callee, usize> = FxHashMap::default();
        let mut add = |callee: Callee| {
            let (name, body) = match callee {
                Callee::Function(id) => {
                    self.program.functions.get(id.0 as usize).map(|f| (f.name.as_str(), &f.body))?
                }
                Callee::Global(id) => self.program.globals.get(id.0 as usize).map(|g| (g.name.as_str(), &g.value))?,
            };
            places.insert(callee, nodes.len());
            nodes.push(Node { name, body, calls: Vec::new(), state: State::Unseen });
            Some(())
        };
        let decls = |id: &ModuleId| {
            let count = self.modules.get(*id).map_or(0, |module| module.ast.decls.len() as u32);
            let module = *id;
            (0..count).map(move |index| DeclId { module, index })
        };
        let all: Vec<DeclId> = group.iter().flat_map(decls).collect();
        for function in all.iter().filter_map(|decl| self.functions.get(decl)) {
            add(Callee::Function(function.id));
        }
        for global in all.iter().filter_map(|decl| self.globals.get(decl)) {
            if let GlobalState::Done(id, _) = global {
                add(Callee::Global(*id));
            }
        }
        for node in &mut nodes {
            node.body.walk(&mut |e| {
                let callee = match &e.kind {
                    ExprKind::CallFn(id, _) => Callee::Function(*id),
                    ExprKind::Global(id) => Callee::Global(*id),
                    _ => return,
                };
                node.calls.extend(places.get(&callee).map(|place| (*place, e.span)));
            });
        }
        let mut found = Vec::new();
        for start in 0..nodes.len() {
            visit(start, &mut nodes, &mut Vec::new(), &mut found);
        }
        self.diagnostics.append(&mut found);
    }
}

fn visit(at: usize, nodes: &mut [Node<'_>], path: &mut Vec<(usize, Span)>, found: &mut Vec<Diagnostic>) {
    let Some(node) = nodes.get_mut(at).filter(|node| node.state == State::Unseen) else { return };
    node.state = State::Open;
    let calls = std::mem::take(&mut node.calls);
    for (next, span) in calls {
        path.push((at, span));
        if nodes.get(next).is_some_and(|next| next.state == State::Open) {
            found.extend(told(next, nodes, path));
        } else {
            deep(|| visit(next, nodes, path, found));
        }
        path.pop();
    }
    if let Some(node) = nodes.get_mut(at) {
        node.state = State::Done;
    }
}

fn told(start: usize, nodes: &[Node<'_>], path: &[(usize, Span)]) -> Option<Diagnostic> {
    let from = path.iter().position(|(at, _)| *at == start).unwrap_or(0);
    let ring = path.get(from..)?;
    let name = |at: usize| nodes.get(at).map_or("", |node| node.name);
    let names: Vec<&str> = ring.iter().map(|(at, _)| name(*at)).chain([name(start)]).collect();
    let ((_, span), earlier) = ring.split_last()?;
    let message = format!("function `{}` calls itself: {}", name(start), names.join(" → "));
    let diagnostic = Diagnostic::new(&E0316, *span, message)
        .label("this call closes the circle")
        .help("evaluation always ends here, so there is no recursion; go over a list with `map`, `filter` or `for`");
    Some(earlier.iter().fold(diagnostic, |diagnostic, (_, span)| diagnostic.also(*span, "calls on here")))
}
