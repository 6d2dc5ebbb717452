//! Single cases of partial evaluation.

use crate::eval::partial::*;
use crate::expr::{Access, BinaryOp, Entry, FnDef, FnId, Item, Loop, Repr};
use crate::source::{FileId, Span};

// Single cases, read as JSON with places and types taken away.

fn plain(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(mut map) if map.contains_key("kind") => plain(map.remove("kind").unwrap()),
        serde_json::Value::Object(map) => map.into_iter().map(|(k, v)| (k, plain(v))).collect(),
        serde_json::Value::Array(items) => items.into_iter().map(plain).collect(),
        other => other,
    }
}

fn shown(expr: &Expr) -> String {
    plain(serde_json::to_value(expr).unwrap()).to_string().replace('"', "")
}

fn expr(form: ExprKind) -> Expr {
    use std::cell::Cell;
    thread_local!(static NEXT: Cell<u32> = const { Cell::new(0) });
    let start = NEXT.replace(NEXT.get() + 10);
    Expr::new(form, Repr::Dyn, Span::new(FileId(0), start, start + 1))
}

fn known(value: Value) -> Expr {
    expr(ExprKind::Const(value))
}

fn int(n: i64) -> Expr {
    known(Value::Int(n))
}

fn param(name: &str) -> Expr {
    expr(ExprKind::Param(name.into()))
}

fn var(slot: u32) -> Expr {
    expr(ExprKind::Local(Local { slot, name: format!("v{slot}").into() }))
}

fn add(a: Expr, b: Expr) -> Expr {
    expr(ExprKind::Binary(BinaryOp::Add, Box::new(a), Box::new(b)))
}

fn fails() -> Expr {
    expr(ExprKind::Binary(BinaryOp::Div, Box::new(int(1)), Box::new(int(0))))
}

fn choice(a: Expr, b: Expr, c: Expr) -> Expr {
    expr(ExprKind::Cond(Box::new(a), Box::new(b), Box::new(c)))
}

fn object(entries: Vec<(&str, Expr)>) -> Expr {
    expr(ExprKind::Object(entries.into_iter().map(|(k, v)| Entry::Field(k.into(), v)).collect()))
}

fn field(base: Expr, name: &str) -> Expr {
    expr(ExprKind::Field { base: Box::new(base), name: name.into(), access: Access::Required })
}

fn function(params: usize, body: Expr) -> Program {
    let names = (0..params).map(|n| format!("p{n}").into()).collect();
    let f = FnDef { name: "f".into(), params: names, slots: 8, body, span: Span::new(FileId(1), 0, 1) };
    Program { functions: vec![f.into()], globals: vec![] }
}

fn call(args: Vec<Expr>) -> Expr {
    expr(ExprKind::CallFn(FnId(0), args))
}

fn left_of(program: &Program, e: &Expr) -> Residual {
    partial(program, &Nothing, Frame::default(), e)
}

fn codes(residual: &Residual) -> Vec<&'static str> {
    residual.faults.iter().filter_map(|fault| fault.code().map(|c| c.id)).collect()
}

#[test]
fn names_and_fields_are_put_in_and_work_is_not_doubled() {
    let twice = function(1, add(var(0), var(0)));
    assert_eq!(shown(&left_of(&twice, &call(vec![param("x")])).expr), "{binary:[Add,{param:x},{param:x}]}");
    let left = left_of(&twice, &call(vec![add(param("x"), param("y"))]));
    let sum = "{binary:[Add,{param:x},{param:y}]}";
    let read = "{local:{slot:0,name:p0}}";
    assert_eq!(shown(&left.expr), format!("{{let:[{{slot:0,name:p0}},{sum},{{binary:[Add,{read},{read}]}}]}}"));
    assert_eq!(left.slots, 1);
    let once = function(1, add(var(0), int(1)));
    let left = left_of(&once, &call(vec![add(param("x"), param("y"))]));
    assert_eq!(shown(&left.expr), format!("{{binary:[Add,{sum},{{const:1}}]}}"));
    let never = function(1, int(1));
    assert_eq!(shown(&left_of(&never, &call(vec![fails()])).expr), "{const:1}");
}

#[test]
fn an_argument_stays_outside_the_loop_that_reads_it() {
    let range = Box::new(param("xs"));
    let first = Local { slot: 1, name: "x".into() };
    let body =
        vec![Item::For(Loop { first, second: None, range, sorted: false }, vec![Item::Value(add(var(0), var(1)))])];
    let program = function(1, expr(ExprKind::List(body)));
    let left = left_of(&program, &call(vec![add(param("a"), param("b"))]));
    assert!(matches!(&left.expr.kind, ExprKind::Let(_, value, _) if matches!(value.kind, ExprKind::Binary(..))));
}

#[test]
fn a_field_of_an_object_at_hand_is_read_alone() {
    let name = function(1, field(var(0), "name"));
    let argument = object(vec![("name", param("n")), ("other", add(param("x"), param("y")))]);
    assert_eq!(shown(&left_of(&name, &call(vec![argument])).expr), "{param:n}");
    let spread = expr(ExprKind::Object(vec![Entry::Field("a".into(), int(1)), Entry::Spread(param("m"))]));
    assert!(matches!(left_of(&Program::default(), &field(spread, "a")).expr.kind, ExprKind::Field { .. }));
    let observed = expr(ExprKind::Field { base: Box::new(param("o")), name: "x".into(), access: Access::Observed });
    let waits = object(vec![("a", param("p")), ("b", observed)]);
    assert!(matches!(left_of(&Program::default(), &field(waits, "a")).expr.kind, ExprKind::Field { .. }));
}

#[test]
fn objects_become_constants_and_pieces_are_joined() {
    let known_object = object(vec![("a", add(int(1), int(1))), ("b", object(vec![("c", known(Value::str("x")))]))]);
    assert_eq!(shown(&left_of(&Program::default(), &known_object).expr), "{const:{map:{a:2,b:{map:{c:x}}}}}");
    let text = |s: &str| known(Value::str(s));
    let inner = expr(ExprKind::Concat(vec![text("b"), param("x"), text("c")]));
    let outer = expr(ExprKind::Concat(vec![text("a"), inner, int(1), text("d")]));
    assert_eq!(shown(&left_of(&Program::default(), &outer).expr), "{concat:[{const:ab},{param:x},{const:c1d}]}");
}

#[test]
fn loops_over_what_is_known_are_written_out() {
    let first = Local { slot: 0, name: "x".into() };
    let list = Value::list(vec![Value::Int(1), Value::Int(2)]);
    let head = Loop { first, second: None, range: Box::new(known(list)), sorted: false };
    let e = expr(ExprKind::List(vec![Item::For(head, vec![Item::Value(add(var(0), param("p")))])]));
    let part = |n: i64| format!("{{value:{{binary:[Add,{{const:{n}}},{{param:p}}]}}}}");
    assert_eq!(shown(&left_of(&Program::default(), &e).expr), format!("{{list:[{},{}]}}", part(1), part(2)));
}

#[test]
fn what_certainly_fails_is_told_at_once_and_all_of_it() {
    let none = Program::default();
    let both = object(vec![("a", fails()), ("b", add(known(Value::str("x")), int(1))), ("c", param("p"))]);
    assert_eq!(codes(&left_of(&none, &both)), ["E0503", "E0311"]);
    assert_eq!(codes(&left_of(&none, &choice(param("c"), fails(), int(1)))), [""; 0]);
    assert_eq!(codes(&left_of(&none, &choice(fails(), int(2), int(1)))), ["E0503"]);
    let and = |a, b| expr(ExprKind::Binary(BinaryOp::And, Box::new(a), Box::new(b)));
    assert_eq!(codes(&left_of(&none, &and(param("c"), fails()))), [""; 0]);
    assert_eq!(codes(&left_of(&none, &and(known(Value::Bool(true)), fails()))), ["E0503"]);
    let unread = expr(ExprKind::Let(Local { slot: 0, name: "x".into() }, Box::new(fails()), Box::new(int(1))));
    assert_eq!(codes(&left_of(&none, &unread)), [""; 0]);
}

#[test]
fn a_constant_that_was_written_wrong_is_told_under_a_condition_too() {
    let none = Program::default();
    let coerced = |e| expr(ExprKind::Coerce(crate::expr::Coercion::Quantity, Box::new(e)));
    let wrong = || known(Value::str("64 MB"));
    assert_eq!(codes(&left_of(&none, &choice(param("c"), coerced(wrong()), int(1)))), ["E0506"]);
    // The same text through an argument may be what the condition keeps out.
    let guarded = function(1, choice(param("c"), coerced(var(0)), int(1)));
    assert_eq!(codes(&left_of(&guarded, &call(vec![wrong()]))), [""; 0]);
}

#[test]
fn faults_in_functions_tell_the_call() {
    let program = function(1, add(var(0), fails()));
    let e = call(vec![param("x")]);
    let left = left_of(&program, &e);
    assert_eq!(codes(&left), ["E0503"]);
    assert_eq!(left.faults[0].notes, vec![(e.span, "in this call of `f`".to_owned())]);
}

#[test]
fn known_variables_fold_and_others_keep_their_slots() {
    let known = [(0, Value::Int(2))];
    let frame = Frame { taken: 5, known: &known };
    let let_ = expr(ExprKind::Let(
        Local { slot: 5, name: "t".into() },
        Box::new(add(var(3), param("p"))),
        Box::new(add(var(5), var(5))),
    ));
    let left = partial(&Program::default(), &Nothing, frame, &object(vec![("a", add(var(0), var(0))), ("b", let_)]));
    let read = "{local:{slot:5,name:t}}";
    let value = "{binary:[Add,{local:{slot:3,name:v3}},{param:p}]}";
    let expected = format!(
        "{{object:[{{field:[a,{{const:4}}]}},{{field:[b,{{let:[{{slot:5,name:t}},{value},{{binary:[Add,{read},{read}]}}]}}]}}]}}"
    );
    assert_eq!(shown(&left.expr), expected);
    assert_eq!(left.slots, 6);
}

#[test]
fn doubling_functions_are_bounded() {
    let span = Span::new(FileId(1), 0, 1);
    let mut program = function(1, object(vec![("a", var(0)), ("b", param("p"))]));
    for id in 0..24 {
        let calls = |n| expr(ExprKind::CallFn(FnId(id), vec![add(var(0), int(n))]));
        let body = object(vec![("a", calls(1)), ("b", calls(2))]);
        let g = FnDef { name: "g".into(), params: vec!["x".into()], slots: 1, body, span };
        program.functions.push(g.into());
    }
    let e = expr(ExprKind::CallFn(FnId(24), vec![param("x")]));
    assert_eq!(codes(&left_of(&program, &e)), ["E0505"]);
}
