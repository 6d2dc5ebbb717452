//! Durations: how they are written and read.

use std::fmt::Write;

use super::{Duration, UnitError, scaled, split_number, split_sign};

/// CEL's range of durations, in seconds to either side of zero
/// (google.protobuf.Duration).
pub const MAX_DURATION_SECONDS: i64 = 315_576_000_000;

const NANOS: i128 = 1_000_000_000;

/// Reads Tessera's form: `7d`, `1h30m`, `1.5h`, with a sign, or `0`.
///
/// # Errors
/// [`UnitError::Form`] for other text, [`UnitError::Range`] outside CEL's range.
pub fn parse_duration(text: &str) -> Result<Duration, UnitError> {
    parse(text, true)
}

/// Reads the form of CEL's `duration(…)`, which is Go's: as [`parse_duration`],
/// without days.
///
/// # Errors
/// As [`parse_duration`].
pub fn parse_duration_cel(text: &str) -> Result<Duration, UnitError> {
    parse(text, false)
}

fn parse(text: &str, days: bool) -> Result<Duration, UnitError> {
    let (negative, mut rest) = split_sign(text);
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(UnitError::Form);
    }
    let mut nanos: i128 = 0;
    while !rest.is_empty() {
        let (whole, fraction, after) = split_number(rest).ok_or(UnitError::Form)?;
        let length = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (suffix, after) = after.split_at(length);
        let unit = unit(suffix, days).ok_or(UnitError::Form)?;
        nanos = nanos.checked_add(scaled(whole, fraction, unit, false)?).ok_or(UnitError::Range)?;
        rest = after;
    }
    from_nanos(if negative { -nanos } else { nanos })
}

fn unit(suffix: &str, days: bool) -> Option<i128> {
    Some(match suffix {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => NANOS,
        "m" => 60 * NANOS,
        "h" => 3_600 * NANOS,
        "d" if days => 86_400 * NANOS,
        _ => return None,
    })
}

fn from_nanos(nanos: i128) -> Result<Duration, UnitError> {
    let seconds = i64::try_from(nanos / NANOS).map_err(|_| UnitError::Range)?;
    check_duration(Duration::new(seconds, (nanos % NANOS) as i32))
}

/// The duration, when it lies in CEL's range.
///
/// # Errors
/// [`UnitError::Range`] when it does not.
pub fn check_duration(duration: Duration) -> Result<Duration, UnitError> {
    let limit = Duration::from_secs(MAX_DURATION_SECONDS);
    if duration > limit || duration < -limit { Err(UnitError::Range) } else { Ok(duration) }
}

/// Go's form without zero parts: `168h`, `1h30m`, `1.5s`, `500ms`, `0s`.
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    let nanos = duration.as_nanos().unsigned_abs();
    let mut out = String::new();
    if duration.is_negative() {
        out.push('-');
    }
    let (seconds, rest) = (nanos / NANOS as u128, nanos % NANOS as u128);
    push_part(&mut out, seconds / 3_600, "h");
    push_part(&mut out, seconds / 60 % 60, "m");
    push_seconds(&mut out, seconds, rest);
    out
}

fn push_part(out: &mut String, count: u128, suffix: &str) {
    if count > 0 {
        let _ = write!(out, "{count}{suffix}");
    }
}

fn push_seconds(out: &mut String, seconds: u128, nanos: u128) {
    match (seconds, nanos) {
        (0, 0) => out.push_str("0s"),
        (0, n) if n < 1_000 => push_part(out, n, "ns"),
        (0, n) if n < 1_000_000 => push_fraction(out, n / 1_000, n % 1_000, 3, "us"),
        (0, n) => push_fraction(out, n / 1_000_000, n % 1_000_000, 6, "ms"),
        (s, 0) if s % 60 == 0 => {}
        (s, n) => push_fraction(out, s % 60, n, 9, "s"),
    }
}

fn push_fraction(out: &mut String, whole: u128, rest: u128, digits: usize, suffix: &str) {
    let _ = write!(out, "{whole}");
    if rest > 0 {
        let fraction = format!("{rest:0digits$}");
        let _ = write!(out, ".{}", fraction.trim_end_matches('0'));
    }
    out.push_str(suffix);
}

/// The form of CEL's `string(duration)`: seconds, `5400s`, `1.5s`. It goes through
/// a float, as in cel-go, so that the last digits of long ones are lost.
#[must_use]
pub fn format_duration_cel(duration: Duration) -> String {
    format!("{}s", duration.as_secs() as f64 + f64::from(duration.subsec_nanos()) / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        format_duration(parse_duration(text).unwrap())
    }

    #[test]
    fn prints_as_go_does_without_zero_parts() {
        for (text, expected) in [
            ("7d", "168h"),
            ("90m", "1h30m"),
            ("90s", "1m30s"),
            ("500ms", "500ms"),
            ("1500ms", "1.5s"),
            ("1h0.5s", "1h0.5s"),
            ("1h5ns", "1h0.000000005s"),
            ("1500ns", "1.5us"),
            ("0s", "0s"),
            ("-1.5h", "-1h30m"),
            ("12h", "12h"),
            ("60m1s", "1h1s"),
        ] {
            assert_eq!(canonical(text), expected, "{text}");
        }
    }

    #[test]
    fn refuses_other_forms_and_ranges() {
        for text in ["", "-", "h", "1", "1x", "1 h", "1h ", "1..2h", ".h", "1h1", "1H", "½h"] {
            assert_eq!(parse_duration(text), Err(UnitError::Form), "{text}");
        }
        assert_eq!(parse_duration_cel("7d"), Err(UnitError::Form));
        assert_eq!(parse_duration_cel("315576000000s").map(|d| d.as_secs()), Ok(315_576_000_000));
        assert_eq!(parse_duration_cel("315576000001s"), Err(UnitError::Range));
        assert_eq!(parse_duration_cel("-315576000001s"), Err(UnitError::Range));
        assert_eq!(parse_duration(&format!("{}h", "9".repeat(60))), Err(UnitError::Range));
    }

    #[test]
    fn prints_seconds_for_cel() {
        assert_eq!(format_duration_cel(parse_duration("1h30m").unwrap()), "5400s");
        assert_eq!(format_duration_cel(parse_duration("-1500ms").unwrap()), "-1.5s");
        assert_eq!(format_duration_cel(Duration::ZERO), "0s");
        assert_eq!(format_duration_cel(parse_duration("-1709256599.123456789s").unwrap()), "-1709256599.1234567s");
    }
}
