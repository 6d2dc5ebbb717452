//! What stands after a dot: fields and functions of a value, members of a module.

use tessera_compiler::library;
use tessera_compiler::resolve::ModuleId;
use tessera_compiler::schema::DefId;
use tessera_compiler::syntax::ast::DeclKind;
use tessera_compiler::types::Type;

use super::skeleton::escape;
use super::{Context, Doc, Item, ItemKind, Rank};

/// Macros that go over a list or map, with what is written.
const MACROS: [(&str, &str, &str); 8] = [
    ("map", "map(${1:x}, ${2:x})", "A list of what an expression makes of each element."),
    ("filter", "filter(${1:x}, ${2:condition})", "The elements for which a condition holds."),
    ("all", "all(${1:x}, ${2:condition})", "Whether a condition holds for every element."),
    ("exists", "exists(${1:x}, ${2:condition})", "Whether a condition holds for some element."),
    ("exists_one", "exists_one(${1:x}, ${2:condition})", "Whether a condition holds for one element only."),
    ("sortBy", "sortBy(${1:x}, ${2:x})", "The elements, sorted by what an expression makes of each."),
    ("transformList", "transformList(${1:k}, ${2:v}, ${3:v})", "A list of what an expression makes of each entry."),
    ("transformMap", "transformMap(${1:k}, ${2:v}, ${3:v})", "A map with the same keys and other values."),
];

/// The fields and functions of a value.
pub(super) fn members(context: &Context<'_>, base: &Type) -> Vec<Item> {
    let mut items = Vec::new();
    fields(context, base, &mut items);
    methods(base, &mut items);
    items
}

fn fields(context: &Context<'_>, base: &Type, items: &mut Vec<Item>) {
    let schemas = context.schemas();
    match base.structure() {
        Type::Union(members) => members.iter().for_each(|member| fields(context, member, items)),
        Type::Optional(inner) => {
            let mut found = Vec::new();
            fields(context, inner, &mut found);
            // What may be absent is asked with `?.`; a bare dot is an error.
            items.extend(found.into_iter().map(|item| Item { rank: Rank::Possible, ..item }));
        }
        _ => {
            let def = if let Type::Schema(def) = base.structure() { Some(*def) } else { None };
            let Some(record) = base.record(schemas) else { return };
            items.extend(record.fields.iter().map(|(name, field)| {
                let deprecated = def.is_some_and(|def| schemas.is_field_deprecated(def, name));
                let rank = if deprecated { Rank::Deprecated } else { Rank::Fits };
                let item = Item::new(name.as_str(), ItemKind::Field, rank).typed(&field.ty, schemas);
                Item { deprecated, ..item.doc(doc(field.doc.as_ref(), def, name)) }
            }));
        }
    }
}

fn doc(own: Option<&smol_str::SmolStr>, def: Option<DefId>, name: &smol_str::SmolStr) -> Doc {
    match (own, def) {
        (Some(doc), _) => Doc::Text(doc.to_string()),
        (None, Some(def)) => Doc::Field(def, name.clone()),
        (None, None) => Doc::None,
    }
}

fn methods(base: &Type, items: &mut Vec<Item>) {
    let base = base.base().unwrap_or(Type::Dyn);
    if matches!(base.structure(), Type::List(_) | Type::Map(_) | Type::Dyn) {
        items.extend(MACROS.map(|(name, insert, doc)| {
            Item::new(name, ItemKind::Method, Rank::Possible).snippet(insert).doc(Doc::Text(doc.to_owned()))
        }));
    }
    for function in library::all() {
        let takes =
            |overload: &&'static library::Overload| overload.receiver && library::takes_receiver(overload, &base);
        let Some(overload) = function.overloads.iter().find(takes) else { continue };
        let holes: Vec<String> = (1..overload.params.len()).map(|n| format!("${n}")).collect();
        let insert = format!("{}({})", escape(function.name), holes.join(", "));
        let item = Item::new(function.name, ItemKind::Method, Rank::Possible).snippet(insert);
        items.push(item.detail(library::signature(function.name, overload)).doc(Doc::Text(function.doc.to_owned())));
    }
}

/// The declarations of a module that others may name; in a `use` all of them.
pub(super) fn of_module(context: &Context<'_>, module: ModuleId, import: bool) -> Vec<Item> {
    let Some(found) = context.analysis.modules.get(module) else { return Vec::new() };
    let item = |decl: &tessera_compiler::syntax::ast::Decl| {
        let name = tessera_compiler::resolve::declared_name(decl).filter(|_| !decl.private)?;
        let kind = match &decl.kind {
            DeclKind::Type { .. } => ItemKind::Type,
            DeclKind::Let(_) => ItemKind::Constant,
            DeclKind::Fn(_) => ItemKind::Function,
            DeclKind::Composite(_) => ItemKind::Composite,
            _ => return None,
        };
        let item = Item::new(name.name.as_str(), kind, Rank::Fits).doc(Doc::of(decl.doc.as_ref()));
        let called = !import && kind == ItemKind::Function && !context.word.after.starts_with('(');
        Some(if called { item.snippet(format!("{}($1)", name.name)) } else { item })
    };
    found.ast.decls.iter().filter_map(item).collect()
}
