//! Expressions as patches of Crossplane's patch-and-transform, total over the
//! expression type: what comes out means exactly the same, and everything else is
//! a [`Misfit`] at its place.
//!
//! Three forms carry a value: a field of the instance that is copied, since JSON has
//! it as the language has it ([`paths`]); text put together of such fields
//! ([`text`]); and a table of what an expression comes to for each of the few
//! values that the fields in it can have ([`finite`]). [`object`] goes over the body of a
//! resource and leaves what is known in the template's base.
//!
//! Numbers reach the function as floating point, so `%d` is never written, and
//! an integer becomes text only by `convert`, or by `%v` where it is below a million.

mod finite;
mod object;
mod paths;
mod text;

use smol_str::SmolStr;

use crate::expr::{BinaryOp, Expr, ExprKind, Local, MacroOp};
use crate::ir::Composite;
use crate::source::Span;
use crate::target::schema::openapi::{OpenApi, entries};
use crate::value::{Map, Value};

pub(super) use object::{Template, body};
pub(super) use paths::{identical, segment};

/// What does not fit, where, and what to do.
#[derive(Clone, Debug)]
pub(super) struct Misfit {
    pub(super) span: Span,
    pub(super) what: String,
    pub(super) way: &'static str,
    /// It may come to nothing, which a patch cannot write; beside other fields it can.
    absent: bool,
}

/// What helps with most.
pub(super) const PARAMETER: &str = "let the instance give the value as a parameter, or build with `--function auto`, whose function evaluates the whole language";

impl Misfit {
    pub(super) fn new(span: Span, what: impl Into<String>) -> Self {
        Self { span, what: what.into(), way: PARAMETER, absent: false }
    }

    pub(super) fn way(self, way: &'static str) -> Self {
        Self { way, ..self }
    }
}

/// Where a patch takes its value from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    /// A field of the instance.
    Field(String),
    /// Text of some fields.
    Combined { format: String, fields: Vec<String> },
}

/// A value that a patch carries.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Carried {
    source: Source,
    transforms: Vec<Value>,
    /// The field may be missing; the base holds then what the value is.
    optional: bool,
    /// What it may come to, where it is looked up in a table.
    results: Vec<Value>,
}

/// What an expression becomes.
pub(super) enum Piece {
    /// It is known.
    Known(Value),
    /// A patch writes it over this, which it is where the patch has nothing.
    Patched(Carried, Value),
}

/// A patch of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Patch {
    carried: Carried,
    to: String,
    /// Its fields stand beside those of the base.
    merge: bool,
}

impl Patch {
    /// A patch of the composite's or its environment's that takes one value to a field.
    pub(super) fn to(carried: Carried, to: String) -> Self {
        Self { carried, to, merge: false }
    }

    /// Whether it writes just this field.
    pub(super) fn writes(&self, path: &str) -> bool {
        !self.merge && self.to == path
    }

    /// Whether it may put one of these fields into an object.
    pub(super) fn merges(&self, object: &str, names: &[&str]) -> bool {
        let has = |result: &Value| names.iter().any(|name| result.get(name).is_some());
        self.merge && self.to == object && self.carried.results.iter().any(has)
    }

    /// As it is written; the older Composition has another word for merging.
    pub(super) fn value(&self, older: bool) -> Value {
        let policy = self.carried.policy(self.merge, older);
        let mut fields = match &self.carried.source {
            Source::Field(path) => {
                vec![("type", Value::str("FromCompositeFieldPath")), ("fromFieldPath", Value::str(path))]
            }
            Source::Combined { format, fields } => {
                let variables = fields.iter().map(|field| entries([("fromFieldPath", Value::str(field))]));
                let combine = entries([
                    ("strategy", Value::str("string")),
                    ("variables", Value::list(variables.collect())),
                    ("string", entries([("fmt", Value::str(format))])),
                ]);
                vec![("type", Value::str("CombineFromComposite")), ("combine", combine)]
            }
        };
        fields.push(("toFieldPath", Value::str(&self.to)));
        if !self.carried.transforms.is_empty() {
            fields.push(("transforms", Value::list(self.carried.transforms.clone())));
        }
        fields.push(("policy", policy));
        Value::map(fields.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }
}

impl Carried {
    pub(super) fn field(path: String) -> Self {
        Self { source: Source::Field(path), transforms: Vec::new(), optional: false, results: Vec::new() }
    }

    /// The same, made text of a form.
    pub(super) fn formatted(self, format: &str) -> Self {
        let fields = entries([("type", Value::str("Format")), ("fmt", Value::str(format))]);
        let transforms = self.transforms.into_iter().chain([transform("string", fields)]).collect();
        Self { transforms, ..self }
    }

    /// A known value, whatever the field has.
    pub(super) fn always(self, value: Value) -> Self {
        Self { transforms: vec![matching(Vec::new(), value)], ..self }
    }

    /// What must be there is `Required`: an object is rather not made than made wrong.
    fn policy(&self, merge: bool, older: bool) -> Value {
        let mut policy = Map::default();
        policy.insert("fromFieldPath", Value::str(if self.optional { "Optional" } else { "Required" }));
        match (merge, older) {
            (true, false) => policy.insert("toFieldPath", Value::str("MergeObjects")),
            (true, true) => policy.insert("mergeOptions", entries([("keepMapValues", Value::Bool(true))])),
            (false, _) => {}
        }
        Value::map(policy)
    }
}

/// The names that an expression is written among.
#[derive(Clone)]
pub(super) struct Scope<'a> {
    pub(super) composite: &'a Composite,
    /// The schema of the parameters, as the API server applies it.
    pub(super) spec: &'a OpenApi,
    /// The instance is a claim, and the object that patches read stands for it.
    pub(super) claimed: bool,
    /// The variables, innermost last.
    locals: Vec<(Local, &'a Expr)>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(composite: &'a Composite, spec: &'a OpenApi, claimed: bool) -> Self {
        Self { composite, spec, claimed, locals: Vec::new() }
    }

    /// The instance's name or namespace.
    pub(super) fn own_field(&self, name: &str) -> Option<Carried> {
        self.own(name).text().map(Carried::field)
    }

    fn with(&self, local: &Local, value: &'a Expr) -> Self {
        let mut inner = self.clone();
        inner.locals.push((local.clone(), value));
        inner
    }

    fn binding(&self, name: &str) -> Option<&'a Expr> {
        self.composite.bindings.iter().find(|binding| binding.name == name).map(|binding| &binding.value)
    }

    fn local(&self, local: &Local) -> Option<(usize, &'a Expr)> {
        self.locals.iter().enumerate().rev().find(|(_, (l, _))| l.slot == local.slot).map(|(at, (_, e))| (at, *e))
    }

    /// What a variable or `let` stands for, with the names that it is written among.
    fn meaning(&self, expr: &'a Expr) -> Option<(Self, &'a Expr)> {
        match &expr.kind {
            ExprKind::Binding(name) => Some((Self { locals: Vec::new(), ..self.clone() }, self.binding(name)?)),
            ExprKind::Local(local) => {
                let (at, value) = self.local(local)?;
                Some((Self { locals: self.locals.get(..at)?.to_vec(), ..self.clone() }, value))
            }
            _ => None,
        }
    }

    /// An expression as a value that a patch can carry.
    ///
    /// # Errors
    /// What does not fit.
    pub(super) fn piece(&self, expr: &'a Expr) -> Result<Piece, Misfit> {
        if let Some(known) = expr.known() {
            return Ok(Piece::Known(plain(known)));
        }
        if let Some(piece) = self.copied(expr) {
            return Ok(piece);
        }
        if let Some(piece) = self.text(expr) {
            return Ok(piece);
        }
        match self.table(expr) {
            Ok(piece) => Ok(piece),
            Err(misfit) => match &expr.kind {
                ExprKind::Let(local, value, inner) => self.with(local, value).piece(inner),
                ExprKind::Binding(_) | ExprKind::Local(_) => match self.meaning(expr) {
                    Some((scope, meaning)) => scope.piece(meaning),
                    None => Err(misfit),
                },
                _ => Err(misfit),
            },
        }
    }
}

/// As JSON has it: durations and quantities are text.
pub(super) fn plain(value: &Value) -> Value {
    crate::value::from_json(&crate::value::to_json(value))
}

pub(super) fn transform(kind: &str, fields: Value) -> Value {
    entries([("type", Value::str(kind)), (kind, fields)])
}

/// A `match` of texts, with what any other comes to. It must have a pattern.
fn matching(mut patterns: Vec<(String, Value)>, other: Value) -> Value {
    if patterns.is_empty() {
        patterns.push((String::new(), other.clone()));
    }
    let pattern = |(literal, result): (String, Value)| {
        entries([("type", Value::str("literal")), ("literal", Value::str(&literal)), ("result", result)])
    };
    let patterns = patterns.into_iter().map(pattern).collect();
    transform("match", entries([("patterns", Value::list(patterns)), ("fallbackValue", other)]))
}

/// A construct in words; nothing for those whose fields tell more.
fn construct(expr: &Expr) -> Option<String> {
    let said = match &expr.kind {
        ExprKind::Const(_) | ExprKind::Param(_) | ExprKind::Field { .. } | ExprKind::Instance => return None,
        ExprKind::Local(_) | ExprKind::Binding(_) | ExprKind::Let(..) | ExprKind::Coerce(..) => return None,
        ExprKind::Resource(name) => format!("a value of `{name}`"),
        ExprKind::Global(_) | ExprKind::CallFn(..) => "a function or constant of a module".to_owned(),
        ExprKind::Index { .. } => "an element that is looked up".to_owned(),
        ExprKind::Has(_) => "a test whether a field is there".to_owned(),
        ExprKind::Unary(..) => "a computation".to_owned(),
        ExprKind::Binary(op, ..) => match op {
            BinaryOp::And | BinaryOp::Or => "logic".to_owned(),
            BinaryOp::Coalesce => "a default with `??`".to_owned(),
            BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge | BinaryOp::In => {
                "a comparison".to_owned()
            }
            _ => "arithmetic".to_owned(),
        },
        ExprKind::Cond(..) => "a condition".to_owned(),
        ExprKind::Match { .. } => "a `match`".to_owned(),
        ExprKind::Call(name, _) => format!("the function `{name}`"),
        ExprKind::List(_) => "a list that is computed".to_owned(),
        ExprKind::Object(_) => "an object that is computed".to_owned(),
        ExprKind::Concat(_) => "text of this kind".to_owned(),
        ExprKind::Comprehension(c) => match c.op {
            MacroOp::All | MacroOp::Exists | MacroOp::ExistsOne => "a test of all items".to_owned(),
            _ => "a list or map that is computed".to_owned(),
        },
        ExprKind::Refine(refine) => match &refine.type_name {
            Some(name) => format!("the rule of {name} on a value that is computed"),
            None => "a rule on a value that is computed".to_owned(),
        },
    };
    Some(said)
}

/// A name in messages.
fn dotted(path: &[SmolStr]) -> String {
    match path {
        [first, rest @ ..] if first == "spec" && rest.first().is_none_or(|name| name != "claimRef") => rest.join("."),
        [.., name] => format!("self.{name}"),
        [] => String::new(),
    }
}
