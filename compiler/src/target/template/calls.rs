//! Functions of the library as functions of templates, where the two mean the same
//! for every value.

use super::{ELSEWHERE, Out, Writer, quoted, refused};
use crate::expr::{Expr, Repr};
use crate::source::Span;
use crate::value::Value;

/// The characters of a text, as a list.
fn characters(text: &str) -> String {
    format!("(splitList \"\" {text})")
}

impl Writer<'_> {
    pub(super) fn call(&mut self, span: Span, name: &str, args: &[Expr]) -> Out<String> {
        let reprs: Vec<Repr> = args.iter().map(|arg| arg.repr).collect();
        if let ("or" | "orValue", [a, b]) = (name, args) {
            return self.coalesce(a, b);
        }
        if let ("hasValue", [a]) = (name, args) {
            return Ok(format!("(not (kindIs \"invalid\" {}))", self.operand(a)?));
        }
        if let ("size", [a]) = (name, args)
            && let Some(counted) = self.count(a)?
        {
            return Ok(counted);
        }
        if let ("string", [a]) = (name, args)
            && matches!(a.repr, Repr::Int | Repr::Uint | Repr::Bool | Repr::String | Repr::Float | Repr::Quantity)
        {
            return self.text(a);
        }
        let operands = args.iter().map(|arg| self.operand(arg)).collect::<Out<Vec<_>>>()?;
        let operands: Vec<&str> = operands.iter().map(String::as_str).collect();
        let made = match (name, reprs.as_slice(), operands.as_slice()) {
            ("size", [Repr::String], [a]) => format!("(len {})", characters(a)),
            ("size", [Repr::List | Repr::Map], [a]) => format!("(len {a})"),
            ("startsWith", [Repr::String, Repr::String], [a, b]) => format!("(hasPrefix {b} {a})"),
            ("endsWith", [Repr::String, Repr::String], [a, b]) => format!("(hasSuffix {b} {a})"),
            ("contains", [Repr::String, Repr::String], [a, b]) => format!("(contains {b} {a})"),
            ("matches", [Repr::String, Repr::String], [a, b]) => format!("(regexMatch {b} {a})"),
            ("lowerAscii", [Repr::String], [a]) => self.letters("tessera.lower", a),
            ("upperAscii", [Repr::String], [a]) => self.letters("tessera.upper", a),
            ("trim", [Repr::String], [a]) => format!("(trim {a})"),
            ("replace", [Repr::String, Repr::String, Repr::String], [a, b, c]) => format!("(replace {b} {c} {a})"),
            ("split", [Repr::String, Repr::String], [a, b]) => format!("(splitList {b} {a})"),
            ("join", [Repr::List], [a]) => format!("(join \"\" {a})"),
            ("join", [Repr::List, Repr::String], [a, b]) => format!("(join {b} {a})"),
            ("substring", [Repr::String, Repr::Int], [a, from]) => {
                format!("(join \"\" (slice {} {from}))", characters(a))
            }
            ("substring", [Repr::String, Repr::Int, Repr::Int], [a, from, to]) => {
                format!("(join \"\" (slice {} {from} {to}))", characters(a))
            }
            ("url", [Repr::String], [a]) => (*a).to_owned(),
            ("getHostname", [Repr::Opaque], [a]) => format!("(index (urlParse {a}) \"hostname\")"),
            ("getHost", [Repr::Opaque], [a]) => format!("(index (urlParse {a}) \"host\")"),
            ("getScheme", [Repr::Opaque], [a]) => format!("(index (urlParse {a}) \"scheme\")"),
            ("int", [Repr::Int], [a]) | ("double", [Repr::Float], [a]) | ("dyn", _, [a]) => (*a).to_owned(),
            ("double", [Repr::Int], [a]) => format!("(float64 {a})"),
            ("max" | "min", [Repr::Int, Repr::Int], [a, b]) => format!("({name} {a} {b})"),
            ("reverse", [Repr::List], [a]) => format!("(reverse {a})"),
            ("first" | "last", ..) => {
                return Err(refused(
                    span,
                    format!("`{name}`"),
                    "read `list[0]` where the list has an item, or loop over it",
                ));
            }
            _ => return Err(unknown(span, name, args)),
        };
        Ok(made)
    }

    fn letters(&mut self, template: &str, operand: &str) -> String {
        self.shared.units = true;
        format!("(include {} {operand})", quoted(template))
    }
}

fn unknown(span: Span, name: &str, args: &[Expr]) -> Box<crate::diagnostic::Diagnostic> {
    let of = args.first().map(|arg| match arg.known() {
        Some(value @ Value::String(_)) => value.shown(),
        _ => super::value::words(arg.repr).to_owned(),
    });
    let what = of.map_or_else(|| format!("`{name}()`"), |of| format!("`{name}` of {of}"));
    refused(span, what, ELSEWHERE)
}
