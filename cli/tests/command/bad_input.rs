//! What bad input gets: a clear error at the right place, the documented exit
//! code, no panic, and nothing overwritten.

use std::time::{Duration, Instant};

use crate::folder::Folder;
use crate::project::PROJECT;

/// A file that is checked, what must be said of it, and where.
struct Case {
    name: &'static str,
    text: Vec<u8>,
    code: &'static str,
    place: &'static str,
}

fn case(name: &'static str, text: impl Into<Vec<u8>>, code: &'static str, place: &'static str) -> Case {
    Case { name, text: text.into(), code, place }
}

const DEPLOYMENT: &str = r#"resource web: apps/v1/Deployment {
  spec: {
    selector: { matchLabels: { app: "web" } }
    template: {
      metadata: { labels: { app: "web" } }
      spec: {
        containers: [{ name: "web", image: "nginx:1.29", resources: { limits: { memory: 64Mi } }, lifecycle: { preStop: { httpGet: { port: 80, httpHeaders: [{ name: "a", value: "b" }] } } } }]
      }
    }
  }
}
"#;

fn cases() -> Vec<Case> {
    let changed = |from: &str, to: &str| DEPLOYMENT.replace(from, to);
    let nested = |open: &str, close: &str| format!("let x = {}{}\n", open.repeat(100_000), close.repeat(100_000));
    vec![
        case("unknown-field", changed("image:", "imgae:"), "E0302", "7:37"),
        case("deep-type", changed("value: \"b\"", "value: 7"), "E0301", "7:178"),
        case("required-field", changed("    selector: { matchLabels: { app: \"web\" } }\n", ""), "E0303", "2:3"),
        case("wrong-unit", changed("64Mi", "64m"), "E0307", "7:89"),
        case("unknown-kind", changed("apps/v1/Deployment", "apps/v1/Deploymnet"), "E0401", "1:15"),
        case(
            "cycle",
            "resource a: v1/ConfigMap { data: { x: b.metadata.uid } }\nresource b: v1/ConfigMap { data: { x: a.metadata.uid } }\n",
            "E0601",
            "1:39",
        ),
        case("duplicate-name", "let a = 1\nlet a = 2\n", "E0202", "2:5"),
        case("missing-import", "use \"./none.tess\" as none\n\nlet a = none.b\n", "E0203", "1:5"),
        case("missing-module", "use acme.none\n\nlet a = none.b\n", "E0203", "1:5"),
        case("keyword", "resorce web: v1/ConfigMap {}\n", "E0104", "1:1"),
        case("binary", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe".to_vec(), "E0002", ""),
        case("latin-1", b"let a = \"caf\xe9\"\n".to_vec(), "E0002", ""),
        case("nul", "let a = \"\0\"\n", "E0004", "1:10"),
        case("braces", nested("{ a: ", "}"), "E0005", ""),
        case("parentheses", nested("(", ")"), "E0005", ""),
        case("open-braces", format!("let x = {}\n", "{".repeat(100_000)), "E0005", ""),
        case("interpolations", format!("let x = {}\n", "\"${".repeat(100_000)), "E0005", ""),
        case(
            "unclosed",
            "composite A: example.acme/v1 {\n  resource b: v1/ConfigMap {\n    data: { x: \"y\"\n  }\n}\n\nlet c = 1\n",
            "E0102",
            "",
        ),
        case("string", "let a = \"abc\nlet b = 1\n", "E0103", "1:9"),
    ]
}

#[test]
fn each_mistake_has_its_code_and_place() {
    let folder = Folder::new("bad");
    let mut wrong = String::new();
    for Case { name, text, code, place } in cases() {
        let file = format!("{name}.tess");
        folder.write(&file, &text);
        let start = Instant::now();
        let called = folder.call(&["check", &file]);
        let said = &called.err;
        let built = folder.call(&["build", &file]);
        if built.code != 1 || !built.out.is_empty() || !built.err.contains(code) {
            wrong.push_str(&format!("== {name}: build ended with {}, printed {:?}\n", built.code, built.out));
        }
        let placed = place.is_empty() || said.contains(&format!("{file}:{place} "));
        let sum = format!("1 error in 1 file; `tessera explain {code}`");
        if called.code != 1 || !called.out.is_empty() || !said.contains(code) || !placed || !said.contains(&sum) {
            wrong.push_str(&format!("== {name}: {code} at {place} expected, ended with {}\n{said}", called.code));
        }
        if start.elapsed() > Duration::from_secs(10) {
            wrong.push_str(&format!("== {name} took {:?}\n", start.elapsed()));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn line_ends_tabs_and_a_mark_at_the_start_are_fine() {
    let folder = Folder::new("bad-fine");
    let text = "let a = 1\nlet b = a + 1\n";
    for (name, text) in
        [("crlf", text.replace('\n', "\r\n")), ("tabs", text.replace(' ', "\t")), ("mark", format!("\u{feff}{text}"))]
    {
        folder.write(&format!("{name}.tess"), text);
        let called = folder.call(&["check", &format!("{name}.tess")]);
        assert_eq!(called.code, 0, "{name}: {}", called.err);
    }
    folder.write("built.tess", "\u{feff}resource a: v1/ConfigMap {\r\n\tdata: { b: \"c\" }\r\n}\r\n");
    let built = folder.call(&["build", "built.tess"]);
    assert_eq!(built.out, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  b: c\n", "{}", built.err);
    folder.write("wrong.tess", "\u{feff}let a = 1\r\n\tlet b = nothing\r\n");
    let called = folder.call(&["check", "wrong.tess"]);
    assert!(called.err.contains("wrong.tess:2:10"), "{}", called.err);
}

#[test]
fn a_huge_file_is_not_read() {
    let folder = Folder::new("bad-huge");
    let file = std::fs::File::create(folder.path().join("huge.tess")).unwrap();
    file.set_len(100 << 20).unwrap();
    let start = Instant::now();
    let called = folder.call(&["check", "huge.tess"]);
    assert!(called.code == 1 && called.err.contains("E0003") && called.err.contains("104857600"), "{}", called.err);
    assert!(start.elapsed() < Duration::from_secs(2));
    let called = folder.call_with(&["build", "-"], &vec![b' '; 17 << 20]);
    assert!(called.code == 1 && called.err.contains("E0003"), "{}", called.err);
}

#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_refused_or_bounded() {
    let folder = Folder::with("bad-special", PROJECT);
    std::fs::create_dir(folder.path().join("folder.tess")).unwrap();
    let called = folder.call(&["check", "folder.tess"]);
    assert!(called.code == 1 && called.err.contains("`folder.tess` is a directory"), "{}", called.err);
    folder.write("import.tess", "use \"./folder.tess\" as x\n\nlet a = x.b\n");
    let called = folder.call(&["check", "import.tess"]);
    let placed = called.err.contains("import.tess:1:5") && called.err.contains("`folder.tess` is a directory");
    assert!(called.code == 1 && placed, "{}", called.err);
    let called = folder.call(&["check", "missing.tess"]);
    assert!(called.code == 1 && called.err.contains("there is no file `missing.tess`"), "{}", called.err);
    let called = folder.call(&["check", "tessera.toml/x.tess"]);
    assert!(called.code == 1 && called.err.contains("E0001"), "{}", called.err);
    let called = folder.call(&["build", "src", "--observed", "/dev/zero"]);
    assert!(called.code == 1 && called.err.contains("E0003"), "{}", called.err);
    let called = folder.call(&["build", "src", "--observed", "src"]);
    assert!(called.code == 1 && called.err.contains("is a directory"), "{}", called.err);
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("bad-rights");
    folder.write("a.tess", "let a = 1\n");
    let path = folder.path().join("a.tess");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    // The administrator may read everything.
    if std::fs::read(&path).is_err() {
        let called = folder.call(&["check", "a.tess"]);
        assert!(called.code == 1 && called.err.contains("E0001"), "{}", called.err);
    }
}

#[cfg(unix)]
#[test]
fn what_the_system_refuses_ends_with_3() {
    let folder = Folder::new("bad-unreadable");
    // Reading this file is an I/O error for everybody, root included.
    std::os::unix::fs::symlink("/proc/self/mem", folder.path().join("refused.tess")).unwrap();
    let called = folder.call(&["check", "refused.tess"]);
    assert!(called.code == 3 && called.err.contains("cannot read `refused.tess`"), "{}: {}", called.code, called.err);
}

#[test]
fn bad_yaml_is_shown_in_the_yaml() {
    let folder = Folder::with("bad-yaml", PROJECT);
    let head = "apiVersion: example.acme/v1\nkind: Store\nmetadata:\n  name: two\n";
    for (text, code, place) in [
        ("spec:\n  sizes: 2\n", "E0302", "6:3"),
        ("spec:\n  size: \"2\"\n", "E0301", "6:9"),
        ("spec: {}\n", "E0303", ""),
        ("spec:\n  size: 2\n  size: 3\n", "E0902", "7:3"),
        ("spec:\n\tsize: 2\n", "E0902", ""),
        ("spec: [\n", "E0902", ""),
    ] {
        folder.write("instances/two.yaml", format!("{head}{text}"));
        let called = folder.call(&["check"]);
        let placed = place.is_empty() || called.err.contains(&format!("instances/two.yaml:{place} "));
        assert!(called.code == 1 && called.err.contains(code) && placed, "{text}: {}", called.err);
    }
    folder.write("instances/two.yaml", head.replace("Store", "Stoer"));
    let called = folder.call(&["check"]);
    assert!(called.code == 1 && called.err.contains("replace it with `Store`"), "{}", called.err);
}
