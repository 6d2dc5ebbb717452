//! Types into a server, and looks at the clock.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tessera_tests::corpus::Random;
use tessera_tests::lsp::texts::{language, place};
use tessera_tests::lsp::{Client, Document, Options};

use super::figures::{Figures, Times};
use super::projects::{File, Place};
use crate::Result;

/// A server, and how many edits are made between two looks at it.
pub(crate) struct Editing {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) edits: usize,
}

/// How often the server is started, a completion and a hover are asked for, and a mistake is made and mended.
const STARTS: usize = 5;
const SAMPLES: usize = 300;
const MISTAKES: usize = 100;
/// Of many edits, the client looks at the diagnostics of every so many.
const LOOKS: usize = 100;
/// How many documents are open at once.
const OPEN: usize = 20;
/// Nothing of this goes on for longer; what was seen until then counts.
const SAMPLING: Duration = Duration::from_secs(60);
const EDITING: Duration = Duration::from_secs(300);

/// Measures a server at a place; once more after the edits, where there are some.
///
/// # Errors
/// When it does not answer.
pub(crate) fn drive(editing: &Editing, place: &Place) -> Result<Vec<Figures>> {
    let first = place.files.first().ok_or("no files")?;
    let begin = Instant::now();
    let mut starts = Vec::new();
    let mut hands = loop {
        let started = Instant::now();
        let mut hands = Hands::start(editing, place)?;
        hands.open(&first.uri)?;
        hands.mistake(&first.uri)?;
        starts.push(started.elapsed());
        if starts.len() == STARTS || begin.elapsed() > SAMPLING {
            break hands;
        }
        hands.client.shutdown()?;
    };
    hands.mend(&first.uri)?;
    let mut figures = vec![Figures { start: Some(Times::of(starts)), ..hands.look()? }];
    if editing.edits > 0 {
        let (edits, took) = hands.many(editing.edits)?;
        figures.push(Figures { edits: Some((edits, took)), ..hands.look()? });
    }
    hands.client.shutdown()?;
    Ok(figures)
}

struct Hands<'a> {
    client: Client,
    place: &'a Place,
    random: Random,
    /// The last versions of closed documents. A server may tell states of a document by its version alone
    /// (yaml-language-server does, also when it was closed in between): they go on, so that none of its
    /// answers are about an older text.
    versions: BTreeMap<String, i32>,
}

impl<'a> Hands<'a> {
    fn start(editing: &Editing, place: &'a Place) -> Result<Self> {
        let arguments: Vec<&str> = editing.arguments.iter().filter_map(|argument| argument.to_str()).collect();
        let mut options =
            Options { folders: vec![place.root.clone()], settings: place.settings.clone(), ..Options::default() };
        // Diagnostics are pushed, as all servers can.
        if let Some(text) = options.capabilities.get_mut("textDocument").and_then(Json::as_object_mut) {
            text.shift_remove("diagnostic");
        }
        let mut client = Client::start(&editing.program, &arguments, &place.folder, options)?;
        client.without_model();
        client.initialize()?;
        Ok(Self { client, place, random: Random::new(1), versions: BTreeMap::new() })
    }

    fn look(&mut self) -> Result<Figures> {
        let (mut completion, mut hover, mut edit) = (Vec::new(), Vec::new(), Vec::new());
        let mut answered = (0, 0);
        let begin = Instant::now();
        while completion.len() < SAMPLES && begin.elapsed() < SAMPLING {
            let (took, items) = self.complete()?;
            completion.push(took);
            answered.0 += usize::from(items);
            let (took, text) = self.hover()?;
            hover.push(took);
            answered.1 += usize::from(text);
        }
        let begin = Instant::now();
        while edit.len() < MISTAKES * 2 && begin.elapsed() < SAMPLING {
            let uri = self.any()?;
            edit.push(self.mistake(&uri)?);
            edit.push(self.mend(&uri)?);
        }
        let (memory, peak) = memory(self.client.process());
        let (completion, hover, edit) = (Times::of(completion), Times::of(hover), Times::of(edit));
        Ok(Figures { completion, hover, edit, answered, memory, peak, ..Figures::default() })
    }

    /// Makes so many edits, as many as there is time for; how many, and how long they took.
    fn many(&mut self, edits: usize) -> Result<(usize, Duration)> {
        let begin = Instant::now();
        let mut made = 0;
        while made < edits && begin.elapsed() < EDITING {
            let uri = self.any()?;
            if made % LOOKS == 0 {
                self.mistake(&uri)?;
                self.mend(&uri)?;
            } else {
                self.type_mistake(&uri)?;
                self.take_mistake(&uri)?;
            }
            made += 2;
        }
        Ok((made, begin.elapsed()))
    }

    /// A document, open now.
    fn any(&mut self) -> Result<String> {
        let file = self.random.pick(&self.place.files).ok_or("no files")?;
        let uri = file.uri.clone();
        if !self.client.documents.contains_key(&uri) {
            self.open(&uri)?;
        }
        Ok(uri)
    }

    fn file(&self, uri: &str) -> Result<&'a File> {
        self.place.files.iter().find(|file| file.uri == uri).ok_or_else(|| format!("no such file: {uri}"))
    }

    fn open(&mut self, uri: &str) -> Result<()> {
        if self.client.documents.len() >= OPEN {
            let oldest: Vec<String> = self.client.documents.keys().cloned().collect();
            if let Some(uri) = self.random.pick(&oldest) {
                let last = self.client.documents.get(uri).map_or(0, |document| document.version);
                self.versions.insert(uri.clone(), last);
                self.client.close(uri)?;
                self.client.published.remove(uri);
            }
        }
        let text = self.file(uri)?.text.clone();
        let version = self.versions.get(uri).map_or(1, |last| last + 1);
        self.client.open_as(uri, Document { text, version, language: language(uri).to_owned() })
    }

    /// Puts a text in at an offset, or takes so many bytes away.
    fn edit(&mut self, uri: &str, at: usize, removed: usize, new: &str) -> Result<()> {
        let text = self.client.documents.get(uri).map(|document| document.text.clone()).unwrap_or_default();
        let range = json!({ "start": place(&text, at).json(), "end": place(&text, at + removed).json() });
        self.client.change(uri, vec![json!({ "range": range, "text": new })])
    }

    /// A place behind a word of a document, where the object is written.
    fn spot(&mut self, uri: &str) -> Result<usize> {
        let text = self.client.documents.get(uri).map(|document| document.text.clone()).unwrap_or_default();
        let head = self.file(uri)?.head;
        for _ in 0..200 {
            let at = head + self.random.below(text.len().saturating_sub(head).max(1));
            let around = text.as_bytes().get(at..at + 2).unwrap_or_default();
            if let [word, after] = around
                && word.is_ascii_alphanumeric()
                && !after.is_ascii_alphanumeric()
                && *after != b'-'
            {
                return Ok(at + 1);
            }
        }
        Err(format!("no word in {uri}"))
    }

    /// How long an answer took, and whether there was something in it.
    fn ask(&mut self, method: &str, uri: &str, at: usize) -> Result<(Duration, bool)> {
        let text = self.client.documents.get(uri).map(|document| document.text.clone()).unwrap_or_default();
        let params = json!({ "textDocument": { "uri": uri }, "position": place(&text, at).json() });
        let answer = self.client.answer(method, params)?;
        self.client.notifications.clear();
        self.client.requests.clear();
        match answer.result {
            Ok(result) => {
                let items = result.get("items").unwrap_or(&result);
                let empty = items.is_null() || items.as_array().is_some_and(Vec::is_empty);
                Ok((answer.took, !empty))
            }
            Err(error) => Err(format!("{method}: {error}")),
        }
    }

    /// A letter is typed, and completed; then it is taken away.
    fn complete(&mut self) -> Result<(Duration, bool)> {
        let uri = self.any()?;
        let at = self.spot(&uri)?;
        self.edit(&uri, at, 0, "a")?;
        let took = self.ask("textDocument/completion", &uri, at + 1)?;
        self.edit(&uri, at, 1, "")?;
        Ok(took)
    }

    /// A line is added, and a word looked at; then the line goes.
    fn hover(&mut self) -> Result<(Duration, bool)> {
        let uri = self.any()?;
        let at = self.spot(&uri)?;
        let end = self.client.documents.get(&uri).map_or(0, |document| document.text.len());
        self.edit(&uri, end, 0, "\n")?;
        let took = self.ask("textDocument/hover", &uri, at.saturating_sub(1))?;
        self.edit(&uri, end, 1, "")?;
        Ok(took)
    }

    fn type_mistake(&mut self, uri: &str) -> Result<()> {
        let mistake = self.place.mistake;
        let end = self.client.documents.get(uri).map_or(0, |document| document.text.len());
        self.edit(uri, end, 0, mistake)
    }

    fn take_mistake(&mut self, uri: &str) -> Result<()> {
        let mistake = self.place.mistake;
        let end = self.client.documents.get(uri).map_or(0, |document| document.text.len());
        self.edit(uri, end - mistake.len(), mistake.len(), "")
    }

    /// How long it takes until a mistake is shown.
    fn mistake(&mut self, uri: &str) -> Result<Duration> {
        let started = Instant::now();
        self.type_mistake(uri)?;
        self.wait(uri, true)?;
        Ok(started.elapsed())
    }

    /// How long it takes until it is no longer.
    fn mend(&mut self, uri: &str) -> Result<Duration> {
        let started = Instant::now();
        self.take_mistake(uri)?;
        self.wait(uri, false)?;
        Ok(started.elapsed())
    }

    fn wait(&mut self, uri: &str, shown: bool) -> Result<()> {
        let word = self.place.complaint;
        let waited = self.client.wait_until(if shown { "the diagnostic" } else { "its end" }, |client| {
            let found = client.published.get(uri).and_then(|published| published.get("diagnostics"));
            found.map_or(!shown, |found| found.to_string().contains(word) == shown)
        });
        waited.map_err(|error| format!("{uri}: {error}; published: {:?}", self.client.published.get(uri)))?;
        self.client.notifications.clear();
        Ok(())
    }
}

/// The resident memory of a process and the most that it was, in MiB.
fn memory(process: u32) -> (f64, f64) {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches(" kB").parse::<f64>().ok().map(|kib| kib / 1024.0)
    };
    (of("VmRSS:").unwrap_or(f64::NAN), of("VmHWM:").unwrap_or(f64::NAN))
}
