//! Whether a new version of an API takes the instances of the one before it.
//! START HERE: [`compare`] holds two versions of one composite against each other,
//! [`pair`] finds which composites those are, [`gate`] says what it found as
//! diagnostics. docs/compatibility.md is for users; [`RULES`] is its table.
//!
//! Types are sets: what instances give may be taken by a wider type ([`within`]),
//! what readers get may come from a narrower one, the same with the sides
//! exchanged. A change breaks where a value shows it (`sample`), is compatible where
//! structure shows it (`imply`), and is said to be neither where both fail.

mod admit;
mod canonical;
mod gate;
mod imply;
mod pair;
mod requirements;
mod sample;
mod show;
mod table;
mod version;
mod within;

pub use gate::against;
pub use pair::{Pairing, pair};
pub use table::*;
pub use version::{Track, Version};
pub use within::Step;

use smol_str::SmolStr;

use crate::expr::Expr;
use crate::ir::{Composite, Output, Param, Schema, SchemaField};
use crate::source::Span;
use crate::syntax;
use crate::value::{Map, Value};

use sample::Hints;
use within::{Comparing, Finding, Misfit, Way};

/// One change of an API.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which kind of change, with what it does.
    pub rule: &'static Rule,
    /// Where: a parameter and the fields in it, an output; empty for the whole.
    pub path: Vec<Step>,
    /// What stood there; empty for what is new.
    pub old: String,
    /// What stands there now; empty for what is gone.
    pub new: String,
    /// A value at the place that was taken and is refused.
    pub value: Option<Value>,
    /// Parameters of an instance that was valid and is not, or means something else.
    pub instance: Option<Value>,
    /// Where it is about an expression: its places, old and new.
    pub places: (Option<Span>, Option<Span>),
}

impl Change {
    fn new(rule: &'static Rule, path: Vec<Step>, old: impl Into<String>, new: impl Into<String>) -> Self {
        let (old, new) = (old.into(), new.into());
        Self { rule, path, old, new, value: None, instance: None, places: (None, None) }
    }

    /// What it does.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        self.rule.effect
    }

    /// The place as people write it: `database.size`, `regions[]`.
    #[must_use]
    pub fn place(&self) -> String {
        let mut text = String::new();
        for step in &self.path {
            match step {
                Step::Field(name) if text.is_empty() => text.push_str(name),
                Step::Field(name) => {
                    text.push('.');
                    text.push_str(name);
                }
                Step::Item => text.push_str("[]"),
                Step::Entry => text.push_str("[*]"),
            }
        }
        text
    }
}

/// All changes from one version of a composite to another, breaking ones first.
/// Both are reduced. `same_kubernetes` says whether the types of Kubernetes are of
/// the same releases on both sides.
#[must_use]
pub fn compare(old: &Composite, new: &Composite, same_kubernetes: bool) -> Vec<Change> {
    stacker::maybe_grow(syntax::STACK, 2 * syntax::STACK, || compare_here(old, new, same_kubernetes))
}

fn compare_here(old: &Composite, new: &Composite, same_kubernetes: bool) -> Vec<Change> {
    let mut changes = Vec::new();
    if old.scope != new.scope {
        changes.push(Change::new(&SCOPE_CHANGED, Vec::new(), format!("{:?}", old.scope), format!("{:?}", new.scope)));
    }
    params(old, new, same_kubernetes, &mut changes);
    requirements::compare(old, new, &mut changes);
    outputs(old, new, same_kubernetes, &mut changes);
    // Stable, so that those of one effect stay in the order of the source.
    changes.sort_by_key(|change| std::cmp::Reverse(change.effect()));
    changes
}

/// The parameters of a composite as one record.
fn record_of(composite: &Composite) -> Schema {
    let field = |param: &Param| SchemaField {
        name: param.name.clone(),
        schema: param.schema.clone(),
        optional: param.optional,
        default: param.default.clone(),
        doc: None,
    };
    Schema::Record(composite.params.iter().map(field).collect())
}

fn params(old: &Composite, new: &Composite, same_kubernetes: bool, changes: &mut Vec<Change>) {
    let (from, to) = (record_of(old), record_of(new));
    let (Schema::Record(from_fields), Schema::Record(to_fields)) = (&from, &to) else { return };
    let comparing = Comparing::new(Way::Given, same_kubernetes, hints(&[&from, &to], &[old, new]));
    let found = comparing.records(from_fields, to_fields, &from);
    let broken: Vec<SmolStr> = found.iter().filter_map(|finding| first(&finding.path)).collect();
    let valid = requirements::Valid::of(old);
    changes.extend(found.into_iter().map(|finding| {
        let change = change(finding, given);
        // What the types take, requirements may still have refused.
        Change { instance: change.instance.clone().filter(|params| valid.takes(params)), ..change }
    }));
    for field in to_fields {
        let path = vec![Step::Field(field.name.clone())];
        match from_fields.iter().find(|f| f.name == field.name) {
            None if !field.optional && field.default.is_none() => {}
            None => changes.push(Change::new(&PARAM_ADDED, path, "", show::show(&field.schema))),
            Some(_) if broken.contains(&field.name) => {}
            Some(before) => changes.extend(widened(before, field, &path)),
        }
    }
}

/// What is compatible with a parameter that stays.
fn widened(before: &SchemaField, now: &SchemaField, path: &[Step]) -> Option<Change> {
    let must = |field: &SchemaField| !field.optional && field.default.is_none();
    if must(before) && !must(now) {
        return Some(Change::new(&NOW_OPTIONAL, path.to_vec(), "required", "may be left out"));
    }
    let differs = text_of(&before.schema) != text_of(&now.schema);
    differs.then(|| Change::new(&TYPE_WIDENED, path.to_vec(), show::show(&before.schema), show::show(&now.schema)))
}

/// A type as text, complete, without places, documentation and messages.
fn text_of(schema: &Schema) -> String {
    fn strip(json: &mut serde_json::Value) {
        match json {
            serde_json::Value::Object(entries) => {
                entries
                    .retain(|key, _| !matches!(key.as_str(), "span" | "doc" | "message" | "text" | "name" | "slots"));
                entries.values_mut().for_each(strip);
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    // Fields keep their names: they are what a record is made of.
    let names = |schema: &Schema| show::show(schema);
    let mut json = serde_json::to_value(schema).unwrap_or_default();
    strip(&mut json);
    format!("{}{json}", names(schema))
}

fn outputs(old: &Composite, new: &Composite, same_kubernetes: bool, changes: &mut Vec<Change>) {
    for was in &old.outputs {
        let path = vec![Step::Field(was.name.clone())];
        let Some(is) = new.outputs.iter().find(|output| output.name == was.name) else {
            changes.push(Change::new(&OUTPUT_REMOVED, path, show::show(&was.schema), ""));
            continue;
        };
        let hints = hints(&[&was.schema, &is.schema], &[]);
        let found = Comparing::new(Way::Read, same_kubernetes, hints).within(&is.schema, &was.schema);
        let narrowed = found.is_empty() && text_of(&was.schema) != text_of(&is.schema);
        if narrowed {
            changes.push(Change::new(&OUTPUT_NARROWED, path, show::show(&was.schema), show::show(&is.schema)));
        }
        changes.extend(found.into_iter().map(|mut finding| {
            finding.path.insert(0, Step::Field(was.name.clone()));
            // The new version is what values come from here.
            std::mem::swap(&mut finding.from, &mut finding.to);
            finding.whole = None;
            change(finding, read)
        }));
    }
    let added = |output: &&Output| !old.outputs.iter().any(|was| was.name == output.name);
    changes.extend(new.outputs.iter().filter(added).map(|output| {
        Change::new(&OUTPUT_ADDED, vec![Step::Field(output.name.clone())], "", show::show(&output.schema))
    }));
}

fn hints(schemas: &[&Schema], composites: &[&Composite]) -> Hints {
    let mut hints = Hints::default();
    for composite in composites {
        composite.requirements.iter().for_each(|requirement| hints.expr(&requirement.condition));
        composite.bindings.iter().for_each(|binding| hints.expr(&binding.value));
    }
    schemas.iter().for_each(|schema| hints.schema(schema));
    // Those of the types after those of the requirements, which are more telling.
    composites.iter().flat_map(|composite| &composite.params).for_each(|param| hints.schema(&param.schema));
    hints
}

fn first(path: &[Step]) -> Option<SmolStr> {
    match path.first() {
        Some(Step::Field(name)) => Some(name.clone()),
        _ => None,
    }
}

fn change(finding: Finding, rule: fn(Misfit) -> &'static Rule) -> Change {
    let Finding { misfit, path, from, to, shown, whole } = finding;
    Change { value: shown, instance: whole, ..Change::new(rule(misfit), path, from, to) }
}

/// The rule for what instances give.
fn given(misfit: Misfit) -> &'static Rule {
    match misfit {
        Misfit::Unknown => &PARAM_REMOVED,
        Misfit::Missing => &PARAM_REQUIRED,
        Misfit::Required => &NOW_REQUIRED,
        Misfit::Default => &DEFAULT_CHANGED,
        Misfit::Type => &TYPE_NARROWED,
        Misfit::Value => &VALUE_GONE,
        Misfit::Rule => &RULE_TIGHTENED,
        Misfit::TypeUnproven => &TYPE_UNPROVEN,
        Misfit::RuleUnproven => &RULE_UNPROVEN,
    }
}

/// The rule for what readers get.
fn read(misfit: Misfit) -> &'static Rule {
    match misfit {
        Misfit::Missing | Misfit::Required => &OUTPUT_REMOVED,
        Misfit::TypeUnproven | Misfit::RuleUnproven => &OUTPUT_UNPROVEN,
        Misfit::Unknown | Misfit::Default | Misfit::Type | Misfit::Value | Misfit::Rule => &OUTPUT_WIDENED,
    }
}

/// The constant parameters of an instance with the defaults of a composite.
fn completed(composite: &Composite, params: &Value) -> Map {
    match admit::complete(&record_of(composite), params) {
        Value::Map(map) => (*map).clone(),
        _ => Map::default(),
    }
}

/// Whether a rule that was reduced still needs what only a cluster knows.
fn reads_cluster(expr: &Expr) -> bool {
    use crate::expr::ExprKind;
    let mut reads = false;
    expr.walk(&mut |part| reads |= matches!(part.kind, ExprKind::Resource(_) | ExprKind::Instance));
    reads
}
