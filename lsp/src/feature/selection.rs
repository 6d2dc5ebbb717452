//! The nodes round a place, for selections that grow.

use tessera_compiler::syntax::tree::{Kind, NodeId, Tree};

/// How many ranges are given round a place; more are no help, and they are sent inside each other.
const MAX_RANGES: usize = 100;

/// The ranges of bytes round a place, the largest first, each inside the one before.
pub(crate) fn ranges(tree: &Tree, offset: u32) -> Vec<(u32, u32)> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    let mut at = Some(tree.root()).filter(|_| !tree.is_empty());
    while let Some(id) = at {
        let range = tree.range(id);
        if ranges.last() != Some(&range) {
            ranges.push(range);
        }
        let holds = |child: &NodeId| {
            let (start, end) = tree.range(*child);
            start <= offset && offset <= end && start < end
        };
        // Between two, the one that says more.
        let worth = |child: &NodeId| match tree.kind(*child) {
            kind if kind.is_trivia() => 0,
            Kind::Punct => 1,
            _ => 2,
        };
        at = tree.children(id).filter(holds).max_by_key(worth);
    }
    // The outermost and the innermost.
    if let Some(more) = ranges.len().checked_sub(MAX_RANGES).filter(|more| *more > 0) {
        ranges.drain(1..=more);
    }
    ranges
}

#[cfg(test)]
mod tests {
    use tessera_compiler::source::FileId;
    use tessera_compiler::syntax::parse;

    use super::*;

    #[test]
    fn selections_are_bounded() {
        let text = format!("let a = {}1{}\n", "[".repeat(120), "]".repeat(120));
        let found = ranges(&parse(FileId(0), &text).tree, 128);
        assert_eq!(found.len(), MAX_RANGES);
        assert_eq!(found[0], (0, text.len() as u32));
    }

    #[test]
    fn selections_grow_by_node() {
        let text = "let a = { bcd: [1, 2] }\n";
        let tree = parse(FileId(0), text).tree;
        let texts: Vec<&str> =
            ranges(&tree, 16).into_iter().map(|(start, end)| &text[start as usize..end as usize]).collect();
        assert_eq!(texts.first(), Some(&text));
        assert_eq!(texts.last(), Some(&"1"));
        for part in ["[1, 2]", "bcd: [1, 2]", "{ bcd: [1, 2] }"] {
            assert!(texts.contains(&part), "{texts:?}");
        }
        assert_eq!(ranges(&parse(FileId(0), "").tree, 7), [(0, 0)]);
    }
}
