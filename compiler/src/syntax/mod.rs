//! Text to tree to abstract syntax.
//!
//! Every text yields a tree that prints it back, a module, and all its syntax
//! errors. The way: `delimiters` balances brackets and quotes, `parse` runs
//! the grammar, `errors` reads the diagnostics off the tree, `lower` makes the
//! abstract syntax.
//!
//! Lines end in `\n` or `\r\n` only. Other characters that some tool takes for
//! a line break are refused, so that all tools count the same lines.

pub mod ast;
mod delimiters;
mod errors;
mod lower;
mod numbers;
mod parse;
mod strings;
#[cfg(test)]
mod tests;
pub mod tokens;
pub mod tree;
mod walk;

pub use delimiters::MAX_DEPTH;
pub use lower::MAX_EXPRESSION_DEPTH;
pub use tree::Tree;
pub use walk::{Node, walk};

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::diagnostic::{Diagnostic, E0005};
use crate::source::{FileId, LineIndex, Span};

/// What a text was read as.
#[derive(Clone, Debug)]
pub struct Parse {
    /// The lossless tree.
    pub tree: Tree,
    /// The abstract syntax.
    pub module: Arc<ast::Module>,
    /// The syntax errors, by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a file. Never fails: what cannot be read is an error node and a
/// diagnostic.
#[must_use]
pub fn parse(file: FileId, text: &str) -> Parse {
    with_stack(|| {
        let (tree, mut diagnostics) = tree_of(parse::Entry::File, file, text);
        let mut lower = lower::Lower::new(file, text, &tree);
        let module = Arc::new(lower.module());
        let found = std::mem::take(&mut lower.diagnostics);
        add_tokens(text, &mut diagnostics, found);
        Parse { tree, module, diagnostics }
    })
}

/// Reads an expression alone, as `tessera eval` does.
#[must_use]
pub fn parse_expression(file: FileId, text: &str) -> (ast::Expr, Vec<Diagnostic>) {
    with_stack(|| {
        let (tree, mut diagnostics) = tree_of(parse::Entry::Expression, file, text);
        let mut lower = lower::Lower::new(file, text, &tree);
        let expr = lower.expression_file();
        let found = std::mem::take(&mut lower.diagnostics);
        add_tokens(text, &mut diagnostics, found);
        (expr, diagnostics)
    })
}

/// Adds the errors in the text of tokens, but not on lines that were misread.
fn add_tokens(text: &str, diagnostics: &mut Vec<Diagnostic>, found: Vec<Diagnostic>) {
    if !found.is_empty() {
        let index = LineIndex::new(text);
        let line = |d: &Diagnostic| index.line(d.primary.span.start);
        let misread: FxHashSet<usize> = diagnostics.iter().map(line).collect();
        diagnostics.extend(found.into_iter().filter(|d| !misread.contains(&line(d))));
    }
    diagnostics.sort_by_key(|d| (d.primary.span.start, d.primary.span.end));
}

/// The stack that parsing gets where less than [`NEEDED`] is left, in bytes.
pub(crate) const STACK: usize = 64 << 20;
/// The stack that the deepest accepted nesting needs in a debug build.
const NEEDED: usize = 48 << 20;

/// Runs with stack enough for the deepest nesting that is accepted.
pub(crate) fn with_stack<R>(work: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(NEEDED, STACK, work)
}

fn read(entry: parse::Entry, file: FileId, text: &str, scan: &delimiters::Scan) -> Option<(Tree, Vec<Diagnostic>)> {
    let tree = parse::tree(entry, text, scan)?;
    let diagnostics = errors::collect(file, text, &tree, scan.diagnostics.clone());
    Some((tree, diagnostics))
}

/// Where one bracket too few and one too many make up for each other, the
/// layout may explain a file that reads badly.
fn by_layout(entry: parse::Entry, file: FileId, text: &str, plain: (Tree, Vec<Diagnostic>)) -> (Tree, Vec<Diagnostic>) {
    let scan = delimiters::scan_layout(file, text);
    if scan.is_balanced || scan.hopeless {
        return plain;
    }
    read(entry, file, text, &scan).filter(|(_, found)| found.len() < plain.1.len()).unwrap_or(plain)
}

fn tree_of(entry: parse::Entry, file: FileId, text: &str) -> (Tree, Vec<Diagnostic>) {
    let scan = delimiters::scan(file, text, entry == parse::Entry::Expression);
    if scan.hopeless {
        return (parse::flat(entry, text), scan.diagnostics);
    }
    if let Some(read) = read(entry, file, text, &scan) {
        return if read.1.len() > 1 && scan.is_balanced { by_layout(entry, file, text, read) } else { read };
    }
    let mut diagnostics = scan.diagnostics;
    let span = Span::new(file, 0, text.len() as u32);
    diagnostics.push(
        Diagnostic::new(&E0005, span.at_start(), "expressions or types are nested too deeply")
            .help("move an inner part into a `let`, a `fn` or a `type` of its own"),
    );
    (parse::flat(entry, text), diagnostics)
}
