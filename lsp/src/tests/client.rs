//! A client of few lines, in the same process.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, ReadHalf, WriteHalf,
};
use tokio::task::JoinHandle;

use crate::protocol::uri::uri_of;
use crate::tests::host::Memory;
use crate::transport::{Ended, serve};

/// A session: what arrived and was not waited for is kept.
pub(super) struct Client {
    pub(super) disk: Memory,
    input: BufReader<ReadHalf<DuplexStream>>,
    output: WriteHalf<DuplexStream>,
    server: JoinHandle<Ended>,
    next: i64,
    pub(super) seen: Vec<Value>,
}

impl Client {
    /// A server that was not greeted yet.
    pub(super) fn new(disk: Memory) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (input, output) = tokio::io::split(theirs);
        let server = tokio::spawn(serve(Arc::new(disk.clone()), input, output));
        let (input, output) = tokio::io::split(ours);
        Self { disk, input: BufReader::new(input), output, server, next: 0, seen: Vec::new() }
    }

    /// A server that knows the client and the folder `/w`.
    pub(super) async fn start(files: &[(&str, &str)], capabilities: Value) -> Self {
        let disk = Memory::default();
        disk.write("/w/tessera.toml", "[package]\nname = \"w\"\nversion = \"0.1.0\"\n");
        for (path, text) in files {
            disk.write(path, text);
        }
        let mut client = Self::new(disk);
        let folders = json!([{ "uri": "file:///w", "name": "w" }]);
        client.call("initialize", json!({ "capabilities": capabilities, "workspaceFolders": folders })).await.unwrap();
        client.notify("initialized", json!({})).await;
        client
    }

    pub(super) async fn raw(&mut self, bytes: &[u8]) {
        self.output.write_all(bytes).await.unwrap();
    }

    async fn send(&mut self, message: Value) {
        let body = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await;
    }

    pub(super) async fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({ "jsonrpc": "2.0", "method": method, "params": params })).await;
    }

    /// Sends a request; its id.
    pub(super) async fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        self.send(json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params })).await;
        self.next
    }

    /// The answer to a request: its result, or the error's code.
    pub(super) async fn answer(&mut self, id: i64) -> Result<Value, i64> {
        let answer = self.wait(|message| message["id"] == id && message.get("method").is_none()).await;
        match answer.get("error") {
            Some(error) => Err(error["code"].as_i64().unwrap()),
            None => Ok(answer["result"].clone()),
        }
    }

    pub(super) async fn call(&mut self, method: &str, params: Value) -> Result<Value, i64> {
        let id = self.ask(method, params).await;
        self.answer(id).await
    }

    /// The first message that is like this, of those that were not waited for yet.
    pub(super) async fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            if let Some(index) = self.seen.iter().position(&wanted) {
                return self.seen.remove(index);
            }
            let read = tokio::time::timeout(Duration::from_secs(60), self.read());
            let message = read.await.expect("the server is silent").expect("the server is gone");
            if let (Some(id), Some(_)) = (message.get("id").cloned(), message.get("method")) {
                self.send(json!({ "jsonrpc": "2.0", "id": id, "result": null })).await;
            }
            self.seen.push(message);
        }
    }

    /// What is published of a file at a version, its codes only.
    pub(super) async fn codes(&mut self, path: &str, version: Option<i64>) -> Vec<String> {
        let uri = uri_of(Path::new(path)).unwrap();
        let of = |message: &Value| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri.as_str()
                && message["params"]["version"].as_i64() == version
        };
        let message = self.wait(of).await;
        let found = message["params"]["diagnostics"].as_array().unwrap();
        found.iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
    }

    pub(super) async fn open(&mut self, path: &str, version: i64, text: &str) {
        let uri = uri_of(Path::new(path)).unwrap();
        let document = json!({ "uri": uri, "languageId": "tessera", "version": version, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document })).await;
    }

    /// The whole text is another one.
    pub(super) async fn change(&mut self, path: &str, version: i64, text: &str) {
        let uri = uri_of(Path::new(path)).unwrap();
        let params =
            json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": [{ "text": text }] });
        self.notify("textDocument/didChange", params).await;
    }

    /// `1` came, `2` changed, `3` went.
    pub(super) async fn watched(&mut self, path: &str, event: i64) {
        let uri = uri_of(Path::new(path)).unwrap();
        self.notify("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri, "type": event }] })).await;
    }

    /// Goes as clients should.
    pub(super) async fn leave(mut self) -> Ended {
        let id = self.ask("shutdown", Value::Null).await;
        self.answer(id).await.unwrap();
        self.notify("exit", Value::Null).await;
        self.server.await.unwrap()
    }

    /// Goes without a word.
    pub(super) async fn vanish(self) -> Ended {
        drop((self.input, self.output));
        self.server.await.unwrap()
    }

    async fn read(&mut self) -> Option<Value> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.input.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            match line.trim().split_once(": ") {
                Some((_, value)) => length = value.parse().unwrap(),
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.input.read_exact(&mut body).await.ok()?;
        Some(serde_json::from_slice(&body).unwrap())
    }
}
