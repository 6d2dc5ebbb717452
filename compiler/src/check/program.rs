//! Checks all declarations of all modules, in an order that gives every
//! declaration one turn.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::facts::{Facts, Named};
use super::soundness::Unsound;
use super::{Checked, Checker, CompositeType, Turns};
use crate::diagnostic::{Diagnostic, W0801, W0804};
use crate::resolve::{DeclId, Module, ModuleId, Modules, Origin, Target, declared_name};
use crate::schema::Schemas;
use crate::source::FileId;
use crate::syntax::ast::{DeclKind, Expr, Ident, Use, UseBinds, UseSource};
use crate::types::Type;

/// What is said only where an earlier version is at hand.
const COMPARED: [&str; 2] = ["W0950", "W0951"];

/// Checks a loaded program. What is the same as in the last compilation is taken over from it.
#[must_use]
pub(crate) fn check(modules: &Modules, schemas: &Schemas, last: Option<&Turns>) -> Checked {
    let mut checker = Checker::new(modules, schemas);
    let turns = checker.turns(last);
    let (composites, instances) = turns.made(&modules.yaml);
    checker.refuse_equal_instances(&instances);
    let mut diagnostics = modules.diagnostics.clone();
    diagnostics.extend(turns.diagnostics().cloned());
    diagnostics.append(&mut checker.take_diagnostics());
    drop_uncertain_lints(&mut diagnostics);
    let unsound = Unsound::of(modules, &checker.needs, &diagnostics);
    Checked { program: checker.program, composites, instances, diagnostics, unsound, turns }
}

/// What checking notes for an editor: of one file, or of all. `probe` is a
/// place in that file, about which more is noted.
#[must_use]
pub fn facts(modules: &Modules, schemas: &Schemas, only: Option<FileId>, probe: Option<u32>) -> Facts {
    let mut checker = Checker::new(modules, schemas);
    checker.facts = Some(Box::new(Facts { only, probe: only.zip(probe), ..Facts::default() }));
    let wanted = |file: FileId| only.is_none_or(|only| only == file);
    let mut composites = Vec::new();
    for id in modules.ids() {
        let Some(module) = modules.get(id).filter(|module| wanted(module.file)) else { continue };
        checker.module_declarations(id, &mut composites);
        checker.note_module(id);
        for decl in &module.ast.decls {
            if let DeclKind::Instance(instance) = &decl.kind {
                checker.instance(id, instance, decl.span);
            }
        }
    }
    for file in modules.yaml.iter().filter(|file| wanted(**file)) {
        let named = checker.composites_named_in(*file);
        checker.yaml_instances(*file, &named);
    }
    let mut facts = checker.facts.take().map(|facts| *facts).unwrap_or_default();
    facts.diagnostics = checker.take_diagnostics();
    facts.program = checker.program;
    facts.finish();
    facts
}

/// An expression, checked on its own.
pub struct CheckedExpression {
    /// The expression and its type.
    pub typed: super::Typed,
    /// The functions and constants that it calls.
    pub program: crate::expr::Program,
    /// What was found.
    pub diagnostics: Vec<Diagnostic>,
}

/// Whether types are checked before an expression is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    /// As in a source.
    Static,
    /// Evaluation decides, as CEL does where checking is disabled: what does
    /// not fit is a fault where it is reached. Nothing is reported.
    Dynamic,
}

/// Checks an expression among the declarations of a module, over variables
/// that take the first slots of its frame.
#[must_use]
pub fn check_expression(
    modules: &Modules,
    schemas: &Schemas,
    module: ModuleId,
    expr: &Expr,
    vars: &[(SmolStr, Type)],
    typing: Typing,
) -> CheckedExpression {
    let mut checker = Checker::new(modules, schemas);
    checker.all_functions();
    let (typed, _) = checker.in_frame(module, |c| {
        for (name, ty) in vars {
            c.bind_unchecked(name, expr.span, ty.clone());
            c.frame.dotted |= name.contains('.');
        }
        c.frame.base = c.frame.vars.len();
        c.dynamic = typing == Typing::Dynamic;
        c.infer(expr)
    });
    CheckedExpression { typed, program: checker.program, diagnostics: checker.diagnostics }
}

/// Checks an expression among the parameters, lets and resources of a composite.
#[must_use]
pub fn check_in_composite(
    modules: &Modules,
    schemas: &Schemas,
    composite: &CompositeType,
    expr: &Expr,
) -> CheckedExpression {
    let mut checker = Checker::new(modules, schemas);
    checker.all_functions();
    let typed = composite.decl.and_then(|decl| checker.in_composite(decl, |c| c.infer(expr)));
    let typed = typed.unwrap_or_else(|| Checker::unknown(expr.span));
    CheckedExpression { typed, program: checker.program, diagnostics: checker.diagnostics }
}

impl Checker<'_> {
    /// Checks all functions and constants, so that an expression can call them;
    /// what is wrong with them is somebody else's to say.
    fn all_functions(&mut self) {
        let modules = self.modules;
        for id in modules.ids() {
            let Some(module) = modules.get(id) else { continue };
            for (index, decl) in module.ast.decls.iter().enumerate() {
                let decl_id = DeclId { module: id, index: index as u32 };
                match &decl.kind {
                    DeclKind::Let(_) => self.global_body(decl_id),
                    DeclKind::Fn(_) => self.function_body(decl_id),
                    _ => {}
                }
            }
        }
        self.take_diagnostics();
    }

    /// Checks what a module declares, instances aside.
    pub(super) fn module_declarations(&mut self, id: ModuleId, composites: &mut Vec<Arc<CompositeType>>) {
        let modules = self.modules;
        let Some(module) = modules.get(id) else { return };
        for (index, decl) in module.ast.decls.iter().enumerate() {
            let decl_id = DeclId { module: id, index: index as u32 };
            match &decl.kind {
                DeclKind::Type { .. } => self.type_declaration(decl_id),
                DeclKind::Let(_) => self.global_body(decl_id),
                DeclKind::Fn(_) => self.function_body(decl_id),
                DeclKind::Composite(_) => composites.extend(self.composite(decl_id)),
                DeclKind::Resource(_) | DeclKind::External(_) | DeclKind::Instance(_) | DeclKind::Error => {}
            }
        }
        composites.extend(self.top_level(id));
    }

    /// Checks the functions of the standard library that something calls, and
    /// those that they call, beside those that are done. What nothing uses costs nothing.
    pub(super) fn standard_functions(&mut self, mut done: FxHashSet<DeclId>) {
        let modules = self.modules;
        let standard = |decl: &DeclId| modules.get(decl.module).is_some_and(|m| m.origin == Origin::Standard);
        loop {
            let mut called: Vec<DeclId> = self.functions.keys().copied().filter(standard).collect();
            called.retain(|decl| done.insert(*decl));
            if called.is_empty() {
                return;
            }
            called.sort_unstable();
            called.into_iter().for_each(|decl| self.function_body(decl));
        }
    }

    /// The names that a module declares and imports.
    fn note_module(&mut self, id: ModuleId) {
        let modules = self.modules;
        let Some(module) = modules.get(id) else { return };
        if let Some(name) = module.ast.name.as_ref().and_then(|path| path.segments.last()) {
            self.refer(name.span, Named::Module(id));
        }
        for name in module.ast.decls.iter().filter_map(declared_name) {
            self.refer(name.span, Named::Source(name.span));
        }
        for import in &module.ast.uses {
            self.note_import(module, import);
        }
    }

    fn note_import(&mut self, module: &Module, import: &Use) {
        let modules = self.modules;
        let target = |name: &Ident| module.imports.get(&name.name).filter(|i| i.span == name.span).map(|i| i.target);
        match &import.binds {
            UseBinds::Members(members) => {
                for (member, alias) in members {
                    let bound = alias.as_ref().unwrap_or(member);
                    let Some(Target::Decl(decl)) = target(bound) else { continue };
                    if let UseSource::Module(path) = &import.source
                        && let Some(last) = path.segments.last()
                    {
                        self.refer(last.span, Named::Module(decl.module));
                    }
                    let Some(name) = modules.decl(decl).and_then(declared_name) else { continue };
                    self.refer(member.span, Named::Source(name.span));
                    if let Some(alias) = alias {
                        self.refer(alias.span, Named::Source(alias.span));
                    }
                }
            }
            UseBinds::Module(alias) => {
                let last = match &import.source {
                    UseSource::Module(path) => path.segments.last(),
                    UseSource::File(..) => None,
                };
                if let Some(Target::Module(id)) = alias.as_ref().or(last).and_then(target) {
                    if let Some(last) = last {
                        self.refer(last.span, Named::Module(id));
                    }
                    if let Some(alias) = alias {
                        self.refer(alias.span, Named::Source(alias.span));
                    }
                }
            }
        }
    }

    /// The composites whose kind stands somewhere in a text.
    fn composites_named_in(&mut self, file: FileId) -> Vec<Arc<CompositeType>> {
        let modules = self.modules;
        let text = modules.sources.get(file).map(|source| source.text.clone()).unwrap_or_default();
        let mut found = Vec::new();
        for id in modules.ids() {
            let decls = modules.get(id).into_iter().flat_map(|module| module.ast.decls.iter().enumerate());
            for (index, decl) in decls {
                if let DeclKind::Composite(composite) = &decl.kind
                    && text.contains(composite.name.name.as_str())
                {
                    found.extend(self.composite(DeclId { module: id, index: index as u32 }));
                }
            }
        }
        found
    }
}

/// Drops what is said to be unused in files with an error: the error may be
/// why it looks so.
fn drop_uncertain_lints(diagnostics: &mut Vec<Diagnostic>) {
    let wrong: FxHashSet<_> = diagnostics.iter().filter(|d| d.is_error()).map(|d| d.primary.span.file).collect();
    diagnostics.retain(|d| d.code != &W0801 || !wrong.contains(&d.primary.span.file));
}

/// Drops the warnings that a comment allows, and reports comments that allow nothing.
pub(crate) fn suppress(modules: &Modules, diagnostics: &mut Vec<Diagnostic>) {
    suppress_of(modules, diagnostics, false);
}

/// The same for what only a comparison with an earlier version gives.
pub(crate) fn suppress_compared(modules: &Modules, diagnostics: &mut Vec<Diagnostic>) {
    suppress_of(modules, diagnostics, true);
}

fn suppress_of(modules: &Modules, diagnostics: &mut Vec<Diagnostic>, compared: bool) {
    let mut unused = Vec::new();
    for module in &modules.list {
        for allow in &module.ast.allows {
            for code in allow.codes.iter().filter(|c| COMPARED.contains(&c.name.to_uppercase().as_str()) == compared) {
                let count = diagnostics.len();
                diagnostics.retain(|d| {
                    let here = d.primary.span.file == module.file && allow.target.touches(d.primary.span.start);
                    d.is_error() || !here || !d.code.id.eq_ignore_ascii_case(&code.name)
                });
                if diagnostics.len() == count {
                    unused.push(
                        Diagnostic::new(&W0804, code.span, format!("nothing here gives {}", code.name))
                            .help("remove the comment, or its code"),
                    );
                } else if allow.reason.is_empty() {
                    unused.push(
                        Diagnostic::new(&W0804, allow.span, "this comment gives no reason")
                            .help("write why: `// allow(CODE): reason`"),
                    );
                }
            }
        }
    }
    diagnostics.append(&mut unused);
}
