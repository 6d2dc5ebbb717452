//! The edits that give something another name.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use tessera_compiler::analysis::Analysis;
use tessera_compiler::check::Named;
use tessera_compiler::source::{FileId, Span};
use tessera_compiler::syntax::ast::Entry;
use tessera_compiler::syntax::{Node, walk};

use crate::feature::declared::{self, Kind};
use crate::feature::{Edit, names};

/// Edits by file, those of a file in the order of their places.
pub(crate) type Edits = BTreeMap<FileId, Vec<Edit>>;

/// Scalars that YAML readers of some age take for truth values or nothing.
const YAML_WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// The edits that give what is meant a new name in all that was analysed.
pub(crate) fn edits(analysis: &Analysis, meant: &[Named], new: &str) -> Edits {
    let meant: FxHashSet<&Named> = meant.iter().collect();
    let mut edits = Edits::new();
    let mut short: FxHashMap<FileId, FxHashSet<Span>> = FxHashMap::default();
    for places in analysis.facts.references.chunk_by(|a, b| a.span == b.span) {
        let Some(at) = places.first().map(|reference| reference.span) else { continue };
        let renamed: Vec<&Named> = places.iter().map(|r| &r.named).filter(|named| meant.contains(named)).collect();
        if renamed.is_empty() {
            continue;
        }
        let is_short = short.entry(at.file).or_insert_with(|| shorts(analysis, at.file)).contains(&at);
        let field = renamed.iter().any(|named| is_field(analysis, named, at));
        let variable = renamed.iter().any(|named| !is_field(analysis, named, at));
        let old = analysis.modules.sources.text(at);
        let text = match (is_short, field, variable) {
            // `{ owner }` gives a field, or a key of a map, the value of a variable.
            (true, false, true) => format!("{}: {new}", old.replace('`', "\"")),
            (true, true, false) => format!("{new}: {old}"),
            _ => written(analysis, at, new),
        };
        edits.entry(at.file).or_default().push(Edit { start: at.start, end: at.end, text });
    }
    edits
}

/// A name as it is to be written where one stands.
fn written(analysis: &Analysis, at: Span, new: &str) -> String {
    let old = analysis.modules.sources.text(at);
    let word = word(analysis, at);
    let is_yaml = names::module_of(analysis, at.file).is_none();
    if old.starts_with('`') {
        return new.to_owned();
    }
    if is_yaml && word == at && YAML_WORDS.iter().any(|known| known.eq_ignore_ascii_case(new)) {
        return format!("\"{new}\"");
    }
    let (before, after) = ((word.start - at.start) as usize, (at.end - word.end) as usize);
    let (before, after) = (old.get(..before).unwrap_or(""), old.get(old.len() - after..).unwrap_or(""));
    format!("{before}{new}{after}")
}

/// The name alone: without quotes, backticks or a dot before it.
pub(super) fn word(analysis: &Analysis, at: Span) -> Span {
    let text = analysis.modules.sources.text(at);
    let (mut start, mut end) = (at.start, at.end);
    if text.starts_with('.') {
        start += 1;
    }
    let quoted =
        text.len() >= 2 && ['"', '\'', '`'].iter().any(|quote| text.starts_with(*quote) && text.ends_with(*quote));
    if quoted {
        start += 1;
        end -= 1;
    }
    Span::new(at.file, start, end)
}

/// The places of a file where a word is both a key and its value.
fn shorts(analysis: &Analysis, file: FileId) -> FxHashSet<Span> {
    let mut found = FxHashSet::default();
    if let Some((_, module)) = names::module_of(analysis, file) {
        walk(&module.ast, &mut |node| {
            if let Node::Entry(Entry::Short(name)) = node {
                found.insert(name.span);
            }
            true
        });
    }
    found
}

/// Whether a name in an object at a place is the field that gets the value, not the variable that it is.
pub(super) fn is_field(analysis: &Analysis, named: &Named, at: Span) -> bool {
    let Named::Source(span) = named else { return matches!(named, Named::Field(..) | Named::Builtin(_)) };
    match declared::declared(analysis, *span).map(|declared| declared.kind) {
        Some(Kind::Field | Kind::Key) => true,
        // Of an instance; within its composite it is a variable.
        Some(Kind::Param(..)) => !within_declaration(analysis, *span, at),
        _ => false,
    }
}

/// Whether a place lies in the declaration at the top of the module that another one lies in.
fn within_declaration(analysis: &Analysis, of: Span, at: Span) -> bool {
    let Some((_, module)) = names::module_of(analysis, of.file) else { return false };
    let is_in = |span: Span, part: Span| span.file == part.file && span.start <= part.start && part.end <= span.end;
    module.ast.decls.iter().any(|decl| is_in(decl.span, of) && is_in(decl.span, at))
}
