//! What could not be read, and what it was likely meant to be.

use super::Collector;
use super::habits::keyword_for;
use super::words::{describe, is_word, misspelt, nearest};
use crate::diagnostic::{Diagnostic, E0101, E0104};
use crate::source::Span;
use crate::syntax::tree::{Kind, NodeId};

const DECLARATIONS: [&str; 9] = ["module", "use", "private", "type", "let", "fn", "composite", "resource", "external"];
const MEMBERS: [&str; 12] =
    ["param", "let", "require", "resource", "external", "if", "for", "output", "ready", "scope", "lease", "notify"];

/// So many blank lines do not end what was misread.
const MAX_BLANK: usize = 20;

/// Words with a meaning of their own, which are no other word misspelt.
fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "else"
            | "then"
            | "where"
            | "when"
            | "in"
            | "on"
            | "by"
            | "as"
            | "match"
            | "after"
            | "protect"
            | "retain"
            | "replace"
            | "raw"
    ) || DECLARATIONS.contains(&word)
        || MEMBERS.contains(&word)
}

impl Collector<'_> {
    pub(super) fn unread(&mut self, id: NodeId) {
        let (start, end) = self.tree.range(id);
        self.skip_to = end;
        let (span, word) = self.next_token(start);
        let line = self.lines.line(start);
        let first_on_line = self.indent(line) + self.lines.line_start(line).unwrap_or(0) as usize == start as usize;
        let context = self.context;
        if first_on_line && self.is_debris(line, word, context) {
            self.last_line = Some(self.lines.line(end.max(1) - 1));
            return;
        }
        if !first_on_line {
            if let Some(found) = self.returned(span) {
                return self.push(found);
            }
            let found = Diagnostic::new(&E0101, span, format!("unexpected {}", describe(word)));
            return self.push(self.characters(found, word));
        }
        let diagnostic = match context {
            Kind::File => self.bad_start(span, word, &DECLARATIONS, "a declaration", "at the top level"),
            Kind::Members => self.bad_start(span, word, &MEMBERS, "a member", "in a composite"),
            Kind::PrivateDecl => self.bad_start(span, word, &DECLARATIONS, "a declaration", "after `private`"),
            Kind::Object | Kind::EntryBlock | Kind::BareObject => self.bad_entry(span, word),
            _ => Diagnostic::new(&E0101, span, format!("unexpected {}", describe(word))),
        };
        let diagnostic = self.characters(diagnostic, word);
        self.push(diagnostic);
    }

    /// Right after a line that was misread, what cannot begin anything here is
    /// the rest of it.
    fn is_debris(&self, line: usize, word: &str, context: Kind) -> bool {
        let after = |l: usize| l < line && line - l <= 1 + self.blank_lines_above(line);
        let scanned = self.scanned_lines.partition_point(|l| *l < line);
        let scanned = scanned.checked_sub(1).and_then(|i| self.scanned_lines.get(i));
        if !self.last_line.into_iter().chain(scanned.copied()).any(after) {
            return false;
        }
        match context {
            Kind::File | Kind::PrivateDecl => {
                !DECLARATIONS.contains(&word) && (is_keyword(word) || nearest(word, &DECLARATIONS).is_none())
            }
            Kind::Members => !MEMBERS.contains(&word) && (is_keyword(word) || nearest(word, &MEMBERS).is_none()),
            _ => !is_word(word),
        }
    }

    fn blank_lines_above(&self, line: usize) -> usize {
        let start = self.lines.line_start(line).unwrap_or(0) as usize;
        let above = self.text.get(..start).unwrap_or("");
        above
            .lines()
            .rev()
            .take_while(|l| l.trim().is_empty() || l.trim_start().starts_with("//"))
            .take(MAX_BLANK)
            .count()
    }

    pub(super) fn characters(&self, diagnostic: Diagnostic, word: &str) -> Diagnostic {
        match word.chars().next() {
            Some(c) if c.is_alphabetic() && !c.is_ascii() => {
                diagnostic.help("names are made of a-z, A-Z, 0-9, `_` and inner `-`; put any other in backticks")
            }
            Some('“' | '”' | '„' | '‘' | '’') => diagnostic.help("strings stand in straight quotes, `\"`"),
            Some('$' | '[') if matches!(self.context, Kind::Object | Kind::EntryBlock) => {
                diagnostic.help("a key that is computed stands in parentheses: `(key): value`")
            }
            Some('#') => diagnostic.help("comments begin with `//`"),
            Some('&') => diagnostic.help("both conditions: `&&`"),
            Some('|') => diagnostic.help("either condition: `||`"),
            _ => diagnostic,
        }
    }

    fn bad_start(&self, span: Span, word: &str, words: &[&str], what: &str, place: &str) -> Diagnostic {
        if let Some(near) = nearest(word, words).filter(|_| !is_keyword(word)) {
            return misspelt(span, word, near);
        }
        if let Some(keyword) = keyword_for(word, words) {
            return misspelt(span, word, keyword);
        }
        let after = self.text.get(span.end as usize..).unwrap_or("");
        if let Some(kind) = after.strip_prefix(':').map(str::trim_start).filter(|_| place == "at the top level")
            && kind.starts_with(|c: char| c.is_ascii_uppercase())
        {
            let kind = kind.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
            return Diagnostic::new(&E0101, span, format!("expected a declaration, found `{word}`"))
                .help(format!("an instance is written `{kind} {word} {{ … }}`"));
        }
        let elsewhere = if place == "in a composite" { &DECLARATIONS[..] } else { &MEMBERS[..] };
        if elsewhere.contains(&word) {
            let help = if place == "in a composite" {
                format!("close the composite before it, or move `{word}` to the top level")
            } else {
                format!("`{word}` belongs in the braces of a composite")
            };
            return Diagnostic::new(&E0104, span, format!("`{word}` is not possible {place}")).help(help);
        }
        let list = words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ");
        let mut found = Diagnostic::new(&E0101, span, format!("expected {what}, found {}", describe(word)));
        if is_word(word)
            && self.text.get(span.end as usize..).is_some_and(|t| t.trim_start_matches(' ').starts_with(':'))
        {
            found =
                found.note(format!("`{word}:` looks like a field; fields stand in the body of a resource or instance"));
        }
        found.help(format!(
            "{what} {place} begins with {list}{}",
            if what == "a declaration" { ", or with the name of a composite" } else { "" }
        ))
    }

    /// What belongs before the braces of a resource.
    fn modifier_inside(&self, span: Span, word: &str) -> Option<Diagnostic> {
        let mut around = self.around.iter().rev().skip(1).map(|(_, kind)| *kind);
        let is_body =
            around.next() == Some(Kind::Object) && matches!(around.next(), Some(Kind::Resource | Kind::External));
        let example = match word {
            "ready" => "ready when …",
            "after" => "after …",
            "protect" | "retain" | "replace" => word,
            _ => return None,
        };
        is_body.then(|| {
            Diagnostic::new(&E0101, span, format!("`{word}` stands before the braces, not in them"))
                .label("only fields stand in the body")
                .help(format!("move it up: `resource name: group/version/Kind {example} {{`"))
        })
    }

    fn bad_entry(&self, span: Span, word: &str) -> Diagnostic {
        if word == "-" {
            return Diagnostic::new(&E0101, span, "expected an entry, found `-`")
                .help("lists are written in brackets: `key: [a, b]`, or one item a line between `[` and `]`");
        }
        if let Some(found) = self.modifier_inside(span, word) {
            return found;
        }
        if is_word(word) {
            let found = Diagnostic::new(&E0101, span, format!("expected `{word}: value`, found `{word}` alone"));
            return found.label("a key without a value").help("an entry is written `key: value`");
        }
        Diagnostic::new(&E0101, span, format!("expected an entry `key: value`, found {}", describe(word)))
    }
}
