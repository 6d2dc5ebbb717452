//! Fields of an instance that are copied.

use smol_str::SmolStr;

use super::{Carried, Piece, Scope};
use crate::expr::{Access, Coercion, Expr, ExprKind, Refine};
use crate::ir::Schema;
use crate::target::schema::openapi::OpenApi;
use crate::target::schema::rule;
use crate::value::Value;

/// The forms of labels of DNS, of names of them, and of the values of labels.
const DNS_LABEL: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
const DNS_NAME: &str = r"^[a-z0-9]+((-+|\.)[a-z0-9]+)*$";
const LABEL_VALUE: &str = "^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$";
/// The most characters of an instance's name, which the definition bounds, and of a namespace's.
const LONGEST_NAME: i64 = 63;

/// A field of an instance, by its way in the object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) path: Vec<SmolStr>,
}

/// What is known of the values of a field.
pub(super) struct Kind<'a> {
    /// The types of which it has one.
    pub(super) schemas: Vec<&'a Schema>,
    /// It may be missing.
    pub(super) optional: bool,
}

impl Place {
    /// As a field path.
    pub(super) fn text(&self) -> Option<String> {
        let mut text = String::new();
        for name in &self.path {
            text = segment(&text, name)?;
        }
        Some(text)
    }
}

/// A field path with one more field (crossplane-runtime, pkg/fieldpath): what holds
/// dots stands in brackets, where a number would be an index.
pub(in super::super) fn segment(path: &str, name: &str) -> Option<String> {
    let strange = |c: char| matches!(c, '[' | ']' | '*') || c.is_control();
    if name.is_empty() || name.contains(strange) {
        return None;
    }
    if !name.contains('.') {
        return Some(if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") });
    }
    (!path.is_empty()).then(|| format!("{path}[{name}]"))
}

impl<'a> Scope<'a> {
    /// The field of the instance that an expression reads and nothing else.
    pub(super) fn place(&self, expr: &'a Expr) -> Option<Place> {
        match &expr.kind {
            ExprKind::Param(name) => Some(Place { path: vec!["spec".into(), name.clone()] }),
            ExprKind::Field { base, name, access } if *access != Access::Observed => {
                if matches!(base.kind, ExprKind::Instance) {
                    let known = matches!(name.as_str(), "name" | "namespace");
                    return known.then(|| self.own(name));
                }
                let mut place = self.place(base)?;
                place.path.push(name.clone());
                Some(place)
            }
            ExprKind::Binding(_) | ExprKind::Local(_) => {
                let (scope, meaning) = self.meaning(expr)?;
                scope.place(meaning)
            }
            // A rule that every value of the field keeps.
            ExprKind::Refine(refine) => self.place(&refine.value).filter(|place| self.keeps_rule(place, refine)),
            _ => None,
        }
    }

    /// Whether the API server takes only such values of a field as keep a rule.
    fn keeps_rule(&self, place: &Place, refine: &Refine) -> bool {
        let Some(wanted) = rule::of_text(&refine.it, &refine.rule) else { return false };
        let (longest, patterns, shortest) = match self.level(place) {
            Some(level) => (level.longest(), level.patterns.clone(), level.min_size.unwrap_or(0)),
            None if self.kind(place).is_some() => (Some(LONGEST_NAME), vec![DNS_NAME.to_owned()], 1),
            None => return false,
        };
        let has = |wanted: &String| {
            patterns.contains(wanted)
                || wanted == LABEL_VALUE && patterns.iter().any(|known| known == DNS_LABEL || known == DNS_NAME)
        };
        wanted.one_of.is_empty()
            && wanted.min_size.is_none_or(|min| min <= shortest)
            && wanted.max_size.is_none_or(|max| longest.is_some_and(|longest| longest <= max))
            && wanted.patterns.iter().all(has)
    }

    /// Whether a condition always or never holds.
    pub(super) fn certain(&self, condition: &'a Expr) -> Option<bool> {
        match &condition.kind {
            ExprKind::Const(Value::Bool(truth)) => Some(*truth),
            ExprKind::Coerce(Coercion::Bool, inner) => self.certain(inner),
            ExprKind::Has(inner) => {
                let place = self.place(inner)?;
                let kind = self.kind(&place)?;
                (!kind.optional).then_some(true)
            }
            _ => None,
        }
    }

    /// The instance's name or namespace.
    pub(super) fn own(&self, name: &str) -> Place {
        let path: &[&str] = if self.claimed { &["spec", "claimRef"] } else { &["metadata"] };
        Place { path: path.iter().copied().chain([name]).map(SmolStr::new).collect() }
    }

    /// The type of a field; nothing where the object in the cluster may lack what
    /// the language fills in.
    pub(super) fn kind(&self, place: &Place) -> Option<Kind<'a>> {
        let mut path = place.path.iter();
        let (first, second) = (path.next()?, path.next()?);
        if first != "spec" || self.claimed && second == "claimRef" {
            return Some(Kind { schemas: vec![&Schema::String], optional: false });
        }
        let param = self.composite.params.iter().find(|param| param.name == *second)?;
        let mut kind = Kind { schemas: vec![&param.schema], optional: param.optional };
        for name in path {
            kind = kind.field(name)?;
        }
        Some(kind)
    }

    /// The level of a field in the schema that the API server applies.
    pub(super) fn level(&self, place: &Place) -> Option<&'a OpenApi> {
        let (first, rest) = place.path.split_first()?;
        if first != "spec" {
            return None;
        }
        rest.iter().try_fold(self.spec, |level, name| level.fields.get(name))
    }

    /// The value of a field, where JSON has it as the language has it.
    pub(super) fn copied(&self, expr: &'a Expr) -> Option<Piece> {
        let inner = match &expr.kind {
            ExprKind::Coerce(coercion, inner) => {
                let place = self.place(inner)?;
                let fits = |schema: &&Schema| keeps(*coercion, schema);
                self.kind(&place)?.schemas.iter().all(fits).then_some(&**inner)?
            }
            ExprKind::Call(name, args) if name == "string" => match args.as_slice() {
                [arg] => {
                    let place = self.place(arg)?;
                    let text = |schema: &&Schema| keeps(Coercion::String, schema);
                    self.kind(&place)?.schemas.iter().all(text).then_some(arg)?
                }
                _ => return None,
            },
            _ => expr,
        };
        let place = self.place(inner)?;
        let kind = self.kind(&place)?;
        if !kind.schemas.iter().all(|schema| identical(schema)) {
            return None;
        }
        Some(Piece::Patched(Carried { optional: kind.optional, ..Carried::field(place.text()?) }, Value::Absent))
    }
}

impl<'a> Kind<'a> {
    fn field(self, name: &str) -> Option<Self> {
        let mut found = Kind { schemas: Vec::new(), optional: self.optional };
        for schema in self.schemas {
            fields(schema, name, &mut found)?;
        }
        (!found.schemas.is_empty()).then_some(found)
    }
}

fn fields<'a>(schema: &'a Schema, name: &str, found: &mut Kind<'a>) -> Option<()> {
    match schema {
        Schema::Rule(rule) => fields(&rule.base, name, found),
        Schema::Secret(_) => {
            found.schemas.push(&Schema::String);
            matches!(name, "secret" | "key").then_some(())
        }
        Schema::Record(all) => {
            if let Some(field) = all.iter().find(|field| field.name == name) {
                found.schemas.push(&field.schema);
                found.optional |= field.optional;
                return Some(());
            }
            found.optional = true;
            Some(())
        }
        Schema::Union(members) => {
            for member in members {
                // A schema cannot fill in by case.
                let default = |schema: &Schema| match schema {
                    Schema::Record(all) => all.iter().any(|field| field.name == name && field.default.is_some()),
                    _ => !matches!(schema, Schema::Rule(_)),
                };
                if default(member) {
                    return None;
                }
                fields(member, name, found)?;
            }
            Some(())
        }
        _ => None,
    }
}

/// Whether a conversion leaves every value of a type as it is.
fn keeps(coercion: Coercion, schema: &Schema) -> bool {
    match schema {
        Schema::Rule(rule) => keeps(coercion, &rule.base),
        Schema::Union(members) => members.iter().all(|member| keeps(coercion, member)),
        Schema::Literal(Value::String(_)) | Schema::String => coercion == Coercion::String,
        Schema::Literal(Value::Int(_)) | Schema::Int => coercion == Coercion::Int,
        Schema::Literal(Value::Bool(_)) | Schema::Bool => coercion == Coercion::Bool,
        Schema::List(_) => coercion == Coercion::List,
        Schema::Map(_) | Schema::Record(_) => coercion == Coercion::Map,
        _ => false,
    }
}

/// Whether a value of a type is the same in JSON as an instance gives it and as an
/// object has it. Units have many ways of being written, and one case of a union may
/// have defaults that no schema fills in.
pub(in super::super) fn identical(schema: &Schema) -> bool {
    match schema {
        Schema::Bool | Schema::Int | Schema::Uint | Schema::String => true,
        Schema::Literal(value) => matches!(value, Value::String(_) | Value::Int(_) | Value::Bool(_)),
        Schema::List(inner) | Schema::Map(inner) => identical(inner),
        Schema::Rule(rule) => identical(&rule.base),
        Schema::Record(fields) => fields.iter().all(|field| identical(&field.schema)),
        Schema::Union(members) => {
            members.iter().all(|member| identical(member) && !matches!(member, Schema::Record(_) | Schema::Rule(_)))
        }
        Schema::Any
        | Schema::Null
        | Schema::Float
        | Schema::Bytes
        | Schema::Duration
        | Schema::Timestamp
        | Schema::Quantity
        | Schema::Secret(_)
        | Schema::Kubernetes(_) => false,
    }
}
