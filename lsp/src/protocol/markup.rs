//! Documentation as the client can show it.

use tower_lsp::ls_types::{MarkupContent, MarkupKind};

/// What of it is shown as plain text, since the client has no other way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Plain {
    pub(crate) hover: bool,
    pub(crate) completion: bool,
    pub(crate) signature: bool,
}

/// Whether a client that takes these forms takes no Markdown.
pub(crate) fn is_plain(formats: Option<&[MarkupKind]>) -> bool {
    formats.is_none_or(|formats| !formats.contains(&MarkupKind::Markdown))
}

/// Markdown, or what is left of it without its marks round code and its rules.
pub(crate) fn markup(markdown: String, plain: bool) -> MarkupContent {
    if !plain {
        return MarkupContent { kind: MarkupKind::Markdown, value: markdown };
    }
    let mark = |line: &&str| !line.starts_with("```") && *line != "---";
    let lines: Vec<&str> = markdown.lines().filter(mark).collect();
    MarkupContent { kind: MarkupKind::PlainText, value: lines.join("\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_no_markdown_gets_none() {
        let text = "```tess\nlet a = 1\n```\n\nOne.";
        assert_eq!(markup(text.to_owned(), true).value, "let a = 1\n\nOne.");
        assert_eq!(markup(text.to_owned(), false).value, text);
        assert!(is_plain(None) && is_plain(Some(&[MarkupKind::PlainText])));
        assert!(!is_plain(Some(&[MarkupKind::PlainText, MarkupKind::Markdown])));
    }
}
