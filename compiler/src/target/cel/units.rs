//! Durations, quantities and times: text in an object, values of their own to operators.

use super::write::{Outcome, Writer};
use super::{Form, Level, Place, Written};
use crate::expr::{Coercion, Expr, Repr};

impl<'e> Writer<'e, '_> {
    pub(super) fn coerce(&mut self, to: Coercion, inner: &'e Expr, form: Form) -> Outcome {
        if self.keeps(to, inner, form) {
            return self.value(inner, form);
        }
        let number = matches!(inner.repr, Repr::Int | Repr::Uint | Repr::Float);
        let value = self.value(inner, Form::Native)?;
        let text = match (to, form) {
            (Coercion::Float, _) => format!("double({})", value.text),
            (Coercion::Quantity, Form::Wire) => format!("string({})", value.text),
            (Coercion::Quantity, Form::Native) if number => format!("quantity(string({}))", value.text),
            (Coercion::Quantity, Form::Native) => format!("quantity({})", value.text),
            (Coercion::Duration, _) => format!("duration({})", value.text),
            (Coercion::Timestamp, _) => format!("timestamp({})", value.text),
            _ => value.at(Level::Primary),
        };
        Ok(Written::primary(text))
    }

    /// Whether a conversion changes nothing in this form.
    pub(super) fn keeps(&self, to: Coercion, inner: &Expr, form: Form) -> bool {
        match to {
            _ if inner.repr == to.repr() => true,
            Coercion::Float => false,
            Coercion::Quantity => form == Form::Wire && !matches!(inner.repr, Repr::Int | Repr::Uint | Repr::Float),
            Coercion::Duration | Coercion::Timestamp => form == Form::Wire,
            _ => true,
        }
    }

    /// The value at a place: units are text where a schema describes it.
    pub(super) fn read(&self, place: &Place<'_>, repr: Repr, form: Form) -> Written {
        let text = &place.text;
        if place.schema.is_none() {
            return Written::primary(text.clone());
        }
        let native = self.dialect.unit(repr, text);
        match (repr, form) {
            (Repr::Duration, Form::Wire) => self.duration_text(native),
            (_, Form::Wire) => Written::primary(text.clone()),
            (_, Form::Native) => native,
        }
    }

    /// The canonical text of a duration of whole seconds, as the language writes it: `1h30m`.
    pub(super) fn duration_text(&self, duration: Written) -> Written {
        let name = self.fresh("time");
        let bind = self.dialect.bind && duration.text.len() > name.len();
        let text = duration.at(Level::Primary);
        let time = if bind { &name } else { &text };
        let part = |number: &str, unit: &str| format!("({number} != 0 ? string({number}) + \"{unit}\" : \"\")");
        let (h, m, s) =
            (format!("{time}.getHours()"), format!("{time}.getMinutes() % 60"), format!("{time}.getSeconds() % 60"));
        let parts = [part(&h, "h"), part(&m, "m"), part(&s, "s")].join(" + ");
        let whole = format!("{time} == duration(\"0s\") ? \"0s\" : {parts}");
        if bind {
            Written::primary(format!("cel.bind({name}, {text}, {whole})"))
        } else {
            Written::of(Level::Cond, whole)
        }
    }
}

/// The function that makes a value of a unit's text.
pub(super) const fn unit(repr: Repr) -> Option<&'static str> {
    match repr {
        Repr::Quantity => Some("quantity"),
        Repr::Duration => Some("duration"),
        Repr::Timestamp => Some("timestamp"),
        _ => None,
    }
}
