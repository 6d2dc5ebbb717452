//! What was read although it is wrong: habits of other languages, words that
//! are misspelt, braces that are forgotten.

use super::Collector;
use super::words::{misspelt, nearest};
use crate::diagnostic::{Diagnostic, E0101, E0107, E0108, Edit, Fix};
use crate::source::Span;
use crate::syntax::tree::{Kind, NodeId};

impl Collector<'_> {
    pub(super) fn misspelt_head(&mut self, id: NodeId, likely: &[&'static str]) {
        let Some(word) = self.tree.children(id).next() else { return };
        let (span, text) = (self.span(word), self.str(word));
        let near = nearest(text, likely).or_else(|| likely.first().copied()).unwrap_or("resource");
        self.push(misspelt(span, text, near));
    }

    pub(super) fn later(&mut self, id: NodeId) {
        let Some(word) = self.tree.children(id).next() else { return };
        self.skip_to = self.tree.range(id).1;
        let text = self.str(word);
        let found = Diagnostic::new(&E0108, self.span(word), format!("`{text}` is not available yet"))
            .label("this declaration is passed over")
            .help("remove it until this version of Tessera knows it");
        self.push(found);
    }

    pub(super) fn semicolon(&mut self, id: NodeId) {
        let span = self.span(id);
        let rest = self.text.get(span.end as usize..).unwrap_or("");
        let ends_line = rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n') || rest.trim().is_empty();
        let text = if ends_line { "" } else { "\n" };
        let found = Diagnostic::new(&E0101, span, "unexpected `;`").label("a new line or a comma separates here").fix(
            if ends_line { "remove the `;`" } else { "begin a new line" },
            span,
            text,
            true,
        );
        self.push(found);
    }

    pub(super) fn wrong_equals(&mut self, id: NodeId) {
        let span = self.span(id);
        let rest = self.text.get(span.end as usize..).unwrap_or("").trim_start();
        if self.context == Kind::Param && self.str(id) == "=" && rest.starts_with(|c: char| !c.is_ascii_uppercase()) {
            let found = Diagnostic::new(&E0101, span, "a parameter has a type before its default")
                .label("the type is missing")
                .help("write `param name: Type = value`");
            return self.push(found);
        }
        let form = match self.context {
            Kind::Param => "a parameter is written `param name: Type`",
            Kind::Resource | Kind::External => "a resource is written `resource name: group/version/Kind`",
            Kind::Composite => "a composite is written `composite Name: group/version`",
            _ => "an entry is written `key: value`",
        };
        let found =
            if self.str(id) == "=" {
                Diagnostic::new(&E0101, span, "expected `:`, found `=`").label(form).fix(
                    "write `:`",
                    Span { start: self.trimmed(span.start), ..span },
                    ":",
                    true,
                )
            } else {
                Diagnostic::new(&E0101, span, "expected `=`, found `:`")
                    .label("what is declared is given with `=`")
                    .fix("write `=`", span, " =", true)
            };
        self.push(found);
    }

    pub(super) fn operator(&mut self, id: NodeId) {
        let right = match self.str(id) {
            "and" => "&&",
            "or" => "||",
            _ => return,
        };
        self.push_at(id, |c, span| {
            Diagnostic::new(&E0101, span, format!("`{}` is written `{right}`", c.str(id))).fix(
                format!("write `{right}`"),
                span,
                right,
                true,
            )
        });
    }

    pub(super) fn bare_object(&mut self, id: NodeId) {
        let span = self.span(id);
        let inner = self.text.get(span.start as usize..span.end as usize).unwrap_or("").trim_end();
        let end = span.start + inner.len() as u32;
        let span = Span { end, ..span };
        let mut found = Diagnostic::new(&E0107, span, "an object in a list needs braces of its own")
            .label("these braces hold items, and this is an entry")
            .help("write `{ { key: value } }`: the outer braces are those of the `if` or `for`");
        found.fixes.push(Fix {
            title: "put braces round the object".to_owned(),
            edits: vec![
                Edit { span: span.at_start(), text: "{ ".to_owned() },
                Edit { span: span.at_end(), text: " }".to_owned() },
            ],
            safe: true,
        });
        self.push(found);
    }

    /// `[` and then `- a` on a line of its own.
    pub(super) fn dashes(&mut self, id: NodeId) {
        let Some(expr) = self.tree.children(id).find(|c| self.tree.kind(*c) == Kind::Expr) else { return };
        let Some(first) = self.tree.children(expr).next() else { return };
        let dash = self.tree.kind(first) == Kind::Prefix && self.str(first) == "-";
        let (start, end) = self.tree.range(first);
        let blank_after = self.text.get(end as usize..).is_some_and(|t| t.starts_with(' '));
        let between = self.text.get(self.tree.range(id).0 as usize..start as usize).unwrap_or("");
        if dash && blank_after && between.contains('\n') {
            let found = Diagnostic::new(&E0101, self.span(first), "items of a list take no `-`")
                .label("this is read as a minus");
            let line = self.text.get(end as usize..).and_then(|t| t.lines().next()).unwrap_or("");
            let found = if line.contains(": ") || line.trim_end().ends_with(':') {
                found.help("write each item as an object in braces: `{ name: \"a\", image: \"b\" }`")
            } else {
                found.help("write one item a line, or `[a, b]`")
            };
            self.push(found);
            // The items below are written the same way.
            self.quiet_to = self.quiet_to.max(self.tree.range(id).1);
        }
    }
}
