//! The requests, each by a thin handler: parameters in, a feature called with the
//! snapshot, its answer out. What changes the workspace is not here but in `order`.

use std::sync::Arc;

use serde_json::Value;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::ls_types::{
    CallHierarchyIncomingCall, CallHierarchyIncomingCallsParams, CallHierarchyItem, CallHierarchyOutgoingCall,
    CallHierarchyOutgoingCallsParams, CallHierarchyPrepareParams, CodeAction, CodeActionParams, CodeActionResponse,
    CodeLens, CodeLensParams, CompletionItem, CompletionParams, CompletionResponse,
    DidChangeWatchedFilesRegistrationOptions, DocumentDiagnosticParams, DocumentDiagnosticReportResult,
    DocumentFormattingParams, DocumentHighlight, DocumentHighlightParams, DocumentLink, DocumentLinkParams,
    DocumentOnTypeFormattingParams, DocumentRangeFormattingParams, DocumentSymbolParams, DocumentSymbolResponse,
    FileSystemWatcher, FoldingRange, FoldingRangeParams, GlobPattern, GotoDefinitionParams, GotoDefinitionResponse,
    Hover, HoverParams, InitializeParams, InitializeResult, InitializedParams, InlayHint, InlayHintParams, Location,
    MessageType, PrepareRenameResponse, ReferenceParams, Registration, RenameParams, SelectionRange,
    SelectionRangeParams, SemanticTokensDeltaParams, SemanticTokensFullDeltaResult, SemanticTokensParams,
    SemanticTokensRangeParams, SemanticTokensRangeResult, SemanticTokensResult, ServerInfo, SignatureHelp,
    SignatureHelpParams, TextDocumentPositionParams, TextEdit, WorkspaceDiagnosticParams,
    WorkspaceDiagnosticReportResult, WorkspaceEdit, WorkspaceSymbolParams, WorkspaceSymbolResponse,
};
use tower_lsp::{ClientSocket, LanguageServer, LspService};

use crate::feature::formatting;
use crate::host::Host;
use crate::order;
use crate::protocol::action::document_edits;
use crate::protocol::capabilities::{about, offered};
use crate::protocol::navigate::{ContentParams, Way};
use crate::protocol::own::{self, GraphParams, IrParams, PreviewParams, WhyParams};
use crate::protocol::{beside, calls, code_action, completion, navigate, pull, rename, structure, tokens};
use crate::session::Session;
use crate::workspace::snapshot::Snapshot;

/// The code of the specification for a request that is right but cannot be answered.
const REQUEST_FAILED: ErrorCode = ErrorCode::ServerError(-32803);
/// What of the disk matters.
const WATCHED: [&str; 3] = ["**/*.tess", "**/*.{yaml,yml,json}", "**/tessera.toml"];

/// The handlers.
pub(crate) struct Server {
    pub(crate) session: Arc<Session>,
}

/// The service with its handlers, and the client's end.
pub(crate) fn build(host: Arc<dyn Host>) -> (LspService<Server>, ClientSocket) {
    let server = |client| Server { session: Arc::new(Session::new(client, host)) };
    LspService::build(server)
        .custom_method("$/setTrace", Server::set_trace)
        .custom_method("tessera/preview", Server::preview)
        .custom_method("tessera/graph", Server::graph)
        .custom_method("tessera/ir", Server::ir)
        .custom_method("tessera/why", Server::why)
        .custom_method("tessera/content", Server::content)
        .finish()
}

impl Server {
    /// Nothing is traced: what is worth a line is logged anyway.
    async fn set_trace(&self, _: Value) {}

    async fn preview(&self, params: PreviewParams) -> Result<Value> {
        let target = self.session.settings().target;
        self.ask("tessera/preview", move |s| own::preview_of(s, &params, &target)).await
    }

    async fn graph(&self, params: GraphParams) -> Result<Value> {
        self.ask("tessera/graph", move |s| own::graph_of(s, &params)).await
    }

    async fn ir(&self, params: IrParams) -> Result<Value> {
        self.ask("tessera/ir", move |s| own::ir_of(s, &params)).await
    }

    async fn why(&self, params: WhyParams) -> Result<Value> {
        self.ask("tessera/why", move |s| own::why_of(s, &params)).await
    }

    async fn content(&self, params: ContentParams) -> Result<Value> {
        self.ask("tessera/content", move |_| navigate::content(&params)).await
    }

    async fn go(
        &self,
        method: &'static str,
        params: GotoDefinitionParams,
        way: Way,
    ) -> Result<Option<GotoDefinitionResponse>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let about = self.session.about();
        self.session.answer(method, move |s| navigate::goals(s, &text_document.uri, position, way, &about)).await
    }

    /// Answers a request that a sentence may refuse.
    async fn ask<T: Send + 'static>(
        &self,
        method: &'static str,
        work: impl FnOnce(&Snapshot) -> std::result::Result<T, String> + Send + 'static,
    ) -> Result<T> {
        let refused = |message: String| Error { code: REQUEST_FAILED, message: message.into(), data: None };
        self.session.answer(method, work).await?.map_err(refused)
    }
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
        if let Some(snapshot) = order::snapshot() {
            self.session.pulled.asked(pull::path(&snapshot, &params.text_document.uri), snapshot.revision);
        }
        let answer = move |s: &Snapshot| (pull::document(s, &params, &about), pull::path(s, &params.text_document.uri));
        let ((report, result), path) = self.session.answer("textDocument/diagnostic", answer).await?;
        self.session.pulled.answered(path, result);
        Ok(DocumentDiagnosticReportResult::Report(report))
    }

    async fn workspace_diagnostic(&self, params: WorkspaceDiagnosticParams) -> Result<WorkspaceDiagnosticReportResult> {
        let about = self.session.about();
        let report = self.session.answer("workspace/diagnostic", move |s| pull::workspace(s, &params, &about));
        Ok(WorkspaceDiagnosticReportResult::Report(report.await?))
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        let about = self.session.about();
        self.session.answer("textDocument/codeAction", move |s| code_action::actions(s, &params, &about)).await
    }

    async fn code_action_resolve(&self, action: CodeAction) -> Result<CodeAction> {
        let about = self.session.about();
        self.session.answer("codeAction/resolve", move |s| code_action::resolved(s, action, &about)).await
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let (about, session) = (self.session.about(), self.session.clone());
        self.session
            .answer("textDocument/completion", move |s| {
                let place = params.text_document_position;
                let trigger = params.context.and_then(|context| context.trigger_character);
                let uri = &place.text_document.uri;
                completion::answer(s, uri, place.position, trigger.as_deref(), &about, &session.completions)
            })
            .await
    }

    async fn completion_resolve(&self, item: CompletionItem) -> Result<CompletionItem> {
        let (session, about) = (self.session.clone(), self.session.about());
        self.session
            .answer("completionItem/resolve", move |_| completion::resolved(item, &session.completions, &about))
            .await
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

    async fn range_formatting(&self, params: DocumentRangeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let (uri, range) = (params.text_document.uri, params.range);
        self.session
            .answer("textDocument/rangeFormatting", move |s| {
                let document = s.document(&uri)?;
                document.parse()?;
                let (start, end) = document.lines().bytes(&document.text, range, s.encoding);
                Some(document_edits(&document, &formatting::range(&document.text, start, end)?, s))
            })
            .await
    }

    async fn on_type_formatting(&self, params: DocumentOnTypeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position;
        self.session
            .answer("textDocument/onTypeFormatting", move |s| {
                let document = s.document(&text_document.uri)?;
                let offset = document.lines().offset(&document.text, position, s.encoding);
                let edits = formatting::typed(&document.text, offset, &document.parse()?.tree)?;
                Some(document_edits(&document, &edits, s))
            })
            .await
    }

    async fn document_symbol(&self, params: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
        let uri = params.text_document.uri;
        let symbols = self.session.answer("textDocument/documentSymbol", move |s| structure::document_symbols(s, &uri));
        Ok(symbols.await?.map(DocumentSymbolResponse::Nested))
    }

    async fn symbol(&self, params: WorkspaceSymbolParams) -> Result<Option<WorkspaceSymbolResponse>> {
        let query = params.query;
        let symbols = self.session.answer("workspace/symbol", move |s| structure::workspace_symbols(s, &query));
        Ok(Some(WorkspaceSymbolResponse::Nested(symbols.await?)))
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        let uri = params.text_document.uri;
        self.session.answer("textDocument/foldingRange", move |s| structure::folding_ranges(s, &uri)).await
    }

    async fn selection_range(&self, params: SelectionRangeParams) -> Result<Option<Vec<SelectionRange>>> {
        let SelectionRangeParams { text_document, positions, .. } = params;
        self.session
            .answer("textDocument/selectionRange", move |s| {
                structure::selection_ranges(s, &text_document.uri, &positions)
            })
            .await
    }

    async fn document_link(&self, params: DocumentLinkParams) -> Result<Option<Vec<DocumentLink>>> {
        let uri = params.text_document.uri;
        self.session.answer("textDocument/documentLink", move |s| structure::document_links(s, &uri)).await
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let about = self.session.about();
        self.session
            .answer("textDocument/hover", move |s| navigate::hover_of(s, &text_document.uri, position, &about))
            .await
    }

    async fn signature_help(&self, params: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let about = self.session.about();
        let answer = move |s: &Snapshot| navigate::signature_help_of(s, &text_document.uri, position, &about);
        self.session.answer("textDocument/signatureHelp", answer).await
    }

    async fn goto_definition(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        self.go("textDocument/definition", params, Way::Definition).await
    }

    async fn goto_declaration(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        self.go("textDocument/declaration", params, Way::Declaration).await
    }

    async fn goto_type_definition(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        self.go("textDocument/typeDefinition", params, Way::TypeDefinition).await
    }

    async fn goto_implementation(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        self.go("textDocument/implementation", params, Way::Implementation).await
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position;
        let (about, declaration) = (self.session.about(), params.context.include_declaration);
        self.session
            .answer("textDocument/references", move |s| {
                navigate::references_of(s, &text_document.uri, position, declaration, &about)
            })
            .await
    }

    async fn document_highlight(&self, params: DocumentHighlightParams) -> Result<Option<Vec<DocumentHighlight>>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let answer = move |s: &Snapshot| navigate::highlights(s, &text_document.uri, position);
        self.session.answer("textDocument/documentHighlight", answer).await
    }

    async fn prepare_rename(&self, params: TextDocumentPositionParams) -> Result<Option<PrepareRenameResponse>> {
        let TextDocumentPositionParams { text_document, position } = params;
        self.ask("textDocument/prepareRename", move |s| rename::prepared(s, &text_document.uri, position)).await
    }

    async fn rename(&self, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position;
        let (about, new) = (self.session.about(), params.new_name);
        self.ask("textDocument/rename", move |s| rename::renamed(s, &text_document.uri, position, &new, &about)).await
    }

    async fn inlay_hint(&self, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        let (uri, range, settings) = (params.text_document.uri, params.range, self.session.settings().inlay_hints);
        self.session.answer("textDocument/inlayHint", move |s| beside::hints(s, &uri, range, settings)).await
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        let (about, uri) = (self.session.about(), params.text_document.uri);
        self.session.answer("textDocument/codeLens", move |s| beside::lenses(s, &uri, &about)).await
    }

    async fn code_lens_resolve(&self, lens: CodeLens) -> Result<CodeLens> {
        let about = self.session.about();
        self.session.answer("codeLens/resolve", move |s| beside::resolved(s, lens, &about)).await
    }

    async fn semantic_tokens_full(&self, params: SemanticTokensParams) -> Result<Option<SemanticTokensResult>> {
        let (session, uri) = (self.session.clone(), params.text_document.uri);
        let answer = move |s: &Snapshot| tokens::full(s, &uri, &session.tokens);
        let found = self.session.answer("textDocument/semanticTokens/full", answer).await?;
        Ok(found.map(SemanticTokensResult::Tokens))
    }

    async fn semantic_tokens_full_delta(
        &self,
        params: SemanticTokensDeltaParams,
    ) -> Result<Option<SemanticTokensFullDeltaResult>> {
        let (session, uri, previous) = (self.session.clone(), params.text_document.uri, params.previous_result_id);
        let answer = move |s: &Snapshot| tokens::delta(s, &uri, &previous, &session.tokens);
        self.session.answer("textDocument/semanticTokens/full/delta", answer).await
    }

    async fn semantic_tokens_range(
        &self,
        params: SemanticTokensRangeParams,
    ) -> Result<Option<SemanticTokensRangeResult>> {
        let (uri, range) = (params.text_document.uri, params.range);
        let found = self.session.answer("textDocument/semanticTokens/range", move |s| tokens::range(s, &uri, range));
        Ok(found.await?.map(SemanticTokensRangeResult::Tokens))
    }

    async fn prepare_call_hierarchy(
        &self,
        params: CallHierarchyPrepareParams,
    ) -> Result<Option<Vec<CallHierarchyItem>>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let about = self.session.about();
        let answer = move |s: &Snapshot| calls::prepare(s, &text_document.uri, position, &about);
        self.session.answer("textDocument/prepareCallHierarchy", answer).await
    }

    async fn incoming_calls(
        &self,
        params: CallHierarchyIncomingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
        let about = self.session.about();
        self.session.answer("callHierarchy/incomingCalls", move |s| calls::incoming(s, &params.item, &about)).await
    }

    async fn outgoing_calls(
        &self,
        params: CallHierarchyOutgoingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
        let about = self.session.about();
        self.session.answer("callHierarchy/outgoingCalls", move |s| calls::outgoing(s, &params.item, &about)).await
    }
}
