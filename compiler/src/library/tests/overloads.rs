//! The resolution of overloads over the language's types.

use std::sync::Arc;

use crate::library::{Resolution, Since, find, resolve, signature};
use crate::types::{Field, Record, Type};
use crate::value::Value;

fn list(ty: Type) -> Type {
    Type::List(Arc::new(ty))
}

fn optional(ty: Type) -> Type {
    Type::Optional(Arc::new(ty))
}

fn union(types: &[Type]) -> Type {
    Type::Union(Arc::new(types.to_vec()))
}

fn text(value: &str) -> Type {
    Type::Literal(Value::str(value))
}

/// The result of a call as a text, or what is wrong with it.
fn resolved(name: &str, receiver: bool, args: &[Type]) -> String {
    match resolve(find(name).unwrap(), receiver, args) {
        Resolution::Found { result, .. } => shown(&result),
        Resolution::MayBeAbsent { argument } => format!("argument {argument} may be absent"),
        Resolution::NotFound { signatures } => format!("none of {}", signatures.len()),
    }
}

fn shown(ty: &Type) -> String {
    match ty {
        Type::List(item) => format!("[{}]", shown(item)),
        Type::Map(pair) => format!("{{{}: {}}}", shown(&pair.0), shown(&pair.1)),
        Type::Optional(inner) => format!("{}?", shown(inner)),
        Type::Opaque(name) => (*name).to_owned(),
        Type::Union(members) => members.iter().map(shown).collect::<Vec<_>>().join("|"),
        Type::Literal(value) => format!("{:?}", value.as_str().unwrap()),
        ty => format!("{ty:?}"),
    }
}

#[test]
fn finds_the_overload_and_its_result() {
    let sizes = union(&[text("small"), text("large")]);
    for (name, receiver, args, expected) in [
        ("size", false, vec![Type::String], "Int"),
        ("size", true, vec![list(Type::Bool)], "Int"),
        ("split", true, vec![Type::String, text(",")], "[String]"),
        ("split", false, vec![Type::String, Type::String], "none of 2"),
        ("split", true, vec![Type::String, Type::Int], "none of 2"),
        ("indexOf", true, vec![list(Type::Int), Type::Int], "Int"),
        ("indexOf", true, vec![list(Type::Int), Type::String], "none of 3"),
        ("sum", true, vec![list(Type::Float)], "Float"),
        ("sum", true, vec![list(Type::Quantity)], "Quantity"),
        ("sum", true, vec![list(Type::String)], "none of 5"),
        ("max", true, vec![list(Type::Duration)], "Duration"),
        ("max", true, vec![list(list(Type::Int))], "none of 2"),
        ("sort", true, vec![list(sizes.clone())], "[\"small\"|\"large\"]"),
        ("flatten", true, vec![list(list(Type::Int))], "[Int]"),
        ("first", true, vec![list(Type::Int)], "Int?"),
        ("getHours", true, vec![Type::Timestamp, Type::String], "Int"),
        ("getHours", true, vec![Type::Duration], "Int"),
        ("getHours", true, vec![Type::Duration, Type::String], "none of 3"),
        ("getQuery", true, vec![Type::Opaque("URL")], "{String: [String]}"),
        ("ip", false, vec![Type::String], "IP"),
        ("ip", true, vec![Type::Opaque("CIDR")], "IP"),
        ("ip", true, vec![Type::Opaque("IP")], "none of 2"),
        ("math.ceil", false, vec![Type::Int], "none of 1"),
        ("math.greatest", false, vec![Type::Int, Type::Int, Type::Int], "Int"),
        ("math.greatest", false, vec![Type::Int, Type::Float], "Dyn"),
        ("math.greatest", false, vec![Type::Int, Type::String], "none of 7"),
        ("math.greatest", false, vec![], "none of 7"),
        ("string", false, vec![union(&[Type::Int, Type::String])], "String"),
        ("string", false, vec![union(&[Type::Int, list(Type::Int)])], "none of 13"),
        ("orValue", true, vec![optional(sizes.clone()), text("small")], "\"small\"|\"large\""),
        ("orValue", true, vec![optional(sizes), text("huge")], "String"),
        ("orValue", true, vec![optional(Type::Int), Type::String], "none of 1"),
        ("value", true, vec![optional(Type::Int)], "Int"),
        ("optional.of", false, vec![Type::Int], "Int?"),
        ("validate", true, vec![Type::Opaque("Format"), Type::String], "[String]?"),
        ("size", true, vec![optional(Type::String)], "argument 0 may be absent"),
        ("contains", true, vec![Type::String, optional(Type::String)], "argument 1 may be absent"),
        ("contains", true, vec![Type::Int, optional(Type::String)], "none of 1"),
    ] {
        assert_eq!(resolved(name, receiver, &args), expected, "{name} {args:?}");
    }
}

#[test]
fn what_is_known_only_later_fits_everything() {
    assert_eq!(resolved("size", true, &[Type::Dyn]), "Int");
    assert_eq!(resolved("size", true, &[Type::Unknown]), "Int");
    assert_eq!(resolved("reverse", true, &[Type::Dyn]), "Dyn");
    assert_eq!(resolved("sum", true, &[list(Type::Unknown)]), "Dyn");
    assert_eq!(resolved("lowerAscii", true, &[Type::Dyn]), "String");
    assert_eq!(resolved("indexOf", true, &[list(Type::Dyn), Type::String]), "Int");
}

#[test]
fn a_record_is_a_map_of_strings() {
    let field = Field { ty: Type::Int, optional: false, default: None, doc: None, span: None };
    let mut record = Record::default();
    record.fields.insert("a".into(), field.clone());
    record.fields.insert("b".into(), Field { ty: Type::String, ..field });
    assert_eq!(resolved("size", true, &[Type::Record(Arc::new(record))]), "Int");
}

#[test]
fn overloads_say_since_when() {
    let compare = find("compareTo").unwrap();
    let since = |args: &[Type]| match resolve(compare, true, args) {
        Resolution::Found { overloads, .. } => compare.since(overloads[0]),
        other => panic!("{other:?}"),
    };
    assert_eq!(since(&[Type::Quantity, Type::Quantity]), Since::Minor(28));
    assert_eq!(since(&[Type::Opaque("Semver"), Type::Opaque("Semver")]), Since::Minor(33));
}

#[test]
fn signatures_are_in_our_names() {
    let shown = |name: &str, index: usize| signature(name, &find(name).unwrap().overloads[index]);
    assert_eq!(shown("split", 0), "String.split(String) -> [String]");
    assert_eq!(shown("size", 3), "size({A: B}) -> Int");
    assert_eq!(shown("optional.none", 0), "optional.none() -> A?");
    assert_eq!(shown("math.greatest", 0), "math.greatest(Int...) -> Int");
    assert_eq!(shown("orValue", 0), "A?.orValue(A) -> A");
}
