//! How types relate: what lies under a name, what fits where without a change,
//! and the one type that several branches have.

use std::sync::Arc;

use super::{Field, Named, Record, Refined, Type};
use crate::expr::Repr;
use crate::schema::Schemas;
use crate::value::Value;

impl Type {
    /// A list of this type.
    #[must_use]
    pub fn list(item: Self) -> Self {
        Self::List(Arc::new(item))
    }

    /// A map with string keys.
    #[must_use]
    pub fn map(value: Self) -> Self {
        Self::Map(Arc::new((Self::String, value)))
    }

    /// This type or absent; never optional twice.
    #[must_use]
    pub fn optional(self) -> Self {
        match self {
            Self::Optional(_) | Self::Unknown | Self::Dyn => self,
            other => Self::Optional(Arc::new(other)),
        }
    }

    /// The type as it is read from a cluster; scalars stay what they are.
    #[must_use]
    pub fn observed(self) -> Self {
        match self.peel() {
            Self::Record(_) | Self::Schema(_) | Self::List(_) | Self::Map(_) | Self::Dyn => {
                Self::Observed(Arc::new(self))
            }
            _ => self,
        }
    }

    /// The union of several types, flat, each once; a single one is itself.
    #[must_use]
    pub fn union(schemas: &Schemas, types: Vec<Self>) -> Self {
        let mut flat: Vec<Self> = Vec::new();
        let mut add = |ty: Self| {
            if !flat.iter().any(|known| known.same(&ty, schemas)) {
                flat.push(ty);
            }
        };
        for ty in types {
            match ty.peel() {
                Self::Union(members) => members.iter().cloned().for_each(&mut add),
                _ => add(ty),
            }
        }
        match flat.len() {
            1 => flat.pop().unwrap_or(Self::Unknown),
            _ => Self::Union(Arc::new(flat)),
        }
    }

    /// What lies under names alone: rules and what may be absent are seen.
    #[must_use]
    pub fn under_names(&self) -> &Self {
        let mut ty = self;
        while let Self::Named(named) = ty {
            ty = &named.ty;
        }
        ty
    }

    /// What lies under names and rules.
    #[must_use]
    pub fn peel(&self) -> &Self {
        let mut ty = self;
        loop {
            ty = match ty {
                Self::Named(named) => &named.ty,
                Self::Refined(refined) => &refined.base,
                other => return other,
            };
        }
    }

    /// What lies under names and rules, and under the mark of having been observed.
    #[must_use]
    pub fn structure(&self) -> &Self {
        match self.peel() {
            Self::Observed(inner) => inner.structure(),
            other => other,
        }
    }

    /// Whether it is read from a cluster.
    #[must_use]
    pub fn is_observed(&self) -> bool {
        matches!(self.peel(), Self::Observed(_))
    }

    /// The type without its literals: `"a"` is a `String`.
    #[must_use]
    pub fn widen(&self) -> Self {
        match self {
            Self::Literal(value) => Self::of(value),
            other => other.clone(),
        }
    }

    /// The scalar type of a value; collections are of anything.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Absent => Self::Optional(Arc::new(Self::Unknown)),
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Bool,
            Value::Int(_) => Self::Int,
            Value::Uint(_) => Self::Uint,
            Value::Float(_) => Self::Float,
            Value::String(_) => Self::String,
            Value::Bytes(_) => Self::Bytes,
            Value::Duration(_) => Self::Duration,
            Value::Timestamp(_) => Self::Timestamp,
            Value::Quantity(_) => Self::Quantity,
            Value::List(_) => Self::list(Self::Dyn),
            Value::Map(_) => Self::Map(Arc::new((Self::Dyn, Self::Dyn))),
            Value::Type(_) => Self::TypeValue,
            Value::Opaque(_) => Self::Dyn,
        }
    }

    /// The scalar that all values of the type are: literals and unions of
    /// literals become the type of their values; `None` for anything mixed.
    #[must_use]
    pub fn base(&self) -> Option<Self> {
        match self.structure() {
            Self::Literal(value) => Some(Self::of(value)),
            Self::Union(members) => {
                let mut bases = members.iter().map(Self::base);
                let first = bases.next()??;
                bases.all(|b| b.is_some_and(|b| b.repr() == first.repr() && b.repr() != Repr::Dyn)).then_some(first)
            }
            Self::Optional(_) => None,
            other => Some(other.clone()),
        }
    }

    /// What its values look like.
    #[must_use]
    pub fn repr(&self) -> Repr {
        match self.structure() {
            Self::Null => Repr::Null,
            Self::Bool => Repr::Bool,
            Self::Int => Repr::Int,
            Self::Uint => Repr::Uint,
            Self::Float => Repr::Float,
            Self::String => Repr::String,
            Self::Bytes => Repr::Bytes,
            Self::Duration => Repr::Duration,
            Self::Timestamp => Repr::Timestamp,
            Self::Quantity => Repr::Quantity,
            Self::Literal(value) => Repr::of(value),
            Self::List(_) => Repr::List,
            Self::Map(_) | Self::Record(_) | Self::Schema(_) | Self::Secret(_) => Repr::Map,
            Self::Opaque(_) => Repr::Opaque,
            Self::Optional(inner) => inner.repr(),
            Self::Union(_) => match self.base() {
                Some(base) if !matches!(base, Self::Union(_)) => base.repr(),
                _ => Repr::Dyn,
            },
            _ => Repr::Dyn,
        }
    }

    /// Whether the two are the same type, names aside.
    #[must_use]
    pub fn same(&self, other: &Self, schemas: &Schemas) -> bool {
        fits(schemas, self, other) && fits(schemas, other, self)
    }

    /// The names and rules on the way to the structure, outermost first.
    fn layers(&self) -> Vec<&Self> {
        let mut layers = vec![self];
        let mut ty = self;
        loop {
            ty = match ty {
                Self::Named(named) => &named.ty,
                Self::Refined(refined) => &refined.base,
                _ => return layers,
            };
            layers.push(ty);
        }
    }

    /// Whether the type carries this rule already, so that it needs no check.
    #[must_use]
    pub fn keeps(&self, rule: &Arc<Refined>) -> bool {
        self.layers().iter().any(|t| matches!(t, Self::Refined(r) if Arc::ptr_eq(r, rule) || r.span == rule.span))
    }

    /// The outermost name of the type.
    #[must_use]
    pub fn named(&self) -> Option<&Arc<Named>> {
        if let Self::Named(named) = self { Some(named) } else { None }
    }

    /// The record of a record type or of a schema, observed or not.
    #[must_use]
    pub fn record<'a>(&'a self, schemas: &'a Schemas) -> Option<&'a Arc<Record>> {
        match self.structure() {
            Self::Record(record) => Some(record),
            Self::Schema(def) => schemas.record(*def),
            _ => None,
        }
    }
}

impl Field {
    /// A required field without more.
    #[must_use]
    pub const fn of(ty: Type) -> Self {
        Self { ty, optional: false, default: None, doc: None, span: None }
    }
}

/// Whether a value of `from` is a value of `to` as it stands, with no
/// conversion and no rule to check.
#[must_use]
pub fn fits(schemas: &Schemas, from: &Type, to: &Type) -> bool {
    if let Type::Named(named) = to {
        let same = matches!(from, Type::Named(f) if Arc::ptr_eq(f, named));
        return same || fits(schemas, from, &named.ty);
    }
    if let Type::Refined(rule) = to {
        return from.keeps(rule) && fits(schemas, from, &rule.base);
    }
    let from = from.structure();
    match (from, to.structure()) {
        (Type::Unknown | Type::Dyn, _) | (_, Type::Unknown | Type::Dyn) => true,
        (Type::Optional(a), Type::Optional(b)) => fits(schemas, a, b),
        (Type::Optional(_), _) => false,
        (_, Type::Optional(inner)) => fits(schemas, from, inner),
        (Type::Union(members), to) => members.iter().all(|m| fits(schemas, m, to)),
        (_, Type::Union(members)) => members.iter().any(|m| fits(schemas, from, m)),
        (Type::Literal(a), Type::Literal(b)) => a == b,
        (Type::Literal(a), to) => Type::of(a).repr() == to.repr() && !matches!(to, Type::Record(_)),
        (Type::List(a), Type::List(b)) => fits(schemas, a, b),
        (Type::Map(a), Type::Map(b)) => fits(schemas, &a.0, &b.0) && fits(schemas, &a.1, &b.1),
        (Type::Secret(a), Type::Secret(b)) => fits(schemas, a, b),
        (Type::Schema(a), Type::Schema(b)) if a == b => true,
        (Type::Record(_) | Type::Schema(_), Type::Map(entry)) => from.record(schemas).is_some_and(|record| {
            entry.0.repr() == Repr::String && record.fields.values().all(|f| fits(schemas, &f.ty, &entry.1))
        }),
        (Type::Record(_) | Type::Schema(_), Type::Record(_) | Type::Schema(_)) => {
            records_fit(schemas, from, to.structure())
        }
        (Type::Opaque(a), Type::Opaque(b)) => a == b,
        (a, b) => scalar(a) && scalar(b) && a.repr() == b.repr(),
    }
}

/// Whether anything within `from` stands where `to` says what it must be, so
/// that only its value decides whether it fits.
#[must_use]
pub fn undecided(schemas: &Schemas, from: &Type, to: &Type) -> bool {
    let from = from.structure();
    match (from, to.structure()) {
        (_, Type::Dyn | Type::Unknown) => false,
        (Type::Dyn, _) => true,
        (Type::Optional(a), Type::Optional(b)) => undecided(schemas, a, b),
        (_, Type::Optional(inner)) => undecided(schemas, from, inner),
        (Type::List(a), Type::List(b)) => undecided(schemas, a, b),
        (Type::Map(a), Type::Map(b)) => undecided(schemas, &a.1, &b.1),
        (Type::Schema(a), Type::Schema(b)) if a == b => false,
        (Type::Record(record), Type::Map(entry)) => record.fields.values().any(|f| undecided(schemas, &f.ty, &entry.1)),
        (Type::Record(record), wanted @ (Type::Record(_) | Type::Schema(_))) => {
            wanted.record(schemas).is_some_and(|w| {
                record.fields.iter().any(|(n, f)| w.fields.get(n).is_some_and(|w| undecided(schemas, &f.ty, &w.ty)))
            })
        }
        _ => false,
    }
}

const fn scalar(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Null
            | Type::Bool
            | Type::Int
            | Type::Uint
            | Type::Float
            | Type::String
            | Type::Bytes
            | Type::Duration
            | Type::Timestamp
            | Type::Quantity
            | Type::TypeValue
    )
}

fn records_fit(schemas: &Schemas, from: &Type, to: &Type) -> bool {
    if matches!((from, to), (Type::Schema(_), Type::Schema(_))) {
        return false;
    }
    let takes_more = matches!(to, Type::Schema(def) if schemas.is_open(*def));
    let (Some(from), Some(to)) = (from.record(schemas), to.record(schemas)) else { return false };
    (takes_more || from.fields.keys().all(|name| to.fields.contains_key(name)))
        && to.fields.iter().all(|(name, wanted)| match from.fields.get(name) {
            Some(given) => {
                (wanted.optional || !given.optional) && wanted.default.is_none() && fits(schemas, &given.ty, &wanted.ty)
            }
            None => wanted.optional && wanted.default.is_none(),
        })
}

/// The one type that both branches have: the wider of the two, or their common
/// scalar; `None` when they have none.
#[must_use]
pub fn join(schemas: &Schemas, a: &Type, b: &Type) -> Option<Type> {
    // What is joined with anything is decided at evaluation too, as in CEL.
    if matches!((a, b), (Type::Dyn, _) | (_, Type::Dyn)) {
        return Some(Type::Dyn);
    }
    if fits(schemas, a, b) && !open(b) {
        return Some(b.clone());
    }
    if fits(schemas, b, a) && !open(a) {
        return Some(a.clone());
    }
    match (a.structure(), b.structure()) {
        (Type::Unknown, known) | (known, Type::Unknown) => Some(known.clone()),
        (Type::Record(x), Type::Record(y)) => join_records(schemas, x, y),
        (Type::Optional(x), y) | (y, Type::Optional(x)) => Some(join(schemas, x, strip(y))?.optional()),
        (Type::List(x), Type::List(y)) => Some(Type::list(join(schemas, x, y)?)),
        (Type::Map(x), Type::Map(y)) => {
            Some(Type::Map(Arc::new((join(schemas, &x.0, &y.0)?, join(schemas, &x.1, &y.1)?))))
        }
        _ => {
            let (x, y) = (a.base()?, b.base()?);
            (scalar(&x) && x.repr() == y.repr()).then_some(x)
        }
    }
}

/// Whether some part of a type is not known yet: `[]` is a list of nobody knows what.
fn open(ty: &Type) -> bool {
    match ty.structure() {
        Type::Unknown => true,
        Type::List(item) | Type::Optional(item) => open(item),
        Type::Map(entry) => open(&entry.0) || open(&entry.1),
        Type::Record(record) => record.fields.values().any(|f| open(&f.ty)),
        _ => false,
    }
}

/// Records of the same fields, where one leaves open what the other says.
fn join_records(schemas: &Schemas, a: &Arc<Record>, b: &Arc<Record>) -> Option<Type> {
    let (from, to) = (Type::Record(Arc::clone(a)), Type::Record(Arc::clone(b)));
    let alike = a.fields.len() == b.fields.len() && a.fields.keys().all(|name| b.fields.contains_key(name));
    if !alike || !(fits(schemas, &from, &to) || fits(schemas, &to, &from)) {
        return None;
    }
    let mut joined = (**a).clone();
    for (name, field) in &mut joined.fields {
        let other = b.fields.get(name)?;
        field.ty = join(schemas, &field.ty, &other.ty)?;
        field.optional |= other.optional;
    }
    Some(Type::Record(Arc::new(joined)))
}

fn strip(ty: &Type) -> &Type {
    if let Type::Optional(inner) = ty { inner } else { ty }
}
