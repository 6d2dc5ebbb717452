//! Random instances of composites: what every engine, the function and the API
//! server are asked about. All of it depends on a seed alone.
//!
//! Values are made from the types of the parameters: by construction where a rule
//! tells what it wants (bounds, lengths, patterns, words), otherwise by trying. What
//! is called valid is what `tessera check` accepts, requirements and objects included.

mod beyond;
mod change;
mod choices;
mod hints;
mod judge;
mod pattern;
mod texts;
mod value;

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use tessera_compiler::ir::{Composite, Scope};
use tessera_compiler::value::Value;

pub use change::change;
pub use choices::choices;
pub use judge::{Verdict, judge, of_project};

use crate::corpus::{File, Random};

/// An instance and what it comes to.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The composite's kind.
    pub kind: String,
    /// The instance's name.
    pub name: String,
    /// The object that stands for it in a cluster. A random instance leaves out
    /// what may be left out; in one of a project, defaults are filled in.
    pub object: Json,
    /// The parameters, defaults filled in.
    pub params: Value,
    /// The objects that `tessera build` makes of it.
    pub objects: Vec<Json>,
}

/// Random instances of one composite.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Those that are valid, as many as were asked for.
    pub valid: Vec<Instance>,
    /// Those that are not, with the first complaint.
    pub refused: Vec<(Json, String)>,
    /// What the valid ones chose: see [`choices`].
    pub chosen: BTreeSet<String>,
}

impl Sample {
    /// How many were made.
    #[must_use]
    pub const fn tries(&self) -> usize {
        self.valid.len() + self.refused.len()
    }
}

/// So many times the wanted number of instances are made at most.
const MOST_TRIES: usize = 30;

/// How many instances of each composite a test takes: `TESSERA_INSTANCES`, which
/// `./test` sets to 200; a plain `cargo test` takes fewer.
#[must_use]
pub fn count() -> usize {
    std::env::var("TESSERA_INSTANCES").ok().and_then(|text| text.parse().ok()).unwrap_or(40)
}

/// Valid instances of a composite of the project, and the invalid ones that were
/// made on the way.
///
/// # Panics
/// When too few of what is made is valid.
#[must_use]
pub fn sample(files: &[File], composite: &Composite, wanted: usize, seed: u64) -> Sample {
    let mut random = Random::new(seed);
    let mut sample = Sample::default();
    while sample.valid.len() < wanted {
        assert!(
            sample.tries() < wanted * MOST_TRIES,
            "only {} of {} random instances of {} are valid, the others: {:#?}",
            sample.valid.len(),
            sample.tries(),
            composite.kind,
            sample.refused.iter().map(|(_, said)| said).collect::<BTreeSet<_>>()
        );
        let batch: Vec<(Json, Vec<String>)> = (0..wanted.max(20))
            .map(|n| {
                let (spec, chosen) = value::spec(composite, &mut random);
                (object(composite, &format!("case-{}", sample.tries() + n), spec), chosen)
            })
            .collect();
        let objects: Vec<Json> = batch.iter().map(|(object, _)| object.clone()).collect();
        for ((object, chosen), verdict) in batch.into_iter().zip(judge(files, &objects)) {
            match verdict.instance(&object) {
                Ok(instance) if sample.valid.len() < wanted => {
                    sample.valid.push(instance);
                    sample.chosen.extend(chosen);
                }
                Ok(_) => break,
                Err(said) => sample.refused.push((object, said)),
            }
        }
    }
    sample
}

/// The object of an instance.
fn object(composite: &Composite, name: &str, spec: Json) -> Json {
    let metadata = match composite.scope {
        Scope::Namespaced => json!({ "name": name, "namespace": "default" }),
        Scope::Cluster => json!({ "name": name }),
    };
    json!({ "apiVersion": composite.api(), "kind": composite.kind.as_str(), "metadata": metadata, "spec": spec })
}
