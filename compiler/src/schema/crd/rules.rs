//! The rules of a definition in CEL (`x-kubernetes-validations`).
//!
//! Rules see an object as the API server shows it to them (apiserver,
//! pkg/cel/common/values.go): names of fields that are no names in CEL are
//! escaped (apiserver, pkg/cel/escaping.go), `type: number` is a double, text
//! of the formats `date-time` and `byte` is what it stands for. A rule that
//! compares with `oldSelf` does not run on what is new.

use smol_str::SmolStr;

use super::model::{CompiledRule, Form, Format, NodeId, Rule, Schema};
use super::value::Violation;
use crate::check::{CheckedExpression, Typing, check_expression};
use crate::diagnostic::{Diagnostic, W0822};
use crate::eval::{Evaluator, NoHost};
use crate::expr::{Expr, ExprKind, Program};
use crate::instantiate::Segment;
use crate::library::words::field_name;
use crate::resolve::{ModuleId, Modules};
use crate::schema::Schemas;
use crate::source::FileId;
use crate::syntax;
use crate::types::Type;
use crate::value::{Key, Map, Value};

/// How many violations of rules one object gives.
const MAX_VIOLATIONS: usize = 50;

/// What rules say about an object.
#[derive(Default)]
pub(super) struct Verdict {
    pub(super) violations: Vec<Violation>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Runs the rules of a node, and of what is below it, on its value as a server
/// has it.
pub(super) fn run(schema: &Schema, id: NodeId, value: &Value) -> Verdict {
    let mut runner = Runner { schema, path: Vec::new(), verdict: Verdict::default() };
    runner.node(id, value);
    runner.verdict
}

struct Runner<'a> {
    schema: &'a Schema,
    path: Vec<Segment>,
    verdict: Verdict,
}

impl Runner<'_> {
    fn node(&mut self, id: NodeId, value: &Value) {
        let Some(node) = self.schema.node(id) else { return };
        if let Some(checks) = node.checks().filter(|checks| !checks.rules.is_empty())
            && !matches!(value, Value::Null)
        {
            let shown = shown(self.schema, id, value);
            for rule in &checks.rules {
                self.rule(rule, &shown);
            }
        }
        match value {
            Value::Map(map) => {
                for (key, value) in map.iter().filter_map(|(key, value)| Some((key.as_str()?, value))) {
                    let inner = node.property(key).map(|property| property.node).or(node.inner);
                    self.below(Segment::Field(key.into()), inner, value);
                }
            }
            Value::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.below(Segment::Index(at), node.inner, item);
                }
            }
            _ => {}
        }
    }

    fn below(&mut self, segment: Segment, node: Option<NodeId>, value: &Value) {
        let Some(node) = node else { return };
        self.path.push(segment);
        self.node(node, value);
        self.path.pop();
    }

    fn rule(&mut self, rule: &Rule, value: &Value) {
        let compiled = match rule.compiled.get_or_init(|| compile(rule)) {
            Ok(compiled) => compiled,
            Err(reason) => {
                let diagnostic = Diagnostic::new(&W0822, rule.span, format!("this rule is not run: {reason}"));
                let diagnostic = diagnostic.help(super::decode::SUPPRESS);
                if !self.verdict.diagnostics.contains(&diagnostic) {
                    self.verdict.diagnostics.push(diagnostic);
                }
                return;
            }
        };
        if compiled.transition || self.verdict.violations.len() >= MAX_VIOLATIONS {
            return;
        }
        let program = Program::default();
        let evaluate = |expr: &Expr| Evaluator::new(&program, &NoHost).eval_with(expr, &[value.clone(), Value::Absent]);
        let message = match evaluate(&compiled.rule) {
            Ok(Value::Bool(true)) => return,
            Ok(_) => {
                let made = compiled.message.as_ref().and_then(|message| evaluate(message).ok());
                let made = made.as_ref().and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
                made.or(rule.message.as_deref()).map_or_else(|| format!("failed rule: {}", rule.rule), str::to_owned)
            }
            Err(fault) => format!("the rule has no value: {}", fault.message),
        };
        let mut path = self.path.clone();
        path.extend(rule.field_path.as_deref().map(segments).unwrap_or_default());
        self.verdict.violations.push(Violation { path, message, rule: Some(rule.span) });
    }
}

/// The steps of a `fieldPath`: `.spec.list['key']`.
fn segments(path: &str) -> Vec<Segment> {
    let parts = path.split(['.', '[', ']']).map(|part| part.trim_matches(['\'', '"']));
    parts.filter(|part| !part.is_empty()).map(|part| Segment::Field(part.into())).collect()
}

/// Parses and checks a rule, once.
fn compile(rule: &Rule) -> Result<CompiledRule, String> {
    let text = with_blanks(&rule.rule);
    let transition = mentions_old(&text) && !rule.optional_old_self;
    let message = rule.message_expression.as_deref().map(|text| expression(&with_blanks(text))).transpose()?;
    Ok(CompiledRule { rule: expression(&text)?, message, transition })
}

/// An expression over `self` and `oldSelf`, whose types evaluation decides.
fn expression(text: &str) -> Result<Expr, String> {
    let (parsed, diagnostics) = syntax::parse_expression(FileId(0), text);
    if let Some(error) = diagnostics.into_iter().find(Diagnostic::is_error) {
        return Err(error.message);
    }
    let vars = [(SmolStr::new_static("self"), Type::Dyn), (SmolStr::new_static("oldSelf"), Type::Dyn)];
    let (modules, schemas) = (Modules::default(), Schemas::builtin());
    let check = |typing| check_expression(&modules, &schemas, ModuleId(0), &parsed, &vars, typing);
    let CheckedExpression { typed, diagnostics, .. } = check(Typing::Dynamic);
    let refused = diagnostics.into_iter().find(Diagnostic::is_error).map(|error| error.message);
    match refused.or_else(|| unknown_call(&typed.expr)) {
        // What is wrong, the check of types says in better words.
        Some(reason) => {
            let found = check(Typing::Static).diagnostics.into_iter().find(Diagnostic::is_error);
            Err(found.map_or(reason, |error| error.message))
        }
        None => Ok(typed.expr),
    }
}

/// A call of a function that is not there.
fn unknown_call(expr: &Expr) -> Option<String> {
    let mut unknown = None;
    expr.walk(&mut |e| {
        if let ExprKind::Call(name, _) = &e.kind
            && crate::library::find(name).is_none()
        {
            unknown.get_or_insert_with(|| format!("there is no function `{name}`"));
        }
    });
    unknown
}

/// Whether an expression mentions `oldSelf`, outside text.
fn mentions_old(text: &str) -> bool {
    code_parts(text).iter().any(|(_, code)| code.split(|c: char| !is_word(c)).any(|word| word == "oldSelf"))
}

/// The expression with blanks round each minus between words: in CEL `a-b` is a
/// subtraction, in the language a name.
fn with_blanks(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut end = 0;
    for (start, code) in code_parts(text) {
        out.push_str(text.get(end..start).unwrap_or_default());
        end = start + code.len();
        let mut before = None;
        let mut characters = code.chars().peekable();
        while let Some(c) = characters.next() {
            let joins = c == '-' && before.is_some_and(is_word) && characters.peek().copied().is_some_and(is_word);
            out.push_str(if joins { " - " } else { "" });
            if !joins {
                out.push(c);
            }
            before = Some(c);
        }
    }
    out.push_str(text.get(end..).unwrap_or_default());
    out
}

const fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The parts of an expression that are not text in quotes, with their places.
fn code_parts(text: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let (mut start, mut rest) = (0, text);
    while let Some(at) = rest.find(['"', '\'']) {
        let (code, quoted) = rest.split_at(at);
        parts.push((start, code));
        let raw = code.ends_with(['r', 'R']);
        let length = quoted_length(quoted, raw);
        start += at + length;
        rest = quoted.get(length..).unwrap_or_default();
    }
    parts.push((start, rest));
    parts
}

/// How long the text in quotes is with which this begins.
fn quoted_length(text: &str, raw: bool) -> usize {
    let triple = text.starts_with("\"\"\"") || text.starts_with("'''");
    let (mark, _) = text.split_at(if triple { 3 } else { 1 });
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(mark.len()) {
        if escaped {
            escaped = false;
        } else if c == '\\' && !raw {
            escaped = true;
        } else if text.get(at..).is_some_and(|rest| rest.starts_with(mark)) {
            return at + mark.len();
        }
    }
    text.len()
}

/// A value as rules see it.
fn shown(schema: &Schema, id: NodeId, value: &Value) -> Value {
    let Some(node) = schema.node(id) else { return value.clone() };
    match (node.form, value) {
        (Form::Number, Value::Int(n)) => Value::Float(*n as f64),
        (Form::Number, Value::Uint(n)) => Value::Float(*n as f64),
        (Form::String, Value::String(text)) => match node.format {
            Format::DateTime => crate::units::parse_timestamp(text).map_or_else(|_| value.clone(), Value::Timestamp),
            Format::Byte => {
                crate::value::decode_base64(text).map_or_else(|| value.clone(), |bytes| Value::Bytes(bytes.into()))
            }
            _ => value.clone(),
        },
        (_, Value::List(items)) => match node.inner {
            Some(inner) => Value::list(items.iter().map(|item| shown(schema, inner, item)).collect()),
            None => value.clone(),
        },
        (_, Value::Map(map)) => {
            let named = !node.properties.is_empty();
            let mut seen = Map::with_capacity(map.len());
            for (key, value) in map.iter() {
                let Some(name) = key.as_str() else { continue };
                let inner = node.property(name).map(|property| property.node).or(node.inner);
                let key = if named {
                    field_name(name).map_or_else(|| key.clone(), |name| Key::from(&*name))
                } else {
                    key.clone()
                };
                seen.insert(key, inner.map_or_else(|| value.clone(), |inner| shown(schema, inner, value)));
            }
            Value::map(seen)
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minus_between_words_is_a_subtraction_but_not_in_text() {
        let given = r"self.a-self.b == 'x-y' && c-1 > r'\-a'.size()";
        assert_eq!(with_blanks(given), r"self.a - self.b == 'x-y' && c - 1 > r'\-a'.size()");
        assert_eq!(with_blanks(r#"'a\'-b-c' + """x"-"y""" + a-b"#), r#"'a\'-b-c' + """x"-"y""" + a - b"#);
        assert!(mentions_old("self == oldSelf"));
        assert!(!mentions_old("self == 'oldSelf' && oldSelfish"));
    }

    #[test]
    fn paths_of_fields_are_taken_apart() {
        assert_eq!(segments(".spec['c']"), ["spec", "c"].map(|name| Segment::Field(name.into())));
    }
}
