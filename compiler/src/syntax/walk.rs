//! A walk over the abstract syntax, for those who look for something in it.

use super::ast::{
    Arg, Arm, Composite, Decl, DeclKind, Entry, Expr, ExprKind, FieldDecl, FnParam, ForHead, Function, Instance, Item,
    Key, Let, Member, MemberKind, Modifier, Module, Resource, StringPart, TypeExpr, TypeExprKind,
};

/// What is met.
#[derive(Clone, Copy, Debug)]
pub enum Node<'a> {
    /// A declaration.
    Decl(&'a Decl),
    /// A member of a composite.
    Member(&'a Member),
    /// A `let`, wherever one may stand, and an `output`.
    Let(&'a Let),
    /// A parameter of a function.
    FnParam(&'a FnParam),
    /// A field of a record type.
    Field(&'a FieldDecl),
    /// The head of a loop.
    Loop(&'a ForHead),
    /// A type.
    Type(&'a TypeExpr),
    /// An expression.
    Expr(&'a Expr),
    /// An entry of an object.
    Entry(&'a Entry),
    /// An item of a list.
    Item(&'a Item),
    /// An arm of a `match`.
    Arm(&'a Arm),
}

/// Calls `visit` for every part of a module, outer ones first. Where it says
/// no, what is inside the part is left out.
pub fn walk<'a>(module: &'a Module, visit: &mut dyn FnMut(Node<'a>) -> bool) {
    stacker::maybe_grow(NEEDED, 4 * NEEDED, || {
        let mut walk = Walk { visit };
        module.decls.iter().for_each(|decl| walk.decl(decl));
    });
}

/// The stack that the deepest expression needs, in bytes.
const NEEDED: usize = 1 << 20;

struct Walk<'a, 'v> {
    visit: &'v mut dyn FnMut(Node<'a>) -> bool,
}

impl<'a> Walk<'a, '_> {
    fn decl(&mut self, decl: &'a Decl) {
        if !(self.visit)(Node::Decl(decl)) {
            return;
        }
        match &decl.kind {
            DeclKind::Type { ty, .. } => self.ty(ty),
            DeclKind::Let(binding) => self.binding(binding),
            DeclKind::Fn(function) => self.function(function),
            DeclKind::Composite(Composite { members, .. }) => self.members(members),
            DeclKind::Resource(resource) | DeclKind::External(resource) => self.resource(resource),
            DeclKind::Instance(Instance { body, .. }) => self.expr(body),
            DeclKind::Error => {}
        }
    }

    fn function(&mut self, function: &'a Function) {
        for param in &function.params {
            if (self.visit)(Node::FnParam(param)) {
                param.ty.iter().for_each(|ty| self.ty(ty));
                param.default.iter().for_each(|default| self.expr(default));
            }
        }
        function.result.iter().for_each(|ty| self.ty(ty));
        self.expr(&function.body);
    }

    fn binding(&mut self, binding: &'a Let) {
        if (self.visit)(Node::Let(binding)) {
            binding.ty.iter().for_each(|ty| self.ty(ty));
            self.expr(&binding.value);
        }
    }

    fn members(&mut self, members: &'a [Member]) {
        members.iter().for_each(|member| self.member(member));
    }

    fn member(&mut self, member: &'a Member) {
        if !(self.visit)(Node::Member(member)) {
            return;
        }
        match &member.kind {
            MemberKind::Param { ty, default, .. } => {
                ty.iter().for_each(|ty| self.ty(ty));
                default.iter().for_each(|default| self.expr(default));
            }
            MemberKind::Let(binding) | MemberKind::Output(binding) => self.binding(binding),
            MemberKind::Require { condition, message } => {
                self.expr(condition);
                message.iter().for_each(|message| self.expr(message));
            }
            MemberKind::Resource(resource) | MemberKind::External(resource) => self.resource(resource),
            MemberKind::If { condition, then, otherwise } => {
                self.expr(condition);
                self.members(then);
                self.members(otherwise);
            }
            MemberKind::For { head, key, body } => {
                self.head(head);
                key.iter().for_each(|key| self.expr(key));
                self.members(body);
            }
            MemberKind::Ready(condition) => self.expr(condition),
            MemberKind::Lease { duration, options } => {
                self.expr(duration);
                options.iter().for_each(|options| self.expr(options));
            }
            MemberKind::Notify { channel, .. } => self.expr(channel),
            MemberKind::Scope(_) | MemberKind::Error => {}
        }
    }

    fn resource(&mut self, resource: &'a Resource) {
        for modifier in &resource.modifiers {
            if let Modifier::Ready(condition) = modifier {
                self.expr(condition);
            }
        }
        self.expr(&resource.body);
    }

    fn head(&mut self, head: &'a ForHead) {
        if (self.visit)(Node::Loop(head)) {
            self.expr(&head.range);
        }
    }

    fn ty(&mut self, ty: &'a TypeExpr) {
        if !(self.visit)(Node::Type(ty)) {
            return;
        }
        match &ty.kind {
            TypeExprKind::Literal(literal) => self.expr(literal),
            TypeExprKind::Generic(_, types) | TypeExprKind::Union(types) => types.iter().for_each(|ty| self.ty(ty)),
            TypeExprKind::List(inner) | TypeExprKind::Optional(inner) => self.ty(inner),
            TypeExprKind::Map(key, value) => {
                self.ty(key);
                self.ty(value);
            }
            TypeExprKind::Record(fields) => {
                for field in fields {
                    if (self.visit)(Node::Field(field)) {
                        self.ty(&field.ty);
                        field.default.iter().for_each(|default| self.expr(default));
                    }
                }
            }
            TypeExprKind::Refined { base, rule, message } => {
                self.ty(base);
                self.expr(rule);
                message.iter().for_each(|message| self.expr(message));
            }
            TypeExprKind::Name(_) | TypeExprKind::Kind(_) | TypeExprKind::Error => {}
        }
    }

    fn expr(&mut self, expr: &'a Expr) {
        if !(self.visit)(Node::Expr(expr)) {
            return;
        }
        match &expr.kind {
            ExprKind::Interpolated(parts) => {
                for part in parts {
                    if let StringPart::Expr(inner) = part {
                        self.expr(inner);
                    }
                }
            }
            ExprKind::Field { base, .. } => self.expr(base),
            ExprKind::Index { base, index, .. } => self.both(base, index),
            ExprKind::Call { callee, args, .. } => {
                self.expr(callee);
                args.iter().for_each(|Arg { value, .. }| self.expr(value));
            }
            ExprKind::Unary(_, inner) | ExprKind::Raw(inner) => self.expr(inner),
            ExprKind::Binary(_, _, left, right) => self.both(left, right),
            ExprKind::Cond(condition, then, otherwise) => {
                self.expr(condition);
                self.both(then, otherwise);
            }
            ExprKind::Match { subject, arms, .. } => {
                self.expr(subject);
                for arm in arms {
                    if (self.visit)(Node::Arm(arm)) {
                        arm.patterns.iter().for_each(|pattern| self.expr(pattern));
                        self.expr(&arm.body);
                    }
                }
            }
            ExprKind::List(items) => self.items(items),
            ExprKind::Object(entries) => self.entries(entries),
            ExprKind::Block(lets, value) => {
                lets.iter().for_each(|binding| self.binding(binding));
                self.expr(value);
            }
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Uint(_)
            | ExprKind::Float(_)
            | ExprKind::Suffixed(_)
            | ExprKind::String(_)
            | ExprKind::Bytes(_)
            | ExprKind::Name(_)
            | ExprKind::Error => {}
        }
    }

    fn both(&mut self, first: &'a Expr, second: &'a Expr) {
        self.expr(first);
        self.expr(second);
    }

    fn items(&mut self, items: &'a [Item]) {
        for item in items {
            if !(self.visit)(Node::Item(item)) {
                continue;
            }
            match item {
                Item::Value(value) | Item::Optional(value) | Item::Spread(value, _) => self.expr(value),
                Item::If { condition, then, otherwise, .. } => {
                    self.expr(condition);
                    self.items(then);
                    self.items(otherwise);
                }
                Item::For { head, body, .. } => {
                    self.head(head);
                    self.items(body);
                }
            }
        }
    }

    fn entries(&mut self, entries: &'a [Entry]) {
        for entry in entries {
            if !(self.visit)(Node::Entry(entry)) {
                continue;
            }
            match entry {
                Entry::Field { key, value, .. } => {
                    if let Key::Computed(key) = key {
                        self.expr(key);
                    }
                    self.expr(value);
                }
                Entry::Spread(value, _) => self.expr(value),
                Entry::If { condition, then, otherwise, .. } => {
                    self.expr(condition);
                    self.entries(then);
                    self.entries(otherwise);
                }
                Entry::For { head, body, .. } => {
                    self.head(head);
                    self.entries(body);
                }
                Entry::Short(_) | Entry::Error(_) => {}
            }
        }
    }
}
