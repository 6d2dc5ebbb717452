//! What of a composite patch-and-transform does, and what is left to our function.
//!
//! Each resource belongs to one of the two. It goes to patch-and-transform when it always
//! exists, waits for nothing, is ready by checks, and its fields fit; outputs only when all of the
//! composite does. What concerns the whole (a lease, when the instance is ready, rules that
//! the API server does not check) needs the function. With a lease all is the function's, since
//! an answer keeps what an earlier step wants.

use smol_str::SmolStr;

use super::Release;
use super::patches::{Carried, Misfit, Patch, Piece, Scope, Template, body, identical, plain, segment};
use super::readiness;
use crate::diagnostic::{Diagnostic, W0712};
use crate::expr::Expr;
use crate::ir::{self, Composite, Node, Resource};
use crate::source::Span;
use crate::target::schema::Api;
use crate::target::schema::openapi::entries;
use crate::value::{Map, Value};

/// Who does what.
#[derive(Default)]
pub(super) struct Plan {
    /// The templates of patch-and-transform, with the names of their resources.
    pub(super) templates: Vec<(SmolStr, Value)>,
    /// Patches from the instance to its own status.
    pub(super) environment: Vec<Value>,
    /// What does not fit.
    pub(super) misfits: Vec<Misfit>,
    /// The function is used, whatever fits.
    pub(super) always: bool,
}

/// Plans a composite.
pub(super) fn plan(composite: &Composite, api: &Api, diagnostics: &[Diagnostic], release: Release) -> Plan {
    let mut plan = Plan::default();
    let older = release == Release::V1;
    let claimed = older && composite.scope == ir::Scope::Namespaced;
    let scope = Scope::new(composite, &api.spec, claimed);
    whole(composite, diagnostics, &mut plan);
    if claimed && let Some(rule) = api.rules.get(1) {
        plan.misfits.push(
            Misfit::new(rule.span, "a rule on the name of an instance that is claimed")
                .way("leave the rule out, or build without `--crossplane v1`"),
        );
    }
    let mut found: Vec<(&Resource, Vec<Value>, Vec<Patch>, Value)> = Vec::new();
    for node in &composite.nodes {
        match node {
            Node::Resource(resource) => match template(composite, &scope, resource) {
                Ok((checks, patches, base)) => found.push((resource, checks, patches, base)),
                Err(misfits) => plan.misfits.extend(misfits),
            },
            Node::If { condition, then, otherwise } => {
                let about = "a resource under a condition";
                nested(then, condition.span, about, &mut plan);
                nested(otherwise, condition.span, about, &mut plan);
            }
            Node::For { head, body, .. } => nested(body, head.range.span, "resources in a loop", &mut plan),
            Node::Let(..) => {}
        }
    }
    if composite.lease.is_some() {
        return plan;
    }
    let mut outward: Vec<(SmolStr, Value)> = Vec::new();
    for output in &composite.outputs {
        match written(&scope, output, &found, older) {
            Ok(Written::Of(resource, patch)) => outward.push((resource, patch)),
            Ok(Written::Own(patches)) => plan.environment.extend(patches),
            Err(misfit) => plan.misfits.push(misfit),
        }
    }
    if found.is_empty() && plan.environment.is_empty() && plan.misfits.is_empty() {
        plan.misfits.push(Misfit::new(composite.span, "a composite without resources"));
    }
    if !plan.misfits.is_empty() {
        // The function writes the whole status, or nobody does.
        outward.clear();
        plan.environment.clear();
    }
    for (resource, checks, patches, base) in found {
        let mut patches: Vec<Value> = patches.iter().map(|patch| patch.value(older)).collect();
        patches.extend(outward.iter().filter(|(name, _)| *name == resource.name).map(|(_, patch)| patch.clone()));
        let template = entries([
            ("name", Value::str(&resource.name)),
            ("base", base),
            ("patches", Value::list(patches)),
            ("readinessChecks", Value::list(checks)),
        ]);
        plan.templates.push((resource.name.clone(), template));
    }
    plan
}

/// What concerns all of the composite.
fn whole(composite: &Composite, diagnostics: &[Diagnostic], plan: &mut Plan) {
    if let Some(lease) = &composite.lease {
        plan.misfits
            .push(Misfit::new(lease.span, "a lease").way("a lease needs the function: build with `--function auto`"));
    }
    if let Some(ready) = &composite.ready {
        plan.misfits.push(Misfit::new(ready.span, "when the instance is ready").way(
            "an instance is ready when its resources are; say at each when that is, or build with `--function auto`",
        ));
    }
    let unchecked = diagnostics.iter().filter(|diagnostic| diagnostic.code.id == W0712.id);
    plan.misfits.extend(unchecked.map(|diagnostic| {
        Misfit::new(diagnostic.primary.span, "a rule that the API server does not check")
            .way("write it with what CEL has, or build with `--function auto`, whose function checks it")
    }));
}

fn nested(nodes: &[Node], span: Span, what: &str, plan: &mut Plan) {
    let inside = nodes.iter().any(|node| !matches!(node, Node::Let(..)));
    if inside && !plan.misfits.iter().any(|misfit| misfit.span == span && misfit.what == what) {
        plan.misfits.push(
            Misfit::new(span, what)
                .way("a template is always made, once: build with `--function auto`, whose function evaluates the whole language"),
        );
    }
}

type Fitting = (Vec<Value>, Vec<Patch>, Value);

/// The template of a resource.
fn template(composite: &Composite, scope: &Scope<'_>, resource: &Resource) -> Result<Fitting, Vec<Misfit>> {
    if resource.external {
        return Err(vec![Misfit::new(resource.span, "an object that is only read")]);
    }
    let mut template = Template::default();
    let waits: Vec<&ir::Edge> = composite.edges.iter().filter(|edge| edge.from == resource.name).collect();
    template.misfits.extend(waits.iter().map(|edge| {
        Misfit::new(edge.span, format!("that `{}` waits for `{}`", edge.from, edge.to))
            .way("all templates are made at once: build with `--function auto`, whose function keeps the order")
    }));
    let base = if waits.iter().any(|edge| edge.field.is_some()) {
        Value::Absent
    } else {
        body(scope, &resource.body, &mut template)
    };
    let base = named(composite, scope, resource, &base, &mut template);
    let checks = match readiness::checks(resource, &base) {
        Ok(checks) => checks,
        Err(misfit) => {
            template.misfits.push(misfit);
            Vec::new()
        }
    };
    if template.patches.iter().any(|patch| patch.writes("spec.type"))
        && resource.ready.is_none()
        && resource.kind == "Service"
    {
        template.misfits.push(Misfit::new(resource.span, "when a Service of several types is ready"));
    }
    if !template.misfits.is_empty() {
        // What a module of others computes is told where its value is used.
        for misfit in template.misfits.iter_mut().filter(|misfit| misfit.span.file != resource.span.file) {
            misfit.span = resource.span;
        }
        return Err(template.misfits);
    }
    Ok((checks, template.patches, base))
}

/// With `apiVersion`, `kind`, and the name and namespace that an object has where none is written.
fn named(
    composite: &Composite,
    scope: &Scope<'_>,
    resource: &Resource,
    base: &Value,
    template: &mut Template,
) -> Value {
    let metadata = base.get("metadata").and_then(Value::as_map).cloned().unwrap_or_default();
    let written = |name: &str| {
        metadata.get(name).is_some() || template.patches.iter().any(|patch| patch.writes(&format!("metadata.{name}")))
    };
    let (named, placed) = (written("name") || written("generateName"), written("namespace"));
    if template.patches.iter().any(|patch| patch.merges("metadata", &["name", "namespace", "generateName"])) {
        template.misfits.push(Misfit::new(resource.span, "a name under a condition"));
    }
    let mut add = |carried: Option<Carried>, to: &str| match carried {
        Some(carried) => template.patches.push(Patch::to(carried, to.to_owned())),
        None => template.misfits.push(Misfit::new(resource.span, "the object's name")),
    };
    if !named {
        let format = format!("%s-{}", resource.name.replace('%', "%%"));
        add(scope.own_field("name").map(|name| name.formatted(&format)), "metadata.name");
    }
    if !placed && composite.scope == ir::Scope::Namespaced && resource.scope != Some(ir::Scope::Cluster) {
        add(scope.own_field("namespace"), "metadata.namespace");
    }
    let mut whole = Map::default();
    whole.insert("apiVersion", Value::str(&resource.api()));
    whole.insert("kind", Value::String(resource.kind.clone()));
    whole.insert("metadata", Value::map(metadata));
    for (key, value) in
        base.as_map().into_iter().flat_map(Map::iter).filter(|(key, _)| key.as_str() != Some("metadata"))
    {
        whole.insert(key.clone(), value.clone());
    }
    Value::map(whole)
}

/// How an output is written.
enum Written {
    /// From a resource, by its name.
    Of(SmolStr, Value),
    /// From the instance, through the environment.
    Own(Vec<Value>),
}

fn written(
    scope: &Scope<'_>,
    output: &ir::Output,
    found: &[(&Resource, Vec<Value>, Vec<Patch>, Value)],
    older: bool,
) -> Result<Written, Misfit> {
    let refused = |what: &str| Misfit::new(output.value.span, format!("the output `{}`, {what}", output.name));
    let to = segment("status", &output.name).ok_or_else(|| refused("whose name no field path can have"))?;
    let observed =
        found.iter().find_map(|(resource, ..)| Some((resource, readiness::status(resource, &output.value)?)));
    if let Some((resource, from)) = observed {
        if !identical(&output.schema) {
            return Err(refused("whose type is written in several ways"));
        }
        let patch = entries([
            ("type", Value::str("ToCompositeFieldPath")),
            ("fromFieldPath", Value::str(&from)),
            ("toFieldPath", Value::str(&to)),
        ]);
        return Ok(Written::Of(resource.name.clone(), patch));
    }
    if older {
        return Err(refused("which no resource has in its status")
            .way("leave the output out, or build without `--crossplane v1`"));
    }
    let carried = own(scope, &output.value)?;
    let between = segment("tessera", &output.name).ok_or_else(|| refused("whose name no field path can have"))?;
    let back = entries([
        ("type", Value::str("ToCompositeFieldPath")),
        ("fromFieldPath", Value::str(&between)),
        ("toFieldPath", Value::str(&to)),
    ]);
    Ok(Written::Own(vec![Patch::to(carried, between).value(false), back]))
}

/// A value of the instance alone.
fn own<'a>(scope: &Scope<'a>, value: &'a Expr) -> Result<Carried, Misfit> {
    match scope.piece(value)? {
        Piece::Patched(carried, Value::Absent) => Ok(carried),
        Piece::Patched(..) => Err(Misfit::new(value.span, "an output with a default")),
        Piece::Known(known) => scope
            .own_field("name")
            .map(|name| name.always(plain(&known)))
            .ok_or_else(|| Misfit::new(value.span, "this output")),
    }
}
