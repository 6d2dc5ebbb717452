//! `--watch`: runs again whenever a file of the project changes.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use notify::event::ModifyKind;
use notify::{EventKind, RecursiveMode, Watcher as _};
use tessera_lsp::{Event, Watched};

use crate::failure::{Failure, Outcome};
use crate::terminal;
use crate::workspace::Work;

/// Changes that follow each other this closely make one run: editors write a
/// file in several steps.
const QUIET: Duration = Duration::from_millis(60);

enum Signal {
    Change,
    Failed(String),
    Stop,
}

/// Runs until Ctrl-C. What is to be watched is watched before it is read, so
/// that no change falls between the two.
///
/// # Errors
/// When the system cannot watch, or the call names nothing to watch.
pub(crate) fn repeat(select: impl Fn() -> Outcome<Vec<Work>>, run: impl Fn(&[Work]) -> Outcome) -> Outcome {
    let (sender, receiver) = channel();
    let stop = sender.clone();
    ctrlc::set_handler(move || drop(stop.send(Signal::Stop)))
        .map_err(|error| Failure::World(format!("cannot listen for Ctrl-C: {error}")))?;
    let mut watcher = watcher(sender)?;
    let mut watched: Vec<PathBuf> = Vec::new();
    loop {
        let works = select()?;
        for folder in works.iter().flat_map(folders) {
            if !watched.contains(&folder) {
                watcher.watch(&folder, RecursiveMode::Recursive).map_err(|error| unwatchable(&error))?;
                watched.push(folder);
            }
        }
        tell(&run(&works))?;
        if !wait(&receiver)? {
            return Ok(());
        }
    }
}

fn watcher(sender: Sender<Signal>) -> Outcome<notify::RecommendedWatcher> {
    listen(move |event| {
        let signal = match event {
            Ok(event) if matters(&event) => Signal::Change,
            Ok(_) => return,
            Err(error) => Signal::Failed(error.to_string()),
        };
        // The receiver is gone only when the process ends.
        let _ = sender.send(signal);
    })
}

/// Watches nothing yet; what it is told to watch it tells of.
///
/// # Errors
/// When the system cannot watch.
fn listen(tell: impl Fn(notify::Result<notify::Event>) + Send + 'static) -> Outcome<notify::RecommendedWatcher> {
    notify::recommended_watcher(tell).map_err(|error| unwatchable(&error))
}

/// Tells what happens to files in folders, or to folders, until it is dropped.
///
/// # Errors
/// When the system cannot watch.
pub(crate) fn folders_of(
    folders: &[Watched],
    tell: impl Fn(Vec<(PathBuf, Event)>) + Send + 'static,
) -> Outcome<notify::RecommendedWatcher> {
    let mut watcher = listen(move |event| {
        let Ok(event) = event else { return };
        let kind = match event.kind {
            EventKind::Access(_) => return,
            EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_)) => Event::Changed,
            _ => Event::Moved,
        };
        let matter = |path: &PathBuf| matters(&event) || path.extension().is_none() && kind == Event::Moved;
        let events: Vec<(PathBuf, Event)> =
            event.paths.iter().filter(|path| matter(path)).map(|path| (path.clone(), kind)).collect();
        if !events.is_empty() {
            tell(events);
        }
    })?;
    for Watched { folder, deep } in folders.iter().filter(|watched| watched.folder.is_dir()) {
        let mode = if *deep { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
        watcher.watch(folder, mode).map_err(|error| unwatchable(&error))?;
    }
    Ok(watcher)
}

fn unwatchable(error: &notify::Error) -> Failure {
    Failure::World(format!("cannot watch for changes: {error}"))
}

/// Reading changes nothing; files that are no input are passed over.
fn matters(event: &notify::Event) -> bool {
    let input = |path: &PathBuf| {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        !hidden
            && path.extension().is_some_and(|e| ["tess", "yaml", "yml", "json", "toml"].iter().any(|known| e == *known))
    };
    !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(input)
}

fn folders(work: &Work) -> Vec<PathBuf> {
    if work.has_file {
        return vec![work.root.clone()];
    }
    work.paths.iter().filter_map(|path| work.files.host.join(path).parent().map(Path::to_owned)).collect()
}

fn tell(outcome: &Outcome) -> Outcome {
    match outcome {
        Err(Failure::PipeClosed) => return Err(Failure::PipeClosed),
        Err(failure) if !failure.to_string().is_empty() => terminal::tell(&format!("tessera: {failure}\n")),
        _ => {}
    }
    terminal::tell("— waiting for changes; Ctrl-C ends —\n");
    Ok(())
}

/// Waits for a change and for quiet after it; `false` when it is time to end.
fn wait(receiver: &Receiver<Signal>) -> Outcome<bool> {
    let mut signal = receiver.recv().unwrap_or(Signal::Stop);
    loop {
        match signal {
            Signal::Stop => return Ok(false),
            Signal::Failed(error) => return Err(Failure::World(format!("cannot watch for changes: {error}"))),
            Signal::Change => match receiver.recv_timeout(QUIET) {
                Ok(next) => signal = next,
                Err(_) => return Ok(true),
            },
        }
    }
}
