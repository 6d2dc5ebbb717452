//! Literals with a unit: `12h`, `256Mi`, `500m`.

use std::sync::Arc;

use super::{Checker, Typed};
use crate::diagnostic::{Diagnostic, E0307, E0315};
use crate::expr::Expr;
use crate::source::Span;
use crate::types::Type;
use crate::units::{self, Literal};
use crate::value::Value;

impl Checker<'_> {
    /// A literal with a unit where a type is expected.
    pub(crate) fn suffixed(&mut self, text: &str, span: Span, expected: Option<&Type>) -> Expr {
        let wanted = expected.map(wanted).unwrap_or_default();
        let value = match (units::classify(text), wanted.duration, wanted.quantity) {
            (_, false, false) => return self.suffixed_elsewhere(text, span, expected),
            (Literal::Duration(d) | Literal::Either(d, _), true, _) => Some(Value::Duration(d)),
            (Literal::Quantity(q) | Literal::Either(_, q), _, true) => Some(Value::Quantity(Arc::new(q))),
            _ => None,
        };
        match value {
            Some(value) => Expr::constant(value, span),
            None => {
                self.report(wrong_unit(text, span, wanted.duration));
                Self::unknown(span).expr
            }
        }
    }

    fn suffixed_elsewhere(&mut self, text: &str, span: Span, expected: Option<&Type>) -> Expr {
        let typed = match expected {
            Some(ty) if !matches!(ty.structure(), Type::Dyn | Type::Unknown) => match sole(units::classify(text)) {
                Some(value) => Typed::constant(value, span),
                None => Typed { expr: Expr::constant(Value::str(text), span), ty: Type::Quantity },
            },
            _ => self.suffixed_alone(text, span),
        };
        match expected {
            Some(ty) => self.fit(typed, ty),
            None => typed.expr,
        }
    }

    /// A literal with a unit where nothing is expected: its unit must say what it is.
    pub(crate) fn suffixed_alone(&mut self, text: &str, span: Span) -> Typed {
        let literal = units::classify(text);
        if let Some(value) = sole(literal) {
            return Typed::constant(value, span);
        }
        if matches!(literal, Literal::Either(..)) {
            self.report(
                Diagnostic::new(&E0315, span, format!("`{text}` may be a Duration or a Quantity"))
                    .label("nothing here says which")
                    .help(format!("write `duration(\"{text}\")` or `quantity(\"{text}\")`, or give the place a type")),
            );
        } else {
            self.report(Diagnostic::new(&E0307, span, format!("`{text}` has no unit that is known")).help(
                "durations end in ns, us, ms, s, m, h, d; quantities in m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei",
            ));
        }
        Self::unknown(span)
    }
}

fn sole(literal: Literal) -> Option<Value> {
    match literal {
        Literal::Duration(duration) => Some(Value::Duration(duration)),
        Literal::Quantity(quantity) => Some(Value::Quantity(Arc::new(quantity))),
        Literal::Either(..) | Literal::Invalid(_) => None,
    }
}

#[derive(Default)]
struct Wanted {
    duration: bool,
    quantity: bool,
}

fn wanted(ty: &Type) -> Wanted {
    match ty.structure() {
        Type::Duration => Wanted { duration: true, quantity: false },
        Type::Quantity => Wanted { duration: false, quantity: true },
        Type::Optional(inner) => wanted(inner),
        Type::Union(members) => members.iter().map(wanted).fold(Wanted::default(), |a, b| Wanted {
            duration: a.duration || b.duration,
            quantity: a.quantity || b.quantity,
        }),
        _ => Wanted::default(),
    }
}

fn wrong_unit(text: &str, span: Span, duration: bool) -> Diagnostic {
    let (expected, units) = if duration {
        ("a Duration", "ns, us, ms, s, m, h or d, as in `90s` or `1h30m`")
    } else {
        ("a Quantity", "n, u, m, k, M, G, T, P, E or Ki, Mi, Gi, Ti, Pi, Ei, as in `500m` or `256Mi`")
    };
    Diagnostic::new(&E0307, span, format!("`{text}` is not {expected}"))
        .label(format!("expected {expected}"))
        .help(format!("its units are {units}"))
}
