//! Names in expressions: variables, constants, imports, and what to say of a
//! name that nothing bears.

use smol_str::SmolStr;

use super::facts::{Named, Place};
use super::scope::LetState;
use super::{Checker, Typed};
use crate::diagnostic::{Diagnostic, E0201, E0207, E0209};
use crate::expr::ExprKind;
use crate::resolve::{DeclId, ModuleId, Target, declared_name};
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::{self, DeclKind, Ident};

/// What a name stands for outside a body.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Symbol {
    Decl(DeclId),
    Module(ModuleId),
    /// Reported already.
    Missing,
}

impl Checker<'_> {
    /// A declaration, import or name of the prelude.
    pub(crate) fn symbol(&mut self, name: &str) -> Option<Symbol> {
        let module = self.frame.module;
        if let Some(decl) = self.modules.find(module, name) {
            self.used.insert(decl);
            return Some(Symbol::Decl(decl));
        }
        if let Some(import) = self.modules.get(module)?.imports.get(name) {
            import.mark_used();
            return Some(match import.target {
                Target::Module(id) => Symbol::Module(id),
                Target::Decl(decl) => Symbol::Decl(decl),
                Target::Missing => Symbol::Missing,
            });
        }
        let prelude = self.modules.prelude?;
        self.modules.find(prelude, name).filter(|d| self.modules.decl(*d).is_some_and(|d| !d.private)).map(Symbol::Decl)
    }

    /// The symbol of `module.member`, with a complaint when it has none.
    pub(crate) fn member_symbol(&mut self, module: ModuleId, member: &Ident) -> Symbol {
        if self.is_asked(member.span) {
            self.note_place(|_| Place::ModuleMember(module));
        }
        match self.modules.find(module, &member.name) {
            Some(decl) => {
                if let Some(diagnostic) = crate::resolve::private(self.modules, decl, member) {
                    self.strays = true;
                    self.report(diagnostic);
                }
                Symbol::Decl(decl)
            }
            None => {
                self.strays = true;
                let diagnostic = crate::resolve::no_member(self.modules, module, member);
                self.report(diagnostic);
                Symbol::Missing
            }
        }
    }

    /// A name as a value.
    pub(crate) fn name(&mut self, name: &SmolStr, span: Span) -> Typed {
        if let Some(name) = name.strip_prefix('.') {
            return self.root_name(&name.into(), span);
        }
        self.check_waiting(name, span);
        if let Some(index) = self.frame.find(name) {
            return self.variable(index, span);
        }
        match self.symbol(name) {
            Some(Symbol::Decl(decl)) => self.declared_value(decl, span, span),
            Some(Symbol::Module(_)) => {
                self.not_a_value(name, span, "a module", "name one of its members: `module.member`")
            }
            Some(Symbol::Missing) => Self::unknown(span),
            None => self.unbound(name, span),
        }
    }

    /// `.name`: the name outside all variables of macros, CEL's way out of one
    /// that hides another.
    fn root_name(&mut self, name: &SmolStr, span: Span) -> Typed {
        match self.frame.vars.iter().position(|v| v.name == *name) {
            Some(index) => self.variable(index, span),
            None => self.name(name, span),
        }
    }

    /// `a.b`, where one variable has the whole as its name: variables that are
    /// given from outside may, as CEL's do. A variable of a macro called `a`
    /// stands in front of it, unless it reads `.a.b`.
    pub(super) fn dotted_variable(&mut self, base: &ast::Expr, name: &Ident, span: Span) -> Option<Typed> {
        if !self.frame.dotted {
            return None;
        }
        let path = format!("{}.{}", dotted(base)?, name.name);
        let (path, at_root) = path.strip_prefix('.').map_or((path.as_str(), false), |path| (path, true));
        let index = self.frame.vars.iter().position(|v| v.name == path)?;
        let hidden =
            path.split('.').next().and_then(|first| self.frame.find(first)).is_some_and(|i| i >= self.frame.base);
        (at_root || !hidden).then(|| self.variable(index, span))
    }

    fn variable(&mut self, index: usize, span: Span) -> Typed {
        let Some(var) = self.frame.vars.get_mut(index) else { return Self::unknown(span) };
        var.used = true;
        let typed = Typed::new(var.read.clone(), var.ty.clone(), span);
        let declared = var.span;
        let named = match typed.expr.kind {
            ExprKind::Instance => Named::Builtin("self".into()),
            ExprKind::Local(ref local) if local.name == "it" && self.modules.sources.text(declared) != "it" => {
                Named::Builtin("it".into())
            }
            _ => Named::Source(declared),
        };
        self.refer(span, named);
        typed
    }

    /// Checks a `let` of the composite that is needed before its turn.
    fn check_waiting(&mut self, name: &SmolStr, span: Span) {
        let Some((_, state)) = self.frame.waiting.iter().find(|(n, _)| n == name) else { return };
        match state.clone() {
            LetState::Waiting(index) => self.check_let_early(index),
            LetState::Running => self.report_let_cycle(name, span),
        }
    }

    /// A declaration of a module as a value; `written` is its name where it is read.
    pub(crate) fn declared_value(&mut self, decl: DeclId, written: Span, span: Span) -> Typed {
        self.frame.needs.push(decl);
        let Some(found) = self.modules.decl(decl) else { return Self::unknown(span) };
        let name = declared_name(found).map_or("", |n| n.name.as_str());
        self.refer_to_decl(written, decl);
        match &found.kind {
            DeclKind::Let(_) => self.global(decl, span),
            DeclKind::Resource(_) | DeclKind::External(_) => self.top_resource(span),
            DeclKind::Fn(_) => self.not_a_value(name, span, "a function", &format!("call it: `{name}(…)`")),
            DeclKind::Type { .. } => self.not_a_value(name, span, "a type", "a type stands after a colon"),
            DeclKind::Composite(_) => {
                self.not_a_value(name, span, "a composite", &format!("make an instance of it: `{name} name {{ … }}`"))
            }
            DeclKind::Instance(_) | DeclKind::Error => Self::unknown(span),
        }
    }

    fn not_a_value(&mut self, name: &str, span: Span, what: &str, help: &str) -> Typed {
        self.report(Diagnostic::new(&E0209, span, format!("`{name}` is {what}, not a value")).help(help));
        Self::unknown(span)
    }

    /// A name that nothing bears: a CEL type, a slip of `a - b`, or unknown.
    fn unbound(&mut self, name: &SmolStr, span: Span) -> Typed {
        if let Some(value) = crate::library::type_constant(name) {
            return Typed::constant(value, span);
        }
        let diagnostic = self.subtraction(name, span).unwrap_or_else(|| self.unknown_name(name, span));
        self.report(diagnostic);
        Self::unknown(span)
    }

    /// `a-b` where `a` and `b` are names (or `b` a number): the spaces are missing.
    fn subtraction(&mut self, name: &str, span: Span) -> Option<Diagnostic> {
        let split = name.match_indices('-').map(|(i, _)| i).find(|i| {
            let (left, right) = (name.get(..*i).unwrap_or(""), name.get(i + 1..).unwrap_or(""));
            let number = right.bytes().all(|b| b.is_ascii_digit());
            self.is_bound(left) && (number || self.is_bound(right))
        })?;
        let (left, right) = (name.get(..split)?, name.get(split + 1..)?);
        let fixed = format!("{left} - {right}");
        Some(
            Diagnostic::new(&E0207, span, format!("there is no `{name}`; `-` joins words here, so write `{fixed}`"))
                .fix(format!("write `{fixed}`"), span, fixed, true),
        )
    }

    fn is_bound(&mut self, name: &str) -> bool {
        !name.is_empty() && (self.frame.find(name).is_some() || self.symbol(name).is_some())
    }

    /// The complaint about an unknown name, with the one that may be meant.
    pub(crate) fn unknown_name(&self, name: &str, span: Span) -> Diagnostic {
        let known = self.visible_names();
        let diagnostic = Diagnostic::new(&E0201, span, format!("there is no `{name}` here"));
        if let Some(best) = suggest::closest(name, known.iter().map(SmolStr::as_str)) {
            return diagnostic.label(format!("did you mean `{best}`?")).fix(
                format!("replace it with `{best}`"),
                span,
                best,
                true,
            );
        }
        if let Some((module, _)) = tessera_stdlib::modules().iter().find(|(m, _)| m.rsplit('.').next() == Some(name)) {
            return diagnostic.help(format!("import it: `use {module}`"));
        }
        if self.looks_like_text(name) {
            return diagnostic.help(format!("for text, put it in quotes: \"{name}\""));
        }
        if known.is_empty() {
            return diagnostic.help("no names are known here");
        }
        diagnostic.help(format!("names here: {}", suggest::listing(known.iter().map(SmolStr::as_str))))
    }

    /// Whether the place expects text, so that quotes may have been forgotten.
    fn looks_like_text(&self, name: &str) -> bool {
        !self.way.is_empty() && !name.is_empty() && self.frame.vars.iter().all(|v| v.name != name)
    }

    fn visible_names(&self) -> Vec<SmolStr> {
        let mut names: Vec<SmolStr> = self.frame.vars.iter().rev().map(|v| v.name.clone()).collect();
        names.extend(self.frame.waiting.iter().map(|(n, _)| n.clone()));
        if let Some(module) = self.modules.get(self.frame.module) {
            names.extend(module.ast.decls.iter().filter_map(declared_name).map(|n| n.name.clone()));
            names.extend(module.imports.keys().cloned());
        }
        names
    }

    /// `base.name` where the base is a module, by any number of dots.
    pub(crate) fn qualified(&mut self, expr: &ast::Expr) -> Option<ModuleId> {
        let ast::ExprKind::Name(name) = &expr.kind else { return None };
        let name = name.strip_prefix('.').unwrap_or(name);
        if self.frame.find(name).is_some() || self.frame.waiting.iter().any(|(n, _)| n == name) {
            return None;
        }
        match self.symbol(name)? {
            Symbol::Module(id) => {
                self.refer_to_module(expr.span, id);
                Some(id)
            }
            _ => None,
        }
    }
}

/// The names of `a.b.c`, as written.
pub(super) fn dotted(expr: &ast::Expr) -> Option<String> {
    match &expr.kind {
        ast::ExprKind::Name(name) => Some(name.to_string()),
        ast::ExprKind::Field { base, name, optional: false } => Some(format!("{}.{}", dotted(base)?, name.name)),
        _ => None,
    }
}
