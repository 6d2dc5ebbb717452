//! What is shown beside and above the source: inlay hints and code lenses.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tessera_compiler::check::Named;
use tessera_compiler::source::Span;
use tower_lsp::ls_types::{
    CodeLens, Command, InlayHint, InlayHintKind, InlayHintLabel, InlayHintTooltip, Location, Range, Uri,
};

use crate::feature::code_lens::{self, About as Lens, counted};
use crate::feature::inlay_hints::{self, About as Hint, Wanted};
use crate::feature::preview;
use crate::protocol::capabilities::{About, InlayHints};
use crate::protocol::navigate::{everywhere, location};
use crate::workspace::snapshot::Snapshot;

/// Answers `textDocument/inlayHint`.
pub(crate) fn hints(snapshot: &Snapshot, uri: &Uri, range: Range, settings: InlayHints) -> Option<Vec<InlayHint>> {
    let document = snapshot.document(uri).filter(|document| !document.is_too_large())?;
    let InlayHints { types, defaults, names } = settings;
    if !types && !defaults && !names {
        return None;
    }
    let view = snapshot.view(&document)?;
    let bytes = document.lines().bytes(&document.text, range, snapshot.encoding);
    let wanted = Wanted { types, defaults, names };
    let found = inlay_hints::hints(&view.analysis, view.analysis.file?, bytes, wanted);
    let convert = |hint: inlay_hints::Hint| {
        let before = hint.text.starts_with(' ');
        InlayHint {
            position: document.lines().position(&document.text, hint.at, snapshot.encoding),
            label: InlayHintLabel::String(hint.text.trim().to_owned()),
            kind: match hint.about {
                Hint::Type => Some(InlayHintKind::TYPE),
                Hint::Parameter => Some(InlayHintKind::PARAMETER),
                Hint::Default | Hint::Object => None,
            },
            text_edits: None,
            tooltip: hint.whole.map(|whole| InlayHintTooltip::String(whole.trim().to_owned())),
            padding_left: Some(before),
            padding_right: Some(hint.about == Hint::Parameter),
            data: None,
        }
    };
    Some(found.into_iter().map(convert).collect())
}

/// What a lens remembers until it is seen.
#[derive(Debug, Serialize, Deserialize)]
struct Data {
    uri: Uri,
    start: u32,
    end: u32,
    what: String,
}

/// Answers `textDocument/codeLens`; what they tell is told by `codeLens/resolve`.
pub(crate) fn lenses(snapshot: &Snapshot, uri: &Uri, about: &About) -> Option<Vec<CodeLens>> {
    let document = snapshot.document(uri).filter(|document| !document.is_too_large())?;
    let view = snapshot.view(&document)?;
    let can = |command: &str| about.commands.iter().any(|known| known == command);
    let lens = |lens: code_lens::Lens| {
        let range = view.range(lens.span.at_start(), snapshot.encoding);
        let data = |what: &str| {
            let data = Data { uri: uri.clone(), start: lens.span.start, end: lens.span.end, what: what.to_owned() };
            Some(CodeLens { range, command: None, data: serde_json::to_value(data).ok() })
        };
        match lens.about {
            Lens::Instances => data("instances"),
            Lens::References => data("references"),
            Lens::Objects if can("tessera.preview") => data("objects"),
            Lens::Graph(name) if can("tessera.graph") => {
                let arguments = vec![json!({ "uri": uri, "composite": name })];
                Some(CodeLens { range, command: command("Graph", "tessera.graph", arguments), data: None })
            }
            Lens::Lease(text) => {
                let title = format!("torn down {text} after it became ready");
                Some(CodeLens { range, command: command(&title, "", Vec::new()), data: None })
            }
            Lens::Objects | Lens::Graph(_) => None,
        }
    };
    Some(code_lens::lenses(&view.analysis, view.analysis.file?).into_iter().filter_map(lens).collect())
}

fn command(title: &str, command: &str, arguments: Vec<Value>) -> Option<Command> {
    let arguments = (!arguments.is_empty()).then_some(arguments);
    Some(Command { title: title.to_owned(), command: command.to_owned(), arguments })
}

/// A lens with what it tells.
pub(crate) fn resolved(snapshot: &Snapshot, lens: CodeLens, about: &About) -> CodeLens {
    let data = lens.data.clone().and_then(|data| serde_json::from_value::<Data>(data).ok());
    let command = data.and_then(|data| told(snapshot, &data, &lens, about));
    // Nothing is known of what changed meanwhile; the client asks for the lenses anew.
    CodeLens { command: lens.command.clone().or(command).or_else(|| self::command("", "", Vec::new())), ..lens }
}

fn told(snapshot: &Snapshot, data: &Data, lens: &CodeLens, about: &About) -> Option<Command> {
    let document = snapshot.document(&data.uri)?;
    let target = snapshot.target(&document.path)?;
    let can = |command: &str| about.commands.iter().any(|known| known == command);
    if data.what == "objects" {
        let compiled = snapshot.compiled(&target).ok()?;
        let file = compiled.file(&document.path)?;
        let here = Span::new(file, data.start, data.end);
        let built = compiled.compilation.built.iter().find(|built| built.span == here)?;
        let id = preview::id(built, &compiled.compilation);
        let arguments = vec![json!({ "uri": data.uri, "instance": id })];
        let title = format!("Preview {}", counted(built.result.objects.len(), "object"));
        return command(&title, "tessera.preview", arguments);
    }
    let view = snapshot.whole(&target)?;
    let name = Span::new(view.file(&document.path)?, data.start, data.end);
    let mut locations: Vec<Location> = Vec::new();
    for (other, meant) in everywhere(snapshot, &target, &view, &[Named::Source(name)]) {
        let of_name = |named: &Named| match named {
            Named::Source(name) if data.what == "instances" => code_lens::instances(&other.analysis, *name),
            Named::Source(name) => code_lens::uses(&other.analysis, *name),
            _ => Vec::new(),
        };
        let found = meant.iter().flat_map(of_name).filter_map(|span| location(&other, span, snapshot, about));
        for place in found.collect::<Vec<_>>() {
            if !locations.contains(&place) {
                locations.push(place);
            }
        }
    }
    let title = counted(locations.len(), if data.what == "instances" { "instance" } else { "reference" });
    if locations.is_empty() || !can("tessera.showReferences") {
        return command(&title, "", Vec::new());
    }
    let arguments = vec![json!({ "uri": data.uri, "position": lens.range.start, "locations": locations })];
    command(&title, "tessera.showReferences", arguments)
}
