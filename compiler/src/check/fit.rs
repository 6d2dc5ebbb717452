//! Makes a checked value fit the type that its context expects: as it is, by a
//! conversion that the language has, or not at all, with the reason.

use std::sync::Arc;

use super::{Checker, Typed};
use crate::diagnostic::{Diagnostic, E0301, E0302, E0303, E0304, E0307, E0308};
use crate::expr::{Coercion, Expr, ExprKind, Repr};
use crate::source::Span;
use crate::suggest;
use crate::types::{self, Type};
use crate::units;
use crate::value::Value;

/// The longest structure of a type that a message shows beside its name, in bytes.
const MAX_STRUCTURE: usize = 100;

impl Checker<'_> {
    /// The value as one of the expected type; what does not fit is reported once.
    pub(crate) fn fit(&mut self, typed: Typed, expected: &Type) -> Expr {
        if let (Type::Named(own), Type::Named(named)) = (&typed.ty, expected)
            && Arc::ptr_eq(own, named)
        {
            return typed.expr;
        }
        match expected.under_names() {
            Type::Refined(rule) => {
                let kept = typed.ty.keeps(rule);
                let known = !typed.is_unknown();
                let expr = self.fit(typed, &rule.base);
                if kept || !known { expr } else { self.refine(expr, rule) }
            }
            _ => self.fit_structure(typed, expected),
        }
    }

    fn fit_structure(&mut self, typed: Typed, expected: &Type) -> Expr {
        if let Type::Secret(_) = typed.ty.structure() {
            return self.fit_secret(typed, expected);
        }
        if matches!(typed.ty.structure(), Type::Dyn) {
            return self.fit_anything(typed, expected);
        }
        if types::fits(self.schemas, &typed.ty, expected) && !types::undecided(self.schemas, &typed.ty, expected) {
            return typed.expr;
        }
        match expected.structure() {
            Type::Optional(inner) => self.fit_optional(typed, &inner.clone()),
            Type::Union(members) => self.fit_union(typed, &members.clone(), expected),
            Type::Literal(_) => self.fit_literal(typed, expected),
            Type::Quantity | Type::Duration | Type::Timestamp | Type::Bytes | Type::Float => {
                self.fit_scalar(typed, expected)
            }
            Type::List(_) | Type::Map(_) | Type::Record(_) | Type::Schema(_) => self.convert(typed, expected),
            _ => self.mismatch(&typed, expected),
        }
    }

    fn fit_optional(&mut self, typed: Typed, inner: &Type) -> Expr {
        let Type::Optional(own) = typed.ty.structure() else { return self.fit(typed, inner) };
        let own = (**own).clone();
        let known_absent = matches!(typed.expr.known(), Some(Value::Absent));
        if known_absent || types::fits(self.schemas, &own, inner) {
            return typed.expr;
        }
        self.where_present(typed.expr, |c, expr| c.fit(Typed { expr, ty: own }, inner))
    }

    /// What is there is converted, what is absent stays absent.
    pub(super) fn where_present(&mut self, value: Expr, convert: impl FnOnce(&mut Self, Expr) -> Expr) -> Expr {
        let (repr, span, local) = (value.repr, value.span, self.frame.slot("it"));
        let read = || Expr::new(ExprKind::Local(local.clone()), repr, span);
        let fitted = convert(self, read());
        let absent = Expr::constant(Value::Absent, span);
        let present = Expr::new(ExprKind::Has(Box::new(read())), Repr::Bool, span);
        let cond = Expr::new(ExprKind::Cond(Box::new(present), Box::new(fitted), Box::new(absent)), repr, span);
        Expr::new(ExprKind::Let(local, Box::new(value), Box::new(cond)), repr, span)
    }

    /// The first member that the value fits, by conversion if need be.
    fn fit_union(&mut self, typed: Typed, members: &[Type], expected: &Type) -> Expr {
        for member in members {
            if let Some(expr) = self.choose(|c| c.fit(typed.clone(), member)) {
                return expr;
            }
        }
        if members.iter().all(|m| matches!(m.structure(), Type::Literal(_))) {
            return self.fit_literal(typed, expected);
        }
        self.mismatch(&typed, expected)
    }

    /// Runs a check whose complaints are dropped; `None` when it had an error.
    pub(crate) fn attempt<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> Option<R> {
        let count = self.diagnostics.len();
        let result = self.choose(run);
        self.diagnostics.truncate(count);
        result
    }

    /// Runs a check whose result is taken unless it has an error: then its
    /// complaints are dropped, otherwise its warnings stay.
    pub(crate) fn choose<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> Option<R> {
        let count = self.diagnostics.len();
        self.trying += 1;
        let result = run(self);
        self.trying -= 1;
        if self.diagnostics.iter().skip(count).any(Diagnostic::is_error) {
            self.diagnostics.truncate(count);
            return None;
        }
        Some(result)
    }

    fn fit_literal(&mut self, typed: Typed, expected: &Type) -> Expr {
        let Some(value) = typed.expr.known().filter(|v| !matches!(v, Value::Absent)) else {
            return self.mismatch(&typed, expected);
        };
        let options = literals(expected);
        if value.as_str().is_none() || options.is_empty() {
            return self.mismatch(&typed, expected);
        }
        let written = value.as_str().unwrap_or("").to_owned();
        let span = typed.expr.span;
        if let Some(diagnostic) = self.value_of_other_version(&Type::Literal(value.clone()), span) {
            return self.reported(diagnostic);
        }
        let mut diagnostic =
            Diagnostic::new(&E0301, span, format!("\"{written}\" is not one of {}", self.show(expected))).label(
                format!("expected {}", options.iter().map(|o| format!("\"{o}\"")).collect::<Vec<_>>().join(", ")),
            );
        if let Some(best) = suggest::closest(&written, options.iter().map(String::as_str)) {
            diagnostic = diagnostic.fix(format!("replace it with \"{best}\""), span, format!("\"{best}\""), true);
        } else {
            diagnostic = diagnostic.help("choose one of the values above");
        }
        let diagnostic = self.with_context(diagnostic);
        self.report(diagnostic);
        Self::unknown(span).expr
    }

    /// Scalars that are written as another one: `"256Mi"`, `2` for a Quantity,
    /// `"12h"` for a Duration, base64 for Bytes, `1` for a Float.
    fn fit_scalar(&mut self, typed: Typed, expected: &Type) -> Expr {
        let span = typed.expr.span;
        match (typed.expr.known().cloned(), expected.structure()) {
            (Some(Value::String(text)), Type::Quantity) => self.parsed(
                &text,
                span,
                // The API server minds no blanks around it.
                units::Quantity::parse(text.trim()).ok().map(|q| Value::Quantity(Arc::new(q))),
                "a Quantity, such as \"500m\" or \"256Mi\"",
            ),
            (Some(Value::String(text)), Type::Duration) => self.parsed(
                &text,
                span,
                units::parse_duration(&text).ok().map(Value::Duration),
                "a Duration, such as \"90s\" or \"1h30m\"",
            ),
            (Some(Value::String(text)), Type::Timestamp) => self.parsed(
                &text,
                span,
                units::parse_timestamp(&text).ok().map(Value::Timestamp),
                "a Timestamp, such as \"2026-01-31T12:00:00Z\"",
            ),
            (Some(Value::String(text)), Type::Bytes) => self.parsed(
                &text,
                span,
                padded(&text).and_then(crate::value::decode_base64).map(|b| Value::Bytes(b.into())),
                "base64 (to encode text, write `b\"…\"`)",
            ),
            (Some(Value::Float(n)), Type::Quantity) => self.parsed(
                &n.to_string(),
                span,
                units::Quantity::from_float(n).ok().map(|q| Value::Quantity(Arc::new(q))),
                "a Quantity",
            ),
            (Some(Value::Int(n)), Type::Float) => Expr::constant(Value::Float(n as f64), span),
            (Some(Value::Int(n)), Type::Quantity) => {
                Expr::constant(Value::Quantity(Arc::new(units::Quantity::from_int(n))), span)
            }
            (_, Type::Quantity) if typed.expr.repr == Repr::Int => {
                coerce(Coercion::Quantity, typed.expr, Repr::Quantity)
            }
            _ => self.mismatch(&typed, expected),
        }
    }

    fn parsed(&mut self, text: &str, span: Span, value: Option<Value>, what: &str) -> Expr {
        match value {
            Some(value) => Expr::constant(value, span),
            None => {
                let code = if what.starts_with("base64") { &E0304 } else { &E0307 };
                let diagnostic = Diagnostic::new(code, span, format!("\"{text}\" is not {what}"));
                let diagnostic = self.with_context(diagnostic);
                self.report(diagnostic);
                Self::unknown(span).expr
            }
        }
    }

    /// What stands for an expression that a complaint is about.
    fn reported(&mut self, diagnostic: Diagnostic) -> Expr {
        let span = diagnostic.primary.span;
        self.report(diagnostic);
        Self::unknown(span).expr
    }

    /// Reports that a value is of another type than expected.
    pub(crate) fn mismatch(&mut self, typed: &Typed, expected: &Type) -> Expr {
        let span = typed.expr.span;
        if !typed.is_unknown() && !matches!(expected.peel(), Type::Unknown) {
            let diagnostic = match typed.ty.structure() {
                Type::Optional(_) => Diagnostic::new(
                    &E0308,
                    span,
                    format!("this value may be absent, but {} is needed", self.article(expected)),
                )
                .help("give a default with `??`, or ask with `has(…)` first"),
                _ => match self.value_of_other_version(&typed.ty, span) {
                    Some(diagnostic) => return self.reported(diagnostic),
                    None => self.plain_mismatch(typed, expected),
                },
            };
            let diagnostic = self.with_context(diagnostic);
            self.report(diagnostic);
        }
        Self::unknown(span).expr
    }

    fn plain_mismatch(&self, typed: &Typed, expected: &Type) -> Diagnostic {
        let span = typed.expr.span;
        if matches!(expected.structure(), Type::Secret(_)) {
            return super::secret::by_value(span, typed.expr.known().is_some());
        }
        let found = self.describe(typed);
        let diagnostic = Diagnostic::new(&E0301, span, format!("expected {}, found {found}", self.article(expected)))
            .label(format!("expected {}", self.show(expected)));
        let diagnostic = self.with_structure(diagnostic, expected);
        self.hint(diagnostic, typed, expected)
    }

    /// Says what a type of this name is, where that is short.
    pub(crate) fn with_structure(&self, diagnostic: Diagnostic, ty: &Type) -> Diagnostic {
        let (Type::Named(named), structure) = (ty, self.show(ty.structure())) else { return diagnostic };
        if structure.len() > MAX_STRUCTURE {
            diagnostic
        } else {
            diagnostic.note(format!("{} is `{structure}`", named.name))
        }
    }

    fn describe(&self, typed: &Typed) -> String {
        match typed.expr.known() {
            Some(Value::Null) => "null".to_owned(),
            Some(_) if matches!(typed.ty.structure(), Type::Literal(_)) => {
                format!("the {} `{}`", self.show(&typed.ty.structure().widen()), self.show(typed.ty.structure()))
            }
            _ => self.article(&typed.ty.widen()),
        }
    }

    /// One next step for the usual slips.
    fn hint(&self, diagnostic: Diagnostic, typed: &Typed, expected: &Type) -> Diagnostic {
        let span = typed.expr.span;
        let wanted = expected.structure();
        match (typed.expr.known(), wanted) {
            (Some(value @ (Value::Int(_) | Value::Bool(_) | Value::Float(_))), Type::String) => {
                let written = self.modules.sources.text(span);
                let written = if is_scalar(written) { written.to_owned() } else { scalar_text(value) };
                let quoted = format!("\"{written}\"");
                diagnostic.fix(format!("put it in quotes: {quoted}"), span, quoted, true)
            }
            (Some(Value::String(text)), Type::Int) if text.parse::<i64>().is_ok() => {
                diagnostic.fix("remove the quotes", span, text.as_str(), true)
            }
            (Some(Value::String(text)), Type::Bool) if matches!(text.as_str(), "true" | "false") => {
                diagnostic.fix("remove the quotes", span, text.as_str(), true)
            }
            (Some(Value::Null), _) => diagnostic.help("leave the field out; `null` exists only where a schema says so"),
            (_, Type::String) if printable(typed.expr.repr) => {
                diagnostic.help("to print it into a string, write `\"${…}\"`")
            }
            (_, Type::List(item)) if types::fits(self.schemas, &typed.ty, item) => {
                diagnostic.help("a list of one is `[ … ]`")
            }
            (_, Type::Quantity | Type::Duration) if typed.expr.repr == Repr::String => diagnostic.help(format!(
                "only a literal is taken as it is; convert text with `{}(…)`",
                if matches!(wanted, Type::Quantity) { "quantity" } else { "duration" }
            )),
            (_, Type::Bytes) if typed.expr.repr == Repr::String => {
                diagnostic.help("convert text with `bytes(…)`; it is written as base64")
            }
            (_, Type::Int) if typed.expr.repr == Repr::Duration => {
                diagnostic.help("for its seconds, write `.getSeconds()`")
            }
            (_, Type::Float) if typed.expr.repr == Repr::Int => diagnostic.help("convert it with `double(…)`"),
            _ => diagnostic,
        }
    }

    /// Says of which field the value is, and where that is declared.
    pub(crate) fn with_context(&self, diagnostic: Diagnostic) -> Diagnostic {
        let Some(step) = self.way.last() else { return diagnostic };
        let diagnostic = match step.declared {
            Some(declared) => diagnostic.also(declared, format!("`{}` is declared here", step.key)),
            None => diagnostic,
        };
        let doc = step.def.and_then(|def| self.schemas.field_doc(def, &step.key));
        match doc {
            Some(doc) => diagnostic.note(format!("`{}`: {}", step.key, first_sentence(&doc))),
            None => diagnostic,
        }
    }

    /// Why one record does not fit another, at the value's place.
    pub(crate) fn record_mismatch(&mut self, span: Span, from: &Type, to: &Type) {
        let (Some(given), Some(wanted)) = (from.record(self.schemas), to.record(self.schemas)) else { return };
        let mut extra = given.fields.keys().filter(|name| !wanted.fields.contains_key(*name));
        if let Some(diagnostic) = extra.clone().find_map(|name| self.field_of_other_version(to, name, span)) {
            self.report(diagnostic);
            return;
        }
        let mut given_values = given.fields.iter().map(|(name, field)| (name, &field.ty));
        let of_other_version = match *to.structure() {
            Type::Schema(def) => {
                given_values.find_map(|(name, ty)| self.field_value_of_other_version(def, name, ty, span))
            }
            _ => None,
        };
        if let Some(diagnostic) = of_other_version {
            self.report(diagnostic);
            return;
        }
        let extra = extra.next();
        let missing = wanted
            .fields
            .iter()
            .find(|(name, f)| !f.optional && f.default.is_none() && !given.fields.contains_key(*name));
        let diagnostic = match (extra, missing) {
            (Some(name), _) => Diagnostic::new(&E0302, span, format!("{} has no field `{name}`", self.article(to)))
                .label(format!("this value has a field `{name}`")),
            (None, Some((name, _))) => Diagnostic::new(&E0303, span, format!("{} needs `{name}`", self.article(to)))
                .label(format!("this value has no `{name}`")),
            (None, None) => {
                Diagnostic::new(&E0301, span, format!("expected {}, found {}", self.article(to), self.article(from)))
            }
        };
        self.report(diagnostic);
    }
}

/// A conversion at evaluation.
pub(crate) fn coerce(coercion: Coercion, expr: Expr, repr: Repr) -> Expr {
    let span = expr.span;
    Expr::new(ExprKind::Coerce(coercion, Box::new(expr)), repr, span)
}

/// What a value that may be anything must turn out to be.
pub(super) fn demanded(expected: &Type) -> Option<(Coercion, Repr)> {
    let repr = expected.repr();
    let coercion = match repr {
        Repr::Bool => Coercion::Bool,
        Repr::Int => Coercion::Int,
        Repr::Float => Coercion::Float,
        Repr::String => Coercion::String,
        Repr::Duration => Coercion::Duration,
        Repr::Timestamp => Coercion::Timestamp,
        Repr::Quantity => Coercion::Quantity,
        Repr::List => Coercion::List,
        Repr::Map => Coercion::Map,
        _ => return None,
    };
    Some((coercion, repr))
}

/// Base64 as the API server reads it: with all of its `=`.
fn padded(text: &str) -> Option<&str> {
    text.bytes().filter(|b| !matches!(b, b'\r' | b'\n')).count().is_multiple_of(4).then_some(text)
}

/// The string literals of a union of literals.
pub(crate) fn literals(ty: &Type) -> Vec<String> {
    match ty.structure() {
        Type::Literal(Value::String(text)) => vec![text.to_string()],
        Type::Union(members) => members.iter().flat_map(literals).collect(),
        Type::Optional(inner) => literals(inner),
        _ => Vec::new(),
    }
}

/// The first sentence of a documentation text, at most 160 characters.
pub(crate) fn first_sentence(doc: &str) -> String {
    let line = doc.lines().next().unwrap_or("");
    let end = line.find(". ").map_or(line.len(), |i| i + 1);
    let sentence: String = line.get(..end).unwrap_or(line).chars().take(160).collect();
    sentence
}

/// Whether a text writes a number or truth value as it should stand in quotes:
/// `1.10` is not `1.1`, and the `yes` of YAML is not `true`.
fn is_scalar(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-'));
    let truth = ["yes", "no", "on", "off"].iter().any(|word| text.eq_ignore_ascii_case(word));
    plain && (truth || text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+')))
}

fn scalar_text(value: &Value) -> String {
    match value {
        Value::Int(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Float(n) => n.to_string(),
        _ => String::new(),
    }
}

const fn printable(repr: Repr) -> bool {
    matches!(
        repr,
        Repr::Int | Repr::Uint | Repr::Float | Repr::Bool | Repr::Duration | Repr::Quantity | Repr::Timestamp
    )
}
