//! From the representation of a composite and the parameters of an instance to
//! Kubernetes objects. The same code serves `tessera build` and the controller:
//! what a cluster has observed is an input, and where it is missing, what
//! depends on it is pending.

mod expand;
mod finish;
mod host;
mod keys;
mod observe;
mod origin;
mod requirement;
mod scope;
mod trace;

pub use observe::{LeaseTerms, Observed, observe};
pub(crate) use origin::at;
pub use origin::{Origin, Role, Segment};
pub(crate) use trace::{trace, trace_certain};

use std::sync::Arc;

use smol_str::SmolStr;

use crate::diagnostic::{Diagnostic, E0602, E0904};
use crate::eval::Fault;
use crate::expr::{Expr, Program};
use crate::ir;
use crate::rules;
use crate::source::Span;
use crate::units::Duration;
use crate::value::{Map, Value};

use host::InstanceHost;

/// An instance, as evaluation needs it.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    /// What it is an instance of.
    pub composite: &'a ir::Composite,
    /// The functions and constants that expressions call; empty for a reduced composite.
    pub program: &'a Program,
    /// `metadata.name`.
    pub name: SmolStr,
    /// `metadata.namespace`.
    pub namespace: Option<SmolStr>,
    /// `metadata.labels`.
    pub labels: Value,
    /// `metadata.annotations`.
    pub annotations: Value,
    /// `metadata.uid`; only a cluster knows it.
    pub uid: Option<SmolStr>,
    /// The parameters that are given, defaults filled in.
    pub params: Arc<Map>,
    /// Where the parameters are written, to point at; may be any expression.
    pub written: Option<&'a Expr>,
    /// Where the instance is named.
    pub span: Span,
    /// What a cluster has of its objects.
    pub observed: &'a [Value],
}

impl<'a> Input<'a> {
    /// Whether a place is one of the instance's own.
    fn gives(&self, place: Span) -> bool {
        self.written.is_some() && place.file == self.span.file && place.start >= self.span.start
    }

    /// What is known of a composite where no instance is.
    pub(crate) fn of_none(composite: &'a ir::Composite, program: &'a Program) -> Self {
        Self {
            composite,
            program,
            name: SmolStr::default(),
            namespace: None,
            labels: Value::Absent,
            annotations: Value::Absent,
            uid: None,
            params: Arc::default(),
            written: None,
            span: composite.span,
            observed: &[],
        }
    }
}

/// An object of an instance.
#[derive(Clone, Debug)]
pub struct Object {
    /// The resource that it is of.
    pub resource: SmolStr,
    /// The keys of the loops round the resource, outermost first.
    pub keys: Vec<SmolStr>,
    /// The whole object, `apiVersion` and `kind` included.
    pub value: Value,
    /// Where the resource is declared.
    pub span: Span,
}

/// An object or output that waits for what only a cluster knows.
#[derive(Clone, Debug)]
pub struct Pending {
    /// The resource or output.
    pub name: SmolStr,
    /// It is an output, not a resource.
    pub output: bool,
    /// What it waits for.
    pub message: String,
    /// The expression that waits.
    pub span: Span,
}

/// What an instance comes to.
#[derive(Clone, Debug, Default)]
pub struct Instantiated {
    /// The objects, in source order.
    pub objects: Vec<Object>,
    /// The objects that are read, not written.
    pub external: Vec<Object>,
    /// What waits.
    pub pending: Vec<Pending>,
    /// The outputs that are known.
    pub outputs: Map,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// Evaluates an instance.
#[must_use]
pub fn instantiate(input: &Input<'_>) -> Instantiated {
    instantiate_with(&InstanceHost::new(input))
}

fn instantiate_with(host: &InstanceHost<'_>) -> Instantiated {
    let mut result = Instantiated::default();
    requirement::check(host, &mut result);
    check_lease(host, &mut result);
    if result.diagnostics.iter().any(Diagnostic::is_error) {
        return result;
    }
    expand::expand(host, &mut result);
    build_objects(host, &mut result);
    evaluate_outputs(host, &mut result);
    result
}

/// The value of one more expression among the names of an instance.
///
/// # Errors
/// The fault of the deepest expression that failed.
pub(crate) fn evaluate_in(input: &Input<'_>, program: &Program, expr: &Expr) -> Result<Value, Fault> {
    let host = InstanceHost::new(input);
    let mut result = Instantiated::default();
    expand::expand(&host, &mut result);
    crate::eval::Evaluator::new(program, &host).eval(expr)
}

fn build_objects(host: &InstanceHost<'_>, result: &mut Instantiated) {
    let count = host.slots.borrow().len();
    let mut identities: rustc_hash::FxHashMap<finish::Identity, Span> = rustc_hash::FxHashMap::default();
    for index in 0..count {
        let slot = host.slots.borrow().get(index).map(|s| (s.resource, s.keys.clone(), s.path.clone()));
        let Some((resource, keys, path)) = slot else { continue };
        match host.object(index) {
            Ok(value) => {
                let place = |path: &[Segment]| place_of(host.input, resource, &keys, path);
                let found = match keys::blame(host, resource, &path, &value) {
                    Some(bad) => vec![bad],
                    None => rules::check_object(resource, &value, place),
                };
                for diagnostic in found {
                    // One value of the instance may be wrong in many objects.
                    let place = diagnostic.primary.span;
                    let told = |d: &Diagnostic| d.code == diagnostic.code && d.primary.span == place;
                    if !(host.input.gives(place) && result.diagnostics.iter().any(told)) {
                        result.diagnostics.push(diagnostic);
                    }
                }
                if resource.external {
                    let object = Object { resource: resource.name.clone(), keys, value, span: resource.span };
                    result.external.push(object);
                    continue;
                }
                let identity = finish::identity(resource, &value);
                if let Some(earlier) = identities.insert(identity, resource.span) {
                    result.diagnostics.push(same_identity(resource, &value, earlier));
                }
                result.objects.push(Object { resource: resource.name.clone(), keys, value, span: resource.span });
            }
            Err(fault) => failed(&fault, &resource.name, resource.span, false, result),
        }
    }
}

/// Where the value at a path of an object comes from: the instance, where it
/// gives it, or else what is written in the resource.
pub(crate) fn place_of(input: &Input<'_>, resource: &ir::Resource, keys: &[SmolStr], path: &[Segment]) -> Span {
    let steps = trace(input, &resource.name, keys, path);
    origin::blamed(&steps).map_or(resource.span, |step| step.span)
}

fn same_identity(resource: &ir::Resource, value: &Value, earlier: Span) -> Diagnostic {
    let name = value.at(&["metadata", "name"]).and_then(Value::as_str).unwrap_or("");
    let diagnostic = Diagnostic::new(
        &E0602,
        resource.span,
        format!("two resources make the same object: {} `{name}`", resource.kind),
    )
    .help("give one of them another `metadata.name`");
    if earlier == resource.span {
        diagnostic.label("in two iterations of its loop")
    } else {
        diagnostic.also(earlier, "the other one")
    }
}

fn evaluate_outputs(host: &InstanceHost<'_>, result: &mut Instantiated) {
    for output in &host.input.composite.outputs {
        match host.evaluate(&output.value, &[]) {
            Ok(Value::Absent) => {}
            Ok(value) => result.outputs.insert(output.name.clone(), value),
            Err(fault) => failed(&fault, &output.name, output.span, true, result),
        }
    }
}

fn failed(fault: &Fault, name: &SmolStr, span: Span, output: bool, result: &mut Instantiated) {
    match fault.diagnostic(span) {
        Some(diagnostic) if result.diagnostics.contains(&diagnostic) => {}
        Some(diagnostic) => result.diagnostics.push(diagnostic),
        None => result.pending.push(Pending {
            name: name.clone(),
            output,
            message: fault.message.clone(),
            span: fault.span.unwrap_or(span),
        }),
    }
}

/// The lease of an instance, once its parameters are known.
fn check_lease(host: &InstanceHost<'_>, result: &mut Instantiated) {
    let Some(lease) = &host.input.composite.lease else { return };
    let duration = match host.evaluate(&lease.duration, &[]) {
        Ok(Value::Duration(duration)) => duration,
        Ok(_) => return,
        Err(fault) => return failed(&fault, &"lease".into(), lease.span, true, result),
    };
    let place = host.written_at(&lease.duration).unwrap_or(lease.duration.span);
    let options = host.evaluate(&lease.options, &[]).unwrap_or_default();
    result.diagnostics.extend(lease_problem(lease, duration, &options, place));
}

/// A lease must be longer than nothing, and no warning can come before it starts.
pub(crate) fn lease_problem(lease: &ir::Lease, duration: Duration, options: &Value, place: Span) -> Option<Diagnostic> {
    if duration <= Duration::ZERO {
        return Some(
            Diagnostic::new(&E0904, place, "a lease must be longer than nothing")
                .also(lease.span, "the lease")
                .help("give it a length, `12h` for example"),
        );
    }
    let warnings = options.get("warn").and_then(Value::as_list).unwrap_or_default();
    let before = warnings.iter().find_map(|warning| match warning {
        Value::Duration(before) if *before >= duration => Some(*before),
        _ => None,
    })?;
    let (before, whole) = (crate::units::format_duration(before), crate::units::format_duration(duration));
    let message = format!("a warning {before} before the end comes before a lease of {whole} begins");
    Some(
        Diagnostic::new(&E0904, place, message)
            .also(lease.options.span, "the warnings")
            .help("make the lease longer, or warn later"),
    )
}
