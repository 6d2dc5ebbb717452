//! Members of composites, and resources wherever they stand.

use smol_str::SmolStr;

use super::{Lower, Parts};
use crate::syntax::ast::{Expr, ExprKind, ForHead, Member, MemberKind, Modifier, Resource};
use crate::syntax::tree::{Expected, Kind, NodeId};

impl Lower<'_> {
    /// The members between a pair of braces.
    pub(super) fn members(&mut self, id: NodeId) -> Vec<Member> {
        let mut members = Vec::new();
        if self.kind(id) != Kind::Members {
            return members;
        }
        let mut parts = self.parts(id);
        while let Some(part) = parts.next() {
            let doc = self.doc(&parts, part);
            members.push(Member { doc, kind: self.member(part), span: self.span(part) });
        }
        members
    }

    fn member(&mut self, id: NodeId) -> MemberKind {
        match self.kind(id) {
            Kind::Param => self.param(id),
            Kind::LetDecl => MemberKind::Let(self.binding(id)),
            Kind::Output => MemberKind::Output(self.binding(id)),
            Kind::Require => {
                let mut parts = self.parts(id);
                let condition = self.expr_or_error(parts.next(), id);
                MemberKind::Require { condition, message: parts.next().map(|m| self.expr(m)) }
            }
            Kind::Resource | Kind::MisspeltResource => MemberKind::Resource(self.resource(id)),
            Kind::External => MemberKind::External(self.resource(id)),
            Kind::IfMember => self.if_member(id),
            Kind::ForMember => self.for_member(id),
            Kind::Ready => MemberKind::Ready(self.only_expr(id)),
            Kind::Scope => MemberKind::Scope(self.ident_or_missing(self.parts(id).next(), id)),
            Kind::Lease => {
                let mut parts = self.parts(id);
                let duration = self.expr_or_error(parts.next(), id);
                MemberKind::Lease { duration, options: parts.next().map(|o| self.object(o)) }
            }
            Kind::Notify => {
                let mut parts = self.parts(id);
                let channel = self.expr_or_error(parts.next(), id);
                MemberKind::Notify { channel, events: parts.map(|e| self.ident(e)).collect() }
            }
            _ => MemberKind::Error,
        }
    }

    fn param(&mut self, id: NodeId) -> MemberKind {
        let mut parts = self.parts(id);
        let name = self.ident_or_missing(parts.next(), id);
        let is_type = matches!(parts.peek_kind(), Some(Kind::TypeExpr | Kind::Missing(Expected::Type)));
        let ty = if is_type { parts.next().map(|ty| self.type_expr(ty)) } else { None };
        MemberKind::Param { name, ty, default: parts.next().map(|d| self.default(d)) }
    }

    fn only_expr(&mut self, id: NodeId) -> Expr {
        let value = self.parts(id).next();
        self.expr_or_error(value, id)
    }

    fn if_member(&mut self, id: NodeId) -> MemberKind {
        let mut parts = self.parts(id);
        let kind = self.deeper(id, 1, |lower| lower.if_rest(&mut parts, id));
        kind.unwrap_or(MemberKind::Error)
    }

    fn if_rest(&mut self, parts: &mut Parts<'_>, id: NodeId) -> MemberKind {
        let condition = self.expr_or_error(parts.next(), id);
        let then = parts.next().map(|body| self.members(body)).unwrap_or_default();
        let otherwise = match parts.peek_kind() {
            Some(Kind::Expr | Kind::Missing(Expected::Expr)) => {
                let span = parts.peek().map_or(self.span(id), |next| self.span(next).to(self.span(id).at_end()));
                let rest = self.deeper(id, 1, |lower| lower.if_rest(parts, id));
                vec![Member { doc: None, kind: rest.unwrap_or(MemberKind::Error), span }]
            }
            _ => parts.next().map(|body| self.members(body)).unwrap_or_default(),
        };
        MemberKind::If { condition, then, otherwise }
    }

    fn for_member(&mut self, id: NodeId) -> MemberKind {
        let mut parts = self.parts(id);
        let head = self.for_head(parts.next(), id);
        let is_key = matches!(parts.peek_kind(), Some(Kind::Expr | Kind::Missing(Expected::Expr)));
        let key = if is_key { parts.next().map(|key| self.expr(key)) } else { None };
        let body = self.deeper(id, 1, |lower| parts.next().map(|body| lower.members(body)).unwrap_or_default());
        MemberKind::For { head, key, body: body.unwrap_or_default() }
    }

    /// `x in xs`, `k, v in m`.
    pub(super) fn for_head(&mut self, id: Option<NodeId>, parent: NodeId) -> ForHead {
        let id = id.unwrap_or(parent);
        let mut parts = self.parts(id);
        let first = self.ident_or_missing(parts.next(), id);
        let is_name = matches!(parts.peek_kind(), Some(Kind::Word | Kind::Quoted | Kind::Missing(Expected::Name)));
        let second = if is_name { parts.next().map(|name| self.ident(name)) } else { None };
        ForHead { first, second, range: self.expr_or_error(parts.next(), id) }
    }

    pub(super) fn resource(&mut self, id: NodeId) -> Resource {
        let raw = self.tree.children(id).any(|c| self.kind(c) == Kind::Keyword && self.str(c) == "raw");
        let mut parts = self.parts(id);
        if self.kind(id) == Kind::MisspeltResource {
            parts.next();
        }
        let name = self.ident_or_missing(parts.next(), id);
        let kind = parts.accept(Kind::KindPath).map(|kind| (SmolStr::new(self.str(kind)), self.span(kind)));
        let (mut modifiers, mut body) = (Vec::new(), None);
        for part in parts {
            match self.kind(part) {
                Kind::After => modifiers.push(Modifier::After(self.parts(part).map(|n| self.ident(n)).collect())),
                Kind::Ready => modifiers.push(Modifier::Ready(self.only_expr(part))),
                Kind::Protect => modifiers.push(Modifier::Protect(self.span(part))),
                Kind::Retain => modifiers.push(Modifier::Retain(self.span(part))),
                Kind::Replace => modifiers.push(Modifier::Replace(self.span(part))),
                Kind::Missing(Expected::Kind) => {}
                Kind::Object => body = Some(self.object(part)),
                _ => body = Some(self.expr(part)),
            }
        }
        let body = body.unwrap_or(Expr { kind: ExprKind::Error, span: self.span(id).at_end() });
        Resource { name, raw, kind, body, modifiers }
    }
}
