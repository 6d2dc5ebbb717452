//! What the server says is what `tessera check` says: every diagnostic with its place, its text and its fixes,
//! for the examples, for every case of the suite and for texts that are broken at random; to clients that ask
//! for diagnostics and to those that are told.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use tessera_tests::corpus::{Random, example, examples, mutated, root};
use tessera_tests::lsp::texts::offset;
use tessera_tests::lsp::{Client, Options, Place};
use tessera_tests::suite::{Case, cases};

use crate::folder::Folder;

/// A diagnostic in a form that both notations come to.
type Said = BTreeMap<&'static str, Json>;

/// What `tessera check` says of a path, by file.
fn checked(folder: &Folder, path: &str) -> BTreeMap<String, Vec<Said>> {
    let called = folder.call(&["check", "--format", "json", path]);
    let report: Json =
        serde_json::from_str(&called.out).unwrap_or_else(|error| panic!("{error}: {} {}", called.code, called.err));
    let mut found: BTreeMap<String, Vec<Said>> = BTreeMap::new();
    for diagnostic in report["diagnostics"].as_array().unwrap() {
        let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
        let mut lines = vec![text(&diagnostic["message"]), text(&diagnostic["primary"]["message"])];
        lines.extend(diagnostic["notes"].as_array().unwrap().iter().map(|note| format!("Note: {}", text(note))));
        if let Some(help) = diagnostic["help"].as_str() {
            lines.push(format!("Help: {help}"));
        }
        lines.retain(|line| !line.is_empty());
        let spot = |spot: &Json| json!([spot["file"], spot["start"]["offset"], spot["end"]["offset"]]);
        // A place in the standard library has no URI.
        let secondary = diagnostic["secondary"].as_array().unwrap().iter();
        let secondary = secondary.filter(|label| !text(&label["file"]).starts_with("std/"));
        let secondary: Vec<Json> = secondary.map(|label| json!([spot(label), label["message"]])).collect();
        let fixes = diagnostic["fixes"].as_array().unwrap().iter().map(|fix| {
            let edits = fix["edits"].as_array().unwrap().iter().map(|edit| json!([spot(edit), edit["text"]]));
            // In a menu, titles begin with a capital letter.
            let title = text(&fix["title"]);
            let title = title.chars().take(1).flat_map(char::to_uppercase).chain(title.chars().skip(1));
            json!([title.collect::<String>(), fix["safe"], edits.collect::<Vec<_>>()])
        });
        let said = Said::from([
            ("code", diagnostic["code"].clone()),
            ("severity", diagnostic["severity"].clone()),
            ("message", json!(lines.join("\n"))),
            ("place", spot(&diagnostic["primary"])),
            ("secondary", json!(secondary)),
            ("fixes", json!(fixes.collect::<Vec<_>>())),
        ]);
        found.entry(text(&diagnostic["primary"]["file"])).or_default().push(said);
    }
    found
}

/// A folder, a server for it, and the texts that both read.
struct Served {
    client: Client,
    root: String,
    texts: BTreeMap<String, String>,
    /// Whether the client asks for diagnostics; otherwise it waits until it is told.
    asks: bool,
}

impl Served {
    fn new(folder: &Folder, asks: bool) -> Self {
        let root = folder.uri("");
        let mut options = Options { folders: vec![root.clone()], ..Options::default() };
        if !asks {
            options.capabilities["textDocument"].as_object_mut().unwrap().remove("diagnostic");
            // Nor does it watch files.
            options.capabilities["workspace"].as_object_mut().unwrap().remove("didChangeWatchedFiles");
        }
        let mut client = folder.presented(options);
        client.initialize().unwrap();
        Self { client, root, texts: BTreeMap::new(), asks }
    }

    fn path(&self, uri: &Json) -> String {
        uri.as_str().unwrap().strip_prefix(&format!("{}/", self.root)).unwrap().to_owned()
    }

    fn spot(&self, path: &str, range: &Json) -> Json {
        let text = &self.texts[path];
        let at = |key: &str| offset(text, Place::read(&range[key]).unwrap());
        json!([path, at("start"), at("end")])
    }

    /// Opens all texts.
    fn open(&mut self) {
        for (path, text) in self.texts.clone() {
            self.client.open(&format!("{}/{path}", self.root), &text).unwrap();
        }
    }

    /// Waits until the newest texts were compiled and everything about them was told.
    fn told(&mut self) {
        let is_new = |client: &Client| {
            client.documents.iter().all(|(uri, document)| {
                client.published.get(uri).is_some_and(|told| told["version"] == document.version)
            }) && client.notifications.last().is_some_and(|(method, _)| method == "tessera/changed")
        };
        self.client.wait_until("a compilation", is_new).unwrap();
    }

    /// What the server says of a file.
    fn said(&mut self, path: &str) -> Vec<Said> {
        let file = format!("{}/{path}", self.root);
        let found = if self.asks {
            self.client.diagnostics(&file).unwrap()
        } else {
            let told = self.client.published.get(&file);
            told.and_then(|told| told["diagnostics"].as_array()).cloned().unwrap_or_default()
        };
        found.iter().map(|diagnostic| self.read(path, diagnostic)).collect()
    }

    fn read(&mut self, path: &str, diagnostic: &Json) -> Said {
        let severity = ["error", "warning", "note"][diagnostic["severity"].as_u64().unwrap() as usize - 1];
        let related = diagnostic["relatedInformation"].as_array().cloned().unwrap_or_default();
        let related: Vec<Json> = related
            .iter()
            .map(|related| {
                let path = self.path(&related["location"]["uri"]);
                json!([self.spot(&path, &related["location"]["range"]), related["message"]])
            })
            .collect();
        Said::from([
            ("code", diagnostic["code"].clone()),
            ("severity", json!(severity)),
            ("message", diagnostic["message"].clone()),
            ("place", self.spot(path, &diagnostic["range"])),
            ("secondary", json!(related)),
            ("fixes", json!(self.fixes(path, diagnostic))),
        ])
    }

    /// The fixes that are offered at a diagnostic for it.
    fn fixes(&mut self, path: &str, diagnostic: &Json) -> Vec<Json> {
        let params = json!({
            "textDocument": { "uri": format!("{}/{path}", self.root) },
            "range": diagnostic["range"],
            "context": { "diagnostics": [diagnostic], "only": ["quickfix"] },
        });
        let actions = self.client.ask("textDocument/codeAction", params).unwrap();
        let mut fixes = Vec::new();
        for action in actions.as_array().into_iter().flatten() {
            if !action["diagnostics"].as_array().is_some_and(|of| of.contains(diagnostic)) {
                continue;
            }
            let mut edits = Vec::new();
            for change in action["edit"]["documentChanges"].as_array().unwrap() {
                let path = self.path(&change["textDocument"]["uri"]);
                for edit in change["edits"].as_array().unwrap() {
                    edits.push(json!([self.spot(&path, &edit["range"]), edit["newText"]]));
                }
            }
            fixes.push(json!([action["title"], action["isPreferred"] == json!(true), edits]));
        }
        fixes
    }
}

/// Compares what the server says with what is wanted of each file; the number of diagnostics.
fn compare(mut wanted: BTreeMap<String, Vec<Said>>, served: &mut Served, failures: &mut Vec<String>) -> usize {
    let mut count = 0;
    if !served.asks {
        served.told();
    }
    for path in served.texts.keys().cloned().collect::<Vec<_>>() {
        let mut wanted = wanted.remove(&path).unwrap_or_default();
        if !served.client.documents.contains_key(&format!("{}/{path}", served.root)) {
            // Fixes are offered for what is open.
            wanted.iter_mut().for_each(|said| _ = said.insert("fixes", json!([])));
        }
        let mut said = served.said(&path);
        // An editor offers more than a command line does: what is missing filled in, for example.
        for (said, wanted) in said.iter_mut().zip(&wanted) {
            let known = wanted["fixes"].as_array().unwrap();
            said.get_mut("fixes").unwrap().as_array_mut().unwrap().retain(|fix| known.contains(fix));
        }
        count += wanted.len();
        if said != wanted {
            let differs = wanted.iter().zip(&said).find(|(wanted, said)| wanted != said);
            let part = differs.map(|(wanted, said)| {
                let keys = wanted.keys().filter(|key| wanted.get(*key) != said.get(*key));
                keys.map(|key| format!("{key}: {} is said as {}", wanted[key], said[key]))
                    .collect::<Vec<_>>()
                    .join("\n")
            });
            failures.push(format!(
                "{}/{path}: {} are said as {}:\n{}",
                served.root,
                wanted.len(),
                said.len(),
                part.unwrap_or_default()
            ));
        }
    }
    for (path, left) in wanted {
        failures.push(format!("{}/{path}: nobody asked for {left:?}", served.root));
    }
    served.client.right().unwrap();
    count
}

#[test]
fn the_examples_are_checked_as_on_the_command_line() {
    let mut failures = Vec::new();
    for name in examples().unwrap() {
        let folder = Folder::new("example");
        let texts = example(&name).unwrap();
        for (path, text) in &texts {
            folder.write(path, text);
        }
        let mut served = Served::new(&folder, true);
        served.texts = texts.into_iter().collect();
        served.open();
        compare(checked(&folder, "."), &mut served, &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Once read from disk, and once as unsaved documents over something else.
#[test]
fn broken_texts_are_checked_as_on_the_command_line() {
    let cases = std::env::var("TESSERA_FUZZ_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(400_u64) / 20;
    let mut failures = Vec::new();
    let names = examples().unwrap();
    let corpus: Vec<String> = tessera_tests::corpus::texts().unwrap().into_iter().map(|(_, text)| text).collect();
    let mut count = 0;
    for seed in 0..cases {
        let mut random = Random::new(seed);
        let name = random.pick(&names).unwrap();
        let folder = Folder::new("broken");
        let mut texts: BTreeMap<String, String> = example(name).unwrap().into_iter().collect();
        for (path, text) in &mut texts {
            if !path.ends_with(".toml") || random.below(4) == 0 {
                *text = mutated(text, &corpus, &mut random);
            }
        }
        for (path, text) in &texts {
            folder.write(path, text);
        }
        let mut served = Served::new(&folder, seed % 2 == 0);
        served.texts = texts.clone();
        count += compare(checked(&folder, "."), &mut served, &mut failures);
        for path in texts.keys() {
            // Something else on disk, what is meant in the editor.
            if path.ends_with(".toml") {
                continue;
            }
            served.client.open(&folder.uri(path), "").unwrap();
        }
        for (path, text) in texts.iter().filter(|(path, _)| !path.ends_with(".toml")) {
            served.client.replace(&folder.uri(path), text).unwrap();
        }
        compare(checked(&folder, "."), &mut served, &mut failures);
        failures.iter_mut().for_each(|failure| failure.insert_str(0, &format!("seed {seed}: ")));
        if failures.len() > 3 {
            break;
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(count > 20, "only {count} diagnostics were compared");
}

/// A project in which each file is broken, that of the package and a definition too.
#[test]
fn a_broken_project_is_checked_as_on_the_command_line() {
    let package =
        "[package]\nname = \"Bad\"\nversion = \"0.1.0\"\nkubernetes = \"1.34..1.36\"\ncrds = [\"crds/*.yaml\"]\n";
    let files = [
        ("tessera.toml", package),
        ("crds/broken.yaml", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {}\n"),
        ("a.tess", "use \"./b.tess\" as b\nuse std.net\nlet ä = b.nothing // 𝄞\nlet 𝄞 = 1\nlet c: Int = \"é\"\n"),
        (
            "b.tess",
            "composite Store: acme.io/v1 {\n  param size: Int\n  resource a: apps/v1/Deployment {\n    spec: { replcas: 1 }\n  }\n}\n\
             Store one {\n  size: \"1\"\n}\nStore one {\n  size: 1\n}\n",
        ),
        ("one.yaml", "apiVersion: acme.io/v1\nkind: Store\nmetadata:\n  name: y\nspec:\n  sise: 2\n"),
    ];
    let folder = Folder::with("bad-project", &files);
    for asks in [true, false] {
        let mut failures = Vec::new();
        let mut served = Served::new(&folder, asks);
        served.texts = files.map(|(path, text)| (path.to_owned(), text.to_owned())).into();
        assert!(compare(checked(&folder, "."), &mut served, &mut failures) > 5);
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
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
    let folder = Folder::with("no-project", &files);
    let mut served = Served::new(&folder, false);
    served.texts = files.map(|(path, text)| (path.to_owned(), text.to_owned())).into();
    let mut failures = Vec::new();
    assert_eq!(compare(BTreeMap::new(), &mut served, &mut failures), 0);
    served.open();
    let mut wanted = BTreeMap::new();
    // A file of YAML that is no instance is not ours.
    for (path, _) in files.iter().filter(|(path, _)| *path != "other.yaml") {
        wanted.extend(checked(&folder, path));
    }
    assert!(compare(wanted, &mut served, &mut failures) > 0);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_change_on_disk_is_seen_though_the_client_does_not_tell() {
    let folder = Folder::with("on-disk", &[("tessera.toml", "[package]\nname = \"w\"\n"), ("a.tess", "let a = b\n")]);
    let file = folder.uri("a.tess");
    let mut served = Served::new(&folder, false);
    for text in ["let a = b\n", "let a = b\nlet c = d\n"] {
        folder.write("a.tess", text);
        let is_told = |client: &Client| {
            let told = client.published.get(&file).and_then(|told| told["diagnostics"].as_array());
            told.is_some_and(|told| told.len() == text.lines().count())
        };
        served.client.wait_until("a diagnostic of each line", is_told).unwrap();
    }
}

/// The cases of the suite, which have every diagnostic that there is.
#[test]
fn the_suite_is_checked_as_on_the_command_line() {
    let (mut failures, mut count) = (Vec::new(), 0);
    for (path, text) in cases(&root().join("tests/suite"), None).unwrap() {
        let case = Case::parse(&text).unwrap();
        let folder = Folder::new("suite");
        folder.write("tessera.toml", "[package]\nname = \"case\"\n");
        let texts: BTreeMap<String, String> = case.files.into_iter().map(|file| (file.path, file.text)).collect();
        // Two versions of one project are for `--against`.
        if texts.keys().any(|path| path.starts_with("before/")) {
            continue;
        }
        for (path, text) in &texts {
            folder.write(path, text);
        }
        let before = failures.len();
        let mut served = Served::new(&folder, true);
        served.texts = texts;
        served.open();
        count += compare(checked(&folder, "."), &mut served, &mut failures);
        failures[before..].iter_mut().for_each(|failure| failure.insert_str(0, &format!("{}: ", path.display())));
    }
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
    assert!(count > 300, "only {count} diagnostics were compared");
}
