//! The changes of an API as diagnostics, at the lines of the new version.

use std::sync::Arc;

use smol_str::SmolStr;

use super::pair::{Pairing, pair};
use super::{
    Change, DEFAULT_CHANGED, Effect, KIND_GONE, NOW_REQUIRED, OUTPUT_REMOVED, OUTPUT_UNPROVEN, OUTPUT_WIDENED,
    PARAM_REMOVED, PARAM_REQUIRED, REQUIREMENT_TIGHTENED, REQUIREMENT_UNPROVEN, RULE_TIGHTENED, RULE_UNPROVEN,
    SCOPE_CHANGED, Step, TYPE_NARROWED, TYPE_UNPROVEN, Track, VALUE_GONE, VERSION_BACK, VERSION_REPLACED, Version,
    compare,
};
use crate::check::{self, CompositeType};
use crate::compile::Compilation;
use crate::diagnostic::{self, Diagnostic, E0950, E0951, E0952, Severity, W0950, W0951};
use crate::ir::Composite;
use crate::source::{FileId, Span};
use crate::types::Type;
use crate::value::Value;

/// The longest value that a note shows.
const MOST_SHOWN: usize = 160;

/// Holds a project against an earlier version of itself, and adds what that tells to
/// its diagnostics. `label` says which version it is, `shown` what its files are
/// called.
pub fn against(new: &mut Compilation, old: &Compilation, label: &str, shown: impl Fn(&str) -> String) {
    let base = new.sources().iter().count() as u32;
    let mut found = Gate { label, base, old, new }.all();
    for (_, file) in old.sources().iter() {
        new.modules.sources.add(&shown(&file.path), Arc::clone(&file.text));
    }
    check::suppress_compared(&new.modules, &mut found);
    new.diagnostics.append(&mut found);
    let sorted = diagnostic::sorted(&new.diagnostics, new.sources()).into_iter().cloned().collect();
    new.diagnostics = sorted;
}

struct Gate<'a> {
    label: &'a str,
    /// How many files the new version has; those of the old one come after them.
    base: u32,
    old: &'a Compilation,
    new: &'a Compilation,
}

impl Gate<'_> {
    fn all(&self) -> Vec<Diagnostic> {
        let Pairing { same, changed, unread } = pair(self.old, self.new);
        let mut found: Vec<Diagnostic> = unread.iter().map(|composite| self.unread(composite)).collect();
        let same_kubernetes = self.old.kubernetes == self.new.kubernetes;
        for (was, is) in same {
            let changes = compare(was, is, same_kubernetes);
            found.extend(changes.iter().filter_map(|change| self.changed(change, was, is)));
        }
        let in_error = self.first_error().is_some();
        for (change, was, is) in &changed {
            found.extend(match (was, is) {
                (Some(was), is) => self.gone(change, was, *is),
                // Where it was not understood, nobody knows whether it was there.
                (None, Some(is)) if in_error => Some(self.unread(is)),
                _ => None,
            });
        }
        found
    }

    fn changed(&self, change: &Change, was: &Composite, is: &Composite) -> Option<Diagnostic> {
        let code = match change.effect() {
            Effect::Breaking => &E0950,
            Effect::Unproven => &W0950,
            Effect::Compatible => return None,
        };
        let (old_place, new_place) = (place(self.old, was, change, true), place(self.new, is, change, false));
        let mut diagnostic = Diagnostic::new(code, new_place, message(change)).label(now(change));
        diagnostic = diagnostic.also(self.moved(old_place), self.then(change));
        if let Some(note) = example(change) {
            diagnostic = diagnostic.note(note);
        }
        if Version::parse(&is.api_version).is_some_and(|v| v.track == Track::Alpha) && code == &E0950 {
            diagnostic = diagnostic
                .note("an alpha version may be given up at any time, but a version that is served keeps its meaning");
        }
        Some(diagnostic.help(way_out(change, is)))
    }

    /// A composite that is not there any more in its version.
    fn gone(&self, change: &Change, was: &Composite, is: Option<&Composite>) -> Option<Diagnostic> {
        let code = match change.effect() {
            Effect::Breaking => &E0951,
            Effect::Unproven => &W0951,
            Effect::Compatible => return None,
        };
        let before = self.moved(was.span);
        let place = is.map(|composite| composite.span).or_else(|| self.file_of(was)).unwrap_or(before);
        let (kind, api) = (&was.kind, was.api());
        let rule = change.rule;
        let (message, help) = if rule == &VERSION_REPLACED {
            let now = is.map(Composite::api).unwrap_or_default();
            let help = format!(
                "see that nothing uses `{api}` any more, and say so with `// allow(W0951): reason`; or keep \
                 `{api}` beside it, in a module of its own"
            );
            (format!("`{kind}` is of `{now}` now, and nothing serves `{api}` any more"), help)
        } else if rule == &VERSION_BACK {
            let now = is.map(Composite::api).unwrap_or_default();
            let next = Version::parse(&was.api_version).map(Version::next).unwrap_or_default();
            let message = format!("`{kind}` goes back from `{api}` to `{now}`");
            (message, format!("keep `{api}`, or go on to a later version, such as `{next}`"))
        } else {
            let renamed = is.map(|c| format!("; `{}` of `{}` looks like it", c.kind, c.api())).unwrap_or_default();
            let help = "keep it as long as it has instances; a new kind or group is a new API beside it".to_owned();
            (format!("`{kind}` of `{api}` is gone{renamed}"), help)
        };
        let note = match Version::parse(&was.api_version).map(|v| v.track) {
            Some(Track::Beta) => "a beta version is served for nine months or three releases after its deprecation",
            _ => "a stable version is not given up",
        };
        let mut diagnostic = Diagnostic::new(code, place, message);
        if place != before {
            diagnostic = diagnostic.also(before, format!("`{kind}` of `{api}` in {}", self.label));
        }
        Some(diagnostic.note(note).help(help))
    }

    /// The begin of the file that a composite was in, if that is still there.
    fn file_of(&self, was: &Composite) -> Option<Span> {
        let path = &self.old.sources().get(was.span.file)?.path;
        let file = self.new.sources().find(path)?;
        Some(Span::new(file, 0, 0))
    }

    fn unread(&self, composite: &Composite) -> Diagnostic {
        let message = format!("`{}` cannot be compared: {} has errors", composite.kind, self.label);
        let mut diagnostic = Diagnostic::new(&E0952, composite.span, message);
        if let Some(error) = self.first_error() {
            let told = format!("{}: {}", error.code.id, error.message);
            diagnostic = diagnostic.also(self.moved(error.primary.span), told);
        }
        diagnostic.help("compare with a version that `tessera check` takes")
    }

    fn first_error(&self) -> Option<&Diagnostic> {
        self.old.diagnostics.iter().find(|d| d.severity == Severity::Error)
    }

    /// A place of the old version, as its files are numbered beside those of the new one.
    const fn moved(&self, span: Span) -> Span {
        Span { file: FileId(span.file.0 + self.base), ..span }
    }

    /// What stood at the old place.
    fn then(&self, change: &Change) -> String {
        match change.old.as_str() {
            "" => format!("in {}", self.label),
            old => format!("`{old}` in {}", self.label),
        }
    }
}

fn now(change: &Change) -> String {
    if change.new.is_empty() || change.rule == &REQUIREMENT_TIGHTENED || change.rule == &REQUIREMENT_UNPROVEN {
        return String::new();
    }
    format!("`{}` now", change.new)
}

fn message(change: &Change) -> String {
    let place = change.place();
    let what = match change.path.len() {
        1 => format!("parameter `{place}`"),
        _ => format!("`{place}`"),
    };
    let old = &change.old;
    match change.rule {
        rule if rule == &PARAM_REMOVED => format!("{what} is gone, and instances may give it"),
        rule if rule == &PARAM_REQUIRED => format!("{what} is new and must be given"),
        rule if rule == &NOW_REQUIRED => format!("{what} could be left out and must be given now"),
        rule if rule == &TYPE_NARROWED => format!("{what} takes values no more that it took"),
        rule if rule == &VALUE_GONE => format!("{what} does not take {old} any more"),
        rule if rule == &RULE_TIGHTENED => format!("the rule of {what} refuses what was taken"),
        rule if rule == &DEFAULT_CHANGED => format!("{what} means something else where it is left out"),
        rule if rule == &REQUIREMENT_TIGHTENED => "this requirement refuses parameters that were taken".to_owned(),
        rule if rule == &OUTPUT_REMOVED => format!("output `{place}` is gone, and somebody may read it"),
        rule if rule == &OUTPUT_WIDENED => format!("output `{place}` may have values that it could not have"),
        rule if rule == &SCOPE_CHANGED => "the scope of instances is another one".to_owned(),
        rule if rule == &KIND_GONE => "the kind is gone".to_owned(),
        rule if rule == &TYPE_UNPROVEN => format!("the type of {what} cannot be shown to take what it took"),
        rule if rule == &RULE_UNPROVEN => format!("the rule of {what} cannot be shown to take what was taken"),
        rule if rule == &REQUIREMENT_UNPROVEN => "this requirement cannot be shown to take what was taken".to_owned(),
        rule if rule == &OUTPUT_UNPROVEN => format!("output `{place}` cannot be shown to have no other values"),
        rule => rule.change.to_owned(),
    }
}

/// A value that shows what breaks.
fn example(change: &Change) -> Option<String> {
    let shown = |value: &Value| Some(value.shown()).filter(|text| text.len() <= MOST_SHOWN);
    let given = [&TYPE_NARROWED, &RULE_TIGHTENED].contains(&change.rule);
    if change.rule == &OUTPUT_WIDENED {
        return Some(format!("for example {}", shown(change.value.as_ref()?)?));
    }
    if given {
        return Some(format!("for example {} was taken", shown(change.value.as_ref()?)?));
    }
    if change.rule == &REQUIREMENT_TIGHTENED {
        return Some(format!("for example {} was taken", shown(change.value.as_ref()?)?));
    }
    None
}

fn way_out(change: &Change, composite: &Composite) -> String {
    let next = Version::parse(&composite.api_version)
        .map_or_else(|| "a new version".to_owned(), |v| format!("`{}`", v.next()));
    if change.effect() == Effect::Unproven {
        return format!(
            "see that no instance is refused, and say why with `// allow(W0950): reason`; or make the change in {next}"
        );
    }
    let keep = match change.rule {
        rule if rule == &PARAM_REQUIRED => "give it a default",
        rule if rule == &REQUIREMENT_TIGHTENED => "take it back",
        _ => "keep what was there",
    };
    format!("{keep}, or make the change in a new version of the API, {next}")
}

/// Where a change is to be seen on one side; as near as that side has it.
fn place(compilation: &Compilation, composite: &Composite, change: &Change, old: bool) -> Span {
    let (before, after) = change.places;
    let stated = if old { before } else { after };
    if let Some(span) = stated {
        return span;
    }
    let is_output = change.rule.id.starts_with("output-");
    let Some((Step::Field(name), rest)) = change.path.split_first() else { return composite.span };
    if is_output {
        let output = composite.outputs.iter().find(|output| output.name == *name);
        return output.map_or(composite.span, |output| output.span);
    }
    let Some(param) = composite.params.iter().find(|param| param.name == *name) else { return composite.span };
    let checked = compilation.composites.iter().find(|checked| checked.ir.span == composite.span);
    checked.and_then(|checked| deepest(compilation, checked, name, rest)).unwrap_or(param.span)
}

/// The place of the innermost field on a path that is declared in the project.
fn deepest(compilation: &Compilation, checked: &Arc<CompositeType>, name: &SmolStr, rest: &[Step]) -> Option<Span> {
    let field = checked.params.fields.get(name)?;
    let (mut ty, mut found) = (field.ty.clone(), field.span);
    for step in rest {
        let next = match (step, ty.structure()) {
            (Step::Field(name), Type::Record(record)) => {
                let field = record.fields.get(name);
                found = field.and_then(|f| f.span).or(found);
                field.map(|f| f.ty.clone())
            }
            (Step::Field(name), Type::Union(members)) => {
                let fields = members.iter().filter_map(|m| m.record(&compilation.schemas)?.fields.get(name));
                let field = fields.into_iter().next();
                found = field.and_then(|f| f.span).or(found);
                field.map(|f| f.ty.clone())
            }
            (Step::Item, Type::List(item)) => Some((**item).clone()),
            (Step::Entry, Type::Map(entry)) => Some(entry.1.clone()),
            _ => None,
        };
        match next {
            Some(next) => ty = next,
            None => break,
        }
    }
    found
}
