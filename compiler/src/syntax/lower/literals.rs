//! Numbers, strings and names.

use smol_str::SmolStr;

use super::Lower;
use crate::diagnostic::{Diagnostic, E0105, E0106};
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, Ident, StringPart};
use crate::syntax::numbers::{self, Number};
use crate::syntax::strings::{self, EscapeError, Literal};
use crate::syntax::tree::{Kind, NodeId};

impl Lower<'_> {
    /// `true`, `null`, or a name.
    pub(super) fn name(&self, id: NodeId) -> Expr {
        let kind = match self.str(id) {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "null" => ExprKind::Null,
            _ => ExprKind::Name(self.ident(id).name),
        };
        Expr { kind, span: self.span(id) }
    }

    /// Names joined by dots, as an expression.
    pub(super) fn path_expr(&self, id: NodeId) -> Expr {
        let mut segments = self.path(id).segments.into_iter();
        let Some(Ident { name, span }) = segments.next() else { return self.error_expr(id) };
        segments.fold(Expr { kind: ExprKind::Name(name), span }, |base, name| {
            let span = base.span.to(name.span);
            Expr { kind: ExprKind::Field { base: Box::new(base), name, optional: false }, span }
        })
    }

    /// A number; `negative` where a minus stands directly before it.
    pub(super) fn number(&mut self, id: NodeId, negative: bool) -> Expr {
        let span = self.span(id);
        let kind = match numbers::number(self.str(id), negative) {
            Ok(Number::Int(value)) => ExprKind::Int(value),
            Ok(Number::Uint(value)) => ExprKind::Uint(value),
            Ok(Number::Float(value)) => ExprKind::Float(if negative { -value } else { value }),
            Ok(Number::Suffixed(text)) => ExprKind::Suffixed(text),
            Err(error) => {
                let mut found = Diagnostic::new(&E0105, span, error.message).help(error.help);
                if let Some(instead) = error.instead {
                    found = found.fix(format!("write `{instead}`"), span, instead, false);
                }
                self.report(found);
                ExprKind::Error
            }
        };
        Expr { kind, span }
    }

    /// Any string.
    pub(super) fn string(&mut self, id: NodeId) -> Expr {
        let kind = match self.kind(id) {
            Kind::PlainString => self.pieces(id, &|text, _, _| text.to_owned()),
            Kind::BlockString => self.block_string(id),
            Kind::OtherString => self.other_string(id),
            _ => ExprKind::Error,
        };
        Expr { kind, span: self.span(id) }
    }

    fn other_string(&mut self, id: NodeId) -> ExprKind {
        let mut errors = Vec::new();
        let literal = strings::literal(self.str(id), &mut errors);
        self.escape_errors(errors, self.span(id).start);
        match literal {
            Literal::Text(text) => ExprKind::String(text.into()),
            Literal::Bytes(bytes) => ExprKind::Bytes(bytes),
        }
    }

    fn block_string(&mut self, id: NodeId) -> ExprKind {
        let whole = self.str(id);
        let body = whole.strip_prefix("\"\"\"").unwrap_or(whole);
        let body = body.strip_suffix("\"\"\"").unwrap_or(body);
        let start = self.span(id).start + 3;
        let interpolations: Vec<_> = self
            .parts(id)
            .filter(|p| self.kind(*p) == Kind::Interpolation)
            .map(|p| self.span(p))
            .map(|s| (s.start.saturating_sub(start)) as usize..(s.end.saturating_sub(start)) as usize)
            .collect();
        match strings::block_indentation(body, &interpolations) {
            None => self.pieces(id, &|text, _, _| text.to_owned()),
            Some(indentation) => self.pieces(id, &|text, first, last| strings::dedent(text, indentation, first, last)),
        }
    }

    /// The texts and interpolations of a string. `cut` is given a text and
    /// whether it is the first and the last piece.
    fn pieces(&mut self, id: NodeId, cut: &dyn Fn(&str, bool, bool) -> String) -> ExprKind {
        let nodes: Vec<NodeId> = self.parts(id).collect();
        let last = nodes.len().saturating_sub(1);
        let mut parts = Vec::new();
        for (index, node) in nodes.into_iter().enumerate() {
            if self.kind(node) == Kind::Interpolation {
                let value = self.parts(node).next();
                parts.push(StringPart::Expr(self.expr_or_error(value, node)));
                continue;
            }
            let text = self.piece(node, &cut(self.str(node), index == 0, index == last));
            if !text.is_empty() {
                parts.push(StringPart::Text(text));
            }
        }
        match parts.pop() {
            None => ExprKind::String(SmolStr::default()),
            Some(StringPart::Text(text)) if parts.is_empty() => ExprKind::String(text),
            Some(part) => {
                parts.push(part);
                ExprKind::Interpolated(parts)
            }
        }
    }

    fn piece(&mut self, node: NodeId, text: &str) -> SmolStr {
        if !text.contains(['\\', '\r']) {
            return SmolStr::new(text);
        }
        let mut errors = Vec::new();
        let out = strings::unescape(text, &mut errors);
        if !errors.is_empty() {
            // The places are those of the text before its indentation was cut.
            errors.clear();
            strings::unescape(self.str(node), &mut errors);
            self.escape_errors(errors, self.span(node).start);
        }
        out.into()
    }

    fn escape_errors(&mut self, errors: Vec<EscapeError>, start: u32) {
        for error in errors {
            let (from, to) = (start + error.range.start as u32, start + error.range.end as u32);
            let span = Span::new(self.file, from, to);
            let written = span.text(self.text);
            let doubled = format!("\\{written}");
            let found = Diagnostic::new(&E0106, span, error.message)
                .help("escapes are `\\n \\t \\r \\\" \\\\ \\${ \\x41 \\u00e9 \\U0001F600`; a raw string, `r\"…\"`, has none")
                .fix(format!("write `{doubled}` for a backslash"), span, doubled, false);
            self.report(found);
        }
    }
}
