//! The abstract syntax: owned, without trivia, one span for every node. It is
//! lowered from the lossless tree and exists for every input; what could not
//! be parsed is an `Error` node that later phases pass over in silence.
//!
//! Over 500 lines: these are nouns only, and one reads them side by side.

use smol_str::SmolStr;

use crate::source::Span;

/// A name as written, backticks removed.
pub type Name = SmolStr;

/// A name and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ident {
    /// The name.
    pub name: Name,
    /// Its place.
    pub span: Span,
}

/// Names joined by dots: `std.labels`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// At least one segment.
    pub segments: Vec<Ident>,
    /// From the first to the last segment.
    pub span: Span,
}

impl Path {
    /// The path as written.
    #[must_use]
    pub fn dotted(&self) -> String {
        self.segments.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(".")
    }
}

/// A file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Module {
    /// `module a.b`.
    pub name: Option<Path>,
    /// The imports.
    pub uses: Vec<Use>,
    /// The declarations in source order.
    pub decls: Vec<Decl>,
    /// `// allow(W0801): reason`, for the line below (or its own line).
    pub allows: Vec<Allow>,
}

/// A suppression comment.
#[derive(Clone, Debug, PartialEq)]
pub struct Allow {
    /// The codes, as written.
    pub codes: Vec<Ident>,
    /// The reason; empty when none was given.
    pub reason: String,
    /// The comment.
    pub span: Span,
    /// The byte range of the line that it applies to: the next line that holds
    /// more than comments, or its own where code stands before it.
    pub target: Span,
}

/// `use a.b`, `use a.b as x`, `use a.b.{ N, M as O }`, `use "./x.tess" as x`.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// What is imported.
    pub source: UseSource,
    /// What it binds.
    pub binds: UseBinds,
    /// The declaration.
    pub span: Span,
}

/// Where an import comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum UseSource {
    /// A module by name.
    Module(Path),
    /// A file, relative to the importing one.
    File(SmolStr, Span),
}

/// What an import binds.
#[derive(Clone, Debug, PartialEq)]
pub enum UseBinds {
    /// The module itself, under its last segment or the name after `as`.
    Module(Option<Ident>),
    /// Members: name and the name after `as`.
    Members(Vec<(Ident, Option<Ident>)>),
}

/// A declaration and what stands before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decl {
    /// The text of its `///` lines, joined by line breaks.
    pub doc: Option<SmolStr>,
    /// Marked `private`.
    pub private: bool,
    /// What is declared.
    pub kind: DeclKind,
    /// The whole declaration, documentation left out.
    pub span: Span,
}

/// The forms of declaration.
#[derive(Clone, Debug, PartialEq)]
pub enum DeclKind {
    /// `type N = …`.
    Type {
        /// The name.
        name: Ident,
        /// The definition.
        ty: TypeExpr,
    },
    /// `let n: T = e`.
    Let(Let),
    /// `fn f(a: A) -> R = e`.
    Fn(Function),
    /// `composite K: group/version { … }`.
    Composite(Composite),
    /// `resource …` at top level.
    Resource(Resource),
    /// `external …` at top level.
    External(Resource),
    /// `K name { … }`.
    Instance(Instance),
    /// What could not be parsed; reported already.
    Error,
}

/// `let n: T = e`.
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    /// The name.
    pub name: Ident,
    /// The type, where written.
    pub ty: Option<TypeExpr>,
    /// The value.
    pub value: Expr,
}

/// `fn f(a: A, b: B = e) -> R = e` or `fn f(…) -> R { let … e }` (a
/// [`ExprKind::Block`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// The name.
    pub name: Ident,
    /// The parameters.
    pub params: Vec<FnParam>,
    /// The result type; required by the language, `None` when left out.
    pub result: Option<TypeExpr>,
    /// The body.
    pub body: Expr,
}

/// A function's parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct FnParam {
    /// The name.
    pub name: Ident,
    /// The type; `None` when left out, which is an error of its own.
    pub ty: Option<TypeExpr>,
    /// The default.
    pub default: Option<Expr>,
}

/// `composite K: group/version { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Composite {
    /// The kind.
    pub name: Ident,
    /// `group/version` as written, and its place.
    pub api: Option<(SmolStr, Span)>,
    /// The members in source order.
    pub members: Vec<Member>,
    /// The place of the closing brace (empty when it is missing).
    pub close: Span,
}

/// A member of a composite, or of an `if` or `for` in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its `///` documentation.
    pub doc: Option<SmolStr>,
    /// What it is.
    pub kind: MemberKind,
    /// The whole member, documentation left out.
    pub span: Span,
}

/// The forms of member.
#[derive(Clone, Debug, PartialEq)]
pub enum MemberKind {
    /// `param n: T = default`; `param n: T?` may be absent.
    Param {
        /// The name.
        name: Ident,
        /// The type.
        ty: Option<TypeExpr>,
        /// The default.
        default: Option<Expr>,
    },
    /// `let`.
    Let(Let),
    /// `require condition else "message"`.
    Require {
        /// What must hold.
        condition: Expr,
        /// What is said otherwise.
        message: Option<Expr>,
    },
    /// `resource`.
    Resource(Resource),
    /// `external`.
    External(Resource),
    /// `if c { … } else { … }`; `else if` is an `If` alone in `otherwise`.
    If {
        /// The condition.
        condition: Expr,
        /// Members where it holds.
        then: Vec<Member>,
        /// Members where it does not.
        otherwise: Vec<Member>,
    },
    /// `for x in xs by k { … }`, `for k, v in m { … }`.
    For {
        /// The head.
        head: ForHead,
        /// `by expression`.
        key: Option<Expr>,
        /// The members.
        body: Vec<Member>,
    },
    /// `output n: T = e`.
    Output(Let),
    /// `ready when e`.
    Ready(Expr),
    /// `scope cluster` or `scope namespaced`.
    Scope(Ident),
    /// `lease e { … }`.
    Lease {
        /// How long.
        duration: Expr,
        /// The options, an object; `None` when left out.
        options: Option<Expr>,
    },
    /// `notify slack(x) on ready, lease-expiring`.
    Notify {
        /// The channel: a call.
        channel: Expr,
        /// The events.
        events: Vec<Ident>,
    },
    /// What could not be parsed; reported already.
    Error,
}

/// `x in xs` or `k, v in m`.
#[derive(Clone, Debug, PartialEq)]
pub struct ForHead {
    /// The first variable: the element, or the key where there are two.
    pub first: Ident,
    /// The second variable: the value.
    pub second: Option<Ident>,
    /// What is gone over.
    pub range: Expr,
}

/// `resource n: group/version/Kind { … }` with its modifiers.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// The name.
    pub name: Ident,
    /// `raw` before the kind: no schema is needed.
    pub raw: bool,
    /// The kind as written (`apps/v1/Deployment`) and its place.
    pub kind: Option<(SmolStr, Span)>,
    /// The body: an `Object`, or any expression after `=`.
    pub body: Expr,
    /// `after a, b`, `ready when …`, `protect`, `retain`, `replace`, before the body.
    pub modifiers: Vec<Modifier>,
}

/// What may stand between a resource's kind and its body, each on the same
/// line or on lines of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Modifier {
    /// `after a, b`.
    After(Vec<Ident>),
    /// `ready when e`.
    Ready(Expr),
    /// `protect`: never deleted by Tessera; its place.
    Protect(Span),
    /// `retain`: kept when the composite goes; its place.
    Retain(Span),
    /// `replace`: may be deleted and made again when an immutable field changes; its place.
    Replace(Span),
}

/// `K name in namespace { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// The composite's name, possibly qualified.
    pub composite: Path,
    /// The instance's name; the text may be anything that a string may be.
    pub name: Ident,
    /// `in namespace`.
    pub namespace: Option<Ident>,
    /// The parameters, an `Object`.
    pub body: Expr,
}

/// A type as written.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeExpr {
    /// Its form.
    pub kind: TypeExprKind,
    /// Its place.
    pub span: Span,
}

/// The forms of type.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeExprKind {
    /// `String`, `labels.Set`.
    Name(Path),
    /// `apps/v1/Deployment`, `core/v1/Container`.
    Kind(SmolStr),
    /// `Secret<T>`.
    Generic(Ident, Vec<TypeExpr>),
    /// A literal: a string, number, truth value or suffixed literal.
    Literal(Box<Expr>),
    /// `A | B`; at least two, never nested.
    Union(Vec<TypeExpr>),
    /// `[T]`.
    List(Box<TypeExpr>),
    /// `{String: T}`.
    Map(Box<TypeExpr>, Box<TypeExpr>),
    /// `{ a: T, b?: T, c: T = default }`.
    Record(Vec<FieldDecl>),
    /// `T?`.
    Optional(Box<TypeExpr>),
    /// `T where it … else "message"`.
    Refined {
        /// The base.
        base: Box<TypeExpr>,
        /// The rule, over `it`.
        rule: Box<Expr>,
        /// What is said when it is broken.
        message: Option<Box<Expr>>,
    },
    /// What could not be parsed; reported already.
    Error,
}

/// A field of a record type.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDecl {
    /// Its `///` documentation.
    pub doc: Option<SmolStr>,
    /// The name.
    pub name: Ident,
    /// `b?: T`.
    pub optional: bool,
    /// The type.
    pub ty: TypeExpr,
    /// `= default`.
    pub default: Option<Expr>,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// Its form.
    pub kind: ExprKind,
    /// Its place.
    pub span: Span,
}

/// The forms of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// `1_000`, `0x1F`, `0o644`. A literal out of range is reported while lowering.
    Int(i64),
    /// `42u`.
    Uint(u64),
    /// `1.5`, `1e3`.
    Float(f64),
    /// `12h`, `256Mi`: the text as written, `_` removed; its form was checked
    /// while lowering: a number and one or more suffixes.
    Suffixed(SmolStr),
    /// A string without interpolation, escapes resolved.
    String(SmolStr),
    /// A string with at least one `${…}`.
    Interpolated(Vec<StringPart>),
    /// `b'…'`.
    Bytes(Vec<u8>),
    /// A name.
    Name(Name),
    /// `base.name`, `base?.name`.
    Field {
        /// The object.
        base: Box<Expr>,
        /// The field.
        name: Ident,
        /// `?.`.
        optional: bool,
    },
    /// `base[index]`, `base[?index]`.
    Index {
        /// The list or map.
        base: Box<Expr>,
        /// The index or key.
        index: Box<Expr>,
        /// `[?k]`.
        optional: bool,
    },
    /// `f(a, name: b)`; a method call has a `Field` as callee.
    Call {
        /// What is called.
        callee: Box<Expr>,
        /// The arguments.
        args: Vec<Arg>,
        /// Both parentheses and what is between them.
        args_span: Span,
    },
    /// `!a`, `-a`.
    Unary(UnaryOp, Box<Expr>),
    /// `a + b`; the operator's own place.
    Binary(BinaryOp, Span, Box<Expr>, Box<Expr>),
    /// `c ? a : b`, `if c then a else b`.
    Cond(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `match e { … }`.
    Match {
        /// What is matched.
        subject: Box<Expr>,
        /// The arms.
        arms: Vec<Arm>,
        /// The closing brace.
        close: Span,
    },
    /// `[…]`.
    List(Vec<Item>),
    /// `{…}`.
    Object(Vec<Entry>),
    /// `raw` before an object, list or string.
    Raw(Box<Expr>),
    /// The body of a function: bindings, then a value.
    Block(Vec<Let>, Box<Expr>),
    /// What could not be parsed; reported already.
    Error,
}

/// A piece of an interpolated string.
#[derive(Clone, Debug, PartialEq)]
pub enum StringPart {
    /// Text, escapes resolved.
    Text(SmolStr),
    /// `${…}`.
    Expr(Expr),
}

/// An argument.
#[derive(Clone, Debug, PartialEq)]
pub struct Arg {
    /// `name:` before it.
    pub name: Option<Ident>,
    /// The value.
    pub value: Expr,
}

/// An arm of a `match`: `"a" | "b" => e`, `_ => e`.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Literals; empty for `_`.
    pub patterns: Vec<Expr>,
    /// The patterns' place.
    pub pattern_span: Span,
    /// The value.
    pub body: Expr,
}

/// An item of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A value.
    Value(Expr),
    /// `?e`: left out where absent (CEL's optional element).
    Optional(Expr),
    /// `...e`.
    Spread(Expr, Span),
    /// `if c { … } else { … }`.
    If {
        /// The condition.
        condition: Expr,
        /// Items where it holds.
        then: Vec<Item>,
        /// Items where it does not.
        otherwise: Vec<Item>,
        /// Its place.
        span: Span,
    },
    /// `for x in xs { … }`.
    For {
        /// The head.
        head: ForHead,
        /// The items of each round.
        body: Vec<Item>,
        /// Its place.
        span: Span,
    },
}

/// An entry of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// `key: value`.
    Field {
        /// Its `///` documentation.
        doc: Option<SmolStr>,
        /// The key.
        key: Key,
        /// The value.
        value: Expr,
        /// `?key: value`: left out where absent.
        optional: bool,
    },
    /// `owner`, short for `owner: owner`.
    Short(Ident),
    /// `...e`.
    Spread(Expr, Span),
    /// `if c { … } else { … }`.
    If {
        /// The condition.
        condition: Expr,
        /// Entries where it holds.
        then: Vec<Entry>,
        /// Entries where it does not.
        otherwise: Vec<Entry>,
        /// Its place.
        span: Span,
    },
    /// `for k, v in m { … }`.
    For {
        /// The head.
        head: ForHead,
        /// The entries of each round.
        body: Vec<Entry>,
        /// Its place.
        span: Span,
    },
    /// What could not be parsed; reported already.
    Error(Span),
}

/// A key of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// A bare word or a string without interpolation.
    Word {
        /// The key's text.
        name: Ident,
        /// Written bare: `1`, `true` and `a` are told from `"1"`.
        bare: bool,
    },
    /// `(expression)`, or a string with interpolation.
    Computed(Expr),
}

/// `!` and `-`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum UnaryOp {
    /// `!`.
    Not,
    /// `-`.
    Neg,
}

/// The binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum BinaryOp {
    /// `||`.
    Or,
    /// `&&`.
    And,
    /// `==`.
    Eq,
    /// `!=`.
    Ne,
    /// `<`.
    Lt,
    /// `<=`.
    Le,
    /// `>`.
    Gt,
    /// `>=`.
    Ge,
    /// `in`.
    In,
    /// `+`.
    Add,
    /// `-`.
    Sub,
    /// `*`.
    Mul,
    /// `/`.
    Div,
    /// `%`.
    Rem,
    /// `??`.
    Coalesce,
}

impl BinaryOp {
    /// The operator as written.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Rem => "%",
            Self::Coalesce => "??",
        }
    }
}
