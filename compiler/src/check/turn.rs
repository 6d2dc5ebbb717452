//! What checking came to, module by module, kept for the next compilation: what
//! is the same again is taken over, so that an edit costs what it touches.
//!
//! A turn is the check of one module, or of several that import each other. What it
//! comes to is a function of their syntax, of what their imports are bound to, of
//! the turns of those modules, the standard library and the schemas. [`Turns::same`]
//! holds a turn against all of that. Nothing is taken over whose numbers are other
//! ones (of modules, files, definitions): every place in it would be another one.

use std::sync::{Arc, LazyLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Checker, CompositeType, GlobalState, Signature, TypeState, TypedInstance, order};
use crate::diagnostic::{Diagnostic, E0903};
use crate::expr::{Expr, FnDef, FnId, GlobalDef, GlobalId, Program};
use crate::resolve::{DeclId, Module, ModuleId, Modules, Origin, Target, declared_name};
use crate::schema::{self, Asked, Schemas};
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, DeclKind, Name};
use crate::types::Type;
use crate::value::Value;

/// The turns of one compilation.
pub(crate) struct Turns {
    schemas: Schemas,
    prelude: Option<ModuleId>,
    standard: Arc<Turn>,
    /// By the first of their modules.
    groups: FxHashMap<ModuleId, Arc<Turn>>,
    /// The composites that instances in YAML were looked for of.
    named: Vec<Arc<CompositeType>>,
    yaml: FxHashMap<FileId, Arc<YamlTurn>>,
}

/// What checking a group of modules came to.
#[derive(Default)]
struct Turn {
    modules: Vec<Seen>,
    declarations: Vec<Declaration>,
    /// Those of the modules' declarations, and of their top levels.
    composites: Vec<Arc<CompositeType>>,
    instances: Vec<Arc<TypedInstance>>,
    diagnostics: Vec<Diagnostic>,
    asked: Asked,
}

/// What checking a YAML file came to.
struct YamlTurn {
    text: Arc<str>,
    instances: Vec<Arc<TypedInstance>>,
    diagnostics: Vec<Diagnostic>,
    asked: Asked,
}

/// Whether a composite was not found, and others were suggested: then all that there are matter.
fn suggests(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.code == &E0903)
}

/// A module as it was checked.
struct Seen {
    id: ModuleId,
    ast: Arc<ast::Module>,
    origin: Origin,
    imports: Vec<(Name, Target)>,
}

/// What is known of a declaration.
struct Declaration {
    id: DeclId,
    ty: Option<Type>,
    size: Option<(Span, usize)>,
    function: Option<(Arc<Signature>, Arc<FnDef>)>,
    global: Option<(GlobalId, Type, Arc<GlobalDef>)>,
    composite: Option<Arc<CompositeType>>,
    needs: Option<FxHashSet<DeclId>>,
}

/// The numbers that no function and no constant has.
#[derive(Default)]
pub(super) struct Free {
    functions: Vec<FnId>,
    globals: Vec<GlobalId>,
}

/// What stands under a free number.
static NO_FUNCTION: LazyLock<Arc<FnDef>> = LazyLock::new(|| {
    Arc::new(FnDef { name: Name::default(), params: Vec::new(), slots: 0, body: nothing(), span: NOWHERE })
});
static NO_GLOBAL: LazyLock<Arc<GlobalDef>> =
    LazyLock::new(|| Arc::new(GlobalDef { name: Name::default(), slots: 0, value: nothing(), span: NOWHERE }));

const NOWHERE: Span = Span::new(FileId(u32::MAX), 0, 0);

fn nothing() -> Expr {
    Expr::constant(Value::Absent, NOWHERE)
}

impl Seen {
    fn of(id: ModuleId, module: &Module) -> Self {
        let imports = module.imports.iter().map(|(name, import)| (name.clone(), import.target)).collect();
        Self { id, ast: module.ast.clone(), origin: module.origin.clone(), imports }
    }

    fn is(&self, id: ModuleId, module: &Module) -> bool {
        let imports = module.imports.iter().map(|(name, import)| (name, import.target));
        self.id == id
            && Arc::ptr_eq(&self.ast, &module.ast)
            && self.origin == module.origin
            && self.imports.iter().map(|(name, target)| (name, *target)).eq(imports)
    }
}

impl Turn {
    fn is(&self, modules: &Modules, ids: impl Iterator<Item = ModuleId>) -> bool {
        let now = ids.filter_map(|id| Some((id, modules.get(id)?)));
        let mut seen = self.modules.iter();
        let same = now.into_iter().all(|(id, module)| seen.next().is_some_and(|seen| seen.is(id, module)));
        same && seen.next().is_none()
    }
}

/// The turns that are taken over.
#[derive(Default)]
struct Same {
    standard: Option<Arc<Turn>>,
    groups: FxHashMap<ModuleId, Arc<Turn>>,
}

impl Turns {
    /// The turns of the last compilation that would come to the same in this one.
    fn same(&self, modules: &Modules, schemas: &Schemas, groups: &[Vec<ModuleId>]) -> Same {
        let standard = modules.ids().filter(|id| modules.get(*id).is_some_and(|m| m.origin == Origin::Standard));
        if !self.schemas.is(schemas) || self.prelude != modules.prelude || !self.standard.is(modules, standard) {
            return Same::default();
        }
        let mut same = Same { standard: Some(self.standard.clone()), groups: FxHashMap::default() };
        let mut other: FxHashSet<ModuleId> = FxHashSet::default();
        for group in groups {
            let imports_other = || {
                let members = group.iter().filter_map(|id| modules.get(*id));
                members.flat_map(order::imported).any(|import| other.contains(&import))
            };
            let known = group.first().and_then(|first| self.groups.get_key_value(first));
            let fits = |turn: &Turn| !suggests(&turn.diagnostics) && turn.is(modules, group.iter().copied());
            match known.filter(|(_, turn)| fits(turn) && !imports_other()) {
                Some((first, turn)) => {
                    same.groups.insert(*first, turn.clone());
                }
                None => other.extend(group),
            }
        }
        same
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
}

impl Turns {
    /// The composites, and the instances with those in YAML last; both in source order.
    pub(super) fn made(&self, yaml: &[FileId]) -> (Vec<Arc<CompositeType>>, Vec<Arc<TypedInstance>>) {
        let mut composites: Vec<_> = self.groups.values().flat_map(|turn| &turn.composites).cloned().collect();
        let mut instances: Vec<_> = self.groups.values().flat_map(|turn| &turn.instances).cloned().collect();
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
        let order = order::groups(modules);
        let mut same = last.map(|last| last.same(modules, schemas, &order)).unwrap_or_default();
        same.standard.iter().chain(same.groups.values()).for_each(|turn| self.take_over(turn));
        self.find_free();
        let mut groups = FxHashMap::default();
        for group in &order {
            let Some(first) = group.first() else { continue };
            let turn = same.groups.remove(first).unwrap_or_else(|| Arc::new(self.turn(group)));
            groups.insert(*first, turn);
        }
        let standard = Arc::new(self.standard_turn(same.standard.as_deref()));
        let mut turns = Turns {
            schemas: schemas.clone(),
            prelude: modules.prelude,
            standard,
            groups,
            named: Vec::new(),
            yaml: FxHashMap::default(),
        };
        if !modules.yaml.is_empty() {
            turns.named = turns.made(&[]).0;
            turns.named.retain(|composite| !composite.ir.kind.is_empty());
            turns.yaml = self.yaml_turns(&turns.named, last);
        }
        turns
    }

    fn turn(&mut self, group: &[ModuleId]) -> Turn {
        let modules = self.modules;
        let (mut composites, mut instances) = (Vec::new(), Vec::new());
        let ((), asked) = schema::noting(|| {
            for id in group {
                self.module_declarations(*id, &mut composites);
            }
            for id in group {
                let decls = modules.get(*id).into_iter().flat_map(|module| &module.ast.decls);
                for decl in decls {
                    if let DeclKind::Instance(instance) = &decl.kind {
                        instances.extend(self.instance(*id, instance, decl.span).map(Arc::new));
                    }
                }
            }
            self.report_recursion(group);
            group.iter().for_each(|id| self.lint_module(*id));
        });
        let diagnostics = std::mem::take(&mut self.diagnostics);
        Turn { composites, instances, diagnostics, asked, ..self.seen(group.iter().copied()) }
    }

    /// Checks the functions of the standard library that something calls and that the last compilation did not.
    fn standard_turn(&mut self, last: Option<&Turn>) -> Turn {
        let called = last.into_iter().flat_map(|turn| &turn.declarations).filter(|known| known.function.is_some());
        let ((), asked) = schema::noting(|| self.standard_functions(called.map(|known| known.id).collect()));
        let mut diagnostics = last.map(|last| last.diagnostics.clone()).unwrap_or_default();
        diagnostics.append(&mut self.diagnostics);
        let modules = self.modules;
        let standard = modules.ids().filter(|id| modules.get(*id).is_some_and(|m| m.origin == Origin::Standard));
        Turn { diagnostics, asked, ..self.seen(standard) }
    }

    fn yaml_turns(&mut self, named: &[Arc<CompositeType>], last: Option<&Turns>) -> FxHashMap<FileId, Arc<YamlTurn>> {
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
            let diagnostics = std::mem::take(&mut self.diagnostics);
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
        for known in &turn.declarations {
            let id = known.id;
            self.types.extend(known.ty.clone().map(|ty| (id, TypeState::Done(ty))));
            self.sizes.extend(known.size);
            if let Some((signature, made)) = &known.function {
                self.functions.insert(id, signature.clone());
                put(&mut self.program.functions, signature.id.0, made, &NO_FUNCTION);
            }
            if let Some((global, ty, made)) = &known.global {
                self.globals.insert(id, GlobalState::Done(*global, ty.clone()));
                put(&mut self.program.globals, global.0, made, &NO_GLOBAL);
            }
            self.composites.extend(known.composite.clone().map(|composite| (id, composite)));
            self.needs.extend(known.needs.clone().map(|needs| (id, needs)));
        }
        self.schemas.ask(&turn.asked);
    }

    fn find_free(&mut self) {
        let Program { functions, globals } = &self.program;
        let free = functions.iter().enumerate().filter(|(_, made)| Arc::ptr_eq(made, &NO_FUNCTION));
        self.free.functions = free.map(|(at, _)| FnId(at as u32)).collect();
        let free = globals.iter().enumerate().filter(|(_, made)| Arc::ptr_eq(made, &NO_GLOBAL));
        self.free.globals = free.map(|(at, _)| GlobalId(at as u32)).collect();
    }

    /// Adds a function to the program.
    pub(super) fn add_function(&mut self, made: FnDef) -> FnId {
        let id = self.free.functions.pop().unwrap_or(FnId(self.program.functions.len() as u32));
        put(&mut self.program.functions, id.0, &Arc::new(made), &NO_FUNCTION);
        id
    }

    /// Adds a constant to the program.
    pub(super) fn add_global(&mut self, made: GlobalDef) -> GlobalId {
        let id = self.free.globals.pop().unwrap_or(GlobalId(self.program.globals.len() as u32));
        put(&mut self.program.globals, id.0, &Arc::new(made), &NO_GLOBAL);
        id
    }
}

fn put<T>(all: &mut Vec<Arc<T>>, at: u32, made: &Arc<T>, free: &Arc<T>) {
    let at = at as usize;
    if at >= all.len() {
        all.resize(at + 1, free.clone());
    }
    if let Some(place) = all.get_mut(at) {
        *place = made.clone();
    }
}
