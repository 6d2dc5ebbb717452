//! The order of messages. The library runs handlers side by side; what changes
//! the workspace is therefore done here, when the message arrives, and every
//! request gets the snapshot of that moment.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use serde::de::DeserializeOwned;
use tessera_compiler::compile::PROJECT_FILE;
use tower_lsp::jsonrpc::{Request, Response};
use tower_lsp::ls_types::notification::{
    DidChangeConfiguration, DidChangeTextDocument, DidChangeWatchedFiles, DidChangeWorkspaceFolders,
    DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument, Notification,
};
use tower_lsp::ls_types::{FileChangeType, WorkspaceFolder};
use tower_lsp::{ClientSocket, ExitedError, LspService};
use tower_service::Service;

use crate::host::{Event, Host};
use crate::protocol::uri::{is_file, path_of};
use crate::server::{self, Server};
use crate::session::Session;
use crate::workspace::snapshot::Snapshot;

tokio::task_local! {
    /// The workspace at the moment when the request arrived.
    static SNAPSHOT: Snapshot;
}

/// The snapshot of the request that is being answered.
pub(crate) fn snapshot() -> Option<Snapshot> {
    SNAPSHOT.try_with(Clone::clone).ok()
}

/// The service, with changes made in order.
pub(crate) struct Ordered {
    inner: LspService<Server>,
    session: Arc<Session>,
}

impl Ordered {
    pub(crate) fn new(host: Arc<dyn Host>) -> (Self, ClientSocket) {
        let (inner, socket) = server::build(host);
        let session = inner.inner().session.clone();
        (Self { inner, session }, socket)
    }

    pub(crate) const fn session(&self) -> &Arc<Session> {
        &self.session
    }
}

impl Service<Request> for Ordered {
    type Response = Option<Response>;
    type Error = ExitedError;
    type Future = Pin<Box<dyn Future<Output = Result<Option<Response>, ExitedError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ExitedError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match (request.method(), request.id()) {
            ("shutdown", Some(_)) => self.session.shut_down(),
            (method, None) if self.session.is_running() && apply(&self.session, method, &request) => {
                return Box::pin(std::future::ready(Ok(None)));
            }
            _ => {}
        }
        Box::pin(SNAPSHOT.scope(self.session.snapshot(), self.inner.call(request)))
    }
}

/// Makes the change that a notification tells; `false` where it is none of ours.
fn apply(session: &Session, method: &str, request: &Request) -> bool {
    match method {
        DidOpenTextDocument::METHOD => with::<DidOpenTextDocument>(session, request, |params| {
            session.change(|state| state.open(params.text_document));
        }),
        DidChangeTextDocument::METHOD => with::<DidChangeTextDocument>(session, request, |params| {
            let document = params.text_document;
            session.change_or_log(|state| state.change(&document.uri, document.version, &params.content_changes));
        }),
        DidCloseTextDocument::METHOD => with::<DidCloseTextDocument>(session, request, |params| {
            session.change_or_log(|state| state.close(&params.text_document.uri));
        }),
        DidSaveTextDocument::METHOD => with::<DidSaveTextDocument>(session, request, |params| {
            let uri = params.text_document.uri;
            if is_file(&uri) {
                let path = path_of(&uri, None);
                // One that was not there makes a project of its folder.
                let marks = path.file_name().is_some_and(|name| name == PROJECT_FILE);
                let event = if marks { Event::Moved } else { Event::Changed };
                session.change(|state| state.disk(&[(path, event)]));
            }
        }),
        DidChangeWatchedFiles::METHOD => with::<DidChangeWatchedFiles>(session, request, |params| {
            let files = params.changes.into_iter().filter(|change| is_file(&change.uri));
            let event = |typ| if typ == FileChangeType::CHANGED { Event::Changed } else { Event::Moved };
            let events: Vec<_> = files.map(|change| (path_of(&change.uri, None), event(change.typ))).collect();
            session.change(|state| state.disk(&events));
        }),
        DidChangeWorkspaceFolders::METHOD => with::<DidChangeWorkspaceFolders>(session, request, |params| {
            let paths = |folders: Vec<WorkspaceFolder>| {
                folders.iter().filter(|f| is_file(&f.uri)).map(|f| path_of(&f.uri, None)).collect::<Vec<_>>()
            };
            let (added, removed) = (paths(params.event.added), paths(params.event.removed));
            session.change(|state| state.roots(added, &removed));
        }),
        DidChangeConfiguration::METHOD => {
            with::<DidChangeConfiguration>(session, request, |params| session.configure(&params.settings))
        }
        _ => return false,
    }
    true
}

/// Runs with the notification's parameters; what has others is logged.
fn with<N: Notification>(session: &Session, request: &Request, work: impl FnOnce(N::Params))
where
    N::Params: DeserializeOwned,
{
    match serde_json::from_value(request.params().cloned().unwrap_or_default()) {
        Ok(params) => work(params),
        Err(error) => session.log_error(&format!("{}: {error}", N::METHOD)),
    }
}
