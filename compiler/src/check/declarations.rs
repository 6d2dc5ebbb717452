//! Functions and constants of modules.

use std::sync::Arc;

use super::{Checker, GlobalState, Signature, SignatureParam, Typed};
use crate::diagnostic::{Diagnostic, E0202, E0208, E0314, E0316};
use crate::expr::{Expr, ExprKind, FnDef, FnId, GlobalDef, GlobalId};
use crate::resolve::DeclId;
use crate::source::Span;
use crate::syntax::ast::{DeclKind, Function, Ident, TypeExpr};
use crate::types::Type;
use crate::value::Value;

impl Checker<'_> {
    /// A function as its callers see it; its body is checked in its own turn.
    pub(crate) fn signature(&mut self, decl: DeclId) -> Option<Arc<Signature>> {
        if let Some(known) = self.functions.get(&decl) {
            return Some(known.clone());
        }
        let DeclKind::Fn(function) = &self.modules.decl(decl)?.kind else { return None };
        if !self.can_go_deeper(function.name.span) {
            return None;
        }
        if !self.running.insert(decl) {
            self.strays = true;
            let message = format!("a default of `{}` calls the function itself", function.name.name);
            self.report(
                Diagnostic::new(&E0316, function.name.span, message).help("give the parameter a default without it"),
            );
            return None;
        }
        let made = FnDef {
            name: function.name.name.clone(),
            params: function.params.iter().map(|p| p.name.name.clone()).collect(),
            slots: 0,
            body: Expr::constant(Value::Absent, function.name.span),
            span: function.name.span,
        };
        let id = FnId(self.functions_by_number.add(&mut self.program.functions, decl, made));
        let ((params, result), frame) = self.in_declaration(decl.module, |c| c.signature_parts(function));
        self.note_needs(decl, &frame);
        let signature =
            Arc::new(Signature { id, name: function.name.name.clone(), params, result, span: function.name.span });
        self.running.remove(&decl);
        self.functions.insert(decl, signature.clone());
        Some(signature)
    }

    fn signature_parts(&mut self, function: &Function) -> (Vec<SignatureParam>, Type) {
        let mut params: Vec<SignatureParam> = Vec::new();
        for param in &function.params {
            if let Some(earlier) = params.iter().find(|p| p.name == param.name.name) {
                let diagnostic = Diagnostic::new(
                    &E0202,
                    param.name.span,
                    format!("parameter `{}` is declared twice", param.name.name),
                )
                .also(earlier.span, "declared first here")
                .help("rename one of them");
                self.report(diagnostic);
            }
            let ty = self.declared_or_missing(param.ty.as_ref(), &param.name, "parameter");
            // Without a type, `name = …` may be a type after the wrong sign.
            let default = param.default.as_ref().filter(|_| param.ty.is_some()).map(|d| self.check(d, &ty));
            let default = default.map(|d| {
                self.check_resource_unit(&param.name, &d);
                self.constant_default(d)
            });
            params.push(SignatureParam { name: param.name.name.clone(), ty, default, span: param.name.span });
        }
        let result = self.declared_or_missing(function.result.as_ref(), &function.name, "result");
        (params, result)
    }

    fn declared_or_missing(&mut self, ty: Option<&TypeExpr>, name: &Ident, what: &str) -> Type {
        match ty {
            Some(ty) => self.type_expr(ty),
            None => {
                let (message, help) = if what == "result" {
                    (format!("function `{}` has no result type", name.name), "write `-> Type` after the parameters")
                } else {
                    (format!("parameter `{}` has no type", name.name), "write `name: Type`")
                };
                self.report(Diagnostic::new(&E0314, name.span, message).help(help));
                Type::Unknown
            }
        }
    }

    /// Checks a function's body against its result type.
    pub(crate) fn function_body(&mut self, decl: DeclId) {
        let modules = self.modules;
        let Some(DeclKind::Fn(function)) = modules.decl(decl).map(|d| &d.kind) else { return };
        let Some(signature) = self.signature(decl) else { return };
        let (body, frame) = self.in_declaration(decl.module, |c| {
            for param in &signature.params {
                if c.frame.find(&param.name).is_none() {
                    c.refuse_shadowing(&param.name, param.span);
                }
                c.bind_unchecked(&param.name, param.span, param.ty.clone());
            }
            let body = c.check(&function.body, &signature.result);
            c.unbind_linted(0, "parameter");
            body
        });
        self.note_needs(decl, &frame);
        if let Some(def) = self.program.functions.get_mut(signature.id.0 as usize) {
            let def = Arc::make_mut(def);
            def.body = body;
            def.slots = frame.slots;
        }
    }

    /// A constant of a module as a value.
    pub(crate) fn global(&mut self, decl: DeclId, span: Span) -> Typed {
        match self.global_state(decl, span) {
            Some((id, ty)) => {
                if let Some(value) = self.program.globals.get(id.0 as usize).and_then(|g| g.value.known())
                    && !matches!(value, Value::List(_) | Value::Map(_) | Value::Absent)
                {
                    return Typed { expr: Expr::constant(value.clone(), span), ty };
                }
                Typed::new(ExprKind::Global(id), ty, span)
            }
            None => Self::unknown(span),
        }
    }

    fn global_state(&mut self, decl: DeclId, used: Span) -> Option<(GlobalId, Type)> {
        match self.globals.get(&decl) {
            Some(GlobalState::Done(id, ty)) => return Some((*id, ty.clone())),
            Some(GlobalState::Running) => {
                self.strays = true;
                self.report(Diagnostic::new(&E0208, used, "this constant needs itself").help("break the circle"));
                return None;
            }
            None => {}
        }
        if !self.can_go_deeper(used) {
            return None;
        }
        let modules = self.modules;
        let Some(DeclKind::Let(binding)) = modules.decl(decl).map(|d| &d.kind) else { return None };
        self.globals.insert(decl, GlobalState::Running);
        let (typed, frame) = self.in_declaration(decl.module, |c| c.let_value(binding));
        self.note_needs(decl, &frame);
        let Ident { name, span } = binding.name.clone();
        let made = GlobalDef { name, slots: frame.slots, value: typed.expr, span };
        let id = GlobalId(self.globals_by_number.add(&mut self.program.globals, decl, made));
        self.note_declared(binding.name.span, &typed.ty);
        self.globals.insert(decl, GlobalState::Done(id, typed.ty.clone()));
        Some((id, typed.ty))
    }

    /// Checks a constant even where nothing reads it.
    pub(crate) fn global_body(&mut self, decl: DeclId) {
        let span = self.modules.decl(decl).map(|d| d.span);
        if let Some(span) = span
            && !self.globals.contains_key(&decl)
        {
            self.global_state(decl, span);
        }
    }
}
