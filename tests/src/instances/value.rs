//! Values of the types of parameters.

use std::sync::Arc;

use serde_json::{Map as JsonMap, Value as Json, json};
use tessera_compiler::eval::{Evaluator, NoHost};
use tessera_compiler::expr::{Expr, Program};
use tessera_compiler::ir::{Composite, Rule, Schema};
use tessera_compiler::units::{self, Quantity};
use tessera_compiler::value::{Map, Value, from_json, to_json};

use super::choices::{self, place_of};
use super::hints::{self, Hints};
use super::pattern;
use super::texts;
use crate::corpus::Random;

/// A value as an instance writes it, and as the compiler has it, defaults filled in.
type Made = (Json, Value);

/// How often a value is made again that breaks a rule.
const TRIES: usize = 150;
/// So many items, where nothing says how many.
const MOST: usize = 3;

/// Parameters of an instance, most of them of the right form, and what was
/// chosen on the way.
pub(super) fn spec(composite: &Composite, random: &mut Random) -> (Json, Vec<String>) {
    let mut maker = Maker { random, chosen: Vec::new() };
    let fields = composite.params.iter().map(|p| (p.name.as_str(), &p.schema, p.optional, p.default.as_ref()));
    let (json, _) = maker.record(fields, "");
    (json, maker.chosen)
}

struct Maker<'r> {
    random: &'r mut Random,
    chosen: Vec<String>,
}

impl Maker<'_> {
    fn one<T: Copy + Default>(&mut self, of: &[T]) -> T {
        self.random.pick(of).copied().unwrap_or_default()
    }

    fn record<'f>(
        &mut self,
        fields: impl Iterator<Item = (&'f str, &'f Schema, bool, Option<&'f Expr>)>,
        place: &str,
    ) -> Made {
        let (mut json, mut map) = (JsonMap::new(), Map::default());
        for (name, schema, optional, default) in fields {
            let place = place_of(place, name);
            let default = default.and_then(Expr::known);
            if optional || default.is_some() {
                let given = self.random.below(2) == 0;
                self.chosen.push(choices::presence(&place, given));
                if !given {
                    default.into_iter().for_each(|default| map.insert(name, default.clone()));
                    continue;
                }
            }
            let (written, value) = self.value(schema, &Hints::default(), &place);
            json.insert(name.to_owned(), written);
            map.insert(name, value);
        }
        (Json::Object(json), Value::map(map))
    }

    fn value(&mut self, schema: &Schema, hints: &Hints, place: &str) -> Made {
        if let Some(word) = self.random.pick(&hints.words) {
            return (to_json(word), word.clone());
        }
        match schema {
            Schema::Null => (Json::Null, Value::Null),
            Schema::Bool => {
                let value = self.random.below(2) == 0;
                self.chosen.push(choices::truth(place, value));
                (json!(value), Value::Bool(value))
            }
            Schema::Int => {
                let value = self.whole(hints);
                (json!(value), Value::Int(value))
            }
            Schema::Uint => {
                let value = self.whole(hints).unsigned_abs();
                (json!(value), Value::Uint(value))
            }
            Schema::Float => {
                let value = self.fraction(hints);
                (json!(value), Value::Float(value))
            }
            Schema::String | Schema::Any => {
                let value = self.text(hints);
                (json!(value), Value::str(&value))
            }
            Schema::Bytes => {
                let text = self.one(texts::OCTETS);
                let octets = tessera_compiler::value::decode_base64(text).unwrap_or_default();
                (json!(text), Value::Bytes(octets.into()))
            }
            Schema::Duration => self.duration(hints),
            Schema::Timestamp => self.time(hints),
            Schema::Quantity => self.quantity(hints),
            Schema::Literal(value) => (to_json(value), value.clone()),
            Schema::List(item) => self.list(item, hints, place),
            Schema::Map(value) => self.map(value, hints, place),
            Schema::Record(fields) => {
                let fields = fields.iter().map(|f| (f.name.as_str(), &f.schema, f.optional, f.default.as_ref()));
                self.record(fields, place)
            }
            Schema::Union(members) => {
                let at = self.random.below(members.len());
                let Some(member) = members.get(at) else { return (Json::Null, Value::Null) };
                let place = choices::member(place, member, at);
                self.chosen.push(place.clone());
                self.value(member, hints, &place)
            }
            Schema::Rule(rule) => self.ruled(rule, place),
            Schema::Secret(_) => {
                let mut entries = Map::default();
                entries.insert("secret", Value::str(self.one(texts::SECRETS)));
                entries.insert("key", Value::str(self.one(texts::SECRETS)));
                let value = Value::map(entries);
                (to_json(&value), value)
            }
            Schema::Kubernetes(name) => {
                let made = self.random.pick(&texts::of_kubernetes(name)).cloned().unwrap_or_default();
                let value = from_json(&made);
                (made, value)
            }
        }
    }

    /// Of some tries one that keeps the rules; the last, where none does.
    fn ruled(&mut self, rule: &Rule, place: &str) -> Made {
        let program = Program::default();
        let before = self.chosen.len();
        let mut made = (Json::Null, Value::Null);
        // Often from what is at hand, for as long as that may help: what is made of a
        // pattern seldom suits the objects as well.
        let at_hand = if self.random.below(3) == 0 { 0 } else { TRIES / 2 };
        for attempt in 0..TRIES {
            self.chosen.truncate(before);
            let (base, mut hints, rules) = hints::of(rule, self.random);
            if attempt < at_hand {
                hints.patterns.clear();
            }
            made = self.value(base, &hints, place);
            let mut evaluator = Evaluator::new(&program, &NoHost);
            let mut keeps =
                |rule: &Expr| matches!(evaluator.eval_with(rule, std::slice::from_ref(&made.1)), Ok(Value::Bool(true)));
            if rules.into_iter().all(&mut keeps) {
                break;
            }
        }
        made
    }

    fn whole(&mut self, hints: &Hints) -> i64 {
        let bound = |value: &Option<Value>| if let Some(Value::Int(n)) = value { Some(*n) } else { None };
        let (low, high) = match (bound(&hints.low), bound(&hints.high)) {
            (None, None) => return self.one(texts::NUMBERS),
            (Some(low), None) => (low, low.saturating_add(1000)),
            (None, Some(high)) => (high.saturating_sub(1000), high),
            (Some(low), Some(high)) => (low, high),
        };
        match self.random.below(4) {
            0 => low,
            1 => high,
            _ => low.saturating_add_unsigned(self.random.next() % high.abs_diff(low).saturating_add(1)),
        }
    }

    fn fraction(&mut self, hints: &Hints) -> f64 {
        let bound = |value: &Option<Value>| match value {
            Some(Value::Float(n)) => Some(*n),
            Some(Value::Int(n)) => Some(*n as f64),
            _ => None,
        };
        match (bound(&hints.low), bound(&hints.high)) {
            (None, None) => self.one(texts::FRACTIONS),
            (low, high) => {
                let low = low.or(high.map(|high| high - 8.0)).unwrap_or_default();
                let high = high.unwrap_or(low + 8.0);
                low + (high - low) * self.random.below(9) as f64 / 8.0
            }
        }
    }

    fn text(&mut self, hints: &Hints) -> String {
        let pattern = self.random.pick(&hints.patterns).cloned();
        let made = pattern.and_then(|pattern| pattern::text(&pattern, self.random));
        let mut text = made.unwrap_or_else(|| self.one(texts::TEXTS).to_owned());
        // As long as may be, where letters may be added.
        if let (Some(most), 0) = (hints.most, self.random.below(16)) {
            let lacks = most.saturating_sub(text.chars().count());
            text.insert_str(0, &"a".repeat(lacks));
        }
        let lacks = hints.least.unwrap_or(0).saturating_sub(text.chars().count());
        text + &"a".repeat(lacks)
    }

    fn duration(&mut self, hints: &Hints) -> Made {
        let bound = |value: &Option<Value>| if let Some(Value::Duration(d)) = value { Some(d.as_secs()) } else { None };
        let text = match (bound(&hints.low), bound(&hints.high)) {
            (Some(low), Some(high)) if self.random.below(2) == 0 => {
                let seconds = low + (self.random.next() % (high.abs_diff(low) + 1)).cast_signed();
                let seconds = self.one(&[low, high, seconds]);
                units::format_duration(units::Duration::from_secs(seconds))
            }
            _ => self.one(texts::DURATIONS).to_owned(),
        };
        let value = units::parse_duration(&text).map_or(Value::Absent, Value::Duration);
        (json!(text), value)
    }

    fn time(&mut self, hints: &Hints) -> Made {
        let bounds: Vec<&Value> = hints.low.iter().chain(&hints.high).collect();
        if let (Some(bound), 0) = (self.random.pick(&bounds), self.random.below(4)) {
            return (to_json(bound), (*bound).clone());
        }
        let text = self.one(texts::TIMES);
        (json!(text), units::parse_timestamp(text).map_or(Value::Absent, Value::Timestamp))
    }

    fn quantity(&mut self, hints: &Hints) -> Made {
        let quantity = |value: &Option<Value>| if let Some(Value::Quantity(q)) = value { Some(**q) } else { None };
        let made = |quantity: Quantity| {
            let value = Value::Quantity(Arc::new(quantity));
            (to_json(&value), value)
        };
        match (quantity(&hints.low), quantity(&hints.high)) {
            (Some(low), Some(high)) if self.random.below(2) == 0 => {
                let steps = (high.nanos() - low.nanos()) / 16;
                let nanos = low.nanos() + steps * self.random.below(17) as i128;
                made(self.random.pick(&[low, high, Quantity::from_nanos(nanos, low.family())]).copied().unwrap_or(low))
            }
            _ if self.random.below(4) == 0 => {
                let whole = self.random.below(9) as i64;
                (json!(whole), Value::Quantity(Arc::new(Quantity::from_int(whole))))
            }
            _ => {
                let text = self.one(texts::QUANTITIES);
                let value = Quantity::parse(text).map_or(Value::Absent, |q| Value::Quantity(Arc::new(q)));
                (json!(text), value)
            }
        }
    }

    /// How many items, as the rules want it.
    fn items(&mut self, hints: &Hints, place: &str) -> usize {
        let least = hints.least.unwrap_or(0);
        let most = hints.most.unwrap_or(least + MOST).min(least + MOST);
        let count = least + self.random.below(most.saturating_sub(least) + 1);
        self.chosen.push(choices::filled(place, count > 0));
        count
    }

    fn list(&mut self, item: &Schema, hints: &Hints, place: &str) -> Made {
        let place = format!("{place}[]");
        let made = (0..self.items(hints, &place)).map(|_| self.value(item, &Hints::default(), &place));
        let (written, values): (Vec<Json>, Vec<Value>) = made.collect::<Vec<_>>().into_iter().unzip();
        (Json::Array(written), Value::list(values))
    }

    fn map(&mut self, item: &Schema, hints: &Hints, place: &str) -> Made {
        let place = format!("{place}{{}}");
        let (mut json, mut map) = (JsonMap::new(), Map::default());
        for index in 0..self.items(hints, &place) {
            let key = match self.random.below(12) {
                0 => self.one(texts::KEYS).to_owned(),
                _ => format!("key-{index}"),
            };
            let (written, value) = self.value(item, &Hints::default(), &place);
            json.insert(key.clone(), written);
            map.insert(key.as_str(), value);
        }
        (Json::Object(json), Value::map(map))
    }
}
