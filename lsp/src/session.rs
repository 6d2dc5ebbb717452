//! What one connection shares: the client, the state of the workspace, what the
//! client can do and wants.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;
use tokio::sync::{Notify, Semaphore};
use tower_lsp::Client;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::MessageType;

use crate::host::Host;
use crate::order;
use crate::protocol::capabilities::{About, Settings};
use crate::protocol::completion::Sent;
use crate::protocol::tokens;
use crate::workspace::snapshot::Snapshot;
use crate::workspace::state::State;

/// How many requests may wait for a compilation while others are served.
const WAITERS: usize = 4;

/// Before `initialize`, after it, after `shutdown`.
const WAITING: u8 = 0;
const RUNNING: u8 = 1;
const SHUT_DOWN: u8 = 2;

/// One connection.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) about: OnceLock<About>,
    settings: Mutex<Settings>,
    state: Mutex<State>,
    phase: AtomicU8,
    /// Wakes whoever compiles.
    pub(crate) changed: Notify,
    /// How much work is done at once.
    work: Arc<Semaphore>,
    /// How many requests are being answered.
    answering: AtomicUsize,
    /// What completion sent last.
    pub(crate) completions: Sent,
    /// What semantic tokens were sent last.
    pub(crate) tokens: tokens::Sent,
    /// What was shown once.
    shown: Mutex<FxHashSet<String>>,
    /// What the client was answered when it asked for diagnostics.
    pub(crate) pulled: Pulled,
    runtime: tokio::runtime::Handle,
}

/// The diagnostics that the client asked for: of which state, and the name of the answer.
#[derive(Default)]
pub(crate) struct Pulled(Mutex<FxHashMap<PathBuf, (u64, Option<String>)>>);

impl Pulled {
    /// A document is asked for.
    pub(crate) fn asked(&self, path: PathBuf, revision: u64) {
        let mut pulled = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pulled.entry(path).or_default().0 = revision;
    }

    /// A document's diagnostics are told.
    pub(crate) fn answered(&self, path: PathBuf, result: String) {
        let mut pulled = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pulled.entry(path).or_default().1 = Some(result);
    }

    /// Whether a document has other diagnostics than it was last asked for.
    pub(crate) fn are_stale(&self, snapshot: &Snapshot, now: impl Fn(&PathBuf) -> String) -> bool {
        let mut pulled = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pulled.retain(|path, _| snapshot.documents.contains_key(path));
        let mut known = pulled.iter().filter(|(_, (revision, _))| *revision < snapshot.revision);
        known.any(|(path, (_, result))| result.as_ref().is_some_and(|result| *result != now(path)))
    }
}

impl Session {
    pub(crate) fn new(client: Client, host: Arc<dyn Host>) -> Self {
        let processors = std::thread::available_parallelism().map_or(2, usize::from).max(2);
        Self {
            client,
            about: OnceLock::new(),
            settings: Mutex::default(),
            state: Mutex::new(State::new(host)),
            phase: AtomicU8::new(WAITING),
            changed: Notify::new(),
            work: Arc::new(Semaphore::new(processors + WAITERS)),
            answering: AtomicUsize::new(0),
            completions: Sent::default(),
            tokens: tokens::Sent::default(),
            shown: Mutex::default(),
            pulled: Pulled::default(),
            runtime: tokio::runtime::Handle::current(),
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        self.phase.load(Ordering::SeqCst) == RUNNING
    }

    pub(crate) fn is_shut_down(&self) -> bool {
        self.phase.load(Ordering::SeqCst) == SHUT_DOWN
    }

    pub(crate) fn shut_down(&self) {
        // Before `initialize` there is nothing to shut down.
        let _ = self.phase.compare_exchange(RUNNING, SHUT_DOWN, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// What the client can do; nothing before `initialize`.
    pub(crate) fn about(&self) -> About {
        self.about.get().cloned().unwrap_or_default()
    }

    pub(crate) fn settings(&self) -> Settings {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The client is known, and its folders.
    pub(crate) fn start(&self, about: About, settings: Settings) {
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = settings;
        self.with(|state| state.start(about.encoding, about.roots.clone()));
        // A second `initialize` is refused before it comes here.
        let _ = self.about.set(about);
        self.phase.store(RUNNING, Ordering::SeqCst);
    }

    pub(crate) fn configure(&self, settings: &Value) {
        match Settings::of(settings) {
            Ok(Some(new)) => {
                *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = new;
                self.change(State::configure);
            }
            // Those of somebody else.
            Ok(None) => {}
            Err(error) => self.log_error(&format!("the settings cannot be read: {error}")),
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.with(|state| state.snapshot())
    }

    /// Whether nothing changed since a snapshot.
    pub(crate) fn is_at(&self, snapshot: &Snapshot) -> bool {
        self.with(|state| state.revision()) == snapshot.revision
    }

    /// Changes the workspace.
    pub(crate) fn change(&self, change: impl FnOnce(&mut State)) {
        self.with(change);
        self.changed.notify_one();
    }

    /// Changes the workspace; what is odd about the change is logged.
    pub(crate) fn change_or_log(&self, change: impl FnOnce(&mut State) -> std::result::Result<(), String>) {
        if let Err(odd) = self.with(change) {
            self.log(MessageType::WARNING, odd);
        }
        self.changed.notify_one();
    }

    fn with<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Answers a request by a pure function over the snapshot that it came with.
    pub(crate) async fn answer<T: Send + 'static>(
        &self,
        method: &'static str,
        work: impl FnOnce(&Snapshot) -> T + Send + 'static,
    ) -> Result<T> {
        let snapshot = order::snapshot().unwrap_or_else(|| self.snapshot());
        let _answering = Answering::of(&self.answering);
        self.run(method, snapshot, work).await
    }

    /// Whether a request is being answered.
    pub(crate) fn is_answering(&self) -> bool {
        self.answering.load(Ordering::Relaxed) > 0
    }

    /// Runs work beside what reads and writes. Where it panics, that is an error and a line in the log.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        name: &'static str,
        snapshot: Snapshot,
        work: impl FnOnce(&Snapshot) -> T + Send + 'static,
    ) -> Result<T> {
        let permit = self.work.clone().acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            catch_unwind(AssertUnwindSafe(|| work(&snapshot))).map_err(|panic| reason(&*panic))
        });
        match done.await.map_err(|error| error.to_string()).and_then(|done| done) {
            Ok(done) => Ok(done),
            Err(reason) => {
                self.log_error(&format!("{name} failed, which is a bug in tessera: {reason}"));
                Err(Error { message: format!("{name} failed: {reason}").into(), ..Error::internal_error() })
            }
        }
    }

    pub(crate) fn log_error(&self, message: &str) {
        self.log(MessageType::ERROR, message.to_owned());
    }

    pub(crate) fn log(&self, typ: MessageType, message: String) {
        let client = self.client.clone();
        self.runtime.spawn(async move { client.log_message(typ, message).await });
    }

    /// Shows and logs a message, once a session.
    pub(crate) fn show_once(&self, message: &str) {
        if !self.shown.lock().unwrap_or_else(PoisonError::into_inner).insert(message.to_owned()) {
            return;
        }
        self.log(MessageType::WARNING, message.to_owned());
        let (client, message) = (self.client.clone(), message.to_owned());
        self.runtime.spawn(async move { client.show_message(MessageType::WARNING, message).await });
    }
}

/// A request that is being answered; one that is cancelled is none any more.
struct Answering<'a>(&'a AtomicUsize);

impl<'a> Answering<'a> {
    fn of(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What a panic says.
fn reason(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no reason given").to_owned()
}
