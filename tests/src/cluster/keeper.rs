//! Programs and a folder that end with whoever started them.
//!
//! A shell beside them, the keeper, reads the process ids from a pipe whose
//! other end is ours. When that end is closed, by a drop or because our process
//! is gone, however it went, the keeper kills the programs and removes the
//! folder. A program waits for a line on its own standard input until its id is
//! told, so that none can start that the keeper does not know.

use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{self, Child, ChildStdin, Command, Stdio};

use super::Result;

/// A program that dies may write a last file while the folder is removed.
const KEEPER: &str = r#"
programs=
while read -r program; do programs="$programs $program"; done
[ -z "$programs" ] || kill -KILL $programs 2>/dev/null
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  rm -rf "$1" 2>/dev/null
  [ -e "$1" ] || exit 0
  sleep 0.1
done
exit 1
"#;
const PROGRAM: &str = r#"read -r go && exec "$@" </dev/null"#;
/// How much of a log is shown of a program that failed.
const LAST_LINES: usize = 20;

/// Programs, their folder, and the shell that keeps both.
#[derive(Debug)]
pub struct Keeper {
    folder: PathBuf,
    shell: Child,
    tell: Option<ChildStdin>,
    programs: Vec<(String, Child)>,
}

impl Keeper {
    /// A new folder, and no program yet.
    ///
    /// # Errors
    /// When the folder cannot be made or the shell not be started.
    pub fn new() -> Result<Self> {
        let folder = folder()?;
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", KEEPER, "tessera-keeper"]).arg(&folder).current_dir("/");
        // In a group of its own, so that Ctrl-C does not reach it before its work.
        let started = shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut shell = started.map_err(|e| {
            let _ = fs::remove_dir(&folder);
            format!("/bin/sh: {e}")
        })?;
        let tell = shell.stdin.take();
        Ok(Self { folder, shell, tell, programs: Vec::new() })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The keeper and its programs.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        self.programs.iter().map(|(_, child)| child.id()).chain([self.shell.id()]).collect()
    }

    /// Starts a program, which logs to a file in the folder.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(&mut self, name: &str, program: &Path, arguments: &[String]) -> Result<()> {
        let failed = |e| format!("{}: {e}", program.display());
        // The shell in between would only say so in the log.
        if !program.is_file() {
            return Err(format!("{}: there is no such program", program.display()));
        }
        let log = File::create(self.log_file(name)).map_err(failed)?;
        let mut child = Command::new("/bin/sh")
            .args(["-c", PROGRAM, name])
            .arg(program)
            .args(arguments)
            // Nothing of the person's own set-up may matter.
            .env_clear()
            .env("HOME", &self.folder)
            .current_dir(&self.folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().map_err(failed)?)
            .stderr(log)
            .spawn()
            .map_err(failed)?;
        let (id, go) = (child.id(), child.stdin.take());
        self.programs.push((name.to_owned(), child));
        let told = self.tell.as_mut().map_or(Ok(()), |keeper| writeln!(keeper, "{id}"));
        told.and_then(|()| go.map_or(Ok(()), |mut program| writeln!(program))).map_err(failed)
    }

    /// Holds that no program has ended.
    ///
    /// # Errors
    /// When one has, with the end of what it logged.
    pub fn all_run(&mut self) -> Result<()> {
        let ended = self.programs.iter_mut().find_map(|(name, child)| Some((name.clone(), child.try_wait().ok()??)));
        ended.map_or(Ok(()), |(name, status)| Err(format!("{name} ended, {status}:\n{}", self.log(&name))))
    }

    /// The end of what a program logged.
    #[must_use]
    pub fn log(&self, name: &str) -> String {
        let log = fs::read(self.log_file(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default().join("\n")
    }

    fn log_file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.log"))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.tell = None;
        let _ = self.shell.wait();
        // In vain, unless somebody killed the keeper.
        for (_, child) in &mut self.programs {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A new folder that only its owner can enter.
fn folder() -> Result<PathBuf> {
    for number in 0_usize.. {
        let path = std::env::temp_dir().join(format!("tessera-control-plane-{}-{number}", process::id()));
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(format!("{}: {error}", path.display())),
        }
    }
    Err("too many folders".to_owned())
}
