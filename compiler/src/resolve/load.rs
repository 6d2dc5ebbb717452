//! Reads and parses: what was asked for and, as far as a look at the texts tells,
//! what those files import, side by side; then what else is found missing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::ahead::{self, Wanted};
use super::glance::Glance;
use super::imports::{self, Finder};
use super::prelude::Mentions;
use super::{Module, ModuleId, Modules, Origin, Request, declared_name, prelude};
use crate::diagnostic::{Diagnostic, E0001, E0002, E0003, E0202};
use crate::memo::Memo;
use crate::source::{FileError, FileId, MAX_FILE_BYTES, Span};
use crate::syntax::ast::{Module as Syntax, Name};
use crate::syntax::{self, Parse};

/// From so many files on, all processors read, and from so many bytes on, all
/// parse: below, starting them costs more than they save.
const PARALLEL_FILES: usize = 32;
const PARALLEL_BYTES: usize = 256 * 1024;

/// Loads the files that a request asks for and all that they import.
#[must_use]
pub fn load(request: &Request<'_>) -> Modules {
    request.files.memo().into_iter().for_each(Memo::begin);
    let (modules, complete) = attempt(request, true);
    // A file that only parsing found may mention what was left out. That is
    // rare, and to begin anew is right whatever was bound by then.
    if complete { modules } else { attempt(request, false).0 }
}

/// Loads all. Where `sparing`, declarations of the prelude that no text
/// mentions are left out; the second result is whether that could be told.
fn attempt(request: &Request<'_>, sparing: bool) -> (Modules, bool) {
    let mut modules = Modules::default();
    let (yaml, sources): (Vec<&String>, Vec<&String>) = request.paths.iter().partition(|path| is_yaml(path));
    let (yaml, sources) =
        (read_all(&yaml, |path| read_one(request, path)), read_all(&sources, |path| seen(request, path)));
    let mut wanted = add_asked(sources, &mut modules);
    let asked = wanted.len();
    add_context(request, &mut modules, &mut wanted);
    let own = wanted.len();
    let headers = ahead::follow(request, &mut modules.sources, &mut wanted);
    let followed = wanted.len();
    let is_whole = add_standard(request, &mut modules, &mut wanted, sparing);
    let mut finder = Finder::new(headers, is_whole);
    let parses = parse_all(request, &wanted);
    for (index, (wanted, parse)) in wanted.into_iter().zip(parses).enumerate() {
        let origin = match index {
            // Whether a file is imported is for its importer to say.
            _ if (own..followed).contains(&index) => {
                finder.ahead.insert(wanted.path, (wanted.file, parse));
                continue;
            }
            _ if index < own => Origin::Project,
            _ => Origin::Standard,
        };
        let is_prelude = origin == Origin::Standard && wanted.path == PRELUDE;
        let id = add(&mut modules, &mut finder, wanted.file, &wanted.path, origin, &parse);
        if index < asked {
            modules.roots.push(id);
        }
        if is_prelude {
            modules.prelude = Some(id);
        }
    }
    imports::bind_all(request, &mut modules, &mut finder);
    add_yaml(request, yaml, &mut modules);
    let complete = !(sparing && finder.surprised);
    (modules, complete)
}

/// The path of the prelude among the sources.
const PRELUDE: &str = "std/prelude.tess";

/// Files with what was read of them, as far as that could be.
type Read<T> = Vec<(String, Result<T, FileError>)>;

/// A text and what is seen of it.
type Seen = (Arc<str>, Arc<Glance>);

/// Says why there is no text.
fn add_unreadable(path: &str, error: &FileError, modules: &mut Modules) {
    let file = modules.sources.add(path, Arc::from(""));
    modules.diagnostics.push(unreadable(file, path, error));
}

/// Adds the sources that were asked for.
fn add_asked(sources: Read<Seen>, modules: &mut Modules) -> Vec<Wanted> {
    let added = sources.into_iter().filter_map(|(path, read)| match read {
        Ok((text, glance)) => Some(Wanted { file: modules.sources.add(&path, text.clone()), path, text, glance }),
        Err(error) => {
            add_unreadable(&path, &error, modules);
            None
        }
    });
    added.collect()
}

/// Adds the YAML that was asked for: last, so that no composite's representation, which numbers
/// the sources, is another one for YAML that lies beside it. It may be what was built of it.
fn add_yaml(request: &Request<'_>, yaml: Read<Arc<str>>, modules: &mut Modules) {
    for (path, read) in yaml {
        let file = match read {
            Ok(text) => modules.sources.add(&path, text),
            Err(error) => {
                add_unreadable(&path, &error, modules);
                continue;
            }
        };
        modules.yaml.push(file);
        if request.named.contains(&path) {
            modules.named.push(file);
        }
    }
}

/// Adds the texts of the sources that were not asked for themselves. One that
/// cannot be read is left out: whoever needs it says so.
fn add_context(request: &Request<'_>, modules: &mut Modules, wanted: &mut Vec<Wanted>) {
    let asked = |path: &String| request.paths.contains(path);
    let paths: Vec<&String> = request.context.iter().filter(|path| !asked(path)).collect();
    for (path, read) in read_all(&paths, |path| seen(request, path)) {
        if let Ok((text, glance)) = read {
            wanted.push(Wanted { file: modules.sources.add(&path, text.clone()), path, text, glance });
        }
    }
}

/// Adds the texts of the standard library's modules that the sources import,
/// and of the prelude where they mention a name of it. Tells whether the prelude
/// is there with all its declarations.
fn add_standard(request: &Request<'_>, modules: &mut Modules, wanted: &mut Vec<Wanted>, sparing: bool) -> bool {
    let standard = ahead::standard(request, wanted);
    let name = tessera_stdlib::PRELUDE_MODULE;
    let imported = standard.iter().any(|(known, ..)| *known == name);
    let glances = wanted.iter().map(|wanted| &wanted.glance).chain(standard.iter().map(|(.., glance)| glance));
    let mentioned = glances.fold(Mentions::default(), |all, glance| all.and(glance.mentions));
    let mut add = |name: &str, text: &'static str, parsed: Arc<str>, glance: Arc<Glance>| {
        let path = format!("{}.tess", name.replace('.', "/"));
        wanted.push(Wanted { file: modules.sources.add(&path, text.into()), path, text: parsed, glance });
    };
    for (name, text, glance) in standard {
        add(name, text, Arc::from(text), glance);
    }
    let Some(text) = tessera_stdlib::module(name).filter(|_| !imported) else { return true };
    let seen = || glance(request, name, &Arc::from(text));
    if !sparing {
        add(name, text, Arc::from(text), seen());
    } else if let Some(needed) = prelude::standard().and_then(|prelude| prelude.needed(mentioned)) {
        add(name, text, needed.into(), seen());
    }
    !sparing
}

/// A source as it is bound: its syntax, its own names, what reading it had to say.
#[derive(Debug)]
pub(crate) struct Parsed {
    ast: Arc<Syntax>,
    names: Arc<FxHashMap<Name, u32>>,
    diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    pub(crate) fn of(file: FileId, text: &str) -> Self {
        let Parse { module: ast, mut diagnostics, .. } = syntax::parse(file, text);
        let names = Arc::new(table(&ast, &mut diagnostics));
        Self { ast, names, diagnostics }
    }
}

/// Adds one parsed module.
pub(super) fn add(
    modules: &mut Modules,
    finder: &mut Finder,
    file: FileId,
    path: &str,
    origin: Origin,
    parsed: &Parsed,
) -> ModuleId {
    let id = ModuleId(modules.list.len() as u32);
    modules.diagnostics.extend_from_slice(&parsed.diagnostics);
    let path = modules.sources.get(file).map_or_else(|| Arc::from(path), |source| source.path.clone());
    let (ast, names) = (parsed.ast.clone(), parsed.names.clone());
    finder.added(id, &path, &origin, &ast);
    modules.list.push(Module { file, path, origin, ast, names, imports: indexmap::IndexMap::new() });
    id
}

/// Reads, parses and adds one more file, unless that was done ahead.
pub(super) fn read(
    request: &Request<'_>,
    modules: &mut Modules,
    finder: &mut Finder,
    path: &str,
    origin: Origin,
) -> Result<ModuleId, FileError> {
    if let Some((file, parsed)) = finder.ahead.remove(path) {
        return Ok(add(modules, finder, file, path, origin, &parsed));
    }
    let text = read_one(request, path)?;
    finder.surprised = true;
    let file = modules.sources.add(path, text.clone());
    let parsed = parsed(request, file, path, &text);
    Ok(add(modules, finder, file, path, origin, &parsed))
}

pub(super) fn read_one(request: &Request<'_>, path: &str) -> Result<Arc<str>, FileError> {
    let text = request.files.read(path)?;
    if text.len() > MAX_FILE_BYTES {
        return Err(FileError::TooLarge(text.len() as u64));
    }
    Ok(text)
}

/// A text and what is seen of it.
pub(super) fn seen(request: &Request<'_>, path: &str) -> Result<Seen, FileError> {
    let text = read_one(request, path)?;
    let glance = glance(request, path, &text);
    Ok((text, glance))
}

/// What is seen of a text; the host may have looked before.
pub(super) fn glance(request: &Request<'_>, path: &str, text: &Arc<str>) -> Arc<Glance> {
    match request.files.memo() {
        Some(memo) => memo.glance(path, text),
        None => Arc::new(Glance::at(text)),
    }
}

/// The parse of a text; the one that the host keeps, where it does.
pub(super) fn parsed(request: &Request<'_>, file: FileId, path: &str, text: &Arc<str>) -> Arc<Parsed> {
    match request.files.memo() {
        Some(memo) => memo.parsed(file, path, text),
        None => Arc::new(Parsed::of(file, text)),
    }
}

fn read_all<T: Send>(paths: &[&String], read: impl Fn(&str) -> Result<T, FileError> + Sync) -> Read<T> {
    let one = |path: &&String| ((*path).clone(), read(path));
    if paths.len() < PARALLEL_FILES { paths.iter().map(one).collect() } else { paths.par_iter().map(one).collect() }
}

/// Parses all; a second thread alone is quicker than a pool for a few files.
fn parse_all(request: &Request<'_>, wanted: &[Wanted]) -> Vec<Arc<Parsed>> {
    let one = |w: &Wanted| parsed(request, w.file, &w.path, &w.text);
    let bytes: usize = wanted.iter().map(|w| w.text.len()).sum();
    match wanted.len() {
        0 | 1 => wanted.iter().map(one).collect(),
        _ if bytes >= PARALLEL_BYTES => wanted.par_iter().map(one).collect(),
        // Of those that are remembered, few are new.
        _ if request.files.memo().is_some() => wanted.iter().map(one).collect(),
        _ => parse_on_two(wanted, &one),
    }
}

/// Parses the longest text first, so that neither thread waits for long.
fn parse_on_two(wanted: &[Wanted], one: &(impl Fn(&Wanted) -> Arc<Parsed> + Sync)) -> Vec<Arc<Parsed>> {
    let mut longest: Vec<(usize, &Wanted)> = wanted.iter().enumerate().collect();
    longest.sort_by_key(|(_, w)| std::cmp::Reverse(w.text.len()));
    let next = AtomicUsize::new(0);
    let some = || {
        let mine = || longest.get(next.fetch_add(1, Ordering::Relaxed));
        std::iter::from_fn(mine).map(|(index, w)| (*index, one(w))).collect::<Vec<_>>()
    };
    let mut parses = std::thread::scope(|scope| {
        // Where no thread is to be had, this one parses all.
        let other = std::thread::Builder::new().stack_size(syntax::STACK).spawn_scoped(scope, some);
        let mut parses = some();
        match other.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(more)) => parses.extend(more),
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => {}
        }
        parses
    });
    parses.sort_unstable_by_key(|(index, _)| *index);
    parses.into_iter().map(|(_, parse)| parse).collect()
}

/// Whether a path is that of instances in YAML.
pub(crate) fn is_yaml(path: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending))
}

fn table(module: &Syntax, diagnostics: &mut Vec<Diagnostic>) -> FxHashMap<Name, u32> {
    let mut names = FxHashMap::default();
    for (index, decl) in module.decls.iter().enumerate() {
        let Some(name) = declared_name(decl) else { continue };
        let Some(first) = names.insert(name.name.clone(), index as u32) else { continue };
        names.insert(name.name.clone(), first);
        let earlier = module.decls.get(first as usize).and_then(declared_name);
        let mut diagnostic = Diagnostic::new(&E0202, name.span, format!("`{}` is declared twice", name.name))
            .label("declared again here")
            .help("rename one of them");
        if let Some(earlier) = earlier {
            diagnostic = diagnostic.also(earlier.span, "declared first here");
        }
        diagnostics.push(diagnostic);
    }
    names
}

/// What is said of a file that cannot be had.
#[must_use]
pub fn unreadable(file: FileId, path: &str, error: &FileError) -> Diagnostic {
    let span = Span::new(file, 0, 0);
    match error {
        FileError::NotFound => Diagnostic::new(&E0001, span, format!("there is no file `{path}`")),
        FileError::IsDirectory => {
            Diagnostic::new(&E0001, span, format!("`{path}` is a directory, not a file")).help("name a file in it")
        }
        FileError::Unreadable(why) => Diagnostic::new(&E0001, span, format!("cannot read `{path}`: {why}")),
        FileError::TooLarge(size) => {
            Diagnostic::new(&E0003, span, format!("`{path}` has {size} bytes; at most {MAX_FILE_BYTES} are read"))
                .help("split it into modules")
        }
        FileError::NotUtf8(offset) => Diagnostic::new(
            &E0002,
            span,
            format!("`{path}` is not UTF-8 text: byte {offset} does not belong to any character"),
        )
        .help("save the file as UTF-8; a binary file is no source"),
    }
}
