//! Kinds that custom resource definitions (CRDs) bring, read as they are.
//!
//! Reading a file finds the names of its kinds; the schema of a version is
//! decoded when something first asks for it, once.
//!
//! * `asked.rs`: which versions some work asked for,
//! * `load.rs`: from the globs of a project to files; `scan.rs` finds the names
//!   in text of the common form, `names.rs` in any other, from its tree,
//! * `decode.rs`: from a tree to the nodes of `model.rs`, with what is odd,
//! * `places.rs`: where a text declares a field,
//! * `types.rs`: the nodes as types; `formats.rs`: what formats mean,
//! * `value.rs`: whether an object is what its schema asks for; `rules.rs` runs
//!   the rules in CEL.

mod asked;
mod decode;
mod formats;
mod load;
mod model;
mod names;
mod places;
mod rules;
mod scan;
#[cfg(test)]
mod tests;
mod types;
mod value;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use smol_str::SmolStr;

use super::info::{FieldInfo, Kind, Verbs};
use super::{DefId, Shape};
use crate::diagnostic::{Diagnostic, W0820};
use crate::rules::Part;
use crate::source::{FileError, FileId, Span};
use crate::types::Record;
use crate::value::Value;
use crate::yaml::{self, NodeKind};

pub(crate) use asked::{Asked, noting};
use model::{NodeId, Schema};
use names::{Definition, Place};
use types::Typing;
pub use value::Violation;

/// How many bits of a definition's number tell the node in its schema.
const NODE_BITS: u32 = 18;
/// How many versions of kinds a project may have.
const MAX_VERSIONS: usize = 8192;
/// How many bytes one definition may have. A server takes requests of at most
/// 3 MiB (apiserver, pkg/server/config.go); with blanks and comments a text may
/// be longer.
pub const MAX_DEFINITION: usize = 8 << 20;

/// The kinds that the CRDs of a project bring, as one compilation asks for them.
pub struct Crds {
    known: Arc<Known>,
    /// The versions whose schema was asked for: only of these there is something to say.
    asked: Box<[AtomicBool]>,
}

/// What is known of the CRDs of a project: their names, and schemas as far as
/// some compilation asked for them.
pub struct Known {
    files: Vec<CrdFile>,
    /// What was looked for, and the number that the first file got.
    wanted: Wanted,
    /// [`Files::stamp`](crate::source::Files::stamp) when they were looked for last; [`NO_STAMP`] where it had none.
    stamp: AtomicU64,
    /// The versions by kind, group and version.
    versions: Vec<Version>,
    /// What reading the names had to say.
    diagnostics: Vec<Diagnostic>,
}

/// Where a host has no stamps.
const NO_STAMP: u64 = u64::MAX;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    first: FileId,
    globs: Vec<(String, String, Span)>,
}

/// A file with CRDs.
struct CrdFile {
    path: String,
    /// Why there is no text, where there is none.
    text: Result<Arc<str>, FileError>,
    id: FileId,
}

/// A version of a kind.
struct Version {
    file: usize,
    definition: Arc<Definition>,
    index: usize,
    loaded: OnceLock<Loaded>,
}

/// The decoded schema of a version.
struct Loaded {
    schema: Schema,
    records: Box<[OnceLock<Option<Arc<Record>>>]>,
    deprecation: Option<SmolStr>,
    diagnostics: Vec<Diagnostic>,
}

impl Version {
    fn names(&self) -> (&str, &str, &str) {
        let Definition { group, names, versions, .. } = &*self.definition;
        (&names.kind, group, versions.get(self.index).map_or("", |version| &version.name))
    }

    fn served(&self) -> bool {
        self.definition.versions.get(self.index).is_some_and(|version| version.served)
    }
}

/// A place in the schema of a version.
#[derive(Clone, Copy)]
pub(super) struct Within {
    version: usize,
    node: NodeId,
}

/// The CRDs of a project among its other schemas.
pub(super) struct Source {
    pub(super) crds: Crds,
    /// The first number of their definitions.
    pub(super) first: u32,
    /// `meta/v1/ObjectMeta`.
    pub(super) metadata: Option<DefId>,
}

impl Source {
    /// The place that a definition's number means.
    pub(super) fn within(&self, def: DefId) -> Option<Within> {
        let number = def.0.checked_sub(self.first)?;
        let version = (number >> NODE_BITS) as usize;
        let within = Within { version, node: NodeId(number & ((1 << NODE_BITS) - 1)) };
        (version < self.crds.known.versions.len()).then_some(within)
    }

    fn base(&self, version: usize) -> u32 {
        self.first + ((version as u32) << NODE_BITS)
    }

    /// The kinds of this name that are served.
    pub(super) fn kinds_named<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = Kind> + 'a {
        self.range(kind).filter_map(|at| self.kind(at))
    }

    /// All kinds that are served.
    pub(super) fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        (0..self.crds.known.versions.len()).filter_map(|at| self.kind(at))
    }

    fn range(&self, kind: &str) -> std::ops::Range<usize> {
        let versions = &self.crds.known.versions;
        let start = versions.partition_point(|version| version.names().0 < kind);
        start..versions.partition_point(|version| version.names().0 <= kind)
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        let version = self.crds.known.versions.get(at).filter(|version| version.served())?;
        let (kind, group, name) = version.names();
        let about = version.definition.versions.get(version.index)?;
        Some(Kind {
            group: group.into(),
            version: name.into(),
            kind: kind.into(),
            plural: version.definition.names.plural.clone(),
            namespaced: version.definition.namespaced,
            has_status: about.has_status,
            has_scale: about.has_scale,
            verbs: Verbs::ALL,
            def: DefId(self.base(at)),
        })
    }

    /// The versions of a kind that are served, where this one is there but is
    /// not: those that are stable last.
    pub(super) fn instead_of_unserved(&self, group: &str, version: &str, kind: &str) -> Option<Vec<SmolStr>> {
        let same = |at: &usize| self.crds.known.versions.get(*at).is_some_and(|v| v.names().1 == group);
        let found = self.range(kind).filter(same).filter_map(|at| self.crds.known.versions.get(at));
        let all: Vec<&Version> = found.collect();
        let unserved = all.iter().any(|v| v.names().2 == version && !v.served());
        unserved.then(|| {
            let mut served: Vec<SmolStr> =
                all.iter().filter(|v| v.served()).map(|version| version.names().2.into()).collect();
            served.sort_by_key(|version| (!version.contains(['a', 'b']), version.clone()));
            served
        })
    }

    /// Where the definition begins.
    pub(super) fn place(&self, within: Within) -> Option<Span> {
        let known = &self.crds.known;
        let version = known.versions.get(within.version)?;
        let start = version.definition.place.start();
        Some(Span::new(known.files.get(version.file)?.id, start, start))
    }

    /// What a definition says about using a version that is deprecated.
    pub(super) fn deprecation(&self, def: DefId) -> Option<SmolStr> {
        let at = self.within(def)?.version;
        let version = self.crds.known.versions.get(at)?;
        let about = version.definition.versions.get(version.index).filter(|about| about.deprecated)?;
        let said = self.loaded(at)?.deprecation.clone();
        let (kind, group, _) = version.names();
        Some(said.unwrap_or_else(|| format!("{group}/{} {kind} is deprecated", about.name).into()))
    }

    fn loaded(&self, at: usize) -> Option<&Loaded> {
        let known = &self.crds.known;
        let version = known.versions.get(at)?;
        self.crds.asked.get(at)?.store(true, Ordering::Relaxed);
        asked::note(at);
        Some(version.loaded.get_or_init(|| known.read_schema(version)))
    }

    fn typing(&self, within: Within) -> Option<Typing<'_>> {
        let schema = &self.loaded(within.version)?.schema;
        Some(Typing { schema, base: self.base(within.version), metadata: self.metadata })
    }

    pub(super) fn record(&self, within: Within) -> Option<&Arc<Record>> {
        let cell = self.loaded(within.version)?.records.get(within.node.0 as usize)?;
        cell.get_or_init(|| self.typing(within)?.record(within.node).map(Arc::new)).as_ref()
    }

    pub(super) fn shape(&self, within: Within) -> Option<Shape> {
        self.record(within).map(|_| Shape::Record)
    }

    pub(super) fn field(&self, within: Within, name: &str) -> Option<FieldInfo> {
        self.typing(within)?.field(within.node, name)
    }

    pub(super) fn doc(&self, within: Within) -> Option<String> {
        self.typing(within)?.schema.node(within.node)?.doc.as_deref().map(str::to_owned)
    }

    pub(super) fn field_doc(&self, within: Within, name: &str) -> Option<String> {
        let schema = self.typing(within)?.schema;
        let property = schema.node(within.node)?.property(name)?;
        schema.node(property.node)?.doc.as_deref().map(str::to_owned)
    }

    pub(super) fn is_atomic(&self, within: Within) -> bool {
        self.typing(within).and_then(|t| t.schema.node(within.node)).is_some_and(|node| node.atomic)
    }

    /// What is wrong with an object of a kind; rules that cannot be run are
    /// told of beside it.
    pub(super) fn violations(&self, within: Within, object: &Value) -> (Vec<Violation>, Vec<Diagnostic>) {
        let Some(loaded) = self.loaded(within.version) else { return Default::default() };
        judge(&loaded.schema, within.node, object)
    }

    /// The same of an object of which only some is known, each with the place
    /// of what is known round it.
    pub(super) fn certain_violations(
        &self,
        within: Within,
        root: Part<'_>,
    ) -> (Vec<(Violation, Option<Span>)>, Vec<Diagnostic>) {
        let (mut found, mut diagnostics) = (Vec::new(), Vec::new());
        let Some(loaded) = self.loaded(within.version) else { return (found, diagnostics) };
        for known in value::known(&loaded.schema, root) {
            let (violations, more) = judge(&loaded.schema, known.node, known.value);
            diagnostics.extend(more);
            found.extend(violations.into_iter().map(|violation| {
                let path = known.path.iter().cloned().chain(violation.path).collect();
                (Violation { path, ..violation }, known.span)
            }));
        }
        (found, diagnostics)
    }

    /// Whether an object may have fields beyond those of its schema.
    pub(super) fn is_open(&self, within: Within) -> bool {
        self.typing(within).and_then(|t| t.schema.node(within.node)).is_some_and(|node| node.open)
    }

    /// `cert-manager.io/v1/Certificate`, of a part `Certificate.spec.issuerRef`.
    pub(super) fn name(&self, within: Within) -> Option<String> {
        let (kind, group, version) = self.crds.known.versions.get(within.version)?.names();
        if within.node == NodeId::ROOT {
            return Some(format!("{group}/{version}/{kind}"));
        }
        let way = places::path(&self.loaded(within.version)?.schema, within.node);
        Some(std::iter::once(kind).chain(way.iter().map(SmolStr::as_str)).collect::<Vec<_>>().join("."))
    }

    /// Whether these are the same definitions, by the same numbers.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.crds.known, &other.crds.known) && (self.first, self.metadata) == (other.first, other.metadata)
    }

    /// Asks for versions that a compilation before asked for.
    pub(super) fn ask(&self, asked: &Asked) {
        let cells = asked.versions().filter_map(|at| self.crds.asked.get(at));
        cells.for_each(|cell| cell.store(true, Ordering::Relaxed));
    }

    pub(super) fn short_name(&self, within: Within) -> Option<&str> {
        Some(self.crds.known.versions.get(within.version)?.names().0)
    }
}

impl Crds {
    fn of(known: Arc<Known>) -> Self {
        let asked = known.versions.iter().map(|_| AtomicBool::new(false)).collect();
        Self { known, asked }
    }

    /// What reading the files had to say, and what decoding the schemas that
    /// were asked for had.
    pub(super) fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        let asked = self.known.versions.iter().zip(&self.asked).filter(|(_, asked)| asked.load(Ordering::Relaxed));
        let decoded = asked.filter_map(|(version, _)| version.loaded.get());
        self.known.diagnostics.iter().chain(decoded.flat_map(|loaded| &loaded.diagnostics))
    }
}

impl Known {
    /// Reads the schema of a version.
    fn read_schema(&self, version: &Version) -> Loaded {
        let (mut diagnostics, mut schema, mut deprecation) = (Vec::new(), None, None);
        if let Some(file) = self.files.get(version.file) {
            let root = root(file, &version.definition.place, &mut diagnostics);
            let spec = root.as_ref().and_then(|root| root.get("spec"));
            let (_, _, name) = version.names();
            let about = spec.and_then(|spec| about(spec, name));
            deprecation = about.and_then(|v| v.get("deprecationWarning")).and_then(yaml::Node::as_str).map(Into::into);
            if let Some(tree) = spec.and_then(|spec| written(spec, name)) {
                let mut decoded = decode::decode(tree);
                diagnostics.append(&mut decoded.diagnostics);
                schema = Some(decoded.schema);
            } else if let Some(spec) = spec {
                let message = format!("version `{name}` has no schema");
                let place = about.map_or_else(|| names::start_of(spec), names::start_of);
                diagnostics
                    .push(Diagnostic::new(&W0820, place, message).note("any field is allowed").help(decode::SUPPRESS));
            }
            let keeps = spec.and_then(|spec| spec.get("preserveUnknownFields"));
            if matches!(keeps.map(|node| &node.kind), Some(NodeKind::Bool(true))) {
                schema.iter_mut().for_each(|schema| schema.nodes.iter_mut().for_each(|node| node.open = true));
            }
        }
        let schema = schema.unwrap_or_else(decode::open);
        let records = schema.nodes.iter().map(|_| OnceLock::new()).collect();
        Loaded { schema, records, deprecation, diagnostics }
    }
}

/// What is wrong with the value of a node; its rules run only where nothing
/// else is wrong.
fn judge(schema: &Schema, id: NodeId, value: &Value) -> (Vec<Violation>, Vec<Diagnostic>) {
    let value = value::served(schema, id, value);
    let found = value::violations(schema, id, &value);
    if !found.is_empty() {
        return (found, Vec::new());
    }
    let verdict = rules::run(schema, id, &value);
    (verdict.violations, verdict.diagnostics)
}

/// The tree of a definition.
fn root(file: &CrdFile, place: &Place, diagnostics: &mut Vec<Diagnostic>) -> Option<yaml::Node> {
    let (mut documents, mut found, item) = match place {
        Place::Text(range) => {
            let text = file.text.as_ref().ok()?.get(range.clone())?;
            let (documents, found) = yaml::read_part(file.id, text, range.start as u32);
            (documents, found, None)
        }
        Place::Tree { document, item } => {
            let (documents, _) = yaml::read(file.id, file.text.as_ref().ok()?);
            (documents.into_iter().skip(*document).collect(), Vec::new(), *item)
        }
    };
    diagnostics.append(&mut found);
    let root = (!documents.is_empty()).then(|| documents.swap_remove(0).root)?;
    match item {
        None => Some(root),
        Some(item) => names::items(&root)?.get(item).cloned(),
    }
}

/// What a specification says about a version.
fn about<'a>(spec: &'a yaml::Node, name: &str) -> Option<&'a yaml::Node> {
    let NodeKind::List(versions) = &spec.get("versions")?.kind else { return None };
    versions.iter().find(|version| version.get("name").and_then(yaml::Node::as_str) == Some(name))
}

/// The schema of a version as it is written: its own, or that of all.
fn written<'a>(spec: &'a yaml::Node, name: &str) -> Option<&'a yaml::Node> {
    let own = about(spec, name).and_then(|version| version.get("schema"));
    own.or_else(|| spec.get("validation"))?.get("openAPIV3Schema")
}

/// The beginning of a file.
const fn beginning(file: FileId) -> Span {
    Span::new(file, 0, 0)
}
