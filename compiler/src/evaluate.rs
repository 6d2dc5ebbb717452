//! One expression, evaluated alone, over variables, or among the names of an
//! instance: what `tessera eval` answers.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::check::{self, CheckedExpression, Typing};
use crate::compile::{Compilation, Settings, input};
use crate::diagnostic::{Diagnostic, E0604};
use crate::eval::{Evaluator, Fault, NoHost};
use crate::instantiate;
use crate::resolve::{self, ModuleId};
use crate::schema::Schemas;
use crate::source::{FileId, Span};
use crate::syntax::{self, ast};
use crate::types::{self, Field, Record, Type};
use crate::value::{Map, Value};

/// The answer to an expression.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The value.
    pub value: Value,
    /// Its type, as the language writes it.
    pub ty: String,
}

/// Evaluates an expression that was added to the compilation's sources as
/// `file`, among the names of the first module, or of an instance.
///
/// # Errors
/// What is wrong with the expression, at least one error.
pub fn evaluate(
    compilation: &Compilation,
    settings: &Settings,
    file: FileId,
    text: &str,
    instance: Option<&str>,
) -> Result<Answer, Vec<Diagnostic>> {
    let (expr, diagnostics) = syntax::parse_expression(file, text);
    stop_at_errors(diagnostics)?;
    let Compilation { modules, schemas, .. } = compilation;
    let Some(instance) = instance else {
        let module = modules.roots.first().copied().unwrap_or(ModuleId(0));
        return alone(modules, schemas, module, &expr, &Map::default());
    };
    let Some(typed) = compilation.instances.iter().find(|i| i.name.name == instance) else {
        let known = compilation.instances.iter().map(|i| i.name.name.as_str());
        let span = Span::new(file, 0, 0);
        let diagnostic = Diagnostic::new(&crate::diagnostic::E0201, span, format!("there is no instance `{instance}`"))
            .help(format!("the instances are {}", crate::suggest::listing(known)));
        return Err(vec![diagnostic]);
    };
    let checked = check::check_in_composite(modules, schemas, &typed.composite, &expr);
    finish(schemas, checked, expr.span, |program, expr| {
        let input =
            input(&typed.composite, Some(typed), &compilation.program, settings).map_err(|mut d| match d.pop() {
                Some(d) => Fault::new(d.code, d.message).at(d.primary.span),
                None => Fault::error("the instance has no value"),
            })?;
        instantiate::evaluate_in(&input, program, expr)
    })
}

/// Evaluates an expression alone, over variables: one line of `eval --batch`.
/// A variable may have dots in its name, as CEL's may. What an expression means
/// is what CEL says: one whose types do not fit has a value all the same where
/// CEL without checking gives it one (`1 == "a"`, `true || 1`).
///
/// # Errors
/// What is wrong with the expression, at least one error.
pub fn evaluate_alone(schemas: &Schemas, text: &str, vars: &Map) -> Result<Answer, Vec<Diagnostic>> {
    let file = FileId(0);
    let (expr, diagnostics) = syntax::parse_expression(file, text);
    stop_at_errors(diagnostics)?;
    alone(&resolve::Modules::default(), schemas, ModuleId(0), &expr, vars)
}

/// Evaluates an expression with its types checked, and where that cannot be,
/// without; where neither gives a value, the complaint is the checker's.
fn alone(
    modules: &resolve::Modules,
    schemas: &Schemas,
    module: ModuleId,
    expr: &ast::Expr,
    vars: &Map,
) -> Result<Answer, Vec<Diagnostic>> {
    let typed: Vec<(SmolStr, Type)> = vars.iter().map(|(k, v)| (k.to_string().into(), type_of(schemas, v))).collect();
    let values: Vec<Value> = vars.iter().map(|(_, v)| v.clone()).collect();
    let run = |checked: CheckedExpression| {
        finish(schemas, checked, expr.span, |program, expr| Evaluator::new(program, &NoHost).eval_with(expr, &values))
    };
    let check = |typing| check::check_expression(modules, schemas, module, expr, &typed, typing);
    let checked = check(Typing::Static);
    let fits = !checked.diagnostics.iter().any(Diagnostic::is_error) && !matches!(checked.typed.ty, Type::Unknown);
    if fits {
        return run(checked);
    }
    run(check(Typing::Dynamic)).map_err(|faults| stop_at_errors(checked.diagnostics).err().unwrap_or(faults))
}

fn finish(
    schemas: &Schemas,
    checked: CheckedExpression,
    span: Span,
    run: impl FnOnce(&crate::expr::Program, &crate::expr::Expr) -> Result<Value, Fault>,
) -> Result<Answer, Vec<Diagnostic>> {
    stop_at_errors(checked.diagnostics)?;
    let ty = match checked.typed.ty.peel() {
        Type::Dyn | Type::Unknown => None,
        _ => Some(settled(&checked.typed.ty).display(schemas).to_string()),
    };
    match run(&checked.program, &checked.typed.expr) {
        Ok(value) => {
            let ty = ty.unwrap_or_else(|| type_of(schemas, &value).display(schemas).to_string());
            Ok(Answer { value, ty })
        }
        Err(fault) => Err(vec![fault.diagnostic(span).unwrap_or_else(|| {
            Diagnostic::new(&E0604, fault.span.unwrap_or(span), "this value is known only in a cluster")
                .label(fault.message.clone())
                .help("give what the cluster has with `--observed FILE`")
        })]),
    }
}

/// The type for people: of literals what they are values of, of what no element
/// settles (`[]`) anything.
fn settled(ty: &Type) -> Type {
    match ty.widen() {
        Type::Unknown => Type::Dyn,
        Type::List(item) => Type::list(settled(&item)),
        Type::Map(entry) => Type::Map(Arc::new((settled(&entry.0), settled(&entry.1)))),
        Type::Optional(inner) => settled(&inner).optional(),
        Type::Record(record) => {
            let field =
                |(name, field): (&SmolStr, &Field)| (name.clone(), Field { ty: settled(&field.ty), ..field.clone() });
            Type::Record(Arc::new(Record { fields: record.fields.iter().map(field).collect() }))
        }
        other => other,
    }
}

fn stop_at_errors(diagnostics: Vec<Diagnostic>) -> Result<(), Vec<Diagnostic>> {
    let errors: Vec<Diagnostic> = diagnostics.into_iter().filter(Diagnostic::is_error).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// The type of a value; of mixed collections, of anything.
#[must_use]
pub fn type_of(schemas: &Schemas, value: &Value) -> Type {
    match value {
        Value::List(items) => Type::list(common(schemas, items.iter())),
        Value::Map(map) => {
            let keys: Vec<Value> = map.iter().map(|(k, _)| k.clone().into()).collect();
            let key = if keys.is_empty() { Type::String } else { common(schemas, keys.iter()) };
            Type::Map(Arc::new((key, common(schemas, map.iter().map(|(_, v)| v)))))
        }
        other => Type::of(other),
    }
}

fn common<'v>(schemas: &Schemas, values: impl Iterator<Item = &'v Value>) -> Type {
    let mut types = values.map(|v| type_of(schemas, v));
    let Some(first) = types.next() else { return Type::Dyn };
    types.try_fold(first, |a, b| types::join(schemas, &a, &b)).unwrap_or(Type::Dyn)
}
