//! Neovim and Emacs, configured with exactly the lines of docs/editors.md. Everything that goes between them
//! and the server is noted down and held against the meta model; `TESSERA_LSP_RECORD=1` makes the recorded
//! sessions of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value as Json;
use tessera_tests::corpus::root;
use tessera_tests::docs::blocks;
use tessera_tests::lsp::meta::{Model, Sender};
use tessera_tests::lsp::{read, sessions};

use crate::folder::{Folder, SHOP, program};

/// An instance with a mistake, badly formatted.
pub(crate) const ONE: &str = "use shop.store.{ Store }\n\nStore one {\n  size:   12\n}\n";

/// Notes what both sides say, and ends when the server does.
const TEE: &str = r#"#!/bin/sh
mkfifo "$TESSERA_TEE/pipe"
exec 3<&0
tee "$TESSERA_TEE/client" <&3 >"$TESSERA_TEE/pipe" &
noting=$!
{ "$TESSERA_REAL" "$@" <"$TESSERA_TEE/pipe"; echo $? >"$TESSERA_TEE/status"; } | tee "$TESSERA_TEE/server"
kill $noting 2>/dev/null
exit "$(cat "$TESSERA_TEE/status")"
"#;

fn editor(variable: &str) -> PathBuf {
    std::env::var_os(variable).unwrap_or_else(|| panic!("{variable} names the editor; ./test sets it")).into()
}

/// The block of a page below a heading that contains some words.
fn lines(heading: &str, language: &str, words: &str) -> String {
    let page = fs::read_to_string(root().join("docs/editors.md")).unwrap();
    let found = blocks(&page).into_iter().find(|block| {
        block.headings.last().is_some_and(|h| h == heading) && block.language == language && block.text.contains(words)
    });
    found.unwrap_or_else(|| panic!("docs/editors.md has no such block below {heading}")).text
}

struct Played {
    folder: Folder,
    results: BTreeMap<String, Json>,
    output: String,
}

impl Played {
    /// Plays a script in an editor, whose command the caller completes.
    fn new(name: &str, complete: impl FnOnce(&Folder) -> Command) -> Self {
        let folder = Folder::with(name, SHOP);
        folder.write("src/one.tess", ONE);
        folder.write("bin/tessera", TEE);
        fs::set_permissions(folder.path().join("bin/tessera"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(folder.path().join("home")).unwrap();
        // Editors look for the top of a repository; this is one.
        fs::create_dir(folder.path().join(".git")).unwrap();
        let mut command = complete(&folder);
        let path = std::env::join_paths(
            std::iter::once(folder.path().join("bin")).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
        );
        command
            .current_dir(folder.path())
            .env("PATH", path.unwrap())
            .env("HOME", folder.path().join("home"))
            .env("XDG_CONFIG_HOME", folder.path().join("home"))
            .env("XDG_DATA_HOME", folder.path().join("home"))
            .env("XDG_STATE_HOME", folder.path().join("home"))
            .env("TESSERA_RESULTS", folder.path().join("results"))
            .env("TESSERA_FILE", folder.path().join("src/one.tess"))
            .env("TESSERA_TEE", folder.path())
            .env("TESSERA_REAL", program());
        let output = command.output().unwrap();
        let output = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let results = fs::read_to_string(folder.path().join("results")).unwrap_or_default();
        let results = results.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
        let results = results.map(|line| (line["name"].as_str().unwrap().to_owned(), line["value"].clone())).collect();
        Self { folder, results, output }
    }

    fn text(&self, name: &str) -> String {
        let found = self.results.get(name).map(Json::to_string);
        found.unwrap_or_else(|| panic!("no {name}; {:#?}\n{}", self.results, self.output))
    }

    /// What both editors must come to.
    fn judge(&self) {
        let has = |name: &str, parts: &[&str]| {
            let text = self.text(name);
            for part in parts {
                assert!(text.contains(part), "{name} has no {part}: {text}\n{}", self.output);
            }
        };
        has("done", &["true"]);
        has("diagnostics", &["at most nine"]);
        has("mended", &["true"]);
        has("hover", &["A store."]);
        has("completion", &["size"]);
        has("renamed here", &["use shop.store.{ Depot }", "Depot one"]);
        has("renamed there", &["composite Depot:"]);
        has("formatted", &["\\n  size: 3\\n"]);
    }

    /// The messages that one side sent.
    fn said(&self, side: &str) -> Vec<Json> {
        let mut stream = Cursor::new(fs::read(self.folder.path().join(side)).unwrap());
        std::iter::from_fn(|| read(&mut stream).unwrap()).collect()
    }

    /// Holds all messages of the server against the meta model, and those of the editor that it knows.
    fn validate(&self) {
        let Some(model) = Model::of_environment() else { return };
        let (client, server) = (self.said("client"), self.said("server"));
        let methods = |messages: &[Json]| -> BTreeMap<String, String> {
            let asked = messages.iter().filter(|m| m.get("id").is_some());
            asked.filter_map(|m| Some((m["id"].to_string(), m["method"].as_str()?.to_owned()))).collect()
        };
        let asked = methods(&client);
        assert!(!asked.is_empty());
        for message in &server {
            let answered = message.get("id").and_then(|id| asked.get(&id.to_string())).map(String::as_str);
            assert_eq!(model.wrong(Sender::Server, message, answered), None, "{message}");
        }
    }

    fn record(&self, name: &str, about: &str) {
        if std::env::var_os("TESSERA_LSP_RECORD").is_some() {
            let session = sessions::recorded(about, &self.folder.uri(""), &self.said("client"), &self.said("server"));
            fs::write(root().join("tests/sessions").join(format!("{name}.json")), session).unwrap();
        }
    }
}

#[test]
#[ignore = "needs Neovim"]
fn neovim_with_the_lines_of_the_page() {
    let played = Played::new("neovim", |folder| {
        folder.write("init.lua", lines("Neovim", "lua", "start_client"));
        let mut command = Command::new(editor("TESSERA_NVIM"));
        command.args(["--headless", "-u"]).arg(folder.path().join("init.lua")).arg(folder.path().join("src/one.tess"));
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lsp/neovim.lua");
        command.args(["-c", &format!("luafile {script}")]);
        command
    });
    played.judge();
    assert_eq!(played.results["filetype"], "tessera");
    // Emacs does not wait for it.
    assert_eq!(fs::read_to_string(played.folder.path().join("status")).unwrap(), "0\n");
    assert_eq!(played.results["definition"], serde_json::json!([4, 10]));
    played.validate();
    played.record(
        "neovim",
        "Neovim 0.7.2, its built-in client: a mistake mended, hover, definition, completion, rename, format",
    );
}

#[test]
#[ignore = "needs Emacs"]
fn emacs_with_the_lines_of_the_page() {
    let played = Played::new("emacs", |folder| {
        folder.write("init.el", lines("Emacs", "elisp", "eglot"));
        let mut command = Command::new(editor("TESSERA_EMACS"));
        command.args(["-q", "--batch", "-l"]).arg(folder.path().join("init.el"));
        command.args(["-l", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lsp/emacs.el")]);
        command
    });
    played.judge();
    assert_eq!(played.results["mode"], "tessera-mode");
    assert_eq!(played.results["definition"], "store.tess:4");
    played.validate();
    played.record(
        "emacs",
        "Emacs 28 with Eglot 1.9: a mistake mended, hover, definition, completion, rename, format, a plain shutdown",
    );
}
