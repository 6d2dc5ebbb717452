//! What messages of the language server are held against: that it takes right messages, and above all
//! that it does not take wrong ones. `./test` makes the file that `TESSERA_META_MODEL` names.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tessera_tests::lsp::meta::{Model, Sender};

fn model() -> Arc<Model> {
    Model::of_environment().expect("TESSERA_META_MODEL names the meta model; ./test sets it")
}

fn request(method: &str, params: Json) -> Json {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
}

fn notification(method: &str, params: Json) -> Json {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

fn result(result: Json) -> Json {
    json!({ "jsonrpc": "2.0", "id": 1, "result": result })
}

fn range() -> Json {
    json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 1 } })
}

const URI: &str = "file:///a.tess";

#[test]
#[ignore = "needs the meta model"]
fn right_messages_are_taken() {
    let model = model();
    let diagnostic = json!({ "range": range(), "message": "m", "severity": 1, "code": "E0301", "tags": [1],
        "codeDescription": { "href": "https://example.org/E0301" },
        "relatedInformation": [{ "location": { "uri": URI, "range": range() }, "message": "n" }], "data": [1, {}] });
    let server = [
        (result(json!({ "capabilities": { "hoverProvider": true } })), Some("initialize")),
        (result(Json::Null), Some("shutdown")),
        (result(Json::Null), Some("textDocument/hover")),
        (
            result(json!({ "contents": { "kind": "markdown", "value": "x" }, "range": range() })),
            Some("textDocument/hover"),
        ),
        (
            result(json!([{ "label": "a", "kind": 5, "textEdit": { "range": range(), "newText": "a" } }])),
            Some("textDocument/completion"),
        ),
        (result(json!({ "kind": "full", "items": [diagnostic], "resultId": "1" })), Some("textDocument/diagnostic")),
        (result(json!({ "kind": "unchanged", "resultId": "1" })), Some("textDocument/diagnostic")),
        (result(json!({ "data": [0, 1, 2, 3, 0] })), Some("textDocument/semanticTokens/full")),
        (
            result(json!({ "documentChanges": [{ "textDocument": { "uri": URI, "version": null }, "edits": [] }] })),
            Some("textDocument/rename"),
        ),
        (result(json!({ "text": "{}" })), Some("tessera/ir")),
        (
            json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": -32801, "message": "changed" } }),
            Some("textDocument/hover"),
        ),
        (notification("textDocument/publishDiagnostics", json!({ "uri": URI, "version": 3, "diagnostics": [] })), None),
        (
            notification(
                "$/progress",
                json!({ "token": "t", "value": { "kind": "begin", "title": "x", "percentage": 3 } }),
            ),
            None,
        ),
        (notification("tessera/status", json!({ "state": "ready", "projects": [], "message": null })), None),
        (notification("tessera/changed", json!({})), None),
        (
            request(
                "client/registerCapability",
                json!({ "registrations": [{ "id": "1", "method": "x", "registerOptions": {} }] }),
            ),
            None,
        ),
    ];
    for (message, answered) in server {
        assert_eq!(model.wrong(Sender::Server, &message, answered), None, "{message}");
    }
    let formatting =
        json!({ "textDocument": { "uri": URI }, "options": { "tabSize": 2, "insertSpaces": true, "own": 1 } });
    let client = [
        request("textDocument/formatting", formatting),
        notification(
            "textDocument/didChange",
            json!({ "textDocument": { "uri": URI, "version": 2 }, "contentChanges": [{ "text": "" }] }),
        ),
        notification(
            "textDocument/didChange",
            json!({ "textDocument": { "uri": URI, "version": 2 }, "contentChanges": [{ "range": range(), "text": "" }] }),
        ),
        json!({ "jsonrpc": "2.0", "id": 1, "method": "shutdown" }),
        json!({ "jsonrpc": "2.0", "id": "two", "method": "shutdown" }),
        json!({ "jsonrpc": "2.0", "method": "exit" }),
        notification("$/cancelRequest", json!({ "id": 3 })),
    ];
    for message in client {
        assert_eq!(model.wrong(Sender::Client, &message, None), None, "{message}");
    }
}

#[test]
#[ignore = "needs the meta model"]
fn wrong_messages_are_not_taken() {
    let model = model();
    let publish = |diagnostic: Json| {
        notification("textDocument/publishDiagnostics", json!({ "uri": URI, "diagnostics": [diagnostic] }))
    };
    let hover = Some("textDocument/hover");
    // Each with a part of what is said about it.
    let server = [
        (json!([]), None, "an object"),
        (json!({ "id": 1, "result": null }), Some("shutdown"), "jsonrpc"),
        (json!({ "jsonrpc": "2.0", "id": 1 }), hover, "either a result or an error"),
        (
            json!({ "jsonrpc": "2.0", "id": 1, "result": null, "error": { "code": -32603, "message": "x" } }),
            hover,
            "either",
        ),
        (json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": 1, "message": "x" } }), hover, "with the code"),
        (json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": -32603, "message": "" } }), hover, "without a message"),
        (json!({ "jsonrpc": "2.0", "id": 1.5, "result": null }), hover, "`id`"),
        (json!({ "jsonrpc": "2.0", "id": 1, "result": null, "more": 1 }), hover, "`more`"),
        (result(json!({})), hover, "`contents` is missing"),
        (result(json!({ "contents": "x", "rnage": range() })), hover, "no property `rnage`"),
        (result(json!({ "contents": { "kind": "html", "value": "x" } })), hover, "\"html\""),
        (result(json!({ "contents": "x", "range": null })), hover, "result.range: no object"),
        (
            result(
                json!({ "contents": "x", "range": { "start": { "line": -1, "character": 0 }, "end": { "line": 0, "character": 0 } } }),
            ),
            hover,
            "range.start.line: no unsigned",
        ),
        (
            result(
                json!({ "contents": "x", "range": { "start": { "line": 0.5, "character": 0 }, "end": { "line": 0, "character": 0 } } }),
            ),
            hover,
            "no unsigned",
        ),
        (
            result(
                json!({ "contents": "x", "range": { "start": { "line": 4_294_967_295_u32, "character": 0 }, "end": { "line": 0, "character": 0 } } }),
            ),
            hover,
            "no unsigned",
        ),
        (result(json!([{ "label": "a", "kind": 26 }])), Some("textDocument/completion"), "kind"),
        (result(json!({ "items": [] })), Some("textDocument/completion"), "isIncomplete"),
        (result(json!({ "kind": "full" })), Some("textDocument/diagnostic"), "items"),
        (result(json!([{ "uri": "/a.tess", "range": range() }])), Some("textDocument/definition"), "no URI"),
        (result(json!([{ "uri": "file:///a b.tess", "range": range() }])), Some("textDocument/definition"), "no URI"),
        (result(json!(1)), Some("shutdown"), "no null"),
        (result(json!({ "text": 1 })), Some("tessera/ir"), "result.text: no text"),
        (result(json!({ "text": "", "more": 1 })), Some("tessera/ir"), "`more`"),
        (publish(json!({ "range": range(), "message": "m", "severity": 5 })), None, "diagnostics.[0].severity"),
        (publish(json!({ "range": range() })), None, "`message` is missing"),
        (notification("window/showMessage", json!({ "type": 0, "message": "m" })), None, "type"),
        (notification("$/progress", json!({ "token": 1, "value": { "kind": "begin" } })), None, "title"),
        (notification("tessera/status", json!({ "state": "asleep", "projects": [], "message": null })), None, "state"),
        (notification("textDocument/didOpen", json!({})), None, "wrong side"),
        (notification("textDocument/publishSomething", json!({})), None, "no such message"),
        (request("textDocument/publishDiagnostics", json!({})), None, "no such message"),
        (notification("textDocument/publishDiagnostics", Json::Null), None, "no object"),
        (json!({ "jsonrpc": "2.0", "method": "window/showMessage" }), None, "they are missing"),
    ];
    for (message, answered, part) in server {
        let wrong = model.wrong(Sender::Server, &message, answered).unwrap_or_else(|| panic!("taken: {message}"));
        assert!(wrong.contains(part), "{message}: {wrong}");
    }
    let client = [
        (request("shutdown", json!({})), "there should be none"),
        (request("client/registerCapability", json!({})), "wrong side"),
        (
            notification("textDocument/didChange", json!({ "textDocument": { "uri": URI }, "contentChanges": [] })),
            "version",
        ),
        (request("textDocument/hover", json!({ "textDocument": { "uri": URI } })), "position"),
        (request("tessera/why", json!({ "textDocument": { "uri": URI } })), "path"),
    ];
    for (message, part) in client {
        let wrong = model.wrong(Sender::Client, &message, None).unwrap_or_else(|| panic!("taken: {message}"));
        assert!(wrong.contains(part), "{message}: {wrong}");
    }
}

#[test]
#[ignore = "needs the meta model"]
fn the_model_knows_the_specification() {
    let model = model();
    for method in ["initialize", "textDocument/hover", "workspace/diagnostic", "$/cancelRequest", "$/setTrace", "exit"]
    {
        assert!(model.knows(method), "{method}");
    }
    assert!(!model.knows("textDocument/hoover"));
}
