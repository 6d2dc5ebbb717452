//! What a plain scalar means: the rules of the reader inside kubectl and the
//! API server (`sigs.k8s.io/yaml`, which is YAML 1.1 with Go's numbers), so
//! that an instance means here what it means when it is applied.
//!
//! | written | read as |
//! | --- | --- |
//! | nothing, `~`, `null` (three spellings) | null |
//! | `true`, `yes`, `on`, `y` and their opposites (three spellings) | a truth value |
//! | `12`, `+12`, `1_000`, `0x1F`, `0o17`, `0b11`, `017` (octal) | an integer |
//! | `1.5`, `.5`, `1e3`, `089` | a float |
//! | `.inf`, `-.inf`, `.nan` | a float |
//! | anything else: `7.4.2`, `12h`, `2026-01-31`, `1:30` | a string |

use smol_str::SmolStr;

use super::NodeKind;

/// A plain scalar on which readers of YAML disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// `no`: a truth value here and for kubectl, a string in YAML 1.2.
    Word,
    /// `017`: octal here and for kubectl, decimal in YAML 1.2.
    LeadingZero,
}

/// What the plain scalar means, and whether readers disagree on it.
pub(super) fn resolve(text: &str) -> (NodeKind, Option<Doubt>) {
    if let Some(known) = word(text) {
        return known;
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return (string(text), None);
    }
    let doubt = has_leading_zero(text).then_some(Doubt::LeadingZero);
    match integer(text).or_else(|| float(text)) {
        Some(kind) => (kind, doubt),
        None => (string(text), None),
    }
}

fn string(text: &str) -> NodeKind {
    NodeKind::String { text: SmolStr::new(text), plain: true }
}

fn word(text: &str) -> Option<(NodeKind, Option<Doubt>)> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => (NodeKind::Null, None),
        "true" | "True" | "TRUE" => (NodeKind::Bool(true), None),
        "false" | "False" | "FALSE" => (NodeKind::Bool(false), None),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => (NodeKind::Bool(true), Some(Doubt::Word)),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => (NodeKind::Bool(false), Some(Doubt::Word)),
        ".nan" | ".NaN" | ".NAN" => (NodeKind::Float(f64::NAN), None),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => (NodeKind::Float(f64::INFINITY), None),
        "-.inf" | "-.Inf" | "-.INF" => (NodeKind::Float(f64::NEG_INFINITY), None),
        _ => return None,
    })
}

/// Digits after a zero, as in `017` and `089`, with or without a sign.
fn has_leading_zero(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    digits.strip_prefix('0').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Go's `strconv.ParseInt(text, 0, 64)`, then `ParseUint`, blind to `_`.
fn integer(text: &str) -> Option<NodeKind> {
    let text: String = text.chars().filter(|c| *c != '_').collect();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let (digits, radix) = radix(digits);
    if !digits.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let size = u64::from_str_radix(digits, radix).ok()?;
    let value = if negative { -i128::from(size) } else { i128::from(size) };
    match i64::try_from(value) {
        Ok(n) => Some(NodeKind::Int(n)),
        Err(_) if negative => None,
        Err(_) => Some(NodeKind::Uint(size)),
    }
}

fn radix(digits: &str) -> (&str, u32) {
    let Some(rest) = digits.strip_prefix('0') else { return (digits, 10) };
    for (letters, radix) in [(['x', 'X'], 16), (['o', 'O'], 8), (['b', 'B'], 2)] {
        if let Some(rest) = rest.strip_prefix(letters) {
            return (rest, radix);
        }
    }
    if rest.is_empty() { (digits, 10) } else { (rest, 8) }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, blind to `_`.
fn float(text: &str) -> Option<NodeKind> {
    let text: String = text.chars().filter(|c| *c != '_').collect();
    let allowed = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    if !text.chars().all(allowed) || !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    // Rust's grammar of decimal numbers is Go's, for these characters; a number
    // that is out of range is text to Go.
    text.parse().ok().filter(|float: &f64| float.is_finite()).map(NodeKind::Float)
}
