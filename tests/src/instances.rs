//! Random instances of a composite, made from the types of its parameters: what
//! every engine is asked about.

use serde_json::{Map, Value as Json, json};
use tessera_compiler::ir::{Composite, Param, Schema, SchemaField};
use tessera_compiler::value::to_json;

use crate::corpus::Random;

/// Texts of the forms that the standard types want, and some that they refuse.
#[rustfmt::skip]
const TEXTS: &[&str] = &[
    "a", "web", "orders", "orders.created", "a-b", "team-1", "2.34.3", "1.0.0-rc.1", "0.1.0", "1.2.3+build.5", "https://a.example", "https://acme.example/orders?page=2",
    "http://shop.example:8080", "#payments-team", "#a", "acme/transfer:2.34.3", "10.20.0.0/16", "10.20.0.7", "2001:db8::7", "30 2 * * 1-5", "@daily", "acme.example",
    "docs.acme.example", "team@acme.example", "index.html", "<h1>a</h1>", "EUR", "A", "", "Upper_case", "two words",
];
const DURATIONS: &[&str] =
    &["0", "15m", "1h", "90m", "36h", "3d", "1d12h", "14d", "8h", "72h", "500ms", "1.5h", "1h30m0.5s", "100us"];
const QUANTITIES: &[&str] = &["1", "500m", "64Mi", "1.5Gi", "10Gi", "0", "2k", "1e3", "100u"];
const TIMES: &[&str] = &["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5+02:00", "1999-12-31T23:59:59Z"];
const NUMBERS: &[i64] = &[0, 1, 2, 3, 4, 5, 8, 16, 50, 80, 100, 443, 8080, 65535, -1];
/// How deep values of Kubernetes types are looked up by the caller's [`Known`].
const MOST: usize = 4;

/// Values for types that only their name tells: Kubernetes' own.
pub type Known<'a> = &'a dyn Fn(&str) -> Vec<Json>;

/// Parameters of an instance, most of them of the right form.
pub fn spec(composite: &Composite, known: Known<'_>, random: &mut Random) -> Json {
    let mut entries = Map::new();
    for Param { name, schema, optional, default, .. } in &composite.params {
        if (*optional || default.is_some()) && random.below(2) == 0 {
            continue;
        }
        entries.insert(name.to_string(), value(schema, known, random));
    }
    Json::Object(entries)
}

/// A value of a type.
pub fn value(schema: &Schema, known: Known<'_>, random: &mut Random) -> Json {
    match schema {
        Schema::Null => Json::Null,
        Schema::Bool => Json::Bool(random.below(2) == 0),
        Schema::Int | Schema::Uint => one(NUMBERS, random).into(),
        Schema::Float => json!(one(NUMBERS, random) as f64 / 4.0),
        Schema::Any | Schema::String => json!(one(TEXTS, random)),
        Schema::Bytes => json!(one(&["aGVsbG8=", "", "AAEC"], random)),
        Schema::Duration => json!(one(DURATIONS, random)),
        Schema::Timestamp => json!(one(TIMES, random)),
        Schema::Quantity if random.below(3) == 0 => json!(random.below(9)),
        Schema::Quantity => json!(one(QUANTITIES, random)),
        Schema::Literal(value) => to_json(value),
        Schema::List(item) => (0..random.below(MOST)).map(|_| value(item, known, random)).collect(),
        Schema::Map(inner) => {
            (0..random.below(MOST)).map(|n| (format!("key-{n}"), value(inner, known, random))).collect()
        }
        Schema::Record(fields) => record(fields, known, random),
        Schema::Union(members) => {
            let at = random.below(members.len());
            members.get(at).map_or(Json::Null, |member| value(member, known, random))
        }
        Schema::Rule(rule) => ruled(rule, known, random),
        Schema::Secret(_) => json!({ "secret": one(TEXTS, random), "key": one(TEXTS, random) }),
        Schema::Kubernetes(name) => random.pick(&known(name)).cloned().unwrap_or_default(),
    }
}

fn record(fields: &[SchemaField], known: Known<'_>, random: &mut Random) -> Json {
    let mut entries = Map::new();
    for SchemaField { name, schema, optional, default, .. } in fields {
        if (*optional || default.is_some()) && random.below(2) == 0 {
            continue;
        }
        entries.insert(name.to_string(), value(schema, known, random));
    }
    Json::Object(entries)
}

/// Of some tries one that keeps the rule, as far as its evaluation tells.
fn ruled(rule: &tessera_compiler::ir::Rule, known: Known<'_>, random: &mut Random) -> Json {
    use tessera_compiler::eval::{Evaluator, NoHost};
    use tessera_compiler::expr::Program;
    use tessera_compiler::units;
    use tessera_compiler::value::{Value, from_json};

    let program = Program::default();
    let mut made = Json::Null;
    for _ in 0..150 {
        made = value(&rule.base, known, random);
        let typed = match (&rule.base, &made) {
            (Schema::Duration, Json::String(text)) => units::parse_duration(text).map(Value::Duration).ok(),
            (Schema::Quantity, Json::String(text)) => {
                units::Quantity::parse(text).ok().map(|q| Value::Quantity(q.into()))
            }
            (Schema::Quantity, Json::Number(n)) => {
                n.as_i64().map(|n| Value::Quantity(units::Quantity::from_int(n).into()))
            }
            (Schema::Timestamp, Json::String(text)) => units::parse_timestamp(text).map(Value::Timestamp).ok(),
            _ => Some(from_json(&made)),
        };
        let Some(typed) = typed else { continue };
        if matches!(Evaluator::new(&program, &NoHost).eval_with(&rule.rule, &[typed]), Ok(Value::Bool(true))) {
            break;
        }
    }
    made
}

fn one<T: Copy + Default>(of: &[T], random: &mut Random) -> T {
    random.pick(of).copied().unwrap_or_default()
}
