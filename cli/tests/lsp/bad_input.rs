//! What clients say wrongly: an error answer or a limit that is shown, never a dead or silent server. After
//! each a plain hover is answered.

use serde_json::{Value as Json, json};
use tessera_tests::lsp::{Client, Place, frame};

use crate::folder::{Folder, SHOP, STORE, program};

pub(crate) const FILE: &str = "src/store.tess";

pub(crate) fn shop(name: &str) -> (Folder, Client) {
    let folder = Folder::with(name, SHOP);
    let mut client = folder.client();
    client.open(&folder.uri(FILE), STORE).unwrap();
    (folder, client)
}

/// The server answers a plain question, and nothing panicked.
pub(crate) fn alive(folder: &Folder, client: &mut Client) {
    let file = folder.uri(FILE);
    if client.documents.contains_key(&file) {
        client.replace(&file, STORE).unwrap();
    } else {
        client.open(&file, STORE).unwrap();
    }
    if client.capabilities.get("hoverProvider").is_none() {
        client.diagnostics(&file).unwrap();
        client.right().unwrap();
        return;
    }
    let hover = client.at("textDocument/hover", &file, Place { line: 3, character: 12 }).unwrap();
    assert!(hover.to_string().contains("Store"), "{hover}");
    client.right().unwrap();
}

fn code(client: &mut Client, method: &str, params: Json) -> Option<i64> {
    let answer = client.answer(method, params).unwrap();
    answer.result.err().and_then(|error| error.get("code").and_then(Json::as_i64))
}

pub(crate) fn hover_at(uri: &str, position: Json) -> Json {
    json!({ "textDocument": { "uri": uri }, "position": position })
}

#[test]
fn malformed_headers() {
    let (folder, mut client) = shop("headers");
    let texts: &[&[u8]] = &[
        b"hello\r\n\r\n",
        b"Content-Length: many\r\n\r\n{}",
        b"Content-Length: -1\r\n\r\n{}",
        b"Content-Length: 99999999999999999999999\r\n\r\n{}",
        b"Content-Length: 2\n\n{}",
        b"Content-Type: application/json\r\n\r\n{}",
        b"Content-Length: 0\r\n\r\n",
        b"\r\n\r\n\r\n",
        b"\xff\xfe: 1\r\n\r\n",
    ];
    for text in texts {
        client.raw(text).unwrap();
        // What follows directly may be taken for a part of it.
        client.notify("$/setTrace", json!({ "value": "off" })).unwrap();
        alive(&folder, &mut client);
    }
}

#[test]
fn a_length_that_is_wrong() {
    let (folder, mut client) = shop("length");
    let text = json!({ "jsonrpc": "2.0", "method": "$/setTrace", "params": { "value": "off" } }).to_string();
    for length in [text.len() - 3, text.len() + 3, 1, text.len() + 40] {
        client.raw(format!("Content-Length: {length}\r\n\r\n{text}").as_bytes()).unwrap();
        for _ in 0..3 {
            client.notify("$/setTrace", json!({ "value": "off" })).unwrap();
        }
        alive(&folder, &mut client);
    }
}

#[test]
fn a_length_beyond_all_bounds() {
    let (folder, mut client) = shop("bounds");
    client.raw(b"Content-Length: 4000000000\r\n\r\n{}").unwrap();
    client.notify("$/setTrace", json!({ "value": "off" })).unwrap();
    alive(&folder, &mut client);
}

#[test]
fn what_is_no_json_or_no_message() {
    let (folder, mut client) = shop("json");
    let texts: &[&[u8]] = &[
        b"{",
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"textDocument/hov",
        b"nonsense",
        b"[]",
        b"null",
        b"1",
        b"{}",
        b"{\"jsonrpc\":\"2.0\"}",
        b"{\"jsonrpc\":\"1.0\",\"id\":5000,\"method\":\"shutdown\"}",
        b"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"shutdown\"}",
        b"{\"jsonrpc\":\"2.0\",\"id\":5001,\"method\":7}",
        b"{\"jsonrpc\":\"2.0\",\"id\":5002,\"result\":null}",
        b"\xff\xff\xff",
        b"\"\xc3\x28\"",
    ];
    for text in texts {
        let mut message = format!("Content-Length: {}\r\n\r\n", text.len()).into_bytes();
        message.extend_from_slice(text);
        client.raw(&message).unwrap();
        alive(&folder, &mut client);
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    client.raw(format!("Content-Length: {}\r\n\r\n{deep}", deep.len()).as_bytes()).unwrap();
    alive(&folder, &mut client);
    assert!(!client.unasked.is_empty(), "nothing was said about any of them");
}

#[test]
fn methods_that_nobody_knows() {
    let (folder, mut client) = shop("methods");
    client.lenient();
    for method in ["textDocument/hoover", "$/whatever", "", "tessera/unknown", "workspace/executeCommand"] {
        let found = code(&mut client, method, json!({ "command": "nothing", "arguments": [] }));
        assert!(matches!(found, Some(-32_601 | -32_602)), "{method}: {found:?}");
        client.notify(method, json!({})).unwrap();
    }
    alive(&folder, &mut client);
}

#[test]
fn parameters_of_a_wrong_form() {
    let (folder, mut client) = shop("parameters");
    client.lenient();
    let file = folder.uri(FILE);
    for params in [json!({}), json!([]), json!({ "textDocument": file }), json!({ "textDocument": { "uri": file } })] {
        for method in
            ["textDocument/hover", "textDocument/completion", "textDocument/rename", "tessera/preview", "tessera/why"]
        {
            let whole = method == "tessera/preview" && params.pointer("/textDocument/uri").is_some();
            let found = code(&mut client, method, params.clone());
            assert!(whole || matches!(found, Some(-32_602)), "{method} {params}: {found:?}");
        }
        for method in ["textDocument/didOpen", "textDocument/didChange", "workspace/didChangeWatchedFiles"] {
            client.notify(method, params.clone()).unwrap();
        }
    }
    alive(&folder, &mut client);
}

#[test]
fn before_the_introduction() {
    let folder = Folder::with("before", SHOP);
    let mut client = folder.quiet();
    let file = folder.uri(FILE);
    client.open(&file, STORE).unwrap();
    let params = hover_at(&file, json!({ "line": 0, "character": 0 }));
    assert_eq!(code(&mut client, "textDocument/hover", params), Some(-32_002));
    client.documents.clear();
    client.initialize().unwrap();
    alive(&folder, &mut client);
    let again = json!({ "processId": null, "rootUri": null, "capabilities": {} });
    assert_eq!(code(&mut client, "initialize", again), Some(-32_600));
    alive(&folder, &mut client);
}

#[test]
fn an_introduction_of_few_words() {
    let folder = Folder::with("few-words", SHOP);
    let mut client = folder.quiet();
    client.lenient();
    client.ask("initialize", json!({ "capabilities": {} })).unwrap();
    client.notify("initialized", json!({})).unwrap();
    alive(&folder, &mut client);
    assert!(client.shutdown().unwrap().success());
}

#[test]
fn options_of_a_wrong_form() {
    for options in [
        json!(1),
        json!("x"),
        json!([]),
        json!({ "settings": 3 }),
        json!({ "commands": {}, "settings": { "inlayHints": 1, "target": "nowhere" } }),
    ] {
        let folder = Folder::with("options", SHOP);
        let mut client = folder.quiet();
        client
            .ask("initialize", json!({ "processId": null, "rootUri": folder.uri(""), "capabilities": {}, "initializationOptions": options }))
            .unwrap();
        client.notify("initialized", json!({})).unwrap();
        client.notify("workspace/didChangeConfiguration", json!({ "settings": options })).unwrap();
        alive(&folder, &mut client);
    }
}

#[test]
fn after_taking_leave() {
    let (folder, mut client) = shop("leave");
    client.ask("shutdown", Json::Null).unwrap();
    let params = hover_at(&folder.uri(FILE), json!({ "line": 0, "character": 0 }));
    assert_eq!(code(&mut client, "textDocument/hover", params), Some(-32_600));
    assert!(client.exit().unwrap().success());
}

#[test]
fn leaving_without_a_word() {
    let (_folder, client) = shop("exit");
    assert_eq!(client.exit().unwrap().code(), Some(1));
}

#[test]
fn an_input_that_ends() {
    let (_folder, mut client) = shop("end");
    client.close_input();
    client.ended().unwrap();
    // In the middle of a message, too.
    let (_folder, mut client) = shop("end-within");
    client.raw(b"Content-Length: 100\r\n\r\n{\"json").unwrap();
    client.close_input();
    client.ended().unwrap();
    // And before anything was said well: an end, and no fault of ours.
    let called = Folder::new("end-before").call_with(&["lsp", "--stdio"], b"Content-Length: 2\r\n\r\n{}");
    assert_eq!((called.code, called.err.as_str()), (1, ""));
    assert!(called.out.contains("-32600"), "{}", called.out);
}

#[test]
fn places_outside_the_text() {
    let (folder, mut client) = shop("places");
    client.lenient();
    let file = folder.uri("src/odd.tess");
    let text = "let a = \"😀😀\" // 😀\nlet b = a\n";
    client.open(&file, text).unwrap();
    let methods = [
        "textDocument/hover",
        "textDocument/completion",
        "textDocument/definition",
        "textDocument/signatureHelp",
        "textDocument/references",
        "textDocument/documentHighlight",
        "textDocument/prepareRename",
        "textDocument/prepareCallHierarchy",
    ];
    for (line, character) in [(0, 10), (0, 1_000), (1, u32::MAX), (99, 0), (u32::MAX, u32::MAX), (2, 0), (3, 3)] {
        for method in methods {
            let mut params = hover_at(&file, json!({ "line": line, "character": character }));
            params["context"] = json!({ "includeDeclaration": true, "triggerKind": 1, "isRetrigger": false });
            let found = code(&mut client, method, params);
            assert!(!matches!(found, Some(-32_603)), "{method} at {line}:{character}");
        }
        let range = json!({ "start": { "line": line, "character": character }, "end": { "line": 0, "character": 0 } });
        for method in [
            "textDocument/inlayHint",
            "textDocument/semanticTokens/range",
            "textDocument/codeAction",
            "textDocument/rangeFormatting",
        ] {
            let params = json!({ "textDocument": { "uri": file }, "range": range, "context": { "diagnostics": [] },
                "options": { "tabSize": 2, "insertSpaces": true } });
            let found = code(&mut client, method, params);
            assert!(!matches!(found, Some(-32_603)), "{method} from {line}:{character}");
        }
    }
    for position in [
        json!({ "line": -1, "character": 0 }),
        json!({ "line": 1e99, "character": 0 }),
        json!({ "line": 0.5, "character": 0 }),
        json!({ "line": 4_294_967_296_u64, "character": 0 }),
        json!({ "line": "0", "character": 0 }),
        json!(null),
    ] {
        let found = code(&mut client, "textDocument/hover", hover_at(&file, position.clone()));
        assert_eq!(found, Some(-32_602), "{position}");
    }
    alive(&folder, &mut client);
}

#[test]
fn changes_outside_the_text() {
    let (folder, mut client) = shop("changes");
    client.lenient();
    let file = folder.uri("src/odd.tess");
    client.open(&file, "let a = \"😀😀\"\n").unwrap();
    for (from, to) in [
        ((0, 10), (0, 11)),
        ((9, 9), (99, 99)),
        ((1, 0), (0, 0)),
        ((0, u32::MAX), (u32::MAX, u32::MAX)),
        ((u32::MAX, 0), (u32::MAX, 1)),
    ] {
        let at = |(line, character): (u32, u32)| json!({ "line": line, "character": character });
        client.change(&file, vec![json!({ "range": { "start": at(from), "end": at(to) }, "text": "x" })]).unwrap();
        client.diagnostics(&file).unwrap();
    }
    // A whole text puts all in order again.
    client.replace(&file, "let other = 1\n").unwrap();
    let symbols = client.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": file } })).unwrap();
    assert!(symbols.to_string().contains("other"), "{symbols}");
    alive(&folder, &mut client);
}

#[test]
fn versions_that_go_astray() {
    let (folder, mut client) = shop("versions");
    client.lenient();
    let file = folder.uri(FILE);
    for version in [json!(7), json!(3), json!(3), json!(-5), json!(i32::MAX), json!(i64::MAX), json!(null), json!("x")]
    {
        let params =
            json!({ "textDocument": { "uri": file, "version": version }, "contentChanges": [{ "text": STORE }] });
        client.notify("textDocument/didChange", params).unwrap();
        client.ask("textDocument/diagnostic", json!({ "textDocument": { "uri": file } })).unwrap();
    }
    alive(&folder, &mut client);
}

#[test]
fn documents_that_are_closed_or_open_twice() {
    let (folder, mut client) = shop("twice");
    let (file, other) = (folder.uri(FILE), folder.uri("src/other.tess"));
    let of = json!({ "uri": other, "version": 4 });
    client
        .notify("textDocument/didChange", json!({ "textDocument": of, "contentChanges": [{ "text": "let a = 1\n" }] }))
        .unwrap();
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": other } })).unwrap();
    client.notify("textDocument/didSave", json!({ "textDocument": { "uri": other } })).unwrap();
    alive(&folder, &mut client);
    client.open(&file, "let second = 1\n").unwrap();
    let symbols = client.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": file } })).unwrap();
    assert!(symbols.to_string().contains("second"), "{symbols}");
    client.close(&file).unwrap();
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": file } })).unwrap();
    let closed = client.answer("textDocument/hover", hover_at(&file, json!({ "line": 3, "character": 12 }))).unwrap();
    assert!(closed.result.is_ok_and(|hover| hover.to_string().contains("Store") || hover.is_null()));
    alive(&folder, &mut client);
}

#[test]
fn a_flood_of_requests() {
    let (folder, mut client) = shop("flood");
    let file = folder.uri(FILE);
    for round in 0..400 {
        let params = hover_at(&file, json!({ "line": round % 12, "character": 12 }));
        let id = client.request("textDocument/completion", params.clone()).unwrap();
        client.request("textDocument/hover", params).unwrap();
        if round % 3 == 0 {
            client.cancel(id).unwrap();
        }
        if round % 20 == 0 {
            client.replace(&file, STORE).unwrap();
        }
    }
    // One that is not there, and one that is answered.
    client.cancel(1).unwrap();
    client.cancel(1_000_000).unwrap();
    assert_eq!(client.settle().unwrap().len(), 800);
    alive(&folder, &mut client);
}

#[test]
fn the_same_over_tcp() {
    let folder = Folder::with("tcp", SHOP);
    let options = tessera_tests::lsp::Options { folders: vec![folder.uri("")], ..Default::default() };
    let mut client = Client::connect(program(), &["lsp", "--tcp", "127.0.0.1:0"], folder.path(), options).unwrap();
    client.initialize().unwrap();
    alive(&folder, &mut client);
    client.raw(b"Content-Length: 1\r\n\r\n{").unwrap();
    client.raw(&frame(&json!({ "jsonrpc": "2.0", "method": "$/setTrace", "params": { "value": "off" } }))).unwrap();
    alive(&folder, &mut client);
    assert!(client.shutdown().unwrap().success());
    let called = folder.call(&["lsp", "--tcp", "nowhere"]);
    assert_eq!(called.code, 2);
    assert!(called.err.contains("`nowhere` is no HOST:PORT"), "{}", called.err);
}
