//! The schema of a composite's API: what an instance's `spec` may hold, from the
//! parameters, and what its `status` holds, from the outputs. Every target that
//! publishes an API takes it from here.
//!
//! [`openapi`] is the form, [`rule`] makes keywords and CEL of rules, [`union`]
//! makes one level of several cases, [`defaults`] fills in for rules what a schema
//! cannot, [`cel`] writes expressions, and [`bounds`] finds what the API server would
//! refuse as too costly.

mod bounds;
pub mod cel;
mod defaults;
mod kubernetes;
pub mod openapi;
pub(in crate::target) mod rule;
mod union;

use smol_str::SmolStr;

use crate::diagnostic::{Diagnostic, E0710, E0711, W0712};
use crate::ir::{Composite, Lease, Output, Param, Requirement, Schema, SchemaField};
use crate::schema::{DefId, Schemas};
use crate::source::Span;
use crate::target::cel::{Dialect, Level};
use crate::value::Value;

pub use openapi::Form;
use openapi::{OpenApi, ROOT, Rule, SELF};

/// Text that is a duration: what [`crate::units::parse_duration`] reads.
const DURATION: &str = r"^[-+]?(0|(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d))+)$";
/// The same where a rule compares it: days are whole and stand first, without a minus.
const DURATION_OF_RULES: &str = r"^([-+]?(0|(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)|\+?[0-9]{1,6}d(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))*)$";
/// Text that is a quantity: what [`crate::units::Quantity::parse`] reads.
const QUANTITY: &str = r"^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?$";
/// Text that is a point in time: what [`crate::units::parse_timestamp`] reads.
const TIMESTAMP: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})$";
/// Octets in base64.
const BASE64: &str = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)?$";
/// The longest of these texts that is taken, in characters.
const LONGEST_UNIT: i64 = 64;
/// The longest name of an instance: many objects are named after it.
const LONGEST_NAME: i64 = 63;

/// The schema of an API.
#[derive(Clone, Debug)]
pub struct Api {
    /// The parameters.
    pub spec: OpenApi,
    /// The outputs; none is needed, since each comes when it is known.
    pub status: OpenApi,
    /// Rules on the whole object.
    pub rules: Vec<Rule>,
    /// What `kubectl get` shows of the outputs.
    pub columns: Vec<Column>,
}

/// A column that `kubectl get` shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The heading.
    pub name: String,
    /// `string`, `integer`, `number`, `boolean` or `date`.
    pub ty: &'static str,
    /// What it shows.
    pub description: Option<String>,
    /// Where it stands in the object.
    pub path: String,
    /// Only `kubectl get -o wide` shows it.
    pub wide: bool,
}

/// So many outputs have a column without `-o wide`.
const COLUMNS: usize = 3;

/// The schema of a composite's API, and what it cannot say.
#[must_use]
pub fn api(composite: &Composite, schemas: &Schemas) -> (Api, Vec<Diagnostic>) {
    let composite = &defaults::filled(composite);
    let mut builder = Builder::new(composite, schemas);
    let mut spec = builder.spec(&composite.params);
    let mut rules = vec![name_rule(composite.span)];
    for requirement in &composite.requirements {
        builder.requirement(requirement, composite, &mut spec, &mut rules);
    }
    if let Some(lease) = &composite.lease {
        builder.lease(lease, composite, &mut spec);
    }
    builder.spec_bounds(&composite.params, &spec);
    let status = builder.status(&composite.outputs);
    let columns = columns(&composite.outputs, &status);
    (Api { spec, status, rules, columns }, builder.diagnostics)
}

/// The schema of a composite's parameters alone, for a target that keeps requirements elsewhere, and may
/// have no place for what is an integer or text.
#[must_use]
pub fn parameters(composite: &Composite, schemas: &Schemas, int_or_string: bool) -> (OpenApi, Vec<Diagnostic>) {
    let mut builder = Builder::new(composite, schemas);
    builder.dialect.int_or_string = int_or_string;
    let spec = builder.spec(&composite.params);
    builder.spec_bounds(&composite.params, &spec);
    (spec, builder.diagnostics)
}

fn name_rule(span: Span) -> Rule {
    Rule {
        rule: format!("size({ROOT}.metadata.name) <= {LONGEST_NAME}"),
        message: Some(format!("metadata.name has at most {LONGEST_NAME} characters")),
        span,
        loops: Vec::new(),
    }
}

fn columns(outputs: &[Output], status: &OpenApi) -> Vec<Column> {
    let scalar = |output: &Output| {
        let level = status.fields.get(&output.name)?;
        let ty = level.ty.filter(|ty| matches!(*ty, "string" | "integer" | "number" | "boolean"))?;
        let path = format!(".status.{}", output.name);
        let name = output.name.split('-').map(capital).collect::<Vec<_>>().join(" ");
        let description = output.doc.as_deref().map(str::to_owned);
        Some(Column { name, ty, description, path, wide: false })
    };
    let mut found: Vec<Column> = outputs.iter().filter_map(scalar).collect();
    found.iter_mut().skip(COLUMNS).for_each(|column| column.wide = true);
    found
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Makes levels of types.
struct Builder<'a> {
    schemas: &'a Schemas,
    /// The CEL of rules.
    dialect: Dialect,
    /// The parameter or output.
    span: Span,
    /// The Kubernetes types that are being written out, to find those in themselves.
    way: Vec<DefId>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Builder<'a> {
    fn new(composite: &Composite, schemas: &'a Schemas) -> Self {
        let dialect = cel::dialect(schemas.versions());
        Self { schemas, dialect, span: composite.span, way: Vec::new(), diagnostics: Vec::new() }
    }

    fn spec(&mut self, params: &[Param]) -> OpenApi {
        let mut spec = OpenApi::of("object");
        for param in params {
            self.span = param.span;
            let level = self.level(&param.schema, &param.name);
            let default = param.default.as_ref();
            if !param.optional && default.is_none() {
                spec.required.push(param.name.clone());
            }
            let level = described(level, param.doc.as_deref(), default.and_then(|d| d.known()));
            spec.fields.insert(param.name.clone(), level);
        }
        // Without it, the defaults of parameters would need `spec: {}`.
        if spec.required.is_empty() {
            spec.default = Some(Value::map(crate::value::Map::default()));
        }
        spec
    }

    fn status(&mut self, outputs: &[Output]) -> OpenApi {
        let mut status = OpenApi::of("object");
        for output in outputs {
            self.span = output.span;
            let level = loosened(self.level(&output.schema, &output.name));
            status.fields.insert(output.name.clone(), described(level, output.doc.as_deref(), None));
        }
        status
    }

    /// What values a type has.
    fn level(&mut self, schema: &Schema, place: &str) -> OpenApi {
        match schema {
            Schema::Any => OpenApi::anything(),
            Schema::Null => self.null(place),
            Schema::Bool => OpenApi::of("boolean"),
            Schema::Int => OpenApi { format: Some("int64"), ..OpenApi::of("integer") },
            Schema::Uint => OpenApi { format: Some("int64"), minimum: Some(Value::Int(0)), ..OpenApi::of("integer") },
            Schema::Float => OpenApi { format: Some("double"), ..OpenApi::of("number") },
            Schema::String => OpenApi::of("string"),
            // Without the format `byte`, which takes no empty text.
            Schema::Bytes => OpenApi { patterns: vec![BASE64.to_owned()], ..OpenApi::of("string") },
            Schema::Duration => OpenApi { form: Some(Form::Duration), ..OpenApi::text(DURATION, LONGEST_UNIT) },
            Schema::Timestamp => OpenApi { format: Some("date-time"), ..OpenApi::text(TIMESTAMP, LONGEST_UNIT) },
            Schema::Quantity => OpenApi {
                ty: None,
                int_or_string: true,
                form: Some(Form::Quantity),
                ..OpenApi::text(QUANTITY, LONGEST_UNIT)
            },
            Schema::Literal(value) => self.literal(value, place),
            Schema::List(item) => {
                let items = self.level(item, &format!("{place}[]"));
                OpenApi { items: Some(Box::new(items)), ..OpenApi::of("array") }
            }
            Schema::Map(value) => {
                let values = self.level(value, &format!("{place}.*"));
                OpenApi { values: Some(Box::new(values)), ..OpenApi::of("object") }
            }
            Schema::Record(fields) => self.record(fields, place),
            Schema::Union(members) => self.union(members, place),
            Schema::Rule(rule) => self.ruled(rule, place),
            Schema::Secret(_) => secret(),
            Schema::Kubernetes(name) => self.kubernetes(name, place),
        }
    }

    fn null(&mut self, place: &str) -> OpenApi {
        self.diagnostics.push(
            Diagnostic::new(&E0710, self.span, format!("`{place}` can only be null, which an API's schema cannot say"))
                .help("leave the field out of the type"),
        );
        OpenApi::anything()
    }

    fn literal(&mut self, value: &Value, place: &str) -> OpenApi {
        let level = match value {
            Value::String(_) => OpenApi::of("string"),
            Value::Bool(_) => OpenApi::of("boolean"),
            Value::Int(_) => OpenApi { format: Some("int64"), ..OpenApi::of("integer") },
            Value::Float(_) => OpenApi { format: Some("double"), ..OpenApi::of("number") },
            _ => {
                let message = format!("the one value of `{place}` is none that an API's schema can name");
                self.diagnostics.push(
                    Diagnostic::new(&E0710, self.span, message).help("use its type with a rule: `where it == …`"),
                );
                return OpenApi::anything();
            }
        };
        OpenApi { one_of: vec![value.clone()], ..level }
    }

    fn record(&mut self, fields: &[SchemaField], place: &str) -> OpenApi {
        let mut level = OpenApi::of("object");
        for field in fields {
            let inner = self.level(&field.schema, &format!("{place}.{}", field.name));
            if !field.optional && field.default.is_none() {
                level.required.push(field.name.clone());
            }
            let default = field.default.as_ref().and_then(|d| d.known());
            level.fields.insert(field.name.clone(), described(inner, field.doc.as_deref(), default));
        }
        level
    }

    /// A `require` becomes a rule of the spec, or of the whole object where it
    /// reads the instance's name.
    fn requirement(
        &mut self,
        requirement: &Requirement,
        composite: &Composite,
        spec: &mut OpenApi,
        rules: &mut Vec<Rule>,
    ) {
        let written = match cel::of_params(&requirement.condition, composite, self.dialect) {
            Ok(written) => written,
            Err(lacks) => return self.unchecked(requirement.span, "requirement", &lacks),
        };
        let message = requirement.message.as_ref().map_or_else(|| "a requirement is not met".to_owned(), rule::said);
        let rule =
            Rule { rule: written.text.text, message: Some(message), span: requirement.span, loops: written.loops };
        if written.root {
            rules.push(Rule { rule: rule.rule.replace(SELF, &format!("{ROOT}.spec")), ..rule });
        } else {
            spec.rules.push(rule);
        }
    }
}

impl Builder<'_> {
    /// A lease is longer than its warnings are before its end, and than nothing.
    fn lease(&mut self, lease: &Lease, composite: &Composite, spec: &mut OpenApi) {
        if lease.duration.known().is_some() {
            return;
        }
        let warnings = lease.options.known().and_then(|options| options.get("warn")).and_then(Value::as_list);
        let before = warnings.unwrap_or_default().iter().filter_map(|warning| match warning {
            Value::Duration(before) => Some(*before),
            _ => None,
        });
        let longest = before.max().unwrap_or(crate::units::Duration::ZERO);
        let bound = cel::literal(&Value::Duration(longest));
        match cel::of_params(&lease.duration, composite, self.dialect) {
            Ok(written) if !written.root => spec.rules.push(Rule {
                rule: format!("{} > {bound}", written.text.at(Level::Relation)),
                message: Some(format!(
                    "the lease must be longer than {}, when its first warning is due before its end",
                    crate::units::format_duration(longest)
                )),
                span: lease.span,
                loops: written.loops,
            }),
            Ok(_) => self.unchecked(lease.span, "lease", "an instance's name here"),
            Err(lacks) => self.unchecked(lease.span, "lease", &lacks),
        }
    }
}

/// With its documentation and default.
fn described(level: OpenApi, doc: Option<&str>, default: Option<&Value>) -> OpenApi {
    let description = match (doc, level.description) {
        (Some(doc), Some(said)) => Some(format!("{} {said}", doc.trim_end())),
        (Some(doc), None) => Some(doc.trim_end().to_owned()),
        (None, said) => said,
    };
    OpenApi { description, default: default.cloned().or(level.default), ..level }
}

/// The types alone: the controller writes it, and what it writes is not to be refused.
fn loosened(level: OpenApi) -> OpenApi {
    OpenApi {
        required: Vec::new(),
        rules: Vec::new(),
        default: None,
        one_of: Vec::new(),
        patterns: Vec::new(),
        minimum: None,
        maximum: None,
        above: false,
        below: false,
        min_size: None,
        max_size: None,
        items: level.items.map(|items| Box::new(loosened(*items))),
        values: level.values.map(|values| Box::new(loosened(*values))),
        fields: level.fields.into_iter().map(|(name, field)| (name, loosened(field))).collect(),
        ..level
    }
}

/// A reference to a key of a Secret.
fn secret() -> OpenApi {
    let part = |name: &str, description: &str| {
        let level = OpenApi { description: Some(description.to_owned()), ..OpenApi::of("string") };
        (SmolStr::new(name), level)
    };
    let fields = [part("secret", "The name of the Secret."), part("key", "The key in it.")];
    OpenApi::object(fields, vec!["secret".into(), "key".into()])
}
