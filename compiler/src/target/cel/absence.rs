//! What may be absent: values as optional ones, and `has`.

use std::rc::Rc;

use super::variables::{Slot, is_object};
use super::write::{Outcome, Writer, conditional};
use super::{Form, Level, Place, Written, units::unit};
use crate::expr::{Access, BinaryOp, Expr, ExprKind, Repr};
use crate::library::words::is_name;
use crate::source::Span;
use crate::value::Value;

const RED_ZONE: usize = 256 * 1024;
const STACK_PIECE: usize = 2 * 1024 * 1024;

impl<'e> Writer<'e, '_> {
    /// Whether the value may be absent.
    #[must_use]
    pub fn may_be_absent(&self, expr: &'e Expr) -> bool {
        match &expr.kind {
            ExprKind::Const(value) => matches!(value, Value::Absent),
            ExprKind::Local(local) => match self.slot(local) {
                Slot::Place(place) => place.optional,
                Slot::Expr(expr, frame) => self.framed(&frame).may_be_absent(expr),
                Slot::Unbound => false,
            },
            ExprKind::Param(name) => self.names.param(name).is_some_and(|place| place.optional),
            ExprKind::Binding(name) => self.names.binding(name).is_some_and(|expr| self.outside().may_be_absent(expr)),
            ExprKind::Field { base, access, .. } => match access {
                Access::Declared | Access::Optional => true,
                Access::Required | Access::Observed => self.may_be_absent(base),
            },
            ExprKind::Index { access, .. } => matches!(access, Access::Declared | Access::Optional),
            ExprKind::Cond(_, a, b) => self.may_be_absent(a) || self.may_be_absent(b),
            ExprKind::Match { arms, default, .. } => {
                arms.iter().any(|(_, arm)| self.may_be_absent(arm))
                    || default.as_deref().is_some_and(|arm| self.may_be_absent(arm))
            }
            ExprKind::Binary(BinaryOp::Coalesce, _, other) => self.may_be_absent(other),
            ExprKind::Call(name, args) => match (name.as_str(), args.as_slice()) {
                ("optional.none" | "optional.ofNonZeroValue" | "first" | "last", _) => true,
                ("or", [_, other]) => self.may_be_absent(other),
                _ => false,
            },
            ExprKind::Let(local, value, body) => {
                let mut inner = self.framed(&self.frame);
                inner.stands_for(local, value);
                inner.may_be_absent(body)
            }
            ExprKind::Coerce(_, inner) => self.may_be_absent(inner),
            ExprKind::Refine(refine) => self.may_be_absent(&refine.value),
            _ => false,
        }
    }

    /// The expression as an optional value: `optional.none()` where it is absent.
    ///
    /// # Errors
    /// What cannot be written.
    pub fn optional(&mut self, expr: &'e Expr, form: Form) -> Outcome {
        stacker::maybe_grow(RED_ZONE, STACK_PIECE, || self.optional_form(expr, form))
    }

    fn optional_form(&mut self, expr: &'e Expr, form: Form) -> Outcome {
        if !self.may_be_absent(expr) && !self.pends(expr) {
            let value = self.value(expr, form)?;
            return Ok(Written::primary(format!("optional.of({})", value.text)));
        }
        self.needs_optionals(expr.span)?;
        match &expr.kind {
            ExprKind::Local(local) => match self.slot(local) {
                Slot::Expr(expr, frame) => self.within(frame, |w| w.optional(expr, form)),
                Slot::Place(place) => self.converted(Written::primary(optional_place(&place)), expr.repr, form, &place),
                Slot::Unbound => Err(self.unbound(local, expr.span)),
            },
            ExprKind::Param(name) => {
                let place = self.param(name, expr.span)?;
                self.converted(Written::primary(optional_place(&place)), expr.repr, form, &place)
            }
            ExprKind::Binding(name) => {
                let value = self.binding(name, expr.span)?;
                self.within(Rc::default(), |w| w.optional(value, form))
            }
            ExprKind::Field { base, name, .. } => {
                self.no_default_of_case(expr, base, name)?;
                let schema = self.schema(base);
                let object = schema.is_some_and(is_object);
                let on = self.way(base)?;
                let selected = match self.dialect.selected(name, object) {
                    text if text.starts_with('.') => format!(".?{}", &text[1..]),
                    text => format!("[?{}", &text[1..]),
                };
                let text = Written::primary(format!("{}{selected}", on.at(Level::Primary)));
                let place = Place { text: String::new(), optional: true, schema: self.schema(expr) };
                self.converted(text, expr.repr, form, &place)
            }
            ExprKind::Index { base, index, .. } => {
                let (on, index) = (self.way(base)?, self.value(index, Form::Native)?);
                let text = Written::primary(format!("{}[?{}]", on.at(Level::Primary), index.text));
                let place = Place { text: String::new(), optional: true, schema: self.schema(expr) };
                self.converted(text, expr.repr, form, &place)
            }
            ExprKind::Cond(condition, a, b) => {
                let condition = self.value(condition, Form::Native)?;
                let (a, b) = (self.optional(a, form)?, self.optional(b, form)?);
                Ok(conditional(condition, a, b))
            }
            ExprKind::Match { subject, arms, default } => {
                self.matched(subject, arms, default.as_deref(), &mut |w, arm| w.optional(arm, form))
            }
            ExprKind::Binary(BinaryOp::Coalesce, a, b) => {
                let (a, b) = (self.optional(a, form)?, self.optional(b, form)?);
                Ok(Written::primary(format!("{}.or({})", a.at(Level::Primary), b.text)))
            }
            ExprKind::Let(local, value, body) => self.substituted(local, value, |w| w.optional(body, form)),
            ExprKind::Coerce(to, inner) if self.keeps(*to, inner, form) => self.optional(inner, form),
            ExprKind::Coerce(..) | ExprKind::Refine(_) => Err(self.refuse(
                expr.span,
                "a conversion of a value that may be absent",
                "test it with `has` first, or give a default with `??`",
            )),
            // Functions that give an optional value.
            _ => self.value(expr, form),
        }
    }

    /// Which case it is decides whether such a field is there: the case is to be asked.
    fn no_default_of_case(&self, expr: &'e Expr, base: &'e Expr, name: &str) -> Outcome<()> {
        match self.default_of_case(base, name) {
            None => Ok(()),
            Some(_) => Err(self.refuse(
                expr.span,
                "whether a field is there that one case of a union fills in",
                "ask first which case it is: `if x.kind == …`",
            )),
        }
    }

    /// What a field is read of, where something on the way may be absent.
    fn way(&mut self, base: &'e Expr) -> Outcome {
        if self.may_be_absent(base) || self.pends(base) {
            self.optional(base, Form::Wire)
        } else {
            self.value(base, Form::Wire)
        }
    }

    /// The text of an optional value, its unit converted where operators take it.
    fn converted(&mut self, text: Written, repr: Repr, form: Form, place: &Place<'e>) -> Outcome {
        if form == Form::Wire || place.schema.is_none() || unit(repr).is_none() {
            return Ok(text);
        }
        let x = self.fresh("v");
        let place = Place { text: x.clone(), optional: false, schema: place.schema };
        let converted = self.read(&place, repr, form).text;
        Ok(Written::primary(format!("{}.optMap({x}, {converted})", text.at(Level::Primary))))
    }

    /// Whether a value waits for a field that only a cluster fills.
    fn pends(&self, expr: &'e Expr) -> bool {
        match &expr.kind {
            ExprKind::Field { base, access, .. } | ExprKind::Index { base, access, .. } => {
                *access == Access::Observed || self.pends(base)
            }
            _ => false,
        }
    }

    fn needs_optionals(&self, span: Span) -> Outcome<()> {
        if self.dialect.minor >= 28 {
            return Ok(());
        }
        Err(self.refuse(
            span,
            "a value that may be absent",
            "test it with `has`, or name Kubernetes 1.29 or newer in the project file",
        ))
    }

    /// `has(e)`: that each step on the way which may lead to nothing leads to something.
    pub(super) fn has(&mut self, expr: &'e Expr) -> Outcome {
        let mut tests = Vec::new();
        self.steps(expr, true, &mut tests)?;
        Ok(match tests.len() {
            0 => Written::primary("true"),
            1 => tests.pop().unwrap_or_else(|| Written::primary("true")),
            _ => Written::of(
                Level::And,
                tests.into_iter().map(|t| t.at(Level::Relation)).collect::<Vec<_>>().join(" && "),
            ),
        })
    }

    fn steps(&mut self, expr: &'e Expr, last: bool, tests: &mut Vec<Written>) -> Outcome<()> {
        match &expr.kind {
            ExprKind::Field { base, name, access } => {
                self.steps(base, false, tests)?;
                if last || matches!(access, Access::Declared | Access::Optional | Access::Observed) {
                    self.no_default_of_case(expr, base, name)?;
                    if matches!(base.kind, ExprKind::Instance) {
                        return Ok(());
                    }
                    let object = self.schema(base).is_some_and(is_object);
                    let base = self.value(base, Form::Wire)?.at(Level::Primary);
                    tests.push(match self.dialect.selected(name, object) {
                        text if text.starts_with('.') => Written::primary(format!("has({base}{text})")),
                        _ => Written::of(Level::Relation, format!("{} in {base}", super::quoted(name))),
                    });
                }
            }
            ExprKind::Index { base, index, access } => {
                self.steps(base, false, tests)?;
                if last || matches!(access, Access::Declared | Access::Optional | Access::Observed) {
                    let list = base.repr == Repr::List;
                    let (base, index) = (self.value(base, Form::Wire)?, self.value(index, Form::Native)?);
                    tests.push(if list {
                        self.needs_optionals(expr.span)?;
                        Written::primary(format!("{}[?{}].hasValue()", base.at(Level::Primary), index.text))
                    } else {
                        Written::of(Level::Relation, format!("{} in {}", index.at(Level::Sum), base.at(Level::Sum)))
                    });
                }
            }
            ExprKind::Local(local) => match self.slot(local) {
                Slot::Expr(value, frame) => return self.within(frame, |w| w.steps(value, last, tests)),
                Slot::Place(place) if place.optional => tests.push(Written::primary(format!("has({})", place.text))),
                Slot::Place(_) | Slot::Unbound => {}
            },
            ExprKind::Param(name) => {
                let place = self.param(name, expr.span)?;
                if place.optional {
                    tests.push(Written::primary(format!("has({})", place.text)));
                }
            }
            ExprKind::Binding(name) => {
                let value = self.binding(name, expr.span)?;
                return self.within(Rc::default(), |w| w.steps(value, last, tests));
            }
            ExprKind::Coerce(_, inner) => return self.steps(inner, last, tests),
            ExprKind::Refine(refine) => return self.steps(&refine.value, last, tests),
            ExprKind::Const(_) if self.may_be_absent(expr) => tests.push(Written::primary("false")),
            ExprKind::Const(_) | ExprKind::Resource(_) | ExprKind::Instance => {}
            _ if self.may_be_absent(expr) => {
                let written = self.optional(expr, Form::Wire)?;
                tests.push(Written::primary(format!("{}.hasValue()", written.at(Level::Primary))));
            }
            _ => {}
        }
        Ok(())
    }
}

fn optional_place(place: &Place<'_>) -> String {
    match place.text.rsplit_once('.') {
        Some((base, name)) if place.optional && is_name(name) => format!("{base}.?{name}"),
        _ => format!("optional.of({})", place.text),
    }
}
