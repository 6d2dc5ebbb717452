//! What of a document leads somewhere: imports, the project file's dependencies
//! and definitions, addresses in comments.

use std::path::PathBuf;

use tessera_compiler::compile::PROJECT_FILE;
use tessera_compiler::project;
use tessera_compiler::resolve::{Module, Target};
use tessera_compiler::source::FileId;
use tessera_compiler::syntax::ast::{Use, UseBinds, UseSource};
use tessera_compiler::syntax::tree::{Kind, Tree};

use crate::workspace::document::Document;
use crate::workspace::snapshot::{Place, Snapshot};

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    File(PathBuf),
    Address(String),
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) goal: Goal,
}

/// The links of a source.
pub(crate) fn of_source(place: &Place, tree: &Tree) -> Vec<Link> {
    let module = place.compiled.compilation.modules.list.iter().find(|module| module.file == place.file);
    let mut links: Vec<Link> = module
        .iter()
        .flat_map(|module| module.ast.uses.iter().filter_map(|import| of_import(place, module, import)))
        .collect();
    links.extend(addresses(tree, &place.document.text));
    links
}

fn of_import(place: &Place, module: &Module, import: &Use) -> Option<Link> {
    let modules = &place.compiled.compilation.modules;
    let bound = match &import.binds {
        UseBinds::Module(Some(name)) => Some(&name.name),
        UseBinds::Module(None) => match &import.source {
            UseSource::Module(path) => path.segments.last().map(|segment| &segment.name),
            UseSource::File(..) => None,
        },
        UseBinds::Members(members) => members.first().map(|(name, other)| &other.as_ref().unwrap_or(name).name),
    };
    let span = match &import.source {
        UseSource::Module(path) => path.span,
        UseSource::File(_, span) => *span,
    };
    let target = match module.imports.get(bound?)?.target {
        Target::Module(id) => id,
        Target::Decl(decl) => decl.module,
        Target::Missing => return None,
    };
    let path = place.compiled.path(modules.get(target)?.file)?;
    Some(Link { start: span.start, end: span.end, goal: Goal::File(path.to_owned()) })
}

/// Addresses in the comments of a source.
fn addresses(tree: &Tree, text: &str) -> Vec<Link> {
    let comments = tree.leaves().filter(|leaf| matches!(tree.kind(*leaf), Kind::Comment | Kind::DocComment));
    comments
        .flat_map(|leaf| {
            let from = tree.range(leaf).0;
            addresses_in(tree.text(leaf, text)).map(move |(start, address)| Link {
                start: from + start,
                end: from + start + address.len() as u32,
                goal: Goal::Address(address.to_owned()),
            })
        })
        .collect()
}

fn addresses_in(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let starts = text.match_indices("http").map(|(at, _)| at);
    starts.filter_map(|at| {
        let rest = text.get(at..)?;
        let after = rest.strip_prefix("https://").or_else(|| rest.strip_prefix("http://"))?;
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`')).unwrap_or(rest.len());
        let address = rest.get(..end)?.trim_end_matches(['.', ',', ';', ':', ')', ']', '\'', '*']);
        (!after.is_empty() && address.len() > "https://".len()).then_some((at as u32, address))
    })
}

/// The links of a project file: to the projects that it depends on, and to definitions that it names one by one.
pub(crate) fn of_project(snapshot: &Snapshot, document: &Document) -> Vec<Link> {
    let Some(root) = document.path.parent() else { return Vec::new() };
    let (project, _) = project::parse(FileId(0), &document.text);
    let host = snapshot.disk.host();
    let dependencies = project
        .dependencies
        .values()
        .map(|dependency| (host.absolute(root, &dependency.path).join(PROJECT_FILE), dependency.span));
    let named = project.crds.iter().filter(|(glob, _)| !glob.contains(['*', '?', '[', '{']));
    let definitions = named.map(|(path, span)| (host.absolute(root, path), *span));
    let link = |(path, span): (PathBuf, tessera_compiler::source::Span)| {
        let there = snapshot.documents.contains_key(&path) || snapshot.disk.read(&path).is_ok();
        there.then_some(Link { start: span.start, end: span.end, goal: Goal::File(path) })
    };
    dependencies.chain(definitions).filter_map(link).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_end_before_what_a_sentence_adds() {
        let found: Vec<(u32, &str)> = addresses_in("see https://a.example/b(c). or (http://x.y/z), http://").collect();
        assert_eq!(found, [(4, "https://a.example/b(c"), (32, "http://x.y/z")]);
    }
}
