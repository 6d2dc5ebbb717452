//! The server's own requests and notifications.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tessera_compiler::compile::Settings;
use tessera_compiler::resolve::ModuleId;
use tessera_compiler::source::Span;
use tessera_compiler::why::{step, why};
use tower_lsp::ls_types::notification::Notification;
use tower_lsp::ls_types::{Location, TextDocumentIdentifier, Uri};

use crate::feature::graph::graph;
use crate::feature::preview::{Choice, preview};
use crate::workspace::compiled::Compiled;
use crate::workspace::snapshot::{Place, Snapshot};

/// `tessera/preview`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PreviewParams {
    text_document: TextDocumentIdentifier,
    target: Option<String>,
    instance: Option<String>,
}

/// `tessera/graph`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GraphParams {
    text_document: TextDocumentIdentifier,
    composite: Option<String>,
}

/// `tessera/ir`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IrParams {
    text_document: TextDocumentIdentifier,
}

/// `tessera/why`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WhyParams {
    text_document: TextDocumentIdentifier,
    instance: Option<String>,
    path: String,
}

/// `tessera/status`: what the server is doing, and what it knows.
#[derive(Debug)]
pub(crate) enum StatusNotification {}

impl Notification for StatusNotification {
    type Params = Status;
    const METHOD: &'static str = "tessera/status";
}

/// `tessera/changed`: a compilation ended; what was shown of it may be other now.
#[derive(Debug)]
pub(crate) enum ChangedNotification {}

impl Notification for ChangedNotification {
    type Params = Value;
    const METHOD: &'static str = "tessera/changed";
}

/// The parameters of `tessera/status`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Status {
    /// `working` or `ready`.
    pub(crate) state: String,
    pub(crate) projects: Vec<ProjectStatus>,
    pub(crate) message: Option<String>,
}

/// What is known of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct ProjectStatus {
    name: String,
    root: Option<Uri>,
    kubernetes: String,
    crds: usize,
    files: usize,
    errors: usize,
    warnings: usize,
}

impl ProjectStatus {
    pub(crate) fn of(compiled: &Compiled, snapshot: &Snapshot) -> Self {
        let compilation = &compiled.compilation;
        let errors = compilation.diagnostics.iter().filter(|found| found.is_error()).count();
        let root = compiled.project().and_then(|root| snapshot.uri(root));
        let name = match compiled.target.path().file_name() {
            Some(file) if root.is_none() => file.to_string_lossy().into_owned(),
            _ => compilation.package.name.to_string(),
        };
        Self {
            name,
            root,
            kubernetes: compilation.kubernetes.to_string(),
            crds: compilation.sources().iter().count().saturating_sub(compilation.source_files + compiled.has_file),
            files: compiled.files,
            errors,
            warnings: compilation.diagnostics.len() - errors,
        }
    }
}

type Answer = Result<Value, String>;

fn place(snapshot: &Snapshot, document: &TextDocumentIdentifier) -> Result<Place, String> {
    snapshot.place(&document.uri).ok_or_else(|| "the document is not open, or not one that Tessera compiles".to_owned())
}

/// Answers `tessera/preview`.
pub(crate) fn preview_of(snapshot: &Snapshot, params: &PreviewParams, by_default: &str) -> Answer {
    let place = place(snapshot, &params.text_document)?;
    let target = params.target.as_deref().unwrap_or(by_default);
    let shown = preview(&place, target, params.instance.as_deref());
    let files: Vec<Value> = shown
        .files
        .iter()
        .map(|file| {
            let objects = file.objects.iter().map(|object| {
                let source = object.source.and_then(|span| location(&place.compiled, span, snapshot));
                json!({
                    "title": object.title, "startLine": object.start, "endLine": object.end,
                    "resource": object.resource, "source": source,
                })
            });
            json!({ "path": file.path, "text": file.text, "objects": objects.collect::<Vec<_>>() })
        })
        .collect();
    Ok(json!({
        "target": shown.target,
        "targets": choices(&shown.targets),
        "instances": choices(&shown.instances),
        "instance": shown.instance,
        "files": files,
        "messages": shown.messages,
    }))
}

/// Answers `tessera/graph`.
pub(crate) fn graph_of(snapshot: &Snapshot, params: &GraphParams) -> Answer {
    let place = place(snapshot, &params.text_document)?;
    let graph = graph(&place, params.composite.as_deref());
    let nodes = graph.nodes.iter().map(|node| {
        let source = node.source.and_then(|span| location(&place.compiled, span, snapshot));
        json!({ "id": node.id, "title": node.title, "detail": node.detail, "layer": node.layer, "source": source })
    });
    let edges = graph.edges.iter().map(|edge| json!({ "from": edge.from, "to": edge.to, "label": edge.label }));
    Ok(json!({
        "composites": choices(&graph.composites),
        "composite": graph.composite,
        "nodes": nodes.collect::<Vec<_>>(),
        "edges": edges.collect::<Vec<_>>(),
        "messages": graph.messages,
    }))
}

/// Answers `tessera/ir`.
pub(crate) fn ir_of(snapshot: &Snapshot, params: &IrParams) -> Answer {
    let Place { compiled, file, .. } = place(snapshot, &params.text_document)?;
    let compilation = &compiled.compilation;
    if compilation.has_errors() {
        return Err("there are errors; mend them first".to_owned());
    }
    let of = |module: ModuleId| compilation.modules.get(module).is_some_and(|module| module.file == file);
    let document = compilation.document(|composite| of(composite.module));
    let text = serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?;
    Ok(json!({ "text": text + "\n" }))
}

/// Answers `tessera/why`.
pub(crate) fn why_of(snapshot: &Snapshot, params: &WhyParams) -> Answer {
    let Place { document, compiled, .. } = place(snapshot, &params.text_document)?;
    let name = params.instance.as_deref().and_then(|id| id.rsplit('/').next()).map(str::to_owned);
    let settings = Settings { instance: name, partial: true, ..Settings::default() };
    let target = snapshot.target(&document.path).unwrap_or_else(|| compiled.target.clone());
    let compiled = snapshot.compiled_with(&target, settings.clone())?;
    let answer = why(&compiled.compilation, &settings, &params.path)?;
    let shown = |span: Span| {
        let path = compiled.compilation.sources().get(span.file).map_or("", |file| &file.path);
        let at = compiled.range(span, snapshot.encoding).start;
        format!("{path}:{}:{}", at.line + 1, at.character + 1)
    };
    let places: Vec<Value> = answer
        .origins
        .iter()
        .filter_map(|origin| {
            let Location { uri, range } = location(&compiled, origin.span, snapshot)?;
            Some(json!({ "uri": uri, "range": range, "text": step(origin) }))
        })
        .collect();
    Ok(json!({ "text": answer.text(shown), "places": places }))
}

fn choices(choices: &[Choice]) -> Vec<Value> {
    choices.iter().map(|choice| json!({ "id": choice.id, "title": choice.title })).collect()
}

/// A place in a source; nothing in the standard library, which is no file.
pub(crate) fn location(compiled: &Compiled, span: Span, snapshot: &Snapshot) -> Option<Location> {
    let uri = snapshot.uri(compiled.path(span.file)?)?;
    Some(Location { uri, range: compiled.range(span, snapshot.encoding) })
}
