//! Which name stands at a place, and what it stands for.

use smol_str::SmolStr;
use tessera_compiler::analysis::Analysis;
use tessera_compiler::check::{Named, Reference};
use tessera_compiler::resolve::{DeclId, Module, ModuleId, Origin, Target, declared_name};
use tessera_compiler::source::{FileId, Span};
use tessera_compiler::syntax::ast::{Path, Use, UseBinds, UseSource};
use tessera_compiler::types::Type;

/// The references of one file.
#[must_use]
pub(crate) fn in_file(references: &[Reference], file: FileId) -> &[Reference] {
    let start = references.partition_point(|reference| reference.span.file < file);
    let end = references.partition_point(|reference| reference.span.file <= file);
    references.get(start..end).unwrap_or_default()
}

/// The references whose name stands at a place, those of the shortest one alone: where two
/// names meet, the one that begins there is meant.
#[must_use]
pub(crate) fn at(analysis: &Analysis, file: FileId, offset: u32) -> Vec<&Reference> {
    let touching = in_file(&analysis.facts.references, file).iter().filter(|r| r.span.touches(offset));
    let touching: Vec<&Reference> = touching.collect();
    let length = |span: Span| (span.end == offset, span.end - span.start);
    let Some(best) = touching.iter().map(|r| r.span).min_by_key(|span| length(*span)) else { return Vec::new() };
    touching.into_iter().filter(|r| r.span == best).collect()
}

/// The module that a file is.
#[must_use]
pub(crate) fn module_of(analysis: &Analysis, file: FileId) -> Option<(ModuleId, &Module)> {
    let index = analysis.modules.list.iter().position(|module| module.file == file)?;
    Some((ModuleId(index as u32), analysis.modules.list.get(index)?))
}

/// A part of a module's name that is not its last: `x` of `module x.b` or of `use x.b`.
pub(crate) struct Part {
    /// Where it is written.
    pub(crate) span: Span,
    /// The whole name, as it is written there.
    pub(crate) whole: String,
    /// The module, where it is known.
    pub(crate) module: Option<ModuleId>,
    /// The name of a module up to this part; none where the part is what a dependency is called.
    pub(crate) named: Option<String>,
}

/// The part of a module's name at a place, one that is not its last.
#[must_use]
pub(crate) fn part_at(analysis: &Analysis, file: FileId, offset: u32) -> Option<Part> {
    let (own, module) = module_of(analysis, file)?;
    let imports = module.ast.uses.iter().filter_map(|import| match &import.source {
        UseSource::Module(path) => Some((path, imported(module, import))),
        UseSource::File(..) => None,
    });
    let mut paths = module.ast.name.iter().map(|path| (path, Some(own))).chain(imports);
    let (path, id) = paths.find(|(path, _)| path.span.touches(offset))?;
    let at = path.segments.iter().position(|segment| segment.span.touches(offset))?;
    let after = (path.segments.len() - at).checked_sub(1).filter(|after| *after > 0)?;
    // What an import writes before the name that the module gives itself is a dependency's.
    let name = id.and_then(|id| analysis.modules.get(id)).and_then(|module| module.ast.name.as_ref()).unwrap_or(path);
    let count = name.segments.len().saturating_sub(after);
    let named = Path { segments: name.segments.iter().take(count).cloned().collect(), span: name.span };
    Some(Part {
        span: path.segments.get(at)?.span,
        whole: path.dotted(),
        module: id,
        named: (count > 0).then(|| named.dotted()),
    })
}

/// What a name that an import gave stands for in truth; anything else is what it is.
#[must_use]
pub(crate) fn through_alias(analysis: &Analysis, named: &Named) -> Named {
    let Named::Source(span) = named else { return named.clone() };
    let import = module_of(analysis, span.file).and_then(|(_, m)| m.imports.values().find(|i| i.span == *span));
    import.map_or_else(|| named.clone(), |import| of_target(analysis, import.target, named))
}

/// What an import is of; the name that it gave, where that is not known.
pub(crate) fn of_target(analysis: &Analysis, target: Target, alias: &Named) -> Named {
    match target {
        Target::Module(id) => Named::Module(id),
        Target::Decl(decl) => {
            name_of(analysis, decl).map_or_else(|| alias.clone(), |declared| Named::Source(declared.1))
        }
        Target::Missing => alias.clone(),
    }
}

/// The name of a declaration and its place.
#[must_use]
pub(crate) fn name_of(analysis: &Analysis, decl: DeclId) -> Option<(SmolStr, Span)> {
    analysis.modules.decl(decl).and_then(declared_name).map(|name| (name.name.clone(), name.span))
}

/// What an import is from, as written.
pub(crate) fn source(import: &Use) -> Span {
    match &import.source {
        UseSource::Module(path) => path.span,
        UseSource::File(_, span) => *span,
    }
}

/// The module that an import is of.
pub(crate) fn imported(module: &Module, import: &Use) -> Option<ModuleId> {
    let bound = |name: &str| match module.imports.get(name)?.target {
        Target::Module(id) => Some(id),
        Target::Decl(decl) => Some(decl.module),
        Target::Missing => None,
    };
    match (&import.binds, &import.source) {
        (UseBinds::Module(Some(alias)), _) => bound(&alias.name),
        (UseBinds::Module(None), UseSource::Module(path)) => bound(&path.segments.last()?.name),
        (UseBinds::Module(None), UseSource::File(..)) => None,
        (UseBinds::Members(members), _) => {
            members.iter().find_map(|(member, alias)| bound(&alias.as_ref().unwrap_or(member).name))
        }
    }
}

/// Where the sources of a file come from; `None` for YAML and CRDs.
#[must_use]
pub(crate) fn origin(analysis: &Analysis, file: FileId) -> Option<&Origin> {
    module_of(analysis, file).map(|(_, module)| &module.origin)
}

/// The type that a declared name has, where checking noted it.
#[must_use]
pub(crate) fn declared_type(analysis: &Analysis, name: Span) -> Option<&Type> {
    by_span(&analysis.facts.declared, name)
}

/// The type of what a name reads: of the name, or of the expression that ends with it, as `a.b` ends with `b`.
pub(crate) fn read_type(analysis: &Analysis, name: Span) -> Option<&Type> {
    let types = &analysis.facts.types;
    let start = types.partition_point(|(span, _)| span.file < name.file);
    let end = types.partition_point(|(span, _)| (span.file, span.start) <= (name.file, name.start));
    let ending = types.get(start..end)?.iter().filter(|(span, _)| span.end == name.end);
    ending.max_by_key(|(span, _)| span.start).map(|(_, ty)| ty)
}

/// The type that is expected of the value behind a key or the name of an argument.
pub(crate) fn given_type(analysis: &Analysis, key: Span) -> Option<&Type> {
    let expected = &analysis.facts.expected;
    let next = expected.partition_point(|(span, _)| (span.file, span.start) < (key.file, key.end));
    let (value, _) = expected.get(next).filter(|(span, _)| span.file == key.file)?;
    let between = analysis.modules.sources.text(Span::new(key.file, key.end, value.start));
    if between.trim_start_matches(['"', '\'', '`']).trim() != ":" {
        return None;
    }
    // Of those that begin there, the longest is the whole value.
    let starting =
        expected.get(next..)?.iter().take_while(|(span, _)| span.file == key.file && span.start == value.start);
    starting.last().map(|(_, ty)| ty)
}

fn by_span(list: &[(Span, Type)], span: Span) -> Option<&Type> {
    let index = list.binary_search_by_key(&span, |(own, _)| *own).ok()?;
    list.get(index).map(|(_, ty)| ty)
}
