//! One linear pass before the grammar: it measures depth, refuses characters
//! that have no place in source, and balances brackets and quotes. What is
//! missing is put into a copy that only the grammar sees, in which comments,
//! tabs and carriage returns are blanks too; the tree is made over the text as
//! it was written.

use crate::diagnostic::{Diagnostic, E0004, E0005, E0102, E0103};
use crate::source::{FileId, Span};

/// The deepest nesting of brackets and `${` that is read.
pub const MAX_DEPTH: usize = 128;

/// Characters that are refused are reported one by one up to this number.
const MAX_CHARACTER_ERRORS: usize = 20;

/// What the pass found.
#[derive(Debug, Default)]
pub(super) struct Scan {
    repaired: Option<String>,
    /// Where bytes were put in, as offsets into the repaired text, ascending.
    inserted: Vec<u32>,
    /// The errors found.
    pub(super) diagnostics: Vec<Diagnostic>,
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

/// Scans a text.
pub(super) fn scan(file: FileId, text: &str) -> Scan {
    let plain = Pass::new(file, text, false).run();
    let chosen = if plain.bracket_errors == 0 || plain.hopeless {
        plain
    } else {
        let indented = Pass::new(file, text, true).run();
        if indented.bracket_errors <= plain.bracket_errors { indented } else { plain }
    };
    chosen.finish()
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
}

impl Repair {
    const fn at(&self) -> usize {
        match self {
            Self::Insert(at, _) | Self::Blank(at, _) | Self::Replace(at, _) => *at,
        }
    }
}

struct Pass<'t> {
    file: FileId,
    text: &'t str,
    bytes: &'t [u8],
    by_indentation: bool,
    at: usize,
    line: usize,
    indent: usize,
    /// Nothing but blanks so far on this line.
    fresh: bool,
    /// The end of the last token that is neither blank nor comment.
    code_end: usize,
    frames: Vec<Frame>,
    quotes: usize,
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
            at: 0,
            line: 0,
            indent: 0,
            fresh: true,
            code_end: 0,
            frames: Vec::new(),
            quotes: 0,
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
        while !self.hopeless && self.at < self.bytes.len() {
            match self.frames.last().map(|f| f.open) {
                Some(Open::Quote) => self.quote_text(),
                Some(Open::Block) => self.block_text(),
                _ => self.code(),
            }
        }
        if !self.hopeless {
            self.end();
        }
        self
    }

    fn finish(mut self) -> Scan {
        let mut scan = Scan { hopeless: self.hopeless, ..Scan::default() };
        self.diagnostics.sort_by_key(|d| d.primary.span.start);
        scan.diagnostics = self.diagnostics;
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

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32, end as u32)
    }

    // ---- code ---------------------------------------------------------------

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

    /// A string without interpolation, from its first quote.
    fn other_string(&mut self, escapes: bool) {
        let quote = match self.byte(0) {
            b'\'' if self.starts("'''") => "'''",
            b'\'' => "'",
            _ if self.starts("\"\"\"") => "\"\"\"",
            _ => "\"",
        };
        self.until_quote(quote, escapes);
    }

    fn until_quote(&mut self, quote: &'static str, escapes: bool) {
        let start = self.at;
        self.at += quote.len();
        while self.at < self.bytes.len() && !self.starts(quote) {
            let byte = self.byte(0);
            if byte == b'\n' {
                if quote.len() == 1 || self.quotes > 0 {
                    break;
                }
                self.line += 1;
            }
            if byte == b'\\' && escapes && !matches!(self.byte(1), b'\n' | b'\r') {
                self.at += 1;
            }
            self.character(true);
        }
        self.at = self.at.min(self.bytes.len());
        if self.starts(quote) {
            self.at += quote.len();
            return;
        }
        let end = self.text_end(start + quote.len());
        let what = if quote == "`" { "name in backticks" } else { "string" };
        self.not_closed(start, quote.len(), end, quote, what);
        self.close_text(end, quote, escapes);
        self.at = end;
    }

    fn open(&mut self, open: Open, len: usize) {
        if !open.is_string() {
            let depth = self.frames.iter().filter(|f| !f.open.is_string()).count();
            if depth >= MAX_DEPTH {
                return self.too_deep(open, len);
            }
        }
        self.frames.push(Frame { open, at: self.at, line: self.line, indent: self.indent, ends_line: false });
        self.quotes += usize::from(open == Open::Quote);
        self.at += len;
    }

    fn too_deep(&mut self, open: Open, len: usize) {
        let message = format!("brackets are nested more than {MAX_DEPTH} deep");
        let found = Diagnostic::new(&E0005, self.span(self.at, self.at + len), message)
            .label(format!("this `{}` is one too many", open.text()))
            .help("move an inner part into a `let` or a `fn` of its own");
        self.diagnostics.push(found);
        self.hopeless = true;
    }

    fn close(&mut self, byte: u8) {
        let matches = |open: Open| !open.is_string() && open.closer().as_bytes().first() == Some(&byte);
        // Brackets in `${…}` close nothing outside of it.
        let floor = self.frames.iter().rposition(|f| f.open == Open::Interpolation).unwrap_or(0);
        let partner = self.frames.iter().skip(floor).rposition(|f| matches(f.open)).map(|i| i + floor);
        match partner {
            Some(index) => {
                while self.frames.len() > index + 1 {
                    self.pop_unclosed(Some(self.at));
                }
                self.frames.pop();
            }
            None => self.stray(),
        }
        self.at += 1;
    }

    fn stray(&mut self) {
        let closer = char::from(self.byte(0));
        let span = self.span(self.at, self.at + 1);
        let found = Diagnostic::new(&E0102, span, format!("this `{closer}` closes nothing"))
            .label("no bracket is open here that it could close")
            .help(format!("remove this `{closer}`, or open its bracket before it"))
            .fix(format!("remove the `{closer}`"), span, "", false);
        self.diagnostics.push(found);
        self.repairs.push(Repair::Blank(self.at, 1));
        self.bracket_errors += 1;
    }

    /// Takes the innermost bracket off the stack and closes it after the last
    /// code before this place.
    fn pop_unclosed(&mut self, found: Option<usize>) {
        let Some(frame) = self.frames.pop() else { return };
        let (open, closer) = (frame.open.text(), frame.open.closer());
        let place = self.code_end.max(frame.at + open.len());
        let on_own_line = frame.ends_line && place > frame.at + open.len();
        let text = if on_own_line { format!("\n{}{closer}", " ".repeat(frame.indent)) } else { closer.to_owned() };
        let at = self.span(place, place);
        let label = match found.and_then(|at| self.text.get(at..=at)) {
            Some(other) if frame.line == self.line => format!("`{closer}` is expected before this `{other}`"),
            _ => format!("`{closer}` is expected here"),
        };
        let diagnostic =
            Diagnostic::new(&E0102, self.span(frame.at, frame.at + open.len()), format!("`{open}` is not closed"))
                .label("opened here")
                .also(at, label)
                .help(format!("close it with `{closer}`"))
                .fix(format!("insert `{closer}`"), at, text, false);
        self.diagnostics.push(diagnostic);
        self.repairs.push(Repair::Insert(place, closer));
        self.bracket_errors += 1;
    }

    // ---- lines --------------------------------------------------------------

    fn line_break(&mut self) {
        if self.quotes > 0 {
            self.end_quotes();
        }
        let ends = self.frames.last().is_some_and(|f| f.at + f.open.text().len() == self.code_end);
        let line = self.line;
        for frame in self.frames.iter_mut().rev().take_while(|f| ends && f.line == line) {
            frame.ends_line = true;
        }
        self.at += 1;
        self.line += 1;
        self.fresh = true;
    }

    /// At the first token of a line: its indentation, and what it tells.
    fn first_on_line(&mut self, byte: u8) {
        if !self.fresh {
            return;
        }
        self.fresh = false;
        let start = self.text.get(..self.at).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
        self.indent = self.at - start;
        if !self.by_indentation {
            return;
        }
        if matches!(byte, b')' | b']' | b'}') {
            self.indented_closer(byte);
        } else {
            // What is inside a bracket is indented further than its line.
            while self.frames.last().is_some_and(|f| f.is_bracket() && f.indent >= self.indent && f.line < self.line) {
                self.pop_unclosed(None);
            }
        }
    }

    /// A closer that stands further left than the innermost bracket's line
    /// closes one further out, if there is one.
    fn indented_closer(&mut self, byte: u8) {
        let indent = self.indent;
        let fits = |f: &Frame| f.open.closer().as_bytes().first() == Some(&byte) && f.indent <= indent;
        while self.frames.last().is_some_and(|f| f.ends_line && f.indent > indent) && self.frames.iter().any(fits) {
            self.pop_unclosed(None);
        }
        let deeper = self.frames.last().is_some_and(|f| f.ends_line && f.indent < indent);
        let partner = self.frames.iter().any(|f| f.indent == indent);
        if deeper && !partner {
            self.stray();
            // `close` takes this frame off again and leaves the others.
            let open = opener(byte);
            self.frames.push(Frame { open, at: self.at, line: self.line, indent, ends_line: false });
        }
    }

    fn blank(&mut self, len: usize) {
        self.repairs.push(Repair::Blank(self.at, len));
        self.at += len;
    }

    fn line_comment(&mut self) {
        let start = self.at;
        while self.at < self.bytes.len() && self.byte(0) != b'\n' {
            self.character(true);
        }
        self.repairs.push(Repair::Blank(start, self.at - start));
    }

    fn block_comment(&mut self) {
        let start = self.at;
        self.at += 2;
        while self.at < self.bytes.len() && !self.starts("*/") {
            self.line += usize::from(self.byte(0) == b'\n');
            self.character(true);
        }
        if self.at >= self.bytes.len() {
            let found = Diagnostic::new(&E0102, self.span(start, start + 2), "comment is not closed")
                .label("everything after this is read as a comment")
                .help("close it with `*/`");
            self.diagnostics.push(found);
        }
        self.at = (self.at + 2).min(self.bytes.len());
        self.repairs.push(Repair::Blank(start, self.at - start));
    }

    // ---- strings ------------------------------------------------------------

    fn quote_text(&mut self) {
        match self.byte(0) {
            b'"' => self.pop_string(1),
            b'\n' => self.line_break(),
            _ => self.string_character(),
        }
    }

    fn block_text(&mut self) {
        if self.starts("\"\"\"") {
            return self.pop_string(3);
        }
        match self.byte(0) {
            b'\n' if self.quotes > 0 => self.line_break(),
            b'\n' => {
                self.line += 1;
                self.at += 1;
            }
            _ => self.string_character(),
        }
    }

    fn pop_string(&mut self, len: usize) {
        let frame = self.frames.pop();
        self.quotes -= usize::from(frame.is_some_and(|f| f.open == Open::Quote)).min(self.quotes);
        self.at += len;
        self.code_end = self.at;
    }

    fn string_character(&mut self) {
        if self.starts("${") {
            return self.open(Open::Interpolation, 2);
        }
        if self.byte(0) == b'\\' && !matches!(self.byte(1), b'\n' | b'\r') {
            self.at += 1;
        }
        if self.at < self.bytes.len() {
            self.character(true);
        }
    }

    /// At a line break within a string of one line: it ends here.
    fn end_quotes(&mut self) {
        let Some(first) = self.frames.iter().position(|f| f.open == Open::Quote) else { return };
        let inner = self.frames.get(first + 1).copied();
        let Some(frame) = self.frames.get(first).copied() else { return };
        let mut closers: Vec<&'static str> = self.frames.iter().skip(first).map(|f| f.open.closer()).collect();
        closers.reverse();
        self.frames.truncate(first);
        self.quotes = 0;
        let end = if inner.is_none() { self.text_end(frame.at + 1) } else { self.line_end() };
        match inner {
            Some(open) => self.not_closed(open.at, 2, end, "}", "interpolation"),
            None => self.not_closed(frame.at, 1, end, "\"", "string"),
        }
        let mut in_text = inner.is_none() || closers.first().is_some_and(|c| c.starts_with('"'));
        for closer in closers {
            if std::mem::take(&mut in_text) {
                self.close_text(end, closer, true);
            } else {
                self.repairs.push(Repair::Insert(end, closer));
            }
        }
        self.code_end = end;
        self.reopen(end);
    }

    /// Goes back to the closers that an unclosed string had swallowed.
    fn reopen(&mut self, end: usize) {
        while self.at > end && !matches!(self.byte(0), b'\n') {
            self.at -= 1;
        }
        let rest = end..self.at;
        for at in rest {
            if matches!(self.bytes.get(at), Some(b')' | b']' | b'}')) {
                self.frames.pop();
                self.code_end = at + 1;
            }
        }
    }

    fn close_text(&mut self, end: usize, closer: &'static str, escapes: bool) {
        let slashes = self.text.get(..end).map_or(0, |t| t.bytes().rev().take_while(|b| *b == b'\\').count());
        if escapes && slashes % 2 == 1 {
            self.repairs.push(Repair::Insert(end, "\\"));
        }
        self.repairs.push(Repair::Insert(end, closer));
    }

    fn line_end(&self) -> usize {
        let at = self.at.min(self.bytes.len());
        if at > 0 && self.bytes.get(at - 1) == Some(&b'\r') { at - 1 } else { at }
    }

    /// Where an unclosed string likely ends: before the brackets at the end of
    /// the line that close what was opened on this line.
    fn text_end(&self, start: usize) -> usize {
        let end = self.line_end();
        let mut at = end;
        let mut wanted = self.frames.iter().rev().take_while(|f| f.line == self.line && !f.open.is_string()).count();
        let mut best = end;
        while at > start && wanted > 0 {
            match self.bytes.get(at - 1) {
                Some(b' ' | b'\t' | b',') => {}
                Some(b')' | b']' | b'}') => wanted -= 1,
                _ => break,
            }
            at -= 1;
            if matches!(self.bytes.get(at), Some(b')' | b']' | b'}')) {
                best = at;
            }
        }
        if self.closes_in_order(best, end) { self.trim(start, best) } else { end }
    }

    fn trim(&self, start: usize, end: usize) -> usize {
        let text = self.text.get(start..end).unwrap_or("");
        start + text.trim_end_matches([' ', '\t']).len()
    }

    fn closes_in_order(&self, start: usize, end: usize) -> bool {
        let mut frames = self.frames.iter().rev();
        let closers = self.bytes.get(start..end).unwrap_or(&[]).iter().filter(|b| matches!(b, b')' | b']' | b'}'));
        closers.into_iter().all(|b| frames.next().is_some_and(|f| f.open.closer().as_bytes().first() == Some(b)))
    }

    fn not_closed(&mut self, start: usize, len: usize, end: usize, closer: &str, what: &str) {
        let at = self.span(end, end);
                let help = if what == "string" && len == 1 {
            format!("close it with `{closer}`; a text of several lines stands between `\"\"\"`")
        } else if len == 3 || end == self.bytes.len() {
            format!("close it with `{closer}`")
        } else {
            format!("close it with `{closer}` on the same line")
        };
        let found = Diagnostic::new(&E0103, self.span(start, start + len), format!("{what} is not closed"))
            .label("starts here")
            .also(at, format!("`{closer}` is expected at the latest here"))
            .help(help)
            .fix(format!("insert `{closer}`"), at, closer, false);
        self.diagnostics.push(found);
    }

    // ---- characters -----------------------------------------------------------

    /// Steps over one character and refuses it if it has no place in source.
    fn character(&mut self, in_text: bool) {
        let first = self.byte(0);
        if (b' '..0x7F).contains(&first) || matches!(first, b'\t' | b'\n') {
            self.at += 1;
            return;
        }
        let Some(c) = self.text.get(self.at..).and_then(|t| t.chars().next()) else {
            self.at += 1;
            return;
        };
        let start = self.at;
        self.at += c.len_utf8();
        if c == '\0' {
            self.binary(start);
        } else if !(c == '\r' && self.byte(0) == b'\n') && refused(c) {
            self.refuse(c, start, in_text);
        }
    }

    fn refuse(&mut self, c: char, start: usize, in_text: bool) {
        let is_break = matches!(c, '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{B}' | '\u{C}');
        if !in_text {
            let len = c.len_utf8();
            self.repairs.push(if is_break { Repair::Replace(start, len) } else { Repair::Blank(start, len) });
        }
        self.character_errors += 1;
        if self.character_errors > MAX_CHARACTER_ERRORS {
            return;
        }
        let text = match (is_break, in_text) {
            (true, _) => "\n",
            (false, _) if c == '\u{FEFF}' => "",
            _ => " ",
        };
        let span = self.span(start, self.at);
        let message = format!("U+{:04X} ({}) is not allowed in source", u32::from(c), character_name(c));
        let found = Diagnostic::new(&E0004, span, message)
            .help(if is_break {
                "end lines with a line feed, or with carriage return and line feed"
            } else {
                "remove it; in a string, write it as an escape such as `\\u00A0`"
            })
            .fix(if is_break { "replace it with a line feed" } else { "remove it" }, span, text, !in_text);
        self.diagnostics.push(found);
    }

    fn binary(&mut self, at: usize) {
        self.diagnostics.clear();
        let found = Diagnostic::new(&E0004, self.span(at, at + 1), "U+0000 (null) is not allowed in source")
            .note("a file that holds it is most likely not text")
            .help("check that this is a Tessera source file in UTF-8");
        self.diagnostics.push(found);
        self.hopeless = true;
    }

    // ---- the end --------------------------------------------------------------

    fn end(&mut self) {
        if self.quotes > 0 {
            self.end_quotes();
        }
        // Within a text block that does not end, all brackets are doubtful.
        let block = self.frames.iter().position(|f| f.open == Open::Block);
        if let Some(block) = block {
            self.end_block(block);
        }
        let cause = self.diagnostics.len();
        while !self.frames.is_empty() {
            self.pop_unclosed(None);
        }
        if block.is_some() {
            self.diagnostics.truncate(cause);
        }
    }

    /// Closes a text block at the end of the file, and what is open in it.
    fn end_block(&mut self, block: usize) {
        let end = self.bytes.len();
        let (start, inner) = match (self.frames.get(block), self.frames.get(block + 1)) {
            (_, Some(inner)) => (inner.at, true),
            (Some(frame), None) => (frame.at, false),
            _ => return,
        };
        match inner {
            true => self.not_closed(start, 2, end, "}", "interpolation"),
            false => self.not_closed(start, 3, end, "\"\"\"", "text block"),
        }
        let mut in_text = self.frames.last().is_some_and(|f| f.open == Open::Block);
        while self.frames.len() > block {
            let Some(frame) = self.frames.pop() else { break };
            self.close_text(end, frame.open.closer(), std::mem::take(&mut in_text));
        }
        self.code_end = end;
    }
}

const fn opener(closer: u8) -> Open {
    match closer {
        b')' => Open::Paren,
        b']' => Open::Bracket,
        _ => Open::Brace,
    }
}

/// Characters that are no text, that other tools take for line breaks, or that
/// make text look other than it is.
const fn refused(c: char) -> bool {
    matches!(c, '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{2028}' | '\u{2029}'
        | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

const fn character_name(c: char) -> &'static str {
    match c {
        '\r' => "carriage return alone",
        '\u{B}' => "vertical tab",
        '\u{C}' => "form feed",
        '\u{85}' => "next line",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{FEFF}' => "byte order mark, allowed only at the start",
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => "changes the direction of text",
        _ => "a control character",
    }
}
