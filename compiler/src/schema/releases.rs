//! The releases of a pack: which of them a project is for, which of them have a
//! kind, a field or a value, and what several of them accept together.

use std::fmt;
use std::sync::Arc;

use smol_str::SmolStr;

use super::{DefId, Kind, Schemas, body};
use crate::project::VersionRange;
use crate::types::Type;
use crate::value::Value;

/// Releases of a pack, as a mask: bit 0 is the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Range(u32);

impl Range {
    /// The one release at a place.
    pub(super) const fn one(at: usize) -> Self {
        Self(if at < u32::BITS as usize { 1 << at } else { 0 })
    }

    /// Those of these releases that a mask has.
    pub(super) const fn within(self, mask: u32) -> Self {
        Self(self.0 & mask)
    }

    /// Whether a mask has all of these releases.
    pub(super) const fn is_within(self, mask: u32) -> bool {
        self.0 != 0 && mask & self.0 == self.0
    }

    /// Whether a mask has one of these releases.
    pub(super) const fn overlaps(self, mask: u32) -> bool {
        mask & self.0 != 0
    }

    /// The place of the newest.
    pub(super) const fn newest(self) -> Option<usize> {
        match self.0.checked_ilog2() {
            Some(at) => Some(at as usize),
            None => None,
        }
    }
}

/// The minors, `1.x`, in which something happens to a kind, as Kubernetes'
/// sources tell it. They tell it for kinds of older releases, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// Since when it exists.
    pub introduced: Option<u32>,
    /// Since when it is deprecated, or will be.
    pub deprecated: Option<u32>,
    /// Since when it is not served, or will not be.
    pub removed: Option<u32>,
    /// Group (empty for the core one), version and kind of what takes its place.
    pub replacement: Option<(SmolStr, SmolStr, SmolStr)>,
}

/// In which of the included minors something exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minors {
    /// The included minors, ascending, and whether each has it.
    all: Vec<(u32, bool)>,
    /// The oldest and the newest that the project is for.
    wanted: (u32, u32),
}

impl Minors {
    /// Those for which the project is and that lack it.
    #[must_use]
    pub fn lacking(&self) -> Vec<u32> {
        let wanted = |minor: u32| (self.wanted.0..=self.wanted.1).contains(&minor);
        self.all.iter().filter(|(minor, has)| wanted(*minor) && !has).map(|(minor, _)| *minor).collect()
    }

    /// Those for which the project is and that have it.
    #[must_use]
    pub fn having(&self) -> Vec<u32> {
        let wanted = |minor: u32| (self.wanted.0..=self.wanted.1).contains(&minor);
        self.all.iter().filter(|(minor, has)| wanted(*minor) && *has).map(|(minor, _)| *minor).collect()
    }

    /// The first that has it, unless that is the first of all.
    #[must_use]
    pub fn since(&self) -> Option<u32> {
        let at = self.all.iter().position(|(_, has)| *has).filter(|at| *at > 0)?;
        self.all.get(at).map(|(minor, _)| *minor)
    }

    /// The first that does not have it any more.
    #[must_use]
    pub fn until(&self) -> Option<u32> {
        let last = self.all.iter().rposition(|(_, has)| *has)?;
        self.all.get(last.checked_add(1)?).map(|(minor, _)| *minor)
    }

    /// The oldest of the included minors.
    #[must_use]
    pub fn oldest(&self) -> u32 {
        self.all.first().map_or(0, |(minor, _)| *minor)
    }
}

/// `since 1.34`, `removed in 1.36`, both, or `in 1.33 and later`.
impl fmt::Display for Minors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.since(), self.until()) {
            (Some(since), Some(until)) => write!(f, "since 1.{since}, removed in 1.{until}"),
            (Some(since), None) => write!(f, "since 1.{since}"),
            (None, Some(until)) => write!(f, "removed in 1.{until}"),
            (None, None) => write!(f, "in 1.{} and later", self.oldest()),
        }
    }
}

impl Schemas {
    /// The same schemas for other versions of Kubernetes. Of versions that are
    /// not included, the nearest are taken.
    #[must_use]
    pub fn of_versions(&self, versions: VersionRange) -> Self {
        let pack = &self.kubernetes.pack;
        let inside = |release: &&str| minor(release).is_some_and(|m| (versions.oldest..=versions.newest).contains(&m));
        let bits = pack.releases().iter().enumerate().filter(|(_, release)| inside(release));
        let range = Range(bits.fold(0, |mask, (at, _)| mask | Range::one(at).0));
        if range == Range::default() || range == self.kubernetes.range {
            return self.clone();
        }
        Self { crds: self.crds.clone(), ..Self::of(Arc::clone(pack), range) }
    }

    /// The kinds of this name in any group and version that any included release has.
    #[must_use]
    pub fn kinds_ever_named(&self, kind: &str) -> Vec<Kind> {
        let pack = &self.kubernetes.pack;
        let mut kinds: Vec<Kind> =
            pack.kinds_named(kind).filter_map(|at| pack.kind(at)).map(|(kind, _)| kind).collect();
        kinds.dedup_by_key(|kind| kind.def);
        kinds
    }

    /// The life of a kind that these or older releases have or had.
    #[must_use]
    pub fn life(&self, group: &str, version: &str, kind: &str) -> Option<Life> {
        let group = if group.is_empty() { "core" } else { group };
        self.kubernetes.pack.life(group, version, kind)
    }

    /// Which of the included minors have a kind, or a definition of that name;
    /// `None` where none of them does.
    #[must_use]
    pub fn minors_of_kind(&self, group: &str, version: &str, kind: &str) -> Option<Minors> {
        let pack = &self.kubernetes.pack;
        let api = super::api_group(group);
        let kinds = pack.kinds_named(kind).filter_map(|at| pack.kind(at));
        let served = kinds.filter(|(k, _)| k.version == version && k.group == api).fold(0, |mask, (_, m)| mask | m);
        if served != 0 {
            return Some(self.minors(served));
        }
        let def = pack.definition_named(if group.is_empty() { "core" } else { group }, version, kind)?;
        self.minors_of_definition(def)
    }

    /// Which of the included minors have a definition.
    #[must_use]
    pub fn minors_of_definition(&self, def: DefId) -> Option<Minors> {
        let form = body::form(&self.kubernetes.pack, def, Range(u32::MAX))?;
        Some(self.minors(form.mask))
    }

    /// Which of the included minors have a field; `None` where none does.
    #[must_use]
    pub fn minors_of_field(&self, def: DefId, field: &str) -> Option<Minors> {
        self.minors_where(def, field, |_| true)
    }

    /// Which of the included minors take a text as the value of a field, or as
    /// an item of it; `None` where none does, or where any text is taken.
    #[must_use]
    pub fn minors_of_value(&self, def: DefId, field: &str, value: &str) -> Option<Minors> {
        self.minors_where(def, field, |raw| takes(&raw.ty, value))
    }

    /// Which of the included minors require a field; `None` where none does.
    #[must_use]
    pub fn minors_that_require(&self, def: DefId, field: &str) -> Option<Minors> {
        self.minors_where(def, field, |raw| raw.has(tessera_stdlib::packed::FIELD_REQUIRED))
    }

    fn minors_where(&self, def: DefId, field: &str, predicate: impl Fn(&body::RawField<'_>) -> bool) -> Option<Minors> {
        let all = body::all_fields(&self.kubernetes.pack, def)?;
        let picked = all.filter(|raw| raw.name == field && predicate(raw)).fold(0, |mask, raw| mask | raw.mask);
        (picked != 0).then(|| self.minors(picked))
    }

    fn minors(&self, mask: u32) -> Minors {
        let has = |at: usize| Range::one(at).overlaps(mask);
        let releases = self.kubernetes.pack.releases();
        let all: Vec<(u32, bool)> =
            releases.iter().enumerate().filter_map(|(at, release)| Some((minor(release)?, has(at)))).collect();
        let in_range = |at: &usize| Range::one(*at).overlaps(self.kubernetes.range.0);
        let wanted: Vec<u32> = releases
            .iter()
            .enumerate()
            .filter(|(at, _)| in_range(at))
            .filter_map(|(_, release)| minor(release))
            .collect();
        let ends = (wanted.first().copied().unwrap_or_default(), wanted.last().copied().unwrap_or_default());
        Minors { all, wanted: ends }
    }

    /// The oldest and the newest minor of these schemas.
    #[must_use]
    pub fn versions(&self) -> VersionRange {
        let (oldest, newest) = self.minors(0).wanted;
        VersionRange { oldest, newest }
    }
}

/// `37` from `1.37.0`.
fn minor(release: &str) -> Option<u32> {
    release.split('.').nth(1)?.parse().ok()
}

/// What both types accept, as far as two releases' forms of a field differ; the
/// newer one where nothing else can be said.
pub(super) fn meet(newer: Type, older: &Type) -> Type {
    match (&newer, older) {
        (Type::Union(_) | Type::Literal(_), Type::Union(_) | Type::Literal(_)) => {
            let kept: Vec<Type> = members(&newer).iter().filter(|m| has_member(older, m)).cloned().collect();
            match (kept.len(), kept.first()) {
                (0, _) | (_, None) => newer,
                (1, Some(only)) => only.clone(),
                _ => Type::Union(Arc::new(kept)),
            }
        }
        (Type::String | Type::Dyn, Type::Union(_) | Type::Literal(_)) => older.clone(),
        (Type::Union(_), _) if has_member(&newer, older) => older.clone(),
        (Type::List(new), Type::List(old)) => Type::List(Arc::new(meet((**new).clone(), old))),
        (Type::Map(new), Type::Map(old)) => Type::Map(Arc::new((new.0.clone(), meet(new.1.clone(), &old.1)))),
        (Type::Dyn, _) => older.clone(),
        _ => newer,
    }
}

fn members(ty: &Type) -> &[Type] {
    match ty {
        Type::Union(members) => members,
        other => std::slice::from_ref(other),
    }
}

fn has_member(ty: &Type, wanted: &Type) -> bool {
    members(ty).iter().any(|member| match (member, wanted) {
        (Type::Literal(Value::String(a)), Type::Literal(Value::String(b))) => a == b,
        (Type::Int, Type::Int) | (Type::String, Type::String | Type::Literal(Value::String(_))) => true,
        _ => false,
    })
}

/// Whether a type, or that of its items, takes a text.
fn takes(ty: &Type, value: &str) -> bool {
    match ty {
        Type::Union(members) => members.iter().any(|member| takes(member, value)),
        Type::Literal(Value::String(text)) => text == value,
        Type::List(item) => takes(item, value),
        Type::Map(entry) => takes(&entry.1, value),
        Type::String | Type::Dyn => true,
        _ => false,
    }
}
