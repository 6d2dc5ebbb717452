//! Diagnostics for people, drawn by ariadne.
//!
//! Spans are in characters, because ariadne's byte spans print wrong columns in
//! other files. A place of several lines is shown by its first one.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use ariadne::{CharSet, Color, Config, IndexType, LabelAttach, Report, ReportKind};

use super::order::{plural, sorted};
use super::stage::{Spot, Stage, visible};
use super::{Diagnostic, Severity};
use crate::source::{FileId, LineIndex, SourceMap, Span};

/// How many diagnostics are drawn; of the others only the number is told.
pub const MAX_SHOWN: usize = 100;
/// How many places of one diagnostic are drawn.
const MAX_LABELS: usize = 8;
/// Files with more lines are named, not drawn: ariadne indexes every line.
const MAX_LINES: usize = 1_000_000;

/// How diagnostics are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Use terminal colours.
    pub color: bool,
    /// The width of the terminal in columns; longer lines are cut or wrapped.
    pub width: usize,
    /// Draw with box characters, not ASCII.
    pub unicode: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { color: false, width: 100, unicode: true }
    }
}

/// Draws the diagnostics in order, a blank line after each. The sum is left to
/// [`super::summary`].
#[must_use]
pub fn render_human(diagnostics: &[Diagnostic], sources: &SourceMap, options: Options) -> String {
    let sorted = sorted(diagnostics, sources);
    let mut painter = Painter { sources, options, indexes: BTreeMap::new() };
    let mut out = String::new();
    for diagnostic in sorted.iter().take(MAX_SHOWN) {
        out.push_str(&painter.paint(diagnostic));
        out.push('\n');
    }
    if let Some(more) = sorted.len().checked_sub(MAX_SHOWN).filter(|more| *more > 0) {
        let _ = writeln!(out, "… and {} like these\n", plural(more, "more diagnostic"));
    }
    out
}

struct Painter<'a> {
    sources: &'a SourceMap,
    options: Options,
    indexes: BTreeMap<FileId, LineIndex>,
}

impl Painter<'_> {
    fn paint(&mut self, diagnostic: &Diagnostic) -> String {
        let Some(mut stage) = self.stage(diagnostic) else { return self.plain(diagnostic) };
        let report = self.report(diagnostic, &stage);
        let mut bytes = Vec::new();
        match report.write(&mut stage, &mut bytes) {
            Ok(()) => {
                // Ariadne colours its first line even when told not to.
                let drawn = String::from_utf8_lossy(&bytes);
                let body = drawn.split_once('\n').map_or("", |(_, body)| body);
                let body = self
                    .spot(diagnostic.primary.span)
                    .and_then(|spot| placed(body, &spot))
                    .unwrap_or_else(|| body.to_owned());
                format!("{}{}", self.headline(diagnostic), trim_lines(&body))
            }
            Err(_) => self.plain(diagnostic),
        }
    }

    /// `error[E0301]: message`.
    fn headline(&self, diagnostic: &Diagnostic) -> String {
        let (word, _, paint) = kind(diagnostic.severity);
        let id = diagnostic.code.id;
        let message = visible(&diagnostic.message);
        if self.options.color {
            return format!("\u{1b}[1;{paint}m{word}[{id}]\u{1b}[0m\u{1b}[1m: {message}\u{1b}[0m\n");
        }
        format!("{word}[{id}]: {message}\n")
    }

    /// The lines that the diagnostic shows, and where its labels are in them;
    /// `None` where there is no text to show.
    fn stage(&mut self, diagnostic: &Diagnostic) -> Option<Stage> {
        let mut stage = Stage::default();
        let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary);
        for (order, label) in labels.take(MAX_LABELS).enumerate() {
            match self.spot(label.span) {
                Some(spot) => stage.add(order, label, spot, self.columns()),
                None if order == 0 => return None,
                None => {}
            }
        }
        stage.compose(self.sources);
        Some(stage)
    }

    /// How many characters of a line are shown.
    fn columns(&self) -> usize {
        self.options.width.saturating_sub(10).max(40)
    }

    /// The first line of a place, and the columns in it.
    fn spot(&mut self, span: Span) -> Option<Spot> {
        let text: &str = &self.sources.get(span.file)?.text;
        let index = self.indexes.entry(span.file).or_insert_with(|| LineIndex::new(text));
        // What is missing at the end of a file is shown behind its last word,
        // not on an empty line.
        let start = (span.start as usize).min(text.trim_end().len()) as u32;
        let line = index.line(start);
        if text.is_empty() || line >= MAX_LINES {
            return None;
        }
        let from = index.line_start(line)?;
        let rest = text.get(from as usize..)?;
        let content = rest.split('\n').next().unwrap_or("").trim_end_matches('\r');
        let column = |offset: u32| {
            let mut bytes = (offset.saturating_sub(from) as usize).min(content.len());
            while !content.is_char_boundary(bytes) {
                bytes -= 1;
            }
            content.get(..bytes).map_or(0, |s| s.chars().count())
        };
        let columns = column(start)..column(span.end.max(start));
        Some(Spot { file: span.file, line, content: content.to_owned(), columns })
    }

    fn report<'r>(&self, diagnostic: &Diagnostic, stage: &Stage) -> Report<'r, (FileId, Range<usize>)> {
        let (_, color, _) = kind(diagnostic.severity);
        let mut labels = stage.labels.clone();
        labels.sort_by_key(|l| (l.file != diagnostic.primary.span.file, l.file, l.range.start));
        let primary = labels.iter().find(|l| l.order == 0).map_or(0..0, |l| l.range.clone());
        let mut report =
            Report::build(ReportKind::Error, (diagnostic.primary.span.file, primary)).with_config(self.config());
        for label in labels {
            let color = if label.order == 0 { color } else { Color::Cyan };
            report = report.with_label(
                ariadne::Label::new((label.file, label.range)).with_message(label.message).with_color(color),
            );
        }
        let width = self.columns();
        let help = advice(diagnostic);
        if !help.is_empty() {
            report = report.with_help(wrap(&help.join("\n"), width));
        }
        report.with_notes(diagnostic.notes.iter().map(|note| wrap(&visible(note), width)));
        report.finish()
    }

    fn config(&self) -> Config {
        Config::new()
            .with_color(self.options.color)
            .with_compact(false)
            .with_tab_width(4)
            .with_label_attach(LabelAttach::Middle)
            .with_index_type(IndexType::Char)
            .with_char_set(if self.options.unicode { CharSet::Unicode } else { CharSet::Ascii })
    }

    /// The diagnostic without its text.
    fn plain(&self, diagnostic: &Diagnostic) -> String {
        let path = self.sources.get(diagnostic.primary.span.file).map_or("", |f| &f.path);
        let line =
            self.indexes.get(&diagnostic.primary.span.file).map(|index| index.line(diagnostic.primary.span.start) + 1);
        let place = match line.filter(|_| diagnostic.primary.span.end > 0) {
            Some(line) => format!("{path}:{line}"),
            None => path.to_owned(),
        };
        let mut out = self.headline(diagnostic);
        if !place.is_empty() {
            let _ = writeln!(out, "   at: {}", visible(&place));
        }
        for help in advice(diagnostic) {
            let _ = writeln!(out, " help: {help}");
        }
        for note in &diagnostic.notes {
            let _ = writeln!(out, " note: {}", visible(note));
        }
        out
    }
}

/// The word, the colour, and the colour's number in a terminal.
const fn kind(severity: Severity) -> (&'static str, Color, u8) {
    match severity {
        Severity::Error => ("error", Color::Red, 31),
        Severity::Warning => ("warning", Color::Yellow, 33),
        Severity::Note => ("note", Color::Blue, 34),
    }
}

/// The next step and the fixes, one a line.
fn advice(diagnostic: &Diagnostic) -> Vec<String> {
    let help = diagnostic.help.iter().map(|help| visible(help));
    let fixes = diagnostic.fixes.iter().map(|fix| {
        let how = if fix.safe { " (`tessera check --fix` does it)" } else { "" };
        format!("{}{how}", visible(&fix.title))
    });
    help.chain(fixes).collect()
}

/// Breaks lines at blanks so that they fit; longer words stay whole.
fn wrap(text: &str, width: usize) -> String {
    let mut out = String::new();
    for (index, line) in text.lines().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let mut column = 0;
        for word in line.split_inclusive(' ') {
            let length = word.trim_end().chars().count();
            if column > 0 && column + length > width {
                out.truncate(out.trim_end_matches(' ').len());
                out.push('\n');
                column = 0;
            }
            out.push_str(word);
            column += word.chars().count();
        }
    }
    out
}

/// The drawing with the true column of its place: ariadne counts from where
/// the line was cut.
fn placed(body: &str, spot: &Spot) -> Option<String> {
    let marker = format!(":{}:", spot.line + 1);
    let first = body.get(..body.find('\n')?)?;
    let start = first.rfind(&marker)? + marker.len();
    let end = start + first.get(start..)?.find(' ')?;
    Some(format!("{}{}{}", body.get(..start)?, spot.columns.start + 1, body.get(end..)?))
}

/// The text without blanks at the ends of its lines.
fn trim_lines(text: &str) -> String {
    text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}
