//! Parameters that a cluster gives, not a source: the parameters of an instance
//! are checked against the representation of a composite exactly as those in a
//! file are. They become syntax whose places are parts of the object.

use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::Checker;
use super::object::Target;
use crate::diagnostic::{Code, Diagnostic, E0505, Severity};
use crate::eval::{Evaluator, NoHost};
use crate::expr::Program;
use crate::ir::{self, Schema};
use crate::resolve::{ModuleId, Modules};
use crate::schema::Schemas;
use crate::source::{FileId, Span};
use crate::stack::deep;
use crate::syntax::ast::{Entry, Expr, ExprKind, Ident, Item, Key};
use crate::types::{Field, Named, Record, Refined, Type};
use crate::value::{Map, Value};

/// The most parts that the parameters of an instance may have.
pub const MAX_ADMITTED: usize = 500_000;
/// The file in whose places parts of the object are counted; no source has it.
const OBJECT: FileId = FileId(u32::MAX);

/// The parameters that a composite takes.
#[derive(Clone, Debug)]
pub struct Parameters {
    record: Arc<Record>,
    ty: Type,
}

/// Why parameters are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code of what is wrong.
    pub code: &'static Code,
    /// Where, `spec.database.size`.
    pub path: String,
    /// One sentence without a final full stop.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Parameters {
    /// Those of a composite.
    #[must_use]
    pub fn of(schemas: &Schemas, composite: &ir::Composite) -> Self {
        let field = |param: &ir::Param| {
            let field = Field {
                optional: param.optional,
                default: param.default.clone(),
                ..Field::of(type_of(schemas, &param.schema))
            };
            (param.name.clone(), field)
        };
        let record = Arc::new(Record { fields: composite.params.iter().map(field).collect() });
        let ty = Type::Named(Arc::new(Named {
            name: composite.kind.clone(),
            doc: None,
            span: composite.span,
            ty: Type::Record(record.clone()),
        }));
        Self { record, ty }
    }

    /// The values of the parameters, defaults filled in, of an object's `spec`.
    ///
    /// # Errors
    /// What is wrong with it, at least one refusal.
    pub fn admit(&self, schemas: &Schemas, spec: &Value) -> Result<Arc<Map>, Vec<Refusal>> {
        if !spec.is_within(MAX_ADMITTED) {
            let message = format!("it has more than {MAX_ADMITTED} parts");
            return Err(vec![Refusal { code: &E0505, path: "spec".to_owned(), message, help: None }]);
        }
        let mut places = Places::default();
        let written = places.expr(&arranged(&self.ty, spec), 0, "spec");
        let modules = Modules::default();
        let mut checker = Checker::new(&modules, schemas);
        let entries: &[Entry] = if let ExprKind::Object(entries) = &written.kind { entries } else { &[] };
        let target = Target { record: &self.record, def: None, ty: &self.ty };
        let (params, _) = checker.in_frame(ModuleId(0), |c| c.record_object(entries, written.span, &target));
        let mut found: Vec<Diagnostic> = checker.diagnostics;
        found.retain(Diagnostic::is_error);
        if found.is_empty() {
            let program = Program::default();
            match Evaluator::new(&program, &NoHost).eval_with(&params, &[]) {
                Ok(Value::Map(map)) => return Ok(map),
                Ok(_) => return Ok(Arc::default()),
                Err(fault) => found.extend(fault.diagnostic(written.span)),
            }
        }
        Err(found.into_iter().map(|diagnostic| places.refusal(diagnostic)).collect())
    }
}

/// The fields of records in the order in which they are declared. A cluster
/// keeps no order, and loops go over records as they stand.
fn arranged(ty: &Type, value: &Value) -> Value {
    deep(|| match (ty.structure(), value) {
        (Type::Optional(inner), _) => arranged(inner, value),
        (Type::Record(record), Value::Map(map)) => {
            let known = record.fields.iter().filter_map(|(name, field)| {
                let value = map.get(name)?;
                Some((name.clone().into(), arranged(&field.ty, value)))
            });
            let declared = |key: &crate::value::Key| key.as_str().is_some_and(|name| record.fields.contains_key(name));
            let others = map.iter().filter(|(key, _)| !declared(key)).map(|(key, value)| (key.clone(), value.clone()));
            Value::map(known.chain(others).collect())
        }
        (Type::List(item), Value::List(items)) => Value::list(items.iter().map(|v| arranged(item, v)).collect()),
        (Type::Map(entry), Value::Map(map)) => {
            Value::map(map.iter().map(|(key, value)| (key.clone(), arranged(&entry.1, value))).collect())
        }
        _ => value.clone(),
    })
}

/// The parts of an object, by the numbers that stand for places.
#[derive(Default)]
struct Places {
    /// The part round each, and how it is called there.
    parts: Vec<(u32, SmolStr)>,
}

impl Places {
    fn part(&mut self, outer: u32, name: &str) -> (u32, Span) {
        let number = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        self.parts.push((outer, name.into()));
        (number, Span::new(OBJECT, number, number))
    }

    fn expr(&mut self, value: &Value, outer: u32, name: &str) -> Expr {
        let (number, span) = self.part(outer, name);
        let kind = match value {
            Value::Bool(value) => ExprKind::Bool(*value),
            Value::Int(value) => ExprKind::Int(*value),
            Value::Uint(value) => ExprKind::Uint(*value),
            Value::Float(value) => ExprKind::Float(*value),
            Value::String(text) => ExprKind::String(text.clone()),
            Value::List(items) => {
                let item = |(at, item): (usize, &Value)| Item::Value(self.expr(item, number, &format!("[{at}]")));
                ExprKind::List(items.iter().enumerate().map(item).collect())
            }
            Value::Map(map) => {
                ExprKind::Object(map.iter().map(|(key, value)| self.entry(key, value, number)).collect())
            }
            _ => ExprKind::Null,
        };
        Expr { kind, span }
    }

    fn entry(&mut self, key: &crate::value::Key, value: &Value, outer: u32) -> Entry {
        let name = SmolStr::new(key.to_string());
        let value = deep(|| self.expr(value, outer, &name));
        let name = Ident { name, span: value.span };
        Entry::Field { doc: None, key: Key::Word { name, bare: false }, value, optional: false }
    }

    /// `spec.list[0].field`.
    fn path(&self, mut number: u32) -> String {
        let mut names = Vec::new();
        while let Some((outer, name)) = self.parts.get(number as usize) {
            names.push(name.as_str());
            if *outer == number {
                break;
            }
            number = *outer;
        }
        names.iter().rev().fold(String::new(), |mut path, name| {
            if !path.is_empty() && !name.starts_with('[') {
                path.push('.');
            }
            path + name
        })
    }

    fn refusal(&self, diagnostic: Diagnostic) -> Refusal {
        let spans = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary).map(|label| label.span);
        let place = spans.into_iter().find(|span| span.file == OBJECT).map_or(0, |span| span.start);
        debug_assert!(diagnostic.severity == Severity::Error);
        Refusal {
            code: diagnostic.code,
            path: self.path(place),
            message: diagnostic.message,
            help: diagnostic.help.or_else(|| diagnostic.fixes.into_iter().next().map(|fix| fix.title)),
        }
    }
}

/// The type of the values that a schema describes: the way back from
/// [`super::schema_of`]. What no schema describes any longer may be anything.
fn type_of(schemas: &Schemas, schema: &Schema) -> Type {
    match schema {
        Schema::Any => Type::Dyn,
        Schema::Null => Type::Null,
        Schema::Bool => Type::Bool,
        Schema::Int => Type::Int,
        Schema::Uint => Type::Uint,
        Schema::Float => Type::Float,
        Schema::String => Type::String,
        Schema::Bytes => Type::Bytes,
        Schema::Duration => Type::Duration,
        Schema::Timestamp => Type::Timestamp,
        Schema::Quantity => Type::Quantity,
        Schema::Literal(value) => Type::Literal(value.clone()),
        Schema::List(item) => Type::list(type_of(schemas, item)),
        Schema::Map(value) => Type::map(type_of(schemas, value)),
        Schema::Record(fields) => {
            let field = |field: &ir::SchemaField| {
                let made = Field {
                    optional: field.optional,
                    default: field.default.clone(),
                    ..Field::of(type_of(schemas, &field.schema))
                };
                (field.name.clone(), made)
            };
            Type::Record(Arc::new(Record { fields: fields.iter().map(field).collect::<IndexMap<_, _>>() }))
        }
        Schema::Union(members) => Type::union(schemas, members.iter().map(|m| type_of(schemas, m)).collect()),
        Schema::Rule(rule) => Type::Refined(Arc::new(Refined {
            name: rule.name.clone(),
            base: type_of(schemas, &rule.base),
            rule: rule.rule.clone(),
            message: rule.message.clone(),
            slots: rule.slots,
            text: rule.text.clone(),
            span: rule.rule.span,
        })),
        Schema::Secret(inner) => Type::Secret(Arc::new(type_of(schemas, inner))),
        Schema::Kubernetes(name) => {
            let mut parts = name.splitn(3, '/');
            let (group, version, kind) = (parts.next(), parts.next(), parts.next());
            let def = schemas.type_named(group.unwrap_or(""), version.unwrap_or(""), kind.unwrap_or(""));
            def.map_or(Type::Dyn, Type::Schema)
        }
    }
}
