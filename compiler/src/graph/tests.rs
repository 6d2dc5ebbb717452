//! Edges and circles, on composites as the checker gives them.

use crate::compile::{self, Compilation, Settings};
use crate::project::Project;
use crate::resolve::Request;
use crate::schema::Schemas;
use crate::source::MemoryFiles;

fn compiled(text: &str) -> Compilation {
    let mut files = MemoryFiles::default();
    files.insert("a.tess", text);
    let (project, paths) = (Project::default(), ["a.tess".to_owned()]);
    let request = Request { files: &files, project: &project, root: "", paths: &paths, named: &[], context: &[] };
    compile::compile(&request, &Schemas::builtin(), &Settings::default())
}

/// `from -> to: field` of every edge of the only composite, which has a
/// Service `web` and these members.
fn edges(members: &str) -> Vec<String> {
    let text = format!(
        "composite A: example.acme/v1 {{\n  param on: Bool\n  resource web: v1/Service {{ spec: {{ ports: [{{ port: 80 }}] }} }}\n{members}\n}}\n"
    );
    let compilation = compiled(&text);
    let said: Vec<&str> = compilation.diagnostics.iter().filter(|d| d.is_error()).map(|d| d.message.as_str()).collect();
    assert_eq!(said, [] as [&str; 0], "{text}");
    let all = &compilation.composites[0].ir.edges;
    all.iter().map(|e| format!("{} -> {}: {}", e.from, e.to, e.field.as_deref().unwrap_or("after"))).collect()
}

#[test]
fn what_is_written_makes_no_edge_and_what_a_cluster_fills_does() {
    let data = |value: &str| edges(&format!("resource b: v1/ConfigMap {{ data: {{ x: {value} }} }}"));
    for written in ["web.metadata.name", "\"${web.spec.ports[0].port}\"", "web.kind"] {
        assert_eq!(data(written), [] as [&str; 0], "{written}");
    }
    assert_eq!(data("web.metadata.uid"), ["b -> web: metadata.uid"]);
    assert_eq!(data("web.spec.clusterIP"), ["b -> web: spec.clusterIP"]);
    assert_eq!(data("\"${web.spec.ports[0].nodePort}\""), ["b -> web: spec.ports.nodePort"]);
}

#[test]
fn references_are_followed_through_lets_loops_and_macros() {
    let found = edges(
        r#"
  let uid = web.metadata.uid
  let alias = web
  resource b: v1/ConfigMap { data: { x: "${uid}!" } }
  resource c: v1/ConfigMap { data: { x: alias.metadata.uid } }
  for n in ["p", "q"] {
    resource each: v1/ConfigMap { data: { n } }
  }
  resource d: v1/ConfigMap { data: { x: each.map(e, e.metadata.uid).join(",") } }
  resource e: v1/ConfigMap { data: { x: each.map(e, e.metadata.name).join(",") } }
  if on && web.spec.clusterIP != "None" {
    resource f: v1/ConfigMap { data: { x: "y" } }
  }"#,
    );
    let expected =
        ["b -> web: metadata.uid", "c -> web: metadata.uid", "d -> each: metadata.uid", "f -> web: spec.clusterIP"];
    assert_eq!(found, expected);
}

#[test]
fn after_makes_an_edge_and_readiness_where_it_is_waited_for() {
    let found = edges(
        r#"
  resource b: v1/ConfigMap after web { data: { x: "y" } }
  resource c: apps/v1/StatefulSet ready when c.status.readyReplicas >= 1 && web.spec.clusterIP != "" {
    spec: {
      serviceName: "c"
      selector: { matchLabels: { a: "b" } }
      template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "a", image: "a:1" }] } }
    }
  }"#,
    );
    assert_eq!(found, ["b -> web: after"]);
    let found = edges(
        r#"
  resource b: v1/ConfigMap after c { data: { x: "y" } }
  resource c: v1/Service ready when c.spec.clusterIP != "" && web.spec.clusterIP != "" {
    spec: { ports: [{ port: 80 }] }
  }"#,
    );
    assert_eq!(found, ["b -> c: after", "c -> web: spec.clusterIP"]);
}

/// The circles of a module of ConfigMaps, each given by name and what it reads.
fn circles(resources: &[(&str, &str)]) -> Vec<String> {
    let one =
        |(name, reads): &(&str, &str)| format!("resource {name}: v1/ConfigMap {{ data: {{ x: \"${{{reads}}}\" }} }}\n");
    let compilation = compiled(&resources.iter().map(one).collect::<String>());
    let found = compilation.diagnostics.iter().filter(|d| d.is_error());
    found.map(|d| format!("{} {}", d.code.id, d.message.rsplit(": ").next().unwrap_or_default())).collect()
}

#[test]
fn each_circle_is_reported_once_with_its_shortest_way() {
    let uid = |name: &str| format!("{name}.metadata.uid");
    let (a, b, c) = (uid("a"), uid("b"), uid("c"));
    assert_eq!(circles(&[("a", &b), ("b", &a)]), ["E0601 a → b → a"]);
    assert_eq!(circles(&[("a", &b), ("b", &c), ("c", &a)]), ["E0601 a → b → c → a"]);
    assert_eq!(circles(&[("a", &a)]), ["E0601 a → a"]);
    assert_eq!(circles(&[("a", &b), ("b", &c), ("c", "1")]), [] as [&str; 0]);
    let (x, y) = (uid("x"), uid("y"));
    assert_eq!(
        circles(&[("a", &b), ("b", &a), ("x", &y), ("y", &x), ("c", &a)]),
        ["E0601 a → b → a", "E0601 x → y → x"]
    );
}
