//! A workspace of several projects in which things happen at random, in the order of a seed, and a server
//! that is told of them; at the end of a batch its answers are held against those of a fresh one.
//!
//! A step is one number: what it does depends on that and on the state. So steps can be left out to find
//! the few that a failure needs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::edits::{changes, mutated};
use super::invariants::{Texts, broken};
use super::questions::{Asker, Question, further};
use super::texts::uri;
use super::{Answer, Client, Options, Result};
use crate::corpus::{Random, example, examples};

/// Errors that stand for no answer: cancelled, changed meanwhile, cancelled by the server.
const NO_ANSWER: [i64; 3] = [-32_800, -32_801, -32_802];
/// A handler that failed.
const INTERNAL: i64 = -32_603;

/// A CRD that a project uses.
const WIDGETS: &str = include_str!("widgets.yaml");
const WIDGET: &str =
    "module lab.widget\n\nresource first: example.org/v1/Widget {\n  spec: { size: 3, colour: \"red\" }\n}\n";

/// The workspace and its server.
pub struct World {
    root: PathBuf,
    program: PathBuf,
    client: Client,
    /// The folders of the workspace that are open.
    folders: BTreeSet<String>,
    /// All projects.
    projects: Vec<String>,
    /// The texts that there were in the beginning, by URI.
    originals: BTreeMap<String, String>,
    /// What is on disk now.
    disk: BTreeMap<String, String>,
    settings: Json,
}

impl World {
    /// Writes the workspace and starts a server.
    ///
    /// # Errors
    /// When that fails.
    pub fn new(program: &Path, root: &Path) -> Result<Self> {
        let _ = fs::remove_dir_all(root);
        let mut files: Vec<(String, String)> = Vec::new();
        let mut projects = Vec::new();
        for name in examples().map_err(|error| error.to_string())? {
            projects.push(uri(&root.join(&name)));
            let own = example(&name).map_err(|error| error.to_string())?;
            files.extend(own.into_iter().map(|(path, text)| (format!("{name}/{path}"), text)));
        }
        projects.push(uri(&root.join("laboratory")));
        for (path, text) in [
            ("tessera.toml", "[package]\nname = \"lab\"\ncrds = [\"crds/*.yaml\"]\n"),
            ("crds/widgets.yaml", WIDGETS),
            ("widget.tess", WIDGET),
        ] {
            files.push((format!("laboratory/{path}"), text.to_owned()));
        }
        // One without a project file.
        projects.push(uri(&root.join("loose")));
        files.push((
            "loose/one.tess".to_owned(),
            "let answer = 42\nresource a: v1/ConfigMap { data: { a: \"${answer}\" } }\n".to_owned(),
        ));
        let originals: BTreeMap<String, String> =
            files.into_iter().map(|(path, text)| (uri(&root.join(path)), text)).collect();
        for (uri, text) in &originals {
            save(uri, text)?;
        }
        let folders: BTreeSet<String> = projects.iter().cloned().collect();
        let client = start(program, root, &folders, &json!({}))?;
        Ok(Self {
            root: root.to_owned(),
            program: program.to_owned(),
            client,
            folders,
            projects,
            disk: originals.clone(),
            originals,
            settings: json!({}),
        })
    }

    /// One thing happens.
    ///
    /// # Errors
    /// When the server does not read any more.
    pub fn step(&mut self, seed: u64) -> Result<()> {
        let random = &mut Random::new(seed);
        // What has arrived is looked at now and then, as it comes.
        while self.client.pump(std::time::Duration::ZERO)? {}
        self.client.notifications.clear();
        self.client.requests.clear();
        match random.below(100) {
            0..38 => self.edit(random),
            38..44 => self.open(random),
            44..47 => self.close(random),
            47..50 => self.save(random),
            50..56 => self.disk(random),
            56..58 => self.project_file(random),
            58..60 => self.folder(random),
            60..62 => self.settings(random),
            62..66 => self.cancel(random),
            _ => self.ask(random),
        }
    }

    fn others(&self) -> Vec<String> {
        self.originals.iter().filter(|(uri, _)| uri.ends_with(".tess")).map(|(_, text)| text.clone()).collect()
    }

    fn opened(&self, random: &mut Random) -> Option<String> {
        let open: Vec<&String> = self.client.documents.keys().collect();
        random.pick(&open).map(|uri| (*uri).clone())
    }

    fn edit(&mut self, random: &mut Random) -> Result<()> {
        let Some(uri) = self.opened(random) else { return self.open(random) };
        let text = self.client.documents.get(&uri).map(|document| document.text.clone()).unwrap_or_default();
        let original = self.originals.get(&uri).cloned().unwrap_or_default();
        let (changes, after) = changes(&text, &original, &self.others(), random);
        self.client.change(&uri, changes)?;
        let known = self.client.documents.get(&uri).map(|document| document.text.as_str());
        if known == Some(after.as_str()) { Ok(()) } else { Err("the client loses its text".to_owned()) }
    }

    fn open(&mut self, random: &mut Random) -> Result<()> {
        let closed: Vec<String> =
            self.disk.keys().filter(|uri| !self.client.documents.contains_key(*uri)).cloned().collect();
        let Some(uri) = random.pick(&closed) else { return Ok(()) };
        let text = self.disk.get(uri).cloned().unwrap_or_default();
        self.client.open(uri, &text)
    }

    fn close(&mut self, random: &mut Random) -> Result<()> {
        if self.client.documents.len() < 3 {
            return self.open(random);
        }
        self.opened(random).map_or(Ok(()), |uri| self.client.close(&uri))
    }

    fn save(&mut self, random: &mut Random) -> Result<()> {
        let Some(uri) = self.opened(random) else { return Ok(()) };
        let text = self.client.documents.get(&uri).map(|document| document.text.clone()).unwrap_or_default();
        save(&uri, &text)?;
        let kind = if self.disk.insert(uri.clone(), text).is_some() { 2 } else { 1 };
        self.client.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } }))?;
        self.client.files_changed(&[(uri, kind)])
    }

    /// Files come, change and go on disk, those that are open too.
    fn disk(&mut self, random: &mut Random) -> Result<()> {
        let mut told = Vec::new();
        for _ in 0..=random.below(3) {
            let known: Vec<String> = self.originals.keys().filter(|uri| !uri.ends_with(".toml")).cloned().collect();
            let mut uri = random.pick(&known).cloned().unwrap_or_default();
            if random.below(5) == 0 {
                let end = uri.rfind('/').unwrap_or_default();
                uri = format!("{}/more{}.tess", uri.get(..end).unwrap_or_default(), random.below(3));
            }
            let before = self.disk.get(&uri).cloned();
            let text = match (random.below(4), &before) {
                (0, Some(_)) => None,
                (1, Some(text)) => Some(mutated(text, &self.others(), random)),
                _ => Some(match self.originals.get(&uri) {
                    Some(original) => original.clone(),
                    None => random.pick(&self.others()).cloned().unwrap_or_default(),
                }),
            };
            told.extend(self.put(&uri, text)?);
        }
        self.client.files_changed(&told)
    }

    /// Puts a text into a file, or removes it; what to tell of it.
    fn put(&mut self, uri: &str, text: Option<String>) -> Result<Option<(String, u32)>> {
        let before = self.disk.contains_key(uri);
        match text {
            Some(text) => {
                save(uri, &text)?;
                self.disk.insert(uri.to_owned(), text);
                Ok(Some((uri.to_owned(), if before { 2 } else { 1 })))
            }
            None if before => {
                fs::remove_file(path(uri)).map_err(|error| format!("{uri}: {error}"))?;
                self.disk.remove(uri);
                Ok(Some((uri.to_owned(), 3)))
            }
            None => Ok(None),
        }
    }

    fn project_file(&mut self, random: &mut Random) -> Result<()> {
        let files: Vec<String> = self.originals.keys().filter(|uri| uri.ends_with(".toml")).cloned().collect();
        let Some(uri) = random.pick(&files) else { return Ok(()) };
        let original = self.originals.get(uri).cloned().unwrap_or_default();
        let text = match random.below(6) {
            0 => None,
            1 => Some(mutated(&original, &[], random)),
            2 => Some(format!("{original}kubernetes = \"1.35\"\n")),
            _ => Some(original),
        };
        let told: Vec<(String, u32)> = self.put(uri, text)?.into_iter().collect();
        self.client.files_changed(&told)
    }

    fn folder(&mut self, random: &mut Random) -> Result<()> {
        let Some(folder) = random.pick(&self.projects).cloned() else { return Ok(()) };
        let named = |uri: &str| json!({ "uri": uri, "name": uri.rsplit('/').next() });
        let event = if self.folders.remove(&folder) {
            json!({ "added": [], "removed": [named(&folder)] })
        } else {
            self.folders.insert(folder.clone());
            json!({ "added": [named(&folder)], "removed": [] })
        };
        self.client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event }))
    }

    fn settings(&mut self, random: &mut Random) -> Result<()> {
        let hints =
            json!({ "types": random.below(2) == 0, "defaults": random.below(2) == 0, "names": random.below(2) == 0 });
        self.settings = json!({ "inlayHints": hints });
        let settings = json!({ "tessera": self.settings });
        self.client.configure(settings.clone());
        self.client.notify("workspace/didChangeConfiguration", json!({ "settings": settings }))
    }

    fn cancel(&mut self, random: &mut Random) -> Result<()> {
        let waiting = self.client.outstanding();
        random.pick(&waiting).map_or(Ok(()), |id| self.client.cancel(*id))
    }

    fn ask(&mut self, random: &mut Random) -> Result<()> {
        let Some(uri) = self.opened(random) else { return self.open(random) };
        let capabilities = self.client.capabilities.clone();
        let Some(document) = self.client.documents.get(&uri) else { return Ok(()) };
        let asker = Asker { capabilities: &capabilities, uri: &uri, text: &document.text };
        let Some(question) = asker.any(random) else { return Ok(()) };
        self.client.request(question.method, question.params).map(|_| ())
    }

    /// Waits for all answers, and holds what the server says now against what a fresh one says.
    ///
    /// # Errors
    /// What differs, or is wrong by itself.
    pub fn compare(&mut self, seed: u64) -> Result<()> {
        for (method, answer) in self.client.settle()? {
            if let Err(error) = answer.result {
                let code = error.get("code").and_then(Json::as_i64).unwrap_or_default();
                if code == INTERNAL {
                    return Err(format!("{method} failed: {error}\n{}", self.client.log()));
                }
            }
        }
        self.client.right()?;
        let mut fresh = self.fresh()?;
        let random = &mut Random::new(seed);
        let questions = self.questions(random);
        let texts = self.texts();
        // What is asked next has a server's own data in it.
        let mut next = (questions.clone(), questions);
        while !next.0.is_empty() {
            let ours = ask_all(&mut self.client, &next.0, random)?;
            let theirs = ask_all(&mut fresh, &next.1, random)?;
            let mut more = (Vec::new(), Vec::new());
            for ((question, ours), theirs) in next.0.iter().zip(&ours).zip(&theirs) {
                self.same(question, ours, theirs, &texts)?;
                if let (Ok(ours), Ok(theirs)) = (&ours.result, &theirs.result)
                    && question.method != "textDocument/completion"
                {
                    more.0.extend(further(question, ours, &mut random.clone()));
                    more.1.extend(further(question, theirs, random));
                }
            }
            next = more;
        }
        fresh.right()?;
        self.client.right()?;
        let status = fresh.shutdown()?;
        if status.success() { Ok(()) } else { Err(format!("the fresh server ends with {status}")) }
    }

    fn same(&self, question: &Question, ours: &Answer, theirs: &Answer, texts: &Texts) -> Result<()> {
        let Question { method, params, uri } = question;
        let (a, b) = (plain(&ours.result), plain(&theirs.result));
        if a != b {
            let text = texts.get(uri).map_or("", String::as_str);
            return Err(format!(
                "{method} {params}\nthe server says {}\na fresh one says {}\nthe text:\n{text}",
                different(&a, &b).0,
                different(&a, &b).1
            ));
        }
        match &ours.result {
            Ok(result) => broken(method, uri, result, texts).map_or(Ok(()), Err),
            Err(error) => {
                let code = error.get("code").and_then(Json::as_i64).unwrap_or_default();
                // Nothing happens any more, so that nothing can have changed.
                let wrong = code == INTERNAL || NO_ANSWER.contains(&code);
                if wrong { Err(format!("{method} {params}: {error}")) } else { Ok(()) }
            }
        }
    }

    /// What the server knows of texts: open documents over the disk.
    fn texts(&self) -> Texts {
        let mut texts = self.disk.clone();
        texts.extend(self.client.documents.iter().map(|(uri, document)| (uri.clone(), document.text.clone())));
        texts
    }

    fn questions(&self, random: &mut Random) -> Vec<Question> {
        let capabilities = &self.client.capabilities;
        let mut questions = Vec::new();
        for (uri, document) in &self.client.documents {
            let asker = Asker { capabilities, uri, text: &document.text };
            questions.extend(asker.all(3, random));
        }
        for uri in self.disk.keys().filter(|uri| uri.ends_with(".tess")) {
            let params = json!({ "textDocument": { "uri": uri } });
            questions.push(Question { method: "textDocument/diagnostic", params, uri: uri.clone() });
        }
        questions
    }

    /// A server that is told only how things are now.
    fn fresh(&self) -> Result<Client> {
        let mut fresh = start(&self.program, &self.root, &self.folders, &self.settings)?;
        for (uri, document) in &self.client.documents {
            fresh.open_as(uri, document.clone())?;
        }
        Ok(fresh)
    }

    /// Takes leave of the server.
    ///
    /// # Errors
    /// When it does not end well.
    pub fn end(self) -> Result<()> {
        let status = self.client.shutdown()?;
        let _ = fs::remove_dir_all(&self.root);
        if status.success() { Ok(()) } else { Err(format!("the server ends with {status}")) }
    }
}

fn start(program: &Path, root: &Path, folders: &BTreeSet<String>, settings: &Json) -> Result<Client> {
    let mut options = Options { folders: folders.iter().cloned().collect(), ..Options::default() };
    options.settings = json!({ "tessera": settings });
    if let Some(Json::Object(given)) = &mut options.options {
        given.insert("settings".to_owned(), settings.clone());
    }
    let mut client = Client::start(program, &["lsp"], root, options)?;
    client.initialize()?;
    Ok(client)
}

/// Asks all at once; but completions one after the other, each with one of its items resolved, since a
/// server knows the items of its last answer.
fn ask_all(client: &mut Client, questions: &[Question], random: &Random) -> Result<Vec<Answer>> {
    let mut waiting = Vec::new();
    for question in questions {
        let id = client.request(question.method, question.params.clone())?;
        if question.method != "textDocument/completion" {
            waiting.push((Some(id), None));
            continue;
        }
        let mut answer = client.wait(id)?;
        if let Ok(result) = &mut answer.result {
            let mut resolved = Vec::new();
            for next in further(question, result, &mut random.clone()) {
                resolved.push(plain(&client.answer(next.method, next.params)?.result));
            }
            *result = json!({ "items": result.take(), "resolved": resolved });
        }
        waiting.push((None, Some(answer)));
    }
    let answered = |(id, answer): (Option<i64>, Option<Answer>)| match (id, answer) {
        (Some(id), _) => client.wait(id),
        (None, answer) => answer.ok_or_else(|| "no answer".to_owned()),
    };
    waiting.into_iter().map(answered).collect()
}

/// An answer less what may differ between two servers: the names of results, and what they keep for
/// themselves in them.
fn plain(answer: &std::result::Result<Json, Json>) -> Json {
    let mut plain = match answer {
        Ok(result) => result.clone(),
        Err(error) => json!({ "error": error }),
    };
    strip(&mut plain);
    plain
}

fn strip(value: &mut Json) {
    match value {
        Json::Object(entries) => {
            entries.shift_remove("resultId");
            entries.shift_remove("data").filter(Json::is_array).map(|tokens| entries.insert("data".to_owned(), tokens));
            entries.values_mut().for_each(strip);
        }
        Json::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// The first parts that differ, with their places.
fn different(a: &Json, b: &Json) -> (String, String) {
    fn walk<'a>(a: &'a Json, b: &'a Json, path: &mut Vec<String>) -> (&'a Json, &'a Json) {
        if let (Json::Object(x), Json::Object(y)) = (a, b) {
            for (key, inner) in x {
                if let Some(other) = y.get(key).filter(|other| *other != inner) {
                    path.push(key.clone());
                    return walk(inner, other, path);
                }
            }
        }
        if let (Json::Array(x), Json::Array(y)) = (a, b)
            && x.len() == y.len()
            && let Some((at, (inner, other))) = x.iter().zip(y).enumerate().find(|(_, (x, y))| x != y)
        {
            path.push(at.to_string());
            return walk(inner, other, path);
        }
        (a, b)
    }
    let mut path = Vec::new();
    let (x, y) = walk(a, b, &mut path);
    let shown =
        |value: &Json| format!("at {}: {}", path.join("."), value.to_string().chars().take(1_500).collect::<String>());
    (shown(x), shown(y))
}

/// The path of a file's URI.
fn path(uri: &str) -> PathBuf {
    let bytes = uri.trim_start_matches("file://").as_bytes();
    let (mut decoded, mut at) = (Vec::new(), 0);
    while let Some(byte) = bytes.get(at) {
        let code = bytes.get(at + 1..at + 3).and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| *byte == b'%') {
            Some(decoded_byte) => {
                decoded.push(decoded_byte);
                at += 3;
            }
            None => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    PathBuf::from(String::from_utf8_lossy(&decoded).into_owned())
}

fn save(uri: &str, text: &str) -> Result<()> {
    let path = path(uri);
    let folder = path.parent().ok_or("a file without a folder")?;
    fs::create_dir_all(folder).and_then(|()| fs::write(&path, text)).map_err(|error| format!("{uri}: {error}"))
}
