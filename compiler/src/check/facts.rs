//! What the checker knows beside what it reports: what each name stands for,
//! which types expressions have and which were expected, what a place takes.
//! An editor's features read it, so that they show what checking found and
//! have no analysis of their own.
//!
//! Nothing is noted where nobody asked ([`Checker::facts`] is `None`). What an
//! attempt notes whose complaints are dropped stays: a place that is read in
//! several ways may mean several things.

use smol_str::SmolStr;

use super::scope::Var;
use super::{Checker, Signature};
use crate::diagnostic::Diagnostic;
use crate::expr::{Expr, ExprKind, Program};
use crate::resolve::{DeclId, ModuleId, declared_name};
use crate::schema::DefId;
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, Entry, Key};
use crate::types::{Field, Type};

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
    fn wants(&self, file: FileId) -> bool {
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

impl Checker<'_> {
    /// The facts, where they are wanted of the file.
    fn facts_of(&mut self, span: Span) -> Option<&mut Facts> {
        self.facts.as_deref_mut().filter(|facts| facts.wants(span.file))
    }

    /// Whether the place that is asked about lies in the span.
    pub(super) fn is_asked(&self, span: Span) -> bool {
        let probe = self.facts.as_ref().and_then(|facts| facts.probe);
        probe.is_some_and(|(file, offset)| file == span.file && span.touches(offset))
    }

    pub(super) fn note_place(&mut self, place: impl FnOnce(&mut Self) -> Place) {
        let place = place(self);
        if let Some(facts) = &mut self.facts {
            facts.places.push(place);
        }
    }

    /// Notes what a name stands for.
    pub(super) fn refer(&mut self, span: Span, named: Named) {
        if let Some(facts) = self.facts_of(span) {
            facts.references.push(Reference { span, named });
        }
    }

    /// Notes a name that stands for a declaration.
    pub(super) fn refer_to_decl(&mut self, span: Span, decl: DeclId) {
        if self.facts.is_none() {
            return;
        }
        let name = self.modules.decl(decl).and_then(declared_name).map(|name| (name.span, name.name.clone()));
        let Some((declared, name)) = name else { return };
        // Under another name that an import gave it, it is that name's.
        let imports = self.modules.get(self.frame.module).map(|module| &module.imports);
        let written = self.modules.sources.text(span);
        let alias = (written != name).then(|| imports.and_then(|i| i.get(written)).map(|i| i.span)).flatten();
        self.refer(span, Named::Source(alias.unwrap_or(declared)));
    }

    /// Notes a name that stands for a module; under another name that an import gave it, it is that name's.
    pub(super) fn refer_to_module(&mut self, span: Span, module: ModuleId) {
        if self.facts.is_none() {
            return;
        }
        let own = self.modules.get(module).and_then(|m| m.ast.name.as_ref()?.segments.last().map(|s| s.name.clone()));
        let written = self.modules.sources.text(span);
        let import = self.modules.get(self.frame.module).and_then(|m| m.imports.get(written)).map(|i| i.span);
        match import.filter(|_| own.is_none_or(|own| own != written)) {
            Some(alias) => self.refer(span, Named::Source(alias)),
            None => self.refer(span, Named::Module(module)),
        }
    }

    /// Notes a declaration and its type.
    pub(super) fn note_declared(&mut self, name: Span, ty: &Type) {
        if let Some(facts) = self.facts_of(name) {
            facts.declared.push((name, ty.clone()));
            facts.references.push(Reference { span: name, named: Named::Source(name) });
        }
    }

    /// Notes the type that an expression has.
    pub(super) fn note_type(&mut self, span: Span, ty: &Type) {
        if let Some(facts) = self.facts_of(span) {
            facts.types.push((span, ty.clone()));
        }
    }

    /// Notes what is expected of an expression, and of the place in it that is asked about.
    pub(super) fn note_expected(&mut self, expr: &ast::Expr, expected: &Type) {
        if self.facts.is_none() {
            return;
        }
        if let Some(facts) = self.facts_of(expr.span) {
            facts.expected.push((expr.span, expected.clone()));
        }
        self.note_value(expr, Some(expected));
    }

    /// Notes what may be written where an expression is a single word or text
    /// that is asked about.
    pub(super) fn note_value(&mut self, expr: &ast::Expr, expected: Option<&Type>) {
        if !self.is_asked(expr.span) {
            return;
        }
        use ast::ExprKind::{Bool, Error, Float, Int, Name, Null, String, Suffixed};
        let variables = match &expr.kind {
            Name(_) | Error => self.variables(),
            String(_) | Bool(_) | Null | Int(_) | Float(_) | Suffixed(_) => Vec::new(),
            _ => return,
        };
        let expected = expected.cloned();
        self.note_place(|_| Place::Value { expected, variables });
    }

    /// The variables that are visible.
    pub(super) fn variables(&self) -> Vec<Variable> {
        self.frame.vars.iter().map(variable).collect()
    }

    /// Notes a field of a value, and what may stand for it.
    pub(super) fn note_field(&mut self, base: &Type, name: &ast::Ident) {
        if self.facts.is_none() {
            return;
        }
        self.note_member(base, name);
        self.refer_to_field(base, name);
    }

    /// Notes what may stand behind the dot, where it is asked about.
    pub(super) fn note_member(&mut self, base: &Type, name: &ast::Ident) {
        if self.is_asked(name.span) {
            let base = base.clone();
            self.note_place(|_| Place::Member { base });
        }
    }

    /// Notes the words that may stand at a place, where it is asked about.
    pub(super) fn note_words(&mut self, span: Span, words: &[&str]) {
        if self.is_asked(span) {
            let words = words.iter().map(|word| SmolStr::from(*word)).collect();
            self.note_place(|_| Place::Words(words));
        }
    }

    fn refer_to_field(&mut self, base: &Type, name: &ast::Ident) {
        match base.structure() {
            Type::Union(members) => {
                let members = members.clone();
                members.iter().for_each(|member| self.refer_to_field(member, name));
            }
            Type::Optional(inner) => {
                let inner = inner.clone();
                self.refer_to_field(&inner, name);
            }
            _ => {
                let def = if let Type::Schema(def) = base.structure() { Some(*def) } else { None };
                let field = base.record(self.schemas).and_then(|record| record.fields.get(&name.name)).cloned();
                if let Some(field) = field {
                    self.refer_to(&field, def, name);
                }
            }
        }
    }

    fn refer_to(&mut self, field: &Field, def: Option<DefId>, name: &ast::Ident) {
        let named = match (field.span, def) {
            (Some(span), _) => Named::Source(span),
            (None, Some(def)) => Named::Field(def, name.name.clone()),
            (None, None) => Named::Builtin(name.name.clone()),
        };
        self.refer(name.span, named);
    }

    /// Notes the keys of an object, and what may stand for the one that is asked about.
    pub(super) fn note_keys(&mut self, entries: &[Entry], ty: &Type, hidden: &[&str]) {
        if self.facts.is_none() {
            return;
        }
        for name in words(entries) {
            self.refer_to_field(ty, name);
            if self.is_asked(name.span) {
                let given = words(entries).filter(|w| w.span != name.span).map(|w| w.name.clone()).collect();
                let hidden = hidden.iter().map(|name| SmolStr::from(*name)).collect();
                let ty = ty.clone();
                self.note_place(|c| Place::Key { ty, hidden, given, variables: c.variables() });
            }
        }
    }

    /// Notes an object that was held against a type.
    pub(super) fn note_object(&mut self, fact: ObjectFact) {
        if let Some(facts) = self.facts_of(fact.span) {
            facts.objects.push(fact);
        }
    }

    pub(super) fn note_instance(
        &mut self,
        composite: &super::CompositeType,
        kind: Span,
        name: &ast::Ident,
        span: Span,
    ) {
        let composite = composite.ir.span;
        if let Some(facts) = self.facts_of(span) {
            facts.instances.push(InstanceFact { composite, kind, name: name.clone(), span });
        }
    }

    pub(super) fn note_match(&mut self, span: Span, missing: Vec<String>) {
        if let Some(facts) = self.facts_of(span) {
            facts.matches.push(MatchFact { span, missing });
        }
    }

    /// Notes the call of a function of a module, and the argument that is asked about.
    pub(super) fn note_call(&mut self, signature: &Signature, name: Span, args: &[ast::Arg], args_span: Span) {
        if self.facts.is_none() {
            return;
        }
        let parameters = || -> Vec<Parameter> { signature.params.iter().map(parameter).collect() };
        let callee =
            Callee::Declared { span: signature.span, parameters: parameters(), result: signature.result.clone() };
        self.note_callee(name, args_span, callee);
        for arg in args {
            let bare = matches!(arg.value.kind, ast::ExprKind::Name(_) | ast::ExprKind::Error);
            let place = arg.name.as_ref().map_or(arg.value.span, |name| name.span);
            if (bare || arg.name.is_some()) && self.is_asked(place) {
                self.note_place(|_| Place::Argument { parameters: parameters() });
            }
            if let Some((name, param)) =
                arg.name.as_ref().and_then(|name| Some((name, signature.params.iter().find(|p| p.name == name.name)?)))
            {
                self.refer(name.span, Named::Source(param.span));
            }
        }
    }

    /// Notes the call of a function of the library.
    pub(super) fn note_library_call(&mut self, name: &str, at: Span, args: Span, receiver: Option<&Type>) {
        if self.facts.is_some() {
            self.refer(at, Named::Function(name.into()));
            self.note_callee(at, args, Callee::Library { name: name.into(), receiver: receiver.cloned() });
        }
    }

    fn note_callee(&mut self, name: Span, args: Span, callee: Callee) {
        if let Some(facts) = self.facts_of(args) {
            facts.calls.push(CallFact { name, args, callee });
        }
    }
}

fn parameter(param: &super::SignatureParam) -> Parameter {
    let optional = param.default.is_some() || matches!(param.ty, Type::Optional(_));
    Parameter { name: param.name.clone(), ty: param.ty.clone(), optional, span: param.span }
}

fn variable(var: &Var) -> Variable {
    let kind = match &var.read {
        ExprKind::Param(_) => VariableKind::Parameter,
        ExprKind::Resource(_) => VariableKind::Resource,
        ExprKind::Instance => VariableKind::Instance,
        ExprKind::Local(_) => VariableKind::Local,
        _ => VariableKind::Binding,
    };
    Variable { name: var.name.clone(), ty: var.ty.clone(), span: var.span, kind }
}

/// The keys of an object that are written as words, those under conditions included.
fn words(entries: &[Entry]) -> Box<dyn Iterator<Item = &ast::Ident> + '_> {
    Box::new(entries.iter().flat_map(|entry| -> Box<dyn Iterator<Item = &ast::Ident> + '_> {
        match entry {
            Entry::Field { key: Key::Word { name, .. }, .. } | Entry::Short(name) => Box::new(std::iter::once(name)),
            Entry::If { then, otherwise, .. } => Box::new(words(then).chain(words(otherwise))),
            Entry::For { body, .. } => words(body),
            _ => Box::new(std::iter::empty()),
        }
    }))
}
