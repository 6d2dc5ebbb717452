//! What each keyword of a schema asks for, and what types a schema gives.

use super::*;
use crate::project::{Globs, Project};
use crate::schema::Schemas;
use crate::source::{FileId, MemoryFiles, SourceMap};

fn tree(text: &str) -> yaml::Node {
    let (mut documents, diagnostics) = yaml::read(FileId(0), text);
    assert_eq!(diagnostics, [], "{text}");
    documents.swap_remove(0).root
}

/// What is wrong with a value of the field `v`, whose schema this is.
fn wrong(schema: &str, value: &str) -> Vec<String> {
    let schema = tree(&format!("{{ type: object, properties: {{ v: {schema} }} }}"));
    let decoded = decode::decode(&schema);
    assert_eq!(decoded.diagnostics, []);
    let value = value::served(&decoded.schema, NodeId::ROOT, &yaml::value(&tree(&format!("{{ v: {value} }}"))));
    let found = value::violations(&decoded.schema, NodeId::ROOT, &value);
    let verdict = rules::run(&decoded.schema, NodeId::ROOT, &value);
    assert_eq!(verdict.diagnostics, []);
    found.into_iter().chain(verdict.violations).map(|violation| violation.message).collect()
}

/// Schema, a value that fits, one that does not, and what is said of it.
const KEYWORDS: &[(&str, &str, &str, &str)] = &[
    ("{ type: string }", "a", "1", "is 1, and must be text"),
    ("{ type: string }", "a", "null", "is null, and must be text"),
    ("{ type: string, nullable: true }", "null", "true", "is true, and must be text"),
    ("{ type: integer }", "1", "1.5", "is 1.5, and must be a whole number"),
    ("{ type: integer }", "2.0", "a", "is \"a\", and must be a whole number"),
    ("{ type: integer, format: int32 }", "1", "2147483648", "is 2147483648, which does not fit into 32 bits"),
    ("{ type: number }", "1", "a", "is \"a\", and must be a number"),
    ("{ type: boolean }", "true", "1", "is 1, and must be true or false"),
    ("{ type: array, items: { type: string } }", "[a]", "[1]", "is 1, and must be text"),
    ("{ type: array, items: { type: string } }", "[]", "{}", "is an object, and must be a list"),
    ("{ type: object }", "{}", "[]", "is a list, and must be an object"),
    ("{ type: object }", "{}", "{ a: 1 }", "is no field that the definition has"),
    ("{ type: object, additionalProperties: { type: integer } }", "{ a: 1 }", "{ a: b }", "must be a whole number"),
    ("{ type: object, additionalProperties: true }", "{ a: 1 }", "1", "must be an object"),
    ("{ x-kubernetes-preserve-unknown-fields: true }", "[1, a]", "", ""),
    ("{ type: object, x-kubernetes-preserve-unknown-fields: true }", "{ a: 1 }", "1", "must be an object"),
    ("{ x-kubernetes-int-or-string: true }", "1", "1.5", "a whole number or text"),
    ("{ x-kubernetes-int-or-string: true, pattern: \"^[0-9]+%$\" }", "1", "a", "does not match `^[0-9]+%$`"),
    (
        "{ type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true }",
        "{ apiVersion: v1, kind: A, metadata: { name: a }, data: 1 }",
        "{ apiVersion: v1 }",
        "needs `kind`, since it is an object of its own",
    ),
    ("{ type: object, required: [a], properties: { a: { type: string } } }", "{ a: b }", "{}", "needs `a`"),
    ("{ type: object, required: [a], properties: { a: { type: string, default: b } } }", "{}", "1", "an object"),
    (
        "{ type: object, properties: { a: { type: string, default: b, nullable: false } } }",
        "{ a: null }",
        "{ a: 1 }",
        "must be text",
    ),
    ("{ type: string, enum: [a, b] }", "a", "c", "is \"c\", and must be one of \"a\", \"b\""),
    ("{ type: integer, enum: [1, 2] }", "1", "3", "is 3, and must be one of 1, 2"),
    ("{ type: string, minLength: 2 }", "äö", "ä", "has 1 characters, and needs at least 2"),
    ("{ type: string, maxLength: 2 }", "äö", "abc", "has 3 characters, and may have at most 2"),
    ("{ type: string, pattern: a }", "cat", "dog", "is \"dog\", which does not match `a`"),
    ("{ type: integer, minimum: 1 }", "1", "0", "is 0, and must be at least 1"),
    ("{ type: integer, minimum: 1, exclusiveMinimum: true }", "2", "1", "is 1, and must be more than 1"),
    ("{ type: integer, maximum: 1 }", "1", "2", "is 2, and must be at most 1"),
    ("{ type: number, maximum: 1.5, exclusiveMaximum: true }", "1.4", "1.5", "is 1.5, and must be less than 1.5"),
    ("{ type: integer, multipleOf: 3 }", "6", "7", "is 7, and must be a multiple of 3"),
    ("{ type: number, multipleOf: 0.1 }", "0.3", "0.35", "is 0.35, and must be a multiple of 0.1"),
    ("{ type: array, items: { type: integer }, minItems: 1 }", "[1]", "[]", "has 0 items, and needs at least 1"),
    ("{ type: array, items: { type: integer }, maxItems: 1 }", "[1]", "[1, 2]", "and may have at most 1"),
    ("{ type: array, items: { type: integer }, uniqueItems: true }", "[1, 2]", "[1, 1]", "is the same as item 0: 1"),
    (
        "{ type: object, additionalProperties: { type: integer }, minProperties: 1 }",
        "{ a: 1 }",
        "{}",
        "has 0 entries, and needs at least 1",
    ),
    (
        "{ type: object, additionalProperties: { type: integer }, maxProperties: 1 }",
        "{ a: 1 }",
        "{ a: 1, b: 2 }",
        "has 2 entries, and may have at most 1",
    ),
    (
        "{ type: array, x-kubernetes-list-type: set, items: { type: string } }",
        "[a, b]",
        "[a, b, a]",
        "is the same as item 0: \"a\"",
    ),
    (
        "{ type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [a], items: { type: object, properties: { a: { type: string, default: x } } } }",
        "[{ a: b }, {}]",
        "[{ a: x }, {}]",
        "has the same key as item 0: {\"a\":\"x\"}",
    ),
    ("{ type: integer, allOf: [{ minimum: 1 }, { maximum: 3 }] }", "2", "4", "must be at most 3"),
    ("{ type: integer, anyOf: [{ maximum: 1 }, { minimum: 3 }] }", "3", "2", "at least one of the forms"),
    ("{ type: integer, oneOf: [{ maximum: 3 }, { minimum: 1 }] }", "0", "2", "more than one holds"),
    ("{ type: integer, not: { minimum: 3 } }", "2", "3", "is what the definition excludes"),
    ("{ type: string, format: uuid }", "123e4567e89b12d3a456426614174000", "abc", "not of the format `uuid`"),
    ("{ type: string, format: ipv4 }", "10.0.0.1", "10.0.0", "not of the format `ipv4`"),
    ("{ type: string, format: ipv6 }", "\"::1\"", "10.0.0.1", "not of the format `ipv6`"),
    ("{ type: string, format: cidr }", "10.0.0.0/8", "10.0.0.0", "not of the format `cidr`"),
    ("{ type: string, format: date }", "\"2026-01-31\"", "\"2026-02-30\"", "not of the format `date`"),
    ("{ type: string, format: hexcolor }", "\"#ffffff\"", "\"#ggg\"", "not of the format `hexcolor`"),
    ("{ type: string, format: nothing-known }", "a", "1", "must be text"),
    ("{ type: string, x-kubernetes-validations: [{ rule: self == 'a', message: only a }] }", "a", "b", "only a"),
    ("{ type: string, x-kubernetes-validations: [{ rule: self == oldSelf }] }", "a", "1", "must be text"),
    (
        "{ type: string, x-kubernetes-validations: [{ rule: \"!oldSelf.hasValue()\", optionalOldSelf: true }] }",
        "a",
        "1",
        "must be text",
    ),
    (
        "{ type: string, format: date-time, x-kubernetes-validations: [{ rule: \"self.getFullYear() == 2026\" }] }",
        "\"2026-01-31T12:00:00Z\"",
        "\"2025-01-31T12:00:00Z\"",
        "failed rule: self.getFullYear() == 2026",
    ),
    (
        "{ type: number, x-kubernetes-validations: [{ rule: \"self / 2.0 == 0.5\" }] }",
        "1",
        "2",
        "failed rule: self / 2.0 == 0.5",
    ),
    (
        "{ type: object, additionalProperties: { type: string }, x-kubernetes-validations: [{ rule: \"self.all(key, key.startsWith('a.'))\" }] }",
        "{ a.b: c }",
        "{ b.c: d }",
        "failed rule: self.all(key, key.startsWith('a.'))",
    ),
];

#[test]
fn each_keyword_asks_what_a_server_asks() {
    for (schema, good, bad, said) in KEYWORDS {
        assert_eq!(wrong(schema, good), [] as [&str; 0], "{schema} {good}");
        if !bad.is_empty() {
            let found = wrong(schema, bad);
            assert!(found.iter().any(|message| message.contains(said)), "{schema} {bad}: {found:?}");
        }
    }
}

#[test]
fn nothing_is_told_of_rules_where_a_type_is_wrong() {
    let schema =
        "{ type: object, properties: { a: { type: integer, x-kubernetes-validations: [{ rule: self > 1 }] } } }";
    let decoded = decode::decode(&tree(schema));
    let value = yaml::value(&tree("{ a: x }"));
    assert_eq!(value::violations(&decoded.schema, NodeId::ROOT, &value).len(), 1);
}

fn schemas(spec: &str) -> (Schemas, Kind) {
    let mut files = MemoryFiles::default();
    let definition = format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  group: a.b\n  names: {{ kind: C, plural: cs }}\n  \
         scope: Cluster\n  versions: [{{ name: v1, served: true, schema: {{ openAPIV3Schema: {{ type: object, properties: {{ spec: {spec} }} }} }} }}]\n"
    );
    files.insert("c.yaml", &definition);
    let project = Project { crds: vec![("*.yaml".to_owned(), Span::new(FileId(0), 0, 0))], ..Project::default() };
    let crds = Crds::load(&files, &Globs::of(&project, ""), &mut SourceMap::default());
    let schemas = Schemas::builtin().with_crds(crds);
    let kind = schemas.kind("a.b", "v1", "C").unwrap();
    (schemas, kind)
}

#[test]
fn a_schema_gives_types() {
    for (schema, shown) in [
        ("{ type: string }", "String"),
        ("{ type: string, nullable: true }", "String | null"),
        ("{ type: string, enum: [a, b] }", "\"a\" | \"b\""),
        ("{ type: string, format: byte }", "Bytes"),
        ("{ type: string, format: date-time }", "Timestamp"),
        ("{ type: integer }", "Int"),
        ("{ type: integer, enum: [1, 2] }", "1 | 2"),
        ("{ type: number }", "Float"),
        ("{ type: boolean }", "Bool"),
        ("{ x-kubernetes-int-or-string: true }", "Int | String"),
        ("{ x-kubernetes-preserve-unknown-fields: true }", "Any"),
        ("{ type: object, x-kubernetes-preserve-unknown-fields: true }", "{String: Any}"),
        ("{ type: object, additionalProperties: { type: array, items: { type: integer } } }", "{String: [Int]}"),
        ("{ type: array, items: { type: object, properties: { a: { type: string } } } }", "[C.spec.f]"),
        ("{ type: object }", "C.spec.f"),
    ] {
        let (schemas, kind) = schemas(&format!("{{ type: object, properties: {{ f: {schema} }} }}"));
        let record = schemas.record(kind.def).unwrap();
        let spec = record.fields["spec"].ty.record(&schemas).unwrap();
        assert_eq!(spec.fields["f"].ty.display(&schemas).to_string(), shown, "{schema}");
    }
}

#[test]
fn an_object_has_metadata_and_its_kind_is_namespaced_or_not() {
    let (schemas, kind) = schemas("{ type: object }");
    assert!(!kind.namespaced && schemas.kinds().any(|other| other == kind));
    assert_eq!(schemas.name(kind.def).as_deref(), Some("a.b/v1/C"));
    let metadata = &schemas.record(kind.def).unwrap().fields["metadata"];
    assert_eq!(metadata.ty.display(&schemas).to_string(), "meta/v1/ObjectMeta");
}

#[test]
fn a_schema_of_more_parts_than_the_bound_is_cut_there() {
    let mut text = String::from("type: object\nproperties:\n");
    for number in 0..10 {
        text.push_str(&format!("  f{number}: {{ type: string }}\n"));
    }
    assert_eq!(decode::decode_within(&tree(&text), 11).diagnostics, []);
    let decoded = decode::decode_within(&tree(&text), 10);
    assert_eq!(decoded.diagnostics.len(), 1);
    assert_eq!(decoded.diagnostics[0].message, "the schema has more than 10 parts");
}
