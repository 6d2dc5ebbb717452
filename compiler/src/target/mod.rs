//! What a compilation is turned into, one leaf module per target. A target
//! sees values and the representation of composites, never syntax.
//!
//! `manifests` writes the objects of instances. The others lower composites: each is
//! a function from [`Lowering`] to [`Lowered`], says at the user's line what it cannot
//! express, and never drops or approximates anything in silence.

pub mod cel;
pub mod controller;
pub mod crossplane;
pub mod helm;
pub mod kro;
pub mod limits;
pub mod manifests;
pub mod packed;
pub mod schema;
mod template;

use smol_str::SmolStr;

use crate::check::CompositeType;
use crate::compile::Compilation;
use crate::diagnostic::{Diagnostic, E0713};
use crate::expr::{Expr, Program};
use crate::ir;
use crate::project::{Package, VersionRange};
use crate::schema::Schemas;
use crate::value::Value;
use crate::yaml;

/// What a target lowers.
#[derive(Clone, Copy)]
pub struct Lowering<'a> {
    /// The composites, in source order; none has an error.
    pub composites: &'a [Source<'a>],
    /// The schemas for the versions of Kubernetes that the project names.
    pub schemas: &'a Schemas,
    /// The functions and constants that what is not reduced calls.
    pub program: &'a Program,
    /// The name and version of the project.
    pub package: &'a Package,
    /// The versions of Kubernetes that it is for.
    pub kubernetes: VersionRange,
    /// The paths of the sources, by the ids in spans.
    pub files: &'a [SmolStr],
}

/// A composite as targets see it.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The reduced representation.
    pub reduced: &'a ir::Composite,
    /// What the checker made of it: types, and the representation as written.
    pub checked: &'a CompositeType,
}

/// What a target makes of composites.
#[derive(Clone, Debug, Default)]
pub struct Lowered {
    /// The files, in the order in which they are printed. Of no use where there are errors.
    pub files: Vec<File>,
    /// What the target cannot express, and what is worth a warning.
    pub diagnostics: Vec<Diagnostic>,
}

/// A file that a target writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path below the output folder, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl File {
    /// A file of YAML documents.
    #[must_use]
    pub fn yaml(path: impl Into<String>, documents: &[Value]) -> Self {
        let mut text = String::new();
        yaml::emit_documents(documents, &mut text);
        Self { path: path.into(), text }
    }
}

/// Lowers the composites with a kind that stand in the sources that were asked for.
#[must_use]
pub fn lower(compilation: &Compilation, target: impl Fn(Lowering<'_>) -> Lowered) -> Lowered {
    lower_some(compilation, |checked| compilation.modules.roots.contains(&checked.module), target)
}

/// Lowers those composites with a kind that a predicate picks.
#[must_use]
pub fn lower_some(
    compilation: &Compilation,
    pick: impl Fn(&CompositeType) -> bool,
    target: impl Fn(Lowering<'_>) -> Lowered,
) -> Lowered {
    let pairs = compilation.composites.iter().zip(&compilation.reduced);
    let asked = |checked: &CompositeType| !checked.ir.kind.is_empty() && pick(checked);
    let composites: Vec<Source<'_>> = pairs
        .filter(|(checked, _)| asked(checked))
        .filter_map(|(checked, reduced)| Some(Source { reduced: reduced.as_ref()?, checked }))
        .collect();
    let files = compilation.document(|_| false).files;
    target(Lowering {
        composites: &composites,
        schemas: &compilation.schemas,
        program: &compilation.program,
        package: &compilation.package,
        kubernetes: compilation.kubernetes,
        files: &files,
    })
}

/// The largest integer up to which doubles tell all apart.
const EXACT: i64 = (1 << 53) - 1;

/// The parameters whose type or default holds an integer that a double cannot carry. Who reads
/// numbers as doubles would make another one of it, or refuse what the composite itself gives.
fn beyond_doubles(composite: &ir::Composite) -> impl Iterator<Item = &ir::Param> {
    let default = |default: &Option<Expr>| default.as_ref().and_then(Expr::known).is_some_and(holds_beyond);
    composite.params.iter().filter(move |param| default(&param.default) || schema_beyond(&param.schema))
}

fn schema_beyond(schema: &ir::Schema) -> bool {
    match schema {
        ir::Schema::Literal(value) => holds_beyond(value),
        ir::Schema::List(part) | ir::Schema::Map(part) => schema_beyond(part),
        ir::Schema::Union(members) => members.iter().any(schema_beyond),
        ir::Schema::Rule(rule) => schema_beyond(&rule.base),
        ir::Schema::Record(fields) => fields.iter().any(|field| {
            schema_beyond(&field.schema) || field.default.as_ref().and_then(Expr::known).is_some_and(holds_beyond)
        }),
        _ => false,
    }
}

fn holds_beyond(value: &Value) -> bool {
    match value {
        Value::Int(n) => n.unsigned_abs() > EXACT.unsigned_abs(),
        Value::Uint(n) => *n > EXACT.unsigned_abs(),
        Value::List(items) => items.iter().any(holds_beyond),
        Value::Map(entries) => entries.iter().any(|(_, value)| holds_beyond(value)),
        _ => false,
    }
}

/// The names under which a target has written composites: of two of one name, the
/// later would be written over the earlier.
#[derive(Default)]
struct Names<'a>(Vec<(String, &'a ir::Composite)>);

impl<'a> Names<'a> {
    /// Takes a name for a composite, or says who has it. `what` is what is called so.
    fn take(&mut self, name: String, composite: &'a ir::Composite, what: &str) -> Option<Diagnostic> {
        let Some((_, other)) = self.0.iter().find(|(taken, _)| *taken == name) else {
            self.0.push((name, composite));
            return None;
        };
        let message = format!("{what} of {} would be called `{name}`, as that of another composite is", composite.kind);
        Some(
            Diagnostic::new(&E0713, composite.span, message)
                .also(other.span, format!("the one of {} {}", other.api(), other.kind))
                .help("name the files of one of them in the call, or give one another kind"),
        )
    }
}
