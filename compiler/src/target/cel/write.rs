//! The writer itself: variables, fields, absence, and the forms that need no file of their own.

use std::rc::Rc;

use smol_str::SmolStr;

use super::dialect::{WORDS, is_word};
use super::{Dialect, Form, Level, MAX_TEXT, Names, Place, Refusal, Written, literal, refusal};
use crate::expr::{Access, BinaryOp, Coercion, Expr, ExprKind, Local, Refine, Repr};
use crate::ir::Schema;
use crate::source::Span;
use crate::value::Value;

const RED_ZONE: usize = 256 * 1024;
const STACK_PIECE: usize = 2 * 1024 * 1024;

/// What a variable stands for.
#[derive(Clone)]
pub(super) enum Slot<'e> {
    Unbound,
    /// A variable of the target.
    Place(Place<'e>),
    /// An expression, with the variables round it.
    Expr(&'e Expr, Rc<Vec<Slot<'e>>>),
}

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
        match unit(repr).filter(|_| form == Form::Native && place.schema.is_some()) {
            Some(function) => {
                let x = self.fresh("v");
                Ok(Written::primary(format!("{}.optMap({x}, {function}({x}))", text.at(Level::Primary))))
            }
            None => Ok(text),
        }
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
                Slot::Place(place) => Ok(read(&place, expr.repr, form)),
                Slot::Unbound => Err(self.unbound(local, expr.span)),
            },
            ExprKind::Param(name) => Ok(read(&self.param(name, expr.span)?, expr.repr, form)),
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
                Ok(read(&place, expr.repr, form))
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
                Some(place) => Ok(read(&place, expr.repr, form)),
                None => Err(self.refuse(
                    expr.span,
                    &format!("`self.{name}`"),
                    "only what the target tells of an instance can be read",
                )),
            };
        }
        let object = self.schema(base).is_some_and(is_object);
        let base = self.value(base, form)?;
        let text = format!("{}{}", base.at(Level::Primary), self.dialect.selected(name, object));
        let place = Place { text, optional: false, schema: self.schema(expr) };
        Ok(read(&place, expr.repr, form))
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
            ExprKind::Const(_) | ExprKind::Resource(_) | ExprKind::Instance => {
                if self.may_be_absent(expr) {
                    tests.push(Written::primary("false"));
                }
            }
            _ if self.may_be_absent(expr) => {
                let written = self.optional(expr, Form::Wire)?;
                tests.push(Written::primary(format!("{}.hasValue()", written.at(Level::Primary))));
            }
            _ => {}
        }
        Ok(())
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

    fn coerce(&mut self, to: Coercion, inner: &'e Expr, form: Form) -> Outcome {
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
    fn keeps(&self, to: Coercion, inner: &Expr, form: Form) -> bool {
        match to {
            _ if inner.repr == to.repr() => true,
            Coercion::Float => false,
            Coercion::Quantity => form == Form::Wire && !matches!(inner.repr, Repr::Int | Repr::Uint | Repr::Float),
            Coercion::Duration | Coercion::Timestamp => form == Form::Wire,
            _ => true,
        }
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

    // Variables.

    fn slot(&self, local: &Local) -> Slot<'e> {
        self.frame.get(local.slot as usize).cloned().unwrap_or(Slot::Unbound)
    }

    fn put(&mut self, local: &Local, slot: Slot<'e>) {
        let frame = Rc::make_mut(&mut self.frame);
        let index = local.slot as usize;
        if frame.len() <= index {
            frame.resize(index + 1, Slot::Unbound);
        }
        if let Some(place) = frame.get_mut(index) {
            *place = slot;
        }
    }

    /// Works with variables bound that are gone afterwards.
    pub(super) fn scoped<T>(
        &mut self,
        bound: &[(&Local, Place<'e>)],
        work: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
        let (saved, names) = (self.frame.clone(), self.taken.len());
        for (local, place) in bound {
            self.taken.push(place.text.clone());
            self.put(local, Slot::Place(place.clone()));
        }
        let result = work(self);
        self.taken.truncate(names);
        self.frame = saved;
        result
    }

    fn within<T>(&mut self, frame: Rc<Vec<Slot<'e>>>, work: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        let saved = std::mem::replace(&mut self.frame, frame);
        let result = work(self);
        self.frame = saved;
        result
    }

    pub(super) fn framed(&self, frame: &Rc<Vec<Slot<'e>>>) -> Self {
        Self { dialect: self.dialect, names: self.names, frame: frame.clone(), taken: self.taken.clone() }
    }

    pub(super) fn outside(&self) -> Self {
        self.framed(&Rc::default())
    }

    /// What an expression stands for, names followed.
    pub(super) fn behind(&self, expr: &'e Expr) -> Option<(&'e Expr, Rc<Vec<Slot<'e>>>)> {
        match &expr.kind {
            ExprKind::Binding(name) => Some((self.names.binding(name)?, Rc::default())),
            ExprKind::Local(local) => match self.slot(local) {
                Slot::Expr(value, frame) => Some((value, frame)),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a name stands for, where no variable of a loop stands in it.
    #[must_use]
    pub fn standing(&self, expr: &'e Expr) -> Option<&'e Expr> {
        match &expr.kind {
            ExprKind::Binding(name) => self.names.binding(name),
            _ => None,
        }
    }

    /// A name for a variable, like its own, that nothing else in scope has.
    pub(super) fn fresh(&self, like: &str) -> String {
        let mut name = String::new();
        for (index, part) in like.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty()).enumerate() {
            let mut letters = part.chars();
            match letters.next() {
                Some(first) if index > 0 => name.push(first.to_ascii_uppercase()),
                Some(first) => name.push(first.to_ascii_lowercase()),
                None => {}
            }
            name.extend(letters);
        }
        if !is_word(&name) || WORDS.contains(&name.as_str()) || TYPES.contains(&name.as_str()) {
            name = format!("x{name}");
        }
        let free = |name: &str| !self.taken.iter().any(|taken| taken == name);
        if free(&name) {
            return name;
        }
        (2..).map(|n| format!("{name}{n}")).find(|name| free(name)).unwrap_or(name)
    }

    fn param(&self, name: &str, span: Span) -> Outcome<Place<'e>> {
        self.names
            .param(name)
            .ok_or_else(|| self.refuse(span, &format!("the parameter `{name}`"), "write its value here"))
    }

    fn binding(&self, name: &str, span: Span) -> Outcome<&'e Expr> {
        self.names.binding(name).ok_or_else(|| self.refuse(span, &format!("the name `{name}`"), "write its value here"))
    }

    /// What values an expression has, where the target's schema says so.
    pub(super) fn schema(&self, expr: &'e Expr) -> Option<&'e Schema> {
        match &expr.kind {
            ExprKind::Local(local) => match self.slot(local) {
                Slot::Place(place) => place.schema,
                Slot::Expr(value, frame) => self.framed(&frame).schema(value),
                Slot::Unbound => None,
            },
            ExprKind::Param(name) => self.names.param(name)?.schema,
            ExprKind::Binding(name) => self.outside().schema(self.names.binding(name)?),
            ExprKind::Field { base, name, .. } => match peeled(self.schema(base)?) {
                Schema::Record(fields) => fields.iter().find(|f| f.name == *name).map(|f| &f.schema),
                Schema::Map(value) => Some(value),
                Schema::Union(members) => members.iter().find_map(|member| match peeled(member) {
                    Schema::Record(fields) => fields.iter().find(|f| f.name == *name).map(|f| &f.schema),
                    _ => None,
                }),
                _ => None,
            },
            ExprKind::Index { base, .. } => match peeled(self.schema(base)?) {
                Schema::List(item) | Schema::Map(item) => Some(item),
                _ => None,
            },
            ExprKind::Coerce(_, inner) => self.schema(inner),
            ExprKind::Refine(refine) => self.schema(&refine.value),
            ExprKind::Comprehension(c) => match c.op {
                crate::expr::MacroOp::Filter | crate::expr::MacroOp::SortBy => self.schema(&c.range),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn refuse(&self, span: Span, what: &str, help: &str) -> Refusal {
        refusal(&self.dialect, span, what, help)
    }

    fn unbound(&self, local: &Local, span: Span) -> Refusal {
        self.refuse(span, &format!("the variable `{}`", local.name), "write its value here")
    }
}

/// The names of types and functions that a variable would hide.
const TYPES: &[&str] =
    &["int", "uint", "double", "bool", "string", "bytes", "list", "map", "type", "dyn", "size", "has"];

/// The schema without its rules.
pub(super) fn peeled(schema: &Schema) -> &Schema {
    match schema {
        Schema::Rule(rule) => peeled(&rule.base),
        other => other,
    }
}

/// Whether the target declares its fields.
pub(super) fn is_object(schema: &Schema) -> bool {
    match peeled(schema) {
        Schema::Record(_) | Schema::Secret(_) => true,
        Schema::Union(members) => members.iter().any(is_object),
        _ => false,
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

/// The function that makes a value of a unit's text.
pub(super) const fn unit(repr: Repr) -> Option<&'static str> {
    match repr {
        Repr::Quantity => Some("quantity"),
        Repr::Duration => Some("duration"),
        Repr::Timestamp => Some("timestamp"),
        _ => None,
    }
}

/// The value at a place: units are text where a schema describes it.
pub(super) fn read(place: &Place<'_>, repr: Repr, form: Form) -> Written {
    let described = place.schema.is_some();
    match unit(repr).filter(|_| described) {
        Some("duration") if form == Form::Native => Written::primary(format!("duration({})", place.text)),
        Some("duration") => duration_text(&format!("duration({})", place.text)),
        Some(function) if form == Form::Native => Written::primary(format!("{function}({})", place.text)),
        _ => Written::primary(place.text.clone()),
    }
}

/// The canonical text of a duration of whole seconds, as the language writes it: `1h30m`.
pub(super) fn duration_text(duration: &str) -> Written {
    let part = |number: &str, unit: &str| format!("({number} != 0 ? string({number}) + \"{unit}\" : \"\")");
    let (h, m, s) = (
        format!("{duration}.getHours()"),
        format!("{duration}.getMinutes() % 60"),
        format!("{duration}.getSeconds() % 60"),
    );
    let parts = [part(&h, "h"), part(&m, "m"), part(&s, "s")].join(" + ");
    Written::of(Level::Cond, format!("{duration} == duration(\"0s\") ? \"0s\" : {parts}"))
}

fn optional_place(place: &Place<'_>) -> String {
    match place.text.rsplit_once('.') {
        Some((base, name)) if place.optional && is_word(name) => format!("{base}.?{name}"),
        _ => format!("optional.of({})", place.text),
    }
}
