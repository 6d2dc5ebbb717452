//! What the compiler says of instances: those that a project has, and those
//! that stand beside it as files.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::eval::{Evaluator, NoHost};
use tessera_compiler::source::Span;
use tessera_compiler::value::{Value, from_json, to_json};
use tessera_compiler::yaml;

use super::Instance;
use crate::compile::{self, Compiled};
use crate::corpus::File;

/// What `tessera check` says of an instance.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// The errors: code and message.
    pub complaints: Vec<(&'static str, String)>,
    /// Its parameters, defaults filled in, where they could be read.
    pub params: Option<Value>,
    /// The objects that it comes to.
    pub objects: Vec<Json>,
}

impl Verdict {
    /// The instance, or the first complaint.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn instance(self, object: &Json) -> Result<Instance, String> {
        if let Some((code, message)) = self.complaints.first() {
            return Err(format!("{code}: {message}"));
        }
        let text = |path: &str| object.pointer(path).and_then(Json::as_str).unwrap_or_default().to_owned();
        Ok(Instance {
            kind: text("/kind"),
            name: text("/metadata/name"),
            object: object.clone(),
            params: self.params.ok_or("it has no parameters")?,
            objects: self.objects,
        })
    }
}

/// Checks objects as files of the project, whose own files of YAML are left out.
#[must_use]
pub fn judge(files: &[File], objects: &[Json]) -> Vec<Verdict> {
    let path = |number: usize| format!("cases/{number:05}.yaml");
    let mut all: Vec<File> = files.iter().filter(|(path, _)| !path.ends_with(".yaml")).cloned().collect();
    for (number, object) in objects.iter().enumerate() {
        let mut text = String::new();
        yaml::emit(&from_json(object), &mut text);
        all.push((path(number), text));
    }
    let compiled = compile::check(&all);
    let (sources, compilation) = (compiled.sources(), &compiled.compilation);
    let file = |span: Span| sources.get(span.file).map(|file| file.path.to_string()).unwrap_or_default();
    let mut verdicts: BTreeMap<String, Verdict> = BTreeMap::new();
    for diagnostic in compiled.diagnostics.iter().filter(|d| d.is_error()) {
        for path in files_of(diagnostic).map(file) {
            let said = (diagnostic.code.id, diagnostic.message.clone());
            verdicts.entry(path).or_default().complaints.push(said);
        }
    }
    let mut evaluator = Evaluator::new(&compilation.program, &NoHost);
    for instance in &compilation.instances {
        verdicts.entry(file(instance.span)).or_default().params = evaluator.eval_with(&instance.params, &[]).ok();
    }
    for built in &compilation.built {
        let objects = built.result.objects.iter().map(|object| to_json(&object.value));
        verdicts.entry(file(built.span)).or_default().objects.extend(objects);
    }
    (0..objects.len()).map(|number| verdicts.remove(&path(number)).unwrap_or_default()).collect()
}

/// The places that a diagnostic is about.
fn files_of(diagnostic: &Diagnostic) -> impl Iterator<Item = Span> {
    std::iter::once(diagnostic.primary.span).chain(diagnostic.secondary.iter().map(|label| label.span))
}

/// The instances of a project that compiled without errors.
#[must_use]
pub fn of_project(compiled: &Compiled) -> Vec<Instance> {
    let compilation = &compiled.compilation;
    let mut found = Vec::new();
    for built in &compilation.built {
        let Some(instance) = built.instance.and_then(|index| compilation.instances.get(index)) else { continue };
        let mut evaluator = Evaluator::new(&compilation.program, &NoHost);
        let Ok(params) = evaluator.eval_with(&instance.params, &[]) else { continue };
        let mut metadata = json!({ "name": built.name.as_str() });
        if let (Some(namespace), Some(fields)) = (&built.namespace, metadata.as_object_mut()) {
            fields.insert("namespace".to_owned(), json!(namespace.as_str()));
        }
        found.push(Instance {
            kind: built.kind.to_string(),
            name: built.name.to_string(),
            object: json!({
                "apiVersion": instance.composite.ir.api(), "kind": built.kind.as_str(), "metadata": metadata,
                "spec": to_json(&params),
            }),
            params,
            objects: built.result.objects.iter().map(|object| to_json(&object.value)).collect(),
        });
    }
    found
}
