//! Facts about Kubernetes 1.37, written down by hand from its documentation,
//! and in the files beside it what damaged packs do and what several releases
//! in one pack are.

mod damaged;
mod releases;

use super::{DefId, FieldInfo, Kind, ListType, Schemas, Shape, Verb};
use crate::types::Type;
use crate::value::Value;

fn kind(group: &str, version: &str, kind: &str) -> Kind {
    Schemas::builtin().kind(group, version, kind).unwrap_or_else(|| panic!("{group}/{version}/{kind}"))
}

fn def(name: &str) -> DefId {
    let mut parts = name.split('/');
    let mut part = || parts.next().unwrap();
    Schemas::builtin().type_named(part(), part(), part()).unwrap_or_else(|| panic!("{name}"))
}

fn info(name: &str, field: &str) -> FieldInfo {
    Schemas::builtin().field(def(name), field).unwrap_or_else(|| panic!("{name}.{field}"))
}

/// A short form of a type: `[core/v1/Container]`, `{Quantity}`, `a|b`.
fn short(ty: &Type) -> String {
    match ty {
        Type::List(item) => format!("[{}]", short(item)),
        Type::Map(entry) => {
            assert!(matches!(entry.0, Type::String));
            format!("{{{}}}", short(&entry.1))
        }
        Type::Schema(def) => Schemas::builtin().name(*def).unwrap(),
        Type::Union(members) => members.iter().map(short).collect::<Vec<_>>().join("|"),
        Type::Literal(Value::String(text)) => format!("\"{text}\""),
        other => format!("{other:?}"),
    }
}

fn ty(name: &str, field: &str) -> String {
    let schemas = Schemas::builtin();
    let record = schemas.record(def(name)).unwrap_or_else(|| panic!("{name}"));
    let found = record.fields.get(field).unwrap_or_else(|| panic!("{name}.{field}"));
    format!("{}{}", short(&found.ty), if found.optional { "?" } else { "" })
}

#[test]
fn fields_have_their_types() {
    let facts = [
        ("apps/v1/Deployment", "spec", "apps/v1/DeploymentSpec"),
        ("apps/v1/Deployment", "metadata", "meta/v1/ObjectMeta?"),
        ("apps/v1/Deployment", "kind", "String?"),
        ("apps/v1/DeploymentSpec", "selector", "meta/v1/LabelSelector"),
        ("apps/v1/DeploymentSpec", "template", "core/v1/PodTemplateSpec"),
        ("apps/v1/DeploymentSpec", "replicas", "Int?"),
        ("apps/v1/DeploymentSpec", "paused", "Bool?"),
        ("apps/v1/DeploymentStrategy", "type", "\"Recreate\"|\"RollingUpdate\"?"),
        ("apps/v1/RollingUpdateDeployment", "maxSurge", "Int|String?"),
        ("core/v1/PodSpec", "containers", "[core/v1/Container]"),
        ("core/v1/PodSpec", "nodeSelector", "{String}?"),
        ("core/v1/PodSpec", "restartPolicy", "\"Always\"|\"Never\"|\"OnFailure\"?"),
        ("core/v1/Container", "name", "String"),
        ("core/v1/Container", "image", "String?"),
        ("core/v1/Container", "command", "[String]?"),
        ("core/v1/Container", "env", "[core/v1/EnvVar]?"),
        ("core/v1/Container", "imagePullPolicy", "\"Always\"|\"IfNotPresent\"|\"Never\"?"),
        ("core/v1/Container", "resources", "core/v1/ResourceRequirements?"),
        ("core/v1/Container", "livenessProbe", "core/v1/Probe?"),
        ("core/v1/ContainerPort", "containerPort", "Int"),
        ("core/v1/Probe", "httpGet", "core/v1/HTTPGetAction?"),
        ("core/v1/Probe", "initialDelaySeconds", "Int?"),
        ("core/v1/HTTPGetAction", "port", "Int|String"),
        ("core/v1/ResourceRequirements", "limits", "{Quantity}?"),
        ("core/v1/ServiceSpec", "ports", "[core/v1/ServicePort]?"),
        ("core/v1/ServiceSpec", "type", "\"ClusterIP\"|\"ExternalName\"|\"LoadBalancer\"|\"NodePort\"?"),
        ("core/v1/ServicePort", "port", "Int"),
        ("core/v1/ServicePort", "targetPort", "Int|String?"),
        ("core/v1/ServicePort", "protocol", "\"SCTP\"|\"TCP\"|\"UDP\"?"),
        ("core/v1/Secret", "data", "{Bytes}?"),
        ("core/v1/Secret", "stringData", "{String}?"),
        ("core/v1/ConfigMap", "binaryData", "{Bytes}?"),
        ("core/v1/EmptyDirVolumeSource", "sizeLimit", "Quantity?"),
        ("core/v1/NodeStatus", "capacity", "{Quantity}?"),
        (
            "core/v1/PersistentVolumeClaimSpec",
            "accessModes",
            "[\"ReadOnlyMany\"|\"ReadWriteMany\"|\"ReadWriteOnce\"|\"ReadWriteOncePod\"]?",
        ),
        ("meta/v1/ObjectMeta", "creationTimestamp", "Timestamp?"),
        ("meta/v1/ObjectMeta", "labels", "{String}?"),
        ("meta/v1/ManagedFieldsEntry", "fieldsV1", "Dyn?"),
        ("coordination.k8s.io/v1/LeaseSpec", "renewTime", "Timestamp?"),
        ("networking.k8s.io/v1/IngressRule", "http", "networking.k8s.io/v1/HTTPIngressRuleValue?"),
        ("networking.k8s.io/v1/HTTPIngressPath", "pathType", "\"Exact\"|\"ImplementationSpecific\"|\"Prefix\""),
        ("rbac.authorization.k8s.io/v1/PolicyRule", "verbs", "[String]"),
        ("authorization.k8s.io/v1/SubjectAccessReviewSpec", "extra", "{[String]}?"),
        ("apiextensions.k8s.io/v1/JSONSchemaProps", "not", "apiextensions.k8s.io/v1/JSONSchemaProps?"),
        ("apiextensions.k8s.io/v1/JSONSchemaProps", "properties", "{apiextensions.k8s.io/v1/JSONSchemaProps}?"),
        ("apiextensions.k8s.io/v1/JSONSchemaProps", "default", "Dyn?"),
        ("apiextensions.k8s.io/v1/JSONSchemaProps", "maximum", "Float?"),
        (
            "apiextensions.k8s.io/v1/CustomResourceSubresources",
            "status",
            "apiextensions.k8s.io/v1/CustomResourceSubresourceStatus?",
        ),
        ("core/v1/PodList", "items", "[core/v1/Pod]"),
    ];
    for (name, field, expected) in facts {
        assert_eq!(ty(name, field), expected, "{name}.{field}");
    }
}

#[test]
fn a_deployment_spec_needs_its_selector_and_template_only() {
    let schemas = Schemas::builtin();
    let record = schemas.record(def("apps/v1/DeploymentSpec")).unwrap();
    let required: Vec<&str> =
        record.fields.iter().filter(|(_, field)| !field.optional).map(|(name, _)| name.as_str()).collect();
    assert_eq!(required, ["selector", "template"]);
    assert_eq!(record.fields.len(), 8);
}

#[test]
fn kinds_know_their_place_in_the_api() {
    let facts = [
        ("apps", "v1", "Deployment", "deployments", true),
        ("", "v1", "Pod", "pods", true),
        ("", "v1", "Service", "services", true),
        ("", "v1", "Endpoints", "endpoints", true),
        ("", "v1", "Namespace", "namespaces", false),
        ("", "v1", "Node", "nodes", false),
        ("", "v1", "PersistentVolume", "persistentvolumes", false),
        ("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true),
        ("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", true),
        ("networking.k8s.io", "v1", "Ingress", "ingresses", true),
        ("networking.k8s.io", "v1", "IngressClass", "ingressclasses", false),
        ("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false),
        ("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true),
        ("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false),
        ("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true),
        ("storage.k8s.io", "v1", "StorageClass", "storageclasses", false),
        ("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true),
        ("batch", "v1", "CronJob", "cronjobs", true),
    ];
    for (group, version, name, plural, namespaced) in facts {
        let kind = kind(group, version, name);
        assert_eq!((kind.plural.as_str(), kind.namespaced), (plural, namespaced), "{name}");
        assert_eq!(Schemas::builtin().short_name(kind.def), Some(name));
    }
}

#[test]
fn verbs_and_subresources_come_from_the_paths() {
    let deployment = kind("apps", "v1", "Deployment");
    assert!(deployment.has_status && deployment.has_scale);
    assert!(deployment.verbs.contains(Verb::Create) && deployment.verbs.contains(Verb::DeleteCollection));
    let config_map = kind("", "v1", "ConfigMap");
    assert!(!config_map.has_status && !config_map.has_scale);
    assert!(config_map.verbs.contains(Verb::Update));
    let review = kind("authorization.k8s.io", "v1", "SubjectAccessReview");
    assert!(review.verbs.contains(Verb::Create) && !review.verbs.contains(Verb::Get));
    assert!(!kind("", "v1", "ComponentStatus").verbs.contains(Verb::Create));
}

#[test]
fn what_has_no_path_of_its_own_is_no_kind() {
    let schemas = Schemas::builtin();
    for (group, version, name) in [
        ("autoscaling", "v1", "Scale"),
        ("policy", "v1", "Eviction"),
        ("authentication.k8s.io", "v1", "TokenRequest"),
        ("apps", "v1", "DeploymentList"),
        ("", "v1", "Status"),
        ("", "v1", "DeleteOptions"),
        ("apps", "v1beta1", "Deployment"),
        ("", "v1", "Deployment"),
        ("", "", ""),
    ] {
        assert_eq!(schemas.kind(group, version, name), None, "{group}/{version}/{name}");
    }
    assert!(schemas.type_named("apps", "v1", "DeploymentList").is_some());
    assert!(schemas.type_named("autoscaling", "v1", "Scale").is_some());
}

#[test]
fn kinds_of_one_name_are_found_in_all_groups() {
    let named = |name| Schemas::builtin().kinds_named(name).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(named("Deployment"), ["apps/v1/Deployment"]);
    assert_eq!(named("Event"), ["v1/Event", "events.k8s.io/v1/Event"]);
    assert_eq!(
        named("HorizontalPodAutoscaler"),
        ["autoscaling/v1/HorizontalPodAutoscaler", "autoscaling/v2/HorizontalPodAutoscaler"]
    );
    assert!(named("Deploymen").is_empty() && named("Deployments").is_empty() && named("").is_empty());
}

#[test]
fn the_core_group_has_two_spellings() {
    let schemas = Schemas::builtin();
    let pod = kind("", "v1", "Pod");
    assert_eq!(schemas.kind("core", "v1", "Pod"), Some(pod.clone()));
    assert_eq!((pod.group.as_str(), pod.api_version().as_str()), ("", "v1"));
    assert_eq!(schemas.type_named("", "v1", "Pod"), Some(pod.def));
    assert_eq!(schemas.name(pod.def).as_deref(), Some("core/v1/Pod"));
}

#[test]
fn lists_say_how_their_items_are_told_apart() {
    let keys = |names: &[&str]| ListType::Map(names.iter().map(|n| (*n).into()).collect());
    assert_eq!(info("core/v1/PodSpec", "containers").list, keys(&["name"]));
    assert_eq!(info("core/v1/PodSpec", "containers").merge_key.as_deref(), Some("name"));
    assert_eq!(info("core/v1/Container", "ports").list, keys(&["containerPort", "protocol"]));
    assert_eq!(info("core/v1/Container", "ports").merge_key.as_deref(), Some("containerPort"));
    assert_eq!(info("core/v1/Container", "command").list, ListType::Atomic);
    assert_eq!(info("meta/v1/ObjectMeta", "finalizers").list, ListType::Set);
    assert!(info("core/v1/ServiceSpec", "selector").atomic);
    assert!(Schemas::builtin().is_atomic(def("meta/v1/LabelSelector")));
}

#[test]
fn defaults_formats_and_deprecations_are_kept() {
    let default = |name, field| info(name, field).default;
    assert!(matches!(default("core/v1/ContainerPort", "protocol"), Some(Value::String(s)) if s == "TCP"));
    assert!(matches!(default("core/v1/ReplicationControllerSpec", "replicas"), Some(Value::Int(1))));
    assert!(default("core/v1/Container", "name").is_none());
    assert!(default("apps/v1/Deployment", "metadata").is_none());
    assert_eq!(info("apps/v1/DeploymentSpec", "replicas").format, Some("int32"));
    assert_eq!(info("meta/v1/ObjectMeta", "generation").format, Some("int64"));
    assert_eq!(info("coordination.k8s.io/v1/LeaseSpec", "renewTime").format, Some("date-time-micro"));
    assert!(info("core/v1/PodSpec", "serviceAccount").deprecated);
    assert!(!info("core/v1/PodSpec", "serviceAccountName").deprecated);
    assert!(!info("networking.k8s.io/v1/IngressSpec", "ingressClassName").deprecated);
    assert!(Schemas::builtin().is_deprecated(def("core/v1/Endpoints")));
}

#[test]
fn documentation_is_found() {
    let schemas = Schemas::builtin();
    let doc = schemas.doc(def("core/v1/Container")).unwrap();
    assert_eq!(doc, "A single application container that you want to run within a pod.");
    let doc = schemas.field_doc(def("core/v1/Container"), "name").unwrap();
    assert!(doc.starts_with("Name of the container specified as a DNS_LABEL."), "{doc}");
    let doc = schemas.field_doc(def("core/v1/Container"), "imagePullPolicy").unwrap();
    assert!(doc.contains("- `\"Never\"` means that kubelet never pulls an image"), "{doc}");
    assert_eq!(schemas.field_doc(def("core/v1/Container"), "nmae"), None);
}

#[test]
fn shapes_tell_records_from_names_and_from_anything() {
    let shape = |name| Schemas::builtin().shape(def(name)).unwrap();
    assert!(matches!(shape("core/v1/Pod"), Shape::Record));
    assert!(matches!(shape("meta/v1/Quantity"), Shape::Alias(Type::Quantity)));
    assert!(matches!(shape("meta/v1/Time"), Shape::Alias(Type::Timestamp)));
    assert!(matches!(shape("meta/v1/IntOrString"), Shape::Alias(Type::Union(_))));
    for open in ["meta/v1/RawExtension", "meta/v1/FieldsV1", "apiextensions.k8s.io/v1/JSON"] {
        assert!(matches!(shape(open), Shape::Open), "{open}");
        assert!(Schemas::builtin().record(def(open)).is_none());
    }
    let empty = def("apiextensions.k8s.io/v1/CustomResourceSubresourceStatus");
    assert!(Schemas::builtin().record(empty).unwrap().fields.is_empty());
}

#[test]
fn every_definition_decodes_and_names_what_exists() {
    let schemas = Schemas::builtin();
    assert_eq!(schemas.release(), "1.37.0");
    assert_eq!(schemas.definitions().count(), 862);
    assert_eq!(schemas.kinds().count(), 100);
    let mut documented = 0;
    for def in schemas.definitions() {
        let name = schemas.name(def).unwrap();
        let Some(Shape::Record) = schemas.shape(def) else { continue };
        let record = schemas.record(def).unwrap_or_else(|| panic!("{name}"));
        for (field, declared) in &record.fields {
            let info = schemas.field(def, field).unwrap_or_else(|| panic!("{name}.{field}"));
            assert_eq!(info.required, !declared.optional, "{name}.{field}");
            assert!(!short(&info.ty).is_empty());
            documented += usize::from(schemas.field_doc(def, field).is_some());
        }
    }
    assert!(documented > 3_000, "{documented}");
    for kind in schemas.kinds() {
        assert!(schemas.record(kind.def).unwrap().fields.contains_key("metadata"), "{kind}");
        assert_eq!(schemas.kind(&kind.group, &kind.version, &kind.kind), Some(kind));
    }
}

#[test]
fn a_number_beyond_the_pack_is_nothing() {
    let schemas = Schemas::builtin();
    let beyond = DefId(965);
    assert!(schemas.record(beyond).is_none() && schemas.shape(beyond).is_none());
    assert!(schemas.name(beyond).is_none() && schemas.doc(DefId(u32::MAX)).is_none());
}
