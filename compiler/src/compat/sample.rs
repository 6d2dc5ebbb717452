//! Values of a type, to look for one that another type refuses. What to try
//! comes from the constants in the rules on both sides: limits are where rules
//! differ.

use smol_str::SmolStr;

use super::admit::{admits, with_field};
use crate::expr::{Expr, ExprKind};
use crate::ir::{Schema, SchemaField};
use crate::units::{Duration, Quantity, format_duration, parse_duration, parse_timestamp};
use crate::value::{Map, Value};

/// So many values of a type are tried.
const MOST: usize = 96;
/// So many records are tried.
const MOST_VARIED: usize = 4096;
/// So many constants are gathered.
const MOST_HINTS: usize = 64;
/// Texts and lists of at most this length are made.
const LONGEST: i64 = 4096;
/// Types in each other, at most.
const DEEPEST: usize = 24;

/// Texts of the forms that rules mostly ask for, and some of none.
const TEXTS: &[&str] = &[
    "a",
    "web",
    "team-1",
    "a-b",
    "1.2.3",
    "2.0.0-rc.1",
    "https://acme.example/a",
    "http://acme.example",
    "#team",
    "acme/web:1.2.3",
    "10.0.0.0/16",
    "10.0.0.7",
    "2001:db8::7",
    "30 2 * * 1-5",
    "@daily",
    "acme.example",
    "team@acme.example",
    "A",
    "two words",
    "a_b",
    "-",
    "0",
    "1",
    "",
];

/// Constants that rules are made of.
#[derive(Clone, Debug, Default)]
pub(super) struct Hints {
    values: Vec<Value>,
}

impl Hints {
    /// The constants in the rules of a type.
    pub(super) fn schema(&mut self, schema: &Schema) {
        match schema {
            Schema::List(inner) | Schema::Map(inner) | Schema::Secret(inner) => self.schema(inner),
            Schema::Record(fields) => fields.iter().for_each(|field| self.schema(&field.schema)),
            Schema::Union(members) => members.iter().for_each(|member| self.schema(member)),
            Schema::Literal(value) => self.value(value),
            Schema::Rule(rule) => {
                self.schema(&rule.base);
                self.expr(&rule.rule);
            }
            _ => {}
        }
    }

    /// The constants in an expression.
    pub(super) fn expr(&mut self, expr: &Expr) {
        expr.walk(&mut |part| {
            if let ExprKind::Const(value) = &part.kind {
                self.value(value);
            }
        });
    }

    fn value(&mut self, value: &Value) {
        if let Value::List(items) = value {
            return items.iter().for_each(|item| self.value(item));
        }
        if self.values.len() < MOST_HINTS && !self.values.contains(value) {
            self.values.push(value.clone());
        }
    }

    fn ints(&self) -> Vec<i64> {
        let near = |n: &i64| [Some(*n), n.checked_add(1), n.checked_sub(1)].into_iter().flatten().collect::<Vec<_>>();
        let stated = self.values.iter().filter_map(|v| if let Value::Int(n) = v { Some(*n) } else { None });
        let mut all: Vec<i64> = stated.flat_map(|n| near(&n)).chain([1, 0, 2, 100, -1, 1_000_000]).collect();
        distinct(&mut all);
        all
    }

    fn lengths(&self) -> Vec<usize> {
        self.ints().into_iter().filter(|n| (0..=LONGEST).contains(n)).map(|n| n as usize).collect()
    }

    fn texts(&self) -> Vec<String> {
        let stated = self.values.iter().filter_map(Value::as_str).map(str::to_owned);
        let is_pattern = |text: &String| text.contains(['^', '$', '[', '(', '{', '\\', '*', '+', '?', '|']);
        let mut all: Vec<String> = stated.clone().filter(|text| !is_pattern(text)).collect();
        all.extend(TEXTS.iter().map(|text| (*text).to_owned()));
        all.extend(stated.clone().filter(is_pattern));
        // What begins or ends as a constant says, and the forms of the standard texts.
        all.extend(stated.clone().take(8).flat_map(|text| [format!("{text}a"), format!("a{text}")]));
        all.extend(self.lengths().into_iter().filter(|n| *n > 1).map(|n| "a".repeat(n)));
        distinct(&mut all);
        all
    }

    fn durations(&self) -> Vec<Value> {
        let second = parse_duration("1s").ok();
        let near = |d: Duration| {
            let later = second.and_then(|s| d.checked_add(s));
            let earlier = second.and_then(|s| d.checked_sub(s));
            [Some(d), later, earlier].into_iter().flatten().collect::<Vec<_>>()
        };
        let stated = self.values.iter().filter_map(|v| if let Value::Duration(d) = v { Some(*d) } else { None });
        let usual = ["15m", "1h", "0s", "24h", "1s", "720h"].iter().filter_map(|text| parse_duration(text).ok());
        let mut all: Vec<Duration> = stated.flat_map(near).chain(usual).collect();
        all.dedup_by_key(|d| format_duration(*d));
        all.into_iter().map(Value::Duration).collect()
    }

    fn quantities(&self) -> Vec<Value> {
        let one = Quantity::from_int(1);
        let near = |q: &Quantity| [Some(*q), q.plus(&one).ok(), q.minus(&one).ok()];
        let stated = self.values.iter().filter_map(|v| match v {
            Value::Quantity(q) => Some(**q),
            Value::Int(n) => Some(Quantity::from_int(*n)),
            _ => None,
        });
        let usual = ["1", "500m", "64Mi", "1Gi", "0"].iter().filter_map(|text| Quantity::parse(text).ok());
        stated.flat_map(|q| near(&q)).flatten().chain(usual).map(|q| Value::Quantity(q.into())).collect()
    }

    fn floats(&self) -> Vec<Value> {
        let near = |n: f64| [n, n + 0.5, n - 0.5];
        let stated = self.values.iter().filter_map(|v| match v {
            Value::Float(n) => Some(*n),
            Value::Int(n) => Some(*n as f64),
            _ => None,
        });
        stated.flat_map(near).chain([0.5, 0.0, 1.0, -1.0, 1e9]).map(Value::Float).collect()
    }
}

fn distinct<T: PartialEq>(all: &mut Vec<T>) {
    let mut kept = 0;
    while kept < all.len() {
        let (head, tail) = all.split_at(kept);
        match tail.first() {
            Some(item) if head.contains(item) => drop(all.remove(kept)),
            _ => kept += 1,
        }
    }
}

/// Some values that a type takes; none where nothing is found.
pub(super) fn samples(schema: &Schema, hints: &Hints) -> Vec<Value> {
    made(schema, hints, 0)
}

fn made(schema: &Schema, hints: &Hints, depth: usize) -> Vec<Value> {
    if depth > DEEPEST {
        return Vec::new();
    }
    let mut found: Vec<Value> = match schema {
        Schema::Null => vec![Value::Null],
        Schema::Bool => vec![Value::Bool(true), Value::Bool(false)],
        Schema::Int => hints.ints().into_iter().map(Value::Int).collect(),
        Schema::Uint => hints.ints().into_iter().filter_map(|n| u64::try_from(n).ok()).map(Value::Uint).collect(),
        Schema::Float => hints.floats(),
        Schema::String => hints.texts().iter().map(|text| Value::str(text)).collect(),
        Schema::Any => vec![Value::str("a"), Value::Int(1), Value::Bool(true), Value::list(Vec::new())],
        Schema::Bytes => [&b""[..], b"a"].into_iter().map(|octets| Value::Bytes(octets.into())).collect(),
        Schema::Duration => hints.durations(),
        Schema::Timestamp => parse_timestamp("2026-01-31T12:00:00Z").map(Value::Timestamp).into_iter().collect(),
        Schema::Quantity => hints.quantities(),
        Schema::Literal(value) => vec![value.clone()],
        Schema::List(item) => lists(&made(item, hints, depth + 1), hints),
        Schema::Map(inner) => maps(&made(inner, hints, depth + 1), hints),
        Schema::Record(fields) => records(fields, hints, depth),
        Schema::Union(members) => members.iter().flat_map(|m| made(m, hints, depth + 1).into_iter().take(8)).collect(),
        Schema::Rule(rule) => {
            let of_base = made(&rule.base, hints, depth + 1).into_iter();
            of_base.filter(|value| admits(schema, value) == Some(true)).collect()
        }
        Schema::Secret(_) => {
            let name = |key: &str| with_field(&Value::map(Map::default()), &"secret".into(), Value::str(key));
            vec![with_field(&name("credentials"), &"key".into(), Value::str("password"))]
        }
        Schema::Kubernetes(_) => Vec::new(),
    };
    found.truncate(MOST);
    found
}

fn lists(items: &[Value], hints: &Hints) -> Vec<Value> {
    let mut found: Vec<Value> = items.iter().map(|item| Value::list(vec![item.clone()])).take(MOST / 2).collect();
    found.insert(0, Value::list(Vec::new()));
    for length in hints.lengths().into_iter().filter(|n| *n > 1 && *n <= 64) {
        // Of different items where there are so many: lists may be sets.
        let of: Vec<Value> = items.iter().cycle().take(length).cloned().collect();
        if of.len() == length {
            found.push(Value::list(of));
        }
    }
    found
}

fn maps(values: &[Value], hints: &Hints) -> Vec<Value> {
    let of = |value: &Value, count: usize| {
        let mut map = Map::with_capacity(count);
        (0..count).for_each(|n| map.insert(format!("key-{n}").as_str(), value.clone()));
        Value::map(map)
    };
    let mut found: Vec<Value> = values.iter().map(|value| of(value, 1)).take(MOST / 2).collect();
    found.insert(0, Value::map(Map::default()));
    if let Some(value) = values.first() {
        found.extend(hints.lengths().into_iter().filter(|n| *n > 1 && *n <= 64).map(|n| of(value, n)));
    }
    found
}

/// A record with what must be given, one with all fields, and each of their
/// values once; then those of pairs of fields, which rules mostly compare.
fn records(fields: &[SchemaField], hints: &Hints, depth: usize) -> Vec<Value> {
    let of: Vec<(&SmolStr, Vec<Value>, bool)> = fields
        .iter()
        .map(|f| (&f.name, made(&f.schema, hints, depth + 1), !f.optional && f.default.is_none()))
        .collect();
    let mut least = Value::map(Map::default());
    for (name, values, required) in &of {
        match values.first() {
            Some(value) if *required => least = with_field(&least, name, value.clone()),
            None if *required => return Vec::new(),
            _ => {}
        }
    }
    let first = |whole: Value, (name, values, _): &(&SmolStr, Vec<Value>, bool)| match values.first() {
        Some(value) => with_field(&whole, name, value.clone()),
        None => whole,
    };
    let full = of.iter().fold(least.clone(), first);
    let mut found = vec![least.clone(), full.clone()];
    for (name, values, _) in of.iter().take(MOST) {
        found.extend(values.iter().take(12).map(|value| with_field(&least, name, value.clone())));
    }
    found.truncate(MOST / 2);
    for (index, (name, values, _)) in of.iter().enumerate() {
        for (other, others, _) in of.iter().skip(index + 1) {
            if found.len() >= MOST {
                return found;
            }
            let pairs = values.iter().take(6).flat_map(|a| others.iter().take(6).map(move |b| (a, b)));
            found.extend(pairs.map(|(a, b)| with_field(&with_field(&least, name, a.clone()), other, b.clone())));
        }
    }
    found
}

/// A value that the one type takes and the other surely does not. Limits of their
/// own are tried first.
pub(super) fn between(takes: &Schema, refuses: &Schema, hints: &Hints) -> Option<Value> {
    let mut own = Hints::default();
    own.schema(refuses);
    own.schema(takes);
    let wrong = |value: &Value| admits(refuses, value) == Some(false);
    samples(takes, &own).into_iter().find(wrong).or_else(|| samples(takes, hints).into_iter().find(wrong))
}

/// Records that differ in the named fields, in every way that these are sampled.
pub(super) fn varied(fields: &[SchemaField], names: &[SmolStr], hints: &Hints) -> Vec<Value> {
    let Some(least) = records(fields, hints, 0).into_iter().next() else { return Vec::new() };
    let mut found = vec![least];
    let each = match names.len() {
        0 | 1 => MOST,
        2 => 40,
        3 => 12,
        4 => 6,
        _ => 4,
    };
    for field in fields.iter().filter(|field| names.contains(&field.name)) {
        let values = made(&field.schema, hints, 1);
        let with = |base: &Value| {
            let own = values.iter().take(each).map(|value| with_field(base, &field.name, value.clone()));
            let left_out = std::iter::once(base.clone());
            own.chain(left_out).collect::<Vec<_>>()
        };
        let more: Vec<Value> = found.iter().flat_map(with).take(MOST_VARIED).collect();
        found = more;
    }
    found
}

/// All values of a type, where they are few.
pub(super) fn finite(schema: &Schema) -> Option<Vec<Value>> {
    match schema {
        Schema::Null => Some(vec![Value::Null]),
        Schema::Bool => Some(vec![Value::Bool(false), Value::Bool(true)]),
        Schema::Literal(value) => Some(vec![value.clone()]),
        Schema::Union(members) => {
            let each: Option<Vec<Vec<Value>>> = members.iter().map(finite).collect();
            Some(each?.concat())
        }
        Schema::Rule(rule) => {
            let of_base = finite(&rule.base).or_else(|| listed(&rule.base, &rule.rule))?;
            let decided: Option<Vec<(Value, bool)>> =
                of_base.into_iter().map(|v| admits(schema, &v).map(|takes| (v, takes))).collect();
            Some(decided?.into_iter().filter(|(_, takes)| *takes).map(|(v, _)| v).collect())
        }
        _ => None,
    }
}

/// The values that a rule `it in [...]` or `it >= a && it <= b` leaves, if few.
fn listed(base: &Schema, rule: &Expr) -> Option<Vec<Value>> {
    super::imply::listed(rule).or_else(|| {
        let (from, to) = super::imply::range(rule).filter(|_| matches!(base, Schema::Int))?;
        let count = to.checked_sub(from)?;
        (count < MOST as i64).then(|| (from..=to).map(Value::Int).collect())
    })
}
