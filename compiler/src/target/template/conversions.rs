//! Conversions, and rules that values must keep.

use super::value::{typed, words};
use super::{Bound, ELSEWHERE, Out, Writer, quoted, refused};
use crate::eval::{Frame, Nothing, Partial};
use crate::expr::{Coercion, Expr, Refine, Repr};
use crate::ir::Schema;
use crate::source::Span;

impl Writer<'_> {
    pub(super) fn coerced(&mut self, span: Span, to: Coercion, inner: &Expr) -> Out<String> {
        let operand = self.operand(inner)?;
        if inner.repr == to.repr() {
            return Ok(operand);
        }
        if self.may_be_absent(inner) {
            return self.coerced_where_there(span, to, inner, &operand);
        }
        self.converted(span, to, inner.repr, operand)
    }

    /// What is absent stays so.
    pub(super) fn coerced_where_there(&mut self, span: Span, to: Coercion, inner: &Expr, operand: &str) -> Out<String> {
        let text = self.variable("value", operand);
        self.statement(&format!("if not (kindIs \"invalid\" {text})"));
        let converted = self.converted(span, to, inner.repr, text.clone())?;
        self.statement(&format!("{text} = {converted}"));
        self.statement("end");
        Ok(text)
    }

    pub(super) fn converted(&mut self, span: Span, to: Coercion, from: Repr, operand: String) -> Out<String> {
        let kind = match (to, from) {
            (Coercion::Quantity, Repr::Int | Repr::Uint | Repr::String | Repr::Float) => {
                return Ok(self.unit(&Schema::Quantity, &operand));
            }
            (Coercion::Duration, Repr::String) => return Ok(self.unit(&Schema::Duration, &operand)),
            (Coercion::Float, Repr::Int | Repr::Uint) => return Ok(format!("(float64 {operand})")),
            (Coercion::Bool, Repr::Dyn) => "bool",
            (Coercion::String, Repr::Dyn) => "string",
            (Coercion::List, Repr::Dyn) => "slice",
            (Coercion::Map, Repr::Dyn) => "map",
            (to, from) => {
                return Err(refused(
                    span,
                    format!("a conversion from {} to {}", words(from), words(to.repr())),
                    ELSEWHERE,
                ));
            }
        };
        let text = self.variable("value", &operand);
        let message = quoted(&format!("a value must be {}", words(to.repr())));
        self.statement(&format!("if not (kindIs \"{kind}\" {text}) }}}}{{{{ fail {message} }}}}{{{{ end"));
        Ok(text)
    }

    /// A value that must keep a rule. Text goes through a named template, which fails or gives it back.
    pub(super) fn refined(&mut self, refine: &Refine) -> Out<String> {
        let operand = self.operand(&refine.value)?;
        if self.may_be_absent(&refine.value) {
            let text = self.variable("value", &operand);
            let template = self.rule(refine)?;
            self.statement(&format!("if not (kindIs \"invalid\" {text})"));
            let fresh = self.fresh("checked");
            self.statement(&format!("{fresh} := include {template} {text}"));
            self.statement("end");
            return Ok(text);
        }
        let template = self.rule(refine)?;
        if refine.value.repr == Repr::String {
            return Ok(format!("(include {template} {operand})"));
        }
        let text = self.variable("value", &operand);
        let fresh = self.fresh("checked");
        self.statement(&format!("{fresh} := include {template} {text}"));
        Ok(text)
    }

    /// The named template of a rule: it gives text back, and fails where the rule is broken.
    pub(crate) fn rule(&mut self, refine: &Refine) -> Out<String> {
        let rule = self.reduced(&refine.rule, refine.it.slot);
        let message = refine.message.as_ref().map(|message| self.reduced(message, refine.it.slot));
        let key = serde_json::to_string(&(&rule, &message)).unwrap_or_default();
        if let Some(name) = self.shared.rules.get(&key) {
            return Ok(name.clone());
        }
        let repr = refine.value.repr;
        let what =
            refine.type_name.as_ref().map_or_else(|| "not valid".to_owned(), |name| format!("not a valid {name}"));
        let ((), text) = self.separately(|writer| {
            let bound = Bound::Operand { text: "$".to_owned(), shape: None, raw: true, absent: false };
            writer.bind(&refine.it, bound);
            let condition = writer.operand(&rule)?;
            writer.statement(&format!("if not {condition}"));
            let shown = format!("(toJson {})", typed("$".to_owned(), repr));
            match &message {
                Some(message) => {
                    let said = writer.operand(message)?;
                    writer.statement(&format!("fail (printf {} {shown} {said})", quoted(&format!("%s is {what}: %s"))));
                }
                None => writer.statement(&format!("fail (printf {} {shown})", quoted(&format!("%s is {what}")))),
            }
            writer.statement("end");
            if repr == Repr::String {
                writer.statement("$");
            }
            Ok(())
        })?;
        let name = quoted(&self.rule_template(refine.type_name.as_deref().unwrap_or("value"), text));
        self.shared.rules.insert(key, name.clone());
        Ok(name)
    }

    /// The name of the template of a rule with this text: that of an equal one, if there is one.
    pub(super) fn rule_template(&mut self, type_name: &str, text: String) -> String {
        let base = format!("{}.rule.{type_name}", self.prefix);
        let mut name = base.clone();
        let mut count = 1;
        while let Some(define) = self.shared.defines.get(&name) {
            if *define == text {
                return name;
            }
            count += 1;
            name = format!("{base}{count}");
        }
        self.shared.defines.insert(name.clone(), text);
        name
    }

    /// A rule without calls of functions.
    pub(super) fn reduced(&self, expr: &Expr, it: u32) -> Expr {
        Partial::new(self.program).partial(&Nothing, Frame { taken: it + 1, known: &[] }, expr).expr
    }
}
