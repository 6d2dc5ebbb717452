//! `tessera lsp` as a process: what it says is what `tessera check` says, and how it ends.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tessera_tests::corpus::root;

use crate::folder::Folder;

/// A client of the server; the streams are the process's or a socket's.
pub(crate) struct Client<R, W> {
    input: R,
    output: W,
    next: i64,
}

impl<R: BufRead + 'static, W: Write + 'static> Client<R, W> {
    /// The same, whatever its streams are.
    pub(crate) fn boxed(self) -> Client<Box<dyn BufRead>, Box<dyn Write>> {
        Client { input: Box::new(self.input), output: Box::new(self.output), next: self.next }
    }
}

impl<R: BufRead, W: Write> Client<R, W> {
    fn send(&mut self, message: Value) {
        let body = message.to_string();
        write!(self.output, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        self.output.flush().unwrap();
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.read();
            if message["id"] == id && message.get("method").is_none() {
                return message.get("error").or_else(|| message.get("result")).cloned().unwrap_or_default();
            }
        }
    }

    fn start(&mut self, folder: &Path) {
        let uri = format!("file://{}", folder.display());
        let capabilities = json!({
            "textDocument": { "publishDiagnostics": { "relatedInformation": true } },
            "general": { "positionEncodings": ["utf-32"] },
        });
        let folders = json!([{ "uri": uri, "name": "folder" }]);
        self.call("initialize", json!({ "capabilities": capabilities, "workspaceFolders": folders }));
        self.notify("initialized", json!({}));
    }

    pub(crate) fn leave(&mut self) {
        self.call("shutdown", Value::Null);
        self.notify("exit", Value::Null);
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.input.read_line(&mut line).unwrap() > 0, "the server is gone");
            match line.trim().split_once(": ") {
                Some((_, value)) => length = value.parse().unwrap(),
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.input.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// Everything that is published until a compilation ended: path and diagnostic.
    fn published(&mut self) -> Vec<(String, Value)> {
        let mut found = Vec::new();
        loop {
            let message = self.read();
            match message["method"].as_str() {
                Some("textDocument/publishDiagnostics") => {
                    let path = message["params"]["uri"].as_str().unwrap().trim_start_matches("file://").to_owned();
                    let all = message["params"]["diagnostics"].as_array().unwrap();
                    found.extend(all.iter().map(|one| (path.clone(), one.clone())));
                }
                Some("tessera/changed") => return found,
                _ => {}
            }
        }
    }
}

pub(crate) fn stdio(folder: &Folder) -> (Child, Client<impl BufRead + use<>, impl Write + use<>>) {
    let mut command = folder.command(&["lsp"]);
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (output, input) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
    (process, Client { input, output, next: 0 })
}

pub(crate) fn code(process: &mut Child) -> Option<i32> {
    let start = Instant::now();
    loop {
        if let Some(status) = process.try_wait().unwrap() {
            return status.code();
        }
        assert!(start.elapsed() < Duration::from_secs(20), "it goes on");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What a diagnostic says and where, in the words of the server.
fn of_server(folder: &Path, (path, one): &(String, Value)) -> Value {
    let path = Path::new(path).strip_prefix(folder).unwrap().to_string_lossy().into_owned();
    let point = |at: &Value| json!([at["line"], at["character"]]);
    let related: Vec<&Value> =
        one["relatedInformation"].as_array().into_iter().flatten().map(|related| &related["message"]).collect();
    let range = &one["range"];
    json!([path, one["code"], one["severity"], point(&range["start"]), point(&range["end"]), one["message"], related])
}

/// The same in the words of the command line.
fn of_check(one: &Value) -> Value {
    let primary = &one["primary"];
    let point = |at: &Value| json!([at["line"].as_i64().unwrap() - 1, at["column"].as_i64().unwrap() - 1]);
    let severity = ["error", "warning", "note"].iter().position(|word| one["severity"] == **word).unwrap() + 1;
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let mut lines = vec![one["message"].as_str().unwrap().to_owned()];
    lines.extend(primary["message"].as_str().filter(|label| !label.is_empty()).map(str::to_owned));
    lines.extend(texts(&one["notes"]).iter().map(|note| format!("Note: {note}")));
    lines.extend(one["help"].as_str().map(|help| format!("Help: {help}")));
    let standard = |label: &&Value| label["file"].as_str().unwrap().starts_with("std/");
    let related: Vec<&Value> = one["secondary"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|label| !standard(label))
        .map(|label| &label["message"])
        .collect();
    let (start, end) = (point(&primary["start"]), point(&primary["end"]));
    json!([primary["file"], one["code"], severity, start, end, lines.join("\n"), related])
}

/// The server says of the project in a folder what `tessera check` says there.
fn same(folder: &Folder) -> usize {
    let called = folder.call(&["check", "--format", "json"]);
    let checked: Value = serde_json::from_str(&called.out).unwrap();
    let checked: BTreeSet<String> =
        checked["diagnostics"].as_array().unwrap().iter().map(|one| of_check(one).to_string()).collect();
    let (mut process, mut client) = stdio(folder);
    client.start(folder.path());
    let published: BTreeSet<String> =
        client.published().iter().map(|one| of_server(folder.path(), one).to_string()).collect();
    assert_eq!(published, checked);
    client.leave();
    assert_eq!(code(&mut process), Some(0));
    checked.len()
}

#[test]
fn it_says_what_check_says() {
    let broken = [
        (
            "tessera.toml",
            "[package]\nname = \"Bad\"\nversion = \"0.1.0\"\nkubernetes = \"1.34..1.36\"\ncrds = [\"crds/*.yaml\"]\n",
        ),
        ("crds/broken.yaml", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {}\n"),
        ("a.tess", "use \"./b.tess\" as b\nuse std.net\nlet ä = b.nothing // 𝄞\nlet 𝄞 = 1\nlet c: Int = \"é\"\n"),
        (
            "b.tess",
            "composite Store: acme.io/v1 {\n  param size: Int\n  resource a: apps/v1/Deployment {\n    spec: { replcas: 1 }\n  }\n}\n\
             Store one {\n  size: \"1\"\n}\nStore one {\n  size: 1\n}\n",
        ),
        ("one.yaml", "apiVersion: acme.io/v1\nkind: Store\nmetadata:\n  name: y\nspec:\n  sise: 2\n"),
    ];
    assert!(same(&Folder::with("lsp-broken", &broken)) > 5);
}

#[test]
fn it_says_what_check_says_of_the_suite() {
    let mut folders = vec![root().join("tests/suite")];
    let folder = Folder::with("lsp-suite", &[("tessera.toml", "[package]\nname = \"suite\"\nversion = \"0.1.0\"\n")]);
    let mut count = 0;
    while let Some(here) = folders.pop() {
        let mut entries: Vec<_> = std::fs::read_dir(here).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "tess") {
                let text = std::fs::read(&path).unwrap();
                folder.write(&format!("case{count}.tess"), text);
                count += 1;
            }
        }
    }
    assert!(same(&folder) > 100, "{count} cases");
}

#[test]
fn files_of_no_project_are_checked_when_they_are_open() {
    let instance =
        |size: &str| format!("apiVersion: acme.io/v1\nkind: Store\nmetadata:\n  name: x\nspec:\n  size: {size}\n");
    let store = "composite Store: acme.io/v1 {\n  param size: Int\n  \
        resource r: v1/ConfigMap { data: { a: \"${size}\" } }\n}\n";
    let (good, bad) = (instance("1"), instance("large"));
    let other = "apiVersion: v1\nkind: ConfigMap\n";
    let files = [("store.tess", store), ("good.yaml", &good), ("bad.yaml", &bad), ("other.yaml", other)];
    let folder = Folder::with("lsp-loose", &files);
    let (mut process, mut client) = stdio(&folder);
    client.start(folder.path());
    assert_eq!(client.published(), []);
    for (path, text) in files {
        let language = if path.ends_with("tess") { "tessera" } else { "yaml" };
        let uri = format!("file://{}/{path}", folder.path().display());
        let document = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
        client.notify("textDocument/didOpen", json!({ "textDocument": document }));
        let published = client.published();
        let found: Vec<Value> = published.iter().map(|one| of_server(folder.path(), one)).collect();
        // A file of YAML that is no instance is not ours.
        let called = folder.call(&["check", path, "--format", "json"]);
        let checked: Value = serde_json::from_str(&called.out).unwrap();
        let checked: Vec<Value> = checked["diagnostics"].as_array().unwrap().iter().map(of_check).collect();
        assert_eq!(found, if path == "other.yaml" { Vec::new() } else { checked }, "{path}");
        assert!(path != "bad.yaml" || !found.is_empty());
    }
    client.leave();
    assert_eq!(code(&mut process), Some(0));
}

#[test]
fn a_change_on_disk_is_seen_though_the_client_does_not_tell() {
    let folder = Folder::with(
        "lsp-watch",
        &[("tessera.toml", "[package]\nname = \"w\"\nversion = \"0.1.0\"\n"), ("a.tess", "let a = b\n")],
    );
    let (mut process, mut client) = stdio(&folder);
    client.start(folder.path());
    assert_eq!(client.published().len(), 1);
    folder.write("a.tess", "let a = b\nlet c = d\n");
    while client.published().len() < 2 {}
    client.leave();
    assert_eq!(code(&mut process), Some(0));
}

#[test]
fn a_client_that_goes_without_a_word_is_an_end_and_no_fault_of_ours() {
    let folder = Folder::new("lsp-gone");
    let called = folder.call_with(&["lsp", "--stdio"], b"Content-Length: 2\r\n\r\n{}");
    assert_eq!((called.code, called.err.as_str()), (1, ""));
    assert!(called.out.contains("-32600"), "{}", called.out);
}

#[test]
fn one_connection_is_served_over_tcp() {
    let folder = Folder::new("lsp-tcp");
    let mut process = folder.command(&["lsp", "--tcp", "127.0.0.1:0"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(process.stderr.take().unwrap()).read_line(&mut said).unwrap();
    let address = said.trim().strip_prefix("listening on ").unwrap();
    let stream = TcpStream::connect(address).unwrap();
    let mut client = Client { input: BufReader::new(stream.try_clone().unwrap()), output: stream, next: 0 };
    client.start(folder.path());
    client.leave();
    assert_eq!(code(&mut process), Some(0));
    let called = folder.call(&["lsp", "--tcp", "nowhere"]);
    assert_eq!(called.code, 2);
    assert!(called.err.contains("`nowhere` is no HOST:PORT"), "{}", called.err);
}
