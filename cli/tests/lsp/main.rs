//! The language server as its clients see it: what it answers, what it survives, and that it stays right.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

mod bad_input;
mod check;
mod editors;
mod model;
mod sessions;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use tessera_tests::lsp::{Client, Options, uri};

/// The program.
pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_tessera"))
}

/// A folder of its own, gone with its owner.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lsp").join(format!("{name}-{number}"));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    pub(crate) fn with(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = Self::new(name);
        for (path, text) in files {
            folder.write(path, text);
        }
        folder
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    pub(crate) fn uri(&self, path: &str) -> String {
        uri(&self.path(path))
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A server with this folder as its workspace, introduced.
    pub(crate) fn client(&self) -> Client {
        let mut client = self.quiet();
        client.initialize().unwrap();
        client
    }

    /// A server that was not told anything yet.
    pub(crate) fn quiet(&self) -> Client {
        let options = Options { folders: vec![uri(&self.0)], ..Options::default() };
        Client::start(program(), &["lsp"], &self.0, options).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A small project.
pub(crate) const STORE: &str = r#"module shop.store

/// A store.
composite Store: example.acme/v1 {
  param size: Int where it < 10 else "at most nine"

  resource settings: v1/ConfigMap {
    data: { size: "${size}" }
  }
  resource secret: v1/ConfigMap {
    data: { name: settings.metadata.name }
  }
}
"#;
pub(crate) const SHOP: &[(&str, &str)] = &[("tessera.toml", "[package]\nname = \"shop\"\n"), ("src/store.tess", STORE)];
