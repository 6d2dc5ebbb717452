//! Versions of Kubernetes: what one of the project's lacks, and what is
//! deprecated or gone, with what takes its place.

use super::Checker;
use super::fit::literals;
use crate::diagnostic::{Code, Diagnostic, E0401, E0406, E0407, W0806};
use crate::project::VersionRange;
use crate::schema::{DefId, Kind, Life, Minors};
use crate::source::Span;
use crate::types::Type;

/// What stands before the reason in a documentation text, the plainest first.
const DEPRECATED: [&str; 3] = ["Deprecated: ", "DEPRECATED: ", "Deprecated. "];
/// How much of a reason is shown, in bytes.
const MAX_REASON: usize = 240;

impl Checker<'_> {
    /// The complaint about a kind or type that the schemas do not have: other
    /// versions may have it, or had it.
    pub(crate) fn missing_schema(&self, text: &str, name: (&str, &str, &str), span: Span) -> Diagnostic {
        let (group, version, kind) = name;
        let minors = self.schemas.minors_of_kind(group, version, kind);
        let gone = || self.schemas.life(group, version, kind).filter(|life| life.removed.is_some());
        let diagnostic = match (minors, gone()) {
            (Some(minors), _) => self.other_versions(&E0406, &format!("`{text}`"), &minors, span),
            (None, Some(Life { removed: Some(removed), .. })) => {
                Diagnostic::new(&E0401, span, format!("`{text}` was removed in Kubernetes 1.{removed}"))
            }
            _ => return self.unknown_schema(text, kind, span),
        };
        match self.successor(group, version, kind) {
            Some(right) => {
                let right = right.to_string();
                let safe = diagnostic.code == &E0401;
                let diagnostic = match safe {
                    true => diagnostic.label(format!("`{right}` takes its place")),
                    false => diagnostic,
                };
                diagnostic.fix(format!("replace it with `{right}`"), span, right, safe)
            }
            None => {
                let others = self.ever(group, version, kind);
                match (others.is_empty(), diagnostic.help.is_some()) {
                    (false, _) => diagnostic.note(format!("there is {}", others.join(", "))),
                    (true, true) => diagnostic,
                    (true, false) => diagnostic.help("nothing takes its place in the API"),
                }
            }
        }
    }

    /// Other versions of a kind, each with the versions of Kubernetes that have it.
    fn ever(&self, group: &str, version: &str, kind: &str) -> Vec<String> {
        let group = if group == "core" { "" } else { group };
        let all = self.schemas.kinds_ever_named(kind).into_iter();
        let others = all.filter(|other| other.group == group && other.version != version);
        others
            .filter_map(|other| {
                let minors = self.schemas.minors_of_kind(&other.group, &other.version, &other.kind)?;
                Some(format!("`{other}` ({minors})"))
            })
            .collect()
    }

    /// What takes the place of a kind: what its life names, and what that one's
    /// names, as soon as all versions have it; otherwise another version of it.
    fn successor(&self, group: &str, version: &str, kind: &str) -> Option<Kind> {
        let named = self.schemas.life(group, version, kind).and_then(|life| life.replacement);
        if let Some((group, version, kind)) = &named {
            let life = self.schemas.life(group, version, kind);
            return self.schemas.kind(group, version, kind).or_else(|| {
                life.filter(|life| life.replacement.is_some()).and_then(|_| self.successor(group, version, kind))
            });
        }
        let group = if group == "core" { "" } else { group };
        let mut others = self.schemas.kinds_named(kind);
        others.retain(|other| other.group == group && other.version != version);
        // `v1` before `v1beta2` before `v1beta1` before `v1alpha1`.
        let (stable, mut others): (Vec<_>, Vec<_>) = others.into_iter().partition(|k| !k.version.contains(['a', 'b']));
        others.sort_by(|a, b| a.version.cmp(&b.version));
        stable.into_iter().next_back().or_else(|| others.pop())
    }

    /// Warns of a kind that is deprecated in the newest version.
    pub(super) fn warn_of_kind(&mut self, kind: &Kind, text: &str, span: Span) {
        let newest = self.schemas.versions().newest;
        let life = self.schemas.life(&kind.group, &kind.version, &kind.kind);
        let since = life.as_ref().and_then(|life| life.deprecated).filter(|since| *since <= newest);
        if since.is_none() && !self.schemas.is_deprecated(kind.def) {
            return;
        }
        let since_text = since.map_or_else(String::new, |minor| format!(" since Kubernetes 1.{minor}"));
        let mut diagnostic = Diagnostic::new(&W0806, span, format!("`{text}` is deprecated{since_text}"));
        if let Some(removed) = life.as_ref().and_then(|life| life.removed).filter(|removed| *removed > newest) {
            diagnostic = diagnostic.label(format!("its removal is planned for 1.{removed}"));
        }
        let documented = || self.schemas.doc(kind.def).filter(|_| since.is_none()).and_then(|doc| reason(&doc));
        let reason = self.schemas.deprecation(kind.def).map(String::from).or_else(documented);
        let named = reason.as_deref().and_then(|reason| self.kind_in(reason));
        let successor = named.or_else(|| self.successor(&kind.group, &kind.version, &kind.kind));
        if let Some(reason) = reason {
            diagnostic = diagnostic.note(reason);
        }
        self.report(match (successor, life.and_then(|life| life.replacement)) {
            (Some(right), _) => {
                let right = right.to_string();
                diagnostic.fix(format!("replace it with `{right}`"), span, right, false)
            }
            (None, Some((group, version, kind))) => {
                let minors = self.schemas.minors_of_kind(&group, &version, &kind);
                let when = minors.map_or_else(String::new, |minors| format!(", {minors}"));
                diagnostic.help(format!("`{group}/{version}/{kind}` takes its place{when}"))
            }
            (None, None) => diagnostic.help("say on the line before why it stays: `// allow(W0806): reason`"),
        });
    }

    /// Warns of a field that is deprecated in the newest version, where it is
    /// given; `written` where its name stands at that place.
    pub(super) fn warn_of_field(&mut self, ty: &Type, field: &str, span: Span, written: bool) {
        let Type::Schema(def) = *ty.structure() else { return };
        if !self.schemas.is_field_deprecated(def, field) {
            return;
        }
        let mut diagnostic = Diagnostic::new(&W0806, span, format!("`{field}` of {} is deprecated", self.article(ty)));
        let reason = self.schemas.field_doc(def, field).and_then(|doc| reason(&doc));
        let better = reason.as_deref().filter(|_| written).and_then(|reason| {
            let record = self.schemas.record(def)?;
            let known = |word: &str| record.fields.keys().find(|key| key.eq_ignore_ascii_case(word)).cloned();
            words_after_use(reason).filter_map(known).find(|key| key != field)
        });
        if let Some(reason) = reason {
            diagnostic = diagnostic.note(format!("`{field}`: {reason}"));
        }
        self.report(match better {
            Some(better) => diagnostic.fix(format!("replace it with `{better}`"), span, better, false),
            None => diagnostic.help("say on the line before why it stays: `// allow(W0806): reason`"),
        });
    }

    /// The complaint about a field that a schema lacks, where another version has it.
    pub(super) fn field_of_other_version(&self, ty: &Type, field: &str, span: Span) -> Option<Diagnostic> {
        let Type::Schema(def) = ty.structure() else { return None };
        let minors = self.schemas.minors_of_field(*def, field).filter(|minors| !minors.lacking().is_empty())?;
        let what = format!("`{field}` of {}", self.article(ty));
        Some(self.other_versions(&E0407, &what, &minors, span))
    }

    /// The complaint about values that the field on the way does not take, where
    /// another version takes one.
    pub(super) fn value_of_other_version(&self, ty: &Type, span: Span) -> Option<Diagnostic> {
        let step = self.way.last()?;
        self.field_value_of_other_version(step.def?, &step.key, ty, span)
    }

    /// The same for a field of a schema.
    pub(super) fn field_value_of_other_version(
        &self,
        def: DefId,
        field: &str,
        ty: &Type,
        span: Span,
    ) -> Option<Diagnostic> {
        literals(ty).into_iter().find_map(|value| {
            let minors = self.schemas.minors_of_value(def, field, &value)?;
            let what = format!("the value \"{value}\" of `{field}`");
            (!minors.lacking().is_empty()).then(|| self.other_versions(&E0407, &what, &minors, span))
        })
    }

    /// Which versions require a field that others do not; `None` where they agree.
    pub(super) fn required_where(&self, def: DefId, field: &str) -> Option<String> {
        let minors = self.schemas.minors_that_require(def, field).filter(|minors| !minors.lacking().is_empty())?;
        let (having, lacking) = (list(&minors.having()), list(&minors.lacking()));
        Some(format!("`{field}` is required in Kubernetes {having}, and may be left out in {lacking}"))
    }

    fn other_versions(&self, code: &'static Code, what: &str, minors: &Minors, span: Span) -> Diagnostic {
        let message = format!("{what} is not in Kubernetes {}", list(&minors.lacking()));
        let diagnostic = Diagnostic::new(code, span, message).label(minors.to_string());
        let VersionRange { oldest, newest } = self.schemas.versions();
        match (minors.having().first(), minors.since(), minors.until()) {
            (Some(_), Some(since), None) if since > oldest => {
                let narrower = VersionRange { oldest: since, newest };
                diagnostic.help(format!(
                    "leave it out, or name only versions that have it: `kubernetes = \"{narrower}\"` in tessera.toml"
                ))
            }
            _ if code == &E0407 => diagnostic.help("leave it out"),
            _ if oldest < newest => diagnostic.help("name fewer versions in `kubernetes` of tessera.toml"),
            _ => diagnostic,
        }
    }

    /// The first kind that a text tells to use: `discoveryv1.EndpointSlice`.
    fn kind_in(&self, text: &str) -> Option<Kind> {
        let last = |word: &str| word.rsplit('.').next().map(str::to_owned);
        words_after_use(text).filter_map(last).find_map(|word| self.schemas.kinds_named(&word).into_iter().next_back())
    }
}

/// Minors in a sentence: `1.33`, `1.33 and 1.35`, `1.33 to 1.35 and 1.37`.
fn list(minors: &[u32]) -> String {
    let runs = minors.chunk_by(|a, b| a + 1 == *b).flat_map(|run| match run {
        [first, _, .., last] if run.len() > 2 => vec![format!("1.{first} to 1.{last}")],
        _ => run.iter().map(|minor| format!("1.{minor}")).collect(),
    });
    let mut parts: Vec<String> = runs.collect();
    match (parts.pop(), parts.is_empty()) {
        (Some(last), false) => format!("{} and {last}", parts.join(", ")),
        (last, _) => last.unwrap_or_default(),
    }
}

/// Why something is deprecated, as its documentation says.
fn reason(doc: &str) -> Option<String> {
    let marked = DEPRECATED.iter().find_map(|marker| doc.split_once(marker)).map(|(_, rest)| rest);
    let start = || {
        let at = doc.find("deprecated")?;
        let before = doc.get(..at)?;
        let start = before.rfind(". ").map_or(0, |end| end + 2).max(before.rfind('\n').map_or(0, |end| end + 1));
        doc.get(start..)
    };
    let text = marked.or_else(start)?.lines().next()?;
    let text = text.split("More info").next()?.trim();
    let ends = text.match_indices(". ").map(|(at, _)| at + 1).take_while(|end| *end <= MAX_REASON);
    let end = if text.len() <= MAX_REASON { text.len() } else { ends.last().unwrap_or(text.len()) };
    text.get(..end).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The words that follow "use" in a text.
fn words_after_use(text: &str) -> impl Iterator<Item = &str> {
    let mut words = text.split_whitespace().map(|word| word.trim_matches(['`', '\'', '"', '.', ',', ';', '(', ')']));
    std::iter::from_fn(move || {
        words.find(|word| word.eq_ignore_ascii_case("use"))?;
        words.next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_what_follows_the_mark_or_the_sentence_with_the_word() {
        let cases = [
            ("An alias. Deprecated: Use serviceAccountName instead.", "Use serviceAccountName instead."),
            ("A thing. DEPRECATED: It is. Use b. More info: https://x", "It is. Use b."),
            ("A.\nThis field is deprecated in favor of b. More", "This field is deprecated in favor of b. More"),
        ];
        for (doc, expected) in cases {
            assert_eq!(reason(doc).as_deref(), Some(expected), "{doc}");
        }
        assert_eq!(reason("Nothing of that kind."), None);
        let long = format!("Deprecated: First. {}.", "word ".repeat(100));
        assert_eq!(reason(&long).as_deref(), Some("First."));
    }

    #[test]
    fn a_replacement_follows_use() {
        let words = |text| words_after_use(text).collect::<Vec<_>>();
        assert_eq!(words("Use `a` instead, or use b."), ["a", "b"]);
        assert!(words("It is of no use").is_empty() && words("").is_empty());
    }

    #[test]
    fn minors_are_listed() {
        assert_eq!(list(&[33]), "1.33");
        assert_eq!(list(&[33, 34]), "1.33 and 1.34");
        assert_eq!(list(&[33, 34, 35]), "1.33 to 1.35");
        assert_eq!(list(&[33, 34, 35, 37]), "1.33 to 1.35 and 1.37");
        assert_eq!(list(&[33, 35, 37]), "1.33, 1.35 and 1.37");
    }
}
