//! Secrets: a `Secret<T>` is a reference, `{ secret: name, key: key }`, and goes
//! only where Kubernetes takes a reference.

use super::{Checker, Typed};
use crate::diagnostic::{Diagnostic, E0309};
use crate::expr::{Access, Entry, Expr, ExprKind, Item, Local, Repr};
use crate::source::Span;
use crate::types::Type;

const WAYS: &str = "a secret goes where Kubernetes takes a reference: a container's `env` as `value`, `envFrom`, a volume's `secret`, or a field that is a secret reference";

/// The complaint about a secret that would become readable.
pub(crate) fn visible(span: Span, place: &str) -> Diagnostic {
    Diagnostic::new(&E0309, span, format!("a secret would become visible in {place}"))
        .label("this is a secret")
        .help(WAYS)
}

/// The complaint about reading a part of a secret.
pub(crate) fn opened(span: Span) -> Diagnostic {
    Diagnostic::new(&E0309, span, "a secret cannot be looked into").label("its parts are not readable").help(WAYS)
}

/// The complaint about a secret that is given by its value, which the message does not repeat.
pub(crate) fn by_value(span: Span, literal: bool) -> Diagnostic {
    Diagnostic::new(&E0309, span, "a secret is given by reference, not by its value")
        .label(if literal { "whoever reads this file can read it" } else { "this is a plain value" })
        .help("keep the value in a Kubernetes Secret and write `{ secret: NAME, key: KEY }`")
}

/// The types that a secret is turned into, see [`reference`].
const REFERENCES: &[&str] = &[
    "core/v1/SecretKeySelector",
    "core/v1/SecretEnvSource",
    "core/v1/LocalObjectReference",
    "core/v1/SecretReference",
    "core/v1/SecretVolumeSource",
    "core/v1/SecretProjection",
    "core/v1/EnvVarSource",
];

impl Checker<'_> {
    /// A secret where something is expected: kept, turned into a reference, or refused.
    pub(crate) fn fit_secret(&mut self, typed: Typed, expected: &Type) -> Expr {
        if crate::types::fits(self.schemas, &typed.ty, expected) && !matches!(expected.structure(), Type::Dyn) {
            return typed.expr;
        }
        if let Type::Optional(inner) = expected.structure() {
            return self.fit_secret(typed, &inner.clone());
        }
        let span = typed.expr.span;
        let name = match expected.structure() {
            Type::Schema(def) => self.schemas.name(*def).unwrap_or_default(),
            _ => String::new(),
        };
        match reference(&mut self.frame, typed.expr, &name) {
            Some(expr) => expr,
            None => {
                let place = self
                    .way
                    .last()
                    .map_or_else(|| "a plain value".to_owned(), |s| format!("the plain field `{}`", s.key));
                let mut diagnostic = visible(span, &place);
                if let Some(field) = self.takes_secret() {
                    let written = self.modules.sources.text(span);
                    diagnostic = diagnostic.help(format!("`{field}` takes the secret itself: `{field}: {written}`"));
                }
                self.report(diagnostic);
                Self::unknown(span).expr
            }
        }
    }

    /// The field around the one that is checked, where it takes a secret as a whole.
    fn takes_secret(&self) -> Option<&str> {
        let [.., outer, inner] = self.way.as_slice() else { return None };
        let owner = self.schemas.name(inner.def?)?;
        REFERENCES.contains(&owner.as_str()).then_some(outer.key.as_str())
    }

    /// `env: [{ name, value: password }]`: the value becomes `valueFrom`.
    pub(crate) fn env_value(&mut self, typed: Typed) -> Entry {
        let span = typed.expr.span;
        let local = self.frame.slot("secret");
        let selector = object(span, vec![("name", part(&local, "secret", span)), ("key", part(&local, "key", span))]);
        let source = object(span, vec![("secretKeyRef", selector)]);
        Entry::Field("valueFrom".into(), bind(local, typed.expr, source))
    }
}

/// The reference that a Kubernetes type wants, made of a secret.
fn reference(frame: &mut super::scope::Frame, secret: Expr, type_name: &str) -> Option<Expr> {
    let span = secret.span;
    let local = frame.slot("secret");
    let name = || part(&local, "secret", span);
    let key = || part(&local, "key", span);
    let built = match type_name {
        "core/v1/SecretKeySelector" => object(span, vec![("name", name()), ("key", key())]),
        "core/v1/SecretEnvSource" | "core/v1/LocalObjectReference" | "core/v1/SecretReference" => {
            object(span, vec![("name", name())])
        }
        "core/v1/SecretVolumeSource" => object(span, vec![("secretName", name()), ("items", items(&local, span))]),
        "core/v1/SecretProjection" => object(span, vec![("name", name()), ("items", items(&local, span))]),
        "core/v1/EnvVarSource" => {
            let selector = object(span, vec![("name", name()), ("key", key())]);
            object(span, vec![("secretKeyRef", selector)])
        }
        _ => return None,
    };
    Some(bind(local, secret, built))
}

fn items(local: &Local, span: Span) -> Expr {
    let item = object(span, vec![("key", part(local, "key", span)), ("path", part(local, "key", span))]);
    Expr::new(ExprKind::List(vec![Item::Value(item)]), Repr::List, span)
}

fn part(local: &Local, field: &str, span: Span) -> Expr {
    let base = Expr::new(ExprKind::Local(local.clone()), Repr::Map, span);
    Expr::new(
        ExprKind::Field { base: Box::new(base), name: field.into(), access: Access::Required },
        Repr::String,
        span,
    )
}

fn object(span: Span, fields: Vec<(&str, Expr)>) -> Expr {
    let entries = fields.into_iter().map(|(name, expr)| Entry::Field(name.into(), expr)).collect();
    Expr::new(ExprKind::Object(entries), Repr::Map, span)
}

fn bind(local: Local, value: Expr, body: Expr) -> Expr {
    let (repr, span) = (body.repr, body.span);
    Expr::new(ExprKind::Let(local, Box::new(value), Box::new(body)), repr, span)
}
