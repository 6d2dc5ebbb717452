//! What a document declares, as a tree, and what a workspace declares, by name.

use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use tessera_compiler::resolve::Origin;
use tessera_compiler::source::{FileId, Span};
use tessera_compiler::syntax::ast::{
    Decl, DeclKind, FieldDecl, Ident, Instance, Member, MemberKind, Module, Resource, TypeExpr, TypeExprKind,
};

use crate::workspace::compiled::Compiled;

/// How many symbols of a workspace are given.
const MAX_FOUND: usize = 256;

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Type,
    Constant,
    Function,
    Composite,
    Parameter,
    Output,
    Resource,
    Instance,
    Field,
    Block,
}

/// A declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Symbol {
    pub(crate) name: String,
    pub(crate) detail: String,
    pub(crate) what: What,
    pub(crate) whole: Span,
    pub(crate) named: Span,
    pub(crate) children: Vec<Symbol>,
}

/// The declarations of a module.
pub(crate) fn document(module: &Module, text: &str) -> Vec<Symbol> {
    module.decls.iter().filter_map(|decl| declaration(decl, text)).collect()
}

fn symbol(what: What, name: &Ident, whole: Span, detail: impl Into<String>, children: Vec<Symbol>) -> Symbol {
    Symbol {
        name: name.name.to_string(),
        detail: detail.into(),
        what,
        whole: whole.to(name.span),
        named: name.span,
        children,
    }
}

fn declaration(decl: &Decl, text: &str) -> Option<Symbol> {
    let one = |what, name, detail: String, children| Some(symbol(what, name, decl.span, detail, children));
    match &decl.kind {
        DeclKind::Type { name, ty } => one(What::Type, name, String::new(), fields(ty, text)),
        DeclKind::Let(l) => one(What::Constant, &l.name, type_text(l.ty.as_ref(), text), Vec::new()),
        DeclKind::Fn(f) => one(What::Function, &f.name, type_text(f.result.as_ref(), text), Vec::new()),
        DeclKind::Composite(c) => {
            let api = c.api.as_ref().map_or_else(String::new, |(api, _)| api.to_string());
            one(What::Composite, &c.name, api, members(&c.members, text))
        }
        DeclKind::Resource(r) | DeclKind::External(r) => Some(resource(r, decl.span)),
        DeclKind::Instance(i) => Some(instance(i, decl.span)),
        DeclKind::Error => None,
    }
}

fn resource(resource: &Resource, whole: Span) -> Symbol {
    let kind = resource.kind.as_ref().map_or_else(String::new, |(kind, _)| kind.to_string());
    symbol(What::Resource, &resource.name, whole, kind, Vec::new())
}

fn instance(instance: &Instance, whole: Span) -> Symbol {
    symbol(What::Instance, &instance.name, whole, instance.composite.dotted(), Vec::new())
}

fn members(members: &[Member], text: &str) -> Vec<Symbol> {
    members.iter().filter_map(|member| self::member(member, text)).collect()
}

fn member(member: &Member, text: &str) -> Option<Symbol> {
    let whole = member.span;
    let block = |name: String, named: Span, children: Vec<Symbol>| {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        let symbol = Symbol { name, detail: String::new(), what: What::Block, whole: whole.to(named), named, children };
        (!symbol.children.is_empty()).then_some(symbol)
    };
    match &member.kind {
        MemberKind::Param { name, ty, .. } => {
            let children = ty.as_ref().map(|ty| fields(ty, text)).unwrap_or_default();
            Some(symbol(What::Parameter, name, whole, type_text(ty.as_ref(), text), children))
        }
        MemberKind::Let(l) => Some(symbol(What::Constant, &l.name, whole, type_text(l.ty.as_ref(), text), Vec::new())),
        MemberKind::Output(l) => Some(symbol(What::Output, &l.name, whole, type_text(l.ty.as_ref(), text), Vec::new())),
        MemberKind::Resource(r) | MemberKind::External(r) => Some(resource(r, whole)),
        MemberKind::If { condition, then, otherwise } => {
            let children = members(then, text).into_iter().chain(members(otherwise, text)).collect();
            block(format!("if {}", condition.span.text(text)), condition.span, children)
        }
        MemberKind::For { head, body, .. } => block(
            format!("for {} in {}", head.first.name, head.range.span.text(text)),
            head.first.span,
            members(body, text),
        ),
        _ => None,
    }
}

/// The fields of a record type.
fn fields(ty: &TypeExpr, text: &str) -> Vec<Symbol> {
    let mut ty = ty;
    loop {
        match &ty.kind {
            TypeExprKind::Optional(inner) | TypeExprKind::List(inner) => ty = inner,
            TypeExprKind::Map(_, value) => ty = value,
            TypeExprKind::Refined { base, .. } => ty = base,
            TypeExprKind::Record(fields) => return fields.iter().map(|field| self::field(field, text)).collect(),
            _ => return Vec::new(),
        }
    }
}

fn field(field: &FieldDecl, text: &str) -> Symbol {
    let whole = field.name.span.to(field.ty.span);
    symbol(What::Field, &field.name, whole, type_text(Some(&field.ty), text), fields(&field.ty, text))
}

/// A type as written, where that is short.
fn type_text(ty: Option<&TypeExpr>, text: &str) -> String {
    let written = ty.map_or("", |ty| ty.span.text(text));
    if written.contains('\n') { String::new() } else { written.to_owned() }
}

/// A symbol of the workspace.
pub(crate) struct Found {
    pub(crate) symbol: Symbol,
    /// What it is declared in, where it is in something.
    pub(crate) within: Option<String>,
    pub(crate) compiled: Arc<Compiled>,
}

/// The symbols of the projects' own sources whose names have the letters of a query in their
/// order, the closest first.
pub(crate) fn workspace(compilations: &[Arc<Compiled>], query: &str) -> Vec<Found> {
    let query: Vec<char> = query.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let mut found: Vec<(usize, Found)> = Vec::new();
    let mut seen: FxHashSet<(PathBuf, u32)> = FxHashSet::default();
    for compiled in compilations {
        for module in compiled.compilation.modules.list.iter().filter(|module| module.origin == Origin::Project) {
            let Some(path) = compiled.path(module.file) else { continue };
            let text = compiled.compilation.sources().get(module.file).map_or("", |file| &*file.text);
            flat(document(&module.ast, text), None, &mut |symbol, within| {
                let Some(distance) = distance(&symbol.name, &query) else { return };
                if seen.insert((path.to_owned(), symbol.named.start)) {
                    found.push((
                        distance,
                        Found { symbol, within: within.map(str::to_owned), compiled: compiled.clone() },
                    ));
                }
            });
        }
    }
    let key = |(distance, found): &(usize, Found)| (*distance, found.symbol.name.clone());
    found.sort_by_key(key);
    found.truncate(MAX_FOUND);
    found.into_iter().map(|(_, found)| found).collect()
}

/// Symbols that people look for by name.
fn flat(symbols: Vec<Symbol>, within: Option<&str>, give: &mut impl FnMut(Symbol, Option<&str>)) {
    for mut symbol in symbols {
        let children = std::mem::take(&mut symbol.children);
        match symbol.what {
            What::Block => flat(children, within, give),
            What::Field => {}
            _ => {
                let name = symbol.name.clone();
                give(symbol, within);
                flat(children, Some(&name), give);
            }
        }
    }
}

/// How far a name is from a query; nothing where it has not all of its letters in order.
fn distance(name: &str, query: &[char]) -> Option<usize> {
    let mut at = 0;
    let mut gaps = 0;
    let letters: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    for wanted in query {
        let gap = letters.get(at..)?.iter().position(|letter| letter == wanted)?;
        gaps += gap;
        at += gap + 1;
    }
    Some(gaps * 8 + letters.len() - at)
}

/// The place of a symbol's file.
pub(crate) const fn file(symbol: &Symbol) -> FileId {
    symbol.named.file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_of_a_query_may_have_others_between_them() {
        let query = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(distance("FinancialBackend", &query("xyz")), None);
        assert!(distance("FinancialBackend", &query("fb")).is_some());
        assert!(distance("Backend", &query("back")) < distance("FinancialBackend", &query("back")));
        assert_eq!(distance("anything", &[]), Some(8));
    }
}
