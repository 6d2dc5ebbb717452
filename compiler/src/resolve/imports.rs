//! Binds imports: finds the module behind each `use`, loads it when it is not
//! there yet, and refuses circles.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::load::Parsed;
use super::{DeclId, Import, ModuleId, Modules, Origin, Request, Target, load, paths};
use crate::diagnostic::{Diagnostic, E0101, E0201, E0202, E0203, E0204, E0205};
use crate::source::{FileError, FileId, Span};
use crate::suggest;
use crate::syntax::ast::{self, Ident, Path, Use, UseBinds, UseSource};

/// Binds the imports of all modules, loading what they need as it goes.
pub(super) fn bind_all(request: &Request<'_>, modules: &mut Modules, finder: &mut Finder) {
    let mut next = 0;
    while let Some(module) = modules.list.get(next) {
        let ast = module.ast.clone();
        for import in &ast.uses {
            bind(request, modules, finder, ModuleId(next as u32), import);
        }
        next += 1;
    }
    report_circles(modules);
}

/// What is known of the modules of the project, its dependencies and the
/// standard library.
pub(super) struct Finder {
    /// Those that were asked for by name.
    found: FxHashMap<String, ModuleId>,
    /// Those that are there, by path.
    paths: FxHashMap<Arc<str>, ModuleId>,
    /// Those of the project that are there, by the names that they give themselves.
    own: FxHashMap<String, ModuleId>,
    /// All, once something had to be looked up.
    headers: Option<Vec<Header>>,
    /// The prelude has all its declarations.
    whole_prelude: bool,
    /// Files that were parsed ahead and wait for an import of them, by path.
    pub(super) ahead: FxHashMap<String, (FileId, Arc<Parsed>)>,
    /// A text was needed that nobody had looked at ahead.
    pub(super) surprised: bool,
}

/// A file of a project with the name that its module is imported by.
pub(super) struct Header {
    pub(super) name: String,
    pub(super) path: String,
    origin: Origin,
}

impl Finder {
    pub(super) fn new(headers: Option<Vec<Header>>, whole_prelude: bool) -> Self {
        Self {
            found: FxHashMap::default(),
            paths: FxHashMap::default(),
            own: FxHashMap::default(),
            headers,
            whole_prelude,
            ahead: FxHashMap::default(),
            surprised: false,
        }
    }

    /// A module is there; of two with the same path or name the first is found.
    pub(super) fn added(&mut self, id: ModuleId, path: &Arc<str>, origin: &Origin, ast: &ast::Module) {
        self.paths.entry(path.clone()).or_insert(id);
        if let (Origin::Project, Some(name)) = (origin, &ast.name) {
            self.own.entry(name.dotted()).or_insert(id);
        }
    }
}

/// Whether a dotted name is one that only the standard library can have.
pub(super) fn is_standard(name: &str) -> bool {
    name == "std" || name.starts_with("std.")
}

fn bind(request: &Request<'_>, modules: &mut Modules, finder: &mut Finder, from: ModuleId, import: &Use) {
    let target = match &import.source {
        UseSource::Module(path) => by_name(request, modules, finder, from, path),
        UseSource::File(path, span) => by_file(request, modules, finder, from, path, *span),
    };
    match &import.binds {
        UseBinds::Module(name) => {
            let Some(name) = name.clone().or_else(|| last_segment(import)) else {
                return nameless(modules, from, import, target.is_some());
            };
            let target = target.map_or(Target::Missing, Target::Module);
            insert(modules, from, &name, target);
        }
        UseBinds::Members(members) => {
            for (member, alias) in members {
                let bound = member_of(modules, target, member);
                insert(modules, from, alias.as_ref().unwrap_or(member), bound);
            }
        }
    }
}

fn last_segment(import: &Use) -> Option<Ident> {
    match &import.source {
        UseSource::Module(path) => path.segments.last().cloned(),
        UseSource::File(..) => None,
    }
}

/// A file that is imported without a name. Its own is taken for it, so that
/// uses of that are not reported as well.
fn nameless(modules: &mut Modules, from: ModuleId, import: &Use, found: bool) {
    let UseSource::File(path, span) = &import.source else { return };
    let stem = path.strip_suffix(".tess").unwrap_or(path);
    let name = stem.rsplit(['/', '.']).next().filter(|name| !name.is_empty()).unwrap_or("file");
    if found {
        let diagnostic = Diagnostic::new(&E0101, *span, format!("\"{path}\" is imported without a name"));
        let insert = format!(" as {name}");
        let diagnostic = diagnostic.fix(format!("write `use \"{path}\" as {name}`"), span.at_end(), &insert, true);
        modules.diagnostics.push(diagnostic);
    }
    expect(modules, from, *span, name);
}

fn insert(modules: &mut Modules, from: ModuleId, name: &Ident, target: Target) {
    let Some(module) = modules.list.get_mut(from.0 as usize) else { return };
    let earlier = match module.names.get(&name.name) {
        Some(index) => module.ast.decls.get(*index as usize).and_then(super::declared_name).map(|n| n.span),
        None => module.imports.get(&name.name).map(|i| i.span),
    };
    if let Some(earlier) = earlier {
        modules.diagnostics.push(
            Diagnostic::new(&E0202, name.span, format!("`{}` is already a name of this module", name.name))
                .label("imported here")
                .also(earlier, "declared here")
                .help(format!("import it under another name: `… as other-{}`", name.name)),
        );
        return;
    }
    let import = Import { target, span: name.span, used: false.into() };
    module.imports.insert(name.name.clone(), import);
}

fn member_of(modules: &mut Modules, target: Option<ModuleId>, member: &Ident) -> Target {
    let Some(target) = target else { return Target::Missing };
    match modules.find(target, &member.name) {
        Some(decl) => {
            if let Some(diagnostic) = private(modules, decl, member) {
                modules.diagnostics.push(diagnostic);
            }
            Target::Decl(decl)
        }
        None => {
            let diagnostic = no_member(modules, target, member);
            modules.diagnostics.push(diagnostic);
            Target::Missing
        }
    }
}

/// The complaint about a declaration that is private to another module.
pub(crate) fn private(modules: &Modules, decl: DeclId, used: &Ident) -> Option<Diagnostic> {
    let found = modules.decl(decl)?;
    let name = super::declared_name(found)?;
    found.private.then(|| {
        Diagnostic::new(&E0205, used.span, format!("`{}` is private to its module", used.name))
            .label("not visible here")
            .also(name.span, "declared `private` here")
            .help("remove `private` there, or use what the module offers")
    })
}

/// The complaint about a module that has no such declaration.
pub(crate) fn no_member(modules: &Modules, target: ModuleId, member: &Ident) -> Diagnostic {
    let Some(module) = modules.get(target) else {
        return Diagnostic::new(&E0201, member.span, format!("unknown name `{}`", member.name));
    };
    let public: Vec<&str> = module
        .ast
        .decls
        .iter()
        .filter(|d| !d.private)
        .filter_map(|d| Some(super::declared_name(d)?.name.as_str()))
        .collect();
    let mut diagnostic =
        Diagnostic::new(&E0201, member.span, format!("module `{}` has no `{}`", module_name(module), member.name));
    if let Some(best) = suggest::closest(&member.name, public.iter().copied()) {
        diagnostic = diagnostic.fix(format!("replace it with `{best}`"), member.span, best, true);
    } else if !public.is_empty() {
        diagnostic = diagnostic.note(format!("it has {}", suggest::listing(public.iter().copied())));
    }
    diagnostic
}

fn module_name(module: &super::Module) -> String {
    module.ast.name.as_ref().map_or_else(|| module.path.to_string(), Path::dotted)
}

fn by_file(
    request: &Request<'_>,
    modules: &mut Modules,
    finder: &mut Finder,
    from: ModuleId,
    path: &str,
    span: Span,
) -> Option<ModuleId> {
    let importer = modules.get(from)?;
    let origin = importer.origin.clone();
    let full = paths::join(paths::parent(&importer.path), path);
    if let Some(known) = finder.paths.get(&*full) {
        return Some(*known);
    }
    match load::read(request, modules, finder, &full, origin) {
        Ok(id) => Some(id),
        Err(error) => {
            let diagnostic = match named(request, finder, path) {
                Some(name) => Diagnostic::new(&E0203, span, format!("`{name}` is a module, not a file"))
                    .label("a module is imported by its name")
                    .fix(format!("replace it with `{name}`"), span, &name, true),
                None => file_missing(path, &full, span, &error),
            };
            modules.diagnostics.push(diagnostic);
            None
        }
    }
}

/// The module that a path without the ending of a file means: `std/labels`.
fn named(request: &Request<'_>, finder: &mut Finder, path: &str) -> Option<String> {
    let name = path.trim_start_matches("./").replace('/', ".");
    let headers = finder.headers.get_or_insert_with(|| scan(request));
    let known = tessera_stdlib::module(&name).is_some() || headers.iter().any(|header| header.name == name);
    known.then_some(name)
}

fn file_missing(path: &str, full: &str, span: Span, error: &FileError) -> Diagnostic {
    let why = match error {
        FileError::NotFound => format!("there is no file `{full}`"),
        FileError::IsDirectory => format!("`{full}` is a directory"),
        FileError::TooLarge(size) => format!("`{full}` has {size} bytes, too many"),
        FileError::NotUtf8(_) => format!("`{full}` is not UTF-8 text"),
        FileError::Unreadable(why) => format!("`{full}` cannot be read: {why}"),
    };
    let diagnostic = Diagnostic::new(&E0203, span, format!("cannot import \"{path}\": {why}"));
    if path.ends_with(".tess") {
        diagnostic.help("the path is relative to the file that imports it")
    } else {
        diagnostic.help("a file is imported with its ending: \"./name.tess\"")
    }
}

fn by_name(
    request: &Request<'_>,
    modules: &mut Modules,
    finder: &mut Finder,
    from: ModuleId,
    path: &Path,
) -> Option<ModuleId> {
    let name = path.dotted();
    if let Some(id) = finder.found.get(&name) {
        return Some(*id);
    }
    let id = if is_standard(&name) {
        standard(request, modules, finder, &name)
    } else {
        in_projects(request, modules, finder, &name)
    };
    match id {
        Some(id) => {
            finder.found.insert(name, id);
        }
        None => {
            let diagnostic = module_missing(modules, finder, from, path, &name);
            let meant = diagnostic.fixes.first().and_then(|f| f.edits.first()).map(|e| e.text.to_string());
            if let Some(meant) = meant {
                expect(modules, from, path.span, &meant);
            }
            modules.diagnostics.push(diagnostic);
        }
    }
    id
}

/// Takes the name that a misspelt import was meant to bind for known, so that
/// its uses are not reported as well.
fn expect(modules: &mut Modules, from: ModuleId, span: Span, meant: &str) {
    let Some(module) = modules.list.get_mut(from.0 as usize) else { return };
    let Some(name) = meant.rsplit('.').next().filter(|n| !module.names.contains_key(*n)) else { return };
    let import = Import { target: Target::Missing, span, used: true.into() };
    module.imports.entry(name.into()).or_insert(import);
}

/// Loads a module of the standard library.
fn standard(request: &Request<'_>, modules: &mut Modules, finder: &mut Finder, name: &str) -> Option<ModuleId> {
    finder.surprised |= name == tessera_stdlib::PRELUDE_MODULE && !finder.whole_prelude;
    let path = format!("{}.tess", name.replace('.', "/"));
    let known = modules.list.iter().position(|m| m.origin == Origin::Standard && *m.path == *path);
    if let Some(known) = known {
        return Some(ModuleId(known as u32));
    }
    let text: Arc<str> = tessera_stdlib::module(name)?.into();
    finder.surprised = true;
    let file = modules.sources.add(&path, text.clone());
    let parsed = load::parsed(request, file, &path, &text);
    Some(load::add(modules, finder, file, &path, Origin::Standard, &parsed))
}

fn in_projects(request: &Request<'_>, modules: &mut Modules, finder: &mut Finder, name: &str) -> Option<ModuleId> {
    if let Some(loaded) = finder.own.get(name) {
        return Some(*loaded);
    }
    let headers = finder.headers.get_or_insert_with(|| scan(request));
    let Header { path, origin, .. } = headers.iter().find(|header| header.name == name)?;
    if let Some(known) = finder.paths.get(&**path) {
        return Some(*known);
    }
    let (path, origin) = (path.clone(), origin.clone());
    load::read(request, modules, finder, &path, origin).ok()
}

/// The module names of all files of the project and of those it depends on,
/// read off their `module` lines. A dependency's modules get its name in front.
pub(super) fn scan(request: &Request<'_>) -> Vec<Header> {
    let mut headers = Vec::new();
    let name_of = |path: &str| load::seen(request, path).ok()?.1.header.as_deref().map(str::to_owned);
    for path in request.files.list(request.root, "tess") {
        if let Some(name) = name_of(&path) {
            headers.push(Header { name, path, origin: Origin::Project });
        }
    }
    for (alias, dependency) in &request.project.dependencies {
        let folder = paths::join(request.root, &dependency.path);
        for path in request.files.list(&folder, "tess") {
            let Some(name) = name_of(&path) else { continue };
            let prefix = format!("{alias}.");
            let name = if name.starts_with(&prefix) { name } else { format!("{prefix}{name}") };
            headers.push(Header { name, path, origin: Origin::Dependency(alias.to_string()) });
        }
    }
    headers
}

fn module_missing(modules: &Modules, finder: &Finder, from: ModuleId, path: &Path, name: &str) -> Diagnostic {
    let mut known: Vec<String> = tessera_stdlib::modules().iter().map(|(n, _)| (*n).to_owned()).collect();
    known.extend(finder.headers.iter().flatten().map(|header| header.name.clone()));
    let diagnostic = Diagnostic::new(&E0203, path.span, format!("there is no module `{name}`"));
    let own = modules.get(from).and_then(|m| m.ast.name.as_ref()).map(Path::dotted);
    known.retain(|k| Some(k) != own.as_ref());
    match suggest::closest(name, known.iter().map(String::as_str)) {
        Some(best) => diagnostic.fix(format!("replace it with `{best}`"), path.span, best, true),
        None => diagnostic.help("a module is found by the `module` line of a file of the project, or imported by path: `use \"./file.tess\" as name`"),
    }
}

fn report_circles(modules: &mut Modules) {
    let mut state = vec![0_u8; modules.list.len()];
    let mut found = Vec::new();
    for id in modules.ids() {
        visit(modules, id, &mut state, &mut Vec::new(), &mut found);
    }
    modules.diagnostics.extend(found);
}

fn visit(
    modules: &Modules,
    id: ModuleId,
    state: &mut [u8],
    path: &mut Vec<(ModuleId, Span)>,
    found: &mut Vec<Diagnostic>,
) {
    let Some(module) = modules.get(id) else { return };
    let Some(mark) = state.get_mut(id.0 as usize) else { return };
    if *mark != 0 {
        return;
    }
    *mark = 1;
    for import in module.imports.values() {
        let Some(next) = import.target.module() else { continue };
        path.push((id, import.span));
        match state.get(next.0 as usize) {
            Some(1) => found.push(circle(modules, next, path)),
            _ => visit(modules, next, state, path, found),
        }
        path.pop();
    }
    if let Some(mark) = state.get_mut(id.0 as usize) {
        *mark = 2;
    }
}

fn circle(modules: &Modules, start: ModuleId, path: &[(ModuleId, Span)]) -> Diagnostic {
    let from = path.iter().position(|(id, _)| *id == start).unwrap_or(0);
    let ring = path.get(from..).unwrap_or(&[]);
    let name = |id: ModuleId| modules.get(id).map_or_else(String::new, module_name);
    let mut names: Vec<String> = ring.iter().map(|(id, _)| name(*id)).collect();
    names.push(name(start));
    let span = ring.last().map_or(Span::new(crate::source::FileId(0), 0, 0), |(_, span)| *span);
    let mut diagnostic = Diagnostic::new(&E0204, span, format!("modules import each other: {}", names.join(" → ")))
        .label("this import closes the circle")
        .help("move what both need into a third module");
    for (_, span) in ring.iter().take(ring.len().saturating_sub(1)) {
        diagnostic = diagnostic.also(*span, "imported here");
    }
    diagnostic
}
