//! Random changes of a text as `TextDocumentContentChangeEvent`s: what people and editors do.

use serde_json::{Value as Json, json};

use super::texts::{changed, place};
use crate::corpus::{PIECES, Random};

/// A text does not grow beyond this.
const LONGEST: usize = 40_000;

/// What people type beside the pieces that are dear to a parser.
const WORDS: &[&str] =
    &["!", "  ", "metadata", "spec", "labels", "name", "Int", "42", "100m", "x", "---\n", "- ", "kind: "];

/// Some changes in one notification, and the text after them.
#[must_use]
pub(super) fn changes(text: &str, original: &str, others: &[String], random: &mut Random) -> (Vec<Json>, String) {
    if text.len() > LONGEST || random.below(7) == 0 {
        return (vec![json!({ "text": original })], original.to_owned());
    }
    let (mut text, mut events) = (text.to_owned(), Vec::new());
    for _ in 0..=random.pick(&[0, 0, 0, 1, 3]).copied().unwrap_or(0) {
        let (event, after) = change(&text, others, random);
        events.push(event);
        text = after;
    }
    if random.below(8) == 0 {
        return (vec![json!({ "text": text })], text);
    }
    (events, text)
}

fn change(text: &str, others: &[String], random: &mut Random) -> (Json, String) {
    let start = boundary(text, random.below(text.len() + 1));
    let long = random.pick(&[0, 1, 3, 12, 80]).copied().unwrap_or(0);
    let end = boundary(text, (start + random.below(long + 1)).min(text.len())).max(start);
    let new = match random.below(9) {
        0 | 1 => String::new(),
        2 => text.get(start..end).unwrap_or_default().repeat(2),
        3 => of_another(others, random),
        4 => "abcdef".get(..=random.below(6)).unwrap_or_default().to_owned(),
        5 => (*random.pick(WORDS).unwrap_or(&"")).to_owned(),
        _ => (*random.pick(PIECES).unwrap_or(&"")).to_owned(),
    };
    // A line goes, or comes twice.
    let (start, end, new) = match random.below(8) {
        0 => {
            let from = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
            let to = text.get(start..).and_then(|after| after.find('\n')).map_or(text.len(), |at| start + at + 1);
            let line = text.get(from..to).unwrap_or_default();
            (from, to, if random.below(2) == 0 { String::new() } else { line.repeat(2) })
        }
        _ => (start, end, new),
    };
    let (from, to) = (place(text, start), place(text, end));
    let event = json!({ "range": { "start": from.json(), "end": to.json() }, "text": new });
    let after = changed(text, &event);
    (event, after)
}

/// A text of a file, changed.
#[must_use]
pub(super) fn mutated(text: &str, others: &[String], random: &mut Random) -> String {
    change(text, others, random).1
}

fn boundary(text: &str, mut offset: usize) -> usize {
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn of_another(others: &[String], random: &mut Random) -> String {
    let Some(other) = random.pick(others) else { return String::new() };
    let start = boundary(other, random.below(other.len() + 1));
    let end = boundary(other, (start + random.below(120)).min(other.len())).max(start);
    other.get(start..end).unwrap_or_default().to_owned()
}
