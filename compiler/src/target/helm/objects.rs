//! The template of a resource: the loops and conditions round it, and the object.

use std::borrow::Cow;

use smol_str::SmolStr;

use crate::expr::{Access, Entry, Expr, ExprKind, Repr};
use crate::ir::{Resource, Scope};
use crate::target::template::{self, Out, Step, Writer};
use crate::value::Value;

pub(super) fn write(writer: &mut Writer<'_>, resource: &Resource) -> Out<()> {
    let composite = writer.composite;
    let (Some(way), Some(keys)) =
        (template::way_to(&composite.nodes, &resource.name), template::loop_keys(&composite.nodes, &resource.name))
    else {
        return Ok(());
    };
    let several = way.iter().any(|step| matches!(step, Step::For(_)));
    writer.along(&way, 0, &mut |writer| {
        if several {
            writer.line("---");
        }
        object(writer, resource, &keys)
    })
}

fn object(writer: &mut Writer<'_>, resource: &Resource, keys: &[&Expr]) -> Out<()> {
    let span = resource.span;
    let constant = |text: &str| Expr::constant(Value::str(text), span);
    let body = literal_entries(&resource.body);
    let metadata = body.as_ref().map(|entries| metadata(entries));
    if let (Some(entries), Some(Some(metadata))) = (&body, metadata) {
        let mut all = vec![
            Entry::Field("apiVersion".into(), constant(&resource.api())),
            Entry::Field("kind".into(), constant(&resource.kind)),
        ];
        let mut inner = defaults(writer, resource, keys, &metadata);
        inner.extend(metadata);
        // The order in which people look for them.
        inner
            .sort_by_key(|entry| if is_field(entry, "name") { 0 } else { 1 + u8::from(!is_field(entry, "namespace")) });
        all.push(Entry::Field("metadata".into(), Expr::new(ExprKind::Object(inner), Repr::Map, span)));
        all.extend(entries.iter().filter(|entry| !is_field(entry, "metadata")).cloned());
        if writer.is_block(&all) {
            writer.fields(&all, 0);
            return Ok(());
        }
    }
    // The form does not tell what is there: the defaults go in first, and the rest over them.
    let written =
        ExprKind::Field { base: Box::new(resource.body.clone()), name: "metadata".into(), access: Access::Optional };
    let mut inner = defaults(writer, resource, keys, &[]);
    inner.push(Entry::Spread(Expr::new(written, Repr::Map, span)));
    let all = vec![
        Entry::Spread(resource.body.clone()),
        Entry::Field("apiVersion".into(), constant(&resource.api())),
        Entry::Field("kind".into(), constant(&resource.kind)),
        Entry::Field("metadata".into(), Expr::new(ExprKind::Object(inner), Repr::Map, span)),
    ];
    let operand = writer.operand(&Expr::new(ExprKind::Object(all), Repr::Map, span))?;
    writer.line(&format!("{{{{ {operand} | toJson }}}}"));
    Ok(())
}

/// The name and namespace that an object has where its text says none.
fn defaults(writer: &Writer<'_>, resource: &Resource, keys: &[&Expr], metadata: &[Entry]) -> Vec<Entry> {
    let has = |name: &str| metadata.iter().any(|entry| is_field(entry, name));
    let mut made = Vec::new();
    let mut add = |name: &str| {
        let path = [SmolStr::new("metadata"), SmolStr::new(name)];
        if let Some(value) = template::default_of(resource, keys, &path, resource.span) {
            made.push(Entry::Field(name.into(), value));
        }
    };
    if !has("name") && !has("generateName") {
        add("name");
    }
    let namespaced = writer.composite.scope == Scope::Namespaced && resource.scope != Some(Scope::Cluster);
    if namespaced && !has("namespace") {
        add("namespace");
    }
    made
}

fn is_field(entry: &Entry, name: &str) -> bool {
    matches!(entry, Entry::Field(key, _) if key == name)
}

/// The entries of the metadata, where they are written out.
fn metadata(entries: &[Entry]) -> Option<Vec<Entry>> {
    let mut found = entries.iter().filter_map(|entry| match entry {
        Entry::Field(key, value) if key == "metadata" => Some(value),
        _ => None,
    });
    let plain = |entries: &[Entry]| entries.iter().all(|entry| matches!(entry, Entry::Field(..)));
    match (found.next(), found.next()) {
        (None, _) if plain(entries) => Some(Vec::new()),
        (Some(value), None) => literal_entries(value).filter(|found| plain(found)).map(Cow::into_owned),
        _ => None,
    }
}

fn literal_entries(expr: &Expr) -> Option<Cow<'_, [Entry]>> {
    match &expr.kind {
        ExprKind::Object(entries) => Some(Cow::Borrowed(entries)),
        ExprKind::Const(Value::Map(map)) => {
            let entry = |(key, value): (&crate::value::Key, &Value)| {
                Some(Entry::Field(key.as_str()?.into(), Expr::constant(value.clone(), expr.span)))
            };
            map.iter().map(entry).collect::<Option<Vec<_>>>().map(Cow::Owned)
        }
        _ => None,
    }
}
