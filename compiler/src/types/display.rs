//! Types as people write them.

use std::fmt::{self, Display, Formatter, Write};

use super::Type;
use crate::schema::Schemas;
use crate::value::Value;

/// How many members of a union or fields of a record are shown.
const SHOWN: usize = 8;

impl Type {
    /// The type in the language's own notation, long ones shortened by `…`.
    #[must_use]
    pub fn display<'a>(&'a self, schemas: &'a Schemas) -> impl Display + 'a {
        Shown { ty: self, schemas, depth: 0 }
    }
}

/// So many levels of a type are shown.
const DEEPEST: u8 = 32;

struct Shown<'a> {
    ty: &'a Type,
    schemas: &'a Schemas,
    depth: u8,
}

impl Shown<'_> {
    fn inner<'b>(&'b self, ty: &'b Type) -> Shown<'b> {
        Shown { ty, schemas: self.schemas, depth: self.depth + 1 }
    }

    fn record(&self, f: &mut Formatter<'_>, record: &super::Record) -> fmt::Result {
        if self.depth > 1 {
            return f.write_str("{…}");
        }
        f.write_str("{")?;
        for (index, (name, field)) in record.fields.iter().enumerate() {
            f.write_str(if index == 0 { " " } else { ", " })?;
            if index == SHOWN {
                f.write_str("…")?;
                break;
            }
            let mark = if field.optional { "?" } else { "" };
            write!(f, "{name}{mark}: {}", self.inner(&field.ty))?;
        }
        f.write_str(if record.fields.is_empty() { "}" } else { " }" })
    }

    fn union(&self, f: &mut Formatter<'_>, members: &[Type]) -> fmt::Result {
        for (index, member) in members.iter().enumerate() {
            if index > 0 {
                f.write_str(" | ")?;
            }
            if index == SHOWN {
                return f.write_str("…");
            }
            write!(f, "{}", self.inner(member))?;
        }
        Ok(())
    }
}

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.depth > DEEPEST {
            return f.write_str("…");
        }
        match self.ty {
            Type::Unknown => f.write_str("?"),
            Type::Dyn => f.write_str("Any"),
            Type::Null => f.write_str("null"),
            Type::Bool => f.write_str("Bool"),
            Type::Int => f.write_str("Int"),
            Type::Uint => f.write_str("Uint"),
            Type::Float => f.write_str("Float"),
            Type::String => f.write_str("String"),
            Type::Bytes => f.write_str("Bytes"),
            Type::Duration => f.write_str("Duration"),
            Type::Timestamp => f.write_str("Timestamp"),
            Type::Quantity => f.write_str("Quantity"),
            Type::TypeValue => f.write_str("Type"),
            Type::Opaque(name) => f.write_str(name),
            Type::Literal(value) => literal(f, value),
            Type::List(item) => write!(f, "[{}]", self.inner(item)),
            Type::Map(entry) => write!(f, "{{{}: {}}}", self.inner(&entry.0), self.inner(&entry.1)),
            Type::Record(record) => self.record(f, record),
            Type::Optional(inner) if matches!(**inner, Type::Union(_)) => write!(f, "({})?", self.inner(inner)),
            Type::Optional(inner) => write!(f, "{}?", self.inner(inner)),
            Type::Union(members) => self.union(f, members),
            Type::Named(named) => f.write_str(&named.name),
            Type::Refined(refined) => write!(f, "{} where {}", self.inner(&refined.base), refined.text),
            Type::Secret(inner) => write!(f, "Secret<{}>", self.inner(inner)),
            Type::Schema(def) => f.write_str(&self.schemas.name(*def).unwrap_or_default()),
            Type::Observed(inner) => write!(f, "{}", Shown { ty: inner, schemas: self.schemas, depth: self.depth }),
        }
    }
}

fn literal(f: &mut Formatter<'_>, value: &Value) -> fmt::Result {
    match value {
        Value::String(text) => {
            f.write_char('"')?;
            write!(f, "{}", text.escape_debug())?;
            f.write_char('"')
        }
        Value::Int(n) => write!(f, "{n}"),
        Value::Uint(n) => write!(f, "{n}u"),
        Value::Bool(b) => write!(f, "{b}"),
        Value::Float(n) => write!(f, "{n:?}"),
        Value::Duration(d) => f.write_str(&crate::units::format_duration(*d)),
        Value::Quantity(q) => write!(f, "{q}"),
        _ => f.write_str("literal"),
    }
}
