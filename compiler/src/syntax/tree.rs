//! The lossless tree: every byte of the text lies in exactly one leaf, so the
//! leaves in order print the text back, whatever it was. Nodes stand in one
//! vector in preorder; nothing here recurses.

/// What a node is. Leaves that no rule names are [`Kind::Punct`] or trivia.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Kind {
    // Trivia.
    Blank,
    Newline,
    Comment,
    DocComment,
    Bom,
    // Leaves.
    Punct,
    Unknown,
    Keyword,
    Word,
    Quoted,
    Number,
    Constant,
    Text,
    OtherString,
    Operator,
    Prefix,
    Question,
    CondQuestion,
    SafeDot,
    OptionalMark,
    Wildcard,
    InstanceWord,
    KindPath,
    BareKey,
    Assign,
    Other,
    // What is missing, wrong or could not be read.
    Missing(Expected),
    Semicolon,
    StrayComma,
    WrongEquals,
    WrongArrow,
    Error,
    Misspelt,
    // Nodes.
    File,
    Expression,
    PlainString,
    BlockString,
    Interpolation,
    ModuleDecl,
    UseDecl,
    UseMembers,
    UseMember,
    Path,
    PrivateDecl,
    LaterDecl,
    TypeDecl,
    LetDecl,
    FnDecl,
    FnParams,
    FnParam,
    FnBlock,
    BlockLet,
    Default,
    Composite,
    Members,
    Instance,
    InstanceName,
    MisspeltComposite,
    MisspeltResource,
    Param,
    Output,
    Require,
    Ready,
    Scope,
    Lease,
    Notify,
    IfMember,
    ForMember,
    ForHead,
    Resource,
    External,
    After,
    Protect,
    Retain,
    Replace,
    TypeExpr,
    Union,
    TypeLiteral,
    Generic,
    ListType,
    ParenType,
    RecordType,
    TypeField,
    Expr,
    CondChain,
    Call,
    Arg,
    Index,
    Field,
    RootName,
    Paren,
    RawExpr,
    IfExpr,
    MatchExpr,
    Arms,
    Arm,
    Patterns,
    Pattern,
    List,
    Spread,
    OptionalItem,
    IfItem,
    ForItem,
    ItemBlock,
    BareObject,
    Object,
    EntryField,
    EntryShort,
    NumberKey,
    ComputedKey,
    IfEntry,
    ForEntry,
    EntryBlock,
}

/// What a node of no length stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Expected {
    Expr,
    Name,
    Type,
    Kind,
    Colon,
    Equals,
    Body,
    Arrow,
    In,
    Then,
    MisspeltThen,
    Else,
    MisspeltElse,
    When,
    On,
    Separator,
    Comma,
    LoopComma,
    LineEnd,
    Params,
    Angle,
    CondColon,
}

impl Kind {
    /// Blanks, line breaks, comments and the byte order mark.
    #[must_use]
    pub const fn is_trivia(self) -> bool {
        matches!(self, Self::Blank | Self::Newline | Self::Comment | Self::DocComment | Self::Bom)
    }

    /// A leaf whatever is in it: no gap in it is cut into smaller leaves.
    const fn is_token(self) -> bool {
        matches!(
            self,
            Self::Keyword
                | Self::Word
                | Self::Quoted
                | Self::Number
                | Self::Constant
                | Self::Text
                | Self::OtherString
                | Self::Operator
                | Self::Prefix
                | Self::Question
                | Self::CondQuestion
                | Self::SafeDot
                | Self::OptionalMark
                | Self::Wildcard
                | Self::InstanceWord
                | Self::KindPath
                | Self::BareKey
                | Self::Assign
                | Self::Other
                | Self::Missing(_)
                | Self::Semicolon
                | Self::StrayComma
                | Self::WrongEquals
                | Self::WrongArrow
        )
    }
}

/// A node of the tree, by its place in the preorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

#[derive(Clone, Copy, Debug)]
struct Node {
    kind: Kind,
    start: u32,
    end: u32,
    /// The first node after this one's last descendant.
    next: u32,
}

/// The tree of a file.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    /// The root, which covers the whole text.
    #[must_use]
    pub const fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// The number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// What the node is.
    #[must_use]
    pub fn kind(&self, id: NodeId) -> Kind {
        self.nodes.get(id.0 as usize).map_or(Kind::Unknown, |n| n.kind)
    }

    /// The bytes that the node covers.
    #[must_use]
    pub fn range(&self, id: NodeId) -> (u32, u32) {
        self.nodes.get(id.0 as usize).map_or((0, 0), |n| (n.start, n.end))
    }

    /// The text that the node covers.
    #[must_use]
    pub fn text<'t>(&self, id: NodeId, text: &'t str) -> &'t str {
        let (start, end) = self.range(id);
        text.get(start as usize..end as usize).unwrap_or("")
    }

    /// Whether the node has no children.
    #[must_use]
    pub fn is_leaf(&self, id: NodeId) -> bool {
        self.after(id).0 == id.0 + 1
    }

    /// The first node after the node's last descendant; may be past the end.
    #[must_use]
    pub fn after(&self, id: NodeId) -> NodeId {
        NodeId(self.nodes.get(id.0 as usize).map_or(id.0 + 1, |n| n.next))
    }

    /// The node's children in order, trivia included.
    #[must_use]
    pub fn children(&self, id: NodeId) -> Children<'_> {
        Children { tree: self, at: NodeId(id.0 + 1), end: self.after(id) }
    }

    /// All nodes in preorder.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// The leaves in order; their texts joined are the text of the file.
    pub fn leaves(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.ids().filter(|id| self.is_leaf(*id))
    }
}

/// The children of a node.
#[derive(Clone, Debug)]
pub struct Children<'t> {
    tree: &'t Tree,
    at: NodeId,
    end: NodeId,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        if self.at >= self.end {
            return None;
        }
        let id = self.at;
        self.at = self.tree.after(id);
        Some(id)
    }
}

/// Builds a tree from the starts and ends of its nodes, and fills what lies
/// between with punctuation and trivia.
#[derive(Debug)]
pub(super) struct Builder<'t> {
    text: &'t str,
    nodes: Vec<Node>,
    open: Vec<u32>,
    /// Where the next leaf starts.
    at: u32,
}

impl<'t> Builder<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, nodes: Vec::with_capacity(text.len() / 2), open: Vec::new(), at: 0 }
    }

    /// Opens a node at the offset.
    pub(super) fn start(&mut self, kind: Kind, offset: u32) {
        self.fill(offset);
        self.open.push(self.nodes.len() as u32);
        self.nodes.push(Node { kind, start: self.at, end: self.at, next: 0 });
    }

    /// Closes the innermost open node at the offset.
    pub(super) fn finish(&mut self, offset: u32) {
        let Some(index) = self.open.pop() else { return };
        let is_token = self.nodes.get(index as usize).is_some_and(|n| n.kind.is_token());
        if is_token {
            self.at = self.at.max(offset);
        } else if self.open.is_empty() {
            self.fill(offset);
        } else {
            self.fill(self.last_token_end(offset));
        }
        self.close(index);
    }

    /// Where the last leaf before the offset ends that is no trivia. A
    /// repetition of the grammar takes the blanks and comments after it, which
    /// belong to what is around.
    fn last_token_end(&self, offset: u32) -> u32 {
        let (mut at, mut end) = (self.at, self.at);
        while at < offset {
            let (kind, len) = leaf(self.text.get(at as usize..offset as usize).unwrap_or(""));
            at = if len == 0 { offset } else { at + len as u32 };
            // The carriage return of a line break whose line feed comes after.
            let is_return = self.text.as_bytes().get(at as usize - 1) == Some(&b'\r');
            if !(kind.is_trivia() || is_return) {
                end = at;
            }
        }
        end
    }

    /// Closes what is open and gives the tree.
    pub(super) fn build(mut self) -> Tree {
        let end = self.text.len() as u32;
        self.fill(end);
        while let Some(index) = self.open.pop() {
            self.close(index);
        }
        Tree { nodes: self.nodes }
    }

    fn close(&mut self, index: u32) {
        let (end, next) = (self.at, self.nodes.len() as u32);
        if let Some(node) = self.nodes.get_mut(index as usize) {
            (node.end, node.next) = (end, next);
        }
    }

    fn fill(&mut self, to: u32) {
        while self.at < to {
            let rest = self.text.get(self.at as usize..to as usize).unwrap_or("");
            let (kind, len) = leaf(rest);
            let start = self.at;
            self.at = if len == 0 { to } else { start + len as u32 };
            self.nodes.push(Node { kind, start, end: self.at, next: self.nodes.len() as u32 + 1 });
        }
    }
}

/// The kind and length of the leaf at the start of a text between tokens.
fn leaf(text: &str) -> (Kind, usize) {
    let bytes = text.as_bytes();
    let run = |f: fn(u8) -> bool| bytes.iter().take_while(|b| f(**b)).count();
    match bytes {
        [] => (Kind::Unknown, 0),
        [b' ' | b'\t', ..] => (Kind::Blank, run(|b| matches!(b, b' ' | b'\t'))),
        [b'\n', ..] => (Kind::Newline, 1),
        [b'\r', b'\n', ..] => (Kind::Newline, 2),
        [b'/', b'/', b'/', ..] if bytes.get(3) != Some(&b'/') => (Kind::DocComment, line_comment(bytes)),
        [b'/', b'/', ..] => (Kind::Comment, line_comment(bytes)),
        [b'/', b'*', ..] => (Kind::Comment, text.find("*/").map_or(text.len(), |i| i + 2)),
        _ => punctuation(text),
    }
}

/// A comment's length without its line break.
fn line_comment(bytes: &[u8]) -> usize {
    let len = bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len());
    if len > 0 && bytes.get(len - 1) == Some(&b'\r') { len - 1 } else { len }
}

fn punctuation(text: &str) -> (Kind, usize) {
    const LONG: [&str; 6] = ["\"\"\"", "...", "${", "->", "=>", "=="];
    if let Some(long) = LONG.iter().find(|long| text.starts_with(**long)) {
        return (Kind::Punct, long.len());
    }
    let first = text.chars().next().unwrap_or(' ');
    match first {
        '\u{FEFF}' => (Kind::Bom, 3),
        '!'..='~' => (Kind::Punct, 1),
        _ => (Kind::Unknown, first.len_utf8()),
    }
}
