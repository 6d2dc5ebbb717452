//! What a rule says of the values that it takes, as far as it is plain: a value
//! that is made with these in mind keeps most rules at once.

use tessera_compiler::expr::{BinaryOp, Expr, ExprKind, Item};
use tessera_compiler::ir::{Rule, Schema};
use tessera_compiler::value::Value;

use crate::corpus::Random;

/// What a value should be like.
#[derive(Clone, Debug, Default)]
pub(super) struct Hints {
    /// One of these.
    pub words: Vec<Value>,
    /// Text that one of these finds.
    pub patterns: Vec<String>,
    /// At least that.
    pub low: Option<Value>,
    /// At most that.
    pub high: Option<Value>,
    /// So many items or characters at least.
    pub least: Option<usize>,
    /// So many at most.
    pub most: Option<usize>,
}

/// The type below all rules, and what they say together. Of an alternative, one
/// side is taken at random.
pub(super) fn of<'a>(rule: &'a Rule, random: &mut Random) -> (&'a Schema, Hints, Vec<&'a Expr>) {
    let (mut hints, mut rules) = (Hints::default(), Vec::new());
    let mut at = rule;
    loop {
        hints.gather(&at.rule, random);
        rules.push(&at.rule);
        match &at.base {
            Schema::Rule(inner) => at = inner,
            base => return (base, hints, rules),
        }
    }
}

impl Hints {
    fn gather(&mut self, rule: &Expr, random: &mut Random) {
        match &rule.kind {
            ExprKind::Binary(BinaryOp::And, left, right) => {
                self.gather(left, random);
                self.gather(right, random);
            }
            ExprKind::Binary(BinaryOp::Or, left, right) => {
                self.gather(if random.below(2) == 0 { left } else { right }, random);
            }
            ExprKind::Binary(BinaryOp::In, value, list) if is_it(value) => self.words = known_items(list),
            ExprKind::Binary(op, left, right) => match (left.known(), right.known()) {
                (_, Some(known)) => self.compared(*op, left, known),
                (Some(known), _) => self.compared(turned(*op), right, known),
                _ => {}
            },
            ExprKind::Call(name, args) => {
                if let (Some(first), Some(text)) = (args.first(), args.get(1).and_then(Expr::known)) {
                    self.called(name, first, text);
                }
            }
            _ => {}
        }
    }

    fn compared(&mut self, op: BinaryOp, value: &Expr, known: &Value) {
        if let (true, Some(n)) = (is_size(value), as_size(known)) {
            match op {
                BinaryOp::Ge => self.least = Some(n),
                BinaryOp::Gt => self.least = Some(n + 1),
                BinaryOp::Le => self.most = Some(n),
                BinaryOp::Lt => self.most = Some(n.saturating_sub(1)),
                BinaryOp::Eq => (self.least, self.most) = (Some(n), Some(n)),
                _ => {}
            }
        }
        if !is_it(value) {
            return;
        }
        let beside = |step: i64| match known {
            Value::Int(n) => Value::Int(n.saturating_add(step)),
            other => other.clone(),
        };
        match op {
            BinaryOp::Ge => self.low = Some(known.clone()),
            BinaryOp::Gt => self.low = Some(beside(1)),
            BinaryOp::Le => self.high = Some(known.clone()),
            BinaryOp::Lt => self.high = Some(beside(-1)),
            BinaryOp::Eq => self.words = vec![known.clone()],
            _ => {}
        }
    }

    fn called(&mut self, name: &str, value: &Expr, text: &Value) {
        let Some(text) = text.as_str().filter(|_| is_it(value)) else { return };
        match name {
            "matches" => self.patterns.push(text.to_owned()),
            "startsWith" => self.patterns.push(format!("^{}[a-z0-9.-]*$", regex_syntax::escape(text))),
            "endsWith" => self.patterns.push(format!("^[a-z0-9.-]*{}$", regex_syntax::escape(text))),
            "contains" => self.patterns.push(regex_syntax::escape(text)),
            _ => {}
        }
    }
}

const fn turned(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Lt => BinaryOp::Gt,
        BinaryOp::Le => BinaryOp::Ge,
        BinaryOp::Gt => BinaryOp::Lt,
        BinaryOp::Ge => BinaryOp::Le,
        other => other,
    }
}

fn is_it(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Local(local) if local.slot == 0)
}

fn is_size(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Call(name, args) if name == "size" && args.first().is_some_and(is_it))
}

fn as_size(known: &Value) -> Option<usize> {
    if let Value::Int(n) = known { usize::try_from(*n).ok() } else { None }
}

fn known_items(list: &Expr) -> Vec<Value> {
    match &list.kind {
        ExprKind::Const(Value::List(items)) => items.to_vec(),
        ExprKind::List(items) => {
            let known = |item: &Item| if let Item::Value(value) = item { value.known().cloned() } else { None };
            items.iter().filter_map(known).collect()
        }
        _ => Vec::new(),
    }
}
