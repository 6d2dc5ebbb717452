//! Characters that have no place in source.

use super::{Pass, Repair};
use crate::diagnostic::{Diagnostic, E0004};

/// Characters that are refused are reported one by one up to this number.
const MAX_CHARACTER_ERRORS: usize = 20;

impl Pass<'_> {
    /// Steps over printable ASCII, as far as the caller has no interest in it.
    pub(super) fn skip_plain(&mut self, plain: impl Fn(u8) -> bool) {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        self.at += rest.iter().take_while(|b| (b' '..0x7F).contains(*b) && plain(**b)).count();
    }

    /// Steps over one character and refuses it if it has no place in source.
    pub(super) fn character(&mut self, in_text: bool) {
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
        if in_text && self.alone {
            return;
        }
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
        self.report(found);
    }

    fn binary(&mut self, at: usize) {
        self.diagnostics.clear();
        let found = Diagnostic::new(&E0004, self.span(at, at + 1), "U+0000 (null) is not allowed in source")
            .note("a file that holds it is most likely not text")
            .help("check that this is a Tessera source file in UTF-8");
        self.report(found);
        self.hopeless = true;
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
