//! Compiles what changed, and tells the client what was found. The newest state
//! wins: what was compiled of an older one is not told.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tower_lsp::ls_types::{Diagnostic, ProgressToken, Uri};
use tower_lsp::{NotCancellable, OngoingProgress, Unbounded};

use crate::feature::problems;
use crate::host::Target;
use crate::protocol::capabilities::About;
use crate::protocol::diagnostic::diagnostic;
use crate::session::Session;
use crate::workspace::compiled::Compiled;
use crate::workspace::snapshot::Snapshot;

/// After so long people want to see that something happens.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long the client may take to make a progress bar.
const CLIENT: Duration = Duration::from_secs(2);

/// What the client was told of a file.
#[derive(PartialEq)]
struct Told {
    uri: Uri,
    version: Option<i32>,
    diagnostics: Vec<Diagnostic>,
}

/// Compiles whenever something changed, until the session ends.
pub(crate) async fn run(session: Arc<Session>) {
    let mut told: BTreeMap<std::path::PathBuf, Told> = BTreeMap::new();
    loop {
        session.changed.notified().await;
        if session.is_running() {
            round(&session, &mut told).await;
        }
    }
}

async fn round(session: &Arc<Session>, told: &mut BTreeMap<std::path::PathBuf, Told>) {
    let snapshot = session.snapshot();
    let about = session.about();
    for document in snapshot.documents.values().filter(|document| document.is_too_large()) {
        let uri = document.uri.as_str();
        session.show_once(&format!("{uri} is larger than 16 MiB; Tessera does not read it"));
    }
    let Some(compilations) = with_progress(session, &about, compile(session, &snapshot)).await else { return };
    let found = session.run("converting diagnostics", snapshot.clone(), {
        let about = about.clone();
        move |snapshot| files(snapshot, &compilations, &about)
    });
    let Ok(found) = found.await else { return };
    if session.snapshot().revision != snapshot.revision {
        return;
    }
    tell(session, &snapshot, &about, told, found).await;
}

/// All compilations of a state; nothing where a newer state came in between.
async fn compile(session: &Arc<Session>, snapshot: &Snapshot) -> Option<Vec<Arc<Compiled>>> {
    let (targets, messages) = session.run("looking for projects", snapshot.clone(), Snapshot::targets).await.ok()?;
    messages.iter().for_each(|message| session.show_once(message));
    let mut compilations = Vec::new();
    for target in targets {
        if session.snapshot().revision != snapshot.revision {
            return None;
        }
        let one = move |snapshot: &Snapshot| -> Result<Arc<Compiled>, String> { compiled(snapshot, &target) };
        match session.run("compiling", snapshot.clone(), one).await {
            Ok(Ok(compiled)) => compilations.push(compiled),
            Ok(Err(message)) => session.show_once(&message),
            // Told already; the other projects are still worth telling of.
            Err(_) => {}
        }
    }
    Some(compilations)
}

fn compiled(snapshot: &Snapshot, target: &Target) -> Result<Arc<Compiled>, String> {
    snapshot.compiled(target)
}

/// Shows progress where the work takes long.
async fn with_progress<T>(session: &Arc<Session>, about: &About, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = tokio::time::sleep(PATIENCE), if about.progress => {}
    }
    let shown = begin(session).await;
    let done = work.await;
    if let Some(shown) = shown {
        shown.finish().await;
    }
    done
}

async fn begin(session: &Arc<Session>) -> Option<OngoingProgress<Unbounded, NotCancellable>> {
    let token = ProgressToken::String("tessera/check".to_owned());
    let made = tokio::time::timeout(CLIENT, session.client.create_work_done_progress(token.clone())).await;
    made.ok()?.ok()?;
    Some(session.client.progress(token, "Tessera: checking").begin().await)
}

/// What is to be told of each file.
fn files(snapshot: &Snapshot, compilations: &[Arc<Compiled>], about: &About) -> BTreeMap<std::path::PathBuf, Told> {
    let mut files = BTreeMap::new();
    let found = problems::by_file(compilations);
    let open =
        snapshot.documents.keys().filter(|path| !found.contains_key(*path)).cloned().map(|path| (path, Vec::new()));
    for (path, found) in found.clone().into_iter().chain(open) {
        let Some(uri) = snapshot.uri(&path) else { continue };
        let version = snapshot.documents.get(&path).map(|document| document.version);
        let diagnostics = found
            .iter()
            .filter_map(|(compiled, index)| {
                Some(diagnostic(compiled.compilation.diagnostics.get(*index)?, compiled, snapshot, about))
            })
            .collect();
        files.insert(path, Told { uri, version, diagnostics });
    }
    files
}

async fn tell(
    session: &Arc<Session>,
    snapshot: &Snapshot,
    about: &About,
    told: &mut BTreeMap<std::path::PathBuf, Told>,
    mut found: BTreeMap<std::path::PathBuf, Told>,
) {
    if about.pulls {
        // Documents that are open are asked for.
        found.retain(|path, _| !snapshot.documents.contains_key(path));
    }
    let gone: Vec<_> = told.keys().filter(|path| !found.contains_key(*path)).cloned().collect();
    for old in gone.into_iter().filter_map(|path| told.remove(&path)).filter(|old| !old.diagnostics.is_empty()) {
        session.client.publish_diagnostics(old.uri, Vec::new(), None).await;
    }
    for (path, new) in found {
        if told.get(&path) != Some(&new) {
            session.client.publish_diagnostics(new.uri.clone(), new.diagnostics.clone(), new.version).await;
            told.insert(path, new);
        }
    }
}
