//! The one file that knows how the protocol counts: lines end at `\n`, `\r\n`
//! or a lone `\r`, columns count units of the encoding that was agreed on.
//! Everything else counts bytes.

use tower_lsp::ls_types::{Position, PositionEncodingKind, Range, TextDocumentContentChangeEvent};

/// What a column counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    #[default]
    Utf16,
    Utf32,
}

impl Encoding {
    /// The cheapest that the client offers; UTF-16, which all have, by default.
    pub(crate) fn choose(offered: Option<&[PositionEncodingKind]>) -> Self {
        let has = |kind: &PositionEncodingKind| offered.is_some_and(|offered| offered.contains(kind));
        match (has(&PositionEncodingKind::UTF8), has(&PositionEncodingKind::UTF16)) {
            (true, _) => Self::Utf8,
            (false, false) if has(&PositionEncodingKind::UTF32) => Self::Utf32,
            _ => Self::Utf16,
        }
    }

    pub(crate) const fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    const fn width(self, c: char) -> u32 {
        match self {
            Self::Utf8 => c.len_utf8() as u32,
            Self::Utf16 => c.len_utf16() as u32,
            Self::Utf32 => 1,
        }
    }
}

/// The length of a text in UTF-16, which the protocol has for labels whatever was agreed on.
pub(crate) fn utf16(text: &str) -> u32 {
    text.chars().map(|c| c.len_utf16() as u32).sum()
}

/// Where the lines of a text start, as the protocol has lines.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    starts: Vec<u32>,
}

impl Lines {
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (index, byte) in bytes.iter().enumerate() {
            let ends = *byte == b'\n' || (*byte == b'\r' && bytes.get(index + 1) != Some(&b'\n'));
            if ends {
                starts.push(index as u32 + 1);
            }
        }
        Self { starts }
    }

    /// The position of a byte; of the end where it lies behind the text.
    pub(crate) fn position(&self, text: &str, offset: u32, encoding: Encoding) -> Position {
        let offset = floor(text, offset as usize);
        let line = self.starts.partition_point(|start| *start as usize <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0) as usize;
        let before = text.get(start..offset).unwrap_or("");
        let character = match encoding {
            Encoding::Utf8 => before.len() as u32,
            _ if before.is_ascii() => before.len() as u32,
            _ => before.chars().map(|c| encoding.width(c)).sum(),
        };
        Position { line: line as u32, character }
    }

    pub(crate) fn range(&self, text: &str, start: u32, end: u32, encoding: Encoding) -> Range {
        Range { start: self.position(text, start, encoding), end: self.position(text, end.max(start), encoding) }
    }

    /// The byte at a position. Behind the end of a line is its end, behind the last line the
    /// end of the text; within a character is its start.
    pub(crate) fn offset(&self, text: &str, position: Position, encoding: Encoding) -> u32 {
        let Some(start) = self.starts.get(position.line as usize).copied() else { return text.len() as u32 };
        let end = self.starts.get(position.line as usize + 1).map_or(text.len(), |next| *next as usize);
        let line = text.get(start as usize..end).unwrap_or("").trim_end_matches(['\n', '\r']);
        let mut left = position.character;
        for (index, c) in line.char_indices() {
            let width = encoding.width(c);
            if left < width {
                return start + index as u32;
            }
            left -= width;
        }
        start + line.len() as u32
    }

    /// The bytes of a range, in order.
    pub(crate) fn bytes(&self, text: &str, range: Range, encoding: Encoding) -> (u32, u32) {
        let (start, end) = (self.offset(text, range.start, encoding), self.offset(text, range.end, encoding));
        (start.min(end), start.max(end))
    }
}

fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// A text after a client's changes, which follow each other.
pub(crate) fn changed(text: &str, changes: &[TextDocumentContentChangeEvent], encoding: Encoding) -> String {
    let mut text = text.to_owned();
    for change in changes {
        match change.range {
            None => text.clone_from(&change.text),
            Some(range) => {
                let (start, end) = Lines::new(&text).bytes(&text, range, encoding);
                text.replace_range(start as usize..end as usize, &change.text);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn columns_count_units_of_the_encoding() {
        let text = "a\u{e9}\u{1d11e}b\r\nx";
        let lines = Lines::new(text);
        for (encoding, column) in [(Encoding::Utf8, 7), (Encoding::Utf16, 4), (Encoding::Utf32, 3)] {
            assert_eq!(lines.position(text, 7, encoding), at(0, column));
            assert_eq!(lines.offset(text, at(0, column), encoding), 7);
        }
        // Within the pair of surrogates.
        assert_eq!(lines.offset(text, at(0, 3), Encoding::Utf16), 3);
    }

    #[test]
    fn positions_outside_the_text_are_its_ends() {
        let text = "ab\r\ncd\re";
        let lines = Lines::new(text);
        assert_eq!(lines.offset(text, at(0, 99), Encoding::Utf16), 2);
        assert_eq!(lines.offset(text, at(1, u32::MAX), Encoding::Utf16), 6);
        assert_eq!(lines.offset(text, at(2, 0), Encoding::Utf16), 7);
        assert_eq!(lines.offset(text, at(u32::MAX, 0), Encoding::Utf16), 8);
        assert_eq!(lines.position(text, 99, Encoding::Utf16), at(2, 1));
    }

    #[test]
    fn changes_follow_each_other() {
        let change =
            |range, text: &str| TextDocumentContentChangeEvent { range, range_length: None, text: text.to_owned() };
        let range = |a, b| Some(Range { start: a, end: b });
        let changes = [change(range(at(0, 1), at(0, 1)), "x\n"), change(range(at(1, 0), at(0, 0)), "")];
        assert_eq!(changed("ab", &changes, Encoding::Utf16), "b");
        assert_eq!(changed("ab", &[change(None, "new")], Encoding::Utf16), "new");
    }
}
