//! How the checker takes its notes; see `facts`. Nothing is noted where nobody asked.

use smol_str::SmolStr;

use super::facts::{
    CallFact, Callee, Facts, InstanceFact, MatchFact, Named, ObjectFact, Parameter, Place, Reference, Variable,
    VariableKind,
};
use super::object::{Building, Target};
use super::scope::Var;
use super::{Checker, Signature};
use crate::expr::ExprKind;
use crate::resolve::{DeclId, ModuleId, declared_name};
use crate::schema::DefId;
use crate::source::Span;
use crate::syntax::ast::{self, Entry, Key};
use crate::types::{Field, Type};

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

    /// Notes an object with what it leaves out.
    pub(super) fn note_built(&mut self, span: Span, target: &Target<'_>, building: &Building, missing: &[SmolStr]) {
        if self.facts.is_none() {
            return;
        }
        let left_out = target.record.fields.iter().filter(|(name, _)| !building.given.contains_key(*name));
        let defaults = left_out.filter_map(|(name, field)| Some((name.clone(), field.default.clone()?))).collect();
        let missing = if building.open { Vec::new() } else { missing.to_vec() };
        let hidden = target.hidden().iter().map(|name| SmolStr::from(*name)).collect();
        let fact = ObjectFact { span, ty: target.ty.clone(), hidden, defaults, missing };
        if let Some(facts) = self.facts_of(span) {
            facts.objects.push(fact);
        }
    }

    /// Notes the fields by which the cases of a union are told apart.
    pub(super) fn note_discriminator(&mut self, key: &str, cases: &[Type]) {
        if self.facts.is_none() {
            return;
        }
        let field = |case: &Type| case.record(self.schemas)?.fields.get(key)?.span;
        let fields: Vec<Span> = cases.iter().filter_map(field).collect();
        if let Some(facts) = &mut self.facts {
            facts.alike.push(fields);
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
