//! What sources declare.

use tessera_compiler::analysis::Analysis;
use tessera_compiler::resolve::Origin;
use tessera_compiler::source::Span;
use tessera_compiler::syntax::ast::{DeclKind, Entry, Expr, ExprKind, Key, Member, MemberKind, Resource};
use tessera_compiler::types::Type;

use super::schema;
use super::text::Text;
use crate::feature::declared::{Declared, Kind, declared as find};
use crate::feature::names;

/// What is declared with its name at `name` and read at `here`.
pub(super) fn declared(analysis: &Analysis, name: Span, here: Span) -> Option<String> {
    let Some(found) = find(analysis, name) else { return variable(analysis, name, here) };
    let mut text = Text::code(head(analysis, &found, here));
    text.add(found.doc.map_or("", |doc| doc.as_str()));
    facts(analysis, &found, here, &mut text);
    Some(text.done())
}

/// A macro's variable: nothing but what checking noted tells of it.
fn variable(analysis: &Analysis, name: Span, here: Span) -> Option<String> {
    let ty = type_of(analysis, name, here)?;
    let text = analysis.modules.sources.text(name);
    Some(Text::code(format!("{text}: {}", ty.display(&analysis.schemas))).done())
}

/// The type of a declared name, in this file or as it is read here.
fn type_of(analysis: &Analysis, name: Span, here: Span) -> Option<&Type> {
    names::declared_type(analysis, name).or_else(|| names::read_type(analysis, here))
}

/// The declaration as the language writes it.
fn head(analysis: &Analysis, found: &Declared<'_>, here: Span) -> String {
    let sources = &analysis.modules.sources;
    let name = &found.name.name;
    let ty = || {
        let ty = type_of(analysis, found.name.span, here);
        ty.map_or_else(|| "?".to_owned(), |ty| ty.widen().display(&analysis.schemas).to_string())
    };
    let written = |span: Span| sources.text(span).to_owned();
    let kind_of =
        |resource: &Resource| resource.kind.as_ref().map_or_else(String::new, |(kind, _)| format!(": {kind}"));
    match found.kind {
        Kind::Type | Kind::Param(..) | Kind::Argument(_) | Kind::Field => written(found.span),
        Kind::Function(function) => {
            let params = function.params.last().map_or(function.name.span, |last| {
                let end = last.default.as_ref().map(|d| d.span).or(last.ty.as_ref().map(|ty| ty.span));
                end.unwrap_or(last.name.span)
            });
            match &function.result {
                Some(result) => written(Span { end: result.span.end, ..found.span }),
                None => written(Span { end: params.end, ..found.span }),
            }
        }
        Kind::Composite(composite) => {
            let api = composite.api.as_ref().map_or_else(String::new, |(api, _)| format!(": {api}"));
            format!("composite {name}{api}")
        }
        Kind::Constant => {
            let value = analysis.constant(found.name.span).map(|value| format!(" = {}", value.shown()));
            format!("let {name}: {}{}", ty(), value.unwrap_or_default())
        }
        Kind::Binding(binding) => {
            let literal = match type_of(analysis, found.name.span, here) {
                Some(Type::Literal(value)) => Some(value.shown()),
                _ => is_literal(&binding.value).then(|| written(binding.value.span)),
            };
            format!("let {name}: {}{}", ty(), literal.map_or_else(String::new, |value| format!(" = {value}")))
        }
        Kind::Output => format!("output {name}: {}", ty()),
        Kind::Resource(resource) => format!("resource {name}{}", kind_of(resource)),
        Kind::External(resource) => format!("external {name}{}", kind_of(resource)),
        Kind::Key | Kind::Variable => format!("{name}: {}", ty()),
    }
}

const fn is_literal(expr: &Expr) -> bool {
    use ExprKind::{Bool, Float, Int, String, Suffixed, Uint};
    matches!(expr.kind, Bool(_) | Float(_) | Int(_) | String(_) | Suffixed(_) | Uint(_))
}

/// What the declaration does not say itself.
fn facts(analysis: &Analysis, found: &Declared<'_>, here: Span, text: &mut Text) {
    let ty = type_of(analysis, found.name.span, here).or_else(|| names::given_type(analysis, here));
    let owner = found.owner.map_or_else(String::new, |owner| format!(" of `{}`", owner.name));
    match found.kind {
        Kind::Param(ty, default) => {
            let may_be_absent =
                ty.is_some_and(|ty| matches!(ty.kind, tessera_compiler::syntax::ast::TypeExprKind::Optional(_)));
            let need = match (default, may_be_absent) {
                (Some(_), _) => "has a default",
                (None, true) => "may be absent",
                (None, false) => "required",
            };
            text.fact(format!("Parameter{owner}, {need}"));
        }
        Kind::Argument(_) => text.fact(format!("Parameter{owner}")),
        Kind::Composite(composite) => {
            let count = |is_it: fn(&MemberKind) -> bool| composite.members.iter().filter(|m| is_it(&m.kind)).count();
            let params = count(|kind| matches!(kind, MemberKind::Param { .. }));
            let scope = composite.members.iter().find_map(|m| match &m.kind {
                MemberKind::Scope(word) => Some(word.name.as_str()),
                _ => None,
            });
            let scope = scope.unwrap_or("namespaced");
            text.fact(format!("{params} parameter{}, {scope}", if params == 1 { "" } else { "s" }));
        }
        Kind::Resource(resource) | Kind::External(resource) => {
            if let Some(Type::Schema(def)) = ty.map(Type::structure) {
                text.add(&schema::summary(&analysis.schemas, *def).unwrap_or_default());
                schema::about_kind(&analysis.schemas, *def, text);
            }
            if let Some(name) = object_name(analysis, resource) {
                text.fact(format!("In the cluster: `{name}`"));
            }
        }
        Kind::Output => text.fact(format!("Field of the status{owner}")),
        _ => {}
    }
    if let Some(ty) = ty.filter(|_| !matches!(found.kind, Kind::Composite(_) | Kind::Resource(_) | Kind::External(_))) {
        about_type(analysis, ty, text);
    }
    let narrowed = names::read_type(analysis, here).filter(|_| here != found.name.span);
    if let (Some(narrowed), Some(ty)) = (narrowed, ty) {
        let (narrowed, ty) =
            (narrowed.display(&analysis.schemas).to_string(), ty.display(&analysis.schemas).to_string());
        let is_more = narrowed != ty && format!("{narrowed}?") != ty && format!("{ty}?") != narrowed && narrowed != "?";
        if is_more && !matches!(found.kind, Kind::Constant | Kind::Binding(_)) {
            text.fact(format!("Here: `{narrowed}`"));
        }
    }
    from_where(analysis, found, text);
}

fn from_where(analysis: &Analysis, found: &Declared<'_>, text: &mut Text) {
    let Some((_, module)) = names::module_of(analysis, found.name.span.file) else { return };
    let name = module.ast.name.as_ref().map_or_else(|| module.path.to_string(), |path| path.dotted());
    match &module.origin {
        Origin::Standard => text.fact(format!("Standard library: `{name}`")),
        Origin::Dependency(alias) => text.fact(format!("From the dependency `{alias}`: `{name}`")),
        Origin::Project => {}
    }
}

/// What a named type asks of its values.
pub(super) fn about_type(analysis: &Analysis, ty: &Type, text: &mut Text) {
    about(analysis, ty, text, 0);
}

fn about(analysis: &Analysis, ty: &Type, text: &mut Text, depth: u8) {
    if depth > 4 {
        return;
    }
    match ty {
        Type::Named(named) => {
            let shown = named.ty.display(&analysis.schemas).to_string();
            if matches!(named.ty, Type::Union(_) | Type::Refined(_)) {
                text.fact(format!("`{}` is `{}`", named.name, shown.replace('\n', " ")));
            }
            about(analysis, &named.ty, text, depth + 1);
        }
        Type::Refined(rule) => {
            if let Some(message) = rule.message.as_ref().and_then(|m| m.known()).and_then(|v| v.as_str()) {
                text.fact(format!("Rule: {message}"));
            }
            about(analysis, &rule.base, text, depth + 1);
        }
        Type::Optional(inner) | Type::List(inner) | Type::Observed(inner) | Type::Secret(inner) => {
            about(analysis, inner, text, depth + 1);
        }
        _ => {}
    }
}

/// The name that the object of a resource has in a cluster, as far as the source tells: a text, or with
/// `${…}` for what differs.
#[must_use]
pub(crate) fn object_name(analysis: &Analysis, resource: &Resource) -> Option<String> {
    let sources = &analysis.modules.sources;
    if let Some(written) = written_name(&resource.body) {
        return match &written.kind {
            ExprKind::String(text) => Some(text.to_string()),
            ExprKind::Interpolated(_) => {
                let text = sources.text(written.span);
                Some(text.trim_matches('"').to_owned()).filter(|text| !text.contains('\n'))
            }
            _ => Some(format!("${{{}}}", sources.text(written.span))).filter(|text| text.len() < 80),
        };
    }
    let (_, module) = names::module_of(analysis, resource.name.span.file)?;
    let is_in = |span: Span| span.start <= resource.name.span.start && resource.name.span.end <= span.end;
    let decl = module.ast.decls.iter().find(|decl| is_in(decl.span))?;
    let DeclKind::Composite(composite) = &decl.kind else { return Some(resource.name.name.to_string()) };
    let mut name = format!("${{self.name}}-{}", resource.name.name);
    let mut members: &[Member] = &composite.members;
    while let Some(member) = members.iter().find(|member| is_in(member.span)) {
        members = match &member.kind {
            MemberKind::For { head, key, body } => {
                let key = key.as_ref().map_or(head.first.span, |key| key.span);
                name.push_str(&format!("-${{{}}}", sources.text(key)));
                body
            }
            MemberKind::If { then, otherwise, .. } => {
                if then.iter().any(|member| is_in(member.span)) {
                    then
                } else {
                    otherwise
                }
            }
            _ => break,
        };
    }
    Some(name)
}

/// The value of `metadata.name` where it is written.
pub(crate) fn written_name(body: &Expr) -> Option<&Expr> {
    field(field(body, "metadata")?, "name")
}

fn field<'a>(object: &'a Expr, wanted: &str) -> Option<&'a Expr> {
    let ExprKind::Object(entries) = &object.kind else { return None };
    entries.iter().find_map(|entry| match entry {
        Entry::Field { key: Key::Word { name, .. }, value, .. } if name.name == wanted => Some(value),
        _ => None,
    })
}
