//! Text put together of fields.

use super::{Carried, Piece, Scope, Source, transform};
use crate::expr::{Coercion, Expr, ExprKind};
use crate::ir::Schema;
use crate::target::schema::openapi::{OpenApi, entries};
use crate::value::Value;

/// From here on a float is written with an exponent.
const MILLION: i64 = 1_000_000;

/// A piece of a text.
enum Part {
    Text(String),
    /// A field, its verb, and whether it is an integer of any size.
    Field(String, &'static str, bool),
}

impl<'a> Scope<'a> {
    /// A text of fields of which all are there.
    pub(super) fn text(&self, expr: &'a Expr) -> Option<Piece> {
        let mut parts = Vec::new();
        match &expr.kind {
            ExprKind::Concat(_) => self.parts(expr, &mut parts)?,
            ExprKind::Call(name, args) if name == "string" => match args.as_slice() {
                [arg] => self.parts(arg, &mut parts)?,
                _ => return None,
            },
            ExprKind::Coerce(Coercion::String, inner) if matches!(inner.kind, ExprKind::Concat(_)) => {
                self.parts(inner, &mut parts)?;
            }
            _ => return None,
        }
        let escaped = |text: &str| text.replace('%', "%%");
        let format: String = parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => escaped(text),
                Part::Field(_, verb, _) => (*verb).to_owned(),
            })
            .collect();
        let fields: Vec<(&String, bool)> = parts
            .iter()
            .filter_map(|part| match part {
                Part::Text(_) => None,
                Part::Field(path, _, whole) => Some((path, *whole)),
            })
            .collect();
        let carried = match fields.as_slice() {
            [] => return None,
            [(path, whole)] => {
                let mut transforms = Vec::new();
                if *whole {
                    transforms.push(transform("convert", entries([("toType", Value::str("string"))])));
                }
                let format = format.replace("%v", "%s");
                if format != "%s" || !*whole {
                    Carried { transforms, ..Carried::field((*path).clone()) }.formatted(&format)
                } else {
                    Carried { transforms, ..Carried::field((*path).clone()) }
                }
            }
            several => {
                let small =
                    parts.iter().all(|part| !matches!(part, Part::Field(_, verb, whole) if *whole && *verb != "%v"));
                let fields = several.iter().map(|(path, _)| (*path).clone()).collect();
                let source = small.then_some(Source::Combined { format, fields })?;
                Carried { source, ..Carried::field(String::new()) }
            }
        };
        Some(Piece::Patched(carried, Value::Absent))
    }

    fn parts(&self, expr: &'a Expr, parts: &mut Vec<Part>) -> Option<()> {
        match &expr.kind {
            ExprKind::Const(value) => {
                let text = match value {
                    Value::String(text) => text.to_string(),
                    Value::Int(number) => number.to_string(),
                    Value::Uint(number) => number.to_string(),
                    Value::Bool(truth) => truth.to_string(),
                    _ => return None,
                };
                parts.push(Part::Text(text));
                Some(())
            }
            ExprKind::Concat(pieces) => pieces.iter().try_for_each(|piece| self.parts(piece, parts)),
            ExprKind::Call(name, args) if name == "string" && args.len() == 1 => {
                args.iter().try_for_each(|arg| self.parts(arg, parts))
            }
            ExprKind::Binding(_) | ExprKind::Local(_) if self.place(expr).is_none() => {
                let (scope, meaning) = self.meaning(expr)?;
                scope.parts(meaning, parts)
            }
            _ => {
                let place = self.place(expr)?;
                let kind = self.kind(&place)?;
                if kind.optional {
                    return None;
                }
                let mut verbs = kind.schemas.iter().map(|schema| verb(schema));
                let verb = verbs.next()??;
                if verbs.any(|other| other != Some(verb)) {
                    return None;
                }
                let (verb, whole) = match verb {
                    // Of a small one the text has no exponent, whichever number it came as.
                    "%d" if self.level(&place).is_some_and(is_small) => ("%v", true),
                    "%d" => ("%s", true),
                    verb => (verb, false),
                };
                parts.push(Part::Field(place.text()?, verb, whole));
                Some(())
            }
        }
    }
}

/// The verb that prints a type's values as `string()` does.
fn verb(schema: &Schema) -> Option<&'static str> {
    match schema {
        Schema::Rule(rule) => verb(&rule.base),
        Schema::String | Schema::Literal(Value::String(_)) => Some("%s"),
        Schema::Bool => Some("%t"),
        Schema::Int | Schema::Uint | Schema::Literal(Value::Int(_)) => Some("%d"),
        Schema::Union(members) => {
            let first = verb(members.first()?)?;
            members.iter().all(|member| verb(member) == Some(first)).then_some(first)
        }
        _ => None,
    }
}

fn is_small(level: &OpenApi) -> bool {
    let within = |value: &Value| matches!(value, Value::Int(n) if n.abs() < MILLION);
    let bounded = level.minimum.as_ref().is_some_and(within) && level.maximum.as_ref().is_some_and(within);
    bounded || !level.one_of.is_empty() && level.one_of.iter().all(within)
}
