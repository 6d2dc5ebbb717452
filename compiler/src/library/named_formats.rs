//! The named string formats of Kubernetes: `format.dns1123Label().validate(s)`.

use std::sync::Arc;

use crate::eval::Context;
use crate::units::parse_timestamp;
use crate::value::{Value, decode_base64};

use super::Sig::{self, List, Optional, String as Text};
use super::arguments::{Outcome, no_overload, scan};
use super::signature::{Overload, method, plain};
use super::url::Url;
use super::{Function, Opaque, Since};

const FORMAT: Sig = Sig::Opaque("Format");
const NONE: &[Overload] = &[plain(&[], FORMAT)];
const FROM: Since = Since::Minor(31);

/// The function `format.<name>()` of a format.
macro_rules! constructor {
    ($name:literal, $doc:literal) => {
        Function {
            name: concat!("format.", $name),
            overloads: NONE,
            eval: |_, args| construct($name, args),
            since: FROM,
            doc: $doc,
        }
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    constructor!("byte", "The format of base64 text."),
    constructor!("date", "The format of dates, `2026-01-31`."),
    constructor!("datetime", "The format of RFC 3339 timestamps."),
    constructor!("dns1035Label", "The format of names of Services: a DNS label that starts with a letter."),
    constructor!("dns1035LabelPrefix", "As `dns1035Label`, for the beginning of a name, which may end with `-`."),
    constructor!("dns1123Label", "The format of names of Namespaces: a DNS label."),
    constructor!("dns1123LabelPrefix", "As `dns1123Label`, for the beginning of a name, which may end with `-`."),
    constructor!("dns1123Subdomain", "The format of most names in Kubernetes: DNS labels with dots between them."),
    constructor!(
        "dns1123SubdomainPrefix",
        "As `dns1123Subdomain`, for the beginning of a name, which may end with `-`."
    ),
    constructor!("labelValue", "The format of the values of labels."),
    Function {
        name: "format.named",
        overloads: &[plain(&[Text], Optional(&FORMAT))],
        eval: named,
        since: FROM,
        doc: "The format with this name, absent where there is none.",
    },
    constructor!("qualifiedName", "The format of the keys of labels: `app`, `example.com/app`."),
    constructor!("uri", "The format of absolute URLs and paths."),
    constructor!("uuid", "The format of UUIDs."),
    Function {
        name: "validate",
        overloads: &[method(&[FORMAT, Text], Optional(&List(&Text)))],
        eval: validate,
        since: FROM,
        doc: "What is wrong with the string, absent where nothing is.",
    },
];

/// A named format.
#[derive(Debug)]
pub struct NamedFormat {
    name: &'static str,
    check: fn(&str) -> Vec<String>,
}

/// One format for each name.
impl PartialEq for NamedFormat {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

static FORMATS: &[NamedFormat] = &[
    NamedFormat {
        name: "byte",
        check: |s| unless(!s.is_empty() && decode_base64(s).is_some() && s.len() % 4 == 0, "invalid base64"),
    },
    NamedFormat { name: "date", check: |s| unless(is_date(s), "invalid date") },
    NamedFormat { name: "datetime", check: |s| unless(is_datetime(s), "invalid datetime") },
    NamedFormat { name: "dns1035Label", check: |s| label(s, LabelStart::Letter) },
    NamedFormat { name: "dns1035LabelPrefix", check: |s| label(&without_dash(s), LabelStart::Letter) },
    NamedFormat { name: "dns1123Label", check: |s| label(s, LabelStart::LetterOrDigit) },
    NamedFormat { name: "dns1123LabelPrefix", check: |s| label(&without_dash(s), LabelStart::LetterOrDigit) },
    NamedFormat { name: "dns1123Subdomain", check: subdomain },
    NamedFormat { name: "dns1123SubdomainPrefix", check: |s| subdomain(&without_dash(s)) },
    NamedFormat { name: "labelValue", check: label_value },
    NamedFormat { name: "qualifiedName", check: qualified_name },
    NamedFormat {
        name: "uri",
        check: |s| Url::check(s).err().map(|reason| format!("not a URL: {reason}")).into_iter().collect(),
    },
    NamedFormat { name: "uuid", check: |s| unless(is_uuid(s), "does not match the UUID format") },
];

impl NamedFormat {
    /// The format with this name.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.name == name)
    }

    /// Its name.
    pub(super) const fn name(&self) -> &'static str {
        self.name
    }
}

fn construct(name: &str, args: &[Value]) -> Outcome {
    if !args.is_empty() {
        return Err(no_overload(&format!("format.{name}"), args));
    }
    lookup(name)
}

fn lookup(name: &str) -> Outcome {
    Ok(NamedFormat::find(name).map_or(Value::Absent, |format| Value::Opaque(Arc::new(Opaque::Format(format)))))
}

fn named(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::String(name)] = args else { return Err(no_overload("format.named", args)) };
    lookup(name)
}

fn validate(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let (format, text) = receiver(args).ok_or_else(|| no_overload("validate", args))?;
    scan(ctx, text)?;
    let wrong = (format.check)(text);
    if wrong.is_empty() {
        return Ok(Value::Absent);
    }
    Ok(Value::list(wrong.iter().map(|reason| Value::str(reason)).collect()))
}

fn receiver(args: &[Value]) -> Option<(&'static NamedFormat, &str)> {
    let [Value::Opaque(opaque), Value::String(text)] = args else { return None };
    if let Opaque::Format(format) = **opaque { Some((format, text)) } else { None }
}

fn unless(fits: bool, reason: &str) -> Vec<String> {
    if fits { Vec::new() } else { vec![reason.to_owned()] }
}

fn too_long(text: &str, limit: usize) -> Vec<String> {
    unless(text.len() <= limit, &format!("must be no more than {limit} characters"))
}

/// The beginning of a name may end with a dash, after which more will come.
fn without_dash(text: &str) -> String {
    match text.strip_suffix('-') {
        Some(rest) if !rest.is_empty() => {
            let mut kept = rest.to_owned();
            kept.pop();
            kept.push('a');
            kept
        }
        _ => text.to_owned(),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LabelStart {
    Letter,
    LetterOrDigit,
}

fn is_label(text: &str, start: LabelStart) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    let starts =
        bytes.first().is_some_and(|b| plain(*b) && (start == LabelStart::LetterOrDigit || !b.is_ascii_digit()));
    starts && bytes.last().is_some_and(|b| plain(*b)) && bytes.iter().all(|b| plain(*b) || *b == b'-')
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(|part| is_label(part, LabelStart::LetterOrDigit))
}

fn label(text: &str, start: LabelStart) -> Vec<String> {
    let mut wrong = too_long(text, 63);
    if is_label(text, start) {
        return wrong;
    }
    let dots = start == LabelStart::LetterOrDigit && is_subdomain(text);
    wrong.push(match start {
        _ if dots => "must not contain dots".to_owned(),
        LabelStart::Letter => "a DNS-1035 label consists of lower case letters, digits or '-', starts with a letter and ends with a letter or digit, like 'my-name' or 'abc-123'".to_owned(),
        LabelStart::LetterOrDigit => "a DNS-1123 label consists of lower case letters, digits or '-', and starts and ends with a letter or digit, like 'my-name' or '123-abc'".to_owned(),
    });
    wrong
}

fn subdomain(text: &str) -> Vec<String> {
    let mut wrong = too_long(text, 253);
    wrong.extend(unless(
        is_subdomain(text),
        "a DNS-1123 subdomain consists of lower case letters, digits, '-' or '.', and each part starts and ends with a letter or digit, like 'example.com'",
    ));
    wrong
}

const NAME_RULE: &str = "consists of letters, digits, '-', '_' or '.', and starts and ends with a letter or digit, like 'MyName' or 'my.name'";

fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    edge(bytes.first()) && edge(bytes.last()) && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
}

fn label_value(text: &str) -> Vec<String> {
    let mut wrong = too_long(text, 63);
    wrong.extend(unless(text.is_empty() || is_name(text), &format!("a label's value is empty or {NAME_RULE}")));
    wrong
}

fn qualified_name(text: &str) -> Vec<String> {
    let (prefix, name) = text.split_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    if name.contains('/') {
        return vec![format!(
            "a qualified name {NAME_RULE}, with an optional DNS subdomain and '/' before it, like 'example.com/MyName'"
        )];
    }
    let mut wrong: Vec<String> = match prefix {
        None => Vec::new(),
        Some("") => vec!["prefix part must be non-empty".to_owned()],
        Some(prefix) => subdomain(prefix).into_iter().map(|reason| format!("prefix part {reason}")).collect(),
    };
    if name.is_empty() {
        wrong.push("name part must be non-empty".to_owned());
    }
    wrong.extend(too_long(name, 63).into_iter().map(|reason| format!("name part {reason}")));
    wrong.extend(unless(is_name(name), &format!("name part {NAME_RULE}")));
    wrong
}

fn is_uuid(text: &str) -> bool {
    let mut rest = text;
    let fits = [8, 4, 4, 4, 12].iter().enumerate().all(|(index, length)| {
        let after = if index > 0 { rest.strip_prefix('-').unwrap_or(rest) } else { rest };
        let Some((digits, left)) = after.split_at_checked(*length) else { return false };
        rest = left;
        digits.bytes().all(|b| b.is_ascii_hexdigit())
    });
    fits && rest.is_empty()
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && parse_timestamp(&format!("{text}T00:00:00Z")).is_ok()
}

/// As Kubernetes reads it, in any case.
fn is_datetime(text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    text.split_once('T').is_some_and(|(date, _)| is_date(date)) && parse_timestamp(&text).is_ok()
}
