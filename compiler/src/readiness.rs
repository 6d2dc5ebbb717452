//! When an object of a cluster is ready, where its resource does not say so: the
//! common conventions of conditions and generations, and what the kinds of
//! Kubernetes itself mean.

use crate::value::Value;

/// Whether an object is ready, as the cluster shows it.
///
/// # Errors
/// Why it is not, a few words.
pub fn of(object: &Value) -> Result<(), &'static str> {
    if object.at(&["metadata", "deletionTimestamp"]).is_some_and(is_given) {
        return Err("it is being deleted");
    }
    let generation = number(object, &["metadata", "generation"]);
    let seen = number(object, &["status", "observedGeneration"]);
    if let (Some(generation), Some(seen)) = (generation, seen)
        && seen < generation
    {
        return Err("its controller has not seen the last change");
    }
    let group = object.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    let group = group.rsplit_once('/').map_or("", |(group, _)| group);
    let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default();
    match (group, kind) {
        ("apps", "Deployment") => deployment(object),
        ("apps", "StatefulSet") => stateful_set(object),
        ("apps", "DaemonSet") => daemon_set(object),
        ("apps", "ReplicaSet") => replica_set(object),
        ("batch", "Job") => demand(condition(object, "Complete") == Some("True"), "it is not complete"),
        ("", "Pod") => {
            let over = text(object, &["status", "phase"]) == Some("Succeeded");
            demand(over || condition(object, "Ready") == Some("True"), "it is not ready")
        }
        ("", "PersistentVolumeClaim") => {
            demand(text(object, &["status", "phase"]) == Some("Bound"), "it is not bound to a volume")
        }
        ("", "Service") => {
            let balanced = text(object, &["spec", "type"]) == Some("LoadBalancer");
            let addresses = object.at(&["status", "loadBalancer", "ingress"]).and_then(Value::as_list);
            demand(!balanced || addresses.is_some_and(|a| !a.is_empty()), "its load balancer has no address")
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            demand(condition(object, "Established") == Some("True"), "it is not established")
        }
        _ => any(object),
    }
}

/// What most controllers say in conditions.
fn any(object: &Value) -> Result<(), &'static str> {
    demand(condition(object, "Reconciling") != Some("True"), "it is being reconciled")?;
    demand(condition(object, "Stalled") != Some("True"), "it is stalled")?;
    demand(condition(object, "Ready").is_none_or(|status| status == "True"), "it is not ready")
}

fn deployment(object: &Value) -> Result<(), &'static str> {
    let wanted = number(object, &["spec", "replicas"]).unwrap_or(1);
    let status = |field| number(object, &["status", field]).unwrap_or(0);
    demand(number(object, &["status", "observedGeneration"]).is_some(), "its controller has not seen it")?;
    demand(status("updatedReplicas") >= wanted, "not all replicas are updated")?;
    demand(status("replicas") <= status("updatedReplicas"), "old replicas are still there")?;
    demand(status("availableReplicas") >= wanted, "not all replicas are available")
}

fn stateful_set(object: &Value) -> Result<(), &'static str> {
    let wanted = number(object, &["spec", "replicas"]).unwrap_or(1);
    demand(number(object, &["status", "observedGeneration"]).is_some(), "its controller has not seen it")?;
    demand(number(object, &["status", "readyReplicas"]).unwrap_or(0) >= wanted, "not all replicas are ready")?;
    let by_hand = text(object, &["spec", "updateStrategy", "type"]) == Some("OnDelete")
        || number(object, &["spec", "updateStrategy", "rollingUpdate", "partition"]).is_some_and(|n| n > 0);
    let (current, update) = (text(object, &["status", "currentRevision"]), text(object, &["status", "updateRevision"]));
    demand(by_hand || current == update, "not all replicas are updated")
}

fn daemon_set(object: &Value) -> Result<(), &'static str> {
    let status = |field| number(object, &["status", field]);
    let Some(wanted) = status("desiredNumberScheduled") else { return Err("its controller has not seen it") };
    demand(status("updatedNumberScheduled").unwrap_or(0) >= wanted, "not all pods are updated")?;
    demand(status("numberReady").unwrap_or(0) >= wanted, "not all pods are ready")
}

fn replica_set(object: &Value) -> Result<(), &'static str> {
    let wanted = number(object, &["spec", "replicas"]).unwrap_or(1);
    demand(number(object, &["status", "readyReplicas"]).unwrap_or(0) >= wanted, "not all replicas are ready")
}

const fn demand(holds: bool, otherwise: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// The status of a condition.
fn condition<'v>(object: &'v Value, name: &str) -> Option<&'v str> {
    let conditions = object.at(&["status", "conditions"])?.as_list()?;
    conditions.iter().find(|c| c.get("type").and_then(Value::as_str) == Some(name))?.get("status")?.as_str()
}

const fn is_given(value: &Value) -> bool {
    !matches!(value, Value::Absent | Value::Null)
}

fn text<'v>(object: &'v Value, path: &[&str]) -> Option<&'v str> {
    object.at(path)?.as_str()
}

fn number(object: &Value, path: &[&str]) -> Option<i64> {
    match object.at(path)? {
        Value::Int(n) => Some(*n),
        Value::Uint(n) => i64::try_from(*n).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::of;
    use crate::value::from_json;

    #[test]
    fn workloads_are_ready_when_their_replicas_are() {
        let mut object = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "generation": 2 }, "spec": { "replicas": 2 },
            "status": { "observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 1 },
        });
        assert_eq!(of(&from_json(&object)), Err("not all replicas are available"));
        object["status"]["availableReplicas"] = json!(2);
        assert_eq!(of(&from_json(&object)), Ok(()));
        object["metadata"]["generation"] = json!(3);
        assert_eq!(of(&from_json(&object)), Err("its controller has not seen the last change"));
        object["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        assert_eq!(of(&from_json(&object)), Err("it is being deleted"));
    }

    #[test]
    fn what_has_no_status_is_ready_when_it_is_there() {
        for (api, kind) in
            [("v1", "ConfigMap"), ("networking.k8s.io/v1", "NetworkPolicy"), ("policy/v1", "PodDisruptionBudget")]
        {
            assert_eq!(
                of(&from_json(&json!({ "apiVersion": api, "kind": kind, "metadata": { "name": "a" } }))),
                Ok(())
            );
        }
        for (api, kind) in [("apps/v1", "Deployment"), ("apps/v1", "StatefulSet"), ("batch/v1", "Job"), ("v1", "Pod")] {
            assert!(of(&from_json(&json!({ "apiVersion": api, "kind": kind, "metadata": { "name": "a" } }))).is_err());
        }
    }

    #[test]
    fn custom_objects_tell_by_their_conditions() {
        let object = |status: &str| {
            from_json(&json!({
                "apiVersion": "db.example.org/v1", "kind": "Database",
                "status": { "conditions": [{ "type": "Ready", "status": status }] },
            }))
        };
        assert_eq!(of(&object("True")), Ok(()));
        assert_eq!(of(&object("False")), Err("it is not ready"));
    }
}
