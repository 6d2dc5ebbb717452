//! A folder to work in, and the shell commands that work there.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// A new folder that goes away with its owner.
pub(crate) struct Workspace {
    root: PathBuf,
    /// Where `cd` has led to.
    current: Mutex<PathBuf>,
}

/// What a command printed, both streams in order, and whether it ended with 0.
pub(crate) struct Output {
    pub(crate) text: String,
    pub(crate) success: bool,
}

impl Workspace {
    pub(crate) fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("documentation-{name}"));
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(&root).unwrap();
        Self { current: Mutex::new(root.clone()), root }
    }

    /// Writes a file of the current folder, with the folders above it.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.current.lock().unwrap().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Runs a command of the shell; `cd` lasts.
    pub(crate) fn run(&self, command: &str) -> Output {
        self.pipe(command, "")
    }

    /// The same, with something to read.
    pub(crate) fn pipe(&self, command: &str, input: &str) -> Output {
        if let Some(folder) = command.strip_prefix("cd ") {
            let mut current = self.current.lock().unwrap();
            *current = current.join(folder);
            return Output { text: String::new(), success: true };
        }
        let binary = Path::new(env!("CARGO_BIN_EXE_tessera")).parent().unwrap();
        let path = std::env::join_paths(
            std::iter::once(binary.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
        );
        let mut child = Command::new("sh")
            .args(["-c", &format!("{{ {command}\n}} 2>&1")])
            .current_dir(&*self.current.lock().unwrap())
            .env("PATH", path.unwrap())
            .env("NO_COLOR", "1")
            .env("COLUMNS", "100")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        if !input.is_empty() {
            stdin.write_all(input.as_bytes()).unwrap();
        }
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        Output { text: String::from_utf8(output.stdout).unwrap(), success: output.status.success() }
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}
