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

/// Texts are searched for so many names that come and go; where there are more, all is changed.
const NAMES: usize = 32;

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
    pub(super) fn is(&self, module: &Module) -> bool {
        Arc::ptr_eq(&self.ast, &module.ast) && self.has_scope_of(module)
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
    pub(super) fn add<'a>(&mut self, sources: &SourceMap, module: &'a Module, seen: &'a Seen) {
        let id = seen.id;
        if !seen.has_scope_of(module) {
            self.modules.insert(id);
            return;
        }
        let (old, new) = (&seen.ast.decls, &module.ast.decls);
        let count = old.len().max(new.len());
        let decl = |index: usize| DeclId { module: id, index: index as u32 };
        let (other, same): (Vec<usize>, Vec<usize>) = (0..count).partition(|index| old.get(*index) != new.get(*index));
        self.declarations.extend(other.iter().copied().map(decl));
        let moved = |own: &'a FxHashMap<Name, u32>, others: &'a FxHashMap<Name, u32>| {
            own.iter().filter(|(name, index)| others.get(*name) != Some(*index)).map(|(name, _)| name)
        };
        let names: Vec<&Name> = moved(&seen.names, &module.names).chain(moved(&module.names, &seen.names)).collect();
        let mentions = |index: &usize| {
            let text = new.get(*index).map_or("", |decl| sources.text(decl.span));
            names.len() > NAMES || names.iter().any(|name| text.contains(name.as_str()))
        };
        self.declarations.extend(same.into_iter().filter(mentions).map(decl));
        // Where one of the resources at the top level is another one or gone, so are all.
        let resource = |index: &usize| [old, new].iter().any(|decls| decls.get(*index).is_some_and(is_resource));
        if other.iter().any(resource) {
            self.declarations.extend((0..count).filter(resource).map(decl));
        }
    }

    /// Adds, of declarations with what each needs, those that need what is changed.
    pub(super) fn spread<N: Iterator<Item = DeclId>>(&mut self, all: impl Iterator<Item = (DeclId, N)>) {
        let mut needed_by: FxHashMap<DeclId, Vec<DeclId>> = FxHashMap::default();
        let mut open = Vec::new();
        for (decl, needs) in all {
            for need in needs {
                needed_by.entry(need).or_default().push(decl);
                if self.has(need) {
                    open.push(decl);
                }
            }
        }
        while let Some(decl) = open.pop() {
            if self.declarations.insert(decl) {
                open.extend(needed_by.get(&decl).into_iter().flatten());
            }
        }
    }
}

const fn is_resource(decl: &ast::Decl) -> bool {
    matches!(decl.kind, DeclKind::Resource(_) | DeclKind::External(_))
}
