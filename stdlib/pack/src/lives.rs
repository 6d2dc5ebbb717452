//! What becomes of kinds: `zz_generated.prerelease-lifecycle.go` in the packages
//! of `k8s.io/api`, written by a generator and so of one form, read line by line.
//! The API server stops serving a kind by what stands there.

use std::collections::BTreeMap;

use crate::Result;
use crate::model::{KindName, Life};
use crate::paths::group_name;

/// Lives by kind.
pub type Lives = BTreeMap<KindName, Life>;

/// A kind that is gone: its name, group and version, since when it is
/// deprecated and removed, and the version that took its place.
type Gone = (&'static str, &'static str, &'static str, u8, u8, Option<&'static str>);

/// Those of other modules, or whose Go types are gone too, by the deprecation
/// guide (kubernetes.io, reference/using-api/deprecation-guide).
const ELSEWHERE: [Gone; 6] = [
    ("APIService", "apiregistration.k8s.io", "v1beta1", 19, 22, Some("v1")),
    ("CustomResourceDefinition", "apiextensions.k8s.io", "v1beta1", 16, 22, Some("v1")),
    ("HorizontalPodAutoscaler", "autoscaling", "v2beta1", 22, 25, Some("v2")),
    ("HorizontalPodAutoscaler", "autoscaling", "v2beta2", 23, 26, Some("v2")),
    ("PodSecurityPolicy", "extensions", "v1beta1", 10, 16, None),
    ("PodSecurityPolicy", "policy", "v1beta1", 21, 25, None),
];

/// The lives of kinds that the sources do not tell.
#[must_use]
pub fn elsewhere() -> Lives {
    let name = |kind: &str, group: &str, version: &str| (kind.to_owned(), group.to_owned(), version.to_owned());
    let lives = ELSEWHERE.into_iter().map(|(kind, group, version, deprecated, removed, successor)| {
        let replacement = successor.map(|version| name(kind, group, version));
        (name(kind, group, version), Life { introduced: 0, deprecated, removed, replacement })
    });
    lives.collect()
}

/// Reads the lives of one package: its version, its `register.go`, which names
/// the group, and its generated file. Lists are left out.
///
/// # Errors
/// Fails where a line is not as the Go generator writes it.
pub fn read(version: &str, register: &str, source: &str) -> Result<Lives> {
    let group = register.lines().find_map(|line| line.trim_start_matches("const ").trim().strip_prefix("GroupName = "));
    let group = group_name(group.ok_or("register.go names no group")?.trim_matches('"'));
    let mut lives = Lives::new();
    let mut method = None;
    for line in source.lines() {
        if let Some(rest) = line.strip_prefix("func (in *") {
            let (kind, rest) =
                rest.split_once(") APILifecycle").ok_or_else(|| format!("not a method of a life: {line}"))?;
            method = rest.split_once('(').map(|(name, _)| (kind, name));
        } else if let (Some(value), Some((kind, name))) = (line.strip_prefix("\treturn "), method)
            && !kind.ends_with("List")
        {
            let life: &mut Life = lives.entry((kind.to_owned(), group.clone(), version.to_owned())).or_default();
            match name {
                "Introduced" => life.introduced = minor(value)?,
                "Deprecated" => life.deprecated = minor(value)?,
                "Removed" => life.removed = minor(value)?,
                "Replacement" => life.replacement = Some(replacement(kind, value)?),
                _ => return Err(format!("not a part of a life: {name}")),
            }
        }
    }
    Ok(lives)
}

/// `25` from `1, 25`.
fn minor(value: &str) -> Result<u8> {
    let minor = value.strip_prefix("1, ").and_then(|text| text.trim().parse().ok());
    minor.ok_or_else(|| format!("not a release: {value}"))
}

/// The kind of `schema.GroupVersionKind{Group: "batch", Version: "v1", Kind: "CronJob"}`.
fn replacement(kind: &str, value: &str) -> Result<KindName> {
    let part = |name: &str| {
        let rest = value.split_once(&format!("{name}: \""))?.1;
        rest.split_once('"').map(|(text, _)| text.to_owned())
    };
    let (Some(group), Some(version), Some(named)) = (part("Group"), part("Version"), part("Kind")) else {
        return Err(format!("not a kind: {value}"));
    };
    // The source names a list in place of one kind (networking.k8s.io/v1beta1, IngressClass).
    let named = named.strip_suffix("List").filter(|name| *name == kind).map_or(named.clone(), str::to_owned);
    Ok((named, group_name(&group), version))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTER: &str = "// GroupName is the group.\nconst GroupName = \"demo.io\"\n";
    const SOURCE: &str = "func (in *Widget) APILifecycleIntroduced() (major, minor int) {\n\treturn 1, 8\n}\n\
        func (in *Widget) APILifecycleRemoved() (major, minor int) {\n\treturn 1, 25\n}\n\
        func (in *Widget) APILifecycleReplacement() schema.GroupVersionKind {\n\
        \treturn schema.GroupVersionKind{Group: \"\", Version: \"v1\", Kind: \"WidgetList\"}\n}\n\
        func (in *WidgetList) APILifecycleRemoved() (major, minor int) {\n\treturn 1, 25\n}\n";

    #[test]
    fn a_life_is_read_and_a_list_has_none() {
        let lives = read("v1beta1", REGISTER, SOURCE).unwrap();
        assert_eq!(lives.len(), 1);
        let life = &lives[&("Widget".to_owned(), "demo.io".to_owned(), "v1beta1".to_owned())];
        assert_eq!((life.introduced, life.deprecated, life.removed), (8, 0, 25));
        assert_eq!(life.replacement, Some(("Widget".into(), "core".into(), "v1".into())));
    }

    #[test]
    fn another_form_is_refused() {
        assert!(read("v1", "package v1", "").is_err());
        assert!(read("v1", REGISTER, &SOURCE.replace("1, 8", "2, 0")).is_err());
        assert!(read("v1", REGISTER, &SOURCE.replace("APILifecycleRemoved", "APILifecycleSold")).is_err());
        assert!(read("v1", REGISTER, &SOURCE.replace("Version", "Sort")).is_err());
    }
}
