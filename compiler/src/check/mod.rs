//! From syntax to typed expressions. Bidirectional: the type that a context
//! expects flows in, so that a mistake is found at the deepest place that is
//! wrong. Every function of this phase returns something to go on with; what
//! could not be typed has [`Type::Unknown`], which later checks pass over in
//! silence, so that one slip gives one error.

mod admit;
mod anything;
mod branches;
mod calls;
mod changes;
mod composite;
mod composite_type;
mod consequence;
mod convert;
mod custom;
mod declarations;
mod dynamic;
mod expression;
mod facts;
mod fit;
mod instance;
mod kubernetes;
mod lints;
mod list;
mod macros;
mod map;
mod members;
mod names;
mod noting;
mod numbers;
mod object;
mod operators;
mod order;
mod place;
mod program;
mod recursion;
mod rules;
mod scope;
mod secret;
mod soundness;
mod strings;
mod turn;
mod type_expr;
mod union;
mod units;
mod versions;

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::diagnostic::{Diagnostic, E0005};
use crate::expr::{Expr, ExprKind, FnId, GlobalId, Program};
use crate::resolve::{DeclId, ModuleId, Modules};
use crate::schema::Schemas;
use crate::source::Span;
use crate::types::Type;
use crate::value::Value;

pub use admit::{MAX_ADMITTED, Parameters, Refusal};
pub use composite_type::{CompositeType, schema_of};
pub(crate) use consequence::drop_consequences;
pub use facts::{
    CallFact, Callee, Facts, InstanceFact, MatchFact, Named, ObjectFact, Parameter, Place, Reference, Variable,
    VariableKind,
};
pub use instance::TypedInstance;
pub(crate) use kubernetes::{is_dns_label, is_dns_subdomain, nearest_name};
pub(crate) use members::has_path;
pub use program::{CheckedExpression, Typing, check_expression, check_in_composite, facts};
pub(crate) use program::{check, suppress, suppress_compared};

use scope::Frame;
pub(crate) use soundness::Unsound;
pub(crate) use turn::Turns;

/// How many declarations may each need the next, before it is an error: what
/// nobody writes by hand, and what a stack holds.
const MAX_CHAIN: usize = 500;
/// How many parts a declared type may have, written out.
const MAX_PARTS: usize = 10_000;
/// The stack that must be left for checking one declaration, and what is added
/// where it is not, in bytes.
const STACK_LEFT: usize = 1 << 20;
const STACK_MORE: usize = 8 << 20;

/// An expression and its type.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The expression.
    pub expr: Expr,
    /// Its type; finer than the expression's `repr`.
    pub ty: Type,
}

/// What checking a program yields.
pub(crate) struct Checked {
    /// Functions and constants.
    pub program: Program,
    /// The composites in source order.
    pub composites: Vec<Arc<CompositeType>>,
    /// The instances in source order, those in YAML last.
    pub instances: Vec<Arc<TypedInstance>>,
    /// All that was found, in no particular order.
    pub diagnostics: Vec<Diagnostic>,
    /// What holds an error, or needs what does.
    pub unsound: Unsound,
    /// What the next compilation may take over.
    pub(crate) turns: Turns,
}

/// The state of one run over a program.
pub(crate) struct Checker<'a> {
    pub(crate) modules: &'a Modules,
    pub(crate) schemas: &'a Schemas,
    pub(crate) program: Program,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What was found in declarations, out of reach of whoever needed them first.
    settled: Vec<Diagnostic>,
    types: FxHashMap<DeclId, TypeState>,
    /// How many parts the declared types have, by the place of their names.
    sizes: FxHashMap<Span, usize>,
    functions: FxHashMap<DeclId, Arc<Signature>>,
    /// The functions whose signature is being read.
    running: FxHashSet<DeclId>,
    globals: FxHashMap<DeclId, GlobalState>,
    functions_by_number: numbers::Numbers,
    globals_by_number: numbers::Numbers,
    composites: FxHashMap<DeclId, Arc<CompositeType>>,
    used: FxHashSet<DeclId>,
    /// The declarations that types, functions and constants need.
    needs: BTreeMap<DeclId, FxHashSet<DeclId>>,
    frame: Frame,
    /// How many declarations are being checked, each because the one before
    /// needs it.
    depth: usize,
    /// Types are left to evaluation, as CEL does where it does not check.
    dynamic: bool,
    /// Anything fits where the check stands: what is `raw`, or has no schema.
    anything: bool,
    /// How many checks are running whose complaints may be dropped.
    trying: usize,
    /// The fields on the way to what is being checked, innermost last.
    way: Vec<Step>,
    /// What is being checked depends on more than what it needs: something was looked for in another module
    /// and not found, or found by way of its imports; or declarations need each other, and who comes first
    /// decides what each comes to.
    strays: bool,
    /// What is noted for an editor, where one asks.
    pub(crate) facts: Option<Box<Facts>>,
}

/// A field on the way to the value that is being checked.
#[derive(Clone, Debug)]
struct Step {
    key: SmolStr,
    /// Where the key is written.
    span: Span,
    /// The schema that declares the field.
    def: Option<crate::schema::DefId>,
    /// Where the field is declared in the language.
    declared: Option<Span>,
}

enum TypeState {
    Running,
    Done(Type),
}

#[derive(Clone)]
enum GlobalState {
    Running,
    Done(GlobalId, Type),
}

/// A function as its callers see it.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    pub(crate) id: FnId,
    pub(crate) name: SmolStr,
    pub(crate) params: Vec<SignatureParam>,
    pub(crate) result: Type,
    pub(crate) span: Span,
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub(crate) struct SignatureParam {
    pub(crate) name: SmolStr,
    pub(crate) ty: Type,
    pub(crate) default: Option<Expr>,
    pub(crate) span: Span,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(modules: &'a Modules, schemas: &'a Schemas) -> Self {
        Self {
            modules,
            schemas,
            program: Program::default(),
            diagnostics: Vec::new(),
            settled: Vec::new(),
            types: FxHashMap::default(),
            sizes: FxHashMap::default(),
            functions: FxHashMap::default(),
            running: FxHashSet::default(),
            globals: FxHashMap::default(),
            functions_by_number: numbers::Numbers::default(),
            globals_by_number: numbers::Numbers::default(),
            strays: false,
            composites: FxHashMap::default(),
            used: FxHashSet::default(),
            needs: BTreeMap::new(),
            frame: Frame::new(ModuleId(0)),
            depth: 0,
            dynamic: false,
            anything: false,
            trying: 0,
            way: Vec::new(),
            facts: None,
        }
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// An expression that stands for something that could not be checked.
    pub(crate) const fn unknown(span: Span) -> Typed {
        Typed { expr: Expr::new(ExprKind::Const(Value::Absent), crate::expr::Repr::Dyn, span), ty: Type::Unknown }
    }

    /// The type for a message.
    pub(crate) fn show(&self, ty: &Type) -> String {
        ty.display(self.schemas).to_string()
    }

    /// Whether a declaration can be checked for the one that uses it here;
    /// otherwise that is reported.
    pub(crate) fn can_go_deeper(&mut self, used: Span) -> bool {
        if self.depth < MAX_CHAIN {
            return true;
        }
        let message = format!("more than {MAX_CHAIN} declarations each need the next");
        self.strays = true;
        self.report(Diagnostic::new(&E0005, used, message).help("put what is needed before what needs it"));
        false
    }

    /// Runs with a fresh frame, as the body of another declaration needs it.
    pub(crate) fn in_frame<R>(&mut self, module: ModuleId, run: impl FnOnce(&mut Self) -> R) -> (R, Frame) {
        let saved = std::mem::replace(&mut self.frame, Frame::new(module));
        let way = std::mem::take(&mut self.way);
        let anything = std::mem::take(&mut self.anything);
        self.depth += 1;
        let result = stacker::maybe_grow(STACK_LEFT, STACK_MORE, || run(self));
        self.depth -= 1;
        self.way = way;
        self.anything = anything;
        let inner = std::mem::replace(&mut self.frame, saved);
        self.frame.needs.extend_from_slice(&inner.needs);
        (result, inner)
    }

    /// The same for a declaration. What is found in it is its own, whatever becomes of the check that needed it
    /// first.
    pub(crate) fn in_declaration<R>(&mut self, module: ModuleId, run: impl FnOnce(&mut Self) -> R) -> (R, Frame) {
        let outer = std::mem::take(&mut self.diagnostics);
        let (trying, dynamic) = (std::mem::take(&mut self.trying), std::mem::take(&mut self.dynamic));
        let result = self.in_frame(module, run);
        (self.trying, self.dynamic) = (trying, dynamic);
        let mut own = std::mem::replace(&mut self.diagnostics, outer);
        self.settled.append(&mut own);
        result
    }

    /// All that was found so far.
    pub(crate) fn take_diagnostics(&mut self) -> Vec<Diagnostic> {
        let mut found = std::mem::take(&mut self.settled);
        found.append(&mut self.diagnostics);
        found
    }

    /// Runs where anything fits, so that branches of several types are no mistake.
    pub(crate) fn with_anything<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> R {
        let before = std::mem::replace(&mut self.anything, true);
        let result = run(self);
        self.anything = before;
        result
    }

    /// Notes what a declaration needs.
    pub(crate) fn note_needs(&mut self, decl: DeclId, frame: &Frame) {
        self.needs.entry(decl).or_default().extend(frame.needs.iter().copied().filter(|needed| *needed != decl));
    }
}

impl Typed {
    pub(crate) fn new(kind: ExprKind, ty: Type, span: Span) -> Self {
        Self { expr: Expr::new(kind, ty.repr(), span), ty }
    }

    pub(crate) fn constant(value: Value, span: Span) -> Self {
        let ty = match value {
            Value::String(_) | Value::Int(_) | Value::Uint(_) | Value::Bool(_) | Value::Float(_) => {
                Type::Literal(value.clone())
            }
            Value::Duration(_) | Value::Quantity(_) => Type::of(&value),
            ref other => Type::of(other),
        };
        Self { expr: Expr::constant(value, span), ty }
    }

    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self.ty.peel(), Type::Unknown)
    }
}
