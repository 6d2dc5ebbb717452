//! Variables, what names stand for, and what values a schema says they have.

use std::rc::Rc;

use super::Place;
use super::write::{Outcome, Writer};
use crate::expr::{Expr, ExprKind, Local};
use crate::ir::Schema;
use crate::library::words::{RESERVED, is_name};
use crate::source::Span;

/// What a variable stands for.
#[derive(Clone)]
pub(super) enum Slot<'e> {
    Unbound,
    /// A variable of the target.
    Place(Place<'e>),
    /// An expression, with the variables round it.
    Expr(&'e Expr, Rc<Vec<Slot<'e>>>),
}

impl<'e> Writer<'e, '_> {
    pub(super) fn slot(&self, local: &Local) -> Slot<'e> {
        self.frame.get(local.slot as usize).cloned().unwrap_or(Slot::Unbound)
    }

    pub(super) fn put(&mut self, local: &Local, slot: Slot<'e>) {
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

    pub(super) fn within<T>(
        &mut self,
        frame: Rc<Vec<Slot<'e>>>,
        work: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
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
        if !is_name(&name) || RESERVED.contains(&name.as_str()) || TYPES.contains(&name.as_str()) {
            name = format!("x{name}");
        }
        let free = |name: &str| !self.taken.iter().any(|taken| taken == name);
        if free(&name) {
            return name;
        }
        (2..).map(|n| format!("{name}{n}")).find(|name| free(name)).unwrap_or(name)
    }

    pub(super) fn param(&self, name: &str, span: Span) -> Outcome<Place<'e>> {
        self.names
            .param(name)
            .ok_or_else(|| self.refuse(span, &format!("the parameter `{name}`"), "write its value here"))
    }

    pub(super) fn binding(&self, name: &str, span: Span) -> Outcome<&'e Expr> {
        self.names.binding(name).ok_or_else(|| self.refuse(span, &format!("the name `{name}`"), "write its value here"))
    }

    /// The default of a field that not every case of a union has, so that no schema fills it in.
    pub(super) fn default_of_case(&self, base: &'e Expr, name: &str) -> Option<&'e Expr> {
        let Schema::Union(members) = peeled(self.schema(base)?) else { return None };
        let cases: Vec<_> = members.iter().filter_map(Schema::fields).collect();
        let having: Vec<_> = cases.iter().filter_map(|case| case.iter().find(|field| field.name == name)).collect();
        let mut defaults = having.iter().filter_map(|field| field.default.as_ref());
        let first = defaults.next()?;
        // A schema fills in what is the same in every case.
        let same = having.iter().all(|field| field.default.as_ref().and_then(Expr::known) == first.known());
        (having.len() < cases.len() || !same).then_some(first)
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
