//! Values of unknown type where a type is expected: what the type says is asked
//! when the value is evaluated. `raw` where it stands is not asked.

use std::sync::Arc;

use smol_str::SmolStr;

use super::fit::{coerce, demanded};
use super::{Checker, Typed};
use crate::expr::{Access, BinaryOp, Coercion, Comprehension, Expr, ExprKind, Local, MacroOp, Refine, Repr};
use crate::suggest;
use crate::types::{self, Record, Type};
use crate::value::Value;

impl Checker<'_> {
    /// What may be anything: its value decides, when it is evaluated. Of an
    /// object of Kubernetes only its own fields are asked for, not those of its parts.
    pub(super) fn fit_anything(&mut self, typed: Typed, expected: &Type) -> Expr {
        let (expected, optional) = match expected.structure() {
            Type::Optional(inner) => ((**inner).clone(), true),
            _ => (expected.clone(), false),
        };
        if let Some(options) = options(&expected) {
            return self.one_of_values(typed.expr, options);
        }
        let Some((coercion, repr)) = demanded(&expected) else { return typed.expr };
        let observed = typed.ty.is_observed();
        let whole = match expected.structure() {
            Type::List(_) => Type::list(Type::Dyn),
            Type::Map(entry) => Type::Map(Arc::new((entry.0.clone(), Type::Dyn))),
            Type::Record(_) if !observed && optional => {
                return self.where_present(typed.expr, |c, expr| c.unknown_object(expr, &expected));
            }
            Type::Record(_) | Type::Schema(_) if !observed => return self.unknown_object(typed.expr, &expected),
            _ => return coerce(coercion, typed.expr, repr),
        };
        let ty = if observed { whole.observed() } else { whole };
        self.fit(Typed { expr: coerce(coercion, typed.expr, repr), ty }, &expected)
    }

    /// An object of unknown type where a record is expected: it has the fields
    /// that the record needs, and none that it lacks.
    fn unknown_object(&mut self, value: Expr, expected: &Type) -> Expr {
        let object = coerce(Coercion::Map, value, Repr::Map);
        let Some(record) = expected.record(self.schemas).cloned() else { return object };
        let what = self.article(expected);
        let mut checked = object;
        if !self.may_have_more(expected) {
            checked = self.without_others(checked, &record, &what);
        }
        let needed: Vec<SmolStr> =
            record.fields.iter().filter(|(_, f)| !f.optional && f.default.is_none()).map(|(n, _)| n.clone()).collect();
        if !needed.is_empty() {
            checked = self.with_all(checked, &needed, &what);
        }
        if matches!(expected.structure(), Type::Schema(_)) {
            return checked;
        }
        let given = |(name, field): (&SmolStr, &types::Field)| {
            let optional = field.optional || field.default.is_some();
            (name.clone(), types::Field { optional, ..types::Field::of(Type::Dyn) })
        };
        let from = Arc::new(Record { fields: record.fields.iter().map(given).collect() });
        self.rebuild(Typed { expr: checked, ty: Type::Record(from.clone()) }, &from, &record)
    }

    /// The object, if all its fields are those of a record.
    fn without_others(&mut self, object: Expr, record: &Record, what: &str) -> Expr {
        let span = object.span;
        let (it, key) = (self.frame.slot("it"), self.frame.slot("key"));
        let read = |local: &Local, repr| Expr::new(ExprKind::Local(local.clone()), repr, span);
        let known = Value::List(Arc::new(record.fields.keys().map(|name| Value::str(name)).collect()));
        let known = Box::new(Expr::constant(known, span));
        let in_known = ExprKind::Binary(BinaryOp::In, Box::new(read(&key, Repr::String)), known);
        let all = Comprehension {
            op: MacroOp::All,
            range: read(&it, Repr::Map),
            first: key,
            second: None,
            filter: None,
            body: Expr::new(in_known, Repr::Bool, span),
        };
        let rule = Expr::new(ExprKind::Comprehension(Box::new(all)), Repr::Bool, span);
        let listed = suggest::listing(record.fields.keys().map(SmolStr::as_str));
        let message = Expr::constant(Value::str(&format!("the fields of {what} are {listed}")), span);
        ruled(object, it, rule, message)
    }

    /// The object, if it has these fields.
    fn with_all(&mut self, object: Expr, names: &[SmolStr], what: &str) -> Expr {
        let span = object.span;
        let it = self.frame.slot("it");
        let has = |name: &SmolStr| {
            let base = Box::new(Expr::new(ExprKind::Local(it.clone()), Repr::Map, span));
            let kind = ExprKind::Field { base, name: name.clone(), access: Access::Declared };
            Expr::new(ExprKind::Has(Box::new(Expr::new(kind, Repr::Dyn, span))), Repr::Bool, span)
        };
        let both = |all: Expr, one: Expr| {
            Expr::new(ExprKind::Binary(BinaryOp::And, Box::new(all), Box::new(one)), Repr::Bool, span)
        };
        let Some(rule) = names.iter().map(has).reduce(both) else { return object };
        let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let message = Expr::constant(Value::str(&format!("{what} needs {}", listed.join(", "))), span);
        ruled(object, it, rule, message)
    }

    /// The value, if it is one of some.
    fn one_of_values(&mut self, value: Expr, options: Vec<Value>) -> Expr {
        let span = value.span;
        let it = self.frame.slot("it");
        let shown: Vec<String> = options.iter().map(Value::shown).collect();
        let read = Box::new(Expr::new(ExprKind::Local(it.clone()), Repr::Dyn, span));
        let options = Box::new(Expr::constant(Value::List(Arc::new(options)), span));
        let rule = Expr::new(ExprKind::Binary(BinaryOp::In, read, options), Repr::Bool, span);
        let message = Expr::constant(Value::str(&format!("expected {}", shown.join(" or "))), span);
        ruled(value, it, rule, message)
    }
}

/// The values of a literal type, or of a union of such.
fn options(ty: &Type) -> Option<Vec<Value>> {
    match ty.structure() {
        Type::Literal(value) => Some(vec![value.clone()]),
        Type::Union(members) => members
            .iter()
            .map(options)
            .collect::<Option<Vec<_>>>()
            .map(|members| members.into_iter().flatten().collect()),
        _ => None,
    }
}

fn ruled(value: Expr, it: Local, rule: Expr, message: Expr) -> Expr {
    let (repr, span) = (value.repr, value.span);
    let refine = Refine { value, it, rule, message: Some(message), type_name: None };
    Expr::new(ExprKind::Refine(Box::new(refine)), repr, span)
}
