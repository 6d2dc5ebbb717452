//! Objects that are maps, and objects of which nothing is expected.

use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::facts::Named;
use super::object::given_twice;
use super::{Checker, Step, Typed};
use crate::diagnostic::{Diagnostic, E0301, E0312, E0313};
use crate::expr::{self, Expr, ExprKind, Repr};
use crate::source::Span;
use crate::syntax::ast::{self, Entry, Ident, Key};
use crate::types::{Field, Record, Type};
use crate::value::Value;

type Keys = IndexMap<SmolStr, Span>;

/// The types that the entries of an object have brought.
#[derive(Default)]
struct Seen {
    /// Each with the place of its key, or none where a spread brought it.
    fields: IndexMap<SmolStr, (Field, Option<Span>)>,
    /// Key and value types of entries that are no fields.
    loose: Vec<(Type, Type)>,
    /// Every key that is written is in quotes, as CEL's maps are.
    quoted: bool,
    bare: bool,
    unknown: bool,
}

impl Checker<'_> {
    /// An object where a map is expected.
    pub(super) fn map_object(&mut self, entries: &[Entry], span: Span, ty: &(Type, Type)) -> Expr {
        self.note_keys(entries, &Type::Map(Arc::new(ty.clone())), &[]);
        let entries = self.map_entries(entries, ty, &mut Keys::new());
        Expr::new(ExprKind::Object(entries), Repr::Map, span)
    }

    fn map_entries(&mut self, entries: &[Entry], ty: &(Type, Type), keys: &mut Keys) -> Vec<expr::Entry> {
        let mut built = Vec::with_capacity(entries.len());
        for entry in entries {
            match entry {
                Entry::Field { key, value, optional, .. } => {
                    built.extend(self.map_entry(key, value, *optional, ty, keys))
                }
                Entry::Short(name) => {
                    let value = ast::Expr { kind: ast::ExprKind::Name(name.name.clone()), span: name.span };
                    built.extend(self.map_entry(
                        &Key::Word { name: name.clone(), bare: true },
                        &value,
                        false,
                        ty,
                        keys,
                    ));
                }
                Entry::Spread(value, span) => built.push(self.map_spread(value, *span, ty, keys)),
                Entry::If { condition, then, otherwise, .. } => {
                    let (condition, facts) = self.condition(condition);
                    let mut inner = keys.clone();
                    let then = self.narrowing(facts.holds, |c| c.map_entries(then, ty, &mut inner));
                    let otherwise = self.narrowing(facts.fails, |c| c.map_entries(otherwise, ty, &mut keys.clone()));
                    built.push(expr::Entry::If(condition, then, otherwise));
                }
                Entry::For { head, body, .. } => {
                    let count = self.frame.vars.len();
                    self.refuse_fixed_keys(head, body);
                    let head = self.loop_head(head);
                    let body = self.map_entries(body, ty, &mut Keys::new());
                    self.unbind(count);
                    built.push(expr::Entry::For(head, body));
                }
                Entry::Error(_) => {}
            }
        }
        built
    }

    /// `for key, value in m { key: value }`: the key that is written is a text,
    /// the same in each round, where the variable is meant.
    fn refuse_fixed_keys(&mut self, head: &ast::ForHead, body: &[Entry]) {
        let is_variable =
            |name: &Ident| name.name == head.first.name || head.second.as_ref().is_some_and(|s| s.name == name.name);
        for entry in body {
            let Entry::Field { key: Key::Word { name, bare: true }, .. } = entry else { continue };
            if is_variable(name) {
                let message = format!("each round would give the same key `{}`", name.name);
                let right = format!("({})", name.name);
                let diagnostic = Diagnostic::new(&E0312, name.span, message)
                    .label("a bare key is a text, not a variable")
                    .fix(format!("to compute it, write `{right}`"), name.span, right, true);
                self.report(diagnostic);
            }
        }
    }

    fn map_entry(
        &mut self,
        key: &Key,
        value: &ast::Expr,
        optional: bool,
        ty: &(Type, Type),
        keys: &mut Keys,
    ) -> Option<expr::Entry> {
        let field = Field { optional: true, ..Field::of(ty.1.clone()) };
        match key {
            Key::Word { name, .. } => {
                if let Some(earlier) = keys.insert(name.name.clone(), name.span) {
                    self.report(given_twice(name, earlier));
                    return None;
                }
                self.way.push(Step { key: name.name.clone(), span: name.span, def: None, declared: None });
                let expr = if optional { self.check_field(value, &field) } else { self.map_value(name, value, ty) };
                self.way.pop();
                Some(self.keyed(name, expr, &ty.0))
            }
            Key::Computed(key) => {
                let key = self.check(key, &ty.0);
                Some(expr::Entry::Computed(key, self.check_field(value, &field)))
            }
        }
    }

    fn map_value(&mut self, name: &Ident, value: &ast::Expr, ty: &(Type, Type)) -> Expr {
        let field = Field { optional: true, ..Field::of(ty.1.clone()) };
        let expr = self.check_field(value, &field);
        self.check_resource_unit(name, &expr);
        expr
    }

    fn keyed(&mut self, name: &Ident, value: Expr, key: &Type) -> expr::Entry {
        if matches!(key.base().map(|t| t.repr()), Some(Repr::String | Repr::Dyn) | None) {
            return expr::Entry::Field(name.name.clone(), value);
        }
        let typed = Typed::constant(key_value(name), name.span);
        expr::Entry::Computed(self.fit(typed, key), value)
    }

    fn map_spread(&mut self, value: &ast::Expr, span: Span, ty: &(Type, Type), keys: &mut Keys) -> expr::Entry {
        let typed = self.infer(value);
        let brought: Vec<SmolStr> =
            typed.ty.record(self.schemas).map(|r| r.fields.keys().cloned().collect()).unwrap_or_default();
        for name in brought {
            if let Some(earlier) = keys.get(&name).copied() {
                self.lost(&name, earlier, span);
            }
        }
        let map = Type::Map(Arc::new(ty.clone()));
        let wanted = if matches!(typed.ty.peel(), Type::Optional(_)) { map.optional() } else { map };
        expr::Entry::Spread(self.fit(typed, &wanted))
    }

    /// An object of which nothing is expected: a record where its keys are
    /// bare words, a map where they are quoted or computed.
    pub(crate) fn infer_object(&mut self, entries: &[Entry], span: Span) -> Typed {
        let mut seen = Seen::default();
        let entries = self.seen_entries(entries, &mut seen, true);
        let ty = self.seen_type(seen);
        Typed::new(ExprKind::Object(entries), ty, span)
    }

    fn seen_type(&self, seen: Seen) -> Type {
        if seen.unknown {
            return Type::Unknown;
        }
        let map = !seen.loose.is_empty() || (seen.quoted && !seen.bare);
        if !map {
            let fields = seen.fields.into_iter().map(|(name, (field, _))| (name, field)).collect();
            return Type::Record(Arc::new(Record { fields }));
        }
        let mut keys: Vec<Type> = seen.loose.iter().map(|(k, _)| k.clone()).collect();
        let mut values: Vec<Type> = seen.loose.into_iter().map(|(_, v)| v).collect();
        keys.extend(seen.fields.keys().map(|_| Type::String));
        values.extend(seen.fields.into_values().map(|(f, _)| f.ty));
        Type::Map(Arc::new((self.element(keys), self.element(values))))
    }

    fn seen_entries(&mut self, entries: &[Entry], seen: &mut Seen, certain: bool) -> Vec<expr::Entry> {
        let mut built = Vec::with_capacity(entries.len());
        for entry in entries {
            match entry {
                Entry::Field { doc, key, value, optional } => {
                    built.extend(self.seen_entry(doc.clone(), key, value, certain && !optional, seen))
                }
                Entry::Short(name) => {
                    let value = ast::Expr { kind: ast::ExprKind::Name(name.name.clone()), span: name.span };
                    built.extend(self.seen_entry(
                        None,
                        &Key::Word { name: name.clone(), bare: true },
                        &value,
                        certain,
                        seen,
                    ));
                }
                Entry::Spread(value, span) => built.push(self.seen_spread(value, *span, certain, seen)),
                Entry::If { condition, then, otherwise, .. } => {
                    let (condition, facts) = self.condition(condition);
                    let then = self.narrowing(facts.holds, |c| c.seen_entries(then, seen, false));
                    let otherwise = self.narrowing(facts.fails, |c| c.seen_entries(otherwise, seen, false));
                    built.push(expr::Entry::If(condition, then, otherwise));
                }
                Entry::For { head, body, .. } => {
                    let count = self.frame.vars.len();
                    self.refuse_fixed_keys(head, body);
                    let head = self.loop_head(head);
                    let mut inner = Seen::default();
                    let body = self.seen_entries(body, &mut inner, false);
                    self.unbind(count);
                    seen.unknown |= inner.unknown;
                    seen.loose.extend(inner.loose);
                    seen.loose.extend(inner.fields.into_values().map(|(f, _)| (Type::String, f.ty)));
                    built.push(expr::Entry::For(head, body));
                }
                Entry::Error(_) => seen.unknown = true,
            }
        }
        built
    }

    fn seen_entry(
        &mut self,
        doc: Option<SmolStr>,
        key: &Key,
        value: &ast::Expr,
        certain: bool,
        seen: &mut Seen,
    ) -> Option<expr::Entry> {
        let Key::Word { name, bare } = key else {
            let Key::Computed(key) = key else { return None };
            let key = self.infer(key);
            let value = self.infer(value);
            seen.unknown |= key.is_unknown() || value.is_unknown();
            seen.loose.push((key.ty, value.ty.clone()));
            return Some(expr::Entry::Computed(key.expr, value.expr));
        };
        if let Some((_, Some(earlier))) = seen.fields.get(&name.name)
            && certain
        {
            self.report(given_twice(name, *earlier));
            return None;
        }
        let value = self.infer(value);
        if *bare && !matches!(key_value(name), Value::String(_)) {
            let key = Typed::constant(key_value(name), name.span);
            seen.loose.push((key.ty.widen(), value.ty.clone()));
            return Some(expr::Entry::Computed(key.expr, value.expr));
        }
        if *bare {
            seen.bare = true
        } else {
            seen.quoted = true
        }
        let (ty, optional) = match value.ty.peel() {
            Type::Optional(inner) => ((**inner).clone(), true),
            _ => (value.ty.clone(), !certain),
        };
        self.refer(name.span, Named::Source(name.span));
        seen.fields.insert(
            name.name.clone(),
            (Field { ty, optional, default: None, doc, span: Some(name.span) }, Some(name.span)),
        );
        Some(expr::Entry::Field(name.name.clone(), value.expr))
    }

    fn seen_spread(&mut self, value: &ast::Expr, span: Span, certain: bool, seen: &mut Seen) -> expr::Entry {
        let typed = self.infer(value);
        let (ty, optional) = match typed.ty.peel() {
            Type::Optional(inner) => ((**inner).clone(), true),
            _ => (typed.ty.clone(), !certain),
        };
        match ty.structure() {
            Type::Record(_) | Type::Schema(_) => {
                let record = ty.record(self.schemas).cloned().unwrap_or_default();
                seen.bare = true;
                for (name, field) in &record.fields {
                    if let Some((_, Some(earlier))) = seen.fields.get(name)
                        && !optional
                    {
                        self.lost(name, *earlier, span);
                    }
                    let field = Field { optional: field.optional || optional, ..field.clone() };
                    seen.fields.insert(name.clone(), (field, None));
                }
            }
            Type::Map(entry) => seen.loose.push((**entry).clone()),
            Type::Dyn => seen.loose.push((Type::String, Type::Dyn)),
            Type::Unknown => seen.unknown = true,
            _ => {
                let message =
                    format!("only an object can be spread into an object, this is {}", self.article(&typed.ty.widen()));
                self.report(Diagnostic::new(&E0301, value.span, message));
                seen.unknown = true;
            }
        }
        expr::Entry::Spread(typed.expr)
    }

    /// An entry before a spread that brings the same key.
    pub(super) fn lost(&mut self, name: &str, earlier: Span, spread: Span) {
        self.report(
            Diagnostic::new(&E0313, earlier, format!("this `{name}` is lost: the spread after it brings its own"))
                .label("written here")
                .also(spread, "replaced here")
                .help("write it after the spread to replace what the spread brings, or remove it"),
        );
    }
}

/// A bare key as CEL reads it where nothing says that keys are text: `1` is a
/// number, `true` a truth value.
fn key_value(name: &Ident) -> Value {
    let text = name.name.as_str();
    if let Ok(number) = text.parse::<i64>() {
        return Value::Int(number);
    }
    if let Some(number) = text.strip_suffix('u').and_then(|n| n.parse::<u64>().ok()) {
        return Value::Uint(number);
    }
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => Value::str(text),
    }
}
