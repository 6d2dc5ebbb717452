//! Rules on parameters as CEL of the API server: an expression over the value
//! itself, or over the parameters of an instance.
//!
//! Rules pass for the oldest version of Kubernetes that the project names, whose server
//! checks them against the library of the version before it.

use std::cell::Cell;

use smol_str::SmolStr;

use super::openapi::{ROOT, SELF};
use crate::expr::{Expr, ExprKind, Local};
use crate::ir::{Composite, Schema};
use crate::library::words::field_name;
use crate::project::VersionRange;
use crate::target::cel::{self, Dialect, Form, Level, Names, Place, Writer};
use crate::value::Value;

/// A rule, written.
#[derive(Clone, Debug)]
pub struct Written {
    /// The text, with [`SELF`] for what it is a rule on.
    pub text: cel::Written,
    /// The places, from [`SELF`] on, that macros in it go over.
    pub loops: Vec<Vec<SmolStr>>,
    /// It reads the instance's own name, so that it must stand at the root.
    pub root: bool,
}

/// Why an expression cannot be written: what the API server lacks.
pub type Lacks = String;

/// The CEL in which rules for these versions are written.
#[must_use]
pub fn dialect(versions: VersionRange) -> Dialect {
    Dialect::api_server(u8::try_from(versions.oldest.saturating_sub(1)).unwrap_or(u8::MAX))
}

/// The rule of a type, over the value.
///
/// # Errors
/// What the API server has no form for.
pub fn of_type(rule: &Expr, base: &Schema, dialect: Dialect) -> Result<Written, Lacks> {
    let names = Params { composite: None, root: Cell::new(false) };
    let mut writer = Writer::new(dialect, &names, taken());
    let it = Local { slot: 0, name: "it".into() };
    writer.bind(&it, Place { text: SELF.to_owned(), optional: false, schema: Some(base) });
    let text = writer.native(rule).map_err(|refused| refused.what)?;
    Ok(Written { text, loops: loops(rule, None), root: false })
}

/// A condition over the parameters of a composite.
///
/// # Errors
/// What the API server has no form for.
pub fn of_params(condition: &Expr, composite: &Composite, dialect: Dialect) -> Result<Written, Lacks> {
    let names = Params { composite: Some(composite), root: Cell::new(false) };
    let text = Writer::new(dialect, &names, taken()).native(condition).map_err(|refused| refused.what)?;
    Ok(Written { text, loops: loops(condition, Some(composite)), root: names.root.get() })
}

/// A known value.
#[must_use]
pub fn literal(value: &Value) -> String {
    cel::literal(&Dialect::api_server(0), value, Form::Native).at(Level::Sum)
}

/// What no variable of a macro may be called.
fn taken() -> Vec<String> {
    ["self", "oldSelf"].map(str::to_owned).to_vec()
}

struct Params<'e> {
    composite: Option<&'e Composite>,
    root: Cell<bool>,
}

impl<'e> Names<'e> for Params<'e> {
    fn param(&self, name: &str) -> Option<Place<'e>> {
        let param = self.composite?.params.iter().find(|param| param.name == name)?;
        let text = format!("{SELF}.{}", field_name(name)?);
        Some(Place { text, optional: param.optional && param.default.is_none(), schema: Some(&param.schema) })
    }

    fn instance(&self, field: &str) -> Option<Place<'e>> {
        self.root.set(true);
        // Of the metadata, rules see the name alone.
        (field == "name").then(|| Place { text: format!("{ROOT}.metadata.name"), optional: false, schema: None })
    }

    fn resource(&self, _: &str) -> Option<Place<'e>> {
        None
    }

    fn binding(&self, name: &str) -> Option<&'e Expr> {
        self.composite?.bindings.iter().find(|binding| binding.name == name).map(|binding| &binding.value)
    }
}

/// The places that macros in an expression go over, those behind names too.
fn loops(expr: &Expr, composite: Option<&Composite>) -> Vec<Vec<SmolStr>> {
    let mut seen: Vec<SmolStr> = Vec::new();
    let mut found = Vec::new();
    gather(expr, composite, &mut seen, &mut found);
    found
}

fn gather(expr: &Expr, composite: Option<&Composite>, seen: &mut Vec<SmolStr>, found: &mut Vec<Vec<SmolStr>>) {
    let mut names = Vec::new();
    expr.walk(&mut |e| match &e.kind {
        ExprKind::Comprehension(c) => found.extend(path(&c.range)),
        ExprKind::Binding(name) if !seen.contains(name) => names.push(name.clone()),
        _ => {}
    });
    for name in names {
        let binding = composite.and_then(|c| c.bindings.iter().find(|binding| binding.name == name));
        seen.push(name);
        if let Some(binding) = binding {
            gather(&binding.value, composite, seen, found);
        }
    }
}

/// The fields that lead to a place.
fn path(expr: &Expr) -> Option<Vec<SmolStr>> {
    match &expr.kind {
        ExprKind::Local(local) if local.slot == 0 => Some(Vec::new()),
        ExprKind::Param(name) => Some(vec![name.clone()]),
        ExprKind::Field { base, name, .. } => {
            let mut way = path(base)?;
            way.push(name.clone());
            Some(way)
        }
        _ => None,
    }
}
