//! Every request that an editor sends, about random places.

use serde_json::{Value as Json, json};

use super::texts::{Place, place};
use crate::corpus::Random;

/// A request.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its method.
    pub method: &'static str,
    /// Its parameters.
    pub params: Json,
    /// The document that it is about.
    pub uri: String,
}

/// A method, and what a server that answers it declares.
type Known = (&'static str, &'static str);

/// Those about a place.
const PLACES: &[Known] = &[
    ("textDocument/hover", "/hoverProvider"),
    ("textDocument/completion", "/completionProvider"),
    ("textDocument/signatureHelp", "/signatureHelpProvider"),
    ("textDocument/definition", "/definitionProvider"),
    ("textDocument/typeDefinition", "/typeDefinitionProvider"),
    ("textDocument/references", "/referencesProvider"),
    ("textDocument/documentHighlight", "/documentHighlightProvider"),
    ("textDocument/prepareRename", "/renameProvider/prepareProvider"),
    ("textDocument/rename", "/renameProvider"),
    ("textDocument/prepareCallHierarchy", "/callHierarchyProvider"),
    ("textDocument/selectionRange", "/selectionRangeProvider"),
    ("textDocument/onTypeFormatting", "/documentOnTypeFormattingProvider"),
];

/// Those about a range.
const RANGES: &[Known] = &[
    ("textDocument/semanticTokens/range", "/semanticTokensProvider/range"),
    ("textDocument/inlayHint", "/inlayHintProvider"),
    ("textDocument/codeAction", "/codeActionProvider"),
    ("textDocument/rangeFormatting", "/documentRangeFormattingProvider"),
];

/// Those about a document.
const DOCUMENTS: &[Known] = &[
    ("textDocument/documentSymbol", "/documentSymbolProvider"),
    ("textDocument/semanticTokens/full", "/semanticTokensProvider/full"),
    ("textDocument/foldingRange", "/foldingRangeProvider"),
    ("textDocument/codeLens", "/codeLensProvider"),
    ("textDocument/documentLink", "/documentLinkProvider"),
    ("textDocument/formatting", "/documentFormattingProvider"),
    ("textDocument/diagnostic", "/diagnosticProvider"),
    ("tessera/preview", ""),
    ("tessera/graph", ""),
    ("tessera/ir", ""),
    ("tessera/why", ""),
];

/// Those about the workspace.
const WORKSPACE: &[Known] = &[
    ("workspace/symbol", "/workspaceSymbolProvider"),
    ("workspace/diagnostic", "/diagnosticProvider/workspaceDiagnostics"),
];

/// Whether a server declares what a pointer into its capabilities names.
fn declared(capabilities: &Json, pointer: &str) -> bool {
    !matches!(capabilities.pointer(pointer), None | Some(Json::Null | Json::Bool(false)))
}

/// What of all this a server does not declare.
#[must_use]
pub fn missing(capabilities: &Json) -> Vec<&'static str> {
    let all = [PLACES, RANGES, DOCUMENTS, WORKSPACE].concat();
    all.into_iter().filter(|(_, pointer)| !declared(capabilities, pointer)).map(|(method, _)| method).collect()
}

/// What there is to ask of a server about a document.
pub struct Asker<'a> {
    /// What it declares.
    pub capabilities: &'a Json,
    /// The document.
    pub uri: &'a str,
    /// Its text.
    pub text: &'a str,
}

impl Asker<'_> {
    fn known(&self, of: &[Known]) -> Vec<&'static str> {
        of.iter().filter(|(_, pointer)| declared(self.capabilities, pointer)).map(|(method, _)| *method).collect()
    }

    fn question(&self, method: &'static str, params: Json) -> Question {
        Question { method, params, uri: self.uri.to_owned() }
    }

    /// A random request of any kind.
    #[must_use]
    pub fn any(&self, random: &mut Random) -> Option<Question> {
        let place = self.place(random);
        match random.below(10) {
            0..6 => random.pick(&self.known(PLACES)).map(|method| self.at(method, place)),
            6..8 => random.pick(&self.known(RANGES)).map(|method| self.within(method, random)),
            8 => random.pick(&self.known(DOCUMENTS)).map(|method| self.whole(method)),
            _ => random.pick(&self.known(WORKSPACE)).map(|method| self.workspace(method, random)),
        }
    }

    /// All requests about some places, some ranges, and the document.
    #[must_use]
    pub fn all(&self, places: usize, random: &mut Random) -> Vec<Question> {
        let mut questions: Vec<Question> = self.known(DOCUMENTS).iter().map(|method| self.whole(method)).collect();
        for _ in 0..places {
            let place = self.place(random);
            questions.extend(self.known(PLACES).iter().map(|method| self.at(method, place)));
        }
        questions.extend(self.known(RANGES).iter().map(|method| self.within(method, random)));
        questions.extend(
            self.known(WORKSPACE.get(..1).unwrap_or_default()).iter().map(|method| self.workspace(method, random)),
        );
        questions
    }

    /// A place in the text, more often in or after a word than in blanks.
    #[must_use]
    pub fn place(&self, random: &mut Random) -> Place {
        let mut offset = random.below(self.text.len() + 1);
        for _ in 0..3 {
            let near = self.text.as_bytes().get(offset.saturating_sub(1)).copied().unwrap_or(b' ');
            if near.is_ascii_alphanumeric() || near == b'.' {
                break;
            }
            offset = random.below(self.text.len() + 1);
        }
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        place(self.text, offset)
    }

    fn document(&self) -> Json {
        json!({ "uri": self.uri })
    }

    fn at(&self, method: &'static str, place: Place) -> Question {
        let mut params = json!({ "textDocument": self.document(), "position": place.json() });
        match method {
            "textDocument/references" => put(&mut params, "context", json!({ "includeDeclaration": true })),
            "textDocument/rename" => put(&mut params, "newName", json!("renamed")),
            "textDocument/selectionRange" => {
                params = json!({ "textDocument": self.document(), "positions": [place.json()] });
            }
            "textDocument/onTypeFormatting" => {
                put(&mut params, "ch", json!("\n"));
                put(&mut params, "options", options());
            }
            _ => {}
        }
        self.question(method, params)
    }

    fn within(&self, method: &'static str, random: &mut Random) -> Question {
        let (a, b) = (self.place(random), self.place(random));
        let range = json!({ "start": a.min(b).json(), "end": a.max(b).json() });
        let mut params = json!({ "textDocument": self.document(), "range": range });
        match method {
            "textDocument/codeAction" => put(&mut params, "context", json!({ "diagnostics": [] })),
            "textDocument/rangeFormatting" => put(&mut params, "options", options()),
            _ => {}
        }
        self.question(method, params)
    }

    fn whole(&self, method: &'static str) -> Question {
        let mut params = json!({ "textDocument": self.document() });
        match method {
            "textDocument/formatting" => put(&mut params, "options", options()),
            "tessera/why" => put(&mut params, "path", json!("settings.data.size")),
            _ => {}
        }
        self.question(method, params)
    }

    fn workspace(&self, method: &'static str, random: &mut Random) -> Question {
        let params = if method == "workspace/symbol" {
            json!({ "query": random.pick(&["", "a", "Backend", "lab"]) })
        } else {
            json!({ "previousResultIds": [] })
        };
        self.question(method, params)
    }
}

fn put(params: &mut Json, key: &str, value: Json) {
    if let Some(params) = params.as_object_mut() {
        params.insert(key.to_owned(), value);
    }
}

fn options() -> Json {
    json!({ "tabSize": 2, "insertSpaces": true })
}

/// What an editor asks next about an answer: more about one of its items.
#[must_use]
pub fn further(question: &Question, answer: &Json, random: &mut Random) -> Vec<Question> {
    let items = answer.as_array().or_else(|| answer.get("items").and_then(Json::as_array));
    let Some(item) = items.and_then(|items| random.pick(items)) else { return Vec::new() };
    let next = |method, params| Question { method, params, uri: question.uri.clone() };
    match question.method {
        "textDocument/completion" => vec![next("completionItem/resolve", item.clone())],
        "textDocument/codeAction" if item.get("kind").is_some() => vec![next("codeAction/resolve", item.clone())],
        "textDocument/codeLens" if item.get("command").is_none() => vec![next("codeLens/resolve", item.clone())],
        "textDocument/documentLink" if item.get("target").is_none() => {
            vec![next("documentLink/resolve", item.clone())]
        }
        "textDocument/prepareCallHierarchy" => vec![
            next("callHierarchy/incomingCalls", json!({ "item": item })),
            next("callHierarchy/outgoingCalls", json!({ "item": item })),
        ],
        _ => Vec::new(),
    }
}
