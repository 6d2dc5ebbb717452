//! One run: a request and the time in, an answer out. It changes nothing and
//! never fails; what is wrong with a request is in the answer.

use std::collections::BTreeSet;

use jiff::Timestamp;
use smol_str::SmolStr;
use tessera_compiler::check::Refusal;
use tessera_compiler::diagnostic::{Code, Diagnostic, E0720, E0725, W0726, W0727};
use tessera_compiler::expr::Program;
use tessera_compiler::instantiate::{Input, Object, Observed, observe};
use tessera_compiler::ir::Composite;
use tessera_compiler::value::{Map, Value};

use super::answer::{fatal, start};
use super::definitions::Definitions;
use super::lease::{self, Lease};
use super::message::{Ready, Request, Requirements, Resource, Response, Selector};
use super::request::{self, Asked, Refused};
use super::structure;
use super::usage;

/// How many mistakes one message tells.
const MAX_TOLD: usize = 5;

/// Answers a request.
#[must_use]
pub fn run(definitions: &Definitions, request: &Request, now: Timestamp) -> Response {
    answer(definitions, request, now).unwrap_or_else(|refused| fatal(request, &refused))
}

fn answer(definitions: &Definitions, request: &Request, now: Timestamp) -> Result<Response, Refused> {
    let asked = request::read(definitions, request)?;
    let Some((composite, parameters)) = asked.definition.composite(&asked.api, &asked.kind) else {
        return Err(unknown(&asked));
    };
    let spec = request::spec(composite, &asked.object)?;
    let params = parameters.admit(&definitions.schemas, &spec).map_err(|refusals| not_admitted(&refusals))?;
    let text = |path: &[&str]| asked.object.at(path).and_then(Value::as_str).map(SmolStr::new);
    let map = |path: &[&str]| asked.object.at(path).filter(|v| v.as_map().is_some()).cloned();
    let none = || Value::map(Map::default());
    let input = Input {
        composite,
        program: &Program::default(),
        name: text(&["metadata", "name"]).unwrap_or_default(),
        namespace: text(&["metadata", "namespace"]).filter(|namespace| !namespace.is_empty()),
        labels: map(&["metadata", "labels"]).unwrap_or_else(none),
        annotations: map(&["metadata", "annotations"]).unwrap_or_else(none),
        uid: text(&["metadata", "uid"]),
        params,
        written: None,
        span: composite.span,
        observed: &asked.observed,
    };
    let observed = observe(&input);
    let errors: Vec<&Diagnostic> = observed.result.diagnostics.iter().filter(|d| d.is_error()).collect();
    if let Some(first) = errors.first() {
        let told = errors.iter().map(|error| error.message.clone());
        return Err(Refused { code: first.code, message: joined(told, errors.len()) });
    }
    respond(request, &asked, composite, &observed, now)
}

fn respond(
    request: &Request,
    asked: &Asked,
    composite: &Composite,
    observed: &Observed,
    now: Timestamp,
) -> Result<Response, Refused> {
    let mut response = start(request);
    for diagnostic in &observed.result.diagnostics {
        response.warn(diagnostic.code, diagnostic.message.clone());
    }
    response.requirements = requirements(&observed.result.external);
    let waiting = waiting(observed);
    let ready =
        waiting.is_empty() && observed.instance_ready.unwrap_or_else(|| observed.ready.iter().all(|ready| *ready));
    let lease = observed.lease.as_ref().map(|terms| lease::at(terms, &asked.object, ready, now));
    response.condition("Evaluated", true, "Evaluated", "");
    let expired = lease.as_ref().is_some_and(|lease| lease.expired);
    if let Some(lease) = &lease {
        tell(&mut response, lease);
    }
    if expired {
        response.condition("Waiting", false, "LeaseExpired", "");
    } else {
        resources(&mut response, asked, observed)?;
        let why = if waiting.is_empty() { "NothingToWaitFor" } else { "WaitingForResources" };
        response.condition("Waiting", !waiting.is_empty(), why, &waiting.join("; "));
    }
    let is_ready = match (expired || !waiting.is_empty(), observed.instance_ready) {
        (true, _) | (false, Some(false)) => Ready::False,
        (false, Some(true)) => Ready::True,
        // Crossplane asks all resources.
        (false, None) => Ready::Unspecified,
    };
    status(&mut response, composite, observed, lease.as_ref(), is_ready)?;
    Ok(response)
}

/// What there is to say of a lease.
fn tell(response: &mut Response, lease: &Lease) {
    if let Some(next) = lease.next {
        response.holds_for(next.as_secs());
    }
    if let Some(why) = lease.refused {
        response.warn(&W0727, format!("the renewal is not taken: {why}"));
    }
    let end = lease.end();
    if lease.expired {
        let message = format!("the lease ran out at {end}; the resources are deleted");
        response.condition("Expired", true, "LeaseExpired", &message);
        response.condition("Expiring", false, "LeaseExpired", "");
        return;
    }
    response.condition("Expired", false, "LeaseRuns", "");
    let message = match lease.missed() {
        Some(missed) => format!(
            "the lease ran out at {missed}, which was seen late; the resources are deleted at {end}, unless a later \
             `spec.lease.renewedAt` renews it"
        ),
        None => format!("the lease runs out at {end}; a later `spec.lease.renewedAt` renews it"),
    };
    if lease.warns {
        response.warn(&W0726, message.clone());
    }
    match (lease.overdue.is_some(), lease.warned.is_empty()) {
        (true, _) => response.condition("Expiring", true, "LeaseOverdue", &message),
        (false, true) => response.condition("Expiring", false, "LeaseRuns", ""),
        (false, false) => response.condition("Expiring", true, "LeaseEndsSoon", &message),
    }
}

/// What keeps objects from being made, one sentence for each.
fn waiting(observed: &Observed) -> Vec<String> {
    let mut told = Vec::new();
    let objects = observed.result.objects.iter().zip(&observed.waits).zip(&observed.exists);
    for ((object, waits), exists) in objects {
        if !exists && !waits.is_empty() {
            told.push(format!("{} waits for {}", key(object), waits.join(", ")));
        }
    }
    let resources = observed.result.pending.iter().filter(|pending| !pending.output);
    told.extend(resources.map(|pending| format!("{} waits: {}", pending.name, pending.message)));
    told
}

/// Adds the objects. One that is there stays, whatever it waits for by now:
/// what an answer leaves out is deleted.
fn resources(response: &mut Response, asked: &Asked, observed: &Observed) -> Result<(), Refused> {
    let objects = observed.result.objects.iter().zip(&observed.waits).zip(observed.exists.iter().zip(&observed.ready));
    let mut made = BTreeSet::new();
    for ((object, waits), (exists, ready)) in objects {
        let name = key(object);
        if (*exists || waits.is_empty()) && !asked.elsewhere.contains(&object.resource) {
            in_own_namespace(asked, object)?;
            let ready = if *ready { Ready::True } else { Ready::False };
            let resource =
                Resource { resource: Some(written(&object.value)?), ready: ready as i32, ..Resource::default() };
            response.wanted().resources.insert(name.clone(), resource);
        }
        made.insert(name);
    }
    let pending: Vec<&str> = observed.result.pending.iter().filter(|p| !p.output).map(|p| p.name.as_str()).collect();
    for (name, object) in &asked.resources {
        let resource = name.split('/').next().unwrap_or(name);
        // A loop or condition that waits is not told by a resource's name.
        let known = |pending: &&str| asked.definition.document.composites.iter().any(|c| c.resource(pending).is_some());
        let waits = pending.iter().any(|pending| *pending == resource || !known(pending));
        if waits && !made.contains(name) && !asked.elsewhere.iter().any(|other| other == resource) {
            let resource =
                Resource { resource: Some(written(&kept(object))?), ready: Ready::False as i32, ..Resource::default() };
            response.wanted().resources.insert(name.clone(), resource);
        }
    }
    for (name, object) in usage::usages(asked, observed) {
        let resource = Resource { resource: Some(written(&object)?), ready: Ready::True as i32, ..Resource::default() };
        response.wanted().resources.insert(name, resource);
    }
    Ok(())
}

/// Crossplane would put the object into the composite's namespace in silence.
fn in_own_namespace(asked: &Asked, object: &Object) -> Result<(), Refused> {
    let namespace = |value: &Value| value.at(&["metadata", "namespace"]).and_then(Value::as_str).map(str::to_owned);
    match (namespace(&asked.object), namespace(&object.value)) {
        (Some(own), Some(other)) if own != other && !own.is_empty() => Err(Refused {
            code: &E0720,
            message: format!(
                "{} is in the namespace `{other}`, but Crossplane puts every object of a composite in a namespace into \
                 its own, here `{own}`",
                key(object)
            ),
        }),
        _ => Ok(()),
    }
}

/// An object that stays as it is: without what the server fills.
fn kept(object: &Value) -> Value {
    let Some(fields) = object.as_map() else { return object.clone() };
    let mut kept = Map::default();
    for (field, value) in fields {
        match (field.as_str(), value.as_map()) {
            (Some("status"), _) => {}
            (Some("metadata"), Some(metadata)) => {
                let own = |name: &str| {
                    matches!(name, "name" | "namespace" | "labels" | "annotations" | "finalizers" | "generateName")
                };
                let metadata = metadata.iter().filter(|(name, _)| name.as_str().is_some_and(own));
                let metadata: Map = metadata.map(|(name, value)| (name.clone(), value.clone())).collect();
                kept.insert("metadata", Value::map(metadata));
            }
            _ => kept.insert(field.clone(), value.clone()),
        }
    }
    Value::map(kept)
}

/// The name of an object in the composition: its resource and the keys of the loops round it.
pub(super) fn key(object: &Object) -> String {
    object.keys.iter().fold(object.resource.to_string(), |name, key| name + "/" + &key.replace('/', "~1"))
}

/// What the composite reports.
fn status(
    response: &mut Response,
    composite: &Composite,
    observed: &Observed,
    lease: Option<&Lease>,
    ready: Ready,
) -> Result<(), Refused> {
    let mut status = observed.result.outputs.clone();
    if let Some(lease) = lease {
        status.insert("lease", lease.status());
    }
    let mut object = match response.wanted().composite.as_ref().and_then(|earlier| earlier.resource.as_ref()) {
        Some(earlier) => {
            structure::read(earlier).map_err(|why| Refused::new(why.0))?.as_map().cloned().unwrap_or_default()
        }
        None => Map::default(),
    };
    let mut whole = object.get("status").and_then(Value::as_map).cloned().unwrap_or_default();
    for (name, value) in &status {
        whole.insert(name.clone(), value.clone());
    }
    object.insert("apiVersion", Value::String(composite.api().into()));
    object.insert("kind", Value::String(composite.kind.clone()));
    if !whole.is_empty() {
        object.insert("status", Value::map(whole));
    }
    let octets = written(&Value::map(object))?;
    let wanted = response.wanted().composite.get_or_insert_default();
    wanted.resource = Some(octets);
    // Where all resources are asked, an earlier step may know better.
    if ready != Ready::Unspecified {
        wanted.ready = ready as i32;
    }
    Ok(())
}

fn written(value: &Value) -> Result<prost::bytes::Bytes, Refused> {
    structure::write(value).map_err(|number| {
        Refused::new(format!("the number {number} is too large: Crossplane carries numbers as doubles"))
    })
}

/// The objects that must be read.
fn requirements(external: &[Object]) -> Option<Requirements> {
    let mut requirements = Requirements::default();
    for object in external {
        let text = |path: &[&str]| object.value.at(path).and_then(Value::as_str).map(str::to_owned);
        let selector = Selector {
            api_version: text(&["apiVersion"]).unwrap_or_default(),
            kind: text(&["kind"]).unwrap_or_default(),
            match_name: text(&["metadata", "name"]),
            namespace: text(&["metadata", "namespace"]),
        };
        requirements.resources.insert(key(object), selector);
    }
    (!external.is_empty()).then_some(requirements)
}

fn unknown(asked: &Asked) -> Refused {
    let known = asked.definition.document.composites.iter().map(|c| format!("{} of {}", c.kind, c.api()));
    let known: Vec<String> = known.collect();
    let (api, kind) = (&asked.api, &asked.kind);
    Refused::new(format!("the input holds no composite {kind} of {api}, but {}", known.join(", ")))
}

fn not_admitted(refusals: &[Refusal]) -> Refused {
    let code: &'static Code = refusals.first().map_or(&E0725, |refusal| refusal.code);
    let told = refusals.iter().map(|refusal| {
        let help = refusal.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("`{}`: {}{help}", refusal.path, refusal.message)
    });
    Refused { code, message: joined(told, refusals.len()) }
}

fn joined(told: impl Iterator<Item = String>, count: usize) -> String {
    let mut message = told.take(MAX_TOLD).collect::<Vec<_>>().join("; ");
    if count > MAX_TOLD {
        message += &format!("; and {} more", count - MAX_TOLD);
    }
    message
}
