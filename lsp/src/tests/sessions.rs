//! Whole sessions: order, cancellation, faults, limits.

use std::sync::Arc;

use serde_json::{Value, json};
use tessera_compiler::source::MAX_FILE_BYTES;

use crate::host::Event;
use crate::server::build;
use crate::tests::client::Client;
use crate::tests::host::Memory;
use crate::transport::Ended;

const A: &str = "/w/a.tess";

fn document() -> Value {
    json!({ "uri": "file:///w/a.tess" })
}

async fn started(files: &[(&str, &str)]) -> Client {
    Client::start(files, json!({})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn diagnostics_follow_the_text() {
    let mut client = started(&[(A, "let a = nothing\n"), ("/w/b.tess", "use \"./a.tess\" as a\nlet b = a.c\n")]).await;
    assert_eq!(client.codes(A, None).await, ["E0201"]);
    assert_eq!(client.codes("/w/b.tess", None).await, ["E0201"]);
    client.open(A, 1, "let a = 1\nlet c = 2\n").await;
    assert_eq!(client.codes(A, Some(1)).await, Vec::<String>::new());
    assert_eq!(client.codes("/w/b.tess", None).await, Vec::<String>::new());
    client.change(A, 2, "let a = 1\n").await;
    assert_eq!(client.codes("/w/b.tess", None).await, ["E0201"]);
    // What is closed without being saved is as the disk has it.
    client.notify("textDocument/didClose", json!({ "textDocument": document() })).await;
    assert_eq!(client.codes(A, None).await, ["E0201"]);
    assert_eq!(client.leave().await, Ended::Properly);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_disk_is_followed() {
    let mut client = started(&[(A, "use \"./b.tess\" as b\nlet a = b.c\n")]).await;
    assert_eq!(client.codes(A, None).await, ["E0203"]);
    client.disk.write("/w/b.tess", "let c = 1\n");
    client.watched("/w/b.tess", 1).await;
    assert_eq!(client.codes(A, None).await, Vec::<String>::new());
    client.disk.write("/w/b.tess", "let d = 1\n");
    client.watched("/w/b.tess", 2).await;
    assert_eq!(client.codes(A, None).await, ["E0201"]);
    client.disk.remove("/w/b.tess");
    client.watched("/w/b.tess", 3).await;
    assert_eq!(client.codes(A, None).await, ["E0203"]);
    client.disk.write("/w/tessera.toml", "[package]\nname = \"W\"\nversion = \"0.1.0\"\n");
    client.watched("/w/tessera.toml", 2).await;
    assert_eq!(client.codes("/w/tessera.toml", None).await, ["E0901"]);
    // A file that is not there, but open.
    client.open("/w/b.tess", 1, "let c = 1\n").await;
    assert_eq!(client.codes(A, None).await, Vec::<String>::new());
    client.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_that_were_not_looked_for_again_are_followed() {
    const CRD: &str = "/crds/thing.yaml";
    let project = "[package]\nname = \"w\"\nversion = \"0.1.0\"\ncrds = [\"../crds/*.yaml\"]\n";
    let mut client = started(&[(A, "let a = nothing\n"), ("/w/tessera.toml", project), (CRD, "a: 1\n")]).await;
    assert_eq!(client.codes(CRD, None).await, ["W0820"]);
    client.open(A, 1, "let a = nothing\n").await;
    // The compilation that follows takes the definitions as they were.
    client.change(A, 2, "let a = 1\n").await;
    assert_eq!(client.codes(A, Some(2)).await, Vec::<String>::new());
    client.disk.write(CRD, "a: }\n");
    client.watched(CRD, 2).await;
    assert_eq!(client.codes(CRD, None).await, ["E0902"]);
    client.change(A, 3, "let a = 2\n").await;
    client.disk.write("/crds/other.yaml", "a: 1\n");
    client.watched("/crds/other.yaml", 1).await;
    assert_eq!(client.codes("/crds/other.yaml", None).await, ["W0820"]);
    client.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_watches_what_the_client_does_not() {
    let mut client = started(&[(A, "let a = nothing\n")]).await;
    assert_eq!(client.codes(A, None).await, ["E0201"]);
    client.wait(|message| message["method"] == "tessera/changed").await;
    client.disk.write(A, "let a = 1\n");
    client.disk.tell(A, Event::Changed);
    assert_eq!(client.codes(A, None).await, Vec::<String>::new());
    client.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_belong_to_the_text_at_the_time_of_the_question() {
    let mut client = started(&[]).await;
    client.open(A, 1, "let a=0\n").await;
    let mut asked = Vec::new();
    for version in 2..40 {
        client.change(A, version, &format!("let a={}\n", "1".repeat(version as usize % 15 + 1))).await;
        let params = json!({ "textDocument": document(), "options": { "tabSize": 2, "insertSpaces": true } });
        asked.push((version, client.ask("textDocument/formatting", params).await));
    }
    for (version, id) in asked {
        let edits = client.answer(id).await.unwrap();
        assert_eq!(edits[0]["newText"], format!("let a = {}\n", "1".repeat(version as usize % 15 + 1)));
    }
    client.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_can_be_cancelled() {
    let mut client = started(&[]).await;
    client.open(A, 1, &"let a = [1, 2, 3]\n".repeat(20_000)).await;
    let id = client.ask("textDocument/documentSymbol", json!({ "textDocument": document() })).await;
    client.notify("$/cancelRequest", json!({ "id": id })).await;
    let answer = client.answer(id).await;
    assert!(answer == Err(-32800) || answer.is_ok());
    // The server is as it was.
    let folds = client.call("textDocument/foldingRange", json!({ "textDocument": document() })).await;
    assert!(folds.is_ok());
    client.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_an_error_answer() {
    let (service, _socket) = build(Arc::new(Memory::default()));
    let session = service.inner().session.clone();
    let failed = session.run("a test", session.snapshot(), |_| -> u32 { panic!("on purpose") }).await.unwrap_err();
    assert_eq!((failed.code.code(), failed.message.as_ref()), (-32603, "a test failed: on purpose"));
    assert_eq!(session.run("a test", session.snapshot(), |_| 7).await, Ok(7));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_is_answered_and_passed_over() {
    let mut client = started(&[]).await;
    client.raw(b"Content-Length: 4\r\n\r\n{\"a\"Content-Length: none\r\n\r\n").await;
    for _ in 0..2 {
        client.wait(|message| message["id"].is_null() && message["error"]["code"] == -32700).await;
    }
    assert_eq!(client.call("nobody/knows", json!({})).await, Err(-32601));
    assert_eq!(client.call("textDocument/formatting", json!({ "textDocument": 7 })).await, Err(-32602));
    client.notify("$/whatever", json!({})).await;
    client.notify("textDocument/didOpen", json!({ "textDocument": 7 })).await;
    client.wait(|message| message["method"] == "window/logMessage" && message["params"]["type"] == 1).await;
    // Positions outside the text are its ends.
    client.open(A, 1, "let a = 1\n").await;
    let far = json!({ "line": 4_000_000, "character": 4_000_000 });
    let change = json!([{ "range": { "start": far, "end": far }, "text": "let b = 2\n" }]);
    let params = json!({ "textDocument": { "uri": "file:///w/a.tess", "version": 1 }, "contentChanges": change });
    client.notify("textDocument/didChange", params).await;
    let warned = |message: &Value| message["method"] == "window/logMessage" && message["params"]["type"] == 2;
    let warning = client.wait(warned).await;
    assert!(warning["params"]["message"].as_str().unwrap().contains("version 1 comes after 1"));
    let symbols = client.call("textDocument/documentSymbol", json!({ "textDocument": document() })).await.unwrap();
    assert_eq!(symbols.as_array().unwrap().len(), 2);
    client.change("/w/other.tess", 3, "").await;
    client.wait(warned).await;
    assert_eq!(client.leave().await, Ended::Properly);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_before_and_after_their_time_are_refused() {
    let mut client = Client::new(Memory::default());
    assert_eq!(client.call("textDocument/formatting", json!({})).await, Err(-32002));
    client.open(A, 1, "let a = nothing\n").await;
    client.call("initialize", json!({ "capabilities": {} })).await.unwrap();
    assert_eq!(client.call("initialize", json!({ "capabilities": {} })).await, Err(-32600));
    client.call("shutdown", Value::Null).await.unwrap();
    assert_eq!(client.call("textDocument/foldingRange", json!({ "textDocument": document() })).await, Err(-32600));
    assert_eq!(client.vanish().await, Ended::Properly);
    assert_eq!(Client::new(Memory::default()).vanish().await, Ended::Abruptly);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_too_large_is_told_and_not_read() {
    let mut client = started(&[]).await;
    client.open(A, 1, &"// x\n".repeat(MAX_FILE_BYTES / 5 + 1)).await;
    client.wait(|message| message["method"] == "window/showMessage").await;
    assert_eq!(client.codes(A, Some(1)).await, ["E0003"]);
    assert_eq!(client.call("textDocument/foldingRange", json!({ "textDocument": document() })).await, Ok(Value::Null));
    client.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_come_and_go_and_documents_need_no_file() {
    let mut client =
        started(&[(A, "let a = nothing\n"), ("/v/tessera.toml", ""), ("/v/b.tess", "let b = nothing\n")]).await;
    assert_eq!(client.codes(A, None).await, ["E0201"]);
    let folder = |uri: &str| json!([{ "uri": uri, "name": "f" }]);
    let event = json!({ "event": { "added": folder("file:///v"), "removed": folder("file:///w") } });
    client.notify("workspace/didChangeWorkspaceFolders", event).await;
    assert_eq!(client.codes("/v/b.tess", None).await, ["E0201"]);
    assert_eq!(client.codes(A, None).await, Vec::<String>::new());
    let event = json!({ "event": { "added": folder("file:///unreadable"), "removed": [] } });
    client.notify("workspace/didChangeWorkspaceFolders", event).await;
    client.wait(|message| message["method"] == "window/showMessage").await;
    let untitled =
        json!({ "uri": "untitled:Untitled-1", "languageId": "tessera", "version": 1, "text": "let u = no\n" });
    client.notify("textDocument/didOpen", json!({ "textDocument": untitled })).await;
    let published = client.wait(|message| message["params"]["uri"] == "untitled:Untitled-1").await;
    assert_eq!(published["params"]["diagnostics"][0]["code"], "E0201");
    client.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_pulled_where_the_client_can() {
    let capabilities = json!({
        "textDocument": { "diagnostic": {} },
        "workspace": { "diagnostics": { "refreshSupport": true } },
    });
    let mut client = Client::start(&[(A, "let a = nothing\n"), ("/w/b.tess", "let b = 1\n")], capabilities).await;
    assert_eq!(client.codes(A, None).await, ["E0201"]);
    client.open(A, 1, "use \"./b.tess\" as b\nlet a = b.b\n").await;
    // What is open is not pushed.
    assert_eq!(client.codes(A, None).await, Vec::<String>::new());
    let pull = |result: Value| json!({ "textDocument": document(), "previousResultId": result });
    let first = client.call("textDocument/diagnostic", pull(Value::Null)).await.unwrap();
    assert_eq!((&first["kind"], &first["items"]), (&json!("full"), &json!([])));
    let again = client.call("textDocument/diagnostic", pull(first["resultId"].clone())).await.unwrap();
    assert_eq!(again["kind"], "unchanged");
    client.disk.write("/w/b.tess", "let c = 1\n");
    client.watched("/w/b.tess", 2).await;
    client.wait(|message| message["method"] == "workspace/diagnostic/refresh").await;
    let other = client.call("textDocument/diagnostic", pull(first["resultId"].clone())).await.unwrap();
    assert_eq!(other["items"][0]["code"], "E0201");
    let all = client.call("workspace/diagnostic", json!({ "previousResultIds": [] })).await.unwrap();
    assert_eq!(all["items"][0]["items"][0]["code"], "E0201");
    client.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fixes_are_actions_and_positions_count_as_agreed() {
    for (encodings, start) in [(json!(["utf-8", "utf-16"]), 21), (json!(["utf-32"]), 16), (json!(null), 17)] {
        let capabilities = json!({
            "general": { "positionEncodings": encodings },
            "workspace": { "workspaceEdit": { "documentChanges": true } },
        });
        let mut client = Client::start(&[], capabilities).await;
        client.open(A, 5, "let count = 1\nlet b = \"äö😀\" + cuont\n").await;
        let at = json!({ "line": 1, "character": start + 1 });
        let params = json!({
            "textDocument": document(), "range": { "start": at, "end": at }, "context": { "diagnostics": [] },
        });
        let actions = client.call("textDocument/codeAction", params).await.unwrap();
        let edit = &actions[0]["edit"]["documentChanges"][0];
        assert_eq!(edit["textDocument"], json!({ "uri": "file:///w/a.tess", "version": 5 }));
        let range = json!({ "start": { "line": 1, "character": start }, "end": { "line": 1, "character": start + 5 } });
        assert_eq!((&edit["edits"][0]["range"], &edit["edits"][0]["newText"]), (&range, &json!("count")));
        client.leave().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_and_changes_elsewhere_are_reasons_to_ask_again() {
    let capabilities = json!({
        "workspace": { "inlayHint": { "refreshSupport": true }, "codeLens": { "refreshSupport": true } },
    });
    let mut client = Client::start(&[(A, "Page home {}\n")], capabilities).await;
    client.wait(|message| message["method"] == "tessera/changed").await;
    client.open(A, 1, "composite Page: a.io/v1 {}\nPage home {}\n").await;
    let preview = json!({ "textDocument": document() });
    assert_eq!(client.call("tessera/preview", preview.clone()).await.unwrap()["target"], "manifests");
    client.notify("workspace/didChangeConfiguration", json!({ "settings": {} })).await;
    client.notify("workspace/didChangeConfiguration", json!({ "settings": { "tessera": { "target": "kro" } } })).await;
    assert_eq!(client.call("tessera/preview", preview.clone()).await.unwrap()["target"], "kro");
    client.wait(|message| message["method"] == "workspace/inlayHint/refresh").await;
    client.wait(|message| message["method"] == "workspace/codeLens/refresh").await;
    client.notify("workspace/didChangeConfiguration", json!({ "settings": { "tessera": 7 } })).await;
    client.wait(|message| message["method"] == "window/logMessage" && message["params"]["type"] == 1).await;
    assert_eq!(client.call("tessera/preview", preview).await.unwrap()["target"], "kro");
    client.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_own_requests_have_the_shape_that_clients_know() {
    let text = "composite Page: a.io/v1 {\n  param size: Int = 2\n  \
        resource settings: v1/ConfigMap { data: { size: \"${size}\" } }\n}\nPage home {}\n";
    let mut client = started(&[(A, text)]).await;
    client.open(A, 1, text).await;
    let own = |more: Value| {
        let mut params = json!({ "textDocument": document() });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    let preview = client.call("tessera/preview", own(json!({ "instance": "Page/home" }))).await.unwrap();
    assert_eq!((&preview["target"], &preview["instance"]), (&json!("manifests"), &json!("Page/home")));
    let object = &preview["files"][0]["objects"][0];
    assert_eq!(object["resource"], "settings");
    assert_eq!((&object["startLine"], &object["source"]["range"]["start"]["line"]), (&json!(0), &json!(2)));
    let graph = client.call("tessera/graph", own(json!({ "composite": "Page" }))).await.unwrap();
    assert_eq!((&graph["nodes"][0]["title"], &graph["nodes"][0]["layer"]), (&json!("settings"), &json!(0)));
    let ir = client.call("tessera/ir", own(json!({}))).await.unwrap();
    assert!(ir["text"].as_str().unwrap().starts_with("{\n  \"irVersion\": 1,"));
    let asked = own(json!({ "instance": "Page/home", "path": "settings.data.size" }));
    let why = client.call("tessera/why", asked).await.unwrap();
    assert!(why["text"].as_str().unwrap().contains("settings.data.size is \"2\""), "{why}");
    assert_eq!(why["places"][0]["uri"], "file:///w/a.tess");
    // What cannot be answered is refused by a sentence.
    let unknown = client.call("tessera/why", own(json!({ "path": "nothing.at.all" }))).await;
    assert_eq!(unknown, Err(-32803));
    client.change(A, 2, "let a = nothing\n").await;
    assert_eq!(client.call("tessera/ir", own(json!({}))).await, Err(-32803));
    let preview = client.call("tessera/preview", own(json!({}))).await.unwrap();
    assert_eq!(preview["messages"].as_array().unwrap().len(), 2, "{preview}");
    let closed = json!({ "textDocument": { "uri": "file:///w/closed.tess" } });
    assert_eq!(client.call("tessera/preview", closed).await, Err(-32803));
    client.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_can_watch_is_asked_to() {
    let watches = json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } });
    let mut client = Client::start(&[(A, "let a = nothing\n")], watches).await;
    let asked = client.wait(|message| message["method"] == "client/registerCapability").await;
    let registered = &asked["params"]["registrations"][0];
    assert_eq!(registered["method"], "workspace/didChangeWatchedFiles");
    let watchers = registered["registerOptions"]["watchers"].as_array().unwrap();
    let globs: Vec<&str> = watchers.iter().map(|watcher| watcher["globPattern"].as_str().unwrap()).collect();
    // Definitions of kinds may be JSON, too.
    assert_eq!(globs, ["**/*.tess", "**/*.{yaml,yml,json}", "**/tessera.toml"]);
    // The host watches nothing below the client's folders then.
    client.wait(|message| message["method"] == "tessera/changed").await;
    assert!(!client.disk.is_watched());
    client.leave().await;
}
