//! The names of the kinds in a CRD file, without reading its schemas.
//!
//! CRDs are large, and a project uses few of those it has. As they are mostly
//! written (block style, keys without quotes) the lines that name a kind are
//! those with little indentation, so a look at the beginning of each line finds
//! them. Whatever is written otherwise gives `None`, and the YAML reader reads
//! the whole file: the scan never guesses.

use std::ops::Range;

use smol_str::SmolStr;

use super::names::{Definition, Names, Place, Version};

/// The definitions of a text in the common form; `None` for any other text.
pub(super) fn scan(text: &str) -> Option<Vec<Definition>> {
    let mut found = Vec::new();
    let mut document = Document::default();
    let mut at = 0;
    while at < text.len() {
        let rest = text.as_bytes().get(at..)?;
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        // Nothing of interest is indented by more than eight blanks.
        if !rest.starts_with(b"         ") {
            let line = text.get(at..at + length)?;
            if is_separator(line) {
                found.extend(std::mem::take(&mut document).finish(at)?);
                document.start = (at + length + 1).min(text.len());
            } else {
                document.line(line)?;
            }
        }
        at += length + 1;
    }
    found.extend(document.finish(text.len())?);
    Some(found)
}

fn is_separator(line: &str) -> bool {
    line.strip_prefix("---").is_some_and(|rest| rest.trim().is_empty() || rest.trim_start().starts_with('#'))
}

/// The part of a document in which the scan stands.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Section {
    #[default]
    Other,
    Spec,
    Names,
    Versions,
}

#[derive(Default)]
struct Document {
    start: usize,
    api: Option<SmolStr>,
    kind: Option<SmolStr>,
    group: Option<SmolStr>,
    scope: Option<SmolStr>,
    names: Names,
    versions: Vec<Version>,
    section: Section,
    has_spec: bool,
    /// The indentation of the keys of a version.
    item: Option<usize>,
    /// The lines are below `subresources`.
    subresources: bool,
}

impl Document {
    fn line(&mut self, line: &str) -> Option<()> {
        let body = line.trim_start_matches(' ');
        let indent = line.len() - body.len();
        let body = body.trim_end_matches(['\r', ' ']);
        if body.is_empty() || body.starts_with('#') {
            return Some(());
        }
        if indent == 0 {
            return self.top(body);
        }
        match (self.section, indent) {
            (Section::Other, _) => Some(()),
            (Section::Versions, 2) if body.starts_with("- ") => self.version(body, indent),
            (_, 2) => self.spec(body),
            (Section::Names, 4) => self.name(body),
            (Section::Versions, 4) if body.starts_with("- ") && self.item != Some(4) => self.version(body, indent),
            (Section::Versions, _) => self.version_key(body, indent),
            // Deeper below another key of the specification.
            (Section::Spec, _) => Some(()),
            (Section::Names, _) if body.starts_with("- ") => Some(()),
            (Section::Names, _) => None,
        }
    }

    fn top(&mut self, body: &str) -> Option<()> {
        // `- ` at the beginning of a line is a list below the key before.
        let (key, value) = entry(body)?;
        self.section = Section::Other;
        match key {
            "apiVersion" => once(&mut self.api, scalar(value)?),
            "kind" => once(&mut self.kind, scalar(value)?),
            "spec" if value.is_empty() && !self.has_spec => {
                (self.has_spec, self.section) = (true, Section::Spec);
                Some(())
            }
            "spec" => None,
            "items" => None,
            _ => Some(()),
        }
    }

    fn spec(&mut self, body: &str) -> Option<()> {
        // A list may stand as deep as its key.
        if body.starts_with("- ") && self.section == Section::Spec {
            return Some(());
        }
        let (key, value) = entry(body)?;
        self.section = Section::Spec;
        match key {
            "group" => once(&mut self.group, scalar(value)?),
            "scope" => once(&mut self.scope, scalar(value)?),
            "names" if value.is_empty() && self.names.kind.is_empty() => {
                self.section = Section::Names;
                Some(())
            }
            "versions" if value.is_empty() && self.versions.is_empty() => {
                (self.section, self.item) = (Section::Versions, None);
                Some(())
            }
            "names" | "versions" | "version" | "validation" => None,
            _ => Some(()),
        }
    }

    fn name(&mut self, body: &str) -> Option<()> {
        if body.starts_with("- ") {
            return Some(());
        }
        let (key, value) = entry(body)?;
        let place = match key {
            "kind" => &mut self.names.kind,
            "plural" => &mut self.names.plural,
            _ => return Some(()),
        };
        *place = scalar(value)?;
        Some(())
    }

    /// The first line of a version.
    fn version(&mut self, body: &str, indent: usize) -> Option<()> {
        let inner = body.strip_prefix('-')?;
        let key = inner.trim_start_matches(' ');
        let item = indent + 1 + (inner.len() - key.len());
        if self.item.is_some_and(|known| known != item) {
            return None;
        }
        self.item = Some(item);
        self.versions.push(Version::default());
        self.version_key(key, item)
    }

    fn version_key(&mut self, body: &str, indent: usize) -> Option<()> {
        let item = self.item?;
        if indent < item {
            return None;
        }
        let version = self.versions.last_mut()?;
        if indent > item && self.subresources {
            match entry(body) {
                Some(("status", _)) if indent == item + 2 => version.has_status = true,
                Some(("scale", _)) if indent == item + 2 => version.has_scale = true,
                _ => {}
            }
        }
        // A list may stand as deep as its key.
        if indent > item || body.starts_with("- ") {
            return Some(());
        }
        let (key, value) = entry(body)?;
        self.subresources = false;
        match key {
            "name" => version.name = scalar(value)?,
            "served" => version.served = truth(value)?,
            "deprecated" => version.deprecated = truth(value)?,
            "subresources" if value.is_empty() => self.subresources = true,
            "subresources" => return None,
            _ => {}
        }
        Some(())
    }

    /// The definition, where the document is one.
    fn finish(self, end: usize) -> Option<Option<Definition>> {
        if self.kind.is_none() && self.api.is_none() && !self.has_spec {
            return Some(None);
        }
        match self.kind.as_deref()? {
            super::names::KIND => {}
            "List" | "CustomResourceDefinitionList" => return None,
            _ => return Some(None),
        }
        if self.api? != super::names::API {
            return None;
        }
        let names = self.names;
        let unnamed = self.versions.iter().any(|version| version.name.is_empty());
        if unnamed || self.versions.is_empty() || names.kind.is_empty() || names.plural.is_empty() {
            return None;
        }
        let scope = self.scope?;
        let place: Range<usize> = self.start..end;
        Some(Some(Definition {
            group: self.group?,
            names,
            namespaced: super::names::is_namespaced(&scope)?,
            versions: self.versions,
            place: Place::Text(place),
        }))
    }
}

fn once(place: &mut Option<SmolStr>, value: SmolStr) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// A key in letters and what stands after it on the line.
fn entry(body: &str) -> Option<(&str, &str)> {
    let (key, rest) = body.split_once(':')?;
    let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric());
    let ends = rest.is_empty() || rest.starts_with(' ');
    (plain && ends).then(|| (key, without_comment(rest.trim_start())))
}

fn without_comment(value: &str) -> &str {
    if value.starts_with('#') { "" } else { value }
}

/// A scalar that means what it looks like.
fn scalar(value: &str) -> Option<SmolStr> {
    let unquoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let text = unquoted.unwrap_or(value);
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'/');
    let begins = unquoted.is_some() || text.starts_with(|c: char| c.is_ascii_alphabetic());
    (begins && !text.is_empty() && text.bytes().all(plain)).then(|| text.into())
}

fn truth(value: &str) -> Option<bool> {
    match value {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMON: &str = "\
# Made by a tool.
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: foos.example.com
spec:
  group: example.com
  names:
    categories:
    - all
    kind: Foo
    plural: foos
  scope: Namespaced
  versions:
  - additionalPrinterColumns:
    - jsonPath: .spec.name
      name: Name
    name: v1
    schema:
      openAPIV3Schema:
        type: object
    served: true
    storage: true
    subresources:
      status: {}
  - name: \"v1beta1\"
    deprecated: true
    served: false
    storage: false
status:
  conditions: []
---
apiVersion: v1
kind: ConfigMap
";

    #[test]
    fn the_common_form_is_scanned() {
        let found = scan(COMMON).unwrap();
        assert_eq!(found.len(), 1);
        let Definition { group, names, namespaced, versions, .. } = &found[0];
        assert_eq!((group.as_str(), names.kind.as_str(), names.plural.as_str()), ("example.com", "Foo", "foos"));
        assert!(namespaced);
        let versions: Vec<_> = versions.iter().map(|v| (v.name.as_str(), v.served, v.deprecated)).collect();
        assert_eq!(versions, [("v1", true, false), ("v1beta1", false, true)]);
    }

    #[test]
    fn carriage_returns_and_deeper_lists_are_common_too() {
        let text = COMMON.replace("\n  - ", "\n    - ").replace('\n', "\r\n");
        // Only the lists moved, not the keys of their items.
        assert!(scan(&text).is_none());
        let found = scan(&COMMON.replace('\n', "\r\n")).unwrap();
        assert_eq!(found[0].names.kind, "Foo");
    }

    #[test]
    fn other_forms_are_left_to_the_reader() {
        for (from, to) in [
            ("  group: example.com", "  group: &g example.com"),
            ("  scope: Namespaced", "  \"scope\": Namespaced"),
            ("  names:", "  names: {}"),
            ("kind: CustomResourceDefinition", "kind: List"),
            ("apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1"),
            ("spec:", "{{ if .Values.crds }}\nspec:"),
            ("    name: v1\n", ""),
            ("    served: true", "    served: yes"),
        ] {
            assert!(scan(&COMMON.replacen(from, to, 1)).is_none(), "{to}");
        }
    }
}
