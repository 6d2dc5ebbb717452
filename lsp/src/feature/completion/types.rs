//! Types: those of the language, of the module, of what it imports and could import; kinds.

use tessera_compiler::resolve::{Module, Target};
use tessera_compiler::syntax::ast::{Decl, DeclKind};

use crate::feature::{Edit, imports};

use super::{Context, Doc, Item, ItemKind, Rank, kinds};

/// The types of the language itself, each with a sentence.
const BUILTIN: [(&str, &str); 11] = [
    ("String", "Text."),
    ("Int", "A whole number of 64 bits."),
    ("Float", "A number of 64 bits with a fraction."),
    ("Bool", "`true` or `false`."),
    ("Quantity", "An amount as Kubernetes writes it: `500m`, `256Mi`."),
    ("Duration", "A length of time: `90s`, `12h`."),
    ("Timestamp", "A point in time."),
    ("Bytes", "Bytes."),
    ("Uint", "A whole number of 64 bits that is not negative."),
    ("Any", "Anything; nothing of it is checked."),
    ("Secret", "A reference to a key of a Secret: `Secret<String>`."),
];

/// What may stand where a type is expected.
pub(super) fn types(context: &Context<'_>) -> Vec<Item> {
    let builtin = |(name, doc): &(&str, &str)| {
        let item = Item::new(*name, ItemKind::Type, Rank::Possible).doc(Doc::Text((*doc).to_owned()));
        if *name == "Secret" { item.snippet("Secret<${1:String}>") } else { item }
    };
    let mut items: Vec<Item> = BUILTIN.iter().map(builtin).collect();
    items.extend(tessera_stdlib::prelude_names().iter().map(|name| {
        Item::new(*name, ItemKind::Type, Rank::Possible).detail("standard library").doc(prelude_doc(name))
    }));
    let Some(module) = context.module() else { return items };
    items.extend(module.ast.decls.iter().filter_map(|decl| type_item(decl, "", Rank::Fits)));
    for (name, import) in &module.imports {
        match import.target {
            Target::Decl(decl) => {
                let found = context.analysis.modules.decl(decl).and_then(|decl| type_item(decl, "", Rank::Fits));
                items.extend(found.map(|item| Item { label: name.to_string(), insert: name.to_string(), ..item }));
            }
            Target::Module(id) => {
                let Some(target) = context.analysis.modules.get(id) else { continue };
                let prefix = format!("{name}.");
                let own = target.ast.decls.iter().filter(|decl| !decl.private);
                items.extend(own.filter_map(|decl| type_item(decl, &prefix, Rank::Possible)));
            }
            Target::Missing => {}
        }
    }
    items.extend(not_imported(context, module));
    items.extend(kinds::in_types(context));
    items
}

fn not_imported(context: &Context<'_>, module: &Module) -> Vec<Item> {
    if context.word.typed.is_empty() {
        return Vec::new();
    }
    let mut items = Vec::new();
    for (other, name) in imports::others(&context.analysis.modules, module) {
        for item in
            other.ast.decls.iter().filter(|decl| !decl.private).filter_map(|decl| type_item(decl, "", Rank::Imported))
        {
            let import = unprobed(context, imports::of_member(module, &name, &item.label));
            items.push(Item { detail: Some(format!("use {name}")), import: Some(import), ..item });
        }
    }
    items
}

fn type_item(decl: &Decl, prefix: &str, rank: Rank) -> Option<Item> {
    let DeclKind::Type { name, .. } = &decl.kind else { return None };
    Some(Item::new(format!("{prefix}{}", name.name), ItemKind::Type, rank).doc(Doc::of(decl.doc.as_ref())))
}

/// An import, at its place in the text as it is.
pub(super) fn unprobed(context: &Context<'_>, import: Edit) -> (u32, String) {
    (context.word.unprobed(import.start), import.text)
}

/// The documentation of a type that needs no import.
fn prelude_doc(name: &str) -> Doc {
    let Some(text) = tessera_stdlib::module(tessera_stdlib::PRELUDE_MODULE) else { return Doc::None };
    let head = format!("type {name} ");
    let Some(at) = text.find(&head) else { return Doc::None };
    let lines = text.get(..at).unwrap_or("").lines().rev().take_while(|line| line.starts_with("///"));
    let mut lines: Vec<&str> = lines.map(|line| line.trim_start_matches("///").trim()).collect();
    lines.reverse();
    Doc::Text(lines.join("\n"))
}
