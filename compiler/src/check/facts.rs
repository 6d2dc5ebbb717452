//! What the checker knows beside what it reports: what each name stands for,
//! which types expressions have and which were expected, what a place takes.
//! An editor's features read it, so that they show what checking found and
//! have no analysis of their own.
//!
//! Nothing is noted where nobody asked; `noting.rs` takes the notes. What an
//! attempt notes whose complaints are dropped stays: a place that is read in
//! several ways may mean several things.

use smol_str::SmolStr;

use crate::diagnostic::Diagnostic;
use crate::expr::{Expr, Program};
use crate::resolve::ModuleId;
use crate::schema::DefId;
use crate::source::{FileId, Span};
use crate::syntax::ast;
use crate::types::Type;

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Named {
    /// What a source declares; the place of its name there.
    Source(Span),
    /// A field of a part of Kubernetes or of a CRD.
    Field(DefId, SmolStr),
    /// A kind, or a part of one by its own name.
    Kind(DefId),
    /// A function of the library, a macro included.
    Function(SmolStr),
    /// A module.
    Module(ModuleId),
    /// A type of the language itself, `self`, or a field of it.
    Builtin(SmolStr),
}

/// A name where it is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference {
    /// Its place.
    pub span: Span,
    /// What it stands for.
    pub named: Named,
}

/// What a variable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableKind {
    /// A parameter of the composite or function.
    Parameter,
    /// A `let`.
    Binding,
    /// A variable of a loop, a macro or a block.
    Local,
    /// A resource.
    Resource,
    /// `self`.
    Instance,
}

/// A variable that is visible at a place.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: SmolStr,
    /// Its type there.
    pub ty: Type,
    /// Where it is declared.
    pub span: Span,
    /// What it is.
    pub kind: VariableKind,
}

/// What may be written at the place that was asked about.
#[derive(Clone, Debug)]
pub enum Place {
    /// A value.
    Value {
        /// What is expected of it; `None` where anything will do.
        expected: Option<Type>,
        /// The variables, innermost last; none inside a text.
        variables: Vec<Variable>,
    },
    /// What stands after the dot.
    Member {
        /// The type of what stands before it.
        base: Type,
    },
    /// A declaration of a module, after the dot.
    ModuleMember(ModuleId),
    /// A key of an object.
    Key {
        /// The type of the object.
        ty: Type,
        /// Fields of it that cannot stand here.
        hidden: Vec<SmolStr>,
        /// The keys that the object has already.
        given: Vec<SmolStr>,
        /// The variables, for what is written short.
        variables: Vec<Variable>,
    },
    /// A type.
    Type,
    /// The name of an argument.
    Argument {
        /// The parameters.
        parameters: Vec<Parameter>,
    },
    /// The name of a resource, after `after`.
    Resource(Vec<Variable>),
    /// One of these words.
    Words(Vec<SmolStr>),
}

/// A parameter of a function as its callers see it.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name; of a function of the library, its type alone is known.
    pub name: SmolStr,
    /// Its type.
    pub ty: Type,
    /// It may be left out.
    pub optional: bool,
    /// Where it is declared.
    pub span: Span,
}

/// A call.
#[derive(Clone, Debug)]
pub struct CallFact {
    /// The name of what is called.
    pub name: Span,
    /// The arguments with their parentheses.
    pub args: Span,
    /// What is called.
    pub callee: Callee,
}

/// What is called.
#[derive(Clone, Debug)]
pub enum Callee {
    /// A function of a module.
    Declared {
        /// Where its name is declared.
        span: Span,
        /// Its parameters.
        parameters: Vec<Parameter>,
        /// What it gives.
        result: Type,
    },
    /// A function of the library or a macro, by its name.
    Library {
        /// The name.
        name: SmolStr,
        /// The type of what it is called on.
        receiver: Option<Type>,
    },
}

/// An object that was held against a type.
#[derive(Clone, Debug)]
pub struct ObjectFact {
    /// The object with its braces.
    pub span: Span,
    /// The type.
    pub ty: Type,
    /// Fields of the type that cannot stand here.
    pub hidden: Vec<SmolStr>,
    /// Fields that were left out and take their default, with it.
    pub defaults: Vec<(SmolStr, Expr)>,
    /// Required fields that are missing.
    pub missing: Vec<SmolStr>,
}

/// A `match` and the cases that it leaves out.
#[derive(Clone, Debug)]
pub struct MatchFact {
    /// The whole expression.
    pub span: Span,
    /// The missing cases as one would write them.
    pub missing: Vec<String>,
}

/// An instance of a composite.
#[derive(Clone, Debug)]
pub struct InstanceFact {
    /// Where its composite's name is declared.
    pub composite: Span,
    /// The composite's name in it.
    pub kind: Span,
    /// Its own name.
    pub name: ast::Ident,
    /// The whole of it.
    pub span: Span,
}

/// What checking noted.
#[derive(Debug, Default)]
pub struct Facts {
    /// The only file that is of interest, where not all are.
    pub(crate) only: Option<FileId>,
    /// The place that is asked about.
    pub(crate) probe: Option<(FileId, u32)>,
    /// Names and what they stand for.
    pub references: Vec<Reference>,
    /// Expressions with the types that they have.
    pub types: Vec<(Span, Type)>,
    /// Expressions with the types that were expected of them.
    pub expected: Vec<(Span, Type)>,
    /// Variables and declarations with their types, by the place of the name.
    pub declared: Vec<(Span, Type)>,
    /// Objects.
    pub objects: Vec<ObjectFact>,
    /// Calls.
    pub calls: Vec<CallFact>,
    /// `match`es that leave out cases.
    pub matches: Vec<MatchFact>,
    /// Fields that must have one name: those that tell the cases of a union apart.
    pub alike: Vec<Vec<Span>>,
    /// Instances, in the language and in YAML.
    pub instances: Vec<InstanceFact>,
    /// Functions and constants, as far as what is of interest needs them.
    pub program: Program,
    /// What checking had to say, consequences of other errors included.
    pub diagnostics: Vec<Diagnostic>,
    /// What may be written at the place that was asked about: several things
    /// where several readings are possible.
    pub places: Vec<Place>,
}

impl Facts {
    pub(super) fn wants(&self, file: FileId) -> bool {
        self.only.is_none_or(|only| only == file)
    }

    /// Sorts by place, each thing once.
    pub(crate) fn finish(&mut self) {
        self.references.sort();
        self.references.dedup();
        // Of one place the last type stays: narrowed, or checked again for good.
        for list in [&mut self.types, &mut self.expected, &mut self.declared] {
            list.reverse();
            list.sort_by_key(|(span, _)| *span);
            list.dedup_by_key(|(span, _)| *span);
        }
        self.calls.reverse();
        self.calls.sort_by_key(|call| call.args);
        self.calls.dedup_by_key(|call| call.args);
    }
}
