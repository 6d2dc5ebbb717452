//! `check --against` and `diff`: two versions of a project.

use std::process::Command;

use serde_json::Value as Json;

use crate::folder::{Folder, STORE};
use crate::project::PROJECT;

/// Runs git in a folder of a test, without the settings of who runs it.
fn git(folder: &Folder, args: &[&str]) {
    let path = folder.path();
    let mut command = Command::new("git");
    command.current_dir(path).args([
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@example.com",
        "-c",
        "init.defaultBranch=main",
    ]);
    let output = command.args(args).env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The small project, committed as `main`.
fn repository(name: &str) -> Folder {
    let folder = Folder::with(name, PROJECT);
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-q", "-m", "one"]);
    folder
}

fn store(from: &str, to: &str) -> String {
    assert!(STORE.contains(from));
    STORE.replace(from, to)
}

#[test]
fn a_breaking_change_is_refused_at_its_line() {
    let folder = repository("against-breaking");
    folder.write("src/store.tess", store("it < 10", "it < 5"));
    let called = folder.call(&["check", "--against", "main"]);
    assert_eq!(called.code, 1);
    assert!(called.err.contains("error[E0950]: the rule of parameter `size` refuses what was taken"), "{}", called.err);
    assert!(
        called.err.contains("src/store.tess:5:9") && called.err.contains("main:src/store.tess:5:9"),
        "{}",
        called.err
    );
    assert!(called.err.contains("for example 5 was taken") && called.err.contains("`v2`"), "{}", called.err);
    // Without an earlier version there is nothing to say.
    assert_eq!(folder.call(&["check"]).code, 0);
    // Whole repositories are looked into from below, too.
    let below =
        folder.command(&["check", "--against", "HEAD"]).current_dir(folder.path().join("src")).output().unwrap();
    assert_eq!(below.status.code(), Some(1));
}

#[test]
fn what_is_compatible_or_of_a_new_version_passes() {
    let folder = repository("against-fine");
    folder.write("src/store.tess", store("it < 10", "it <= 20"));
    let called = folder.call(&["check", "--against", "main"]);
    assert_eq!((called.code, called.err.as_str()), (0, "3 files and 2 instances checked: no problems\n"));
    folder.write(
        "src/store-v2.tess",
        STORE.replace("shop.store", "shop.store2").replace("/v1", "/v2").replace("it < 10", "it < 5"),
    );
    assert_eq!(folder.call(&["check", "--against", "main"]).code, 0);
}

#[test]
fn what_cannot_be_shown_is_a_warning() {
    let folder = repository("against-unproven");
    folder.write("src/store.tess", store("it < 10", "it < 10 && it % 7 != 100"));
    let called = folder.call(&["check", "--against", "main"]);
    assert_eq!(called.code, 0);
    assert!(called.err.contains("warning[W0950]"), "{}", called.err);
    assert_eq!(folder.call(&["check", "--against", "main", "--deny-warnings"]).code, 1);
    folder.write(
        "src/store.tess",
        store(
            "  param size: Int where it < 10",
            "  // allow(W0950): no size is so large\n  param size: Int where it < 10 && it % 7 != 100",
        ),
    );
    assert_eq!(folder.call(&["check", "--against", "main", "--deny-warnings"]).code, 0);
    assert_eq!(folder.call(&["check", "--deny-warnings"]).code, 0);
}

#[test]
fn what_breaks_is_told_to_machines() {
    let folder = repository("against-machines");
    folder.write("src/store.tess", store("it < 10", "it < 5"));
    for command in [&["check", "--against", "main"][..], &["diff", "main"]] {
        let run = |format: &str| folder.call(&[command, &["--format", format]].concat());
        let sarif: Json = serde_json::from_str(&run("sarif").out).unwrap();
        assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "E0950", "{command:?}");
        let github = run("github").out;
        assert!(github.starts_with("::error file=src/store.tess,line=5"), "{command:?}: {github}");
        assert!(serde_json::from_str::<Json>(&run("json").out).is_ok());
    }
}

#[test]
fn folders_are_compared_and_win_over_revisions() {
    let folder = repository("against-folder");
    folder.write("old/tessera.toml", "[package]\nname = \"shop\"\n");
    folder.write("old/store.tess", store("it < 10", "it < 3"));
    folder.write("src/store.tess", store("it < 10", "it < 5"));
    let called = folder.call(&["check", "--against", "old"]);
    assert_eq!(called.code, 0, "{}", called.err);
    // A branch of the same name is named with `git:`.
    git(&folder, &["branch", "old"]);
    assert_eq!(folder.call(&["check", "--against", "old"]).code, 0);
    assert_eq!(folder.call(&["check", "--against", "git:old"]).code, 1);
    let called = folder.call(&["diff", "old", "git:main", "--format", "json"]);
    let json: Json = serde_json::from_str(&called.out).unwrap();
    assert_eq!(json["apis"][0]["changes"][0]["rule"], "type-widened", "{}", called.out);
}

#[test]
fn a_version_that_is_not_there_is_said_in_one_line() {
    let folder = repository("against-missing");
    let refused = |args: &[&str], what: &str| {
        let called = folder.call(args);
        assert_eq!(called.code, 2, "{args:?}: {}", called.err);
        assert!(called.err.contains(what) && called.err.lines().count() == 1, "{args:?}: {}", called.err);
    };
    refused(&["check", "--against", "no-such"], "`no-such` is neither a folder nor a revision of the repository");
    refused(&["diff", "no-such"], "`no-such` is neither a folder nor a revision");
    refused(&["diff", "--", "--upload-pack=x"], "is neither a folder nor a revision");
    refused(&["check", "--against", "src/store.tess"], "`src/store.tess` is a file");
    refused(&["check", "src/store.tess", "--against", "main"], "--against compares whole projects");
    refused(&["diff", "main", "--instance", "three"], "there is no instance `three`");
    refused(&["diff", "main", "--target", "helm", "--instance", "one"], "--instance is about objects");
    // A project that the revision has not.
    folder.write("late/tessera.toml", "[package]\nname = \"late\"\n");
    folder.write("late/a.tess", "type A = Int\n");
    refused(&["check", "late", "--against", "main"], "the revision `main` has no project in");
    // Without git there are no revisions.
    let called = folder.command(&["check", "--against", "main"]).env("PATH", "/no-such").output().unwrap();
    assert_eq!(called.status.code(), Some(3));
    assert!(String::from_utf8(called.stderr).unwrap().contains("cannot run git"));
}

#[test]
fn outside_a_repository_there_are_no_revisions() {
    let folder = Folder::with("against-no-repository", PROJECT);
    let ceiling = folder.path().parent().unwrap().to_owned();
    let called =
        folder.command(&["check", "--against", "main"]).env("GIT_CEILING_DIRECTORIES", ceiling).output().unwrap();
    let said = String::from_utf8(called.stderr).unwrap();
    assert_eq!(called.status.code(), Some(2), "{said}");
    assert!(said.contains("is in no git repository"), "{said}");
}

#[test]
fn an_earlier_version_with_errors_is_told() {
    let folder = repository("against-errors");
    folder.write("src/store.tess", store("Int where", "Itn where"));
    folder.write("src/picture.tess", [0xff, 0xfe, 0x00]);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-q", "-m", "wrong"]);
    folder.write("src/store.tess", STORE);
    std::fs::remove_file(folder.path().join("src/picture.tess")).unwrap();
    let called = folder.call(&["check", "--against", "HEAD"]);
    assert_eq!(called.code, 1);
    assert!(called.err.contains("error[E0952]: `Store` cannot be compared: `HEAD` has errors"), "{}", called.err);
    let called = folder.call(&["diff", "HEAD"]);
    assert_eq!(called.code, 1);
    assert!(called.err.contains("HEAD:src/store.tess:5"), "{}", called.err);
}

#[test]
fn a_difference_is_told_by_instance_object_and_field() {
    let folder = repository("diff-fields");
    folder.write(
        "src/one.tess",
        "use shop.store.{ Store }\n\nStore one {\n  size: 3\n}\n\nStore three {\n  size: 1\n}\n",
    );
    std::fs::remove_file(folder.path().join("instances/two.yaml")).unwrap();
    let called = folder.call(&["diff", "main"]);
    assert_eq!(called.code, 0, "{}", called.err);
    assert_eq!(
        called.out,
        "~ Store one\n  ~ v1 ConfigMap one-settings\n      ~ data.size: \"1\" -> \"3\"\n\
         + Store three\n  + v1 ConfigMap three-settings\n  + v1 ConfigMap three-secret\n\
         - Store shops/two\n  - v1 ConfigMap shops/two-settings\n  - v1 ConfigMap shops/two-secret\n\
         2 added, 2 removed, 1 changed\n"
    );
    let picked = folder.call(&["diff", "main", "--instance", "one"]);
    assert_eq!(picked.out.lines().count(), 4, "{}", picked.out);
    assert_eq!(folder.call(&["diff", "main", "--exit-code"]).code, 4);
    let same = folder.call(&["diff", "main", "main", "--exit-code"]);
    assert_eq!((same.code, same.out.as_str(), same.err.as_str()), (0, "", "nothing differs\n"));
}

#[test]
fn secrets_are_hidden_and_fixed_fields_are_marked() {
    let objects = |secret: &str, label: &str, image: &str| {
        format!(
            "resource password: v1/Secret {{\n  metadata: {{ name: \"password\" }}\n  data: raw {{ word: \"{secret}\" }}\n}}\n\
             resource fixed: v1/ConfigMap {{\n  metadata: {{ name: \"fixed\" }}\n  immutable: true\n  data: {{ a: \"{label}\" }}\n}}\n\
             resource web: apps/v1/Deployment {{\n  metadata: {{ name: \"web\" }}\n  spec: {{\n    selector: {{ matchLabels: {{ app: \"{label}\" }} }}\n    \
             template: {{\n      metadata: {{ labels: {{ app: \"{label}\" }} }}\n      spec: {{ containers: [{{ name: \"side\", image: \"side:1\" }}, {{ name: \"web\", image: \"{image}\" }}] }}\n    }}\n  }}\n}}\n"
        )
    };
    let folder = Folder::new("diff-secrets");
    folder.write("old/a.tess", objects("b25l", "web", "web:1"));
    folder.write("new/a.tess", objects("dHdv", "shop", "web:2"));
    let called = folder.call(&["diff", "old", "new"]);
    assert_eq!(called.code, 0, "{}", called.err);
    for line in [
        "~ Resources of a.tess",
        "      ~ data.word: (hidden) -> (hidden)",
        "  ~ v1 ConfigMap fixed  # the API server refuses this: delete the object, or say `replace`",
        "      ! data.a: \"web\" -> \"shop\"  # cannot be changed",
        "      ! spec.selector.matchLabels.app: \"web\" -> \"shop\"  # cannot be changed",
        "      ~ spec.template.spec.containers[name=web].image: \"web:1\" -> \"web:2\"",
        "0 added, 0 removed, 3 changed, 2 fields that cannot be changed",
    ] {
        assert!(called.out.lines().any(|l| l == line), "no line {line}:\n{}", called.out);
    }
    assert_eq!(folder.call(&["diff", "old", "new", "--exit-code"]).code, 5);
    let json = folder.call(&["diff", "old", "new", "--format", "json"]).out;
    for secret in ["b25l", "dHdv"] {
        assert!(!called.out.contains(secret) && !json.contains(secret));
    }
    let json: Json = serde_json::from_str(&json).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["summary"]["refused"], 2);
    let secret = &json["instances"][0]["objects"][0];
    assert_eq!(
        *secret,
        serde_json::json!({
            "apiVersion": "v1", "kind": "Secret", "name": "password", "state": "changed",
            "fields": [{ "path": "data.word", "hidden": true }],
        })
    );
}

#[test]
fn what_targets_write_is_compared() {
    let folder = repository("diff-targets");
    folder.write("src/store.tess", store("it < 10", "it < 20").replace("data: { size", "data: { more: \"1\", size"));
    for target in ["controller", "crossplane", "helm"] {
        let called = folder.call(&["diff", "main", "--target", target]);
        assert_eq!(called.code, 0, "{target}: {}", called.err);
        assert!(
            called.out.contains("API Store example.acme/v1\n  ~ compatible type-widened size"),
            "{target}: {}",
            called.out
        );
        assert!(called.out.contains("changed\n"), "{target}: {}", called.out);
        assert!(called.out.lines().any(|line| line.starts_with("~ ")), "{target}: {}", called.out);
    }
}

#[test]
fn no_version_at_all_is_not_this_folder() {
    let folder = repository("diff-empty");
    for call in [&["check", "--against", ""][..], &["check", "--against", " "], &["diff", ""], &["diff", "main", ""]] {
        let called = folder.call(call);
        assert_eq!((called.code, called.out.as_str()), (2, ""), "{call:?}");
        assert!(called.err.contains("the version to compare with is empty"), "{call:?}: {}", called.err);
    }
}

#[test]
fn a_revision_is_of_one_project_that_is_named() {
    let other = "composite Other: example.acme/v1 { }\n";
    let files = [("a/tessera.toml", "[package]\nname = \"a\"\n"), ("a/a.tess", other)];
    let more = [("b/tessera.toml", "[package]\nname = \"b\"\n"), ("b/b.tess", other)];
    let folder = Folder::with("diff-several", &[files, more].concat());
    git(&folder, &["init", "-q"]);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-q", "-m", "one"]);
    for call in [&["diff", "main"][..], &["diff", "main", "a"], &["diff", "main", "main"]] {
        let called = folder.call(call);
        let said = "tessera: there are several projects here; name one with --project\n";
        assert_eq!((called.code, called.err.as_str()), (2, said), "{call:?}");
    }
    for call in [&["diff", "main", "--project", "b"][..], &["diff", "main", "b", "--project", "b"], &["diff", "a", "b"]]
    {
        assert_eq!(folder.call(call).err, "nothing differs\n", "{call:?}");
    }
    let called = folder.call(&["diff", "main", "main", "--project", "none"]);
    assert_eq!(called.code, 2);
    assert!(called.err.ends_with("none` is not the folder of a project\n"), "{}", called.err);
    folder.write("empty/readme", "");
    let called = folder.call(&["check", "a", "--against", "empty"]);
    assert_eq!(
        (called.code, called.err.contains("there are no files ending in .tess in `")),
        (2, true),
        "{}",
        called.err
    );
}
