//! Types as written to types.

use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::facts::{Named, Place};
use super::names::Symbol;
use super::{Checker, MAX_PARTS, TypeState};
use crate::diagnostic::{Diagnostic, E0005, E0201, E0202, E0208, E0314};
use crate::resolve::DeclId;
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::{self, DeclKind, Expr, FieldDecl, Ident, Path, TypeExpr, TypeExprKind};
use crate::types::{self, Field, Record, Refined, Type};
use crate::value::Value;

/// The types that the language has by itself.
const BUILTIN: &[(&str, Type)] = &[
    ("String", Type::String),
    ("Int", Type::Int),
    ("Uint", Type::Uint),
    ("Float", Type::Float),
    ("Bool", Type::Bool),
    ("Duration", Type::Duration),
    ("Quantity", Type::Quantity),
    ("Timestamp", Type::Timestamp),
    ("Bytes", Type::Bytes),
    ("Any", Type::Dyn),
];

impl Checker<'_> {
    /// The type that is written.
    pub(crate) fn type_expr(&mut self, ty: &TypeExpr) -> Type {
        match &ty.kind {
            TypeExprKind::Name(path) => self.named_type(path),
            TypeExprKind::Kind(text) => self.schema_type(text, ty.span),
            TypeExprKind::Generic(name, args) => self.generic(name, args, ty.span),
            TypeExprKind::Literal(literal) => self.literal_type(literal),
            TypeExprKind::Union(members) => {
                let members = members.iter().map(|m| self.type_expr(m)).collect();
                self.union_type(members, ty.span)
            }
            TypeExprKind::List(item) => Type::list(self.type_expr(item)),
            TypeExprKind::Map(key, value) => self.map_type(key, value),
            TypeExprKind::Record(fields) => self.record_type(fields),
            TypeExprKind::Optional(inner) => self.type_expr(inner).optional(),
            TypeExprKind::Refined { base, rule, message } => self.refined_type(None, base, rule, message.as_deref()),
            TypeExprKind::Error => Type::Unknown,
        }
    }

    fn map_type(&mut self, key: &TypeExpr, value: &TypeExpr) -> Type {
        let key_type = self.type_expr(key);
        let textual = matches!(key_type.base().map(|t| t.repr()), Some(crate::expr::Repr::String));
        if !textual && !matches!(key_type, Type::Unknown) {
            let message = format!("the keys of a map are Strings, not {}", self.show(&key_type));
            self.report(Diagnostic::new(&E0314, key.span, message).help("write `{String: …}`"));
        }
        Type::Map(Arc::new((key_type, self.type_expr(value))))
    }

    fn union_type(&mut self, members: Vec<Type>, span: Span) -> Type {
        if members.iter().any(|m| matches!(m, Type::Unknown)) {
            return Type::Unknown;
        }
        let records: Vec<Type> = members.iter().filter(|m| m.record(self.schemas).is_some()).cloned().collect();
        if records.len() > 1 {
            match super::branches::discriminator(self.schemas, &records) {
                Some(key) => self.note_discriminator(&key, &records),
                None => self
                    .report(Diagnostic::new(&E0314, span, "nothing tells the records of this union apart").help(
                        "give each a field with a literal of its own: `{ kind: \"a\", … } | { kind: \"b\", … }`",
                    )),
            }
        }
        Type::union(self.schemas, members)
    }

    fn literal_type(&mut self, literal: &Expr) -> Type {
        let typed = self.infer(literal);
        match typed.expr.known() {
            Some(Value::Null) => Type::Null,
            Some(Value::Absent) | None => Type::Unknown,
            Some(value) => Type::Literal(value.clone()),
        }
    }

    fn generic(&mut self, name: &Ident, args: &[TypeExpr], span: Span) -> Type {
        match (name.name.as_str(), args) {
            ("Secret", [inner]) => Type::Secret(Arc::new(self.type_expr(inner))),
            ("List", [inner]) => self.other_notation(Type::list, inner, span, "[T]"),
            ("Optional", [inner]) => self.other_notation(Type::optional, inner, span, "T?"),
            ("Map" | "Dict" | "map" | "dict", [key, value]) => {
                let message = "this type is written `{K: V}` here";
                self.report(Diagnostic::new(&E0314, span, message).help("such as `{String: Int}`"));
                self.map_type(key, value)
            }
            _ => {
                self.report(
                    Diagnostic::new(&E0314, span, format!("`{}<…>` is no type", name.name))
                        .help("the only type with a parameter is `Secret<T>`"),
                );
                Type::Unknown
            }
        }
    }

    fn other_notation(&mut self, make: impl Fn(Type) -> Type, inner: &TypeExpr, span: Span, notation: &str) -> Type {
        self.report(Diagnostic::new(&E0314, span, format!("this type is written `{notation}` here")));
        make(self.type_expr(inner))
    }

    fn named_type(&mut self, path: &Path) -> Type {
        let Some(first) = path.segments.first() else { return Type::Unknown };
        if self.is_asked(first.span) {
            self.note_place(|_| Place::Type);
        }
        if let [name] = path.segments.as_slice() {
            return match self.symbol(&name.name) {
                Some(Symbol::Decl(decl)) => {
                    self.refer_to_decl(name.span, decl);
                    self.declared_type(decl, name.span)
                }
                Some(Symbol::Missing) => Type::Unknown,
                Some(Symbol::Module(_)) => self.not_a_type(name, "a module"),
                None => self.builtin_type(name),
            };
        }
        let symbol = self.symbol(&first.name);
        if matches!(symbol, Some(Symbol::Missing)) {
            return Type::Unknown;
        }
        let Some(Symbol::Module(mut module)) = symbol else {
            self.report(
                Diagnostic::new(&E0201, first.span, format!("there is no module `{}` here", first.name))
                    .help("import it with `use`"),
            );
            return Type::Unknown;
        };
        self.refer_to_module(first.span, module);
        let [_, middle @ .., last] = path.segments.as_slice() else { return Type::Unknown };
        self.strays |= !middle.is_empty();
        for segment in middle {
            match self.modules.get(module).and_then(|m| m.imports.get(&segment.name)).map(|i| i.target) {
                Some(crate::resolve::Target::Module(next)) => module = next,
                _ => return self.not_a_type(segment, "no module"),
            }
        }
        match self.member_symbol(module, last) {
            Symbol::Decl(decl) => {
                self.refer_to_decl(last.span, decl);
                self.declared_type(decl, last.span)
            }
            _ => Type::Unknown,
        }
    }

    fn builtin_type(&mut self, name: &Ident) -> Type {
        self.refer(name.span, Named::Builtin(name.name.clone()));
        if let Some((_, ty)) = BUILTIN.iter().find(|(n, _)| *n == name.name) {
            return ty.clone();
        }
        let diagnostic = self.unknown_type(name);
        self.report(diagnostic);
        Type::Unknown
    }

    fn unknown_type(&self, name: &Ident) -> Diagnostic {
        let diagnostic = Diagnostic::new(&E0201, name.span, format!("there is no type `{}`", name.name));
        let habit = match name.name.as_str() {
            "string" | "str" => Some("String"),
            "int" | "integer" | "Integer" | "Number" | "number" | "i32" | "i64" => Some("Int"),
            "bool" | "boolean" | "Boolean" => Some("Bool"),
            "float" | "double" | "Double" => Some("Float"),
            _ => None,
        };
        let module = self.modules.get(self.frame.module);
        let own = module.into_iter().flat_map(|m| m.ast.decls.iter()).filter_map(|d| match &d.kind {
            DeclKind::Type { name, .. } => Some(name.name.as_str()),
            _ => None,
        });
        let known = BUILTIN.iter().map(|(n, _)| *n).chain(own).chain(tessera_stdlib::prelude_names().iter().copied());
        if let Some(best) = habit.or_else(|| suggest::closest(&name.name, known)) {
            return diagnostic.fix(format!("replace it with `{best}`"), name.span, best, true);
        }
        let kinds = self.schemas.kinds_named(&name.name);
        if let Some(kind) = kinds.first() {
            let group = if kind.group.is_empty() { "core" } else { &kind.group };
            return diagnostic.help(format!(
                "Kubernetes types are written with their group: `{group}/{}/{}`",
                kind.version, kind.kind
            ));
        }
        if name.name.starts_with(|c: char| c.is_ascii_lowercase()) {
            let quoted = format!("\"{}\"", name.name);
            return diagnostic.fix(format!("for a text, put it in quotes: {quoted}"), name.span, quoted, false);
        }
        diagnostic.help("declare it with `type`, or import it with `use`")
    }

    fn not_a_type(&mut self, name: &Ident, what: &str) -> Type {
        self.report(Diagnostic::new(&E0314, name.span, format!("`{}` is {what}, not a type", name.name)));
        Type::Unknown
    }

    /// Checks a type even where nothing uses it.
    pub(crate) fn type_declaration(&mut self, decl: DeclId) {
        if !self.types.contains_key(&decl) {
            let span = self.modules.decl(decl).map(|d| d.span);
            span.map(|span| self.declared_type(decl, span));
        }
    }

    /// Reports a type that would grow beyond bounds where it is written out, as
    /// in the schema of a parameter: types that hold others twice double each time.
    fn is_too_large(&mut self, made: &Type, name: &Ident) -> bool {
        let size = self.size_of(made);
        self.sizes.insert(name.span, size);
        if size <= MAX_PARTS {
            return false;
        }
        let message = format!("written out, type `{}` has more than {MAX_PARTS} parts", name.name);
        self.report(Diagnostic::new(&E0005, name.span, message).help("use a map or a list instead of many fields"));
        true
    }

    /// How many parts a type has, written out.
    fn size_of(&self, ty: &Type) -> usize {
        let inner = match ty {
            Type::Named(named) => {
                return self.sizes.get(&named.span).copied().unwrap_or_else(|| self.size_of(&named.ty));
            }
            Type::List(inner) | Type::Optional(inner) | Type::Secret(inner) | Type::Observed(inner) => {
                self.size_of(inner)
            }
            Type::Map(entry) => self.size_of(&entry.1),
            Type::Refined(rule) => self.size_of(&rule.base),
            Type::Union(members) => members.iter().map(|m| self.size_of(m)).sum(),
            Type::Record(record) => record.fields.values().map(|f| self.size_of(&f.ty)).sum(),
            _ => 0,
        };
        inner.saturating_add(1)
    }

    /// The type that a declaration defines.
    fn declared_type(&mut self, decl: DeclId, used: Span) -> Type {
        self.frame.needs.push(decl);
        match self.types.get(&decl) {
            Some(TypeState::Done(ty)) => return ty.clone(),
            Some(TypeState::Running) => {
                self.strays = true;
                self.report(
                    Diagnostic::new(&E0208, used, "this type contains itself")
                        .help("types are finite; use a map or a list of names instead"),
                );
                return Type::Unknown;
            }
            None => {}
        }
        if !self.can_go_deeper(used) {
            return Type::Unknown;
        }
        let Some(found) = self.modules.decl(decl) else { return Type::Unknown };
        let DeclKind::Type { name, ty } = &found.kind else {
            let what = Ident {
                name: crate::resolve::declared_name(found).map(|n| n.name.clone()).unwrap_or_default(),
                span: used,
            };
            return self.not_a_type(&what, kind_word(&found.kind));
        };
        self.types.insert(decl, TypeState::Running);
        let (made, frame) = self.in_declaration(decl.module, |c| {
            let made = match &ty.kind {
                TypeExprKind::Refined { base, rule, message } => {
                    c.refined_type(Some(&name.name), base, rule, message.as_deref())
                }
                _ => c.type_expr(ty),
            };
            if matches!(made, Type::Unknown) || c.is_too_large(&made, name) {
                return Type::Unknown;
            }
            Type::Named(Arc::new(types::Named {
                name: name.name.clone(),
                doc: found.doc.clone(),
                span: name.span,
                ty: made,
            }))
        });
        self.note_needs(decl, &frame);
        self.note_declared(name.span, &made);
        self.types.insert(decl, TypeState::Done(made.clone()));
        made
    }

    fn record_type(&mut self, fields: &[FieldDecl]) -> Type {
        let mut known: IndexMap<SmolStr, Field> = IndexMap::new();
        for field in fields {
            let earlier = known.get(&field.name.name).and_then(|f| f.span);
            if let Some(earlier) = earlier {
                self.report(
                    Diagnostic::new(&E0202, field.name.span, format!("field `{}` is declared twice", field.name.name))
                        .also(earlier, "declared first here")
                        .help("remove one of them"),
                );
                continue;
            }
            let made = self.record_field_type(field);
            self.note_declared(field.name.span, &made.ty);
            known.insert(field.name.name.clone(), made);
        }
        Type::Record(Arc::new(Record { fields: known }))
    }

    fn record_field_type(&mut self, field: &FieldDecl) -> Field {
        let ty = self.type_expr(&field.ty);
        let (ty, optional) = match ty {
            Type::Optional(inner) => ((*inner).clone(), true),
            other => (other, field.optional),
        };
        let default = field.default.as_ref().map(|d| {
            let (expr, _) = self.in_frame(self.frame.module, |c| c.check(d, &ty));
            self.check_resource_unit(&field.name, &expr);
            self.constant_default(expr)
        });
        let default = default.or_else(|| self.deep_default(&ty, optional, field.ty.span));
        Field {
            ty,
            optional: optional && default.is_none(),
            default,
            doc: field.doc.clone(),
            span: Some(field.name.span),
        }
    }

    /// A record all of whose fields have defaults has one itself: defaults deep
    /// in a record apply as soon as the record around it is written.
    pub(super) fn deep_default(&self, ty: &Type, optional: bool, span: Span) -> Option<crate::expr::Expr> {
        if optional {
            return None;
        }
        let Type::Record(record) = ty.peel() else { return None };
        if record.fields.is_empty() || record.fields.values().any(|f| f.default.is_none() && !f.optional) {
            return None;
        }
        let entries = record
            .fields
            .iter()
            .filter_map(|(name, f)| Some(crate::expr::Entry::Field(name.clone(), f.default.clone()?)))
            .collect();
        Some(crate::expr::Expr::new(crate::expr::ExprKind::Object(entries), crate::expr::Repr::Map, span))
    }

    /// A default is a constant: it is written into the schemas that are generated.
    pub(crate) fn constant_default(&mut self, expr: crate::expr::Expr) -> crate::expr::Expr {
        if expr.known().is_some() || !super::rules::decidable(&expr) {
            return expr;
        }
        match crate::eval::evaluate_constant(&self.program, &expr) {
            Ok(value) => crate::expr::Expr::constant(value, expr.span),
            Err(fault) => {
                self.report_fault(&fault, expr.span);
                Self::unknown(expr.span).expr
            }
        }
    }

    /// `T where rule else "message"`.
    fn refined_type(&mut self, name: Option<&SmolStr>, base: &TypeExpr, rule: &Expr, message: Option<&Expr>) -> Type {
        let base = self.type_expr(base);
        if matches!(base, Type::Unknown) {
            return Type::Unknown;
        }
        let count = self.diagnostics.len();
        let ((checked, message), frame) = self.in_frame(self.frame.module, |c| {
            c.bind_unchecked(&"it".into(), rule.span, base.clone());
            let rule = c.check(rule, &Type::Bool);
            (rule, message.map(|m| c.check(m, &Type::String)))
        });
        if self.diagnostics.iter().skip(count).any(Diagnostic::is_error) {
            return base;
        }
        let text = self.modules.sources.text(rule.span).split_whitespace().collect::<Vec<_>>().join(" ").into();
        Type::Refined(Arc::new(Refined {
            name: name.cloned(),
            base,
            rule: checked,
            message,
            slots: frame.slots,
            text,
            span: rule.span,
        }))
    }

    /// `core/v1/Container`, `apps/v1/Deployment`.
    fn schema_type(&mut self, text: &str, span: Span) -> Type {
        let parts: Vec<&str> = text.split('/').collect();
        let (group, version, name) = match parts.as_slice() {
            [version, name] => ("", *version, *name),
            ["core", version, name] => ("", *version, *name),
            [group, version, name] => (*group, *version, *name),
            _ => ("", "", text),
        };
        if let Some(kind) = self.schemas.kind(group, version, name) {
            self.refer(span, Named::Kind(kind.def));
            return Type::Schema(kind.def);
        }
        if let Some(def) = self.schemas.type_named(group, version, name) {
            self.refer(span, Named::Kind(def));
            return Type::Schema(def);
        }
        let diagnostic = self.missing_schema(text, (group, version, name), span);
        self.report(diagnostic);
        Type::Unknown
    }
}

const fn kind_word(kind: &ast::DeclKind) -> &'static str {
    match kind {
        DeclKind::Let(_) => "a constant",
        DeclKind::Fn(_) => "a function",
        DeclKind::Composite(_) => "a composite",
        DeclKind::Resource(_) | DeclKind::External(_) => "a resource",
        _ => "something else",
    }
}
