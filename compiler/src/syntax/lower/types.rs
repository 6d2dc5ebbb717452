//! Types as written.

use smol_str::SmolStr;

use super::{Lower, Parts};
use crate::syntax::ast::{ExprKind, FieldDecl, Ident, TypeExpr, TypeExprKind};
use crate::syntax::tree::{Kind, NodeId};

impl Lower<'_> {
    pub(super) fn type_or_error(&mut self, id: Option<NodeId>, parent: NodeId) -> TypeExpr {
        match id {
            Some(id) => self.type_expr(id),
            None => TypeExpr { kind: TypeExprKind::Error, span: self.span(parent).at_end() },
        }
    }

    pub(super) fn type_expr(&mut self, id: NodeId) -> TypeExpr {
        let span = self.span(id);
        let error = TypeExpr { kind: TypeExprKind::Error, span };
        if self.kind(id) != Kind::TypeExpr {
            return error;
        }
        self.deeper(id, 1, |lower| lower.refined(id)).unwrap_or(error)
    }

    fn refined(&mut self, id: NodeId) -> TypeExpr {
        let span = self.span(id);
        let mut parts = self.parts(id);
        let base = match parts.next() {
            Some(union) => self.union(union),
            None => TypeExpr { kind: TypeExprKind::Error, span },
        };
        let Some(rule) = parts.next().map(|rule| Box::new(self.expr(rule))) else { return base };
        let message = parts.next().map(|message| Box::new(self.expr(message)));
        TypeExpr { kind: TypeExprKind::Refined { base: Box::new(base), rule, message }, span }
    }

    fn union(&mut self, id: NodeId) -> TypeExpr {
        let mut parts = self.parts(id);
        let mut members = Vec::new();
        while let Some(part) = parts.next() {
            members.push(self.with_mark(part, &mut parts));
        }
        match (members.len(), members.pop()) {
            (1, Some(only)) => only,
            (_, Some(last)) => {
                members.push(last);
                TypeExpr { kind: TypeExprKind::Union(members), span: self.span(id) }
            }
            _ => TypeExpr { kind: TypeExprKind::Error, span: self.span(id) },
        }
    }

    fn with_mark(&mut self, part: NodeId, parts: &mut Parts<'_>) -> TypeExpr {
        let base = self.type_primary(part);
        match parts.accept(Kind::OptionalMark) {
            Some(mark) => {
                let span = base.span.to(self.span(mark));
                TypeExpr { kind: TypeExprKind::Optional(Box::new(base)), span }
            }
            None => base,
        }
    }

    fn type_primary(&mut self, id: NodeId) -> TypeExpr {
        let span = self.span(id);
        let first = self.parts(id).next();
        let kind = match self.kind(id) {
            Kind::Path => TypeExprKind::Name(self.path(id)),
            Kind::KindPath => TypeExprKind::Kind(SmolStr::new(self.str(id))),
            Kind::Generic => {
                let mut parts = self.parts(id);
                let name = self.ident_or_missing(parts.next(), id);
                let arguments: Vec<NodeId> = parts.collect();
                TypeExprKind::Generic(name, arguments.into_iter().map(|a| self.type_expr(a)).collect())
            }
            Kind::TypeLiteral => TypeExprKind::Literal(Box::new(self.signed_literal(id))),
            Kind::ListType => TypeExprKind::List(Box::new(self.type_or_error(first, id))),
            Kind::ParenType => return TypeExpr { span, ..self.type_or_error(first, id) },
            Kind::RecordType => self.record(id),
            _ => TypeExprKind::Error,
        };
        TypeExpr { kind, span }
    }

    /// A record; `{String: T}`, one field in upper case, is a map.
    fn record(&mut self, id: NodeId) -> TypeExprKind {
        let mut fields = Vec::new();
        let mut parts = self.parts(id);
        while let Some(part) = parts.next() {
            if self.kind(part) == Kind::TypeField {
                let doc = self.doc(&parts, part);
                fields.push(self.type_field(part, doc));
            }
        }
        let is_map =
            matches!(fields.as_slice(), [f] if !f.optional && f.default.is_none() && is_type_name(&f.name.name));
        match (is_map, fields.pop()) {
            (true, Some(field)) => {
                let path = crate::syntax::ast::Path { span: field.name.span, segments: vec![field.name] };
                let key = TypeExpr { span: path.span, kind: TypeExprKind::Name(path) };
                TypeExprKind::Map(Box::new(key), Box::new(field.ty))
            }
            (_, last) => {
                fields.extend(last);
                TypeExprKind::Record(fields)
            }
        }
    }

    fn type_field(&mut self, id: NodeId, doc: Option<SmolStr>) -> FieldDecl {
        let mut parts = self.parts(id);
        let name = match parts.next() {
            Some(name) if matches!(self.kind(name), Kind::PlainString | Kind::OtherString) => {
                Ident { name: self.plain_text(name), span: self.span(name) }
            }
            name => self.ident_or_missing(name, id),
        };
        let optional = parts.accept(Kind::Question).is_some();
        let is_default = parts.peek_kind() == Some(Kind::Default);
        let ty = if is_default { None } else { parts.next() };
        let ty = self.type_or_error(ty, id);
        FieldDecl { doc, name, optional, ty, default: parts.next().map(|d| self.default(d)) }
    }

    /// `"a"`, `-1`, `true` in a type or pattern.
    pub(super) fn signed_literal(&mut self, id: NodeId) -> crate::syntax::ast::Expr {
        let negative = self.str(id).starts_with('-');
        let span = self.span(id);
        let Some(inner) = self.parts(id).next() else { return self.error_expr(id) };
        let mut expr = match self.kind(inner) {
            Kind::Number => self.number(inner, negative),
            Kind::Constant => self.name(inner),
            Kind::Path => self.path_expr(inner),
            _ => self.string(inner),
        };
        if negative && !matches!(expr.kind, ExprKind::Int(_) | ExprKind::Float(_)) {
            let kind = ExprKind::Unary(crate::syntax::ast::UnaryOp::Neg, Box::new(expr));
            expr = crate::syntax::ast::Expr { kind, span };
        }
        expr.span = span;
        expr
    }
}

fn is_type_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
}
