//! What can be folded: whatever stands in brackets or quotes over several lines,
//! imports, comments.

use tessera_compiler::syntax::tree::{Kind, NodeId, Tree};

/// What is folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Block,
    Comment,
    Imports,
}

/// The bytes of something that can be folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fold {
    pub(crate) what: What,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// Everything in a source that can be folded and has several lines, in source order.
pub(crate) fn folds(tree: &Tree, text: &str) -> Vec<Fold> {
    let mut folds: Vec<Fold> = blocks(tree).collect();
    folds.extend(runs(tree, What::Imports, |kind| kind == Kind::UseDecl));
    folds.extend(runs(tree, What::Comment, |kind| matches!(kind, Kind::Comment | Kind::DocComment)));
    folds.retain(|fold| text.get(fold.start as usize..fold.end as usize).is_some_and(|text| text.contains('\n')));
    folds.sort_by_key(|fold| (fold.start, std::cmp::Reverse(fold.end)));
    folds
}

/// Nodes that begin and end with a bracket or quotes.
fn blocks(tree: &Tree) -> impl Iterator<Item = Fold> + '_ {
    tree.ids().filter(|id| !tree.is_leaf(*id)).filter_map(|id| {
        let first = tree.children(id).next()?;
        let last = tree.children(id).last()?;
        let bracket = |id: NodeId| tree.kind(id) == Kind::Punct;
        let (start, end) = (tree.range(first).0, tree.range(last).1);
        (first != last && bracket(first) && bracket(last)).then_some(Fold { what: What::Block, start, end })
    })
}

/// Neighbours of a kind, blanks and line breaks between them. A blank line ends a run of comments.
fn runs(tree: &Tree, what: What, is: impl Fn(Kind) -> bool) -> Vec<Fold> {
    let mut runs: Vec<Fold> = Vec::new();
    let mut open = false;
    let mut breaks = 0;
    let mut at = NodeId(0);
    while (at.0 as usize) < tree.len() {
        let kind = tree.kind(at);
        let (start, end) = tree.range(at);
        if is(kind) {
            match runs.last_mut() {
                Some(run) if open && (what == What::Imports || breaks < 2) => run.end = end,
                _ => runs.push(Fold { what, start, end }),
            }
            (open, breaks) = (true, 0);
            at = tree.after(at);
            continue;
        }
        if kind == Kind::Newline {
            breaks += 1;
        } else if kind != Kind::Blank
            && start < end
            && (tree.is_leaf(at) && !(what == What::Imports && kind.is_trivia()))
        {
            open = false;
        }
        at = NodeId(at.0 + 1);
    }
    runs
}

#[cfg(test)]
mod tests {
    use tessera_compiler::source::FileId;
    use tessera_compiler::syntax::parse;

    use super::*;

    #[test]
    fn blocks_imports_and_comments_fold() {
        let text =
            "// a\n// b\n\n// alone\nuse std.net\nuse std.labels\nlet a = {\n  b: [\n    1\n  ]\n}\nlet c = { d: 1 }\n";
        let found: Vec<(What, &str)> = folds(&parse(FileId(0), text).tree, text)
            .into_iter()
            .map(|fold| (fold.what, &text[fold.start as usize..fold.end as usize]))
            .collect();
        let expected = [
            (What::Comment, "// a\n// b"),
            (What::Imports, "use std.net\nuse std.labels"),
            (What::Block, "{\n  b: [\n    1\n  ]\n}"),
            (What::Block, "[\n    1\n  ]"),
        ];
        assert_eq!(found, expected);
    }
}
