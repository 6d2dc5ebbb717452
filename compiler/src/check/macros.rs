//! CEL's macros on lists and maps, `cel.bind`, `optMap`.

use super::{Checker, Typed};
use crate::diagnostic::{Diagnostic, E0310, E0311};
use crate::expr::{Comprehension, Expr, ExprKind, MacroOp, Repr};
use crate::source::Span;
use crate::syntax::ast::{self, Arg, Ident};
use crate::types::Type;
use crate::value::Value;

/// The names of the macros that are called on a value.
pub(crate) const NAMES: &[&str] = &[
    "all",
    "exists",
    "exists_one",
    "existsOne",
    "filter",
    "map",
    "optFlatMap",
    "optMap",
    "sortBy",
    "transformList",
    "transformMap",
    "transformMapEntry",
];

/// Whether the library function of this name is a macro.
pub(crate) fn is_macro(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Whether the macro of this name makes a list or map of what its body gives, or keeps one.
pub(crate) fn makes_collection(name: &str) -> bool {
    matches!(name, "filter" | "map" | "sortBy" | "transformList" | "transformMap")
}

impl Checker<'_> {
    /// A macro called on a value; `None` when the name is none.
    pub(crate) fn macro_call(
        &mut self,
        base: &ast::Expr,
        name: &Ident,
        args: &[Arg],
        args_span: Span,
        span: Span,
        expected: Option<&Type>,
    ) -> Option<Typed> {
        let op = match name.name.as_str() {
            "all" => MacroOp::All,
            "exists" => MacroOp::Exists,
            "exists_one" | "existsOne" => MacroOp::ExistsOne,
            "filter" => MacroOp::Filter,
            "map" | "transformList" => MacroOp::Map,
            "transformMap" => MacroOp::TransformMap,
            "transformMapEntry" => MacroOp::TransformMapEntry,
            "sortBy" => MacroOp::SortBy,
            "optMap" | "optFlatMap" => return Some(self.opt_map(base, args, args_span, span)),
            _ => return None,
        };
        Some(self.comprehension(op, base, name, args, args_span, span, expected))
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one call")]
    fn comprehension(
        &mut self,
        op: MacroOp,
        base: &ast::Expr,
        name: &Ident,
        args: &[Arg],
        args_span: Span,
        span: Span,
        expected: Option<&Type>,
    ) -> Typed {
        let range = self.range(op, base, expected);
        self.note_member(&range.ty, name);
        self.note_library_call(&name.name, name.span, args_span, Some(&range.ty));
        let Some(shape) = shape(op, &name.name, args) else {
            self.report(
                Diagnostic::new(&E0310, args_span, format!("`{}` takes a variable and an expression", name.name))
                    .help(usage(&name.name)),
            );
            return Self::unknown(span);
        };
        let Some((key, value)) = self.range_types(&range, &name.name) else {
            return Self::unknown(span);
        };
        let list = matches!(range.ty.structure(), Type::List(_) | Type::Dyn);
        let element = if shape.second.is_some() {
            key.clone()
        } else if list {
            value.clone()
        } else {
            key.clone()
        };
        let count = self.frame.vars.len();
        let first = self.bind_unchecked(&shape.first.name, shape.first.span, element.clone());
        let second = shape.second.as_ref().map(|v| self.bind_unchecked(&v.name, v.span, value.clone()));
        let filter = shape.filter.map(|f| self.check(f, &Type::Bool));
        let (body, ty) = self.macro_body(op, shape.body, &range.ty, &element, expected);
        self.unbind(count);
        let comprehension = Comprehension { op, range: range.expr, first, second, filter, body };
        Typed::new(ExprKind::Comprehension(Box::new(comprehension)), ty, span)
    }

    /// What a macro goes over. One that keeps elements keeps what is expected of them, too.
    fn range(&mut self, op: MacroOp, base: &ast::Expr, expected: Option<&Type>) -> Typed {
        let keeps = matches!(op, MacroOp::Filter | MacroOp::SortBy)
            && matches!(base.kind, ast::ExprKind::List(_) | ast::ExprKind::Call { .. });
        match expected.map(present) {
            Some(list) if keeps && matches!(list.structure(), Type::List(_)) => {
                Typed { expr: self.check(base, list), ty: list.clone() }
            }
            _ => self.infer(base),
        }
    }

    fn macro_body(
        &mut self,
        op: MacroOp,
        body: &ast::Expr,
        range: &Type,
        element: &Type,
        expected: Option<&Type>,
    ) -> (Expr, Type) {
        match op {
            MacroOp::All | MacroOp::Exists | MacroOp::ExistsOne => (self.check(body, &Type::Bool), Type::Bool),
            MacroOp::Filter => {
                let ty = match range.structure() {
                    Type::List(item) if range.is_observed() => Type::list((**item).clone().observed()),
                    Type::List(_) => range.structure().clone(),
                    Type::Dyn => Type::Dyn,
                    _ => Type::list(element.clone()),
                };
                (self.check(body, &Type::Bool), ty)
            }
            MacroOp::Map => {
                let wanted = match expected.map(|ty| present(ty).structure()) {
                    Some(Type::List(item)) => known(item),
                    _ => None,
                };
                let typed = self.check_or_infer(body, wanted);
                let ty = if typed.is_unknown() { Type::Unknown } else { Type::list(typed.ty.widen()) };
                (typed.expr, ty)
            }
            MacroOp::TransformMap => {
                let wanted = match expected.map(|ty| present(ty).structure()) {
                    Some(Type::Map(entry)) => known(&entry.1),
                    _ => None,
                };
                let typed = self.check_or_infer(body, wanted);
                let key = match range.structure() {
                    Type::Map(entry) => entry.0.clone(),
                    Type::List(_) => Type::Int,
                    Type::Dyn => Type::Dyn,
                    _ => Type::String,
                };
                let ty = if typed.is_unknown() {
                    Type::Unknown
                } else {
                    Type::Map(std::sync::Arc::new((key, typed.ty.widen())))
                };
                (typed.expr, ty)
            }
            MacroOp::TransformMapEntry => {
                let typed = self.infer(body);
                let ty = if typed.is_unknown() { Type::Unknown } else { self.as_map(&typed.ty) };
                (typed.expr, ty)
            }
            MacroOp::SortBy => (self.infer(body).expr, range.structure().clone()),
        }
    }

    fn as_map(&self, ty: &Type) -> Type {
        match ty.structure() {
            Type::Record(record) => Type::map(self.element(record.fields.values().map(|f| f.ty.clone()).collect())),
            other => other.clone(),
        }
    }

    /// Key and value of what a macro goes over.
    fn range_types(&mut self, range: &Typed, name: &str) -> Option<(Type, Type)> {
        let observed = range.ty.is_observed();
        let mark = |ty: Type| if observed { ty.observed() } else { ty };
        match range.ty.structure() {
            Type::Unknown => None,
            Type::List(item) => Some((Type::Int, mark((**item).clone().or_dyn()))),
            Type::Map(entry) => Some((entry.0.clone(), mark(entry.1.clone()))),
            Type::Record(_) | Type::Schema(_) => {
                let record = range.ty.record(self.schemas).cloned().unwrap_or_default();
                Some((Type::String, mark(self.element(record.fields.values().map(|f| f.ty.clone()).collect()))))
            }
            Type::Dyn => Some((Type::Dyn, Type::Dyn)),
            _ => {
                let message = format!("`{name}` goes over a list or a map, not {}", self.article(&range.ty.widen()));
                let mut diagnostic = Diagnostic::new(&E0311, range.expr.span, message);
                if matches!(range.ty.peel(), Type::Optional(_)) {
                    diagnostic = diagnostic.help("it may be absent: give a default, `(… ?? [])`");
                }
                self.report(diagnostic);
                None
            }
        }
    }

    /// `cel.bind(x, value, body)`.
    pub(crate) fn cel_bind(&mut self, args: &[Arg], args_span: Span, span: Span) -> Typed {
        let [name, value, body] = args else {
            return self.bad_usage(args_span, span, "`cel.bind(name, value, expression)`");
        };
        let Some(variable) = variable(&name.value) else {
            return self.bad_usage(args_span, span, "`cel.bind(name, value, expression)`");
        };
        let value = self.infer(&value.value);
        let count = self.frame.vars.len();
        let local = self.bind_unchecked(&variable.name, variable.span, value.ty);
        let body = self.infer(&body.value);
        self.unbind(count);
        Typed::new(ExprKind::Let(local, Box::new(value.expr), Box::new(body.expr)), body.ty, span)
    }

    /// `value.optMap(x, expression)`: the expression where the value is there.
    fn opt_map(&mut self, base: &ast::Expr, args: &[Arg], args_span: Span, span: Span) -> Typed {
        let [name, body] = args else { return self.bad_usage(args_span, span, "`value.optMap(name, expression)`") };
        let Some(variable) = variable(&name.value) else {
            return self.bad_usage(args_span, span, "`value.optMap(name, expression)`");
        };
        let value = self.infer(base);
        let inner = if let Type::Optional(inner) = value.ty.peel() { (**inner).clone() } else { value.ty.clone() };
        let count = self.frame.vars.len();
        let local = self.bind_unchecked(&variable.name, variable.span, inner);
        let body = self.infer(&body.value);
        self.unbind(count);
        let ty = body.ty.clone().optional();
        let read = Expr::new(ExprKind::Local(local.clone()), value.expr.repr, span);
        let present = Expr::new(ExprKind::Has(Box::new(read)), Repr::Bool, span);
        let absent = Expr::constant(Value::Absent, span);
        let cond = Expr::new(ExprKind::Cond(Box::new(present), Box::new(body.expr), Box::new(absent)), ty.repr(), span);
        Typed::new(ExprKind::Let(local, Box::new(value.expr), Box::new(cond)), ty, span)
    }

    fn bad_usage(&mut self, args_span: Span, span: Span, usage: &str) -> Typed {
        self.report(Diagnostic::new(&E0310, args_span, "these arguments do not fit").help(format!("write {usage}")));
        Self::unknown(span)
    }
}

/// What is expected of a value that is there.
fn present(ty: &Type) -> &Type {
    if let Type::Optional(inner) = ty.structure() { inner } else { ty }
}

/// A type that says something of the values that are expected.
fn known(ty: &Type) -> Option<&Type> {
    (!matches!(ty.structure(), Type::Dyn | Type::Unknown)).then_some(ty)
}

struct Shape<'a> {
    first: Ident,
    second: Option<Ident>,
    filter: Option<&'a ast::Expr>,
    body: &'a ast::Expr,
}

/// The parts of a macro's arguments. `map(x, filter, e)` has a filter; `all`,
/// `exists` and `existsOne` may have two variables; the `transform…` macros always do.
fn shape<'a>(op: MacroOp, name: &str, args: &'a [Arg]) -> Option<Shape<'a>> {
    let two = name.starts_with("transform");
    let predicate = matches!(op, MacroOp::All | MacroOp::Exists | MacroOp::ExistsOne);
    let values: Vec<&ast::Expr> = args.iter().map(|a| &a.value).collect();
    match values.as_slice() {
        [x, body] if !two => Some(Shape { first: variable(x)?, second: None, filter: None, body }),
        [x, y, body] if two || predicate => {
            Some(Shape { first: variable(x)?, second: Some(variable(y)?), filter: None, body })
        }
        [x, filter, body] if op == MacroOp::Map => {
            Some(Shape { first: variable(x)?, second: None, filter: Some(filter), body })
        }
        [x, y, filter, body] if two => {
            Some(Shape { first: variable(x)?, second: Some(variable(y)?), filter: Some(filter), body })
        }
        _ => None,
    }
}

fn variable(expr: &ast::Expr) -> Option<Ident> {
    match &expr.kind {
        ast::ExprKind::Name(name) => Some(Ident { name: name.clone(), span: expr.span }),
        _ => None,
    }
}

fn usage(name: &str) -> String {
    match name {
        "transformList" | "transformMap" | "transformMapEntry" => {
            format!("write `value.{name}(key, value, expression)`")
        }
        "map" => "write `list.map(item, expression)`".to_owned(),
        "sortBy" => "write `list.sortBy(item, key)`".to_owned(),
        _ => format!("write `list.{name}(item, condition)`"),
    }
}
