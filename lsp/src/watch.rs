//! Has the host watch the folders that the client does not watch.

use std::any::Any;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::host::{Event, Target, Watched};
use crate::protocol::capabilities::About;
use crate::session::Session;
use crate::workspace::compiled::Compiled;
use crate::workspace::snapshot::Snapshot;

/// What is watched.
#[derive(Default)]
pub(crate) struct Watch {
    folders: Vec<Watched>,
    /// Dropped, it ends the watch.
    watcher: Option<Box<dyn Any + Send>>,
}

impl Watch {
    /// Before anything of projects is read, so that no change falls between the two.
    pub(crate) async fn begin(&mut self, session: &Arc<Session>, snapshot: &Snapshot, targets: &[Target]) {
        let projects = targets.iter().filter_map(|target| match target {
            Target::Project(root) => Some(Watched { folder: root.clone(), deep: true }),
            Target::Loose(_) => None,
        });
        let new = unwatched(snapshot, &session.about(), projects);
        if new.iter().any(|new| !self.folders.iter().any(|known| known.deep && new.folder.starts_with(&known.folder))) {
            let all = unwatched(snapshot, &session.about(), new.into_iter().chain(self.folders.clone()));
            self.set(session, snapshot, all).await;
        }
    }

    /// Watches all that compilations were made of, and no more.
    pub(crate) async fn keep(&mut self, session: &Arc<Session>, snapshot: &Snapshot, compilations: &[Arc<Compiled>]) {
        let folders = unwatched(snapshot, &session.about(), compilations.iter().flat_map(|c| c.folders()));
        self.set(session, snapshot, folders).await;
    }

    async fn set(&mut self, session: &Arc<Session>, snapshot: &Snapshot, folders: Vec<Watched>) {
        if folders == self.folders {
            return;
        }
        self.folders.clone_from(&folders);
        let told = session.clone();
        let tell = move |events: Vec<(PathBuf, Event)>| told.change(|state| state.disk(&events));
        let watch = move |snapshot: &Snapshot| snapshot.disk.host().watch(&folders, Box::new(tell));
        self.watcher = match session.run("watching for changes", snapshot.clone(), watch).await {
            Ok(Ok(watcher)) => Some(watcher),
            Ok(Err(message)) => {
                session.show_once(&message);
                None
            }
            // Logged already.
            Err(_) => None,
        };
    }
}

/// The folders that the client does not watch, none below a deep one.
fn unwatched(snapshot: &Snapshot, about: &About, folders: impl Iterator<Item = Watched>) -> Vec<Watched> {
    let theirs = |folder: &Path| about.watches && snapshot.roots.iter().any(|root| folder.starts_with(root));
    let (deep, shallow): (BTreeSet<Watched>, BTreeSet<Watched>) =
        folders.filter(|watched| !theirs(&watched.folder)).partition(|watched| watched.deep);
    let mut outermost: Vec<Watched> = Vec::new();
    for watched in deep.into_iter().chain(shallow) {
        if !outermost.iter().any(|known| known.deep && watched.folder.starts_with(&known.folder)) {
            outermost.push(watched);
        }
    }
    outermost
}
