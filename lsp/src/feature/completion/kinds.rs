//! Kinds, with the place that they come from.

use tessera_compiler::schema::Kind;

use super::skeleton::{Holes, Skeleton};
use super::{Context, Doc, Item, ItemKind, Rank, snippets};

/// The kinds that a resource may be of; with a body where there is none yet.
pub(super) fn kinds(context: &Context<'_>) -> Vec<Item> {
    let is_resource = ["resource", "external"].iter().any(|word| context.word.before.trim_start().starts_with(word));
    let bare = !context.word.ends_line() || !is_resource;
    let items = context.analysis.schemas.kinds().map(|kind| {
        let item = item(context, &kind);
        if bare { item } else { with_body(context, item, &kind) }
    });
    let mut items: Vec<Item> = items.collect();
    if !is_resource {
        items.extend(parts(context));
    }
    items
}

/// The kinds where a type may stand, too.
pub(super) fn in_types(context: &Context<'_>) -> Vec<Item> {
    let kinds = context.analysis.schemas.kinds().map(|kind| item(context, &kind));
    kinds.map(|item| Item { rank: Rank::Rare, ..item }).collect()
}

/// Parts of kinds: `core/v1/Container`.
fn parts(context: &Context<'_>) -> Vec<Item> {
    let schemas = context.schemas();
    let part = |def| Some(Item::new(schemas.name(def)?, ItemKind::Kind, Rank::Possible).doc(Doc::Definition(def)));
    schemas.definitions().filter_map(part).collect()
}

fn item(context: &Context<'_>, kind: &Kind) -> Item {
    let schemas = context.schemas();
    let deprecated = schemas.is_deprecated(kind.def) || schemas.deprecation(kind.def).is_some();
    let from = match schemas.defined_at(kind.def).and_then(|span| context.analysis.modules.sources.get(span.file)) {
        Some(file) => format!("from {}", file.path),
        None => format!("Kubernetes {}", schemas.release()),
    };
    let rank = match () {
        () if deprecated => Rank::Deprecated,
        () if kind.version.contains(['a', 'b']) => Rank::Rare,
        () if snippets::body(&kind.to_string()).is_some() => Rank::Fits,
        () => Rank::Possible,
    };
    let item = Item::new(kind.to_string(), ItemKind::Kind, rank).detail(from).doc(Doc::Definition(kind.def));
    Item { filter: Some(format!("{} {kind}", kind.kind)), deprecated, ..item }
}

fn with_body(context: &Context<'_>, item: Item, kind: &Kind) -> Item {
    let body = match snippets::body(&kind.to_string()) {
        Some(body) => body.to_owned(),
        // To decode a CRD for each would cost too much.
        None if context.schemas().defined_at(kind.def).is_some() => "{\n  $0\n}".to_owned(),
        None => {
            let schemas = context.schemas();
            let Some(record) = schemas.record(kind.def) else { return item };
            let required = record.fields.iter().filter(|(name, field)| !field.optional && !snippets::is_said(name));
            let names: Vec<&str> = required.map(|(name, _)| name.as_str()).collect();
            let fields = Skeleton::new(schemas, Holes::Snippet).fields(record, names.into_iter(), "  ");
            if fields.is_empty() { "{\n  $0\n}".to_owned() } else { format!("{{\n{fields}\n}}") }
        }
    };
    let text = format!("{kind} {body}");
    item.snippet(text)
}
