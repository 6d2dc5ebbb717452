use std::sync::Arc;

use super::*;
use crate::units::{Quantity, parse_duration, parse_timestamp};

fn int(n: i64) -> Value {
    Value::Int(n)
}

fn quantity(text: &str) -> Value {
    Value::Quantity(Arc::new(Quantity::parse(text).unwrap()))
}

fn time(text: &str) -> Value {
    Value::Timestamp(parse_timestamp(text).unwrap())
}

fn span(text: &str) -> Value {
    Value::Duration(parse_duration(text).unwrap())
}

fn run(op: BinaryOp, a: &Value, b: &Value) -> Result<String, &'static str> {
    binary(&mut Context::new(), op, a, b).map(|v| v.shown()).map_err(|f| f.code().map_or("pending", |c| c.id))
}

#[test]
fn integers_never_wrap() {
    use BinaryOp::{Add, Div, Mul, Rem, Sub};
    let (min, max) = (int(i64::MIN), int(i64::MAX));
    assert_eq!(run(Add, &max, &int(1)), Err("E0502"));
    assert_eq!(run(Sub, &min, &int(1)), Err("E0502"));
    assert_eq!(run(Mul, &min, &int(-1)), Err("E0502"));
    assert_eq!(run(Div, &min, &int(-1)), Err("E0502"));
    assert_eq!(run(Rem, &min, &int(-1)), Err("E0502"));
    assert_eq!(run(Div, &int(1), &int(0)), Err("E0503"));
    assert_eq!(run(Rem, &int(1), &int(0)), Err("E0503"));
    assert_eq!(run(Div, &int(-7), &int(2)), Ok("-3".into()));
    assert_eq!(run(Rem, &int(-7), &int(2)), Ok("-1".into()));
    assert_eq!(run(Sub, &Value::Uint(1), &Value::Uint(2)), Err("E0502"));
    assert_eq!(run(Add, &Value::Uint(u64::MAX), &Value::Uint(1)), Err("E0502"));
    assert_eq!(unary(UnaryOp::Neg, &min).map_err(|f| f.code().unwrap().id), Err("E0502"));
    assert_eq!(run(Div, &Value::Float(1.0), &Value::Float(0.0)), Ok("inf".into()));
    assert_eq!(run(Rem, &Value::Float(1.0), &Value::Float(1.0)), Err("E0311"));
    assert_eq!(run(Add, &int(1), &Value::Float(1.0)), Err("E0311"));
    assert_eq!(run(Add, &int(1), &Value::Uint(1)), Err("E0311"));
    assert_eq!(run(Add, &int(1), &Value::Absent), Err("E0308"));
}

#[test]
fn numbers_compare_by_value_across_types() {
    use BinaryOp::{Eq, Ge, Gt, Le, Lt, Ne};
    let yes = Ok("true".to_owned());
    let no = Ok("false".to_owned());
    assert_eq!(run(Eq, &int(1), &Value::Uint(1)), yes);
    assert_eq!(run(Eq, &int(1), &Value::Float(1.0)), yes);
    assert_eq!(run(Eq, &int(0), &Value::Float(-0.0)), yes);
    assert_eq!(run(Lt, &Value::Uint(u64::MAX), &int(-1)), no);
    // CEL rounds the integer, so that these are equal (cel-spec's conformance
    // tests, `lt_literal/not_lt_dyn_int_big_lossy_double`).
    let odd = (1_i64 << 53) + 1;
    assert_eq!(run(Gt, &int(odd), &Value::Float((1_i64 << 53) as f64)), no);
    assert_eq!(run(Lt, &int(i64::MAX), &Value::Float(9_223_372_036_854_775_808.0)), no);
    assert_eq!(run(Ge, &int(i64::MAX), &Value::Float(9_223_372_036_854_775_808.0)), yes);
    assert_eq!(run(Eq, &int(i64::MAX), &Value::Float(9_223_372_036_854_775_808.0)), yes);
    assert_eq!(run(Eq, &int(odd), &int(odd - 1)), no);
    assert_eq!(run(Lt, &int(i64::MAX), &Value::Float(f64::INFINITY)), yes);
    assert_eq!(run(Gt, &int(i64::MIN), &Value::Float(f64::NEG_INFINITY)), yes);
    assert_eq!(run(Lt, &int(1), &Value::Float(1.5)), yes);
    assert_eq!(run(Lt, &int(-1), &Value::Float(-1.5)), no);
    assert_eq!(run(Gt, &Value::Float(1.5), &int(1)), yes);
    for op in [Eq, Lt, Le, Gt, Ge] {
        assert_eq!(run(op, &Value::Float(f64::NAN), &Value::Float(f64::NAN)), no);
        assert_eq!(run(op, &int(1), &Value::Float(f64::NAN)), no);
    }
    assert_eq!(run(Ne, &Value::Float(f64::NAN), &Value::Float(f64::NAN)), yes);
    assert_eq!(run(Eq, &int(1), &Value::str("1")), no);
    assert_eq!(run(Lt, &int(1), &Value::str("1")), Err("E0311"));
    assert_eq!(run(Lt, &Value::Null, &Value::Null), Err("E0311"));
    assert_eq!(run(Lt, &Value::Bool(false), &Value::Bool(true)), yes);
    assert_eq!(run(Lt, &Value::str("Z"), &Value::str("a")), yes);
}

#[test]
fn collections_compare_by_content() {
    let list = |items: &[i64]| Value::list(items.iter().map(|n| int(*n)).collect());
    assert_eq!(run(BinaryOp::Eq, &list(&[1, 2]), &list(&[1, 2])), Ok("true".into()));
    assert_eq!(run(BinaryOp::Eq, &list(&[1, 2]), &list(&[2, 1])), Ok("false".into()));
    let map = |pairs: &[(&str, i64)]| Value::map(pairs.iter().map(|(k, v)| (Key::from(*k), int(*v))).collect());
    assert_eq!(run(BinaryOp::Eq, &map(&[("a", 1), ("b", 2)]), &map(&[("b", 2), ("a", 1)])), Ok("true".into()));
    assert_eq!(run(BinaryOp::Eq, &map(&[("a", 1)]), &map(&[("b", 1)])), Ok("false".into()));
    assert_eq!(run(BinaryOp::Add, &list(&[1]), &list(&[2])), Ok("[1, 2]".into()));
    assert_eq!(run(BinaryOp::In, &Value::Float(2.0), &list(&[1, 2])), Ok("true".into()));
    assert_eq!(run(BinaryOp::In, &Value::str("a"), &map(&[("a", 1)])), Ok("true".into()));
    assert_eq!(run(BinaryOp::In, &Value::str("a"), &Value::str("abc")), Err("E0311"));
}

#[test]
fn comparing_shared_values_is_bounded() {
    let tower = || (0..40).fold(int(1), |below, _| Value::list(vec![below.clone(), below]));
    assert_eq!(run(BinaryOp::Eq, &tower(), &tower()), Err("E0505"));
}

#[test]
fn times_and_spans_keep_their_ranges() {
    use BinaryOp::{Add, Sub};
    let start = time("1970-01-01T00:00:00Z");
    assert_eq!(run(Add, &start, &span("1h")), Ok("1970-01-01T01:00:00Z".into()));
    assert_eq!(run(Add, &span("1h"), &start), Ok("1970-01-01T01:00:00Z".into()));
    assert_eq!(run(Sub, &start, &span("1s")), Ok("1969-12-31T23:59:59Z".into()));
    assert_eq!(run(Sub, &time("1970-01-02T00:00:00Z"), &start), Ok("24h".into()));
    assert_eq!(run(Sub, &span("1h"), &span("90m")), Ok("-30m".into()));
    assert_eq!(run(Sub, &time("0001-01-01T00:00:00Z"), &span("1s")), Err("E0502"));
    assert_eq!(run(Add, &span("315576000000s"), &span("1s")), Err("E0502"));
    assert_eq!(run(Add, &start, &start), Err("E0311"));
}

#[test]
fn quantities_compute_with_numbers() {
    use BinaryOp::{Add, Div, Eq, Lt, Mul, Sub};
    assert_eq!(run(Mul, &quantity("256Mi"), &int(2)), Ok("512Mi".into()));
    assert_eq!(run(Mul, &int(2), &quantity("256Mi")), Ok("512Mi".into()));
    assert_eq!(run(Add, &quantity("500m"), &int(1)), Ok("1500m".into()));
    assert_eq!(run(Sub, &quantity("1Gi"), &quantity("512Mi")), Ok("512Mi".into()));
    assert_eq!(run(Div, &quantity("1Gi"), &int(4)), Ok("256Mi".into()));
    assert_eq!(run(Div, &quantity("1"), &int(0)), Err("E0503"));
    assert_eq!(run(Mul, &quantity("1"), &quantity("1")), Err("E0311"));
    assert_eq!(run(Eq, &quantity("1024Mi"), &quantity("1Gi")), Ok("true".into()));
    assert_eq!(run(Lt, &quantity("1G"), &quantity("1Gi")), Ok("true".into()));
    assert_eq!(run(Eq, &quantity("1"), &int(1)), Ok("false".into()));
    assert_eq!(run(Add, &quantity("1"), &Value::str("1")), Err("E0311"));
}

#[test]
fn indexes_are_numbers_of_any_type() {
    let list = Value::list(vec![int(7), int(8)]);
    for position in [int(1), Value::Uint(1), Value::Float(1.0)] {
        assert_eq!(index(&list, &position).unwrap(), Some(&int(8)));
    }
    for position in [int(2), int(-1), Value::Float(0.5)] {
        assert!(index(&list, &position).unwrap().is_none());
    }
    assert!(index(&list, &Value::str("0")).is_err());
    let map = Value::map([(Key::Int(1), int(5))].into_iter().collect());
    for key in [int(1), Value::Uint(1), Value::Float(1.0)] {
        assert_eq!(index(&map, &key).unwrap(), Some(&int(5)));
    }
    assert_eq!(missing(&list, &int(2)).message, "index 2 is out of bounds of a list of 2 items");
    assert_eq!(missing(&map, &int(2)).message, "no such key: 2; it has 1");
}
