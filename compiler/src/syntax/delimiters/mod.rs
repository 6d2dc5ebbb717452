//! One linear pass before the grammar: it measures depth, refuses characters
//! that have no place in source, and balances brackets and quotes. What is
//! missing is put into a copy that only the grammar sees, in which comments,
//! tabs and carriage returns are blanks too; the tree is made over the text as
//! it was written. To the grammar one name is as good as another and one blank
//! as good as ten, so the copy is short: it costs per byte.

mod brackets;
mod characters;
mod openers;
mod texts;

use rustc_hash::FxHashSet;

use super::errors::MAX_ERRORS;
use crate::diagnostic::{Diagnostic, E0102, E0103};
use crate::source::{FileId, LineIndex, Span};

/// The deepest nesting of brackets and `${` that is read.
pub const MAX_DEPTH: usize = 128;

/// What the pass found.
#[derive(Debug, Default)]
pub(super) struct Scan {
    repaired: Option<String>,
    /// Where bytes were put in or left out, as offsets into the repaired text,
    /// ascending, and how many bytes more the text has there.
    moved: Vec<(u32, i32)>,
    /// The errors found.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Every bracket has its partner as the text stands.
    pub(super) is_balanced: bool,
    /// The text is not to be parsed: too deep, or no text at all.
    pub(super) hopeless: bool,
}

impl Scan {
    /// The text that the grammar reads.
    pub(super) fn repaired<'t>(&'t self, text: &'t str) -> &'t str {
        self.repaired.as_deref().unwrap_or(text)
    }

    /// Whether the grammar may read the copy: it takes time without bound over
    /// brackets that have no partner.
    fn settled(&self, text: &str) -> bool {
        let again = Pass { alone: true, ..Pass::new(FileId(0), self.repaired(text), false) }.run();
        again.bracket_errors == 0
    }

    /// Turns ascending offsets of the repaired text into those of the text.
    pub(super) fn offsets(&self) -> Offsets<'_> {
        Offsets { moved: &self.moved, more: 0 }
    }
}

/// See [`Scan::offsets`].
#[derive(Debug)]
pub(super) struct Offsets<'s> {
    /// What is still to be passed.
    moved: &'s [(u32, i32)],
    /// So many bytes more the text has up to here.
    more: i64,
}

impl Offsets<'_> {
    pub(super) fn original(&mut self, offset: usize) -> u32 {
        while let Some(((_, more), rest)) = self.moved.split_first().filter(|((at, _), _)| (*at as usize) < offset) {
            self.more += i64::from(*more);
            self.moved = rest;
        }
        (offset as i64 + self.more).max(0) as u32
    }
}

/// Scans a text. In the strings of an expression `alone` any character may
/// stand, as in CEL: it is data, where a source is looked at in an editor.
pub(super) fn scan(file: FileId, text: &str, alone: bool) -> Scan {
    let pass = |by_indentation| Pass { alone, ..Pass::new(file, text, by_indentation) };
    let plain = pass(false).run();
    if plain.bracket_errors == 0 || plain.hopeless {
        return plain.finish();
    }
    let indented = pass(true).run();
    if indented.bracket_errors <= plain.bracket_errors {
        let scan = indented.finish();
        if scan.settled(text) {
            return scan;
        }
    }
    let mut scan = plain.finish();
    scan.hopeless = !scan.settled(text);
    scan
}

/// Scans a text by its layout, whether its brackets are balanced or not.
pub(super) fn scan_layout(file: FileId, text: &str) -> Scan {
    let mut scan = Pass::new(file, text, true).run().finish();
    scan.hopeless |= !scan.settled(text);
    scan
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Paren,
    Bracket,
    Brace,
    Interpolation,
    Quote,
    Block,
}

impl Open {
    const fn closer(self) -> &'static str {
        match self {
            Self::Paren => ")",
            Self::Bracket => "]",
            Self::Brace | Self::Interpolation => "}",
            Self::Quote => "\"",
            Self::Block => "\"\"\"",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Paren => "(",
            Self::Bracket => "[",
            Self::Brace => "{",
            Self::Interpolation => "${",
            Self::Quote => "\"",
            Self::Block => "\"\"\"",
        }
    }

    const fn is_string(self) -> bool {
        matches!(self, Self::Quote | Self::Block)
    }
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    open: Open,
    at: usize,
    line: usize,
    indent: usize,
    /// It is the last thing on its line, so what follows is indented further.
    ends_line: bool,
    /// Where the text of a string begins, after its last interpolation so far.
    text_from: usize,
}

impl Frame {
    const fn is_bracket(&self) -> bool {
        matches!(self.open, Open::Paren | Open::Bracket | Open::Brace)
    }
}

#[derive(Debug)]
enum Repair {
    Insert(usize, &'static str),
    /// So many bytes that are no blanks become one.
    Blank(usize, usize),
    /// So many blanks become one.
    Blanks(usize, usize),
    Replace(usize, usize),
    /// Another bracket in the place of one.
    Swap(usize, &'static str),
    /// So many bytes within a name become one.
    Shorten(usize, usize),
}

impl Repair {
    const fn at(&self) -> usize {
        match self {
            Self::Insert(at, _)
            | Self::Swap(at, _)
            | Self::Blank(at, _)
            | Self::Blanks(at, _)
            | Self::Replace(at, _)
            | Self::Shorten(at, _) => *at,
        }
    }
}

/// A word of so many bytes is shortened, one that the grammar knows never is.
const LONG_WORD: usize = 5;

/// The words of [`LONG_WORD`] bytes and more that the grammar knows.
fn is_known(word: &str) -> bool {
    matches!(
        word,
        "after"
            | "bundle"
            | "composite"
            | "external"
            | "false"
            | "lease"
            | "match"
            | "module"
            | "notify"
            | "output"
            | "overlay"
            | "param"
            | "policy"
            | "private"
            | "protect"
            | "ready"
            | "replace"
            | "require"
            | "resource"
            | "retain"
            | "scope"
            | "where"
    )
}

/// A string without an end takes brackets with it, and one bracket others: on
/// one line the string is said, or else the first bracket.
fn once_a_line(diagnostics: Vec<Diagnostic>, text: &str) -> Vec<Diagnostic> {
    if diagnostics.len() < 2 {
        return diagnostics;
    }
    let index = LineIndex::new(text);
    let line = |span: Span| index.line(span.start);
    let is_bracket = |d: &Diagnostic| d.code == &E0102;
    let strings: FxHashSet<usize> =
        diagnostics.iter().filter(|d| d.code == &E0103).map(|d| line(d.primary.span)).collect();
    let mut said: FxHashSet<(usize, bool)> = FxHashSet::default();
    let mut kept = diagnostics;
    kept.retain(|d| {
        let places = || d.secondary.iter().chain([&d.primary]).map(|l| line(l.span));
        match d.code {
            _ if is_bracket(d) && places().any(|l| strings.contains(&l)) => false,
            _ if is_bracket(d) || d.code == &E0103 => said.insert((line(d.primary.span), is_bracket(d))),
            _ => true,
        }
    });
    kept
}

struct Pass<'t> {
    file: FileId,
    text: &'t str,
    bytes: &'t [u8],
    by_indentation: bool,
    alone: bool,
    at: usize,
    line: usize,
    indent: usize,
    /// Nothing but blanks so far on this line.
    fresh: bool,
    /// The end of the last token that is neither blank nor comment.
    code_end: usize,
    frames: Vec<Frame>,
    /// The bracket that was closed last.
    closed: Option<Frame>,
    /// Where the outermost pairs so far stand, if the layout is heeded.
    pairs: Vec<(usize, usize)>,
    /// The lines so far, where the layout is heeded.
    lines: Vec<openers::Line>,
    /// Nothing but closers so far on this line, and not even one.
    only_closers: bool,
    first_closer: bool,
    /// The line on which the scan went back to a quote.
    went_back: usize,
    quotes: usize,
    /// The string of one line that ended last: its quotes.
    last_string: Option<(usize, usize)>,
    repairs: Vec<Repair>,
    diagnostics: Vec<Diagnostic>,
    bracket_errors: usize,
    character_errors: usize,
    hopeless: bool,
}

impl<'t> Pass<'t> {
    fn new(file: FileId, text: &'t str, by_indentation: bool) -> Self {
        Self {
            file,
            text,
            bytes: text.as_bytes(),
            by_indentation,
            alone: false,
            at: 0,
            line: 0,
            indent: 0,
            fresh: true,
            code_end: 0,
            frames: Vec::new(),
            closed: None,
            pairs: Vec::new(),
            lines: Vec::new(),
            only_closers: false,
            first_closer: false,
            went_back: usize::MAX,
            quotes: 0,
            last_string: None,
            repairs: Vec::new(),
            diagnostics: Vec::new(),
            bracket_errors: 0,
            character_errors: 0,
            hopeless: false,
        }
    }

    fn run(mut self) -> Self {
        if self.bytes.starts_with("\u{FEFF}".as_bytes()) {
            self.repairs.push(Repair::Blank(0, 3));
            self.at = 3;
        }
        self.scan();
        if !self.hopeless {
            self.end();
        }
        self
    }

    fn scan(&mut self) {
        while !self.hopeless && self.at < self.bytes.len() {
            match self.frames.last().map(|f| f.open) {
                Some(Open::Quote) => self.quote_text(),
                Some(Open::Block) => self.block_text(),
                _ => self.code(),
            }
        }
    }

    fn finish(mut self) -> Scan {
        let mut scan = Scan { hopeless: self.hopeless, is_balanced: self.bracket_errors == 0, ..Scan::default() };
        self.diagnostics.sort_by_key(|d| d.primary.span.start);
        scan.diagnostics = once_a_line(std::mem::take(&mut self.diagnostics), self.text);
        if self.repairs.is_empty() || self.hopeless {
            return scan;
        }
        // The sort is stable: closers put in at one place keep their order, and
        // stand before the blanks there.
        self.repairs.sort_by_key(|repair| (repair.at(), matches!(repair, Repair::Blanks(..))));
        let mut out = String::with_capacity(self.text.len() + self.repairs.len());
        let mut from = 0;
        for repair in &self.repairs {
            let at = repair.at().max(from);
            out.push_str(self.text.get(from..at).unwrap_or(""));
            from = at;
            match repair {
                Repair::Insert(_, closer) => {
                    let start = out.len();
                    scan.moved.extend((start..start + closer.len()).map(|i| (i as u32, -1)));
                    out.push_str(closer);
                }
                Repair::Swap(_, bracket) => {
                    out.push_str(bracket);
                    from += bracket.len();
                }
                Repair::Blank(_, len) | Repair::Blanks(_, len) | Repair::Replace(_, len) | Repair::Shorten(_, len) => {
                    if *len > 1 {
                        scan.moved.push((out.len() as u32, *len as i32 - 1));
                    }
                    out.push(match repair {
                        Repair::Replace(..) => '\n',
                        Repair::Shorten(..) => '_',
                        _ => ' ',
                    });
                    from += len;
                }
            }
        }
        out.push_str(self.text.get(from..).unwrap_or(""));
        scan.repaired = Some(out);
        scan
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn starts(&self, text: &str) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(text.as_bytes()))
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_ERRORS {
            self.diagnostics.push(diagnostic);
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32, end as u32)
    }

    fn code(&mut self) {
        let byte = self.byte(0);
        match byte {
            b' ' => self.blanks(),
            b'\n' => self.line_break(),
            b'\t' => self.blank(1),
            b'\r' if self.byte(1) == b'\n' => self.blank(1),
            b'/' if self.byte(1) == b'/' => self.line_comment(),
            b'/' if self.byte(1) == b'*' => self.block_comment(),
            _ => {
                self.first_on_line(byte);
                self.token(byte);
            }
        }
    }

    fn token(&mut self, byte: u8) {
        if !matches!(byte, b')' | b']' | b'}') {
            (self.only_closers, self.first_closer) = (false, false);
        }
        if self.quotes > 0 && self.text_goes_on() {
            return;
        }
        match byte {
            b'(' => self.open(Open::Paren, 1),
            b'[' => self.open(Open::Bracket, 1),
            b'{' => self.open(Open::Brace, 1),
            b')' | b']' | b'}' => self.close(byte),
            b'"' if self.starts("\"\"\"") => self.open(Open::Block, 3),
            b'"' => self.open(Open::Quote, 1),
            b'\'' => self.other_string(true),
            b'`' => self.until_quote("`", false),
            b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => self.word(),
            _ => self.character(false),
        }
        self.code_end = self.at;
    }

    fn word(&mut self) {
        let start = self.at;
        while matches!(self.byte(0), b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z') {
            self.at += 1;
        }
        let quoted = matches!(self.byte(0), b'"' | b'\'');
        let word = self.text.get(start..self.at).unwrap_or("");
        let prefix = |list: &[&str]| list.iter().any(|p| p.eq_ignore_ascii_case(word));
        if quoted && prefix(&["r", "br", "rb"]) {
            self.other_string(false);
        } else if quoted && prefix(&["b"]) {
            self.other_string(true);
        } else if word.len() >= LONG_WORD && !(is_known(word) || word.starts_with(|c: char| c.is_ascii_digit())) {
            self.repairs.push(Repair::Shorten(start + 2, word.len() - 2));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_grammar_are_left_whole() {
        let grammar = include_str!("../grammar.pest").lines().filter(|line| !line.starts_with("//"));
        let literals = grammar.flat_map(|line| line.split('"').skip(1).step_by(2)).filter(|l| l.len() >= LONG_WORD);
        let words: Vec<&str> = literals.filter(|l| l.bytes().all(|b| b.is_ascii_lowercase())).collect();
        assert!(words.len() > 40);
        assert_eq!(words.into_iter().filter(|word| !is_known(word)).collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn the_grammar_sees_a_short_copy_and_its_places_are_those_of_the_text() {
        let text = "let   replicas = deployment-name // why\n\tparam v1beta1\n";
        let scan = scan(FileId(0), text, false);
        let short = scan.repaired(text);
        assert_eq!(short, "let re_ = de_-name  \n param v1_\n");
        let mut offsets = scan.offsets();
        for token in ["let", "re_", "=", "de_", "name", "param", "v1_"] {
            let start = short.find(token).unwrap();
            let (from, to) = (offsets.original(start), offsets.original(start + token.len()));
            let original = text.get(from as usize..to as usize).unwrap();
            assert!(
                original.starts_with(token.trim_end_matches('_')) && !original.contains(' '),
                "{token}: {original}"
            );
        }
    }
}
