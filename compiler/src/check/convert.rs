//! Conversions of whole collections: each element, entry or field is made to
//! fit; defaults of a record are filled in.

use std::sync::Arc;

use super::{Checker, Typed};
use crate::diagnostic::{Diagnostic, E0301};
use crate::expr::{Access, Comprehension, Entry, Expr, ExprKind, MacroOp, Repr};
use crate::types::{self, Record, Type};

impl Checker<'_> {
    /// A list, map or record as another one whose parts are made to fit.
    pub(crate) fn convert(&mut self, typed: Typed, expected: &Type) -> Expr {
        match (typed.ty.structure().clone(), expected.structure().clone()) {
            (Type::List(from), Type::List(to)) => self.convert_items(typed, &from, &to, expected),
            (Type::Map(from), Type::Map(to)) if types::fits(self.schemas, &from.0, &to.0) => {
                self.convert_values(typed, &from.1, &to.1, expected)
            }
            (Type::Record(_) | Type::Schema(_), Type::Map(to)) => self.record_to_map(typed, &to.1, expected),
            (Type::Record(_), Type::Record(_) | Type::Schema(_)) => self.convert_record(typed, expected),
            (Type::Schema(a), Type::Schema(b)) if a != b => self.mismatch(&typed, expected),
            (Type::Schema(_), Type::Record(_)) => self.convert_record(typed, expected),
            _ => self.mismatch(&typed, expected),
        }
    }

    fn convert_items(&mut self, typed: Typed, from: &Type, to: &Type, expected: &Type) -> Expr {
        let span = typed.expr.span;
        let first = self.frame.slot("item");
        let read = Typed::new(ExprKind::Local(first.clone()), from.clone(), span);
        let Some(body) = self.choose(|c| c.fit(read, to)) else {
            return self.item_mismatch(&typed, from, to, expected);
        };
        let comprehension =
            Comprehension { op: MacroOp::Map, range: typed.expr, first, second: None, filter: None, body };
        Expr::new(ExprKind::Comprehension(Box::new(comprehension)), Repr::List, span)
    }

    /// Says which of the records in a list keeps it from being the list that is expected.
    fn item_mismatch(&mut self, typed: &Typed, from: &Type, to: &Type, expected: &Type) -> Expr {
        let members = match from.structure() {
            Type::Union(members) => members.to_vec(),
            _ => vec![from.clone()],
        };
        let span = typed.expr.span;
        let wrong = members.iter().find(|member| {
            let local = ExprKind::Local(self.frame.slot("item"));
            let read = Typed::new(local, (*member).clone(), span);
            self.attempt(|c| c.fit(read, to)).is_none()
        });
        match wrong {
            Some(wrong) if wrong.record(self.schemas).is_some() && to.record(self.schemas).is_some() => {
                self.record_mismatch(span, wrong, to);
                Self::unknown(span).expr
            }
            _ => self.mismatch(typed, expected),
        }
    }

    fn convert_values(&mut self, typed: Typed, from: &Type, to: &Type, expected: &Type) -> Expr {
        let span = typed.expr.span;
        let (first, second) = (self.frame.slot("key"), self.frame.slot("value"));
        let read = Typed::new(ExprKind::Local(second.clone()), from.clone(), span);
        let Some(body) = self.choose(|c| c.fit(read, to)) else { return self.mismatch(&typed, expected) };
        let comprehension = Comprehension {
            op: MacroOp::TransformMap,
            range: typed.expr,
            first,
            second: Some(second),
            filter: None,
            body,
        };
        Expr::new(ExprKind::Comprehension(Box::new(comprehension)), Repr::Map, span)
    }

    fn record_to_map(&mut self, typed: Typed, to: &Type, expected: &Type) -> Expr {
        let Some(record) = typed.ty.record(self.schemas).cloned() else { return self.mismatch(&typed, expected) };
        let wanted = Record {
            fields: record
                .fields
                .keys()
                .map(|name| (name.clone(), types::Field { optional: true, ..types::Field::of(to.clone()) }))
                .collect(),
        };
        match self.choose(|c| c.rebuild(typed.clone(), &record, &wanted)) {
            Some(expr) => expr,
            None => self.field_mismatch(&typed, &record, to, expected),
        }
    }

    /// Says which field of a record keeps it from being a map.
    fn field_mismatch(&mut self, typed: &Typed, record: &Record, to: &Type, expected: &Type) -> Expr {
        let wrong = record.fields.iter().find(|(_, f)| !types::fits(self.schemas, &f.ty, to));
        let Some((name, field)) = wrong else { return self.mismatch(typed, expected) };
        let message = format!("`{name}` must be {} here, and is {}", self.article(to), self.article(&field.ty.widen()));
        let mut diagnostic =
            Diagnostic::new(&E0301, typed.expr.span, message).label(format!("expected {}", self.show(expected)));
        if let Some(span) = field.span {
            diagnostic = diagnostic.also(span, "it stands here");
        }
        let diagnostic = self.with_context(diagnostic);
        self.report(diagnostic);
        Self::unknown(typed.expr.span).expr
    }

    fn convert_record(&mut self, typed: Typed, expected: &Type) -> Expr {
        let (Some(from), Some(to)) = (typed.ty.record(self.schemas).cloned(), expected.record(self.schemas).cloned())
        else {
            return self.mismatch(&typed, expected);
        };
        let to = if self.may_have_more(expected) { Arc::new(with_fields_of(&from, &to)) } else { to };
        let extra = from.fields.keys().any(|name| !to.fields.contains_key(name));
        let missing =
            to.fields.iter().any(|(name, f)| !f.optional && f.default.is_none() && !from.fields.contains_key(name));
        if extra || missing {
            self.record_mismatch(typed.expr.span, &typed.ty, expected);
            return Self::unknown(typed.expr.span).expr;
        }
        for name in from.fields.keys() {
            self.warn_of_field(expected, name, typed.expr.span, false);
        }
        self.rebuild(typed, &from, &to)
    }

    /// Reads every field of a record and makes it fit.
    pub(super) fn rebuild(&mut self, typed: Typed, from: &Arc<Record>, to: &Record) -> Expr {
        let span = typed.expr.span;
        let local = self.frame.slot("record");
        let mut entries = Vec::new();
        for (name, wanted) in &to.fields {
            let expr = match from.fields.get(name) {
                Some(given) => {
                    let base = Expr::new(ExprKind::Local(local.clone()), Repr::Map, span);
                    let optional = given.optional && given.default.is_none();
                    let access = if optional { Access::Declared } else { Access::Required };
                    let kind = ExprKind::Field { base: Box::new(base), name: name.clone(), access };
                    let ty = if optional { given.ty.clone().optional() } else { given.ty.clone() };
                    self.fit_field(Typed::new(kind, ty, span), wanted)
                }
                None => match &wanted.default {
                    Some(default) => default.clone(),
                    None => continue,
                },
            };
            entries.push(Entry::Field(name.clone(), expr));
        }
        let object = Expr::new(ExprKind::Object(entries), Repr::Map, span);
        Expr::new(ExprKind::Let(local, Box::new(typed.expr), Box::new(object)), Repr::Map, span)
    }

    /// A checked value for a field: optional fields take what may be absent,
    /// and a default stands in for it.
    pub(crate) fn fit_field(&mut self, typed: Typed, field: &types::Field) -> Expr {
        let may_be_absent = matches!(typed.ty.structure(), Type::Optional(_) | Type::Dyn);
        if !may_be_absent || !(field.optional || field.default.is_some()) {
            return self.fit(typed, &field.ty);
        }
        let expr = self.fit(typed, &field.ty.clone().optional());
        match &field.default {
            Some(default) => {
                let (repr, span) = (expr.repr, expr.span);
                let kind = ExprKind::Binary(crate::expr::BinaryOp::Coalesce, Box::new(expr), Box::new(default.clone()));
                Expr::new(kind, repr, span)
            }
            None => expr,
        }
    }
}

/// A record with the fields of another one added, of any type.
fn with_fields_of(from: &Record, to: &Record) -> Record {
    let mut all = to.clone();
    for name in from.fields.keys().filter(|name| !to.fields.contains_key(*name)) {
        all.fields.insert(name.clone(), types::Field { optional: true, ..types::Field::of(Type::Dyn) });
    }
    all
}
