//! The client: requests and their answers, notifications, and what the server asks of us.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use serde_json::{Map, Value as Json, json};

use super::meta::{Model, Sender};
use super::peer::Peer;
use super::texts::{changed, language};
use super::{Document, Place, Result, frame};

/// A server that says nothing for so long is taken for dead, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(120);

/// The code of a method that is not known.
const METHOD_NOT_FOUND: i64 = -32_601;

/// How a client presents itself.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its capabilities.
    pub capabilities: Json,
    /// Its initialization options.
    pub options: Option<Json>,
    /// The folders of its workspace.
    pub folders: Vec<String>,
    /// What it answers when it is asked for its configuration, by section.
    pub settings: Json,
}

impl Default for Options {
    fn default() -> Self {
        let capabilities = include_str!("capabilities.json");
        Self {
            capabilities: serde_json::from_str(capabilities).unwrap_or_default(),
            options: Some(json!({ "commands": ["tessera.preview", "tessera.graph", "tessera.showReferences"] })),
            folders: Vec::new(),
            settings: json!({}),
        }
    }
}

/// What a request came to.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The result, or the error.
    pub result: std::result::Result<Json, Json>,
    /// From sending to its arrival.
    pub took: Duration,
}

/// A request on its way.
struct Asked {
    method: String,
    sent: Instant,
    answer: Option<Answer>,
}

/// A connection to a server.
pub struct Client {
    peer: Peer,
    model: Option<Arc<Model>>,
    /// Whether what we send is held against the model, too.
    strict: bool,
    options: Options,
    asked: BTreeMap<i64, Asked>,
    next: i64,
    /// The texts of the open documents, by URI.
    pub documents: BTreeMap<String, Document>,
    /// What the server told, in its order; taken by who reads it.
    pub notifications: Vec<(String, Json)>,
    /// What the server asked.
    pub requests: Vec<(String, Json)>,
    /// The last diagnostics that were published for each document.
    pub published: BTreeMap<String, Json>,
    /// What the server can do, as it said.
    pub capabilities: Json,
    /// Messages that are not as the specification wants them.
    pub wrong: Vec<String>,
    /// Answers to a request without an id, to what could not be read.
    pub unasked: Vec<Json>,
    /// What it answers to methods otherwise than by itself: `{ "result": … }` or `{ "error": … }`.
    pub answers: Map<String, Json>,
}

impl Client {
    /// Starts a server over standard streams, in a folder.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(program: &Path, arguments: &[&str], folder: &Path, options: Options) -> Result<Self> {
        let peer = Peer::stdio(Command::new(program).args(arguments).current_dir(folder))?;
        Ok(Self::of(peer, options))
    }

    /// Starts a server that listens, and connects to it.
    ///
    /// # Errors
    /// When it cannot be started or does not listen.
    pub fn connect(program: &Path, arguments: &[&str], folder: &Path, options: Options) -> Result<Self> {
        let peer = Peer::tcp(Command::new(program).args(arguments).current_dir(folder))?;
        Ok(Self::of(peer, options))
    }

    fn of(peer: Peer, options: Options) -> Self {
        Self {
            peer,
            model: Model::of_environment(),
            strict: true,
            options,
            asked: BTreeMap::new(),
            next: 1,
            documents: BTreeMap::new(),
            notifications: Vec::new(),
            requests: Vec::new(),
            published: BTreeMap::new(),
            capabilities: Json::Null,
            wrong: Vec::new(),
            unasked: Vec::new(),
            answers: Map::new(),
        }
    }

    /// Holds nothing against the meta model from now on: a peer's server.
    pub fn without_model(&mut self) {
        self.model = None;
    }

    /// Holds only what the server says against the meta model: what we send is to be wrong, or more than
    /// the specification has.
    pub fn lenient(&mut self) {
        self.strict = false;
    }

    /// The server's process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.peer.process.id()
    }

    /// What the server wrote to its standard error.
    #[must_use]
    pub fn log(&self) -> String {
        self.peer.log.lock().map(|log| log.clone()).unwrap_or_default()
    }

    /// Introduces itself.
    ///
    /// # Errors
    /// When the server does not answer well.
    pub fn initialize(&mut self) -> Result<()> {
        let folders: Vec<Json> = self.options.folders.iter().map(|uri| folder(uri)).collect();
        let mut params = json!({
            "processId": std::process::id(),
            "clientInfo": { "name": "tessera-tests" },
            "rootUri": self.options.folders.first(),
            "capabilities": self.options.capabilities,
            "workspaceFolders": folders,
        });
        if let (Some(options), Some(params)) = (&self.options.options, params.as_object_mut()) {
            params.insert("initializationOptions".to_owned(), options.clone());
        }
        let result = self.ask("initialize", params)?;
        self.capabilities = result.get("capabilities").cloned().unwrap_or_default();
        self.notify("initialized", json!({}))
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// When the server does not take them.
    pub fn raw(&mut self, bytes: &[u8]) -> Result<()> {
        let input = self.peer.input.as_mut().ok_or("the input is closed")?;
        input
            .write_all(bytes)
            .and_then(|()| input.flush())
            .map_err(|error| format!("the server does not read: {error}"))
    }

    /// Closes the server's input.
    pub fn close_input(&mut self) {
        self.peer.input = None;
    }

    fn send(&mut self, message: Json, answered: Option<&str>) -> Result<()> {
        self.hold(Sender::Client, &message, answered);
        self.raw(&frame(&message))
    }

    fn hold(&mut self, sender: Sender, message: &Json, answered: Option<&str>) {
        if sender == Sender::Client && !self.strict {
            return;
        }
        if let Some(wrong) = self.model.as_ref().and_then(|model| model.wrong(sender, message, answered)) {
            self.wrong.push(format!("{sender:?}: {wrong}"));
        }
    }

    /// Sends a request, whose answer is waited for later.
    ///
    /// # Errors
    /// When the server does not read.
    pub fn request(&mut self, method: &str, params: Json) -> Result<i64> {
        self.request_as(method, Some(params).filter(|params| !params.is_null()))
    }

    /// The same with parameters that are there or not, `null` or not.
    ///
    /// # Errors
    /// When the server does not read.
    pub fn request_as(&mut self, method: &str, params: Option<Json>) -> Result<i64> {
        let id = self.next;
        self.next += 1;
        let mut message = json!({ "jsonrpc": "2.0", "id": id, "method": method });
        if let (Some(params), Some(object)) = (params, message.as_object_mut()) {
            object.insert("params".to_owned(), params);
        }
        self.asked.insert(id, Asked { method: method.to_owned(), sent: Instant::now(), answer: None });
        self.send(message, None)?;
        Ok(id)
    }

    /// Says that an answer is no longer wanted.
    ///
    /// # Errors
    /// When the server does not read.
    pub fn cancel(&mut self, id: i64) -> Result<()> {
        self.notify("$/cancelRequest", json!({ "id": id }))
    }

    /// Sends a notification.
    ///
    /// # Errors
    /// When the server does not read.
    pub fn notify(&mut self, method: &str, params: Json) -> Result<()> {
        self.notify_as(method, Some(params).filter(|params| !params.is_null()))
    }

    /// The same with parameters that are there or not, `null` or not.
    ///
    /// # Errors
    /// When the server does not read.
    pub fn notify_as(&mut self, method: &str, params: Option<Json>) -> Result<()> {
        let mut message = json!({ "jsonrpc": "2.0", "method": method });
        if let (Some(params), Some(object)) = (params, message.as_object_mut()) {
            object.insert("params".to_owned(), params);
        }
        self.send(message, None)
    }

    /// Takes one message. False when none came in time.
    ///
    /// # Errors
    /// When the server is gone or what it says is no message.
    pub fn pump(&mut self, within: Duration) -> Result<bool> {
        match self.peer.inbox.recv_timeout(within) {
            Ok((at, message)) => {
                let message = message.map_err(|error| format!("the server writes what is no message: {error}"))?;
                self.take(at, message)?;
                Ok(true)
            }
            Err(RecvTimeoutError::Timeout) => Ok(false),
            Err(RecvTimeoutError::Disconnected) => Err(format!("the server is gone; it said:\n{}", self.log())),
        }
    }

    fn take(&mut self, at: Instant, message: Json) -> Result<()> {
        let method = message.get("method").and_then(Json::as_str).map(str::to_owned);
        let id = message.get("id").cloned();
        match (method, id) {
            (Some(method), Some(id)) => {
                self.hold(Sender::Server, &message, None);
                self.answer_server(&method, id, message.get("params").cloned().unwrap_or_default())
            }
            (Some(method), None) => {
                self.hold(Sender::Server, &message, None);
                let params = message.get("params").cloned().unwrap_or_default();
                if method == "textDocument/publishDiagnostics" {
                    let uri = params.get("uri").and_then(Json::as_str).unwrap_or_default().to_owned();
                    self.published.insert(uri, params.clone());
                }
                self.notifications.push((method, params));
                Ok(())
            }
            (None, id) => {
                let asked = id.as_ref().and_then(Json::as_i64).and_then(|id| self.asked.get_mut(&id));
                let Some(asked) = asked else {
                    self.unasked.push(message);
                    return Ok(());
                };
                if asked.answer.is_some() {
                    self.wrong.push(format!("{} was answered twice", asked.method));
                    return Ok(());
                }
                let result = match message.get("error") {
                    Some(error) => Err(error.clone()),
                    None => Ok(message.get("result").cloned().unwrap_or_default()),
                };
                asked.answer = Some(Answer { result, took: at.saturating_duration_since(asked.sent) });
                let method = asked.method.clone();
                self.hold(Sender::Server, &message, Some(&method));
                Ok(())
            }
        }
    }

    /// Answers what the server asks, as an editor would.
    fn answer_server(&mut self, method: &str, id: Json, params: Json) -> Result<()> {
        let result = match method {
            "workspace/configuration" => {
                let items = params.get("items").and_then(Json::as_array).cloned().unwrap_or_default();
                let section = |item: &Json| {
                    let name = item.get("section").and_then(Json::as_str).unwrap_or_default();
                    let parts = name.split('.').filter(|part| !part.is_empty());
                    parts.fold(self.options.settings.clone(), |at, part| at.get(part).cloned().unwrap_or_default())
                };
                Some(items.iter().map(section).collect())
            }
            "workspace/workspaceFolders" => Some(self.options.folders.iter().map(|uri| folder(uri)).collect()),
            "workspace/applyEdit" => Some(json!({ "applied": true })),
            "window/showDocument" => Some(json!({ "success": true })),
            "client/registerCapability" | "client/unregisterCapability" | "window/workDoneProgress/create" => {
                Some(Json::Null)
            }
            "window/showMessageRequest" => Some(Json::Null),
            refresh if refresh.starts_with("workspace/") && refresh.ends_with("/refresh") => Some(Json::Null),
            _ => None,
        };
        self.requests.push((method.to_owned(), params));
        if let Some(given) = self.answers.get(method) {
            let mut message = given.clone();
            if let Some(message) = message.as_object_mut() {
                message.insert("jsonrpc".to_owned(), json!("2.0"));
                message.insert("id".to_owned(), id);
            }
            let _ = self.send(message, Some(method));
            return Ok(());
        }
        let message = match result {
            Some(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            None => {
                let error = json!({ "code": METHOD_NOT_FOUND, "message": format!("`{method}` is not known here") });
                json!({ "jsonrpc": "2.0", "id": id, "error": error })
            }
        };
        // An answer that cannot be sent is no harm: the server may have ended meanwhile.
        let _ = self.send(message, Some(method));
        Ok(())
    }

    /// Waits for the answer to a request.
    ///
    /// # Errors
    /// When none comes.
    pub fn wait(&mut self, id: i64) -> Result<Answer> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.asked.get(&id) {
                None => return Err(format!("nothing was asked as {id}")),
                Some(Asked { answer: Some(_), .. }) => break,
                Some(asked) if Instant::now() > until => {
                    return Err(format!("no answer to {} after {PATIENCE:?}; {}", asked.method, self.state()));
                }
                Some(_) => _ = self.pump(until.saturating_duration_since(Instant::now()))?,
            }
        }
        self.asked.remove(&id).and_then(|asked| asked.answer).ok_or_else(|| "no answer".to_owned())
    }

    /// What the client saw last, for messages about failures.
    fn state(&self) -> String {
        let waiting: Vec<String> = self
            .asked
            .iter()
            .filter(|(_, asked)| asked.answer.is_none())
            .map(|(id, asked)| format!("{id} {}", asked.method))
            .collect();
        let told: Vec<&str> = self.notifications.iter().rev().take(8).map(|(method, _)| method.as_str()).collect();
        format!("waiting for: {waiting:?}; told last: {told:?}; its log:\n{}", self.log())
    }

    /// Sends a request and waits.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn answer(&mut self, method: &str, params: Json) -> Result<Answer> {
        let id = self.request(method, params)?;
        self.wait(id)
    }

    /// The result of a request.
    ///
    /// # Errors
    /// When it is an error, or none comes.
    pub fn ask(&mut self, method: &str, params: Json) -> Result<Json> {
        self.answer(method, params)?.result.map_err(|error| format!("{method}: {error}"))
    }

    /// Waits until the client has seen something.
    ///
    /// # Errors
    /// When that does not happen.
    pub fn wait_until(&mut self, what: &str, seen: impl Fn(&Self) -> bool) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        while !seen(self) {
            if Instant::now() > until {
                return Err(format!("{what} did not happen; {}", self.state()));
            }
            self.pump(until.saturating_duration_since(Instant::now()))?;
        }
        Ok(())
    }

    /// Waits until all requests are answered; their answers by id.
    ///
    /// # Errors
    /// When one is not.
    pub fn settle(&mut self) -> Result<Vec<(String, Answer)>> {
        let ids: Vec<i64> = self.asked.keys().copied().collect();
        let mut answers = Vec::new();
        for id in ids {
            let method = self.asked.get(&id).map(|asked| asked.method.clone()).unwrap_or_default();
            answers.push((method, self.wait(id)?));
        }
        Ok(answers)
    }

    /// The requests that are not answered yet.
    #[must_use]
    pub fn outstanding(&self) -> Vec<i64> {
        self.asked.iter().filter(|(_, asked)| asked.answer.is_none()).map(|(id, _)| *id).collect()
    }

    /// What it answers from now on when it is asked for its configuration.
    pub fn configure(&mut self, settings: Json) {
        self.options.settings = settings;
    }

    /// Opens a document.
    ///
    /// # Errors
    /// When the server does not read.
    pub fn open(&mut self, uri: &str, text: &str) -> Result<()> {
        self.open_as(uri, Document { text: text.to_owned(), version: 1, language: language(uri).to_owned() })
    }

    /// Opens a document at a version, in a language.
    ///
    /// # Errors
    /// When the server does not read.
    pub fn open_as(&mut self, uri: &str, document: Document) -> Result<()> {
        let Document { text, version, language } = &document;
        let item = json!({ "uri": uri, "languageId": language, "version": version, "text": text });
        self.documents.insert(uri.to_owned(), document);
        self.notify("textDocument/didOpen", json!({ "textDocument": item }))
    }

    /// Changes a document by `TextDocumentContentChangeEvent`s.
    ///
    /// # Errors
    /// When the document is not open or the server does not read.
    pub fn change(&mut self, uri: &str, changes: Vec<Json>) -> Result<()> {
        let document = self.documents.get_mut(uri).ok_or_else(|| format!("{uri} is not open"))?;
        document.version += 1;
        for change in &changes {
            document.text = changed(&document.text, change);
        }
        let of = json!({ "uri": uri, "version": document.version });
        self.notify("textDocument/didChange", json!({ "textDocument": of, "contentChanges": changes }))
    }

    /// Gives a document a new text.
    ///
    /// # Errors
    /// When the document is not open or the server does not read.
    pub fn replace(&mut self, uri: &str, text: &str) -> Result<()> {
        self.change(uri, vec![json!({ "text": text })])
    }

    /// Closes a document.
    ///
    /// # Errors
    /// When the server does not read.
    pub fn close(&mut self, uri: &str) -> Result<()> {
        self.documents.remove(uri);
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }))
    }

    /// Tells changes of files: 1 created, 2 changed, 3 deleted.
    ///
    /// # Errors
    /// When the server does not read.
    pub fn files_changed(&mut self, changes: &[(String, u32)]) -> Result<()> {
        let changes: Vec<Json> = changes.iter().map(|(uri, kind)| json!({ "uri": uri, "type": kind })).collect();
        self.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }))
    }

    /// The result of a request about a place in a document.
    ///
    /// # Errors
    /// When it is an error.
    pub fn at(&mut self, method: &str, uri: &str, place: Place) -> Result<Json> {
        self.ask(method, json!({ "textDocument": { "uri": uri }, "position": place.json() }))
    }

    /// The diagnostics of a document, asked for.
    ///
    /// # Errors
    /// When the answer is an error.
    pub fn diagnostics(&mut self, uri: &str) -> Result<Vec<Json>> {
        let report = self.ask("textDocument/diagnostic", json!({ "textDocument": { "uri": uri } }))?;
        let items = report.get("items").and_then(Json::as_array).cloned();
        items.ok_or_else(|| format!("no full report: {report}"))
    }

    /// Takes leave, and waits for the end of the process.
    ///
    /// # Errors
    /// When the server does not end, or something that was said was wrong.
    pub fn shutdown(mut self) -> Result<ExitStatus> {
        self.ask("shutdown", Json::Null)?;
        self.exit()
    }

    /// Says `exit`, and waits for the end of the process.
    ///
    /// # Errors
    /// When the server does not end, or something that was said was wrong.
    pub fn exit(mut self) -> Result<ExitStatus> {
        self.notify("exit", Json::Null)?;
        self.ended()
    }

    /// Waits for the end of the process.
    ///
    /// # Errors
    /// When the server does not end, or something that was said was wrong.
    pub fn ended(mut self) -> Result<ExitStatus> {
        let status = self.peer.ended(PATIENCE)?;
        while let Ok((at, Ok(message))) = self.peer.inbox.recv_timeout(Duration::from_secs(1)) {
            self.take(at, message)?;
        }
        self.right()?;
        Ok(status)
    }

    /// That nothing so far was wrong.
    ///
    /// # Errors
    /// The messages that were not as the specification wants them, and panics.
    pub fn right(&self) -> Result<()> {
        let log = self.log();
        if log.contains("panicked") {
            return Err(format!("the server panicked:\n{log}"));
        }
        if self.wrong.is_empty() { Ok(()) } else { Err(format!("wrong messages:\n{}", self.wrong.join("\n"))) }
    }
}

fn folder(uri: &str) -> Json {
    json!({ "uri": uri, "name": uri.trim_end_matches('/').rsplit('/').next().unwrap_or_default() })
}
