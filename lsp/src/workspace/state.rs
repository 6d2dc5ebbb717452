//! What the client's messages change. Held under one lock, changed in the order
//! in which the messages arrive.

use std::path::PathBuf;
use std::sync::Arc;

use tessera_compiler::schema::Schemas;
use tower_lsp::ls_types::{TextDocumentContentChangeEvent, TextDocumentItem, Uri};

use crate::host::{Event, Host};
use crate::protocol::position::{Encoding, changed};
use crate::protocol::uri::path_of;
use crate::workspace::compiler::Compiler;
use crate::workspace::disk::Disk;
use crate::workspace::document::Document;
use crate::workspace::snapshot::{Snapshot, find, is_source};

/// The state of the workspace.
pub(crate) struct State {
    now: Snapshot,
}

impl State {
    pub(crate) fn new(host: Arc<dyn Host>) -> Self {
        Self {
            now: Snapshot {
                revision: 0,
                outside: 0,
                stamp: Some(0),
                encoding: Encoding::default(),
                documents: Arc::default(),
                roots: Arc::default(),
                disk: Arc::new(Disk::new(host)),
                compiler: Arc::new(Compiler::new()),
                works: Arc::default(),
                cells: Arc::default(),
                views: Arc::default(),
                memos: Arc::default(),
                schemas: Arc::new(Schemas::builtin()),
            },
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.now.clone()
    }

    pub(crate) const fn revision(&self) -> u64 {
        self.now.revision
    }

    pub(crate) fn start(&mut self, encoding: Encoding, roots: Vec<PathBuf>) {
        self.now.encoding = encoding;
        self.roots(roots, &[]);
    }

    /// Folders of the editor come and go.
    pub(crate) fn roots(&mut self, added: Vec<PathBuf>, removed: &[PathBuf]) {
        let roots = Arc::make_mut(&mut self.now.roots);
        roots.retain(|root| !removed.contains(root));
        roots.extend(added);
        roots.sort();
        roots.dedup();
        self.now.outside += 1;
        self.now.views = Arc::default();
        self.now.revision += 1;
    }

    /// A document is opened; one that is open already gets the new text.
    pub(crate) fn open(&mut self, item: TextDocumentItem) {
        let path = path_of(&item.uri, Some(&item.language_id));
        let text: Arc<str> = Arc::from(item.text);
        // The same text as on disk stays the same, so that nothing is compiled again.
        let on_disk = self.now.disk.read(&path);
        let (text, event) = match on_disk {
            Ok(there) if there == text && !self.now.documents.contains_key(&path) => (there, None),
            Ok(_) => (text, Some(Event::Changed)),
            Err(_) => (text, Some(Event::Moved)),
        };
        let document = Document::new(item.uri, path.clone(), item.version, item.language_id, text);
        Arc::make_mut(&mut self.now.documents).insert(path.clone(), Arc::new(document));
        self.now.works = Arc::default();
        self.moved(event.map(|event| (path, event)).as_slice());
    }

    /// A document is changed.
    ///
    /// # Errors
    /// A sentence for the log.
    pub(crate) fn change(
        &mut self,
        uri: &Uri,
        version: i32,
        changes: &[TextDocumentContentChangeEvent],
    ) -> Result<(), String> {
        let Some(old) = find(&self.now.documents, uri).cloned() else {
            return Err(format!("{} is changed but not open; the change is ignored", uri.as_str()));
        };
        let text: Arc<str> = Arc::from(changed(&old.text, changes, self.now.encoding));
        let text = if text == old.text { old.text.clone() } else { text };
        let same = Arc::ptr_eq(&text, &old.text);
        let path = old.path.clone();
        let document = Document::new(old.uri.clone(), path.clone(), version, old.language.clone(), text);
        Arc::make_mut(&mut self.now.documents).insert(path.clone(), Arc::new(document));
        self.moved((!same).then_some((path, Event::Changed)).as_slice());
        if version <= old.version {
            let was = old.version;
            return Err(format!("{}: version {version} comes after {was}; the change is made", uri.as_str()));
        }
        Ok(())
    }

    /// A document is closed: the disk counts again.
    pub(crate) fn close(&mut self, uri: &Uri) -> Result<(), String> {
        let Some(old) = find(&self.now.documents, uri).cloned() else {
            return Err(format!("{} is closed but not open", uri.as_str()));
        };
        Arc::make_mut(&mut self.now.documents).remove(&old.path);
        self.now.disk = Arc::new(self.now.disk.after(&[(old.path.clone(), Event::Changed)]));
        self.now.works = Arc::default();
        let event = match self.now.disk.read(&old.path) {
            Ok(there) if there == old.text => None,
            Ok(_) => Some(Event::Changed),
            Err(_) => Some(Event::Moved),
        };
        self.moved(event.map(|event| (old.path.clone(), event)).as_slice());
        Ok(())
    }

    /// The settings are others.
    pub(crate) const fn configure(&mut self) {
        self.now.outside += 1;
        self.now.revision += 1;
    }

    /// Files changed on disk.
    pub(crate) fn disk(&mut self, events: &[(PathBuf, Event)]) {
        self.now.outside += 1;
        self.now.disk = Arc::new(self.now.disk.after(events));
        self.now.works = Arc::default();
        // What is open lies over it.
        let documents = self.now.documents.clone();
        let events: Vec<_> = events
            .iter()
            .filter(|(path, event)| *event == Event::Moved || !documents.contains_key(path))
            .cloned()
            .collect();
        self.moved(&events);
    }

    fn moved(&mut self, events: &[(PathBuf, Event)]) {
        if !events.iter().all(|(path, _)| is_source(path)) {
            self.now.stamp = self.now.stamp.map(|stamp| stamp + 1);
        }
        let cells = Arc::new(self.now.cells.after(events));
        let old = (std::mem::replace(&mut self.now.cells, cells), std::mem::take(&mut self.now.views));
        self.now.compiler.give_back(old);
        self.now.revision += 1;
    }
}
