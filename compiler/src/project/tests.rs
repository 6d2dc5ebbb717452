//! The project file, right and wrong.

use smol_str::SmolStr;

use super::*;
use crate::source::FileId;

const FILE: FileId = FileId(0);

#[test]
fn a_whole_file_is_read_with_its_places() {
    let text = "[package]\nname = \"acme-platform\"\nversion = \"0.1.0\"\nkubernetes = \"1.36..1.37\"\ncrds = [\"crds/*.yaml\", \"x.yaml\"]\n[dependencies]\nzeta = { path = \"../zeta\" }\nbase = { path = \"../base\" }\n";
    let (project, diagnostics) = parse(FILE, text);
    assert_eq!(diagnostics, []);
    assert_eq!(project.package.name, "acme-platform");
    assert_eq!(project.package.version, "0.1.0");
    assert_eq!(project.kubernetes, VersionRange { oldest: 36, newest: 37 });
    assert_eq!(project.kubernetes.to_string(), "1.36..1.37");
    assert_eq!(project.kubernetes_span.unwrap().text(text), "\"1.36..1.37\"");
    assert_eq!(project.crds[1].0, "x.yaml");
    assert_eq!(project.crds[1].1.text(text), "\"x.yaml\"");
    let names: Vec<&str> = project.dependencies.keys().map(SmolStr::as_str).collect();
    assert_eq!(names, ["zeta", "base"]);
    assert_eq!(project.dependencies["base"].path, "../base");
    assert_eq!(project.dependencies["base"].span.text(text), "\"../base\"");
}

#[test]
fn a_name_is_enough() {
    let (project, diagnostics) = parse(FILE, "[package]\nname = \"a\"\n");
    assert_eq!(diagnostics, []);
    assert_eq!(
        project,
        Project { package: Package { name: "a".into(), version: "0.0.0".into() }, ..Project::default() }
    );
}

/// What is wrong, the text under its place, what is said, and the fix.
const WRONG: &[(&str, &str, &str, &str)] = &[
    ("[package]\nname = \"a\"\nkubernets = \"1.37\"\n", "kubernets", "has no `kubernets`", "kubernetes"),
    ("[package]\nname = \"a\"\nlicence = \"x\"\n", "licence", "has no `licence`", ""),
    ("[packages]\nname = \"a\"\n", "packages", "has no `packages`", "package"),
    ("[package]\nname = \"a\"\nkubernetes = 1.37\n", "1.37", "is a string, but this is a number", "\"1.37\""),
    ("[package]\nname = \"a\"\nkubernetes = \"1.20\"\n", "\"1.20\"", "1.20 are not included any more", ""),
    ("[package]\nname = \"a\"\nkubernetes = \"new\"\n", "\"new\"", "not a Kubernetes version", ""),
    ("[package]\nname = \"a\"\nkubernetes = \"1.37..1.35\"\n", "\"1.37..1.35\"", "newer version", "\"1.35..1.37\""),
    ("[package]\nname = \"a\"\nkubernetes = \"v1.37.2\"\n", "\"v1.37.2\"", "more than a minor", "\"1.37\""),
    ("[package]\nname = \"a\"\nkubernetes = \"1.34..1.38\"\n", "\"1.34..1.38\"", "1.38 are not included yet", ""),
    ("[package]\nname = \"A b\"\n", "\"A b\"", "not a name", ""),
    ("[package]\nname = \"a\"\nversion = \"1\"\n", "\"1\"", "not a semantic version", ""),
    ("[package]\nversion = \"0.1.0\"\n", "[package]", "has no name", ""),
    ("[package]\nname = \"a\"\ncrds = \"x\"\n", "\"x\"", "is a list", "[\"x\"]"),
    ("[package]\nname = \"a\"\ncrds = [1]\n", "1", "is a string", "\"1\""),
    ("[package]\nname = \"a\"\n[dependencies]\nb = \"../b\"\n", "\"../b\"", "is a path", "{ path = \"../b\" }"),
    ("[package]\nname = \"a\"\n[dependencies]\nb = { pth = \"x\", path = \"y\" }\n", "pth", "has no `pth`", "path"),
    ("[package]\nname = \"a\"\n[dependencies]\nb = {}\n", "{}", "has no `path`", ""),
    ("[package]\nname = \"a\"\n[dependencies]\nstd = { path = \"x\" }\n", "std", "cannot be called", ""),
    ("package = 1\n", "1", "is a table", ""),
    ("", "", "has no `[package]`", ""),
    ("[package\nname = \"a\"\n", "", "", ""),
    ("[package]\nname = \"a\"\nname = \"b\"\n", "name", "duplicate", ""),
];

#[test]
fn mistakes_are_at_their_place_with_a_way_out() {
    for (text, place, says, fix) in WRONG {
        let (_, diagnostics) = parse(FILE, text);
        assert_eq!(diagnostics.len(), 1, "{text} {diagnostics:#?}");
        let diagnostic = &diagnostics[0];
        assert_eq!(diagnostic.code.id, "E0901");
        assert!(diagnostic.message.contains(says), "{text} {diagnostic:#?}");
        assert_eq!(diagnostic.primary.span.text(text), *place, "{diagnostic:#?}");
        let given = diagnostic.fixes.first().map_or("", |f| f.edits[0].text.as_str());
        assert_eq!(given, *fix, "{text}");
    }
}

#[test]
fn every_mistake_is_reported_in_order() {
    let text = "[package]\nname = 1\nversion = 2\n[zzz]\n[dependencies]\nx = 3\n";
    let (_, diagnostics) = parse(FILE, text);
    assert_eq!(diagnostics.len(), 4, "{diagnostics:#?}");
    assert!(diagnostics.is_sorted_by_key(|d| d.primary.span.start));
}

#[test]
fn deep_nesting_is_refused_not_followed() {
    let (_, diagnostics) = parse(FILE, &format!("a = {}", "[".repeat(100_000)));
    assert!(!diagnostics.is_empty());
}

#[test]
fn the_versions_that_may_be_named_are_those_whose_types_are_included() {
    let builtin = crate::schema::Schemas::builtin();
    let all = builtin.of_versions(VersionRange { oldest: 0, newest: u32::MAX }).versions();
    assert_eq!(all.oldest..=all.newest, KNOWN_MINORS);
    assert_eq!(builtin.versions(), Project::default().kubernetes);
}
