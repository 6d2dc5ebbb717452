//! Kinds and fields of Kubernetes and of CRDs.

use tessera_compiler::schema::{DefId, ListType, Schemas};

use super::text::Text;

/// A field of a kind or a part of one.
pub(super) fn field(schemas: &Schemas, def: DefId, name: &str) -> Option<String> {
    let field = schemas.record(def)?.fields.get(name)?;
    let info = schemas.field(def, name);
    let mark = if field.optional { "?" } else { "" };
    let mut text = Text::code(format!("{name}{mark}: {}", field.ty.display(schemas)));
    text.add(&schemas.field_doc(def, name).unwrap_or_default());
    let owner = schemas.name(def).unwrap_or_default();
    let need = if field.optional { "optional" } else { "required" };
    text.fact(format!("Field of `{owner}`, {need}"));
    if let Some(info) = info {
        if let Some(default) = &info.default {
            text.fact(format!("Default: `{}`", default.shown()));
        }
        if let ListType::Map(keys) = &info.list {
            let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
            text.fact(format!("Items are told apart by {}", keys.join(", ")));
        }
        if info.deprecated {
            text.fact("**Deprecated**");
        }
    }
    let whole = schemas.minors_of_definition(def);
    if let Some(minors) = schemas.minors_of_field(def, name)
        && whole.as_ref() != Some(&minors)
        && (minors.since().is_some() || minors.until().is_some())
    {
        text.fact(format!("Kubernetes: {minors}"));
    }
    Some(text.done())
}

/// A kind, or a part of one by its own name.
pub(super) fn kind(schemas: &Schemas, def: DefId) -> Option<String> {
    let whole = schemas.name(def)?;
    let mut text = Text::code(&whole);
    text.add(&schemas.doc(def).unwrap_or_default());
    about_kind(schemas, def, &mut text);
    Some(text.done())
}

/// Where objects of a kind live and how long it has been there.
pub(super) fn about_kind(schemas: &Schemas, def: DefId, text: &mut Text) {
    let Some(whole) = schemas.name(def) else { return };
    let mut parts = whole.rsplitn(3, '/');
    let (Some(name), Some(version)) = (parts.next(), parts.next()) else { return };
    let group = parts.next().unwrap_or("core");
    if let Some(kind) = schemas.kind(group, version, name) {
        text.fact(if kind.namespaced { "Objects live in a namespace" } else { "Objects live in no namespace" });
    }
    let life = schemas.life(group, version, name);
    let introduced = life.as_ref().and_then(|life| life.introduced);
    if let Some(minors) = schemas.minors_of_kind(group, version, name) {
        match introduced {
            Some(introduced) if minors.since().is_none() && minors.until().is_none() => {
                text.fact(format!("Kubernetes: since 1.{introduced}"));
            }
            _ => text.fact(format!("Kubernetes: {minors}")),
        }
    }
    if let Some(since) = life.as_ref().and_then(|life| life.deprecated) {
        text.fact(format!("**Deprecated** since 1.{since}"));
    } else if schemas.is_deprecated(def) {
        text.fact(
            schemas
                .deprecation(def)
                .map_or_else(|| "**Deprecated**".to_owned(), |why| format!("**Deprecated**: {why}")),
        );
    }
}

/// The first paragraph of the documentation of a definition.
pub(super) fn summary(schemas: &Schemas, def: DefId) -> Option<String> {
    let doc = schemas.doc(def)?;
    doc.split("\n\n").next().map(|first| first.trim().to_owned()).filter(|first| !first.is_empty())
}
