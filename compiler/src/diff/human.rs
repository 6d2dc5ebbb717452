//! A comparison for people.

use std::fmt::Write as _;

use super::{Counts, Diff, Document, Field, FileDiff, InstanceDiff, ObjectDiff, State};
use crate::compat::{Change, Effect};
use crate::value::Value;

/// The longest value that is shown whole, in characters.
const MOST_SHOWN: usize = 120;

/// How it is written.
struct Writer<'a> {
    out: String,
    color: bool,
    /// Draws the difference of two texts.
    lines: &'a dyn Fn(&str, &str) -> String,
}

/// The comparison as text; `lines` draws the difference of two texts.
#[must_use]
pub fn human(diff: &Diff, color: bool, lines: &dyn Fn(&str, &str) -> String) -> String {
    let mut writer = Writer { out: String::new(), color, lines };
    for api in &diff.apis {
        writer.line(0, "", &format!("API {} {}", api.kind, api.api));
        api.changes.iter().for_each(|change| writer.change(change));
    }
    diff.instances.iter().for_each(|instance| writer.instance(instance));
    diff.files.iter().for_each(|file| writer.file(file));
    writer.out.push_str(&summary(diff.counts()));
    writer.out
}

impl Writer<'_> {
    /// A line with a mark that has a colour.
    fn line(&mut self, indent: usize, mark: &str, text: &str) {
        let code = match mark {
            "+" => "32",
            "-" => "31",
            "~" => "33",
            "!" => "1;31",
            _ => "",
        };
        let mark = if mark.is_empty() { String::new() } else { format!("{mark} ") };
        let text = text.replace(|c: char| c.is_control() && c != '\n', "\u{fffd}");
        let _ = if self.color && !code.is_empty() {
            writeln!(self.out, "{:indent$}\u{1b}[{code}m{mark}{text}\u{1b}[0m", "")
        } else {
            writeln!(self.out, "{:indent$}{mark}{text}", "")
        };
    }

    fn change(&mut self, change: &Change) {
        let mark = match change.effect() {
            Effect::Breaking => "!",
            Effect::Unproven => "?",
            Effect::Compatible => "~",
        };
        let place = change.place();
        let place = if place.is_empty() { String::new() } else { format!(" {place}") };
        let values = match (change.old.as_str(), change.new.as_str()) {
            ("", "") => String::new(),
            ("", new) => format!(": {new}"),
            (old, "") => format!(": {old}"),
            (old, new) => format!(": {old} -> {new}"),
        };
        let rule = change.rule;
        self.line(2, mark, &format!("{} {}{place}{values}", rule.effect.word(), rule.id));
        if let (Some(value), Effect::Breaking) = (&change.value, change.effect()) {
            self.line(6, "", &format!("for example {}", short(value)));
        }
    }

    fn instance(&mut self, instance: &InstanceDiff) {
        let namespace = instance.namespace.as_ref().map(|n| format!("{n}/")).unwrap_or_default();
        let what = if instance.kind.is_empty() { "Resources of" } else { &instance.kind };
        self.line(0, mark(instance.state), &format!("{what} {namespace}{}", instance.name));
        instance.objects.iter().for_each(|object| self.object(object));
    }

    fn object(&mut self, object: &ObjectDiff) {
        let namespace = if object.namespace.is_empty() { String::new() } else { format!("{}/", object.namespace) };
        let fixed = object.fields.iter().any(|field| field.immutable);
        let note = match (fixed, object.replaced) {
            (true, true) => "  # is deleted and made again",
            (true, false) => "  # the API server refuses this: delete the object, or say `replace`",
            _ => "",
        };
        let text = format!("{} {} {namespace}{}{note}", object.api, object.kind, object.name);
        self.line(2, mark(object.state), &text);
        object.fields.iter().for_each(|field| self.field(field));
    }

    fn field(&mut self, field: &Field) {
        let note = if field.immutable { "  # cannot be changed" } else { "" };
        let path = if field.path.is_empty() { "(whole)" } else { &field.path };
        let (mark, text) = match (&field.old, &field.new) {
            (Some(old), Some(new)) => ("~", format!("{path}: {} -> {}", short(old), short(new))),
            (None, Some(new)) => ("+", format!("{path}: {}", short(new))),
            (Some(old), None) => ("-", format!("{path}: {}", short(old))),
            (None, None) => return,
        };
        let mark = if field.immutable { "!" } else { mark };
        self.line(6, mark, &format!("{text}{note}"));
    }

    fn file(&mut self, file: &FileDiff) {
        self.line(0, mark(file.state), &file.path);
        match &file.content {
            Document::Objects(objects) => objects.iter().for_each(|object| self.object(object)),
            Document::Text(old, new) => {
                let drawn = (self.lines)(old, new);
                drawn.lines().for_each(|line| self.line(2, "", line));
            }
        }
    }
}

const fn mark(state: State) -> &'static str {
    match state {
        State::Added => "+",
        State::Removed => "-",
        State::Changed => "~",
    }
}

fn short(value: &Value) -> String {
    let text = match value {
        // Not a value but the word for it.
        Value::String(text) if text == super::HIDDEN => text.to_string(),
        other => other.shown(),
    };
    if text.chars().count() <= MOST_SHOWN {
        return text;
    }
    text.chars().take(MOST_SHOWN).chain(['…']).collect()
}

fn summary(counts: Counts) -> String {
    let Counts { added, removed, changed, refused, breaking, unproven } = counts;
    let mut parts = vec![format!("{added} added"), format!("{removed} removed"), format!("{changed} changed")];
    let plural = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    if refused > 0 {
        parts.push(format!("{} that cannot be changed", plural(refused, "field")));
    }
    if breaking > 0 {
        parts.push(plural(breaking, "breaking change"));
    }
    if unproven > 0 {
        parts.push(format!("{} not shown to be compatible", plural(unproven, "change")));
    }
    parts.join(", ") + "\n"
}
