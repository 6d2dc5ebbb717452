//! The requests, each by a thin handler: parameters in, a feature called with the
//! snapshot, its answer out. What changes the workspace is not here but in `order`.

use std::sync::Arc;

use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{
    CodeAction, CodeActionParams, CodeActionResponse, DidChangeWatchedFilesRegistrationOptions,
    DocumentDiagnosticParams, DocumentDiagnosticReportResult, DocumentFormattingParams, FileSystemWatcher, GlobPattern,
    InitializeParams, InitializeResult, InitializedParams, MessageType, Registration, ServerInfo, TextEdit,
};
use tower_lsp::{ClientSocket, LanguageServer, LspService};

use crate::feature::formatting;
use crate::host::Host;
use crate::protocol::action::document_edits;
use crate::protocol::capabilities::{about, offered};
use crate::protocol::{code_action, pull};
use crate::session::Session;

/// What of the disk matters.
const WATCHED: [&str; 3] = ["**/*.tess", "**/*.{yaml,yml}", "**/tessera.toml"];

/// The handlers.
pub(crate) struct Server {
    pub(crate) session: Arc<Session>,
}

/// The service with its handlers, and the client's end.
pub(crate) fn build(host: Arc<dyn Host>) -> (LspService<Server>, ClientSocket) {
    let server = |client| Server { session: Arc::new(Session::new(client, host)) };
    LspService::build(server).custom_method("$/setTrace", Server::set_trace).finish()
}

impl Server {
    /// Nothing is traced: what is worth a line is logged anyway.
    async fn set_trace(&self, _: serde_json::Value) {}
}

impl LanguageServer for Server {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let (about, settings, wrong) = about(&params);
        let capabilities = offered(&about);
        self.session.start(about, settings);
        if let Some(wrong) = wrong {
            self.session.log(MessageType::WARNING, wrong);
        }
        let server_info =
            Some(ServerInfo { name: "tessera".to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) });
        Ok(InitializeResult { capabilities, server_info, ..InitializeResult::default() })
    }

    async fn initialized(&self, _: InitializedParams) {
        self.session.changed.notify_one();
        if self.session.about().watches {
            let watcher =
                |glob: &str| FileSystemWatcher { glob_pattern: GlobPattern::String(glob.to_owned()), kind: None };
            let options = DidChangeWatchedFilesRegistrationOptions {
                watchers: WATCHED.iter().map(|glob| watcher(glob)).collect(),
            };
            let registration = Registration {
                id: "files".to_owned(),
                method: "workspace/didChangeWatchedFiles".to_owned(),
                register_options: serde_json::to_value(options).ok(),
            };
            if let Err(error) = self.session.client.register_capability(vec![registration]).await {
                self.session.log_error(&format!("the client does not watch files: {}", error.message));
            }
        }
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReportResult> {
        let about = self.session.about();
        let report =
            self.session.answer("textDocument/diagnostic", move |s| pull::document(s, &params, &about)).await?;
        Ok(DocumentDiagnosticReportResult::Report(report))
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let about = self.session.about();
        self.session.answer("textDocument/codeAction", move |s| code_action::actions(s, &params, &about)).await
    }

    async fn code_action_resolve(&self, action: CodeAction) -> Result<CodeAction> {
        let about = self.session.about();
        self.session.answer("codeAction/resolve", move |s| code_action::resolved(s, action, &about)).await
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let uri = params.text_document.uri;
        self.session
            .answer("textDocument/formatting", move |s| {
                let document = s.document(&uri)?;
                document.parse()?;
                Some(document_edits(&document, &formatting::whole(&document.text)?, s))
            })
            .await
    }
}
