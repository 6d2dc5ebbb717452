//! An expression, taken out to a name of its own.

use smol_str::SmolStr;
use tessera_compiler::check::Named;
use tessera_compiler::source::Span;
use tessera_compiler::syntax::ast::{self, Composite, Decl, DeclKind, Entry, Expr, ExprKind, Key, Member, MemberKind};
use tessera_compiler::syntax::{Node, walk};
use tessera_compiler::types::Type;

use super::{Action, Aim, Choice};
use crate::feature::Edit;

/// The expressions that are worth a name.
struct Found<'a> {
    expr: &'a Expr,
    /// The key that it is the value of, for its name.
    key: Option<&'a str>,
    decl: &'a Decl,
}

/// What may be made of the chosen expression.
pub(super) fn extractions(choice: &Choice<'_>) -> Vec<Action> {
    let Some(found) = chosen(choice) else { return Vec::new() };
    let free = free_names(choice, found.expr);
    let outside = |span: &Span| span.file == choice.file && within(*span, found.decl.span);
    let local: Vec<Span> = free.iter().copied().filter(outside).collect();
    let mut actions = Vec::new();
    if let DeclKind::Composite(composite) = &found.decl.kind {
        let names = scope(&composite.members);
        if local.iter().all(|span| names.iter().any(|own| own.span == *span)) {
            actions.extend(to_member(choice, composite, &found, &names));
        }
    }
    if local.is_empty() && !uses_self(choice, found.expr) {
        actions.push(to_constant(choice, &found));
    }
    actions
}

/// The expression that is exactly what is chosen, blanks at its ends apart.
fn chosen<'a>(choice: &Choice<'a>) -> Option<Found<'a>> {
    let picked = choice.text.get(choice.start as usize..choice.end as usize)?;
    let start = choice.start + (picked.len() - picked.trim_start().len()) as u32;
    let end = choice.end - (picked.len() - picked.trim_end().len()) as u32;
    let mut best: Option<&Expr> = None;
    let (mut key, mut decl) = (None, None);
    walk(&choice.module.ast, &mut |node| {
        let span = match node {
            Node::Decl(found) => {
                if found.span.start <= start && end <= found.span.end {
                    decl = Some(found);
                }
                found.span
            }
            Node::Expr(expr) => {
                if (expr.span.start, expr.span.end) == (start, end) {
                    best = Some(expr);
                }
                expr.span
            }
            Node::Entry(Entry::Field { key: Key::Word { name, .. }, value, .. }) => {
                if (value.span.start, value.span.end) == (start, end) {
                    key = Some(name.name.as_str());
                }
                return true;
            }
            _ => return true,
        };
        span.start <= start && end <= span.end
    });
    let expr = best.filter(|expr| !matches!(expr.kind, ExprKind::Name(_) | ExprKind::Error | ExprKind::Block(..)))?;
    Some(Found { expr, key, decl: decl? })
}

/// Where the names are declared that an expression uses and does not declare itself.
fn free_names(choice: &Choice<'_>, expr: &Expr) -> Vec<Span> {
    let references = choice.analysis.facts.references.iter().filter(|r| within(r.span, expr.span));
    references
        .filter_map(|reference| match reference.named {
            // What stands at its own place is declared there: a field's key, a macro's variable.
            Named::Source(span) if !within(span, expr.span) && !is_field(choice, reference.span) => Some(span),
            _ => None,
        })
        .collect()
}

/// Whether a name is that of a field: after a dot, or before a colon.
fn is_field(choice: &Choice<'_>, name: Span) -> bool {
    let before = choice.text.get(..name.start as usize).unwrap_or("");
    let after = choice.text.get(name.end as usize..).unwrap_or("").trim_start();
    before.ends_with('.') || after.starts_with(':')
}

fn within(inner: Span, outer: Span) -> bool {
    inner.file == outer.file && outer.start <= inner.start && inner.end <= outer.end
}

/// Whether an expression reads `self`.
fn uses_self(choice: &Choice<'_>, expr: &Expr) -> bool {
    let references = choice.analysis.facts.references.iter();
    references.filter(|r| within(r.span, expr.span)).any(|r| r.named == Named::Builtin("self".into()))
}

/// The names of a composite that are the same everywhere in it: a resource is a list outside its loop.
fn scope(members: &[Member]) -> Vec<&ast::Ident> {
    let names = members.iter().filter_map(|member| match &member.kind {
        MemberKind::Param { name, .. } => Some(name),
        MemberKind::Let(binding) => Some(&binding.name),
        _ => None,
    });
    names.collect()
}

/// A `let` before the member, and where nothing of the composite is used a parameter too.
fn to_member(choice: &Choice<'_>, composite: &Composite, found: &Found<'_>, names: &[&ast::Ident]) -> Vec<Action> {
    let Some(member) = composite.members.iter().find(|member| within(found.expr.span, member.span)) else {
        return Vec::new();
    };
    let taken: Vec<&str> = names.iter().map(|name| name.name.as_str()).chain(resources(&composite.members)).collect();
    let name = name(choice, found, &taken);
    let value = choice.text.get(found.expr.span.start as usize..found.expr.span.end as usize).unwrap_or("");
    let indent = choice.indent(member.span.start);
    let mut actions =
        vec![action(found, (member_start(choice, member), indent), &name, &format!("let {name} = {value}"), "let")];
    let mut params = composite.members.iter().filter(|member| matches!(member.kind, MemberKind::Param { .. }));
    let uses_names = free_names(choice, found.expr).iter().any(|span| names.iter().any(|own| own.span == *span));
    let ty = choice.analysis.facts.types.iter().find(|(span, _)| *span == found.expr.span).map(|(_, ty)| ty.widen());
    let written = ty.filter(|ty| {
        matches!(ty.peel(), Type::String | Type::Int | Type::Bool | Type::Float | Type::Quantity | Type::Duration)
    });
    if let (Some(ty), false, false) = (written, uses_names, uses_self(choice, found.expr)) {
        let line = format!("param {name}: {} = {value}", ty.display(&choice.analysis.schemas));
        let first = composite.members.first().map_or(member.span.start, |first| member_start(choice, first));
        let after = params
            .next_back()
            .map_or(first, |last| choice.line_start(last.span.end) + line_length(choice, last.span.end));
        if after <= found.expr.span.start {
            actions.push(action(found, (after, indent), &name, &line, "param"));
        }
    }
    actions
}

/// The length of the line of a place, its break included.
fn line_length(choice: &Choice<'_>, at: u32) -> u32 {
    let start = choice.line_start(at) as usize;
    let rest = choice.text.get(start..).unwrap_or("");
    rest.find('\n').map_or(rest.len(), |i| i + 1) as u32
}

/// Where the lines of a member begin, its documentation and comments of its own included.
fn member_start(choice: &Choice<'_>, member: &Member) -> u32 {
    let mut start = choice.line_start(member.span.start);
    while let Some(before) = start.checked_sub(1).map(|end| choice.line_start(end)) {
        let line = choice.text.get(before as usize..start as usize).unwrap_or("");
        if !line.trim_start().starts_with("//") {
            break;
        }
        start = before;
    }
    start
}

fn to_constant(choice: &Choice<'_>, found: &Found<'_>) -> Action {
    let taken: Vec<&str> =
        choice.module.names.keys().chain(choice.module.imports.keys()).map(SmolStr::as_str).collect();
    let name = name(choice, found, &taken);
    let value = choice.text.get(found.expr.span.start as usize..found.expr.span.end as usize).unwrap_or("");
    let member = Member { doc: None, kind: MemberKind::Error, span: found.decl.span };
    let mut action = action(
        found,
        (member_start(choice, &member), ""),
        &name,
        &format!("let {name} = {value}"),
        "constant of the module",
    );
    if let Some(first) = action.edits.first_mut() {
        first.text.push('\n');
    }
    action
}

fn action(found: &Found<'_>, (at, indent): (u32, &str), name: &str, line: &str, what: &str) -> Action {
    let insert = Edit { start: at, end: at, text: format!("{indent}{line}\n") };
    let replace = Edit { start: found.expr.span.start, end: found.expr.span.end, text: name.to_owned() };
    Action { title: format!("Extract to a {what}: `{name}`"), aim: Aim::Extract, edits: vec![insert, replace] }
}

/// A name that is not taken: the key's, where it has one.
fn name(choice: &Choice<'_>, found: &Found<'_>, taken: &[&str]) -> String {
    let is_word = |key: &&str| {
        key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && key.starts_with(|c: char| c.is_ascii_alphabetic())
    };
    let base = found.key.filter(is_word).map_or_else(|| "value".to_owned(), kebab);
    let is_taken = |name: &str| {
        taken.contains(&name) || choice.module.names.contains_key(name) || choice.module.imports.contains_key(name)
    };
    let numbered = (2..).map(|number| format!("{base}-{number}"));
    std::iter::once(base.clone()).chain(numbered).find(|name| !is_taken(name)).unwrap_or(base)
}

/// `minReplicas` as the language's own names are written: `min-replicas`.
fn kebab(key: &str) -> String {
    let mut out = String::new();
    for c in key.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn resources(members: &[Member]) -> Vec<&str> {
    members
        .iter()
        .flat_map(|member| match &member.kind {
            MemberKind::Resource(resource) | MemberKind::External(resource) => vec![resource.name.name.as_str()],
            MemberKind::If { then, otherwise, .. } => [resources(then), resources(otherwise)].concat(),
            MemberKind::For { body, .. } => resources(body),
            _ => Vec::new(),
        })
        .collect()
}
