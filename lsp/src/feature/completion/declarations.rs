//! What stands at the top of a module: declarations, instances, imports.

use tessera_compiler::resolve::{Origin, Target};
use tessera_compiler::syntax::ast::{Composite, DeclKind, MemberKind};

use crate::feature::imports;

use super::skeleton::escape;
use super::{Context, Doc, Item, ItemKind, Rank, members, types};

/// The declarations as one begins them.
const DECLARATIONS: [(&str, &str); 8] = [
    ("module", "module ${1:name}"),
    ("use", "use ${1:module}"),
    ("type", "type ${1:Name} = $0"),
    ("let", "let ${1:name} = $0"),
    ("fn", "fn ${1:name}(${2:parameter}: ${3:String}) -> ${4:String} = $0"),
    (
        "composite",
        "composite ${1:Name}: ${2:platform.example.com/v1alpha1} {\n  param ${3:name}: ${4:String}\n\n  $0\n}",
    ),
    ("resource", "resource ${1:name}: ${2:v1/ConfigMap} {\n  $0\n}"),
    ("private", "private "),
];

/// Declarations, and instances of the composites that are known.
pub(super) fn declarations(context: &Context<'_>) -> Vec<Item> {
    let item = |(label, text): &(&str, &str)| Item::new(*label, ItemKind::Keyword, Rank::Possible).snippet(*text);
    let mut items: Vec<Item> = DECLARATIONS.iter().map(item).collect();
    items.extend(super::snippets::resources(context));
    items.extend(instances(context));
    items
}

/// An instance of each composite with what it must be given.
fn instances(context: &Context<'_>) -> Vec<Item> {
    composites(context, &instance)
}

/// The kinds of which an instance that is written may be.
pub(super) fn heads(context: &Context<'_>) -> Vec<Item> {
    let head = |composite: &Composite| Item::new(composite.name.name.as_str(), ItemKind::Composite, Rank::Fits);
    let Some((qualifier, "")) = context.word.before.trim_start().rsplit_once('.') else {
        return composites(context, &head);
    };
    let import = context.module().and_then(|own| own.imports.get(qualifier));
    let Some(Target::Module(id)) = import.map(|import| &import.target) else { return Vec::new() };
    members::of_module(context, *id, true).into_iter().filter(|item| item.kind == ItemKind::Composite).collect()
}

/// An item for each composite that is known, and the import that it needs.
fn composites(context: &Context<'_>, item: &dyn Fn(&Composite) -> Item) -> Vec<Item> {
    let Some(own) = context.module() else { return Vec::new() };
    let mut items = Vec::new();
    for module in context.analysis.modules.list.iter().filter(|m| m.origin != Origin::Standard) {
        for decl in module.ast.decls.iter().filter(|decl| module.file == own.file || !decl.private) {
            let DeclKind::Composite(composite) = &decl.kind else { continue };
            let item = item(composite).doc(Doc::of(decl.doc.as_ref()));
            let name = module.ast.name.as_ref().map(|name| name.dotted());
            let visible = module.file == own.file || own.imports.contains_key(&composite.name.name);
            items.push(match name {
                _ if visible => item,
                Some(name) => {
                    let import = types::unprobed(context, imports::of_member(own, &name, &composite.name.name));
                    Item { import: Some(import), rank: Rank::Imported, detail: Some(format!("use {name}")), ..item }
                }
                None => continue,
            });
        }
    }
    items
}

fn instance(composite: &Composite) -> Item {
    let name = &composite.name.name;
    let mut number = 1;
    let mut lines = Vec::new();
    for member in &composite.members {
        let MemberKind::Param { name, ty, default: None } = &member.kind else { continue };
        let optional =
            ty.as_ref().is_none_or(|ty| matches!(ty.kind, tessera_compiler::syntax::ast::TypeExprKind::Optional(_)));
        if !optional {
            number += 1;
            lines.push(format!("\n  {}: ${number}", escape(&name.name)));
        }
    }
    let body = if lines.is_empty() { " $0 ".to_owned() } else { format!("{}\n", lines.concat()) };
    let text = format!("{name} ${{1:name}} {{{body}}}");
    Item::new(name.as_str(), ItemKind::Composite, Rank::Fits).detail("instance").snippet(text)
}

/// The API groups that the project's composites have.
pub(super) fn apis(context: &Context<'_>) -> Vec<Item> {
    let decls = context.analysis.modules.list.iter().flat_map(|module| &module.ast.decls);
    let apis = decls.filter_map(|decl| match &decl.kind {
        DeclKind::Composite(composite) => composite.api.as_ref().map(|(api, _)| api.to_string()),
        _ => None,
    });
    let known = apis.filter(|api| api.contains('/') && !super::word::is_probe(api));
    let mut items: Vec<Item> = known.map(|api| Item::new(api, ItemKind::Value, Rank::Fits)).collect();
    items.push(Item::new("platform.example.com/v1alpha1", ItemKind::Value, Rank::Possible).detail("group/version"));
    items
}

/// The modules that may be imported.
pub(super) fn modules(context: &Context<'_>) -> Vec<Item> {
    let own = context.module().and_then(imports::name_of);
    let known = context.analysis.importable.iter().filter(|name| own.as_ref() != Some(name));
    let mut items: Vec<Item> = known.map(|name| Item::new(name, ItemKind::Module, Rank::Fits)).collect();
    let standard = tessera_stdlib::modules().iter().filter(|(name, _)| *name != tessera_stdlib::PRELUDE_MODULE);
    items.extend(
        standard.map(|(name, _)| Item::new(*name, ItemKind::Module, Rank::Possible).detail("standard library")),
    );
    items
}

/// The files that may be imported, as they are written from the file.
pub(super) fn files(context: &Context<'_>) -> Vec<Item> {
    let Some(own) = context.module() else { return Vec::new() };
    let known = context.analysis.modules.list.iter().filter(|m| m.file != own.file && m.origin != Origin::Standard);
    known.map(|module| Item::new(from(&own.path, &module.path), ItemKind::File, Rank::Fits)).collect()
}

/// A path as it is written in a file: `./sizes.tess`, `../base/labels.tess`.
fn from(file: &str, other: &str) -> String {
    let folder: Vec<&str> = file.split('/').rev().skip(1).collect::<Vec<_>>().into_iter().rev().collect();
    let parts: Vec<&str> = other.split('/').collect();
    let shared = folder.iter().zip(&parts).take_while(|(a, b)| a == b).count();
    let up = "../".repeat(folder.len() - shared);
    let rest = parts.get(shared..).unwrap_or_default().join("/");
    if up.is_empty() { format!("./{rest}") } else { format!("{up}{rest}") }
}
