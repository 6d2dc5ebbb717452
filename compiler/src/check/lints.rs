//! Lints: what is likely a mistake though it has a meaning.

use super::Checker;
use super::object::Target;
use crate::diagnostic::{Diagnostic, W0801, W0803};
use crate::expr::Expr;
use crate::resolve::{DeclId, ModuleId, Origin, Target as ImportTarget, declared_name};
use crate::syntax::ast::{self, DeclKind, Ident, MemberKind};
use crate::value::Value;

impl Checker<'_> {
    /// Images without a version that stays what it is.
    pub(super) fn lint_field(&mut self, name: &Ident, _value: &ast::Expr, expr: &Expr, target: &Target<'_>) {
        if name.name != "image" {
            return;
        }
        let Some(owner) = target.def.and_then(|def| self.schemas.name(def)) else { return };
        let container = matches!(owner.as_str(), "core/v1/Container" | "core/v1/EphemeralContainer");
        let Some(image) = expr.known().and_then(Value::as_str).filter(|_| container) else { return };
        let last = image.rsplit('/').next().unwrap_or(image);
        let why = match last.split_once(':') {
            _ if last.contains('@') => return,
            None => "has no version, so `latest` is pulled",
            Some((_, "latest")) => "says `latest`, which is another image tomorrow",
            Some(_) => return,
        };
        self.report(
            Diagnostic::new(&W0803, expr.span, format!("image \"{image}\" {why}"))
                .help("name a version (`:1.4.2`) or a digest (`@sha256:…`)"),
        );
    }

    /// Parameters and lets of a composite that nothing reads.
    pub(super) fn lint_composite_vars(&mut self, composite: &ast::Composite) {
        for member in &composite.members {
            let (name, what) = match &member.kind {
                MemberKind::Param { name, .. } => (name, "parameter"),
                MemberKind::Let(binding) => (&binding.name, "let"),
                _ => continue,
            };
            let unused = self
                .frame
                .find(&name.name)
                .and_then(|i| self.frame.vars.get(i))
                .is_some_and(|v| !v.used && v.span == name.span);
            if unused && !name.name.starts_with('_') {
                self.report(
                    Diagnostic::new(&W0801, name.span, format!("{what} `{}` is never used", name.name))
                        .help("use it, or remove it"),
                );
            }
        }
    }

    /// Imports and private declarations that nothing uses.
    pub(crate) fn lint_module(&mut self, id: ModuleId) {
        let modules = self.modules;
        let Some(module) = modules.get(id).filter(|m| m.origin == Origin::Project) else { return };
        for (name, import) in &module.imports {
            if !import.is_used() && !matches!(import.target, ImportTarget::Missing) {
                self.report(
                    Diagnostic::new(&W0801, import.span, format!("import `{name}` is never used")).help("remove it"),
                );
            }
        }
        for (index, decl) in module.ast.decls.iter().enumerate() {
            let decl_id = DeclId { module: id, index: index as u32 };
            let lintable = matches!(decl.kind, DeclKind::Type { .. } | DeclKind::Let(_) | DeclKind::Fn(_));
            if !decl.private || !lintable || self.used.contains(&decl_id) {
                continue;
            }
            if let Some(name) = declared_name(decl) {
                self.report(
                    Diagnostic::new(&W0801, name.span, format!("private `{}` is never used", name.name))
                        .help("remove it"),
                );
            }
        }
    }
}
