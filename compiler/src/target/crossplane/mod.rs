//! Crossplane: for each composite its definition (XRD, v2) and a composition
//! whose one step is our function, with the composite's representation as input.
//!
//! What Crossplane cannot do is refused here, at its place; what only Tessera's
//! own controller does, and an instance is right without, is warned of.

mod definition;
mod limits;

pub use limits::LIMITS;

use super::schema::openapi::entries;
use super::{File, Lowered, Lowering, packed};
use crate::diagnostic::{Diagnostic, E0720};
use crate::ir::{Composite, Document, VERSION};
use crate::value::Value;

/// The function that the composition's step names.
pub const FUNCTION: &str = "function-tessera";
/// The API and kind of the step's input.
pub const INPUT: (&str, &str) = ("functions.tessera.dev/v1alpha1", "Composite");

/// Definitions and compositions.
#[must_use]
pub fn lower(lowering: Lowering<'_>) -> Lowered {
    let mut lowered = Lowered::default();
    let mut earlier: Vec<&Composite> = Vec::new();
    for source in lowering.composites {
        let composite = source.reduced;
        lowered.diagnostics.extend(limits::check(composite, &source.checked.ir));
        if let Some(other) =
            earlier.iter().find(|other| other.plural == composite.plural && other.group == composite.group)
        {
            lowered.diagnostics.push(two_versions(composite, other));
            continue;
        }
        earlier.push(composite);
        let (definition, diagnostics) = definition::definition(composite, lowering.schemas);
        lowered.diagnostics.extend(diagnostics);
        match composition(composite, &lowering) {
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

fn two_versions(composite: &Composite, other: &Composite) -> Diagnostic {
    let message =
        format!("Crossplane knows one version of {}, but there are two composites of that name", composite.kind);
    Diagnostic::new(&E0720, composite.span, message)
        .also(other.span, format!("the one of {}", other.api_version))
        .help("build them one at a time: give the paths of one of them")
}

fn composition(composite: &Composite, lowering: &Lowering<'_>) -> Result<Value, Box<Diagnostic>> {
    let document =
        Document { ir_version: VERSION, files: lowering.files.to_vec(), composites: vec![composite.clone()] };
    let ir = packed::pack(&document).map_err(|why| {
        Box::new(Diagnostic::new(&E0720, composite.span, format!("its representation cannot be written: {why}")))
    })?;
    let input = entries([("apiVersion", Value::str(INPUT.0)), ("kind", Value::str(INPUT.1)), ("ir", Value::str(&ir))]);
    let step = entries([
        ("step", Value::str("tessera")),
        ("functionRef", entries([("name", Value::str(FUNCTION))])),
        ("input", input),
    ]);
    Ok(entries([
        ("apiVersion", Value::str("apiextensions.crossplane.io/v1")),
        ("kind", Value::str("Composition")),
        ("metadata", entries([("name", Value::str(&name(composite)))])),
        (
            "spec",
            entries([
                (
                    "compositeTypeRef",
                    entries([
                        ("apiVersion", Value::str(&composite.api())),
                        ("kind", Value::String(composite.kind.clone())),
                    ]),
                ),
                ("mode", Value::str("Pipeline")),
                ("pipeline", Value::list(vec![step])),
            ]),
        ),
    ]))
}
