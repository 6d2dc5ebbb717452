//! Expressions as Go templates, with the functions that Helm 4 gives them.
//!
//! A template has no expressions of its own for loops and conditions, so an
//! expression becomes statements that fill variables, and an operand that names the
//! value ([`Writer::operand`]); an object that is written out becomes YAML with holes
//! ([`Writer::yaml`]). What a template cannot say, or would say otherwise than the
//! language does, is refused at its line (E0740).
//!
//! In templates a Duration or Quantity is its canonical text, a number of the values is
//! a float until it is read as an integer, and what is absent is nil.

mod calls;
mod conversions;
mod fold;
mod loops;
mod operators;
mod shape;
mod structure;
mod units;
mod value;
mod yaml;

pub(crate) use fold::fold;
pub(crate) use loops::{Step, default_of, loop_keys, test_of, way_to};
pub(crate) use shape::{holds_units, is_direct, is_mergeable, strip};
pub(crate) use units::UNITS;

use std::collections::BTreeMap;
use std::rc::Rc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use crate::diagnostic::{Diagnostic, E0740};
use crate::expr::{Expr, ExprKind, Local, Program};
use crate::ir::{Composite, Schema};
use crate::source::Span;

pub(crate) type Out<T> = Result<T, Box<Diagnostic>>;

/// The refusal of a construct.
pub(crate) fn refused(span: Span, what: impl AsRef<str>, way: &str) -> Box<Diagnostic> {
    let diagnostic = Diagnostic::new(&E0740, span, format!("a Helm template cannot express {}", what.as_ref()))
        .label("needed by the chart")
        .help(way);
    Box::new(diagnostic)
}

pub(crate) const ELSEWHERE: &str = "let the instance give the value as a parameter, or build for `--target crossplane` or `controller`, which evaluate the whole language";

/// What a variable of an expression stands for.
#[derive(Clone)]
pub(crate) enum Bound {
    /// An operand that has its value.
    Operand {
        /// The operand.
        text: String,
        /// What the value looks like, where a parameter's schema tells.
        shape: Option<Schema>,
        /// It comes from the values as they are: integers are floats.
        raw: bool,
        /// It may be nil.
        absent: bool,
    },
    /// An expression that is evaluated where it is first needed.
    Lazy(Rc<Expr>),
    /// A resource, whose written fields may be read.
    Resource(SmolStr),
}

/// Named templates, which all files of a chart share.
#[derive(Default)]
pub(crate) struct Shared {
    /// The names and texts.
    pub defines: IndexMap<String, String>,
    /// Whether durations or quantities are read.
    pub units: bool,
    rules: BTreeMap<String, String>,
}

/// Writes the statements and text of one template.
pub(crate) struct Writer<'a> {
    pub composite: &'a Composite,
    pub program: &'a Program,
    /// What the names of its templates begin with.
    pub prefix: &'a str,
    pub shared: &'a mut Shared,
    /// What is refused.
    pub diagnostics: Vec<Diagnostic>,
    /// The text so far; whole lines.
    out: String,
    env: BTreeMap<u32, Bound>,
    counts: BTreeMap<String, u32>,
    /// The loops and conditions round what is written, by the places of their heads.
    around: Vec<Span>,
    /// Names on the way, since a template must not include itself.
    depth: u32,
}

/// How deep names may lead to other names.
const MAX_DEPTH: u32 = 400;

impl<'a> Writer<'a> {
    pub(crate) fn new(composite: &'a Composite, program: &'a Program, prefix: &'a str, shared: &'a mut Shared) -> Self {
        Self {
            composite,
            program,
            prefix,
            shared,
            diagnostics: Vec::new(),
            out: String::new(),
            env: BTreeMap::new(),
            counts: BTreeMap::new(),
            around: Vec::new(),
            depth: 0,
        }
    }

    /// The text that was written.
    pub(crate) fn finish(self) -> (String, Vec<Diagnostic>) {
        (self.out.trim_start_matches('\n').to_owned(), self.diagnostics)
    }

    /// What a named template of its own says, written by `write`.
    pub(crate) fn separately<T>(&mut self, write: impl FnOnce(&mut Writer<'_>) -> Out<T>) -> Out<(T, String)> {
        let mut inner = Writer::new(self.composite, self.program, self.prefix, self.shared);
        inner.depth = self.depth + 1;
        let result = write(&mut inner);
        let (text, diagnostics) = inner.finish();
        self.diagnostics.extend(diagnostics);
        result.map(|value| (value, text))
    }

    pub(crate) fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// `{{- statement }}`.
    pub(crate) fn statement(&mut self, text: &str) {
        self.line(&format!("{{{{- {text} }}}}"));
    }

    pub(crate) fn refuse(&mut self, result: Out<()>) {
        if let Err(diagnostic) = result
            && !self.diagnostics.contains(&diagnostic)
        {
            self.diagnostics.push(*diagnostic);
        }
    }

    /// A variable's name that is in use nowhere else.
    pub(crate) fn fresh(&mut self, hint: &str) -> String {
        let mut name: String = hint.split('-').filter(|part| !part.is_empty()).fold(String::new(), |mut name, part| {
            let mut chars = part.chars().filter(char::is_ascii_alphanumeric);
            if let Some(first) = chars.next() {
                name.push(if name.is_empty() { first } else { first.to_ascii_uppercase() });
                name.extend(chars);
            }
            name
        });
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            name.insert(0, 'v');
        }
        let count = self.counts.entry(name.clone()).or_default();
        *count += 1;
        if *count > 1 { format!("${name}{count}") } else { format!("${name}") }
    }

    /// A variable that holds an operand.
    pub(crate) fn variable(&mut self, hint: &str, operand: &str) -> String {
        let name = self.fresh(hint);
        self.statement(&format!("{name} := {operand}"));
        name
    }

    /// Writes a block; what it binds is gone after it.
    pub(crate) fn block(&mut self, head: &str, body: impl FnOnce(&mut Self) -> Out<()>) -> Out<()> {
        self.statement(head);
        let outer = self.env.clone();
        let result = body(self);
        self.env = outer;
        self.statement("end");
        result
    }

    /// Writes what holds otherwise, and ends the block that is open.
    pub(crate) fn block_else(&mut self, body: impl FnOnce(&mut Self) -> Out<()>) -> Out<()> {
        self.block("else", body)
    }

    /// An operand and the statements that it needs, not yet written. Where there are
    /// some, what they bind is known to them alone.
    pub(crate) fn apart(&mut self, expr: &Expr) -> Out<(String, String)> {
        let out = std::mem::take(&mut self.out);
        let outer = self.env.clone();
        let operand = self.operand(expr);
        let statements = std::mem::replace(&mut self.out, out);
        if !statements.is_empty() {
            self.env = outer;
        }
        Ok((statements, operand?))
    }

    pub(crate) fn bind(&mut self, local: &Local, bound: Bound) {
        self.env.insert(local.slot, bound);
    }

    /// Binds a variable to an operand that is made here: not raw, never absent.
    pub(crate) fn bind_made(&mut self, local: &Local, text: &str) {
        let bound = Bound::Operand { text: text.to_owned(), shape: None, raw: false, absent: false };
        self.env.insert(local.slot, bound);
    }

    /// Goes one name deeper.
    pub(crate) fn deeper<T>(&mut self, span: Span, f: impl FnOnce(&mut Self) -> Out<T>) -> Out<T> {
        if self.depth >= MAX_DEPTH {
            return Err(refused(span, "expressions that are nested so deeply", "give parts of it names with `let`"));
        }
        self.depth += 1;
        let result = stacker::maybe_grow(256 * 1024, 2 * 1024 * 1024, || f(self));
        self.depth -= 1;
        result
    }

    pub(crate) fn binding(&self, name: &str) -> Option<&'a Expr> {
        self.composite.bindings.iter().find(|b| b.name == name).map(|b| &b.value)
    }
}

/// Text as a string of a Go template, whose escapes are those of JSON.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    crate::yaml::quote(text, &mut out);
    out
}

/// Text that is to stand in a template as it is.
pub(crate) fn raw(text: &str) -> String {
    text.replace("{{", "{{ \"{{\" }}")
}

/// Whether an operand is a variable, a literal or a path, worth no variable of its own.
fn is_atom(operand: &str) -> bool {
    !operand.starts_with('(')
}

/// A chain of fields that begins at a resource or a variable that stands for one.
fn chain(expr: &Expr) -> (&Expr, Vec<SmolStr>) {
    let mut path = Vec::new();
    let mut expr = expr;
    while let ExprKind::Field { base, name, .. } = &expr.kind {
        path.push(name.clone());
        expr = base;
    }
    path.reverse();
    (expr, path)
}
