//! What stands between brackets, on one line or with a line for each entry.

use super::printer::Printer;
use super::spacing::Blanks;
use crate::syntax::tree::{Kind, NodeId};

/// Whether the node begins and ends with a bracket.
pub(super) const fn is_bracketed(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Object
            | Kind::EntryBlock
            | Kind::ItemBlock
            | Kind::Members
            | Kind::Arms
            | Kind::FnBlock
            | Kind::UseMembers
            | Kind::RecordType
            | Kind::List
            | Kind::ListType
            | Kind::Call
            | Kind::FnParams
            | Kind::Index
            | Kind::Paren
            | Kind::ParenType
            | Kind::ComputedKey
    )
}

/// Entries in parentheses keep their commas when each has a line of its own.
const fn keeps_commas(kind: Kind) -> bool {
    matches!(kind, Kind::Call | Kind::FnParams)
}

impl Printer<'_> {
    pub(super) fn bracketed(&mut self, id: NodeId) {
        let kind = self.kind(id);
        if self.in_string || self.is_flat(id) { self.flat(id, kind) } else { self.broken(id, kind) }
    }

    /// Whether what is in brackets goes on one line with them.
    pub(super) fn is_flat(&mut self, id: NodeId) -> bool {
        let children = || self.tree.children(id);
        let has = |wanted: fn(Kind) -> bool| children().any(|c| wanted(self.kind(c)));
        let is_empty = !children().any(|c| self.is_entry(c));
        let has_comment = has(|k| matches!(k, Kind::Comment | Kind::DocComment));
        let is_broken = has_comment || (has(|k| k == Kind::Newline) && !is_empty);
        !is_broken && (is_empty || self.fits_flat(id))
    }

    /// What counts as an entry: everything but brackets, commas and trivia.
    pub(super) fn is_entry(&self, id: NodeId) -> bool {
        let kind = self.kind(id);
        !kind.is_trivia() && kind != Kind::Punct && kind != Kind::Question
    }

    /// A lone entry that has brackets of its own is broken there.
    fn fits_flat(&mut self, id: NodeId) -> bool {
        let kind = self.kind(id);
        let mut entries = self.tree.children(id).filter(|c| self.is_entry(*c));
        if let (Some(only), None) = (entries.next(), entries.next())
            && !matches!(kind, Kind::Object | Kind::Members)
            && self.has_brackets(only)
        {
            return true;
        }
        self.fits(|printer| printer.flat(id, kind))
    }

    /// Whether the node is, but for wrappers, one bracketed node.
    fn has_brackets(&self, id: NodeId) -> bool {
        let mut at = id;
        loop {
            if is_bracketed(self.kind(at)) {
                return true;
            }
            let mut parts = self.tree.children(at).filter(|c| !self.kind(*c).is_trivia());
            match (parts.next(), parts.next()) {
                (Some(only), None)
                    if matches!(self.kind(at), Kind::Expr | Kind::Arg | Kind::TypeExpr | Kind::Union) =>
                {
                    at = only;
                }
                _ => return false,
            }
        }
    }

    fn flat(&mut self, id: NodeId, kind: Kind) {
        let (open, close) = self.ends(id);
        let spaced = open == "{" && !self.is_map_type(id);
        let before = !matches!(kind, Kind::Call | Kind::FnParams | Kind::Index | Kind::UseMembers);
        self.put(open, Blanks { before, after: false });
        self.blank_after = spaced;
        let mut first = true;
        for child in self.tree.children(id) {
            if self.done() {
                return;
            }
            if self.kind(child) == Kind::Question {
                self.put("?", Blanks { before: false, after: false });
            } else if self.is_entry(child) {
                if !std::mem::take(&mut first) {
                    self.put(",", Blanks { before: false, after: true });
                }
                self.node(child, kind);
            }
        }
        self.blank_after = spaced && !first;
        self.put(close, Blanks { before: true, after: true });
    }

    fn broken(&mut self, id: NodeId, kind: Kind) {
        let (open, close) = self.ends(id);
        let before = !matches!(kind, Kind::Call | Kind::FnParams | Kind::Index | Kind::UseMembers);
        self.put(open, Blanks { before, after: false });
        let (outer, base) = (self.line_indent, self.base);
        self.base = outer + 2;
        self.entries(id, self.base, true);
        if self.done() {
            return;
        }
        self.line_break(outer);
        self.put(close, Blanks { before: true, after: true });
        self.base = base;
    }

    /// The declarations of a file.
    pub(super) fn lines(&mut self, id: NodeId) {
        self.entries(id, 0, false);
    }

    /// Entries and comments, each on a line; `opened` after a bracket.
    fn entries(&mut self, id: NodeId, indent: usize, opened: bool) {
        let kind = self.kind(id);
        let commas = keeps_commas(kind);
        let last = self.tree.children(id).filter(|c| self.is_entry(*c)).last();
        let width = if kind == Kind::Arms { self.pattern_width(id) } else { 0 };
        let optional = self.tree.children(id).any(|c| self.kind(c) == Kind::Question);
        let (mut breaks, mut first, mut inline) = (0, true, false);
        for child in self.tree.children(id) {
            if self.done() {
                return;
            }
            match self.kind(child) {
                Kind::Newline => (breaks, inline) = (breaks + 1, false),
                Kind::Comment | Kind::DocComment => {
                    let trails = breaks == 0 && (opened || !first);
                    if !trails || self.ends_line {
                        self.new_line(breaks, first, opened, indent);
                    } else if !self.out.ends_with(' ') {
                        self.out.push(' ');
                    }
                    self.put_comment(self.str(child).trim_end());
                    // What follows a `/* */` on its line stays there.
                    (breaks, first, inline) = (0, first && trails, !self.ends_line && !trails);
                }
                _ if !self.is_entry(child) || self.str(child).is_empty() => {}
                entry => {
                    if !inline {
                        self.new_line(breaks, first, opened, indent);
                    }
                    self.base = indent;
                    if optional && first {
                        self.put("?", Blanks { before: true, after: false });
                    }
                    self.entry(child, entry, kind, width);
                    if commas && last != Some(child) {
                        self.put(",", Blanks { before: false, after: true });
                    }
                    (breaks, first, inline) = (0, false, false);
                }
            }
        }
    }

    fn new_line(&mut self, breaks: usize, first: bool, opened: bool, indent: usize) {
        if first && !opened {
            return;
        }
        if breaks > 1 && !first {
            self.line_break(0);
        }
        self.line_break(indent);
    }

    fn entry(&mut self, id: NodeId, kind: Kind, parent: Kind, width: usize) {
        let start = self.out.len();
        if kind != Kind::Arm || width == 0 {
            return self.node(id, parent);
        }
        for child in self.tree.children(id) {
            match self.kind(child) {
                Kind::Punct if self.str(child) == "=>" => {
                    let written = self.out.get(start..).unwrap_or("").chars().count();
                    self.out.extend(std::iter::repeat_n(' ', width.saturating_sub(written)));
                    self.leaf(child, kind);
                }
                Kind::Comment | Kind::DocComment => self.comment(child, false),
                Kind::Blank | Kind::Newline => {}
                _ => self.node(child, kind),
            }
        }
    }

    /// The width of the widest pattern, to align the arrows; 0 where one has
    /// several lines, or an arm's value is on the line after.
    fn pattern_width(&mut self, id: NodeId) -> usize {
        const WIDEST: usize = 40;
        let mut widest = 0;
        let tree = self.tree;
        for arm in tree.children(id).filter(|c| tree.kind(*c) == Kind::Arm) {
            let Some(patterns) = tree.children(arm).next() else { return 0 };
            let trivia = |c: NodeId| matches!(tree.kind(c), Kind::Newline | Kind::Comment | Kind::DocComment);
            if tree.children(patterns).chain(tree.children(arm)).any(trivia) {
                return 0;
            }
            let mark = self.mark();
            self.blank_after = false;
            let start = self.out.len();
            self.node(patterns, Kind::Arm);
            widest = widest.max(self.out.get(start..).unwrap_or("").chars().count());
            self.reset(&mark);
        }
        if widest > WIDEST { 0 } else { widest }
    }

    fn ends(&self, id: NodeId) -> (&'static str, &'static str) {
        match self.str(id).as_bytes().first() {
            Some(b'(') => ("(", ")"),
            Some(b'[') => ("[", "]"),
            _ => ("{", "}"),
        }
    }

    /// `{String: T}` is written without blanks.
    fn is_map_type(&self, id: NodeId) -> bool {
        let mut fields = self.tree.children(id).filter(|c| self.is_entry(*c));
        let (Some(field), None) = (fields.next(), fields.next()) else { return false };
        self.kind(id) == Kind::RecordType
            && self.str(field).starts_with(|c: char| c.is_ascii_uppercase())
            && !self.tree.children(field).any(|c| matches!(self.kind(c), Kind::Default | Kind::Question))
    }
}
