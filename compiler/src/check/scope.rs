//! What is visible while an expression is checked: variables with their slots,
//! and what conditions have shown of them.

use smol_str::SmolStr;

use super::Checker;
use crate::diagnostic::{Diagnostic, E0206, W0801};
use crate::expr::{ExprKind, Local};
use crate::resolve::{DeclId, ModuleId, declared_name};
use crate::source::Span;
use crate::syntax::ast::DeclKind;
use crate::types::Type;

/// The scope of one body: a function, constant, composite or instance.
pub(crate) struct Frame {
    /// Whose declarations and imports are visible.
    pub(crate) module: ModuleId,
    /// The variables, innermost last.
    pub(crate) vars: Vec<Var>,
    /// How many slots the body needs.
    pub(crate) slots: u32,
    /// What conditions have shown, newest last.
    pub(crate) narrowed: Vec<(String, Type)>,
    /// Lets of a composite that are not checked yet, by name.
    pub(crate) waiting: Vec<(SmolStr, LetState)>,
    /// The lets of the composite, by index of the member.
    pub(crate) lets: Vec<(usize, crate::syntax::ast::Let)>,
    /// The lets that are checked, each after those that it needs.
    pub(crate) bindings: Vec<crate::ir::Binding>,
    /// A variable's name has dots in it.
    pub(crate) dotted: bool,
    /// How many variables belong to the composite itself, not to a loop in it.
    pub(crate) base: usize,
    /// The kinds of the composite's resources, by the place of their names.
    pub(crate) kinds: Vec<(Span, Option<super::kubernetes::ResourceKind>)>,
    /// Notifications that tell of a lease.
    pub(crate) lease_events: Vec<Span>,
    /// The declarations that the body needs.
    pub(crate) needs: Vec<DeclId>,
}

/// A let of a composite on its way to be checked.
#[derive(Clone)]
pub(crate) enum LetState {
    /// Index of the member.
    Waiting(usize),
    Running,
}

/// A variable.
pub(crate) struct Var {
    pub(crate) name: SmolStr,
    pub(crate) ty: Type,
    /// The expression that reads it.
    pub(crate) read: ExprKind,
    pub(crate) span: Span,
    pub(crate) used: bool,
    /// It is the key of a map, the only variable of a loop over it.
    pub(crate) key: bool,
}

impl Frame {
    pub(crate) fn new(module: ModuleId) -> Self {
        Self {
            module,
            vars: Vec::new(),
            slots: 0,
            narrowed: Vec::new(),
            waiting: Vec::new(),
            lets: Vec::new(),
            bindings: Vec::new(),
            dotted: false,
            base: 0,
            kinds: Vec::new(),
            lease_events: Vec::new(),
            needs: Vec::new(),
        }
    }

    /// The innermost variable with this name, by its index.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.vars.iter().rposition(|v| v.name == name)
    }

    /// A slot of its own.
    pub(crate) fn slot(&mut self, name: &str) -> Local {
        let local = Local { slot: self.slots, name: name.into() };
        self.slots += 1;
        local
    }
}

impl Checker<'_> {
    /// Brings a variable into scope, in a slot of its own.
    pub(crate) fn bind(&mut self, name: &crate::syntax::ast::Ident, ty: Type) -> Local {
        self.refuse_shadowing(&name.name, name.span);
        self.bind_unchecked(&name.name, name.span, ty)
    }

    /// The same for names that may stand in front of others, such as `it`.
    pub(crate) fn bind_unchecked(&mut self, name: &SmolStr, span: Span, ty: Type) -> Local {
        let local = self.frame.slot(name);
        // The `it` of a rule is written nowhere: it has the place of the rule.
        if name != "it" || self.modules.sources.text(span) == "it" {
            self.note_declared(span, &ty);
        }
        let read = ExprKind::Local(local.clone());
        self.frame.vars.push(Var { name: name.clone(), ty, read, span, used: false, key: false });
        local
    }

    /// Takes the variables beyond the first `count` out of scope again.
    pub(crate) fn unbind(&mut self, count: usize) {
        self.frame.vars.truncate(count);
        let gone =
            |place: &str| place.split('.').next().and_then(|n| n.parse().ok()).is_some_and(|n: usize| n >= count);
        self.frame.narrowed.retain(|(place, _)| !gone(place));
    }

    /// The same, with a lint for each variable that nothing read.
    pub(crate) fn unbind_linted(&mut self, count: usize, what: &str) {
        let unused: Vec<(SmolStr, Span)> = self
            .frame
            .vars
            .iter()
            .skip(count)
            .filter(|v| !v.used && !v.name.starts_with('_'))
            .map(|v| (v.name.clone(), v.span))
            .collect();
        for (name, span) in unused {
            self.report(
                Diagnostic::new(&W0801, span, format!("{what} `{name}` is never used"))
                    .help(format!("remove it, or call it `_{name}` to keep it on purpose")),
            );
        }
        self.unbind(count);
    }

    /// A constant or import of the module: a variable that hides it surprises.
    fn module_value(&self, name: &str) -> Option<Span> {
        let module = self.modules.get(self.frame.module)?;
        if let Some(import) = module.imports.get(name) {
            return Some(import.span);
        }
        let decl = module.ast.decls.get(*module.names.get(name)? as usize)?;
        matches!(decl.kind, DeclKind::Let(_)).then_some(declared_name(decl)?.span)
    }

    /// Refuses a variable that hides another one: which is meant would be a guess.
    pub(super) fn refuse_shadowing(&mut self, name: &str, span: Span) {
        let var = self.frame.find(name).and_then(|i| self.frame.vars.get(i)).map(|v| v.span);
        let Some(earlier) = var.or_else(|| self.module_value(name)) else { return };
        self.report(
            Diagnostic::new(&E0206, span, format!("`{name}` is already a name here"))
                .label("hides the other one")
                .also(earlier, "the other one")
                .help("give it another name"),
        );
    }
}
