//! The body of a resource: what is known stays in the base of its template.

use super::{Misfit, Patch, Piece, Scope, plain, segment};
use crate::expr::{Entry, Expr, ExprKind, Item};
use crate::value::{Key, Map, Value};

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

/// An entry of an object, with the names that it is written among.
struct Flat<'a> {
    scope: Scope<'a>,
    entry: &'a Entry,
}

/// The entries of an object without conditions that always or never hold, and with the
/// entries of the objects that are spread in it; the last of a field is the one.
fn flatten<'a>(scope: &Scope<'a>, all: &'a [Entry], flat: &mut Vec<Flat<'a>>) {
    for entry in all {
        match entry {
            Entry::If(condition, then, otherwise) => match scope.certain(condition) {
                Some(true) => flatten(scope, then, flat),
                Some(false) => flatten(scope, otherwise, flat),
                None => flat.push(Flat { scope: scope.clone(), entry }),
            },
            Entry::Spread(of) => match spread(scope, of) {
                Some((inner, entries)) => flatten(&inner, entries, flat),
                None => flat.push(Flat { scope: scope.clone(), entry }),
            },
            Entry::Field(name, _) => {
                flat.retain(|earlier| !matches!(earlier.entry, Entry::Field(other, _) if other == name));
                flat.push(Flat { scope: scope.clone(), entry });
            }
            _ => flat.push(Flat { scope: scope.clone(), entry }),
        }
    }
}

/// The entries of an object that is written out somewhere.
fn spread<'a>(scope: &Scope<'a>, of: &'a Expr) -> Option<(Scope<'a>, &'a [Entry])> {
    match &of.kind {
        ExprKind::Object(entries) => Some((scope.clone(), entries)),
        ExprKind::Let(local, bound, inner) => spread(&scope.with(local, bound), inner),
        ExprKind::Binding(_) | ExprKind::Local(_) => {
            let (outer, meaning) = scope.meaning(of)?;
            spread(&outer, meaning)
        }
        _ => None,
    }
}

fn object<'a>(scope: &Scope<'a>, whole: &'a Expr, all: &'a [Entry], to: &str, template: &mut Template) -> Value {
    let mut flat = Vec::new();
    flatten(scope, all, &mut flat);
    let mut map = Map::default();
    let mut rest = Vec::new();
    for Flat { scope, entry } in flat {
        let Entry::Field(name, field) = entry else {
            rest.push((scope, entry));
            continue;
        };
        let Some(path) = segment(to, name) else {
            // What no path leads to may still be known.
            match field.known() {
                Some(known) => put(&mut map, name, plain(known)),
                None => template
                    .misfits
                    .push(Misfit::new(field.span, format!("the field `{name}`, which no field path can name"))),
            }
            continue;
        };
        if is_nested(&scope, field) {
            let made = value(&scope, field, &path, template);
            put(&mut map, name, made);
            continue;
        }
        match scope.piece(field) {
            Err(misfit) if misfit.absent => rest.push((scope, entry)),
            _ => {
                let made = leaf(&scope, field, &path, template);
                put(&mut map, name, made);
            }
        }
    }
    let mut merged: Vec<Key> = Vec::new();
    for (scope, entry) in rest {
        beside(&scope, whole, entry, to, (&mut map, &mut merged), template);
    }
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

/// Fields under conditions: a table of objects, merged with the base. No two may have the same
/// field, since which of them counts depends on their order.
fn beside<'a>(
    scope: &Scope<'a>,
    whole: &'a Expr,
    entry: &'a Entry,
    to: &str,
    (map, merged): (&mut Map, &mut Vec<Key>),
    template: &mut Template,
) {
    let part = Expr::new(ExprKind::Object(vec![entry.clone()]), whole.repr, whole.span);
    let place = entry_span(entry, whole);
    let (results, patch) = match scope.table(&part) {
        Ok(Piece::Known(known)) => (vec![known], None),
        Ok(Piece::Patched(carried, base)) => {
            if to.is_empty() || carried.optional && base.as_map().is_none_or(|base| !base.is_empty()) {
                template.misfits.push(Misfit::new(place, "fields under a condition here"));
                return;
            }
            (carried.results.clone(), Some(Patch { carried, to: to.to_owned(), merge: true }))
        }
        Err(misfit) => {
            template.misfits.push(Misfit { span: place, absent: false, ..misfit });
            return;
        }
    };
    let fields = || results.iter().filter_map(Value::as_map).flat_map(Map::iter);
    let patched = |key: &Key| {
        let path = key.as_str().and_then(|key| segment(to, key));
        template.patches.iter().any(|patch| !patch.merge && Some(&patch.to) == path.as_ref())
    };
    if fields().any(|(key, _)| map.get_key(key).is_some() || merged.contains(key) || patched(key)) {
        template.misfits.push(Misfit::new(place, "a field that is written twice"));
        return;
    }
    merged.extend(fields().map(|(key, _)| key.clone()));
    match patch {
        Some(patch) => template.patches.push(patch),
        None => fields().for_each(|(key, value)| map.insert(key.clone(), value.clone())),
    }
}

fn entry_span(entry: &Entry, whole: &Expr) -> crate::source::Span {
    match entry {
        Entry::Field(_, value) | Entry::Computed(_, value) | Entry::Spread(value) | Entry::If(value, ..) => value.span,
        Entry::For(head, _) => {
            if head.range.span.file == whole.span.file {
                head.range.span
            } else {
                whole.span
            }
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
        let may_lack =
            template.patches.iter().skip(before).any(|p| p.carried.optional && p.to == format!("{to}[{index}]"));
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
