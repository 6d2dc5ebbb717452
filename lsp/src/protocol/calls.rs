//! The hierarchy of calls as the protocol has it.

use serde::{Deserialize, Serialize};
use tessera_compiler::check::Named;
use tessera_compiler::source::Span;
use tower_lsp::ls_types::{
    CallHierarchyIncomingCall, CallHierarchyItem, CallHierarchyOutgoingCall, Position, SymbolKind, Uri,
};

use crate::feature::call_hierarchy::{self, Call, Caller, What};
use crate::protocol::capabilities::About;
use crate::protocol::navigate::{at_in_all, everywhere, uri_of};
use crate::workspace::analysed::Analysed;
use crate::workspace::snapshot::Snapshot;

/// What an item remembers: a document of the project that it was found in, and its place there.
#[derive(Debug, Serialize, Deserialize)]
struct Data {
    from: Uri,
    path: String,
    start: u32,
    end: u32,
}

/// Answers `textDocument/prepareCallHierarchy`.
pub(crate) fn prepare(
    snapshot: &Snapshot,
    uri: &Uri,
    position: Position,
    about: &About,
) -> Option<Vec<CallHierarchyItem>> {
    let here = at_in_all(snapshot, uri, position)?;
    let caller = call_hierarchy::prepare(&here.view.analysis, here.file, here.offset)?;
    Some(vec![item(&here.view, caller, uri, snapshot, about)?])
}

fn item(view: &Analysed, caller: Caller, from: &Uri, snapshot: &Snapshot, about: &About) -> Option<CallHierarchyItem> {
    let Caller { what, name, detail, whole, place } = caller;
    let path = view.analysis.modules.sources.get(place.file)?.path.to_string();
    let data = Data { from: from.clone(), path, start: place.start, end: place.end };
    Some(CallHierarchyItem {
        name,
        kind: match what {
            What::Function => SymbolKind::FUNCTION,
            What::Composite => SymbolKind::CLASS,
            What::Instance => SymbolKind::VARIABLE,
            What::Constant => SymbolKind::CONSTANT,
            What::Type => SymbolKind::STRUCT,
            What::Resource => SymbolKind::OBJECT,
        },
        tags: None,
        detail: Some(detail).filter(|detail| !detail.is_empty()),
        uri: uri_of(view, place.file, snapshot, about)?,
        range: view.range(whole, snapshot.encoding),
        selection_range: view.range(place, snapshot.encoding),
        data: serde_json::to_value(data).ok(),
    })
}

/// Answers `callHierarchy/incomingCalls`: those of all projects of the workspace.
pub(crate) fn incoming(
    snapshot: &Snapshot,
    of: &CallHierarchyItem,
    about: &About,
) -> Option<Vec<CallHierarchyIncomingCall>> {
    let (data, view, name) = found(snapshot, of)?;
    let target = snapshot.target(&snapshot.document(&data.from)?.path)?;
    let mut calls: Vec<CallHierarchyIncomingCall> = Vec::new();
    for (other, meant) in everywhere(snapshot, &target, &view, &[Named::Source(name)]) {
        for named in meant {
            let Named::Source(name) = named else { continue };
            for (caller, places) in call_hierarchy::incoming(&other.analysis, name) {
                let from_ranges = places.iter().map(|place| other.range(*place, snapshot.encoding)).collect();
                let Some(from) = item(&other, caller, &data.from, snapshot, about) else { continue };
                let known = |call: &CallHierarchyIncomingCall| {
                    call.from.uri == from.uri && call.from.selection_range == from.selection_range
                };
                if !calls.iter().any(known) {
                    calls.push(CallHierarchyIncomingCall { from, from_ranges });
                }
            }
        }
    }
    Some(calls)
}

/// Answers `callHierarchy/outgoingCalls`.
pub(crate) fn outgoing(
    snapshot: &Snapshot,
    of: &CallHierarchyItem,
    about: &About,
) -> Option<Vec<CallHierarchyOutgoingCall>> {
    let (data, view, name) = found(snapshot, of)?;
    let call = |(callee, places): Call| {
        let from_ranges = places.iter().map(|place| view.range(*place, snapshot.encoding)).collect();
        Some(CallHierarchyOutgoingCall { to: item(&view, callee, &data.from, snapshot, about)?, from_ranges })
    };
    Some(call_hierarchy::outgoing(&view.analysis, name).into_iter().filter_map(call).collect())
}

/// Where an item lies now.
fn found(snapshot: &Snapshot, of: &CallHierarchyItem) -> Option<(Data, std::sync::Arc<Analysed>, Span)> {
    let data: Data = serde_json::from_value(of.data.clone()?).ok()?;
    let document = snapshot.document(&data.from)?;
    let target = snapshot.target(&document.path)?;
    let in_target = |target| {
        let view = snapshot.whole(target)?;
        let file = view.analysis.modules.sources.find(&data.path)?;
        let name = Span::new(file, data.start, data.end);
        let same = view.range(name, snapshot.encoding) == of.selection_range;
        (same && view.analysis.modules.sources.text(name) == of.name).then_some((view, name))
    };
    let others = snapshot.targets().0;
    let (view, name) = std::iter::once(&target).chain(&others).find_map(in_target)?;
    Some((data, view, name))
}
