//! A decoded schema as types and as what is known of its fields.

use std::sync::Arc;

use super::model::{Form, Format, Node, NodeId, Property, Schema};
use crate::schema::{DefId, FieldInfo, ListType};
use crate::types::{Field, Record, Type};
use crate::value::Value;

/// A schema with what its types refer to.
pub(super) struct Typing<'a> {
    pub(super) schema: &'a Schema,
    /// The definition of the root; the others follow.
    pub(super) base: u32,
    /// `meta/v1/ObjectMeta`.
    pub(super) metadata: Option<DefId>,
}

impl Typing<'_> {
    /// The fields of an object; `None` where the node is none.
    pub(super) fn record(&self, id: NodeId) -> Option<Record> {
        let node = self.schema.node(id)?;
        if !is_record(node) && id != NodeId::ROOT {
            return None;
        }
        let mut record = Record::default();
        for &name in self.implied(id, node) {
            let ty = self.implied_type(name);
            let optional = id == NodeId::ROOT || name == "metadata";
            record.fields.insert(name.into(), Field { ty, optional, default: None, doc: None, span: None });
        }
        for property in &node.properties {
            let Some(info) = self.field_of(id, property) else { continue };
            let ty = if info.nullable { info.ty.or_null() } else { info.ty };
            let optional = !info.required;
            record.fields.insert(property.name.clone(), Field { ty, optional, default: None, doc: None, span: None });
        }
        Some(record)
    }

    /// What every object has, whether its schema says it or not.
    fn implied(&self, id: NodeId, node: &Node) -> &'static [&'static str] {
        if id == NodeId::ROOT || node.embedded { &["apiVersion", "kind", "metadata"] } else { &[] }
    }

    fn implied_type(&self, name: &str) -> Type {
        match (name, self.metadata) {
            ("metadata", Some(def)) => Type::Schema(def),
            ("metadata", None) => Type::map(Type::Dyn),
            _ => Type::String,
        }
    }

    /// What is known about a field.
    pub(super) fn field(&self, id: NodeId, name: &str) -> Option<FieldInfo> {
        let node = self.schema.node(id)?;
        if let Some(property) = node.property(name) {
            return self.field_of(id, property);
        }
        let implied = self.implied(id, node).contains(&name);
        let required = id != NodeId::ROOT && name != "metadata";
        implied.then(|| FieldInfo { required, ..plain(self.implied_type(name)) })
    }

    fn field_of(&self, owner: NodeId, property: &Property) -> Option<FieldInfo> {
        let node = self.schema.node(property.node)?;
        let implied = self.implied(owner, self.schema.node(owner)?).contains(&&*property.name);
        let ty = if implied { self.implied_type(&property.name) } else { self.bare(property.node) };
        let default = node.fallback().filter(|value| node.nullable || !matches!(value, Value::Null)).cloned();
        Some(FieldInfo {
            // A field with a default is filled in before anything is required
            // (apiextensions-apiserver, pkg/apiserver/schema/defaulting).
            required: property.required && default.is_none() && !(implied && owner == NodeId::ROOT),
            format: format_name(node),
            nullable: node.nullable,
            atomic: node.atomic,
            list: node.checks().map_or(ListType::Unsaid, |checks| checks.list.clone()),
            default,
            ..plain(ty)
        })
    }

    /// The type of a place, null included.
    fn of(&self, id: NodeId) -> Type {
        let ty = self.bare(id);
        if self.schema.node(id).is_some_and(|node| node.nullable) { ty.or_null() } else { ty }
    }

    /// The type of a place without the null that `nullable` allows.
    fn bare(&self, id: NodeId) -> Type {
        let Some(node) = self.schema.node(id) else { return Type::Dyn };
        let choice = node.checks().map_or(&[][..], |checks| &checks.choice);
        let scalar = match node.form {
            Form::Any => return Type::Dyn,
            Form::Object if is_record(node) => return Type::Schema(DefId(self.base + id.0)),
            Form::Object => return Type::map(node.inner.map_or(Type::Dyn, |inner| self.of(inner))),
            Form::Array => return Type::list(node.inner.map_or(Type::Dyn, |inner| self.of(inner))),
            Form::IntOrString if node.format == Format::Quantity => return Type::Quantity,
            Form::IntOrString => Type::Union(Arc::new(vec![Type::Int, Type::String])),
            Form::String if node.format == Format::Byte => return Type::Bytes,
            Form::String if node.format == Format::DateTime => return Type::Timestamp,
            Form::String => Type::String,
            Form::Integer => Type::Int,
            Form::Number => return Type::Float,
            Form::Boolean => return Type::Bool,
        };
        one_of(node.form, choice).unwrap_or(scalar)
    }
}

/// Whether the values are objects whose fields are known by name.
fn is_record(node: &Node) -> bool {
    node.form == Form::Object && (!node.properties.is_empty() || node.embedded || (node.inner.is_none() && !node.open))
}

const fn plain(ty: Type) -> FieldInfo {
    FieldInfo {
        ty,
        format: None,
        required: false,
        nullable: false,
        deprecated: false,
        atomic: false,
        list: ListType::Unsaid,
        merge_key: None,
        default: None,
    }
}

const fn format_name(node: &Node) -> Option<&'static str> {
    match (node.form, node.format) {
        (Form::IntOrString, Format::Quantity) => None,
        (Form::IntOrString, _) => Some("int-or-string"),
        (_, Format::Int32) => Some("int32"),
        (_, Format::Int64) => Some("int64"),
        (_, Format::Double) => Some("double"),
        (_, Format::Byte) => Some("byte"),
        (_, Format::DateTime) => Some("date-time"),
        _ => None,
    }
}

/// The values of an enumeration as a type, those that the form allows; `None`
/// where there are none.
fn one_of(form: Form, choice: &[Value]) -> Option<Type> {
    let fits = |value: &&Value| match form {
        Form::String => matches!(value, Value::String(_)),
        Form::Integer => matches!(value, Value::Int(_)),
        _ => matches!(value, Value::String(_) | Value::Int(_)),
    };
    let mut literals: Vec<Type> = Vec::with_capacity(choice.len());
    for value in choice.iter().filter(fits) {
        if !literals.iter().any(|known| matches!(known, Type::Literal(known) if known == value)) {
            literals.push(Type::Literal(value.clone()));
        }
    }
    match literals.len() {
        0 => None,
        1 => literals.pop(),
        _ => Some(Type::Union(Arc::new(literals))),
    }
}
