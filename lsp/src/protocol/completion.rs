//! Completion as the protocol has it. Documentation is sent when an item is looked at.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tessera_compiler::schema::Schemas;
use tower_lsp::ls_types::{
    CompletionItem, CompletionItemKind, CompletionItemTag, CompletionList, CompletionResponse, CompletionTextEdit,
    Documentation, InsertTextFormat, Position, Range, TextEdit, Uri,
};

use crate::feature::completion::{self, Completion, Doc, Item, ItemKind, Notation};
use crate::protocol::capabilities::About;
use crate::protocol::markup::markup;
use crate::workspace::document::Document;
use crate::workspace::snapshot::Snapshot;

/// The characters after which an editor asks without being told to.
pub(crate) const TRIGGERS: [&str; 7] = [".", "/", "\"", ":", " ", "{", "("];

/// How many answers' documentation is kept.
const KEPT: usize = 4;

/// The documentation of the items that were last sent.
#[derive(Default)]
pub(crate) struct Sent(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    next: u64,
    answers: VecDeque<Answer>,
}

struct Answer {
    id: u64,
    schemas: Schemas,
    docs: Vec<Doc>,
}

/// Which item of which answer one is.
#[derive(Serialize, Deserialize)]
struct Which {
    answer: u64,
    item: usize,
}

impl Sent {
    fn keep(&self, schemas: Schemas, docs: Vec<Doc>) -> u64 {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.next += 1;
        let id = kept.next;
        kept.answers.push_back(Answer { id, schemas, docs });
        if kept.answers.len() > KEPT {
            kept.answers.pop_front();
        }
        id
    }

    fn doc(&self, which: &Which) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = kept.answers.iter().find(|answer| answer.id == which.answer)?;
        answer.docs.get(which.item)?.read(&answer.schemas)
    }
}

/// What may be written at a position.
pub(crate) fn answer(
    snapshot: &Snapshot,
    uri: &Uri,
    position: Position,
    trigger: Option<&str>,
    about: &About,
    sent: &Sent,
) -> Option<CompletionResponse> {
    let document = snapshot.document(uri).filter(|document| !document.is_too_large())?;
    let notation = match document.path.extension()?.to_str()? {
        "tess" => Notation::Tessera,
        "yaml" | "yml" => Notation::Yaml,
        _ => return None,
    };
    let offset = document.lines().offset(&document.text, position, snapshot.encoding);
    // A blank is typed everywhere; only after a colon or a keyword may something follow it.
    if trigger == Some(" ") && !follows_word(&document.text, offset) {
        return None;
    }
    let mut schemas = None;
    let found = completion::completion(&document.text, offset, notation, |text, probe| {
        let other = snapshot.with_text(&document.path, text.into());
        let analysis = other.analyse(&*other.document(uri)?, Some(probe))?;
        schemas = Some(analysis.schemas.clone());
        Some(analysis)
    });
    let docs = found.items.iter().map(|item| item.doc.clone()).collect();
    let id = schemas.map_or(0, |schemas| sent.keep(schemas, docs));
    Some(CompletionResponse::List(list(&found, &document, id, snapshot, about)))
}

/// Whether a blank stands behind `:`, `=`, `in`, `use` and the like.
fn follows_word(text: &str, offset: u32) -> bool {
    let head = text.get(..offset as usize).unwrap_or("").trim_end_matches(' ');
    let line = head.rsplit('\n').next().unwrap_or("");
    let word = line.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    line.ends_with([':', '=', '|', '>', ','])
        || matches!(word, "use" | "after" | "in" | "on" | "scope" | "when" | "else" | "then" | "raw")
}

fn list(found: &Completion, document: &Document, id: u64, snapshot: &Snapshot, about: &About) -> CompletionList {
    let lines = document.lines();
    let range = lines.range(&document.text, found.replace.start, found.replace.end, snapshot.encoding);
    let import = |at: u32| lines.range(&document.text, at, at, snapshot.encoding);
    let items = found.items.iter().enumerate();
    CompletionList {
        is_incomplete: found.incomplete,
        items: items
            .map(|(index, item)| of_item(item, Which { answer: id, item: index }, range, import, about))
            .collect(),
    }
}

fn of_item(item: &Item, which: Which, range: Range, place: impl Fn(u32) -> Range, about: &About) -> CompletionItem {
    let snippet = item.snippet && about.snippets;
    let text = if item.snippet && !snippet { completion::plain(&item.insert) } else { item.insert.clone() };
    let import = item.import.as_ref().map(|(at, text)| vec![TextEdit { range: place(*at), new_text: text.clone() }]);
    CompletionItem {
        label: item.label.clone(),
        kind: Some(kind(item.kind)),
        detail: item.detail.clone(),
        sort_text: Some(format!("{}{:04}{}", item.rank as u8, item.order.min(9_999), item.label)),
        filter_text: item.filter.clone(),
        insert_text_format: snippet.then_some(InsertTextFormat::SNIPPET),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: text })),
        additional_text_edits: import,
        tags: (item.deprecated && about.completion_tags).then(|| vec![CompletionItemTag::DEPRECATED]),
        data: (item.doc != Doc::None).then(|| serde_json::to_value(which).ok()).flatten(),
        ..CompletionItem::default()
    }
}

const fn kind(kind: ItemKind) -> CompletionItemKind {
    match kind {
        ItemKind::Field => CompletionItemKind::FIELD,
        ItemKind::Value => CompletionItemKind::ENUM_MEMBER,
        ItemKind::Variable => CompletionItemKind::VARIABLE,
        ItemKind::Constant => CompletionItemKind::CONSTANT,
        ItemKind::Function => CompletionItemKind::FUNCTION,
        ItemKind::Method => CompletionItemKind::METHOD,
        ItemKind::Type => CompletionItemKind::INTERFACE,
        ItemKind::Module => CompletionItemKind::MODULE,
        ItemKind::Kind => CompletionItemKind::CLASS,
        ItemKind::Composite => CompletionItemKind::STRUCT,
        ItemKind::Resource => CompletionItemKind::REFERENCE,
        ItemKind::Keyword => CompletionItemKind::KEYWORD,
        ItemKind::Snippet => CompletionItemKind::SNIPPET,
        ItemKind::File => CompletionItemKind::FILE,
    }
}

/// An item with its documentation.
pub(crate) fn resolved(item: CompletionItem, sent: &Sent, about: &About) -> CompletionItem {
    let which = item.data.clone().and_then(|data| serde_json::from_value::<Which>(data).ok());
    let Some(value) = which.and_then(|which| sent.doc(&which)) else { return item };
    let documentation = Documentation::MarkupContent(markup(value, about.plain.completion));
    CompletionItem { documentation: Some(documentation), ..item }
}
