//! What the schemas say about a kind, a type or a field, as text for people:
//! what `tessera explain` prints.

use std::fmt::Write as _;

use super::{DefId, Life, Minors, Schemas, Shape};
use crate::project::{KNOWN_MINORS, VersionRange};
use crate::rules;
use crate::suggest;
use crate::types::Type;

/// The text about `apps/v1/Deployment`, `Deployment.spec.replicas` or
/// `core/v1/Container.env`, of the newest version that has it.
///
/// # Errors
/// Says why there is nothing to explain, and what may have been meant.
pub fn explain(schemas: &Schemas, question: &str) -> Result<String, String> {
    let question = question.trim();
    let (prefix, rest) = question.rsplit_once('/').unwrap_or(("", question));
    let mut path = rest.split('.');
    let name = path.next().unwrap_or_default();
    let path: Vec<&str> = path.collect();
    let mut failure = None;
    for minor in KNOWN_MINORS.rev() {
        let schemas = schemas.of_versions(VersionRange { oldest: minor, newest: minor });
        let Some(subject) = Subject::named(&schemas, prefix, name) else { continue };
        match subject.at(&path) {
            Ok(text) => return Ok(text),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    Err(failure.unwrap_or_else(|| unknown(schemas, prefix, name)))
}

/// A kind or type that is asked about, in one version.
struct Subject<'a> {
    schemas: &'a Schemas,
    def: DefId,
    /// As it is written in the language.
    title: String,
    /// Group, version and name.
    name: (String, String, String),
    /// Others of the same name.
    others: Vec<String>,
}

impl<'a> Subject<'a> {
    fn named(schemas: &'a Schemas, prefix: &str, name: &str) -> Option<Self> {
        if prefix.is_empty() {
            let mut kinds = schemas.kinds_named(name);
            // The stable one, as `v2` before `v1`, before others.
            kinds.sort_by_key(|kind| (!kind.version.contains(['a', 'b']), kind.version.clone()));
            let kind = kinds.pop()?;
            let others = kinds.iter().rev().map(ToString::to_string).collect();
            let name = (kind.group.to_string(), kind.version.to_string(), kind.kind.to_string());
            return Some(Self { schemas, def: kind.def, title: kind.to_string(), name, others });
        }
        let (group, version) = split(prefix);
        let (def, title) = match schemas.kind(group, version, name) {
            Some(kind) => (kind.def, kind.to_string()),
            None => (schemas.type_named(group, version, name)?, format!("{prefix}/{name}")),
        };
        Some(Self { schemas, def, title, name: (group.into(), version.into(), name.into()), others: Vec::new() })
    }

    /// The text about the subject, or about the field at a path in it.
    fn at(&self, path: &[&str]) -> Result<String, String> {
        let (mut def, mut owner) = (self.def, self.title.clone());
        let Some((last, way)) = path.split_last() else { return Ok(self.whole()) };
        for field in way {
            let inner = self.schemas.record(def).and_then(|record| record.fields.get(*field)).map(|f| f.ty.clone());
            let inner = inner.ok_or_else(|| self.no_field(def, &owner, field))?;
            owner = format!("{owner}.{field}");
            def = definition(&inner).ok_or_else(|| format!("`{owner}` has no fields"))?;
        }
        let fixed = rules::is_immutable(&self.name.0, &self.name.2, &path.join("."));
        self.field(def, last, fixed).ok_or_else(|| self.no_field(def, &owner, last))
    }

    fn whole(&self) -> String {
        let Self { schemas, def, title, name: (group, version, name), others } = self;
        let mut out = format!("{title}\n\n");
        let life = schemas.life(group, version, name);
        let minors = schemas.minors_of_kind(group, version, name);
        push_life(&mut out, minors.as_ref(), life.as_ref(), schemas.is_deprecated(*def));
        if let Some(kind) = schemas.kind(group, version, name) {
            let _ = writeln!(out, "scope: {}", if kind.namespaced { "namespaced" } else { "cluster" });
        }
        if !others.is_empty() {
            let _ = writeln!(out, "also: {}", others.join(", "));
        }
        let fixed: Vec<&str> = rules::immutable(group, name).iter().map(|(path, _)| *path).collect();
        if !fixed.is_empty() {
            let _ = writeln!(out, "cannot be changed after creation: {}", fixed.join(", "));
        }
        push_doc(&mut out, schemas.doc(*def));
        self.push_fields(&mut out, *def);
        out
    }

    /// The text about a field; `fixed` where it cannot be changed after creation.
    fn field(&self, def: DefId, name: &str, fixed: bool) -> Option<String> {
        let field = self.schemas.record(def)?.fields.get(name)?;
        let info = self.schemas.field(def, name)?;
        let owner = self.schemas.name(def).unwrap_or_default();
        let mut out = format!("{owner}.{name}: {}\n\n", field.ty.display(self.schemas));
        push_life(&mut out, self.schemas.minors_of_field(def, name).as_ref(), None, info.deprecated);
        out.push_str(if info.required { "required\n" } else { "optional\n" });
        if fixed {
            out.push_str("cannot be changed after creation\n");
        }
        push_doc(&mut out, self.schemas.field_doc(def, name));
        if let Some(inner) = definition(&field.ty) {
            self.push_fields(&mut out, inner);
        }
        Some(out)
    }

    /// The fields of a record with what is worth knowing about each.
    fn push_fields(&self, out: &mut String, def: DefId) {
        let Some(record) = self.schemas.record(def).filter(|record| !record.fields.is_empty()) else {
            if let Some(Shape::Alias(ty)) = self.schemas.shape(def) {
                let _ = writeln!(out, "\nThe same as {}.", ty.display(self.schemas));
            }
            return;
        };
        out.push_str("\nFields:\n");
        let whole = self.schemas.minors_of_definition(def);
        let width = record.fields.keys().map(|name| name.len()).max().unwrap_or_default();
        for (name, field) in &record.fields {
            let _ = write!(out, "  {name:width$}  {}", field.ty.display(self.schemas));
            let minors = self.schemas.minors_of_field(def, name);
            let changed = minors.filter(|minors| whole.as_ref() != Some(minors));
            let deprecated = self.schemas.is_field_deprecated(def, name);
            let notes = [
                (!field.optional).then(|| "required".to_owned()),
                changed.map(|minors| minors.to_string()),
                deprecated.then(|| "deprecated".to_owned()),
            ];
            let notes: Vec<String> = notes.into_iter().flatten().collect();
            if !notes.is_empty() {
                let _ = write!(out, " ({})", notes.join(", "));
            }
            out.push('\n');
        }
    }

    fn no_field(&self, def: DefId, owner: &str, field: &str) -> String {
        let record = self.schemas.record(def).cloned().unwrap_or_default();
        let known = || record.fields.keys().map(smol_str::SmolStr::as_str);
        match suggest::closest(field, known()) {
            Some(best) => format!("`{owner}` has no field `{field}`; did you mean `{best}`?"),
            None => format!("`{owner}` has no field `{field}`; it has {}", suggest::listing(known())),
        }
    }
}

/// Group and version of what stands before a kind; the core group may be left out.
fn split(prefix: &str) -> (&str, &str) {
    prefix.split_once('/').unwrap_or(("", prefix))
}

/// The definition that a type's values, or their items, are of.
fn definition(ty: &Type) -> Option<DefId> {
    match ty {
        Type::Schema(def) => Some(*def),
        Type::List(item) | Type::Optional(item) => definition(item),
        Type::Map(entry) => definition(&entry.1),
        Type::Union(members) => members.iter().find_map(definition),
        _ => None,
    }
}

fn push_life(out: &mut String, minors: Option<&Minors>, life: Option<&Life>, deprecated: bool) {
    let introduced = life.and_then(|life| life.introduced);
    if let Some(minors) = minors {
        match (introduced, minors.since(), minors.until()) {
            (Some(introduced), None, None) => {
                let _ = writeln!(out, "Kubernetes: since 1.{introduced}");
            }
            _ => {
                let _ = writeln!(out, "Kubernetes: {minors}");
            }
        }
    }
    match life.map(|life| (life.deprecated, life.removed)) {
        Some((Some(since), Some(removed))) => {
            let _ = writeln!(out, "deprecated: since 1.{since}, its removal is planned for 1.{removed}");
        }
        Some((Some(since), None)) => {
            let _ = writeln!(out, "deprecated: since 1.{since}");
        }
        _ if deprecated => out.push_str("deprecated\n"),
        _ => {}
    }
    if let Some((group, version, kind)) = life.and_then(|life| life.replacement.as_ref()) {
        let _ = writeln!(out, "use instead: {group}{}{version}/{kind}", if group.is_empty() { "" } else { "/" });
    }
}

fn push_doc(out: &mut String, doc: Option<String>) {
    if let Some(doc) = doc {
        let _ = writeln!(out, "\n{}", doc.trim_end());
    }
}

/// Why there is nothing of that name.
fn unknown(schemas: &Schemas, prefix: &str, name: &str) -> String {
    let (group, version) = split(prefix);
    if let Some(Life { removed: Some(removed), replacement, .. }) = schemas.life(group, version, name) {
        let instead = replacement.map_or_else(String::new, |(group, version, kind)| {
            format!("; `{group}/{version}/{kind}` takes its place").replace("`/", "`")
        });
        return format!("`{prefix}/{name}` was removed in Kubernetes 1.{removed}{instead}");
    }
    let written = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
    let kinds: Vec<(String, String)> = schemas.kinds().map(|k| (k.kind.to_string(), k.to_string())).collect();
    let same = kinds.iter().find(|(kind, _)| kind.eq_ignore_ascii_case(name));
    let near = || {
        let best = suggest::closest(name, kinds.iter().map(|(kind, _)| kind.as_str()))?;
        kinds.iter().find(|(kind, _)| kind == best)
    };
    match same.or_else(near) {
        Some((_, full)) => format!("there is no code, kind or type `{written}`; did you mean `{full}`?"),
        None => format!(
            "there is no code, kind or type `{written}`; `tessera explain --list` lists the codes, and kinds are \
             written as in `apps/v1/Deployment`"
        ),
    }
}
