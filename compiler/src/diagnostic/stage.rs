//! What ariadne is given to draw one diagnostic: only the lines that are shown,
//! the others empty. Its notion of a line break differs from ours, a long line
//! must be cut round the place, and characters that steer a terminal must not
//! reach it.

use std::collections::BTreeMap;
use std::ops::Range;

use ariadne::{Cache, Source};

use super::Label;
use crate::source::{FileId, SourceMap};

/// A place on one line.
pub(super) struct Spot {
    pub(super) file: FileId,
    /// Counted from zero.
    pub(super) line: usize,
    /// The whole line.
    pub(super) content: String,
    /// In characters.
    pub(super) columns: Range<usize>,
}

/// A label and where it is shown.
#[derive(Clone)]
pub(super) struct Placed {
    /// 0 for the primary label.
    pub(super) order: usize,
    pub(super) file: FileId,
    line: usize,
    /// Columns in the shown line; offsets in the shown text once composed.
    pub(super) range: Range<usize>,
    pub(super) message: String,
}

/// The part of a line that is shown.
struct Window {
    /// The first column that is shown.
    from: usize,
    /// What is shown, cuts marked.
    text: String,
}

/// What one diagnostic shows: for ariadne, its sources.
#[derive(Default)]
pub(super) struct Stage {
    lines: BTreeMap<(FileId, usize), Window>,
    pub(super) labels: Vec<Placed>,
    sources: BTreeMap<FileId, (String, Source<String>)>,
}

impl Stage {
    pub(super) fn add(&mut self, order: usize, label: &Label, spot: Spot, columns: usize) {
        let window = self
            .lines
            .entry((spot.file, spot.line))
            .or_insert_with(|| Window::round(&spot.content, &spot.columns, columns));
        let last = window.text.chars().count().saturating_sub(1);
        let place = |column: usize| column.saturating_sub(window.from).min(last);
        let start = place(spot.columns.start);
        let end = place(spot.columns.end).max(start + 1);
        let message = if label.message.is_empty() { "here".to_owned() } else { visible(&label.message) };
        self.labels.push(Placed { order, file: spot.file, line: spot.line, range: start..end, message });
    }

    /// Makes the texts and turns columns into offsets.
    pub(super) fn compose(&mut self, sources: &SourceMap) {
        let mut texts: BTreeMap<FileId, (String, usize, usize)> = BTreeMap::new();
        for ((file, line), window) in &self.lines {
            let (text, next_line, chars) = texts.entry(*file).or_default();
            let gap = line - *next_line;
            text.extend(std::iter::repeat_n('\n', gap));
            text.push_str(&window.text);
            text.push('\n');
            let start = *chars + gap;
            for label in self.labels.iter_mut().filter(|l| l.file == *file && l.line == *line) {
                label.range = start + label.range.start..start + label.range.end;
            }
            *next_line = line + 1;
            *chars = start + window.text.chars().count() + 1;
        }
        for (file, (text, ..)) in texts {
            let path = sources.get(file).map_or_else(String::new, |f| visible(&f.path));
            self.sources.insert(file, (path, Source::from(text)));
        }
    }
}

impl Window {
    /// The line, or `width` characters of it round the columns. A blank at the
    /// end makes room for a mark behind the last character.
    fn round(content: &str, columns: &Range<usize>, width: usize) -> Self {
        let count = content.chars().count();
        let safe = |c: char| if c == '\t' { c } else { shown(c) };
        if count <= width {
            return Self { from: 0, text: content.chars().map(safe).chain([' ']).collect() };
        }
        let from = columns.start.saturating_sub(width / 4).min(count - width);
        let mut text: String = content.chars().skip(from).take(width).map(safe).collect();
        if from > 0 {
            text = std::iter::once('…').chain(text.chars().skip(1)).collect();
        }
        if from + width < count {
            text.push('…');
        }
        text.push(' ');
        Self { from, text }
    }
}

impl Cache<FileId> for &mut Stage {
    type Storage = String;

    fn fetch(&mut self, id: &FileId) -> Result<&Source<String>, impl std::fmt::Debug> {
        self.sources.get(id).map(|(_, source)| source).ok_or("a file that is not shown")
    }

    fn display<'a>(&self, id: &'a FileId) -> Option<impl std::fmt::Display + 'a> {
        self.sources.get(id).map(|(path, _)| path.clone())
    }
}

/// A character as it may reach a terminal: one that steers it, or turns the
/// direction of writing, is shown as a replacement.
fn shown(c: char) -> char {
    let hidden = c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    if hidden { '\u{fffd}' } else { c }
}

/// The text with only its line breaks kept.
pub(super) fn visible(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { c } else { shown(c) }).collect()
}
