//! Brackets: depth, partners, and where one that is missing belongs.

use super::openers::Line;
use super::{Frame, MAX_DEPTH, Open, Pass, Repair};
use crate::diagnostic::{Diagnostic, E0005, E0102, Label};
use crate::source::Span;

impl Pass<'_> {
    pub(super) fn open(&mut self, open: Open, len: usize) {
        if !open.is_string() {
            let depth = self.frames.iter().filter(|f| !f.open.is_string()).count();
            if depth >= MAX_DEPTH {
                return self.too_deep(open, len);
            }
        }
        self.frames.push(Frame {
            open,
            at: self.at,
            line: self.line,
            indent: self.indent,
            ends_line: false,
            text_from: self.at + len,
        });
        self.quotes += usize::from(open == Open::Quote);
        self.at += len;
    }

    fn too_deep(&mut self, open: Open, len: usize) {
        let message = format!("brackets are nested more than {MAX_DEPTH} deep");
        let found = Diagnostic::new(&E0005, self.span(self.at, self.at + len), message)
            .label(format!("this `{}` is one too many", open.text()))
            .help("move an inner part into a `let` or a `fn` of its own");
        self.report(found);
        self.hopeless = true;
    }

    pub(super) fn close(&mut self, byte: u8) {
        let matches = |open: Open| !open.is_string() && open.closer().as_bytes().first() == Some(&byte);
        // Brackets in `${…}` close nothing outside of it.
        let floor = self.frames.iter().rposition(|f| f.open == Open::Interpolation).unwrap_or(0);
        let partner = self.frames.iter().skip(floor).rposition(|f| matches(f.open)).map(|i| i + floor);
        match partner {
            Some(index) if !self.is_intruder(partner) => {
                while self.frames.len() > index + 1 {
                    self.pop_unclosed(Some(self.at));
                }
                self.closed = self.frames.pop();
                self.pair(self.closed.map_or(self.at, |f| f.at), self.at);
                // The text around an interpolation goes on after it.
                let after = self.at + 1;
                if let Some(text) = self.frames.last_mut().filter(|f| f.open.is_string()) {
                    text.text_from = after;
                }
            }
            _ => self.stray(),
        }
        self.at += 1;
        self.first_closer = false;
    }

    /// Takes the innermost bracket off the stack and closes it after the last
    /// code before this place.
    fn pop_unclosed(&mut self, found: Option<usize>) {
        let Some(frame) = self.frames.pop() else { return };
        let (open, closer) = (frame.open.text(), frame.open.closer());
        let place = self.code_end.max(frame.at + open.len());
        let on_own_line = frame.ends_line && place > frame.at + open.len();
        let text = if on_own_line { format!("\n{}{closer}", " ".repeat(frame.indent)) } else { closer.to_owned() };
        self.repairs.push(Repair::Insert(place, closer));
        self.pair(frame.at, place);
        self.bracket_errors += 1;
        let at = self.span(place, place);
        let opened = self.span(frame.at, frame.at + open.len());
        if self.add_unclosed(opened, at, &text) {
            return;
        }
        let label = match found.and_then(|at| self.text.get(at..=at)) {
            Some(other) if frame.line == self.line => format!("`{closer}` is expected before this `{other}`"),
            _ => format!("`{closer}` is expected here"),
        };
        let diagnostic = Diagnostic::new(&E0102, opened, format!("`{open}` is not closed"))
            .label("opened here")
            .also(at, label)
            .help(format!("close it with `{closer}`"))
            .fix(format!("insert `{closer}`"), at, text, false);
        self.report(diagnostic);
    }

    /// Keeps a pair, which takes in those that stand inside.
    pub(super) fn pair(&mut self, opener: usize, closer: usize) {
        if !self.by_indentation {
            return;
        }
        while self.pairs.last().is_some_and(|(inner, _)| *inner >= opener) {
            self.pairs.pop();
        }
        self.pairs.push((opener, closer));
    }

    /// Several brackets that are closed too late at one place are one error.
    fn add_unclosed(&mut self, opened: Span, at: Span, text: &str) -> bool {
        let here = |d: &&mut Diagnostic| d.code == &E0102 && d.secondary.first().is_some_and(|l| l.span == at);
        let Some(last) = self.diagnostics.last_mut().filter(here) else { return false };
        let Some(edit) = last.fixes.first_mut().and_then(|f| f.edits.first_mut()) else { return false };
        edit.text.push_str(text);
        let count = last.secondary.len() + 1;
        last.message = format!("{count} brackets are not closed");
        last.help = Some("close each of them".to_owned());
        last.fixes.iter_mut().for_each(|f| f.title = "insert what closes them".to_owned());
        last.secondary.push(Label { span: opened, message: "opened here".to_owned() });
        true
    }

    pub(super) fn line_break(&mut self) {
        if self.quotes > 0 {
            return self.end_quotes();
        }
        let ends = self.frames.last().is_some_and(|f| f.at + f.open.text().len() == self.code_end);
        let line = self.line;
        for frame in self.frames.iter_mut().rev().take_while(|f| ends && f.line == line) {
            frame.ends_line = true;
        }
        self.end_line();
        self.at += 1;
        self.line += 1;
        self.fresh = true;
    }

    fn end_line(&mut self) {
        let (number, code_end) = (self.line, self.code_end);
        if let Some(line) = self.lines.last_mut().filter(|l| l.number == number) {
            line.code_end = code_end;
        }
    }

    /// At the first token of a line: its indentation, and what it tells.
    pub(super) fn first_on_line(&mut self, byte: u8) {
        if !self.fresh {
            return;
        }
        self.fresh = false;
        (self.only_closers, self.first_closer) = (true, true);
        let start = self.text.get(..self.at).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
        self.indent = self.at - start;
        if !self.by_indentation {
            return;
        }
        self.lines.push(Line { number: self.line, indent: self.indent, start: self.at, code_end: self.at });
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
        while self.frames.last().is_some_and(|f| f.is_bracket() && f.indent > indent) && self.frames.iter().any(fits) {
            self.pop_unclosed(None);
        }
        if self.is_mismatched(byte) {
            self.mismatched(byte);
        } else if self.lacks_opener(byte) {
            self.without_opener(byte);
        }
    }

    pub(super) fn end(&mut self) {
        while self.quotes > 0 {
            self.end_quotes();
            self.scan();
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
            true => self.interpolation_not_closed(start, end),
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
