//! Slips of the hand: one small mistake each, made in a source that was right.

/// A text with one mistake in it, and where it is to be blamed.
#[derive(Clone, Debug)]
pub struct Slip {
    /// What was done, in words.
    pub what: String,
    /// The text after it.
    pub text: String,
    /// The lines, from 1, at which an error may be reported: that of the slip,
    /// and those of the brackets whose balance it breaks.
    pub lines: Vec<usize>,
}

/// The kinds of slips, in the order in which [`all`] gives them.
pub const KINDS: [&str; 10] = [
    "an opener deleted",
    "a closer deleted",
    "a closer doubled",
    "the `}` of `${` deleted",
    "an opening quote deleted",
    "a closing quote deleted",
    "a comma deleted",
    "a colon deleted",
    "`:` turned into `=`",
    "a keyword misspelt",
];

const KEYWORDS: [&str; 26] = [
    "module",
    "use",
    "private",
    "type",
    "let",
    "fn",
    "composite",
    "resource",
    "external",
    "param",
    "require",
    "for",
    "if",
    "else",
    "then",
    "match",
    "in",
    "by",
    "output",
    "ready",
    "when",
    "scope",
    "lease",
    "notify",
    "on",
    "where",
];

/// A place in a text that a slip may change.
#[derive(Clone, Copy, Debug)]
struct Mark {
    kind: MarkKind,
    at: usize,
    len: usize,
    /// The offset of the partner of a bracket or quote.
    partner: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MarkKind {
    Open,
    Close,
    InterpolationEnd,
    OpenQuote,
    CloseQuote,
    Comma,
    Colon,
    Keyword,
}

/// All slips of each of [`KINDS`] that can be made in a text.
#[must_use]
pub fn all(text: &str) -> Vec<Vec<Slip>> {
    let marks = Marks::of(text);
    let of = |kind: MarkKind| marks.iter().filter(move |m| m.kind == kind);
    let made = |kind: usize, mark: &Mark, replacement: &str| {
        slip(text, KINDS.get(kind).copied().unwrap_or(""), mark, replacement)
    };
    let deleted = |kind: usize, of_kind: MarkKind| of(of_kind).map(|m| made(kind, m, "")).collect::<Vec<_>>();
    let doubled = of(MarkKind::Close).map(|m| made(2, m, &text.get(m.at..=m.at).unwrap_or("").repeat(2))).collect();
    let equals = of(MarkKind::Colon)
        .map(|m| made(8, m, if text.get(m.at..).is_some_and(|t| t.starts_with(": ")) { " =" } else { "=" }));
    let misspelt =
        of(MarkKind::Keyword).map(|m| made(9, m, &misspelling(text.get(m.at..m.at + m.len).unwrap_or(""), m.at)));
    vec![
        deleted(0, MarkKind::Open),
        deleted(1, MarkKind::Close),
        doubled,
        deleted(3, MarkKind::InterpolationEnd),
        deleted(4, MarkKind::OpenQuote),
        deleted(5, MarkKind::CloseQuote),
        deleted(6, MarkKind::Comma),
        deleted(7, MarkKind::Colon),
        equals.collect(),
        misspelt.collect(),
    ]
}

fn slip(text: &str, what: &str, mark: &Mark, replacement: &str) -> Slip {
    let mut changed = text.to_owned();
    changed.replace_range(mark.at..mark.at + mark.len, replacement);
    let line = |at: usize| text.get(..at).map_or(0, |t| t.matches('\n').count()) + 1;
    let here = line(mark.at);
    let start = text.get(..mark.at).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
    let shown = text.get(start..).and_then(|t| t.lines().next()).unwrap_or("");
    let what = format!("{what} in line {here}, column {}: {}", mark.at - start + 1, shown.trim());
    Slip { what, text: changed, lines: vec![here, line(mark.partner)] }
}

/// A word with one letter changed, left out, doubled or swapped with the next.
fn misspelling(word: &str, choice: usize) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = (choice / 4) % letters.len().saturating_sub(1).max(1);
    let letter = letters.get(at).copied().unwrap_or('x');
    match choice % 4 {
        0 if letters.len() > 2 => drop(letters.remove(at)),
        1 => letters.insert(at, letter),
        2 if letters.get(at + 1).is_some_and(|next| *next != letter) => letters.swap(at, at + 1),
        _ => letters.push('x'),
    }
    letters.into_iter().collect()
}

/// Reads brackets, quotes, separators and keywords off a text that is right.
struct Marks<'t> {
    text: &'t str,
    at: usize,
    found: Vec<Mark>,
    open: Vec<(u8, usize)>,
}

impl<'t> Marks<'t> {
    fn of(text: &'t str) -> Vec<Mark> {
        let mut marks = Marks { text, at: 0, found: Vec::new(), open: Vec::new() };
        while marks.at < text.len() {
            match marks.open.last() {
                Some((b'"', _)) => marks.string(),
                _ => marks.code(),
            }
        }
        marks.found.sort_by_key(|m| m.at);
        marks.found
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn push(&mut self, kind: MarkKind, at: usize, partner: usize) {
        self.found.push(Mark { kind, at, len: 1, partner });
    }

    fn code(&mut self) {
        let rest = self.rest();
        let first = rest.bytes().next().unwrap_or(0);
        let comment = rest.starts_with("//");
        let mut step = rest.chars().next().map_or(1, char::len_utf8);
        match first {
            _ if comment => step = rest.find('\n').unwrap_or(rest.len()),
            b'\'' => step = rest.get(1..).and_then(|t| t.find('\'')).map_or(1, |i| i + 2),
            b'r' if rest.starts_with("r\"") => step = rest.get(2..).and_then(|t| t.find('"')).map_or(1, |i| i + 3),
            b'"' if rest.starts_with("\"\"\"") => {
                step = rest.get(3..).and_then(|t| t.find("\"\"\"")).map_or(3, |i| i + 6);
            }
            b'(' | b'[' | b'{' | b'"' => self.open.push((first, self.at)),
            b')' | b']' | b'}' => self.close(),
            b',' => self.push(MarkKind::Comma, self.at, self.at),
            b':' => self.push(MarkKind::Colon, self.at, self.at),
            _ if first.is_ascii_alphanumeric() => step = self.word(),
            _ => {}
        }
        self.at += step;
    }

    fn close(&mut self) {
        match self.open.pop() {
            Some((b'$', partner)) => self.push(MarkKind::InterpolationEnd, self.at, partner),
            Some((_, partner)) => {
                self.push(MarkKind::Open, partner, self.at);
                self.push(MarkKind::Close, self.at, partner);
            }
            None => {}
        }
    }

    /// The length of a word, which is marked when it is a keyword where it stands.
    fn word(&mut self) -> usize {
        let rest = self.rest();
        let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/');
        let len = rest.bytes().position(|b| !inner(b)).unwrap_or(rest.len());
        let word = rest.get(..len).unwrap_or("");
        let before = self.text.get(..self.at).unwrap_or("").trim_end_matches(' ').chars().next_back().unwrap_or('\n');
        let follows = rest.get(len..).unwrap_or("");
        let is_key = follows.starts_with(':') || follows.starts_with(')');
        let begins = matches!(before, '\n' | '{' | '=' | ':' | '(' | '[' | ',')
            || matches!(word, "in" | "by" | "then" | "else" | "if" | "when" | "where" | "on" | "let");
        if KEYWORDS.contains(&word) && begins && !is_key && follows.starts_with(' ') {
            self.found.push(Mark { kind: MarkKind::Keyword, at: self.at, len, partner: self.at });
        }
        len
    }

    fn string(&mut self) {
        let rest = self.rest();
        match rest.bytes().next() {
            Some(b'"') => {
                if let Some((_, partner)) = self.open.pop() {
                    self.push(MarkKind::OpenQuote, partner, self.at);
                    self.push(MarkKind::CloseQuote, self.at, partner);
                }
                self.at += 1;
            }
            Some(b'\\') => self.at += 2,
            _ if rest.starts_with("${") => {
                self.open.push((b'$', self.at));
                self.at += 2;
            }
            _ => self.at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
}
