//! The parts of files that are doubted as a whole, and the names they declare.

use rustc_hash::FxHashSet;

use crate::resolve::{Modules, Origin};
use crate::source::{FileId, Span};
use crate::syntax::ast::{Composite, Decl, DeclKind, ForHead, Ident, Member, MemberKind};

/// Where a name is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Scope {
    /// In all modules.
    Everywhere,
    /// In the composite with this number.
    Composite(usize),
}

/// A declaration, or a member of a composite without the members in it.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) span: Span,
    pub(super) scope: Scope,
    /// What it declares.
    pub(super) names: Vec<String>,
    /// What it declares is known although it mentions something doubtful.
    pub(super) stops: bool,
}

/// A word of a text.
#[derive(Debug)]
pub(super) struct Word<'t> {
    pub(super) text: &'t str,
    /// A colon follows at once, so that it names nothing.
    pub(super) is_key: bool,
}

/// The words of a text, those in strings and comments too: a name that is only
/// talked about makes a part doubtful without need, which hides little.
pub(super) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let start = at + rest.find(inner)?;
        let word = text.get(start..)?;
        let len = word.find(|c| !inner(c)).unwrap_or(word.len());
        at = start + len;
        Some(Word { text: word.get(..len)?, is_key: text.get(at..)?.starts_with(':') })
    })
}

/// What a line that could not be read at all likely was to declare.
pub(super) fn names_of_line(line: &str) -> impl Iterator<Item = String> {
    let head = line.split(['=', ':', '(', '{', '"']).next().unwrap_or("");
    words(head).skip(1).map(|w| w.text.to_owned())
}

/// The parts of all modules of the project.
pub(super) fn of(modules: &Modules) -> Vec<Part> {
    let mut parts = Parts { found: Vec::new(), composites: 0 };
    for module in modules.list.iter().filter(|m| m.origin != Origin::Standard) {
        module.ast.decls.iter().for_each(|decl| parts.declaration(decl));
    }
    parts.found
}

/// The files among these in which something that has a name could not be read.
pub(super) fn lost(modules: &Modules, files: &FxHashSet<FileId>) -> FxHashSet<FileId> {
    let among = modules.list.iter().filter(|m| files.contains(&m.file));
    among.filter(|m| m.ast.decls.iter().any(loses_names)).map(|m| m.file).collect()
}

fn loses_names(decl: &Decl) -> bool {
    fn in_members(members: &[Member]) -> bool {
        members.iter().any(|m| match &m.kind {
            MemberKind::Error => true,
            MemberKind::If { then, otherwise, .. } => in_members(then) || in_members(otherwise),
            MemberKind::For { body, .. } => in_members(body),
            _ => false,
        })
    }
    match &decl.kind {
        DeclKind::Error => true,
        DeclKind::Composite(composite) => in_members(&composite.members),
        _ => false,
    }
}

struct Parts {
    found: Vec<Part>,
    composites: usize,
}

impl Parts {
    fn push(&mut self, span: Span, scope: Scope, names: &[&Ident], stops: bool) {
        let names = names.iter().filter(|n| !n.name.is_empty()).map(|n| n.name.to_string()).collect();
        self.found.push(Part { span, scope, names, stops });
    }

    fn declaration(&mut self, decl: &Decl) {
        let mut push = |names: &[&Ident], stops| self.push(decl.span, Scope::Everywhere, names, stops);
        match &decl.kind {
            DeclKind::Type { name, .. } => push(&[name], false),
            DeclKind::Let(binding) => push(&[&binding.name], false),
            DeclKind::Fn(function) => push(&[&function.name], false),
            DeclKind::Resource(resource) | DeclKind::External(resource) => push(&[&resource.name], true),
            DeclKind::Composite(composite) => self.composite(composite, decl.span),
            DeclKind::Instance(_) => push(&[], true),
            DeclKind::Error => {}
        }
    }

    fn composite(&mut self, composite: &Composite, span: Span) {
        self.composites += 1;
        let head_end = composite.members.first().map_or(composite.close.start, |m| m.span.start);
        let head = composite.api.as_ref().map_or(composite.name.span, |(_, api)| *api);
        let head = Span { start: span.start, end: head.end.min(head_end), ..span };
        self.push(head, Scope::Everywhere, &[&composite.name], true);
        self.members(&composite.members, Scope::Composite(self.composites));
    }

    fn members(&mut self, members: &[Member], scope: Scope) {
        for member in members {
            self.member(member, scope);
        }
    }

    fn member(&mut self, member: &Member, scope: Scope) {
        let before = |inner: &[Member]| {
            let end = inner.first().map_or(member.span.end, |m| m.span.start);
            Span { end, ..member.span }
        };
        match &member.kind {
            MemberKind::Param { name, .. } => self.push(member.span, scope, &[name], false),
            MemberKind::Let(binding) | MemberKind::Output(binding) => {
                self.push(member.span, scope, &[&binding.name], false)
            }
            MemberKind::Resource(resource) | MemberKind::External(resource) => {
                self.push(member.span, scope, &[&resource.name], true);
            }
            MemberKind::If { then, otherwise, .. } => {
                self.push(before(then), scope, &[], true);
                self.members(then, scope);
                self.members(otherwise, scope);
            }
            MemberKind::For { head: ForHead { first, second, .. }, body, .. } => {
                let names: Vec<&Ident> = std::iter::once(first).chain(second).collect();
                self.push(before(body), scope, &names, false);
                self.members(body, scope);
            }
            _ => self.push(member.span, scope, &[], true),
        }
    }
}
