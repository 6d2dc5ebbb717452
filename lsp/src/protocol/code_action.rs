//! Code actions: what features offer, as the protocol has it.

use serde_json::json;
use tower_lsp::ls_types::{CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionResponse, Uri};

use crate::feature::fixes::{self, Offer};
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
