//! What an edit changes, declaration by declaration. What checking a declaration comes to is a function of
//! its syntax (with the places in it), of what the names in it stand for, and of the declarations that it
//! needs. So it is changed where
//!
//! * its syntax is another one, or it stands elsewhere,
//! * its module's imports are bound to something else,
//! * its text has a name that its module declares now and did not, no longer does, or does elsewhere,
//! * it needs what is changed.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::CompositeType;
use crate::resolve::{DeclId, Module, ModuleId, Modules, Origin, Target};
use crate::source::SourceMap;
use crate::syntax::ast::{self, DeclKind, Name};

/// A module as it was checked.
pub(super) struct Seen {
    pub(super) id: ModuleId,
    ast: Arc<ast::Module>,
    origin: Origin,
    names: Arc<FxHashMap<Name, u32>>,
    imports: Vec<(Name, Target)>,
}

/// The declarations that are changed.
#[derive(Default)]
pub(super) struct Changes {
    /// Modules all of whose declarations are.
    pub(super) modules: FxHashSet<ModuleId>,
    declarations: FxHashSet<DeclId>,
}

impl Seen {
    pub(super) fn of(id: ModuleId, module: &Module) -> Self {
        let imports = module.imports.iter().map(|(name, import)| (name.clone(), import.target)).collect();
        let (ast, origin, names) = (module.ast.clone(), module.origin.clone(), module.names.clone());
        Self { id, ast, origin, names, imports }
    }

    /// Whether a module is still the same.
    pub(super) fn is(&self, id: ModuleId, module: &Module) -> bool {
        self.id == id && Arc::ptr_eq(&self.ast, &module.ast) && self.has_scope_of(module)
    }

    fn has_scope_of(&self, module: &Module) -> bool {
        let imports = module.imports.iter().map(|(name, import)| (name, import.target));
        self.origin == module.origin && self.imports.iter().map(|(name, target)| (name, *target)).eq(imports)
    }
}

impl Changes {
    pub(super) fn has(&self, decl: DeclId) -> bool {
        self.declarations.contains(&decl) || self.modules.contains(&decl.module)
    }

    pub(super) fn any_of(&self, needs: &[DeclId]) -> bool {
        needs.iter().any(|decl| self.has(*decl))
    }

    /// Whether the resources at the top level of a module are changed, which are one composite.
    pub(super) fn has_resources(&self, modules: &Modules, top_level: &CompositeType) -> bool {
        let module = top_level.module;
        let decls = modules.get(module).into_iter().flat_map(|module| &module.ast.decls).zip(0..);
        let mut resources = decls.filter(|(decl, _)| is_resource(decl));
        resources.any(|(_, index)| self.has(DeclId { module, index })) || self.any_of(&top_level.needs)
    }

    /// Adds the declarations of a module that differ from those that it had.
    pub(super) fn add(&mut self, sources: &SourceMap, module: &Module, seen: &Seen) {
        let id = seen.id;
        if !seen.has_scope_of(module) {
            self.modules.insert(id);
            return;
        }
        let (old, new) = (&seen.ast.decls, &module.ast.decls);
        let count = old.len().max(new.len());
        let differs = |index: &usize| old.get(*index) != new.get(*index);
        let decl = |index: usize| DeclId { module: id, index: index as u32 };
        self.declarations.extend((0..count).filter(differs).map(decl));
        let other: Vec<&Name> = [(&seen.names, &module.names), (&module.names, &seen.names)]
            .iter()
            .flat_map(|(own, others)| own.iter().filter(|(name, index)| others.get(*name) != Some(*index)))
            .map(|(name, _)| name)
            .collect();
        if !other.is_empty() {
            let mentions = |decl: &ast::Decl| {
                let text = sources.text(decl.span);
                other.iter().any(|name| text.contains(name.as_str()))
            };
            self.declarations.extend((0..count).filter(|index| new.get(*index).is_some_and(mentions)).map(decl));
        }
        // Where one of the resources at the top level is another one or gone, so are all.
        let resource = |index: &usize| [old, new].iter().any(|decls| decls.get(*index).is_some_and(is_resource));
        if (0..count).filter(differs).any(|index| resource(&index)) {
            self.declarations.extend((0..count).filter(resource).map(decl));
        }
    }

    /// Adds, of declarations with what each needs, those that need what is changed.
    pub(super) fn spread(&mut self, all: &[(DeclId, Vec<DeclId>)]) {
        loop {
            let more = all.iter().filter(|(decl, needs)| !self.has(*decl) && self.any_of(needs));
            let more: Vec<DeclId> = more.map(|(decl, _)| *decl).collect();
            if more.is_empty() {
                return;
            }
            self.declarations.extend(more);
        }
    }
}

const fn is_resource(decl: &ast::Decl) -> bool {
    matches!(decl.kind, DeclKind::Resource(_) | DeclKind::External(_))
}
