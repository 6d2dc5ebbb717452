//! Every function with every combination of values that programs trip over:
//! none may panic, run long or make something huge.

use std::sync::Arc;

use crate::eval::Context;
use crate::library::{Function, all, find};
use crate::units::{Duration, Quantity, Timestamp};
use crate::value::{Key, Map, Value};

fn call(name: &str, args: &[Value]) -> Value {
    (find(name).unwrap().eval)(&mut Context::new(), args).unwrap()
}

fn values() -> Vec<Value> {
    let strings = [
        "",
        "a",
        "%",
        "%s",
        "%.1100f",
        "%.",
        "🎈é\u{0}",
        "1",
        "-9223372036854775808",
        "1e308",
        "1h",
        "9999-12-30T22:00:00Z",
        "((((",
        "[",
        "\\",
        "(a{1000}){1000}",
        "a{1000}",
        "http://[::1%25a]:80/?a=%zz#%",
        "::",
        "/",
        "-",
        "1.2.3-x+y",
        "10.0.0.0/8",
        "Ki",
        "99999999999999999999999999999999999999E",
        "+99:59",
        "Europe/Berlin",
        "\u{301}",
    ];
    let mut values: Vec<Value> = strings.iter().map(|text| Value::str(text)).collect();
    values.extend([Value::str(&"ab".repeat(500)), Value::Absent, Value::Null, Value::Bool(true)]);
    values.extend([0, 1, -1, 2, 63, 64, i64::MAX, i64::MIN, 1_000_000_000].map(Value::Int));
    values.extend([0, 1, u64::MAX].map(Value::Uint));
    values.extend([0.0, -0.0, 1.5, f64::NAN, f64::INFINITY, f64::MIN, f64::MIN_POSITIVE, 9.3e18].map(Value::Float));
    values.extend([&b""[..], &b"\xff\x00"[..]].map(|octets| Value::Bytes(octets.into())));
    values.extend([Duration::MAX, Duration::MIN, Duration::ZERO].map(Value::Duration));
    values.extend([Timestamp::MAX, Timestamp::MIN, Timestamp::new(0, 0).unwrap()].map(Value::Timestamp));
    values.extend(["1", "-1n", "8Ei", "0"].map(|text| Value::Quantity(Arc::new(Quantity::parse(text).unwrap()))));
    values.extend(["type", ""].map(|name| Value::Type(name.into())));
    values.extend([
        call("url", &[Value::str("https://u:p@[::1]:1/a?b=c&b#d")]),
        call("ip", &[Value::str("255.255.255.255")]),
        call("cidr", &[Value::str("::1/0")]),
        call("cidr", &[Value::str("1.2.3.4/0")]),
        call("semver", &[Value::str("18446744073709551615.0.0")]),
        call("format.uuid", &[]),
    ]);
    values.extend(lists(&values));
    values
}

fn lists(values: &[Value]) -> Vec<Value> {
    let mut deep = Value::list(vec![]);
    for _ in 0..200 {
        deep = Value::list(vec![deep]);
    }
    let map: Map = [(Key::Int(1), Value::Null), (Key::from("a"), deep.clone())].into_iter().collect();
    vec![
        Value::list(vec![]),
        Value::list(values.to_vec()),
        Value::list(vec![Value::Int(i64::MAX), Value::Int(i64::MAX)]),
        Value::list(vec![Value::Float(f64::NAN), Value::Float(1.0), Value::Float(f64::NAN)]),
        Value::list(vec![Value::Duration(Duration::MAX), Value::Duration(Duration::MAX)]),
        Value::list(vec![Value::str("a"), Value::str("b")]),
        Value::list((0..300).map(Value::Int).collect()),
        deep,
        Value::map(map),
        Value::map(Map::default()),
    ]
}

#[test]
fn no_function_panics_with_up_to_two_arguments() {
    let values = values();
    for function in all() {
        run(function, &[]);
        for a in &values {
            run(function, std::slice::from_ref(a));
        }
        if function.overloads.iter().all(|overload| overload.params.len() < 2) {
            continue;
        }
        for a in &values {
            for b in &values {
                run(function, &[a.clone(), b.clone()]);
            }
        }
    }
}

#[test]
fn no_function_panics_with_more_arguments() {
    let values = values();
    let mut seed: u64 = 2026;
    let mut pick = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        values[(seed >> 33) as usize % values.len()].clone()
    };
    for function in all() {
        for _ in 0..200 {
            run(function, &[pick(), pick(), pick()]);
            run(function, &[pick(), pick(), pick(), pick()]);
        }
    }
    // Those that take strings and numbers in a row deserve aimed calls.
    let numbers: Vec<Value> = values.iter().filter(|v| matches!(v, Value::Int(_))).cloned().collect();
    let strings: Vec<Value> = values.iter().filter(|v| matches!(v, Value::String(_))).cloned().collect();
    for name in ["substring", "replace", "split", "indexOf", "lastIndexOf", "findAll"] {
        let function = find(name).unwrap();
        for a in &strings {
            for b in &strings {
                for n in &numbers {
                    run(function, &[a.clone(), b.clone(), n.clone()]);
                    run(function, &[a.clone(), n.clone(), numbers[3].clone()]);
                    run(function, &[a.clone(), b.clone(), strings[1].clone(), n.clone()]);
                }
            }
        }
    }
}

fn run(function: &Function, args: &[Value]) {
    let result = (function.eval)(&mut Context::new(), args);
    if let Err(fault) = result {
        assert!(!fault.message.is_empty(), "{}", function.name);
        assert!(!fault.message.ends_with('.'), "{}: {}", function.name, fault.message);
        assert!(fault.message.len() < 700, "{}: {}", function.name, fault.message);
    }
}

#[test]
fn what_would_grow_without_bound_is_refused() {
    let long = Value::str(&"a".repeat(10_000));
    let many = Value::list(vec![long.clone(); 10_000]);
    for (name, args) in [
        ("join", vec![many.clone(), long.clone()]),
        ("replace", vec![Value::str(&"a".repeat(100_000)), Value::str("a"), long.clone()]),
        ("lists.range", vec![Value::Int(i64::MAX)]),
        ("format", vec![Value::str("%s"), Value::list(vec![Value::list(vec![many.clone(); 100])])]),
    ] {
        let fault = (find(name).unwrap().eval)(&mut Context::new(), &args).unwrap_err();
        assert_eq!(fault.code().map(|code| code.id), Some("E0505"), "{name}: {}", fault.message);
    }
}

#[test]
fn values_that_share_parts_are_not_compared_for_ever() {
    let mut shared = Value::list(vec![Value::Int(1)]);
    let mut other = Value::list(vec![Value::Int(1)]);
    for _ in 0..60 {
        shared = Value::list(vec![shared.clone(), shared]);
        other = Value::list(vec![other.clone(), other]);
    }
    let args = [Value::list(vec![shared]), other];
    for name in ["indexOf", "includes", "format"] {
        let _ = (find(name).unwrap().eval)(&mut Context::new(), &args);
    }
    assert!((find("distinct").unwrap().eval)(&mut Context::new(), &[Value::list(args.to_vec())]).is_ok());
}
