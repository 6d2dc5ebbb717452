//! Calls: functions of modules, of the library, methods of values.

use std::sync::Arc;

use smol_str::SmolStr;

use super::names::Symbol;
use super::{Checker, Signature, Typed};
use crate::diagnostic::{Diagnostic, E0201, E0209, E0308, E0309, E0310};
use crate::expr::{Expr, ExprKind};
use crate::library::{self, Function, Resolution};
use crate::resolve::DeclId;
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::{self, Arg, DeclKind, Ident};
use crate::types::Type;
use crate::value::Value;

impl Checker<'_> {
    /// A call; what is expected of it flows into the bodies of macros that make lists and maps.
    pub(crate) fn call(
        &mut self,
        callee: &ast::Expr,
        args: &[Arg],
        args_span: Span,
        span: Span,
        expected: Option<&Type>,
    ) -> Typed {
        match &callee.kind {
            ast::ExprKind::Name(name) => {
                let name = name.strip_prefix('.').map_or_else(|| name.clone(), SmolStr::from);
                self.call_name(&Ident { name, span: callee.span }, args, args_span, span)
            }
            ast::ExprKind::Field { base, name, optional } => {
                self.call_field(base, name, *optional, args, args_span, span, expected)
            }
            ast::ExprKind::Error => Self::unknown(span),
            _ => {
                self.report(
                    Diagnostic::new(&E0209, callee.span, "only a function can be called")
                        .help("write `name(…)` or `value.name(…)`"),
                );
                Self::unknown(span)
            }
        }
    }

    fn call_name(&mut self, name: &Ident, args: &[Arg], args_span: Span, span: Span) -> Typed {
        if self.frame.find(&name.name).is_none() {
            match self.symbol(&name.name) {
                Some(Symbol::Decl(decl)) => return self.call_declared(decl, name, args, args_span, span),
                Some(Symbol::Missing) => return Self::unknown(span),
                _ => {}
            }
        }
        if name.name == "has" {
            return self.has(args, args_span, span);
        }
        match library::find(&name.name) {
            Some(function) => self.call_library(function, None, args, name.span, span),
            None => {
                let diagnostic = self.unknown_function(name);
                self.report(diagnostic);
                self.infer_all(args);
                Self::unknown(span)
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one call")]
    fn call_field(
        &mut self,
        base: &ast::Expr,
        name: &Ident,
        optional: bool,
        args: &[Arg],
        args_span: Span,
        span: Span,
        expected: Option<&Type>,
    ) -> Typed {
        if let Some(module) = self.qualified(base) {
            return match self.member_symbol(module, name) {
                Symbol::Decl(decl) => self.call_declared(decl, name, args, args_span, span),
                _ => Self::unknown(span),
            };
        }
        if let Some(qualified) = self.library_name(base, name) {
            if qualified == "cel.bind" {
                self.note_library_call("cel.bind", name.span, args_span, None);
                return self.cel_bind(args, args_span, span);
            }
            if let Some(function) = library::find(&qualified) {
                return self.call_library(function, None, args, name.span, span);
            }
        }
        if let Some(typed) = self.macro_call(base, name, args, args_span, span, expected) {
            return typed;
        }
        self.method(base, name, optional, args, span)
    }

    /// `math.greatest`: a dotted name of the library, unless a variable has the first part.
    fn library_name(&self, base: &ast::Expr, name: &Ident) -> Option<String> {
        let ast::ExprKind::Name(first) = &base.kind else { return None };
        let first = first.strip_prefix('.').unwrap_or(first);
        if self.frame.find(first).is_some() {
            return None;
        }
        let qualified = format!("{first}.{}", name.name);
        (qualified == "cel.bind" || library::find(&qualified).is_some()).then_some(qualified)
    }

    fn method(&mut self, base: &ast::Expr, name: &Ident, optional: bool, args: &[Arg], span: Span) -> Typed {
        let receiver = self.infer(base);
        self.note_member(&receiver.ty, name);
        let Some(function) = library::find(&name.name) else {
            let diagnostic = self.unknown_method(&receiver, name);
            self.infer_all(args);
            if !receiver.is_unknown() {
                self.report(diagnostic);
            }
            return Self::unknown(span);
        };
        if optional {
            self.report(Diagnostic::new(&E0310, name.span, "`?.` reads fields; a function is called with `.`"));
            return Self::unknown(span);
        }
        self.call_library(function, Some(receiver), args, name.span, span)
    }

    fn unknown_function(&self, name: &Ident) -> Diagnostic {
        let diagnostic = Diagnostic::new(&E0201, name.span, format!("there is no function `{}`", name.name));
        if self.frame.find(&name.name).is_some() {
            return Diagnostic::new(&E0209, name.span, format!("`{}` is a value, not a function", name.name));
        }
        let method = library::find(&name.name).is_some();
        if method || super::macros::is_macro(&name.name) {
            return diagnostic.help(format!("call it on a value: `value.{}(…)`", name.name));
        }
        // `range(3)`: the library has it under the name of its group.
        let suffix = format!(".{}", name.name);
        if let Some(whole) = library::all().iter().map(|f| f.name).find(|known| known.ends_with(&suffix)) {
            return diagnostic.fix(format!("write `{whole}(…)`"), name.span, whole, true);
        }
        let own = self.modules.get(self.frame.module).map(|m| &m.ast.decls).into_iter().flatten();
        let own: Vec<&str> =
            own.filter_map(|d| if let DeclKind::Fn(f) = &d.kind { Some(f.name.name.as_str()) } else { None }).collect();
        let known = own.iter().copied().chain(library::all().iter().map(|f| f.name));
        match suggest::closest(&name.name, known) {
            Some(best) => diagnostic.fix(format!("replace it with `{best}`"), name.span, best, true),
            None => diagnostic.help("declare it with `fn`, or import it with `use`"),
        }
    }

    fn unknown_method(&self, receiver: &Typed, name: &Ident) -> Diagnostic {
        let diagnostic = Diagnostic::new(
            &E0201,
            name.span,
            format!("{} has no function `{}`", self.article(&receiver.ty.widen()), name.name),
        );
        let macros = super::macros::NAMES.iter().copied();
        match suggest::closest(&name.name, library::all().iter().map(|f| f.name).chain(macros)) {
            Some(best) => diagnostic.fix(format!("replace it with `{best}`"), name.span, best, true),
            None => diagnostic.help("there are no methods of one's own; call a function as `name(value)`"),
        }
    }

    pub(crate) fn infer_all(&mut self, args: &[Arg]) {
        for arg in args {
            self.attempt(|c| c.infer(&arg.value));
        }
    }

    /// A function of the library.
    fn call_library(
        &mut self,
        function: &'static Function,
        receiver: Option<Typed>,
        args: &[Arg],
        name: Span,
        span: Span,
    ) -> Typed {
        if let Some(named) = args.iter().find_map(|a| a.name.as_ref()) {
            self.report(
                Diagnostic::new(&E0310, named.span, format!("`{}` takes its arguments by position", function.name))
                    .help("remove the names"),
            );
        }
        let args_span = name.at_end().to(span.at_end());
        self.note_library_call(function.name, name, args_span, receiver.as_ref().map(|r| &r.ty));
        let method = receiver.is_some();
        let mut typed: Vec<Typed> = receiver.into_iter().collect();
        typed.extend(args.iter().map(|a| self.infer(&a.value)));
        if typed.iter().any(Typed::is_unknown) {
            return Self::unknown(span);
        }
        if let Some(secret) = typed.iter().find(|t| matches!(t.ty.structure(), Type::Secret(_))) {
            let diagnostic = super::secret::visible(secret.expr.span, "the result of a function");
            self.report(diagnostic);
            return Self::unknown(span);
        }
        let types: Vec<Type> = typed.iter().map(|t| t.ty.clone()).collect();
        match library::resolve(function, method, &types) {
            Resolution::Found { result: ty, .. } => {
                let exprs = typed.into_iter().map(|t| t.expr).collect();
                Typed::new(ExprKind::Call(function.name.into(), exprs), ty, span)
            }
            Resolution::MayBeAbsent { argument } => {
                let place = typed.get(argument).map_or(name, |t| t.expr.span);
                self.report(
                    Diagnostic::new(
                        &E0308,
                        place,
                        format!("this value may be absent, but `{}` needs one", function.name),
                    )
                    .help("give a default with `??`, or ask with `has(…)` first"),
                );
                Self::unknown(span)
            }
            Resolution::NotFound { signatures } => {
                let diagnostic = self.no_overload(function, method, &typed, &signatures, name);
                self.report(diagnostic);
                Self::unknown(span)
            }
        }
    }

    fn no_overload(
        &self,
        function: &Function,
        method: bool,
        args: &[Typed],
        signatures: &[String],
        name: Span,
    ) -> Diagnostic {
        let shown: Vec<String> = args.iter().skip(usize::from(method)).map(|t| self.show(&t.ty.widen())).collect();
        let on = if method {
            args.first().map(|t| format!(" on {}", self.article(&t.ty.widen()))).unwrap_or_default()
        } else {
            String::new()
        };
        let message = format!("`{}` does not take ({}){on}", function.name, shown.join(", "));
        let mut diagnostic = Diagnostic::new(&E0310, name, message);
        for signature in signatures.iter().take(6) {
            diagnostic = diagnostic.note(signature.clone());
        }
        diagnostic.help("it takes what is listed")
    }

    /// A function that a module declares.
    fn call_declared(&mut self, decl: DeclId, name: &Ident, args: &[Arg], args_span: Span, span: Span) -> Typed {
        self.frame.needs.push(decl);
        match self.modules.decl(decl).map(|d| &d.kind) {
            Some(DeclKind::Fn(_)) => {}
            Some(_) => {
                self.report(Diagnostic::new(&E0209, name.span, format!("`{}` is not a function", name.name)));
                self.infer_all(args);
                return Self::unknown(span);
            }
            None => return Self::unknown(span),
        }
        let Some(signature) = self.signature(decl) else { return Self::unknown(span) };
        self.refer_to_decl(name.span, decl);
        self.note_call(&signature, name.span, args, args_span);
        let exprs = self.arguments(&signature, args, args_span);
        match exprs {
            Some(exprs) => Typed::new(ExprKind::CallFn(signature.id, exprs), signature.result.clone(), span),
            None => Self::unknown(span),
        }
    }

    /// The arguments in the order of the parameters, defaults filled in.
    fn arguments(&mut self, signature: &Arc<Signature>, args: &[Arg], args_span: Span) -> Option<Vec<Expr>> {
        let mut given: Vec<Option<Expr>> = vec![None; signature.params.len()];
        let mut good = true;
        for (position, arg) in args.iter().enumerate() {
            let Some(index) = self.parameter_of(signature, position, arg) else {
                self.attempt(|c| c.infer(&arg.value));
                good = false;
                continue;
            };
            let Some(param) = signature.params.get(index) else { continue };
            let slot = given.get_mut(index);
            if slot.as_ref().is_some_and(|s| s.is_some()) {
                self.report(Diagnostic::new(&E0310, arg.value.span, format!("`{}` is given twice", param.name)));
                good = false;
                continue;
            }
            self.way.push(super::Step {
                key: param.name.clone(),
                span: arg.value.span,
                def: None,
                declared: Some(param.span),
            });
            let field = crate::types::Field {
                default: param.default.clone(),
                optional: matches!(param.ty, Type::Optional(_)),
                ..crate::types::Field::of(param.ty.clone())
            };
            let expr = self.check_field(&arg.value, &field);
            self.way.pop();
            self.check_resource_unit(&Ident { name: param.name.clone(), span: param.span }, &expr);
            if let Some(slot) = slot {
                *slot = Some(expr);
            }
        }
        let missing = self.fill_defaults(signature, &mut given, args_span);
        if !missing.is_empty() && good {
            let list = missing.iter().map(|m| format!("`{m}`")).collect::<Vec<_>>().join(", ");
            self.report(
                Diagnostic::new(&E0310, args_span, format!("`{}` needs {list}", signature.name))
                    .also(signature.span, "declared here")
                    .help(format!("add {}: …", missing.first().cloned().unwrap_or_default())),
            );
        }
        (good && missing.is_empty()).then(|| given.into_iter().flatten().collect())
    }

    fn fill_defaults(&self, signature: &Signature, given: &mut [Option<Expr>], args_span: Span) -> Vec<SmolStr> {
        let mut missing = Vec::new();
        for (slot, param) in given.iter_mut().zip(&signature.params) {
            if slot.is_some() {
                continue;
            }
            *slot = match (&param.default, &param.ty) {
                (Some(default), _) => Some(default.clone()),
                (None, Type::Optional(_)) => Some(Expr::constant(Value::Absent, args_span)),
                (None, _) => {
                    missing.push(param.name.clone());
                    None
                }
            };
        }
        missing
    }

    fn parameter_of(&mut self, signature: &Signature, position: usize, arg: &Arg) -> Option<usize> {
        match &arg.name {
            Some(name) => {
                let index = signature.params.iter().position(|p| p.name == name.name);
                if index.is_none() {
                    let known = || signature.params.iter().map(|p| p.name.as_str());
                    let diagnostic = Diagnostic::new(
                        &E0310,
                        name.span,
                        format!("`{}` has no parameter `{}`", signature.name, name.name),
                    )
                    .also(signature.span, "declared here");
                    let diagnostic = match suggest::closest(&name.name, known()) {
                        Some(best) => diagnostic.fix(format!("replace it with `{best}`"), name.span, best, true),
                        None => diagnostic.help(format!("it takes {}", suggest::listing(known()))),
                    };
                    self.report(diagnostic);
                }
                index
            }
            None if position < signature.params.len() => Some(position),
            None => {
                let count = signature.params.len();
                let message =
                    format!("`{}` takes {count} argument{}", signature.name, if count == 1 { "" } else { "s" });
                self.report(
                    Diagnostic::new(&E0310, arg.value.span, message)
                        .label("one too many")
                        .also(signature.span, "declared here"),
                );
                None
            }
        }
    }

    /// `has(x.y)`.
    fn has(&mut self, args: &[Arg], args_span: Span, span: Span) -> Typed {
        self.note_library_call("has", Span { end: args_span.start, ..span }, args_span, None);
        let [arg] = args else {
            self.report(
                Diagnostic::new(&E0310, args_span, "`has` takes one argument")
                    .help("ask for a field: `has(value.field)`"),
            );
            return Self::unknown(span);
        };
        let typed = match &arg.value.kind {
            ast::ExprKind::Name(_) | ast::ExprKind::Field { .. } | ast::ExprKind::Index { .. } => {
                self.infer(&arg.value)
            }
            _ => {
                self.report(
                    Diagnostic::new(&E0310, arg.value.span, "`has` asks for a field, an entry or a variable")
                        .help("write `has(value.field)`"),
                );
                return Self::unknown(span);
            }
        };
        if typed.is_unknown() {
            return Self::unknown(span);
        }
        if matches!(typed.ty.structure(), Type::Secret(_)) && !matches!(typed.ty.peel(), Type::Optional(_)) {
            self.report(Diagnostic::new(&E0309, span, "a secret parameter is always given"));
            return Self::unknown(span);
        }
        Typed::new(ExprKind::Has(Box::new(typed.expr)), Type::Bool, span)
    }
}
