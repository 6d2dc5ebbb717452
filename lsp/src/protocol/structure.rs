//! Symbols, folds, selections and links as the protocol has them.

use tower_lsp::ls_types::{
    DocumentLink, DocumentSymbol, FoldingRange, FoldingRangeKind, Location, OneOf, Position, SelectionRange,
    SymbolKind, Uri, WorkspaceSymbol,
};

use crate::feature::folding::{self, folds};
use crate::feature::links::{Goal, Link, of_project, of_source};
use crate::feature::selection::ranges;
use crate::feature::symbols::{self, Symbol, What};
use crate::workspace::document::Document;
use crate::workspace::snapshot::Snapshot;

/// How deep an answer nests at most: clients' own readers of JSON end at 128 levels.
const MAX_LEVELS: usize = 100;

/// Answers `textDocument/documentSymbol`.
pub(crate) fn document_symbols(snapshot: &Snapshot, uri: &Uri) -> Option<Vec<DocumentSymbol>> {
    let document = snapshot.document(uri)?;
    let symbols = symbols::document(&document.parse()?.module, &document.text);
    Some(symbols.into_iter().map(|symbol| nested(symbol, &document, snapshot)).collect())
}

#[allow(deprecated, reason = "the protocol's own type has the field")]
fn nested(symbol: Symbol, document: &Document, snapshot: &Snapshot) -> DocumentSymbol {
    let range = |span: tessera_compiler::source::Span| {
        document.lines().range(&document.text, span.start, span.end, snapshot.encoding)
    };
    DocumentSymbol {
        kind: kind(symbol.what),
        range: range(symbol.whole),
        selection_range: range(symbol.named),
        name: if symbol.name.is_empty() { "?".to_owned() } else { symbol.name },
        detail: Some(symbol.detail).filter(|detail| !detail.is_empty()),
        tags: None,
        deprecated: None,
        children: Some(symbol.children.into_iter().map(|child| nested(child, document, snapshot)).collect()),
    }
}

const fn kind(what: What) -> SymbolKind {
    match what {
        What::Type => SymbolKind::STRUCT,
        What::Constant => SymbolKind::CONSTANT,
        What::Function => SymbolKind::FUNCTION,
        What::Composite => SymbolKind::CLASS,
        What::Parameter => SymbolKind::PROPERTY,
        What::Output => SymbolKind::EVENT,
        What::Resource => SymbolKind::OBJECT,
        What::Instance => SymbolKind::VARIABLE,
        What::Field => SymbolKind::FIELD,
        What::Block => SymbolKind::NAMESPACE,
    }
}

/// Answers `workspace/symbol`.
pub(crate) fn workspace_symbols(snapshot: &Snapshot, query: &str) -> Vec<WorkspaceSymbol> {
    let (targets, _) = snapshot.targets();
    let compilations: Vec<_> = targets.iter().filter_map(|target| snapshot.compiled(target).ok()).collect();
    symbols::workspace(&compilations, query)
        .into_iter()
        .filter_map(|found| {
            let uri = snapshot.uri(found.compiled.path(symbols::file(&found.symbol))?)?;
            let range = found.compiled.range(found.symbol.named, snapshot.encoding);
            Some(WorkspaceSymbol {
                name: found.symbol.name,
                kind: kind(found.symbol.what),
                tags: None,
                container_name: found.within,
                location: OneOf::Left(Location { uri, range }),
                data: None,
            })
        })
        .collect()
}

/// Answers `textDocument/foldingRange`. The line of a closing bracket stays to be seen.
pub(crate) fn folding_ranges(snapshot: &Snapshot, uri: &Uri) -> Option<Vec<FoldingRange>> {
    let document = snapshot.document(uri)?;
    let mut found: Vec<FoldingRange> = Vec::new();
    for fold in folds(&document.parse()?.tree, &document.text) {
        let range = document.lines().range(&document.text, fold.start, fold.end, snapshot.encoding);
        let end = range.end.line - u32::from(fold.what == folding::What::Block && range.end.line > 0);
        if end > range.start.line && found.last().is_none_or(|last| last.start_line != range.start.line) {
            found.push(FoldingRange {
                start_line: range.start.line,
                end_line: end,
                kind: match fold.what {
                    folding::What::Block => None,
                    folding::What::Comment => Some(FoldingRangeKind::Comment),
                    folding::What::Imports => Some(FoldingRangeKind::Imports),
                },
                ..FoldingRange::default()
            });
        }
    }
    Some(found)
}

/// Answers `textDocument/selectionRange`: a range for each position.
pub(crate) fn selection_ranges(snapshot: &Snapshot, uri: &Uri, positions: &[Position]) -> Option<Vec<SelectionRange>> {
    let document = snapshot.document(uri)?;
    let tree = &document.parse()?.tree;
    let one = |position: &Position| {
        let offset = document.lines().offset(&document.text, *position, snapshot.encoding);
        let mut found: Option<SelectionRange> = None;
        let mut ranges = ranges(tree, offset);
        // The outermost stays, and what is near.
        ranges.drain(1.min(ranges.len())..ranges.len().saturating_sub(MAX_LEVELS).max(1.min(ranges.len())));
        for (start, end) in ranges {
            let range = document.lines().range(&document.text, start, end, snapshot.encoding);
            found = Some(SelectionRange { range, parent: found.map(Box::new) });
        }
        found.unwrap_or_default()
    };
    Some(positions.iter().map(one).collect())
}

/// Answers `textDocument/documentLink`.
pub(crate) fn document_links(snapshot: &Snapshot, uri: &Uri) -> Option<Vec<DocumentLink>> {
    let document = snapshot.document(uri)?;
    let links = match document.parse() {
        Some(parse) => of_source(&snapshot.place(uri)?, &parse.tree),
        None if document.path.extension().is_some_and(|extension| extension == "toml") => {
            of_project(snapshot, &document)
        }
        None => return None,
    };
    let convert = |link: Link| {
        let target = match link.goal {
            Goal::File(path) => snapshot.uri(&path)?,
            Goal::Address(address) => address.parse().ok()?,
        };
        let range = document.lines().range(&document.text, link.start, link.end, snapshot.encoding);
        Some(DocumentLink { range, target: Some(target), tooltip: None, data: None })
    };
    Some(links.into_iter().filter_map(convert).collect())
}
