//! The word at the cursor, and the text with a word put there.

use std::ops::Range;

/// What is put at the cursor: a word that no source has.
const PROBE: &str = "tesseraProbe";

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    /// In the language.
    Tessera,
    /// An instance in YAML.
    Yaml,
}

/// The word at the cursor.
#[derive(Debug)]
pub(crate) struct Word {
    /// The bytes that are replaced.
    pub(crate) replace: Range<u32>,
    /// The text with a word where the cursor stands.
    pub(crate) probed: String,
    /// Where to ask in that text.
    pub(crate) probe: u32,
    /// What stands before the word in its line.
    pub(crate) before: String,
    /// What follows in its line.
    pub(crate) after: String,
    /// What of the word is typed.
    pub(crate) typed: String,
    /// How the file is written.
    pub(crate) notation: Notation,
    /// How many bytes were put there.
    put: u32,
    /// It stands in a text between quotes.
    pub(crate) quoted: bool,
    /// The quoted text is not closed.
    pub(crate) unclosed: bool,
}

impl Word {
    /// The word at an offset; `None` in comments.
    pub(crate) fn at(text: &str, offset: u32, notation: Notation) -> Option<Self> {
        let mut at = (offset as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let line_start = text.get(..at)?.rfind('\n').map_or(0, |i| i + 1);
        let line_end = text.get(at..)?.find('\n').map_or(text.len(), |i| at + i);
        let line_end = if text.get(..line_end)?.ends_with('\r') { (line_end - 1).max(at) } else { line_end };
        let (head, tail) = (text.get(line_start..at)?, text.get(at..line_end)?);
        let state = state(head, notation);
        if state == State::Comment {
            return None;
        }
        let part: fn(char) -> bool = match state {
            State::Text if notation == Notation::Tessera => |c| c != '"',
            _ => is_word,
        };
        let typed_at = match state {
            State::Text => head.rfind('"').map_or(0, |i| i + 1),
            _ => head.len() - head.chars().rev().take_while(|c| part(*c)).map(char::len_utf8).sum::<usize>(),
        };
        let typed_at =
            if state == State::Code && notation == Notation::Tessera { path_start(head, typed_at) } else { typed_at };
        let rest: usize = tail.chars().take_while(|c| part(*c)).map(char::len_utf8).sum();
        let (start, end) = (line_start + typed_at, at + rest);
        let unclosed = state == State::Text && !tail.contains('"');
        // An open quote would take the rest of the line with it.
        let end = if unclosed { at } else { end };
        let mut put = PROBE.to_owned();
        let after = text.get(end..line_end)?.to_owned();
        if notation == Notation::Yaml
            && is_yaml_key(text.get(line_start..start)?)
            && !after.trim_start().starts_with(':')
        {
            put.push(':');
        }
        if unclosed {
            put.push('"');
        }
        let probed = format!("{}{put}{}", text.get(..at)?, text.get(at..)?);
        Some(Self {
            replace: start as u32..end as u32,
            probed,
            probe: at as u32,
            put: put.len() as u32,
            before: text.get(line_start..start)?.to_owned(),
            after,
            typed: text.get(start..at)?.to_owned(),
            notation,
            quoted: state == State::Text,
            unclosed,
        })
    }

    /// Whether nothing but blanks and a comment follows in the line.
    pub(crate) fn ends_line(&self) -> bool {
        let after = self.after.trim_start();
        after.is_empty() || after.starts_with("//") || after.starts_with('#')
    }

    /// Where a byte of the probed text stands in the text as it is.
    pub(crate) fn unprobed(&self, offset: u32) -> u32 {
        if offset > self.probe { offset.saturating_sub(self.put).max(self.probe) } else { offset }
    }
}

/// Whether a name is the word that was put at the cursor.
pub(crate) fn is_probe(name: &str) -> bool {
    name.contains(PROBE)
}

#[derive(PartialEq, Eq)]
enum State {
    Code,
    Text,
    Comment,
}

/// What the end of a line's beginning stands in. Interpolations are code again.
fn state(head: &str, notation: Notation) -> State {
    let mut stack: Vec<char> = Vec::new();
    let bytes = head.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let next = bytes.get(at + 1);
        match (stack.last(), byte) {
            (Some('"'), b'\\') => at += 1,
            (Some('"'), b'"') => {
                stack.pop();
            }
            (Some('"'), b'$') if next == Some(&b'{') && notation == Notation::Tessera => {
                stack.push('{');
                at += 1;
            }
            (Some('"'), _) => {}
            (_, b'"') => stack.push('"'),
            (Some('{'), b'}') => {
                stack.pop();
            }
            (Some('{'), b'{') => stack.push('{'),
            (None, b'/') if next == Some(&b'/') && notation == Notation::Tessera => return State::Comment,
            (None, b'#') if notation == Notation::Yaml && (at == 0 || bytes.get(at - 1) == Some(&b' ')) => {
                return State::Comment;
            }
            _ => {}
        }
        at += 1;
    }
    if stack.last() == Some(&'"') { State::Text } else { State::Code }
}

/// A kind and the name of a module are one word, up to the part at the cursor.
fn path_start(head: &str, word: usize) -> usize {
    let path = |c: char| is_word(c) || matches!(c, '.' | '/');
    let start = head.len() - head.chars().rev().take_while(|c| path(*c)).map(char::len_utf8).sum::<usize>();
    let (before, written) = head.split_at(start);
    let opens = before.trim_end().is_empty() || before.trim_end().ends_with([':', '|', '>', '=', '[', '{', '(', ',']);
    let kind = written.contains('/') && (opens || before.trim_end().ends_with("raw"));
    let import = before.trim() == "use" && !written.contains('/');
    if kind || import { start } else { word }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

/// Whether a line's beginning leaves place for a key.
fn is_yaml_key(head: &str) -> bool {
    head.trim_start().trim_start_matches("- ").trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(marked: &str, notation: Notation) -> Option<Word> {
        let offset = marked.find('|').unwrap();
        Word::at(&marked.replacen('|', "", 1), offset as u32, notation)
    }

    #[test]
    fn words_are_replaced_whole() {
        let word = at("  repl|icas: 2", Notation::Tessera).unwrap();
        assert_eq!((word.replace, word.typed.as_str()), (2..10, "repl"));
        assert_eq!(word.probed, "  repltesseraProbeicas: 2");
        assert_eq!(word.probe, 6);
    }

    #[test]
    fn texts_are_replaced_between_their_quotes() {
        let word = at("size: \"sm|all\"", Notation::Tessera).unwrap();
        assert_eq!((word.replace, word.quoted, word.unclosed), (7..12, true, false));
        let word = at("size: \"sm|", Notation::Tessera).unwrap();
        assert_eq!((word.unclosed, word.probed.as_str()), (true, "size: \"smtesseraProbe\""));
    }

    #[test]
    fn interpolations_are_code_and_comments_are_nothing() {
        assert!(!at("\"${na|}\"", Notation::Tessera).unwrap().quoted);
        assert!(at("a // x|", Notation::Tessera).is_none());
        assert!(at("a: 1 # x|", Notation::Yaml).is_none());
    }

    #[test]
    fn a_key_of_yaml_gets_its_colon() {
        assert_eq!(at("spec:\n  re|", Notation::Yaml).unwrap().probed, "spec:\n  retesseraProbe:");
        assert_eq!(at("spec:\n  size: s|", Notation::Yaml).unwrap().probed, "spec:\n  size: stesseraProbe");
        assert_eq!(at("spec:\n  re|: 1", Notation::Yaml).unwrap().probed, "spec:\n  retesseraProbe: 1");
    }
}
