//! The writer itself, and the forms of expression that need no file of their own.

use std::rc::Rc;

use smol_str::SmolStr;

use super::units::unit;
use super::variables::{Slot, is_object};
use super::{Dialect, Form, Level, MAX_TEXT, Names, Place, Refusal, Written, literal, refusal};
use crate::expr::{Expr, ExprKind, Local, Refine, Repr};
use crate::source::Span;
use crate::value::Value;

const RED_ZONE: usize = 256 * 1024;
const STACK_PIECE: usize = 2 * 1024 * 1024;

/// Writes expressions as the CEL of one target.
pub struct Writer<'e, 'n> {
    pub(super) dialect: Dialect,
    pub(super) names: &'n dyn Names<'e>,
    pub(super) frame: Rc<Vec<Slot<'e>>>,
    /// What variables are called that are in scope, and what the target calls its own.
    pub(super) taken: Vec<String>,
}

pub(super) type Outcome<T = Written> = Result<T, Refusal>;

impl<'e, 'n> Writer<'e, 'n> {
    /// A writer; no variable of an expression gets one of the names in `taken`.
    #[must_use]
    pub fn new(dialect: Dialect, names: &'n dyn Names<'e>, taken: Vec<String>) -> Self {
        Self { dialect, names, frame: Rc::new(Vec::new()), taken }
    }

    /// Says what a variable of the expressions is in the target.
    pub fn bind(&mut self, local: &Local, place: Place<'e>) {
        self.put(local, Slot::Place(place));
    }

    /// Says that a variable stands for an expression.
    pub fn stands_for(&mut self, local: &Local, value: &'e Expr) {
        let slot = Slot::Expr(value, self.frame.clone());
        self.put(local, slot);
    }

    /// The expression, its value as JSON holds it.
    ///
    /// # Errors
    /// What cannot be written.
    pub fn wire(&mut self, expr: &'e Expr) -> Outcome {
        self.value(expr, Form::Wire)
    }

    /// The expression, its value as operators take it.
    ///
    /// # Errors
    /// What cannot be written.
    pub fn native(&mut self, expr: &'e Expr) -> Outcome {
        self.value(expr, Form::Native)
    }

    /// The expression, which is not absent.
    pub(super) fn value(&mut self, expr: &'e Expr, form: Form) -> Outcome {
        let written = stacker::maybe_grow(RED_ZONE, STACK_PIECE, || self.form(expr, form))?;
        if written.text.len() > MAX_TEXT {
            let help = "make it smaller: a value that stands behind a name is written at each of its uses";
            return Err(self.refuse(expr.span, &format!("an expression of more than {MAX_TEXT} bytes"), help));
        }
        Ok(written)
    }

    fn form(&mut self, expr: &'e Expr, form: Form) -> Outcome {
        if let Some(cases) = self.tabled(expr) {
            return self.cases(&cases, form);
        }
        match &expr.kind {
            ExprKind::Const(value) => Ok(literal(&self.dialect, value, form)),
            ExprKind::Local(local) => match self.slot(local) {
                Slot::Expr(value, frame) => self.within(frame, |w| w.value(value, form)),
                Slot::Place(place) => Ok(self.read(&place, expr.repr, form)),
                Slot::Unbound => Err(self.unbound(local, expr.span)),
            },
            ExprKind::Param(name) => Ok(self.read(&self.param(name, expr.span)?, expr.repr, form)),
            ExprKind::Binding(name) => {
                let value = self.binding(name, expr.span)?;
                self.within(Rc::default(), |w| w.value(value, form))
            }
            ExprKind::Instance => {
                Err(self.refuse(expr.span, "`self` as a whole", "read the field that is needed: `self.name`"))
            }
            ExprKind::Resource(name) => match self.names.resource(name) {
                Some(place) => Ok(Written::primary(place.text)),
                None => {
                    Err(self.refuse(expr.span, &format!("the resource `{name}`"), "write what is needed of it here"))
                }
            },
            ExprKind::Field { base, name, .. } => self.field(expr, base, name, form),
            ExprKind::Index { base, index, .. } => {
                let (base, index) = (self.value(base, form)?, self.value(index, Form::Native)?);
                let text = format!("{}[{}]", base.at(Level::Primary), index.text);
                let place = Place { text, optional: false, schema: self.schema(expr) };
                Ok(self.read(&place, expr.repr, form))
            }
            ExprKind::Has(inner) => self.has(inner),
            ExprKind::Unary(op, a) => self.unary(*op, a),
            ExprKind::Binary(op, a, b) => self.binary(expr, *op, a, b, form),
            ExprKind::Cond(condition, a, b) => {
                let condition = self.value(condition, Form::Native)?;
                let (x, y) = (self.value(a, form)?, self.value(b, form)?);
                let (x, y) = if joins(a, b) { (x, y) } else { (x.dynamic(), y.dynamic()) };
                Ok(conditional(condition, x, y))
            }
            ExprKind::Match { subject, arms, default } => {
                let bodies: Vec<&Expr> = arms.iter().map(|(_, arm)| arm).chain(default.as_deref()).collect();
                let mixed = bodies.windows(2).any(|pair| !matches!(pair, [a, b] if joins(a, b)));
                self.matched(subject, arms, default.as_deref(), &mut |w, arm| {
                    let written = w.value(arm, form)?;
                    Ok(if mixed { written.dynamic() } else { written })
                })
            }
            ExprKind::Call(name, args) => self.call(expr, name, args, form),
            ExprKind::Let(local, value, body) => self.bound(local, value, body, form),
            ExprKind::List(items) => self.list(items, form),
            ExprKind::Object(entries) => self.object(entries, form, expr.span),
            ExprKind::Concat(pieces) => self.concat(pieces),
            ExprKind::Comprehension(c) => self.comprehension(c, form, expr.span),
            ExprKind::Coerce(to, inner) => self.coerce(*to, inner, form),
            ExprKind::Refine(refine) => self.refine(refine, form),
            ExprKind::Global(_) | ExprKind::CallFn(..) => Err(self.refuse(
                expr.span,
                "a function or constant of a module that was not folded",
                "write its value here",
            )),
        }
    }

    fn field(&mut self, expr: &'e Expr, base: &'e Expr, name: &SmolStr, form: Form) -> Outcome {
        if matches!(base.kind, ExprKind::Instance) {
            return match self.names.instance(name) {
                Some(place) => Ok(self.read(&place, expr.repr, form)),
                None => Err(self.refuse(
                    expr.span,
                    &format!("`self.{name}`"),
                    "only what the target tells of an instance can be read",
                )),
            };
        }
        let object = self.schema(base).is_some_and(is_object);
        let default = self.default_of_case(base, name);
        let base = self.value(base, form)?.at(Level::Primary);
        let selected = self.dialect.selected(name, object);
        if let Some(default) = default {
            let there = Place { text: format!("{base}{selected}"), optional: false, schema: self.schema(expr) };
            let (there, default) = (self.read(&there, expr.repr, form), self.value(default, form)?);
            return Ok(conditional(Written::primary(format!("has({base}{selected})")), there, default));
        }
        let text = format!("{base}{selected}");
        let place = Place { text, optional: false, schema: self.schema(expr) };
        Ok(self.read(&place, expr.repr, form))
    }

    /// `subject == "a" ? … : …`; what matches nothing is the last arm's, since the arms of one
    /// without default are exhaustive.
    pub(super) fn matched(
        &mut self,
        subject: &'e Expr,
        arms: &'e [(Vec<Value>, Expr)],
        default: Option<&'e Expr>,
        body: &mut dyn FnMut(&mut Self, &'e Expr) -> Outcome,
    ) -> Outcome {
        let subject = self.value(subject, Form::Native)?;
        let (arms, last) = match (default, arms.split_last()) {
            (Some(default), _) => (arms, default),
            (None, Some(((_, last), arms))) => (arms, last),
            (None, None) => return Ok(Written::primary("null")),
        };
        let mut written = body(self, last)?;
        for (patterns, arm) in arms.iter().rev() {
            let arm = body(self, arm)?;
            written = conditional(self.pattern(&subject, patterns), arm, written);
        }
        Ok(written)
    }

    pub(super) fn pattern(&self, subject: &Written, patterns: &[Value]) -> Written {
        if let [Value::Bool(b)] = patterns {
            return match b {
                true => subject.clone(),
                false => Written::of(Level::Unary, format!("!{}", subject.clone().at(Level::Unary))),
            };
        }
        let text = match patterns {
            [one] => {
                let pattern = literal(&self.dialect, one, Form::Native).at(Level::Sum);
                format!("{} == {pattern}", subject.clone().at(Level::Relation))
            }
            _ => {
                let list = literal(&self.dialect, &Value::list(patterns.to_vec()), Form::Native);
                format!("{} in {}", subject.clone().at(Level::Relation), list.text)
            }
        };
        Written::of(Level::Relation, text)
    }

    /// A `let`: bound where the target can and that is shorter, else written at each use.
    fn bound(&mut self, local: &Local, value: &'e Expr, body: &'e Expr, form: Form) -> Outcome {
        let mut uses = 0;
        body.walk(&mut |e| uses += u32::from(matches!(&e.kind, ExprKind::Local(l) if l.slot == local.slot)));
        let mut size = 0;
        value.walk(&mut |_| size += 1);
        // A record of host data keeps its schema only behind its expression.
        let plain = uses < 2 || size < 6 || self.may_be_absent(value) || self.schema(value).is_some();
        if plain || !self.dialect.bind || self.tabled(value).is_some() || unit(value.repr).is_some() {
            return self.substituted(local, value, |w| w.value(body, form));
        }
        let bound = self.value(value, Form::Native)?;
        let name = self.fresh(&local.name);
        let place = Place { text: name.clone(), optional: false, schema: None };
        let inner = self.scoped(&[(local, place)], |w| w.value(body, form))?;
        Ok(Written::primary(format!("cel.bind({name}, {}, {})", bound.text, inner.text)))
    }

    pub(super) fn substituted<T>(
        &mut self,
        local: &Local,
        value: &'e Expr,
        work: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
        let saved = self.frame.clone();
        self.stands_for(local, value);
        let result = work(self);
        self.frame = saved;
        result
    }

    /// A value that must keep a rule: the only item of a list that passes it, so that a value
    /// which breaks it is an error in the target too.
    fn refine(&mut self, refine: &'e Refine, form: Form) -> Outcome {
        let schema = self.schema(&refine.value);
        let unit = unit(refine.value.repr).is_some();
        let value = self.value(&refine.value, if unit { Form::Native } else { form })?;
        if unit && form == Form::Wire {
            return Err(self.refuse(
                refine.value.span,
                "a unit that is checked where it is used",
                "check it where it is given, as a parameter's type",
            ));
        }
        let name = self.fresh("it");
        let place = Place { text: name.clone(), optional: false, schema };
        let rule = self.scoped(&[(&refine.it, place)], |w| w.value(&refine.rule, Form::Native))?;
        Ok(Written::primary(format!("[{}].filter({name}, {})[0]", value.text, rule.text)))
    }

    pub(super) fn refuse(&self, span: Span, what: &str, help: &str) -> Refusal {
        refusal(&self.dialect, span, what, help)
    }

    pub(super) fn unbound(&self, local: &Local, span: Span) -> Refusal {
        self.refuse(span, &format!("the variable `{}`", local.name), "write its value here")
    }
}

/// `c ? a : b`.
pub(super) fn conditional(condition: Written, a: Written, b: Written) -> Written {
    if condition.text == "true" {
        return a;
    }
    Written::of(Level::Cond, format!("{} ? {} : {}", condition.at(Level::Or), a.at(Level::Or), b.at(Level::Cond)))
}

/// Whether CEL's checker takes both as one type.
fn joins(a: &Expr, b: &Expr) -> bool {
    a.repr == b.repr && !matches!(a.repr, Repr::Dyn | Repr::List | Repr::Map | Repr::Null | Repr::Opaque)
}
