//! YAML as data: documents of values that have places.

use smol_str::SmolStr;

use crate::source::Span;

/// One document of a file.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its value.
    pub root: Node,
}

/// A value and its place. In a value that an alias brought, the places are
/// those at the anchor; the value itself has the place of the alias.
#[derive(Clone, Debug)]
pub struct Node {
    /// From its first to its last character, an anchor or tag before it left
    /// out; of a block (`|`, `>`) its lines. A value that is not there has the
    /// place of its key.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// The forms of value.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// Nothing, `~`, `null`.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer beyond 63 bits.
    Uint(u64),
    /// A float.
    Float(f64),
    /// Text.
    String {
        /// The text, escapes resolved.
        text: SmolStr,
        /// Written without quotes, on one line or several, not as a block.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// Keys, always strings, and values, as written; no key comes twice.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let NodeKind::String { text, .. } = &self.kind { Some(text) } else { None }
    }

    /// The entries of a map.
    #[must_use]
    pub fn entries(&self) -> &[(Node, Node)] {
        if let NodeKind::Map(entries) = &self.kind { entries } else { &[] }
    }

    /// The value under a key of a map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(k, _)| k.as_str() == Some(key)).map(|(_, value)| value)
    }
}
