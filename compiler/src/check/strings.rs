//! Strings with `${…}`.

use super::{Checker, Typed};
use crate::diagnostic::{Diagnostic, E0308, E0311, W0808};
use crate::expr::{Expr, ExprKind, Repr};
use crate::resolve::declared_name;
use crate::source::Span;
use crate::syntax::ast::{DeclKind, StringPart};
use crate::types::Type;
use crate::value::Value;

impl Checker<'_> {
    pub(crate) fn interpolated(&mut self, parts: &[StringPart], span: Span) -> Typed {
        let dollar = |part: &StringPart| matches!(part, StringPart::Text(text) if text.contains('$'));
        self.lint_text(parts.iter().any(dollar), span, parts);
        let mut pieces = Vec::with_capacity(parts.len());
        let mut good = true;
        for part in parts {
            match part {
                StringPart::Text(text) => pieces.push(Expr::constant(Value::String(text.clone()), span)),
                StringPart::Expr(expr) => {
                    let typed = self.infer(expr);
                    good &= self.printable(&typed);
                    pieces.push(typed.expr);
                }
            }
        }
        if good { Typed::new(ExprKind::Concat(pieces), Type::String, span) } else { Self::unknown(span) }
    }

    /// Warns of `$name` in a string on one line, as shells have it, where the
    /// name has a value here.
    pub(super) fn lint_text(&mut self, dollar: bool, span: Span, parts: &[StringPart]) {
        let in_yaml = || {
            let path = self.modules.sources.get(span.file).map(|file| &*file.path);
            path.is_none_or(|path| [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending)))
        };
        let text = self.modules.sources.text(span);
        if !dollar || self.dynamic || in_yaml() || !text.starts_with('"') || text.starts_with("\"\"\"") {
            return;
        }
        let inside = |at: u32| {
            parts.iter().any(|part| matches!(part, StringPart::Expr(e) if e.span.start <= at && at < e.span.end))
        };
        for (at, _) in text.match_indices('$') {
            let (Some(head), Some(rest)) = (text.get(..at), text.get(at + 1..)) else { continue };
            let escaped = head.ends_with(['\\', '$']) || inside(span.start + at as u32);
            let Some(name) = plain_name(rest).filter(|_| !escaped) else { continue };
            if !self.reads_value(name) {
                continue;
            }
            let path = path_from(rest, name);
            let start = span.start + at as u32;
            let place = Span { start, end: start + 1 + path.len() as u32, ..span };
            self.report(
                Diagnostic::new(&W0808, place, format!("`${path}` in a string is text, not the value of `{path}`"))
                    .label("without braces nothing is put in")
                    .fix(format!("write `${{{path}}}`"), place, format!("${{{path}}}"), false),
            );
        }
    }

    /// Whether a name has a value here; a parameter or variable counts as used.
    fn reads_value(&mut self, name: &str) -> bool {
        match self.frame.find(name).and_then(|index| self.frame.vars.get_mut(index)) {
            Some(var) => {
                var.used = true;
                true
            }
            None => {
                self.frame.waiting.iter().any(|(waiting, _)| waiting == name)
                    || self.modules.get(self.frame.module).is_some_and(|module| {
                        let values = module.ast.decls.iter().filter(|d| matches!(d.kind, DeclKind::Let(_)));
                        values.filter_map(declared_name).any(|declared| declared.name == name)
                    })
            }
        }
    }

    /// Whether a value can stand in a string; complains where it cannot.
    fn printable(&mut self, typed: &Typed) -> bool {
        let complaint = match typed.ty.structure() {
            Type::Unknown => return false,
            Type::Secret(_) => super::secret::visible(typed.expr.span, "a string"),
            Type::Optional(_) => Diagnostic::new(&E0308, typed.expr.span, "this value may be absent, so the string has a hole")
                .help("give a default: `${value ?? \"…\"}`"),
            Type::Union(members) if members.iter().all(|m| printable_repr(m.repr())) => return true,
            ty if printable_repr(ty.repr()) => return true,
            ty => Diagnostic::new(&E0311, typed.expr.span, format!("{} cannot stand in a string", self.article(ty)))
                .help("only text, numbers, truth values, durations, quantities and timestamps print; for a list, use `.join(\", \")`"),
        };
        self.report(complaint);
        false
    }
}

/// The name that a text begins with.
fn plain_name(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let name = text.get(..end)?;
    // A hyphen inside belongs to the name.
    let more = text.get(end..)?.strip_prefix('-').and_then(plain_name);
    let name = more.map_or(Some(name), |more| text.get(..end + 1 + more.len()))?;
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_').then_some(name)
}

/// A name with the fields that follow it.
fn path_from<'t>(text: &'t str, name: &'t str) -> &'t str {
    let mut path = name;
    while let Some(field) = text.get(path.len()..).and_then(|rest| rest.strip_prefix('.')).and_then(plain_name) {
        path = text.get(..path.len() + 1 + field.len()).unwrap_or(path);
    }
    path
}

const fn printable_repr(repr: Repr) -> bool {
    !matches!(repr, Repr::List | Repr::Map | Repr::Null)
}
