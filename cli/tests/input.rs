//! What bad input gets: an error at its place with a code of the table, the
//! documented exit code, no panic, and nothing half written.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The user's input is wrong.
const INPUT: i32 = 1;
/// An empty folder of a test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("input").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn tessera(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tessera"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1").stdin(Stdio::null()).output().unwrap()
}

/// Checks that the arguments give this exit code and, on the error output,
/// this text; and that it took no longer than a person would wait.
fn refused(folder: &Path, arguments: &[&str], exit: i32, text: &str) {
    let started = Instant::now();
    let output = tessera(folder, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit), "{arguments:?} says:\n{said}");
    assert!(said.contains(text), "{arguments:?} does not say `{text}` but:\n{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert!(output.stdout.is_empty(), "nothing is printed where nothing is built");
    assert!(started.elapsed() < Duration::from_secs(20), "{arguments:?} takes {:?}", started.elapsed());
}

/// Checks that a file with this content is refused.
fn file_is_refused(name: &str, content: &[u8], exit: i32, text: &str) {
    let folder = folder(name);
    fs::write(folder.join("a.tess"), content).unwrap();
    refused(&folder, &["check", "a.tess"], exit, text);
    refused(&folder, &["build", "a.tess"], exit, text);
}

#[test]
fn a_file_that_is_not_there() {
    refused(&folder("missing"), &["check", "nowhere.tess"], INPUT, "E0001");
}

#[test]
fn a_folder_where_a_file_is_expected() {
    let folder = folder("directory");
    fs::create_dir(folder.join("x.tess")).unwrap();
    fs::write(folder.join("a.tess"), "use \"./x.tess\" as x\nlet a = x.b\n").unwrap();
    refused(&folder, &["check", "a.tess"], INPUT, "x.tess");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder("unreadable");
    let path = folder.join("a.tess");
    fs::write(&path, "let a = 1\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    // The administrator may read everything.
    if fs::read(&path).is_err() {
        refused(&folder, &["check", "a.tess"], INPUT, "E0001");
    }
}

#[test]
fn a_file_that_is_not_utf8() {
    file_is_refused("not-utf8", b"let a = \"\xff\xfe\"\n", INPUT, "E0002");
}

#[test]
fn a_binary_file() {
    let elf: Vec<u8> = (0..20_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    file_is_refused("binary", &elf, INPUT, "E0002");
}

#[test]
fn a_file_of_a_hundred_megabytes() {
    file_is_refused("large", &vec![b' '; 100_000_000], INPUT, "E0003");
}

#[test]
fn a_hundred_thousand_braces() {
    file_is_refused("braces", &[b'{'; 100_000], INPUT, "error[E0");
}

#[test]
fn a_misspelt_keyword() {
    file_is_refused("keyword", b"compositt A: a.b/v1 { }\n", INPUT, "E0104");
}

#[test]
fn a_missing_import() {
    file_is_refused("import", b"use \"./nowhere.tess\" as n\nlet a = n.b\n", INPUT, "E0203");
}

#[test]
fn an_unclosed_brace_in_the_middle() {
    file_is_refused("brace", b"let a = {\n  b: 1\n\nlet c = 2\ntype D = Int\n", INPUT, "E0102");
}

#[test]
fn a_yaml_instance_that_is_wrong() {
    let folder = folder("yaml");
    fs::write(
        folder.join("a.tess"),
        "composite A: a.b/v1 {\n  param n: Int\n  resource r: v1/ConfigMap { data: { n: \"${n}\" } }\n}\n",
    )
    .unwrap();
    fs::write(folder.join("i.yaml"), "apiVersion: a.b/v1\nkind: A\nmetadata: { name: i }\nspec:\n  n: many\n").unwrap();
    refused(&folder, &["check", "a.tess", "i.yaml"], INPUT, "i.yaml:5:6");
}

/// Tabs, carriage returns and a byte order mark are fine.
#[test]
fn tabs_line_ends_and_a_byte_order_mark_are_fine() {
    let folder = folder("fine");
    fs::write(folder.join("a.tess"), "\u{feff}resource a: v1/ConfigMap {\r\n\tdata: { b: \"c\" }\r\n}\r\n").unwrap();
    let output = tessera(&folder, &["build", "a.tess"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let expected = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  b: c\n";
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

/// What was there before a failed build is there after it.
#[test]
fn nothing_is_overwritten_by_half() {
    let folder = folder("half");
    let built =
        |arguments: &[&str]| tessera(&folder, &[&["build", "a.tess", "--out"], arguments].concat()).status.code();
    fs::write(folder.join("a.tess"), "resource a: v1/ConfigMap { data: { b: \"1\" } }\n").unwrap();
    assert_eq!((built(&["one.yaml"]), built(&["all", "--split"])), (Some(0), Some(0)));
    let kept = || (fs::read_to_string(folder.join("one.yaml")).unwrap(), contents(&folder.join("all")));
    let before = kept();
    assert!(before.0.contains("b: \"1\"") && before.1.len() == 1, "{before:?}");
    fs::write(folder.join("a.tess"), "resource a: v1/ConfigMap { dta: { b: \"2\" } }\n").unwrap();
    assert_eq!((built(&["one.yaml"]), built(&["all", "--split"])), (Some(INPUT), Some(INPUT)));
    assert_eq!(kept(), before);
}

/// The names and texts of the files in a folder.
fn contents(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut found: Vec<_> = entries
        .map(|e| (e.file_name().into_string().unwrap(), fs::read_to_string(e.path()).unwrap_or_default()))
        .collect();
    found.sort();
    found
}

#[test]
fn a_wrong_call() {
    for arguments in [&["chekc"][..], &["check", "--nonsense"], &["build", "--format", "nonsense"]] {
        let output = tessera(&folder("call"), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty());
    }
}
