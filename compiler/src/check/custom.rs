//! Kinds that CRDs bring, as the checker meets them: versions that are not
//! served, objects with fields beyond those of their schema.

use super::Checker;
use super::object::Target;
use crate::diagnostic::{Diagnostic, E0421};
use crate::schema::Kind;
use crate::source::Span;
use crate::types::Type;

impl Checker<'_> {
    /// The complaint about a version that its definition does not serve.
    pub(super) fn unserved(&self, text: &str, kind: &str, span: Span) -> Option<Diagnostic> {
        let mut parts = text.split('/');
        let (group, version) = (parts.next()?, parts.next()?);
        let served = self.schemas.instead_of_unserved(group, version, kind)?;
        let diagnostic =
            Diagnostic::new(&E0421, span, format!("version `{version}` of `{group}/{kind}` is not served"));
        let Some(best) = served.last() else {
            return Some(diagnostic.note("no version of it is").help("take a newer definition of the kind"));
        };
        let (right, all) = (format!("{group}/{best}/{kind}"), served.join("`, `"));
        let title = format!("replace it with `{right}`");
        Some(diagnostic.label(format!("served: `{all}`")).fix(title, span, right, false))
    }

    /// What is said beside the release where CRDs bring kinds, too.
    pub(super) fn with_definitions(&self) -> &'static str {
        if self.schemas.has_crds() { ", and none of the project's definitions brings it" } else { "" }
    }

    /// Whether an object takes fields that its schema does not name.
    pub(super) fn takes_more(&self, target: &Target<'_>) -> bool {
        target.def.is_some_and(|def| self.schemas.is_open(def))
    }

    /// Whether objects of a type have fields that their schema does not name.
    pub(super) fn may_have_more(&self, ty: &Type) -> bool {
        matches!(ty.structure(), Type::Schema(def) if self.schemas.is_open(*def))
    }
}

/// The kind that was likely meant among those of the same name: one of the same
/// group rather than one of another.
pub(super) fn nearest<'k>(text: &str, kinds: &'k [Kind]) -> Option<&'k Kind> {
    let group = text.split_once('/').map_or("", |(group, _)| group);
    kinds.iter().find(|kind| kind.group == group).or_else(|| kinds.first())
}
