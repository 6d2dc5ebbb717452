//! Declarations at the top level.

use smol_str::SmolStr;

use super::{Lower, Parts};
use crate::source::Span;
use crate::syntax::ast::{
    Composite, Decl, DeclKind, Expr, ExprKind, FnParam, Function, Ident, Instance, Let, Path, Use, UseBinds, UseSource,
};
use crate::syntax::strings;
use crate::syntax::tree::{Expected, Kind, NodeId};

impl Lower<'_> {
    pub(super) fn use_decl(&mut self, id: NodeId) -> Use {
        let span = self.span(id);
        let mut parts = self.parts(id);
        let source = match parts.next() {
            Some(path) if self.kind(path) == Kind::Path => UseSource::Module(self.path(path)),
            Some(file) if matches!(self.kind(file), Kind::PlainString | Kind::OtherString) => {
                UseSource::File(self.plain_text(file), self.span(file))
            }
            _ => {
                let missing = Ident { name: SmolStr::default(), span: span.at_end() };
                UseSource::Module(Path { segments: vec![missing], span: span.at_end() })
            }
        };
        let binds = match parts.next() {
            Some(members) if self.kind(members) == Kind::UseMembers => UseBinds::Members(self.use_members(members)),
            Some(name) => UseBinds::Module(Some(self.ident(name))),
            None => UseBinds::Module(None),
        };
        Use { source, binds, span }
    }

    fn use_members(&self, id: NodeId) -> Vec<(Ident, Option<Ident>)> {
        let members = self.parts(id).filter(|m| self.kind(*m) == Kind::UseMember);
        members
            .map(|member| {
                let mut parts = self.parts(member);
                let name = self.ident_or_missing(parts.next(), member);
                (name, parts.next().map(|alias| self.ident(alias)))
            })
            .collect()
    }

    pub(super) fn declaration(&mut self, id: NodeId, parts: &Parts<'_>) -> Option<Decl> {
        let (span, doc) = (self.span(id), self.doc(parts, id));
        let (private, inner) = match self.kind(id) {
            Kind::PrivateDecl => (true, self.parts(id).next()),
            _ => (false, Some(id)),
        };
        let kind = inner.map_or(DeclKind::Error, |inner| self.decl_kind(inner));
        Some(Decl { doc, private, kind, span })
    }

    fn decl_kind(&mut self, id: NodeId) -> DeclKind {
        match self.kind(id) {
            Kind::TypeDecl => {
                let mut parts = self.parts(id);
                let name = self.ident_or_missing(parts.next(), id);
                DeclKind::Type { name, ty: self.type_or_error(parts.next(), id) }
            }
            Kind::LetDecl => DeclKind::Let(self.binding(id)),
            Kind::FnDecl => DeclKind::Fn(self.function(id)),
            Kind::Composite | Kind::MisspeltComposite => DeclKind::Composite(self.composite(id)),
            Kind::Resource | Kind::MisspeltResource => DeclKind::Resource(self.resource(id)),
            Kind::External => DeclKind::External(self.resource(id)),
            Kind::Instance => DeclKind::Instance(self.instance(id)),
            _ => DeclKind::Error,
        }
    }

    /// `n: T = e`, with or without the type.
    pub(super) fn binding(&mut self, id: NodeId) -> Let {
        let mut parts = self.parts(id);
        let name = self.ident_or_missing(parts.next(), id);
        let is_type = |kind| matches!(kind, Some(Kind::TypeExpr | Kind::Missing(Expected::Type)));
        let ty = if is_type(parts.peek_kind()) { parts.next().map(|ty| self.type_expr(ty)) } else { None };
        Let { name, ty, value: self.expr_or_error(parts.next(), id) }
    }

    fn function(&mut self, id: NodeId) -> Function {
        let mut parts = self.parts(id);
        let name = self.ident_or_missing(parts.next(), id);
        let params = match parts.accept(Kind::FnParams) {
            Some(params) => self.fn_params(params),
            None => Vec::new(),
        };
        let is_type = matches!(parts.peek_kind(), Some(Kind::TypeExpr | Kind::Missing(Expected::Type)));
        let result = if is_type { parts.next().map(|ty| self.type_expr(ty)) } else { None };
        let body = match parts.next() {
            Some(block) if self.kind(block) == Kind::FnBlock => self.block(block),
            other => self.expr_or_error(other, id),
        };
        Function { name, params, result, body }
    }

    fn fn_params(&mut self, id: NodeId) -> Vec<FnParam> {
        let params: Vec<NodeId> = self.parts(id).filter(|p| self.kind(*p) == Kind::FnParam).collect();
        params
            .into_iter()
            .map(|param| {
                let mut parts = self.parts(param);
                let name = self.ident_or_missing(parts.next(), param);
                let is_default = parts.peek_kind() == Some(Kind::Default);
                let ty = if is_default { None } else { parts.next().map(|ty| self.type_expr(ty)) };
                FnParam { name, ty, default: parts.next().map(|d| self.default(d)) }
            })
            .collect()
    }

    /// The value of `= e`.
    pub(super) fn default(&mut self, id: NodeId) -> Expr {
        let value = self.parts(id).next();
        self.expr_or_error(value, id)
    }

    fn block(&mut self, id: NodeId) -> Expr {
        let span = self.span(id);
        let mut lets = Vec::new();
        let mut value = None;
        for part in self.parts(id) {
            match self.kind(part) {
                Kind::BlockLet => lets.push(self.binding(part)),
                _ if value.is_none() => value = Some(self.expr(part)),
                _ => {}
            }
        }
        let value = value.unwrap_or_else(|| self.error_expr(id));
        Expr { kind: ExprKind::Block(lets, Box::new(value)), span }
    }

    fn composite(&mut self, id: NodeId) -> Composite {
        let mut parts = self.parts(id);
        if self.kind(id) == Kind::MisspeltComposite {
            parts.next();
        }
        let name = self.ident_or_missing(parts.next(), id);
        let api = parts.accept(Kind::KindPath).map(|api| (SmolStr::new(self.str(api)), self.span(api)));
        let body = parts.find(|p| self.kind(*p) == Kind::Members);
        let (members, close) = match body {
            Some(body) => (self.members(body), self.close(body)),
            None => (Vec::new(), self.span(id).at_end()),
        };
        Composite { name, api, members, close }
    }

    fn instance(&mut self, id: NodeId) -> Instance {
        let mut parts = self.parts(id);
        let composite = match parts.next() {
            Some(path) => self.path(path),
            None => Path { segments: Vec::new(), span: self.span(id) },
        };
        let name = parts.next();
        let name = self.instance_name(name, id);
        let is_name = matches!(parts.peek_kind(), Some(Kind::InstanceName | Kind::Missing(Expected::Name)));
        let namespace = if is_name { Some(self.instance_name(parts.next(), id)) } else { None };
        let body = match parts.next() {
            Some(body) if self.kind(body) == Kind::Object => self.object(body),
            _ => self.error_expr(id),
        };
        Instance { composite, name, namespace, body }
    }

    fn instance_name(&mut self, id: Option<NodeId>, parent: NodeId) -> Ident {
        let Some(inner) = id.filter(|id| self.kind(*id) == Kind::InstanceName).and_then(|id| self.parts(id).next())
        else {
            return Ident { name: SmolStr::default(), span: self.span(id.unwrap_or(parent)).at_end() };
        };
        match self.kind(inner) {
            Kind::PlainString | Kind::OtherString => Ident { name: self.plain_text(inner), span: self.span(inner) },
            _ => self.ident(inner),
        }
    }

    /// The text of a string in which nothing is computed.
    pub(super) fn plain_text(&mut self, id: NodeId) -> SmolStr {
        let span = self.span(id);
        match self.string(id).kind {
            ExprKind::String(text) => text,
            ExprKind::Interpolated(_) => {
                self.not_computed(span);
                SmolStr::new(strings::split(self.str(id)).1)
            }
            _ => SmolStr::default(),
        }
    }

    fn not_computed(&mut self, span: Span) {
        let found = crate::diagnostic::Diagnostic::new(&crate::diagnostic::E0105, span, "this text cannot be computed")
            .help("write it out without `${…}`");
        self.report(found);
    }
}
