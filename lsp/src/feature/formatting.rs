//! The one style, as the smallest edits that lead to it.

use similar::{ChangeTag, TextDiff};
use tessera_compiler::format::format;

use crate::feature::Edit;

/// What writes a text in the one style; nothing where it has syntax errors.
pub(crate) fn whole(text: &str) -> Option<Vec<Edit>> {
    Some(between(text, &format(text).ok()?))
}

/// The edits of lines that make one text of another.
pub(crate) fn between(old: &str, new: &str) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut at = 0_u32;
    let mut open = false;
    for change in TextDiff::from_lines(old, new).iter_all_changes() {
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
    fn a_text_with_errors_is_left_alone() {
        assert_eq!(whole("let x = {"), None);
        assert_eq!(whole("let x = 1\n"), Some(Vec::new()));
    }
}
