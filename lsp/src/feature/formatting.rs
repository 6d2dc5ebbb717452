//! The one style, as the smallest edits that lead to it.

use std::time::Duration;

use similar::{ChangeTag, TextDiff};
use tessera_compiler::format::format;
use tessera_compiler::syntax::tree::Tree;

use crate::feature::Edit;
use crate::feature::selection::ranges;

/// How long the smallest edits are looked for; later, larger ones do.
const PATIENCE: Duration = Duration::from_millis(200);

/// What writes a text in the one style; nothing where it has syntax errors.
pub(crate) fn whole(text: &str) -> Option<Vec<Edit>> {
    Some(between(text, &format(text).ok()?))
}

/// The edits of those lines that a range of bytes touches.
pub(crate) fn range(text: &str, start: u32, end: u32) -> Option<Vec<Edit>> {
    let mut edits = whole(text)?;
    edits.retain(|edit| edit.start <= end && start <= edit.end && (edit.start < end || start == end));
    Some(edits)
}

/// What is formatted when somebody has just typed a closing brace or a line break before a
/// place: the block that the brace closes, or the line that ended.
pub(crate) fn typed(text: &str, offset: u32, tree: &Tree) -> Option<Vec<Edit>> {
    let before = text.get(..offset as usize)?;
    let (start, end) = if before.ends_with('}') {
        let closed = ranges(tree, offset).into_iter().filter(|(start, end)| *start < offset && *end == offset);
        let mut block =
            closed.filter(|(start, _)| text.get(*start as usize..).is_some_and(|rest| rest.starts_with('{')));
        (block.next_back()?.0, offset)
    } else {
        // The new line itself is still to be written.
        let end = before.trim_end_matches([' ', '\t']).strip_suffix('\n')?.len();
        let start = before.get(..end)?.rfind('\n').map_or(0, |at| at + 1);
        (start as u32, end as u32)
    };
    let line = text.get(..start as usize)?.rfind('\n').map_or(0, |at| at + 1) as u32;
    let mut edits = whole(text)?;
    // A line break more or less at the end is not this place's.
    edits.retain(|edit| line <= edit.start && edit.end <= end + 1);
    Some(edits)
}

/// The edits of lines that make one text of another.
pub(crate) fn between(old: &str, new: &str) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut at = 0_u32;
    let mut open = false;
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(old, new);
    for change in diff.iter_all_changes() {
        let length = change.value().len() as u32;
        if change.tag() == ChangeTag::Equal {
            open = false;
            at += length;
            continue;
        }
        if !open {
            edits.push(Edit { start: at, end: at, text: String::new() });
            open = true;
        }
        let Some(edit) = edits.last_mut() else { continue };
        if change.tag() == ChangeTag::Delete {
            at += length;
            edit.end = at;
        } else {
            edit.text.push_str(change.value());
        }
    }
    edits.into_iter().flat_map(|edit| by_line(old, edit)).collect()
}

/// An edit of several lines as one of each, where each line only gets other blanks.
fn by_line(old: &str, edit: Edit) -> Vec<Edit> {
    let before: Vec<&str> =
        old.get(edit.start as usize..edit.end as usize).unwrap_or("").split_inclusive('\n').collect();
    let after: Vec<&str> = edit.text.split_inclusive('\n').collect();
    let same = |(a, b): (&&str, &&str)| {
        let letters = |text: &'_ str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        letters(a) == letters(b)
    };
    if before.len() != after.len() || !before.iter().zip(&after).all(same) {
        return vec![edit];
    }
    let mut at = edit.start;
    let mut edits = Vec::new();
    for (before, after) in before.into_iter().zip(after) {
        let end = at + before.len() as u32;
        if before != after {
            edits.push(Edit { start: at, end, text: after.to_owned() });
        }
        at = end;
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(text: &str, edits: &[Edit]) -> String {
        let mut text = text.to_owned();
        for edit in edits.iter().rev() {
            text.replace_range(edit.start as usize..edit.end as usize, &edit.text);
        }
        text
    }

    #[test]
    fn only_lines_that_change_are_edited() {
        let (old, new) = ("a\nb \nc\nd", "a\nb\nc\nd\n");
        let edits = between(old, new);
        assert_eq!(applied(old, &edits), new);
        assert_eq!(edits.len(), 2);
        assert_eq!(edits[0], Edit { start: 2, end: 5, text: "b\n".into() });
    }

    #[test]
    fn ranges_and_typing_format_their_lines_only() {
        let text = "let a=1\nlet b=2\nlet c={\nd:1\n}\n";
        assert_eq!(applied(text, &range(text, 9, 10).unwrap()), "let a=1\nlet b = 2\nlet c={\nd:1\n}\n");
        let typed = |text: &str, offset: usize| {
            let tree = tessera_compiler::syntax::parse(tessera_compiler::source::FileId(0), text).tree;
            applied(text, &super::typed(text, offset as u32, &tree).unwrap())
        };
        assert_eq!(typed(text, text.len() - 1), "let a=1\nlet b=2\nlet c = {\n  d: 1\n}\n");
        assert_eq!(typed("let a=1\n  \nlet b=2\n", 10), "let a = 1\n  \nlet b=2\n");
    }

    #[test]
    fn a_text_with_errors_is_left_alone() {
        assert_eq!(whole("let x = {"), None);
        assert_eq!(whole("let x = 1\n"), Some(Vec::new()));
    }
}
