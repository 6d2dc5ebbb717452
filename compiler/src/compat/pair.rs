//! Which composite of the one side is which of the other.

use super::{ALPHA_GONE, COMPOSITE_ADDED, Change, KIND_GONE, Track, VERSION_BACK, VERSION_REPLACED, Version};
use crate::compile::Compilation;
use crate::ir::Composite;
use crate::resolve::Origin;

/// Composites that belong together, and what became of those that do not.
#[derive(Debug, Default)]
pub struct Pairing<'a> {
    /// The same kind in the same version, old and new.
    pub same: Vec<(&'a Composite, &'a Composite)>,
    /// What has no counterpart, with the one of the other side that comes nearest.
    pub changed: Vec<(Change, Option<&'a Composite>, Option<&'a Composite>)>,
    /// Composites whose other version has errors, so that nothing can be said.
    pub unread: Vec<&'a Composite>,
}

/// The composites of a project, reduced; the ones in error as they are written.
fn composites(compilation: &Compilation) -> impl Iterator<Item = (&Composite, bool)> {
    let own = |module| compilation.modules.get(module).is_some_and(|m| m.origin == Origin::Project);
    let pairs = compilation.composites.iter().zip(&compilation.reduced);
    let named = pairs.filter(move |(checked, _)| !checked.ir.kind.is_empty() && own(checked.module));
    named.map(|(checked, reduced)| match reduced {
        Some(reduced) if checked.sound => (&**reduced, true),
        _ => (&checked.ir, false),
    })
}

/// Pairs the composites of two versions of a project.
#[must_use]
pub fn pair<'a>(old: &'a Compilation, new: &'a Compilation) -> Pairing<'a> {
    let mut pairing = Pairing::default();
    let before: Vec<(&Composite, bool)> = composites(old).collect();
    let mut now: Vec<Option<(&Composite, bool)>> = composites(new).map(Some).collect();
    let all: Vec<(&Composite, bool)> = now.iter().flatten().copied().collect();
    // The folder may be another one on each side.
    let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let file = |compilation: &Compilation, c: &Composite| compilation.sources().get(c.span.file).map(|f| last(&f.path));
    for (was, sound) in before.iter().copied() {
        let same = |c: &Composite| identity(c) == identity(was);
        // Of two with one identity, the one in the file of the same name.
        let here = now.iter().position(|n| n.is_some_and(|(c, _)| same(c) && file(new, c) == file(old, was)));
        let at = here.or_else(|| now.iter().position(|n| n.is_some_and(|(c, _)| same(c))));
        match at.and_then(|at| now.get_mut(at)?.take()) {
            Some((is, true)) if sound => pairing.same.push((was, is)),
            // What is wrong with the new one is said anyway.
            Some((is, true)) => pairing.unread.push(is),
            Some(_) => {}
            None => pairing.changed.extend(gone(was, &before, &all)),
        }
    }
    for (added, _) in now.into_iter().flatten() {
        let change = Change::new(&COMPOSITE_ADDED, Vec::new(), "", name(added));
        pairing.changed.push((change, None, Some(added)));
    }
    pairing
}

fn identity(composite: &Composite) -> [&str; 3] {
    [&composite.group, &composite.api_version, &composite.kind]
}

/// `FinancialBackend of composites.acme/v1`.
fn name(composite: &Composite) -> String {
    format!("{} of {}", composite.kind, composite.api())
}

/// What to say of a composite that is there no more in its version.
fn gone<'a>(
    was: &'a Composite,
    before: &[(&Composite, bool)],
    all: &[(&'a Composite, bool)],
) -> Option<(Change, Option<&'a Composite>, Option<&'a Composite>)> {
    let version = Version::parse(&was.api_version);
    let others: Vec<&Composite> =
        all.iter().map(|(c, _)| *c).filter(|c| c.group == was.group && c.kind == was.kind).collect();
    let newer = others.iter().find(|c| match (Version::parse(&c.api_version), version) {
        (Some(now), Some(before)) => now.succeeds(before),
        _ => false,
    });
    let alpha = version.is_some_and(|v| v.track == Track::Alpha);
    let (rule, other) = match (newer, others.first()) {
        (Some(other), _) => (if alpha { &ALPHA_GONE } else { &VERSION_REPLACED }, Some(*other)),
        (None, Some(other)) => (&VERSION_BACK, Some(*other)),
        (None, None) => (if alpha { &ALPHA_GONE } else { &KIND_GONE }, renamed(was, before, all)),
    };
    Some((Change::new(rule, Vec::new(), name(was), other.map(name).unwrap_or_default()), Some(was), other))
}

/// The composite that this one became, as its parameters tell.
fn renamed<'a>(was: &Composite, before: &[(&Composite, bool)], all: &[(&'a Composite, bool)]) -> Option<&'a Composite> {
    let names = |c: &Composite| c.params.iter().map(|p| p.name.clone()).collect::<Vec<_>>();
    let is_new = |c: &Composite| !before.iter().any(|(b, _)| b.kind == c.kind && b.group == c.group);
    let alike = |c: &&Composite| is_new(c) && names(c) == names(was) && (c.kind == was.kind || c.group == was.group);
    all.iter().map(|(c, _)| *c).find(alike)
}
