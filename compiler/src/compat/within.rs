//! Types as sets: whether each value of one type is a value of another, and where
//! not, with a value that shows it.

use std::cell::{Cell, RefCell};

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::admit::{admits, complete, with_field};
use super::canonical::alone;
use super::imply::{Formula, implies};
use super::sample::{Hints, between, finite, samples};
use super::show::show;
use crate::expr::Expr;
use crate::ir::{Rule, Schema, SchemaField};
use crate::value::{Map, Value};

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A field, or a parameter.
    Field(SmolStr),
    /// Each item of a list.
    Item,
    /// Each value of a map.
    Entry,
}

/// What does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// A field that the other does not know.
    Unknown,
    /// A field that the other must have and this has not.
    Missing,
    /// A field that may be left out here and not there.
    Required,
    /// What is left out means something else.
    Default,
    /// A value of another type.
    Type,
    /// A value that is none of several.
    Value,
    /// A rule that refuses.
    Rule,
    /// A type of which nothing is known.
    TypeUnproven,
    /// A rule of which nothing is known.
    RuleUnproven,
}

/// One thing that does not fit.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) misfit: Misfit,
    /// Where, outermost first.
    pub(super) path: Vec<Step>,
    /// What stood there, in a few words.
    pub(super) from: String,
    /// What stands there now.
    pub(super) to: String,
    /// The value at the place that shows it.
    pub(super) shown: Option<Value>,
    /// The whole value that holds it, as far as one was found.
    pub(super) whole: Option<Value>,
}

/// Which way values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Instances give them: a field that is not known is refused, defaults count.
    Given,
    /// Readers get them: more fields do no harm.
    Read,
}

/// What both sides have in common.
pub(super) struct Comparing {
    pub(super) way: Way,
    /// Whether a Kubernetes type of one name is the same on both sides.
    pub(super) same_kubernetes: bool,
    pub(super) hints: Hints,
    /// The least value of a type, by where the type is kept while it is compared.
    leasts: RefCell<FxHashMap<*const Schema, Option<Value>>>,
    /// How many more types are compared: members of unions are each held against each.
    left: Cell<u32>,
}

/// How many types are compared; what is larger is not decided.
const MOST_COMPARED: u32 = 20_000;

impl Comparing {
    pub(super) fn new(way: Way, same_kubernetes: bool, hints: Hints) -> Self {
        Self { way, same_kubernetes, hints, leasts: RefCell::default(), left: Cell::new(MOST_COMPARED) }
    }

    /// What of `from` does not fit in `to`.
    pub(super) fn within(&self, from: &Schema, to: &Schema) -> Vec<Finding> {
        if matches!(to, Schema::Any) {
            return Vec::new();
        }
        let Some(left) = self.left.get().checked_sub(1) else {
            return vec![self.plain(Misfit::TypeUnproven, from, to)];
        };
        self.left.set(left);
        if let Some(values) = finite(from) {
            return self.values_within(from, &values, to);
        }
        if matches!(from, Schema::Rule(_)) || matches!(to, Schema::Rule(_)) {
            let found = self.rules_within(from, to);
            let by_member = |members: &Vec<Schema>| members.iter().any(|member| self.within(from, member).is_empty());
            let taken = !found.is_empty() && matches!(to, Schema::Union(members) if by_member(members));
            return if taken { Vec::new() } else { found };
        }
        match (from, to) {
            (Schema::Union(members), _) => members.iter().flat_map(|member| self.within(member, to)).collect(),
            (_, Schema::Union(members)) => self.within_union(from, members, to),
            (Schema::List(a), Schema::List(b)) => {
                let lift = |value: Value| Value::list(vec![value]);
                self.below(Step::Item, self.within(a, b), from, lift)
            }
            (Schema::Map(a), Schema::Map(b)) => self.below(Step::Entry, self.within(a, b), from, entry),
            (Schema::Record(a), Schema::Record(b)) => self.records(a, b, from),
            (Schema::Record(fields), Schema::Map(value)) => self.record_in_map(fields, value, from),
            (Schema::Secret(a), Schema::Secret(b)) => {
                let fits = self.within(a, b).is_empty();
                if fits { Vec::new() } else { vec![self.plain(Misfit::TypeUnproven, from, to)] }
            }
            (Schema::Kubernetes(a), Schema::Kubernetes(b)) if a == b && self.same_kubernetes => Vec::new(),
            (Schema::Kubernetes(_), _) | (_, Schema::Kubernetes(_)) => vec![self.plain(Misfit::TypeUnproven, from, to)],
            (Schema::Int | Schema::Uint, Schema::Float) | (Schema::Int, Schema::Quantity) => Vec::new(),
            _ if std::mem::discriminant(from) == std::mem::discriminant(to) => Vec::new(),
            _ => vec![self.refused(Misfit::Type, from, to)],
        }
    }

    /// Few values, each held against the other type.
    fn values_within(&self, from: &Schema, values: &[Value], to: &Schema) -> Vec<Finding> {
        let refused: Vec<&Value> = values.iter().filter(|value| admits(to, value) == Some(false)).collect();
        if refused.is_empty() {
            let unsure = values.iter().any(|value| admits(to, value).is_none());
            return if unsure { vec![self.plain(Misfit::TypeUnproven, from, to)] } else { Vec::new() };
        }
        let misfit = if finite(to).is_some() { Misfit::Value } else { Misfit::Type };
        let by_rule = matches!(to, Schema::Rule(rule) if refused.iter().all(|v| admits(&rule.base, v) == Some(true)));
        let misfit = if by_rule { Misfit::Rule } else { misfit };
        // Values that were written one by one are gone one by one.
        let each = misfit == Misfit::Value && matches!(from, Schema::Literal(_) | Schema::Union(_));
        let finding = |value: &&Value| Finding {
            from: if each { value.shown() } else { show(from) },
            shown: Some((*value).clone()),
            whole: Some((*value).clone()),
            ..self.plain(misfit, from, to)
        };
        refused.iter().take(if each { usize::MAX } else { 1 }).map(finding).collect()
    }

    /// Bases first, then each rule of `to` from all rules of `from`.
    fn rules_within(&self, from: &Schema, to: &Schema) -> Vec<Finding> {
        let ((from_base, known), (to_base, wanted)) = (peel(from), peel(to));
        let mut found = self.within(from_base, to_base);
        for finding in &mut found {
            let kept = finding.whole.take().filter(|value| admits(from, value) == Some(true));
            finding.whole = kept.or_else(|| between(from, to, &self.hints).filter(|_| finding.path.is_empty()));
            if finding.path.is_empty() {
                finding.shown.clone_from(&finding.whole);
                if finding.shown.is_none() && !disjoint(from_base, to_base) {
                    finding.misfit = Misfit::TypeUnproven;
                }
            }
        }
        if found.iter().any(|finding| finding.path.is_empty()) {
            return found;
        }
        let facts: Vec<Formula> = known.iter().map(|rule| Formula::of(&rule.rule, &alone)).collect();
        for rule in wanted {
            if implies(&facts, &Formula::of(&rule.rule, &alone)) {
                continue;
            }
            let one = Schema::Rule(Box::new(Rule { base: to_base.clone(), ..(*rule).clone() }));
            let shown = between(from, &one, &self.hints);
            let misfit = if shown.is_some() { Misfit::Rule } else { Misfit::RuleUnproven };
            found.push(Finding { whole: shown.clone(), shown, ..self.plain(misfit, from, to) });
        }
        found
    }

    /// One of the members must take all; otherwise the one that is meant tells why not.
    fn within_union(&self, from: &Schema, members: &[Schema], to: &Schema) -> Vec<Finding> {
        if members.iter().any(|member| self.within(from, member).is_empty()) {
            return Vec::new();
        }
        let meant = members.iter().find(|member| same_tag(from, member)).or_else(|| {
            let mut alike = members.iter().filter(|m| std::mem::discriminant(*m) == std::mem::discriminant(from));
            alike.next().filter(|_| alike.next().is_none())
        });
        let Some(meant) = meant else { return vec![self.refused(Misfit::Type, from, to)] };
        let mut found = self.within(from, meant);
        for finding in &mut found {
            // Another member may take what this one refuses.
            if finding.whole.as_ref().is_some_and(|value| admits(to, value) != Some(false)) {
                (finding.misfit, finding.whole, finding.shown) = (Misfit::TypeUnproven, None, None);
            }
        }
        found
    }

    pub(super) fn records(&self, from: &[SchemaField], to: &[SchemaField], whole: &Schema) -> Vec<Finding> {
        let mut found = Vec::new();
        for field in from {
            match to.iter().find(|other| other.name == field.name) {
                Some(other) => found.extend(self.fields(field, other, whole)),
                None if self.way == Way::Given => {
                    let value = samples(&field.schema, &self.hints).into_iter().next();
                    found.push(self.at_field(field, Misfit::Unknown, value, whole, show(&field.schema), String::new()));
                }
                None => {}
            }
        }
        for field in to.iter().filter(|field| must(field) && !from.iter().any(|f| f.name == field.name)) {
            let least = self.least(whole);
            found.push(Finding {
                whole: least.clone(),
                ..self.at_field(field, Misfit::Missing, None, whole, String::new(), show(&field.schema))
            });
        }
        found
    }

    fn fields(&self, from: &SchemaField, to: &SchemaField, whole: &Schema) -> Vec<Finding> {
        let mut found = self.within(&from.schema, &to.schema);
        for finding in &mut found {
            finding.path.insert(0, Step::Field(from.name.clone()));
            finding.whole = finding.whole.take().and_then(|value| self.put(whole, &from.name, &value));
        }
        if !must(from) {
            found.extend(self.left_out(from, to, whole));
        }
        found
    }

    /// A field that could be left out.
    fn left_out(&self, from: &SchemaField, to: &SchemaField, whole: &Schema) -> Option<Finding> {
        let misfit = match (&from.default, &to.default) {
            _ if must(to) => Misfit::Required,
            _ if self.way == Way::Read => return None,
            (None, None) => return None,
            (Some(a), Some(b)) if same_default(a, b, from, to) => return None,
            _ => Misfit::Default,
        };
        let word = |field: &SchemaField| match &field.default {
            Some(default) => format!("default {}", default.known().map_or_else(|| "computed".to_owned(), Value::shown)),
            None if field.optional => "no default".to_owned(),
            None => "required".to_owned(),
        };
        let finding = self.at_field(from, misfit, None, whole, word(from), word(to));
        Some(Finding { whole: self.least(whole), ..finding })
    }

    fn record_in_map(&self, fields: &[SchemaField], value: &Schema, from: &Schema) -> Vec<Finding> {
        let mut found = Vec::new();
        for field in fields {
            let of_field = self.within(&field.schema, value).into_iter().map(|mut finding| {
                finding.path.insert(0, Step::Field(field.name.clone()));
                finding.whole = finding.whole.and_then(|value| self.put(from, &field.name, &value));
                finding
            });
            found.extend(of_field);
            if let (Some(default), Way::Given) = (&field.default, self.way) {
                let was = format!("default {}", default.known().map_or_else(String::new, Value::shown));
                let finding = self.at_field(field, Misfit::Default, None, from, was, "no default".to_owned());
                found.push(Finding { whole: self.least(from), ..finding });
            }
        }
        found
    }

    /// Findings in items or entries.
    fn below(&self, step: Step, found: Vec<Finding>, from: &Schema, lift: fn(Value) -> Value) -> Vec<Finding> {
        let lifted = found.into_iter().map(|mut finding| {
            finding.path.insert(0, step.clone());
            finding.whole = finding.whole.map(lift).filter(|value| admits(from, value) == Some(true));
            finding
        });
        lifted.collect()
    }

    fn plain(&self, misfit: Misfit, from: &Schema, to: &Schema) -> Finding {
        Finding { misfit, path: Vec::new(), from: show(from), to: show(to), shown: None, whole: None }
    }

    /// A finding for which some value of `from` is looked for.
    fn refused(&self, misfit: Misfit, from: &Schema, to: &Schema) -> Finding {
        let shown = between(from, to, &self.hints);
        let misfit = if shown.is_none() && !disjoint(from, to) { Misfit::TypeUnproven } else { misfit };
        Finding { whole: shown.clone(), shown, ..self.plain(misfit, from, to) }
    }

    /// A value with no more than must be given.
    fn least(&self, schema: &Schema) -> Option<Value> {
        // Asked for once for each thing that is found in a record.
        let known = self.leasts.borrow().get(&std::ptr::from_ref(schema)).cloned();
        known.unwrap_or_else(|| {
            let least = samples(schema, &self.hints).into_iter().next();
            self.leasts.borrow_mut().insert(std::ptr::from_ref(schema), least.clone());
            least
        })
    }

    /// The least value with one field set, where the type takes that.
    fn put(&self, schema: &Schema, name: &SmolStr, value: &Value) -> Option<Value> {
        let whole = with_field(&self.least(schema)?, name, value.clone());
        // In a plain record nothing but the field itself could be wrong.
        (matches!(schema, Schema::Record(_)) || admits(schema, &whole) == Some(true)).then_some(whole)
    }

    fn at_field(
        &self,
        field: &SchemaField,
        misfit: Misfit,
        value: Option<Value>,
        whole: &Schema,
        from: String,
        to: String,
    ) -> Finding {
        let path = vec![Step::Field(field.name.clone())];
        let all = value.as_ref().and_then(|value| self.put(whole, &field.name, value));
        Finding { misfit, path, from, to, shown: value, whole: all }
    }
}

/// A type without its rules, and those.
fn peel(schema: &Schema) -> (&Schema, Vec<&Rule>) {
    let (mut base, mut rules) = (schema, Vec::new());
    while let Schema::Rule(rule) = base {
        rules.push(&**rule);
        base = &rule.base;
    }
    (base, rules)
}

/// Whether a field has to be given.
const fn must(field: &SchemaField) -> bool {
    !field.optional && field.default.is_none()
}

fn same_default(a: &Expr, b: &Expr, from: &SchemaField, to: &SchemaField) -> bool {
    match (a.known(), b.known()) {
        (Some(a), Some(b)) => complete(&from.schema, a) == complete(&to.schema, b) || a == b,
        _ => alone(a) == alone(b),
    }
}

fn entry(value: Value) -> Value {
    let mut map = Map::with_capacity(1);
    map.insert("key", value);
    Value::map(map)
}

/// Whether two records have a field with one and the same constant: the tag that
/// tells the members of a union from each other.
fn same_tag(a: &Schema, b: &Schema) -> bool {
    let ((Schema::Record(a), _), (Schema::Record(b), _)) = (peel(a), peel(b)) else { return false };
    let tag = |field: &SchemaField| match &field.schema {
        Schema::Literal(value) => Some(value.clone()),
        _ => None,
    };
    a.iter().any(|field| {
        let other = b.iter().find(|other| other.name == field.name);
        tag(field).is_some_and(|value| other.and_then(tag).is_some_and(|tag| tag == value))
    })
}

/// Whether no value can be of both types, whatever rules they have.
fn disjoint(from: &Schema, to: &Schema) -> bool {
    let known = |schema: &Schema| {
        !matches!(
            schema,
            Schema::Any
                | Schema::Union(_)
                | Schema::Kubernetes(_)
                | Schema::Literal(_)
                | Schema::Float
                | Schema::Quantity
        )
    };
    let (from, to) = (peel(from).0, peel(to).0);
    known(from) && known(to) && std::mem::discriminant(from) != std::mem::discriminant(to)
}
