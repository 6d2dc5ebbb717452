//! The nodes round a place, for selections that grow.

use tessera_compiler::syntax::tree::{Kind, NodeId, Tree};

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
    ranges
}

#[cfg(test)]
mod tests {
    use tessera_compiler::source::FileId;
    use tessera_compiler::syntax::parse;

    use super::*;

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
