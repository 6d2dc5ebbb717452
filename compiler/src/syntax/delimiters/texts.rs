//! Strings and comments: where they end, or where they should have.

use super::{Open, Pass, Repair};
use crate::diagnostic::{Diagnostic, E0102, E0103};

impl Pass<'_> {
    /// A string without interpolation, from its first quote.
    pub(super) fn other_string(&mut self, escapes: bool) {
        let quote = match self.byte(0) {
            b'\'' if self.starts("'''") => "'''",
            b'\'' => "'",
            _ if self.starts("\"\"\"") => "\"\"\"",
            _ => "\"",
        };
        self.until_quote(quote, escapes);
    }

    pub(super) fn until_quote(&mut self, quote: &'static str, escapes: bool) {
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
            self.last_string = (quote == "\"").then_some((start, self.at));
            self.at += quote.len();
            return;
        }
        if quote == "\"" && self.interpolation_ends_at(start) {
            return;
        }
        let end = self.text_end(start + quote.len());
        let what = if quote == "`" { "name in backticks" } else { "string" };
        self.not_closed(start, quote.len(), end, quote, what);
        self.close_text(end, quote, escapes);
        self.at = end;
    }

    /// A run of blanks, of which the grammar sees one.
    pub(super) fn blanks(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let len = rest.iter().take_while(|b| **b == b' ').count();
        if len > 1 {
            self.repairs.push(Repair::Blanks(self.at, len));
        }
        self.at += len;
    }

    pub(super) fn blank(&mut self, len: usize) {
        self.repairs.push(Repair::Blank(self.at, len));
        self.at += len;
    }

    pub(super) fn line_comment(&mut self) {
        let start = self.at;
        while self.at < self.bytes.len() && self.byte(0) != b'\n' {
            self.skip_plain(|b| b != b'\n');
            if self.at < self.bytes.len() && self.byte(0) != b'\n' {
                self.character(true);
            }
        }
        self.repairs.push(Repair::Blank(start, self.at - start));
    }

    pub(super) fn block_comment(&mut self) {
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
            self.report(found);
        }
        self.at = (self.at + 2).min(self.bytes.len());
        self.repairs.push(Repair::Blank(start, self.at - start));
    }

    pub(super) fn quote_text(&mut self) {
        self.skip_plain(|b| !matches!(b, b'"' | b'\\' | b'$'));
        match self.byte(0) {
            b'"' => self.pop_string(1),
            b'\n' => self.line_break(),
            _ => self.string_character(),
        }
    }

    pub(super) fn block_text(&mut self) {
        self.skip_plain(|b| !matches!(b, b'"' | b'\\' | b'$'));
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
        self.last_string = frame.filter(|f| f.open == Open::Quote).map(|f| (f.at, self.at));
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

    /// At a line break within a string of one line: it ends here or before, and
    /// the scan goes on from its end.
    pub(super) fn end_quotes(&mut self) {
        let Some(first) = self.frames.iter().position(|f| f.open == Open::Quote) else { return };
        if self.close_interpolation_before_quote(first) {
            return;
        }
        let inner = self.frames.get(first + 1).copied();
        let Some(frame) = self.frames.get(first).copied() else { return };
        let mut closers: Vec<&'static str> = self.frames.iter().skip(first).map(|f| f.open.closer()).collect();
        closers.reverse();
        self.frames.truncate(first);
        self.quotes = 0;
        let end = if inner.is_none() { self.text_end(frame.text_from) } else { self.line_end() };
        match inner {
            Some(open) => self.interpolation_not_closed(open.at, end),
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
        self.at = end;
    }

    /// In `"a${b"` the second quote is meant to end the text, not to begin one
    /// in the interpolation: goes back to it. Once a line, so that no line is
    /// read more than twice.
    fn close_interpolation_before_quote(&mut self, first: usize) -> bool {
        let (Some(open), Some(quote)) = (self.frames.get(first + 1).copied(), self.inner_quote(first)) else {
            return false;
        };
        if std::mem::replace(&mut self.went_back, self.line) == self.line {
            return false;
        }
        self.repairs.retain(|r| r.at() < quote);
        self.diagnostics.retain(|d| (d.primary.span.start as usize) < quote);
        self.at = quote;
        self.end_interpolation(first, open.at);
        true
    }

    /// In `"${b"` the `b` is a name, not the prefix of a string without an end.
    fn interpolation_ends_at(&mut self, quote: usize) -> bool {
        let Some(open) = self.frames.iter().rposition(|f| f.open == Open::Interpolation) else { return false };
        let (Some(at), Some(first)) = (self.frames.get(open).map(|f| f.at), open.checked_sub(1)) else { return false };
        let in_quote = self.frames.get(first).is_some_and(|f| f.open == Open::Quote);
        if in_quote {
            self.at = quote;
            self.end_interpolation(first, at);
        }
        in_quote
    }

    /// The first quote that is open within the first interpolation.
    fn inner_quote(&self, first: usize) -> Option<usize> {
        self.frames.iter().skip(first + 2).find(|f| f.open == Open::Quote).map(|f| f.at)
    }

    /// Closes the interpolation of the string `first` here, before the text
    /// goes on, and what is open in it.
    fn end_interpolation(&mut self, first: usize, open: usize) {
        let mut closers: Vec<&'static str> = self.frames.iter().skip(first + 1).map(|f| f.open.closer()).collect();
        let kept = self.frames.iter().skip(first + 2).position(|f| f.open.is_string()).map_or(closers.len(), |i| i + 1);
        closers.truncate(kept);
        self.frames.truncate(first + 1);
        self.quotes = self.frames.iter().filter(|f| f.open == Open::Quote).count();
        let at = self.at;
        self.interpolation_not_closed(open, at);
        self.repairs.extend(closers.into_iter().rev().map(|closer| Repair::Insert(at, closer)));
        self.bracket_errors += 1;
        if let Some(frame) = self.frames.last_mut() {
            frame.text_from = at;
        }
    }

    /// Whether the interpolation is not closed and the text goes on here: a
    /// quote or `${` after a name, a number or a bracket cannot be code.
    pub(super) fn text_goes_on(&mut self) -> bool {
        let quote = self.byte(0) == b'"' && !self.starts("\"\"\"");
        if !(quote || self.starts("${")) {
            return false;
        }
        let Some(open) = self.frames.iter().rposition(|f| f.open == Open::Interpolation) else { return false };
        let here = self.frames.get(open).filter(|f| f.line == self.line).map(|f| f.at);
        let (Some(at), Some(first)) = (here, open.checked_sub(1)) else { return false };
        if quote && !self.after_operand(at + 2) {
            return false;
        }
        self.end_interpolation(first, at);
        true
    }

    fn after_operand(&self, from: usize) -> bool {
        let before = self.text.get(from..self.at).unwrap_or("").trim_end();
        let part = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        match before.bytes().next_back() {
            Some(b')' | b']' | b'}' | b'"' | b'\'' | b'.') => true,
            Some(last) if part(last) => {
                let start = before.bytes().rposition(|b| !part(b)).map_or(0, |i| i + 1);
                let word = before.get(start..).unwrap_or("");
                !matches!(word, "in" | "and" | "or" | "then" | "else" | "if" | "match" | "raw")
            }
            _ => false,
        }
    }

    pub(super) fn interpolation_not_closed(&mut self, open: usize, end: usize) {
        let at = self.span(end, end);
        let found = Diagnostic::new(&E0103, self.span(open, open + 2), "`${` is not closed")
            .label("starts here")
            .also(at, "`}` is expected at the latest here")
            .help("close it with `}` on the same line")
            .fix("insert `}`", at, "}", false);
        self.report(found);
    }

    pub(super) fn close_text(&mut self, end: usize, closer: &'static str, escapes: bool) {
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
    /// the line that close what was opened on it, and those that it opens. When
    /// brackets are all that follows, its quote was meant to end a string.
    fn text_end(&self, start: usize) -> usize {
        let end = self.line_end();
        let text = self.text.get(start..end).unwrap_or("");
        let is_text = |c: char| c.is_alphanumeric() || !c.is_ascii() || matches!(c, '_' | '$');
        if !text.is_empty() && !text.contains(is_text) {
            return start;
        }
        if let Some(arrow) = text.find(" => ") {
            return start + arrow;
        }
        let opened = text.trim_end_matches(['(', '[', '{', ' ', '\t', ':']);
        let tail = opened.trim_end_matches([')', ']', '}', ' ', '\t', ',']);
        let closers = opened.get(tail.len()..).unwrap_or("");
        let opens = opened.len() < text.trim_end().len() && text.trim_end().ends_with(['(', '[', '{']);
        let kept = self.closing(closers);
        let cut = if kept.is_empty() && opens { opened } else { opened.get(..opened.len() - kept.len()).unwrap_or("") };
        if kept.is_empty() && !opens {
            return end;
        }
        start + cut.trim_end_matches([' ', '\t', ',']).len()
    }

    /// The end of a run of closers that closes, in order, what is open on this line.
    fn closing<'c>(&self, closers: &'c str) -> &'c str {
        let open: Vec<&str> = self
            .frames
            .iter()
            .rev()
            .take_while(|f| f.line == self.line && !f.open.is_string())
            .map(|f| f.open.closer())
            .collect();
        for (at, _) in closers.char_indices() {
            let run = closers.get(at..).unwrap_or("");
            let mut wanted = open.iter();
            let mut brackets = run.bytes().filter(|b| matches!(b, b')' | b']' | b'}'));
            let starts = run.starts_with([')', ']', '}']);
            if starts && brackets.all(|b| wanted.next().is_some_and(|c| c.as_bytes() == [b])) {
                return run;
            }
        }
        ""
    }

    /// The string before a quote that follows a word at once: no string begins
    /// so, and the one before it has taken the quote that begins the text.
    fn string_before(&self, quote: usize) -> Option<(usize, usize)> {
        let (first, second) = self.last_string?;
        let between = self.text.get(second + 1..quote)?;
        let after_word = between.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '!' | '/'));
        (after_word && !between.contains('\n')).then_some((first, second))
    }

    pub(super) fn not_closed(&mut self, start: usize, len: usize, end: usize, closer: &str, what: &str) {
        if let Some((first, second)) = self.string_before(start).filter(|_| closer == "\"") {
            let found = Diagnostic::new(&E0103, self.span(first, first + 1), "string is not closed")
                .label("starts here")
                .also(self.span(second, second + 1), "goes on to this quote, which was meant to begin another")
                .help("close it with `\"` before what follows it");
            return self.report(found);
        }
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
        self.report(found);
    }
}
