//! Every example builds without a warning, and says in its README how.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tessera_tests::corpus::examples;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

fn tessera(example: &str, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tessera"))
        .args(args)
        .current_dir(folder().join(example))
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

#[test]
fn every_example_builds_without_a_word() {
    for example in &examples().unwrap() {
        let output = tessera(example, &["build"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{example}: {said}");
        assert!(output.stdout.starts_with(b"apiVersion: "), "{example}");
    }
}

/// An instance is built as well where its file alone is named, and comes to the same.
#[test]
fn every_instance_builds_alone() {
    let mut built = 0;
    for example in &examples().unwrap() {
        let whole = tessera(example, &["build"]);
        let whole = String::from_utf8_lossy(&whole.stdout);
        let files = [folder().join(example), folder().join(example).join("instances")];
        let files = files.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
        for path in files.map(|entry| entry.unwrap().path()) {
            if !path.extension().is_some_and(|e| e == "tess" || e == "yaml") {
                continue;
            }
            let name = path.to_string_lossy();
            let output = tessera(example, &["build", &name]);
            let said = String::from_utf8_lossy(&output.stderr);
            let is_type = said.contains("nothing to build");
            assert!(output.status.success() && (is_type || said.is_empty()), "{name}: {said}");
            let text = String::from_utf8(output.stdout).unwrap();
            for object in text.split("---\n").filter(|object| !object.is_empty()) {
                assert!(whole.contains(object.trim_end()), "{name}: {object}");
            }
            built += usize::from(!text.is_empty());
        }
    }
    assert!(built >= 8, "{built}");
}

#[test]
fn every_example_is_formatted() {
    for example in &examples().unwrap() {
        let output = tessera(example, &["fmt", "--check"]);
        assert!(output.status.success(), "{example}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn the_commands_of_every_readme_work() {
    for example in &examples().unwrap() {
        let readme = std::fs::read_to_string(folder().join(example).join("README.md")).unwrap();
        let commands: Vec<&str> = readme.lines().filter_map(|line| line.strip_prefix("tessera ")).collect();
        assert!(!commands.is_empty(), "{example}");
        for command in commands {
            let args: Vec<&str> = command.split_whitespace().take_while(|word| *word != "#").collect();
            let output = tessera(example, &args);
            assert!(output.status.success(), "{example}: {command}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

/// The instance of the project's source material has upper case in its address;
/// an Ingress takes lower case only.
#[test]
fn an_address_in_upper_case_becomes_a_valid_host() {
    let output = tessera("financial-backend", &["build", "--instance", "tenantabc-eu-west"]);
    let built = String::from_utf8_lossy(&output.stdout);
    assert!(built.contains("host: tenantabc-eu-west.financialone.acme"), "{built}");
    assert!(built.contains("PUBLIC_URL: \"https://tenantABC-eu-west.financialone.acme\""), "{built}");
}
