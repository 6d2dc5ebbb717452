//! Composites: parameters, lets, requirements, outputs, and the frame in which
//! their resources are checked.

use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::composite_type::{self, CompositeType};
use super::scope::{LetState, Var};
use super::{Checker, Typed};
use crate::diagnostic::{Diagnostic, E0202, E0208, E0209, E0301, E0314, E0403, E0404};
use crate::expr::ExprKind;
use crate::ir::{self, Scope};
use crate::resolve::DeclId;
use crate::source::Span;
use crate::syntax::ast::{self, DeclKind, Member, MemberKind};
use crate::types::{self, Field, Record, Type};
use crate::value::Value;

impl Checker<'_> {
    /// Checks a composite, once.
    pub(crate) fn composite(&mut self, decl: DeclId) -> Option<Arc<CompositeType>> {
        if let Some(known) = self.composites.get(&decl) {
            return Some(known.clone());
        }
        let modules = self.modules;
        let found = modules.decl(decl)?;
        let DeclKind::Composite(composite) = &found.kind else { return None };
        let ((params, ir, sound), frame) = self.in_declaration(decl.module, |c| {
            let (params, ir) = c.composite_body(composite, found.doc.clone());
            (params, ir, !c.diagnostics.iter().any(Diagnostic::is_error))
        });
        let (decl_of, module, needs) = (Some(decl), decl.module, frame.needs);
        let made = Arc::new(CompositeType { decl: decl_of, module, params, ir, sound, needs });
        self.composites.insert(decl, made.clone());
        Some(made)
    }

    fn composite_body(&mut self, composite: &ast::Composite, doc: Option<SmolStr>) -> (Arc<Record>, ir::Composite) {
        let (group, version) = self.api(composite);
        let scope = self.scope_of(&composite.members);
        let mut ir = empty(&composite.name.name, group, version, scope, doc, composite.name.span);
        let params = self.params(&composite.members, &mut ir);
        self.bind_self();
        let members: Vec<&Member> = composite.members.iter().collect();
        self.bind_lets(&members);
        self.bind_resources(&composite.members);
        self.check_lets(&members, &mut ir);
        ir.nodes = self.nodes(&composite.members, &mut ir, 0);
        self.rest(&composite.members, &mut ir);
        self.lint_composite_vars(composite);
        ir.slots = self.frame.slots;
        let cycles = crate::graph::connect(&mut ir);
        self.diagnostics.extend(cycles);
        (params, ir)
    }

    /// Runs with the parameters, lets and resources of a composite in scope;
    /// what is wrong with the composite itself is not said again.
    pub(crate) fn in_composite<R>(&mut self, decl: DeclId, run: impl FnOnce(&mut Self) -> R) -> Option<R> {
        let modules = self.modules;
        let DeclKind::Composite(composite) = &modules.decl(decl)?.kind else { return None };
        let (result, _) = self.in_frame(decl.module, |c| {
            let count = c.diagnostics.len();
            let mut ir =
                empty("", SmolStr::default(), SmolStr::default(), Scope::Namespaced, None, composite.name.span);
            c.params(&composite.members, &mut ir);
            c.bind_self();
            let members: Vec<&Member> = composite.members.iter().collect();
            c.bind_lets(&members);
            c.bind_resources(&composite.members);
            c.check_lets(&members, &mut ir);
            c.diagnostics.truncate(count);
            run(c)
        });
        Some(result)
    }

    /// `group/version`, both of valid form.
    fn api(&mut self, composite: &ast::Composite) -> (SmolStr, SmolStr) {
        let kind = &composite.name;
        if !kind.name.chars().next().is_some_and(|c| c.is_ascii_uppercase())
            || !kind.name.chars().all(|c| c.is_ascii_alphanumeric())
        {
            let message = format!("`{}` is not a valid kind", kind.name);
            self.report(
                Diagnostic::new(&E0403, kind.span, message)
                    .help("a kind is letters and digits and begins with a capital: `FinancialBackend`"),
            );
        }
        let Some((text, span)) = &composite.api else {
            self.report(
                Diagnostic::new(&E0314, kind.span, format!("composite `{}` has no API group and version", kind.name))
                    .help(format!("write `composite {}: example.com/v1alpha1 {{`", kind.name)),
            );
            return (SmolStr::default(), SmolStr::default());
        };
        let (group, version) = text.split_once('/').unwrap_or(("", text));
        let group_ok = group.contains('.') && super::kubernetes::is_dns_subdomain(group);
        if !group_ok || !is_version(version) {
            self.report(Diagnostic::new(&E0403, *span, format!("`{text}` is not an API group and version")).help(
                "the group is a domain name, the version v1, v1beta1 and so on: `platform.example.com/v1alpha1`",
            ));
        }
        (group.into(), version.into())
    }

    fn scope_of(&mut self, members: &[Member]) -> Scope {
        let mut scope = None;
        for member in members {
            let MemberKind::Scope(word) = &member.kind else { continue };
            if scope.is_some() {
                self.report(Diagnostic::new(&E0202, member.span, "the scope is said twice").help("keep one of them"));
            }
            self.note_words(word.span, &["cluster", "namespaced"]);
            scope = match word.name.as_str() {
                "cluster" => Some(Scope::Cluster),
                "namespaced" => Some(Scope::Namespaced),
                other => {
                    let message = format!("there is no scope `{other}`");
                    self.report(
                        Diagnostic::new(&E0404, word.span, message).help("a scope is `cluster` or `namespaced`"),
                    );
                    Some(Scope::Namespaced)
                }
            };
        }
        scope.unwrap_or(Scope::Namespaced)
    }

    fn params(&mut self, members: &[Member], ir: &mut ir::Composite) -> Arc<Record> {
        let mut fields: IndexMap<SmolStr, Field> = IndexMap::new();
        let mut vars = Vec::new();
        for member in members {
            let MemberKind::Param { name, ty, default } = &member.kind else { continue };
            if let Some(earlier) = fields.get(&name.name).and_then(|f| f.span) {
                self.report(declared_twice(name, earlier));
                continue;
            }
            let ty = match ty {
                Some(ty) => self.type_expr(ty),
                None => {
                    self.report(
                        Diagnostic::new(&E0314, name.span, format!("parameter `{}` has no type", name.name))
                            .help("write `param name: Type`"),
                    );
                    Type::Unknown
                }
            };
            let field = self.param_field(member, name, ty, default.as_ref());
            let default = field.default.clone();
            ir.params.push(composite_type::param(
                self.schemas,
                &name.name,
                &field,
                default,
                member.doc.clone(),
                name.span,
            ));
            self.note_declared(name.span, &field.ty);
            let read_as = if field.optional { field.ty.clone().optional() } else { field.ty.clone() };
            vars.push(Var {
                name: name.name.clone(),
                ty: read_as,
                read: ExprKind::Param(name.name.clone()),
                span: name.span,
                used: false,
                key: false,
            });
            fields.insert(name.name.clone(), field);
        }
        self.frame.vars.extend(vars);
        Arc::new(Record { fields })
    }

    fn param_field(&mut self, member: &Member, name: &ast::Ident, ty: Type, default: Option<&ast::Expr>) -> Field {
        let (ty, optional) = match ty {
            Type::Optional(inner) => ((*inner).clone(), true),
            other => (other, false),
        };
        self.way.push(super::Step { key: name.name.clone(), span: name.span, def: None, declared: None });
        let default = default.map(|d| {
            if matches!(d.kind, ast::ExprKind::Null) && !types::fits(self.schemas, &Type::Null, &ty) {
                let diagnostic = Diagnostic::new(&E0301, d.span, format!("`{}` cannot be null", name.name))
                    .label("there is no such default")
                    .help(format!("what may be absent has a `?` after its type: `param {}: Type?`", name.name));
                self.report(diagnostic);
                return Self::unknown(d.span).expr;
            }
            let checked = self.check(d, &ty);
            self.check_resource_unit(name, &checked);
            self.constant_default(checked)
        });
        self.way.pop();
        let default = default.or_else(|| self.deep_default(&ty, optional, name.span));
        Field { ty, optional: optional && default.is_none(), default, doc: member.doc.clone(), span: Some(name.span) }
    }

    fn bind_self(&mut self) {
        let span = Span::new(crate::source::FileId(0), 0, 0);
        let ty = super::kubernetes::self_type();
        self.frame.vars.push(Var { name: "self".into(), ty, read: ExprKind::Instance, span, used: true, key: false });
    }

    /// Brings a name into the scope of the composite; one scope for all.
    pub(super) fn declare(&mut self, name: &ast::Ident, ty: Type, read: ExprKind) {
        if let Some(earlier) = self.frame.find(&name.name).and_then(|i| self.frame.vars.get(i)).map(|v| v.span) {
            let diagnostic = if name.name == "self" {
                Diagnostic::new(&E0202, name.span, "`self` is the instance").help("give it another name")
            } else {
                declared_twice(name, earlier)
            };
            self.report(diagnostic);
            return;
        }
        self.refuse_shadowing(&name.name, name.span);
        self.note_declared(name.span, &ty);
        self.frame.vars.push(Var { name: name.name.clone(), ty, read, span: name.span, used: false, key: false });
    }

    fn bind_lets(&mut self, members: &[&Member]) {
        for (index, member) in members.iter().enumerate() {
            let MemberKind::Let(binding) = &member.kind else { continue };
            let name = &binding.name;
            self.declare(name, Type::Unknown, ExprKind::Binding(name.name.clone()));
            if !self.frame.waiting.iter().any(|(n, _)| *n == name.name) {
                self.frame.waiting.push((name.name.clone(), LetState::Waiting(index)));
                self.frame.lets.push((index, (*binding).clone()));
            }
        }
        self.frame.base = self.frame.vars.len();
    }

    fn check_lets(&mut self, members: &[&Member], ir: &mut ir::Composite) {
        self.frame.base = self.frame.vars.len();
        for (index, member) in members.iter().enumerate() {
            if matches!(member.kind, MemberKind::Let(_)) {
                self.check_let_early(index);
            }
        }
        ir.bindings = std::mem::take(&mut self.frame.bindings);
    }

    /// Checks a let of the composite, unless that was done.
    pub(crate) fn check_let_early(&mut self, index: usize) {
        let Some(binding) = self.frame.lets.iter().find(|(i, _)| *i == index).map(|(_, b)| b.clone()) else { return };
        let name = binding.name.name.clone();
        let waiting = |w: &&mut (SmolStr, LetState)| w.0 == name;
        match self.frame.waiting.iter_mut().find(waiting) {
            Some((_, state @ LetState::Waiting(_))) => *state = LetState::Running,
            _ => return,
        }
        let base = self.frame.base.min(self.frame.vars.len());
        let inner = self.frame.vars.split_off(base);
        let (narrowed, way) = (std::mem::take(&mut self.frame.narrowed), std::mem::take(&mut self.way));
        let typed = self.let_value(&binding);
        self.frame.vars.extend(inner);
        self.frame.narrowed = narrowed;
        self.way = way;
        self.frame.waiting.retain(|(n, _)| *n != name);
        self.finish_let(&name, typed);
    }

    fn finish_let(&mut self, name: &SmolStr, typed: Typed) {
        let declared = self.frame.find(name).and_then(|i| self.frame.vars.get(i)).map(|v| v.span);
        if let Some(span) = declared {
            self.note_declared(span, &typed.ty);
        }
        let scalar = typed.expr.known().is_some_and(|v| !matches!(v, Value::List(_) | Value::Map(_) | Value::Absent));
        if let Some(var) = self.frame.find(name).and_then(|i| self.frame.vars.get_mut(i)) {
            var.ty = typed.ty;
            if scalar {
                var.read = typed.expr.kind.clone();
            }
        }
        self.frame.bindings.push(ir::Binding { name: name.clone(), value: typed.expr });
    }

    pub(crate) fn report_let_cycle(&mut self, name: &str, span: Span) {
        self.report(Diagnostic::new(&E0208, span, format!("`{name}` needs itself")).help("break the circle"));
    }

    /// Requirements, outputs, readiness, lease and notifications.
    fn rest(&mut self, members: &[Member], ir: &mut ir::Composite) {
        for member in members {
            match &member.kind {
                MemberKind::Require { condition, message } => {
                    let (condition, _) = self.condition(condition);
                    let message = message.as_ref().map(|m| self.check(m, &Type::String));
                    ir.requirements.push(ir::Requirement { condition, message, span: member.span });
                }
                MemberKind::Output(output) => self.output(member, output, ir),
                MemberKind::Ready(condition) => {
                    if ir.ready.is_some() {
                        self.report(
                            Diagnostic::new(&E0202, member.span, "`ready when` is said twice")
                                .help("join both with `&&`"),
                        );
                    }
                    ir.ready = Some(self.check(condition, &Type::Bool));
                }
                MemberKind::Lease { duration, options } => self.lease(member, duration, options.as_ref(), ir),
                MemberKind::Notify { channel, events } => self.notify(member, channel, events, ir),
                _ => {}
            }
        }
    }

    fn output(&mut self, member: &Member, output: &ast::Let, ir: &mut ir::Composite) {
        if let Some(earlier) = ir.outputs.iter().find(|o| o.name == output.name.name) {
            let diagnostic = declared_twice(&output.name, earlier.span);
            self.report(diagnostic);
            return;
        }
        let typed = self.let_value(output);
        if matches!(typed.ty.structure(), Type::Secret(_)) {
            self.report(super::secret::visible(typed.expr.span, "an output"));
        }
        self.note_declared(output.name.span, &typed.ty);
        let schema = composite_type::schema_of(self.schemas, &typed.ty.widen());
        ir.outputs.push(ir::Output {
            name: output.name.name.clone(),
            schema,
            value: typed.expr,
            doc: member.doc.clone(),
            span: output.name.span,
        });
    }

    /// Members that stand only at the top of a composite.
    pub(super) fn misplaced(&mut self, span: Span, what: &str) {
        self.report(
            Diagnostic::new(&E0209, span, format!("{what} cannot stand inside `if` or `for`"))
                .help("move it to the top of the composite; the expression itself may ask with `? :`"),
        );
    }

    /// The resources at the top level of a module, as a composite without a name.
    pub(crate) fn top_level(&mut self, module: crate::resolve::ModuleId) -> Option<Arc<CompositeType>> {
        let modules = self.modules;
        let found = modules.get(module)?;
        let members: Vec<Member> = found.ast.decls.iter().filter_map(as_member).collect();
        if members.is_empty() {
            return None;
        }
        let count = self.diagnostics.len();
        let (ir, frame) = self.in_frame(module, |c| {
            let span = members.first().map_or(Span::new(found.file, 0, 0), |m| m.span);
            let mut ir = empty("", SmolStr::default(), SmolStr::default(), Scope::Namespaced, None, span);
            c.bind_resources(&members);
            c.frame.base = c.frame.vars.len();
            ir.nodes = c.nodes(&members, &mut ir, 0);
            ir.slots = c.frame.slots;
            let cycles = crate::graph::connect(&mut ir);
            c.diagnostics.extend(cycles);
            ir
        });
        let sound = !self.diagnostics.iter().skip(count).any(Diagnostic::is_error);
        Some(Arc::new(CompositeType { decl: None, module, params: Arc::default(), ir, sound, needs: frame.needs }))
    }

    /// A resource at top level, read by another one.
    pub(crate) fn top_resource(&mut self, span: Span) -> Typed {
        self.report(
            Diagnostic::new(&E0209, span, "a resource at top level can be read only by resources of its own module")
                .help("read it from a resource beside it, or put both into a composite"),
        );
        Self::unknown(span)
    }
}

fn as_member(decl: &ast::Decl) -> Option<Member> {
    let kind = match &decl.kind {
        DeclKind::Resource(resource) => MemberKind::Resource(resource.clone()),
        DeclKind::External(resource) => MemberKind::External(resource.clone()),
        _ => return None,
    };
    Some(Member { doc: decl.doc.clone(), kind, span: decl.span })
}

fn declared_twice(name: &ast::Ident, earlier: Span) -> Diagnostic {
    Diagnostic::new(&E0202, name.span, format!("`{}` is declared twice", name.name))
        .label("declared again here")
        .also(earlier, "declared first here")
        .help("parameters, lets and resources share one scope; rename one of them")
}

fn empty(
    kind: &str,
    group: SmolStr,
    version: SmolStr,
    scope: Scope,
    doc: Option<SmolStr>,
    span: Span,
) -> ir::Composite {
    ir::Composite {
        ir_version: ir::VERSION,
        kind: kind.into(),
        group,
        api_version: version,
        plural: plural(kind),
        scope,
        doc,
        span,
        params: Vec::new(),
        bindings: Vec::new(),
        requirements: Vec::new(),
        nodes: Vec::new(),
        outputs: Vec::new(),
        ready: None,
        lease: None,
        notifications: Vec::new(),
        edges: Vec::new(),
        slots: 0,
    }
}

/// The plural of a kind, by the rules that Kubernetes' own code generators use
/// (k8s.io/gengo, namer/plural_namer.go): `-s`, `-es` after a hiss, `-ies` for a
/// consonant and `y`.
fn plural(kind: &str) -> SmolStr {
    let lower = kind.to_lowercase();
    let vowel = |c: Option<char>| c.is_some_and(|c| "aeiou".contains(c));
    if lower.is_empty() {
        return SmolStr::default();
    }
    if let Some(stem) = lower.strip_suffix('y').filter(|s| !vowel(s.chars().last())) {
        return format!("{stem}ies").into();
    }
    let hiss = ["s", "x", "z", "ch", "sh"].iter().any(|end| lower.ends_with(end));
    if hiss { format!("{lower}es").into() } else { format!("{lower}s").into() }
}

/// `v1`, `v2beta1`, `v1alpha3`.
fn is_version(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('v') else { return false };
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit()) && !s.starts_with('0');
    let split = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (major, stage) = rest.split_at(split);
    let stage_ok = stage.is_empty() || ["alpha", "beta"].iter().any(|s| stage.strip_prefix(s).is_some_and(digits));
    digits(major) && stage_ok
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_follow_the_code_generators() {
        for (kind, expected) in [
            ("FinancialBackend", "financialbackends"),
            ("Policy", "policies"),
            ("Gateway", "gateways"),
            ("Ingress", "ingresses"),
            ("Batch", "batches"),
        ] {
            assert_eq!(plural(kind), expected);
        }
    }

    #[test]
    fn versions_have_a_form() {
        assert!(["v1", "v1alpha1", "v2beta3"].iter().all(|v| is_version(v)));
        assert!(!["1", "v", "v0", "valpha1", "v1gamma1", "v1alpha"].iter().any(|v| is_version(v)));
    }
}
