//! Tessera's standard library: modules written in Tessera, and the Kubernetes
//! schemas that the compiler checks against. Plain data; no logic lives here.

/// Every module: its dotted name and its text, sorted by name.
const MODULES: &[(&str, &str)] = &[
    ("std.labels", include_str!("../std/labels.tess")),
    ("std.net", include_str!("../std/net.tess")),
    ("std.prelude", include_str!("../std/prelude.tess")),
    ("std.workload", include_str!("../std/workload.tess")),
];

/// The types that `std.prelude` declares, in its order. A list, so that asking
/// whether a name is one of them needs no parsing; a test holds it true.
const PRELUDE: &[&str] = &[
    "Url",
    "Semver",
    "Image",
    "Cidr",
    "Ip",
    "Cron",
    "DnsLabel",
    "DnsName",
    "Host",
    "Email",
    "SlackChannel",
    "Port",
    "Percentage",
];

/// The module whose declarations are visible without `use`.
pub const PRELUDE_MODULE: &str = "std.prelude";

/// The text of the standard library module with this dotted name, such as
/// `std.labels`; `None` when there is no such module.
#[must_use]
pub fn module(name: &str) -> Option<&'static str> {
    MODULES.iter().find(|(module, _)| *module == name).map(|(_, text)| *text)
}

/// Every module, [`PRELUDE_MODULE`] included: its dotted name and its text,
/// sorted by name.
#[must_use]
pub fn modules() -> &'static [(&'static str, &'static str)] {
    MODULES
}

/// The names that are known without `use`. The compiler loads
/// [`PRELUDE_MODULE`] only when a source uses one of them.
#[must_use]
pub fn prelude_names() -> &'static [&'static str] {
    PRELUDE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prelude_names_are_the_declarations_of_the_prelude() {
        let text = module(PRELUDE_MODULE).unwrap();
        let declared: Vec<&str> = text
            .lines()
            .filter(|line| !line.starts_with([' ', '/']))
            .filter_map(|line| line.strip_prefix("type ").or_else(|| line.strip_prefix("fn ")))
            .filter_map(|rest| rest.split([' ', '=', '(', ':']).next())
            .collect();
        assert_eq!(declared, prelude_names());
    }

    #[test]
    fn every_module_states_its_own_name() {
        for (name, text) in modules() {
            assert!(text.lines().any(|line| line == format!("module {name}")), "{name}");
        }
    }

    #[test]
    fn modules_are_sorted_and_found_by_name() {
        assert!(modules().is_sorted_by_key(|(name, _)| *name));
        assert!(module("std.labels").is_some());
        assert!(module("std.nothing").is_none());
    }

    #[test]
    fn every_file_of_the_folder_is_embedded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/std");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), modules().len());
    }
}

pub mod packed;

/// Kubernetes' published API as a packed binary, see [`packed`]. Its origin and
/// licence stand beside it in `stdlib/schemas`.
pub static KUBERNETES: &[u8] = include_bytes!("../schemas/kubernetes.bin");
