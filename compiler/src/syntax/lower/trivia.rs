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
        // Backwards, so that the code after each comment is known.
        let (mut found, mut next_code) = (Vec::new(), self.text.len());
        for id in (0..self.tree.len() as u32).rev().map(NodeId).filter(|id| self.tree.is_leaf(*id)) {
            match self.kind(id) {
                Kind::Comment => found.extend(self.allow(id, next_code)),
                kind if !kind.is_trivia() && !self.str(id).is_empty() => next_code = self.span(id).start as usize,
                _ => {}
            }
        }
        found.reverse();
        found
    }

    /// `// allow(W0801, W0802): reason`.
    fn allow(&self, id: NodeId, next_code: usize) -> Option<Allow> {
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
        Some(Allow { codes: found, reason, span, target: self.target(span, next_code) })
    }

    /// The comment's own line where code stands before it, else the line of
    /// the code that comes next.
    fn target(&self, comment: Span, next_code: usize) -> Span {
        let line_start = |at: usize| self.text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
        let line_end = |at: usize| self.text.get(at..).and_then(|t| t.find('\n')).map_or(self.text.len(), |i| at + i);
        let own = line_start(comment.start as usize);
        let before = self.text.get(own..comment.start as usize).unwrap_or("");
        let at = if before.trim().is_empty() { next_code } else { comment.start as usize };
        let end = line_end(at);
        let end = if self.text.get(..end).is_some_and(|t| t.ends_with('\r')) { end - 1 } else { end };
        Span::new(self.file, line_start(at) as u32, end as u32)
    }
}
