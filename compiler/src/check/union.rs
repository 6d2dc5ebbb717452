//! Objects where a union is expected: which of its records is meant.

use super::Checker;
use crate::diagnostic::{Diagnostic, E0301, E0303};
use crate::expr::{Expr, Repr};
use crate::source::Span;
use crate::syntax::ast::{self, Entry, Key};
use crate::types::{self, Type};
use crate::value::Value;

impl Checker<'_> {
    /// An object where a union is expected: the case is told by its discriminator.
    pub(super) fn union_object(&mut self, entries: &[Entry], span: Span, members: &[Type], expected: &Type) -> Expr {
        let objects: Vec<Type> = members.iter().filter(|m| m.repr() == Repr::Map).cloned().collect();
        if objects.len() > 1 {
            self.note_keys(entries, expected, &[]);
        }
        if let [one] = objects.as_slice() {
            return self.check_object_member(entries, span, one);
        }
        let Some(key) = super::branches::discriminator(self.schemas, &objects) else {
            return self.first_that_fits(entries, span, &objects, expected);
        };
        let written = entries.iter().find_map(|e| match e {
            Entry::Field { key: Key::Word { name, .. }, value, .. } if name.name == key => Some(value),
            _ => None,
        });
        let Some(written) = written else { return self.no_discriminator(entries, span, &key, expected) };
        let types =
            objects.iter().filter_map(|o| o.record(self.schemas)?.fields.get(&key).map(|f| f.ty.clone())).collect();
        let of_key = Type::union(self.schemas, types);
        let value = self.attempt(|c| c.check(written, &of_key));
        let chosen = value.as_ref().and_then(Expr::known).and_then(|v| self.member_with(&objects, &key, v));
        match chosen {
            Some(member) => self.check_object_member(entries, span, &member),
            None if value.is_some() => self.first_that_fits(entries, span, &objects, expected),
            None => {
                self.check(written, &of_key);
                Self::unknown(span).expr
            }
        }
    }

    fn check_object_member(&mut self, entries: &[Entry], span: Span, member: &Type) -> Expr {
        let expr = ast::Expr { kind: ast::ExprKind::Object(entries.to_vec()), span };
        self.check(&expr, member)
    }

    fn member_with(&self, objects: &[Type], key: &str, value: &Value) -> Option<Type> {
        objects
            .iter()
            .find(|o| {
                let field = o.record(self.schemas).and_then(|r| r.fields.get(key));
                field.is_some_and(|f| types::fits(self.schemas, &Type::Literal(value.clone()), &f.ty))
            })
            .cloned()
    }

    fn first_that_fits(&mut self, entries: &[Entry], span: Span, objects: &[Type], expected: &Type) -> Expr {
        for member in objects {
            if let Some(expr) = self.choose(|c| c.check_object_member(entries, span, member)) {
                return expr;
            }
        }
        match objects.first() {
            Some(_) => {
                let open = Span { end: span.start + 1, ..span };
                self.report(Diagnostic::new(&E0301, open, format!("this object is none of {}", self.show(expected))));
            }
            None => {
                self.not_an_object(entries, span, expected);
            }
        }
        Self::unknown(span).expr
    }

    fn no_discriminator(&mut self, entries: &[Entry], span: Span, key: &str, expected: &Type) -> Expr {
        self.infer_quietly(entries, span);
        let place = self.way.last().map_or(Span { end: span.start + 1, ..span }, |s| s.span);
        let diagnostic = Diagnostic::new(
            &E0303,
            place,
            format!("{} needs `{key}`, which says which case it is", self.article(expected)),
        )
        .help(format!("add `{key}: …`"));
        self.report(diagnostic);
        Self::unknown(span).expr
    }
}
