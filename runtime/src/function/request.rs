//! Takes a request apart: which composite, which instance, what is observed.

use std::sync::Arc;

use smol_str::SmolStr;
use tessera_compiler::diagnostic::{Code, E0725};
use tessera_compiler::ir::Composite;
use tessera_compiler::target::crossplane;
use tessera_compiler::value::{Map, Value};

use super::definitions::{Definition, Definitions};
use super::message::Request;
use super::structure;

/// The API and the kind of the input of a pipeline's step.
const INPUT_API: &str = crossplane::INPUT.0;
const INPUT_KIND: &str = crossplane::INPUT.1;

/// The fields of `spec` that are no parameters: Crossplane's, and the renewal of a lease.
const MACHINERY: &[&str] = &["crossplane", "lease"];

/// Why a request has no answer.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    pub(super) code: &'static Code,
    pub(super) message: String,
}

impl Refused {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { code: &E0725, message: message.into() }
    }
}

/// A request, understood.
pub(super) struct Asked {
    pub(super) definition: Arc<Definition>,
    /// `apiVersion` and `kind` of the composite's object.
    pub(super) api: SmolStr,
    pub(super) kind: SmolStr,
    /// The composite's object.
    pub(super) object: Value,
    /// What the composition made, by name.
    pub(super) resources: Vec<(String, Value)>,
    /// The resources that another step of the pipeline makes.
    pub(super) elsewhere: Vec<SmolStr>,
    /// That, and what was asked for besides.
    pub(super) observed: Vec<Value>,
}

/// Reads a request.
pub(super) fn read(definitions: &Definitions, request: &Request) -> Result<Asked, Refused> {
    let (definition, elsewhere) = definition(definitions, request)?;
    let composite = request.observed.as_ref().and_then(|state| state.composite.as_ref());
    let octets = composite.and_then(|composite| composite.resource.as_ref());
    let Some(octets) = octets.filter(|octets| !octets.is_empty()) else {
        return Err(Refused::new("the request holds no composite resource"));
    };
    let object = value(octets, "the composite resource")?;
    let text = |field| object.get(field).and_then(Value::as_str).map(SmolStr::new);
    let (Some(api), Some(kind)) = (text("apiVersion"), text("kind")) else {
        return Err(Refused::new("the composite resource has no `apiVersion` or `kind`"));
    };
    let mut resources = Vec::new();
    for (name, resource) in request.observed.iter().flat_map(|state| &state.resources) {
        if let Some(octets) = &resource.resource {
            resources.push((name.clone(), value(octets, &format!("the observed resource `{name}`"))?));
        }
    }
    let mut observed: Vec<Value> = resources.iter().map(|(_, value)| value.clone()).collect();
    for (name, found) in request.required_resources.iter().chain(&request.extra_resources) {
        for octets in found.items.iter().filter_map(|item| item.resource.as_ref()) {
            observed.push(value(octets, &format!("the required resource `{name}`"))?);
        }
    }
    Ok(Asked { definition, api, kind, object, resources, elsewhere, observed })
}

/// The composite that the input holds, and what it says that other steps make.
fn definition(definitions: &Definitions, request: &Request) -> Result<(Arc<Definition>, Vec<SmolStr>), Refused> {
    let Some(input) = request.input.as_ref().filter(|input| !input.is_empty()) else {
        return Err(Refused::new(format!(
            "the pipeline's step has no input: give it one of `{INPUT_API}`, kind `{INPUT_KIND}`, as \
             `tessera build --target crossplane` writes it"
        )));
    };
    let input = value(input, "the input")?;
    let text = |field| input.get(field).and_then(Value::as_str).unwrap_or_default();
    let (api, kind) = (text("apiVersion"), text("kind"));
    if (api, kind) != (INPUT_API, INPUT_KIND) {
        return Err(Refused::new(format!(
            "the input is `{kind}` of `{api}`, but this function takes `{INPUT_KIND}` of `{INPUT_API}`"
        )));
    }
    let names = input.get(crossplane::ELSEWHERE).map(|names| {
        let texts = names.as_list()?.iter().map(|name| name.as_str().map(SmolStr::new));
        texts.collect::<Option<Vec<_>>>()
    });
    let Some(elsewhere) = names.unwrap_or_else(|| Some(Vec::new())) else {
        return Err(Refused::new(format!("`{}` in the input must be a list of names", crossplane::ELSEWHERE)));
    };
    match input.get("ir") {
        Some(Value::String(ir)) => definitions
            .read(ir)
            .map(|definition| (definition, elsewhere))
            .map_err(|why| Refused::new(format!("the composite's representation in `ir` is not valid: {why}"))),
        Some(_) => Err(Refused::new("`ir` in the input must be text")),
        None => Err(Refused::new("the input has no `ir`, the composite's representation")),
    }
}

fn value(octets: &[u8], what: &str) -> Result<Value, Refused> {
    structure::read(octets).map_err(|why| Refused::new(format!("{what} cannot be read: {}", why.0)))
}

/// The parameters in `spec`, without what Crossplane keeps there.
pub(super) fn spec(composite: &Composite, object: &Value) -> Result<Value, Refused> {
    let spec = match object.get("spec") {
        Some(Value::Map(spec)) => spec.clone(),
        None | Some(Value::Null | Value::Absent) => Arc::default(),
        Some(_) => return Err(Refused::new("`spec` of the composite resource must be an object")),
    };
    let own = |name: &str| composite.params.iter().any(|param| param.name == name);
    let keep = |key: &str| own(key) || !MACHINERY.contains(&key) && !crossplane::CLAIMS.contains(&key);
    let kept = spec.iter().filter(|(key, _)| key.as_str().is_none_or(keep));
    Ok(Value::map(kept.map(|(key, value)| (key.clone(), value.clone())).collect::<Map>()))
}
