//! Values: what is of the expected type, and what leads to it.

use tessera_compiler::check::{Parameter, Variable, VariableKind};
use tessera_compiler::resolve::Target;
use tessera_compiler::schema::Schemas;
use tessera_compiler::syntax::ast::{Decl, DeclKind};
use tessera_compiler::types::{Type, fits};

use crate::feature::imports;

use super::skeleton::{Holes, Skeleton, escape};
use super::{Context, Doc, Item, ItemKind, Notation, Rank, types};

/// Values for a place of which a type is expected, or anything.
pub(super) fn values(context: &Context<'_>, expected: Option<&Type>, variables: &[Variable]) -> Vec<Item> {
    let mut items = Vec::new();
    if let Some(ty) = expected {
        constants(context, ty, &mut items);
    }
    if context.word.quoted || context.word.notation == Notation::Yaml {
        return items;
    }
    if let Some(ty) = expected {
        made(context, ty, &mut items);
    }
    for variable in variables.iter().rev() {
        of_variable(context, variable, expected, &mut items);
    }
    declared(context, expected, &mut items);
    functions(expected, &mut items);
    items.extend(keywords());
    items
}

/// The values that a type names.
fn constants(context: &Context<'_>, ty: &Type, items: &mut Vec<Item>) {
    match ty.structure() {
        Type::Bool => items.extend(["true", "false"].map(|word| Item::new(word, ItemKind::Value, Rank::Fits))),
        Type::Null => items.push(Item::new("null", ItemKind::Value, Rank::Possible)),
        Type::Literal(value) => {
            let written = ty.display(context.schemas()).to_string();
            let bare = value.as_str().map_or_else(|| written.clone(), str::to_owned);
            let inside = context.word.quoted || context.word.notation == Notation::Yaml && value.as_str().is_some();
            if context.word.quoted && value.as_str().is_none() {
                return;
            }
            let insert = match (inside, context.word.unclosed) {
                (true, true) => format!("{bare}\""),
                (true, false) => bare.clone(),
                (false, _) => written.clone(),
            };
            let item =
                Item::new(if inside { bare.clone() } else { written }, ItemKind::Value, Rank::Fits).insert(insert);
            items.push(Item { filter: Some(bare), order: items.len(), ..item });
        }
        Type::Union(members) => members.iter().for_each(|member| constants(context, member, items)),
        Type::Optional(inner) | Type::Observed(inner) => constants(context, inner, items),
        _ => {}
    }
}

/// An object, list or reference of the type, with what is required in it.
fn made(context: &Context<'_>, ty: &Type, items: &mut Vec<Item>) {
    let schemas = context.schemas();
    let label = match ty.structure() {
        Type::Union(members) => return members.iter().for_each(|member| made(context, member, items)),
        Type::Optional(inner) => return made(context, inner, items),
        Type::Record(_) | Type::Schema(_) | Type::Map(_) | Type::Secret(_) => "{ … }",
        Type::List(_) => "[ … ]",
        _ => return,
    };
    let text = Skeleton::new(schemas, Holes::Snippet).value(ty, "");
    let item = Item::new(label, ItemKind::Snippet, Rank::Fits).typed(ty, schemas).snippet(text);
    items.push(Item { filter: Some(label.get(..1).unwrap_or("").to_owned()), ..item });
}

fn of_variable(context: &Context<'_>, variable: &Variable, expected: Option<&Type>, items: &mut Vec<Item>) {
    let schemas = context.schemas();
    let kind = if variable.kind == VariableKind::Resource { ItemKind::Resource } else { ItemKind::Variable };
    let rank = rank(schemas, &variable.ty, expected);
    items.push(Item::new(variable.name.as_str(), kind, rank).typed(&variable.ty, schemas));
    let Some(expected) = expected.filter(|_| rank != Rank::Fits) else { return };
    if variable.kind == VariableKind::Resource {
        // Another object is mostly meant by its name.
        if fits(schemas, &Type::String, expected) && matches!(variable.ty.structure(), Type::Schema(_)) {
            let name = format!("{}.metadata.name", variable.name);
            items.push(Item::new(name, ItemKind::Field, Rank::Leads).typed(&variable.ty, schemas));
        }
        return;
    }
    let Some(record) = variable.ty.record(schemas) else { return };
    for (name, field) in
        record.fields.iter().filter(|(_, field)| !field.optional && is_exactly(schemas, &field.ty, expected))
    {
        let label = format!("{}.{name}", variable.name);
        items.push(
            Item::new(label, ItemKind::Field, Rank::Leads).typed(&field.ty, schemas).doc(Doc::of(field.doc.as_ref())),
        );
    }
}

/// Constants and functions of the module and of what it imports.
fn declared(context: &Context<'_>, expected: Option<&Type>, items: &mut Vec<Item>) {
    let Some(module) = context.module() else { return };
    // A declaration that is being written does not need itself.
    for decl in module.ast.decls.iter().filter(|decl| !decl.span.touches(context.word.probe)) {
        items.extend(value_item(context, decl, "", expected));
    }
    for (name, import) in &module.imports {
        match import.target {
            Target::Decl(decl) => {
                let found =
                    context.analysis.modules.decl(decl).and_then(|decl| value_item(context, decl, "", expected));
                items.extend(found.map(|item| renamed(item, name)));
            }
            Target::Module(id) => {
                items.push(Item::new(name.as_str(), ItemKind::Module, Rank::Possible).detail("module"));
                let Some(target) = context.analysis.modules.get(id) else { continue };
                let prefix = format!("{name}.");
                let found = target.ast.decls.iter().filter(|decl| !decl.private);
                items.extend(found.filter_map(|decl| value_item(context, decl, &prefix, expected)));
            }
            Target::Missing => {}
        }
    }
    items.extend(not_imported(context, module, expected));
}

/// An imported declaration goes by the name that the import gives it.
fn renamed(item: Item, name: &str) -> Item {
    let insert = item.insert.replacen(&item.label, name, 1);
    Item { label: name.to_owned(), insert, ..item }
}

/// The functions and constants of modules that are loaded or in the standard library, with the import that they need.
fn not_imported(
    context: &Context<'_>,
    module: &tessera_compiler::resolve::Module,
    expected: Option<&Type>,
) -> Vec<Item> {
    // With no word yet, these would only be in the way.
    if context.word.typed.is_empty() {
        return Vec::new();
    }
    let mut items = Vec::new();
    for (other, name) in imports::others(&context.analysis.modules, module) {
        let Some(alias) = name.rsplit('.').next() else { continue };
        let import = types::unprobed(context, imports::of_module(module, &name));
        let prefix = format!("{alias}.");
        let found = other
            .ast
            .decls
            .iter()
            .filter(|decl| !decl.private)
            .filter_map(|decl| value_item(context, decl, &prefix, expected));
        items.extend(found.map(|item| {
            let detail = format!("use {name}");
            Item { rank: Rank::Imported, import: Some(import.clone()), detail: Some(detail), ..item }
        }));
    }
    items
}

fn value_item(context: &Context<'_>, decl: &Decl, prefix: &str, expected: Option<&Type>) -> Option<Item> {
    let doc = Doc::of(decl.doc.as_ref());
    let schemas = context.schemas();
    let declared = |span| context.analysis.facts.declared.iter().find(|(own, _)| *own == span).map(|(_, ty)| ty);
    match &decl.kind {
        DeclKind::Let(binding) => {
            let label = format!("{prefix}{}", binding.name.name);
            let ty = declared(binding.name.span);
            let rank = ty.map_or(Rank::Possible, |ty| rank(schemas, ty, expected));
            let item = Item::new(label, ItemKind::Constant, rank).doc(doc);
            Some(match ty {
                Some(ty) => item.typed(ty, schemas),
                None => item,
            })
        }
        DeclKind::Fn(function) => {
            let label = format!("{prefix}{}", function.name.name);
            let source = &context.analysis.modules.sources;
            let result = function.result.as_ref().map_or("", |ty| source.text(ty.span)).trim();
            let fits = expected.is_some_and(|ty| ty.display(schemas).to_string() == result);
            let rank = if fits { Rank::Fits } else { Rank::Possible };
            let required = function.params.iter().filter(|p| p.default.is_none()).count();
            let holes: Vec<String> = (1..=required).map(|n| format!("${n}")).collect();
            let insert = if context.word.after.starts_with('(') {
                escape(&label)
            } else {
                format!("{}({})", escape(&label), holes.join(", "))
            };
            let detail = format!("fn → {result}");
            Some(Item::new(label, ItemKind::Function, rank).detail(detail).doc(doc).snippet(insert))
        }
        _ => None,
    }
}

/// The library's functions that are called by their name alone.
fn functions(expected: Option<&Type>, items: &mut Vec<Item>) {
    let plain = |f: &&tessera_compiler::library::Function| f.overloads.iter().any(|o| !o.receiver);
    let rank = if expected.is_some() { Rank::Rare } else { Rank::Possible };
    for function in
        tessera_compiler::library::all().iter().filter(plain).filter(|f| f.name.starts_with(char::is_alphabetic))
    {
        let detail = function.signatures().next().unwrap_or_default();
        let item = Item::new(function.name, ItemKind::Function, rank).detail(detail);
        items.push(item.doc(Doc::Text(function.doc.to_owned())).snippet(format!("{}($1)", function.name)));
    }
    let has = Item::new("has", ItemKind::Function, rank).detail("has(value.field) → Bool").snippet("has($1)");
    items.push(has.doc(Doc::Text("Whether a field or an entry is there.".to_owned())));
}

fn keywords() -> Vec<Item> {
    let item = |label: &str, text: &str| Item::new(label, ItemKind::Keyword, Rank::Rare).snippet(text);
    vec![
        item("if", "if ${1:condition} then ${2:value} else ${3:other}"),
        item("match", "match ${1:value} {\n  ${2:pattern} => ${3:result}\n}"),
    ]
}

/// The names of the parameters of a function that is called.
pub(super) fn arguments(context: &Context<'_>, parameters: &[Parameter]) -> Vec<Item> {
    let item = |(order, parameter): (usize, &Parameter)| {
        let rank = if parameter.optional { Rank::Fits } else { Rank::Required };
        let item =
            Item::new(format!("{}:", parameter.name), ItemKind::Field, rank).typed(&parameter.ty, context.schemas());
        Item {
            required: !parameter.optional,
            order,
            filter: Some(parameter.name.to_string()),
            ..item.insert(format!("{}: ", parameter.name))
        }
    };
    if context.word.after.trim_start().starts_with(':') {
        Vec::new()
    } else {
        parameters.iter().enumerate().map(item).collect()
    }
}

/// The resources among variables.
pub(super) fn resources(context: &Context<'_>, variables: &[Variable]) -> Vec<Item> {
    let resources = variables.iter().filter(|variable| variable.kind == VariableKind::Resource);
    resources
        .map(|r| Item::new(r.name.as_str(), ItemKind::Resource, Rank::Fits).typed(&r.ty, context.schemas()))
        .collect()
}

fn rank(schemas: &Schemas, ty: &Type, expected: Option<&Type>) -> Rank {
    match expected {
        None => Rank::Possible,
        Some(_) if matches!(ty.peel(), Type::Unknown) => Rank::Possible,
        Some(expected) if fits(schemas, ty, expected) => Rank::Fits,
        Some(_) => Rank::Rare,
    }
}

/// Whether a field of a variable is worth naming: of the same type, not one that anything fits.
fn is_exactly(schemas: &Schemas, ty: &Type, expected: &Type) -> bool {
    !matches!(expected.structure(), Type::Dyn | Type::Unknown) && fits(schemas, ty, expected)
}
