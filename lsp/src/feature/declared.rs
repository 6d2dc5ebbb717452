//! What a name is declared as, found in the syntax at the place of the name.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use tessera_compiler::analysis::Analysis;
use tessera_compiler::source::Span;
use tessera_compiler::syntax::ast::{
    Composite, Decl, DeclKind, Expr, FnParam, Function, Ident, Key, Let, Member, MemberKind, Resource, TypeExpr,
};
use tessera_compiler::syntax::{Node, ast, walk};

use super::names;

/// What a name is declared as, and the name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Declared<'a> {
    /// The name.
    pub(crate) name: &'a Ident,
    /// What it is.
    pub(crate) kind: Kind<'a>,
    /// Its documentation.
    pub(crate) doc: Option<&'a SmolStr>,
    /// What declares it, documentation left out; the name where that is all.
    pub(crate) span: Span,
    /// What it is declared in: a composite or function.
    pub(crate) owner: Option<&'a Ident>,
}

/// The kinds of declaration.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind<'a> {
    /// A type.
    Type,
    /// A constant of a module.
    Constant,
    /// A function.
    Function(&'a Function),
    /// A function's parameter.
    Argument(&'a FnParam),
    /// A composite.
    Composite(&'a Composite),
    /// A composite's parameter: type and default.
    Param(Option<&'a TypeExpr>, Option<&'a Expr>),
    /// A `let` of a composite, function or loop.
    Binding(&'a Let),
    /// An output.
    Output,
    /// A resource.
    Resource(&'a Resource),
    /// A resource that others make.
    External(&'a Resource),
    /// A field of a record type.
    Field,
    /// A field of an object that no type was given for.
    Key,
    /// A variable of a loop or macro.
    Variable,
}

/// What the name at this place is declared as; `None` where none is declared there.
#[must_use]
pub(crate) fn declared(analysis: &Analysis, name: Span) -> Option<Declared<'_>> {
    let (_, module) = names::module_of(analysis, name.file)?;
    let mut search = Search { name: Some(name), owner: None, found: Vec::new() };
    walk(&module.ast, &mut |node| search.visit(node));
    search.found.pop()
}

/// All that a module declares, by the place of the name.
pub(crate) fn all(module: &ast::Module) -> FxHashMap<Span, Declared<'_>> {
    let mut search = Search { name: None, owner: None, found: Vec::new() };
    walk(module, &mut |node| search.visit(node));
    // A `let` is met as a member first, which tells more.
    search.found.into_iter().rev().map(|declared| (declared.name.span, declared)).collect()
}

struct Search<'a> {
    /// The only name that is looked for, where not all are.
    name: Option<Span>,
    owner: Option<&'a Ident>,
    found: Vec<Declared<'a>>,
}

impl<'a> Search<'a> {
    fn is_in(&self, span: Span) -> bool {
        self.name.is_none_or(|name| span.start <= name.start && name.end <= span.end)
    }

    fn is_done(&self) -> bool {
        self.name.is_some() && !self.found.is_empty()
    }

    fn take(&mut self, name: &'a Ident, kind: Kind<'a>, doc: Option<&'a SmolStr>, span: Span) {
        if self.name.is_none_or(|wanted| name.span == wanted) && !self.is_done() {
            self.found.push(Declared { name, kind, doc, span, owner: self.owner });
        }
    }

    fn visit(&mut self, node: Node<'a>) -> bool {
        match node {
            _ if self.is_done() => return false,
            Node::Decl(decl) => return self.is_in(decl.span) && self.decl(decl),
            Node::Member(member) => return self.is_in(member.span) && self.member(member),
            Node::Let(binding) => {
                let span = binding.name.span.to(binding.value.span);
                self.take(&binding.name, Kind::Binding(binding), None, span);
            }
            Node::FnParam(param) => {
                let end = param.default.as_ref().map(|d| d.span).or(param.ty.as_ref().map(|t| t.span));
                let span = end.map_or(param.name.span, |end| param.name.span.to(end));
                self.take(&param.name, Kind::Argument(param), None, span);
                return self.is_in(span);
            }
            Node::Field(field) => {
                let end = field.default.as_ref().map_or(field.ty.span, |default| default.span);
                let span = field.name.span.to(end);
                self.take(&field.name, Kind::Field, field.doc.as_ref(), span);
                return self.is_in(span);
            }
            Node::Loop(head) => {
                for name in std::iter::once(&head.first).chain(&head.second) {
                    self.take(name, Kind::Variable, None, name.span);
                }
            }
            Node::Type(ty) => return self.is_in(ty.span),
            Node::Expr(expr) => return self.is_in(expr.span),
            Node::Entry(ast::Entry::Field { doc, key: Key::Word { name, .. }, .. }) => {
                self.take(name, Kind::Key, doc.as_ref(), name.span);
            }
            Node::Entry(ast::Entry::Short(name)) => self.take(name, Kind::Key, None, name.span),
            Node::Entry(_) | Node::Item(_) | Node::Arm(_) => {}
        }
        !self.is_done()
    }

    fn decl(&mut self, decl: &'a Decl) -> bool {
        self.owner = None;
        let doc = decl.doc.as_ref();
        match &decl.kind {
            DeclKind::Type { name, .. } => self.take(name, Kind::Type, doc, decl.span),
            DeclKind::Let(binding) => self.take(&binding.name, Kind::Constant, doc, decl.span),
            DeclKind::Fn(function) => {
                self.take(&function.name, Kind::Function(function), doc, decl.span);
                self.owner = Some(&function.name);
            }
            DeclKind::Composite(composite) => {
                self.take(&composite.name, Kind::Composite(composite), doc, decl.span);
                self.owner = Some(&composite.name);
            }
            DeclKind::Resource(resource) => self.take(&resource.name, Kind::Resource(resource), doc, decl.span),
            DeclKind::External(resource) => self.take(&resource.name, Kind::External(resource), doc, decl.span),
            DeclKind::Instance(_) | DeclKind::Error => {}
        }
        !self.is_done()
    }

    fn member(&mut self, member: &'a Member) -> bool {
        let doc = member.doc.as_ref();
        match &member.kind {
            MemberKind::Param { name, ty, default } => {
                self.take(name, Kind::Param(ty.as_ref(), default.as_ref()), doc, member.span);
            }
            MemberKind::Let(binding) => self.take(&binding.name, Kind::Binding(binding), doc, member.span),
            MemberKind::Output(output) => self.take(&output.name, Kind::Output, doc, member.span),
            MemberKind::Resource(resource) => self.take(&resource.name, Kind::Resource(resource), doc, member.span),
            MemberKind::External(resource) => self.take(&resource.name, Kind::External(resource), doc, member.span),
            _ => {}
        }
        !self.is_done()
    }
}
