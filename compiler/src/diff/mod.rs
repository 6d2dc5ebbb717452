//! What two versions of a project write, compared: for each instance its objects
//! and their fields, for a target its files. [`crate::compat`] says what the change
//! of an API does to its instances; both are told together by [`human`] and [`json`].

mod fields;
mod files;
mod human;
mod json;
mod objects;

pub use fields::{Field, HIDDEN};
pub use files::{Document, FileDiff, compare_files};
pub use human::human;
pub use json::{VERSION, json};
pub use objects::{ObjectDiff, State};

use smol_str::SmolStr;

use crate::compat::{Change, Effect, compare, pair};
use crate::compile::{Built, Compilation};
use crate::ir::Composite;

/// Two versions, compared.
#[derive(Debug, Default)]
pub struct Diff {
    /// What changed of APIs.
    pub apis: Vec<ApiDiff>,
    /// What changed of instances, and of resources outside any.
    pub instances: Vec<InstanceDiff>,
    /// What changed of the files of a target.
    pub files: Vec<FileDiff>,
}

/// A composite that changed.
#[derive(Debug)]
pub struct ApiDiff {
    /// Its kind.
    pub kind: SmolStr,
    /// `group/version`.
    pub api: String,
    /// What changed, breaking changes first.
    pub changes: Vec<Change>,
}

/// An instance whose objects changed.
#[derive(Debug)]
pub struct InstanceDiff {
    /// The composite's kind; empty for resources outside any.
    pub kind: SmolStr,
    /// Its namespace.
    pub namespace: Option<SmolStr>,
    /// Its name; for resources outside any, their module's file.
    pub name: SmolStr,
    /// What became of it.
    pub state: State,
    /// The objects that changed.
    pub objects: Vec<ObjectDiff>,
}

/// How much there is to tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Objects and files that are new.
    pub added: usize,
    /// That are gone.
    pub removed: usize,
    /// That are changed.
    pub changed: usize,
    /// Fields that the API server refuses to change.
    pub refused: usize,
    /// Changes of APIs that break instances or readers.
    pub breaking: usize,
    /// Changes of APIs of which that is not known.
    pub unproven: usize,
}

impl Diff {
    /// Whether nothing differs.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.apis.is_empty() && self.instances.is_empty() && self.files.is_empty()
    }

    /// How much there is to tell.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        let mut count = |state: State| match state {
            State::Added => counts.added += 1,
            State::Removed => counts.removed += 1,
            State::Changed => counts.changed += 1,
        };
        let objects = || self.instances.iter().flat_map(|instance| &instance.objects);
        objects().for_each(|object| count(object.state));
        self.files.iter().for_each(|file| count(file.state));
        counts.refused =
            objects().filter(|o| !o.replaced).map(|o| o.fields.iter().filter(|f| f.immutable).count()).sum();
        let effects = |effect| self.apis.iter().flat_map(|api| &api.changes).filter(|c| c.effect() == effect).count();
        (counts.breaking, counts.unproven) = (effects(Effect::Breaking), effects(Effect::Unproven));
        counts
    }
}

/// Compares the APIs of two versions of a project.
#[must_use]
pub fn compare_apis(old: &Compilation, new: &Compilation) -> Vec<ApiDiff> {
    let pairing = pair(old, new);
    let same_kubernetes = old.kubernetes == new.kubernetes;
    let api = |composite: &Composite, changes| ApiDiff { kind: composite.kind.clone(), api: composite.api(), changes };
    let mut apis: Vec<ApiDiff> =
        pairing.same.iter().map(|(was, is)| api(is, compare(was, is, same_kubernetes))).collect();
    apis.extend(pairing.changed.into_iter().filter_map(|(change, was, is)| Some(api(was.or(is)?, vec![change]))));
    apis.retain(|api| !api.changes.is_empty());
    apis
}

/// Compares the objects of the instances of two versions of a project, and of the
/// resources outside any.
#[must_use]
pub fn compare_instances(old: &Compilation, new: &Compilation) -> Vec<InstanceDiff> {
    let mut rest: Vec<(Key, &Built)> = old.built.iter().map(|built| (key(old, built), built)).collect();
    let mut found = Vec::new();
    for built in &new.built {
        let key = key(new, built);
        let before = rest.iter().position(|(other, _)| *other == key).map(|at| rest.remove(at).1);
        let state = if before.is_some() { State::Changed } else { State::Added };
        found.push(instance(key, state, before.map(|b| (old, b)), Some((new, built))));
    }
    found.extend(rest.into_iter().map(|(key, built)| instance(key, State::Removed, Some((old, built)), None)));
    found.retain(|instance| {
        !instance.objects.is_empty() || (instance.state != State::Changed && !instance.kind.is_empty())
    });
    found
}

/// Group, kind, namespace, name: the version may be another one.
type Key = [SmolStr; 4];

fn key(compilation: &Compilation, built: &Built) -> Key {
    let instance = built.instance.and_then(|at| compilation.instances.get(at));
    let group = instance.map(|i| i.composite.ir.group.clone()).unwrap_or_default();
    // The folder may be another one on each side.
    let last = |path: &str| SmolStr::new(path.rsplit('/').next().unwrap_or(path));
    let file = || compilation.sources().get(built.span.file).map(|file| last(&file.path)).unwrap_or_default();
    let name = if built.kind.is_empty() { file() } else { built.name.clone() };
    [group, built.kind.clone(), built.namespace.clone().unwrap_or_default(), name]
}

type Side<'a> = (&'a Compilation, &'a Built);

fn instance(key: Key, state: State, old: Option<Side<'_>>, new: Option<Side<'_>>) -> InstanceDiff {
    let [_, kind, namespace, name] = key;
    let objects = |side: Option<Side<'_>>| {
        let built = side.into_iter().flat_map(|(_, built)| &built.result.objects);
        built.map(|object| &object.value).cloned().collect::<Vec<_>>()
    };
    let mut objects = objects::compare(&objects(old), &objects(new));
    if let Some((compilation, built)) = new {
        for object in &mut objects {
            object.replaced = object.fields.iter().any(|f| f.immutable) && replaces(compilation, built, object);
        }
    }
    InstanceDiff { kind, namespace: Some(namespace).filter(|n| !n.is_empty()), name, state, objects }
}

/// Whether the resource says that its object is made anew where it must be.
fn replaces(compilation: &Compilation, built: &Built, object: &ObjectDiff) -> bool {
    let of = built.result.objects.iter().find(|o| objects::identity(&o.value) == object.identity());
    let composite = built.instance.and_then(|at| compilation.instances.get(at)).map(|i| &i.composite.ir);
    let resource = of.and_then(|of| composite?.resource(&of.resource));
    resource.is_some_and(|resource| resource.replace)
}
