//! A value of a type with all that is required in it, as one would begin to
//! write it.

use tessera_compiler::schema::Schemas;
use tessera_compiler::types::{Record, Type};

/// How deep required fields are followed; deeper ones are left to be filled.
const DEEPEST: usize = 8;
/// How many lines a skeleton may have.
const MAX_FIELDS: usize = 200;

/// How a skeleton is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holes {
    /// `${1:text}`, for an editor that goes from one to the next.
    Snippet,
    /// The values alone.
    Plain,
}

/// Writes skeletons.
pub(crate) struct Skeleton<'a> {
    schemas: &'a Schemas,
    holes: Holes,
    number: usize,
    fields: usize,
    yaml: bool,
}

impl<'a> Skeleton<'a> {
    /// One in the language.
    #[must_use]
    pub(crate) const fn new(schemas: &'a Schemas, holes: Holes) -> Self {
        Self { schemas, holes, number: 0, fields: 0, yaml: false }
    }

    /// The same in YAML.
    #[must_use]
    pub(crate) const fn yaml(schemas: &'a Schemas, holes: Holes) -> Self {
        Self { schemas, holes, number: 0, fields: 0, yaml: true }
    }

    /// A value of the type, for a place in a line with this indentation.
    pub(crate) fn value(&mut self, ty: &Type, indent: &str) -> String {
        self.at(ty, indent, 0)
    }

    /// The required fields of an object, each on a line of its own.
    pub(crate) fn fields<'n>(&mut self, record: &Record, names: impl Iterator<Item = &'n str>, indent: &str) -> String {
        let lines: Vec<String> = names
            .filter_map(|name| {
                let field = record.fields.get(name)?;
                Some(self.field(name, &field.ty, indent, 0))
            })
            .collect();
        lines.join("\n")
    }

    fn field(&mut self, name: &str, ty: &Type, indent: &str, depth: usize) -> String {
        let value = self.at(ty, indent, depth + 1);
        if value.starts_with('\n') { format!("{indent}{name}:{value}") } else { format!("{indent}{name}: {value}") }
    }

    fn at(&mut self, ty: &Type, indent: &str, depth: usize) -> String {
        if let Some(record) = ty.record(self.schemas).cloned() {
            return self.record(&record, indent, depth);
        }
        match ty.structure() {
            Type::Bool => self.choice(&["false".to_owned(), "true".to_owned()]),
            Type::Int | Type::Float => self.hole("1"),
            Type::Uint => self.hole("1u"),
            Type::Quantity => self.hole("1Gi"),
            Type::Duration => self.hole("1h"),
            Type::Timestamp => self.hole("\"2026-01-01T00:00:00Z\""),
            Type::Null => "null".to_owned(),
            Type::Literal(_) => self.literal(ty),
            Type::Union(members) => self.union(&members.clone(), indent, depth),
            Type::List(item) => self.list(&item.clone(), indent, depth),
            Type::Map(_) => {
                if self.yaml {
                    "{}".to_owned()
                } else {
                    format!("{{{}}}", self.hole(""))
                }
            }
            Type::Optional(inner) | Type::Observed(inner) => self.at(&inner.clone(), indent, depth),
            Type::Secret(_) if self.yaml => format!("{{ secret: {}, key: {} }}", self.hole("name"), self.hole("key")),
            Type::Secret(_) => format!("{{ secret: \"{}\", key: \"{}\" }}", self.hole("name"), self.hole("key")),
            _ if self.yaml => self.hole("text"),
            _ => format!("\"{}\"", self.hole("")),
        }
    }

    fn record(&mut self, record: &Record, indent: &str, depth: usize) -> String {
        let inner = format!("{indent}  ");
        let required = |(_, field): &(&smol_str::SmolStr, &tessera_compiler::types::Field)| {
            !field.optional && field.default.is_none()
        };
        let mut lines = Vec::new();
        for (name, field) in record.fields.iter().filter(required) {
            self.fields += 1;
            if depth >= DEEPEST || self.fields > MAX_FIELDS {
                break;
            }
            lines.push(self.field(name, &field.ty, &inner, depth));
        }
        match (lines.is_empty(), self.yaml) {
            (true, true) => "{}".to_owned(),
            (true, false) => format!("{{{}}}", self.hole("")),
            (false, true) => format!("\n{}", lines.join("\n")),
            (false, false) => format!("{{\n{}\n{indent}}}", lines.join("\n")),
        }
    }

    fn list(&mut self, item: &Type, indent: &str, depth: usize) -> String {
        if self.yaml {
            return "[]".to_owned();
        }
        match item.record(self.schemas) {
            Some(_) if depth < DEEPEST => format!("[{}]", self.at(item, indent, depth + 1)),
            _ => format!("[{}]", self.hole("")),
        }
    }

    fn union(&mut self, members: &[Type], indent: &str, depth: usize) -> String {
        let literals: Vec<String> = members
            .iter()
            .filter(|member| matches!(member.structure(), Type::Literal(_)))
            .map(|member| self.literal(member.structure()))
            .collect();
        if literals.len() == members.len() {
            return self.choice(&literals);
        }
        members.first().map_or_else(String::new, |first| self.at(&first.clone(), indent, depth))
    }

    fn literal(&self, ty: &Type) -> String {
        ty.display(self.schemas).to_string()
    }

    fn hole(&mut self, text: &str) -> String {
        self.number += 1;
        match self.holes {
            Holes::Plain => text.to_owned(),
            Holes::Snippet if text.is_empty() => format!("${}", self.number),
            Holes::Snippet => format!("${{{}:{}}}", self.number, escape(text)),
        }
    }

    fn choice(&mut self, values: &[String]) -> String {
        self.number += 1;
        match self.holes {
            Holes::Plain => values.first().cloned().unwrap_or_default(),
            Holes::Snippet => {
                let values: Vec<String> = values.iter().map(|value| escape_choice(value)).collect();
                format!("${{{}|{}|}}", self.number, values.join(","))
            }
        }
    }
}

/// A snippet with its defaults, for editors that know no snippets.
pub(crate) fn plain(snippet: &str) -> String {
    let mut out = String::new();
    let mut rest = snippet;
    while let Some(at) = rest.find(['$', '\\']) {
        let (text, special) = rest.split_at(at);
        out.push_str(text);
        rest = match special.strip_prefix('\\') {
            Some(escaped) => {
                let mut chars = escaped.chars();
                out.extend(chars.next());
                chars.as_str()
            }
            None => hole_of(special.strip_prefix('$').unwrap_or(special), &mut out),
        };
    }
    out + rest
}

/// Writes the default of a hole; what follows it.
fn hole_of<'s>(text: &'s str, out: &mut String) -> &'s str {
    let digits = |text: &'s str| text.trim_start_matches(|c: char| c.is_ascii_digit());
    let Some((hole, rest)) = text.strip_prefix('{').and_then(|hole| hole.split_once('}')) else { return digits(text) };
    let default = digits(hole);
    out.push_str(match default.strip_prefix(':') {
        Some(text) => text,
        None => default.trim_matches('|').split(',').next().unwrap_or(""),
    });
    rest
}

/// Text that stands for itself in a snippet.
pub(super) fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}")
}

fn escape_choice(text: &str) -> String {
    escape(text).replace(',', "\\,").replace('|', "\\|")
}
