use tessera_compiler::syntax;

use super::hover;
use crate::feature::fixture::Fixture;

/// What is told at the cursor holds all of this, in this order.
fn check(text: &str, expected: &[&str]) {
    let told = told(text).unwrap_or_else(|| "nothing".to_owned());
    let mut rest = told.as_str();
    for part in expected {
        let at = rest.find(part).unwrap_or_else(|| panic!("no {part:?} in:\n{told}"));
        rest = &rest[at + part.len()..];
    }
}

fn told(text: &str) -> Option<String> {
    let fixture = Fixture::new(text);
    let (analysis, file, offset) = fixture.at_cursor();
    let source = analysis.modules.sources.get(file).unwrap();
    let tree = source.path.ends_with(".tess").then(|| syntax::parse(file, &source.text).tree);
    hover(&analysis, tree.as_ref(), file, offset).map(|hover| hover.markdown)
}

const COMPOSITE: &str = r#"
/// How large it is.
type Size = "small" | "large"
type Replicas = Int where it >= 1 && it <= 20 else "between 1 and 20 replicas"
let prefix = "shop"
let labels = { app: prefix, ports: [1, 2] }
/// Doubles.
fn twice(n: Int, by: Int = 2) -> Int = n * by

/// A shop.
composite Shop: platform.acme.example/v1 {
  /// Who it is for.
  param owner: String
  param size: Size = "small"
  param replicas: Replicas = 2
  param team: DnsLabel?
  let both = twice(replicas)
  let known = 12
  resource settings: v1/ConfigMap {
    data: { owner, both: "${both}", known: "${known}", app: labels.app }
  }
  for part in ["cart", "search"] {
    resource web: apps/v1/Deployment {
      spec: { replicas, selector: {}, template: { spec: { containers: [] } } }
    }
  }
  output name: String = settings.metadata.name
}
"#;

fn in_composite(at: &str, expected: &[&str]) {
    let place = at.replace("$0", "");
    assert_eq!(COMPOSITE.matches(place.as_str()).count(), 1, "{place}");
    check(&COMPOSITE.replace(&place, at), expected);
}

#[test]
fn declarations() {
    in_composite("type Si$0ze", &["```tess\ntype Size = \"small\" | \"large\"\n```", "How large it is."]);
    in_composite("param size: Si$0ze", &["type Size = \"small\" | \"large\"", "How large it is."]);
    in_composite("let pre$0fix", &["let prefix: String = \"shop\""]);
    in_composite("let lab$0els", &["let labels: { app: \"shop\", ports: [Int] } = { app: \"shop\", ports: [1, 2] }"]);
    in_composite("both = tw$0ice", &["fn twice(n: Int, by: Int = 2) -> Int\n", "Doubles."]);
    in_composite(
        "composite Sh$0op",
        &["composite Shop: platform.acme.example/v1", "A shop.", "4 parameters, namespaced"],
    );
    in_composite("param ow$0ner", &["param owner: String", "Who it is for.", "Parameter of `Shop`, required"]);
    in_composite(
        "param rep$0licas",
        &[
            "param replicas: Replicas = 2",
            "Parameter of `Shop`, has a default",
            "`Replicas` is `Int where it >= 1 && it <= 20`",
            "Rule: between 1 and 20 replicas",
        ],
    );
    in_composite("param te$0am", &["param team: DnsLabel?", "may be absent"]);
    in_composite("data: { own$0er", &["param owner: String"]);
    in_composite("let kno$0wn", &["let known: Int = 12"]);
    in_composite("output na$0me", &["output name: String", "Field of the status of `Shop`"]);
}

#[test]
fn resources_and_kubernetes() {
    in_composite(
        "resource set$0tings",
        &[
            "resource settings: v1/ConfigMap",
            "ConfigMap holds configuration data",
            "In the cluster: `${self.name}-settings`",
        ],
    );
    in_composite("resource we$0b", &["In the cluster: `${self.name}-web-${part}`"]);
    in_composite("web: apps/v1/Depl$0oyment", &["apps/v1/Deployment", "Objects live in a namespace", "since 1.9"]);
    in_composite(
        "spec: { repl$0icas, sel",
        &["replicas?: Int", "Number of desired pods", "Field of `apps/v1/DeploymentSpec`, optional"],
    );
    in_composite("settings.metadata.na$0me", &["name", "ObjectMeta"]);
}

#[test]
fn words_and_codes() {
    in_composite("out$0put name", &["```tess\noutput\n```", "A field of the composite's status."]);
    check("// allow(W08$001): kept\nlet a = 1\n", &["**W0801**: never used"]);
    check("use std.lab$0els\nlet a = labels.recommended({ name: \"a\" })\n", &["module std.labels", "`recommended()`"]);
    check(
        "use std.labels\nlet a = labels.recomm$0ended({ name: \"a\" })\n",
        &["fn recommended(", "Standard library: `std.labels`"],
    );
    check("let a = [1, 2].ma$0p(x, x + 1)\n", &["list.map(item, expression) -> [B]"]);
    check("let a = [1, 2].map(x, x$0 + 1)\n", &["x: Int"]);
    check("let a = \"a,b\".spl$0it(\",\")\n", &["String.split(String) -> [String]"]);
    check("let a: Str$0ing = \"\"\n", &["String", "Text."]);
    check("composite A: a.example/v1 {\n  let n = se$0lf.name\n}\n", &["self", "The instance"]);
    check("let a: \"x\" | \"y\" = \"$0x\"\n", &["\"x\" | \"y\""]);
}

#[test]
fn other_files_and_aliases() {
    check(
        "//- a.tess\nmodule shop.a\n/// Most.\nlet most = twice(4)\nfn twice(n: Int) -> Int = n * 2\n//- main.tess\nuse shop.a.{ most as limit }\nlet x = lim$0it\n",
        &["let most: Int", "Most."],
    );
    check(
        "//- a.tess\nlet most = 4 + 4\n//- main.tess\nuse \"./a.tess\" as a\nlet x = a.mo$0st\n",
        &["let most: Int = 8"],
    );
}

#[test]
fn values_and_instances() {
    check(
        "resource s: v1/Service { spec: { type: \"Clus$0terIP\" } }\n",
        &["\"ClusterIP\"", "means a service will only be accessible inside the cluster"],
    );
    check(&format!("{COMPOSITE}Shop one$0 {{ owner: \"me\" }}\n"), &["Shop one", "A shop.", "Instance of `Shop`"]);
}

#[test]
fn yaml_instances() {
    let yaml = |body: &str| format!("//- main.tess\n{COMPOSITE}\n//- shop.yaml\n{body}");
    let head = "apiVersion: platform.acme.example/v1\nkind: Shop\nmetadata:\n  name: a\nspec:\n  owner: me\n";
    check(&yaml(&head.replace("kind: Shop", "kind: Sh$0op")), &["composite Shop", "A shop."]);
    check(&yaml(&head.replace("owner", "own$0er")), &["param owner: String", "Who it is for."]);
    check(
        &yaml(&format!("{head}  repl$0icas: 3\n")),
        &["param replicas: Replicas = 2", "Rule: between 1 and 20 replicas"],
    );
    check(&yaml(&head.replace("  name", "  na$0me")), &["name", "ObjectMeta"]);
    check(&yaml(&head.replace("spec:", "sp$0ec:")), &["The parameters of the composite."]);
    check(&yaml(&format!("{head}  size: sm$0all\n")), &["Size", "\"small\" | \"large\""]);
}

#[test]
fn broken_text_and_depth() {
    let broken = COMPOSITE.replace(
        "type Replicas = Int where it >= 1 && it <= 20 else \"between 1 and 20 replicas\"",
        "type = \nlet 3 = }\nfn (",
    ) + "\nresource pod: v1/Pod {\n  spec: {\n    containers: [{\n      name: \"a\"\n      livenessProbe: { httpGet: { pa$0th: \"/\" }, perio }\n";
    check(&broken, &["path?: String", "HTTP server"]);
    check("let \u{1F600} = \"\u{1F600}\"\r\nlet b: Int = 4\r\nlet c = b$0\r\n", &["let b: Int = 4"]);
}
