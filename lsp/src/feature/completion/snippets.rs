//! Whole resources that check as they are, for the kinds that most projects have,
//! and the members of a composite. A test compiles each.

use super::{Context, Item, ItemKind, Rank};

/// Kinds and their bodies, with places to fill.
pub(crate) const RESOURCES: [(&str, &str, &str); 16] = [
    (
        "deployment",
        "apps/v1/Deployment",
        r#"{
  metadata: { labels: { app: "${2:web}" } }
  spec: {
    replicas: ${3:2}
    selector: { matchLabels: { app: "${2:web}" } }
    template: {
      metadata: { labels: { app: "${2:web}" } }
      spec: {
        containers: [{
          name: "${2:web}"
          image: "${4:registry.example.com/web:1.0.0}"
          ports: [{ name: "http", containerPort: ${5:8080} }]
          resources: {
            requests: { cpu: ${6:100m}, memory: ${7:128Mi} }
            limits: { memory: ${7:128Mi} }
          }
          readinessProbe: { httpGet: { path: "${8:/ready}", port: "http" } }
        }]
      }
    }
  }
}"#,
    ),
    (
        "stateful-set",
        "apps/v1/StatefulSet",
        r#"{
  spec: {
    serviceName: "${2:db}"
    selector: { matchLabels: { app: "${2:db}" } }
    template: {
      metadata: { labels: { app: "${2:db}" } }
      spec: {
        containers: [{
          name: "${2:db}"
          image: "${3:registry.example.com/db:1.0.0}"
          volumeMounts: [{ name: "data", mountPath: "${4:/var/lib/data}" }]
          resources: { limits: { memory: ${5:512Mi} } }
        }]
      }
    }
    volumeClaimTemplates: [{
      metadata: { name: "data" }
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: ${6:10Gi} } } }
    }]
  }
}"#,
    ),
    (
        "daemon-set",
        "apps/v1/DaemonSet",
        r#"{
  spec: {
    selector: { matchLabels: { app: "${2:agent}" } }
    template: {
      metadata: { labels: { app: "${2:agent}" } }
      spec: {
        containers: [{
          name: "${2:agent}"
          image: "${3:registry.example.com/agent:1.0.0}"
          resources: { limits: { memory: ${4:128Mi} } }
        }]
      }
    }
  }
}"#,
    ),
    (
        "service",
        "v1/Service",
        r#"{
  spec: {
    selector: { app: "${2:web}" }
    ports: [{ name: "http", port: ${3:80}, targetPort: "http" }]
  }
}"#,
    ),
    (
        "ingress",
        "networking.k8s.io/v1/Ingress",
        r#"{
  spec: {
    rules: [{
      host: "${2:web.example.com}"
      http: {
        paths: [{
          path: "/"
          pathType: "Prefix"
          backend: { service: { name: "${3:web}", port: { name: "http" } } }
        }]
      }
    }]
  }
}"#,
    ),
    ("config-map", "v1/ConfigMap", "{\n  data: { ${2:KEY}: \"${3:value}\" }\n}"),
    ("service-account", "v1/ServiceAccount", "{\n  automountServiceAccountToken: ${2:false}\n}"),
    ("namespace", "v1/Namespace", "{\n  metadata: { labels: { ${2:team}: \"${3:platform}\" } }\n}"),
    (
        "persistent-volume-claim",
        "v1/PersistentVolumeClaim",
        r#"{
  spec: {
    accessModes: ["ReadWriteOnce"]
    resources: { requests: { storage: ${2:10Gi} } }
  }
}"#,
    ),
    (
        "job",
        "batch/v1/Job",
        r#"{
  spec: {
    backoffLimit: ${2:3}
    template: {
      spec: {
        restartPolicy: "Never"
        containers: [{
          name: "${3:job}"
          image: "${4:registry.example.com/job:1.0.0}"
          resources: { limits: { memory: ${5:128Mi} } }
        }]
      }
    }
  }
}"#,
    ),
    (
        "cron-job",
        "batch/v1/CronJob",
        r#"{
  spec: {
    schedule: "${2:0 3 * * *}"
    concurrencyPolicy: "Forbid"
    jobTemplate: {
      spec: {
        template: {
          spec: {
            restartPolicy: "Never"
            containers: [{
              name: "${3:job}"
              image: "${4:registry.example.com/job:1.0.0}"
              resources: { limits: { memory: ${5:128Mi} } }
            }]
          }
        }
      }
    }
  }
}"#,
    ),
    (
        "autoscaler",
        "autoscaling/v2/HorizontalPodAutoscaler",
        r#"{
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "${2:web}" }
    minReplicas: ${3:2}
    maxReplicas: ${4:8}
    metrics: [{
      type: "Resource"
      resource: { name: "cpu", target: { type: "Utilization", averageUtilization: ${5:70} } }
    }]
  }
}"#,
    ),
    (
        "disruption-budget",
        "policy/v1/PodDisruptionBudget",
        r#"{
  spec: {
    minAvailable: ${2:1}
    selector: { matchLabels: { app: "${3:web}" } }
  }
}"#,
    ),
    (
        "network-policy",
        "networking.k8s.io/v1/NetworkPolicy",
        r#"{
  spec: {
    podSelector: { matchLabels: { app: "${2:web}" } }
    policyTypes: ["Ingress"]
    ingress: [{ from: [{ podSelector: { matchLabels: { app: "${3:client}" } } }] }]
  }
}"#,
    ),
    (
        "role",
        "rbac.authorization.k8s.io/v1/Role",
        r#"{
  rules: [{ apiGroups: ["${2:}"], resources: ["${3:configmaps}"], verbs: ["${4:get}", "list", "watch"] }]
}"#,
    ),
    (
        "role-binding",
        "rbac.authorization.k8s.io/v1/RoleBinding",
        r#"{
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "${2:reader}" }
  subjects: [{ kind: "ServiceAccount", name: "${3:default}", namespace: "${4:default}" }]
}"#,
    ),
];

/// The members of a composite as one begins them.
const MEMBERS: [(&str, &str, &str); 14] = [
    ("param", "param ${1:name}: ${2:String}", "A parameter: what an instance gives."),
    ("let", "let ${1:name} = $0", "A value with a name."),
    ("require", "require ${1:condition}\n  else \"${2:message}\"", "A rule that every instance must meet."),
    ("resource", "resource ${1:name}: ${2:v1/ConfigMap} {\n  $0\n}", "An object that Tessera makes."),
    (
        "external",
        "external ${1:name}: ${2:v1/Secret} {\n  metadata: { name: \"${3:name}\" }\n}",
        "An object that others make, to read from.",
    ),
    ("if", "if ${1:condition} {\n  $0\n}", "Members that are there under a condition."),
    ("for", "for ${1:key}, ${2:value} in ${3:map} {\n  $0\n}", "Members for each entry."),
    ("output", "output ${1:name}: ${2:String} = $0", "A value that the instance's status shows."),
    ("ready when", "ready when $0", "When the instance counts as ready."),
    ("scope", "scope ${1|cluster,namespaced|}", "Whether instances live in namespaces."),
    ("lease", "lease ${1:12h} {\n  $0\n}", "How long an instance lives."),
    ("notify", "notify ${1|slack,email,webhook|}(${2:target}) on ${3:ready}", "Whom to tell of what."),
    ("let text", "let ${1:name} = \"\"\"\n  $0\n  \"\"\"", "A text of several lines."),
    (
        "raw resource",
        "// allow(W0802): ${1:why}\nresource ${2:name}: raw ${3:example.com/v1/Thing} {\n  $0\n}",
        "An object of a kind without a schema.",
    ),
];

/// What may stand between the members of a composite.
pub(super) fn members(context: &Context<'_>) -> Vec<Item> {
    let item = |(label, text, doc): &(&str, &str, &str)| {
        let item = Item::new(*label, ItemKind::Keyword, Rank::Fits).snippet(*text);
        item.doc(super::Doc::Text((*doc).to_owned()))
    };
    let mut items: Vec<Item> = MEMBERS.iter().map(item).collect();
    items.extend(resources(context));
    items
}

/// Whole resources of the kinds that the project's Kubernetes has.
pub(super) fn resources(context: &Context<'_>) -> Vec<Item> {
    let known = |kind: &str| {
        let parts: Vec<&str> = kind.split('/').collect();
        match parts.as_slice() {
            [version, kind] => context.schemas().kind("", version, kind).is_some(),
            [group, version, kind] => context.schemas().kind(group, version, kind).is_some(),
            _ => false,
        }
    };
    let item = |(name, kind, body): &(&str, &str, &str)| {
        let text = format!("resource ${{1:{name}}}: {kind} {body}");
        let item = Item::new(format!("resource {name}"), ItemKind::Snippet, Rank::Possible).detail(*kind).snippet(text);
        Item { filter: Some(format!("resource {name} {kind}")), ..item }
    };
    RESOURCES.iter().filter(|(_, kind, _)| known(kind)).map(item).collect()
}

/// The body for a kind, where there is one.
pub(super) fn body(kind: &str) -> Option<&'static str> {
    RESOURCES.iter().find(|(_, known, _)| *known == kind).map(|(_, _, body)| *body)
}

/// Whether a field is said by the declaration of a resource, or by a cluster.
pub(super) fn is_said(field: &str) -> bool {
    matches!(field, "apiVersion" | "kind" | "status" | "metadata")
}
