//! Expressions: the flat lists of the grammar get their precedence here.

use super::{Lower, Parts};
use crate::source::Span;
use crate::syntax::ast::{Arg, Arm, BinaryOp, Expr, ExprKind, Ident, UnaryOp};
use crate::syntax::tree::{Expected, Kind, NodeId};

impl Lower<'_> {
    pub(super) fn expr_or_error(&mut self, id: Option<NodeId>, parent: NodeId) -> Expr {
        match id {
            Some(id) => self.expr(id),
            None => Expr { kind: ExprKind::Error, span: self.span(parent).at_end() },
        }
    }

    /// An `Expr`, a chain in a condition, or what stands for a missing one.
    pub(super) fn expr(&mut self, id: NodeId) -> Expr {
        if !matches!(self.kind(id), Kind::Expr | Kind::CondChain) {
            return self.primary(id);
        }
        let levels = self.levels(id);
        let lowered = self.deeper(id, levels, |lower| {
            let mut parts = lower.parts(id);
            let first = lower.chain(&mut parts, id);
            lower.conditions(first, &mut parts, id)
        });
        lowered.unwrap_or_else(|| self.error_expr(id))
    }

    /// How deep the flat list becomes at most.
    fn levels(&self, id: NodeId) -> usize {
        let (mut operators, mut postfix, mut longest) = (0, 0, 0);
        for part in self.tree.children(id) {
            match self.kind(part) {
                Kind::Operator | Kind::CondQuestion => (operators, postfix) = (operators + 1, 0),
                Kind::Prefix | Kind::Call | Kind::Index | Kind::Field => postfix += 1,
                _ => {}
            }
            longest = longest.max(postfix);
        }
        operators + longest
    }

    /// `first ? a : b ? c : d`, nested to the right.
    fn conditions(&mut self, first: Expr, parts: &mut Parts<'_>, id: NodeId) -> Expr {
        let mut conditions = vec![first];
        let mut values = Vec::new();
        while parts.accept(Kind::CondQuestion).is_some() {
            values.push(self.expr_or_error(parts.next(), id));
            conditions.push(self.expr_or_error(parts.next(), id));
        }
        let mut result = conditions.pop().unwrap_or_else(|| self.error_expr(id));
        while let (Some(value), Some(condition)) = (values.pop(), conditions.pop()) {
            let span = condition.span.to(result.span);
            result = Expr { kind: ExprKind::Cond(Box::new(condition), Box::new(value), Box::new(result)), span };
        }
        result
    }

    fn chain(&mut self, parts: &mut Parts<'_>, id: NodeId) -> Expr {
        let first = self.operand(parts, id);
        self.climb(first, 0, parts, id)
    }

    /// Precedence climbing over `operand (operator operand)*`.
    fn climb(&mut self, mut left: Expr, least: u8, parts: &mut Parts<'_>, id: NodeId) -> Expr {
        while let Some((op, span)) = self.peek_operator(parts) {
            let precedence = precedence(op);
            if precedence < least {
                break;
            }
            parts.next();
            let mut right = self.operand(parts, id);
            // `??` groups to the right: `a ?? b ?? c` asks for b only without a.
            let next = if op == BinaryOp::Coalesce { precedence } else { precedence + 1 };
            if self.peek_operator(parts).is_some_and(|(op, _)| self::precedence(op) >= next) {
                right = self.climb(right, next, parts, id);
            }
            let whole = left.span.to(right.span);
            left = Expr { kind: ExprKind::Binary(op, span, Box::new(left), Box::new(right)), span: whole };
        }
        left
    }

    fn peek_operator(&self, parts: &Parts<'_>) -> Option<(BinaryOp, Span)> {
        let id = parts.peek().filter(|id| self.kind(*id) == Kind::Operator)?;
        Some((operator(self.str(id))?, self.span(id)))
    }

    /// Prefixes, a primary and what follows it.
    fn operand(&mut self, parts: &mut Parts<'_>, id: NodeId) -> Expr {
        let mut prefixes = Vec::new();
        while let Some(prefix) = parts.accept(Kind::Prefix) {
            prefixes.push(prefix);
        }
        let mut expr = match parts.next() {
            Some(number) if self.kind(number) == Kind::Number => self.signed(number, &mut prefixes, parts),
            Some(primary) => self.primary(primary),
            None => self.error_expr(id),
        };
        while let Some(Kind::Call | Kind::Index | Kind::Field) = parts.peek_kind() {
            let Some(postfix) = parts.next() else { break };
            expr = self.postfix(expr, postfix);
        }
        while let Some(prefix) = prefixes.pop() {
            let op = if self.str(prefix) == "!" { UnaryOp::Not } else { UnaryOp::Neg };
            let span = self.span(prefix).to(expr.span);
            expr = Expr { kind: ExprKind::Unary(op, Box::new(expr)), span };
        }
        expr
    }

    /// A number, the minus before it taken in where nothing follows it.
    fn signed(&mut self, id: NodeId, prefixes: &mut Vec<NodeId>, parts: &Parts<'_>) -> Expr {
        let alone = !matches!(parts.peek_kind(), Some(Kind::Call | Kind::Index | Kind::Field));
        let minus = prefixes.last().copied().filter(|p| alone && self.str(*p) == "-");
        let Some(minus) = minus else { return self.number(id, false) };
        let mut expr = self.number(id, true);
        if matches!(expr.kind, ExprKind::Int(_) | ExprKind::Float(_)) {
            prefixes.pop();
            expr.span = self.span(minus).to(expr.span);
        }
        expr
    }

    fn postfix(&mut self, base: Expr, id: NodeId) -> Expr {
        let own = self.span(id);
        let span = base.span.to(own);
        let base = Box::new(base);
        let mut parts = self.parts(id);
        let kind = match self.kind(id) {
            Kind::Call => ExprKind::Call { callee: base, args: self.args(id), args_span: own },
            Kind::Index => {
                let optional = parts.accept(Kind::Question).is_some();
                let index = Box::new(self.expr_or_error(parts.next(), id));
                ExprKind::Index { base, index, optional }
            }
            _ => {
                let marks = parts.accept(Kind::SafeDot).is_some() | parts.accept(Kind::Question).is_some();
                let name = self.ident_or_missing(parts.next(), id);
                ExprKind::Field { base, name, optional: marks }
            }
        };
        Expr { kind, span }
    }

    fn args(&mut self, id: NodeId) -> Vec<Arg> {
        let args: Vec<NodeId> = self.parts(id).filter(|a| self.kind(*a) == Kind::Arg).collect();
        let lowered = self.deeper(id, 1, |lower| args.into_iter().map(|arg| lower.arg(arg)).collect());
        lowered.unwrap_or_default()
    }

    fn arg(&mut self, id: NodeId) -> Arg {
        let mut parts = self.parts(id);
        let named = matches!(parts.peek_kind(), Some(Kind::Word | Kind::Quoted));
        let name: Option<Ident> = if named { parts.next().map(|name| self.ident(name)) } else { None };
        Arg { name, value: self.expr_or_error(parts.next(), id) }
    }

    fn primary(&mut self, id: NodeId) -> Expr {
        match self.kind(id) {
            Kind::Word => self.name(id),
            Kind::Quoted => Expr { kind: ExprKind::Name(self.ident(id).name), span: self.span(id) },
            Kind::Number => self.number(id, false),
            Kind::PlainString | Kind::BlockString | Kind::OtherString => self.string(id),
            Kind::Expr | Kind::CondChain => self.expr(id),
            Kind::RootName => match self.parts(id).next() {
                Some(name) => self.root_name(name, id),
                None => self.error_expr(id),
            },
            _ => self.deeper(id, 1, |lower| lower.compound(id)).unwrap_or_else(|| self.error_expr(id)),
        }
    }

    /// `.name`: in an expression on its own the dot stays a part of the name,
    /// which says where it is looked for. In a source it says nothing.
    fn root_name(&mut self, name: NodeId, id: NodeId) -> Expr {
        let mut expr = Expr { span: self.span(id), ..self.name(name) };
        if let (true, ExprKind::Name(name)) = (self.alone, &mut expr.kind) {
            *name = format!(".{name}").into();
        }
        expr
    }

    fn compound(&mut self, id: NodeId) -> Expr {
        let first = self.parts(id).next();
        match self.kind(id) {
            Kind::List => self.list(id),
            Kind::Object => self.object(id),
            Kind::Paren => Expr { span: self.span(id), ..self.expr_or_error(first, id) },
            Kind::RawExpr => {
                let inner = self.expr_or_error(first, id);
                Expr { kind: ExprKind::Raw(Box::new(inner)), span: self.span(id) }
            }
            Kind::IfExpr | Kind::IfItem => self.if_then(id),
            Kind::MatchExpr => self.match_expr(id),
            _ => self.error_expr(id),
        }
    }

    /// `if c then a else if d then b else e`, nested to the right.
    pub(super) fn if_then(&mut self, id: NodeId) -> Expr {
        let parts: Vec<NodeId> = self.parts(id).collect();
        let count = parts.len() / 2;
        let lowered = self.deeper(id, count, |lower| {
            let mut values: Vec<Expr> = parts.into_iter().map(|part| lower.expr(part)).collect();
            let mut result = values.pop().unwrap_or_else(|| lower.error_expr(id));
            while let (Some(then), Some(condition)) = (values.pop(), values.pop()) {
                let span = condition.span.to(result.span);
                let kind = ExprKind::Cond(Box::new(condition), Box::new(then), Box::new(result));
                result = Expr { kind, span };
            }
            Expr { span: lower.span(id), ..result }
        });
        lowered.unwrap_or_else(|| self.error_expr(id))
    }

    fn match_expr(&mut self, id: NodeId) -> Expr {
        let span = self.span(id);
        let mut parts = self.parts(id);
        let subject = Box::new(self.expr_or_error(parts.next(), id));
        let Some(body) = parts.accept(Kind::Arms) else {
            return Expr { kind: ExprKind::Match { subject, arms: Vec::new(), close: span.at_end() }, span };
        };
        let arms: Vec<NodeId> = self.parts(body).filter(|a| self.kind(*a) == Kind::Arm).collect();
        let arms = arms.into_iter().map(|arm| self.arm(arm)).collect();
        Expr { kind: ExprKind::Match { subject, arms, close: self.close(body) }, span }
    }

    fn arm(&mut self, id: NodeId) -> Arm {
        let mut parts = self.parts(id);
        let patterns = parts.accept(Kind::Patterns);
        let pattern_span = self.span(patterns.unwrap_or(id));
        let nodes = patterns.map(|p| self.parts(p)).into_iter().flatten();
        let nodes: Vec<NodeId> = nodes.filter(|p| self.kind(*p) != Kind::Wildcard).collect();
        let patterns = nodes
            .into_iter()
            .map(|p| if self.kind(p) == Kind::Pattern { self.signed_literal(p) } else { self.error_expr(p) })
            .collect();
        Arm { patterns, pattern_span, body: self.expr_or_error(parts.next(), id) }
    }
}

/// Whether this stands for a value that is missing.
pub(super) const fn is_value(kind: Kind) -> bool {
    matches!(kind, Kind::Expr | Kind::Missing(Expected::Expr))
}

fn operator(text: &str) -> Option<BinaryOp> {
    Some(match text {
        "||" | "or" => BinaryOp::Or,
        "&&" | "and" => BinaryOp::And,
        "==" => BinaryOp::Eq,
        "!=" => BinaryOp::Ne,
        "<" => BinaryOp::Lt,
        "<=" => BinaryOp::Le,
        ">" => BinaryOp::Gt,
        ">=" => BinaryOp::Ge,
        "in" => BinaryOp::In,
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Sub,
        "*" => BinaryOp::Mul,
        "/" => BinaryOp::Div,
        "%" => BinaryOp::Rem,
        "??" => BinaryOp::Coalesce,
        _ => return None,
    })
}

/// As in CEL; `??` binds tighter than a comparison, so that
/// `status.replicas ?? 0 >= 2` compares a number.
const fn precedence(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Or => 1,
        BinaryOp::And => 2,
        BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge | BinaryOp::In => 3,
        BinaryOp::Coalesce => 4,
        BinaryOp::Add | BinaryOp::Sub => 5,
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => 6,
    }
}
