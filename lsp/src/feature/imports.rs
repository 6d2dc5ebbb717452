//! Where an import goes, and what it says.

use tessera_compiler::resolve::{Module, Modules, Target};
use tessera_compiler::syntax::ast::{Path, UseBinds, UseSource};

use super::Edit;

/// The import of a whole module: after the last import, after the module's name, or at the top.
#[must_use]
pub(crate) fn of_module(module: &Module, name: &str) -> Edit {
    statement(module, name)
}

/// The import of a member: beside those that are imported of the same module already.
#[must_use]
pub(crate) fn of_member(module: &Module, name: &str, member: &str) -> Edit {
    let beside = module.ast.uses.iter().find_map(|import| match (&import.source, &import.binds) {
        (UseSource::Module(path), UseBinds::Members(members)) if path.dotted() == name => members.last(),
        _ => None,
    });
    match beside {
        Some((last, alias)) => {
            let end = alias.as_ref().unwrap_or(last).span.end;
            Edit { start: end, end, text: format!(", {member}") }
        }
        None => statement(module, &format!("{name}.{{ {member} }}")),
    }
}

fn statement(module: &Module, what: &str) -> Edit {
    let at = |offset: u32, text: String| Edit { start: offset, end: offset, text };
    match (module.ast.uses.last(), &module.ast.name) {
        (Some(last), _) => at(last.span.end, format!("\nuse {what}")),
        (None, Some(name)) => at(name.span.end, format!("\n\nuse {what}")),
        (None, None) => at(0, format!("use {what}\n\n")),
    }
}

/// The modules that one could import and does not, with their names.
pub(crate) fn others<'m>(modules: &'m Modules, module: &'m Module) -> impl Iterator<Item = (&'m Module, String)> {
    let named = modules.list.iter().filter_map(|other| Some((other, name_of(other)?)));
    named.filter(|(other, name)| {
        let prelude = name == tessera_stdlib::PRELUDE_MODULE;
        other.file != module.file && !prelude && !is_imported(modules, module, other)
    })
}

/// Whether a module binds another one, or members of it.
fn is_imported(modules: &Modules, module: &Module, other: &Module) -> bool {
    module.imports.values().any(|import| match import.target {
        Target::Module(id) => modules.get(id).is_some_and(|m| m.file == other.file),
        Target::Decl(decl) => modules.get(decl.module).is_some_and(|m| m.file == other.file),
        Target::Missing => false,
    })
}

/// The name that a module is imported by, where it has one.
#[must_use]
pub(crate) fn name_of(module: &Module) -> Option<String> {
    module.ast.name.as_ref().map(Path::dotted)
}
