//! From paths to modules: reads and parses the files that are asked for and
//! those that they import, and binds every import to a declaration.

mod ahead;
mod glance;
mod imports;
mod load;
mod paths;
mod prelude;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indexmap::IndexMap;
use rustc_hash::FxHashMap;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Files, SourceMap, Span};
use crate::syntax::ast::{self, DeclKind, Name};

pub(crate) use glance::Glance;
pub(crate) use imports::{no_member, private};
pub(crate) use load::{Parsed, is_yaml};
pub use load::{load, unreadable};
pub(crate) use paths::join;

/// A module: one parsed file. An index into [`Modules::list`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub u32);

/// A declaration: its module and its place in the module's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeclId {
    /// The module.
    pub module: ModuleId,
    /// Index into the module's declarations.
    pub index: u32,
}

/// Where a module comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The project that is being compiled.
    Project,
    /// A project that it depends on, under the name it is used by.
    Dependency(String),
    /// The standard library.
    Standard,
}

/// One file.
#[derive(Debug)]
pub struct Module {
    /// Its text's id.
    pub file: FileId,
    /// Its path.
    pub path: Arc<str>,
    /// Where it comes from.
    pub origin: Origin,
    /// Its syntax.
    pub ast: Arc<ast::Module>,
    /// Its own declarations by name.
    pub names: Arc<FxHashMap<Name, u32>>,
    /// What its imports bind, in source order.
    pub imports: IndexMap<Name, Import>,
}

/// What an import binds.
#[derive(Debug)]
pub struct Import {
    /// What it is bound to.
    pub target: Target,
    /// Where it is written.
    pub span: Span,
    used: AtomicBool,
}

/// What a name of an import stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A whole module.
    Module(ModuleId),
    /// A declaration of one.
    Decl(DeclId),
    /// Something that could not be found; reported already.
    Missing,
}

impl Target {
    /// The module, or that of the declaration.
    #[must_use]
    pub const fn module(self) -> Option<ModuleId> {
        match self {
            Self::Module(module) => Some(module),
            Self::Decl(decl) => Some(decl.module),
            Self::Missing => None,
        }
    }
}

impl Import {
    /// Notes that the import is needed.
    pub fn mark_used(&self) {
        self.used.store(true, Ordering::Relaxed);
    }

    /// Whether anything needed it.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }
}

/// All modules of a compilation.
#[derive(Debug, Default)]
pub struct Modules {
    /// The modules in the order in which they were loaded.
    pub list: Vec<Module>,
    /// The texts, YAML files among them.
    pub sources: SourceMap,
    /// What loading had to say.
    pub diagnostics: Vec<Diagnostic>,
    /// The modules that were asked for, not only imported.
    pub roots: Vec<ModuleId>,
    /// The standard library's prelude, loaded where a name of it is mentioned.
    pub prelude: Option<ModuleId>,
    /// YAML files that were asked for.
    pub yaml: Vec<FileId>,
    /// Those of them that must hold an instance; the others are passed over
    /// where they hold none.
    pub named: Vec<FileId>,
}

impl Modules {
    /// A module by id.
    #[must_use]
    pub fn get(&self, id: ModuleId) -> Option<&Module> {
        self.list.get(id.0 as usize)
    }

    /// A declaration by id.
    #[must_use]
    pub fn decl(&self, id: DeclId) -> Option<&ast::Decl> {
        self.get(id.module)?.ast.decls.get(id.index as usize)
    }

    /// A module's own declaration with this name.
    #[must_use]
    pub fn find(&self, module: ModuleId, name: &str) -> Option<DeclId> {
        let index = *self.get(module)?.names.get(name)?;
        Some(DeclId { module, index })
    }

    /// All ids.
    pub fn ids(&self) -> impl Iterator<Item = ModuleId> + use<> {
        (0..self.list.len() as u32).map(ModuleId)
    }
}

/// The name that a declaration puts into its module's scope. Instances are
/// named in a cluster, not in the language.
#[must_use]
pub fn declared_name(decl: &ast::Decl) -> Option<&ast::Ident> {
    match &decl.kind {
        DeclKind::Type { name, .. } => Some(name),
        DeclKind::Let(l) => Some(&l.name),
        DeclKind::Fn(f) => Some(&f.name),
        DeclKind::Composite(c) => Some(&c.name),
        DeclKind::Resource(r) | DeclKind::External(r) => Some(&r.name),
        DeclKind::Instance(_) | DeclKind::Error => None,
    }
}

/// The text of a module of the standard library: `std.labels`.
#[must_use]
pub fn standard_source(name: &str) -> Option<&'static str> {
    tessera_stdlib::module(name)
}

/// The names of the modules that a source of the request may import, those of the standard library apart.
#[must_use]
pub fn importable(request: &Request<'_>) -> Vec<String> {
    imports::scan(request).into_iter().map(|header| header.name).collect()
}

/// What loading needs to know.
pub struct Request<'a> {
    /// How to read.
    pub files: &'a dyn Files,
    /// The project.
    pub project: &'a crate::project::Project,
    /// The folder of the project file, without a slash at its end; `""` is the host's root.
    pub root: &'a str,
    /// The files asked for: `.tess`, `.yaml`, `.yml`, `.json`.
    pub paths: &'a [String],
    /// Those YAML files among them that were named one by one: each must hold
    /// an instance of a composite.
    pub named: &'a [String],
    /// Sources whose composites YAML instances may be of. What is wrong in those
    /// that are not needed is not reported, and nothing of them is built.
    pub context: &'a [String],
}
