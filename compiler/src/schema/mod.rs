//! Kubernetes schemas as types, decoded lazily, kind by kind.
//!
//! The pinned schemas are packed bytes in the standard library (the layout is
//! in `tessera_stdlib::packed`). Opening them reads the header alone; a kind is
//! found by binary search in the bytes; a definition becomes a [`Record`] when
//! it is asked for, once. Damaged bytes give `None`, never a panic.
//!
//! * `pack.rs`: the sections, names, kinds; `cursor.rs` reads numbers,
//! * `body.rs`: forms, fields and types of a definition,
//! * `text.rs`: the documentation,
//! * `releases.rs`: which releases have what, and how their forms are joined;
//!   `explain.rs` tells people,
//! * `crd/`: the kinds that the CRDs of a project bring.

mod body;
mod crd;
mod cursor;
mod explain;
mod info;
mod pack;
mod releases;
#[cfg(test)]
mod tests;
mod text;

use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::diagnostic::Diagnostic;
use crate::rules::Part;
use crate::source::Span;
use crate::types::{Record, Type};
use crate::value::Value;

pub(crate) use crd::{Asked, noting};
pub use crd::{Crds, Known, MAX_DEFINITION, Violation};
pub use explain::explain;
pub use info::{FieldInfo, Kind, ListType, Verb, Verbs};
use pack::Pack;
use releases::Range;
pub use releases::{Life, Minors};

/// A definition (an object or part of one) in the schemas of a project.
///
/// The first numbers are those of the packed schemas, in the order of the file.
/// Further sources continue where those end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DefId(pub u32);

/// What a definition consists of.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Fields; see [`Schemas::record`].
    Record,
    /// It is another name for this type: `meta/v1/Quantity`.
    Alias(Type),
    /// Any value: `meta/v1/RawExtension`.
    Open,
}

/// The schemas of the releases of Kubernetes that a project is for: what they
/// accept, each of those releases accepts. Cloning is cheap and shares what is
/// decoded.
#[derive(Clone)]
pub struct Schemas {
    kubernetes: Arc<Source>,
    crds: Option<Arc<crd::Source>>,
}

/// The pack as a range of releases sees it, and what is decoded of it.
struct Source {
    pack: Arc<Pack>,
    range: Range,
    records: Box<[OnceLock<Option<Decoded>>]>,
}

/// A record, decoded.
struct Decoded {
    record: Arc<Record>,
    /// The fields that the newest release calls deprecated.
    deprecated: Box<[SmolStr]>,
}

static BUILTIN: LazyLock<Schemas> = LazyLock::new(|| {
    let opened = Schemas::open(tessera_stdlib::KUBERNETES, None);
    opened.unwrap_or_else(|| Schemas::of(Arc::new(Pack::empty()), Range::default()))
});

impl Schemas {
    /// The newest release of the packed schemas.
    #[must_use]
    pub fn builtin() -> Self {
        BUILTIN.clone()
    }

    /// Opens packed bytes at one release (`1.37.0`), or at the newest. `None`
    /// where the bytes are no pack or the release is not in it.
    #[must_use]
    pub fn open(bytes: &'static [u8], release: Option<&str>) -> Option<Self> {
        let pack = Pack::open(bytes)?;
        let at = match release {
            Some(version) => pack.releases().iter().position(|known| *known == version)?,
            None => pack.releases().len().checked_sub(1)?,
        };
        Some(Self::of(Arc::new(pack), Range::one(at)))
    }

    fn of(pack: Arc<Pack>, range: Range) -> Self {
        let records = (0..pack.definitions()).map(|_| OnceLock::new()).collect();
        Self { kubernetes: Arc::new(Source { pack, range, records }), crds: None }
    }

    /// The same schemas and the kinds that CRDs bring.
    #[must_use]
    pub fn with_crds(&self, crds: Crds) -> Self {
        let first = u32::try_from(self.kubernetes.pack.definitions()).unwrap_or_default();
        let metadata = self.type_named("meta", "v1", "ObjectMeta");
        Self { kubernetes: Arc::clone(&self.kubernetes), crds: Some(Arc::new(crd::Source { crds, first, metadata })) }
    }

    /// The place in a CRD that a definition's number means.
    fn custom(&self, def: DefId) -> Option<(&crd::Source, crd::Within)> {
        let crds = self.crds.as_deref()?;
        Some((crds, crds.within(def)?))
    }

    /// What there is to say about the CRDs: about their names, and about the
    /// schemas that were asked for so far.
    pub fn crd_diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.crds.iter().flat_map(|crds| crds.crds.diagnostics())
    }

    /// Whether these are the same schemas, so that a definition has the same number in both.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let crds = match (&self.crds, &other.crds) {
            (Some(own), Some(other)) => own.is(other),
            (own, other) => own.is_none() && other.is_none(),
        };
        crds && Arc::ptr_eq(&self.kubernetes, &other.kubernetes)
    }

    /// Asks again for what some work asked for.
    pub(crate) fn ask(&self, asked: &Asked) {
        self.crds.iter().for_each(|crds| crds.ask(asked));
    }

    /// Whether CRDs bring kinds.
    #[must_use]
    pub const fn has_crds(&self) -> bool {
        self.crds.is_some()
    }

    /// Whether objects of a definition may have fields beyond those that it names.
    #[must_use]
    pub fn is_open(&self, def: DefId) -> bool {
        self.custom(def).is_some_and(|(crds, at)| crds.is_open(at))
    }

    /// What the definition of a kind does not allow in an object of it, and what
    /// there is to say about the definition's own rules. Of kinds that no CRD
    /// brings, nothing.
    #[must_use]
    pub fn violations(&self, def: DefId, object: &Value) -> (Vec<Violation>, Vec<Diagnostic>) {
        self.custom(def).map_or_else(Default::default, |(crds, at)| crds.violations(at, object))
    }

    /// The same of an object of which only some is known, with the places of that.
    pub(crate) fn certain_violations(
        &self,
        def: DefId,
        root: Part<'_>,
    ) -> (Vec<(Violation, Option<Span>)>, Vec<Diagnostic>) {
        self.custom(def).map_or_else(Default::default, |(crds, at)| crds.certain_violations(at, root))
    }

    /// The versions of a kind that are served, where it has this one but does not serve it.
    #[must_use]
    pub fn instead_of_unserved(&self, group: &str, version: &str, kind: &str) -> Option<Vec<SmolStr>> {
        self.crds.as_ref()?.instead_of_unserved(group, version, kind)
    }

    /// Where the CRD of a kind, or of a part of one, begins; of Kubernetes' own, nothing.
    #[must_use]
    pub fn defined_at(&self, def: DefId) -> Option<Span> {
        let (crds, at) = self.custom(def)?;
        crds.place(at)
    }

    /// Where a CRD declares a field: the whole, and its name. Reads the CRD again.
    #[must_use]
    pub fn field_defined_at(&self, def: DefId, name: &str) -> Option<(Span, Span)> {
        let (crds, at) = self.custom(def)?;
        crds.field_place(at, name)
    }

    /// What a definition says to those who use it, where it is deprecated.
    #[must_use]
    pub fn deprecation(&self, def: DefId) -> Option<SmolStr> {
        self.crds.as_ref()?.deprecation(def)
    }

    /// The newest release of Kubernetes that the schemas are of: `1.37.0`.
    #[must_use]
    pub fn release(&self) -> &str {
        let newest = self.kubernetes.range.newest().and_then(|at| self.kubernetes.pack.releases().get(at));
        newest.copied().unwrap_or_default()
    }

    /// The kind of this group, version and name, where every release has it. The
    /// core group is `""`; `core` is understood too.
    #[must_use]
    pub fn kind(&self, group: &str, version: &str, kind: &str) -> Option<Kind> {
        let Source { pack, range, .. } = &*self.kubernetes;
        let named = pack.kinds_named(kind);
        let wanted = |k: &Kind| k.version == version && k.group == api_group(group);
        pack.kinds(named, *range).find(wanted).or_else(|| self.crds.as_ref()?.kinds_named(kind).find(wanted))
    }

    /// The kinds of this name in any group and version, by group and version.
    #[must_use]
    pub fn kinds_named(&self, kind: &str) -> Vec<Kind> {
        let Source { pack, range, .. } = &*self.kubernetes;
        let custom = self.crds.iter().flat_map(|crds| crds.kinds_named(kind));
        pack.kinds(pack.kinds_named(kind), *range).chain(custom).collect()
    }

    /// All kinds: those of Kubernetes by name, then group and version, after
    /// them those of CRDs.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        let Source { pack, range, .. } = &*self.kubernetes;
        let custom = self.crds.iter().flat_map(|crds| crds.kinds());
        pack.kinds(pack.all_kinds(), *range).chain(custom)
    }

    /// The definition of this group, version and name: `core`, `v1`,
    /// `Container`; the group is written whole, types that all groups share
    /// are in `meta/v1`.
    #[must_use]
    pub fn type_named(&self, group: &str, version: &str, name: &str) -> Option<DefId> {
        let group = if group.is_empty() { "core" } else { group };
        let def = self.kubernetes.pack.definition_named(group, version, name)?;
        self.form(def).filter(|form| self.kubernetes.range.is_within(form.mask)).map(|_| def)
    }

    /// All definitions of the releases, by group, version and name.
    pub fn definitions(&self) -> impl Iterator<Item = DefId> + '_ {
        let count = u32::try_from(self.kubernetes.pack.definitions()).unwrap_or_default();
        (0..count).map(DefId).filter(|def| self.form(*def).is_some())
    }

    /// The fields of a record that every release has; `None` where the definition
    /// is none, see [`Self::shape`]. Nested definitions are [`Type::Schema`]; the fields
    /// carry no documentation, which [`Self::field_doc`] unpacks when needed.
    #[must_use]
    pub fn record(&self, def: DefId) -> Option<&Arc<Record>> {
        if let Some((crds, at)) = self.custom(def) {
            return crds.record(at);
        }
        self.decoded(def).map(|decoded| &decoded.record)
    }

    /// Whether the newest release calls a field of a record deprecated.
    #[must_use]
    pub fn is_field_deprecated(&self, def: DefId, field: &str) -> bool {
        self.decoded(def).is_some_and(|decoded| decoded.deprecated.iter().any(|name| name == field))
    }

    fn decoded(&self, def: DefId) -> Option<&Decoded> {
        let Source { pack, range, records } = &*self.kubernetes;
        let cell = records.get(def.0 as usize)?;
        cell.get_or_init(|| body::record(pack, def, *range)).as_ref()
    }

    /// What a definition consists of; `None` for a number that no source has.
    #[must_use]
    pub fn shape(&self, def: DefId) -> Option<Shape> {
        if let Some((crds, at)) = self.custom(def) {
            return crds.shape(at);
        }
        self.form(def).map(|form| form.shape)
    }

    /// A definition's whole name: `core/v1/Container`.
    #[must_use]
    pub fn name(&self, def: DefId) -> Option<String> {
        if let Some((crds, at)) = self.custom(def) {
            return crds.name(at);
        }
        let (group, version, name) = self.kubernetes.pack.definition_name(def)?;
        Some(format!("{group}/{version}/{name}"))
    }

    /// A definition's name alone, for messages: `Container`.
    #[must_use]
    pub fn short_name(&self, def: DefId) -> Option<&str> {
        if let Some((crds, at)) = self.custom(def) {
            return crds.short_name(at);
        }
        self.kubernetes.pack.definition_name(def).map(|(_, _, name)| name)
    }

    /// What is published about a field beyond its type.
    #[must_use]
    pub fn field(&self, def: DefId, field: &str) -> Option<FieldInfo> {
        if let Some((crds, at)) = self.custom(def) {
            return crds.field(at, field);
        }
        info::field(self.raw_field(def, field)?)
    }

    /// Whether the documentation calls a definition deprecated.
    #[must_use]
    pub fn is_deprecated(&self, def: DefId) -> bool {
        self.form(def).is_some_and(|form| form.deprecated) || self.deprecation(def).is_some()
    }

    /// Whether a definition's value has one owner (`x-kubernetes-map-type: atomic`).
    #[must_use]
    pub fn is_atomic(&self, def: DefId) -> bool {
        if let Some((crds, at)) = self.custom(def) {
            return crds.is_atomic(at);
        }
        self.form(def).is_some_and(|form| form.atomic)
    }

    /// The documentation of a definition, Markdown or plain text as published.
    #[must_use]
    pub fn doc(&self, def: DefId) -> Option<String> {
        if let Some((crds, at)) = self.custom(def) {
            return crds.doc(at);
        }
        self.kubernetes.pack.text(self.form(def)?.doc)
    }

    /// The documentation of a field; where it takes one of several texts, also
    /// what each means.
    #[must_use]
    pub fn field_doc(&self, def: DefId, field: &str) -> Option<String> {
        if let Some((crds, at)) = self.custom(def) {
            return crds.field_doc(at, field);
        }
        self.kubernetes.pack.text(self.raw_field(def, field)?.doc)
    }

    fn form(&self, def: DefId) -> Option<body::Form> {
        body::form(&self.kubernetes.pack, def, self.kubernetes.range)
    }

    fn raw_field(&self, def: DefId, field: &str) -> Option<body::RawField<'_>> {
        let Source { pack, range, .. } = &*self.kubernetes;
        body::fields(pack, def, *range)?.map_while(|field| field).find(|raw| raw.name == field)
    }
}

impl fmt::Debug for Schemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Schemas").field(&self.release()).finish()
    }
}

/// The group as it stands in `apiVersion`.
fn api_group(group: &str) -> &str {
    if group == "core" { "" } else { group }
}
