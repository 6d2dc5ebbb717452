//! Lists: items, spreads, `if` and `for` in them.

use super::{Checker, Typed};
use crate::diagnostic::{Diagnostic, E0301};
use crate::expr::{self, Expr, ExprKind, Loop, Repr};
use crate::source::Span;
use crate::syntax::ast::{ForHead, Item};
use crate::types::{self, Type};
use crate::value::Value;

impl Checker<'_> {
    /// A list where a type is expected.
    pub(crate) fn list(&mut self, items: &[Item], span: Span, expected: &Type) -> Expr {
        match expected.structure() {
            Type::List(item) => {
                let item = (**item).clone();
                let items = self.items(items, &item);
                Expr::new(ExprKind::List(items), Repr::List, span)
            }
            Type::Union(members) => {
                let lists: Vec<Type> = members.iter().filter(|m| m.repr() == Repr::List).cloned().collect();
                match lists.as_slice() {
                    [one] => self.list(items, span, one),
                    [] => self.not_a_list(items, span, expected),
                    _ => {
                        let typed = self.infer_list(items, span);
                        self.fit(typed, expected)
                    }
                }
            }
            Type::Optional(inner) => self.list(items, span, &inner.clone()),
            Type::Dyn | Type::Unknown => self.with_anything(|c| c.infer_list(items, span)).expr,
            _ => self.not_a_list(items, span, expected),
        }
    }

    fn not_a_list(&mut self, items: &[Item], span: Span, expected: &Type) -> Expr {
        let open = Span { end: span.start + 1, ..span };
        let mut diagnostic =
            Diagnostic::new(&E0301, open, format!("expected {}, found a list", self.article(expected)))
                .label(format!("expected {}", self.show(expected)));
        if let [Item::Value(_)] = items {
            diagnostic = diagnostic.help("remove the brackets");
        }
        let diagnostic = self.with_structure(diagnostic, expected);
        let diagnostic = self.with_context(diagnostic);
        self.report(diagnostic);
        Self::unknown(span).expr
    }

    fn items(&mut self, items: &[Item], expected: &Type) -> Vec<expr::Item> {
        items.iter().map(|item| self.item(item, expected)).collect()
    }

    fn item(&mut self, item: &Item, expected: &Type) -> expr::Item {
        match item {
            Item::Value(value) => expr::Item::Value(self.check(value, expected)),
            Item::Optional(value) => expr::Item::Value(self.check(value, &expected.clone().optional())),
            Item::Spread(value, _) if super::expression::takes_expectation(&value.kind) => {
                expr::Item::Spread(self.check(value, &Type::list(expected.clone()).optional()))
            }
            Item::Spread(value, _) => {
                let list = Type::list(expected.clone());
                let typed = self.infer(value);
                let wanted = if matches!(typed.ty.peel(), Type::Optional(_)) { list.optional() } else { list };
                expr::Item::Spread(self.fit(typed, &wanted))
            }
            Item::If { condition, then, otherwise, .. } => {
                let (condition, facts) = self.condition(condition);
                let then = self.narrowing(facts.holds, |c| c.items(then, expected));
                let otherwise = self.narrowing(facts.fails, |c| c.items(otherwise, expected));
                expr::Item::If(condition, then, otherwise)
            }
            Item::For { head, body, .. } => {
                let count = self.frame.vars.len();
                let head = self.loop_head(head);
                let body = self.items(body, expected);
                self.unbind(count);
                expr::Item::For(head, body)
            }
        }
    }

    /// A list on its own: its items have one type, or anything.
    pub(crate) fn infer_list(&mut self, items: &[Item], span: Span) -> Typed {
        let mut types = Vec::new();
        let items = items.iter().map(|item| self.infer_item(item, &mut types)).collect();
        let item = self.element(types);
        Typed::new(ExprKind::List(items), Type::list(item), span)
    }

    fn infer_item(&mut self, item: &Item, types: &mut Vec<Type>) -> expr::Item {
        match item {
            Item::Value(value) => {
                let typed = self.infer(value);
                types.push(typed.ty);
                expr::Item::Value(typed.expr)
            }
            Item::Optional(value) => {
                let typed = self.infer(value);
                types.push(if let Type::Optional(inner) = typed.ty.peel() { (**inner).clone() } else { typed.ty });
                expr::Item::Value(typed.expr)
            }
            Item::Spread(value, _) => {
                let typed = self.infer(value);
                types.push(self.spread_element(&typed));
                expr::Item::Spread(typed.expr)
            }
            Item::If { condition, then, otherwise, .. } => {
                let (condition, facts) = self.condition(condition);
                let then = self.narrowing(facts.holds, |c| then.iter().map(|i| c.infer_item(i, types)).collect());
                let otherwise =
                    self.narrowing(facts.fails, |c| otherwise.iter().map(|i| c.infer_item(i, types)).collect());
                expr::Item::If(condition, then, otherwise)
            }
            Item::For { head, body, .. } => {
                let count = self.frame.vars.len();
                let head = self.loop_head(head);
                let body = body.iter().map(|i| self.infer_item(i, types)).collect();
                self.unbind(count);
                expr::Item::For(head, body)
            }
        }
    }

    fn spread_element(&mut self, typed: &Typed) -> Type {
        let ty = if let Type::Optional(inner) = typed.ty.peel() { (**inner).clone() } else { typed.ty.clone() };
        match ty.structure() {
            Type::List(item) => (**item).clone(),
            Type::Unknown => Type::Unknown,
            Type::Dyn => Type::Dyn,
            _ => {
                let message = format!("only a list can be spread into a list, this is {}", self.article(&typed.ty));
                self.report(Diagnostic::new(&E0301, typed.expr.span, message));
                Type::Unknown
            }
        }
    }

    /// The type that all elements have: one, their common one, one of several
    /// where records are among them, or anything, as in CEL.
    pub(crate) fn element(&self, types: Vec<Type>) -> Type {
        if types.iter().any(|t| matches!(t.peel(), Type::Unknown)) {
            return Type::Unknown;
        }
        let plain: Vec<Type> = types.iter().map(Type::widen).collect();
        let Some((first, others)) = plain.split_first() else { return Type::Unknown };
        let mut joined = first.clone();
        for ty in others {
            match types::join(self.schemas, &joined, ty) {
                Some(ty) => joined = ty,
                None if plain.iter().any(is_ours) => return Type::union(self.schemas, plain),
                None => return Type::Dyn,
            }
        }
        joined
    }

    /// `x in xs` with its variables bound.
    pub(crate) fn loop_head(&mut self, head: &ForHead) -> Loop {
        let mut range = self.infer(&head.range);
        if let Some(union) = self.literal_elements(&range) {
            range.ty = Type::list(union);
        }
        let observed = range.ty.is_observed();
        let sorted = matches!(range.ty.structure(), Type::Map(_));
        let (key, value) = self.loop_types(&range);
        let value = if observed { value.observed() } else { value };
        let list = matches!(range.ty.structure(), Type::List(_));
        let (first, second) = match &head.second {
            Some(second) => {
                let first = self.bind(&head.first, key);
                (first, Some(self.bind(second, value)))
            }
            None => (self.bind(&head.first, if list { value } else { key }), None),
        };
        if let (Some(var), None, true) = (self.frame.vars.last_mut(), &second, sorted) {
            var.key = true;
        }
        Loop { first, second, range: Box::new(range.expr), sorted }
    }

    /// The elements of a list of literals: a loop over them knows which they are.
    fn literal_elements(&self, range: &Typed) -> Option<Type> {
        let ExprKind::List(items) = &range.expr.kind else { return None };
        let literals: Option<Vec<Type>> = items
            .iter()
            .map(|item| match item {
                expr::Item::Value(Expr {
                    kind: ExprKind::Const(value @ (Value::String(_) | Value::Int(_))), ..
                }) => Some(Type::Literal(value.clone())),
                _ => None,
            })
            .collect();
        literals.filter(|l| !l.is_empty()).map(|l| Type::union(self.schemas, l))
    }

    fn loop_types(&mut self, range: &Typed) -> (Type, Type) {
        match range.ty.structure() {
            Type::List(item) => (Type::Int, (**item).clone().or_dyn()),
            Type::Map(entry) => (entry.0.clone(), entry.1.clone()),
            Type::Record(_) | Type::Schema(_) => {
                let record = range.ty.record(self.schemas).cloned().unwrap_or_default();
                (Type::String, self.element(record.fields.values().map(|f| f.ty.clone()).collect()))
            }
            Type::Dyn => (Type::Dyn, Type::Dyn),
            Type::Unknown => (Type::Unknown, Type::Unknown),
            _ => {
                let message =
                    format!("`for` goes over a list, a map or a record, not {}", self.article(&range.ty.widen()));
                let mut diagnostic = Diagnostic::new(&E0301, range.expr.span, message);
                if range.ty.repr() == Repr::Int {
                    diagnostic = diagnostic.help("to count, write `lists.range(n)`");
                }
                if matches!(range.ty.peel(), Type::Optional(_)) {
                    diagnostic = diagnostic.help("it may be absent: `?? []`");
                }
                self.report(diagnostic);
                (Type::Unknown, Type::Unknown)
            }
        }
    }
}

/// Whether a type is one that CEL does not have, so that its values never are
/// taken for anything.
fn is_ours(ty: &Type) -> bool {
    match ty.structure() {
        Type::Record(_) | Type::Schema(_) | Type::Secret(_) => true,
        Type::List(item) | Type::Optional(item) => is_ours(item),
        Type::Map(entry) => is_ours(&entry.1),
        _ => false,
    }
}
