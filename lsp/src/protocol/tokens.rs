//! Semantic tokens as the protocol has them: five numbers a word, each place told from the one before.

use std::collections::VecDeque;
use std::hash::{Hash as _, Hasher as _};
use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHasher;
use tower_lsp::ls_types::{
    Range, SemanticToken, SemanticTokenModifier, SemanticTokenType, SemanticTokens, SemanticTokensDelta,
    SemanticTokensEdit, SemanticTokensFullDeltaResult, SemanticTokensFullOptions, SemanticTokensLegend,
    SemanticTokensOptions, Uri, WorkDoneProgressOptions,
};

use crate::feature::semantic_tokens::{MODIFIERS, TOKENS, words_of};
use crate::workspace::snapshot::Snapshot;

/// How many documents' tokens are kept, so that only what changed is sent.
const KEPT: usize = 32;
/// The numbers that a word takes.
const NUMBERS: u32 = 5;

/// What was last sent of each document.
#[derive(Default)]
pub(crate) struct Sent(Mutex<VecDeque<(Uri, String, Vec<SemanticToken>)>>);

impl Sent {
    fn keep(&self, uri: &Uri, data: Vec<SemanticToken>) -> String {
        // The same words have the same id, whoever sends them.
        let mut hasher = FxHasher::default();
        for SemanticToken { delta_line, delta_start, length, token_type, token_modifiers_bitset } in &data {
            (delta_line, delta_start, length, token_type, token_modifiers_bitset).hash(&mut hasher);
        }
        let id = format!("{:x}", hasher.finish());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(other, ..)| other != uri);
        kept.push_back((uri.clone(), id.clone(), data));
        if kept.len() > KEPT {
            kept.pop_front();
        }
        id
    }

    fn before(&self, uri: &Uri, id: &str) -> Option<Vec<SemanticToken>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|(other, known, _)| other == uri && known == id);
        found.map(|(.., data)| data.clone())
    }
}

/// What the server offers.
pub(crate) fn options() -> SemanticTokensOptions {
    SemanticTokensOptions {
        work_done_progress_options: WorkDoneProgressOptions::default(),
        legend: SemanticTokensLegend {
            token_types: TOKENS.iter().map(|name| SemanticTokenType::new(name)).collect(),
            token_modifiers: MODIFIERS.iter().map(|name| SemanticTokenModifier::new(name)).collect(),
        },
        range: Some(true),
        full: Some(SemanticTokensFullOptions::Delta { delta: Some(true) }),
    }
}

/// Answers `textDocument/semanticTokens/full`.
pub(crate) fn full(snapshot: &Snapshot, uri: &Uri, sent: &Sent) -> Option<SemanticTokens> {
    let data = data(snapshot, uri, None)?;
    Some(SemanticTokens { result_id: Some(sent.keep(uri, data.clone())), data })
}

/// Answers `textDocument/semanticTokens/range`.
pub(crate) fn range(snapshot: &Snapshot, uri: &Uri, range: Range) -> Option<SemanticTokens> {
    Some(SemanticTokens { result_id: None, data: data(snapshot, uri, Some(range))? })
}

/// Answers `textDocument/semanticTokens/full/delta`: one edit, or all where what was sent is forgotten.
pub(crate) fn delta(
    snapshot: &Snapshot,
    uri: &Uri,
    previous: &str,
    sent: &Sent,
) -> Option<SemanticTokensFullDeltaResult> {
    let new = data(snapshot, uri, None)?;
    let Some(old) = sent.before(uri, previous) else {
        let result_id = Some(sent.keep(uri, new.clone()));
        return Some(SemanticTokensFullDeltaResult::Tokens(SemanticTokens { result_id, data: new }));
    };
    let edits = edit(&old, &new).into_iter().collect();
    let result_id = Some(sent.keep(uri, new));
    Some(SemanticTokensFullDeltaResult::TokensDelta(SemanticTokensDelta { result_id, edits }))
}

/// What stands between the words that are the same before and after.
fn edit(old: &[SemanticToken], new: &[SemanticToken]) -> Option<SemanticTokensEdit> {
    let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old, new) = (old.get(same..)?, new.get(same..)?);
    let after = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (old.get(..old.len() - after)?, new.get(..new.len() - after)?);
    (!old.is_empty() || !new.is_empty()).then(|| SemanticTokensEdit {
        start: same as u32 * NUMBERS,
        delete_count: old.len() as u32 * NUMBERS,
        data: Some(new.to_vec()),
    })
}

fn data(snapshot: &Snapshot, uri: &Uri, range: Option<Range>) -> Option<Vec<SemanticToken>> {
    let document = snapshot.document(uri).filter(|document| !document.is_too_large())?;
    let view = snapshot.view(&document)?;
    let tree = document.parse().map(|parse| &parse.tree);
    let (lines, text) = (document.lines(), &document.text);
    let range = range.map_or((0, u32::MAX), |range| lines.bytes(text, range, snapshot.encoding));
    let mut data = Vec::new();
    let (mut line, mut column) = (0, 0);
    for word in words_of(&view.analysis, tree, view.analysis.file?, range) {
        // A word that goes over lines is one on each.
        let mut start = word.start;
        let whole = text.get(word.start as usize..word.end as usize).unwrap_or("");
        for part in whole.split_inclusive(['\n', '\r']) {
            let end = start + part.trim_end_matches(['\n', '\r']).len() as u32;
            let (from, to) =
                (lines.position(text, start, snapshot.encoding), lines.position(text, end, snapshot.encoding));
            start += part.len() as u32;
            if from.line != to.line || to.character <= from.character {
                continue;
            }
            let delta_start = if from.line == line { from.character - column } else { from.character };
            data.push(SemanticToken {
                delta_line: from.line - line,
                delta_start,
                length: to.character - from.character,
                token_type: word.token as u32,
                token_modifiers_bitset: word.modifiers,
            });
            (line, column) = (from.line, from.character);
        }
    }
    Some(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(delta_start: u32) -> SemanticToken {
        SemanticToken { delta_line: 0, delta_start, length: 1, token_type: 0, token_modifiers_bitset: 0 }
    }

    #[test]
    fn only_what_changed_is_sent() {
        let of = |starts: &[u32]| starts.iter().map(|start| token(*start)).collect::<Vec<_>>();
        let shown = |old: &[u32], new: &[u32]| {
            edit(&of(old), &of(new)).map(|e| (e.start, e.delete_count, e.data.map_or(0, |data| data.len())))
        };
        assert_eq!(shown(&[1, 2, 3], &[1, 2, 3]), None);
        assert_eq!(shown(&[1, 2, 3], &[1, 9, 3]), Some((5, 5, 1)));
        assert_eq!(shown(&[1, 1], &[1, 1, 1]), Some((10, 0, 1)));
        assert_eq!(shown(&[1, 2], &[]), Some((0, 10, 0)));
    }
}
