//! Types in a few words, for messages and JSON.

use crate::ir::{Schema, SchemaField};

/// How many members or fields are shown.
const SHOWN: usize = 8;
/// How deep.
const DEEPEST: usize = 3;

/// The type as a source would say it, long ones cut.
pub(super) fn show(schema: &Schema) -> String {
    shown(schema, 0)
}

fn shown(schema: &Schema, depth: usize) -> String {
    if depth > DEEPEST {
        return "…".to_owned();
    }
    let inner = |schema: &Schema| shown(schema, depth + 1);
    match schema {
        Schema::Any => "Any".to_owned(),
        Schema::Null => "null".to_owned(),
        Schema::Bool => "Bool".to_owned(),
        Schema::Int => "Int".to_owned(),
        Schema::Uint => "Uint".to_owned(),
        Schema::Float => "Float".to_owned(),
        Schema::String => "String".to_owned(),
        Schema::Bytes => "Bytes".to_owned(),
        Schema::Duration => "Duration".to_owned(),
        Schema::Timestamp => "Timestamp".to_owned(),
        Schema::Quantity => "Quantity".to_owned(),
        Schema::Literal(value) => value.shown(),
        Schema::List(item) => format!("[{}]", inner(item)),
        Schema::Map(value) => format!("{{String: {}}}", inner(value)),
        Schema::Record(fields) => record(fields, depth),
        Schema::Union(members) => cut(members.iter().map(inner), members.len(), " | "),
        Schema::Rule(rule) => match &rule.name {
            Some(name) => name.to_string(),
            None => format!("{} where {}", inner(&rule.base), rule.text),
        },
        Schema::Secret(of) => format!("Secret<{}>", inner(of)),
        Schema::Kubernetes(name) => name.to_string(),
    }
}

fn record(fields: &[SchemaField], depth: usize) -> String {
    let field = |field: &SchemaField| {
        let mark = if field.optional { "?" } else { "" };
        format!("{}{mark}: {}", field.name, shown(&field.schema, depth + 1))
    };
    if fields.is_empty() {
        "{}".to_owned()
    } else {
        format!("{{ {} }}", cut(fields.iter().map(field), fields.len(), ", "))
    }
}

fn cut(parts: impl Iterator<Item = String>, count: usize, between: &str) -> String {
    let mut shown: Vec<String> = parts.take(SHOWN).collect();
    if count > SHOWN {
        shown.push("…".to_owned());
    }
    shown.join(between)
}
