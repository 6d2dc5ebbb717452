//! Compiles what changed, and tells the client what was found. The newest state
//! wins: what was compiled of an older one is not told.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tower_lsp::ls_types::{Diagnostic, ProgressToken, Uri};
use tower_lsp::{NotCancellable, OngoingProgress, Unbounded};

use crate::feature::problems;
use crate::host::Target;
use crate::protocol::capabilities::About;
use crate::protocol::own::{ChangedNotification, ProjectStatus, Status, StatusNotification};
use crate::protocol::pull::{converted, result_id};
use crate::refresh::{QUIET, Refresh};
use crate::session::Session;
use crate::watch::Watch;
use crate::workspace::compiled::Compiled;
use crate::workspace::snapshot::Snapshot;

/// After so long it is said that something happens, and after so much longer shown.
const WORKING: Duration = Duration::from_millis(150);
const PATIENCE: Duration = Duration::from_millis(350);
/// How soon after an edit a question about it comes, and how long answers may put off a compilation.
const QUESTION: Duration = Duration::from_millis(1);
const DEFER: Duration = Duration::from_millis(30);
/// How long the client may take to make a progress bar.
const CLIENT: Duration = Duration::from_secs(2);

/// What there is to tell of a file.
#[derive(PartialEq)]
struct File {
    uri: Uri,
    version: Option<i32>,
    diagnostics: Vec<Diagnostic>,
}

type Files = BTreeMap<PathBuf, File>;

/// Who tells the client, and what it was told.
struct Publisher {
    session: Arc<Session>,
    files: Files,
    status: Status,
    watch: Watch,
    refresh: Refresh,
}

/// Compiles whenever something changed, until the session ends.
pub(crate) async fn run(session: Arc<Session>) {
    let mut publisher = Publisher {
        session: session.clone(),
        files: Files::new(),
        status: Status::default(),
        watch: Watch::default(),
        refresh: Refresh::default(),
    };
    loop {
        tokio::select! {
            () = session.changed.notified() => {}
            () = tokio::time::sleep(QUIET), if publisher.refresh.due => {
                publisher.refresh.ask(&session, &session.about());
                continue;
            }
        }
        if session.is_running() {
            publisher.round().await;
        }
    }
}

/// An edit is mostly followed by a question about it, whose answer somebody waits for: what is
/// compiled beside it would only slow it down.
async fn answers_first(session: &Session) {
    let until = Instant::now() + DEFER;
    tokio::time::sleep(QUESTION).await;
    while session.is_answering() && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

impl Publisher {
    async fn round(&mut self) {
        let (session, snapshot, about) = (self.session.clone(), self.session.snapshot(), self.session.about());
        for document in snapshot.documents.values().filter(|document| document.is_too_large()) {
            session.show_once(&format!("{} is larger than 16 MiB; it is not read", document.uri.as_str()));
        }
        let looked = session.run("looking for projects", snapshot.clone(), Snapshot::targets).await;
        let Ok((targets, messages)) = looked else { return };
        self.watch.begin(&session, &snapshot, &targets).await;
        answers_first(&session).await;
        let compiling = compile(&session, &snapshot, targets, messages);
        let Some((compilations, message)) = self.patiently(&about, compiling).await else { return };
        let told = session.run("converting diagnostics", snapshot.clone(), {
            let (about, compilations) = (about.clone(), compilations.clone());
            move |snapshot| {
                let projects = compilations.iter().map(|compiled| ProjectStatus::of(compiled, snapshot)).collect();
                (files(snapshot, &compilations, &about), projects)
            }
        });
        let Ok((found, projects)) = told.await else { return };
        if !session.is_at(&snapshot) {
            return;
        }
        if about.pulls {
            self.ask_again(&snapshot, &found);
        }
        self.tell(&snapshot, &about, found).await;
        self.tell_status(Status { state: "ready".to_owned(), projects, message }).await;
        session.client.send_notification::<ChangedNotification>(json!({})).await;
        self.refresh.after(&snapshot);
        self.watch.keep(&session, &snapshot, &compilations).await;
    }

    /// Does the work, and shows that it is done where that takes long.
    async fn patiently<T>(&mut self, about: &About, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(WORKING) => {}
        }
        self.tell_status(Status { state: "working".to_owned(), ..self.status.clone() }).await;
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(PATIENCE), if about.progress => {}
        }
        let (done, shown) = tokio::join!(work, begin(&self.session));
        if let Some(shown) = shown {
            shown.finish().await;
        }
        done
    }

    async fn tell_status(&mut self, status: Status) {
        if self.status != status {
            self.status = status;
            self.session.client.send_notification::<StatusNotification>(self.status.clone()).await;
        }
    }

    /// Asks the client to ask again where what it was answered is not so any more.
    fn ask_again(&self, snapshot: &Snapshot, found: &Files) {
        let now = |path: &PathBuf| result_id(found.get(path).map_or(&[], |file| &*file.diagnostics));
        if self.session.pulled.are_stale(snapshot, now) {
            let client = self.session.client.clone();
            tokio::spawn(async move { client.workspace_diagnostic_refresh().await });
        }
    }

    async fn tell(&mut self, snapshot: &Snapshot, about: &About, mut found: Files) {
        if about.pulls {
            // Documents that are open are asked for.
            found.retain(|path, _| !snapshot.documents.contains_key(path));
        }
        let client = &self.session.client;
        let gone: Vec<_> = self.files.keys().filter(|path| !found.contains_key(*path)).cloned().collect();
        for old in gone.into_iter().filter_map(|path| self.files.remove(&path)) {
            if !old.diagnostics.is_empty() {
                client.publish_diagnostics(old.uri, Vec::new(), None).await;
            }
        }
        for (path, new) in found {
            if self.files.get(&path) != Some(&new) {
                client.publish_diagnostics(new.uri.clone(), new.diagnostics.clone(), new.version).await;
                self.files.insert(path, new);
            }
        }
    }
}

/// All compilations of a state, and what people should know; nothing where a newer state came
/// in between.
async fn compile(
    session: &Arc<Session>,
    snapshot: &Snapshot,
    targets: Vec<Target>,
    mut messages: Vec<String>,
) -> Option<(Vec<Arc<Compiled>>, Option<String>)> {
    snapshot.memos.keep(&targets);
    let mut compilations = Vec::new();
    for target in targets {
        if !session.is_at(snapshot) {
            return None;
        }
        match session.run("compiling", snapshot.clone(), move |snapshot| snapshot.compiled(&target)).await {
            Ok(Ok(compiled)) => compilations.push(compiled),
            Ok(Err(message)) => messages.push(message),
            // Logged already; the other projects are still worth telling of.
            Err(error) => messages.push(error.message.to_string()),
        }
    }
    messages.iter().for_each(|message| session.show_once(message));
    Some((compilations, (!messages.is_empty()).then(|| messages.join("\n"))))
}

async fn begin(session: &Arc<Session>) -> Option<OngoingProgress<Unbounded, NotCancellable>> {
    let token = ProgressToken::String("tessera/check".to_owned());
    let made = tokio::time::timeout(CLIENT, session.client.create_work_done_progress(token.clone())).await;
    made.ok()?.ok()?;
    Some(session.client.progress(token, "Tessera: checking").begin().await)
}

/// What is to be told of each file; something, if nothing was found, of each that is open.
fn files(snapshot: &Snapshot, compilations: &[Arc<Compiled>], about: &About) -> Files {
    let mut all = problems::by_file(compilations);
    let missing: Vec<_> = snapshot.documents.keys().filter(|path| !all.contains_key(*path)).cloned().collect();
    all.extend(missing.into_iter().map(|path| (path, Vec::new())));
    let mut files = Files::new();
    for (path, found) in all {
        let Some(uri) = snapshot.uri(&path) else { continue };
        let version = snapshot.documents.get(&path).map(|document| document.version);
        let diagnostics = converted(&found, snapshot, about);
        files.insert(path, File { uri, version, diagnostics });
    }
    files
}
