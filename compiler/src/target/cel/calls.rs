//! Functions of the library.

use super::write::{Outcome, Writer};
use super::{Form, Level, Written};
use crate::expr::{Expr, Repr};
use crate::library;

/// Functions that the language has under another name than CEL, or whose receiver may be absent.
const OPTIONALS: &[&str] = &["or", "orValue", "hasValue", "value"];

impl<'e> Writer<'e, '_> {
    pub(super) fn call(&mut self, expr: &'e Expr, name: &str, args: &'e [Expr], form: Form) -> Outcome {
        let Some(function) = library::find(name) else {
            return Err(self.refuse(expr.span, &format!("the function `{name}`"), "write its value here"));
        };
        if !self.dialect.has(function, args.len()) {
            let help = "compute it from what is known: what is known is folded, and needs no function";
            return Err(self.refuse(expr.span, &format!("the function `{name}`"), help));
        }
        if form == Form::Wire && matches!(expr.repr, Repr::Duration | Repr::Quantity | Repr::Timestamp | Repr::Opaque) {
            return self.unit_as_text(expr, name, args);
        }
        if let (true, [first, rest @ ..]) = (OPTIONALS.contains(&name), args) {
            let receiver = self.optional(first, form)?;
            let rest = rest
                .iter()
                .map(|arg| if name == "or" { self.optional(arg, form) } else { self.value(arg, form) })
                .collect::<Outcome<Vec<_>>>()?;
            let rest: Vec<String> = rest.into_iter().map(|arg| arg.text).collect();
            return Ok(Written::primary(format!("{}.{name}({})", receiver.at(Level::Primary), rest.join(", "))));
        }
        let mut written = args.iter().map(|arg| self.value(arg, Form::Native)).collect::<Outcome<Vec<_>>>()?;
        let fits = |receiver: bool| {
            let of = |overload: &&library::Overload| {
                overload.receiver == receiver
                    && (overload.params.len() == args.len()
                        || matches!(overload.params.last(), Some(library::Sig::Variadic(_))))
            };
            function.overloads.iter().any(|overload| of(&overload))
        };
        let receiver = if fits(true) && !written.is_empty() { Some(written.remove(0)) } else { None };
        let rest: Vec<String> = written.into_iter().map(|arg| arg.text).collect();
        Ok(Written::primary(match receiver {
            Some(receiver) => format!("{}.{name}({})", receiver.at(Level::Primary), rest.join(", ")),
            None => format!("{name}({})", rest.join(", ")),
        }))
    }

    /// A unit that is made of a text: the text itself, where that is all that is needed.
    fn unit_as_text(&mut self, expr: &'e Expr, name: &str, args: &'e [Expr]) -> Outcome {
        match (name, args) {
            ("quantity" | "ip" | "cidr" | "semver" | "url", [text]) if text.repr == Repr::String => {
                self.value(text, Form::Native)
            }
            _ => Err(self.refuse(
                expr.span,
                &format!("the text of what `{name}` gives"),
                "choose among known values with `match`: its arms are computed ahead",
            )),
        }
    }
}
