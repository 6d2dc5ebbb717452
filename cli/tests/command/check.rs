//! `tessera check`, and how it finds what to check.

use serde_json::Value;

use crate::folder::{Folder, STORE};
use crate::project::PROJECT;

const MISSPELT: &str = "resource a: v1/ConfigMap {\n  dta: { x: \"y\" }\n}\n";

#[test]
fn a_sound_project_ends_with_0_and_says_so_on_the_error_stream() {
    let folder = Folder::with("check-sound", PROJECT);
    let called = folder.call(&["check"]);
    assert_eq!((called.code, called.out.as_str()), (0, ""));
    assert_eq!(called.err, "3 files and 2 instances checked: no problems\n");
}

#[test]
fn what_is_wrong_is_drawn_with_its_place_and_ends_with_1() {
    let folder = Folder::with("check-wrong", &[("a.tess", MISSPELT)]);
    let called = folder.call(&["check", "a.tess"]);
    assert_eq!((called.code, called.out.as_str()), (1, ""));
    assert!(called.err.contains("error[E0302]") && called.err.contains("a.tess:2:3"), "{}", called.err);
    assert!(called.err.ends_with("1 error in 1 file; `tessera explain E0302` says more\n"), "{}", called.err);
}

#[test]
fn machines_read_standard_output_only() {
    let folder = Folder::with("check-formats", &[("a.tess", MISSPELT)]);
    for format in ["json", "sarif"] {
        let called = folder.call(&["check", "a.tess", "--format", format]);
        assert_eq!((called.code, called.err.as_str()), (1, ""));
        let parsed: Value = serde_json::from_str(&called.out).unwrap();
        assert!(parsed.is_object());
    }
    let called = folder.call(&["check", "a.tess", "--format", "github"]);
    assert!(called.out.starts_with("::error file=a.tess,line=2,"), "{}", called.out);
    let folder = Folder::with("check-formats-sound", PROJECT);
    let parsed: Value = serde_json::from_str(&folder.call(&["check", "--format", "json"]).out).unwrap();
    assert_eq!(parsed["errors"], 0);
}

#[test]
fn warnings_fail_only_when_they_are_denied() {
    let text = "module a\n\nprivate let unused = 1\n";
    let folder = Folder::with("check-deny", &[("a.tess", text)]);
    let called = folder.call(&["check", "a.tess"]);
    assert!(called.code == 0 && called.err.contains("W0801"), "{}", called.err);
    assert_eq!(folder.call(&["check", "a.tess", "--deny-warnings"]).code, 1);
}

#[test]
fn fixes_are_applied_and_the_rest_is_reported() {
    let text = "resource a: v1/ConfigMap {\n  dta: { x: \"y\" }\n  nothing-like-it: 1\n}\n";
    let folder = Folder::with("check-fix", &[("a.tess", text)]);
    let called = folder.call(&["check", "a.tess", "--fix"]);
    assert_eq!(called.code, 1);
    assert_eq!(folder.read("a.tess"), text.replace("dta", "data"));
    assert!(called.err.contains("1 fix applied") && called.err.contains("nothing-like-it"), "{}", called.err);
    assert_eq!(folder.list("."), ["a.tess"], "nothing is left beside it");
}

#[cfg(unix)]
#[test]
fn a_fixed_file_keeps_its_rights_and_its_link() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::with("check-fix-link", &[("real/a.tess", MISSPELT)]);
    let real = folder.path().join("real/a.tess");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("real/a.tess", folder.path().join("link.tess")).unwrap();
    assert_eq!(folder.call(&["check", "link.tess", "--fix"]).code, 0);
    assert!(folder.path().join("link.tess").is_symlink());
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(folder.read("real/a.tess").contains("data:"));
}

#[test]
fn the_project_is_found_from_below_and_shown_from_here() {
    let folder = Folder::with("check-below", PROJECT);
    folder.write("src/one.tess", "use shop.store.{ Store }\n\nStore one {\n  size: 11\n}\n");
    let mut command = folder.command(&["check"]);
    let output = command.current_dir(folder.path().join("instances")).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("../src/one.tess:4:9"), "{said}");
    let called = folder.call(&["check", "--project", "."]);
    assert!(called.err.contains(" src/one.tess:4:9"), "{}", called.err);
}

#[test]
fn hidden_folders_targets_caches_and_inner_projects_are_not_searched() {
    let folder = Folder::with("check-skips", PROJECT);
    for path in [".git/a.tess", ".hidden/a.tess", "target/a.tess", "cache/a.tess", "inner/a.tess", ".a.tess"] {
        folder.write(path, "what is this\n");
    }
    folder.write("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n");
    folder.write("inner/tessera.toml", "[package]\nname = \"inner\"\n");
    let called = folder.call(&["check"]);
    assert_eq!(called.code, 0, "{}", called.err);
    assert_eq!(folder.call(&["check", "inner"]).code, 1);
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_end() {
    let folder = Folder::with("check-links", PROJECT);
    std::os::unix::fs::symlink("..", folder.path().join("src/up")).unwrap();
    std::os::unix::fs::symlink("self", folder.path().join("src/self")).unwrap();
    assert_eq!(folder.call(&["check"]).err, "3 files and 2 instances checked: no problems\n");
}

#[test]
fn patterns_reach_below_folders_and_into_projects() {
    let folder =
        Folder::with("check-patterns", &[("a/tessera.toml", "[package]\nname = \"a\"\n"), ("a/src/x.tess", MISSPELT)]);
    folder.write("b/y.tess", MISSPELT);
    let called = folder.call(&["check", "**/*.tess"]);
    assert!(called.err.contains("a/src/x.tess:2:3") && called.err.contains("b/y.tess:2:3"), "{}", called.err);
    assert!(!folder.call(&["check", "*/*.tess"]).err.contains("a/src"));
    let called = folder.call(&["check", "c/**/*.tess"]);
    assert_eq!((called.code, called.err.as_str()), (2, "tessera: no file matches `c/**/*.tess`\n"));
}

#[test]
fn a_yaml_instance_alone_is_checked_against_its_project() {
    let folder = Folder::with("check-yaml", PROJECT);
    folder.write("src/broken.tess", "module shop.broken\n\nlet x: Int = \"no\"\n");
    let called = folder.call(&["check", "instances/two.yaml"]);
    assert_eq!(called.code, 0, "what it does not need does not matter: {}", called.err);
    folder.write(
        "instances/two.yaml",
        "apiVersion: example.acme/v1\nkind: Store\nmetadata:\n  name: two\nspec:\n  size: 12\n",
    );
    let called = folder.call(&["check", "instances/two.yaml"]);
    assert!(
        called.code == 1 && called.err.contains("instances/two.yaml:6:9") && called.err.contains("at most nine"),
        "{}",
        called.err
    );
}

#[test]
fn a_yaml_file_without_an_instance_is_an_error_only_when_it_is_named() {
    let folder = Folder::with("check-other-yaml", PROJECT);
    folder.write("other.yaml", "a: 1\na: no\n");
    folder.write("deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: x }\n");
    assert_eq!(folder.call(&["check"]).code, 0);
    let called = folder.call(&["check", "deployment.yaml"]);
    assert!(
        called.code == 1 && called.err.contains("E0903") && called.err.contains("Store (example.acme/v1)"),
        "{}",
        called.err
    );
}

#[test]
fn files_without_a_project_are_one_together() {
    let folder = Folder::with("check-loose", &[("store.tess", STORE)]);
    folder.write("one.yaml", "apiVersion: example.acme/v1\nkind: Store\nmetadata:\n  name: one\nspec:\n  size: 1\n");
    assert_eq!(folder.call(&["check", "one.yaml"]).err, "1 file and 1 instance checked: no problems\n");
}

#[test]
fn an_empty_folder_is_a_wrong_call() {
    let called = Folder::new("check-empty").call(&["check", "."]);
    assert_eq!(called.code, 2, "{}", called.err);
}

#[test]
fn a_wrong_project_file_is_reported_in_it() {
    let folder = Folder::with("check-project", PROJECT);
    folder.write("tessera.toml", "[package]\nname = \"shop\"\nverison = \"1.0.0\"\n");
    let called = folder.call(&["check"]);
    assert!(
        called.code == 1 && called.err.contains("tessera.toml:3:1") && called.err.contains("E0901"),
        "{}",
        called.err
    );
    assert_eq!(folder.call(&["check", "--fix"]).code, 0);
    assert!(folder.read("tessera.toml").contains("version ="));
}

#[cfg(unix)]
#[test]
fn watching_checks_again_after_a_change_and_ends_at_ctrl_c() {
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;
    let folder = Folder::with("check-watch", PROJECT);
    let mut child = folder.command(&["check", "--watch"]).stderr(Stdio::piped()).spawn().unwrap();
    let id = child.id().to_string();
    let signal = move |name: &str| std::process::Command::new("kill").args([name, &id]).status().unwrap();
    let (hurry, done) = std::sync::mpsc::channel::<()>();
    let last_resort = signal.clone();
    // A test that waits for ever helps nobody.
    std::thread::spawn(move || {
        if done.recv_timeout(std::time::Duration::from_secs(30)) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            last_resort("-KILL");
        }
    });
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut until = |part: &str| lines.by_ref().find(|line| line.contains(part)).unwrap();
    until("no problems");
    until("waiting for changes");
    folder.write("src/one.tess", "use shop.store.{ Store }\n\nStore one {\n  size: 12\n}\n");
    until("at most nine");
    until("waiting for changes");
    assert!(signal("-INT").success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    drop(hurry);
}

/// Outside a project only what is named counts, and what it imports.
#[test]
fn neighbours_of_named_files_are_no_part_of_the_call() {
    let folder = Folder::new("check-neighbours");
    folder.write("x.tess", "use acme.lib\n\ncomposite A: acme.example/v1 {\n  param size: Int\n  resource r: v1/ConfigMap { data: { size: lib.text(size) } }\n}\n");
    folder.write("lib.tess", "module acme.lib\n\nfn text(n: Int) -> String = \"${n}\"\n");
    folder.write("other.tess", "composite A: acme.example/v1 {\n  param m: String\n");
    folder.write("i.yaml", "apiVersion: acme.example/v1\nkind: A\nmetadata: { name: i }\nspec: { size: 1 }\n");
    let called = folder.call(&["check", "x.tess", "i.yaml"]);
    assert_eq!(called.code, 0, "{}", called.err);
    assert!(folder.call(&["build", "x.tess", "i.yaml"]).out.contains("size: \"1\""));
}
