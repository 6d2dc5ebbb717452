//! Semantic versions, as Kubernetes' CEL has them.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use crate::diagnostic::codes::E0506;
use crate::eval::{Context, Fault};
use crate::value::Value;

use super::Sig::{self, Bool, Int, String as Text};
use super::arguments::{Outcome, no_overload, quoted};
use super::signature::{method, plain};
use super::{Function, Opaque, Since};

const SEMVER: Sig = Sig::Opaque("Semver");
const FROM: Since = Since::Minor(33);
/// The longest version, in bytes.
const MAX_VERSION: usize = 1024;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "isSemver",
        overloads: &[plain(&[Text], Bool), plain(&[Text, Bool], Bool)],
        eval: is_semver,
        since: FROM,
        doc: "Whether the string is a semantic version; `isSemver(s, true)` also takes what `semver(s, true)` takes.",
    },
    Function {
        name: "major",
        overloads: &[method(&[SEMVER], Int)],
        eval: |_, args| number("major", args, |version| version.0.major),
        since: FROM,
        doc: "The first number of the version.",
    },
    Function {
        name: "minor",
        overloads: &[method(&[SEMVER], Int)],
        eval: |_, args| number("minor", args, |version| version.0.minor),
        since: FROM,
        doc: "The second number of the version.",
    },
    Function {
        name: "patch",
        overloads: &[method(&[SEMVER], Int)],
        eval: |_, args| number("patch", args, |version| version.0.patch),
        since: FROM,
        doc: "The third number of the version.",
    },
    Function {
        name: "semver",
        overloads: &[plain(&[Text], SEMVER), plain(&[Text, Bool], SEMVER)],
        eval: to_semver,
        since: FROM,
        doc: "The semantic version that the string writes; `semver(s, true)` takes a leading `v`, missing numbers and leading zeros.",
    },
];

/// A semantic version.
#[derive(Clone, Debug)]
pub struct Version(semver::Version);

impl Version {
    /// Reads a version.
    ///
    /// # Errors
    /// A reason in a few words.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MAX_VERSION {
            return Err(format!("it has more than {MAX_VERSION} characters"));
        }
        semver::Version::parse(text).map(Self).map_err(|error| error.to_string())
    }

    fn parse_lenient(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let mut parts: Vec<String> = text.splitn(3, '.').map(without_zeros).collect();
        if parts.len() < 3 && parts.last().is_some_and(|part| part.contains(['+', '-'])) {
            return Err("a version with missing numbers cannot have a suffix".to_owned());
        }
        parts.resize(3, "0".to_owned());
        Self::parse(&parts.join("."))
    }

    /// Precedence: build metadata does not count.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        self.0.cmp_precedence(&other.0)
    }
}

/// A number without leading zeros, its suffix left alone.
fn without_zeros(part: &str) -> String {
    let rest = part.trim_start_matches('0');
    if part.len() > rest.len() && !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return format!("0{rest}");
    }
    rest.to_owned()
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.order(other) == Ordering::Equal
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn parse_args(name: &str, args: &[Value]) -> Result<Result<Version, Fault>, Fault> {
    let (text, lenient) = match args {
        [Value::String(text)] => (text, false),
        [Value::String(text), Value::Bool(lenient)] => (text, *lenient),
        _ => return Err(no_overload(name, args)),
    };
    let version = if lenient { Version::parse_lenient(text) } else { Version::parse(text) };
    Ok(version.map_err(|reason| Fault::new(&E0506, format!("{} is not a semantic version: {reason}", quoted(text)))))
}

fn to_semver(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    let version = parse_args("semver", args)??;
    Ok(Value::Opaque(Arc::new(Opaque::Semver(version))))
}

fn is_semver(_: &mut Context<'_>, args: &[Value]) -> Outcome {
    Ok(Value::Bool(parse_args("isSemver", args)?.is_ok()))
}

fn number(name: &str, args: &[Value], of: fn(&Version) -> u64) -> Outcome {
    let version = match args {
        [Value::Opaque(opaque)] => match &**opaque {
            Opaque::Semver(version) => Some(version),
            _ => None,
        },
        _ => None,
    };
    let number = of(version.ok_or_else(|| no_overload(name, args))?);
    i64::try_from(number).map(Value::Int).map_err(|_| Fault::new(&E0506, format!("{number} does not fit an Int")))
}
