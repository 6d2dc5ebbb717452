//! The instances of a project as a cluster has them: what an engine is given,
//! and what it must make of it.

use serde_json::{Value as Json, json};
use tessera_compiler::eval::{Evaluator, NoHost};
use tessera_compiler::value::to_json;

use crate::compile::Compiled;

/// An instance.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The composite's kind.
    pub kind: String,
    /// The instance's name.
    pub name: String,
    /// The object that stands for it in a cluster, defaults filled in.
    pub object: Json,
    /// The objects that `tessera build` makes of it.
    pub objects: Vec<Json>,
}

/// The instances of a project that compiled without errors.
#[must_use]
pub fn instances(compiled: &Compiled) -> Vec<Instance> {
    let compilation = &compiled.compilation;
    let mut found = Vec::new();
    for built in &compilation.built {
        let Some(instance) = built.instance.and_then(|index| compilation.instances.get(index)) else { continue };
        let mut evaluator = Evaluator::new(&compilation.program, &NoHost);
        let spec = evaluator.eval_with(&instance.params, &[]).map_or(Json::Null, |value| to_json(&value));
        let mut metadata = json!({ "name": built.name.as_str() });
        if let (Some(namespace), Some(fields)) = (&built.namespace, metadata.as_object_mut()) {
            fields.insert("namespace".to_owned(), json!(namespace.as_str()));
        }
        found.push(Instance {
            kind: built.kind.to_string(),
            name: built.name.to_string(),
            object: json!({
                "apiVersion": instance.composite.ir.api(), "kind": built.kind.as_str(), "metadata": metadata, "spec": spec,
            }),
            objects: built.result.objects.iter().map(|object| to_json(&object.value)).collect(),
        });
    }
    found
}
