//! Operands: an expression as what may stand in a pipeline of a template.

use std::rc::Rc;

use smol_str::SmolStr;

use super::operators::arithmetic;
use super::{Bound, ELSEWHERE, Out, Writer, chain, is_atom, is_direct, quoted, refused};
use crate::expr::{Access, Expr, ExprKind, Repr, UnaryOp};
use crate::ir::Schema;
use crate::source::Span;
use crate::units;
use crate::value::{Key, Value};

/// An operand that is nil.
pub(super) const NIL: &str = "(index dict \"absent\")";

impl Writer<'_> {
    /// An operand with the value of an expression; the statements that it needs are
    /// written before.
    ///
    /// # Errors
    /// A refusal, at the construct that a template cannot express.
    pub(crate) fn operand(&mut self, expr: &Expr) -> Out<String> {
        self.deeper(expr.span, |writer| writer.form(expr))
    }

    fn form(&mut self, expr: &Expr) -> Out<String> {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Const(value) => literal(value, span),
            ExprKind::Local(local) => self.local(local.slot, &local.name, expr),
            ExprKind::Param(name) => self.param(name, expr),
            ExprKind::Instance => Err(refused(span, "the whole instance", "read `self.name` or `self.namespace`")),
            ExprKind::Resource(name) => Err(observed(span, name)),
            ExprKind::Binding(name) => self.named(name, expr),
            ExprKind::Global(_) | ExprKind::CallFn(..) => {
                Err(refused(span, "a call that does not fold", "give what it is called with as constants"))
            }
            ExprKind::Field { base, name, access } => self.field(expr, base, name, *access),
            ExprKind::Index { base, index, access } => self.index(expr, base, index, *access),
            ExprKind::Has(inner) => self.has(expr, inner),
            ExprKind::Unary(UnaryOp::Not, a) => Ok(format!("(not {})", self.operand(a)?)),
            ExprKind::Unary(UnaryOp::Neg, a) if a.repr == Repr::Int => Ok(format!("(sub 0 {})", self.operand(a)?)),
            ExprKind::Unary(UnaryOp::Neg, a) => Err(arithmetic(span, a.repr)),
            ExprKind::Binary(op, a, b) => self.binary(span, *op, a, b),
            ExprKind::Cond(condition, a, b) => self.conditional(condition, a, b),
            ExprKind::Match { subject, arms, default } => self.matched(subject, arms, default.as_deref()),
            ExprKind::Call(name, args) => self.call(span, name, args),
            ExprKind::Let(local, value, body) => {
                self.bind(local, Bound::Lazy(Rc::new(Expr::clone(value))));
                self.operand(body)
            }
            ExprKind::List(items) => self.list(items),
            ExprKind::Object(entries) => self.object(entries),
            ExprKind::Concat(pieces) => self.concat(pieces),
            ExprKind::Comprehension(comprehension) => self.comprehension(expr, comprehension),
            ExprKind::Coerce(to, inner) => self.coerced(span, *to, inner),
            ExprKind::Refine(refine) => self.refined(refine),
        }
    }

    fn local(&mut self, slot: u32, name: &str, expr: &Expr) -> Out<String> {
        match self.env.get(&slot).cloned() {
            Some(Bound::Operand { text, raw, .. }) => Ok(if raw { typed(text, expr.repr) } else { text }),
            Some(Bound::Lazy(value)) => {
                let operand = self.operand(&value)?;
                if is_atom(&operand) {
                    return Ok(operand);
                }
                let (shape, absent) = (self.shape(&value), self.may_be_absent(&value));
                let text = self.variable(name, &operand);
                self.env.insert(slot, Bound::Operand { text: text.clone(), shape, raw: false, absent });
                Ok(text)
            }
            Some(Bound::Resource(resource)) => Err(observed(expr.span, &resource)),
            None => Err(refused(expr.span, format!("`{name}` here"), ELSEWHERE)),
        }
    }

    fn param(&mut self, name: &SmolStr, expr: &Expr) -> Out<String> {
        let Some(param) = self.composite.params.iter().find(|param| param.name == *name) else {
            return Err(refused(expr.span, format!("`{name}`"), ELSEWHERE));
        };
        let path =
            if is_identifier(name) { format!("$.Values.{name}") } else { format!("(index $.Values {})", quoted(name)) };
        let read = match super::strip(&param.schema) {
            schema @ (Schema::Duration | Schema::Quantity) => self.unit(schema, &path),
            _ if is_direct(param) => typed(path.clone(), expr.repr),
            _ => format!("(index (include {} $ | fromJson) \"value\")", quoted(&self.parameter_template(name))),
        };
        // A parameter that may be left out is nil, and no function for units takes that.
        if param.optional && param.default.is_none() && read.starts_with('(') {
            let place = format!("(index $.Values {})", quoted(name));
            let read = read.replace(&path, &place);
            let text = self.variable(name, NIL);
            self.statement(&format!("if not (kindIs \"invalid\" {place})"));
            self.statement(&format!("{text} = {read}"));
            self.statement("end");
            return Ok(text);
        }
        Ok(read)
    }

    /// The template that completes a parameter: defaults filled in, units in canonical form.
    pub(crate) fn parameter_template(&self, name: &str) -> String {
        format!("{}.param.{name}", self.prefix)
    }

    /// A `let` of the composite: a named template, whose text is the value.
    fn named(&mut self, name: &SmolStr, expr: &Expr) -> Out<String> {
        let Some(value) = self.binding(name) else {
            return Err(refused(expr.span, format!("`{name}`"), ELSEWHERE));
        };
        let repr = value.repr;
        let textual =
            matches!(repr, Repr::String | Repr::Duration | Repr::Quantity | Repr::Int | Repr::Map | Repr::List);
        if !textual || self.may_be_absent(value) || matches!(value.kind, ExprKind::Param(_)) {
            return self.operand(value);
        }
        let template = format!("{}.{name}", self.prefix);
        if !self.shared.defines.contains_key(&template) {
            // Entered before it is written: a template is written once.
            let place = self.shared.defines.insert_full(template.clone(), String::new()).0;
            let ((), text) = self.separately(|writer| {
                let operand = writer.operand(value)?;
                let printed =
                    if matches!(repr, Repr::Map | Repr::List) { format!("{operand} | toJson") } else { operand };
                writer.line(&format!("{{{{- {} }}}}", unwrapped(&printed)));
                Ok(())
            })?;
            if let Some((_, define)) = self.shared.defines.get_index_mut(place) {
                *define = text;
            }
        }
        let include = format!("include {} $", quoted(&template));
        Ok(match repr {
            Repr::Map => format!("({include} | fromJson)"),
            Repr::List => format!("({include} | fromJsonArray)"),
            Repr::Int => format!("(int64 ({include}))"),
            _ => format!("({include})"),
        })
    }

    // Parts.

    fn field(&mut self, expr: &Expr, base: &Expr, name: &SmolStr, access: Access) -> Out<String> {
        if matches!(base.kind, ExprKind::Instance) {
            return match name.as_str() {
                "name" => Ok("$.Release.Name".to_owned()),
                "namespace" => Ok("$.Release.Namespace".to_owned()),
                other => Err(refused(
                    expr.span,
                    format!("`self.{other}`"),
                    "a Helm release has a name and a namespace; give the rest as a parameter",
                )),
            };
        }
        if let Some(operand) = self.of_resource(expr)? {
            return Ok(operand);
        }
        if let Some(value) = self.written_field(base, name) {
            let value = value.into_owned();
            return self.operand(&value);
        }
        let record = matches!(self.shape(base), Some(Schema::Record(_) | Schema::Union(_) | Schema::Secret(_)));
        let absent = self.may_be_absent(base);
        let from = self.operand(base)?;
        let read = |from: &str| typed(member(from, name), expr.repr);
        if absent {
            return Ok(self.guarded(name, &format!("not (kindIs \"invalid\" {from})"), &read(&from)));
        }
        if access == Access::Required && !record && self.literal(base).is_none() {
            let from = if is_atom(&from) { from } else { self.variable("object", &from) };
            self.statement(&format!(
                "if not (hasKey {from} {0}) }}}}{{{{ fail {1} }}}}{{{{ end",
                quoted(name),
                quoted(&format!("there is no field `{name}`"))
            ));
            return Ok(read(&from));
        }
        if self.may_be_absent(expr) && matches!(expr.repr, Repr::Int | Repr::Uint | Repr::Float) {
            let present = format!("not (kindIs \"invalid\" {})", member(&from, name));
            return Ok(self.guarded(name, &present, &read(&from)));
        }
        Ok(read(&from))
    }

    /// A variable with an operand where a condition holds, nil elsewhere.
    fn guarded(&mut self, hint: &str, condition: &str, operand: &str) -> String {
        let text = self.variable(hint, NIL);
        self.statement(&format!("if {condition}"));
        self.statement(&format!("{text} = {operand}"));
        self.statement("end");
        text
    }

    fn index(&mut self, expr: &Expr, base: &Expr, index: &Expr, access: Access) -> Out<String> {
        let absent = self.may_be_absent(base);
        let from = self.operand(base)?;
        let from = if is_atom(&from) { from } else { self.variable("items", &from) };
        let at = self.operand(index)?;
        let is_list = base.repr == Repr::List;
        if !is_list && (base.repr != Repr::Map || index.repr != Repr::String) {
            return Err(refused(expr.span, "an index into a value of unknown type", ELSEWHERE));
        }
        let read = typed(format!("(index {from} {at})"), expr.repr);
        if access == Access::Required {
            if !is_list {
                self.statement(&format!(
                    "if not (hasKey {from} {at}) }}}}{{{{ fail (printf \"there is no key `%s`\" {at}) }}}}{{{{ end"
                ));
            }
            return Ok(read);
        }
        let there =
            if is_list { format!("and (ge {at} 0) (lt {at} (len {from}))") } else { format!("hasKey {from} {at}") };
        let condition = if absent { format!("and (not (kindIs \"invalid\" {from})) ({there})") } else { there };
        Ok(self.guarded("item", &condition, &read))
    }

    fn has(&mut self, expr: &Expr, inner: &Expr) -> Out<String> {
        if let Some(certain) = self.certain(expr) {
            return Ok(certain.to_string());
        }
        Ok(format!("(not (kindIs \"invalid\" {}))", self.operand(inner)?))
    }

    // Choices.

    fn conditional(&mut self, condition: &Expr, a: &Expr, b: &Expr) -> Out<String> {
        if let Some(certain) = self.certain(condition) {
            return self.operand(if certain { a } else { b });
        }
        let condition = self.operand(condition)?;
        let ((first, x), (second, y)) = (self.apart(a)?, self.apart(b)?);
        // `ternary` evaluates both.
        let simple = self.is_always_there(a) && self.is_always_there(b) && is_safe(&x) && is_safe(&y);
        if first.is_empty() && second.is_empty() && simple {
            return Ok(format!("(ternary {x} {y} {condition})"));
        }
        let text = self.variable("value", NIL);
        self.statement(&format!("if {}", unwrapped(&condition)));
        self.out.push_str(&first);
        self.statement(&format!("{text} = {x}"));
        self.statement("else");
        self.out.push_str(&second);
        self.statement(&format!("{text} = {y}"));
        self.statement("end");
        Ok(text)
    }

    fn matched(&mut self, subject: &Expr, arms: &[(Vec<Value>, Expr)], default: Option<&Expr>) -> Out<String> {
        let mut value = self.operand(subject)?;
        // A table of texts needs no statements.
        let text = |v: &Value| matches!(v, Value::String(_));
        let small = |v: &Value| {
            matches!(v, Value::String(_) | Value::Int(_) | Value::Bool(_) | Value::Quantity(_) | Value::Duration(_))
        };
        let table = arms.iter().all(|(patterns, e)| patterns.iter().all(text) && e.known().is_some_and(small));
        if table && default.is_none() && subject.repr == Repr::String {
            let mut entries = String::new();
            for (patterns, e) in arms {
                let Some(value) = e.known() else { continue };
                for pattern in patterns {
                    entries.push_str(&format!(" {} {}", literal(pattern, subject.span)?, literal(value, e.span)?));
                }
            }
            return Ok(format!("(index (dict{entries}) {value})"));
        }
        if !is_atom(&value) {
            value = self.variable("case", &value);
        }
        let text = self.variable("value", NIL);
        for (index, (patterns, body)) in arms.iter().enumerate() {
            let test = self.tests(subject, &value, patterns)?;
            let (statements, operand) = self.apart(body)?;
            self.statement(&format!("{} {}", if index == 0 { "if" } else { "else if" }, unwrapped(&test)));
            self.out.push_str(&statements);
            self.statement(&format!("{text} = {operand}"));
        }
        let last = match default {
            Some(body) => {
                let (statements, operand) = self.apart(body)?;
                format!("{statements}{{{{- {text} = {operand} }}}}\n")
            }
            None => "{{- fail \"no arm of the match covers the value\" }}\n".to_owned(),
        };
        if arms.is_empty() {
            self.out.push_str(&last);
        } else {
            self.statement("else");
            self.out.push_str(&last);
            self.statement("end");
        }
        Ok(text)
    }

    /// Whether a value equals one of some patterns.
    pub(super) fn tests(&mut self, subject: &Expr, value: &str, patterns: &[Value]) -> Out<String> {
        let simple = matches!(subject.repr, Repr::String | Repr::Int | Repr::Bool);
        let mut tests = Vec::new();
        for pattern in patterns {
            let pattern = literal(pattern, subject.span)?;
            tests.push(if simple {
                format!("(eq {value} {pattern})")
            } else {
                format!("(eq (toJson {value}) (toJson {pattern}))")
            });
        }
        Ok(match tests.as_slice() {
            [one] => one.clone(),
            [] => "false".to_owned(),
            _ => format!("(or {})", tests.join(" ")),
        })
    }

    fn concat(&mut self, pieces: &[Expr]) -> Out<String> {
        let (mut format, mut operands) = (String::new(), String::new());
        for piece in pieces {
            match piece.known() {
                Some(Value::String(text)) => format.push_str(&text.replace('%', "%%")),
                _ => {
                    format.push_str("%s");
                    operands.push(' ');
                    let text = self.text(piece)?;
                    operands.push_str(&text);
                }
            }
        }
        Ok(format!("(printf {}{operands})", quoted(&format)))
    }

    /// The text of a value, as `string()` gives it.
    pub(super) fn text(&mut self, expr: &Expr) -> Out<String> {
        let operand = self.operand(expr)?;
        match expr.repr {
            Repr::String | Repr::Duration | Repr::Quantity => Ok(operand),
            Repr::Int | Repr::Uint | Repr::Bool | Repr::Float => Ok(format!("(toString {operand})")),
            other => Err(refused(expr.span, format!("the text of {}", words(other)), ELSEWHERE)),
        }
    }

    /// A field that a resource writes. `None` where the expression reads no resource.
    fn of_resource(&mut self, expr: &Expr) -> Out<Option<String>> {
        let (root, path) = chain(expr);
        let name = match &root.kind {
            ExprKind::Resource(name) => name.clone(),
            ExprKind::Local(local) => match self.env.get(&local.slot) {
                Some(Bound::Resource(name)) => name.clone(),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        let direct = matches!(root.kind, ExprKind::Resource(_));
        match self.written(&name, &path, direct, expr.span) {
            Some(value) => self.operand(&value).map(Some),
            None => Err(observed(expr.span, &format!("{name}.{}", path.join(".")))),
        }
    }
}

/// The refusal of what only a cluster knows.
pub(crate) fn observed(span: Span, what: &str) -> Box<crate::diagnostic::Diagnostic> {
    refused(
        span,
        format!("`{what}`, which only a cluster knows"),
        "a chart is written before its objects exist; build for `--target crossplane`, `kro` or `controller`, or give the value as a parameter",
    )
}

/// A number of the values, which is a float, as what it is.
pub(crate) fn typed(operand: String, repr: Repr) -> String {
    match repr {
        Repr::Int | Repr::Uint => format!("(int64 {operand})"),
        Repr::Float => format!("(float64 {operand})"),
        _ => operand,
    }
}

/// A field of an operand.
pub(super) fn member(from: &str, name: &str) -> String {
    if from.starts_with("$.Values.") && !from.contains(' ') && is_identifier(name) {
        return format!("{from}.{name}");
    }
    format!("(index {from} {})", quoted(name))
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether an operand cannot fail, so that it may be evaluated without need.
fn is_safe(operand: &str) -> bool {
    !operand.contains("index ")
        && !operand.contains("include ")
        && !operand.contains("fail ")
        && !operand.contains("div ")
        && !operand.contains("slice ")
        && !operand.contains("mod ")
}

/// An operand without the brackets round it, as a statement takes it.
pub(super) fn unwrapped(operand: &str) -> &str {
    let Some(inner) = operand.strip_prefix('(').and_then(|o| o.strip_suffix(')')) else { return operand };
    let (mut depth, mut text, mut escaped) = (0_i32, false, false);
    for c in inner.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if text => escaped = true,
            '"' => text = !text,
            '(' if !text => depth += 1,
            ')' if !text => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return operand;
        }
    }
    inner
}

/// A known value as an operand.
pub(crate) fn literal(value: &Value, span: Span) -> Out<String> {
    Ok(match value {
        Value::Absent | Value::Null => NIL.to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Uint(n) if i64::try_from(*n).is_ok() => n.to_string(),
        Value::Float(f) if f.is_finite() => format!("(float64 \"{f:?}\")"),
        Value::String(text) => quoted(text),
        Value::Duration(d) => quoted(&units::format_duration(*d)),
        Value::Quantity(q) => quoted(&q.to_string()),
        Value::Timestamp(t) => quoted(&units::format_timestamp(*t)),
        Value::Bytes(bytes) => quoted(&crate::value::encode_base64(bytes)),
        Value::List(items) if items.is_empty() => "list".to_owned(),
        Value::List(items) => {
            let items = items.iter().map(|item| literal(item, span)).collect::<Out<Vec<_>>>()?;
            format!("(list {})", items.join(" "))
        }
        Value::Map(map) if map.is_empty() => "dict".to_owned(),
        Value::Map(map) => {
            let mut out = String::from("(dict");
            for (key, value) in map.iter() {
                let key = match key {
                    Key::String(text) => text.to_string(),
                    other => other.to_string(),
                };
                out.push_str(&format!(" {} {}", quoted(&key), literal(value, span)?));
            }
            out + ")"
        }
        Value::Uint(_) | Value::Float(_) | Value::Type(_) | Value::Opaque(_) => {
            return Err(refused(span, format!("the value {}", value.shown()), ELSEWHERE));
        }
    })
}

pub(super) const fn words(repr: Repr) -> &'static str {
    match repr {
        Repr::Dyn => "a value of unknown type",
        Repr::Null => "null",
        Repr::Bool => "a Bool",
        Repr::Int => "an Int",
        Repr::Uint => "a Uint",
        Repr::Float => "a Float",
        Repr::String => "a String",
        Repr::Bytes => "Bytes",
        Repr::Duration => "a Duration",
        Repr::Timestamp => "a Timestamp",
        Repr::Quantity => "a Quantity",
        Repr::List => "a list",
        Repr::Map => "an object",
        Repr::Opaque => "a value of the library",
    }
}
