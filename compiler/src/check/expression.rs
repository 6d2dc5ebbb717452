//! The two ways to check an expression: against the type that its context
//! expects, and on its own.

use smol_str::SmolStr;

use super::{Checker, Typed};
use crate::diagnostic::{Diagnostic, E0302, E0308, E0311, E0605, W0802};
use crate::expr::{Access, Expr, ExprKind, Repr};
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::{self, BinaryOp, Ident};
use crate::types::{Record, Type};
use crate::value::Value;

impl Checker<'_> {
    /// Checks an expression where a type is expected; what comes back is of that type.
    pub(crate) fn check(&mut self, expr: &ast::Expr, expected: &Type) -> Expr {
        self.note_expected(expr, expected);
        if self.dynamic || !takes_expectation(&expr.kind) {
            let typed = self.infer(expr);
            return self.fit(typed, expected);
        }
        match expected.under_names() {
            Type::Refined(rule) => {
                let value = self.check(expr, &rule.base);
                self.refine(value, rule)
            }
            // Each branch for itself may be absent.
            Type::Optional(_) if chooses(&expr.kind) => self.check_construct(expr, expected),
            Type::Optional(inner) => self.check(expr, inner),
            Type::Observed(inner) => self.check(expr, inner),
            _ => self.check_construct(expr, expected),
        }
    }

    /// The constructs into which an expectation flows.
    fn check_construct(&mut self, expr: &ast::Expr, expected: &Type) -> Expr {
        match &expr.kind {
            ast::ExprKind::Object(entries) => self.object(entries, expr.span, expected),
            ast::ExprKind::List(items) => self.list(items, expr.span, expected),
            ast::ExprKind::Cond(condition, then, otherwise) => {
                self.cond(condition, then, otherwise, expr.span, Some(expected)).expr
            }
            ast::ExprKind::Match { subject, arms, close } => {
                self.match_expr(subject, arms, *close, expr.span, Some(expected)).expr
            }
            ast::ExprKind::Block(lets, value) => self.block(lets, value, expr.span, Some(expected)).expr,
            ast::ExprKind::Suffixed(text) => self.suffixed(text, expr.span, Some(expected)),
            ast::ExprKind::Binary(BinaryOp::Coalesce, _, left, right) => {
                self.coalesce(left, right, expr.span, Some(expected)).expr
            }
            ast::ExprKind::Raw(inner) => self.raw(inner, expr.span).expr,
            ast::ExprKind::Call { callee, args, args_span } => {
                let typed = self.call(callee, args, *args_span, expr.span, Some(expected));
                self.fit(typed, expected)
            }
            ast::ExprKind::Binary(op, place, left, right) => {
                let typed = self.arithmetic_expected(*op, *place, left, right, expr.span, expected);
                self.fit(typed, expected)
            }
            _ => {
                let typed = self.infer(expr);
                self.fit(typed, expected)
            }
        }
    }

    /// The type of an expression on its own.
    pub(crate) fn infer(&mut self, expr: &ast::Expr) -> Typed {
        self.note_value(expr, None);
        let typed = if self.dynamic { self.infer_dynamic(expr) } else { self.infer_form(expr) };
        self.note_type(expr.span, &typed.ty);
        typed
    }

    pub(super) fn infer_form(&mut self, expr: &ast::Expr) -> Typed {
        let span = expr.span;
        match &expr.kind {
            ast::ExprKind::Null => Typed::constant(Value::Null, span),
            ast::ExprKind::Bool(b) => Typed::constant(Value::Bool(*b), span),
            ast::ExprKind::Int(n) => Typed::constant(Value::Int(*n), span),
            ast::ExprKind::Uint(n) => Typed::constant(Value::Uint(*n), span),
            ast::ExprKind::Float(n) => Typed::constant(Value::Float(*n), span),
            ast::ExprKind::String(s) => {
                self.lint_text(s.contains('$'), span, &[]);
                Typed::constant(Value::String(s.clone()), span)
            }
            ast::ExprKind::Bytes(b) => Typed::constant(Value::Bytes(b.as_slice().into()), span),
            ast::ExprKind::Suffixed(text) => self.suffixed_alone(text, span),
            ast::ExprKind::Interpolated(parts) => self.interpolated(parts, span),
            ast::ExprKind::Name(name) => self.narrowed_or(expr, |c| c.name(name, span)),
            ast::ExprKind::Field { base, name, optional } => {
                self.narrowed_or(expr, |c| c.field(base, name, *optional, span))
            }
            ast::ExprKind::Index { base, index, optional } => {
                self.narrowed_or(expr, |c| c.index(base, index, *optional, span))
            }
            ast::ExprKind::Call { callee, args, args_span } => self.call(callee, args, *args_span, span, None),
            ast::ExprKind::Unary(op, operand) => self.unary(*op, operand, span),
            ast::ExprKind::Binary(BinaryOp::Coalesce, _, left, right) => self.coalesce(left, right, span, None),
            ast::ExprKind::Binary(op, place, left, right) => self.binary(*op, *place, left, right, span),
            ast::ExprKind::Cond(condition, then, otherwise) => self.cond(condition, then, otherwise, span, None),
            ast::ExprKind::Match { subject, arms, close } => self.match_expr(subject, arms, *close, span, None),
            ast::ExprKind::List(items) => self.infer_list(items, span),
            ast::ExprKind::Object(entries) => self.infer_object(entries, span),
            ast::ExprKind::Raw(inner) => self.raw(inner, span),
            ast::ExprKind::Block(lets, value) => self.block(lets, value, span, None),
            ast::ExprKind::Error => Self::unknown(span),
        }
    }

    fn narrowed_or(&mut self, expr: &ast::Expr, infer: impl FnOnce(&mut Self) -> Typed) -> Typed {
        let narrowed = self.narrowed(expr);
        let typed = infer(self);
        match narrowed {
            Some(ty) if !typed.is_unknown() => Typed { ty, ..typed },
            _ => typed,
        }
    }

    /// `raw …`: nothing inside is checked against a schema.
    fn raw(&mut self, inner: &ast::Expr, span: Span) -> Typed {
        self.report(
            Diagnostic::new(&W0802, Span { end: inner.span.start, ..span }, "`raw` switches checking off here")
                .help("say why on the line before: `// allow(W0802): reason`"),
        );
        let typed = self.with_anything(|c| c.infer(inner));
        Typed { expr: typed.expr, ty: Type::Dyn }
    }

    /// `let … ` bindings, then a value.
    fn block(&mut self, lets: &[ast::Let], value: &ast::Expr, span: Span, expected: Option<&Type>) -> Typed {
        let count = self.frame.vars.len();
        let mut bound = Vec::new();
        for binding in lets {
            let typed = self.let_value(binding);
            let local = self.bind(&binding.name, typed.ty);
            bound.push((local, typed.expr));
        }
        let result = self.check_or_infer(value, expected);
        self.unbind_linted(count, "variable");
        let expr = bound.into_iter().rev().fold(result.expr, |body, (local, value)| {
            Expr::new(ExprKind::Let(local, Box::new(value), Box::new(body)), result.ty.repr(), span)
        });
        Typed { expr, ty: result.ty }
    }

    /// The value of a `let`, against its type where one is written.
    pub(crate) fn let_value(&mut self, binding: &ast::Let) -> Typed {
        match &binding.ty {
            Some(ty) => {
                let ty = self.type_expr(ty);
                Typed { expr: self.check(&binding.value, &ty), ty }
            }
            None => self.infer(&binding.value),
        }
    }

    pub(crate) fn check_or_infer(&mut self, expr: &ast::Expr, expected: Option<&Type>) -> Typed {
        match expected {
            Some(ty) => Typed { expr: self.check(expr, ty), ty: ty.clone() },
            None => self.infer(expr),
        }
    }

    /// `base.name` and `base?.name`.
    fn field(&mut self, base: &ast::Expr, name: &Ident, optional: bool, span: Span) -> Typed {
        if let Some(typed) = self.dotted_variable(base, name, span) {
            return typed;
        }
        if let Some(module) = self.qualified(base) {
            return match self.member_symbol(module, name) {
                super::names::Symbol::Decl(decl) => self.declared_value(decl, name.span, span),
                _ => Self::unknown(span),
            };
        }
        if let Some(value) = self.well_known_type(base, name) {
            return Typed::constant(value, span);
        }
        let base = self.infer(base);
        self.field_of(base, name, optional, span)
    }

    /// `google.protobuf.Timestamp`, `net.IP`: the names with dots that CEL's
    /// `type()` yields, unless a variable has the first part.
    fn well_known_type(&self, base: &ast::Expr, name: &Ident) -> Option<Value> {
        if !matches!(name.name.as_str(), "Timestamp" | "Duration" | "IP" | "CIDR") {
            return None;
        }
        let path = format!("{}.{}", super::names::dotted(base)?, name.name);
        let free = path.split('.').next().is_some_and(|first| self.frame.find(first).is_none());
        crate::library::type_constant(&path).filter(|_| free)
    }

    /// A field of a checked value.
    pub(crate) fn field_of(&mut self, base: Typed, name: &Ident, optional: bool, span: Span) -> Typed {
        self.note_field(&base.ty, name);
        let (base, absent) = self.open_optional(base, optional, &format!(".{}", name.name));
        let Some((ty, access)) = self.field_type(&base, name) else { return Self::unknown(span) };
        let (ty, access) = if optional { (ty.optional(), Access::Optional) } else { (ty, access) };
        let ty = if absent { ty.optional() } else { ty };
        let kind = ExprKind::Field { base: Box::new(base.expr), name: name.name.clone(), access };
        Typed::new(kind, ty, span)
    }

    /// A value that may be absent needs `?.`, `??` or `has` before it is looked into.
    fn open_optional(&mut self, base: Typed, optional: bool, then: &str) -> (Typed, bool) {
        let Type::Optional(inner) = base.ty.peel() else { return (base, false) };
        let inner = (**inner).clone();
        if !optional {
            let diagnostic = match &base.expr.kind {
                ExprKind::Resource(name) => {
                    Diagnostic::new(&E0605, base.expr.span, format!("resource `{name}` exists only under a condition"))
                }
                _ => Diagnostic::new(&E0308, base.expr.span, "this value may be absent"),
            };
            let asked = self.modules.sources.text(base.expr.span);
            let asked = if asked.len() > 40 || asked.contains('\n') { "…" } else { asked };
            let help = format!("ask with `has({asked})` first, read with `?.`, or give a default with `??`");
            self.report(diagnostic.label(format!("may be absent, so `{then}` may have nothing to read")).help(help));
        }
        (Typed { expr: base.expr, ty: inner }, optional)
    }

    fn field_type(&mut self, base: &Typed, name: &Ident) -> Option<(Type, Access)> {
        let observed = base.ty.is_observed();
        match base.ty.structure() {
            Type::Unknown => None,
            Type::Dyn => Some((
                if observed { Type::Dyn.observed() } else { Type::Dyn },
                if observed { Access::Observed } else { Access::Required },
            )),
            Type::Map(entry) => Some((entry.1.clone(), if observed { Access::Observed } else { Access::Required })),
            Type::Record(_) | Type::Schema(_) => self.record_field(base, name, observed),
            Type::Union(members) => {
                let members = members.clone();
                self.union_field(base, &members, name)
            }
            Type::Secret(_) => {
                self.report(super::secret::opened(name.span));
                None
            }
            _ => {
                let diagnostic = self.no_fields(base, name);
                let diagnostic = self.key_without_value(&base.expr, diagnostic);
                self.report(diagnostic);
                None
            }
        }
    }

    /// The one variable of a loop over a map is its key, which many take for
    /// the value: said once, then the variable counts as not known.
    fn key_without_value(&mut self, base: &Expr, diagnostic: Diagnostic) -> Diagnostic {
        let ExprKind::Local(local) = &base.kind else { return diagnostic };
        let is_it = |var: &&mut super::scope::Var| matches!(&var.read, ExprKind::Local(own) if own == local);
        let Some(var) = self.frame.vars.iter_mut().find(is_it).filter(|v| v.key) else { return diagnostic };
        if self.trying == 0 {
            var.ty = Type::Unknown;
        }
        let name = var.name.clone();
        diagnostic
            .also(var.span, "the only variable of a loop over a map is its key")
            .help(format!("take the value, too: `for key, {name} in …`"))
    }

    fn no_fields(&self, base: &Typed, name: &Ident) -> Diagnostic {
        let diagnostic = Diagnostic::new(&E0302, name.span, format!("{} has no fields", self.article(&base.ty)));
        if let Type::List(item) = base.ty.structure()
            && item.record(self.schemas).is_some_and(|r| r.fields.contains_key(&name.name))
        {
            let each = format!("to read it of each, write `.map(x, x.{})`", name.name);
            return match &base.expr.kind {
                ExprKind::Resource(resource) => {
                    diagnostic.label(format!("outside its loop `{resource}` is the list of all of them")).help(each)
                }
                _ => diagnostic.help(each),
            };
        }
        if crate::library::find(&name.name).is_some() {
            return diagnostic.help(format!("to call the function, write `{}()`", name.name));
        }
        diagnostic
    }

    fn record_field(&mut self, base: &Typed, name: &Ident, observed: bool) -> Option<(Type, Access)> {
        let record = base.ty.record(self.schemas)?.clone();
        let Some(field) = record.fields.get(&name.name) else {
            if self.may_have_more(&base.ty) {
                let ty = if observed { Type::Dyn.observed() } else { Type::Dyn };
                return Some((ty, if observed { Access::Observed } else { Access::Required }));
            }
            let diagnostic = if matches!(base.expr.kind, ExprKind::Instance) && name.name == "metadata" {
                Diagnostic::new(&E0302, name.span, "`self` has no field `metadata`")
                    .help("its fields are read at once: `self.name`, `self.namespace`, `self.labels`")
            } else {
                self.unknown_read(&base.ty, &record, name)
            };
            self.report(diagnostic);
            return None;
        };
        if observed {
            return Some((field.ty.clone().observed(), Access::Observed));
        }
        let instance = matches!(base.expr.kind, ExprKind::Instance);
        if instance && name.name == "uid" {
            return Some((field.ty.clone(), Access::Observed));
        }
        if field.optional && field.default.is_none() {
            return Some((field.ty.clone().optional(), Access::Declared));
        }
        Some((field.ty.clone(), Access::Required))
    }

    fn unknown_read(&self, ty: &Type, record: &Record, name: &Ident) -> Diagnostic {
        if let Some(diagnostic) = self.field_of_other_version(ty, &name.name, name.span) {
            return diagnostic;
        }
        let known = || record.fields.keys().map(SmolStr::as_str);
        let diagnostic =
            Diagnostic::new(&E0302, name.span, format!("{} has no field `{}`", self.article(ty), name.name));
        match suggest::closest(&name.name, known()) {
            Some(best) => diagnostic.label(format!("did you mean `{best}`?")).fix(
                format!("replace it with `{best}`"),
                name.span,
                best,
                true,
            ),
            None if record.fields.is_empty() => diagnostic,
            None => diagnostic.help(format!("it has {}", suggest::listing(known()))),
        }
    }

    /// A field that every member of a union has; one that only some have needs narrowing.
    fn union_field(&mut self, base: &Typed, members: &[Type], name: &Ident) -> Option<(Type, Access)> {
        let mut found = Vec::new();
        let mut optional = false;
        for member in members {
            let field = member.record(self.schemas).and_then(|r| r.fields.get(&name.name));
            match field {
                Some(field) => {
                    optional |= field.optional && field.default.is_none();
                    found.push(field.ty.clone());
                }
                None => {
                    let diagnostic = self.not_in_every_member(&base.ty, members, name);
                    self.report(diagnostic);
                    return None;
                }
            }
        }
        let ty = Type::union(self.schemas, found);
        Some(if optional { (ty.optional(), Access::Declared) } else { (ty, Access::Required) })
    }

    fn not_in_every_member(&self, ty: &Type, members: &[Type], name: &Ident) -> Diagnostic {
        let diagnostic =
            Diagnostic::new(&E0302, name.span, format!("not every case of {} has `{}`", self.show(ty), name.name));
        match super::branches::discriminator(self.schemas, members) {
            Some(key) => diagnostic
                .help(format!("find out which case it is first: `match ….{key} {{ … }}` or `if ….{key} == …`")),
            None => diagnostic,
        }
    }

    /// `base[index]` and `base[?index]`.
    fn index(&mut self, base: &ast::Expr, index: &ast::Expr, optional: bool, span: Span) -> Typed {
        let typed = self.infer(base);
        let (base, absent) = self.open_optional(typed, optional, "[…]");
        if let ast::ExprKind::String(key) = &index.kind
            && let Some(record) = base.ty.record(self.schemas)
            && (!optional || record.fields.contains_key(&**key))
        {
            // A known key of what has fixed fields is a field.
            let quoted = (index.span.end - index.span.start) as usize == key.len() + 2;
            let inside = Span { start: index.span.start + 1, end: index.span.end - 1, ..index.span };
            let name = Ident { name: key.clone(), span: if quoted { inside } else { index.span } };
            let Some((ty, access)) = self.field_type(&base, &name) else { return Self::unknown(span) };
            let access = if optional { Access::Optional } else { access };
            let ty = if optional || absent { ty.optional() } else { ty };
            return Typed::new(ExprKind::Field { base: Box::new(base.expr), name: name.name, access }, ty, span);
        }
        let observed = base.ty.is_observed();
        let (ty, index) = self.element_type(&base, index, span);
        let ty = if observed { ty.observed() } else { ty };
        let access = if optional {
            Access::Optional
        } else if observed {
            Access::Observed
        } else {
            Access::Required
        };
        let ty = if optional || absent { ty.optional() } else { ty };
        Typed::new(ExprKind::Index { base: Box::new(base.expr), index: Box::new(index), access }, ty, span)
    }

    fn element_type(&mut self, base: &Typed, index: &ast::Expr, span: Span) -> (Type, Expr) {
        match base.ty.structure().clone() {
            Type::List(item) => ((*item).clone().or_dyn(), self.index_number(index)),
            Type::Map(entry) => {
                let key = if matches!(entry.0.peel(), Type::String) {
                    self.check(index, &entry.0)
                } else {
                    self.infer(index).expr
                };
                (entry.1.clone(), key)
            }
            Type::Record(record) => {
                let index = self.infer(index);
                (self.record_element(&record, &index), index.expr)
            }
            Type::Schema(def) => {
                let record = self.schemas.record(def).cloned().unwrap_or_default();
                let index = self.infer(index);
                (self.record_element(&record, &index), index.expr)
            }
            Type::Dyn => (Type::Dyn, self.infer(index).expr),
            Type::Unknown => (Type::Unknown, self.infer(index).expr),
            _ => {
                let message = format!("{} cannot be indexed", self.article(&base.ty));
                self.report(Diagnostic::new(&E0311, span, message).help("only lists and maps are indexed with `[…]`"));
                (Type::Unknown, self.infer(index).expr)
            }
        }
    }

    /// CEL indexes lists with any number that is whole.
    fn index_number(&mut self, index: &ast::Expr) -> Expr {
        let typed = self.infer(index);
        match typed.ty.base().map(|t| t.repr()) {
            Some(Repr::Int | Repr::Uint | Repr::Float | Repr::Dyn) | None => typed.expr,
            _ => self.fit(typed, &Type::Int),
        }
    }

    fn record_element(&mut self, record: &Record, index: &Typed) -> Type {
        let key = index.expr.known().and_then(Value::as_str);
        match key.and_then(|k| record.fields.get(k)) {
            Some(field) => field.ty.clone(),
            None => {
                let types = record.fields.values().map(|f| f.ty.clone()).collect::<Vec<_>>();
                if types.is_empty() { Type::Dyn } else { Type::union(self.schemas, types) }
            }
        }
    }

    /// "a String", "an Int": a type in a sentence.
    pub(crate) fn article(&self, ty: &Type) -> String {
        let text = self.show(ty);
        let vowel = text.starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']);
        let plain = text.starts_with(['{', '[', '"']);
        match (plain, vowel) {
            (true, _) => format!("`{text}`"),
            (false, true) => format!("an {text}"),
            (false, false) => format!("a {text}"),
        }
    }
}

/// Whether an expression's value is that of one of its parts.
fn chooses(kind: &ast::ExprKind) -> bool {
    use ast::ExprKind::{Binary, Block, Call, Cond, Match};
    matches!(kind, Cond(..) | Match { .. } | Block(..) | Binary(BinaryOp::Coalesce, ..) | Call { .. })
}

/// Whether the form of an expression can use what its context expects.
pub(crate) fn takes_expectation(kind: &ast::ExprKind) -> bool {
    match kind {
        ast::ExprKind::Object(_)
        | ast::ExprKind::List(_)
        | ast::ExprKind::Cond(..)
        | ast::ExprKind::Match { .. }
        | ast::ExprKind::Block(..)
        | ast::ExprKind::Suffixed(_)
        | ast::ExprKind::Binary(..)
        | ast::ExprKind::Raw(_) => true,
        ast::ExprKind::Call { callee, .. } => {
            matches!(&callee.kind, ast::ExprKind::Field { name, .. } if super::macros::makes_collection(&name.name))
        }
        _ => false,
    }
}
