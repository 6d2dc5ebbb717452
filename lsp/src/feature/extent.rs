//! How far a declaration reaches, so that an editor can tell which one its cursor is in.

use tessera_compiler::compile::Compilation;
use tessera_compiler::source::Span;
use tessera_compiler::syntax::ast::{DeclKind, Member, MemberKind};

/// The whole declaration of a name: the smallest one around the name's place, or that place.
pub(crate) fn extent(compilation: &Compilation, name: Span) -> Span {
    let modules = compilation.modules.ids().filter_map(|id| compilation.modules.get(id));
    let Some(module) = modules.into_iter().find(|module| module.file == name.file) else { return name };
    let Some(decl) = module.ast.decls.iter().find(|decl| within(decl.span, name)) else { return name };
    match &decl.kind {
        DeclKind::Composite(composite) => member(&composite.members, name).unwrap_or(decl.span),
        _ => decl.span,
    }
}

fn within(span: Span, name: Span) -> bool {
    span.start <= name.start && name.end <= span.end
}

fn member(members: &[Member], name: Span) -> Option<Span> {
    let around = members.iter().find(|member| within(member.span, name))?;
    let inside = match &around.kind {
        MemberKind::If { then, otherwise, .. } => member(then, name).or_else(|| member(otherwise, name)),
        MemberKind::For { body, .. } => member(body, name),
        _ => None,
    };
    Some(inside.unwrap_or(around.span))
}
