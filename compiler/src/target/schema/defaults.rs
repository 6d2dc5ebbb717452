//! Defaults that a schema cannot fill in. A field that one case of a union fills in
//! by default is absent from what the API server sees, so a rule that reads it
//! must say itself what stands there: `(has(a.b) ? a.b : 2)`.

use smol_str::SmolStr;

use crate::expr::{BinaryOp, Expr, ExprKind, Repr};
use crate::ir::{Composite, Schema, SchemaField};
use crate::value::Value;

/// The composite with its requirements, lease and `let`s reading such fields as
/// they are after filling in.
pub(super) fn filled(composite: &Composite) -> Composite {
    let mut composite = composite.clone();
    let known = composite.clone();
    let bindings = composite.bindings.iter_mut().map(|binding| &mut binding.value);
    let requirements = composite.requirements.iter_mut().map(|requirement| &mut requirement.condition);
    let lease = composite.lease.iter_mut().map(|lease| &mut lease.duration);
    for expr in bindings.chain(requirements).chain(lease) {
        Filling { composite: Some(&known), bound: Vec::new() }.expr(expr);
    }
    composite
}

/// A rule of a type likewise.
pub(super) fn filled_rule(rule: &Expr, base: &Schema) -> Expr {
    let mut rule = rule.clone();
    Filling { composite: None, bound: vec![(0, vec![base])] }.expr(&mut rule);
    rule
}

struct Filling<'s> {
    composite: Option<&'s Composite>,
    /// What may stand in variables.
    bound: Vec<(u32, Vec<&'s Schema>)>,
}

/// The default of one case: the case's own words, by the field that tells, and the value.
struct CaseDefault<'s> {
    words: Vec<(&'s SmolStr, &'s Value)>,
    value: &'s Value,
}

impl<'s> Filling<'s> {
    fn expr(&mut self, expr: &mut Expr) {
        match &mut expr.kind {
            ExprKind::Has(part) => {
                let cases = self.defaults(part);
                if let (Some(told), ExprKind::Field { base, .. }) = (told(&cases), &part.kind) {
                    let (base, part) = ((**base).clone(), part.clone());
                    let there = Expr { kind: ExprKind::Has(part), ..expr.clone() };
                    let filled = is_one_of(&base, &told, there.span);
                    expr.kind = ExprKind::Binary(BinaryOp::Or, Box::new(there), Box::new(filled));
                }
            }
            // What may be absent is asked for by its place, so that stays.
            ExprKind::Binary(BinaryOp::Coalesce, left, right) if self.defaults(left).is_empty() => {
                self.expr(right);
                left.parts_mut(&mut |part| self.expr(part));
            }
            ExprKind::Field { .. } => self.field(expr),
            ExprKind::Comprehension(c) => {
                let items = self.items(&c.range);
                self.expr(&mut c.range);
                self.bound.push((c.first.slot, items));
                c.filter.iter_mut().for_each(|filter| self.expr(filter));
                self.expr(&mut c.body);
                self.bound.pop();
            }
            ExprKind::Let(local, value, body) => {
                let schemas = self.schemas(value);
                self.expr(value);
                self.bound.push((local.slot, schemas));
                self.expr(body);
                self.bound.pop();
            }
            _ => expr.parts_mut(&mut |part| self.expr(part)),
        }
    }

    fn field(&mut self, expr: &mut Expr) {
        let cases = self.defaults(expr);
        let raw = expr.clone();
        let Some(default) = filling(&raw, &cases) else {
            // What stands round it may be filled in as a whole.
            if let ExprKind::Field { base, name, .. } = &raw.kind
                && let [CaseDefault { value, .. }] = self.defaults(base).as_slice()
                && let Some(inner) = value.get(name)
            {
                let default = Expr::constant(inner.clone(), raw.span);
                *expr = chosen((**base).clone(), raw.clone(), default);
                return;
            }
            expr.parts_mut(&mut |part| self.expr(part));
            return;
        };
        *expr = chosen(raw.clone(), raw, default);
    }

    /// The defaults of a field that only some case of a union fills in.
    fn defaults(&self, expr: &Expr) -> Vec<CaseDefault<'s>> {
        let ExprKind::Field { base, name, .. } = &expr.kind else { return Vec::new() };
        let cases = self.schemas(base);
        let records: Vec<&'s [SchemaField]> = cases.into_iter().filter_map(fields).collect();
        if records.len() < 2 {
            return Vec::new();
        }
        let default = |fields: &&'s [SchemaField]| {
            let field = fields.iter().find(|field| field.name == *name)?;
            let value = field.default.as_ref()?.known()?;
            let word = |f: &'s SchemaField| if let Schema::Literal(v) = &f.schema { Some((&f.name, v)) } else { None };
            Some(CaseDefault { words: fields.iter().filter_map(word).collect(), value })
        };
        records.iter().filter_map(default).collect()
    }

    /// What may stand in a place: the cases of unions apart, rules put aside.
    fn schemas(&self, expr: &Expr) -> Vec<&'s Schema> {
        let mut found = Vec::new();
        match &expr.kind {
            ExprKind::Local(local) => {
                let bound = self.bound.iter().rev().find(|(slot, _)| *slot == local.slot);
                bound.into_iter().flat_map(|(_, schemas)| schemas).for_each(|schema| flatten(schema, &mut found));
            }
            ExprKind::Param(name) => {
                let params = self.composite.iter().flat_map(|composite| &composite.params);
                params.filter(|param| param.name == *name).for_each(|param| flatten(&param.schema, &mut found));
            }
            ExprKind::Binding(name) => {
                let mut bindings = self.composite.iter().flat_map(|composite| &composite.bindings);
                return bindings.find(|b| b.name == *name).map_or_else(Vec::new, |b| self.schemas(&b.value));
            }
            ExprKind::Field { base, name, .. } => {
                let of = self.schemas(base).into_iter().filter_map(fields).flatten();
                of.filter(|field| field.name == *name).for_each(|field| flatten(&field.schema, &mut found));
            }
            ExprKind::Index { base, .. } => return self.items(base),
            ExprKind::Refine(refine) => return self.schemas(&refine.value),
            _ => {}
        }
        found
    }

    fn items(&self, expr: &Expr) -> Vec<&'s Schema> {
        let mut found = Vec::new();
        for schema in self.schemas(expr) {
            if let Schema::List(item) | Schema::Map(item) = schema {
                flatten(item, &mut found);
            }
        }
        found
    }
}

fn flatten<'s>(schema: &'s Schema, out: &mut Vec<&'s Schema>) {
    match schema {
        Schema::Union(members) => members.iter().for_each(|member| flatten(member, out)),
        Schema::Rule(rule) => flatten(&rule.base, out),
        other => out.push(other),
    }
}

fn fields(schema: &Schema) -> Option<&[SchemaField]> {
    if let Schema::Record(fields) = schema { Some(fields) } else { None }
}

/// `has(place) ? then : otherwise`.
fn chosen(place: Expr, then: Expr, otherwise: Expr) -> Expr {
    let (span, repr) = (then.span, then.repr);
    let has = Expr::new(ExprKind::Has(Box::new(place)), Repr::Bool, span);
    Expr::new(ExprKind::Cond(Box::new(has), Box::new(then), Box::new(otherwise)), repr, span)
}

/// What is filled in, where it is the same for all, or a field tells which it is.
fn filling(raw: &Expr, cases: &[CaseDefault<'_>]) -> Option<Expr> {
    let first = cases.first()?;
    let constant = |value: &Value| Expr { repr: raw.repr, ..Expr::constant(value.clone(), raw.span) };
    if cases.iter().all(|case| case.value == first.value) {
        return Some(constant(first.value));
    }
    let (teller, words) = told(cases)?;
    let ExprKind::Field { base, .. } = &raw.kind else { return None };
    let arms = words.into_iter().zip(cases).map(|(word, case)| (vec![word.clone()], constant(case.value))).collect();
    let subject = Box::new(read(base, teller, raw.span));
    Some(Expr::new(ExprKind::Match { subject, arms, default: None }, raw.repr, raw.span))
}

/// The field that tells cases apart, and the word of each.
fn told<'c>(cases: &[CaseDefault<'c>]) -> Option<(&'c SmolStr, Vec<&'c Value>)> {
    let (first, _) = cases.split_first()?;
    first.words.iter().find_map(|(teller, _)| {
        let word = |case: &CaseDefault<'c>| case.words.iter().find(|(name, _)| name == teller).map(|(_, word)| *word);
        Some((*teller, cases.iter().map(word).collect::<Option<Vec<_>>>()?))
    })
}

fn is_one_of(base: &Expr, (teller, words): &(&SmolStr, Vec<&Value>), span: crate::source::Span) -> Expr {
    let list = Expr::constant(Value::list(words.iter().map(|word| (*word).clone()).collect()), span);
    let subject = Box::new(read(base, teller, span));
    Expr::new(ExprKind::Binary(BinaryOp::In, subject, Box::new(list)), Repr::Bool, span)
}

fn read(base: &Expr, name: &SmolStr, span: crate::source::Span) -> Expr {
    let access = crate::expr::Access::Required;
    Expr::new(ExprKind::Field { base: Box::new(base.clone()), name: name.clone(), access }, Repr::String, span)
}
