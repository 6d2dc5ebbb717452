//! Strings: the usual quotes where they mean the same.

use super::printer::{Printer, Probe};
use super::spacing::Blanks;
use crate::syntax::tree::{Kind, NodeId};

const BOTH: Blanks = Blanks { before: true, after: true };

impl Printer<'_> {
    pub(super) fn string(&mut self, id: NodeId) {
        match self.kind(id) {
            Kind::PlainString => self.plain_string(id),
            Kind::OtherString => {
                let text = with_usual_quotes(self.str(id));
                self.verbatim(&text);
            }
            _ => self.verbatim(self.str(id)),
        }
    }

    /// Text that may have several lines, which stay as they are.
    fn verbatim(&mut self, text: &str) {
        let first = text.find('\n').unwrap_or(text.len());
        self.put(text.get(..first).unwrap_or("").trim_end_matches('\r'), BOTH);
        let Some(rest) = text.get(first..).filter(|r| !r.is_empty()) else { return };
        if self.probe == Some(Probe::Going) {
            self.probe = Some(Probe::Fits);
        }
        self.continue_line(&rest.replace("\r\n", "\n"));
    }

    fn plain_string(&mut self, id: NodeId) {
        self.put("\"", Blanks { before: true, after: false });
        let outer = std::mem::replace(&mut self.in_string, true);
        for child in self.tree.children(id) {
            match self.kind(child) {
                Kind::Text => self.put(self.str(child), Blanks { before: false, after: false }),
                Kind::Interpolation => self.interpolation(child),
                _ => {}
            }
        }
        self.in_string = outer;
        self.put("\"", Blanks { before: false, after: true });
    }

    fn interpolation(&mut self, id: NodeId) {
        self.put("${", Blanks { before: false, after: false });
        for child in self.tree.children(id) {
            match self.kind(child) {
                Kind::Punct | Kind::Blank | Kind::Newline => {}
                Kind::Comment | Kind::DocComment => {
                    self.put(self.str(child), BOTH);
                }
                _ => self.node(child, Kind::Interpolation),
            }
        }
        self.put("}", Blanks { before: false, after: false });
    }
}

/// `'a'` as `"a"`, `r'a'` as `r"a"`; as it is where that would mean another.
fn with_usual_quotes(token: &str) -> String {
    let start = token.find(['"', '\'']).unwrap_or(0);
    let (prefix, quoted) = token.split_at(start);
    let body = quoted.strip_prefix('\'').and_then(|t| t.strip_suffix('\''));
    let Some(body) = body.filter(|b| !b.starts_with('\'') || b.is_empty()) else { return token.to_owned() };
    if quoted.starts_with("'''") {
        return token.to_owned();
    }
    if !prefix.is_empty() {
        return if body.contains('"') { token.to_owned() } else { format!("{prefix}\"{body}\"") };
    }
    let mut out = String::with_capacity(token.len() + 2);
    out.push('"');
    let mut chars = body.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('\'')) => {
                chars.next();
                out.push('\'');
            }
            ('\\', Some(_)) => {
                out.push(c);
                out.extend(chars.next());
            }
            ('"', _) => out.push_str("\\\""),
            ('$', Some('{')) => out.push_str("\\$"),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}
