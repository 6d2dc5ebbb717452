//! What must hold of answers beyond their shape: places are in the texts that they are about, edits do
//! not overlap, tokens are in order.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Place;
use super::texts::{edited, exists};

/// The texts that a server knows, by URI.
pub type Texts = BTreeMap<String, String>;

/// What is wrong with an answer about a document.
#[must_use]
pub fn broken(method: &str, uri: &str, result: &Json, texts: &Texts) -> Option<String> {
    let mut wrong = Vec::new();
    places(uri, result, texts, &mut wrong);
    if method.starts_with("textDocument/semanticTokens") {
        tokens(uri, result, texts, &mut wrong);
    }
    if method.to_lowercase().contains("formatting") {
        edits(uri, result, texts, &mut wrong);
    }
    for entry in [result, result.get("edit").unwrap_or(&Json::Null)] {
        for (uri, list) in entry.get("changes").and_then(Json::as_object).into_iter().flatten() {
            edits(uri, list, texts, &mut wrong);
        }
        for change in entry.get("documentChanges").and_then(Json::as_array).into_iter().flatten() {
            let uri = change.pointer("/textDocument/uri").and_then(Json::as_str).unwrap_or_default();
            edits(uri, change.get("edits").unwrap_or(&Json::Null), texts, &mut wrong);
        }
    }
    (!wrong.is_empty()).then(|| format!("{method} of {uri}: {}", wrong.join("; ")))
}

/// Every range of an answer, in the document that it is about.
fn places(uri: &str, value: &Json, texts: &Texts, wrong: &mut Vec<String>) {
    match value {
        Json::Array(items) => items.iter().for_each(|item| places(uri, item, texts, wrong)),
        Json::Object(entries) => {
            let named = |key: &str| entries.get(key).and_then(Json::as_str);
            let nested = value.pointer("/textDocument/uri").and_then(Json::as_str);
            // What a link selects is in the document that was asked about.
            let target = named("targetUri");
            let here = named("uri").or(nested).unwrap_or(uri);
            if let (Some(start), Some(end)) =
                (entries.get("start").and_then(Place::read), entries.get("end").and_then(Place::read))
            {
                if let Some(text) = texts.get(uri)
                    && (start > end || !exists(text, start) || !exists(text, end))
                {
                    wrong.push(format!("{value} is not in {uri}"));
                }
                return;
            }
            for (key, inner) in entries {
                // Other documents are keys of these, and what a client keeps for the server is its own.
                match key.as_str() {
                    "data" => {}
                    "changes" | "relatedDocuments" => {
                        for (uri, inner) in inner.as_object().into_iter().flatten() {
                            places(uri, inner, texts, wrong);
                        }
                    }
                    "targetRange" | "targetSelectionRange" => places(target.unwrap_or(here), inner, texts, wrong),
                    "originSelectionRange" => places(uri, inner, texts, wrong),
                    // Of an incoming call in the caller, of an outgoing one in what was asked about.
                    "fromRanges" => {
                        let caller = value.pointer("/from/uri").and_then(Json::as_str);
                        places(caller.unwrap_or(uri), inner, texts, wrong);
                    }
                    _ => places(here, inner, texts, wrong),
                }
            }
        }
        _ => {}
    }
}

fn edits(uri: &str, list: &Json, texts: &Texts, wrong: &mut Vec<String>) {
    let (Some(list), Some(text)) = (list.as_array(), texts.get(uri)) else { return };
    if let Err(error) = edited(text, list) {
        wrong.push(format!("edits of {uri}: {error}"));
    }
}

/// Five numbers for each token: one after the other, each within its line.
fn tokens(uri: &str, result: &Json, texts: &Texts, wrong: &mut Vec<String>) {
    let (Some(data), Some(text)) = (result.get("data").and_then(Json::as_array), texts.get(uri)) else { return };
    let numbers: Vec<u32> = data.iter().filter_map(Json::as_u64).filter_map(|n| u32::try_from(n).ok()).collect();
    if numbers.len() != data.len() || !numbers.len().is_multiple_of(5) {
        wrong.push("tokens are five numbers each".to_owned());
        return;
    }
    let mut at = Place::default();
    let mut end = 0;
    for token in numbers.chunks_exact(5) {
        let &[lines, columns, length, ..] = token else { continue };
        if lines > 0 {
            at = Place { line: at.line + lines, character: columns };
        } else {
            at.character += columns;
            if at.character < end {
                wrong.push(format!("tokens overlap at {at:?}"));
            }
        }
        end = at.character + length;
        if length == 0 || !exists(text, at) || !exists(text, Place { line: at.line, character: end }) {
            wrong.push(format!("a token at {at:?} of length {length} is not in the text"));
            return;
        }
    }
}
