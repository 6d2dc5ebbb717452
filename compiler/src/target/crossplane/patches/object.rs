//! The body of a resource: what is known stays in the base of its template.

use super::{Misfit, Patch, Piece, Scope, plain, segment};
use crate::expr::{Entry, Expr, ExprKind, Item};
use crate::value::{Map, Value};

/// What a body becomes.
#[derive(Default)]
pub(in super::super) struct Template {
    pub(in super::super) patches: Vec<Patch>,
    pub(in super::super) misfits: Vec<Misfit>,
}

/// The base of a body; its patches and what does not fit are added to the template.
pub(in super::super) fn body<'a>(scope: &Scope<'a>, body: &'a Expr, template: &mut Template) -> Value {
    value(scope, body, "", template)
}

fn value<'a>(scope: &Scope<'a>, expr: &'a Expr, to: &str, template: &mut Template) -> Value {
    match &expr.kind {
        ExprKind::Const(known) => plain(known),
        ExprKind::Object(entries) => object(scope, expr, entries, to, template),
        ExprKind::List(items) => list(scope, expr, items, to, template),
        ExprKind::Let(local, bound, inner) => value(&scope.with(local, bound), inner, to, template),
        ExprKind::Binding(_) | ExprKind::Local(_) if scope.place(expr).is_none() => match scope.meaning(expr) {
            Some((outer, meaning)) => value(&outer, meaning, to, template),
            None => leaf(scope, expr, to, template),
        },
        _ => leaf(scope, expr, to, template),
    }
}

fn leaf<'a>(scope: &Scope<'a>, expr: &'a Expr, to: &str, template: &mut Template) -> Value {
    match scope.piece(expr) {
        Ok(Piece::Known(known)) => known,
        Ok(Piece::Patched(_, _)) if to.is_empty() => {
            template.misfits.push(Misfit::new(expr.span, "a whole object that is computed"));
            Value::Absent
        }
        Ok(Piece::Patched(carried, base)) => {
            template.patches.push(Patch { carried, to: to.to_owned(), merge: false });
            base
        }
        Err(misfit) => {
            template.misfits.push(misfit);
            Value::Absent
        }
    }
}

fn object<'a>(scope: &Scope<'a>, whole: &'a Expr, all: &'a [Entry], to: &str, template: &mut Template) -> Value {
    let plain_fields = all.iter().all(|entry| matches!(entry, Entry::Field(..)));
    let mut map = Map::default();
    let mut rest = Vec::new();
    for entry in all {
        match entry {
            Entry::Field(name, field) => {
                let Some(path) = segment(to, name) else {
                    // What no path leads to may still be known.
                    match field.known() {
                        Some(known) => map.insert(name.clone(), plain(known)),
                        None => template.misfits.push(Misfit::new(field.span, format!("the field `{name}`, which no field path can name"))),
                    }
                    continue;
                };
                if is_nested(scope, field) {
                    let made = value(scope, field, &path, template);
                    put(&mut map, name, made);
                    continue;
                }
                match scope.piece(field) {
                    Err(misfit) if misfit.absent => rest.push(entry),
                    _ => {
                        let made = leaf(scope, field, &path, template);
                        put(&mut map, name, made);
                    }
                }
            }
            _ => rest.push(entry),
        }
    }
    if rest.is_empty() {
        return Value::map(map);
    }
    // What is spread may be replaced by what stands after it.
    let spread = rest.iter().any(|entry| matches!(entry, Entry::Spread(_)));
    if spread && !plain_fields {
        return computed(scope, whole, to, template);
    }
    beside(scope, whole, &rest, to, &mut map, template);
    Value::map(map)
}

/// Whether a field is written out, so that its parts are patched one by one.
fn is_nested<'a>(scope: &Scope<'a>, expr: &'a Expr) -> bool {
    match &expr.kind {
        ExprKind::Object(_) | ExprKind::List(_) | ExprKind::Let(..) => true,
        ExprKind::Binding(_) | ExprKind::Local(_) if scope.place(expr).is_none() => {
            scope.meaning(expr).is_some_and(|(outer, meaning)| is_nested(&outer, meaning))
        }
        _ => false,
    }
}

/// An object that is a table as a whole.
fn computed<'a>(scope: &Scope<'a>, whole: &'a Expr, to: &str, template: &mut Template) -> Value {
    match scope.table(whole) {
        Ok(Piece::Known(known)) => known,
        Ok(Piece::Patched(carried, base)) if !to.is_empty() => {
            template.patches.push(Patch { carried, to: to.to_owned(), merge: false });
            base
        }
        Ok(Piece::Patched(..)) => {
            template.misfits.push(Misfit::new(whole.span, "a whole object that is computed"));
            Value::Absent
        }
        Err(misfit) => {
            template.misfits.push(misfit);
            Value::Absent
        }
    }
}

/// Fields under conditions: a table of objects, merged with the base.
fn beside<'a>(
    scope: &Scope<'a>,
    whole: &'a Expr,
    rest: &[&'a Entry],
    to: &str,
    map: &mut Map,
    template: &mut Template,
) {
    let entries: Vec<Entry> = rest.iter().map(|entry| (*entry).clone()).collect();
    let part = Expr::new(ExprKind::Object(entries), whole.repr, whole.span);
    let piece = scope.table(&part);
    let place = rest.first().map_or(whole.span, |entry| entry_span(entry, whole));
    match piece {
        Ok(Piece::Known(known)) => {
            for (key, value) in known.as_map().into_iter().flat_map(Map::iter) {
                map.insert(key.clone(), value.clone());
            }
        }
        Ok(Piece::Patched(carried, base)) => {
            let taken = |object: &Value| object.as_map().is_some_and(|o| o.iter().any(|(key, _)| map.get_key(key).is_some()));
            let clash = carried.results.iter().any(taken)
                || template.patches.iter().any(|patch| !patch.merge && is_field_of(&patch.to, to, &carried));
            if to.is_empty() || clash || carried.optional && base.as_map().is_none_or(|base| !base.is_empty()) {
                template.misfits.push(Misfit::new(place, "fields under a condition here"));
                return;
            }
            template.patches.push(Patch { carried, to: to.to_owned(), merge: true });
        }
        Err(misfit) => template.misfits.push(Misfit { span: place, absent: false, ..misfit }),
    }
}

/// Whether a patch writes a field that one of the results has.
fn is_field_of(to: &str, object: &str, carried: &super::Carried) -> bool {
    carried.results.iter().filter_map(Value::as_map).flat_map(Map::iter).any(|(key, _)| {
        key.as_str().is_some_and(|key| segment(object, key).is_some_and(|path| path == to))
    })
}

fn entry_span(entry: &Entry, whole: &Expr) -> crate::source::Span {
    match entry {
        Entry::Field(_, value) | Entry::Computed(_, value) | Entry::Spread(value) | Entry::If(value, ..) => value.span,
        Entry::For(head, _) => {
            if head.range.span.file == whole.span.file { head.range.span } else { whole.span }
        }
    }
}

fn list<'a>(scope: &Scope<'a>, whole: &'a Expr, items: &'a [Item], to: &str, template: &mut Template) -> Value {
    if !items.iter().all(|item| matches!(item, Item::Value(_))) {
        return computed(scope, whole, to, template);
    }
    let mut made = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let Item::Value(item) = item else { continue };
        let before = template.patches.len();
        let base = value(scope, item, &format!("{to}[{index}]"), template);
        let may_lack = template.patches.iter().skip(before).any(|p| p.carried.optional && p.to == format!("{to}[{index}]"));
        if may_lack || item.known().is_some_and(|known| matches!(known, Value::Absent)) {
            template.misfits.push(Misfit::new(item.span, "an item that may be missing"));
        }
        // Until its patch comes, an item has its place.
        made.push(if matches!(base, Value::Absent) { Value::str("") } else { base });
    }
    Value::list(made)
}

fn put(map: &mut Map, name: &str, value: Value) {
    if !matches!(value, Value::Absent) {
        map.insert(name, value);
    }
}
