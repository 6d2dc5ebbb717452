//! Code actions: what features offer, as the protocol has it.

use serde_json::json;
use tessera_compiler::diagnostic::Diagnostic;
use tower_lsp::ls_types::{CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionResponse, Uri};

use crate::feature::FileEdit;
use crate::feature::fixes::{self, Offer};
use crate::feature::refactor::{self, Action, Aim};
use crate::protocol::action::workspace_edit;
use crate::protocol::capabilities::About;
use crate::protocol::diagnostic::diagnostic;
use crate::workspace::snapshot::{Place, Snapshot};

/// The actions at a range.
pub(crate) fn actions(snapshot: &Snapshot, params: &CodeActionParams, about: &About) -> Option<CodeActionResponse> {
    let uri = &params.text_document.uri;
    let place = snapshot.place(uri)?;
    let document = &place.document;
    let (start, end) = document.lines().bytes(&document.text, params.range, snapshot.encoding);
    let wants = |kind: &CodeActionKind| {
        let only = params.context.only.as_deref();
        only.is_none_or(|only| only.iter().any(|wanted| is_of(kind, wanted)))
    };
    let mut actions = Vec::new();
    if wants(&CodeActionKind::QUICKFIX) {
        let offers = fixes::fixes(&place, start, end).into_iter().chain(fixes::allowances(&place, start, end));
        actions.extend(offers.filter_map(|offer| quick(snapshot, &place, &offer, about)));
    }
    if wants(&CodeActionKind::QUICKFIX) || wants(&CodeActionKind::REFACTOR_EXTRACT) {
        let changes = changes(snapshot, &place, start, end, about);
        actions.extend(changes.into_iter().filter(|action| action.kind.as_ref().is_none_or(wants)));
    }
    if wants(&CodeActionKind::SOURCE_FIX_ALL) {
        actions.extend(fix_all(snapshot, &place, uri, params.context.only.is_some(), about));
    }
    Some(actions.into_iter().map(CodeActionOrCommand::CodeAction).collect())
}

/// Whether a kind is the wanted one or below it.
fn is_of(kind: &CodeActionKind, wanted: &CodeActionKind) -> bool {
    let (kind, wanted) = (kind.as_str(), wanted.as_str());
    wanted.is_empty() || kind == wanted || kind.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
}

fn quick(snapshot: &Snapshot, place: &Place, offer: &Offer, about: &About) -> Option<CodeAction> {
    let found = place.compiled.compilation.diagnostics.get(offer.diagnostic)?;
    Some(CodeAction {
        title: offer.title.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![diagnostic(found, &place.compiled, snapshot, about)]),
        edit: Some(workspace_edit(&offer.edits, snapshot, about)?),
        is_preferred: offer.safe.then_some(true),
        ..CodeAction::default()
    })
}

/// The changes that somebody may want here.
fn changes(snapshot: &Snapshot, place: &Place, start: u32, end: u32, about: &About) -> Vec<CodeAction> {
    let document = &place.document;
    let Some(analysis) = document.parse().and_then(|_| snapshot.analyse(document, None)) else { return Vec::new() };
    let all = &place.compiled.compilation.diagnostics;
    let here = |found: &&Diagnostic| {
        let span = found.primary.span;
        span.file == place.file && span.start <= end && start <= span.end
    };
    let found: Vec<&Diagnostic> = all.iter().filter(here).collect();
    let action = |action: Action| {
        let (kind, mended) = match action.aim {
            Aim::Mend(number) => (CodeActionKind::QUICKFIX, found.get(number)),
            Aim::Extract => (CodeActionKind::REFACTOR_EXTRACT, None),
        };
        let edits = FileEdit { path: document.path.clone(), text: document.text.clone(), edits: action.edits };
        Some(CodeAction {
            title: action.title,
            kind: Some(kind),
            diagnostics: mended.map(|found| vec![diagnostic(found, &place.compiled, snapshot, about)]),
            edit: Some(workspace_edit(&[edits], snapshot, about)?),
            ..CodeAction::default()
        })
    };
    refactor::actions(&analysis, &found, start, end).into_iter().filter_map(action).collect()
}

/// All safe fixes of a document at once. Their edits come later where the client can wait,
/// since a fix may bring the next one to light.
fn fix_all(snapshot: &Snapshot, place: &Place, uri: &Uri, now: bool, about: &About) -> Option<CodeAction> {
    if !fixes::has_safe(place) {
        return None;
    }
    let action = CodeAction {
        title: "Apply all safe fixes of this file".to_owned(),
        kind: Some(CodeActionKind::SOURCE_FIX_ALL),
        ..CodeAction::default()
    };
    if about.lazy_actions && !now {
        return Some(CodeAction { data: Some(json!({ "fixAll": uri })), ..action });
    }
    Some(CodeAction { edit: workspace_edit(&fixes::all(snapshot, place), snapshot, about), ..action })
}

/// An action with its edit.
pub(crate) fn resolved(snapshot: &Snapshot, action: CodeAction, about: &About) -> CodeAction {
    let uri = action.data.as_ref().and_then(|data| serde_json::from_value::<Uri>(data.get("fixAll")?.clone()).ok());
    let Some(place) = uri.and_then(|uri| snapshot.place(&uri)) else { return action };
    CodeAction { edit: workspace_edit(&fixes::all(snapshot, &place), snapshot, about), ..action }
}
