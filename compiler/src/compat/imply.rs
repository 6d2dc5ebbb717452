//! Whether rules that hold make another one hold: by structure, never by trying.
//! What is not shown here may still be so.
//!
//! A rule counts as kept where it is true; false and an error are the same. So
//! `a && b` is both, `a || b` is one of them, and a comparison that holds shows
//! that its sides could be evaluated.

use std::cmp::Ordering;

use crate::expr::{BinaryOp, Expr, ExprKind, Repr, UnaryOp};
use crate::value::Value;

/// So many steps a proof may take; what takes more is not shown.
const MOST_STEPS: usize = 10_000;

/// A rule as far as its structure is understood.
#[derive(Clone, Debug)]
pub(super) enum Formula {
    /// All of them.
    And(Vec<Formula>),
    /// One of them.
    Or(Vec<Formula>),
    /// A term compared with a constant.
    Compare(String, Comparison, Value),
    /// A term that is one of some constants.
    In(String, Vec<Value>),
    /// Anything else, by its canonical text.
    Other(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Comparison {
    const fn of(op: BinaryOp) -> Option<Self> {
        Some(match op {
            BinaryOp::Eq => Self::Eq,
            BinaryOp::Ne => Self::Ne,
            BinaryOp::Lt => Self::Lt,
            BinaryOp::Le => Self::Le,
            BinaryOp::Gt => Self::Gt,
            BinaryOp::Ge => Self::Ge,
            _ => return None,
        })
    }

    const fn flipped(self) -> Self {
        match self {
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
            same => same,
        }
    }

    const fn negated(self) -> Self {
        match self {
            Self::Eq => Self::Ne,
            Self::Ne => Self::Eq,
            Self::Lt => Self::Ge,
            Self::Le => Self::Gt,
            Self::Gt => Self::Le,
            Self::Ge => Self::Lt,
        }
    }

    /// Whether `value op bound`.
    fn holds(self, value: &Value, bound: &Value) -> bool {
        match self {
            Self::Eq => value == bound,
            // Equal for neither: another type, or no number.
            Self::Ne => order(value, bound).is_some_and(|o| o != Ordering::Equal),
            Self::Lt => order(value, bound) == Some(Ordering::Less),
            Self::Le => matches!(order(value, bound), Some(Ordering::Less | Ordering::Equal)),
            Self::Gt => order(value, bound) == Some(Ordering::Greater),
            Self::Ge => matches!(order(value, bound), Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}

impl Formula {
    /// The structure of a rule; `key` names a term.
    pub(super) fn of(expr: &Expr, key: &dyn Fn(&Expr) -> String) -> Self {
        match &expr.kind {
            ExprKind::Const(Value::Bool(true)) => Self::And(Vec::new()),
            ExprKind::Const(Value::Bool(false)) => Self::Or(Vec::new()),
            ExprKind::Binary(BinaryOp::And, a, b) => Self::And(vec![Self::of(a, key), Self::of(b, key)]),
            ExprKind::Binary(BinaryOp::Or, a, b) => {
                Self::Or([Self::of(a, key), Self::of(b, key)].into_iter().flat_map(Self::alternatives).collect())
            }
            ExprKind::Binary(BinaryOp::In, term, list) => match list.known() {
                Some(Value::List(items)) => Self::In(key(term), items.to_vec()),
                _ => Self::Other(key(expr)),
            },
            ExprKind::Binary(op, a, b) => match (Comparison::of(*op), a.known(), b.known()) {
                (Some(op), None, Some(bound)) => Self::compare(a, op, bound, key),
                (Some(op), Some(bound), None) => Self::compare(b, op.flipped(), bound, key),
                _ => Self::Other(key(expr)),
            },
            // Of a number that is none, neither a comparison nor its opposite holds.
            ExprKind::Unary(UnaryOp::Not, inner) => match Self::of(inner, key) {
                Self::Compare(term, op, bound) if is_ordered(&bound) => Self::Compare(term, op.negated(), bound),
                _ => Self::Other(key(expr)),
            },
            _ => Self::Other(key(expr)),
        }
    }

    /// The sides of an `||`, flat.
    fn alternatives(self) -> Vec<Self> {
        match self {
            Self::Or(parts) if !parts.is_empty() => parts,
            other => vec![other],
        }
    }

    /// A comparison; of whole numbers always with the bound included.
    fn compare(term: &Expr, op: Comparison, bound: &Value, key: &dyn Fn(&Expr) -> String) -> Self {
        let (op, bound) = match (op, bound) {
            (Comparison::Gt, Value::Int(n)) if term.repr == Repr::Int && *n < i64::MAX => {
                (Comparison::Ge, Value::Int(n + 1))
            }
            (Comparison::Lt, Value::Int(n)) if term.repr == Repr::Int && *n > i64::MIN => {
                (Comparison::Le, Value::Int(n - 1))
            }
            (op, bound) => (op, bound.clone()),
        };
        Self::Compare(key(term), op, bound)
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Other(a), Self::Other(b)) => a == b,
            (Self::And(a), Self::And(b)) | (Self::Or(a), Self::Or(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b))
            }
            _ => false,
        }
    }
}

/// Values whose comparison has always a result.
const fn is_ordered(value: &Value) -> bool {
    matches!(
        value,
        Value::Int(_)
            | Value::Duration(_)
            | Value::Timestamp(_)
            | Value::Quantity(_)
            | Value::String(_)
            | Value::Bool(_)
    )
}

fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Uint(a), Value::Uint(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Timestamp(a), Value::Timestamp(b)) => Some(a.cmp(b)),
        (Value::Quantity(a), Value::Quantity(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// Whether what is known makes the goal hold.
pub(super) fn implies(known: &[Formula], goal: &Formula) -> bool {
    let (mut facts, mut steps) = (Vec::new(), MOST_STEPS);
    known.iter().for_each(|formula| flatten(formula, &mut facts));
    follows(&facts, goal, &mut steps)
}

fn flatten<'a>(formula: &'a Formula, facts: &mut Vec<&'a Formula>) {
    match formula {
        Formula::And(parts) => parts.iter().for_each(|part| flatten(part, facts)),
        other => facts.push(other),
    }
}

fn follows(facts: &[&Formula], goal: &Formula, steps: &mut usize) -> bool {
    if *steps == 0 {
        return false;
    }
    *steps -= 1;
    let at_once = match goal {
        Formula::And(parts) => parts.iter().all(|part| follows(facts, part, steps)),
        Formula::Or(parts) => parts.iter().any(|part| follows(facts, part, steps)),
        _ => false,
    };
    if at_once || facts.iter().any(|fact| shows(fact, goal)) {
        return true;
    }
    // Of two alternatives each must do.
    let Some(at) = facts.iter().position(|fact| matches!(fact, Formula::Or(_))) else {
        return false;
    };
    let (mut rest, Some(Formula::Or(parts))) = (facts.to_vec(), facts.get(at)) else { return false };
    rest.remove(at);
    parts.iter().all(|part| {
        let mut with = rest.clone();
        flatten(part, &mut with);
        follows(&with, goal, steps)
    })
}

/// Whether one fact alone shows the goal.
fn shows(fact: &Formula, goal: &Formula) -> bool {
    match (fact, goal) {
        (Formula::Compare(a, op, bound), Formula::Compare(b, wanted, limit)) => {
            a == b && bounded(*op, bound, *wanted, limit)
        }
        (Formula::In(a, values), Formula::Compare(b, wanted, limit)) => {
            a == b && values.iter().all(|value| wanted.holds(value, limit))
        }
        (Formula::Compare(a, Comparison::Eq, value), Formula::In(b, allowed)) => a == b && allowed.contains(value),
        (Formula::In(a, values), Formula::In(b, allowed)) => a == b && values.iter().all(|v| allowed.contains(v)),
        _ => fact.same(goal),
    }
}

/// Whether `t op bound` shows `t wanted limit`.
fn bounded(op: Comparison, bound: &Value, wanted: Comparison, limit: &Value) -> bool {
    use Comparison::{Eq, Ge, Gt, Le, Lt, Ne};
    match (op, wanted) {
        (Eq, _) => wanted.holds(bound, limit),
        (Ge, Ge) | (Gt, Gt | Ge) => Ge.holds(bound, limit),
        (Le, Le) | (Lt, Lt | Le) => Le.holds(bound, limit),
        (Ge, Gt | Ne) => Gt.holds(bound, limit),
        (Le, Lt | Ne) => Lt.holds(bound, limit),
        (Gt, Ne) => Ge.holds(bound, limit),
        (Lt, Ne) => Le.holds(bound, limit),
        (Ne, Ne) => bound == limit,
        _ => false,
    }
}

/// The values that a rule over `it` names one by one.
pub(super) fn listed(rule: &Expr) -> Option<Vec<Value>> {
    named(&Formula::of(rule, &of_it))
}

fn named(formula: &Formula) -> Option<Vec<Value>> {
    match formula {
        Formula::In(term, values) if term == IT => Some(values.clone()),
        Formula::Compare(term, Comparison::Eq, value) if term == IT => Some(vec![value.clone()]),
        Formula::And(parts) => parts.iter().find_map(named),
        Formula::Or(parts) if !parts.is_empty() => {
            let each: Option<Vec<Vec<Value>>> = parts.iter().map(named).collect();
            Some(each?.concat())
        }
        _ => None,
    }
}

/// The whole numbers between which a rule keeps `it`.
pub(super) fn range(rule: &Expr) -> Option<(i64, i64)> {
    let formula = Formula::of(rule, &of_it);
    let mut facts = Vec::new();
    flatten(&formula, &mut facts);
    let bound = |wanted: Comparison| {
        facts.iter().find_map(|fact| match fact {
            Formula::Compare(term, op, Value::Int(n)) if term == IT && *op == wanted => Some(*n),
            _ => None,
        })
    };
    Some((bound(Comparison::Ge)?, bound(Comparison::Le)?))
}

const IT: &str = "it";

fn of_it(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Local(local) if local.slot == 0 => IT.to_owned(),
        _ => super::canonical::alone(expr),
    }
}
