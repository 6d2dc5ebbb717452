//! Resources of a composite, the conditions and loops round them, lease and
//! notifications.

use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::Checker;
use super::facts::{Named, Place};
use super::kubernetes::ResourceKind;
use crate::diagnostic::{Diagnostic, E0201, E0202, E0303, E0310, E0404, E0603};
use crate::expr::{Expr, ExprKind, Loop, Repr};
use crate::ir::{self, Node, Scope};
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::{self, Ident, Member, MemberKind, Modifier};
use crate::types::{Field, Record, Type};
use crate::value::Value;

/// The channels of `notify`.
const CHANNELS: &[&str] = &["slack", "email", "webhook"];
/// What `notify` tells of.
const EVENTS: &[&str] = &["ready", "not-ready", "failed", "lease-expiring", "lease-expired", "deleted"];

impl Checker<'_> {
    /// Brings all resources of a composite into scope, those in loops as lists.
    pub(super) fn bind_resources(&mut self, members: &[Member]) {
        self.bind_resources_in(members, 0, false);
    }

    fn bind_resources_in(&mut self, members: &[Member], loops: usize, conditional: bool) {
        for member in members {
            match &member.kind {
                MemberKind::Resource(resource) | MemberKind::External(resource) => {
                    let kind = self.resource_kind(resource);
                    let ty = kind.as_ref().map_or(Type::Unknown, |k| k.ty.clone().observed());
                    self.frame.kinds.push((resource.name.span, kind));
                    let outside = match (loops, conditional) {
                        (0, false) => ty,
                        (0, true) => ty.optional(),
                        _ => Type::list(ty),
                    };
                    self.declare(&resource.name, outside, ExprKind::Resource(resource.name.name.clone()));
                }
                MemberKind::If { then, otherwise, .. } => {
                    self.bind_resources_in(then, loops, true);
                    self.bind_resources_in(otherwise, loops, true);
                }
                MemberKind::For { body, .. } => self.bind_resources_in(body, loops + 1, conditional),
                _ => {}
            }
        }
    }

    /// The resources among some members, checked.
    pub(super) fn nodes(&mut self, members: &[Member], ir: &mut ir::Composite, depth: usize) -> Vec<Node> {
        let mut nodes = Vec::new();
        for member in members {
            match &member.kind {
                MemberKind::Resource(resource) => nodes.extend(self.resource(resource, false, ir)),
                MemberKind::External(resource) => nodes.extend(self.resource(resource, true, ir)),
                MemberKind::If { condition, then, otherwise } => {
                    nodes.push(self.node_if(condition, then, otherwise, ir, depth))
                }
                MemberKind::For { head, key, body } => nodes.push(self.node_for(head, key.as_ref(), body, ir, depth)),
                MemberKind::Let(binding) if depth > 0 => {
                    let typed = self.let_value(binding);
                    let local = self.bind(&binding.name, typed.ty);
                    nodes.push(Node::Let(local, typed.expr));
                }
                _ if depth > 0 => self.refuse_inside(member),
                _ => {}
            }
        }
        nodes
    }

    fn refuse_inside(&mut self, member: &Member) {
        let what = match &member.kind {
            MemberKind::Param { .. } => "a parameter",
            MemberKind::Require { .. } => "a requirement",
            MemberKind::Output(_) => "an output",
            MemberKind::Ready(_) => "the readiness of the composite",
            MemberKind::Scope(_) => "the scope",
            MemberKind::Lease { .. } => "a lease",
            MemberKind::Notify { .. } => "a notification",
            _ => return,
        };
        self.misplaced(member.span, what);
    }

    fn node_if(
        &mut self,
        condition: &ast::Expr,
        then: &[Member],
        otherwise: &[Member],
        ir: &mut ir::Composite,
        depth: usize,
    ) -> Node {
        let (condition, facts) = self.condition(condition);
        let then = self.narrowing(facts.holds, |c| c.branch(then, ir, depth));
        let otherwise = self.narrowing(facts.fails, |c| c.branch(otherwise, ir, depth));
        Node::If { condition, then, otherwise }
    }

    /// Members under a condition: their own resources are there for certain.
    fn branch(&mut self, members: &[Member], ir: &mut ir::Composite, depth: usize) -> Vec<Node> {
        let count = self.frame.vars.len();
        let saved = self.open_resources(members, |ty| match ty {
            Type::Optional(inner) => Some((**inner).clone()),
            _ => None,
        });
        let nodes = self.nodes(members, ir, depth + 1);
        self.close_resources(saved);
        self.unbind_linted(count, "variable");
        nodes
    }

    fn node_for(
        &mut self,
        head: &ast::ForHead,
        key: Option<&ast::Expr>,
        body: &[Member],
        ir: &mut ir::Composite,
        depth: usize,
    ) -> Node {
        let count = self.frame.vars.len();
        let key_default = head.first.clone();
        let element = head.second.is_none();
        let range_span = head.range.span;
        let head = self.loop_head(head);
        let key = match key {
            Some(key) => self.check(key, &Type::String),
            None => self.default_key(&head, &key_default, element, range_span),
        };
        let saved = self.open_resources(body, |ty| match ty {
            Type::List(item) => Some((**item).clone()),
            _ => None,
        });
        let body = self.nodes(body, ir, depth + 1);
        self.close_resources(saved);
        self.mark_key_used(&key);
        self.unbind_linted(count, "loop variable");
        Node::For { head, key, body }
    }

    /// A loop's key names its objects, so it is used even where no body reads it.
    fn mark_key_used(&mut self, key: &Expr) {
        let mut slots = Vec::new();
        key.walk(&mut |e| {
            if let ExprKind::Local(local) = &e.kind {
                slots.push(local.slot);
            }
        });
        for var in &mut self.frame.vars {
            if let ExprKind::Local(local) = &var.read
                && slots.contains(&local.slot)
            {
                var.used = true;
            }
        }
    }

    /// The stable key of an iteration: the map's key, or the element where it is a String.
    fn default_key(&mut self, head: &Loop, name: &Ident, element: bool, range: Span) -> Expr {
        let ty =
            self.frame.find(&name.name).and_then(|i| self.frame.vars.get(i)).map_or(Type::Unknown, |v| v.ty.clone());
        let over_map = head.range.repr == Repr::Map;
        let text = ty.base().is_some_and(|t| t.repr() == Repr::String);
        let read = Expr::new(ExprKind::Local(head.first.clone()), ty.repr(), name.span);
        if text && (over_map || element) || matches!(ty, Type::Unknown) {
            return read;
        }
        let example = if ty.record(self.schemas).is_some() {
            format!("{}.name", name.name)
        } else {
            format!("string({})", name.name)
        };
        let what = if element {
            format!("the elements are {}", self.show(&ty.widen()))
        } else {
            "the position in a list is not stable".to_owned()
        };
        self.report(
            Diagnostic::new(&E0603, range, format!("this loop has no stable key: {what}"))
                .label("what would the resources of an iteration be called?")
                .help(format!("say what identifies an iteration: `for {} in … by {example} {{`", name.name)),
        );
        read
    }

    /// Within their own loop or condition, resources are this iteration's and there.
    fn open_resources(&mut self, members: &[Member], open: impl Fn(&Type) -> Option<Type>) -> Vec<(usize, Type)> {
        let mut names = Vec::new();
        declared_in(members, &mut names);
        let mut saved = Vec::new();
        for name in names {
            let Some(index) = self.frame.find(&name) else { continue };
            let Some(var) = self.frame.vars.get_mut(index) else { continue };
            if let Some(ty) = open(&var.ty) {
                saved.push((index, std::mem::replace(&mut var.ty, ty)));
            }
        }
        saved
    }

    fn close_resources(&mut self, saved: Vec<(usize, Type)>) {
        for (index, ty) in saved {
            if let Some(var) = self.frame.vars.get_mut(index) {
                var.ty = ty;
            }
        }
    }

    fn resource(&mut self, resource: &ast::Resource, external: bool, ir: &ir::Composite) -> Option<Node> {
        let kind = self.frame.kinds.iter().find(|(span, _)| *span == resource.name.span).and_then(|(_, k)| k.clone());
        let Some(kind) = kind else {
            self.attempt(|c| c.infer(&resource.body));
            return None;
        };
        let body = self.resource_body(resource, &kind);
        let mut node = ir::Resource {
            name: resource.name.name.clone(),
            external,
            group: kind.group.clone(),
            version: kind.version.clone(),
            kind: kind.kind.clone(),
            scope: kind.scope,
            body,
            after: Vec::new(),
            ready: None,
            protect: false,
            retain: false,
            replace: false,
            span: resource.name.span,
        };
        for modifier in &resource.modifiers {
            self.modifier(modifier, &mut node);
        }
        self.check_scope(&node, &kind, ir);
        if external {
            self.check_external(&node);
        }
        Some(Node::Resource(Box::new(node)))
    }

    fn modifier(&mut self, modifier: &Modifier, node: &mut ir::Resource) {
        match modifier {
            Modifier::After(names) => {
                for name in names {
                    if self.is_resource(name) {
                        node.after.push(name.name.clone());
                    }
                }
            }
            Modifier::Ready(condition) => node.ready = Some(self.check(condition, &Type::Bool)),
            Modifier::Protect(_) => node.protect = true,
            Modifier::Retain(_) => node.retain = true,
            Modifier::Replace(_) => node.replace = true,
        }
    }

    fn is_resource(&mut self, name: &Ident) -> bool {
        if self.is_asked(name.span) {
            self.note_place(|c| Place::Resource(c.variables()));
        }
        let found = self.frame.find(&name.name).and_then(|i| self.frame.vars.get(i));
        if let Some(var) = found.filter(|v| matches!(v.read, ExprKind::Resource(_))) {
            let declared = var.span;
            self.refer(name.span, Named::Source(declared));
            return true;
        }
        let resources: Vec<SmolStr> = self
            .frame
            .vars
            .iter()
            .filter(|v| matches!(v.read, ExprKind::Resource(_)))
            .map(|v| v.name.clone())
            .collect();
        let diagnostic = Diagnostic::new(&E0201, name.span, format!("there is no resource `{}` here", name.name));
        let diagnostic = match suggest::closest(&name.name, resources.iter().map(SmolStr::as_str)) {
            Some(best) => diagnostic.fix(format!("replace it with `{best}`"), name.span, best, true),
            None => diagnostic
                .help(format!("the resources are {}", suggest::listing(resources.iter().map(SmolStr::as_str)))),
        };
        self.report(diagnostic);
        false
    }

    /// Instances that live in a namespace cannot own objects that live in none.
    fn check_scope(&mut self, node: &ir::Resource, kind: &ResourceKind, ir: &ir::Composite) {
        if node.external || ir.kind.is_empty() {
            return;
        }
        if kind.scope == Some(Scope::Cluster) && ir.scope == Scope::Namespaced {
            self.report(
                Diagnostic::new(
                    &E0404,
                    node.span,
                    format!("a {} lives in no namespace, but instances of {} do", node.kind, ir.kind),
                )
                .also(ir.span, "instances of this live in a namespace")
                .help("an owner in a namespace cannot own it; write `scope cluster` in the composite"),
            );
        }
        if kind.scope == Some(Scope::Namespaced)
            && ir.scope == Scope::Cluster
            && !has_path(&node.body, &["metadata", "namespace"])
        {
            self.report(
                Diagnostic::new(
                    &E0404,
                    node.span,
                    format!("a {} lives in a namespace, but instances of {} have none to give it", node.kind, ir.kind),
                )
                .help("write `metadata: { namespace: … }`"),
            );
        }
    }

    /// An external object is found by its name, so it must say it.
    fn check_external(&mut self, node: &ir::Resource) {
        if has_path(&node.body, &["metadata", "name"]) {
            return;
        }
        self.report(
            Diagnostic::new(
                &E0303,
                node.span,
                format!("external `{}` needs `metadata.name`, by which it is found", node.name),
            )
            .help("write `metadata: { name: … }`"),
        );
    }

    pub(super) fn lease(
        &mut self,
        member: &Member,
        duration: &ast::Expr,
        options: Option<&ast::Expr>,
        ir: &mut ir::Composite,
    ) {
        if let Some(earlier) = &ir.lease {
            let diagnostic = Diagnostic::new(&E0202, member.span, "the lease is said twice")
                .also(earlier.span, "said first here")
                .help("keep one of them");
            self.report(diagnostic);
            return;
        }
        let duration = self.check(duration, &Type::Duration);
        let ty = lease_options();
        let options = match options {
            Some(options) => self.check(options, &ty),
            None => {
                let empty = ast::Expr { kind: ast::ExprKind::Object(Vec::new()), span: member.span };
                self.check(&empty, &ty)
            }
        };
        ir.lease = Some(ir::Lease { duration, options, span: member.span });
    }

    pub(super) fn notify(&mut self, member: &Member, channel: &ast::Expr, events: &[Ident], ir: &mut ir::Composite) {
        let ast::ExprKind::Call { callee, args, .. } = &channel.kind else {
            self.report(
                Diagnostic::new(&E0310, channel.span, "`notify` needs a channel")
                    .help("write `notify slack(\"#channel\") on ready`"),
            );
            return;
        };
        let ast::ExprKind::Name(name) = &callee.kind else { return };
        if !self.one_of(&Ident { name: name.clone(), span: callee.span }, CHANNELS, "channel") {
            return;
        }
        let [arg] = args.as_slice() else {
            self.report(
                Diagnostic::new(&E0310, channel.span, format!("`{name}` takes one argument"))
                    .help("write `slack(\"#channel\")`"),
            );
            return;
        };
        let typed = self.infer(&arg.value);
        let target = self.fit(typed, &Type::String.optional());
        let events: Vec<SmolStr> =
            events.iter().filter(|e| self.one_of(e, EVENTS, "event")).map(|e| e.name.clone()).collect();
        let leased = events.iter().find(|e| e.starts_with("lease-"));
        self.frame.lease_events.extend(leased.map(|_| member.span));
        ir.notifications.push(ir::Notification { channel: name.clone(), target, events, span: member.span });
    }

    fn one_of(&mut self, name: &Ident, known: &[&str], what: &str) -> bool {
        self.note_words(name.span, known);
        if known.contains(&name.name.as_str()) {
            return true;
        }
        let diagnostic = Diagnostic::new(&E0201, name.span, format!("there is no {what} `{}`", name.name));
        let diagnostic = match suggest::closest(&name.name, known.iter().copied()) {
            Some(best) => diagnostic.fix(format!("replace it with `{best}`"), name.span, best, true),
            None => diagnostic.help(format!("the {what}s are {}", suggest::listing(known.iter().copied()))),
        };
        self.report(diagnostic);
        false
    }
}

fn lease_options() -> Type {
    let mut fields = IndexMap::new();
    let span = Span::new(crate::source::FileId(0), 0, 0);
    let from = |text: &str| Type::Literal(Value::str(text));
    let warn = Field { optional: true, ..Field::of(Type::list(Type::Duration)) };
    let start = Field {
        default: Some(Expr::constant(Value::str("first-ready"), span)),
        ..Field::of(Type::Union(Arc::new(vec![from("first-ready"), from("created")])))
    };
    let wait = Field { optional: true, ..Field::of(Type::Duration) };
    fields.insert(SmolStr::new("warn"), warn);
    fields.insert(SmolStr::new("from"), start);
    fields.insert(SmolStr::new("max-wait"), wait);
    Type::Record(Arc::new(Record { fields }))
}

/// The resources that some members declare, however deep.
fn declared_in(members: &[Member], names: &mut Vec<SmolStr>) {
    for member in members {
        match &member.kind {
            MemberKind::Resource(r) | MemberKind::External(r) => names.push(r.name.name.clone()),
            MemberKind::If { then, otherwise, .. } => {
                declared_in(then, names);
                declared_in(otherwise, names);
            }
            MemberKind::For { body, .. } => declared_in(body, names),
            _ => {}
        }
    }
}

/// Whether an object writes a field, as far as its form tells.
pub(crate) fn has_path(body: &Expr, path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else { return true };
    match &body.kind {
        ExprKind::Const(value) => value.at(path).is_some(),
        ExprKind::Let(_, _, inner) => has_path(inner, path),
        ExprKind::Object(entries) => entries.iter().any(|entry| match entry {
            crate::expr::Entry::Field(name, value) => name == first && has_path(value, rest),
            crate::expr::Entry::Spread(value) => has_path(value, path),
            crate::expr::Entry::If(_, then, otherwise) => [then, otherwise].iter().any(|branch| {
                let object = Expr::new(ExprKind::Object((*branch).clone()), Repr::Map, body.span);
                has_path(&object, path)
            }),
            _ => false,
        }),
        // A function or variable may bring it.
        _ => true,
    }
}
