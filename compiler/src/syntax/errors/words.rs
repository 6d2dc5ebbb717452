//! Tokens and expectations in words, and words that are alike.

use crate::diagnostic::{Diagnostic, E0104};
use crate::source::Span;
use crate::syntax::tree::Expected;

pub(super) fn misspelt(span: Span, word: &str, near: &str) -> Diagnostic {
    Diagnostic::new(&E0104, span, format!("`{word}` is not a keyword")).label(format!("did you mean `{near}`?")).fix(
        format!("replace it with `{near}`"),
        span,
        near,
        false,
    )
}

/// The word that is most like this one, if any is near.
pub(super) fn nearest<'w>(word: &str, words: &[&'w str]) -> Option<&'w str> {
    let lower = word.to_ascii_lowercase();
    let scored = words.iter().map(|w| (strsim::damerau_levenshtein(&lower, w), *w));
    let (distance, best) = scored.min_by_key(|(distance, _)| *distance)?;
    let limit = if best.len() <= 3 { 1 } else { 2 };
    (distance <= limit && word != best && !word.is_empty() && is_word(word)).then_some(best)
}

pub(super) fn is_word(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
}

pub(super) fn token_len(text: &str) -> usize {
    let Some(first) = text.chars().next() else { return 0 };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if word(first) {
        let bytes = text.as_bytes();
        let inner = |i: usize| bytes.get(i + 1).is_some_and(|b| word(char::from(*b)));
        return text.char_indices().find(|(i, c)| !(word(*c) || *c == '-' && inner(*i))).map_or(text.len(), |(i, _)| i);
    }
    const LONG: [&str; 11] = ["...", "=>", "->", "==", "!=", "<=", ">=", "&&", "||", "??", "?."];
    let long = LONG.iter().find(|l| text.starts_with(**l));
    long.map_or(first.len_utf8(), |l| l.len())
}

/// A token in words.
pub(super) fn describe(word: &str) -> String {
    match word {
        "" => "the end of the file".to_owned(),
        "\"" | "'" => "a string".to_owned(),
        _ => format!("`{word}`"),
    }
}

pub(super) const fn expected_name(expected: Expected) -> &'static str {
    match expected {
        Expected::Expr => "a value",
        Expected::Name => "a name",
        Expected::Type => "a type",
        Expected::Kind => "a kind such as `apps/v1/Deployment`",
        Expected::Colon | Expected::CondColon => "`:`",
        Expected::Equals => "`=`",
        Expected::Body => "`{`",
        Expected::Arrow => "`=>`",
        Expected::In => "`in`",
        Expected::Then | Expected::MisspeltThen => "`then`",
        Expected::Else | Expected::MisspeltElse => "`else`",
        Expected::When => "`when`",
        Expected::On => "`on`",
        Expected::Separator => "a new line or `,`",
        Expected::Comma => "`,` or `)`",
        Expected::LoopComma => "`,`",
        Expected::LineEnd => "the end of the line",
        Expected::Params => "`(`",
        Expected::Angle => "`>`",
    }
}
