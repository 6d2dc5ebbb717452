//! When an object is ready, as the checks of patch-and-transform say it: all of them
//! hold. What is usual for a kind stands in [`crate::readiness`]; only kinds for
//! which one such check says the same are here.

use super::patches::{Misfit, segment};
use crate::expr::{BinaryOp, Expr, ExprKind, MacroOp};
use crate::ir::Resource;
use crate::target::schema::openapi::entries;
use crate::value::Value;

/// Kinds whose objects have neither generations that somebody follows nor
/// conditions: they are ready when they are there.
const WITHOUT_STATUS: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "ConfigMap",
            "Secret",
            "ServiceAccount",
            "Namespace",
            "LimitRange",
            "ResourceQuota",
            "PersistentVolume",
            "Endpoints",
        ],
    ),
    ("rbac.authorization.k8s.io", &["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"]),
    ("networking.k8s.io", &["NetworkPolicy", "Ingress", "IngressClass"]),
    ("storage.k8s.io", &["StorageClass"]),
    ("scheduling.k8s.io", &["PriorityClass"]),
    ("batch", &["CronJob"]),
];

const WAY: &str =
    "say when it is ready by conditions or fields that equal a value: `ready when NAME.status.phase == \"Bound\"`";

/// The checks of a resource.
pub(super) fn checks(resource: &Resource, body: &Value) -> Result<Vec<Value>, Misfit> {
    if let Some(ready) = &resource.ready {
        let mut found = Vec::new();
        said(resource, ready, &mut found)?;
        return Ok(found);
    }
    let without =
        WITHOUT_STATUS.iter().any(|(group, kinds)| resource.group == *group && kinds.contains(&&*resource.kind));
    let check = match (&*resource.group, &*resource.kind) {
        _ if without => none(),
        ("", "Service") if body.at(&["spec"]).is_some_and(|spec| spec.get("type").is_none()) => none(),
        ("", "Service") => match body.at(&["spec", "type"]).and_then(Value::as_str) {
            Some("LoadBalancer") => field("NonEmpty", "status.loadBalancer.ingress[0]", None),
            Some(_) => none(),
            None => return Err(unusual(resource)),
        },
        ("", "PersistentVolumeClaim") => {
            field("MatchString", "status.phase", Some(("matchString", Value::str("Bound"))))
        }
        ("batch", "Job") => condition("Complete", "True"),
        _ => return Err(unusual(resource)),
    };
    Ok(vec![check])
}

fn unusual(resource: &Resource) -> Misfit {
    Misfit::new(resource.span, format!("when a {} is ready", resource.kind)).way(WAY)
}

fn none() -> Value {
    entries([("type", Value::str("None"))])
}

fn field(kind: &str, path: &str, value: Option<(&str, Value)>) -> Value {
    let fields = [("type", Value::str(kind)), ("fieldPath", Value::str(path))].into_iter().chain(value);
    Value::map(fields.map(|(key, value)| (key.into(), value)).collect())
}

fn condition(name: &str, status: &str) -> Value {
    entries([
        ("type", Value::str("MatchCondition")),
        ("matchCondition", entries([("type", Value::str(name)), ("status", Value::str(status))])),
    ])
}

/// What a condition says, as checks.
fn said(resource: &Resource, ready: &Expr, found: &mut Vec<Value>) -> Result<(), Misfit> {
    let refused = || Misfit::new(ready.span, "this condition of readiness").way(WAY);
    let check = match &ready.kind {
        ExprKind::Const(Value::Bool(true)) => none(),
        ExprKind::Coerce(_, inner) => return said(resource, inner, found),
        ExprKind::Binary(BinaryOp::And, left, right) => {
            said(resource, left, found)?;
            return said(resource, right, found);
        }
        ExprKind::Binary(BinaryOp::Eq, left, right) => {
            let (path, value) = match (status(resource, left), right.known()) {
                (Some(path), Some(value)) => (path, value),
                _ => (status(resource, right).ok_or_else(refused)?, left.known().ok_or_else(refused)?),
            };
            match value {
                Value::String(_) => field("MatchString", &path, Some(("matchString", value.clone()))),
                Value::Int(_) => field("MatchInteger", &path, Some(("matchInteger", value.clone()))),
                Value::Bool(true) => field("MatchTrue", &path, None),
                Value::Bool(false) => field("MatchFalse", &path, None),
                _ => return Err(refused()),
            }
        }
        ExprKind::Comprehension(c) if c.op == MacroOp::Exists && c.second.is_none() => {
            let of_conditions = status(resource, &c.range).is_some_and(|path| path == "status.conditions");
            let ExprKind::Binary(BinaryOp::And, left, right) = &c.body.kind else { return Err(refused()) };
            let pairs = [equals(left, c.first.slot), equals(right, c.first.slot)];
            match pairs {
                [Some(("type", name)), Some(("status", status))] | [Some(("status", status)), Some(("type", name))]
                    if of_conditions =>
                {
                    condition(name, status)
                }
                _ => return Err(refused()),
            }
        }
        _ => return Err(refused()),
    };
    found.push(check);
    Ok(())
}

/// `x.type == "Ready"`: the field and the text.
fn equals(expr: &Expr, slot: u32) -> Option<(&str, &str)> {
    let ExprKind::Binary(BinaryOp::Eq, left, right) = &expr.kind else { return None };
    let mut field = &**left;
    while let ExprKind::Coerce(_, inner) = &field.kind {
        field = inner;
    }
    let ExprKind::Field { base, name, .. } = &field.kind else { return None };
    let its = matches!(&base.kind, ExprKind::Local(local) if local.slot == slot);
    Some((name.as_str(), right.known()?.as_str()?)).filter(|_| its)
}

/// The field path of a field in the resource's own status.
pub(super) fn status(resource: &Resource, expr: &Expr) -> Option<String> {
    fn path(resource: &Resource, expr: &Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Resource(name) => (*name == resource.name).then(String::new),
            ExprKind::Field { base, name, .. } => segment(&path(resource, base)?, name),
            ExprKind::Index { base, index, .. } => match index.known()? {
                Value::Int(index) if *index >= 0 => Some(format!("{}[{index}]", path(resource, base)?)),
                _ => None,
            },
            ExprKind::Coerce(_, inner) => path(resource, inner),
            _ => None,
        }
    }
    path(resource, expr).filter(|path| path.starts_with("status."))
}
