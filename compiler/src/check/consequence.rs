//! One cause, one error: what is found in a part of a file that could not be
//! read as written is likely a consequence of that, and is not said.

use rustc_hash::FxHashSet;

use crate::diagnostic::Diagnostic;
use crate::resolve::Modules;
use crate::source::{FileId, Span};
use crate::syntax::ast::{Decl, DeclKind, Member, MemberKind};

/// Drops what is said of members and declarations that hold a syntax error,
/// and what is said of unknown names in files where a declaration was lost.
pub(crate) fn drop_consequences(modules: &Modules, diagnostics: &mut Vec<Diagnostic>) {
    let syntax: Vec<Span> = diagnostics.iter().filter(|d| is_syntax(d)).map(|d| d.primary.span).collect();
    if syntax.is_empty() {
        return;
    }
    let unread = unread(modules, &syntax);
    let files: FxHashSet<FileId> = syntax.iter().map(|s| s.file).collect();
    let mut broken = Vec::new();
    let mut lost: FxHashSet<FileId> = FxHashSet::default();
    for module in modules.list.iter().filter(|m| files.contains(&m.file)) {
        let errors: Vec<Span> = syntax.iter().copied().filter(|s| s.file == module.file).collect();
        module.ast.decls.iter().for_each(|decl| in_decl(decl, &errors, &mut broken));
        let covered = |error: &Span| {
            module.ast.decls.iter().any(|d| !matches!(d.kind, DeclKind::Error) && within(*error, d.span))
        };
        if !errors.iter().all(covered) || module.ast.decls.iter().any(loses_names) {
            lost.insert(module.file);
        }
    }
    diagnostics.retain(|d| {
        let here = d.primary.span;
        let unknown = matches!(d.code.id, "E0201" | "E0903" | "E0605" | "W0801") && lost.contains(&here.file);
        let of_unread = matches!(d.code.id, "E0302" | "E0303" | "E0310")
            && (unread.iter().any(|span| within(here, *span))
                || d.secondary.iter().any(|label| broken.iter().any(|span| within(label.span, *span))));
        is_syntax(d) || !(unknown || of_unread || broken.iter().any(|span| within(here, *span)))
    });
}

/// The instances of composites with a syntax error in their head or in a
/// parameter: their fields are not known.
fn unread(modules: &Modules, errors: &[Span]) -> Vec<Span> {
    let decls = || modules.list.iter().flat_map(|m| m.ast.decls.iter());
    let mut kinds: FxHashSet<&str> = FxHashSet::default();
    for decl in decls() {
        let DeclKind::Composite(composite) = &decl.kind else { continue };
        let lost = |error: &&Span| {
            within(**error, decl.span)
                && composite
                    .members
                    .iter()
                    .find(|m| within(**error, m.span))
                    .is_none_or(|m| matches!(m.kind, MemberKind::Param { .. } | MemberKind::Error))
        };
        if errors.iter().any(|error| lost(&error)) {
            kinds.insert(composite.name.name.as_str());
        }
    }
    let of_kind = |decl: &&Decl| match &decl.kind {
        DeclKind::Instance(instance) => {
            instance.composite.segments.last().is_some_and(|kind| kinds.contains(kind.name.as_str()))
        }
        _ => false,
    };
    decls().filter(of_kind).map(|decl| decl.span).collect()
}

fn is_syntax(diagnostic: &Diagnostic) -> bool {
    diagnostic.code.id.starts_with("E00") || diagnostic.code.id.starts_with("E01")
}

fn within(inner: Span, outer: Span) -> bool {
    inner.file == outer.file && outer.start <= inner.start && inner.start <= outer.end
}

/// The innermost member with an error, or else the declaration.
fn in_decl(decl: &Decl, errors: &[Span], broken: &mut Vec<Span>) {
    for error in errors.iter().filter(|e| within(**e, decl.span)) {
        match &decl.kind {
            DeclKind::Composite(composite) => broken.push(innermost(&composite.members, *error).unwrap_or(*error)),
            _ => broken.push(decl.span),
        }
    }
}

fn innermost(members: &[Member], error: Span) -> Option<Span> {
    let member = members.iter().find(|m| within(error, m.span))?;
    let inner = match &member.kind {
        MemberKind::If { then, otherwise, .. } => innermost(then, error).or_else(|| innermost(otherwise, error)),
        MemberKind::For { body, .. } => innermost(body, error),
        _ => None,
    };
    Some(inner.unwrap_or(member.span))
}

/// Whether something that would have had a name could not be read.
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
