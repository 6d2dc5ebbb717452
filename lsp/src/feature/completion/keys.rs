//! Keys: the fields that an object still lacks, and keys that maps have elsewhere.

use rustc_hash::FxHashSet;
use smol_str::SmolStr;
use tessera_compiler::check::Variable;
use tessera_compiler::resolve::Origin;
use tessera_compiler::schema::DefId;
use tessera_compiler::types::{Field, Type};

use super::skeleton::{Holes, Skeleton};
use super::{Context, Doc, Item, ItemKind, Notation, Rank};

/// The fields that are not there yet, required ones first; of a map, keys that are in use.
pub(super) fn keys(context: &Context<'_>, ty: &Type, hidden: &[SmolStr], given: &[SmolStr]) -> Vec<Item> {
    let mut items = Vec::new();
    fields(context, ty, hidden, given, &mut items);
    items
}

fn fields(context: &Context<'_>, ty: &Type, hidden: &[SmolStr], given: &[SmolStr], items: &mut Vec<Item>) {
    let schemas = context.schemas();
    match ty.structure() {
        Type::Union(members) => members.iter().for_each(|member| fields(context, member, hidden, given, items)),
        Type::Optional(inner) | Type::Observed(inner) => fields(context, inner, hidden, given, items),
        Type::Map(_) => items.extend(used_keys(context, given)),
        Type::Secret(_) => items.extend(["secret", "key"].map(|key| {
            let item = Item::new(key, ItemKind::Field, Rank::Required).snippet(format!("{key}: \"$1\""));
            Item { required: true, ..item }
        })),
        _ => {
            let def = if let Type::Schema(def) = ty.structure() { Some(*def) } else { None };
            let Some(record) = ty.record(schemas) else { return };
            let wanted = |name: &SmolStr| !given.contains(name) && !hidden.contains(name);
            let lacking = record.fields.iter().filter(|(name, _)| wanted(name));
            items.extend(lacking.map(|(name, field)| item(context, def, name, field)));
        }
    }
}

fn item(context: &Context<'_>, def: Option<DefId>, name: &SmolStr, field: &Field) -> Item {
    let schemas = context.schemas();
    let required = !field.optional && field.default.is_none();
    let deprecated = def.is_some_and(|def| schemas.is_field_deprecated(def, name));
    let rank = match (deprecated, required) {
        (true, _) => Rank::Deprecated,
        (_, true) => Rank::Required,
        _ => Rank::Fits,
    };
    let doc = match (&field.doc, def) {
        (Some(doc), _) => Doc::Text(doc.to_string()),
        (None, Some(def)) => Doc::Field(def, name.clone()),
        (None, None) => Doc::None,
    };
    let mut detail = field.ty.display(schemas).to_string();
    if let Some(value) = field.default.as_ref().and_then(|default| default.known()) {
        detail.push_str(&format!(" = {}", value.shown()));
    }
    if required {
        detail.push_str(" (required)");
    }
    let item = Item::new(name.as_str(), ItemKind::Field, rank).detail(detail).doc(doc);
    Item { required, deprecated, ..with_value(context, item, &field.ty) }
}

/// The key alone where a colon follows already, otherwise with a value to fill.
fn with_value(context: &Context<'_>, item: Item, ty: &Type) -> Item {
    let word = context.word;
    let name = key(&item.label);
    if word.after.trim_start().starts_with(':') {
        return item.insert(name);
    }
    let value = match context.word.notation {
        Notation::Tessera => Skeleton::new(context.schemas(), Holes::Snippet).value(ty, ""),
        Notation::Yaml => Skeleton::yaml(context.schemas(), Holes::Snippet).value(ty, ""),
    };
    // Editors indent the further lines of a snippet as the first.
    if value.starts_with('\n') {
        item.snippet(format!("{name}:{value}"))
    } else {
        item.snippet(format!("{name}: {value}"))
    }
}

/// A key as it is written: in quotes where it is no word.
pub(super) fn key(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if !name.is_empty() && name.chars().all(plain) { name.to_owned() } else { format!("{name:?}") }
}

/// Variables whose name is that of a field: `{ owner }` is short for `{ owner: owner }`.
pub(super) fn short(context: &Context<'_>, ty: &Type, given: &[SmolStr], variables: &[Variable]) -> Vec<Item> {
    let schemas = context.schemas();
    let Some(record) = ty.record(schemas).filter(|_| context.word.notation == Notation::Tessera) else {
        return Vec::new();
    };
    if context.word.after.trim_start().starts_with(':') {
        return Vec::new();
    }
    let fits = |variable: &&Variable| {
        let field = record.fields.get(&variable.name).filter(|_| !given.contains(&variable.name));
        field.is_some_and(|field| tessera_compiler::types::fits(schemas, &variable.ty, &field.ty))
    };
    let item = |variable: &Variable| {
        let detail = format!("short for `{0}: {0}`", variable.name);
        Item::new(variable.name.as_str(), ItemKind::Variable, Rank::Fits).detail(detail)
    };
    variables.iter().filter(fits).map(item).collect()
}

/// Keys with a dot or a slash, as labels and annotations have them, that the project uses, and those
/// that the standard library knows.
fn used_keys(context: &Context<'_>, given: &[SmolStr]) -> Vec<Item> {
    let mut found: Vec<&str> = Vec::new();
    let modules = context.analysis.modules.list.iter().filter(|m| m.origin != Origin::Standard);
    let texts = modules.filter_map(|m| context.analysis.modules.sources.get(m.file)).map(|file| &*file.text);
    let mut seen = FxHashSet::default();
    for text in texts.chain(tessera_stdlib::module("std.labels")) {
        found.extend(label_keys(text).filter(|key| seen.insert(*key)));
    }
    let new = found.into_iter().filter(|key| !given.iter().any(|own| own == key) && !super::word::is_probe(key));
    new.map(|label| {
        let item = Item::new(label, ItemKind::Field, Rank::Possible).detail("a key that is in use");
        if context.word.after.trim_start().starts_with(':') {
            item.insert(key(label))
        } else {
            item.snippet(format!("{}: \"$1\"", key(label)))
        }
    })
    .collect()
}

/// The words before a colon that have a dot or a slash in them.
fn label_keys(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    text.match_indices(": ").filter_map(move |(at, _)| {
        let head = text.get(..at)?;
        let start = head.len() - head.bytes().rev().take_while(|b| is_part(*b as char)).count();
        let word = head.get(start..)?;
        let before = head.get(..start)?.trim_end_matches([' ', '\t']);
        let opens = before.is_empty() || before.ends_with(['\n', '{', ',', '}']);
        (opens && word.contains('.') && !word.starts_with('.') && word.len() < 128).then_some(word)
    })
}
