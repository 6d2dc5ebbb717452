//! What is known of values without evaluating: the schema that a parameter's part has,
//! whether a value may be absent, what an object that is written out has at a field.

use std::borrow::Cow;

use super::{Bound, Writer};
use crate::expr::{Access, BinaryOp, Entry, Expr, ExprKind, Item};
use crate::ir::{Param, Schema, SchemaField};
use crate::value::Value;

/// A schema without the rules round it.
pub(crate) fn strip(schema: &Schema) -> &Schema {
    match schema {
        Schema::Rule(rule) => strip(&rule.base),
        other => other,
    }
}

/// Whether a value may hold durations or quantities.
pub(crate) fn holds_units(schema: &Schema) -> bool {
    match strip(schema) {
        Schema::Duration | Schema::Quantity => true,
        Schema::Literal(value) => matches!(value, Value::Duration(_) | Value::Quantity(_)),
        Schema::List(item) | Schema::Map(item) => holds_units(item),
        Schema::Record(fields) => fields.iter().any(|field| holds_units(&field.schema)),
        Schema::Union(members) => members.iter().any(holds_units),
        _ => false,
    }
}

/// Whether the values can be read as they are: they hold no units below their top, and
/// no default that the chart's own values cannot hold. Those are merged with the
/// user's map by map, so a map is no default for them, and a record that may be left
/// out holds none.
pub(crate) fn is_plain(schema: &Schema) -> bool {
    match strip(schema) {
        Schema::Duration | Schema::Quantity => true,
        Schema::Record(fields) => {
            let given = fields.iter().any(|field| !field.optional && field.default.is_none());
            fields.iter().all(|field| match &field.default {
                _ if holds_units(&field.schema) => false,
                Some(default) => given && default.known().is_some_and(is_mergeable) && !holds_defaults(&field.schema),
                None if field.optional => !holds_defaults(&field.schema),
                None => is_plain(&field.schema),
            })
        }
        other => !holds_units(other) && !holds_defaults(other),
    }
}

/// Whether a default means the same among a chart's own values.
pub(crate) const fn is_mergeable(default: &Value) -> bool {
    !matches!(default, Value::Map(_) | Value::Null | Value::Absent)
}

/// Whether a parameter is read as the values have it.
pub(crate) fn is_direct(param: &Param) -> bool {
    let default = param.default.as_ref().is_none_or(|default| default.known().is_some_and(is_mergeable));
    default && is_plain(&param.schema)
}

fn holds_defaults(schema: &Schema) -> bool {
    match strip(schema) {
        Schema::List(item) | Schema::Map(item) => holds_defaults(item),
        Schema::Record(fields) => fields.iter().any(|f| f.default.is_some() || holds_defaults(&f.schema)),
        Schema::Union(members) => members.iter().any(holds_defaults),
        _ => false,
    }
}

fn field<'s>(schema: &'s Schema, name: &str) -> Option<&'s SchemaField> {
    match strip(schema) {
        Schema::Record(fields) => fields.iter().find(|field| field.name == name),
        Schema::Union(members) => members.iter().find_map(|member| field(member, name)),
        _ => None,
    }
}

impl Writer<'_> {
    /// The schema of a value that is part of a parameter.
    pub(super) fn shape(&self, expr: &Expr) -> Option<Schema> {
        match &expr.kind {
            ExprKind::Param(name) => {
                let param = self.composite.params.iter().find(|param| param.name == *name)?;
                Some(strip(&param.schema).clone())
            }
            ExprKind::Field { base, name, .. } => match self.shape(base)? {
                Schema::Secret(_) => Some(Schema::String),
                Schema::Map(value) => Some(strip(&value).clone()),
                schema => field(&schema, name).map(|field| strip(&field.schema).clone()),
            },
            ExprKind::Index { base, .. } => match self.shape(base)? {
                Schema::List(item) | Schema::Map(item) => Some(strip(&item).clone()),
                _ => None,
            },
            ExprKind::Local(local) => match self.env.get(&local.slot)? {
                Bound::Operand { shape, .. } => shape.clone(),
                Bound::Lazy(expr) => self.shape(expr),
                Bound::Resource(_) => None,
            },
            ExprKind::Binding(name) => self.shape(self.binding(name)?),
            ExprKind::Refine(refine) => self.shape(&refine.value),
            ExprKind::Coerce(_, inner) => self.shape(inner),
            _ => None,
        }
    }

    /// Whether a value may be absent.
    pub(super) fn may_be_absent(&self, expr: &Expr) -> bool {
        let either = |a: &Expr, b: &Expr| self.may_be_absent(a) || self.may_be_absent(b);
        match &expr.kind {
            ExprKind::Const(value) => matches!(value, Value::Absent),
            ExprKind::Local(local) => match self.env.get(&local.slot) {
                Some(Bound::Operand { absent, .. }) => *absent,
                Some(Bound::Lazy(expr)) => self.may_be_absent(expr),
                Some(Bound::Resource(_)) | None => false,
            },
            ExprKind::Param(name) => {
                self.composite.params.iter().any(|p| p.name == *name && p.optional && p.default.is_none())
            }
            ExprKind::Binding(name) => self.binding(name).is_some_and(|value| self.may_be_absent(value)),
            ExprKind::Field { base, name, access } => match self.written_field(base, name) {
                Some(value) => self.may_be_absent(&value),
                None if matches!(base.kind, ExprKind::Instance) => !matches!(name.as_str(), "name" | "namespace"),
                None => self.may_lack(base, *access, || {
                    self.shape(base).and_then(|s| field(&s, name).map(|f| f.optional && f.default.is_none()))
                }),
            },
            ExprKind::Index { base, access, .. } => self.may_lack(base, *access, || None),
            ExprKind::Cond(_, a, b) => either(a, b),
            ExprKind::Match { arms, default, .. } => {
                arms.iter().any(|(_, e)| self.may_be_absent(e))
                    || default.as_deref().is_some_and(|e| self.may_be_absent(e))
            }
            ExprKind::Let(_, value, body) => either(value, body),
            ExprKind::Coerce(_, inner) => self.may_be_absent(inner),
            ExprKind::Refine(refine) => self.may_be_absent(&refine.value),
            ExprKind::Binary(BinaryOp::Coalesce, _, b) => self.may_be_absent(b),
            ExprKind::Call(name, args) => match name.as_str() {
                "orValue" => false,
                "or" => args.iter().all(|arg| self.may_be_absent(arg)),
                "optional.none" | "optional.ofNonZeroValue" | "first" | "last" | "find" => true,
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether nothing in an expression may be absent.
    pub(super) fn is_always_there(&self, expr: &Expr) -> bool {
        let mut there = true;
        expr.walk(&mut |part| there &= !self.may_be_absent(part));
        there
    }

    fn may_lack(&self, base: &Expr, access: Access, optional: impl Fn() -> Option<bool>) -> bool {
        match access {
            Access::Required | Access::Observed => false,
            Access::Declared => self.may_be_absent(base) || optional().unwrap_or(true),
            Access::Optional => self.may_be_absent(base) || optional().unwrap_or(true),
        }
    }

    /// An object that is written out, behind the names for it.
    pub(super) fn literal<'e>(&'e self, expr: &'e Expr) -> Option<&'e Expr> {
        match &expr.kind {
            ExprKind::Object(_)
            | ExprKind::Const(Value::Map(_))
            | ExprKind::List(_)
            | ExprKind::Const(Value::List(_)) => Some(expr),
            ExprKind::Local(local) => match self.env.get(&local.slot)? {
                Bound::Lazy(expr) => self.literal(expr),
                _ => None,
            },
            ExprKind::Binding(name) => self.literal(self.binding(name)?),
            _ => None,
        }
    }

    /// What an object that is written out has at a field: the expression, or what is
    /// absent where it has none. `None` where its form does not tell.
    pub(super) fn written_field<'e>(&'e self, base: &'e Expr, name: &str) -> Option<Cow<'e, Expr>> {
        let base = self.literal(base)?;
        match &base.kind {
            ExprKind::Const(value) => {
                let value = value.get(name).cloned().unwrap_or_default();
                Some(Cow::Owned(Expr::constant(value, base.span)))
            }
            ExprKind::Object(entries) => {
                let mut found = None;
                for entry in entries {
                    match entry {
                        Entry::Field(key, value) if key == name => found = Some(value),
                        Entry::Field(..) => {}
                        _ if !brings(entry, name) => {}
                        _ => return None,
                    }
                }
                Some(found.map_or_else(|| Cow::Owned(Expr::constant(Value::Absent, base.span)), Cow::Borrowed))
            }
            _ => None,
        }
    }

    /// The truth of a condition that is the same for every instance.
    pub(super) fn certain(&self, expr: &Expr) -> Option<bool> {
        match &expr.kind {
            ExprKind::Const(Value::Bool(value)) => Some(*value),
            ExprKind::Has(inner) => {
                if let ExprKind::Field { base, name, .. } = &inner.kind
                    && let Some(value) = self.written_field(base, name)
                {
                    return match value.known() {
                        Some(known) => Some(!matches!(known, Value::Absent)),
                        None => (!self.may_be_absent(&value)).then_some(true),
                    };
                }
                (!self.may_be_absent(inner)).then_some(true)
            }
            _ => None,
        }
    }

    /// Whether a list that is written out has an item for every instance.
    pub(super) fn has_an_item(&self, items: &[Item]) -> bool {
        items.iter().any(|item| match item {
            Item::Value(value) => !self.may_be_absent(value),
            Item::For(head, body) => {
                let declared = match self.shape(&head.range) {
                    Some(Schema::Record(fields)) => fields.iter().any(|f| !f.optional),
                    _ => false,
                };
                declared && self.has_an_item(body)
            }
            Item::Spread(_) | Item::If(..) => false,
        })
    }
}

/// Whether an entry may bring a field of this name.
fn brings(entry: &Entry, name: &str) -> bool {
    match entry {
        Entry::Field(key, _) => key == name,
        Entry::If(_, then, otherwise) => then.iter().chain(otherwise).any(|entry| brings(entry, name)),
        Entry::Computed(..) | Entry::Spread(_) | Entry::For(..) => true,
    }
}
