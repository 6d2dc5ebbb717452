use std::cell::Cell;

use super::*;
use crate::expr::{
    Access, BinaryOp, Coercion, Comprehension, Entry, ExprKind, FnDef, FnId, GlobalDef, GlobalId, Item, Local, Loop,
    MacroOp, Refine, Repr,
};
use crate::source::{FileId, Span};
use crate::value::Map;

/// Every expression gets a span of its own, so that tests can name it.
fn expr(kind: ExprKind) -> Expr {
    thread_local!(static NEXT: Cell<u32> = const { Cell::new(0) });
    let start = NEXT.replace(NEXT.get() + 1);
    Expr::new(kind, Repr::Dyn, Span::new(FileId(0), start, start))
}

fn int(n: i64) -> Expr {
    expr(ExprKind::Const(Value::Int(n)))
}

fn text(s: &str) -> Expr {
    expr(ExprKind::Const(Value::str(s)))
}

fn known(value: Value) -> Expr {
    expr(ExprKind::Const(value))
}

fn bool(b: bool) -> Expr {
    known(Value::Bool(b))
}

fn local(slot: u32) -> Local {
    Local { slot, name: format!("v{slot}").into() }
}

fn var(slot: u32) -> Expr {
    expr(ExprKind::Local(local(slot)))
}

fn param(name: &str) -> Expr {
    expr(ExprKind::Param(name.into()))
}

fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    expr(ExprKind::Binary(op, Box::new(a), Box::new(b)))
}

fn field(base: Expr, name: &str, access: Access) -> Expr {
    expr(ExprKind::Field { base: Box::new(base), name: name.into(), access })
}

fn bind(slot: u32, value: Expr, body: Expr) -> Expr {
    expr(ExprKind::Let(local(slot), Box::new(value), Box::new(body)))
}

fn cond(a: Expr, b: Expr, c: Expr) -> Expr {
    expr(ExprKind::Cond(Box::new(a), Box::new(b), Box::new(c)))
}

fn list(items: Vec<Expr>) -> Expr {
    expr(ExprKind::List(items.into_iter().map(Item::Value).collect()))
}

fn object(entries: Vec<Entry>) -> Expr {
    expr(ExprKind::Object(entries))
}

fn entry(name: &str, value: Expr) -> Entry {
    Entry::Field(name.into(), value)
}

fn fails() -> Expr {
    binary(BinaryOp::Div, int(1), int(0))
}

fn pending() -> Expr {
    field(param("observed"), "status", Access::Observed)
}

fn macro_over(op: MacroOp, range: Expr, body: Expr) -> Expr {
    let first = local(0);
    expr(ExprKind::Comprehension(Box::new(Comprehension { op, range, first, second: None, filter: None, body })))
}

/// A host with one observed object that has no status, and a number.
struct Observed;

impl Host for Observed {
    fn param(&self, name: &str) -> Option<Value> {
        match name {
            "observed" => Some(Value::map(Map::default())),
            "seven" => Some(Value::Int(7)),
            _ => None,
        }
    }
    fn instance(&self) -> Value {
        Value::Absent
    }
    fn resource(&self, name: &str) -> Result<Value, Fault> {
        NoHost.resource(name)
    }
    fn binding(&self, name: &str) -> Result<Value, Fault> {
        NoHost.binding(name)
    }
}

fn run_in(program: &Program, expr: &Expr) -> Result<String, String> {
    let result = Evaluator::new(program, &Observed).eval(expr);
    result.map(|v| v.shown()).map_err(|f| f.code().map_or("pending", |c| c.id).to_owned())
}

fn run(expr: &Expr) -> Result<String, String> {
    run_in(&Program::default(), expr)
}

fn ok(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}

fn err(code: &str) -> Result<String, String> {
    Err(code.to_owned())
}

#[test]
fn and_or_absorb_faults() {
    use BinaryOp::{And, Or};
    for (op, decisive) in [(And, false), (Or, true)] {
        let shown = decisive.to_string();
        assert_eq!(run(&binary(op, fails(), bool(decisive))), ok(&shown));
        assert_eq!(run(&binary(op, bool(decisive), fails())), ok(&shown));
        assert_eq!(run(&binary(op, pending(), bool(decisive))), ok(&shown));
        assert_eq!(run(&binary(op, int(1), bool(decisive))), ok(&shown));
        assert_eq!(run(&binary(op, fails(), bool(!decisive))), err("E0503"));
        assert_eq!(run(&binary(op, bool(!decisive), fails())), err("E0503"));
        assert_eq!(run(&binary(op, fails(), pending())), err("pending"));
        assert_eq!(run(&binary(op, pending(), fails())), err("pending"));
        assert_eq!(run(&binary(op, int(1), bool(!decisive))), err("E0311"));
    }
}

#[test]
fn conditions_look_at_one_branch() {
    assert_eq!(run(&cond(bool(true), int(1), fails())), ok("1"));
    assert_eq!(run(&cond(bool(false), fails(), int(2))), ok("2"));
    assert_eq!(run(&cond(fails(), int(1), int(2))), err("E0503"));
    assert_eq!(run(&cond(int(1), int(1), int(2))), err("E0311"));
}

#[test]
fn names_are_evaluated_when_they_are_read_and_once() {
    assert_eq!(run(&bind(0, fails(), int(1))), ok("1"));
    assert_eq!(run(&bind(0, fails(), var(0))), err("E0503"));
    assert_eq!(run(&bind(0, param("seven"), bind(1, var(0), binary(BinaryOp::Add, var(0), var(1))))), ok("14"));
    // Thirty doublings of a name that is evaluated each time would take 2^30 steps.
    let tower =
        (1..30).rev().fold(var(29), |body, slot| bind(slot, binary(BinaryOp::Add, var(slot - 1), var(slot - 1)), body));
    assert_eq!(run(&bind(0, param("seven"), tower)), ok(&(7_i64 << 29).to_string()));
}

#[test]
fn functions_have_frames_of_their_own() {
    let swap = FnDef {
        name: "pair".into(),
        params: vec!["a".into(), "b".into()],
        slots: 3,
        body: bind(2, var(1), list(vec![var(2), var(0)])),
        span: Span::new(FileId(0), 0, 0),
    };
    let program = Program { functions: vec![swap.into()], globals: vec![] };
    let call = |a, b| expr(ExprKind::CallFn(FnId(0), vec![a, b]));
    // The argument is evaluated in the caller's frame, inside the callee's evaluation.
    let e = bind(2, int(5), bind(0, int(6), call(binary(BinaryOp::Add, var(2), var(0)), call(var(0), var(2)))));
    assert_eq!(run_in(&program, &e), ok("[[5, 6], 11]"));
}

#[test]
fn faults_tell_the_deepest_place_and_the_calls() {
    let broken = fails();
    let place = broken.span;
    let body = binary(BinaryOp::Add, var(0), broken);
    let f = FnDef { name: "f".into(), params: vec!["a".into()], slots: 1, body, span: place };
    let program = Program { functions: vec![f.into()], globals: vec![] };
    let call = expr(ExprKind::CallFn(FnId(0), vec![int(1)]));
    let e = list(vec![call]);
    let fault = Evaluator::new(&program, &NoHost).eval(&e).unwrap_err();
    assert_eq!(fault.span, Some(place));
    let ExprKind::List(items) = &e.kind else { panic!() };
    let Item::Value(call) = &items[0] else { panic!() };
    assert_eq!(fault.notes, vec![(call.span, "in this call of `f`".to_owned())]);
}

#[test]
fn constants_are_computed_once_and_cycles_are_faults() {
    let global = |value| GlobalDef { name: "g".into(), slots: 0, value, span: Span::new(FileId(0), 0, 0) }.into();
    let read = |id| expr(ExprKind::Global(GlobalId(id)));
    let doubled = |id| binary(BinaryOp::Add, read(id), read(id));
    let mut globals = vec![global(int(1))];
    globals.extend((0..40).map(|id| global(doubled(id))));
    globals.push(global(read(41)));
    let program = Program { functions: vec![], globals };
    assert_eq!(run_in(&program, &read(40)), ok(&(1_i64 << 40).to_string()));
    assert_eq!(run_in(&program, &read(41)), err("E0208"));
}

#[test]
fn fields_are_read_as_their_access_says() {
    let object = || known(Value::map([("a".into(), Value::Int(1))].into_iter().collect()));
    let absent = || known(Value::Absent);
    assert_eq!(run(&field(object(), "a", Access::Required)), ok("1"));
    assert_eq!(run(&field(object(), "b", Access::Required)), err("E0504"));
    assert_eq!(run(&field(object(), "b", Access::Declared)), ok("nothing"));
    assert_eq!(run(&field(object(), "b", Access::Optional)), ok("nothing"));
    assert_eq!(run(&field(object(), "b", Access::Observed)), err("pending"));
    assert_eq!(run(&field(absent(), "b", Access::Optional)), ok("nothing"));
    assert_eq!(run(&field(absent(), "b", Access::Required)), err("E0308"));
    assert_eq!(run(&field(absent(), "b", Access::Observed)), err("pending"));
    assert_eq!(run(&field(int(1), "b", Access::Declared)), err("E0311"));
    let index =
        |i, access| expr(ExprKind::Index { base: Box::new(list(vec![int(5)])), index: Box::new(int(i)), access });
    assert_eq!(run(&index(0, Access::Required)), ok("5"));
    assert_eq!(run(&index(1, Access::Required)), err("E0504"));
    assert_eq!(run(&index(1, Access::Optional)), ok("nothing"));
    assert_eq!(run(&index(-1, Access::Observed)), err("pending"));
}

#[test]
fn has_and_coalesce_ask() {
    let has = |e| expr(ExprKind::Has(Box::new(e)));
    let object = || known(Value::map([("a".into(), Value::Null)].into_iter().collect()));
    assert_eq!(run(&has(field(object(), "a", Access::Required))), ok("true"));
    assert_eq!(run(&has(field(object(), "b", Access::Required))), ok("false"));
    assert_eq!(run(&has(field(field(object(), "b", Access::Required), "c", Access::Required))), err("E0504"));
    assert_eq!(run(&has(field(field(object(), "b", Access::Declared), "c", Access::Declared))), ok("false"));
    assert_eq!(run(&has(field(pending(), "c", Access::Observed))), ok("false"));
    assert_eq!(run(&has(param("seven"))), ok("true"));
    assert_eq!(run(&has(param("missing"))), ok("false"));
    assert_eq!(run(&has(field(fails(), "a", Access::Declared))), err("E0503"));
    let or = |a| binary(BinaryOp::Coalesce, a, int(9));
    assert_eq!(run(&or(param("seven"))), ok("7"));
    assert_eq!(run(&or(param("missing"))), ok("9"));
    assert_eq!(run(&or(pending())), ok("9"));
    assert_eq!(run(&or(fails())), err("E0503"));
    assert_eq!(run(&binary(BinaryOp::Coalesce, int(1), fails())), ok("1"));
}

#[test]
fn absent_entries_and_items_are_left_out() {
    let absent = || param("missing");
    assert_eq!(run(&list(vec![int(1), absent(), int(2)])), ok("[1, 2]"));
    assert_eq!(run(&object(vec![entry("a", int(1)), entry("b", absent())])), ok("{ a: 1 }"));
    assert_eq!(run(&object(vec![Entry::Spread(absent()), entry("b", int(1))])), ok("{ b: 1 }"));
}

#[test]
fn spreads_are_read_from_top_to_bottom() {
    let defaults = || object(vec![entry("a", int(1)), entry("b", int(2))]);
    let spread = || Entry::Spread(defaults());
    assert_eq!(run(&object(vec![spread(), entry("a", int(9))])), ok("{ a: 9, b: 2 }"));
    assert_eq!(run(&object(vec![entry("b", int(9)), spread()])), err("E0313"));
    assert_eq!(run(&object(vec![Entry::Spread(object(vec![entry("b", int(9))])), spread()])), ok("{ b: 2, a: 1 }"));
    assert_eq!(run(&object(vec![spread(), entry("a", param("missing"))])), ok("{ a: 1, b: 2 }"));
    assert_eq!(run(&object(vec![entry("a", int(1)), entry("a", int(2))])), err("E0312"));
    assert_eq!(run(&object(vec![spread(), entry("a", int(1)), entry("a", int(2))])), err("E0312"));
    let key = |e| Entry::Computed(e, int(1));
    assert_eq!(run(&object(vec![key(text("x")), key(int(1))])), ok("{ x: 1, 1: 1 }"));
    assert_eq!(run(&object(vec![key(list(vec![]))])), err("E0311"));
    assert_eq!(run(&expr(ExprKind::List(vec![Item::Spread(list(vec![int(1)])), Item::Value(int(2))]))), ok("[1, 2]"));
}

#[test]
fn loops_build_lists_and_objects() {
    let map = || known(Value::map([("b".into(), Value::Int(1)), ("a".into(), Value::Int(2))].into_iter().collect()));
    let head = |range, second: Option<u32>, sorted| Loop {
        first: local(0),
        second: second.map(local),
        range: Box::new(range),
        sorted,
    };
    let items = |head, body| expr(ExprKind::List(vec![Item::For(head, vec![Item::Value(body)])]));
    let numbers = || list(vec![int(5), int(6)]);
    assert_eq!(run(&items(head(numbers(), None, false), var(0))), ok("[5, 6]"));
    assert_eq!(run(&items(head(numbers(), Some(1), false), list(vec![var(0), var(1)]))), ok("[[0, 5], [1, 6]]"));
    assert_eq!(run(&items(head(map(), None, false), var(0))), ok(r#"["b", "a"]"#));
    assert_eq!(run(&items(head(map(), None, true), var(0))), ok(r#"["a", "b"]"#));
    assert_eq!(run(&items(head(int(1), None, true), var(0))), err("E0311"));
    let entries = object(vec![Entry::For(head(map(), Some(1), true), vec![Entry::Computed(var(0), var(1))])]);
    assert_eq!(run(&entries), ok("{ a: 2, b: 1 }"));
    let twice = object(vec![Entry::For(head(map(), None, true), vec![entry("x", int(1))])]);
    assert_eq!(run(&twice), err("E0312"));
    let chosen =
        expr(ExprKind::List(vec![Item::If(bool(false), vec![Item::Value(fails())], vec![Item::Value(int(1))])]));
    assert_eq!(run(&chosen), ok("[1]"));
}

#[test]
fn macros_follow_the_specification() {
    let numbers = || list(vec![int(1), int(0), int(2)]);
    let inverse_is = |n| binary(BinaryOp::Eq, binary(BinaryOp::Div, int(2), var(0)), int(n));
    assert_eq!(run(&macro_over(MacroOp::Exists, numbers(), inverse_is(1))), ok("true"));
    assert_eq!(run(&macro_over(MacroOp::Exists, numbers(), inverse_is(7))), err("E0503"));
    assert_eq!(run(&macro_over(MacroOp::All, numbers(), inverse_is(2))), ok("false"));
    assert_eq!(run(&macro_over(MacroOp::All, list(vec![]), bool(false))), ok("true"));
    assert_eq!(run(&macro_over(MacroOp::ExistsOne, numbers(), inverse_is(1))), err("E0503"));
    assert_eq!(run(&macro_over(MacroOp::ExistsOne, numbers(), binary(BinaryOp::Gt, var(0), int(1)))), ok("true"));
    assert_eq!(run(&macro_over(MacroOp::Filter, numbers(), binary(BinaryOp::Gt, var(0), int(0)))), ok("[1, 2]"));
    assert_eq!(run(&macro_over(MacroOp::Map, numbers(), binary(BinaryOp::Add, var(0), var(0)))), ok("[2, 0, 4]"));
    assert_eq!(run(&macro_over(MacroOp::SortBy, numbers(), var(0))), ok("[0, 1, 2]"));
    assert_eq!(run(&macro_over(MacroOp::SortBy, list(vec![int(1), text("a")]), var(0))), err("E0311"));
    assert_eq!(run(&macro_over(MacroOp::All, int(1), bool(true))), err("E0311"));
    let mixed = || list(vec![bool(true), fails()]);
    assert_eq!(run(&macro_over(MacroOp::All, mixed(), var(0))), err("E0503"));
    let entries = |body| {
        let c = Comprehension {
            op: MacroOp::TransformMapEntry,
            range: numbers(),
            first: local(0),
            second: Some(local(1)),
            filter: Some(binary(BinaryOp::Ne, var(1), int(0))),
            body,
        };
        expr(ExprKind::Comprehension(Box::new(c)))
    };
    assert_eq!(run(&entries(object(vec![Entry::Computed(var(1), var(0))]))), ok("{ 1: 0, 2: 2 }"));
    assert_eq!(run(&entries(object(vec![entry("x", var(0))]))), err("E0312"));
    let transform = Comprehension {
        op: MacroOp::TransformMap,
        range: numbers(),
        first: local(0),
        second: Some(local(1)),
        filter: None,
        body: binary(BinaryOp::Add, var(0), var(1)),
    };
    assert_eq!(run(&expr(ExprKind::Comprehension(Box::new(transform)))), ok("{ 0: 1, 1: 1, 2: 4 }"));
}

#[test]
fn match_takes_the_first_equal_pattern() {
    let arms = || vec![(vec![Value::Int(1), Value::Int(2)], text("low")), (vec![Value::Float(7.0)], text("seven"))];
    let matched = |subject, default: Option<Expr>| {
        expr(ExprKind::Match { subject: Box::new(subject), arms: arms(), default: default.map(Box::new) })
    };
    assert_eq!(run(&matched(int(2), None)), ok(r#""low""#));
    assert_eq!(run(&matched(param("seven"), None)), ok(r#""seven""#));
    assert_eq!(run(&matched(int(3), Some(text("other")))), ok(r#""other""#));
    assert_eq!(run(&matched(int(3), None)), err("E0305"));
}

#[test]
fn pieces_are_joined_in_canonical_form() {
    let coerced = |to, s| expr(ExprKind::Coerce(to, Box::new(text(s))));
    let pieces = vec![
        text("a-"),
        param("seven"),
        text(":"),
        coerced(Coercion::Duration, "90m"),
        text(":"),
        coerced(Coercion::Quantity, "1024Mi"),
        bool(true),
    ];
    assert_eq!(run(&expr(ExprKind::Concat(pieces))), ok(r#""a-7:1h30m:1Gitrue""#));
    assert_eq!(run(&expr(ExprKind::Concat(vec![list(vec![])]))), err("E0506"));
    assert_eq!(run(&expr(ExprKind::Concat(vec![param("missing")]))), err("E0308"));
    let nested = expr(ExprKind::Concat(vec![text("a"), expr(ExprKind::Concat(vec![text("b"), text("c")])), text("d")]));
    assert_eq!(run(&nested), ok(r#""abcd""#));
    assert_eq!(run(&coerced(Coercion::Quantity, "64 MB")), err("E0506"));
    assert_eq!(run(&coerced(Coercion::Timestamp, "yesterday")), err("E0506"));
}

#[test]
fn a_broken_rule_says_the_value_and_the_rule() {
    let refine = |value| {
        let rule = binary(BinaryOp::Ge, var(0), int(10));
        let message = Some(text("must be at least 10"));
        expr(ExprKind::Refine(Box::new(Refine { value, it: local(0), rule, message, type_name: Some("Large".into()) })))
    };
    assert_eq!(run(&refine(int(10))), ok("10"));
    assert_eq!(run(&refine(param("missing"))), ok("nothing"));
    assert_eq!(run(&refine(pending())), err("pending"));
    let e = refine(param("seven"));
    let fault = Evaluator::new(&Program::default(), &Observed).eval(&e).unwrap_err();
    let ExprKind::Refine(r) = &e.kind else { panic!() };
    assert_eq!(fault.code().map(|c| c.id), Some("E0304"));
    assert_eq!(fault.message, "7 is not a valid Large: must be at least 10");
    assert_eq!(fault.span, Some(r.value.span));
    assert_eq!(fault.notes, vec![(r.rule.span, "the rule that it breaks".to_owned())]);
}

#[test]
fn depth_time_and_size_are_bounded() {
    let deep = |n: u32| (0..n).fold(int(1), |e, _| binary(BinaryOp::Add, e, int(1)));
    assert_eq!(run(&deep(5_000)), ok("5001"));
    assert_eq!(run(&deep(12_000)), err("E0505"));
    let thousand = || known(Value::list((0..1000).map(Value::Int).collect()));
    let body = |slot| local(slot);
    let nested = (1..4).fold(bool(true), |inner, slot| {
        let c = Comprehension {
            op: MacroOp::All,
            range: thousand(),
            first: body(slot),
            second: None,
            filter: None,
            body: inner,
        };
        expr(ExprKind::Comprehension(Box::new(c)))
    });
    assert_eq!(run(&nested), err("E0505"));
    let doubled =
        (0..40).fold(list(vec![int(1)]), |e, slot| bind(slot, e, binary(BinaryOp::Add, var(slot), var(slot))));
    assert_eq!(run(&doubled), err("E0505"));
    let long =
        (0..40).fold(text("0123456789"), |e, slot| bind(slot, e, expr(ExprKind::Concat(vec![var(slot), var(slot)]))));
    assert_eq!(run(&long), err("E0505"));
}

/// A host whose lets each read the one before, in an evaluation of its own.
struct Chain;

impl Host for Chain {
    fn param(&self, _: &str) -> Option<Value> {
        None
    }
    fn instance(&self) -> Value {
        Value::Absent
    }
    fn resource(&self, name: &str) -> Result<Value, Fault> {
        NoHost.resource(name)
    }
    fn binding(&self, name: &str) -> Result<Value, Fault> {
        match name.parse::<u32>() {
            Ok(n) if n > 0 => {
                let below = expr(ExprKind::Binding((n - 1).to_string().into()));
                Evaluator::new(&Program::default(), self).eval(&binary(BinaryOp::Add, below, int(1)))
            }
            _ => Ok(Value::Int(0)),
        }
    }
}

#[test]
fn evaluations_within_evaluations_have_stack_enough() {
    let e = expr(ExprKind::Binding("20000".into()));
    let value = Evaluator::new(&Program::default(), &Chain).eval(&e);
    assert_eq!(value.map(|v| v.shown()).map_err(|f| f.message.clone()), ok("20000"));
}

#[test]
fn a_value_that_shares_parts_is_bounded_as_it_would_be_written() {
    let doubled = (1..40).rev().fold(var(39), |body, slot| bind(slot, list(vec![var(slot - 1), var(slot - 1)]), body));
    assert_eq!(run(&bind(0, list(vec![int(1)]), doubled)), err("E0505"));
}
