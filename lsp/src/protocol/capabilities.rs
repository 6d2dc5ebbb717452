//! What the client can do and wants, and what the server offers it.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;
use tower_lsp::ls_types::{
    CallHierarchyServerCapability, CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CodeLensOptions,
    CompletionOptions, DeclarationCapability, DiagnosticOptions, DiagnosticServerCapabilities, DocumentLinkOptions,
    DocumentOnTypeFormattingOptions, FoldingRangeProviderCapability, GotoCapability, HoverProviderCapability,
    ImplementationProviderCapability, InitializeParams, OneOf, RenameOptions, SaveOptions,
    SelectionRangeProviderCapability, SemanticTokensServerCapabilities, ServerCapabilities, SignatureHelpOptions,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions,
    TypeDefinitionProviderCapability, WorkDoneProgressOptions, WorkspaceFoldersServerCapabilities,
    WorkspaceServerCapabilities,
};

use crate::protocol::completion::TRIGGERS;
use crate::protocol::markup::{Plain, is_plain};
use crate::protocol::position::Encoding;
use crate::protocol::tokens;
use crate::protocol::uri::{is_file, path_of};

/// What the client is like.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    pub(crate) encoding: Encoding,
    pub(crate) roots: Vec<PathBuf>,
    /// It asks for diagnostics of what is open, and can be told to ask again.
    pub(crate) pulls: bool,
    /// It tells of changes on disk when asked to.
    pub(crate) watches: bool,
    /// What documentation it cannot show as Markdown.
    pub(crate) plain: Plain,
    pub(crate) progress: bool,
    pub(crate) versioned_edits: bool,
    pub(crate) related: bool,
    pub(crate) tags: bool,
    /// Items of completion may have places to fill.
    pub(crate) snippets: bool,
    /// They may be marked as deprecated.
    pub(crate) completion_tags: bool,
    /// An action's edit may come later.
    pub(crate) lazy_actions: bool,
    pub(crate) refreshes: Refreshes,
    /// It takes links where others take places.
    pub(crate) links: Goto,
    /// It asks what would be renamed before it asks for a new name.
    pub(crate) prepares_rename: bool,
    /// The commands that it can run.
    pub(crate) commands: Vec<String>,
}

/// What the client can be told to ask for again.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Refreshes {
    pub(crate) tokens: bool,
    pub(crate) hints: bool,
    pub(crate) lenses: bool,
}

/// The ways to a declaration.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Goto {
    pub(crate) definition: bool,
    pub(crate) declaration: bool,
    pub(crate) type_definition: bool,
    pub(crate) implementation: bool,
}

/// What the user wants.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Settings {
    pub(crate) inlay_hints: InlayHints,
    /// What the preview shows.
    pub(crate) target: String,
}

/// Which hints are shown.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default)]
pub(crate) struct InlayHints {
    pub(crate) types: bool,
    pub(crate) defaults: bool,
    pub(crate) names: bool,
}

impl Default for InlayHints {
    fn default() -> Self {
        Self { types: true, defaults: true, names: true }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { inlay_hints: InlayHints::default(), target: "manifests".to_owned() }
    }
}

impl Settings {
    /// The settings of a change: those under `tessera`, where there are any. What they do not say is
    /// as by default.
    pub(crate) fn of(settings: &Value) -> Result<Option<Self>, serde_json::Error> {
        settings.get("tessera").filter(|own| !own.is_null()).map(Self::deserialize).transpose()
    }
}

/// `initializationOptions`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Options {
    commands: Vec<String>,
    settings: Settings,
}

/// What the parameters of `initialize` say; the third is what is wrong with the options.
pub(crate) fn about(params: &InitializeParams) -> (About, Settings, Option<String>) {
    let (options, wrong) = match params.initialization_options.as_ref().filter(|options| !options.is_null()) {
        None => (Options::default(), None),
        Some(options) => match Options::deserialize(options) {
            Ok(options) => (options, None),
            Err(error) => (Options::default(), Some(format!("initializationOptions cannot be read: {error}"))),
        },
    };
    let capabilities = &params.capabilities;
    let general = capabilities.general.as_ref();
    let document = capabilities.text_document.as_ref();
    let workspace = capabilities.workspace.as_ref();
    let edits = workspace.and_then(|w| w.workspace_edit.as_ref());
    let published = document.and_then(|d| d.publish_diagnostics.as_ref());
    let action = document.and_then(|d| d.code_action.as_ref());
    let resolved = action.and_then(|a| a.resolve_support.as_ref());
    let item = document.and_then(|d| d.completion.as_ref()).and_then(|c| c.completion_item.as_ref());
    let signature = document.and_then(|d| d.signature_help.as_ref()).and_then(|s| s.signature_information.as_ref());
    let hover = document.and_then(|d| d.hover.as_ref());
    let about = About {
        plain: Plain {
            hover: is_plain(hover.and_then(|h| h.content_format.as_deref())),
            completion: is_plain(item.and_then(|i| i.documentation_format.as_deref())),
            signature: is_plain(signature.and_then(|s| s.documentation_format.as_deref())),
        },
        encoding: Encoding::choose(general.and_then(|g| g.position_encodings.as_deref())),
        roots: roots(params),
        pulls: document.is_some_and(|d| d.diagnostic.is_some())
            && workspace.and_then(|w| w.diagnostics.as_ref()).and_then(|d| d.refresh_support).unwrap_or(false),
        watches: workspace
            .and_then(|w| w.did_change_watched_files.as_ref())
            .and_then(|w| w.dynamic_registration)
            .unwrap_or(false),
        progress: capabilities.window.as_ref().and_then(|w| w.work_done_progress).unwrap_or(false),
        versioned_edits: edits.and_then(|e| e.document_changes).unwrap_or(false),
        related: published.and_then(|p| p.related_information).unwrap_or(false),
        tags: published.is_some_and(|p| p.tag_support.is_some()),
        snippets: item.and_then(|i| i.snippet_support).unwrap_or(false),
        completion_tags: item.is_some_and(|i| i.tag_support.is_some()),
        lazy_actions: resolved.is_some_and(|r| r.properties.iter().any(|property| property == "edit"))
            && action.and_then(|a| a.data_support).unwrap_or(false),
        refreshes: Refreshes {
            tokens: workspace.and_then(|w| w.semantic_tokens.as_ref()?.refresh_support).unwrap_or(false),
            hints: workspace.and_then(|w| w.inlay_hint.as_ref()?.refresh_support).unwrap_or(false),
            lenses: workspace.and_then(|w| w.code_lens.as_ref()?.refresh_support).unwrap_or(false),
        },
        links: Goto {
            definition: links(document.and_then(|d| d.definition.as_ref())),
            declaration: links(document.and_then(|d| d.declaration.as_ref())),
            type_definition: links(document.and_then(|d| d.type_definition.as_ref())),
            implementation: links(document.and_then(|d| d.implementation.as_ref())),
        },
        prepares_rename: document.and_then(|d| d.rename.as_ref()).and_then(|r| r.prepare_support).unwrap_or(false),
        commands: options.commands,
    };
    (about, options.settings, wrong)
}

fn links(goto: Option<&GotoCapability>) -> bool {
    goto.and_then(|goto| goto.link_support).unwrap_or(false)
}

#[allow(deprecated, reason = "older clients send nothing else")]
fn roots(params: &InitializeParams) -> Vec<PathBuf> {
    let folders = params.workspace_folders.iter().flatten().map(|folder| &folder.uri);
    let mut roots: Vec<PathBuf> = folders.filter(|uri| is_file(uri)).map(|uri| path_of(uri, None)).collect();
    if roots.is_empty() {
        let root = params.root_uri.as_ref().filter(|uri| is_file(uri)).map(|uri| path_of(uri, None));
        roots.extend(root.or_else(|| params.root_path.as_ref().map(PathBuf::from).filter(|path| path.is_absolute())));
    }
    roots
}

/// What the server offers such a client.
pub(crate) fn offered(about: &About) -> ServerCapabilities {
    let actions = CodeActionOptions {
        code_action_kinds: Some(vec![
            CodeActionKind::QUICKFIX,
            CodeActionKind::REFACTOR_EXTRACT,
            CodeActionKind::SOURCE_FIX_ALL,
        ]),
        resolve_provider: Some(about.lazy_actions),
        ..CodeActionOptions::default()
    };
    ServerCapabilities {
        position_encoding: Some(about.encoding.kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
            ..TextDocumentSyncOptions::default()
        })),
        completion_provider: Some(CompletionOptions {
            resolve_provider: Some(true),
            trigger_characters: Some(TRIGGERS.iter().map(|c| (*c).to_owned()).collect()),
            ..CompletionOptions::default()
        }),
        code_action_provider: Some(CodeActionProviderCapability::Options(actions)),
        document_formatting_provider: Some(OneOf::Left(true)),
        document_range_formatting_provider: Some(OneOf::Left(true)),
        document_on_type_formatting_provider: Some(DocumentOnTypeFormattingOptions {
            first_trigger_character: "}".to_owned(),
            more_trigger_character: Some(vec!["\n".to_owned()]),
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        signature_help_provider: Some(SignatureHelpOptions {
            trigger_characters: Some(vec!["(".to_owned(), ",".to_owned()]),
            retrigger_characters: Some(vec![":".to_owned(), ")".to_owned()]),
            ..SignatureHelpOptions::default()
        }),
        definition_provider: Some(OneOf::Left(true)),
        declaration_provider: Some(DeclarationCapability::Simple(true)),
        type_definition_provider: Some(TypeDefinitionProviderCapability::Simple(true)),
        implementation_provider: Some(ImplementationProviderCapability::Simple(true)),
        references_provider: Some(OneOf::Left(true)),
        document_highlight_provider: Some(OneOf::Left(true)),
        rename_provider: Some(match about.prepares_rename {
            true => OneOf::Right(RenameOptions {
                prepare_provider: Some(true),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }),
            false => OneOf::Left(true),
        }),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(true) }),
        inlay_hint_provider: Some(OneOf::Left(true)),
        semantic_tokens_provider: Some(SemanticTokensServerCapabilities::SemanticTokensOptions(tokens::options())),
        call_hierarchy_provider: Some(CallHierarchyServerCapability::Simple(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        workspace_symbol_provider: Some(OneOf::Left(true)),
        folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
        selection_range_provider: Some(SelectionRangeProviderCapability::Simple(true)),
        document_link_provider: Some(DocumentLinkOptions {
            resolve_provider: Some(false),
            work_done_progress_options: WorkDoneProgressOptions::default(),
        }),
        diagnostic_provider: about.pulls.then(|| {
            DiagnosticServerCapabilities::Options(DiagnosticOptions {
                inter_file_dependencies: true,
                workspace_diagnostics: false,
                ..DiagnosticOptions::default()
            })
        }),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            ..WorkspaceServerCapabilities::default()
        }),
        ..ServerCapabilities::default()
    }
}
