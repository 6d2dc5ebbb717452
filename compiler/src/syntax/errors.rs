//! Reads the syntax errors off the tree: what is missing, what is wrong, what
//! could not be read. One cause gives one error: of neighbours on a line, and
//! of what a bracket that is not closed brings with it, only the first is said.

use super::delimiters::MAX_DEPTH;
use super::tree::{Expected, Kind, NodeId, Tree};
use crate::diagnostic::{Diagnostic, E0101, E0104, E0107, E0108};
use crate::source::{FileId, LineIndex, Span};

/// So many syntax errors of one file are shown.
const MAX_ERRORS: usize = 100;

const DECLARATIONS: [&str; 9] =
    ["module", "use", "private", "type", "let", "fn", "composite", "resource", "external"];
const MEMBERS: [&str; 12] = [
    "param", "let", "require", "resource", "external", "if", "for", "output", "ready", "scope", "lease", "notify",
];

/// All syntax errors of a file, those of the scan included, by place.
pub(super) fn collect(file: FileId, text: &str, tree: &Tree, scanned: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut collector = Collector::new(file, text, tree, scanned);
    for id in tree.ids() {
        collector.visit(id);
    }
    let mut all = collector.found;
    all.append(&mut collector.scanned);
    all.sort_by_key(|d| (d.primary.span.start, d.primary.span.end));
    if all.len() > MAX_ERRORS {
        let more = all.len() - MAX_ERRORS;
        all.truncate(MAX_ERRORS);
        if let Some(last) = all.pop() {
            all.push(last.note(format!("{more} further syntax errors of this file are not shown")));
        }
    }
    all
}

struct Collector<'t> {
    file: FileId,
    text: &'t str,
    tree: &'t Tree,
    lines: LineIndex,
    scanned: Vec<Diagnostic>,
    /// Lines on which the scan found something.
    scanned_lines: Vec<usize>,
    found: Vec<Diagnostic>,
    last_line: Option<usize>,
    /// The end of the last node that was reported whole.
    skip_to: u32,
}

impl<'t> Collector<'t> {
    fn new(file: FileId, text: &'t str, tree: &'t Tree, scanned: Vec<Diagnostic>) -> Self {
        let lines = LineIndex::new(text);
        let spans = scanned.iter().flat_map(|d| d.secondary.iter().chain([&d.primary]));
        let mut scanned_lines: Vec<usize> = spans.map(|l| lines.line(l.span.start)).collect();
        scanned_lines.sort_unstable();
        Self { file, text, tree, lines, scanned, scanned_lines, found: Vec::new(), last_line: None, skip_to: 0 }
    }

    fn visit(&mut self, id: NodeId) {
        let kind = self.tree.kind(id);
        let (start, _) = self.tree.range(id);
        if start < self.skip_to && !matches!(kind, Kind::Missing(_)) {
            return;
        }
        match kind {
            Kind::Missing(expected) => self.missing(id, expected),
            Kind::Error | Kind::Misspelt => self.unread(id),
            Kind::MisspeltComposite => self.misspelt_head(id, &["composite"]),
            Kind::MisspeltResource => self.misspelt_head(id, &["resource", "external"]),
            Kind::LaterDecl => self.later(id),
            Kind::Semicolon => self.semicolon(id),
            Kind::StrayComma => self.push_at(id, |c, s| {
                Diagnostic::new(&E0101, s, "this `,` stands alone").label("nothing is before it").fix(
                    "remove the `,`",
                    c.span(id),
                    "",
                    false,
                )
            }),
            Kind::WrongEquals => self.wrong_equals(id),
            Kind::WrongArrow => self.push_at(id, |c, s| {
                let written = c.str(id);
                Diagnostic::new(&E0101, s, format!("expected `=>`, found `{written}`"))
                    .label("an arm of a `match` is written `\"pattern\" => value`")
                    .fix("write `=>`", s, if written == ":" { " =>" } else { "=>" }, true)
            }),
            Kind::Operator => self.operator(id),
            Kind::BareObject => self.bare_object(id),
            Kind::List => self.dashes(id),
            _ => {}
        }
    }

    fn str(&self, id: NodeId) -> &'t str {
        self.tree.text(id, self.text)
    }

    fn span(&self, id: NodeId) -> Span {
        let (start, end) = self.tree.range(id);
        Span::new(self.file, start, end)
    }

    /// Adds an error unless its line has one already.
    fn push(&mut self, diagnostic: Diagnostic) {
        let line = self.lines.line(diagnostic.primary.span.start);
        if self.last_line == Some(line) || self.scanned_lines.binary_search(&line).is_ok() {
            return;
        }
        self.last_line = Some(self.lines.line(diagnostic.primary.span.end.max(1) - 1).max(line));
        self.found.push(diagnostic);
    }

    fn push_at(&mut self, id: NodeId, make: impl FnOnce(&Self, Span) -> Diagnostic) {
        let diagnostic = make(self, self.span(id));
        self.push(diagnostic);
    }

    // ---- missing ----------------------------------------------------------------

    fn missing(&mut self, id: NodeId, expected: Expected) {
        let at = self.tree.range(id).0;
        let (next, word) = self.next_token(at);
        let before = self.trimmed(at);
        // At the end of a line the place to look at is where the line ends.
        let at_end = word.is_empty() || self.text.get(before as usize..next.start as usize).unwrap_or("").contains('\n');
        let span = if at_end { Span::new(self.file, before, before) } else { next };
        let found = if at_end { self.end_name(next) } else { describe(word) };
        let mut diagnostic =
            Diagnostic::new(&E0101, span, format!("expected {}, found {found}", expected_name(expected)));
        if !at_end && expected == Expected::Expr && word == "=" {
            diagnostic = diagnostic.help("two values are compared with `==`");
        }
        if !at_end {
            diagnostic = self.characters(diagnostic, word);
        }
        diagnostic = match expected {
            Expected::Colon => self.colon_fix(diagnostic, span, at_end),
            Expected::Equals => diagnostic.help("a value is given with `=`"),
            Expected::Separator => diagnostic.help("entries and items are separated by a new line or a comma"),
            Expected::Expr => self.yaml_value(diagnostic, id, at_end),
            Expected::Kind => diagnostic.help("a kind is written as `apps/v1/Deployment` or `v1/ConfigMap`"),
            Expected::Body => self.body_help(diagnostic, id),
            Expected::Else => diagnostic.help("an `if` that is a value needs both: `if c then a else b`"),
            Expected::Arrow => diagnostic.help("an arm of a `match` is written `\"pattern\" => value`"),
            Expected::On => diagnostic.help("write the events after `on`, as in `on ready, lease-expiring`"),
            Expected::When => diagnostic.help("write `ready when` and the condition"),
            Expected::LineEnd => self.late_words(diagnostic, word),
            Expected::Params => diagnostic.help("a function's parameters stand in parentheses: `fn f(a: Int) -> Int = a`"),
            _ => diagnostic,
        };
        self.push(diagnostic);
    }

    fn colon_fix(&self, diagnostic: Diagnostic, span: Span, at_end: bool) -> Diagnostic {
        if at_end {
            return diagnostic.help("write `name: ` and its type");
        }
        let at = Span::new(self.file, self.trimmed(span.start), self.trimmed(span.start));
        diagnostic.fix("insert `:`", at, ":", false)
    }

    fn late_words(&self, diagnostic: Diagnostic, word: &str) -> Diagnostic {
        match word {
            "after" | "ready" | "protect" | "retain" | "replace" => {
                diagnostic.help(format!("`{word}` stands between the kind and the body: `resource x: v1/Pod {word} … {{ }}`"))
            }
            _ => diagnostic,
        }
    }

    fn body_help(&self, diagnostic: Diagnostic, id: NodeId) -> Diagnostic {
        let line = self.lines.line(self.tree.range(id).0);
        let start = self.lines.line_start(line).unwrap_or(0) as usize;
        let text = self.text.get(start..).unwrap_or("").lines().next().unwrap_or("");
        if text.trim_end().ends_with(':') {
            return diagnostic.help("write the body in braces, without a colon: `{ … }`");
        }
        diagnostic.help("the body stands in braces: `{ … }`")
    }

    /// `key:` with nothing after it, as in YAML.
    fn yaml_value(&self, diagnostic: Diagnostic, id: NodeId, at_end: bool) -> Diagnostic {
        let at = self.tree.range(id).0;
        let before = self.trimmed(at);
        let is_key = self.text.get(..before as usize).is_some_and(|t| t.ends_with(':'));
        if !at_end || !is_key {
            return diagnostic;
        }
        let line = self.lines.line(before);
        let (_, rest) = self.after_line(line);
        let next = rest.lines().find(|l| !l.trim().is_empty()).unwrap_or("");
        let body = next.trim_start();
        let deeper = next.len() - body.len() > self.indent(line);
        if body.starts_with("- ") {
            return diagnostic.help("lists are written in brackets: `key: [a, b]`, or one item a line between `[` and `]`");
        }
        if deeper && body.split_once(':').is_some_and(|(key, _)| is_word(key)) {
            return diagnostic.help("objects take braces here, indentation has no meaning: `key: { a: 1 }`");
        }
        diagnostic.help("the value begins on the line of its key")
    }

    fn after_line(&self, line: usize) -> (usize, &'t str) {
        let start = self.lines.line_start(line + 1).map_or(self.text.len(), |s| s as usize);
        (start, self.text.get(start..).unwrap_or(""))
    }

    fn indent(&self, line: usize) -> usize {
        let start = self.lines.line_start(line).unwrap_or(0) as usize;
        let text = self.text.get(start..).unwrap_or("");
        text.len() - text.trim_start_matches([' ', '\t']).len()
    }

    /// The end of the last token before an offset.
    fn trimmed(&self, offset: u32) -> u32 {
        let mut end = offset as usize;
        loop {
            let text = self.text.get(..end).unwrap_or("").trim_end();
            end = text.len();
            let start = text.rfind('\n').map_or(0, |i| i + 1);
            match text.get(start..).map(str::trim_start) {
                Some(line) if line.starts_with("//") => end = start,
                _ => return end as u32,
            }
            if end == 0 {
                return 0;
            }
        }
    }

    /// The token at or after an offset: its span and text, empty at the end.
    fn next_token(&self, offset: u32) -> (Span, &'t str) {
        let mut at = offset as usize;
        loop {
            let rest = self.text.get(at..).unwrap_or("");
            let trimmed = rest.trim_start();
            at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") {
                at += trimmed.find("*/").map_or(trimmed.len(), |i| i + 2);
            } else {
                let len = token_len(trimmed);
                let span = Span::new(self.file, at as u32, (at + len) as u32);
                return (span, trimmed.get(..len).unwrap_or(""));
            }
        }
    }

    fn end_name(&self, next: Span) -> String {
        if next.start == next.end { "the end of the file".to_owned() } else { "the end of the line".to_owned() }
    }

    // ---- what could not be read ---------------------------------------------------

    fn unread(&mut self, id: NodeId) {
        let (start, end) = self.tree.range(id);
        self.skip_to = end;
        let (span, word) = self.next_token(start);
        let line = self.lines.line(start);
        let first_on_line = self.indent(line) + self.lines.line_start(line).unwrap_or(0) as usize == start as usize;
        let context = self.context(id);
        if !first_on_line || self.after_error_line(line, word) {
            if first_on_line {
                self.last_line = Some(line);
                return;
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

    /// A line of dashes after one that was reported says nothing new.
    fn after_error_line(&self, line: usize, word: &str) -> bool {
        word == "-" && self.last_line.is_some_and(|last| last + 1 == line)
    }

    fn characters(&self, diagnostic: Diagnostic, word: &str) -> Diagnostic {
        match word.chars().next() {
            Some(c) if c.is_alphabetic() && !c.is_ascii() => {
                diagnostic.help("names are made of a-z, A-Z, 0-9, `_` and inner `-`; put any other in backticks")
            }
            Some('“' | '”' | '„' | '‘' | '’') => diagnostic.help("strings stand in straight quotes, `\"`"),
            Some('#') => diagnostic.help("comments begin with `//`"),
            Some('&') => diagnostic.help("both conditions: `&&`"),
            Some('|') => diagnostic.help("either condition: `||`"),
            _ => diagnostic,
        }
    }

    fn context(&self, id: NodeId) -> Kind {
        let mut best = Kind::File;
        // Walk down from the root: the last node that holds the error.
        let mut at = self.tree.root();
        loop {
            let inner = self.tree.children(at).find(|c| *c <= id && id < self.tree.after(*c));
            match inner {
                Some(inner) if inner != id => {
                    best = self.tree.kind(inner);
                    at = inner;
                }
                _ => return best,
            }
        }
    }

    fn bad_start(&self, span: Span, word: &str, words: &[&str], what: &str, place: &str) -> Diagnostic {
        if let Some(near) = nearest(word, words) {
            return misspelt(span, word, near);
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
        if is_word(word) && self.text.get(span.end as usize..).is_some_and(|t| t.trim_start_matches(' ').starts_with(':')) {
            found = found.note(format!("`{word}:` looks like a field; fields stand in the body of a resource or instance"));
        }
        found.help(format!("{what} {place} begins with {list}{}", if what == "a declaration" {
            ", or with the name of a composite"
        } else {
            ""
        }))
    }

    fn bad_entry(&self, span: Span, word: &str) -> Diagnostic {
        if word == "-" {
            return Diagnostic::new(&E0101, span, "expected an entry, found `-`")
                .help("lists are written in brackets: `key: [a, b]`, or one item a line between `[` and `]`");
        }
        if is_word(word) {
            let found = Diagnostic::new(&E0101, span, format!("expected `{word}: value`, found `{word}` alone"));
            return found.label("a key without a value").help("an entry is written `key: value`");
        }
        Diagnostic::new(&E0101, span, format!("expected an entry `key: value`, found {}", describe(word)))
    }

    // ---- misspelt and misplaced -----------------------------------------------------

    fn misspelt_head(&mut self, id: NodeId, likely: &[&'static str]) {
        let Some(word) = self.tree.children(id).next() else { return };
        let (span, text) = (self.span(word), self.str(word));
        let near = nearest(text, likely).or_else(|| likely.first().copied()).unwrap_or("resource");
        self.push(misspelt(span, text, near));
    }

    fn later(&mut self, id: NodeId) {
        let Some(word) = self.tree.children(id).next() else { return };
        self.skip_to = self.tree.range(id).1;
        let text = self.str(word);
        let found = Diagnostic::new(&E0108, self.span(word), format!("`{text}` is not available yet"))
            .label("this declaration is passed over")
            .help("remove it until this version of Tessera knows it");
        self.push(found);
    }

    fn semicolon(&mut self, id: NodeId) {
        let span = self.span(id);
        let rest = self.text.get(span.end as usize..).unwrap_or("");
        let ends_line = rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n') || rest.trim().is_empty();
        let text = if ends_line { "" } else { "\n" };
        let found = Diagnostic::new(&E0101, span, "unexpected `;`")
            .label("a new line or a comma separates here")
            .fix(if ends_line { "remove the `;`" } else { "begin a new line" }, span, text, true);
        self.push(found);
    }

    fn wrong_equals(&mut self, id: NodeId) {
        let span = self.span(id);
        let found = if self.str(id) == "=" {
            Diagnostic::new(&E0101, span, "expected `:`, found `=`")
                .label("an entry is written `key: value`")
                .fix("write `:`", Span { start: self.trimmed(span.start), ..span }, ":", true)
        } else {
            Diagnostic::new(&E0101, span, "expected `=`, found `:`")
                .label("what is declared is given with `=`")
                .fix("write `=`", span, " =", true)
        };
        self.push(found);
    }

    fn operator(&mut self, id: NodeId) {
        let right = match self.str(id) {
            "and" => "&&",
            "or" => "||",
            _ => return,
        };
        self.push_at(id, |c, span| {
            Diagnostic::new(&E0101, span, format!("`{}` is written `{right}`", c.str(id)))
                .fix(format!("write `{right}`"), span, right, true)
        });
    }

    // ---- forgotten braces, YAML's lists -----------------------------------------------

    fn bare_object(&mut self, id: NodeId) {
        let span = self.span(id);
        let inner = self.text.get(span.start as usize..span.end as usize).unwrap_or("").trim_end();
        let end = span.start + inner.len() as u32;
        let span = Span { end, ..span };
        let mut found = Diagnostic::new(&E0107, span, "an object in a list needs braces of its own")
            .label("these braces hold items, and this is an entry")
            .help("write `{ { key: value } }`: the outer braces are those of the `if` or `for`");
        found.fixes.push(crate::diagnostic::Fix {
            title: "put braces round the object".to_owned(),
            edits: vec![
                crate::diagnostic::Edit { span: span.at_start(), text: "{ ".to_owned() },
                crate::diagnostic::Edit { span: span.at_end(), text: " }".to_owned() },
            ],
            safe: true,
        });
        self.push(found);
    }

    /// `[` and then `- a` on a line of its own.
    fn dashes(&mut self, id: NodeId) {
        let Some(expr) = self.tree.children(id).find(|c| self.tree.kind(*c) == Kind::Expr) else { return };
        let Some(first) = self.tree.children(expr).next() else { return };
        let dash = self.tree.kind(first) == Kind::Prefix && self.str(first) == "-";
        let (start, end) = self.tree.range(first);
        let blank_after = self.text.get(end as usize..).is_some_and(|t| t.starts_with(' '));
        let between = self.text.get(self.tree.range(id).0 as usize..start as usize).unwrap_or("");
        if dash && blank_after && between.contains('\n') {
            let found = Diagnostic::new(&E0101, self.span(first), "items of a list take no `-`")
                .label("this is read as a minus")
                .help("write one item a line, or `[a, b]`");
            self.push(found);
        }
    }
}

fn misspelt(span: Span, word: &str, near: &str) -> Diagnostic {
    Diagnostic::new(&E0104, span, format!("`{word}` is not a keyword"))
        .label(format!("did you mean `{near}`?"))
        .fix(format!("replace it with `{near}`"), span, near, false)
}

/// The word that is most like this one, if any is near.
fn nearest<'w>(word: &str, words: &[&'w str]) -> Option<&'w str> {
    let lower = word.to_ascii_lowercase();
    let scored = words.iter().map(|w| (strsim::damerau_levenshtein(&lower, w), *w));
    let (distance, best) = scored.min_by_key(|(distance, _)| *distance)?;
    let limit = if best.len() <= 3 { 1 } else { 2 };
    (distance <= limit && word != best && !word.is_empty() && is_word(word)).then_some(best)
}

fn is_word(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
}

fn token_len(text: &str) -> usize {
    let Some(first) = text.chars().next() else { return 0 };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if word(first) {
        let bytes = text.as_bytes();
        let inner = |i: usize| bytes.get(i + 1).is_some_and(|b| word(char::from(*b)));
        return text
            .char_indices()
            .find(|(i, c)| !(word(*c) || *c == '-' && inner(*i)))
            .map_or(text.len(), |(i, _)| i);
    }
    const LONG: [&str; 11] = ["...", "=>", "->", "==", "!=", "<=", ">=", "&&", "||", "??", "?."];
    let long = LONG.iter().find(|l| text.starts_with(**l));
    long.map_or(first.len_utf8(), |l| l.len())
}

/// A token in words.
fn describe(word: &str) -> String {
    match word {
        "" => "the end of the file".to_owned(),
        "\"" | "'" => "a string".to_owned(),
        _ => format!("`{word}`"),
    }
}

const fn expected_name(expected: Expected) -> &'static str {
    match expected {
        Expected::Expr => "a value",
        Expected::Name => "a name",
        Expected::Type => "a type",
        Expected::Kind => "a kind such as `apps/v1/Deployment`",
        Expected::Colon | Expected::CondColon => "`:`",
        Expected::Equals => "`=`",
        Expected::Body => "`{`",
        Expected::Arrow => "`=>`",
        Expected::In => "`in`",
        Expected::Then => "`then`",
        Expected::Else => "`else`",
        Expected::When => "`when`",
        Expected::On => "`on`",
        Expected::Separator => "a new line or `,`",
        Expected::Comma => "`,` or `)`",
        Expected::LineEnd => "the end of the line",
        Expected::Params => "`(`",
        Expected::Angle => "`>`",
    }
}

const _: () = assert!(MAX_DEPTH <= super::MAX_EXPRESSION_DEPTH);
