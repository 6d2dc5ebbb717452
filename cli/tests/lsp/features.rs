//! What the server answers an editor that says little of itself: two projects, one of which uses the other,
//! and YAML.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tessera_tests::lsp::texts::{edited, place};
use tessera_tests::lsp::{Client, Options};

use crate::folder::Folder;

const LIB: &str = "module limits\n/// Doubles.\nfn twice(n: Int) -> Int = n * 2\ntype Size = \"s\" | \"l\"\n";
const APP: &str = "use base.limits.{ twice as double, Size }\nuse std.labels\n\n\
    /// A \u{1F600} shop.\ncomposite Shop: acme.example/v1 {\n  /// Who.\n  param owner: String\n  param size: Size = \"s\"\n  \
    let many = double(2)\n  resource settings: v1/ConfigMap { data: { owner, many: \"${many}\" } }\n  lease 8h\n}\n\
    Shop one { owner: \"me\" }\nlet l = labels.recommended({ name: \"x\" })\n";
const YAML: &str = "apiVersion: acme.example/v1\nkind: Shop\nmetadata:\n  name: two\nspec:\n  owner: you\n";

fn workspace(name: &str) -> Folder {
    Folder::with(
        name,
        &[
            ("base/tessera.toml", "[package]\nname = \"base\"\nversion = \"0.1.0\"\n"),
            ("base/limits.tess", LIB),
            (
                "app/tessera.toml",
                "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nbase = { path = \"../base\" }\n",
            ),
            ("app/shop.tess", APP),
            ("app/two.yaml", YAML),
        ],
    )
}

struct Session<'a> {
    client: Client,
    folder: &'a Folder,
}

impl Session<'_> {
    fn uri(&self, path: &str) -> String {
        self.folder.uri(path)
    }

    /// What a request comes to, an error too.
    fn call(&mut self, method: &str, params: Value) -> Value {
        self.client.answer(method, params).unwrap().result.unwrap_or_else(|error| error)
    }

    /// A request about the place of `$0` in a part of a file.
    fn ask(&mut self, method: &str, path: &str, part: &str, more: Value) -> Value {
        let text = self.folder.read(path);
        let plain = part.replace("$0", "");
        let at = text.find(&plain).unwrap_or_else(|| panic!("no {plain:?}")) + part.find("$0").unwrap();
        let mut params = json!({ "textDocument": { "uri": self.uri(path) }, "position": place(&text, at).json() });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.call(method, params)
    }

    fn of(&mut self, method: &str, path: &str) -> Value {
        self.call(method, json!({ "textDocument": { "uri": self.uri(path) } }))
    }
}

fn session(name: &str, run: impl FnOnce(&mut Session<'_>)) {
    let folder = workspace(name);
    let capabilities = json!({
        "textDocument": { "definition": { "linkSupport": true }, "rename": { "prepareSupport": true } },
        "workspace": { "workspaceEdit": { "documentChanges": true } },
    });
    let commands = ["tessera.preview", "tessera.graph", "tessera.showReferences", "tessera.content"];
    let options = Options {
        capabilities,
        options: Some(json!({ "commands": commands })),
        folders: vec![folder.uri("base"), folder.uri("app")],
        ..Options::default()
    };
    let mut session = Session { client: folder.presented(options), folder: &folder };
    session.client.initialize().unwrap();
    for path in ["app/shop.tess", "app/two.yaml", "base/limits.tess"] {
        session.client.open(&folder.uri(path), &folder.read(path)).unwrap();
    }
    run(&mut session);
    assert!(session.client.shutdown().unwrap().success());
}

#[test]
fn hover_definitions_and_uses() {
    session("lsp-names", |s| {
        let none = || json!({});
        let told = s.ask("textDocument/hover", "app/shop.tess", "= dou$0ble", none());
        assert!(told["contents"]["value"].as_str().unwrap().contains("fn twice(n: Int) -> Int"), "{told}");
        let told = s.ask("textDocument/hover", "app/two.yaml", "  own$0er", none());
        assert!(told["contents"]["value"].as_str().unwrap().contains("Who."), "{told}");
        assert_eq!(
            told["range"],
            json!({ "start": { "line": 5, "character": 2 }, "end": { "line": 5, "character": 7 } })
        );

        let goals = s.ask("textDocument/definition", "app/shop.tess", "= dou$0ble", none());
        assert_eq!(goals[0]["targetUri"], s.uri("base/limits.tess"));
        let goals = s.ask("textDocument/definition", "app/two.yaml", "  own$0er", none());
        assert_eq!(goals[0]["targetSelectionRange"]["start"], json!({ "line": 6, "character": 8 }));
        let goals = s.ask("textDocument/definition", "app/shop.tess", "labels.recomm$0ended", none());
        assert_eq!(goals[0]["targetUri"], "tessera-std:/std/labels.tess");
        let text = s.call("tessera/content", json!({ "uri": "tessera-std:/std/labels.tess" }));
        assert!(text["text"].as_str().unwrap().contains("fn recommended"), "{text}");
        assert!(s.call("tessera/content", json!({ "uri": "tessera-std:/../x" }))["message"].is_string());
        // It is shown, but not checked as if it were a file of the user.
        let shown = json!({ "uri": "tessera-std:/std/labels.tess" });
        s.client.open(shown["uri"].as_str().unwrap(), text["text"].as_str().unwrap()).unwrap();
        assert!(s.call("textDocument/documentSymbol", json!({ "textDocument": shown })).is_array());
        let at = json!({ "textDocument": shown, "position": { "line": 0, "character": 0 } });
        assert_eq!(s.call("textDocument/hover", at), Value::Null);
        assert_eq!(s.call("textDocument/semanticTokens/full", json!({ "textDocument": shown })), Value::Null);

        let goals = s.ask("textDocument/typeDefinition", "app/shop.tess", "param si$0ze", none());
        assert_eq!(goals[0]["uri"], s.uri("base/limits.tess"));
        let goals = s.ask("textDocument/implementation", "app/shop.tess", "composite Sh$0op", none());
        assert_eq!(goals.as_array().unwrap().len(), 2, "{goals}");

        let all = json!({ "context": { "includeDeclaration": true } });
        let found = s.ask("textDocument/references", "base/limits.tess", "fn tw$0ice", all.clone());
        let mut files = BTreeMap::new();
        for one in found.as_array().unwrap() {
            *files.entry(one["uri"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()).or_insert(0) += 1;
        }
        assert_eq!(files, BTreeMap::from([("limits.tess".to_owned(), 1), ("shop.tess".to_owned(), 3)]), "{found}");
        let found = s.ask("textDocument/documentHighlight", "app/shop.tess", "param own$0er", none());
        assert_eq!(found.as_array().unwrap().len(), 3, "{found}");
        let help = s.ask("textDocument/signatureHelp", "app/shop.tess", "double($02)", none());
        assert_eq!(help["signatures"][0]["label"], "twice(n: Int) -> Int");
    });
}

/// The edits of a rename as texts of the files.
fn texts(s: &Session<'_>, edit: &Value) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for change in edit["documentChanges"].as_array().unwrap_or_else(|| panic!("{edit}")) {
        let uri = change["textDocument"]["uri"].as_str().unwrap();
        let path = uri.strip_prefix(&format!("{}/", s.uri(""))).unwrap();
        let text = edited(&s.folder.read(path), change["edits"].as_array().unwrap()).unwrap();
        texts.insert(path.to_owned(), text);
    }
    texts
}

#[test]
fn a_rename_goes_over_projects_and_yaml() {
    session("lsp-rename", |s| {
        let prepared = s.ask("textDocument/prepareRename", "app/shop.tess", "{ twi$0ce as", json!({}));
        assert_eq!(prepared["placeholder"], "twice");
        let to = |name: &str| json!({ "newName": name });
        let edit = s.ask("textDocument/rename", "app/shop.tess", "{ twi$0ce as", to("thrice"));
        let expected = BTreeMap::from([
            ("app/shop.tess".to_owned(), APP.replace("{ twice as", "{ thrice as")),
            ("base/limits.tess".to_owned(), LIB.replace("fn twice", "fn thrice")),
        ]);
        assert_eq!(texts(s, &edit), expected);
        let edit = s.ask("textDocument/rename", "base/limits.tess", "type Si$0ze", to("Extent"));
        let expected = BTreeMap::from([
            ("app/shop.tess".to_owned(), APP.replace("Size", "Extent")),
            ("base/limits.tess".to_owned(), LIB.replace("Size", "Extent")),
        ]);
        assert_eq!(texts(s, &edit), expected);
        let edit = s.ask("textDocument/rename", "app/two.yaml", "  own$0er", to("who"));
        let app = APP.replace("param owner", "param who").replace("{ owner,", "{ owner: who,");
        let expected = BTreeMap::from([
            ("app/shop.tess".to_owned(), app.replace("{ owner: \"me\"", "{ who: \"me\"")),
            ("app/two.yaml".to_owned(), YAML.replace("owner", "who")),
        ]);
        assert_eq!(texts(s, &edit), expected);

        let refused = s.ask("textDocument/rename", "app/shop.tess", "param own$0er", to("many"));
        assert!(refused["message"].as_str().unwrap().contains("is declared twice"), "{refused}");
        let refused = s.ask("textDocument/prepareRename", "app/shop.tess", "da$0ta: { owner", json!({}));
        assert!(refused["message"].as_str().unwrap().contains("Kubernetes names it"), "{refused}");
    });
}

#[test]
fn what_is_shown_beside_the_source() {
    session("lsp-beside", |s| {
        let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
        let params = json!({ "textDocument": { "uri": s.uri("app/shop.tess") }, "range": range });
        let hints = s.call("textDocument/inlayHint", params.clone());
        let mut labels: Vec<&str> =
            hints.as_array().unwrap().iter().map(|hint| hint["label"].as_str().unwrap()).collect();
        labels.retain(|label| !label.starts_with(": {"));
        assert_eq!(labels, [": Int", "${self.name}-settings", ", size: \"s\""]);
        let off = json!({ "tessera": { "inlayHints": { "types": false, "defaults": false, "names": false } } });
        s.client.notify("workspace/didChangeConfiguration", json!({ "settings": off })).unwrap();
        assert_eq!(s.call("textDocument/inlayHint", params.clone()), Value::Null);

        let lenses = s.of("textDocument/codeLens", "app/shop.tess");
        let titles: Vec<Value> = lenses
            .as_array()
            .unwrap()
            .iter()
            .map(|lens| s.call("codeLens/resolve", lens.clone())["command"].clone())
            .collect();
        let shown: Vec<&str> = titles.iter().map(|command| command["title"].as_str().unwrap()).collect();
        assert_eq!(shown, ["2 instances", "Graph", "torn down 8h after it became ready", "Preview 1 object"]);
        assert_eq!(titles[0]["command"], "tessera.showReferences");
        assert_eq!(titles[3]["arguments"][0]["instance"], "Shop/one");
        let lenses = s.of("textDocument/codeLens", "base/limits.tess");
        let title = s.call("codeLens/resolve", lenses[0].clone())["command"]["title"].clone();
        assert_eq!(title, "1 reference");

        let full = s.of("textDocument/semanticTokens/full", "app/shop.tess");
        let count = full["data"].as_array().unwrap().len();
        assert!(count > 100 && count.is_multiple_of(5), "{count}");
        let part = s.call("textDocument/semanticTokens/range", params);
        assert_eq!(part["data"], full["data"]);
        let (uri, id) = (s.uri("app/shop.tess"), full["resultId"].clone());
        let delta = |s: &mut Session<'_>, id: &Value| {
            let params = json!({ "textDocument": { "uri": uri }, "previousResultId": id });
            s.call("textDocument/semanticTokens/full/delta", params)
        };
        let none = delta(s, &id);
        assert_eq!(none["edits"], json!([]));
        let change = json!({ "range": { "start": { "line": 2, "character": 0 }, "end": { "line": 2, "character": 0 } }, "text": "let z = 1" });
        s.client.change(&uri, vec![change]).unwrap();
        let some = delta(s, &none["resultId"]);
        assert_eq!(some["edits"].as_array().unwrap().len(), 1, "{some}");
        assert!(delta(s, &json!("gone"))["data"].is_array());
    });
}

#[test]
fn calls_go_over_projects() {
    session("lsp-calls", |s| {
        let items = s.ask("textDocument/prepareCallHierarchy", "base/limits.tess", "fn tw$0ice", json!({}));
        assert_eq!(items[0]["name"], "twice");
        let calls = s.call("callHierarchy/incomingCalls", json!({ "item": items[0] }));
        assert_eq!(calls[0]["from"]["name"], "Shop", "{calls}");
        let calls = s.call("callHierarchy/incomingCalls", json!({ "item": calls[0]["from"] }));
        let names: Vec<&Value> = calls.as_array().unwrap().iter().map(|call| &call["from"]["name"]).collect();
        assert_eq!(names, ["one", "two"]);
        let items = s.ask("textDocument/prepareCallHierarchy", "app/two.yaml", "name: tw$0o", json!({}));
        let calls = s.call("callHierarchy/outgoingCalls", json!({ "item": items[0] }));
        assert_eq!(calls[0]["to"]["name"], "Shop", "{calls}");
    });
}
