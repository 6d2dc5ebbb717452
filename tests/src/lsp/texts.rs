//! Texts as the protocol sees them: lines, and columns in UTF-16 units.

use std::path::Path;

use serde_json::{Value as Json, json};

/// A place in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// From 0.
    pub line: u32,
    /// From 0, in UTF-16 units.
    pub character: u32,
}

impl Place {
    /// As the protocol writes it.
    #[must_use]
    pub fn json(self) -> Json {
        json!({ "line": self.line, "character": self.character })
    }

    /// Reads it.
    #[must_use]
    pub fn read(json: &Json) -> Option<Self> {
        let part = |key| json.get(key).and_then(Json::as_u64).and_then(|number| u32::try_from(number).ok());
        Some(Self { line: part("line")?, character: part("character")? })
    }
}

/// An open document.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its text.
    pub text: String,
    /// Grows with each change.
    pub version: i32,
    /// `tessera`, `yaml`, `toml`.
    pub language: String,
}

/// The URI of a file.
#[must_use]
pub fn uri(path: &Path) -> String {
    let mut text = String::from("file://");
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// The language that a file's name stands for.
#[must_use]
pub fn language(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("yaml" | "yml") => "yaml",
        Some("toml") => "toml",
        _ => "tessera",
    }
}

/// The place of a byte; one within a character stands for its beginning.
#[must_use]
pub fn place(text: &str, offset: usize) -> Place {
    let mut place = Place::default();
    let mut before = '\0';
    for (at, c) in text.char_indices() {
        if at + c.len_utf8() > offset {
            break;
        }
        // CR LF is one end of a line, and so is each alone.
        match (before, c) {
            ('\r', '\n') => {}
            (_, '\n' | '\r') => place = Place { line: place.line + 1, character: 0 },
            _ => place.character += u32::try_from(c.len_utf16()).unwrap_or(1),
        }
        before = c;
    }
    // Between CR and LF there is no place: the line ends before both.
    place
}

/// The byte of a place. A column beyond the line's end is its end, and a line beyond the text its end.
#[must_use]
pub fn offset(text: &str, place: Place) -> usize {
    let Some((start, line)) = line(text, place.line) else { return text.len() };
    let mut column = 0;
    for (at, c) in line.char_indices() {
        if column >= place.character {
            return start + at;
        }
        column += u32::try_from(c.len_utf16()).unwrap_or(1);
    }
    start + line.len()
}

/// Where a line begins, and its text without its end.
fn line(text: &str, number: u32) -> Option<(usize, &str)> {
    let mut start = 0;
    for _ in 0..number {
        let rest = text.get(start..)?;
        let end = rest.find(['\n', '\r'])?;
        let both = rest.get(end..)?.starts_with("\r\n");
        start += end + if both { 2 } else { 1 };
    }
    let rest = text.get(start..)?;
    Some((start, rest.split(['\n', '\r']).next().unwrap_or_default()))
}

/// Whether there is such a place: within its line, not in the middle of a character.
#[must_use]
pub fn exists(text: &str, place: Place) -> bool {
    let Some((_, line)) = line(text, place.line) else { return false };
    let mut column = 0;
    for c in line.chars() {
        if column >= place.character {
            break;
        }
        column += u32::try_from(c.len_utf16()).unwrap_or(1);
    }
    column == place.character
}

/// The text after a `TextDocumentContentChangeEvent`.
#[must_use]
pub fn changed(text: &str, change: &Json) -> String {
    let new = change.get("text").and_then(Json::as_str).unwrap_or_default();
    let end = |key| change.get("range").and_then(|range| range.get(key)).and_then(Place::read);
    match (end("start"), end("end")) {
        (Some(start), Some(end)) => {
            let (start, end) = (offset(text, start), offset(text, end));
            let (before, after) =
                (text.get(..start).unwrap_or_default(), text.get(end.max(start)..).unwrap_or_default());
            format!("{before}{new}{after}")
        }
        _ => new.to_owned(),
    }
}

/// The text after edits, whose places are all in the text before.
///
/// # Errors
/// When they overlap or are outside.
pub fn edited(text: &str, edits: &[Json]) -> Result<String, String> {
    let mut places = Vec::new();
    for edit in edits {
        let end = |key| edit.get("range").and_then(|range| range.get(key)).and_then(Place::read);
        let (Some(start), Some(end)) = (end("start"), end("end")) else { return Err(format!("no range: {edit}")) };
        if !exists(text, start) || !exists(text, end) || start > end {
            return Err(format!("outside the text: {edit}"));
        }
        places.push((offset(text, start), offset(text, end), edit.get("newText").and_then(Json::as_str).unwrap_or("")));
    }
    // Stable: insertions at one place stay in their order.
    places.sort_by_key(|(start, end, _)| (*start, *end));
    let (mut out, mut at) = (String::new(), 0);
    for (start, end, new) in places {
        let between = text.get(at..start).ok_or("edits overlap")?;
        out.push_str(between);
        out.push_str(new);
        at = end;
    }
    Ok(out + text.get(at..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a😀b\r\nc\nd\re";

    #[test]
    fn places_count_utf16_units_and_every_end_of_a_line() {
        let at = |line, character| Place { line, character };
        assert_eq!(place(TEXT, 1), at(0, 1));
        assert_eq!(place(TEXT, 5), at(0, 3));
        assert_eq!(place(TEXT, 8), at(1, 0));
        assert_eq!(place(TEXT, TEXT.len()), at(3, 1));
        for (offset_of, _) in TEXT.char_indices().filter(|(at, _)| *at != 7) {
            assert_eq!(offset(TEXT, place(TEXT, offset_of)), offset_of);
        }
        assert!(
            exists(TEXT, at(0, 4)) && !exists(TEXT, at(0, 2)) && !exists(TEXT, at(0, 5)) && !exists(TEXT, at(4, 0))
        );
    }

    #[test]
    fn edits_are_made_together() {
        let edit = |line: u32, from: u32, to: u32, new: &str| {
            json!({ "range": { "start": { "line": line, "character": from }, "end": { "line": line, "character": to } },
                "newText": new, "text": new })
        };
        assert_eq!(edited(TEXT, &[edit(1, 0, 1, "C"), edit(0, 1, 3, "-")]).as_deref(), Ok("a-b\r\nC\nd\re"));
        assert!(edited(TEXT, &[edit(0, 0, 3, ""), edit(0, 1, 1, "x")]).is_err());
        assert_eq!(changed(TEXT, &edit(3, 1, 9, "f")), format!("{TEXT}f"));
    }
}
