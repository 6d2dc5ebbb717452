//! Rules of one field each, as tables: what a field must look like, and what
//! its own fields must. What two fields have to do with each other is code,
//! and hangs in the tables as [`Check::Rule`].
//!
//! For the API server a text that is empty and one that is absent are mostly
//! the same; so they are here.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use super::forms::Form;
use super::metadata::check_labels;
use super::{Part, Report, Violation};
use crate::check::nearest_name;
use crate::diagnostic::{Code, E0441, E0445, E0448, E0449, E0450};
use crate::suggest::closest;

/// What must hold of one field, where it is there.
pub(super) enum Check {
    /// Its text has a form, or is empty; the noun says what it is.
    Is(&'static Form, &'static str),
    /// Its text has a form, and is not empty either.
    Exactly(&'static Form, &'static str),
    /// It is one of these texts, or empty.
    Only(&'static [&'static str]),
    /// It is there, and neither an empty text nor an empty list; why.
    Needed(&'static str),
    /// It is a number between these, both included.
    Between(i64, i64),
    /// It is the mode of a file, `0o000` to `0o777`.
    Mode,
    /// It is an object of this shape.
    In(Shape),
    /// It is a list of objects of this shape.
    Each(Shape),
    /// It is a list of texts of a form.
    EachIs(&'static Form, &'static str),
    /// Its keys are label keys and its values label values.
    Labels,
    /// Something else.
    Rule(Rule),
}

/// A rule in code, for a part and the violations found so far.
pub(super) type Rule = for<'a> fn(Part<'a>, &mut Report<'a>);

/// The fields of an object that have rules.
pub(super) type Shape = &'static [(&'static str, &'static [Check])];

/// The largest 32-bit integer.
pub(super) const MAX: i64 = i32::MAX as i64;

/// What a natural number may be.
pub(super) const NATURAL: Check = Check::Between(0, MAX);

/// Checks an object against its shape.
pub(super) fn walk<'a>(object: Part<'a>, shape: Shape, report: &mut Report<'a>) {
    for (name, checks) in shape {
        let field = object.get(name);
        for check in *checks {
            check.run(object, name, field, report);
        }
    }
}

impl Check {
    fn run<'a>(&self, object: Part<'a>, name: &str, field: Part<'a>, report: &mut Report<'a>) {
        if let Self::Needed(why) = self {
            if is_empty(field) {
                needed(object, name, field, why, report);
            }
            return;
        }
        if field.is_absent() {
            return;
        }
        match self {
            Self::Is(form, noun) => {
                if field.str() != Some("") {
                    is(field, form, noun, report);
                }
            }
            Self::Exactly(form, noun) => is(field, form, noun, report),
            Self::Only(known) => only(field, name, known, report),
            Self::Needed(_) => {}
            Self::Between(least, most) => between(field, name, *least, *most, report),
            Self::Mode => mode(field, report),
            Self::In(shape) => walk(field, shape, report),
            Self::Each(shape) => field.items().list.into_iter().for_each(|item| walk(item, shape, report)),
            Self::EachIs(form, noun) => field.items().list.into_iter().for_each(|item| is(item, form, noun, report)),
            Self::Labels => check_labels(field, report),
            Self::Rule(rule) => rule(field, report),
        }
    }
}

/// It is certainly there for the API server: present, and no empty text.
pub(super) fn is_set(part: Part<'_>) -> bool {
    part.is_present() && part.str() != Some("")
}

/// It is certainly not there for the API server: absent, an empty text, an
/// empty list.
pub(super) fn is_empty(part: Part<'_>) -> bool {
    if part.is_absent() || part.str() == Some("") {
        return true;
    }
    let items = part.items();
    items.complete && items.list.is_empty() && part.known().is_none_or(|value| value.as_list().is_some())
}

/// The text has the form.
pub(super) fn is<'a>(part: Part<'a>, form: &Form, noun: &str, report: &mut Report<'a>) {
    let Some(text) = part.str() else { return };
    if (form.fits)(text) {
        return;
    }
    let near = if form.named { nearest_name(text) } else { String::new() };
    let help = if !near.is_empty() && (form.fits)(&near) {
        format!("valid would be `{near}`")
    } else {
        format!("give one such as `{}`", form.example)
    };
    let message =
        if text.is_empty() { format!("this {noun} is empty") } else { format!("`{text}` is not a valid {noun}") };
    report.add(&E0441, part, message).label(format!("must be {}", form.words)).help(help);
}

/// The text is one of those that are known.
pub(super) fn only<'a>(part: Part<'a>, name: &str, known: &[&str], report: &mut Report<'a>) {
    let Some(text) = part.str().filter(|text| !text.is_empty() && !known.contains(text)) else { return };
    let violation = report.add(&E0441, part, format!("`{name}` cannot be `{text}`"));
    violation.label(format!("can be {}", ticked(known)));
    match closest(text, known.iter().copied()) {
        Some(near) => violation.help(format!("did you mean `{near}`?")),
        None => violation.help("choose one of the values above"),
    };
}

/// The number is between these.
pub(super) fn between<'a>(part: Part<'a>, name: &str, least: i64, most: i64, report: &mut Report<'a>) {
    let Some(number) = part.int().filter(|number| !(least..=most).contains(number)) else { return };
    let range = match most {
        MAX if least == 0 => "must not be negative".to_owned(),
        MAX => format!("must be {least} or more"),
        _ => format!("must be between {least} and {most}"),
    };
    report
        .add(&E0450, part, format!("`{name}` cannot be {number}"))
        .label(range)
        .help(format!("the nearest that Kubernetes takes is {}", number.clamp(least, most)));
}

fn mode<'a>(part: Part<'a>, report: &mut Report<'a>) {
    let Some(number) = part.int().filter(|number| !(0..=0o777).contains(number)) else { return };
    // `755` without `0o` is what was likely meant in octal.
    let meant = i64::from_str_radix(&number.to_string(), 8).ok().filter(|meant| (0..=0o777).contains(meant));
    report
        .add(&E0450, part, format!("the mode of a file cannot be {number}"))
        .label("must be between `0o000` and `0o777`")
        .help(meant.map_or("modes are written in octal: `0o644`".to_owned(), |meant| {
            format!("did you mean `0o{meant:03o}`?")
        }));
}

/// Says that a field is missing or empty.
pub(super) fn needed<'a, 'r>(
    object: Part<'a>,
    name: &str,
    field: Part<'a>,
    why: &str,
    report: &'r mut Report<'a>,
) -> &'r mut Violation<'a> {
    let (at, message) = if field.is_absent() {
        (object, format!("`{name}` is missing: {why}"))
    } else {
        (field, format!("`{name}` is empty: {why}"))
    };
    report.add(&E0449, at, message).help(format!("give `{name}`"))
}

/// Whether exactly one of several fields is there, or at most one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    /// One has to be there.
    One,
    /// None may be there, too.
    AtMostOne,
}

/// Exactly one, or at most one, of these fields of an object is there; the
/// noun says what the object is.
pub(super) fn one_of<'a>(object: Part<'a>, fields: &[&str], count: Count, noun: &str, report: &mut Report<'a>) {
    if !object.is_present() {
        return;
    }
    let mut first: Option<(&str, Part<'a>)> = None;
    let mut absent = 0;
    for name in fields {
        let field = object.get(name);
        absent += usize::from(field.is_absent());
        if !field.is_present() {
            continue;
        }
        if let Some((other, part)) = first {
            report
                .add(&E0445, field, format!("{noun} has both `{other}` and `{name}`; it takes one of them"))
                .also(part, format!("`{other}` is given here"))
                .help(format!("remove `{other}` or `{name}`"));
        } else {
            first = Some((name, field));
        }
    }
    if count == Count::One && absent == fields.len() {
        report
            .add(&E0445, object, format!("{noun} has none of {}", ticked(fields)))
            .help("give one of them, and no other");
    }
}

/// No two of these have the same key.
pub(super) fn unique<'a, K: Eq + Hash>(
    items: impl IntoIterator<Item = (K, Part<'a>)>,
    code: &'static Code,
    message: impl Fn(&K) -> String,
    report: &mut Report<'a>,
) {
    let mut seen: FxHashMap<K, Part<'a>> = FxHashMap::default();
    for (key, part) in items {
        if let Some(earlier) = seen.get(&key) {
            report
                .add(code, part, message(&key))
                .label("given again here")
                .also(*earlier, "first given here")
                .help("remove one of the two, or give it another name");
        } else {
            seen.insert(key, part);
        }
    }
}

/// Two things that do not go together.
pub(super) fn clash<'a, 'r>(
    at: Part<'a>,
    message: impl Into<String>,
    help: &str,
    report: &'r mut Report<'a>,
) -> &'r mut Violation<'a> {
    report.add(&E0448, at, message).help(help)
}

/// The texts of a field of each item, with the fields.
pub(super) fn texts<'a>(items: &[Part<'a>], name: &str) -> impl Iterator<Item = (&'a str, Part<'a>)> {
    items.iter().filter_map(move |item| {
        let field = item.get(name);
        field.str().filter(|text| !text.is_empty()).map(|text| (text, field))
    })
}

/// Texts in backticks with commas between.
pub(super) fn ticked(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ")
}
