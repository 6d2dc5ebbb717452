//! Documents, files and projects that are odd, too large, or gone: an error answer or a limit that is shown,
//! never a dead or silent server.

use std::fs;

use serde_json::json;
use tessera_tests::lsp::{Client, Place, uri};

use crate::bad_input::{FILE, alive, hover_at, shop};
use crate::folder::{Folder, SHOP};

/// Whether the user is shown something: a message, or a diagnostic of the document.
fn shown(client: &mut Client, uri: &str) -> bool {
    let diagnostics = client.diagnostics(uri).unwrap_or_default();
    !diagnostics.is_empty() || client.notifications.iter().any(|(method, _)| method == "window/showMessage")
}

#[test]
fn a_file_and_a_project_that_vanish() {
    let (folder, mut client) = shop("vanish");
    let file = folder.uri(FILE);
    fs::remove_file(folder.path().join(FILE)).unwrap();
    alive(&folder, &mut client);
    client.files_changed(&[(file.clone(), 3)]).unwrap();
    alive(&folder, &mut client);
    client.close(&file).unwrap();
    client.answer("textDocument/diagnostic", json!({ "textDocument": { "uri": file } })).unwrap();
    alive(&folder, &mut client);
    fs::remove_dir_all(folder.path()).unwrap();
    client.files_changed(&[(folder.uri("tessera.toml"), 3)]).unwrap();
    alive(&folder, &mut client);
}

#[test]
fn a_folder_without_a_project() {
    let folder = Folder::with("loose", &[("a.tess", "let a: Int = \"x\"\n")]);
    let mut client = folder.client();
    let file = folder.uri("a.tess");
    client.open(&file, "let a: Int = \"x\"\n").unwrap();
    assert_eq!(client.diagnostics(&file).unwrap().len(), 1);
    alive(&folder, &mut client);
}

#[test]
fn no_workspace_at_all() {
    let folder = Folder::with("nowhere", SHOP);
    let mut client = folder.quiet();
    client.ask("initialize", json!({ "processId": null, "rootUri": null, "capabilities": {} })).unwrap();
    client.notify("initialized", json!({})).unwrap();
    alive(&folder, &mut client);
}

#[test]
fn documents_that_are_no_files() {
    let (folder, mut client) = shop("schemes");
    for name in [
        "untitled:Untitled-1",
        "git:/shop/src/store.tess?%7B%7D",
        "vscode-vfs://github/a/b.tess",
        "http://example.org/c.tess",
        "file:///nowhere/d.tess",
        "file:///%FF%FE.tess",
        "file:///a%2Fb.tess",
        "file://server/share/e.tess",
        "file:///c%3A/f.tess",
    ] {
        client.open(name, "/// An answer.\nlet answer = 42\nlet b: Int = answer\n").unwrap();
        let hover = client.answer("textDocument/hover", hover_at(name, json!({ "line": 2, "character": 15 }))).unwrap();
        if name.starts_with("untitled:") {
            assert!(hover.result.unwrap().to_string().contains("answer"), "{name}");
        }
        client.answer("textDocument/diagnostic", json!({ "textDocument": { "uri": name } })).unwrap();
        client.replace(name, "let b: Int = \"x\"\n").unwrap();
        client
            .answer(
                "textDocument/formatting",
                json!({ "textDocument": { "uri": name }, "options": { "tabSize": 2, "insertSpaces": true } }),
            )
            .unwrap();
        client.close(name).unwrap();
        alive(&folder, &mut client);
    }
    client.lenient();
    for name in ["", "nothing", "/a/b.tess", "file:", "://", "file:///a b.tess", "😀"] {
        client.open(name, "let a = 1\n").unwrap();
        client.answer("textDocument/hover", hover_at(name, json!({ "line": 0, "character": 4 }))).unwrap();
        client.close(name).unwrap();
        alive(&folder, &mut client);
    }
}

#[test]
fn names_that_are_escaped() {
    let folder = Folder::with("escaped", SHOP);
    folder.write("src/mit Leerzeichen & é😀.tess", "module shop.odd\nuse shop.store.{ Stoer }\n");
    let mut client = folder.client();
    let file = uri(&folder.path().join("src/mit Leerzeichen & é😀.tess"));
    client.open(&file, "module shop.odd\nuse shop.store.{ Store }\n\nStore one { size: 1 }\n").unwrap();
    let found = client.at("textDocument/definition", &file, Place { line: 3, character: 1 }).unwrap();
    assert!(found.to_string().contains("store.tess"), "{found}");
    // Editors escape differently: this is the same file.
    let other = file.replace("%26", "&").replace("%C3%A9", "%c3%a9");
    let found = client.at("textDocument/definition", &other, Place { line: 3, character: 1 }).unwrap();
    assert!(found.to_string().contains("store.tess"), "{found}");
}

#[test]
fn a_file_of_20_mb() {
    let (folder, mut client) = shop("large");
    let file = folder.uri("src/large.tess");
    let text = "// A comment that fills a line of this file, so that it gets long.\n".repeat(300_000);
    assert!(text.len() > 20_000_000);
    client.open(&file, &text).unwrap();
    assert!(shown(&mut client, &file), "nobody says that the file is too long");
    for method in ["textDocument/documentSymbol", "textDocument/semanticTokens/full", "textDocument/foldingRange"] {
        client.answer(method, json!({ "textDocument": { "uri": file } })).unwrap();
    }
    client.change(&file, vec![json!({ "range": { "start": { "line": 5, "character": 0 }, "end": { "line": 5, "character": 1 } }, "text": "x" })]).unwrap();
    alive(&folder, &mut client);
    client.close(&file).unwrap();
    folder.write("src/large.tess", &text);
    client.files_changed(&[(file.clone(), 1)]).unwrap();
    assert!(shown(&mut client, &file), "nobody says that the file is too long");
    alive(&folder, &mut client);
}

#[test]
fn a_folder_of_3000_definitions() {
    let folder = Folder::with("definitions", SHOP);
    let one = include_str!("../../../tests/src/lsp/widgets.yaml");
    for number in 0..3_000 {
        folder.write(&format!("crds/{number}.yaml"), one.replace("idget", &format!("idget{number}")));
    }
    folder.write("tessera.toml", "[package]\nname = \"shop\"\ncrds = [\"crds/*.yaml\"]\n");
    let mut client = folder.client();
    let file = folder.uri("src/widget.tess");
    client
        .open(
            &file,
            "module shop.widget\n\nresource first: example.org/v1/Widget2999 {\n  spec: { size: \"three\" }\n}\n",
        )
        .unwrap();
    let found = client.diagnostics(&file).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    alive(&folder, &mut client);
}

#[test]
fn a_text_nested_deeply() {
    let (folder, mut client) = shop("deep");
    let file = folder.uri("src/deep.tess");
    for piece in ["{", "[", "(", "\"${", "a: {", "-", "if a then ", "f("] {
        let text = format!("module shop.deep\n\nlet a = {}", piece.repeat(20_000 / piece.len()));
        if client.documents.contains_key(&file) {
            client.replace(&file, &text).unwrap();
        } else {
            client.open(&file, &text).unwrap();
        }
        assert!(!client.diagnostics(&file).unwrap().is_empty());
        for method in [
            "textDocument/documentSymbol",
            "textDocument/semanticTokens/full",
            "textDocument/foldingRange",
            "textDocument/codeLens",
        ] {
            client.ask(method, json!({ "textDocument": { "uri": file } })).unwrap();
        }
        let end = json!({ "line": 2, "character": text.lines().nth(2).unwrap().len() });
        client.answer("textDocument/completion", hover_at(&file, end.clone())).unwrap();
        client
            .ask("textDocument/selectionRange", json!({ "textDocument": { "uri": file }, "positions": [end] }))
            .unwrap();
    }
    alive(&folder, &mut client);
}

#[test]
fn other_ends_of_lines_marks_and_characters() {
    let (folder, mut client) = shop("lines");
    let file = folder.uri("src/lines.tess");
    // The mistake stands behind characters of one, two, and two UTF-16 units.
    let line = "let é = \"😀\"; let b: Int = \"x\"";
    let line = line.replace("; ", "\n");
    for text in [format!("\u{FEFF}{line}\n"), line.replace('\n', "\r\n"), line.replace("let b", "let /* 😀 */ b")] {
        if client.documents.contains_key(&file) {
            client.replace(&file, &text).unwrap();
        } else {
            client.open(&file, &text).unwrap();
        }
        let found = client.diagnostics(&file).unwrap();
        let column = u64::from(text.contains("/*")) * 9 + 13;
        let wanted =
            json!({ "start": { "line": 1, "character": column }, "end": { "line": 1, "character": column + 3 } });
        assert!(found.iter().any(|diagnostic| diagnostic["range"] == wanted), "{text:?}: {found:#?}");
    }
    alive(&folder, &mut client);
}
