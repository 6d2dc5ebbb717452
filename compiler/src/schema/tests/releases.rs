//! Several releases in one pack: each is seen as if it were alone.

use tessera_schema_pack::model::Release;
use tessera_schema_pack::{enums, openapi, pack};

use crate::project::VersionRange;
use crate::schema::{DefId, ListType, Schemas, Shape, explain};
use crate::types::Type;

const ENUMS: &str = "func schema_k8sio_api_demo_v1_WidgetSpec(ref common.ReferenceCallback) {\n\
    \t\t\t\t\t\"size\": {\n\
    \t\t\t\t\t\t\tDescription: \"Its size.\",\n\
    \t\t\t\t\t\t\tEnum:        []interface{}{\"large\", \"small\"},\n";

/// A group with one kind; `PROPERTIES` and `REQUIRED` stand for what differs.
const GROUP: &str = r##"{
  "components": { "schemas": {
    "io.k8s.api.demo.v1.Widget": {
      "description": "A widget.", "type": "object",
      "properties": { "spec": {
        "allOf": [{ "$ref": "#/components/schemas/io.k8s.api.demo.v1.WidgetSpec" }], "default": {} } },
      "x-kubernetes-group-version-kind": [{ "group": "demo.io", "kind": "Widget", "version": "v1" }]
    },
    "io.k8s.api.demo.v1.WidgetSpec": {
      "type": "object", "required": REQUIRED,
      "properties": { PROPERTIES, "size": { "description": "Size.", "type": "string" } }
    }
  } },
  "paths": {
    "/apis/demo.io/v1/namespaces/{namespace}/widgets": {
      "post": { "x-kubernetes-action": "post",
        "x-kubernetes-group-version-kind": { "group": "demo.io", "kind": "Widget", "version": "v1" } }
    },
    "/apis/demo.io/v1/namespaces/{namespace}/widgets/{name}/scale": {
      "get": { "x-kubernetes-action": "get",
        "x-kubernetes-group-version-kind": { "group": "autoscaling", "kind": "Scale", "version": "v1" } }
    }
  }
}"##;

fn release(version: &str, properties: &str, required: &str, enums: &str) -> Release {
    let file = GROUP.replace("PROPERTIES", properties).replace("REQUIRED", required);
    let file = openapi::parse(&file).unwrap();
    openapi::read(version, &[file], &enums::read(enums).unwrap()).unwrap()
}

fn two() -> Vec<u8> {
    let old = r#""count": { "description": "Old words.", "type": "integer", "format": "int32" }"#;
    let new = r#""count": { "description": "New words.", "type": "integer", "format": "int32" },
        "gone": { "type": "boolean", "nullable": true },
        "items": { "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a", "b"],
          "items": { "type": "object", "additionalProperties": { "type": "string", "format": "byte" } } }"#;
    let releases = [release("1.1.0", old, "[]", ""), release("1.2.0", new, r#"["count"]"#, ENUMS)];
    pack(&releases).unwrap()
}

fn opened(version: Option<&str>) -> (Schemas, DefId) {
    let schemas = Schemas::open(two().leak(), version).unwrap();
    let def = schemas.type_named("demo.io", "v1", "WidgetSpec").unwrap();
    (schemas, def)
}

#[test]
fn packing_twice_gives_the_same_bytes() {
    assert_eq!(two(), two());
}

#[test]
fn the_newest_release_is_the_one_by_default() {
    assert_eq!(opened(None).0.release(), "1.2.0");
    assert_eq!(opened(Some("1.1.0")).0.release(), "1.1.0");
}

#[test]
fn each_release_has_its_own_fields() {
    let fields = |version| {
        let (schemas, def) = opened(Some(version));
        let record = schemas.record(def).unwrap();
        record.fields.iter().map(|(name, f)| (name.to_string(), f.optional)).collect::<Vec<_>>()
    };
    let field = |name: &str, optional| (name.to_owned(), optional);
    assert_eq!(fields("1.1.0"), [field("count", true), field("size", true)]);
    let newer = [field("count", false), field("gone", true), field("items", true), field("size", true)];
    assert_eq!(fields("1.2.0"), newer);
}

#[test]
fn a_fields_form_and_words_are_those_of_its_release() {
    let (old, def) = opened(Some("1.1.0"));
    assert!(matches!(old.field(def, "size").unwrap().ty, Type::String));
    assert!(!old.field(def, "count").unwrap().required && old.field(def, "gone").is_none());
    let (new, def) = opened(Some("1.2.0"));
    assert!(matches!(new.field(def, "size").unwrap().ty, Type::Union(values) if values.len() == 2));
    assert!(new.field(def, "count").unwrap().required);
    assert_eq!(new.field_doc(def, "size").as_deref(), Some("Its size."));
    assert_eq!(new.field_doc(def, "count").as_deref(), Some("New words."));
}

#[test]
fn nullable_and_keyed_fields_are_read() {
    let (schemas, def) = opened(None);
    let gone = &schemas.record(def).unwrap().fields["gone"].ty;
    assert!(matches!(gone, Type::Union(members) if matches!(members[..], [Type::Bool, Type::Null])));
    assert!(schemas.field(def, "gone").unwrap().nullable);
    let items = schemas.field(def, "items").unwrap();
    assert_eq!(items.list, ListType::Map(vec!["a".into(), "b".into()]));
    let Type::List(item) = items.ty else { panic!("no list") };
    assert!(matches!(&*item, Type::Map(entry) if matches!(entry.1, Type::Bytes)));
}

#[test]
fn the_kind_and_its_definition_are_found() {
    let (schemas, _) = opened(None);
    let kind = schemas.kind("demo.io", "v1", "Widget").unwrap();
    assert!(kind.namespaced && kind.has_scale && !kind.has_status);
    assert!(matches!(schemas.shape(kind.def), Some(Shape::Record)));
    assert_eq!(schemas.doc(kind.def).as_deref(), Some("A widget."));
}

#[test]
fn every_cut_of_a_small_pack_is_refused() {
    let bytes: &'static [u8] = two().leak();
    for length in 0..bytes.len() {
        assert!(Schemas::open(&bytes[..length], None).is_none(), "{length}");
    }
}

#[test]
fn what_the_layout_cannot_say_is_refused_by_the_packer() {
    let read = |properties: &str| {
        let file = GROUP.replace("PROPERTIES", properties).replace("REQUIRED", "[]");
        openapi::read("1.0.0", &[openapi::parse(&file).unwrap()], &enums::Enums::new())
    };
    assert!(read(r#""a": { "type": "string" }"#).is_ok());
    for bad in [
        r#""a": { "type": "string", "format": "uuid" }"#,
        r##""a": { "$ref": "#/components/schemas/io.k8s.api.demo.v1.None" }"##,
        r#""a": { "type": "object", "properties": {} }"#,
        r#""a": { "type": "array", "x-kubernetes-list-type": "bag" }"#,
    ] {
        let error = read(bad).unwrap_err();
        assert!(error.contains("WidgetSpec: a: "), "{error}");
    }
}

fn range(oldest: u32, newest: u32) -> Schemas {
    Schemas::builtin().of_versions(VersionRange { oldest, newest })
}

fn def(schemas: &Schemas, name: &str) -> DefId {
    let parts: Vec<&str> = name.split('/').collect();
    schemas.type_named(parts[0], parts[1], parts[2]).unwrap()
}

#[test]
fn a_range_accepts_what_each_of_its_releases_accepts() {
    let schemas = Schemas::open(two().leak(), None).unwrap().of_versions(VersionRange { oldest: 1, newest: 2 });
    let def = schemas.type_named("demo.io", "v1", "WidgetSpec").unwrap();
    let record = schemas.record(def).unwrap();
    let fields: Vec<(&str, bool)> = record.fields.iter().map(|(name, f)| (name.as_str(), f.optional)).collect();
    assert_eq!(fields, [("count", false), ("size", true)], "what one lacks is out, what one requires is required");
    assert!(matches!(&record.fields["size"].ty, Type::Union(values) if values.len() == 2), "text is not enough");
    assert_eq!(schemas.field_doc(def, "count").as_deref(), Some("New words."));
    assert!(schemas.field(def, "gone").is_none());
    assert_eq!(schemas.minors_of_field(def, "gone").unwrap().to_string(), "since 1.2");
    assert_eq!(schemas.minors_that_require(def, "count").unwrap().lacking(), [1]);
    assert!(schemas.kind("demo.io", "v1", "Widget").is_some());
}

#[test]
fn values_that_an_older_release_does_not_take_are_left_out() {
    let operators = |oldest, newest| {
        let schemas = range(oldest, newest);
        let ty = schemas.record(def(&schemas, "core/v1/Toleration")).unwrap().fields["operator"].ty.clone();
        let Type::Union(values) = ty else { panic!("{ty:?}") };
        values.len()
    };
    assert_eq!((operators(33, 33), operators(34, 37), operators(35, 37), operators(37, 37)), (2, 2, 4, 4));
    let schemas = range(34, 37);
    let toleration = def(&schemas, "core/v1/Toleration");
    assert_eq!(schemas.minors_of_value(toleration, "operator", "Gt").unwrap().lacking(), [34]);
    assert!(schemas.minors_of_value(toleration, "operator", "gt").is_none());
}

#[test]
fn kinds_are_those_that_all_releases_of_a_range_have() {
    let has = |schemas: &Schemas, version: &str| schemas.kind("resource.k8s.io", version, "DeviceClass").is_some();
    assert!(!has(&range(33, 37), "v1") && has(&range(34, 37), "v1") && has(&range(33, 37), "v1beta1"));
    assert!(has(&range(33, 33), "v1alpha3") && !has(&range(33, 34), "v1alpha3"));
    // In two forms: one of them has no status.
    assert!(range(33, 37).kind("resource.k8s.io", "v1alpha3", "DeviceTaintRule").is_some());
    for minor in 33..=37 {
        let schemas = range(minor, minor);
        assert!(schemas.release().starts_with(&format!("1.{minor}.")), "{}", schemas.release());
        for kind in schemas.kinds() {
            assert!(schemas.record(kind.def).is_some(), "{kind}");
        }
    }
    assert_eq!(range(33, 37).kinds_named("DeviceTaintRule").len(), 1);
    assert_eq!(range(33, 33).kinds().count(), 88);
}

#[test]
fn versions_that_are_not_included_change_nothing() {
    assert_eq!(range(10, 20).release(), "1.37.0");
    assert_eq!(range(36, 90).versions(), VersionRange { oldest: 36, newest: 37 });
}

#[test]
fn lives_are_known_of_kinds_that_are_gone() {
    let schemas = Schemas::builtin();
    let removed = |group, version, kind| {
        let life = schemas.life(group, version, kind).unwrap();
        (life.removed.unwrap(), life.replacement.map(|(group, version, _)| format!("{group}/{version}")))
    };
    let to = |text: &str| Some(text.to_owned());
    assert_eq!(removed("policy", "v1beta1", "PodDisruptionBudget"), (25, to("policy/v1")));
    assert_eq!(removed("extensions", "v1beta1", "Ingress"), (22, to("networking.k8s.io/v1")));
    assert_eq!(removed("policy", "v1beta1", "PodSecurityPolicy"), (25, None));
    assert_eq!(removed("apps", "v1beta1", "Deployment"), (16, to("apps/v1")));
    assert_eq!(schemas.life("", "v1", "Pod").unwrap().removed, None);
    assert!(schemas.life("acme.io", "v1", "Pod").is_none());
}

#[test]
fn every_field_of_every_range_decodes() {
    for (oldest, newest) in [(33, 37), (34, 36)] {
        let schemas = range(oldest, newest);
        for def in schemas.definitions() {
            let Some(record) = schemas.record(def) else { continue };
            for name in record.fields.keys() {
                let minors = schemas.minors_of_field(def, name).unwrap();
                let of_definition = schemas.minors_of_definition(def).unwrap();
                let lacking = minors.lacking();
                assert!(lacking.iter().all(|m| of_definition.lacking().contains(m)), "{:?}.{name}", schemas.name(def));
            }
        }
    }
}

#[test]
fn what_is_explained_tells_since_when() {
    let text = |question| explain(&Schemas::builtin(), question).unwrap();
    assert!(text("Deployment").starts_with("apps/v1/Deployment\n\nKubernetes: since 1.9\nscope: namespaced\n"));
    assert!(text("v1/Pod.spec.hostnameOverride").contains("\nKubernetes: since 1.34\n"));
    assert!(text("Pod.spec.workloadRef").contains("\nKubernetes: since 1.35, removed in 1.36\n"));
    assert!(text("Pod.spec.serviceAccount").contains("\ndeprecated\n"));
    assert!(
        text("core/v1/Container")
            .contains("\n  restartPolicyRules        [core/v1/ContainerRestartRule] (since 1.34)\n")
    );
    assert!(text("Event").contains("also: v1/Event\n"));
    assert!(text("RoleBinding").contains("\ncannot be changed after creation: roleRef\n"));
    assert!(text("PersistentVolumeClaim.spec.storageClassName").contains("\ncannot be changed after creation\n"));
    assert!(!text("PersistentVolumeClaim.spec.resources.requests").contains("cannot be changed"));
    let error = |question| explain(&Schemas::builtin(), question).unwrap_err();
    assert!(error("batch/v1beta1/CronJob").contains("was removed in Kubernetes 1.25; `batch/v1/CronJob` takes its"));
    assert!(error("deployment").contains("did you mean `apps/v1/Deployment`?"));
    assert!(error("Pod.spec.continers").contains("did you mean `containers`?"));
    for nothing in ["", ".", "/", "a/b/c/d", "Pod.", "Pod..x", "Pod.spec.containers.name.x", "é.é"] {
        assert!(explain(&Schemas::builtin(), nothing).is_err(), "{nothing}");
    }
}
