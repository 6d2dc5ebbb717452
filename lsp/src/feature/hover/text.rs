//! The form of what is told: code, what is written about it, facts.

use std::fmt::Write as _;

/// The most lines of a declaration that are shown.
const LINES: usize = 24;

/// A text that grows.
pub(super) struct Text {
    out: String,
    facts: Vec<String>,
}

impl Text {
    /// Begins with something in the language.
    pub(super) fn code(code: impl AsRef<str>) -> Self {
        let mut out = String::new();
        let code = clipped(code.as_ref());
        // Documentation may have fences of its own; code has none longer than three.
        let _ = write!(out, "```tess\n{code}\n```");
        Self { out, facts: Vec::new() }
    }

    /// Begins with prose.
    pub(super) fn plain(text: &str) -> Self {
        Self { out: text.to_owned(), facts: Vec::new() }
    }

    /// Adds prose.
    pub(super) fn paragraph(mut self, text: &str) -> Self {
        self.add(text);
        self
    }

    pub(super) fn add(&mut self, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            let _ = write!(self.out, "\n\n{text}");
        }
    }

    /// Adds a fact, a line of its own below the prose.
    pub(super) fn fact(&mut self, fact: impl Into<String>) {
        let fact = fact.into();
        if !self.facts.contains(&fact) {
            self.facts.push(fact);
        }
    }

    pub(super) fn done(mut self) -> String {
        let facts = std::mem::take(&mut self.facts).join("  \n");
        self.add(&facts);
        self.out
    }
}

/// A declaration with as much of it as one reads in passing; further lines lose what all of them are indented by.
fn clipped(code: &str) -> String {
    let blanks = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let indent = code.lines().skip(1).filter(|line| !line.trim().is_empty()).map(blanks).min().unwrap_or(0);
    let mut lines: Vec<&str> = Vec::new();
    for (index, line) in code.lines().enumerate() {
        if index == LINES {
            lines.push("…");
            break;
        }
        lines.push(if index == 0 { line } else { line.get(indent.min(blanks(line))..).unwrap_or(line) }.trim_end());
    }
    lines.join("\n")
}
