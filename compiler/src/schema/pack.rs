//! The sections of a pack: strings, definitions by name, kinds by name, their lives.

use std::cmp::Ordering;
use std::ops::Range;

use tessera_stdlib::packed::{
    DEFINITION_SIZE, FORMAT, KIND_NAMESPACED, KIND_SCALE, KIND_SIZE, KIND_STATUS, LIFE_SIZE, MAGIC, MAX_RELEASES,
    NO_STRING, SECTIONS,
};

use super::cursor::Cursor;
use super::info::{Kind, Verbs};
use super::releases::{Life, Range as Releases};
use super::text::Texts;
use super::{DefId, api_group};

/// Packed schemas whose header has been read; the rest is read when asked for.
pub(super) struct Pack {
    releases: Vec<&'static str>,
    /// `strings + 1` offsets, then the text.
    strings: Table,
    text: &'static [u8],
    definitions: Table,
    kinds: Table,
    bodies: &'static [u8],
    texts: Texts,
    lives: Table,
}

/// Entries of one size.
#[derive(Clone, Copy, Default)]
struct Table {
    bytes: &'static [u8],
    count: usize,
    size: usize,
}

impl Table {
    fn new(bytes: &'static [u8], count: usize, size: usize) -> Option<Self> {
        let bytes = bytes.get(..count.checked_mul(size)?)?;
        Some(Self { bytes, count, size })
    }

    fn entry(&self, at: usize) -> Option<Cursor<'static>> {
        let start = at.checked_mul(self.size)?;
        self.bytes.get(start..start.checked_add(self.size)?).map(Cursor::new)
    }

    /// The first entry that is not less; entries that cannot be read are.
    fn lower_bound(&self, mut compare: impl FnMut(usize) -> Option<Ordering>) -> usize {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low.midpoint(high);
            match compare(middle) {
                Some(Ordering::Less) | None => low = middle + 1,
                Some(_) => high = middle,
            }
        }
        low
    }
}

impl Pack {
    /// A pack without content.
    pub(super) fn empty() -> Self {
        Self {
            releases: Vec::new(),
            strings: Table::default(),
            text: &[],
            definitions: Table::default(),
            kinds: Table::default(),
            bodies: &[],
            texts: Texts::default(),
            lives: Table::default(),
        }
    }

    /// Reads the header; `None` where the bytes are no pack of this layout or
    /// a section lies outside.
    pub(super) fn open(bytes: &'static [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(bytes);
        if cursor.take(MAGIC.len())? != MAGIC || cursor.u8()? != FORMAT {
            return None;
        }
        let releases = releases(&mut cursor)?;
        let mut sections = [(&[][..], 0); SECTIONS];
        for section in &mut sections {
            let (offset, count) = (cursor.size()?, cursor.size()?);
            *section = (bytes.get(offset..)?, count);
        }
        let [strings, definitions, kinds, bodies, blocks, documentation, lives] = sections;
        let (offsets, text) = strings.0.split_at_checked(strings.1.checked_add(1)?.checked_mul(4)?)?;
        Some(Self {
            releases,
            strings: Table::new(offsets, strings.1.checked_add(1)?, 4)?,
            text,
            definitions: Table::new(definitions.0, definitions.1, DEFINITION_SIZE)?,
            kinds: Table::new(kinds.0, kinds.1, KIND_SIZE)?,
            bodies: bodies.0.get(..bodies.1)?,
            texts: Texts::open(blocks, documentation)?,
            lives: Table::new(lives.0, lives.1, LIFE_SIZE)?,
        })
    }

    pub(super) fn releases(&self) -> &[&'static str] {
        &self.releases
    }

    /// The number of definitions.
    pub(super) const fn definitions(&self) -> usize {
        self.definitions.count
    }

    pub(super) fn string(&self, id: u32) -> Option<&'static str> {
        let at = usize::try_from(id).ok()?;
        let (start, end) = (self.strings.entry(at)?.size()?, self.strings.entry(at.checked_add(1)?)?.size()?);
        std::str::from_utf8(self.text.get(start..end)?).ok()
    }

    pub(super) fn text(&self, number: u32) -> Option<String> {
        self.texts.text(number)
    }

    /// The bytes from a definition's body on.
    pub(super) fn body(&self, def: DefId) -> Option<Cursor<'static>> {
        let mut entry = self.definitions.entry(def.0 as usize)?;
        entry.take(DEFINITION_SIZE - 4)?;
        self.bodies.get(entry.size()?..).map(Cursor::new)
    }

    pub(super) fn definition_name(&self, def: DefId) -> Option<(&'static str, &'static str, &'static str)> {
        let entry = self.definitions.entry(def.0 as usize)?;
        self.three(entry)
    }

    pub(super) fn definition_named(&self, group: &str, version: &str, name: &str) -> Option<DefId> {
        let wanted = (group, version, name);
        let found = |at| self.definitions.entry(at).and_then(|entry| self.three(entry));
        let at = self.definitions.lower_bound(|at| Some(found(at)?.cmp(&wanted)));
        (found(at)? == wanted).then_some(DefId(u32::try_from(at).ok()?))
    }

    /// The places of the kinds of this name.
    pub(super) fn kinds_named(&self, kind: &str) -> Range<usize> {
        let name = |at| self.kinds.entry(at).and_then(|mut entry| self.string(entry.u16()?));
        let start = self.kinds.lower_bound(|at| Some(name(at)?.cmp(kind)));
        let count = (start..self.kinds.count).take_while(|at| name(*at) == Some(kind)).count();
        start..start.saturating_add(count)
    }

    pub(super) const fn all_kinds(&self) -> Range<usize> {
        0..self.kinds.count
    }

    /// The kinds among places which all releases of a range have, each in the
    /// form of the newest.
    pub(super) fn kinds(&self, places: Range<usize>, range: Releases) -> impl Iterator<Item = Kind> + '_ {
        let mut rest = places.filter_map(|at| self.kind(at)).peekable();
        let next = move || {
            let (mut kind, mut mask) = rest.next()?;
            while let Some((form, other)) = rest.next_if(|(form, _)| form.def == kind.def && form.kind == kind.kind) {
                if range.within(other).newest() > range.within(mask).newest() {
                    kind = form;
                }
                mask |= other;
            }
            Some((kind, mask))
        };
        std::iter::from_fn(next).filter(move |(_, mask)| range.is_within(*mask)).map(|(kind, _)| kind)
    }

    /// The kind at a place in one of its forms, and the releases that have it so.
    pub(super) fn kind(&self, at: usize) -> Option<(Kind, u32)> {
        let mut entry = self.kinds.entry(at)?;
        let (kind, group, version) = (entry.u16()?, entry.u16()?, entry.u16()?);
        let (plural, def, mask, verbs, flags) = (entry.u16()?, entry.u16()?, entry.u16()?, entry.u16()?, entry.u8()?);
        let kind = Kind {
            group: api_group(self.string(group)?).into(),
            version: self.string(version)?.into(),
            kind: self.string(kind)?.into(),
            plural: self.string(plural)?.into(),
            namespaced: flags & KIND_NAMESPACED != 0,
            has_status: flags & KIND_STATUS != 0,
            has_scale: flags & KIND_SCALE != 0,
            verbs: Verbs::from_bits(verbs),
            def: DefId(def),
        };
        Some((kind, mask))
    }

    /// The life of a kind; the core group is `core`.
    pub(super) fn life(&self, group: &str, version: &str, kind: &str) -> Option<Life> {
        let wanted = (kind, group, version);
        let found = |at| self.lives.entry(at).and_then(|entry| self.three(entry));
        let at = self.lives.lower_bound(|at| Some(found(at)?.cmp(&wanted)));
        let mut entry = self.lives.entry(at).filter(|_| found(at) == Some(wanted))?;
        entry.take(6)?;
        let (introduced, deprecated, removed) = (entry.u8()?, entry.u8()?, entry.u8()?);
        let mut name = || {
            let id = entry.u16().filter(|id| *id != u32::from(NO_STRING))?;
            self.string(id)
        };
        let replacement = match (name(), name(), name()) {
            (Some(group), Some(version), Some(kind)) => Some((api_group(group).into(), version.into(), kind.into())),
            _ => None,
        };
        let minor = |minor: u8| (minor > 0).then_some(u32::from(minor));
        Some(Life {
            introduced: minor(introduced),
            deprecated: minor(deprecated),
            removed: minor(removed),
            replacement,
        })
    }

    fn three(&self, mut entry: Cursor<'_>) -> Option<(&'static str, &'static str, &'static str)> {
        Some((self.string(entry.u16()?)?, self.string(entry.u16()?)?, self.string(entry.u16()?)?))
    }
}

fn releases(cursor: &mut Cursor<'static>) -> Option<Vec<&'static str>> {
    let count = usize::from(cursor.u8()?);
    if count > MAX_RELEASES {
        return None;
    }
    let mut release = || {
        let length = usize::from(cursor.u8()?);
        std::str::from_utf8(cursor.take(length)?).ok()
    };
    (0..count).map(|_| release()).collect()
}
