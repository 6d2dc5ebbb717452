//! The fields that cannot be changed once an object is there
//! (`Validate…Update` in `pkg/apis/*/validation` of Kubernetes, and of
//! apiextensions-apiserver for definitions of kinds). Names and namespaces,
//! which tell one object from another, are not among them.

/// The path of a field that cannot be changed, and what below it can.
pub(crate) type Fixed = (&'static str, &'static [&'static str]);

const SPEC: &[Fixed] = &[("spec", &[])];
const SELECTOR: &[Fixed] = &[("spec.selector", &[])];

/// The fixed fields of a kind.
pub(crate) fn immutable(group: &str, kind: &str) -> &'static [Fixed] {
    match (group, kind) {
        ("apps", "Deployment" | "ReplicaSet" | "DaemonSet") => SELECTOR,
        ("apps", "StatefulSet") => &[
            ("spec.selector", &[]),
            ("spec.serviceName", &[]),
            ("spec.podManagementPolicy", &[]),
            ("spec.volumeClaimTemplates", &[]),
        ],
        ("apps", "ControllerRevision") => &[("data", &[])],
        ("batch", "Job") => &[
            ("spec.selector", &[]),
            ("spec.template", &[]),
            ("spec.completionMode", &[]),
            ("spec.podFailurePolicy", &[]),
            ("spec.successPolicy", &[]),
            ("spec.backoffLimitPerIndex", &[]),
            ("spec.managedBy", &[]),
        ],
        ("", "Pod") => &[(
            "spec",
            &[
                "spec.containers",
                "spec.initContainers",
                "spec.activeDeadlineSeconds",
                "spec.terminationGracePeriodSeconds",
                "spec.tolerations",
                "spec.schedulingGates",
            ],
        )],
        ("", "PersistentVolumeClaim") => {
            &[("spec", &["spec.resources.requests", "spec.volumeAttributesClassName", "spec.volumeName"])]
        }
        ("", "PersistentVolume") => {
            &[("spec.volumeMode", &[]), ("spec.csi", &[]), ("spec.nfs", &[]), ("spec.local", &[])]
        }
        ("", "Service") => &[("spec.clusterIP", &[])],
        ("", "Secret") => &[("type", &[])],
        ("", "ResourceQuota") => &[("spec.scopes", &[])],
        ("discovery.k8s.io", "EndpointSlice") => &[("addressType", &[])],
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => &[("roleRef", &[])],
        ("scheduling.k8s.io", "PriorityClass") => &[("value", &[]), ("preemptionPolicy", &[])],
        ("node.k8s.io", "RuntimeClass") => &[("handler", &[])],
        ("networking.k8s.io", "IngressClass") => &[("spec.controller", &[])],
        ("networking.k8s.io", "IPAddress") => &[("spec.parentRef", &[])],
        ("storage.k8s.io", "StorageClass") => {
            &[("provisioner", &[]), ("parameters", &[]), ("reclaimPolicy", &[]), ("volumeBindingMode", &[])]
        }
        ("storage.k8s.io", "VolumeAttributesClass") => &[("driverName", &[]), ("parameters", &[])],
        ("storage.k8s.io", "CSIDriver") => &[("spec.attachRequired", &[]), ("spec.volumeLifecycleModes", &[])],
        ("storage.k8s.io", "CSIStorageCapacity") => &[("nodeTopology", &[]), ("storageClassName", &[])],
        ("storage.k8s.io", "VolumeAttachment") => SPEC,
        ("certificates.k8s.io", "ClusterTrustBundle") => &[("spec.signerName", &[])],
        ("certificates.k8s.io", "PodCertificateRequest") => SPEC,
        ("resource.k8s.io", "ResourceClaim" | "ResourceClaimTemplate") => SPEC,
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            &[("spec.group", &[]), ("spec.scope", &[]), ("spec.names.plural", &[]), ("spec.names.kind", &[])]
        }
        _ => &[],
    }
}

/// Whether the field at a path, with dots between its names, cannot be changed.
pub(crate) fn is_immutable(group: &str, kind: &str, path: &str) -> bool {
    let below = |outer: &str| path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let fixed = immutable(group, kind).iter().find(|(outer, _)| below(outer));
    fixed.is_some_and(|(_, free)| !free.iter().any(|inner| below(inner)))
}

#[cfg(test)]
mod tests {
    use super::is_immutable;

    #[test]
    fn what_can_be_changed_below_a_fixed_field_is_known() {
        assert!(is_immutable("apps", "Deployment", "spec.selector.matchLabels"));
        assert!(!is_immutable("apps", "Deployment", "spec.selectors"));
        assert!(!is_immutable("apps", "Deployment", "spec.replicas"));
        assert!(is_immutable("", "PersistentVolumeClaim", "spec.storageClassName"));
        assert!(!is_immutable("", "PersistentVolumeClaim", "spec.resources.requests.storage"));
        assert!(is_immutable("", "Pod", "spec.volumes"));
        assert!(!is_immutable("", "Pod", "spec.containers.image"));
    }
}
