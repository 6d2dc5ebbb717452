//! `values.yaml`: the parameters with their defaults, and their documentation as comments.

use std::fmt::Write as _;

use crate::ir::{Composite, Schema, SchemaField};
use crate::target::template::{is_direct, is_mergeable, strip};
use crate::value::{Map, Value};
use crate::yaml;

pub(super) fn text(composite: &Composite) -> String {
    let mut out = String::new();
    for param in &composite.params {
        if !out.is_empty() {
            out.push('\n');
        }
        comment(&mut out, param.doc.as_deref());
        let default = param.default.as_ref().and_then(|default| default.known());
        match default {
            Some(default) if is_mergeable(default) => entry(&mut out, &param.name, default),
            Some(default) => {
                out.push_str("# Where it is left out:\n");
                let mut text = String::new();
                entry(&mut text, &param.name, default);
                comment(&mut out, Some(&text));
            }
            None if param.optional => {
                let _ = writeln!(out, "# {}: may be left out", param.name);
            }
            None => match strip(&param.schema) {
                Schema::Record(fields) if is_direct(param) && fields.iter().any(|f| !of_field(f).is_empty()) => {
                    entry(&mut out, &param.name, &Value::map(of_fields(fields)));
                    needed(&mut out, fields);
                }
                _ => {
                    let _ = writeln!(out, "# {}: needed", param.name);
                }
            },
        }
    }
    if out.is_empty() { "{}\n".to_owned() } else { out }
}

fn entry(out: &mut String, name: &str, value: &Value) {
    let mut map = Map::default();
    map.insert(name, value.clone());
    yaml::emit(&Value::map(map), out);
}

fn comment(out: &mut String, text: Option<&str>) {
    for line in text.unwrap_or_default().lines() {
        let _ = writeln!(out, "# {}", line.trim_end());
    }
}

fn needed(out: &mut String, fields: &[SchemaField]) {
    for field in fields.iter().filter(|field| of_field(field).is_empty()) {
        let word = if field.optional { "may be left out" } else { "needed" };
        let _ = writeln!(out, "  # {}: {word}", field.name);
    }
}

/// The defaults of the fields of a record.
fn of_fields(fields: &[SchemaField]) -> Map {
    let mut map = Map::default();
    for field in fields {
        for (key, value) in of_field(field).iter() {
            map.insert(key.clone(), value.clone());
        }
    }
    map
}

fn of_field(field: &SchemaField) -> Map {
    let mut map = Map::default();
    match (&field.default, strip(&field.schema)) {
        (Some(default), _) => {
            if let Some(default) = default.known() {
                map.insert(field.name.clone(), default.clone());
            }
        }
        (None, Schema::Record(fields)) if !field.optional => {
            let inner = of_fields(fields);
            if !inner.is_empty() {
                map.insert(field.name.clone(), Value::map(inner));
            }
        }
        _ => {}
    }
    map
}
