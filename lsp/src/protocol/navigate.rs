//! Hover, signatures, declarations and uses as the protocol has them.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use tessera_compiler::check::Named;
use tessera_compiler::resolve::Origin;
use tessera_compiler::source::{FileId, Span};
use tower_lsp::ls_types::{
    DocumentHighlight, DocumentHighlightKind, Documentation, GotoDefinitionResponse, Hover, HoverContents, Location,
    LocationLink, ParameterInformation, ParameterLabel, Position, SignatureHelp, SignatureInformation, Uri,
};

use crate::feature::definition::Goal;
use crate::feature::references::{self, Access};
use crate::feature::{definition, hover, names, signature_help};
use crate::host::Target;
use crate::protocol::capabilities::{About, Goto};
use crate::protocol::markup::markup;
use crate::protocol::position::utf16;
use crate::protocol::uri::STANDARD;
use crate::workspace::analysed::Analysed;
use crate::workspace::document::Document;
use crate::workspace::snapshot::Snapshot;

/// A place in an open document, and what checking noted of it.
pub(crate) struct At {
    pub(crate) document: Arc<Document>,
    pub(crate) view: Arc<Analysed>,
    pub(crate) file: FileId,
    pub(crate) offset: u32,
}

/// The place, with what was noted of its document alone.
pub(crate) fn at(snapshot: &Snapshot, uri: &Uri, position: Position) -> Option<At> {
    let document = snapshot.document(uri).filter(|document| !document.is_too_large())?;
    let view = snapshot.view(&document)?;
    let file = view.analysis.file?;
    let offset = document.lines().offset(&document.text, position, snapshot.encoding);
    Some(At { document, view, file, offset })
}

/// The place, with what was noted of all that its document is compiled with.
pub(crate) fn at_in_all(snapshot: &Snapshot, uri: &Uri, position: Position) -> Option<At> {
    let document = snapshot.document(uri).filter(|document| !document.is_too_large())?;
    let view = snapshot.whole(&snapshot.target(&document.path)?)?;
    let file = view.file(&document.path)?;
    let offset = document.lines().offset(&document.text, position, snapshot.encoding);
    Some(At { document, view, file, offset })
}

/// Answers `textDocument/hover`.
pub(crate) fn hover_of(snapshot: &Snapshot, uri: &Uri, position: Position, about: &About) -> Option<Hover> {
    let At { document, view, file, offset } = at(snapshot, uri, position)?;
    let tree = document.parse().map(|parse| &parse.tree);
    let found = hover::hover(&view.analysis, tree, file, offset)?;
    Some(Hover {
        contents: HoverContents::Markup(markup(found.markdown, about.plain.hover)),
        range: Some(view.range(found.span, snapshot.encoding)),
    })
}

/// Answers `textDocument/signatureHelp`.
pub(crate) fn signature_help_of(
    snapshot: &Snapshot,
    uri: &Uri,
    position: Position,
    about: &About,
) -> Option<SignatureHelp> {
    let At { document, view, file, offset } = at(snapshot, uri, position)?;
    let found = signature_help::signature_help(&view.analysis, &document.parse()?.tree, file, offset)?;
    let active = found.ways.get(found.active).and_then(|way| way.active);
    let signatures = found.ways.into_iter().map(|way| {
        let at = |byte: u32| way.label.get(..byte as usize).map_or(0, utf16);
        let parameter = |(start, end): &(u32, u32)| ParameterInformation {
            label: ParameterLabel::LabelOffsets([at(*start), at(*end)]),
            documentation: None,
        };
        let documented = |text| Documentation::MarkupContent(markup(text, about.plain.signature));
        SignatureInformation {
            parameters: Some(way.parameters.iter().map(parameter).collect()),
            active_parameter: Some(way.active.unwrap_or(way.parameters.len()) as u32),
            documentation: way.doc.clone().map(documented),
            label: way.label,
        }
    });
    Some(SignatureHelp {
        signatures: signatures.collect(),
        active_signature: Some(found.active as u32),
        active_parameter: active.map(|index| index as u32),
    })
}

/// Where one may go from a place.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Definition,
    Declaration,
    TypeDefinition,
    Implementation,
}

/// Answers `textDocument/definition` and what is like it.
pub(crate) fn goals(
    snapshot: &Snapshot,
    uri: &Uri,
    position: Position,
    way: Way,
    about: &About,
) -> Option<GotoDefinitionResponse> {
    let (here, goals) = match way {
        Way::Implementation => {
            let here = at_in_all(snapshot, uri, position)?;
            let goals = definition::implementation(&here.view.analysis, here.file, here.offset);
            (here, goals)
        }
        Way::TypeDefinition => {
            // The type of a field is known where the field is declared.
            let here = at_in_all(snapshot, uri, position)?;
            let goals = definition::type_definition(&here.view.analysis, here.file, here.offset);
            (here, goals)
        }
        Way::Definition | Way::Declaration => {
            let here = at(snapshot, uri, position)?;
            let goals = definition::definition(&here.view.analysis, here.file, here.offset);
            (here, goals)
        }
    };
    let Goto { definition, declaration, type_definition, implementation } = about.links;
    let links = match way {
        Way::Definition => definition,
        Way::Declaration => declaration,
        Way::TypeDefinition => type_definition,
        Way::Implementation => implementation,
    };
    let link = |goal: &Goal| {
        let range = |span| here.view.range(span, snapshot.encoding);
        Some(LocationLink {
            origin_selection_range: Some(range(goal.from)),
            target_uri: uri_of(&here.view, goal.name.file, snapshot, about)?,
            target_range: range(goal.whole),
            target_selection_range: range(goal.name),
        })
    };
    let found: Vec<LocationLink> = goals.iter().filter_map(link).collect();
    if found.is_empty() {
        return None;
    }
    if links {
        return Some(GotoDefinitionResponse::Link(found));
    }
    let location = |link: LocationLink| Location { uri: link.target_uri, range: link.target_selection_range };
    Some(GotoDefinitionResponse::Array(found.into_iter().map(location).collect()))
}

/// The URI of a source. Those of the standard library have one only for clients that can show them.
pub(crate) fn uri_of(view: &Analysed, file: FileId, snapshot: &Snapshot, about: &About) -> Option<Uri> {
    if let Some(path) = view.path(file) {
        return snapshot.uri(path);
    }
    let source = view.analysis.modules.sources.get(file)?;
    let standard = names::origin(&view.analysis, file) == Some(&Origin::Standard);
    let shown = standard && about.commands.iter().any(|command| command == "tessera.content");
    shown.then(|| format!("{STANDARD}{}", source.path).parse().ok())?
}

/// `tessera/content`: the text of what is in no file.
#[derive(Debug, Deserialize)]
pub(crate) struct ContentParams {
    uri: String,
}

/// Answers `tessera/content`.
pub(crate) fn content(params: &ContentParams) -> Result<Value, String> {
    let path = params.uri.strip_prefix(STANDARD).map(|path| path.trim_start_matches('/'));
    let module = path.and_then(|path| path.strip_suffix(".tess")).map(|path| path.replace('/', "."));
    match module.and_then(|module| tessera_compiler::resolve::standard_source(&module)) {
        Some(text) => Ok(json!({ "text": text })),
        None => Err(format!("there is nothing at {}", params.uri)),
    }
}

/// Answers `textDocument/documentHighlight`.
pub(crate) fn highlights(snapshot: &Snapshot, uri: &Uri, position: Position) -> Option<Vec<DocumentHighlight>> {
    let At { view, file, offset, .. } = at(snapshot, uri, position)?;
    let found = references::highlights(&view.analysis, file, offset);
    let highlight = |occurrence: &references::Occurrence| DocumentHighlight {
        range: view.range(occurrence.span, snapshot.encoding),
        kind: Some(match occurrence.access {
            Access::Declares | Access::Writes => DocumentHighlightKind::WRITE,
            Access::Reads => DocumentHighlightKind::READ,
        }),
    };
    Some(found.iter().map(highlight).collect())
}

/// Answers `textDocument/references`: in the document's project and in those of the workspace that use it.
pub(crate) fn references_of(
    snapshot: &Snapshot,
    uri: &Uri,
    position: Position,
    declaration: bool,
    about: &About,
) -> Option<Vec<Location>> {
    let At { document, view, file, offset } = at_in_all(snapshot, uri, position)?;
    let meant = references::meant(&view.analysis, file, offset);
    let mut found: Vec<Location> = Vec::new();
    for (other, meant) in everywhere(snapshot, &snapshot.target(&document.path)?, &view, &meant) {
        for occurrence in references::references(&other.analysis, &meant) {
            if !declaration && occurrence.access == Access::Declares {
                continue;
            }
            found.extend(
                location(&other, occurrence.span, snapshot, about).filter(|location| !found.contains(location)),
            );
        }
    }
    Some(found)
}

/// A place in a source, as the client names it.
pub(crate) fn location(view: &Analysed, span: Span, snapshot: &Snapshot, about: &About) -> Option<Location> {
    Some(Location { uri: uri_of(view, span.file, snapshot, about)?, range: view.range(span, snapshot.encoding) })
}

/// A project and what its names for something are.
pub(crate) type Known = (Arc<Analysed>, Vec<Named>);

/// The document's own project, and the others that know one of the names, each with its own names for them.
pub(crate) fn everywhere(snapshot: &Snapshot, own: &Target, view: &Arc<Analysed>, meant: &[Named]) -> Vec<Known> {
    let mut found = vec![(view.clone(), meant.to_vec())];
    let ours = |path: &Path| snapshot.target(path);
    let declares: Vec<Target> = meant.iter().filter_map(|named| ours(view.path(file_of(view, named)?)?)).collect();
    if declares.is_empty() {
        return found;
    }
    for target in snapshot.targets().0.iter().filter(|target| *target != own) {
        let Some(other) = snapshot.whole(target) else { continue };
        let there: Vec<Named> = meant.iter().filter_map(|named| translated(named, view, &other)).collect();
        if !there.is_empty() {
            found.push((other, there));
        }
    }
    found
}

/// The file that declares something.
pub(crate) fn file_of(view: &Analysed, named: &Named) -> Option<FileId> {
    match named {
        Named::Source(span) => Some(span.file),
        Named::Module(id) => view.analysis.modules.get(*id).map(|module| module.file),
        _ => None,
    }
}

/// What something that one project declares is called in what was noted of another one.
pub(crate) fn translated(named: &Named, from: &Analysed, to: &Analysed) -> Option<Named> {
    let file = to.file(from.path(file_of(from, named)?)?)?;
    match named {
        Named::Source(span) => Some(Named::Source(Span { file, ..*span })),
        _ => names::module_of(&to.analysis, file).map(|(id, _)| Named::Module(id)),
    }
}
