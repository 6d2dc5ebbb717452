//! What a number token means.

use smol_str::SmolStr;

/// A number as written, its form checked.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Uint(u64),
    Float(f64),
    Suffixed(SmolStr),
}

/// Why a token is no number, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NumberError {
    pub(super) message: String,
    pub(super) help: String,
    /// What to write instead, where that is clear.
    pub(super) instead: Option<String>,
}

impl NumberError {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into(), instead: None }
    }

    fn instead(mut self, text: impl Into<String>) -> Self {
        self.instead = Some(text.into());
        self
    }
}

const DURATIONS: [&str; 8] = ["ns", "us", "µs", "ms", "s", "m", "h", "d"];
const QUANTITIES: [&str; 15] = ["n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/// Reads a token; `negative` when a minus stands directly before it, so that
/// the least integer can be written.
pub(super) fn number(token: &str, negative: bool) -> Result<Number, NumberError> {
    let digits = without_separators(token)?;
    if let Some(value) = radix(&digits, negative) {
        return value;
    }
    let split = digits.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(digits.len());
    let (head, tail) = digits.split_at(split);
    match (head.matches('.').count(), tail) {
        (0, "") => integer(head, negative),
        (0, "u" | "U") => unsigned(head, 10),
        (0 | 1, tail) if tail.is_empty() || is_exponent(tail) => float(&digits),
        (0 | 1, _) => suffixed(&digits),
        _ => Err(NumberError::new(
            format!("`{token}` is not a number"),
            "versions and addresses are strings: put it in quotes",
        )
        .instead(format!("\"{token}\""))),
    }
}

/// Whether a suffix makes a duration, which may be followed by further ones.
fn is_duration(suffix: &str) -> bool {
    DURATIONS.contains(&suffix)
}

fn without_separators(token: &str) -> Result<String, NumberError> {
    if !token.contains('_') {
        return Ok(token.to_owned());
    }
    let bytes = token.as_bytes();
    let between = |i: usize| {
        let hex = |at: Option<usize>| at.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_hexdigit);
        hex(i.checked_sub(1)) && hex(Some(i + 1))
    };
    if bytes.iter().enumerate().all(|(i, b)| *b != b'_' || between(i)) {
        return Ok(token.replace('_', ""));
    }
    let clean = token.split('_').filter(|p| !p.is_empty()).collect::<Vec<_>>().join("_");
    Err(NumberError::new(format!("`{token}` is not a number"), "`_` stands between two digits").instead(clean))
}

fn radix(digits: &str, negative: bool) -> Option<Result<Number, NumberError>> {
    let (radix, name) = match digits.get(..2)? {
        "0x" | "0X" => (16, "hexadecimal"),
        "0o" | "0O" => (8, "octal"),
        "0b" | "0B" => {
            let help = "integers are decimal, `0x…` or `0o…`";
            return Some(Err(NumberError::new(format!("`{digits}` is not a number"), help)));
        }
        _ => return None,
    };
    let body = digits.get(2..)?;
    if let Some(body) = body.strip_suffix(['u', 'U']) {
        return Some(unsigned(body, radix));
    }
    let sign = if negative { "-" } else { "" };
    Some(match i64::from_str_radix(&format!("{sign}{body}"), radix) {
        Ok(value) => Ok(Number::Int(value)),
        Err(_) if !body.is_empty() && body.chars().all(|c| c.is_digit(radix)) => Err(out_of_range(digits)),
        Err(_) => {
            let help = format!("write {name} digits after `{}`", digits.get(..2).unwrap_or(""));
            Err(NumberError::new(format!("`{digits}` is not a {name} number"), help))
        }
    })
}

fn integer(digits: &str, negative: bool) -> Result<Number, NumberError> {
    if digits.len() > 1 && digits.starts_with('0') {
        let decimal = digits.trim_start_matches('0');
        let decimal = if decimal.is_empty() { "0" } else { decimal };
        let octal = decimal.chars().all(|c| c.is_digit(8));
        let error = NumberError::new(
            format!("`{digits}` begins with a zero"),
            format!("write `0o{decimal}` for an octal number such as a file mode, or `{decimal}`"),
        );
        return Err(if octal && digits.len() >= 4 { error.instead(format!("0o{decimal}")) } else { error });
    }
    let sign = if negative { "-" } else { "" };
    format!("{sign}{digits}").parse().map(Number::Int).map_err(|_| out_of_range(digits))
}

fn unsigned(digits: &str, radix: u32) -> Result<Number, NumberError> {
    u64::from_str_radix(digits, radix).map(Number::Uint).map_err(|_| out_of_range(digits))
}

fn out_of_range(digits: &str) -> NumberError {
    NumberError::new(
        format!("`{digits}` is too large"),
        format!("integers go from {} to {}; an unsigned one, such as `42u`, to {}", i64::MIN, i64::MAX, u64::MAX),
    )
}

fn is_exponent(tail: &str) -> bool {
    let rest = tail.strip_prefix(['e', 'E']).map(|r| r.strip_prefix(['+', '-']).unwrap_or(r));
    rest.is_some_and(|r| !r.is_empty() && r.bytes().all(|b| b.is_ascii_digit()))
}

fn float(digits: &str) -> Result<Number, NumberError> {
    match digits.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Number::Float(value)),
        _ => Err(NumberError::new(format!("`{digits}` is too large"), "a Float goes to about 1.8e308")),
    }
}

/// One or more pairs of a number and a suffix; several only in durations.
fn suffixed(text: &str) -> Result<Number, NumberError> {
    let mut rest = text;
    let mut pairs = Vec::new();
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (head, tail) = rest.split_at(number);
        let end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (suffix, after) = tail.split_at(end);
        pairs.push((head, suffix));
        rest = after;
    }
    let numbers = pairs.iter().all(|(n, _)| n.starts_with(|c: char| c.is_ascii_digit()) && n.matches('.').count() < 2);
    let fits = match pairs.as_slice() {
        [(_, suffix)] => is_duration(suffix) || QUANTITIES.contains(suffix),
        several => several.iter().all(|(_, suffix)| is_duration(suffix)),
    };
    if numbers && fits { Ok(Number::Suffixed(text.into())) } else { Err(bad_suffix(text, &pairs)) }
}

fn bad_suffix(text: &str, pairs: &[(&str, &str)]) -> NumberError {
    const USUAL: [(&str, &str); 16] = [
        ("min", "m"),
        ("mins", "m"),
        ("minutes", "m"),
        ("sec", "s"),
        ("secs", "s"),
        ("seconds", "s"),
        ("hours", "h"),
        ("hour", "h"),
        ("days", "d"),
        ("hr", "h"),
        ("mb", "M"),
        ("gb", "G"),
        ("kb", "k"),
        ("mib", "Mi"),
        ("gib", "Gi"),
        ("tb", "T"),
    ];
    let help = format!(
        "durations end in {}; quantities in {}",
        DURATIONS.map(|s| format!("`{s}`")).join(" "),
        QUANTITIES.map(|s| format!("`{s}`")).join(" ")
    );
    let error = NumberError::new(format!("`{text}` is not a number, duration or quantity"), help);
    let [(number, suffix)] = pairs else { return error };
    let lower = suffix.to_ascii_lowercase();
    let usual = USUAL.iter().find(|(from, _)| *from == lower).map(|(_, to)| *to);
    let by_case = || DURATIONS.iter().chain(&QUANTITIES).copied().find(|s| s.eq_ignore_ascii_case(suffix));
    match usual.or_else(by_case) {
        Some(right) => error.instead(format!("{number}{right}")),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert_eq!(number("1_000", false), Ok(Number::Int(1000)));
        assert_eq!(number("9223372036854775808", true), Ok(Number::Int(i64::MIN)));
        assert!(number("9223372036854775808", false).is_err());
        assert_eq!(number("0x1F", false), Ok(Number::Int(31)));
        assert_eq!(number("0x8000000000000000", true), Ok(Number::Int(i64::MIN)));
        assert_eq!(number("0o644", false), Ok(Number::Int(420)));
        assert_eq!(number("0xFFu", false), Ok(Number::Uint(255)));
        assert_eq!(number("1e3", false), Ok(Number::Float(1000.0)));
        assert_eq!(number("1.5e-3", false), Ok(Number::Float(0.0015)));
        assert_eq!(number(".5", false), Ok(Number::Float(0.5)));
        for text in ["12h", "256Mi", "1h30m", "1.5Gi", "500ms", "15m", "2k", "1E"] {
            assert_eq!(number(text, false), Ok(Number::Suffixed(text.into())), "{text}");
        }
    }

    #[test]
    fn errors_say_what_to_write() {
        let instead = |text| number(text, false).unwrap_err().instead;
        assert_eq!(instead("2.34.3").as_deref(), Some("\"2.34.3\""));
        assert_eq!(instead("10min").as_deref(), Some("10m"));
        assert_eq!(instead("64mb").as_deref(), Some("64M"));
        assert_eq!(instead("1gi").as_deref(), Some("1Gi"));
        assert_eq!(instead("0644").as_deref(), Some("0o644"));
        assert_eq!(instead("1__0").as_deref(), Some("1_0"));
        assert!(number("1Mi2Gi", false).is_err());
        assert!(number("0b11", false).is_err());
        assert!(number("12abc", false).is_err());
    }
}
