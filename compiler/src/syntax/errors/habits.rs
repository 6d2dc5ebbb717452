//! What is written as in another language: said with what it is called here.

use super::Collector;
use crate::diagnostic::{Diagnostic, E0101};
use crate::source::Span;
use crate::syntax::tree::{Expected, Kind, NodeId};

/// Words of other languages that begin what has another name here.
const WORDS: [(&str, &[&str]); 8] = [
    ("use", &["import", "from", "include", "require"]),
    ("let", &["const", "var", "val", "local", "locals"]),
    ("type", &["enum", "struct", "interface", "class", "schema"]),
    ("fn", &["def", "func", "function"]),
    ("param", &["input", "parameter", "variable", "arg"]),
    ("require", &["assert", "validate", "validation"]),
    ("external", &["data", "existing"]),
    ("resource", &["object", "manifest"]),
];

/// The keyword that a word of another language stands for, if it is among those that may stand here.
pub(super) fn keyword_for(word: &str, possible: &[&str]) -> Option<&'static str> {
    let found = WORDS.iter().find(|(keyword, others)| possible.contains(keyword) && others.contains(&word));
    found.map(|(keyword, _)| *keyword)
}

impl Collector<'_> {
    /// The complaint about a habit of other languages at a place where the text
    /// cannot go on, from what stands before it and there.
    pub(super) fn habit(&self, expected: Expected, at: Span, word: &str, at_end: bool) -> Option<Diagnostic> {
        if at_end {
            return None;
        }
        let end = self.trimmed(at.start);
        let before = self.text.get(..end as usize)?;
        let after = self.text.get(at.end as usize..)?;
        let start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |i| i + 1);
        let previous = Span::new(self.file, start as u32, end);
        let last = before.get(start..)?;
        let found = match (expected, word) {
            (Expected::Body, "=") if self.line_begins(at, "if") => self.written(at, "=="),
            (Expected::Body, ".") if before.ends_with(|c: char| c.is_ascii_digit()) && self.line_begins(at, "for") => {
                Diagnostic::new(&E0101, at, "there is no `..` for a range of numbers")
                    .help("from 0 up to, without, 3: `for i in lists.range(3) { … }`")
            }
            (Expected::Body, "." | "/") if self.line_begins(at, "composite") => Diagnostic::new(
                &E0101,
                at,
                format!("the group and version of the API are not complete, found `{word}`"),
            )
            .help("write them as `composite Name: group.example/v1 { … }`"),
            (Expected::LineEnd, "default") if self.line_begins(at, "param") => Diagnostic::new(
                &E0101,
                at,
                "a default is given with `=`, found `default`",
            )
            .fix("write `=`", at, "=", true),
            (Expected::LineEnd, "&") if self.line_begins(at, "type") => {
                Diagnostic::new(&E0101, at, "types are not put together by `&`")
                    .help("write the fields of both in one record; a rule is `T where condition`")
            }
            (Expected::Separator | Expected::Comma, "=>") => {
                Diagnostic::new(&E0101, at, "there are no functions without a name, found `=>`")
                    .help("the variable is the first argument of a macro: `xs.map(x, x + 1)`")
            }
            (_, "=") if after.starts_with('!') => self.written(Span { end: at.end + 1, ..at }, "!="),
            (_, "=") if after.starts_with('<') => self.written(Span { end: at.end + 1, ..at }, "<="),
            (_, "=") if before.ends_with('<') => self.written(Span { start: end - 1, ..at }, "<="),
            (_, "=") if before.ends_with('>') => self.written(Span { start: end - 1, ..at }, ">="),
            (Expected::Expr, ":") if before.ends_with('?') => self.written(Span { start: end - 1, ..at }, "??"),
            (Expected::LineEnd, ":") if self.line_begins(at, "param") => {
                Diagnostic::new(&E0101, at, "a default is given with `=`, found `:`").fix("write `=`", at, " =", true)
            }
            (Expected::LineEnd | Expected::Separator, "[") if after.starts_with(']') && !last.is_empty() => {
                self.written(Span { end: at.end + 1, ..previous }, &format!("[{last}]"))
            }
            (Expected::Equals, ":") if before.ends_with(')') => Diagnostic::new(
                &E0101,
                at,
                "the type of a result stands after `->`, found `:`",
            )
            .fix("write `->`", at, " ->", true),
            (Expected::Name, "(") if last == "for" => {
                Diagnostic::new(&E0101, at, "a `for` has no parentheses").help("write `for x in xs { … }`")
            }
            (Expected::Colon, "?") if self.context == Kind::Param => {
                Diagnostic::new(&E0101, at, "the `?` of a parameter stands after its type")
                    .help("write `param name: Type?`")
            }
            (Expected::LineEnd, "\"") if self.line_begins(at, "require") => Diagnostic::new(
                &E0101,
                at,
                "the message of a requirement stands after `else`",
            )
            .fix("insert `else`", at.at_start(), "else ", true),
            (Expected::LineEnd, "/" | ":") if self.line_begins(at, "use") && !last.is_empty() => {
                Diagnostic::new(&E0101, at, format!("the parts of a module's name are joined by `.`, found `{word}`"))
                    .help("write `use a.b`, or `use a.b.{ member }`")
            }
            (Expected::LineEnd, ".") if self.line_begins(at, "use") => {
                Diagnostic::new(&E0101, at, "what is imported is named, found `.`")
                    .help("write `use a.b` and `b.member`, or `use a.b.{ member }`")
            }
            (Expected::Body, "dependsOn" | "depends_on" | "depends-on" | "needs") => self.written(at, "after"),
            (Expected::Body, "=") if self.context == Kind::Instance => {
                Diagnostic::new(&E0101, at, "an instance has no `=`").fix("remove the `=`", at, "", true)
            }
            _ => match last {
                "switch" | "case" | "select" => self.written(previous, "match"),
                "not" => self.written(Span { end: at.start, ..previous }, "!").label("`!` is not"),
                _ => return None,
            },
        };
        Some(found)
    }

    /// Whether the line of a place begins with a keyword.
    fn line_begins(&self, at: Span, keyword: &str) -> bool {
        let start = self.lines.line_start(self.lines.line(at.start)).unwrap_or(0) as usize;
        let line = self.text.get(start..at.start as usize).unwrap_or("").trim_start();
        line.strip_prefix(keyword).is_some_and(|rest| rest.starts_with(' '))
    }

    /// A comma with nothing before it that it could separate.
    pub(super) fn stray_comma(&mut self, id: NodeId) {
        let span = self.span(id);
        let rest = self.text.get(span.end as usize..).unwrap_or("").trim_start();
        let found = if self.line_begins(span, "require") && rest.starts_with('"') {
            Diagnostic::new(&E0101, span, "the message of a requirement stands after `else`").fix(
                "write `else`",
                span,
                " else",
                true,
            )
        } else {
            Diagnostic::new(&E0101, span, "this `,` stands alone").label("nothing is before it").fix(
                "remove the `,`",
                span,
                "",
                false,
            )
        };
        self.push(found);
    }

    fn written(&self, span: Span, right: &str) -> Diagnostic {
        let wrong = self.text.get(span.start as usize..span.end as usize).unwrap_or("").trim_end();
        Diagnostic::new(&E0101, span, format!("`{wrong}` is written `{right}`")).fix(
            format!("write `{right}`"),
            span,
            right,
            true,
        )
    }

    /// `return x` in a body, where only the value stands.
    pub(super) fn returned(&self, at: Span) -> Option<Diagnostic> {
        let end = self.trimmed(at.start);
        let before = self.text.get(..end as usize)?;
        before.ends_with("return").then(|| {
            let word = Span::new(self.file, end - 6, at.start);
            Diagnostic::new(&E0101, word, "there is no `return`")
                .label("the last expression of a body is its value")
                .fix("remove it", word, "", true)
        })
    }
}
