//! Reads the syntax errors off the tree: what is missing, what is wrong, what
//! could not be read. One cause gives one error: of neighbours on a line, and
//! of what a bracket that is not closed brings with it, only the first is said.

mod habits;
mod unread;
mod words;
mod wrong;

use words::{describe, expected_name, is_word, token_len};

use super::delimiters::MAX_DEPTH;
use super::tree::{Expected, Kind, NodeId, Tree};
use crate::diagnostic::{Diagnostic, E0101};
use crate::source::{FileId, LineIndex, Span};

/// So many syntax errors of one file are shown.
pub(super) const MAX_ERRORS: usize = 100;

/// All syntax errors of a file, those of the scan included, by place.
pub(super) fn collect(file: FileId, text: &str, tree: &Tree, scanned: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if scanned.is_empty() && !tree.ids().any(|id| is_suspicious(text, tree, id)) {
        return scanned;
    }
    let mut collector = Collector::new(file, text, tree, scanned);
    for id in tree.ids() {
        collector.visit(id);
    }
    let mut all = collector.found;
    all.append(&mut collector.scanned);
    all.sort_by_key(|d| (d.primary.span.start, d.primary.span.end));
    let more = collector.more + all.len().saturating_sub(MAX_ERRORS);
    all.truncate(MAX_ERRORS);
    if more > 0
        && let Some(last) = all.pop()
    {
        all.push(last.note("further syntax errors of this file are not shown"));
    }
    all
}

/// Whether the collector has something to say of a node, or has to look closer.
fn is_suspicious(text: &str, tree: &Tree, id: NodeId) -> bool {
    match tree.kind(id) {
        Kind::Missing(_)
        | Kind::Error
        | Kind::Misspelt
        | Kind::MisspeltComposite
        | Kind::MisspeltResource
        | Kind::LaterDecl
        | Kind::Semicolon
        | Kind::StrayComma
        | Kind::WrongEquals
        | Kind::WrongArrow
        | Kind::BareObject => true,
        Kind::Operator => matches!(tree.text(id, text), "and" | "or"),
        // Items with a dash.
        Kind::Prefix => tree.text(id, text) == "-",
        _ => false,
    }
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
    /// So many errors were found after the last that is shown.
    more: usize,
    last_line: Option<usize>,
    last_message: String,
    /// The end of the last node that was reported whole.
    skip_to: u32,
    /// The end of what was pasted from another language, and reported once.
    quiet_to: u32,
    /// The nodes around the one that is visited, each with the node after it.
    around: Vec<(NodeId, Kind)>,
    /// The kind of the innermost of them.
    context: Kind,
}

impl<'t> Collector<'t> {
    fn new(file: FileId, text: &'t str, tree: &'t Tree, scanned: Vec<Diagnostic>) -> Self {
        let lines = LineIndex::new(text);
        let spans = scanned.iter().flat_map(|d| d.secondary.iter().chain([&d.primary]));
        let mut scanned_lines: Vec<usize> = spans.map(|l| lines.line(l.span.start)).collect();
        scanned_lines.sort_unstable();
        Self {
            file,
            text,
            tree,
            lines,
            scanned,
            scanned_lines,
            found: Vec::new(),
            more: 0,
            last_line: None,
            last_message: String::new(),
            skip_to: 0,
            quiet_to: 0,
            around: Vec::new(),
            context: Kind::File,
        }
    }

    fn visit(&mut self, id: NodeId) {
        // To find the words for an error takes a look around; a hundred are enough.
        if self.more > 0 {
            return;
        }
        let kind = self.tree.kind(id);
        self.enter(id, kind);
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
            Kind::StrayComma => self.stray_comma(id),
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

    fn enter(&mut self, id: NodeId, kind: Kind) {
        while self.around.last().is_some_and(|(after, _)| *after <= id) {
            self.around.pop();
        }
        self.context = self.around.last().map_or(Kind::File, |(_, kind)| *kind);
        self.around.push((self.tree.after(id), kind));
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
        if diagnostic.primary.span.start < self.quiet_to {
            self.last_line = Some(line);
            return;
        }
        if self.last_line == Some(line) || self.scanned_lines.binary_search(&line).is_ok() {
            return;
        }
        // The same habit on line after line is said once.
        let again = self.last_line.is_some_and(|last| last + 1 == line) && self.last_message == diagnostic.message;
        if again {
            self.last_line = Some(line);
            return;
        }
        if self.found.len() >= MAX_ERRORS {
            self.more += 1;
            return;
        }
        self.last_line = Some(self.lines.line(diagnostic.primary.span.end.max(1) - 1).max(line));
        self.last_message.clone_from(&diagnostic.message);
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
        let at_end =
            word.is_empty() || self.text.get(before as usize..next.start as usize).unwrap_or("").contains('\n');
        let span = if at_end { Span::new(self.file, before, before) } else { next };
        let found = if at_end { self.end_name(next) } else { describe(word) };
        // What follows is there, and cannot be read for another reason.
        if found == expected_name(expected) {
            return self.unreadable(span, &found);
        }
        if let Some(habit) = self.habit(expected, span, word, at_end) {
            return self.push(habit);
        }
        let mut diagnostic =
            Diagnostic::new(&E0101, span, format!("expected {}, found {found}", expected_name(expected)));
        if !at_end && matches!(expected, Expected::Expr | Expected::LineEnd) && word == "=" {
            diagnostic = diagnostic.help("two values are compared with `==`");
        }
        if !at_end {
            diagnostic = self.characters(diagnostic, word);
        }
        diagnostic = match expected {
            Expected::Colon => self.colon_fix(diagnostic, span, at_end),
            Expected::Equals => diagnostic.help("a value is given with `=`"),
            Expected::Separator if word == ":" && self.context == Kind::List => diagnostic
                .label("a list holds items, and this is an entry")
                .help("an object stands in braces: `{ key: value }`, as an item too"),
            Expected::Then if word == "{" => {
                diagnostic.help("as a value, an `if` has no braces: `if c then a else b`, or `c ? a : b`")
            }
            Expected::Separator => diagnostic.help("entries and items are separated by a new line or a comma"),
            Expected::Expr => self.yaml_value(diagnostic, id, at_end),
            Expected::Kind => diagnostic.help("a kind is written as `apps/v1/Deployment` or `v1/ConfigMap`"),
            Expected::Body => self.body_help(diagnostic, id),
            Expected::Else => diagnostic.help("an `if` that is a value needs both: `if c then a else b`"),
            Expected::Arrow => diagnostic.help("an arm of a `match` is written `\"pattern\" => value`"),
            Expected::On => diagnostic.help("write the events after `on`, as in `on ready, lease-expiring`"),
            Expected::When => diagnostic.help("write `ready when` and the condition"),
            Expected::LineEnd => self.late_words(diagnostic, word),
            Expected::Params => {
                diagnostic.help("a function's parameters stand in parentheses: `fn f(a: Int) -> Int = a`")
            }
            _ => diagnostic,
        };
        let pasted = if expected == Expected::Expr && at_end { self.yaml_block(before) } else { None };
        self.push(diagnostic);
        self.quiet_to = self.quiet_to.max(pasted.unwrap_or(0));
    }

    /// The end of the lines that stand under a `key:` by indentation alone.
    fn yaml_block(&self, before: u32) -> Option<u32> {
        let is_key = before >= self.quiet_to && self.text.get(..before as usize)?.ends_with(':');
        let line = self.lines.line(before);
        let indent = self.indent(line);
        let (mut end, rest) = self.after_line(line);
        for text in rest.split_inclusive('\n') {
            let body = text.trim_start();
            let inside =
                text.len() - body.len() > indent || text.len() - body.len() == indent && body.starts_with("- ");
            if !(is_key && (body.is_empty() || body.starts_with("//") || inside)) {
                break;
            }
            end += text.len();
        }
        is_key.then_some(end as u32)
    }

    fn unreadable(&mut self, span: Span, found: &str) {
        if self.scanned.is_empty() {
            self.push(Diagnostic::new(&E0101, span, format!("what follows this {found} cannot be read")));
        }
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
            "after" | "ready" | "protect" | "retain" | "replace" => diagnostic
                .help(format!("`{word}` stands between the kind and the body: `resource x: v1/Pod {word} … {{ }}`")),
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
            return diagnostic
                .help("lists are written in brackets: `key: [a, b]`, or one item a line between `[` and `]`");
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
}

const _: () = assert!(MAX_DEPTH <= super::MAX_EXPRESSION_DEPTH);
