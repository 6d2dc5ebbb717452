//! An import for a name that is not known here, but elsewhere.

use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::resolve::declared_name;

use super::Choice;
use crate::feature::{Edit, imports};

/// How many imports are offered for one name.
const MAX_OFFERS: usize = 8;

/// The imports that would make a name known.
pub(super) fn imports(choice: &Choice<'_>, found: &Diagnostic) -> Vec<(String, Edit)> {
    let written = choice.analysis.modules.sources.text(found.primary.span);
    let mut offers: Vec<(String, Edit)> = Vec::new();
    let mut offer = |what: String, edit: Edit| {
        let title = format!("Import it: `use {what}`");
        if offers.len() < MAX_OFFERS && offers.iter().all(|(known, _)| *known != title) {
            offers.push((title, edit));
        }
    };
    let is_called = |name: &str| name.rsplit('.').next() == Some(written);
    for module in choice.analysis.modules.list.iter().filter(|module| module.file != choice.file) {
        let Some(name) = imports::name_of(module) else { continue };
        let declares = module.ast.decls.iter().filter(|decl| !decl.private).filter_map(declared_name);
        if declares.into_iter().any(|own| own.name == written) {
            offer(format!("{name}.{{ {written} }}"), imports::of_member(choice.module, &name, written));
        }
        if is_called(&name) {
            offer(name.clone(), imports::of_module(choice.module, &name));
        }
    }
    for (name, _) in tessera_stdlib::modules().iter().filter(|(name, _)| is_called(name)) {
        offer((*name).to_owned(), imports::of_module(choice.module, name));
    }
    offers
}
