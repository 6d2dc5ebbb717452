//! Which declarations may be evaluated. What holds an error is not, nor what
//! needs such a thing: its value may be missing, so a fault would be a
//! consequence. What stands beside it is, and its faults are told.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{CompositeType, TypedInstance};
use crate::diagnostic::Diagnostic;
use crate::resolve::{DeclId, ModuleId, Modules, Target};
use crate::source::Span;
use crate::syntax::ast::DeclKind;

/// What cannot be relied on.
#[derive(Debug, Default)]
pub(crate) struct Unsound {
    /// Modules with an error outside their declarations, as a syntax error is.
    modules: FxHashSet<ModuleId>,
    /// Types, functions, constants and resources that hold an error or need what does.
    decls: FxHashSet<DeclId>,
    /// The names of the constants among them.
    constants: FxHashSet<Span>,
}

impl Unsound {
    /// From what was found, and from what each declaration needs.
    pub(super) fn of(
        modules: &Modules,
        needs: &BTreeMap<DeclId, FxHashSet<DeclId>>,
        diagnostics: &[Diagnostic],
    ) -> Self {
        let mut unsound = Self::default();
        for id in modules.ids() {
            let imports = modules.get(id).into_iter().flat_map(|m| m.imports.values());
            if imports.into_iter().any(|import| matches!(import.target, Target::Missing)) {
                unsound.modules.insert(id);
            }
        }
        let by_file: FxHashMap<_, _> = modules.ids().filter_map(|id| Some((modules.get(id)?.file, id))).collect();
        for diagnostic in diagnostics.iter().filter(|d| d.is_error()) {
            if let Some(id) = by_file.get(&diagnostic.primary.span.file) {
                unsound.add(modules, *id, diagnostic);
            }
        }
        for (id, module) in modules.ids().filter_map(|id| Some((id, modules.get(id)?))) {
            if unsound.modules.contains(&id) {
                unsound
                    .decls
                    .extend((0..module.ast.decls.len()).map(|index| DeclId { module: id, index: index as u32 }));
            }
        }
        unsound.spread(needs);
        let constant = |decl: &DeclId| match modules.decl(*decl).map(|d| &d.kind) {
            Some(DeclKind::Let(binding)) => Some(binding.name.span),
            _ => None,
        };
        unsound.constants = unsound.decls.iter().filter_map(constant).collect();
        unsound
    }

    /// Notes where an error is: in a declaration, or in the module as a whole.
    fn add(&mut self, modules: &Modules, id: ModuleId, diagnostic: &Diagnostic) {
        let place = diagnostic.primary.span.start;
        let decls = modules.get(id).map(|m| m.ast.decls.as_slice()).unwrap_or_default();
        let after = decls.partition_point(|decl| decl.span.start <= place);
        let index = after.checked_sub(1).filter(|i| decls.get(*i).is_some_and(|decl| place <= decl.span.end));
        match index.filter(|_| !super::consequence::is_syntax(diagnostic)) {
            Some(index) => {
                self.decls.insert(DeclId { module: id, index: index as u32 });
            }
            None => {
                self.modules.insert(id);
            }
        }
    }

    /// Adds what needs something unsound, however far.
    fn spread(&mut self, needs: &BTreeMap<DeclId, FxHashSet<DeclId>>) {
        let mut needed_by: FxHashMap<DeclId, Vec<DeclId>> = FxHashMap::default();
        for (decl, needed) in needs {
            needed.iter().for_each(|n| needed_by.entry(*n).or_default().push(*decl));
        }
        let mut open: Vec<DeclId> = self.decls.iter().copied().collect();
        while let Some(decl) = open.pop() {
            let others = needed_by.get(&decl).into_iter().flatten().copied();
            open.extend(others.filter(|other| self.decls.insert(*other)));
        }
    }

    /// Whether a composite is evaluated.
    #[must_use]
    pub(crate) fn allows(&self, composite: &CompositeType) -> bool {
        composite.sound && !self.modules.contains(&composite.module) && self.has_none(&composite.needs)
    }

    /// Whether an instance is evaluated, where its composite is.
    #[must_use]
    pub(crate) fn allows_instance(&self, instance: &TypedInstance) -> bool {
        let module = instance.module.is_some_and(|m| self.modules.contains(&m));
        instance.sound && !module && self.has_none(&instance.needs)
    }

    /// Whether a constant, told by the place of its name, is evaluated.
    #[must_use]
    pub(crate) fn allows_constant(&self, name: Span) -> bool {
        !self.constants.contains(&name)
    }

    fn has_none(&self, needs: &[DeclId]) -> bool {
        !needs.iter().any(|decl| self.decls.contains(decl))
    }
}
