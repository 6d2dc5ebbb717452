//! Composites as instances and targets see them.

use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use crate::expr::Expr;
use crate::ir::{self, Schema, SchemaField};
use crate::resolve::{DeclId, ModuleId};
use crate::schema::Schemas;
use crate::types::{Field, Record, Type};

/// A checked composite.
#[derive(Clone, Debug)]
pub struct CompositeType {
    /// Its declaration; the module alone for top-level resources.
    pub decl: Option<DeclId>,
    /// Its module.
    pub module: ModuleId,
    /// Its parameters as a record.
    pub params: Arc<Record>,
    /// The representation, expressions as written.
    pub ir: ir::Composite,
    /// No error was found in it.
    pub sound: bool,
    /// The declarations that it needs.
    pub needs: Vec<DeclId>,
}

/// The record by which a secret is given: `{ secret: name, key: key }`.
pub(super) fn secret_reference() -> Arc<Record> {
    let mut fields = IndexMap::new();
    fields.insert(SmolStr::new("secret"), Field::of(Type::String));
    fields.insert(SmolStr::new("key"), Field::of(Type::String));
    Arc::new(Record { fields })
}

/// The schema of a type: names forgotten, rules kept.
#[must_use]
pub fn schema_of(schemas: &Schemas, ty: &Type) -> Schema {
    match ty {
        Type::Unknown | Type::Dyn | Type::TypeValue | Type::Opaque(_) => Schema::Any,
        Type::Null => Schema::Null,
        Type::Bool => Schema::Bool,
        Type::Int => Schema::Int,
        Type::Uint => Schema::Uint,
        Type::Float => Schema::Float,
        Type::String => Schema::String,
        Type::Bytes => Schema::Bytes,
        Type::Duration => Schema::Duration,
        Type::Timestamp => Schema::Timestamp,
        Type::Quantity => Schema::Quantity,
        Type::Literal(value) => Schema::Literal(value.clone()),
        Type::List(item) => Schema::List(Box::new(schema_of(schemas, item))),
        Type::Map(entry) => Schema::Map(Box::new(schema_of(schemas, &entry.1))),
        Type::Record(record) => Schema::Record(fields_of(schemas, record)),
        Type::Optional(inner) | Type::Observed(inner) => schema_of(schemas, inner),
        Type::Union(members) => Schema::Union(members.iter().map(|m| schema_of(schemas, m)).collect()),
        Type::Named(named) => schema_of(schemas, &named.ty),
        Type::Refined(rule) => Schema::Rule(Box::new(ir::Rule {
            base: schema_of(schemas, &rule.base),
            rule: rule.rule.clone(),
            message: rule.message.clone(),
            text: rule.text.clone(),
            name: rule.name.clone(),
            slots: rule.slots,
        })),
        Type::Secret(inner) => Schema::Secret(Box::new(schema_of(schemas, inner))),
        Type::Schema(def) => Schema::Kubernetes(schemas.name(*def).unwrap_or_default().into()),
    }
}

fn fields_of(schemas: &Schemas, record: &Record) -> Vec<SchemaField> {
    let field = |(name, field): (&SmolStr, &Field)| SchemaField {
        name: name.clone(),
        schema: schema_of(schemas, &field.ty),
        optional: field.optional,
        default: field.default.clone(),
        doc: field.doc.clone(),
    };
    record.fields.iter().map(field).collect()
}

/// A parameter of the representation.
pub(super) fn param(
    schemas: &Schemas,
    name: &SmolStr,
    field: &Field,
    default: Option<Expr>,
    doc: Option<SmolStr>,
    span: crate::source::Span,
) -> ir::Param {
    ir::Param {
        name: name.clone(),
        schema: schema_of(schemas, &field.ty),
        optional: field.optional,
        default,
        doc,
        span,
    }
}
