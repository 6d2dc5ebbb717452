//! YAML text to documents in which every key and value has its place.
//!
//! Built on the events of the parser under `serde_yaml`, because a typed
//! reader gives no places inside a tree of unknown shape. What a scalar means
//! is decided in [`super::scalar`]. Beyond the language of YAML:
//!
//! - a key is a string, the text as written; readers that disagree on it make
//!   a warning;
//! - keys given twice, keys that are lists or maps and tags other than YAML's
//!   own are errors;
//! - aliases and merge keys (`<<`) are expanded, up to [`MAX_COPIED`] values;
//! - a file has at most [`MAX_FILE_BYTES`] bytes and [`MAX_NODES`] values, and
//!   nests at most [`MAX_DEPTH`] deep;
//! - documents without content are left out, as kubectl does.

use rustc_hash::FxHashMap;
use serde_yaml::granit_parser::{self, Event, Parser, ScalarStyle, ScanError, Tag};
use smol_str::SmolStr;

use super::mistakes::{explain, is_tab};
use super::scalar::{Doubt, resolve};
use super::{Document, Node, NodeKind};
use crate::diagnostic::{Code, Diagnostic, E0003, E0005, E0902, Severity};
use crate::source::{FileId, MAX_FILE_BYTES, Span};

/// How deep lists and maps may nest, aliases expanded.
pub const MAX_DEPTH: usize = 128;
/// How many values and keys one file may hold.
pub const MAX_NODES: usize = 2_000_000;
/// How many values anchors, aliases and merge keys may copy in one file.
pub const MAX_COPIED: usize = 200_000;
/// How many diagnostics one file gives; more of the same help nobody.
const MAX_REPORTS: usize = 200;

/// Reads the documents of a file. What stands before a syntax error is read.
///
/// Diagnostics are `E0902` (and `E0003`, `E0005`); warnings name scalars that
/// readers of YAML take differently.
#[must_use]
pub fn read(file: FileId, text: &str) -> (Vec<Document>, Vec<Diagnostic>) {
    read_part(file, text, 0)
}

/// Reads a part of a file that is whole documents and begins at an offset.
#[must_use]
pub fn read_part(file: FileId, text: &str, offset: u32) -> (Vec<Document>, Vec<Diagnostic>) {
    let mut reader = Reader::new(file, text, offset);
    if text.len() > MAX_FILE_BYTES {
        let message = format!("the file is larger than {} MiB", MAX_FILE_BYTES >> 20);
        return (Vec::new(), vec![Diagnostic::new(&E0003, Span::new(file, 0, 0), message)]);
    }
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH + 1,
        block_nesting_limit: MAX_DEPTH + 1,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => reader.event(&event, span),
            Err(error) => reader.syntax_error(&error),
        }
        if reader.stopped {
            break;
        }
    }
    (reader.documents, reader.diagnostics)
}

/// A finished node with what its copies cost.
#[derive(Clone)]
struct Built {
    node: Node,
    /// The number of values and keys in it, itself included.
    size: usize,
    /// How deep it nests; 0 for a scalar.
    height: usize,
    /// There is no text: the value of `key:`.
    implicit: bool,
}

/// A list or map that is not closed yet.
struct Open {
    start: u32,
    anchor: usize,
    size: usize,
    height: usize,
    flow: bool,
    /// The items, or keys and values in turn.
    children: Vec<Node>,
    map: bool,
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    /// Where the text begins in its file.
    offset: u32,
    open: Vec<Open>,
    anchors: FxHashMap<usize, Built>,
    nodes: usize,
    copied: usize,
    documents: Vec<Document>,
    diagnostics: Vec<Diagnostic>,
    stopped: bool,
}

impl<'a> Reader<'a> {
    fn new(file: FileId, text: &'a str, offset: u32) -> Self {
        Self {
            file,
            text,
            offset,
            open: Vec::new(),
            anchors: FxHashMap::default(),
            nodes: 0,
            copied: 0,
            documents: Vec::new(),
            diagnostics: Vec::new(),
            stopped: false,
        }
    }

    fn event(&mut self, event: &Event<'_>, at: granit_parser::Span) {
        let span = self.span(at);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(text, *style, *anchor, tag.as_deref(), span);
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.check_tag(tag.as_deref(), "seq", span);
                self.open(span, *anchor, *style == granit_parser::StructureStyle::Flow, false);
            }
            Event::MappingStart(style, anchor, tag) => {
                self.check_tag(tag.as_deref(), "map", span);
                self.open(span, *anchor, *style == granit_parser::StructureStyle::Flow, true);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(id) => self.alias(*id, span),
            Event::DocumentStart(..) => self.anchors.clear(),
            _ => {}
        }
    }

    /// The place of an event, trailing white space left out.
    fn span(&self, at: granit_parser::Span) -> Span {
        let start = at.start.byte_offset().unwrap_or(0).min(self.text.len());
        let end = at.end.byte_offset().unwrap_or(start).clamp(start, self.text.len());
        let text = self.text.get(start..end).unwrap_or("");
        self.place(start, start + text.trim_end().len())
    }

    /// What lies between two places in the text.
    const fn place(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.offset + start as u32, self.offset + end as u32)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_REPORTS {
            self.diagnostics.push(diagnostic);
        }
    }

    fn error(&mut self, span: Span, message: impl Into<String>, help: &str) {
        self.report(Diagnostic::new(&E0902, span, message).help(help));
    }

    /// Reports a bound that was passed and stops reading.
    fn stop(&mut self, code: &'static Code, span: Span, message: String) {
        self.report(Diagnostic::new(code, span, message));
        self.stopped = true;
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, tag: Option<&Tag>, span: Span) {
        let plain = style == ScalarStyle::Plain;
        let as_string = NodeKind::String { text: SmolStr::new(text), plain };
        let kind = match tag {
            Some(tag) => self.tagged(text, tag, as_string, span),
            None if plain && !self.expects_key() => self.resolved(text, span),
            None => as_string,
        };
        let implicit = plain && span.start == span.end;
        self.add(Built { node: Node { span, kind }, size: 1, height: 0, implicit }, anchor);
    }

    /// What a plain scalar means; warns where readers disagree.
    fn resolved(&mut self, text: &str, span: Span) -> NodeKind {
        let (kind, doubt) = resolve(text);
        let Some(doubt) = doubt else { return kind };
        let (message, note) = match (doubt, &kind) {
            (Doubt::Word, NodeKind::Bool(value)) => {
                (format!("`{text}` is read as `{value}`"), "Kubernetes reads it so, newer YAML readers as text")
            }
            (_, NodeKind::Int(n)) => (
                format!("`{text}` is read as an octal number, {n}"),
                "Kubernetes reads it so, newer YAML readers as a decimal number",
            ),
            _ => (
                format!("`{text}` is read as a number, because it has no quotes"),
                "readers of YAML differ on numbers that begin with a zero",
            ),
        };
        let help = match &kind {
            NodeKind::Bool(value) => format!("write `{value}`, or `\"{text}\"` if text is meant"),
            _ => format!("write the number without the zero, or `\"{text}\"` if text is meant"),
        };
        let mut warning = Diagnostic::new(&E0902, span, message).note(note).help(help);
        warning.severity = Severity::Warning;
        self.report(warning.fix("put it in quotes", span, format!("\"{text}\""), false));
        kind
    }

    /// What a scalar with a tag means.
    fn tagged(&mut self, text: &str, tag: &Tag, as_string: NodeKind, span: Span) -> NodeKind {
        let (kind, _) = resolve(text);
        let fitting = match tag.core_suffix() {
            Some("str") => return as_string,
            Some("null") => matches!(kind, NodeKind::Null).then_some(kind),
            Some("bool") => matches!(kind, NodeKind::Bool(_)).then_some(kind),
            Some("int") => matches!(kind, NodeKind::Int(_) | NodeKind::Uint(_)).then_some(kind),
            Some("float") => match kind {
                NodeKind::Int(n) => Some(NodeKind::Float(n as f64)),
                NodeKind::Float(_) => Some(kind),
                _ => None,
            },
            _ if tag.original() == "!" => return as_string,
            _ => {
                self.unknown_tag(tag, span);
                return as_string;
            }
        };
        fitting.unwrap_or_else(|| {
            let message = format!("`{}` does not fit the value", tag.original());
            self.error(span, message, "remove the tag, or write a value of that type");
            as_string
        })
    }

    fn check_tag(&mut self, tag: Option<&Tag>, expected: &str, span: Span) {
        if let Some(tag) = tag
            && tag.core_suffix() != Some(expected)
            && tag.original() != "!"
        {
            self.unknown_tag(tag, span);
        }
    }

    fn unknown_tag(&mut self, tag: &Tag, span: Span) {
        let message = format!("the tag `{}` has no meaning here", tag.original());
        self.error(span, message, "remove the tag");
    }

    fn open(&mut self, span: Span, anchor: usize, flow: bool, map: bool) {
        if self.open.len() >= MAX_DEPTH {
            self.stop(&E0005, span.at_start(), format!("nested deeper than {MAX_DEPTH} levels"));
            return;
        }
        self.open.push(Open { start: span.start, anchor, size: 1, height: 0, flow, children: Vec::new(), map });
    }

    fn close(&mut self, end: Span) {
        let Some(open) = self.open.pop() else { return };
        let (first, last) = (open.children.first(), open.children.last());
        let start = if open.flow { open.start } else { first.map_or(open.start, |n| n.span.start) };
        let last_end = last.map_or(open.start, |n| n.span.end);
        let end = if open.flow { end.end } else { last_end };
        let span = Span::new(self.file, start, end.max(start));
        let kind = if open.map { self.map(open.children) } else { NodeKind::List(open.children) };
        let built = Built { node: Node { span, kind }, size: open.size, height: open.height + 1, implicit: false };
        self.add(built, open.anchor);
    }

    /// Makes a map of keys and values in turn.
    fn map(&mut self, children: Vec<Node>) -> NodeKind {
        let mut entries: Vec<(Node, Node)> = Vec::with_capacity(children.len() / 2);
        let mut merges = Vec::new();
        let mut seen: FxHashMap<SmolStr, Span> = FxHashMap::default();
        let mut children = children.into_iter();
        while let (Some(key), Some(value)) = (children.next(), children.next()) {
            if matches!(&key.kind, NodeKind::String { text, plain: true } if text == "<<") {
                merges.push(value);
                continue;
            }
            let NodeKind::String { text, .. } = &key.kind else {
                self.error(key.span, "a key must be text", "write the key as a word or in quotes");
                continue;
            };
            match seen.get(text) {
                Some(first) => self.twice(text, key.span, *first),
                None => {
                    seen.insert(text.clone(), key.span);
                    entries.push((key, value));
                }
            }
        }
        for merge in merges {
            self.merge(merge, &mut seen, &mut entries);
        }
        NodeKind::Map(entries)
    }

    fn twice(&mut self, key: &str, span: Span, first: Span) {
        let diagnostic = Diagnostic::new(&E0902, span, format!("the key `{key}` is given twice"))
            .label("given again")
            .also(first, "given here")
            .help("keep one of the two");
        self.report(diagnostic);
    }

    /// Adds what `<<` brings; keys that are there already stay.
    fn merge(&mut self, value: Node, seen: &mut FxHashMap<SmolStr, Span>, entries: &mut Vec<(Node, Node)>) {
        match value.kind {
            NodeKind::Map(more) => {
                for (key, value) in more {
                    let text = SmolStr::new(key.as_str().unwrap_or_default());
                    if let std::collections::hash_map::Entry::Vacant(vacant) = seen.entry(text) {
                        vacant.insert(key.span);
                        entries.push((key, value));
                    }
                }
            }
            NodeKind::List(maps) if maps.iter().all(|m| matches!(m.kind, NodeKind::Map(_))) => {
                for map in maps {
                    self.merge(map, seen, entries);
                }
            }
            _ => self.error(value.span, "`<<` takes a map, or a list of maps", "quote the key if `<<` is its name"),
        }
    }

    fn alias(&mut self, id: usize, span: Span) {
        let Some(mut built) = self.anchors.get(&id).cloned() else {
            self.error(span, "the alias stands inside its own anchor", "write the value out");
            self.stopped = true;
            return;
        };
        built.node.span = span;
        if self.open.len() + built.height > MAX_DEPTH {
            self.stop(&E0005, span, format!("with this alias, nested deeper than {MAX_DEPTH} levels"));
        } else if self.copies(built.size, span) {
            self.add(built, 0);
        }
    }

    /// Whether so many more values may be copied; reports and stops otherwise.
    fn copies(&mut self, count: usize, span: Span) -> bool {
        self.copied += count;
        if self.copied > MAX_COPIED {
            self.stop(&E0902, span, format!("anchors and aliases repeat more than {MAX_COPIED} values"));
        }
        !self.stopped
    }

    /// Whether the next node is a key of a map.
    fn expects_key(&self) -> bool {
        self.open.last().is_some_and(|open| open.map && open.children.len().is_multiple_of(2))
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, mut built: Built, anchor: usize) {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            self.stop(&E0902, built.node.span, format!("more than {MAX_NODES} values in one file"));
            return;
        }
        if self.expects_key() {
            self.check_key(&built);
        }
        if anchor > 0 && self.copies(built.size, built.node.span) {
            self.anchors.insert(anchor, built.clone());
        }
        let Some(parent) = self.open.last_mut() else {
            if !built.implicit {
                self.documents.push(Document { root: built.node });
            }
            return;
        };
        if built.implicit
            && let Some(previous) = parent.children.last()
        {
            built.node.span = previous.span;
        }
        parent.size += built.size;
        parent.height = parent.height.max(built.height);
        parent.children.push(built.node);
    }

    /// Warns of a key that kubectl does not read as written.
    fn check_key(&mut self, built: &Built) {
        let NodeKind::String { text, plain: true } = &built.node.kind else { return };
        if let (NodeKind::Bool(value), Some(Doubt::Word)) = resolve(text) {
            let span = built.node.span;
            let message = format!("the key `{text}` needs quotes: Kubernetes reads it as `{value}`");
            let mut warning = Diagnostic::new(&E0902, span, message).help(format!("write `\"{text}\":`"));
            warning.severity = Severity::Warning;
            self.report(warning.fix("put it in quotes", span, format!("\"{text}\""), true));
        }
    }

    fn syntax_error(&mut self, error: &ScanError) {
        let mut start = error.marker().byte_offset().unwrap_or(self.text.len()).min(self.text.len());
        let mut rest = self.text.get(start..).unwrap_or("");
        if is_tab(error) && !rest.starts_with('\t') {
            // The parser names what stands before the tab, or after it.
            start = self.tab_near(start);
            rest = self.text.get(start..).unwrap_or("");
        }
        let width = rest.chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
        let span = self.place(start, start + width);
        self.stopped = true;
        if let Some(bracket) = self.open_bracket_before(span) {
            let diagnostic = Diagnostic::new(&E0902, bracket, "the bracket is not closed")
                .label("opened here")
                .also(span, "this cannot stand inside it")
                .help("add the closing bracket");
            return self.report(diagnostic);
        }
        let (message, help) = explain(error);
        let mut diagnostic = Diagnostic::new(&E0902, span, message);
        diagnostic.help = help.map(str::to_owned);
        self.report(diagnostic);
    }

    /// The first tab in the indentation of the line of a place, or else the next one.
    fn tab_near(&self, place: usize) -> usize {
        let line = self.text.get(..place).and_then(|before| before.rfind('\n')).map_or(0, |i| i + 1);
        let indentation = self.text.get(line..place).filter(|t| t.bytes().all(|b| matches!(b, b' ' | b'\t')));
        match indentation.and_then(|t| t.find('\t')) {
            Some(tab) => line + tab,
            None => place + self.text.get(place..).and_then(|rest| rest.find('\t')).unwrap_or(0),
        }
    }

    /// The bracket that is open, when it stands on a line before the place:
    /// then its closing one was forgotten.
    fn open_bracket_before(&self, span: Span) -> Option<Span> {
        let open = self.open.last().filter(|open| open.flow)?;
        let at = |place: u32| place.saturating_sub(self.offset) as usize;
        let between = self.text.get(at(open.start)..at(span.start))?;
        between.contains('\n').then(|| Span::new(self.file, open.start, open.start + 1))
    }
}
