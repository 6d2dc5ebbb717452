//! Conditions, `match`, `??`, and what they show of the values they ask about.

use super::{Checker, Typed};
use crate::diagnostic::{Diagnostic, E0301, E0305, E0306, E0311, W0805};
use crate::expr::{Expr, ExprKind};
use crate::schema::Schemas;
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::{self, Arm, BinaryOp, UnaryOp};
use crate::types::{self, Type};
use crate::value::Value;

/// What a condition shows of places: where it holds, and where it does not.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) holds: Vec<(String, Type)>,
    pub(crate) fails: Vec<(String, Type)>,
}

impl Checker<'_> {
    /// A condition and what it shows.
    pub(crate) fn condition(&mut self, expr: &ast::Expr) -> (Expr, Facts) {
        let checked = self.check(expr, &Type::Bool);
        if let (Some(Value::Bool(known)), ast::ExprKind::Bool(_)) = (checked.known(), &expr.kind) {
            self.report(
                Diagnostic::new(&W0805, expr.span, format!("this condition is always {known}"))
                    .help("remove it, or say what it should ask"),
            );
        }
        if let ast::ExprKind::Binary(op, _, left, right) = &expr.kind
            && let (Some(a), Some(b)) = (self.place(left), self.place(right))
            && let (true, Some(known)) = (a == b, of_equals(*op))
        {
            self.report(
                Diagnostic::new(
                    &W0805,
                    expr.span,
                    format!("this condition is always {known}: both sides are the same"),
                )
                .help("remove it, or say what it should ask"),
            );
        }
        let facts = self.facts(expr);
        (checked, if facts.holds.is_empty() { self.meant_presence(expr).unwrap_or(facts) } else { facts })
    }

    /// `if x` of what may be absent is an error, and meant as `if has(x)`.
    fn meant_presence(&mut self, expr: &ast::Expr) -> Option<Facts> {
        let place = self.place(expr)?;
        let typed = self.attempt(|c| c.infer(expr))?;
        let Type::Optional(inner) = typed.ty.peel() else { return None };
        Some(Facts { holds: vec![(place, (**inner).clone())], fails: Vec::new() })
    }

    /// What a condition shows, from its form alone.
    pub(crate) fn facts(&mut self, expr: &ast::Expr) -> Facts {
        match &expr.kind {
            ast::ExprKind::Unary(UnaryOp::Not, inner) => {
                let facts = self.facts(inner);
                Facts { holds: facts.fails, fails: facts.holds }
            }
            ast::ExprKind::Binary(BinaryOp::And, _, left, right) => {
                let mut facts = self.facts(left);
                facts.holds.extend(self.facts(right).holds);
                Facts { holds: facts.holds, fails: Vec::new() }
            }
            ast::ExprKind::Binary(BinaryOp::Or, _, left, right) => {
                let mut facts = self.facts(left);
                facts.fails.extend(self.facts(right).fails);
                Facts { holds: Vec::new(), fails: facts.fails }
            }
            ast::ExprKind::Binary(BinaryOp::Eq, _, left, right) => self.equality_facts(left, right),
            ast::ExprKind::Binary(BinaryOp::Ne, _, left, right) => {
                let facts = self.equality_facts(left, right);
                Facts { holds: facts.fails, fails: facts.holds }
            }
            ast::ExprKind::Call { callee, args, .. } => self.presence_facts(callee, args),
            _ => Facts::default(),
        }
    }

    /// `has(x.y)`: the value is there.
    fn presence_facts(&mut self, callee: &ast::Expr, args: &[ast::Arg]) -> Facts {
        let (ast::ExprKind::Name(name), [arg]) = (&callee.kind, args) else { return Facts::default() };
        let Some(place) = (name == "has").then(|| self.place(&arg.value)).flatten() else { return Facts::default() };
        let Some(typed) = self.attempt(|c| c.infer(&arg.value)) else { return Facts::default() };
        match typed.ty.peel() {
            Type::Optional(inner) => Facts { holds: vec![(place, (**inner).clone())], fails: Vec::new() },
            _ => Facts::default(),
        }
    }

    fn equality_facts(&mut self, left: &ast::Expr, right: &ast::Expr) -> Facts {
        let (place, value) = match (literal(left), literal(right)) {
            (None, Some(value)) => (left, value),
            (Some(value), None) => (right, value),
            _ => return Facts::default(),
        };
        self.split(place, &[value])
    }

    /// The types of a place (and of the record whose discriminator it is) where
    /// it has one of some values, and where it has none.
    fn split(&mut self, place: &ast::Expr, values: &[Value]) -> Facts {
        let mut facts = Facts::default();
        self.part(place, &mut facts, |_, member| has_value(member, values));
        if let ast::ExprKind::Field { base, name, .. } = &place.kind {
            self.part(base, &mut facts, |schemas, member| {
                let field = member.record(schemas).and_then(|r| r.fields.get(&name.name));
                field.is_some_and(|f| has_value(&f.ty, values))
            });
        }
        facts
    }

    /// Parts the union that a place is, and notes both sides.
    fn part(&mut self, place: &ast::Expr, facts: &mut Facts, keep: impl Fn(&Schemas, &Type) -> bool) {
        let (Some(key), Some(typed)) = (self.place(place), self.attempt(|c| c.infer(place))) else { return };
        let schemas = self.schemas;
        if let Some((yes, no)) = self.partition(&typed.ty, |member| keep(schemas, member)) {
            facts.holds.push((key.clone(), yes));
            facts.fails.push((key, no));
        }
    }

    /// A union parted in two; `None` where it is none, or one side is empty.
    fn partition(&self, ty: &Type, keep: impl Fn(&Type) -> bool) -> Option<(Type, Type)> {
        let Type::Union(members) = ty.structure() else { return None };
        let (yes, no): (Vec<Type>, Vec<Type>) = members.iter().cloned().partition(keep);
        (!yes.is_empty() && !no.is_empty()).then(|| (Type::union(self.schemas, yes), Type::union(self.schemas, no)))
    }

    /// `c ? a : b` and `if c then a else b`.
    pub(crate) fn cond(
        &mut self,
        condition: &ast::Expr,
        then: &ast::Expr,
        otherwise: &ast::Expr,
        span: Span,
        expected: Option<&Type>,
    ) -> Typed {
        let (condition, facts) = self.condition(condition);
        let then = self.narrowing(facts.holds, |c| c.check_or_infer(then, expected));
        let otherwise = self.narrowing(facts.fails, |c| c.check_or_infer(otherwise, expected));
        let ty = match expected {
            Some(ty) => ty.clone(),
            None => self.join_branches(&then, &otherwise),
        };
        let kind = ExprKind::Cond(Box::new(condition), Box::new(then.expr), Box::new(otherwise.expr));
        Typed::new(kind, ty, span)
    }

    fn join_branches(&mut self, a: &Typed, b: &Typed) -> Type {
        if a.is_unknown() || b.is_unknown() {
            return Type::Unknown;
        }
        if matches!(a.ty.peel(), Type::Dyn) || matches!(b.ty.peel(), Type::Dyn) {
            return Type::Dyn;
        }
        types::join(self.schemas, &a.ty, &b.ty).unwrap_or_else(|| {
            if self.anything {
                return Type::Dyn;
            }
            let message =
                format!("the branches have two types: {} and {}", self.show(&a.ty.widen()), self.show(&b.ty.widen()));
            self.report(
                Diagnostic::new(&E0301, b.expr.span, message)
                    .label(format!("this is {}", self.article(&b.ty.widen())))
                    .also(a.expr.span, format!("this is {}", self.article(&a.ty.widen())))
                    .help("make them the same, or write the union down as the expected type"),
            );
            Type::Unknown
        })
    }

    /// `a ?? b`.
    pub(crate) fn coalesce(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        expected: Option<&Type>,
    ) -> Typed {
        let left = match expected {
            Some(ty) => self.left_of_coalesce(left, ty),
            None => self.infer(left),
        };
        let present = match left.ty.peel() {
            Type::Optional(inner) => (**inner).clone(),
            _ => {
                self.lint_needless_default(&left, span);
                left.ty.clone()
            }
        };
        let (right, ty) = match expected {
            Some(ty) => (self.check(right, ty), ty.clone()),
            // What `15m` is, the other side says.
            None if matches!(right.kind, ast::ExprKind::Suffixed(_))
                && matches!(present.structure(), Type::Duration | Type::Quantity) =>
            {
                (self.check(right, &present), present)
            }
            None => {
                let right = self.infer(right);
                let ty = self.join_branches(&Typed { ty: present, ..left.clone() }, &right);
                (right.expr, ty)
            }
        };
        Typed::new(ExprKind::Binary(BinaryOp::Coalesce, Box::new(left.expr), Box::new(right)), ty, span)
    }

    fn left_of_coalesce(&mut self, left: &ast::Expr, expected: &Type) -> Typed {
        let typed = self.infer(left);
        let wanted =
            if matches!(typed.ty.peel(), Type::Optional(_)) { expected.clone().optional() } else { expected.clone() };
        let ty = typed.ty.clone();
        Typed { expr: self.fit(typed, &wanted), ty }
    }

    fn lint_needless_default(&mut self, left: &Typed, span: Span) {
        let known = matches!(left.expr.kind, ExprKind::Const(_) | ExprKind::Param(_) | ExprKind::Local(_));
        if known && !left.is_unknown() && !matches!(left.ty.peel(), Type::Dyn) && !left.ty.is_observed() {
            self.report(
                Diagnostic::new(&W0805, span, "the value before `??` is never absent")
                    .help("remove the `??` and what follows"),
            );
        }
    }

    /// `match e { … }`.
    pub(crate) fn match_expr(
        &mut self,
        subject: &ast::Expr,
        arms: &[Arm],
        close: Span,
        span: Span,
        expected: Option<&Type>,
    ) -> Typed {
        let typed = self.infer(subject);
        if let Some(diagnostic) = self.match_on_record(subject, &typed.ty) {
            self.report(diagnostic);
            return Self::unknown(span);
        }
        let mut remaining = Remaining::of(&typed.ty);
        let mut checked = Vec::new();
        let mut default = None;
        let mut result: Option<Typed> = None;
        for arm in arms {
            let errors = self.diagnostics.len();
            let values = self.patterns(arm, &typed, &mut remaining);
            if self.diagnostics.iter().skip(errors).any(|d| d.code.id == E0301.id) {
                // The case that was meant is not missing, and what the arm may
                // read is not known.
                remaining.open = Some(Vec::new());
                continue;
            }
            let facts = self.arm_facts(subject, arm, &values, arms);
            let body = self.narrowing(facts, |c| c.check_or_infer(&arm.body, expected));
            result = Some(self.join_arm(result, &body, expected));
            if arm.patterns.is_empty() {
                default = Some(Box::new(body.expr))
            } else {
                checked.push((values, body.expr))
            }
        }
        if default.is_none() {
            self.check_exhaustive(&typed, &remaining, arms, close, span);
        }
        let ty = expected.cloned().or(result.map(|r| r.ty)).unwrap_or(Type::Unknown);
        Typed::new(ExprKind::Match { subject: Box::new(typed.expr), arms: checked, default }, ty, span)
    }

    /// A record is matched by the field that tells its cases apart.
    fn match_on_record(&self, subject: &ast::Expr, ty: &Type) -> Option<Diagnostic> {
        let Type::Union(members) = ty.structure() else { return None };
        let key = discriminator(self.schemas, members)?;
        let written = self.modules.sources.text(subject.span);
        let better = format!("{written}.{key}");
        let diagnostic = Diagnostic::new(&E0311, subject.span, format!("a record is matched by its field `{key}`"))
            .label(format!("this is {}", self.article(ty)))
            .fix(format!("write `match {better}`"), subject.span, better, true);
        Some(diagnostic)
    }

    fn join_arm(&mut self, so_far: Option<Typed>, body: &Typed, expected: Option<&Type>) -> Typed {
        match so_far {
            Some(so_far) if expected.is_none() => {
                let ty = self.join_branches(&so_far, body);
                Typed { ty, ..body.clone() }
            }
            _ => body.clone(),
        }
    }

    /// The values of an arm's patterns; those that can never match are reported.
    fn patterns(&mut self, arm: &Arm, subject: &Typed, remaining: &mut Remaining) -> Vec<Value> {
        if arm.patterns.is_empty() {
            remaining.default(self, arm);
            return Vec::new();
        }
        let mut values = Vec::new();
        for pattern in &arm.patterns {
            let expected = subject.ty.clone();
            let expr = self.check(pattern, &expected);
            match expr.known() {
                Some(Value::Absent) | None => {
                    if !subject.is_unknown()
                        && literal(pattern).is_none()
                        && !matches!(pattern.kind, ast::ExprKind::Error)
                    {
                        self.report(Diagnostic::new(
                            &E0311,
                            pattern.span,
                            "a pattern is a literal, or `_` for all the rest",
                        ));
                    }
                }
                Some(value) => {
                    let value = value.clone();
                    remaining.take(self, pattern.span, &value);
                    values.push(value);
                }
            }
        }
        values
    }

    fn arm_facts(&mut self, subject: &ast::Expr, arm: &Arm, values: &[Value], arms: &[Arm]) -> Vec<(String, Type)> {
        if !arm.patterns.is_empty() {
            return self.split(subject, values).holds;
        }
        let all: Vec<Value> = arms.iter().flat_map(|a| a.patterns.iter().filter_map(literal)).collect();
        self.split(subject, &all).fails
    }

    fn check_exhaustive(&mut self, subject: &Typed, remaining: &Remaining, arms: &[Arm], close: Span, whole: Span) {
        if subject.is_unknown() {
            return;
        }
        let missing = match &remaining.open {
            Some(open) if !open.is_empty() => {
                open.iter().map(|v| self.show(&Type::Literal(v.clone()))).collect::<Vec<_>>()
            }
            Some(_) => return,
            None => vec!["_".to_owned()],
        };
        let message = if remaining.open.is_some() {
            format!("match does not cover {}", missing.join(", "))
        } else {
            format!("match on {} needs a case for all the rest", self.article(&subject.ty.widen()))
        };
        self.note_match(whole, missing.clone());
        let lines: String = missing.iter().map(|m| format!("  {m} => …\n")).collect();
        let span = arms.last().map_or(close, |a| a.pattern_span);
        self.report(
            Diagnostic::new(&E0305, subject.expr.span, message)
                .label("not every value of this has an arm")
                .also(span, "the last arm")
                .help(format!("add:\n{}", lines.trim_end())),
        );
    }
}

/// What a comparison of a value with itself comes to.
const fn of_equals(op: BinaryOp) -> Option<bool> {
    match op {
        BinaryOp::Eq | BinaryOp::Le | BinaryOp::Ge => Some(true),
        BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Gt => Some(false),
        _ => None,
    }
}

/// The cases of a `match` that no arm has covered yet.
struct Remaining {
    /// The literals left; `None` where the subject has no finite list of them.
    open: Option<Vec<Value>>,
    seen: Vec<(Value, Span)>,
    default: Option<Span>,
}

impl Remaining {
    fn of(ty: &Type) -> Self {
        Self { open: cases(ty), seen: Vec::new(), default: None }
    }

    fn take(&mut self, checker: &mut Checker<'_>, span: Span, value: &Value) {
        let earlier = self.seen.iter().find(|(v, _)| v == value).map(|(_, s)| *s).or(self.default);
        if let Some(earlier) = earlier {
            checker.report(
                Diagnostic::new(&E0306, span, "this pattern can never match")
                    .also(earlier, "this arm takes it first")
                    .help("remove it, or move it up"),
            );
        }
        self.seen.push((value.clone(), span));
        if let Some(open) = &mut self.open {
            open.retain(|v| v != value);
        }
    }

    fn default(&mut self, checker: &mut Checker<'_>, arm: &Arm) {
        let covered = self.open.as_ref().is_some_and(Vec::is_empty) && !self.seen.is_empty();
        if let Some(earlier) = self.default {
            checker.report(
                Diagnostic::new(&E0306, arm.pattern_span, "this arm can never be reached")
                    .also(earlier, "this arm takes all the rest"),
            );
        } else if covered {
            checker.report(
                Diagnostic::new(&E0306, arm.pattern_span, "this arm can never be reached")
                    .label("every case has an arm already")
                    .help("remove it"),
            );
        }
        self.default = Some(arm.pattern_span);
    }
}

fn cases(ty: &Type) -> Option<Vec<Value>> {
    match ty.structure() {
        Type::Literal(value) => Some(vec![value.clone()]),
        Type::Bool => Some(vec![Value::Bool(true), Value::Bool(false)]),
        Type::Union(members) => {
            let all: Option<Vec<Vec<Value>>> = members.iter().map(cases).collect();
            Some(all?.into_iter().flatten().collect())
        }
        _ => None,
    }
}

fn has_value(ty: &Type, values: &[Value]) -> bool {
    match ty.structure() {
        Type::Literal(value) => values.contains(value),
        Type::Union(members) => members.iter().all(|m| has_value(m, values)),
        _ => false,
    }
}

/// The value of a literal expression.
pub(crate) fn literal(expr: &ast::Expr) -> Option<Value> {
    match &expr.kind {
        ast::ExprKind::String(text) => Some(Value::String(text.clone())),
        ast::ExprKind::Int(n) => Some(Value::Int(*n)),
        ast::ExprKind::Uint(n) => Some(Value::Uint(*n)),
        ast::ExprKind::Bool(b) => Some(Value::Bool(*b)),
        ast::ExprKind::Null => Some(Value::Null),
        _ => None,
    }
}

/// The field that tells the members of a union of records apart: in each a
/// literal (or literals), in no two the same.
pub(crate) fn discriminator(schemas: &Schemas, members: &[Type]) -> Option<smol_str::SmolStr> {
    let records: Option<Vec<_>> = members.iter().map(|m| m.record(schemas)).collect();
    let records = records?;
    let first = records.first()?;
    first
        .fields
        .keys()
        .find(|name| {
            let mut seen: Vec<Value> = Vec::new();
            records.iter().all(|record| {
                let Some(values) = record.fields.get(*name).and_then(|f| cases(&f.ty)) else { return false };
                let fresh = values.iter().all(|v| !seen.contains(v));
                seen.extend(values);
                fresh
            })
        })
        .cloned()
}

/// "did you mean" for a value of a union of literals, used by comparisons.
pub(crate) fn closest_literal(ty: &Type, written: &str) -> Option<String> {
    let options = super::fit::literals(ty);
    suggest::closest(written, options.iter().map(String::as_str)).map(str::to_owned)
}
