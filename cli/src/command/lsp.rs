//! `tessera lsp`.

use std::any::Any;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use tessera_compiler::source::FileError;
use tessera_lsp::{Ended, Host, Target, Tell, Watched, Work};
use tokio::net::TcpListener;

use crate::failure::{Failure, Outcome, reason};
use crate::listen::address;
use crate::{files, paths, terminal, walk, watch, workspace};

/// The stack of a thread: what is written in brackets 128 deep is walked and given up by recursion.
const STACK: usize = 16 << 20;

/// Serve an editor: the language server, over standard input and output
#[derive(Debug, Args)]
#[command(after_help = "Editors start it by themselves; docs/editors.md has the few lines for each. It ends when the \
editor says so or goes away.")]
pub(crate) struct Lsp {
    /// Listen here and serve one connection, instead of standard input and output
    #[arg(long, value_name = "HOST:PORT")]
    tcp: Option<String>,
    /// Standard input and output, which is the default; editors that give it are understood
    #[arg(long, conflicts_with = "tcp")]
    stdio: bool,
}

impl Lsp {
    pub(crate) fn run(&self) -> Outcome {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_stack_size(STACK)
            .build()
            .map_err(|error| Failure::World(format!("cannot start: {}", reason(&error))))?;
        let ended = runtime.block_on(self.serve());
        // A thread may wait for input that never comes.
        runtime.shutdown_background();
        match ended? {
            Ended::Properly => Ok(()),
            Ended::Abruptly => Err(Failure::Input),
        }
    }

    async fn serve(&self) -> Outcome<Ended> {
        let host = Arc::new(Disk);
        let Some(written) = &self.tcp else {
            return Ok(tessera_lsp::serve(host, tokio::io::stdin(), tokio::io::stdout()).await);
        };
        let refused = |error: std::io::Error| Failure::World(format!("cannot listen at {written}: {}", reason(&error)));
        let listener = TcpListener::bind(address(written)?).await.map_err(refused)?;
        let here = listener.local_addr().map_err(refused)?;
        terminal::tell(&format!("listening on {here}\n"));
        let (stream, _) = listener.accept().await.map_err(refused)?;
        // An answer is sent at once, not when more has gathered.
        let _ = stream.set_nodelay(true);
        let (input, output) = stream.into_split();
        Ok(tessera_lsp::serve(host, input, output).await)
    }
}

/// The disk, as the other commands see it.
struct Disk;

impl Host for Disk {
    fn project_above(&self, folder: &Path) -> Option<PathBuf> {
        workspace::project_above(folder)
    }

    fn projects(&self, folder: &Path) -> Result<Vec<PathBuf>, String> {
        workspace::projects(folder).map_err(|failure| match failure {
            Failure::Call(_) => {
                let folder = folder.display();
                format!("`{folder}` holds too many files to look for projects in it; open the folder of a project")
            }
            other => other.to_string(),
        })
    }

    fn takes(&self, root: &Path, file: &Path) -> bool {
        walk::takes(root, file)
    }

    fn work(&self, target: &Target) -> Result<Work, String> {
        let work = match target {
            Target::Project(root) => workspace::whole(root),
            Target::Loose(file) => workspace::loose(file),
        };
        let work = work.map_err(|failure| failure.to_string())?;
        let root = work.root_name();
        let workspace::Work { has_file, files, paths, context, .. } = work;
        Ok(Work { host: files.host, root, has_file, paths, context, only: files.only })
    }

    fn read(&self, path: &Path) -> Result<Arc<str>, FileError> {
        files::read_text(path).map(Arc::from)
    }

    fn list(&self, folder: &Path, extension: &str) -> Vec<PathBuf> {
        walk::below(folder, &[extension]).unwrap_or_default().files
    }

    fn watch(&self, folders: &[Watched], tell: Tell) -> Result<Box<dyn Any + Send>, String> {
        let watcher = watch::folders_of(folders, tell).map_err(|failure| failure.to_string())?;
        Ok(Box::new(watcher))
    }

    fn relative(&self, folder: &Path, file: &Path) -> String {
        paths::relative(folder, file)
    }
}
