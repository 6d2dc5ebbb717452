//! The language server as its clients see it: what it answers, what it survives, and that it stays right.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

mod bad_documents;
mod bad_input;
mod check;
mod editors;
mod features;
#[path = "../support/folder.rs"]
mod folder;
mod model;
mod sessions;

use tessera_tests::lsp::{Client, Options, uri};

use crate::folder::{Folder, program};

impl Folder {
    pub(crate) fn uri(&self, path: &str) -> String {
        uri(&self.path().join(path)).trim_end_matches('/').to_owned()
    }

    /// A server with this folder as its workspace, introduced.
    pub(crate) fn client(&self) -> Client {
        let mut client = self.quiet();
        client.initialize().unwrap();
        client
    }

    /// A server that was not told anything yet.
    pub(crate) fn quiet(&self) -> Client {
        self.presented(Options { folders: vec![self.uri("")], ..Options::default() })
    }

    /// The same for a client that presents itself in a way of its own.
    pub(crate) fn presented(&self, options: Options) -> Client {
        Client::start(program(), &["lsp"], self.path(), options).unwrap()
    }
}
