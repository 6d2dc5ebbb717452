//! Several releases in one pack: each is seen as if it were alone.

use tessera_schema_pack::model::Release;
use tessera_schema_pack::{enums, openapi, pack};

use crate::schema::{DefId, ListType, Schemas, Shape};
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
