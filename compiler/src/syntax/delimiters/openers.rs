//! A closer without a partner: whether it is one too many, or where its opener
//! is missing. The layout tells: a bracket that ends its line is closed by the
//! first closer on a line that is indented as far.

use super::{Frame, Open, Pass, Repair};
use crate::diagnostic::{Diagnostic, E0102};

/// So far a line is read ahead to tell what a closer that fits nothing is.
const MAX_AHEAD: usize = 400;

/// A line that was passed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) indent: usize,
    pub(super) start: usize,
    pub(super) code_end: usize,
}

impl Pass<'_> {
    /// Whether a closer is to be passed over: closing with it what is open
    /// further out would leave more unexplained than taking it as a mistake.
    pub(super) fn is_intruder(&self, partner: Option<usize>) -> bool {
        let Some(partner) = partner else { return true };
        let Some(frame) = self.frames.get(partner) else { return true };
        // The closer of a bracket that ends its line is the first on its own line.
        if self.by_indentation && frame.line < self.line && frame.ends_line && !self.first_closer {
            return !(self.only_closers && self.closed.is_some_and(|c| c.line == frame.line));
        }
        if partner + 1 == self.frames.len() {
            return false;
        }
        self.unexplained(Some(partner)) > self.unexplained(None)
    }

    /// How many brackets of this line stay without a partner when the closer
    /// here closes the frame, or nothing.
    fn unexplained(&self, closes: Option<usize>) -> usize {
        let first = self.frames.iter().position(|f| f.line == self.line && f.is_bracket()).unwrap_or(self.frames.len());
        let mut open: Vec<Open> = self.frames.iter().skip(first).map(|f| f.open).collect();
        let mut count = 1;
        if let Some(partner) = closes {
            count = self.frames.len() - partner - 1;
            open.truncate(partner.saturating_sub(first));
        }
        let (rest, whole) = self.rest_of_line();
        let mut quoted = false;
        for byte in rest.bytes() {
            match byte {
                b'"' => quoted = !quoted,
                _ if quoted => {}
                b'(' => open.push(Open::Paren),
                b'[' => open.push(Open::Bracket),
                b'{' => open.push(Open::Brace),
                b')' | b']' | b'}' => match open.last() {
                    Some(last) if last.closer().as_bytes() == [byte] => drop(open.pop()),
                    _ => count += 1,
                },
                _ => {}
            }
        }
        let at_end = rest.trim_end().bytes().rev().take_while(|b| matches!(b, b'(' | b'[' | b'{')).count();
        count + if whole { open.len().saturating_sub(at_end) } else { 0 }
    }

    fn rest_of_line(&self) -> (&str, bool) {
        let rest = self.text.get(self.at + 1..).unwrap_or("");
        let end = rest.bytes().position(|b| b == b'\n').unwrap_or(rest.len());
        let mut cut = end.min(MAX_AHEAD);
        while !rest.is_char_boundary(cut) {
            cut -= 1;
        }
        (rest.get(..cut).unwrap_or(""), cut == end)
    }

    /// Reports a closer that closes nothing, where its opener is missing if
    /// the layout shows that place.
    pub(super) fn stray(&mut self) {
        let closer = self.byte(0);
        match self.missing_opener(closer).filter(|place| !self.is_paired(*place)) {
            Some(place) => self.not_opened(closer, place),
            None => self.extra(closer),
        }
        self.bracket_errors += 1;
    }

    fn missing_opener(&self, closer: u8) -> Option<usize> {
        if !self.by_indentation || !self.only_closers {
            return None;
        }
        if self.first_closer {
            return self.opener_by_indentation();
        }
        // After another closer: its opener stood beside that one's.
        let closed = self.closed.filter(|c| c.line < self.line && c.open.closer().as_bytes() != [closer])?;
        Some(closed.at)
    }

    /// The end of the line before the deeper lines above this closer, or where
    /// an opener stood on a line of its own.
    fn opener_by_indentation(&self) -> Option<usize> {
        let mut deeper: Option<Line> = None;
        for line in self.lines.iter().rev().filter(|l| l.number < self.line) {
            if line.indent > self.indent {
                deeper = Some(*line);
                continue;
            }
            let next = deeper?;
            let inside = self.frames.last().is_none_or(|f| f.line <= line.number);
            if let Some(blank) = self.blank_line(line.code_end, self.at) {
                return inside.then_some(blank);
            }
            let place = if line.indent == self.indent { line.code_end } else { next.start };
            return inside.then_some(place);
        }
        None
    }

    /// The end of the first line of nothing but as many blanks as the line of
    /// this closer begins with.
    fn blank_line(&self, from: usize, to: usize) -> Option<usize> {
        let mut at = from;
        for line in self.text.get(from..to)?.split_inclusive('\n') {
            let text = line.trim_end_matches(['\n', '\r']);
            if at > from
                && self.indent > 0
                && text.len() == self.indent
                && text.trim().is_empty()
                && line.ends_with('\n')
            {
                return Some(at + text.len());
            }
            at += line.len();
        }
        None
    }

    fn not_opened(&mut self, closer: u8, place: usize) {
        let (opener, closer) = (opener(closer), char::from(closer));
        let at = self.span(place, place);
        let opening = opener.text();
        let after_blank =
            self.bytes.get(place.wrapping_sub(1)).is_none_or(|b| matches!(b, b' ' | b'\n' | b'(' | b'[' | b'{'));
        let before_blank = self.bytes.get(place).is_none_or(|b| matches!(b, b' ' | b'\n' | b'\r' | b'(' | b'[' | b'{'));
        let text = format!("{}{opening}{}", if after_blank { "" } else { " " }, if before_blank { "" } else { " " });
        let found = Diagnostic::new(&E0102, at, format!("`{opening}` is missing"))
            .label(format!("`{opening}` is expected here"))
            .also(self.span(self.at, self.at + 1), format!("this `{closer}` has nothing else to close"))
            .help(format!("open the bracket that the `{closer}` closes"))
            .fix(format!("insert `{opening}`"), at, text, false);
        self.report(found);
        self.repairs.push(Repair::Insert(place, opening));
        self.pair(place, self.at);
    }

    /// Whether the place stands in a pair that is closed already.
    fn is_paired(&self, place: usize) -> bool {
        let after = self.pairs.partition_point(|(_, closer)| *closer < place);
        self.pairs.get(after).is_some_and(|(opener, _)| *opener < place)
    }

    fn extra(&mut self, closer: u8) {
        let closer = char::from(closer);
        let span = self.span(self.at, self.at + 1);
        let found = Diagnostic::new(&E0102, span, format!("this `{closer}` closes nothing"))
            .label("no bracket is open here that it could close")
            .help(format!("remove this `{closer}`, or open its bracket before it"))
            .fix(format!("remove the `{closer}`"), span, "", false);
        self.report(found);
        self.repairs.push(Repair::Blank(self.at, 1));
    }

    /// Whether the closer here, the first on its line, has no bracket to close
    /// that is indented as far, although the bracket around is closed later.
    pub(super) fn lacks_opener(&self, byte: u8) -> bool {
        let indent = self.indent;
        match self.frames.last() {
            // `[` and `{` ended a line together, and the `{` is lost.
            Some(last) if last.ends_line && last.indent == indent && last.is_bracket() => {
                let next = self.text.get(self.at + 1..).and_then(|t| t.bytes().next());
                let fits = |b: u8| last.open.closer().as_bytes() == [b];
                !fits(byte) && next.is_some_and(fits)
            }
            Some(last) => last.ends_line && last.indent < indent && !self.frames.iter().any(|f| f.indent == indent),
            None => true,
        }
    }

    /// Whether the closer here, the first on its line, stands where the
    /// innermost bracket is closed, but is that of another kind.
    pub(super) fn is_mismatched(&self, byte: u8) -> bool {
        let Some(last) = self.frames.last().filter(|f| f.is_bracket() && f.ends_line) else { return false };
        last.indent == self.indent
            && last.line < self.line
            && last.open.closer().as_bytes() != [byte]
            && !self.lacks_opener(byte)
            && !self.frames.iter().rev().skip(1).any(|f| f.indent == self.indent)
    }

    /// Takes the closer for the innermost bracket's. What is inside tells which
    /// of the two is wrong: entries stand in braces.
    pub(super) fn mismatched(&mut self, byte: u8) {
        let Some(frame) = self.frames.last().copied() else { return };
        let (opened, closed) = (self.span(frame.at, frame.at + 1), self.span(self.at, self.at + 1));
        let (wrong, closer) = (frame.open.text(), char::from(byte));
        let mut lines = self.text.get(frame.at + 1..self.at).unwrap_or("").lines().map(str::trim_start);
        let inside = lines.find(|line| !line.is_empty() && !line.starts_with("//")).unwrap_or("");
        let key = inside.find(|c: char| !(c.is_ascii_alphanumeric() || "\"_-./".contains(c)));
        let holds_entries = key.is_some_and(|end| end > 0 && inside.get(end..).is_some_and(|t| t.starts_with(':')));
        let message = format!("`{wrong}` is closed by `{closer}`");
        let right = opener(byte);
        let found =
            if holds_entries && byte == b'}' {
                self.repairs.push(Repair::Swap(frame.at, right.text()));
                Diagnostic::new(&E0102, opened, message)
                    .label("entries stand in braces")
                    .also(closed, "closed here")
                    .fix(format!("write `{}`", right.text()), opened, right.text(), false)
            } else {
                self.repairs.push(Repair::Swap(self.at, frame.open.closer()));
                Diagnostic::new(&E0102, closed, message)
                    .label(format!("`{}` is expected", frame.open.closer()))
                    .also(opened, "opened here")
                    .fix(format!("write `{}`", frame.open.closer()), closed, frame.open.closer(), false)
            };
        self.report(found);
        self.bracket_errors += 1;
        // The closer takes this frame off.
        if let Some(last) = self.frames.last_mut() {
            last.open = right;
        }
    }

    /// Passes over the closer, as [`Pass::lacks_opener`] says.
    pub(super) fn without_opener(&mut self, byte: u8) {
        let beside = self.frames.last().filter(|f| f.indent == self.indent).copied();
        match beside {
            Some(frame) => {
                self.not_opened(byte, frame.at + frame.open.text().len());
                self.bracket_errors += 1;
            }
            None => self.stray(),
        }
        // `close` takes this frame off again and leaves the others.
        let line = beside.map_or(self.line, |f| f.line);
        self.frames.push(Frame {
            open: opener(byte),
            at: self.at,
            line,
            indent: self.indent,
            ends_line: false,
            text_from: self.at,
        });
    }
}

const fn opener(closer: u8) -> Open {
    match closer {
        b')' => Open::Paren,
        b']' => Open::Bracket,
        _ => Open::Brace,
    }
}
