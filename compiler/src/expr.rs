//! The typed expression: what the checker makes of syntax, what partial
//! evaluation makes smaller, what the IR carries and the targets lower. Plain
//! data with a source span in every node; it knows no syntax and no files.

mod walk;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

pub use crate::syntax::ast::{BinaryOp, UnaryOp};

use crate::source::Span;
use crate::value::Value;

/// A typed expression.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Expr {
    /// Its form.
    pub kind: ExprKind,
    /// What a value of it looks like.
    pub repr: Repr,
    /// Where it was written.
    pub span: Span,
}

/// The representation of a value: its type with refinements, names and element
/// types forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub enum Repr {
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Float,
    String,
    Bytes,
    Duration,
    Timestamp,
    Quantity,
    List,
    Map,
    Opaque,
}

/// A variable: its slot in the frame, and its name for people and for targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Local {
    /// Index into the frame.
    pub slot: u32,
    /// Its name in the source.
    pub name: SmolStr,
}

/// How a field is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Access {
    /// It is there, or evaluation fails.
    Required,
    /// A declared field that may be absent: reads as [`Value::Absent`].
    Declared,
    /// `?.` or `[?k]`: absent where the base is absent or lacks it.
    Optional,
    /// Of an observed object: pending while it is not there.
    Observed,
}

/// The forms of typed expression.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ExprKind {
    /// A known value.
    Const(Value),
    /// A variable of a function, comprehension, `let` or loop.
    Local(Local),
    /// A parameter of the composite, by name.
    Param(SmolStr),
    /// The instance: `self.name` is a field of it.
    Instance,
    /// A resource of the composite, by name: what was written laid over what
    /// was observed. Outside its loop: the list of all.
    Resource(SmolStr),
    /// A `let` of the composite, by name.
    Binding(SmolStr),
    /// A constant of a module; gone after partial evaluation.
    Global(GlobalId),
    /// A field of an object.
    Field {
        /// The object.
        base: Box<Expr>,
        /// The field's name.
        name: SmolStr,
        /// How it is read.
        access: Access,
    },
    /// An element of a list or map.
    Index {
        /// The list or map.
        base: Box<Expr>,
        /// The index or key.
        index: Box<Expr>,
        /// How it is read.
        access: Access,
    },
    /// `has(e)`: a [`ExprKind::Field`], [`ExprKind::Index`] or variable that may be absent.
    Has(Box<Expr>),
    /// `!a`, `-a`.
    Unary(UnaryOp, Box<Expr>),
    /// A binary operator; `&&`, `||` and `??` look at the right side only when needed
    /// (`&&` and `||` absorb errors as CEL's do).
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// A condition.
    Cond(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `match`: the first arm that has an equal pattern, or the default.
    Match {
        /// What is matched.
        subject: Box<Expr>,
        /// Patterns and values.
        arms: Vec<(Vec<Value>, Expr)>,
        /// `_ =>`; without it the arms are exhaustive.
        default: Option<Box<Expr>>,
    },
    /// A function of the library, by its name in [`crate::library`].
    Call(SmolStr, Vec<Expr>),
    /// A function of a module; gone after partial evaluation. The arguments stand in the
    /// order of its parameters, defaults filled in.
    CallFn(FnId, Vec<Expr>),
    /// The value with a variable bound.
    Let(Local, Box<Expr>, Box<Expr>),
    /// A list.
    List(Vec<Item>),
    /// An object or map.
    Object(Vec<Entry>),
    /// Pieces joined to a string; each is converted as `string()` does, and
    /// Durations and Quantities print in canonical form.
    Concat(Vec<Expr>),
    /// A comprehension macro.
    Comprehension(Box<Comprehension>),
    /// The value, converted as its context demands.
    Coerce(Coercion, Box<Expr>),
    /// The value, which must keep a rule.
    Refine(Box<Refine>),
}

/// A constant of a module: an index into [`Program::globals`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct GlobalId(pub u32);

/// A function of a module: an index into [`Program::functions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FnId(pub u32);

/// The functions and constants that expressions call by id.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The functions.
    pub functions: Vec<Arc<FnDef>>,
    /// The constants.
    pub globals: Vec<Arc<GlobalDef>>,
}

/// A checked function.
#[derive(Clone, Debug)]
pub struct FnDef {
    /// The name.
    pub name: SmolStr,
    /// The parameters; they take the first slots of its frame.
    pub params: Vec<SmolStr>,
    /// The size of its frame.
    pub slots: u32,
    /// The body.
    pub body: Expr,
    /// The declaration's name.
    pub span: Span,
}

/// A checked constant.
#[derive(Clone, Debug)]
pub struct GlobalDef {
    /// The name.
    pub name: SmolStr,
    /// The size of the frame that its value needs.
    pub slots: u32,
    /// The value.
    pub value: Expr,
    /// The declaration's name.
    pub span: Span,
}

/// An item of a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Item {
    /// A value; left out when it is [`Value::Absent`].
    Value(Expr),
    /// All items of a list.
    Spread(Expr),
    /// Items under a condition.
    If(Expr, Vec<Item>, Vec<Item>),
    /// Items for each element.
    For(Loop, Vec<Item>),
}

/// An entry of an object.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Entry {
    /// A field; left out when its value is [`Value::Absent`].
    Field(SmolStr, Expr),
    /// A field whose key is computed.
    Computed(Expr, Expr),
    /// All entries of an object; they replace what stands before, in place.
    Spread(Expr),
    /// Entries under a condition.
    If(Expr, Vec<Entry>, Vec<Entry>),
    /// Entries for each element.
    For(Loop, Vec<Entry>),
}

/// `for x in range`, `for k, v in range`. Over a list with one variable: the
/// element; with two: index and element. Over a map with one: the key; with
/// two: key and value, keys sorted when `sorted`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Loop {
    /// The first variable.
    pub first: Local,
    /// The second variable.
    pub second: Option<Local>,
    /// What is gone over.
    pub range: Box<Expr>,
    /// Go over a map by sorted key (a map), not as written (a record).
    pub sorted: bool,
}

/// CEL's macros. `vars` are one or two; over a list with two they are index
/// and element, over a map key and value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Comprehension {
    /// Which one.
    pub op: MacroOp,
    /// What is gone over.
    pub range: Expr,
    /// The first variable.
    pub first: Local,
    /// The second variable.
    pub second: Option<Local>,
    /// The filter of `map`, `transformList`, `transformMap`, `transformMapEntry`.
    pub filter: Option<Expr>,
    /// The predicate or result.
    pub body: Expr,
}

/// Which macro.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub enum MacroOp {
    All,
    Exists,
    ExistsOne,
    Filter,
    /// `map` and `transformList`.
    Map,
    TransformMap,
    TransformMapEntry,
    /// `sortBy(x, key)`.
    SortBy,
}

/// A conversion that a context demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Coercion {
    /// A string or number to a Quantity.
    Quantity,
    /// A string to a Duration.
    Duration,
    /// An RFC 3339 string to a Timestamp.
    Timestamp,
    /// An integer to a Float.
    Float,
    /// Anything that must be a Bool.
    Bool,
    /// Anything that must be an Int.
    Int,
    /// Anything that must be a String.
    String,
    /// Anything that must be a list.
    List,
    /// Anything that must be a map, a record or an object.
    Map,
}

/// A value that must keep a rule of its type.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refine {
    /// The value.
    pub value: Expr,
    /// `it`.
    pub it: Local,
    /// The rule, a Bool over `it`.
    pub rule: Expr,
    /// What is said when it is broken; a String over `it`, or the rule's own text.
    pub message: Option<Expr>,
    /// The name of the type, where it has one.
    pub type_name: Option<SmolStr>,
}

impl Expr {
    /// Whether the value depends on that of the parts alone, all of which are evaluated.
    #[must_use]
    pub const fn is_operation(&self) -> bool {
        matches!(
            self.kind,
            ExprKind::Field { .. }
                | ExprKind::Index { .. }
                | ExprKind::Unary(..)
                | ExprKind::Binary(..)
                | ExprKind::Call(..)
                | ExprKind::Coerce(..)
        )
    }

    /// The parts that `&&` joins, in order; itself where nothing is joined.
    #[must_use]
    pub fn conjuncts(&self) -> Vec<&Self> {
        let (mut parts, mut open) = (Vec::new(), vec![self]);
        while let Some(expr) = open.pop() {
            match &expr.kind {
                ExprKind::Binary(BinaryOp::And, left, right) => open.extend([&**right, &**left]),
                _ => parts.push(expr),
            }
        }
        parts
    }

    /// An expression.
    #[must_use]
    pub const fn new(kind: ExprKind, repr: Repr, span: Span) -> Self {
        Self { kind, repr, span }
    }

    /// A known value.
    #[must_use]
    pub fn constant(value: Value, span: Span) -> Self {
        let repr = Repr::of(&value);
        Self { kind: ExprKind::Const(value), repr, span }
    }

    /// The value, when it is known.
    #[must_use]
    pub const fn known(&self) -> Option<&Value> {
        if let ExprKind::Const(value) = &self.kind { Some(value) } else { None }
    }
}

impl Coercion {
    /// What it converts to.
    #[must_use]
    pub const fn repr(self) -> Repr {
        match self {
            Self::Quantity => Repr::Quantity,
            Self::Duration => Repr::Duration,
            Self::Timestamp => Repr::Timestamp,
            Self::Float => Repr::Float,
            Self::Bool => Repr::Bool,
            Self::Int => Repr::Int,
            Self::String => Repr::String,
            Self::List => Repr::List,
            Self::Map => Repr::Map,
        }
    }
}

impl Repr {
    /// The representation of a value.
    #[must_use]
    pub const fn of(value: &Value) -> Self {
        match value {
            Value::Absent | Value::Type(_) => Self::Dyn,
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Bool,
            Value::Int(_) => Self::Int,
            Value::Uint(_) => Self::Uint,
            Value::Float(_) => Self::Float,
            Value::String(_) => Self::String,
            Value::Bytes(_) => Self::Bytes,
            Value::Duration(_) => Self::Duration,
            Value::Timestamp(_) => Self::Timestamp,
            Value::Quantity(_) => Self::Quantity,
            Value::List(_) => Self::List,
            Value::Map(_) => Self::Map,
            Value::Opaque(_) => Self::Opaque,
        }
    }
}
