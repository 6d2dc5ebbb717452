//! Features on fixtures.

use crate::feature::fixes::{self, Offer};
use crate::feature::formatting;
use crate::feature::graph::graph;
use crate::feature::links::{Goal, of_project, of_source};
use crate::feature::preview::preview;
use crate::feature::symbols::{self, Symbol};
use crate::feature::{Edit, FileEdit};
use crate::tests::fixture::Fixture;

const COMPOSITE: &str = r#"
/// A page.
composite Page: web.acme.io/v1 {
  /// How many.
  param replicas: Int = 1
  param size: { cpu: Quantity, memory: Quantity }?
  resource settings: v1/ConfigMap {
    data: { a: "${replicas}" }
  }
  for zone in ["a", "b"] by zone {
    resource part: v1/ConfigMap after settings {
      data: { zone }
    }
  }
  output zones: Int = 2
}
Page home {
  replicas: 2
}
"#;

fn applied(text: &str, edits: &[Edit]) -> String {
    let mut text = text.to_owned();
    for edit in edits.iter().rev() {
        text.replace_range(edit.start as usize..edit.end as usize, &edit.text);
    }
    text
}

/// The titles of what is offered at the cursor, and the first file after the one of a title.
fn offers(fixture: &Fixture) -> Vec<Offer> {
    let place = fixture.place();
    let mut offers = fixes::fixes(&place, fixture.cursor, fixture.cursor);
    offers.extend(fixes::allowances(&place, fixture.cursor, fixture.cursor));
    offers
}

fn after(edits: &[FileEdit]) -> String {
    applied(&edits[0].text, &edits[0].edits)
}

#[test]
fn fixes_are_those_of_the_compiler() {
    let fixture = Fixture::new("let count: Int = 1\nlet other = cou$0nt2\n");
    let offers = offers(&fixture);
    let titles: Vec<&str> = offers.iter().map(|offer| offer.title.as_str()).collect();
    assert_eq!(titles, ["Replace it with `count`"]);
    assert_eq!(after(&offers[0].edits), "let count: Int = 1\nlet other = count\n");
}

#[test]
fn a_warning_can_be_allowed() {
    let fixture = Fixture::new(
        "composite A: a.io/v1 {\n  let un$0used = 1\n  resource r: v1/ConfigMap { data: { a: \"b\" } }\n}\n",
    );
    let offers = offers(&fixture);
    let allow = offers.iter().find(|offer| offer.title.starts_with("Allow W0801")).expect("an action that allows");
    assert!(after(&allow.edits).contains("{\n  // allow(W0801): say why\n  let unused = 1\n"));
}

#[test]
fn safe_fixes_are_applied_until_there_are_none() {
    let text = "resource a: v1/ConfigMap {\n  dta: { x: \"y\" }\n  metadata: { nam: \"a\" }\n}\n$0";
    let fixture = Fixture::new(text);
    let place = fixture.place();
    assert!(fixes::has_safe(&place));
    let all = fixes::all(&fixture.snapshot, &place);
    let fixed = "resource a: v1/ConfigMap {\n  data: { x: \"y\" }\n  metadata: { name: \"a\" }\n}\n";
    assert_eq!(after(&all), fixed);
}

#[test]
fn formatting_edits_lines() {
    let fixture = Fixture::new("let a  =  1\n$0let b = 2\nlet c=3\n");
    let edits = formatting::whole(&fixture.document.text).unwrap();
    assert_eq!(edits.len(), 2);
    assert_eq!(applied(&fixture.document.text, &edits), "let a = 1\nlet b = 2\nlet c = 3\n");
}

fn outline(symbols: &[Symbol], depth: usize, out: &mut String) {
    for symbol in symbols {
        assert!(symbol.whole.start <= symbol.named.start && symbol.named.end <= symbol.whole.end, "{symbol:?}");
        out.push_str(&format!("{}{:?} {} {}\n", "  ".repeat(depth), symbol.what, symbol.name, symbol.detail));
        outline(&symbol.children, depth + 1, out);
    }
}

#[test]
fn symbols_are_the_declarations() {
    let fixture = Fixture::new(&format!("$0{COMPOSITE}"));
    let mut out = String::new();
    outline(&symbols::document(&fixture.document.parse().unwrap().module, &fixture.document.text), 0, &mut out);
    let expected = "\
Composite Page web.acme.io/v1
  Parameter replicas Int
  Parameter size { cpu: Quantity, memory: Quantity }?
    Field cpu Quantity
    Field memory Quantity
  Resource settings v1/ConfigMap
  Block for zone in [\"a\", \"b\"] 
    Resource part v1/ConfigMap
  Output zones Int
Instance home Page
";
    assert_eq!(out, expected);
}

#[test]
fn symbols_of_the_workspace_are_found_by_letters() {
    let fixture = Fixture::new(&format!("//- a.tess\n$0{COMPOSITE}\n//- b.tess\nlet page-size = 10\n"));
    let (targets, _) = fixture.snapshot.targets();
    let compiled: Vec<_> = targets.iter().map(|target| fixture.snapshot.compiled(target).unwrap()).collect();
    let names = |query: &str| -> Vec<String> {
        symbols::workspace(&compiled, query).into_iter().map(|found| found.symbol.name).collect()
    };
    assert_eq!(names("pag"), ["Page", "page-size"]);
    assert_eq!(names("st"), ["settings"]);
    assert_eq!(names("nothing of this name"), Vec::<String>::new());
}

#[test]
fn links_lead_to_imports_and_addresses() {
    let fixture = Fixture::new(
        "//- main.tess\n// see https://acme.example/page\nuse \"./other.tess\" as other\nuse std.net$0\n\
         let a = other.b\n//- other.tess\nlet b = 1\n",
    );
    let links = of_source(&fixture.place(), &fixture.document.parse().unwrap().tree);
    let shown: Vec<(&str, String)> = links
        .iter()
        .map(|link| {
            let goal = match &link.goal {
                Goal::File(path) => path.display().to_string(),
                Goal::Address(address) => address.clone(),
            };
            (fixture.text(link.start, link.end), goal)
        })
        .collect();
    let address = "https://acme.example/page";
    assert_eq!(shown, [("\"./other.tess\"", "/w/other.tess".to_owned()), (address, address.to_owned())]);
}

#[test]
fn the_project_file_links_to_what_it_names() {
    let fixture = Fixture::new(
        "//- tessera.toml\n[package]\nname = \"w\"\nversion = \"0.1.0\"\ncrds = [\"crds/a.yaml\", \"crds/*.yaml\"]\n\
         [dependencies]\nbase = { path = \"base\" }$0\ngone = { path = \"gone\" }\n//- base/tessera.toml\n[package]\n\
         name = \"base\"\nversion = \"0.1.0\"\n//- crds/a.yaml\na: 1\n",
    );
    let links = of_project(&fixture.snapshot, &fixture.document);
    let goals: Vec<Goal> = links.into_iter().map(|link| link.goal).collect();
    assert_eq!(goals, [Goal::File("/w/base/tessera.toml".into()), Goal::File("/w/crds/a.yaml".into())]);
}

#[test]
fn the_preview_shows_objects_and_where_they_come_from() {
    let fixture = Fixture::new(&format!("$0{COMPOSITE}"));
    let shown = preview(&fixture.place(), "manifests", None);
    assert_eq!(shown.messages, Vec::<String>::new());
    assert_eq!(shown.instance.as_deref(), Some("Page/home"));
    let file = &shown.files[0];
    let lines: Vec<&str> = file.text.lines().collect();
    assert_eq!(file.objects.len(), 3);
    for object in &file.objects {
        let part = lines[object.start..object.end].join("\n");
        assert!(part.starts_with("apiVersion: v1\nkind: ConfigMap\n"), "{part}");
        assert!(!part.contains("---"), "{part}");
        let source = object.source.unwrap();
        let declared = format!("resource {}:", object.resource.as_deref().unwrap());
        assert!(fixture.text(source.start, source.end).starts_with(&declared), "{declared}");
    }
    let titles: Vec<&str> = shown.targets.iter().map(|target| target.title.as_str()).collect();
    assert_eq!(titles, ["Manifests", "Controller", "Crossplane", "Helm", "kro"]);
    for target in ["controller", "crossplane", "helm", "kro"] {
        let shown = preview(&fixture.place(), target, None);
        assert_eq!(shown.target, target);
        assert!(!shown.files.is_empty() || !shown.messages.is_empty(), "{target}");
    }
    assert_eq!(preview(&fixture.place(), "nonsense", Some("nobody")).instance.as_deref(), Some("Page/home"));
}

#[test]
fn the_graph_has_layers() {
    let fixture = Fixture::new(&format!("$0{COMPOSITE}"));
    let graph = graph(&fixture.place(), Some("Page"));
    let nodes: Vec<(&str, &str, usize)> =
        graph.nodes.iter().map(|node| (node.title.as_str(), node.detail.as_str(), node.layer)).collect();
    assert_eq!(nodes, [("settings", "ConfigMap", 0), ("part", "ConfigMap, for each", 1)]);
    let edge = &graph.edges[0];
    assert_eq!((edge.from.as_str(), edge.to.as_str(), edge.label.as_deref()), ("n1", "n0", Some("after")));
}
