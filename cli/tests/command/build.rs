//! `tessera build`: what is written, and where.

use serde_json::Value;

use crate::folder::{Folder, STORE};
use crate::project::PROJECT;

const ONE: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: one-settings
data:
  size: \"1\"
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: one-secret
data:
  name: one-settings
";
const INSTANCE: &str = "apiVersion: example.acme/v1\nkind: Store\nmetadata:\n  name: three\nspec:\n  size: 3\n";

#[test]
fn objects_go_to_standard_output_and_nothing_else_does() {
    let folder = Folder::with("build-stdout", PROJECT);
    let called = folder.call(&["build", "src"]);
    assert_eq!((called.code, called.out.as_str(), called.err.as_str()), (0, ONE, ""));
    assert_eq!(folder.call(&["build", "--instance", "one"]).out, ONE);
}

#[test]
fn several_objects_in_json_are_a_list() {
    let folder = Folder::with("build-json", PROJECT);
    let list: Value = serde_json::from_str(&folder.call(&["build", "--output", "json"]).out).unwrap();
    assert_eq!((&list["kind"], list["items"].as_array().unwrap().len()), (&Value::from("List"), 4));
    assert_eq!(list["items"][2]["metadata"]["namespace"], "shops");
}

#[test]
fn an_unknown_instance_is_a_wrong_call_that_lists_the_known_ones() {
    let called = Folder::with("build-unknown", PROJECT).call(&["build", "--instance", "none"]);
    assert_eq!((called.code, called.out.as_str()), (2, ""));
    assert_eq!(called.err, "tessera: there is no instance `none`; the instances are `one`, `two`\n");
}

#[test]
fn a_target_that_is_still_to_come_is_said_and_not_offered() {
    let folder = Folder::with("build-target", PROJECT);
    let said = "tessera: the target `kustomize` is not available yet; \
        there are `manifests`, `crossplane`, `kro`, `helm`, `controller`\n";
    for call in [&["build", "--target", "kustomize"][..], &["diff", ".", "--target", "kustomize"]] {
        let called = folder.call(call);
        assert_eq!((called.code, called.out.as_str(), called.err.as_str()), (2, "", said));
    }
    assert!(!folder.call(&["build", "--help"]).out.contains("kustomize"));
    assert!(!folder.call(&["build", "--target", "none"]).err.contains("kustomize"));
}

#[test]
fn what_was_built_into_the_project_changes_no_later_build() {
    let folder = Folder::with("build-again", PROJECT);
    for target in ["controller", "crossplane"] {
        let call = ["build", "--target", target, "--function", "always", "--out", "a-out"];
        let call: Vec<&str> =
            call.into_iter().filter(|a| target == "crossplane" || !["--function", "always"].contains(a)).collect();
        let stdout = folder.call(&call[..call.len() - 2]).out;
        for _ in 0..2 {
            assert_eq!(folder.call(&call).code, 0);
            folder.write("b.yaml", "a: 1\n");
            assert_eq!(folder.call(&call[..call.len() - 2]).out, stdout, "{target}");
        }
    }
}

#[test]
fn one_kind_in_two_groups_is_two_files() {
    let one = "composite Same: one.acme/v1 { }\n";
    let two = "composite Same: two.acme/v1 { }\n";
    let folder = Folder::with("build-same-kind", &[("one.tess", one), ("two.tess", two)]);
    for (target, names) in [
        ("controller", ["sames.one.acme.yaml", "sames.two.acme.yaml"]),
        ("crossplane", ["sames.one.acme/definition.yaml", "sames.two.acme/definition.yaml"]),
        ("kro", ["sames.one.acme.yaml", "sames.two.acme.yaml"]),
    ] {
        let called = folder.call(&["build", "--target", target, "--out", target]);
        assert_eq!((called.code, called.err.as_str()), (0, ""), "{target}");
        assert!(names.iter().all(|name| folder.path().join(target).join(name).is_file()), "{target}");
    }
}

#[test]
fn a_template_that_an_earlier_build_left_is_told() {
    let folder = Folder::with("build-chart-twice", PROJECT);
    let call = ["build", "--target", "helm", "--out", "charts"];
    assert_eq!(folder.call(&call).err, "");
    let chart = std::fs::read_dir(folder.path().join("charts")).unwrap().next().unwrap().unwrap();
    let chart = format!("charts/{}", chart.file_name().into_string().unwrap());
    folder.write(&format!("{chart}/templates/old.yaml"), "");
    let called = folder.call(&call);
    let said = format!(
        "`{chart}/templates/old.yaml` is not of this build, and Helm reads it, too; remove it if an earlier build left it\n"
    );
    assert_eq!((called.code, called.err), (0, said));
}

#[test]
fn standard_input_is_not_watched_for_any_target() {
    let folder = Folder::with("build-watch-input", PROJECT);
    for target in ["manifests", "controller"] {
        let called = folder.call(&["build", "--target", target, "--watch", "-"]);
        assert_eq!((called.code, called.err.as_str()), (2, "tessera: standard input cannot be watched\n"));
    }
}

#[test]
fn a_chart_is_written_into_a_folder() {
    let folder = Folder::with("build-chart", PROJECT);
    let called = folder.call(&["build", "--target", "helm"]);
    assert_eq!((called.code, called.out.as_str()), (2, ""));
    assert_eq!(called.err, "tessera: a chart is a folder of files; name one with --out DIR\n");
}

/// A project with one composite, whose ConfigMap says this, and that is ready at once.
fn chart(name: &str, rest: &str) -> Folder {
    let text = format!("composite Store: examples.tessera.dev/v1 {{\n  param size: Quantity\n{rest}\n}}\n");
    Folder::with(name, &[("tessera.toml", "[package]\nname = \"a\"\nversion = \"1.2.3\"\n"), ("a.tess", &text)])
}

#[test]
fn what_a_chart_cannot_express_writes_nothing() {
    let folder = chart("build-chart-refused", "  resource a: v1/ConfigMap { data: { a: \"${size * 2}\" } }");
    let called = folder.call(&["build", "--target", "helm", "--out", "charts", "--format", "github"]);
    assert_eq!((called.code, called.out.as_str()), (1, ""));
    assert!(called.err.contains("E0740") && called.err.contains("line=3"), "{}", called.err);
    assert!(!folder.path().join("charts").exists());
}

#[test]
fn what_a_chart_has_no_place_for_is_a_warning() {
    let rest = "  resource a: v1/ConfigMap { data: { a: \"${size}\" } }\n  ready when a.metadata.generation >= 1";
    let folder = chart("build-chart-without", rest);
    let called = folder.call(&["build", "--target", "helm", "--out", "charts", "--format", "github"]);
    assert_eq!((called.code, called.out.as_str()), (0, ""));
    assert!(called.err.contains("W0741") && called.err.contains("line=4"), "{}", called.err);
    assert!(folder.read("charts/store/Chart.yaml").contains("version: \"1.2.3\""));
}

#[test]
fn a_target_is_made_of_composites_not_of_instances() {
    let folder = Folder::with("build-controller", PROJECT);
    let called = folder.call(&["build", "--target", "controller"]);
    assert_eq!((called.code, called.err.as_str()), (0, ""));
    let kinds = called.out.lines().filter(|line| line.starts_with("kind: ")).collect::<Vec<_>>();
    let expected = [
        "kind: CustomResourceDefinition",
        "kind: CompositeDefinition",
        "kind: ClusterRole",
        "kind: ClusterRoleBinding",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(folder.call(&["build", "--target", "controller", "--out", "made"]).code, 0);
    assert_eq!(folder.read("made/stores.example.acme.yaml"), called.out);
    for args in [
        &["build", "--target", "controller", "--instance", "one"][..],
        &["build", "--target", "controller", "--partial"],
        &["build", "--target", "controller", "--out", "tessera.toml"],
    ] {
        let called = folder.call(args);
        assert_eq!((called.code, called.out.as_str()), (2, ""), "{args:?}: {}", called.err);
    }
    folder.write(
        "src/odd.tess",
        "composite Odd: example.acme/v1 {\n  param odd: Bool | String\n  output o: Bool | String = odd\n}\n",
    );
    let called = folder.call(&["build", "--target", "controller", "--out", "none"]);
    assert!(called.code == 1 && called.err.contains("E0710"), "{}", called.err);
    assert!(!folder.path().join("none").exists());
}

#[test]
fn a_file_is_written_whole_with_its_folders() {
    let folder = Folder::with("build-out", PROJECT);
    let called = folder.call(&["build", "src", "--out", "made/here/all.yaml"]);
    assert_eq!((called.code, called.out.as_str(), called.err.as_str()), (0, "", ""));
    assert_eq!(folder.read("made/here/all.yaml"), ONE);
    assert_eq!(folder.list("made/here"), ["all.yaml"]);
}

#[test]
fn an_error_anywhere_writes_nothing() {
    let folder = Folder::with("build-nothing", PROJECT);
    folder.write("all.yaml", "as it was\n");
    folder.write("instances/two.yaml", INSTANCE.replace("size: 3", "size: 33"));
    assert_eq!(folder.call(&["build", "--out", "all.yaml"]).code, 1);
    assert_eq!(folder.read("all.yaml"), "as it was\n");
    let called = folder.call(&["build"]);
    assert_eq!((called.code, called.out.as_str()), (1, ""));
    assert_eq!(folder.call(&["build", "--out", "new", "--split"]).code, 1);
    assert!(!folder.path().join("new").exists());
}

#[test]
fn split_writes_a_file_for_each_object_and_leaves_others_alone() {
    let folder = Folder::with("build-split", PROJECT);
    folder.write("made/old.yaml", "old\n");
    assert_eq!(folder.call(&["build", "--out", "made/", "--split"]).code, 0);
    let expected = [
        "configmap-one-secret.yaml",
        "configmap-one-settings.yaml",
        "configmap-two-secret.yaml",
        "configmap-two-settings.yaml",
        "old.yaml",
    ];
    assert_eq!(folder.list("made"), expected);
    let first = ONE.split("---\n").next().unwrap();
    assert_eq!(folder.read("made/configmap-one-settings.yaml"), first);
}

#[test]
fn calls_that_cannot_be_meant_are_refused() {
    let folder = Folder::with("build-calls", PROJECT);
    for args in [
        &["build", "--split"][..],
        &["build", "--out", "src"],
        &["build", "--out", "new/"],
        &["build", "--out", "tessera.toml", "--split"],
    ] {
        let called = folder.call(args);
        assert_eq!((called.code, called.out.as_str()), (2, ""), "{args:?}: {}", called.err);
    }
    assert!(folder.read("tessera.toml").starts_with("[package]"));
}

#[test]
fn standard_input_is_a_source_or_yaml_of_the_project_here() {
    let folder = Folder::with("build-stdin", PROJECT);
    let called = folder.call_with(&["build", "-"], INSTANCE.as_bytes());
    assert!(
        called.code == 0 && called.out.contains("name: three-settings") && !called.out.contains("one-"),
        "{}",
        called.err
    );
    let source = "use shop.store.{ Store }\nStore four { size: 44 }\n";
    let called = folder.call_with(&["build", "-", "--stdin-name", "instances/four.tess"], source.as_bytes());
    assert!(called.code == 1 && called.err.contains("instances/four.tess:2:20"), "{}", called.err);
    let called = folder.call_with(&["build", "-", "--stdin-format", "yaml"], b"a: 1\n");
    assert!(called.code == 1 && called.err.contains("E0903"), "{}", called.err);
}

#[test]
fn two_instances_that_make_one_object_are_refused() {
    let store = STORE.replace(
        "resource settings: v1/ConfigMap {",
        "resource settings: v1/ConfigMap {\n    metadata: { name: \"same\" }",
    );
    let folder = Folder::with("build-same", &[("a.tess", &(store + "\nStore a { size: 1 }\nStore b { size: 2 }\n"))]);
    let called = folder.call(&["build", "a.tess"]);
    assert!(
        called.code == 1 && called.err.contains("E0602") && called.err.contains("ConfigMap `same`"),
        "{}",
        called.err
    );
    let apart = folder.read("a.tess").replace("Store b {", "Store b in other {");
    folder.write("a.tess", apart);
    assert_eq!(folder.call(&["build", "a.tess"]).code, 0);
}

const WAITS: &str = r#"composite Site: example.acme/v1 {
  param name: String
  resource address: v1/Service {
    spec: { type: "LoadBalancer", ports: [{ port: 80 }] }
  }
  resource notes: v1/ConfigMap {
    data: { ip: address.spec.clusterIP }
  }
}
Site a { name: "x" }
"#;

#[test]
fn what_a_cluster_knows_is_given_or_left_out() {
    let folder = Folder::with("build-observed", &[("a.tess", WAITS)]);
    let called = folder.call(&["build", "a.tess"]);
    assert!(called.code == 1 && called.err.contains("E0604") && called.err.contains("a.tess:7:17"), "{}", called.err);
    let called = folder.call(&["build", "a.tess", "--partial"]);
    assert!(
        called.code == 0 && !called.out.contains("ConfigMap") && called.err.contains("warning[E0604]"),
        "{}",
        called.err
    );
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: { name: a-address }\n  spec: { clusterIP: 10.0.0.9 }\n";
    folder.write("observed.yaml", list);
    let called = folder.call(&["build", "a.tess", "--observed", "observed.yaml"]);
    assert!(called.code == 0 && called.out.contains("ip: \"10.0.0.9\""), "{}{}", called.out, called.err);
    assert_eq!(folder.call(&["build", "a.tess", "--observed", "none.yaml"]).code, 1);
}

#[test]
fn nobody_has_to_read_to_the_end() {
    use std::process::Stdio;
    let folder = Folder::with("build-pipe", PROJECT);
    let mut child = folder.command(&["build"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_is_the_worlds_fault() {
    let folder = Folder::with("build-world", PROJECT);
    let called = folder.call(&["build", "--out", "/proc/nothing/all.yaml"]);
    assert!(called.code == 3 && called.err.starts_with("tessera: cannot make the folder"), "{}", called.err);
}
