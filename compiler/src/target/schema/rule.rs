//! Rules of types: as keywords where there is one, which costs the API server
//! next to nothing, and as CEL otherwise.

use super::cel;
use super::openapi::{OpenApi, Rule, SELF};
use super::{Builder, W0712};
use crate::diagnostic::Diagnostic;
use crate::expr::{BinaryOp, Expr, ExprKind, Local, Repr};
use crate::ir;
use crate::target::cel::{Level, quoted};
use crate::value::Value;

impl Builder<'_> {
    /// A level that must keep a rule as well.
    pub(super) fn ruled(&mut self, rule: &ir::Rule, place: &str) -> OpenApi {
        let mut level = self.level(&rule.base, place);
        let filled = super::defaults::filled_rule(&rule.rule, &rule.base);
        let mut conjuncts = filled.conjuncts();
        conjuncts.retain(|conjunct| !keyword(conjunct, &mut level));
        let message = rule.message.as_ref();
        let constant = message.and_then(Expr::known).and_then(Value::as_str);
        if let Some(constant) = constant {
            describe(&mut level, constant);
        }
        if conjuncts.is_empty() {
            return level;
        }
        let dialect = self.dialect;
        let written: Result<Vec<cel::Written>, String> =
            conjuncts.iter().map(|c| cel::of_type(c, &rule.base, dialect)).collect();
        let written = match written {
            Ok(written) => written,
            Err(lacks) => {
                self.unchecked(rule.rule.span, "rule", &lacks);
                return level;
            }
        };
        if reads_duration(&rule.rule) && level.ty == Some("string") {
            level.patterns = vec![super::DURATION_OF_RULES.to_owned()];
        }
        let several = written.len() > 1;
        let text = |w: &cel::Written| w.text.clone().at(if several { Level::And } else { Level::Cond });
        let texts: Vec<String> = written.iter().map(text).collect();
        level.rules.push(Rule {
            rule: texts.join(" && "),
            message: Some(message.map_or_else(|| format!("must hold: {}", rule.text), said)),
            span: rule.rule.span,
            loops: written.iter().flat_map(|w| w.loops.clone()).collect(),
        });
        level
    }

    /// A warning about what only the controller checks.
    pub(super) fn unchecked(&mut self, span: crate::source::Span, what: &str, lacks: &str) {
        let diagnostic = Diagnostic::new(&W0712, span, format!("the API server cannot check this {what}"))
            .label(format!("CEL in a definition has no form for {lacks}"))
            .help("objects that break it are stored, and then reported in their status; write it with what CEL has to have them refused");
        self.diagnostics.push(diagnostic);
    }
}

/// A message as one text: where it tells a value, it names the place. (The API
/// server's computed messages may hold no number: it takes the text of one to be
/// endless.)
pub(super) fn said(message: &Expr) -> String {
    match &message.kind {
        ExprKind::Const(value) => value.as_str().map_or_else(|| value.shown(), str::to_owned),
        ExprKind::Concat(pieces) => pieces.iter().map(said).collect(),
        ExprKind::Coerce(_, of) => said(of),
        ExprKind::Call(_, args) => args.first().map_or_else(|| "…".to_owned(), said),
        _ => place(message).map_or_else(|| "…".to_owned(), |place| format!("`{place}`")),
    }
}

fn place(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Local(local) => Some(local.name.to_string()),
        ExprKind::Param(name) => Some(name.to_string()),
        ExprKind::Instance => Some("metadata".to_owned()),
        ExprKind::Field { base, name, .. } => Some(format!("{}.{name}", place(base)?)),
        _ => None,
    }
}

/// The message of a rule becomes part of the description: a keyword has none.
fn describe(level: &mut OpenApi, said: &str) {
    let mut said = said.trim_end_matches('.').to_owned();
    if let Some(first) = said.get(..1) {
        said = first.to_uppercase() + said.get(1..).unwrap_or_default();
    }
    match &mut level.description {
        Some(description) if !description.contains(&said) => {
            *description = format!("{}. {said}.", description.trim_end_matches('.'));
        }
        Some(_) => {}
        None => level.description = Some(said + "."),
    }
}

/// A rule on text as keywords, where it has no other conditions.
pub(in crate::target) fn of_text(it: &Local, rule: &Expr) -> Option<OpenApi> {
    let mut rule = rule.clone();
    rule.walk_mut(&mut |expr| {
        expr.locals_mut(&mut |local| local.slot = if local.slot == it.slot { 0 } else { local.slot.max(1) });
    });
    let mut level = OpenApi::of("string");
    rule.conjuncts().into_iter().all(|conjunct| keyword(conjunct, &mut level)).then_some(level)
}

fn reads_duration(rule: &Expr) -> bool {
    let mut found = false;
    rule.walk(&mut |e| found |= is_it(e) && e.repr == Repr::Duration);
    found
}

fn is_it(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Local(local) if local.slot == 0)
}

/// Makes a condition a keyword of the level; whether there is one.
fn keyword(condition: &Expr, level: &mut OpenApi) -> bool {
    match &condition.kind {
        ExprKind::Binary(BinaryOp::In, value, list) if is_it(value) => among(list, level),
        ExprKind::Binary(op, left, right) => match (right.known(), left.known()) {
            (Some(known), _) => compared(*op, left, known, level),
            (None, Some(known)) => turned(*op).is_some_and(|op| compared(op, right, known, level)),
            _ => false,
        },
        ExprKind::Call(name, args) => match args.as_slice() {
            [value, pattern] if is_it(value) && value.repr == Repr::String => {
                pattern.known().and_then(Value::as_str).is_some_and(|text| found(name, text, level))
            }
            _ => false,
        },
        _ => false,
    }
}

const fn turned(op: BinaryOp) -> Option<BinaryOp> {
    Some(match op {
        BinaryOp::Lt => BinaryOp::Gt,
        BinaryOp::Le => BinaryOp::Ge,
        BinaryOp::Gt => BinaryOp::Lt,
        BinaryOp::Ge => BinaryOp::Le,
        BinaryOp::Eq => BinaryOp::Eq,
        _ => return None,
    })
}

fn among(list: &Expr, level: &mut OpenApi) -> bool {
    let values: Option<Vec<Value>> = match &list.kind {
        ExprKind::Const(Value::List(items)) => Some(items.to_vec()),
        ExprKind::List(items) => items
            .iter()
            .map(|item| if let crate::expr::Item::Value(value) = item { value.known().cloned() } else { None })
            .collect(),
        _ => None,
    };
    let fits = |value: &Value| match level.ty {
        Some("string") => level.format.is_none() && matches!(value, Value::String(_)),
        Some("integer") => matches!(value, Value::Int(_)),
        _ => false,
    };
    match values {
        Some(values) if level.one_of.is_empty() && !values.is_empty() && values.iter().all(fits) => {
            level.one_of = values;
            true
        }
        _ => false,
    }
}

fn compared(op: BinaryOp, value: &Expr, known: &Value, level: &mut OpenApi) -> bool {
    match (&value.kind, known) {
        (ExprKind::Call(name, args), Value::Int(n)) if name == "size" && args.first().is_some_and(is_it) => {
            sized(op, *n, level)
        }
        (_, Value::Int(n)) if is_it(value) && level.ty == Some("integer") => match op {
            BinaryOp::Ge => lower(level, *n),
            BinaryOp::Gt => n.checked_add(1).is_some_and(|n| lower(level, n)),
            BinaryOp::Le => upper(level, *n),
            BinaryOp::Lt => n.checked_sub(1).is_some_and(|n| upper(level, n)),
            BinaryOp::Eq => lower(level, *n) && upper(level, *n),
            _ => false,
        },
        (_, Value::Float(_) | Value::Int(_)) if is_it(value) && level.ty == Some("number") => bounded(op, known, level),
        _ => false,
    }
}

fn lower(level: &mut OpenApi, n: i64) -> bool {
    let kept = match &level.minimum {
        Some(Value::Int(known)) => (*known).max(n),
        _ => n,
    };
    level.minimum = Some(Value::Int(kept));
    true
}

fn upper(level: &mut OpenApi, n: i64) -> bool {
    let kept = match &level.maximum {
        Some(Value::Int(known)) => (*known).min(n),
        _ => n,
    };
    level.maximum = Some(Value::Int(kept));
    true
}

fn bounded(op: BinaryOp, known: &Value, level: &mut OpenApi) -> bool {
    match op {
        BinaryOp::Ge | BinaryOp::Gt if level.minimum.is_none() => {
            level.minimum = Some(known.clone());
            level.above = op == BinaryOp::Gt;
            true
        }
        BinaryOp::Le | BinaryOp::Lt if level.maximum.is_none() => {
            level.maximum = Some(known.clone());
            level.below = op == BinaryOp::Lt;
            true
        }
        _ => false,
    }
}

fn sized(op: BinaryOp, n: i64, level: &mut OpenApi) -> bool {
    if !matches!(level.ty, Some("string" | "array" | "object")) || level.is_record() && level.ty == Some("object") {
        return false;
    }
    let least = |level: &mut OpenApi, n: i64| level.min_size = Some(level.min_size.map_or(n, |known| known.max(n)));
    let most = |level: &mut OpenApi, n: i64| level.max_size = Some(level.max_size.map_or(n, |known| known.min(n)));
    match op {
        BinaryOp::Le if n >= 0 => most(level, n),
        BinaryOp::Lt if n > 0 => most(level, n - 1),
        BinaryOp::Ge if n >= 0 => least(level, n),
        BinaryOp::Gt if n >= 0 => least(level, n.saturating_add(1)),
        BinaryOp::Eq if n >= 0 => {
            least(level, n);
            most(level, n);
        }
        BinaryOp::Ne if n == 0 => least(level, 1),
        _ => return false,
    }
    true
}

/// A test of text as a pattern.
fn found(name: &str, text: &str, level: &mut OpenApi) -> bool {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "-_/:, #@=%&~!".contains(c));
    let pattern = match name {
        "matches" => text.to_owned(),
        "startsWith" if plain => format!("^{text}"),
        "endsWith" if plain => format!("{text}$"),
        "contains" if plain => text.to_owned(),
        _ => return false,
    };
    if !level.patterns.contains(&pattern) {
        level.patterns.push(pattern);
    }
    true
}

/// The keywords of a level as conditions in CEL on a place, for a union whose
/// cases differ in them.
///
/// # Errors
/// What has no such form.
pub(super) fn conditions(level: &OpenApi, place: &str) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    if !level.one_of.is_empty() {
        out.push(format!("{place} in {}", cel::literal(&Value::list(level.one_of.clone()))));
    }
    out.extend(level.patterns.iter().map(|pattern| format!("{place}.matches({})", quoted(pattern))));
    let mut number = |value: &Option<Value>, sign: &str| -> Result<(), String> {
        if let Some(value) = value {
            out.push(format!("{place} {sign} {}", cel::literal(value)));
        }
        Ok(())
    };
    number(&level.minimum, if level.above { ">" } else { ">=" })?;
    number(&level.maximum, if level.below { "<" } else { "<=" })?;
    out.extend(level.min_size.map(|n| format!("size({place}) >= {n}")));
    out.extend(level.max_size.map(|n| format!("size({place}) <= {n}")));
    out.extend(level.rules.iter().map(|rule| format!("({})", rule.rule.replace(SELF, place))));
    Ok(out)
}
