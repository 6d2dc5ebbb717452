//! What comments mean: documentation and suppressions.

use smol_str::SmolStr;

use super::{Lower, Parts};
use crate::source::Span;
use crate::syntax::ast::{Allow, Ident};
use crate::syntax::tree::{Kind, NodeId};

impl Lower<'_> {
    /// The documentation before the part that `parts` gave last.
    pub(super) fn doc(&self, parts: &Parts<'_>, part: NodeId) -> Option<SmolStr> {
        let first = parts.docs?;
        let lines: Vec<&str> = (first.0..part.0)
            .map(NodeId)
            .filter(|id| self.kind(*id) == Kind::DocComment)
            .map(|id| {
                let line = self.str(id).trim_start_matches("///");
                line.strip_prefix(' ').unwrap_or(line).trim_end()
            })
            .collect();
        Some(SmolStr::from(lines.join("\n")))
    }

    /// All suppressions of the file.
    pub(super) fn allows(&self) -> Vec<Allow> {
        if !self.text.contains("allow(") {
            return Vec::new();
        }
        let comments = self.tree.leaves().filter(|id| self.kind(*id) == Kind::Comment);
        comments.filter_map(|id| self.allow(id)).collect()
    }

    /// `// allow(W0801, W0802): reason`.
    fn allow(&self, id: NodeId) -> Option<Allow> {
        let span = self.span(id);
        let rest = self.str(id).strip_prefix("//")?.trim_start().strip_prefix("allow(")?;
        let (codes, after) = rest.split_once(')')?;
        let start = span.end - rest.len() as u32;
        let mut at = start;
        let mut found = Vec::new();
        for code in codes.split(',') {
            let name = code.trim();
            let from = at + (code.len() - code.trim_start().len()) as u32;
            if !name.is_empty() {
                found.push(Ident { name: name.into(), span: Span::new(self.file, from, from + name.len() as u32) });
            }
            at += code.len() as u32 + 1;
        }
        let reason = after.trim_start().trim_start_matches(':').trim().to_owned();
        Some(Allow { codes: found, reason, span, target: self.target(span) })
    }

    /// The comment's own line where code stands before it, else the next line
    /// that holds more than comments.
    fn target(&self, comment: Span) -> Span {
        let bytes = self.text.as_bytes();
        let line_end = |from: usize| bytes.iter().skip(from).position(|b| *b == b'\n').map_or(bytes.len(), |i| from + i);
        let before = self.text.get(..comment.start as usize).unwrap_or("");
        let start = before.rfind('\n').map_or(0, |i| i + 1);
        let span = |start: usize, end: usize| Span::new(self.file, start as u32, end as u32);
        let end = line_end(comment.end as usize);
        if !before.get(start..).unwrap_or("").trim().is_empty() {
            return span(start, end);
        }
        let mut at = end + 1;
        while at < bytes.len() {
            let end = line_end(at);
            let line = self.text.get(at..end).unwrap_or("").trim();
            if !line.is_empty() && !line.starts_with("//") {
                return span(at, end);
            }
            at = end + 1;
        }
        span(bytes.len(), bytes.len())
    }
}
