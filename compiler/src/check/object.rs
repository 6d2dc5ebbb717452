//! Objects: against a record or schema, closed; against a map; on their own.

use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::kubernetes::OF_DECLARATION;
use super::{Checker, Step, Typed};
use crate::diagnostic::{Diagnostic, E0301, E0302, E0303, E0311, E0312};
use crate::expr::{self, Expr, ExprKind, Local, Repr};
use crate::schema::DefId;
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::{self, Entry, Ident, Key};
use crate::types::{self, Field, Record, Type};
use crate::value::Value;

/// What has brought a field of an object that is being checked.
#[derive(Clone, Copy)]
pub(super) struct Given {
    pub(super) span: Span,
    /// On every path, not only under some `if`.
    pub(super) certain: bool,
    pub(super) spread: bool,
}

/// An object that is checked against a record.
pub(super) struct Target<'t> {
    pub(super) record: &'t Record,
    pub(super) def: Option<DefId>,
    pub(super) ty: &'t Type,
}

impl Target<'_> {
    /// The fields of the type that cannot stand here.
    pub(super) fn hidden(&self) -> &'static [&'static str] {
        let whole = self.record.fields.keys().all(|name| !OF_DECLARATION.contains(&name.as_str()));
        if whole { &OF_DECLARATION } else { &[] }
    }
}

/// What the entries of an object have brought so far.
#[derive(Default)]
pub(super) struct Building {
    pub(super) given: IndexMap<SmolStr, Given>,
    /// Values of spreads that are read field by field, bound round the object.
    lets: Vec<(Local, Expr)>,
    /// A spread of unknown content: what is missing cannot be told.
    pub(super) open: bool,
    /// Fields that an unknown one was likely meant to be: one slip, one error.
    meant: Vec<SmolStr>,
    /// How many fields are unknown.
    unknown: usize,
}

impl Checker<'_> {
    /// An object where a type is expected.
    pub(crate) fn object(&mut self, entries: &[Entry], span: Span, expected: &Type) -> Expr {
        match expected.structure() {
            Type::Record(record) => {
                let record = record.clone();
                self.record_object(entries, span, &Target { record: &record, def: None, ty: expected })
            }
            Type::Schema(def) => match self.schemas.record(*def).cloned() {
                Some(record) => {
                    self.record_object(entries, span, &Target { record: &record, def: Some(*def), ty: expected })
                }
                None => self.with_anything(|c| c.infer_object(entries, span)).expr,
            },
            Type::Map(entry) => {
                let entry = entry.clone();
                self.map_object(entries, span, &entry)
            }
            Type::Secret(_) => {
                let record = super::composite_type::secret_reference();
                self.record_object(entries, span, &Target { record: &record, def: None, ty: expected })
            }
            Type::Union(members) => self.union_object(entries, span, &members.clone(), expected),
            Type::Optional(inner) => self.object(entries, span, &inner.clone()),
            Type::Dyn | Type::Unknown => self.with_anything(|c| c.infer_object(entries, span)).expr,
            _ => self.not_an_object(entries, span, expected),
        }
    }

    pub(super) fn not_an_object(&mut self, entries: &[Entry], span: Span, expected: &Type) -> Expr {
        self.infer_quietly(entries, span);
        let open = Span { end: span.start + 1, ..span };
        let diagnostic = Diagnostic::new(&E0301, open, format!("expected {}, found an object", self.article(expected)))
            .label(format!("expected {}", self.show(expected)));
        let diagnostic = self.with_structure(diagnostic, expected);
        let diagnostic = self.with_context(diagnostic);
        self.report(diagnostic);
        Self::unknown(span).expr
    }

    pub(super) fn infer_quietly(&mut self, entries: &[Entry], span: Span) {
        self.attempt(|c| c.infer_object(entries, span));
    }

    /// A closed object: every entry must be a field, every required field must be there.
    pub(super) fn record_object(&mut self, entries: &[Entry], span: Span, target: &Target<'_>) -> Expr {
        self.note_keys(entries, target.ty, target.hidden());
        let mut building = Building::default();
        let mut built = self.record_entries(entries, target, &mut building);
        let mut missing = add_defaults(span, target, &building, &mut built);
        self.note_built(span, target, &building, &missing);
        missing.retain(|name| !building.meant.contains(name));
        let is_secret = matches!(target.ty.structure(), Type::Secret(_));
        if building.unknown > 0 && (missing.len() == 1 || is_secret) {
            missing.clear();
        }
        if !missing.is_empty() && !building.open {
            self.report_missing(&missing, span, target, &building);
        }
        let object = Expr::new(ExprKind::Object(built), Repr::Map, span);
        building.lets.into_iter().rev().fold(object, |body, (local, value)| {
            Expr::new(ExprKind::Let(local, Box::new(value), Box::new(body)), Repr::Map, span)
        })
    }

    fn record_entries(&mut self, entries: &[Entry], target: &Target<'_>, building: &mut Building) -> Vec<expr::Entry> {
        let mut built = Vec::with_capacity(entries.len());
        for entry in entries {
            match entry {
                Entry::Field { key, value, optional, .. } => {
                    built.extend(self.record_entry(key, value, *optional, target, building));
                }
                Entry::Short(name) => {
                    let value = ast::Expr { kind: ast::ExprKind::Name(name.name.clone()), span: name.span };
                    let key = Key::Word { name: name.clone(), bare: true };
                    built.extend(self.record_entry(&key, &value, false, target, building));
                }
                Entry::Spread(value, span) => self.record_spread(value, *span, target, building, &mut built),
                Entry::If { condition, then, otherwise, .. } => {
                    built.push(self.record_if(condition, then, otherwise, target, building));
                }
                Entry::For { span, .. } => {
                    let message = format!("{} has fixed fields, so `for` cannot make them", self.article(target.ty));
                    self.report(Diagnostic::new(&E0311, *span, message).help("write the fields out"));
                    building.open = true;
                }
                Entry::Error(_) => building.open = true,
            }
        }
        built
    }

    fn record_if(
        &mut self,
        condition: &ast::Expr,
        then: &[Entry],
        otherwise: &[Entry],
        target: &Target<'_>,
        building: &mut Building,
    ) -> expr::Entry {
        let (condition, facts) = self.condition(condition);
        let before = building.given.clone();
        let then = self.narrowing(facts.holds, |c| c.record_entries(then, target, building));
        let with_then = std::mem::replace(&mut building.given, before);
        let otherwise = self.narrowing(facts.fails, |c| c.record_entries(otherwise, target, building));
        merge(&mut building.given, with_then);
        expr::Entry::If(condition, then, otherwise)
    }

    fn record_entry(
        &mut self,
        key: &Key,
        value: &ast::Expr,
        optional: bool,
        target: &Target<'_>,
        building: &mut Building,
    ) -> Option<expr::Entry> {
        let name = match key {
            Key::Word { name, .. } => name.clone(),
            Key::Computed(expr) => self.constant_key(expr, target, building)?,
        };
        if let Some(earlier) = building.given.get(&name.name).filter(|g| !g.spread) {
            self.report(given_twice(&name, earlier.span));
            self.attempt(|c| c.infer(value));
            return None;
        }
        building.given.insert(name.name.clone(), Given { span: name.span, certain: true, spread: false });
        let Some(field) = target.record.fields.get(&name.name) else {
            if self.takes_more(target) {
                let expr = self.check_field(value, &Field { optional, ..Field::of(Type::Dyn) });
                return Some(expr::Entry::Field(name.name, expr));
            }
            let diagnostic = self.unknown_entry(&name, target, building);
            self.report(diagnostic);
            self.attempt(|c| c.infer(value));
            return None;
        };
        self.way.push(Step { key: name.name.clone(), span: name.span, def: target.def, declared: field.span });
        let entry = self.field_entry(&name, value, optional, field, target);
        self.way.pop();
        Some(entry)
    }

    fn field_entry(
        &mut self,
        name: &Ident,
        value: &ast::Expr,
        optional: bool,
        field: &Field,
        target: &Target<'_>,
    ) -> expr::Entry {
        if let Some(entry) = self.kubernetes_entry(name, value, target) {
            return entry;
        }
        let field = if optional { &Field { optional: true, ..field.clone() } } else { field };
        let expr = self.check_field(value, field);
        self.check_resource_unit(name, &expr);
        self.lint_field(name, value, &expr, target);
        self.warn_of_field(target.ty, &name.name, name.span, true);
        expr::Entry::Field(name.name.clone(), expr)
    }

    /// The value of a field; an optional one takes what may be absent.
    pub(crate) fn check_field(&mut self, value: &ast::Expr, field: &Field) -> Expr {
        let placeable = matches!(
            value.kind,
            ast::ExprKind::Name(_)
                | ast::ExprKind::Field { .. }
                | ast::ExprKind::Index { .. }
                | ast::ExprKind::Call { .. }
        );
        if placeable && !super::expression::takes_expectation(&value.kind) {
            self.note_expected(value, &field.ty);
            let typed = self.infer(value);
            return self.fit_field(typed, field);
        }
        if field.optional && !matches!(field.ty, Type::Optional(_)) {
            return self.check(value, &field.ty.clone().optional());
        }
        self.check(value, &field.ty)
    }

    /// A computed key of a closed object must be known.
    fn constant_key(&mut self, expr: &ast::Expr, target: &Target<'_>, building: &mut Building) -> Option<Ident> {
        let key = self.check(expr, &Type::String);
        match key.known().and_then(Value::as_str) {
            Some(text) => Some(Ident { name: text.into(), span: expr.span }),
            None => {
                building.open = true;
                let message = format!("{} has fixed fields, so a key cannot be computed", self.article(target.ty));
                self.report(Diagnostic::new(&E0311, expr.span, message).help("write the field's name"));
                None
            }
        }
    }

    fn record_spread(
        &mut self,
        value: &ast::Expr,
        span: Span,
        target: &Target<'_>,
        building: &mut Building,
        built: &mut Vec<expr::Entry>,
    ) {
        let typed = self.infer(value);
        let (ty, may_be_absent) = match typed.ty.peel() {
            Type::Optional(inner) => ((**inner).clone(), true),
            _ => (typed.ty.clone(), false),
        };
        match ty.structure() {
            Type::Unknown => building.open = true,
            Type::Dyn => {
                building.open = true;
                built.push(expr::Entry::Spread(typed.expr));
            }
            Type::Record(_) | Type::Schema(_) => {
                let Some(record) = ty.record(self.schemas).cloned() else { return };
                let certain = !may_be_absent;
                self.spread_fields(Typed { ty, expr: typed.expr }, &record, certain, span, target, building, built);
            }
            _ => {
                let message = format!("only a record can be spread here, this is {}", self.article(&typed.ty.widen()));
                let mut diagnostic = Diagnostic::new(&E0301, value.span, message);
                if ty.repr() == Repr::Map {
                    diagnostic = diagnostic
                        .help("a map may hold any key; write the fields out, or give the value a record type");
                }
                self.report(diagnostic);
                building.open = true;
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one object under construction")]
    fn spread_fields(
        &mut self,
        typed: Typed,
        record: &Arc<Record>,
        certain: bool,
        span: Span,
        target: &Target<'_>,
        building: &mut Building,
        built: &mut Vec<expr::Entry>,
    ) {
        let mut whole = true;
        let same = matches!(typed.ty.structure(), Type::Schema(own) if Some(*own) == target.def);
        for (name, field) in &record.fields {
            let Some(wanted) = target.record.fields.get(name) else {
                if self.takes_more(target) {
                    building.given.insert(name.clone(), Given { span, certain, spread: true });
                    continue;
                }
                let diagnostic = self.field_of_other_version(target.ty, name, span).unwrap_or_else(|| {
                    let article = self.article(target.ty);
                    let message = format!("{article} has no field `{name}`, which this value brings");
                    Diagnostic::new(&E0302, span, message).help("spread only what fits")
                });
                self.report(diagnostic);
                whole = false;
                building.open = true;
                continue;
            };
            if !same {
                self.warn_of_field(target.ty, name, span, false);
            }
            self.lost_before(name, span, building);
            let sure = certain && !field.optional;
            building.given.insert(name.clone(), Given { span, certain: sure, spread: true });
            whole &= types::fits(self.schemas, &field.ty, &wanted.ty)
                && !types::undecided(self.schemas, &field.ty, &wanted.ty);
        }
        if whole {
            built.push(expr::Entry::Spread(typed.expr));
        } else {
            self.spread_one_by_one(typed, record, certain, target, building, built);
        }
    }

    fn spread_one_by_one(
        &mut self,
        typed: Typed,
        record: &Arc<Record>,
        certain: bool,
        target: &Target<'_>,
        building: &mut Building,
        built: &mut Vec<expr::Entry>,
    ) {
        let span = typed.expr.span;
        let local = self.frame.slot("spread");
        for (name, field) in &record.fields {
            let anything = Field { optional: true, ..Field::of(Type::Dyn) };
            let Some(wanted) = target.record.fields.get(name).or_else(|| self.takes_more(target).then_some(&anything))
            else {
                continue;
            };
            let base = Expr::new(ExprKind::Local(local.clone()), Repr::Map, span);
            let access = if !certain {
                expr::Access::Optional
            } else if field.optional {
                expr::Access::Declared
            } else {
                expr::Access::Required
            };
            let ty = if access == expr::Access::Required { field.ty.clone() } else { field.ty.clone().optional() };
            let read = Typed::new(ExprKind::Field { base: Box::new(base), name: name.clone(), access }, ty, span);
            let wanted = Field { optional: wanted.optional || access != expr::Access::Required, ..wanted.clone() };
            built.push(expr::Entry::Field(name.clone(), self.fit_field(read, &wanted)));
        }
        building.lets.push((local, typed.expr));
    }

    fn lost_before(&mut self, name: &str, spread: Span, building: &Building) {
        if let Some(earlier) = building.given.get(name).filter(|g| !g.spread) {
            self.lost(name, earlier.span, spread);
        }
    }

    fn report_missing(&mut self, missing: &[SmolStr], span: Span, target: &Target<'_>, building: &Building) {
        let list = missing.iter().map(|m| format!("`{m}`")).collect::<Vec<_>>().join(", ");
        let place = self.way.last().map_or(Span { end: span.start + 1, ..span }, |s| s.span);
        let partly = missing.iter().find_map(|m| building.given.get(m));
        let message = format!("{} needs {list}", self.article(target.ty));
        let mut diagnostic = Diagnostic::new(&E0303, place, message).label(if missing.len() == 1 {
            "a required field is missing here"
        } else {
            "required fields are missing here"
        });
        if let Some(partly) = partly {
            diagnostic = diagnostic.also(partly.span, "given only under a condition");
        }
        if let (Some(def), Some(first)) = (target.def, missing.first())
            && let Some(doc) = self.schemas.field_doc(def, first)
        {
            diagnostic = diagnostic.note(format!("`{first}`: {}", super::fit::first_sentence(&doc)));
            diagnostic.notes.extend(self.required_where(def, first));
        }
        let first = missing.first().cloned().unwrap_or_default();
        let example = target.record.fields.get(&first).map(|f| self.show(&f.ty)).unwrap_or_default();
        self.report(diagnostic.help(format!("add `{first}: …` ({example})")));
    }

    fn unknown_entry(&self, name: &Ident, target: &Target<'_>, building: &mut Building) -> Diagnostic {
        building.unknown += 1;
        if let Some(diagnostic) = self.field_of_other_version(target.ty, &name.name, name.span) {
            return diagnostic;
        }
        let free = target.record.fields.keys().filter(|key| !building.given.contains_key(*key));
        let meant = suggest::closest(&name.name, free.map(SmolStr::as_str)).map(SmolStr::from);
        let diagnostic = self.unknown_field(name, target, meant.as_deref());
        building.meant.extend(meant);
        diagnostic
    }

    fn unknown_field(&self, name: &Ident, target: &Target<'_>, meant: Option<&str>) -> Diagnostic {
        let known = || target.record.fields.keys().map(SmolStr::as_str);
        let diagnostic =
            Diagnostic::new(&E0302, name.span, format!("{} has no field `{}`", self.article(target.ty), name.name));
        if let Some(best) = meant {
            return diagnostic.label(format!("did you mean `{best}`?")).fix(
                format!("replace it with `{best}`"),
                name.span,
                best,
                true,
            );
        }
        if matches!(target.ty.structure(), Type::Secret(_)) {
            return diagnostic.label("unknown field").help("a secret is given as `{ secret: NAME, key: KEY }`");
        }
        // The parameters of an instance stand under no field.
        let of_instance = self.way.is_empty() && target.def.is_none() && target.ty.named().is_some();
        if of_instance && matches!(name.name.as_str(), "name" | "namespace" | "metadata") {
            return diagnostic.label("this is no parameter").help(
                "name and namespace stand before the braces, `Kind name in namespace { … }`, in YAML in `metadata`",
            );
        }
        if let Some(path) = self.belongs_in(target, &name.name) {
            return diagnostic.label("unknown here").help(format!("`{}` belongs in `{path}`", name.name));
        }
        diagnostic.label("unknown field").help(format!("its fields are {}", suggest::listing(known())))
    }

    /// Where a field that is unknown here would be right: up to three levels down.
    fn belongs_in(&self, target: &Target<'_>, name: &str) -> Option<String> {
        let mut level: Vec<(String, Arc<Record>)> = vec![(String::new(), Arc::new(target.record.clone()))];
        for _ in 0..3 {
            let mut next = Vec::new();
            for (path, record) in &level {
                for (key, field) in record.fields.iter().filter(|(k, _)| *k != "status") {
                    let Some(inner) = field.ty.record(self.schemas) else { continue };
                    let path = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
                    if inner.fields.contains_key(name) {
                        return Some(path);
                    }
                    if next.len() < 64 {
                        next.push((path, inner.clone()));
                    }
                }
            }
            level = next;
        }
        None
    }
}

/// Fills in the defaults of fields that are not given for certain; what has none is missing.
fn add_defaults(span: Span, target: &Target<'_>, building: &Building, built: &mut Vec<expr::Entry>) -> Vec<SmolStr> {
    let mut missing = Vec::new();
    let mut front = Vec::new();
    for (name, field) in &target.record.fields {
        let given = building.given.get(name);
        if given.is_some_and(|g| g.certain) {
            continue;
        }
        match &field.default {
            // As a spread, so that what is given under a condition replaces it.
            Some(default) if given.is_some() => front.push(expr::Entry::Field(name.clone(), default.clone())),
            Some(default) => built.push(expr::Entry::Field(name.clone(), default.clone())),
            None if !field.optional => missing.push(name.clone()),
            None => {}
        }
    }
    if !front.is_empty() {
        built.insert(0, expr::Entry::Spread(Expr::new(ExprKind::Object(front), Repr::Map, span)));
    }
    missing
}

/// Both branches of an `if`: what only one of them brings is not certain.
fn merge(given: &mut IndexMap<SmolStr, Given>, other: IndexMap<SmolStr, Given>) {
    for (name, mine) in given.iter_mut() {
        mine.certain &= other.get(name).is_some_and(|g| g.certain);
    }
    for (name, theirs) in other {
        given.entry(name).or_insert(Given { certain: false, ..theirs });
    }
}

pub(super) fn given_twice(name: &Ident, earlier: Span) -> Diagnostic {
    Diagnostic::new(&E0312, name.span, format!("`{}` is given twice", name.name))
        .label("given again here")
        .also(earlier, "given first here")
        .help("keep one of them")
}
