//! One cause, one error: what is found in a part of a file that could not be
//! read as written, or in one that uses what is declared there, is likely a
//! consequence of that, and is not said.
//!
//! A part is a declaration, or a member of a composite. A part is *doubtful*
//! when a line of it holds a syntax error, or when it mentions a name that a
//! doubtful part declares.

mod parts;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostic::Diagnostic;
use crate::resolve::Modules;
use crate::source::{FileId, LineIndex, Span};

use parts::{Part, Scope};

/// So many lines above a place are searched for the keys that it stands under.
const MAX_ABOVE: usize = 300;

/// Drops what is said of doubtful parts, and what is said of unknown names in
/// files where a declaration was lost.
pub(crate) fn drop_consequences(modules: &Modules, diagnostics: &mut Vec<Diagnostic>) {
    if !diagnostics.iter().any(is_syntax) {
        return;
    }
    let doubt = Doubt::of(modules, diagnostics);
    diagnostics.retain(|d| is_syntax(d) || !doubt.explains(modules, d));
}

pub(super) fn is_syntax(diagnostic: &Diagnostic) -> bool {
    diagnostic.code.id.starts_with("E00") || diagnostic.code.id.starts_with("E01")
}

fn touches(a: Span, b: Span) -> bool {
    a.file == b.file && a.start <= b.end && b.start <= a.end
}

/// What may be wrong only because something could not be read.
struct Doubt {
    /// The lines with syntax errors.
    lines: Vec<Span>,
    /// The doubtful parts.
    parts: Vec<Span>,
    /// The names of what is doubtful, whatever declares them.
    names: FxHashSet<String>,
    /// Files in which a declaration was lost.
    lost: FxHashSet<FileId>,
    /// The line starts of the files that something is said of.
    indexes: FxHashMap<FileId, LineIndex>,
}

impl Doubt {
    fn of(modules: &Modules, diagnostics: &[Diagnostic]) -> Self {
        let mut indexes: FxHashMap<FileId, LineIndex> = FxHashMap::default();
        for file in diagnostics.iter().map(|d| d.primary.span.file) {
            let text = modules.sources.get(file).map_or("", |f| &f.text);
            indexes.entry(file).or_insert_with(|| LineIndex::new(text));
        }
        let whole = |span: Span| indexes.get(&span.file).map_or(span, |index| lines(index, span));
        let lines: Vec<Span> = diagnostics.iter().filter(|d| is_syntax(d)).map(|d| whole(d.primary.span)).collect();
        let files: FxHashSet<FileId> = lines.iter().map(|s| s.file).collect();
        let all = parts::of(modules);
        let mut lost = parts::lost(modules, &files);
        let mut queue: Vec<(String, Scope)> = Vec::new();
        let mut doubtful: Vec<bool> =
            all.iter().map(|part| lines.iter().any(|line| touches(*line, part.span))).collect();
        for (part, _) in all.iter().zip(&doubtful).filter(|(_, doubtful)| **doubtful) {
            queue.extend(part.names.iter().map(|name| (name.clone(), part.scope)));
        }
        for line in lines.iter().filter(|line| !all.iter().any(|part| touches(**line, part.span))) {
            lost.insert(line.file);
            queue.extend(parts::names_of_line(modules.sources.text(*line)).map(|name| (name, Scope::Everywhere)));
        }
        let names = spread(modules, &all, queue, &mut doubtful);
        let parts = all.iter().zip(&doubtful).filter(|(_, doubtful)| **doubtful).map(|(part, _)| part.span).collect();
        Self { lines, parts, names, lost, indexes }
    }

    /// Whether a diagnostic may be a consequence of a syntax error.
    fn explains(&self, modules: &Modules, diagnostic: &Diagnostic) -> bool {
        let here = diagnostic.primary.span;
        let unknown = matches!(diagnostic.code.id, "E0201" | "E0903" | "E0605") && self.lost.contains(&here.file);
        // What could not be read may be what uses it.
        let unused = diagnostic.code.id == "W0801" && self.lines.iter().any(|line| line.file == here.file);
        // What was misread may have swallowed a part of the name that is looked for.
        let wanted = modules.sources.text(here);
        let swallowed =
            diagnostic.code.id == "E0201" && !wanted.is_empty() && self.names.iter().any(|n| n.starts_with(wanted));
        // A name that is missing has been asked for.
        let nameless = diagnostic.message.contains("``");
        let named = |text: &str| parts::words(text).any(|w| self.names.contains(w.text));
        unknown
            || unused
            || nameless
            || swallowed
            || self.lines.iter().chain(&self.parts).any(|span| touches(here, *span))
            || !self.names.is_empty() && (named(&diagnostic.message) || self.above(modules, here).any(named))
    }

    /// The line of a place, and those that it stands under by indentation.
    fn above<'m>(&self, modules: &'m Modules, here: Span) -> impl Iterator<Item = &'m str> {
        let text = modules.sources.get(here.file).map_or("", |f| &*f.text);
        let index = self.indexes.get(&here.file);
        let last = index.map_or(0, |index| index.line(here.start));
        let first = last.saturating_sub(MAX_ABOVE);
        let mut depth = usize::MAX;
        (first..=last).rev().filter_map(move |line| {
            let start = index?.line_start(line)?;
            let line = text.get(start as usize..)?.lines().next()?;
            let indent = line.len() - line.trim_start().len();
            if line.trim().is_empty() || indent >= depth {
                return None;
            }
            depth = indent;
            Some(line)
        })
    }
}

/// Makes everything doubtful that mentions a doubtful name, and gives all
/// doubtful names. Each part is looked at once for each name that it mentions.
fn spread(
    modules: &Modules,
    all: &[Part],
    mut queue: Vec<(String, Scope)>,
    doubtful: &mut [bool],
) -> FxHashSet<String> {
    let mut mentions: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for (index, part) in all.iter().enumerate() {
        for word in parts::words(modules.sources.text(part.span)).filter(|w| !w.is_key) {
            let list = mentions.entry(word.text).or_default();
            if list.last() != Some(&index) {
                list.push(index);
            }
        }
    }
    let mut seen: FxHashSet<(String, Scope)> = FxHashSet::default();
    while let Some((name, scope)) = queue.pop() {
        for &index in mentions.get(name.as_str()).into_iter().flatten() {
            let (Some(part), Some(flag)) = (all.get(index), doubtful.get_mut(index)) else { continue };
            let reaches = scope == Scope::Everywhere || scope == part.scope;
            if reaches && !std::mem::replace(flag, true) && !part.stops {
                queue.extend(part.names.iter().map(|name| (name.clone(), part.scope)));
            }
        }
        seen.insert((name, scope));
    }
    seen.into_iter().map(|(name, _)| name).collect()
}

/// The whole lines of a span.
fn lines(index: &LineIndex, span: Span) -> Span {
    let start = index.line_start(index.line(span.start)).unwrap_or(span.start);
    let end = index.line_start(index.line(span.end) + 1).map_or(u32::MAX, |next| next.saturating_sub(1));
    Span { start, end: end.max(span.end), ..span }
}
