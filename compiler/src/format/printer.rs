//! The printer's state, and what is not between brackets.

use super::spacing::{Blanks, blanks};
use crate::syntax::tree::{Kind, NodeId, Tree};

/// Writes a tree.
pub(super) struct Printer<'t> {
    pub(super) tree: &'t Tree,
    pub(super) text: &'t str,
    pub(super) out: String,
    /// Where the current line starts in `out`.
    line_start: usize,
    /// The indentation of the current line.
    pub(super) line_indent: usize,
    /// The indentation of the entry, member or declaration that is written;
    /// its further lines are indented one level more.
    pub(super) base: usize,
    /// Whether the last leaf takes a blank after it.
    pub(super) blank_after: bool,
    /// A line comment was written: the line must end.
    pub(super) ends_line: bool,
    /// In a string of one line nothing may be broken.
    pub(super) in_string: bool,
    /// While it is only measured whether a text fits: the state of that.
    pub(super) probe: Option<Probe>,
}

/// Whether what is written fits on its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    Going,
    Fits,
    TooWide,
}

/// What is needed to take back what was written.
pub(super) struct Mark {
    len: usize,
    line_start: usize,
    line_indent: usize,
    base: usize,
    blank_after: bool,
    ends_line: bool,
}

impl<'t> Printer<'t> {
    pub(super) fn new(tree: &'t Tree, text: &'t str) -> Self {
        Self {
            tree,
            text,
            out: String::with_capacity(text.len() + text.len() / 8),
            line_start: 0,
            line_indent: 0,
            base: 0,
            blank_after: false,
            ends_line: false,
            in_string: false,
            probe: None,
        }
    }

    pub(super) fn print(mut self) -> String {
        self.lines(self.tree.root());
        let end = self.out.trim_end().len();
        self.out.truncate(end);
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    pub(super) fn kind(&self, id: NodeId) -> Kind {
        self.tree.kind(id)
    }

    pub(super) fn str(&self, id: NodeId) -> &'t str {
        self.tree.text(id, self.text)
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            len: self.out.len(),
            line_start: self.line_start,
            line_indent: self.line_indent,
            base: self.base,
            blank_after: self.blank_after,
            ends_line: self.ends_line,
        }
    }

    pub(super) fn reset(&mut self, mark: &Mark) {
        self.out.truncate(mark.len);
        self.line_start = mark.line_start;
        self.line_indent = mark.line_indent;
        self.base = mark.base;
        self.blank_after = mark.blank_after;
        self.ends_line = mark.ends_line;
    }

    /// Whether measuring has come to its end, so that nothing more is written.
    pub(super) fn done(&self) -> bool {
        matches!(self.probe, Some(Probe::Fits | Probe::TooWide))
    }

    /// Ends the line and indents the next one.
    pub(super) fn line_break(&mut self, indent: usize) {
        if self.probe == Some(Probe::Going) {
            self.probe = Some(Probe::Fits);
        }
        self.out.push('\n');
        self.line_start = self.out.len();
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.line_indent = indent;
        self.blank_after = false;
        self.ends_line = false;
    }

    /// Writes text with its blanks.
    pub(super) fn put(&mut self, text: &str, around: Blanks) {
        if self.ends_line {
            self.line_break(self.base + 2);
        }
        if self.blank_after && around.before {
            self.out.push(' ');
        }
        self.out.push_str(text);
        self.blank_after = around.after;
        self.measure();
    }

    /// Writes the further lines of a text that has several.
    pub(super) fn continue_line(&mut self, text: &str) {
        self.out.push_str(text);
        self.line_start = self.out.rfind('\n').map_or(0, |i| i + 1);
    }

    fn measure(&mut self) {
        if self.probe == Some(Probe::Going) {
            let line = self.out.get(self.line_start..).unwrap_or("");
            if line.len() > super::WIDTH && line.chars().count() > super::WIDTH {
                self.probe = Some(Probe::TooWide);
            }
        }
    }

    /// Whether what `write` puts fits on the current line, up to its first
    /// line break; nothing of it stays.
    pub(super) fn fits(&mut self, write: impl FnOnce(&mut Self)) -> bool {
        if self.probe.is_some() {
            return true;
        }
        let mark = self.mark();
        self.probe = Some(Probe::Going);
        write(self);
        let probe = self.probe.take();
        self.reset(&mark);
        probe != Some(Probe::TooWide)
    }

    // ---- nodes ------------------------------------------------------------------

    pub(super) fn node(&mut self, id: NodeId, parent: Kind) {
        if self.done() {
            return;
        }
        let kind = self.kind(id);
        match kind {
            Kind::PlainString | Kind::BlockString | Kind::OtherString => self.string(id),
            Kind::Field => self.field(id),
            // A name is the same with and without the dot before it; with it,
            // a line of its own would go on from the one above.
            Kind::RootName => self.parts(id, |c| c != "."),
            _ if super::brackets::is_bracketed(kind) => self.bracketed(id),
            _ if self.tree.is_leaf(id) => self.leaf(id, parent),
            _ => self.parts(id, |_| true),
        }
    }

    pub(super) fn leaf(&mut self, id: NodeId, parent: Kind) {
        let (kind, text) = (self.kind(id), self.str(id));
        if !text.is_empty() {
            self.put(text, blanks(kind, text, parent));
        }
    }

    /// The children of a node that is not between brackets; line breaks stay
    /// where they are.
    fn parts(&mut self, id: NodeId, keep: impl Fn(&str) -> bool) {
        let kind = self.kind(id);
        let mut broken = false;
        for child in self.tree.children(id) {
            match self.kind(child) {
                Kind::Blank | Kind::Bom => {}
                Kind::Newline => broken = true,
                Kind::Comment | Kind::DocComment => self.comment(child, std::mem::take(&mut broken)),
                _ if !keep(self.str(child)) => {}
                _ => {
                    if std::mem::take(&mut broken) && !self.joins(child) {
                        self.line_break(self.base + 2);
                    }
                    if self.is_body_after_lines(child, kind) {
                        self.line_break(self.base);
                    }
                    self.node(child, kind);
                }
            }
        }
    }

    /// Whether this is the body of a resource whose modifiers have lines of
    /// their own: it begins a line, too, and stands no deeper than the resource.
    fn is_body_after_lines(&mut self, id: NodeId, parent: Kind) -> bool {
        matches!(parent, Kind::Resource | Kind::External)
            && self.kind(id) == Kind::Object
            && (self.line_indent > self.base || self.ends_line)
            && !self.is_flat(id)
    }

    /// Whether a part goes on the line of what is before it: a body, and an
    /// `else` after one.
    fn joins(&self, id: NodeId) -> bool {
        if self.ends_line || self.tree.range(id).0 == self.tree.range(id).1 {
            return true;
        }
        match self.kind(id) {
            Kind::Object | Kind::Members | Kind::ItemBlock | Kind::EntryBlock | Kind::Arms | Kind::FnBlock => true,
            Kind::Keyword => self.str(id) == "else" && self.out.ends_with('}'),
            _ => false,
        }
    }

    /// A comment within or after a line of code, or on a line of its own.
    pub(super) fn comment(&mut self, id: NodeId, own_line: bool) {
        let text = self.str(id).trim_end();
        if own_line || self.ends_line {
            self.line_break(self.base + 2);
        } else if !self.at_line_start() && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
        self.put_comment(text);
    }

    pub(super) fn put_comment(&mut self, text: &str) {
        self.out.push_str(&text.replace("\r\n", "\n"));
        self.blank_after = true;
        self.ends_line = text.starts_with("//");
        if text.contains('\n') && self.probe == Some(Probe::Going) {
            self.probe = Some(Probe::Fits);
        }
    }

    pub(super) fn at_line_start(&self) -> bool {
        self.out.len() == self.line_start + self.line_indent
    }

    /// `.x`, `?.x`, and `.?x` as `?.x`.
    fn field(&mut self, id: NodeId) {
        let optional = self.tree.children(id).any(|c| matches!(self.kind(c), Kind::Question | Kind::SafeDot));
        let none = Blanks { before: false, after: false };
        self.put(if optional { "?." } else { "." }, none);
        for child in self.tree.children(id) {
            match self.kind(child) {
                Kind::Comment | Kind::DocComment => self.comment(child, false),
                Kind::Word | Kind::Quoted => self.leaf(child, Kind::Field),
                _ => {}
            }
        }
    }
}
