//! What the text of a string means: escapes, text blocks, CEL's forms.

use std::ops::Range;

/// A bad escape: its bytes in the text that was given, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EscapeError {
    pub(super) range: Range<usize>,
    pub(super) message: String,
}

/// A string literal without interpolation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Literal {
    Text(String),
    Bytes(Vec<u8>),
}

/// Resolves the escapes of a string's text.
pub(super) fn unescape(text: &str, errors: &mut Vec<EscapeError>) -> String {
    let mut out = String::with_capacity(text.len());
    resolve(text, false, errors, &mut |c| out.push(c), &mut |_| {});
    out
}

/// The meaning of a whole raw, bytes or single-quoted literal.
pub(super) fn literal(token: &str, errors: &mut Vec<EscapeError>) -> Literal {
    let (prefix, body, offset) = split(token);
    let raw = prefix.contains(['r', 'R']);
    let bytes = prefix.contains(['b', 'B']);
    if raw {
        let text = body.to_owned();
        return if bytes { Literal::Bytes(text.into_bytes()) } else { Literal::Text(text) };
    }
    let before = errors.len();
    let literal = if bytes {
        let mut out = Vec::new();
        unescape_bytes(body, errors, &mut out);
        Literal::Bytes(out)
    } else {
        Literal::Text(unescape(body, errors))
    };
    for error in errors.iter_mut().skip(before) {
        error.range = error.range.start + offset..error.range.end + offset;
    }
    literal
}

/// Prefix, text between the quotes, and where that text starts.
pub(super) fn split(token: &str) -> (&str, &str, usize) {
    let start = token.find(['"', '\'']).unwrap_or(0);
    let (prefix, quoted) = token.split_at(start);
    let len = if quoted.len() >= 6 && (quoted.starts_with("\"\"\"") || quoted.starts_with("'''")) { 3 } else { 1 };
    let body = quoted.get(len..).unwrap_or("");
    // The closing quotes are missing where the error is reported already.
    let quote = quoted.get(..len).unwrap_or("");
    (prefix, body.strip_suffix(quote).unwrap_or(body), start + len)
}

fn unescape_bytes(text: &str, errors: &mut Vec<EscapeError>, out: &mut Vec<u8>) {
    let cell = std::cell::RefCell::new(out);
    let mut push = |c: char| cell.borrow_mut().extend(c.encode_utf8(&mut [0; 4]).as_bytes());
    resolve(text, true, errors, &mut push, &mut |byte| cell.borrow_mut().push(byte));
}

/// Walks a text; `\x41` and `\101` are octets in bytes and code points in text.
fn resolve(
    text: &str,
    bytes: bool,
    errors: &mut Vec<EscapeError>,
    push: &mut dyn FnMut(char),
    octet: &mut dyn FnMut(u8),
) {
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|r| !r.is_empty()) {
        let plain = rest.find(['\\', '\r']).unwrap_or(rest.len());
        rest.get(..plain).unwrap_or("").chars().for_each(&mut *push);
        at += plain;
        let Some(rest) = text.get(at..).filter(|r| !r.is_empty()) else { break };
        if rest.starts_with('\r') {
            at += 1;
            if !rest.starts_with("\r\n") {
                push('\r');
            }
            continue;
        }
        // Only a string that is not closed ends so; that is reported already.
        if rest.len() == 1 {
            break;
        }
        let (escape, len) = escape(rest);
        match escape {
            Ok(code) if bytes && code.octet => octet(code.value as u8),
            Ok(code) => match char::from_u32(code.value) {
                Some(c) => push(c),
                None => errors.push(EscapeError {
                    range: at..at + len,
                    message: format!("`{}` is not a character", rest.get(..len).unwrap_or("")),
                }),
            },
            Err(message) => errors.push(EscapeError { range: at..at + len, message }),
        }
        at += len;
    }
}

struct Code {
    value: u32,
    octet: bool,
}

/// The escape at the start of the text, and its length.
fn escape(text: &str) -> (Result<Code, String>, usize) {
    let letter = text.chars().nth(1).unwrap_or('\\');
    let simple = |value: char| (Ok(Code { value: value.into(), octet: false }), 2);
    match letter {
        'a' => simple('\u{7}'),
        'b' => simple('\u{8}'),
        'f' => simple('\u{C}'),
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        'v' => simple('\u{B}'),
        '\\' | '?' | '"' | '\'' | '`' | '$' => simple(letter),
        'x' | 'X' => digits(text, 2, 2, 16, true),
        'u' => digits(text, 2, 4, 16, false),
        'U' => digits(text, 2, 8, 16, false),
        '0'..='3' => digits(text, 1, 3, 8, true),
        _ => {
            let message = format!("`\\{letter}` is not an escape");
            (Err(message), 1 + letter.len_utf8())
        }
    }
}

fn digits(text: &str, from: usize, count: usize, radix: u32, octet: bool) -> (Result<Code, String>, usize) {
    let body = text.get(from..).unwrap_or("");
    let len = body.chars().take(count).take_while(|c| c.is_digit(radix)).count();
    let written = text.get(..from + len).unwrap_or("");
    if len < count {
        let kind = if radix == 16 { "hexadecimal" } else { "octal" };
        return (Err(format!("`{written}` needs {count} {kind} digits")), from + len);
    }
    let value = u32::from_str_radix(body.get(..count).unwrap_or(""), radix).unwrap_or(u32::MAX);
    (Ok(Code { value, octet }), from + count)
}

/// How a text block's lines are cut: `None` where text follows the opening
/// quotes, which is CEL's form and taken as it is.
pub(super) fn block_indentation(body: &str, interpolations: &[Range<usize>]) -> Option<usize> {
    let (first, _) = body.split_once('\n')?;
    if !first.trim().is_empty() {
        return None;
    }
    let mut least = usize::MAX;
    let mut start = first.len() + 1;
    while let Some(rest) = body.get(start..) {
        let end = rest.find('\n').map_or(body.len(), |i| start + i);
        let inside = interpolations.iter().any(|r| r.start < start && start < r.end);
        let line = body.get(start..end).unwrap_or("").trim_end_matches('\r');
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        // A blank line counts only as the one that holds the closing quotes.
        if !inside && (blanks < line.len() || end == body.len()) {
            least = least.min(blanks);
        }
        start = end + 1;
    }
    Some(if least == usize::MAX { 0 } else { least })
}

/// A piece of a text block without its indentation; `first` for the piece that
/// follows the opening quotes, `last` for the one before the closing ones.
pub(super) fn dedent(text: &str, indentation: usize, first: bool, last: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let text = if first { text.split_once('\n').map_or("", |(_, rest)| rest) } else { text };
    let mut lines = text.split('\n').enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let is_start = index > 0 || first;
        let is_end = lines.peek().is_none();
        let blank = line.trim().is_empty();
        let line = if is_start { cut(line, indentation, blank && (!is_end || last)) } else { line };
        out.push_str(line);
        if !is_end {
            out.push('\n');
        }
    }
    out
}

fn cut(line: &str, indentation: usize, blank: bool) -> &str {
    if blank {
        return if line.ends_with('\r') { "\r" } else { "" };
    }
    let blanks = line.bytes().take(indentation).take_while(|b| matches!(b, b' ' | b'\t')).count();
    line.get(blanks..).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(text: &str) -> String {
        let mut errors = Vec::new();
        let out = unescape(text, &mut errors);
        assert_eq!(errors, [], "{text}");
        out
    }

    #[test]
    fn escapes() {
        assert_eq!(ok(r#"a\n\t\"\\\$\x41\u00e9\U0001F600\101"#), "a\n\t\"\\$Aé😀A");
        let mut errors = Vec::new();
        assert_eq!(unescape(r"a\qb\u12", &mut errors), "ab");
        let ranges: Vec<_> = errors.iter().map(|e| e.range.clone()).collect();
        assert_eq!(ranges, [1..3, 4..8]);
        errors.clear();
        assert_eq!(unescape(r"\ud800", &mut errors), "");
        assert_eq!(errors.len(), 1);
    }

    #[test]
    fn literals_of_cel() {
        let mut errors = Vec::new();
        let mut text = |token: &str| literal(token, &mut errors);
        assert_eq!(text(r"'a\'b'"), Literal::Text("a'b".into()));
        assert_eq!(text(r"r'a\n'"), Literal::Text("a\\n".into()));
        assert_eq!(text("'''a'b'''"), Literal::Text("a'b".into()));
        assert_eq!(text(r"b'\xff\303é'"), Literal::Bytes(vec![0xff, 0xc3, 0xc3, 0xa9]));
        assert_eq!(text(r#"bR"\x""#), Literal::Bytes(b"\\x".to_vec()));
        assert_eq!(text("''"), Literal::Text(String::new()));
    }

    #[test]
    fn blocks_lose_their_indentation() {
        let block = |body: &str| match block_indentation(body, &[]) {
            Some(n) => dedent(body, n, true, true),
            None => body.to_owned(),
        };
        assert_eq!(block("\n    a\n      b\n    "), "a\n  b\n");
        assert_eq!(block("\n    a\n\n    b"), "a\n\nb");
        assert_eq!(block("\n    a\n  "), "  a\n");
        assert_eq!(block("abc"), "abc");
        assert_eq!(block("\n"), "");
    }
}
