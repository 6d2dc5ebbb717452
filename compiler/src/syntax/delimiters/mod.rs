//! One linear pass before the grammar: it measures depth, refuses characters
//! that have no place in source, and balances brackets and quotes. What is
//! missing is put into a copy that only the grammar sees, in which comments,
//! tabs and carriage returns are blanks too; the tree is made over the text as
//! it was written.

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
    /// Where bytes were put in, as offsets into the repaired text, ascending.
    inserted: Vec<u32>,
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

    /// Turns ascending offsets of the repaired text into those of the text.
    pub(super) fn offsets(&self) -> Offsets<'_> {
        Offsets { inserted: &self.inserted, passed: 0 }
    }
}

/// See [`Scan::offsets`].
#[derive(Debug)]
pub(super) struct Offsets<'s> {
    inserted: &'s [u32],
    passed: usize,
}

impl Offsets<'_> {
    pub(super) fn original(&mut self, offset: usize) -> u32 {
        while self.inserted.get(self.passed).is_some_and(|at| (*at as usize) < offset) {
            self.passed += 1;
        }
        (offset - self.passed.min(offset)) as u32
    }
}

/// Scans a text. In the strings of an expression `alone` any character may
/// stand, as in CEL: it is data, where a source is looked at in an editor.
pub(super) fn scan(file: FileId, text: &str, alone: bool) -> Scan {
    let pass = |by_indentation| Pass { alone, ..Pass::new(file, text, by_indentation) };
    let plain = pass(false).run();
    let chosen = if plain.bracket_errors == 0 || plain.hopeless {
        plain
    } else {
        let indented = pass(true).run();
        if indented.bracket_errors <= plain.bracket_errors { indented } else { plain }
    };
    chosen.finish()
}

/// Scans a text by its layout, whether its brackets are balanced or not.
pub(super) fn scan_layout(file: FileId, text: &str) -> Scan {
    Pass::new(file, text, true).run().finish()
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
    Blank(usize, usize),
    Replace(usize, usize),
    /// Another bracket in the place of one.
    Swap(usize, &'static str),
}

impl Repair {
    const fn at(&self) -> usize {
        match self {
            Self::Insert(at, _) | Self::Swap(at, _) | Self::Blank(at, _) | Self::Replace(at, _) => *at,
        }
    }
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
        // The sort is stable: closers put in at one place keep their order.
        self.repairs.sort_by_key(Repair::at);
        let mut out = String::with_capacity(self.text.len() + self.repairs.len());
        let mut from = 0;
        for repair in &self.repairs {
            let at = repair.at().max(from);
            out.push_str(self.text.get(from..at).unwrap_or(""));
            from = at;
            match repair {
                Repair::Insert(_, closer) => {
                    let start = out.len();
                    scan.inserted.extend((start..start + closer.len()).map(|i| i as u32));
                    out.push_str(closer);
                }
                Repair::Blank(_, len) => {
                    out.extend(std::iter::repeat_n(' ', *len));
                    from += len;
                }
                Repair::Swap(_, bracket) => {
                    out.push_str(bracket);
                    from += bracket.len();
                }
                Repair::Replace(_, len) => {
                    out.push('\n');
                    out.extend(std::iter::repeat_n(' ', len.saturating_sub(1)));
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
            b' ' => self.at += 1,
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
        }
    }
}
