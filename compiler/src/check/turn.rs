//! What checking came to, module by module, kept for the next compilation: what
//! is the same again is taken over, so that an edit costs what it touches.
//!
//! A turn is the check of one module, or of several that import each other. What it
//! comes to is a function of their syntax, of what their imports are bound to, of
//! what it needs of those modules (see [`changes`](super::changes)), of the standard
//! library and of the schemas. Nothing is taken over whose numbers are other ones (of
//! modules, files, definitions): every place in it would be another one.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::changes::{Changes, Seen};
use super::{Checker, CompositeType, GlobalState, Signature, TypeState, TypedInstance, numbers, order};
use crate::diagnostic::{Diagnostic, E0903};
use crate::expr::{FnDef, GlobalDef, GlobalId};
use crate::resolve::{DeclId, ModuleId, Modules, Origin, declared_name};
use crate::schema::{self, Asked, Schemas};
use crate::source::{FileId, Span};
use crate::syntax::ast::DeclKind;
use crate::types::Type;

/// The turns of one compilation.
pub(crate) struct Turns {
    schemas: Schemas,
    prelude: Option<ModuleId>,
    standard: Arc<Turn>,
    /// By the first of their modules.
    groups: BTreeMap<ModuleId, Arc<Turn>>,
    /// The composites that instances in YAML were looked for of.
    named: Vec<Arc<CompositeType>>,
    yaml: BTreeMap<FileId, Arc<YamlTurn>>,
}

/// What checking a group of modules came to.
#[derive(Default)]
pub(super) struct Turn {
    pub(super) modules: Vec<Seen>,
    declarations: Vec<Declaration>,
    /// The declarations of other modules that it needs.
    needs: Vec<DeclId>,
    /// Those of the modules' declarations, and of their top levels.
    composites: Vec<Arc<CompositeType>>,
    instances: Vec<(DeclId, Arc<TypedInstance>)>,
    diagnostics: Vec<Diagnostic>,
    asked: Asked,
    /// It looked at more than what it needs: for what is not there, at what all modules have.
    strays: bool,
}

/// What checking a YAML file came to.
struct YamlTurn {
    text: Arc<str>,
    instances: Vec<Arc<TypedInstance>>,
    diagnostics: Vec<Diagnostic>,
    asked: Asked,
}

/// What is known of a declaration.
#[derive(Clone)]
struct Declaration {
    id: DeclId,
    ty: Option<Type>,
    size: Option<(Span, usize)>,
    function: Option<(Arc<Signature>, Arc<FnDef>)>,
    global: Option<(GlobalId, Type, Arc<GlobalDef>)>,
    composite: Option<Arc<CompositeType>>,
    needs: Option<FxHashSet<DeclId>>,
}

/// Whether a composite was not found, and others were suggested: then all that there are matter.
fn suggests(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.code == &E0903)
}

impl Turn {
    fn is_of(&self, ids: impl Iterator<Item = ModuleId>) -> bool {
        self.modules.iter().map(|seen| seen.id).eq(ids)
    }

    /// Whether its modules are still the same.
    fn is_same(&self, modules: &Modules) -> bool {
        self.modules.iter().all(|seen| modules.get(seen.id).is_some_and(|module| seen.is(module)))
    }
}

impl Turns {
    /// The turn of the standard library, where what it has is the same; and the schemas are.
    fn standard(&self, modules: &Modules, schemas: &Schemas) -> Option<&Arc<Turn>> {
        let same = self.standard.is_of(standard(modules)) && self.standard.is_same(modules);
        (same && self.prelude == modules.prelude && self.schemas.is(schemas)).then_some(&self.standard)
    }

    /// The turn of a group of modules.
    fn group(&self, ids: &[ModuleId]) -> Option<&Arc<Turn>> {
        let turn = self.groups.get(ids.first()?)?;
        turn.is_of(ids.iter().copied()).then_some(turn)
    }

    /// The turns of YAML files that would come to the same.
    fn yaml<'a>(
        &'a self,
        schemas: &Schemas,
        named: &[Arc<CompositeType>],
    ) -> impl Fn(FileId, &Arc<str>) -> Option<&'a Arc<YamlTurn>> {
        let name = |c: &CompositeType| (c.ir.kind.clone(), c.ir.api());
        let alike = self.schemas.is(schemas)
            && self.named.len() == named.len()
            && self.named.iter().zip(named).all(|(old, new)| Arc::ptr_eq(old, new) || name(old) == name(new));
        let now: FxHashSet<_> = named.iter().map(Arc::as_ptr).collect();
        move |file, text| {
            let turn = self.yaml.get(&file).filter(|turn| alike && *turn.text == **text)?;
            let same = turn.instances.iter().all(|instance| now.contains(&Arc::as_ptr(&instance.composite)));
            (same && !suggests(&turn.diagnostics)).then_some(turn)
        }
    }

    /// The composites, and the instances with those in YAML last; both in source order.
    pub(super) fn made(&self, yaml: &[FileId]) -> (Vec<Arc<CompositeType>>, Vec<Arc<TypedInstance>>) {
        let mut composites: Vec<_> = self.groups.values().flat_map(|turn| &turn.composites).cloned().collect();
        let mut instances: Vec<_> = self
            .groups
            .values()
            .flat_map(|turn| turn.instances.iter().map(|(_, instance)| instance))
            .cloned()
            .collect();
        // Those of one module are in order already.
        composites.sort_by_key(|composite| composite.module);
        instances.sort_by_key(|instance| instance.module);
        instances.extend(yaml.iter().filter_map(|file| self.yaml.get(file)).flat_map(|turn| &turn.instances).cloned());
        (composites, instances)
    }

    /// All that was found.
    pub(super) fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        let groups = self.groups.values().chain([&self.standard]).flat_map(|turn| &turn.diagnostics);
        groups.chain(self.yaml.values().flat_map(|turn| &turn.diagnostics))
    }
}

impl Checker<'_> {
    /// Checks all modules, then the instances in YAML. What is the same as in the last
    /// compilation is taken over.
    pub(super) fn turns(&mut self, last: Option<&Turns>) -> Turns {
        let (modules, schemas) = (self.modules, self.schemas);
        let last = last.and_then(|last| Some((last, last.standard(modules, schemas)?)));
        let (last, known) = (last.map(|(last, _)| last), last.map(|(_, standard)| &**standard));
        last.into_iter().for_each(|last| self.number(last));
        known.into_iter().for_each(|turn| self.take_over(turn));
        let mut changes = Changes::default();
        let mut groups = BTreeMap::new();
        for group in order::groups(modules) {
            let Some(first) = group.first() else { continue };
            let turn = self.next_turn(&group, last.and_then(|last| last.group(&group)), &mut changes);
            groups.insert(*first, turn);
        }
        let mut turns = Turns {
            schemas: schemas.clone(),
            prelude: modules.prelude,
            standard: Arc::new(self.standard_turn(known)),
            groups,
            named: Vec::new(),
            yaml: BTreeMap::new(),
        };
        if !modules.yaml.is_empty() {
            turns.named = turns.made(&[]).0;
            turns.named.retain(|composite| !composite.ir.kind.is_empty());
            turns.yaml = self.yaml_turns(&turns.named, last);
        }
        turns
    }

    /// The turn of a group: the one of the last compilation, where it would come to the same.
    fn next_turn(&mut self, group: &[ModuleId], old: Option<&Arc<Turn>>, changes: &mut Changes) -> Arc<Turn> {
        let modules = self.modules;
        let Some(old) = old else {
            changes.modules.extend(group);
            return Arc::new(self.turn(group));
        };
        if old.is_same(modules) && !old.strays && !changes.any_of(&old.needs) {
            self.take_over(old);
            return old.clone();
        }
        let mut turn = self.turn(group);
        if turn.strays || old.strays {
            changes.modules.extend(group);
            return Arc::new(turn);
        }
        for seen in &old.modules {
            if let Some(module) = modules.get(seen.id) {
                changes.add(&modules.sources, module, seen);
            }
        }
        // What it needed, too: what that stood for may be something else.
        let all = turn.declarations.iter().chain(&old.declarations);
        changes.spread(all.map(|known| (known.id, known.needs())));
        self.keep_unchanged(&mut turn, old, changes);
        Arc::new(turn)
    }

    /// Puts what is unchanged in the place of what was made again: who goes by it knows then that it is
    /// the same.
    fn keep_unchanged(&mut self, turn: &mut Turn, old: &Turn, changes: &Changes) {
        let mut known = old.declarations.iter().peekable();
        for made in &mut turn.declarations {
            while known.next_if(|known| known.id < made.id).is_some() {}
            let same = known.next_if(|known| known.id == made.id && !changes.has(known.id));
            if let Some(same) = same {
                self.take_over_declaration(same);
                *made = same.clone();
            }
        }
        let key = |composite: &CompositeType| (composite.module, composite.decl);
        let composites: FxHashMap<_, _> = old.composites.iter().map(|composite| (key(composite), composite)).collect();
        for made in &mut turn.composites {
            let Some(same) = composites.get(&key(made)) else { continue };
            let is_changed = match made.decl {
                Some(decl) => changes.has(decl),
                None => changes.has_resources(self.modules, made) || changes.any_of(&same.needs),
            };
            if !is_changed {
                *made = Arc::clone(same);
            }
        }
        let instances: FxHashMap<DeclId, &Arc<TypedInstance>> = old.instances.iter().map(|(id, i)| (*id, i)).collect();
        for (id, made) in &mut turn.instances {
            let now = made.composite.decl.and_then(|decl| self.composites.get(&decl));
            let Some(composite) = now else { continue };
            let is_changed = |same: &TypedInstance| {
                let needs = changes.any_of(&made.needs) || changes.any_of(&same.needs);
                changes.has(*id) || needs || !Arc::ptr_eq(&same.composite, composite)
            };
            match instances.get(id).filter(|same| !is_changed(same)) {
                Some(same) => *made = Arc::clone(same),
                None => Arc::make_mut(made).composite = composite.clone(),
            }
        }
    }

    fn turn(&mut self, group: &[ModuleId]) -> Turn {
        let modules = self.modules;
        let (mut composites, mut instances) = (Vec::new(), Vec::new());
        self.strays = false;
        self.frame.needs.clear();
        let ((), asked) = schema::noting(|| {
            for id in group {
                self.module_declarations(*id, &mut composites);
            }
            for id in group {
                let decls = modules.get(*id).into_iter().flat_map(|module| &module.ast.decls);
                for (decl, index) in decls.zip(0..) {
                    if let DeclKind::Instance(instance) = &decl.kind {
                        let made = self.instance(*id, instance, decl.span);
                        instances.extend(made.map(|made| (DeclId { module: *id, index }, Arc::new(made))));
                    }
                }
            }
            self.report_recursion(group);
            group.iter().for_each(|id| self.lint_module(*id));
        });
        let diagnostics = self.take_diagnostics();
        let strays = self.strays || suggests(&diagnostics);
        let of = instances.iter().filter_map(|(_, instance)| instance.composite.decl);
        let other = |decl: &DeclId| {
            let origin = modules.get(decl.module).map(|module| &module.origin);
            !group.contains(&decl.module) && origin.is_some_and(|origin| *origin != Origin::Standard)
        };
        let mut needs: Vec<DeclId> = self.frame.needs.iter().copied().chain(of).filter(other).collect();
        needs.sort_unstable();
        needs.dedup();
        Turn { needs, composites, instances, diagnostics, asked, strays, ..self.seen(group.iter().copied()) }
    }

    /// Checks the functions of the standard library that something calls and that the last compilation did not.
    fn standard_turn(&mut self, last: Option<&Turn>) -> Turn {
        let called = last.into_iter().flat_map(|turn| &turn.declarations).filter(|known| known.function.is_some());
        let ((), asked) = schema::noting(|| self.standard_functions(called.map(|known| known.id).collect()));
        let mut diagnostics = last.map(|last| last.diagnostics.clone()).unwrap_or_default();
        diagnostics.append(&mut self.take_diagnostics());
        Turn { diagnostics, asked, ..self.seen(standard(self.modules)) }
    }

    fn yaml_turns(&mut self, named: &[Arc<CompositeType>], last: Option<&Turns>) -> BTreeMap<FileId, Arc<YamlTurn>> {
        let modules = self.modules;
        let same = last.map(|last| last.yaml(self.schemas, named));
        let texts = modules.yaml.iter().filter_map(|file| Some((*file, &modules.sources.get(*file)?.text)));
        let turns = texts.map(|(file, text)| {
            let known = same.as_ref().and_then(|same| same(file, text));
            if let Some(turn) = known.filter(|_| !modules.named.contains(&file)) {
                self.schemas.ask(&turn.asked);
                return (file, turn.clone());
            }
            let (instances, asked) = schema::noting(|| self.yaml_instances(file, named));
            let instances = instances.into_iter().map(Arc::new).collect();
            let diagnostics = self.take_diagnostics();
            (file, Arc::new(YamlTurn { text: text.clone(), instances, diagnostics, asked }))
        });
        turns.collect()
    }

    /// What is known of the declarations of modules.
    fn seen(&self, ids: impl Iterator<Item = ModuleId>) -> Turn {
        let mut turn = Turn::default();
        for (id, module) in ids.filter_map(|id| Some((id, self.modules.get(id)?))) {
            turn.modules.push(Seen::of(id, module));
            let decls = (0..module.ast.decls.len() as u32).map(|index| DeclId { module: id, index });
            turn.declarations.extend(decls.filter_map(|decl| self.known(decl)));
        }
        turn
    }

    fn known(&self, id: DeclId) -> Option<Declaration> {
        let ty = match self.types.get(&id) {
            Some(TypeState::Done(ty)) => Some(ty.clone()),
            _ => None,
        };
        let name = ty.as_ref().and_then(|_| declared_name(self.modules.decl(id)?)).map(|name| name.span);
        let size = name.and_then(|name| Some((name, *self.sizes.get(&name)?)));
        let function = self.functions.get(&id).and_then(|signature| {
            Some((signature.clone(), self.program.functions.get(signature.id.0 as usize)?.clone()))
        });
        let global = match self.globals.get(&id) {
            Some(GlobalState::Done(global, ty)) => {
                self.program.globals.get(global.0 as usize).map(|made| (*global, ty.clone(), made.clone()))
            }
            _ => None,
        };
        let (composite, needs) = (self.composites.get(&id).cloned(), self.needs.get(&id).cloned());
        let known = Declaration { id, ty, size, function, global, composite, needs };
        let is_known = known.ty.is_some() || known.function.is_some() || known.global.is_some();
        (is_known || known.composite.is_some() || known.needs.is_some()).then_some(known)
    }

    fn take_over(&mut self, turn: &Turn) {
        turn.declarations.iter().for_each(|known| self.take_over_declaration(known));
        self.schemas.ask(&turn.asked);
    }

    fn take_over_declaration(&mut self, known: &Declaration) {
        let id = known.id;
        self.types.extend(known.ty.clone().map(|ty| (id, TypeState::Done(ty))));
        self.sizes.extend(known.size);
        if let Some((signature, made)) = &known.function {
            self.functions.insert(id, signature.clone());
            numbers::put(&mut self.program.functions, signature.id.0, made.clone());
        }
        if let Some((global, ty, made)) = &known.global {
            self.globals.insert(id, GlobalState::Done(*global, ty.clone()));
            numbers::put(&mut self.program.globals, global.0, made.clone());
        }
        self.composites.extend(known.composite.clone().map(|composite| (id, composite)));
        self.needs.extend(known.needs.clone().map(|needs| (id, needs)));
    }

    /// Gives the declarations the numbers that they had: what is taken over goes by them.
    fn number(&mut self, last: &Turns) {
        let known = || last.groups.values().chain([&last.standard]).flat_map(|turn| &turn.declarations);
        let functions = known().filter_map(|known| Some((known.id, known.function.as_ref()?.0.id.0)));
        let globals = known().filter_map(|known| Some((known.id, known.global.as_ref()?.0.0)));
        self.functions_by_number.number(&mut self.program.functions, functions);
        self.globals_by_number.number(&mut self.program.globals, globals);
    }
}

impl Declaration {
    fn needs(&self) -> impl Iterator<Item = DeclId> {
        let of_composite = self.composite.iter().flat_map(|composite| &composite.needs);
        self.needs.iter().flatten().chain(of_composite).copied()
    }
}

fn standard(modules: &Modules) -> impl Iterator<Item = ModuleId> {
    modules.ids().filter(|id| modules.get(*id).is_some_and(|module| module.origin == Origin::Standard))
}
