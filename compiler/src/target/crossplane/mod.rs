//! Crossplane: for each composite its definition (XRD) and a composition of at most
//! two steps. What fits patch-and-transform goes there ([`plan`] decides, [`patches`] writes
//! expressions); the rest goes to our function, whose input is the composite's representation.
//!
//! What Crossplane cannot do is refused here, at its place; what only Tessera's
//! own controller does, and an instance is right without, is warned of.

mod definition;
mod limits;
mod patches;
mod plan;
mod readiness;

use smol_str::SmolStr;

pub use limits::{CLAIMS, LIMITS};

use super::schema::openapi::entries;
use super::{File, Lowered, Lowering, packed, schema};
use crate::diagnostic::{Diagnostic, E0720, E0721};
use crate::ir::{Composite, Document, Scope, VERSION};
use crate::value::{Map, Value};
use patches::Misfit;
use plan::Plan;

/// The function that the composition's step names.
pub const FUNCTION: &str = "function-tessera";
/// The API and kind of the step's input.
pub const INPUT: (&str, &str) = ("functions.tessera.dev/v1alpha1", "Composite");
/// The field of the input that names the resources which another step makes.
pub const ELSEWHERE: &str = "elsewhere";
/// The function for what fits patches, and the API and kind of its input.
const PATCHING: (&str, &str, &str) = ("function-patch-and-transform", "pt.fn.crossplane.io/v1beta1", "Resources");

/// When our function is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Function {
    /// Never: what does not fit patch-and-transform is refused.
    Never,
    /// For what does not fit.
    #[default]
    Auto,
    /// For everything.
    Always,
}

/// Which Crossplane it is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Release {
    /// Claims, and compositions of `resources`.
    V1,
    /// Composites that live in namespaces, and pipelines.
    #[default]
    V2,
}

/// What the user chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// When our function is used; with [`Release::V1`] it never is.
    pub function: Function,
    /// Which Crossplane it is for.
    pub release: Release,
}

/// Definitions and compositions, by the options that nobody gave.
#[must_use]
pub fn lower(lowering: Lowering<'_>) -> Lowered {
    lower_with(lowering, Options::default())
}

/// Definitions and compositions.
#[must_use]
pub fn lower_with(lowering: Lowering<'_>, options: Options) -> Lowered {
    let mut lowered = Lowered::default();
    let mut earlier: Vec<&Composite> = Vec::new();
    for source in lowering.composites {
        let composite = source.reduced;
        lowered.diagnostics.extend(limits::check(composite, &source.checked.ir, options.release));
        if let Some(other) =
            earlier.iter().find(|other| other.plural == composite.plural && other.group == composite.group)
        {
            lowered.diagnostics.push(two_versions(composite, other));
            continue;
        }
        earlier.push(composite);
        let (api, diagnostics) = schema::api(composite, lowering.schemas);
        let plan = match options.function {
            Function::Always if options.release == Release::V2 => Plan { always: true, ..Plan::default() },
            _ => plan::plan(composite, &api, &diagnostics, options.release),
        };
        let refuses = options.function == Function::Never || options.release == Release::V1;
        if refuses {
            lowered.diagnostics.extend(misfits(composite, &plan.misfits, options.release));
        }
        let definition = definition::definition(composite, api, options.release);
        lowered.diagnostics.extend(diagnostics);
        match composition(composite, &lowering, &plan, options.release) {
            Ok(composition) => {
                let folder = name(composite);
                lowered.files.push(File::yaml(format!("{folder}/definition.yaml"), &[definition]));
                lowered.files.push(File::yaml(format!("{folder}/composition.yaml"), &[composition]));
            }
            Err(diagnostic) => lowered.diagnostics.push(*diagnostic),
        }
    }
    lowered
}

/// `plural.group`, the name of the definition and of the composition.
fn name(composite: &Composite) -> String {
    format!("{}.{}", composite.plural, composite.group)
}

/// The kind and plural of what patches read: behind a claim stands a composite of its own kind.
fn names(composite: &Composite, release: Release) -> (SmolStr, SmolStr) {
    match (release, composite.scope) {
        (Release::V1, Scope::Namespaced) => {
            (format!("X{}", composite.kind).into(), format!("x{}", composite.plural).into())
        }
        _ => (composite.kind.clone(), composite.plural.clone()),
    }
}

fn two_versions(composite: &Composite, other: &Composite) -> Diagnostic {
    let message =
        format!("Crossplane knows one version of {}, but there are two composites of that name", composite.kind);
    Diagnostic::new(&E0720, composite.span, message)
        .also(other.span, format!("the one of {}", other.api_version))
        .help("build them one at a time: give the paths of one of them")
}

/// What does not fit, at the user's lines; once for each.
fn misfits(composite: &Composite, misfits: &[Misfit], release: Release) -> Vec<Diagnostic> {
    let taker = match release {
        Release::V1 => "an older Composition",
        Release::V2 => "patch-and-transform",
    };
    let mut found: Vec<Diagnostic> = Vec::new();
    for misfit in misfits {
        let span = if misfit.span.file == composite.span.file { misfit.span } else { composite.span };
        let message = format!("{taker} cannot express {}", misfit.what);
        let way = match release {
            // Which has no functions at all.
            Release::V1 => misfit.way.replace("build with `--function auto`", "build for Crossplane 2"),
            Release::V2 => misfit.way.to_owned(),
        };
        let diagnostic = Diagnostic::new(&E0721, span, message).help(way);
        if !found.contains(&diagnostic) {
            found.push(diagnostic);
        }
    }
    found
}

fn composition(
    composite: &Composite,
    lowering: &Lowering<'_>,
    plan: &Plan,
    release: Release,
) -> Result<Value, Box<Diagnostic>> {
    let (kind, _) = names(composite, release);
    let of = entries([("apiVersion", Value::str(&composite.api())), ("kind", Value::String(kind))]);
    let spec = if release == Release::V1 {
        let templates = plan.templates.iter().map(|(_, template)| template.clone()).collect();
        entries([("compositeTypeRef", of), ("mode", Value::str("Resources")), ("resources", Value::list(templates))])
    } else {
        let mut pipeline = Vec::new();
        if !plan.templates.is_empty() || !plan.environment.is_empty() {
            pipeline.push(step("patch-and-transform", PATCHING.0, patching(plan)));
        }
        if plan.always || !plan.misfits.is_empty() {
            pipeline.push(step("tessera", FUNCTION, input(composite, lowering, plan)?));
        }
        entries([("compositeTypeRef", of), ("mode", Value::str("Pipeline")), ("pipeline", Value::list(pipeline))])
    };
    Ok(entries([
        ("apiVersion", Value::str("apiextensions.crossplane.io/v1")),
        ("kind", Value::str("Composition")),
        ("metadata", entries([("name", Value::str(&name(composite)))])),
        ("spec", spec),
    ]))
}

fn step(step: &str, function: &str, input: Value) -> Value {
    let function = entries([("name", Value::str(function))]);
    entries([("step", Value::str(step)), ("functionRef", function), ("input", input)])
}

/// The input of patch-and-transform.
fn patching(plan: &Plan) -> Value {
    let mut input = Map::default();
    input.insert("apiVersion", Value::str(PATCHING.1));
    input.insert("kind", Value::str(PATCHING.2));
    if !plan.environment.is_empty() {
        input.insert("environment", entries([("patches", Value::list(plan.environment.clone()))]));
    }
    input.insert("resources", Value::list(plan.templates.iter().map(|(_, template)| template.clone()).collect()));
    Value::map(input)
}

/// The input of our function.
fn input(composite: &Composite, lowering: &Lowering<'_>, plan: &Plan) -> Result<Value, Box<Diagnostic>> {
    let document =
        Document { ir_version: VERSION, files: lowering.files.to_vec(), composites: vec![composite.clone()] };
    let ir = packed::pack(&document).map_err(|why| {
        Box::new(Diagnostic::new(&E0720, composite.span, format!("its representation cannot be written: {why}")))
    })?;
    let mut input = Map::default();
    input.insert("apiVersion", Value::str(INPUT.0));
    input.insert("kind", Value::str(INPUT.1));
    if !plan.templates.is_empty() {
        let names = plan.templates.iter().map(|(name, _)| Value::String(name.clone())).collect();
        input.insert(ELSEWHERE, Value::list(names));
    }
    input.insert("ir", Value::str(&ir));
    Ok(Value::map(input))
}
