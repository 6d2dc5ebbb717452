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
            self.at += quote.len();
            return;
        }
        let end = self.text_end(start + quote.len());
        let what = if quote == "`" { "name in backticks" } else { "string" };
        self.not_closed(start, quote.len(), end, quote, what);
        self.close_text(end, quote, escapes);
        self.at = end;
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
    pub(super) fn end_quotes(&mut self) {
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

    pub(super) fn not_closed(&mut self, start: usize, len: usize, end: usize, closer: &str, what: &str) {
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
