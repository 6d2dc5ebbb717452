//! Which overload of a function a call means, and the type of its result.

use std::sync::Arc;

use crate::types::Type;
use crate::value::Value;

use super::{Function, Overload, Sig};

/// How many combinations of the members of unions are tried for one call.
const MAX_COMBINATIONS: usize = 64;

/// What a call means.
#[derive(Clone, Debug)]
pub enum Resolution {
    /// It fits.
    Found {
        /// The type of the result.
        result: Type,
        /// The overloads that it may mean; more than one where an argument's
        /// type is known only at evaluation, or is a union.
        overloads: Vec<&'static Overload>,
    },
    /// It would fit if this argument (the receiver of a method is the first)
    /// could not be absent.
    MayBeAbsent {
        /// The index of the argument.
        argument: usize,
    },
    /// It fits nothing; the signatures that there are.
    NotFound {
        /// Each as [`super::signature`] writes it.
        signatures: Vec<String>,
    },
}

/// Finds what a call means. Names, literals and refinements count as what they
/// are made of; `Dyn` and `Unknown` fit everything; `Int` does not fit `Float`.
#[must_use]
pub fn resolve(function: &'static Function, receiver: bool, args: &[Type]) -> Resolution {
    let mut budget = MAX_COMBINATIONS;
    if let Some((result, overloads)) = fit_call(function, receiver, args, &mut budget) {
        return Resolution::Found { result, overloads };
    }
    match optional_in_the_way(function, receiver, args) {
        Some(argument) => Resolution::MayBeAbsent { argument },
        None => Resolution::NotFound { signatures: function.signatures().collect() },
    }
}

/// Whether an overload is a method of a type, whatever its other arguments are.
#[must_use]
pub fn takes_receiver(overload: &'static Overload, ty: &Type) -> bool {
    let others = overload.params.iter().skip(1).map(|_| Type::Unknown);
    let args: Vec<Type> = std::iter::once(ty.clone()).chain(others).collect();
    overload.receiver && fit_overload(overload, &args).is_some()
}

/// The first optional argument, when the call fits without the optionals.
fn optional_in_the_way(function: &'static Function, receiver: bool, args: &[Type]) -> Option<usize> {
    let argument = args.iter().position(|ty| matches!(strip(ty), Type::Optional(_)))?;
    let present: Vec<Type> = args.iter().map(|ty| without_optional(ty).clone()).collect();
    fit_call(function, receiver, &present, &mut { MAX_COMBINATIONS })?;
    Some(argument)
}

fn without_optional(ty: &Type) -> &Type {
    if let Type::Optional(inner) = strip(ty) { inner } else { ty }
}

type Fit = (Type, Vec<&'static Overload>);

fn fit_call(function: &'static Function, receiver: bool, args: &[Type], budget: &mut usize) -> Option<Fit> {
    *budget = budget.checked_sub(1)?;
    let fits: Vec<(Type, &'static Overload)> = function
        .overloads
        .iter()
        .filter(|overload| overload.receiver == receiver)
        .filter_map(|overload| Some((fit_overload(overload, args)?, overload)))
        .collect();
    let Some((first, overload)) = fits.first() else {
        return fit_members(function, receiver, args, budget);
    };
    if !args.iter().any(is_open) {
        return Some((first.clone(), vec![*overload]));
    }
    let result = if fits.iter().all(|(ty, _)| same(ty, first)) { first.clone() } else { Type::Dyn };
    Some((result, fits.into_iter().map(|(_, overload)| overload).collect()))
}

/// Fits a call in which an argument is a union by each of its members.
fn fit_members(function: &'static Function, receiver: bool, args: &[Type], budget: &mut usize) -> Option<Fit> {
    let (index, members) = args.iter().enumerate().find_map(|(index, ty)| match strip(ty) {
        Type::Union(members) => Some((index, members.clone())),
        _ => None,
    })?;
    let mut found: Option<Fit> = None;
    for member in members.iter() {
        let mut args = args.to_vec();
        *args.get_mut(index)? = member.clone();
        let (result, overloads) = fit_call(function, receiver, &args, budget)?;
        found = Some(match found {
            None => (result, overloads),
            Some(before) => merge(before, (result, overloads)),
        });
    }
    found
}

fn merge((ty, mut overloads): Fit, (other, more): Fit) -> Fit {
    let result = if same(&ty, &other) { ty } else { Type::Dyn };
    for overload in more {
        if !overloads.contains(&overload) {
            overloads.push(overload);
        }
    }
    (result, overloads)
}

/// Whether evaluation decides what the type is, so that several overloads may be meant.
fn is_open(ty: &Type) -> bool {
    match strip(ty) {
        Type::Dyn | Type::Unknown => true,
        Type::List(item) => is_open(item),
        Type::Map(pair) => is_open(&pair.0) || is_open(&pair.1),
        Type::Optional(inner) => is_open(inner),
        _ => false,
    }
}

fn fit_overload(overload: &Overload, args: &[Type]) -> Option<Type> {
    let mut bound = Bound::default();
    let mut params = overload.params.iter();
    let mut repeated: Option<&Sig> = None;
    for ty in args {
        let sig = match repeated {
            Some(sig) => sig,
            None => params.next()?,
        };
        if let Sig::Variadic(each) = sig {
            repeated = Some(sig);
            bound.fits(each, ty).then_some(())?;
        } else {
            bound.fits(sig, ty).then_some(())?;
        }
    }
    params.next().is_none().then(|| bound.instantiate(&overload.result))
}

/// What the type variables stand for.
#[derive(Default)]
struct Bound {
    a: Option<Type>,
    b: Option<Type>,
}

impl Bound {
    fn fits(&mut self, sig: &Sig, ty: &Type) -> bool {
        match sig {
            Sig::Dyn => true,
            Sig::A => bind(&mut self.a, ty),
            Sig::B => bind(&mut self.b, ty),
            Sig::Ordered => has_order(ty) && bind(&mut self.a, ty),
            Sig::Optional(inner) => self.fits(inner, without_optional(ty)),
            _ => self.fits_shape(sig, ty),
        }
    }

    fn fits_shape(&mut self, sig: &Sig, ty: &Type) -> bool {
        match (sig, strip(ty)) {
            (_, Type::Dyn | Type::Unknown) => true,
            (_, Type::Union(members)) => members.iter().all(|member| self.fits(sig, member)),
            (Sig::List(item), Type::List(ty)) => self.fits(item, ty),
            (Sig::Map(key, value), Type::Map(pair)) => self.fits(key, &pair.0) && self.fits(value, &pair.1),
            (Sig::Map(key, value), Type::Record(record)) => {
                self.fits(key, &Type::String) && record.fields.values().all(|field| self.fits_or_dyn(value, &field.ty))
            }
            (Sig::Number, ty) => matches!(base(ty), Type::Int | Type::Uint | Type::Float),
            (_, ty) => fits_simple(sig, &base(ty)),
        }
    }

    /// Fits the field of a record to the value of a map; fields of unlike
    /// types make a map of `Dyn`.
    fn fits_or_dyn(&mut self, sig: &Sig, ty: &Type) -> bool {
        if self.fits(sig, ty) {
            return true;
        }
        match sig {
            Sig::A => self.a = Some(Type::Dyn),
            Sig::B => self.b = Some(Type::Dyn),
            _ => return false,
        }
        true
    }

    fn instantiate(&self, sig: &Sig) -> Type {
        let variable = |bound: &Option<Type>| bound.clone().unwrap_or(Type::Dyn);
        match sig {
            Sig::A | Sig::Ordered => variable(&self.a),
            Sig::B => variable(&self.b),
            Sig::List(item) => Type::List(Arc::new(self.instantiate(item))),
            Sig::Map(key, value) => Type::Map(Arc::new((self.instantiate(key), self.instantiate(value)))),
            Sig::Optional(inner) => optional(self.instantiate(inner)),
            Sig::Opaque(name) => Type::Opaque(name),
            _ => simple(sig),
        }
    }
}

fn optional(ty: Type) -> Type {
    if matches!(strip(&ty), Type::Optional(_)) { ty } else { Type::Optional(Arc::new(ty)) }
}

const fn simple(sig: &Sig) -> Type {
    match sig {
        Sig::Null => Type::Null,
        Sig::Bool => Type::Bool,
        Sig::Int => Type::Int,
        Sig::Uint => Type::Uint,
        Sig::Float => Type::Float,
        Sig::String => Type::String,
        Sig::Bytes => Type::Bytes,
        Sig::Duration => Type::Duration,
        Sig::Timestamp => Type::Timestamp,
        Sig::Quantity => Type::Quantity,
        Sig::TypeValue => Type::TypeValue,
        _ => Type::Dyn,
    }
}

fn fits_simple(sig: &Sig, ty: &Type) -> bool {
    match (sig, ty) {
        (Sig::Opaque(a), Type::Opaque(b)) => a == b,
        _ => !matches!(simple(sig), Type::Dyn) && same(&simple(sig), ty),
    }
}

/// Binds a variable, or joins what it stands for with another type.
fn bind(variable: &mut Option<Type>, ty: &Type) -> bool {
    let joined = match variable {
        None => Some(ty.clone()),
        Some(bound) => join(bound, ty),
    };
    let fits = joined.is_some();
    if fits {
        *variable = joined;
    }
    fits
}

/// One type for the values of both; `None` where CEL would see two types.
fn join(a: &Type, b: &Type) -> Option<Type> {
    match (strip(a), strip(b)) {
        (Type::Unknown, _) => Some(b.clone()),
        (_, Type::Unknown) => Some(a.clone()),
        (Type::Dyn, _) | (_, Type::Dyn) => Some(Type::Dyn),
        (Type::List(x), Type::List(y)) => Some(Type::List(Arc::new(join(x, y)?))),
        (Type::Optional(x), y) => Some(optional(join(x, y)?)),
        (x, Type::Optional(y)) => Some(optional(join(x, y)?)),
        (Type::Record(_) | Type::Schema(_) | Type::Map(_), Type::Record(_) | Type::Schema(_) | Type::Map(_)) => {
            Some(a.clone())
        }
        (x, y) if covers(x, y) => Some(a.clone()),
        (x, y) if covers(y, x) => Some(b.clone()),
        (x, y) => {
            let (x, y) = (base(x), base(y));
            same(&x, &y).then_some(x)
        }
    }
}

/// Whether every value of `b` is one of `a`'s members.
fn covers(a: &Type, b: &Type) -> bool {
    if let Type::Union(members) = b {
        return members.iter().all(|member| covers(a, strip(member)));
    }
    match a {
        Type::Union(members) => members.iter().any(|member| covers(strip(member), b)),
        _ => same(a, b),
    }
}

/// Whether the values of a type have an order in the API server.
fn has_order(ty: &Type) -> bool {
    match strip(ty) {
        Type::Union(members) => members.iter().all(has_order),
        ty => matches!(
            base(ty),
            Type::Dyn
                | Type::Unknown
                | Type::Bool
                | Type::Int
                | Type::Uint
                | Type::Float
                | Type::String
                | Type::Bytes
                | Type::Duration
                | Type::Timestamp
        ),
    }
}

/// The type without its names and rules.
fn strip(ty: &Type) -> &Type {
    match ty {
        Type::Named(named) => strip(&named.ty),
        Type::Refined(refined) => strip(&refined.base),
        Type::Observed(inner) => strip(inner),
        _ => ty,
    }
}

/// The type of which literals and unions of literals are values.
fn base(ty: &Type) -> Type {
    match strip(ty) {
        Type::Literal(value) => literal_base(value),
        Type::Union(members) => match members.split_first() {
            Some((first, rest)) if rest.iter().all(|ty| same(&base(ty), &base(first))) => base(first),
            _ => ty.clone(),
        },
        ty => ty.clone(),
    }
}

const fn literal_base(value: &Value) -> Type {
    match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Bool,
        Value::Int(_) => Type::Int,
        Value::Uint(_) => Type::Uint,
        Value::Float(_) => Type::Float,
        Value::String(_) => Type::String,
        Value::Bytes(_) => Type::Bytes,
        Value::Duration(_) => Type::Duration,
        Value::Timestamp(_) => Type::Timestamp,
        Value::Quantity(_) => Type::Quantity,
        Value::Type(_) => Type::TypeValue,
        _ => Type::Dyn,
    }
}

/// Whether two types are the same, names and rules aside.
fn same(a: &Type, b: &Type) -> bool {
    match (strip(a), strip(b)) {
        (Type::Literal(a), Type::Literal(b)) => a == b,
        (Type::List(a), Type::List(b))
        | (Type::Optional(a), Type::Optional(b))
        | (Type::Secret(a), Type::Secret(b)) => same(a, b),
        (Type::Map(a), Type::Map(b)) => same(&a.0, &b.0) && same(&a.1, &b.1),
        (Type::Union(a), Type::Union(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b)),
        (Type::Record(a), Type::Record(b)) => {
            a.fields.len() == b.fields.len()
                && a.fields
                    .iter()
                    .all(|(name, field)| b.fields.get(name).is_some_and(|other| same(&field.ty, &other.ty)))
        }
        (Type::Schema(a), Type::Schema(b)) => a == b,
        (Type::Opaque(a), Type::Opaque(b)) => a == b,
        (Type::Literal(_), _) | (_, Type::Literal(_)) => false,
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b) && is_simple(a),
    }
}

const fn is_simple(ty: &Type) -> bool {
    !matches!(
        ty,
        Type::List(_)
            | Type::Map(_)
            | Type::Union(_)
            | Type::Record(_)
            | Type::Schema(_)
            | Type::Opaque(_)
            | Type::Optional(_)
            | Type::Secret(_)
    )
}
