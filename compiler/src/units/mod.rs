//! Durations, timestamps and Kubernetes quantities, and the suffixed literals
//! that write them: `12h` is a Duration, `256Mi` a Quantity, `15m` may be both.

mod duration;
mod quantity;
mod timestamp;

pub use duration::{
    MAX_DURATION_SECONDS, check_duration, format_duration, format_duration_cel, parse_duration, parse_duration_cel,
};
pub use quantity::{Family, Quantity};
pub use timestamp::{Timestamp, civil, days_before, format_timestamp, parse_timestamp};

/// A span of time.
pub type Duration = jiff::SignedDuration;

/// Why a text is no value of a unit, or an operation has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitError {
    /// The text has not the form of one.
    Form,
    /// The value is outside what can be represented.
    Range,
    /// A division by zero.
    ZeroDivision,
}

/// What a suffixed literal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Literal {
    /// Only a Duration: `12h`, `1h30m`, `500ms`.
    Duration(Duration),
    /// Only a Quantity: `256Mi`, `2k`, `5n`.
    Quantity(Quantity),
    /// A number of minutes or of thousandths: `15m`.
    Either(Duration, Quantity),
    /// Neither, and why.
    Invalid(UnitError),
}

/// The meanings of a suffixed literal, its text without `_` and sign.
#[must_use]
pub fn classify(text: &str) -> Literal {
    match (parse_duration(text), Quantity::parse(text)) {
        (Ok(d), Ok(q)) => Literal::Either(d, q),
        (Ok(d), Err(_)) => Literal::Duration(d),
        (Err(_), Ok(q)) => Literal::Quantity(q),
        (Err(UnitError::Form), Err(e)) | (Err(e), Err(_)) => Literal::Invalid(e),
    }
}

/// Splits `digits[.digits]` off the front of a text: the digits before the dot,
/// those after it, the rest. `None` where there is no digit at all.
fn split_number(text: &str) -> Option<(&str, &str, &str)> {
    let digits = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = text.split_at(digits(text));
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(after) => after.split_at(digits(after)),
        None => ("", rest),
    };
    (!whole.is_empty() || !fraction.is_empty()).then_some((whole, fraction, rest))
}

/// Takes a sign off the front: whether it was a minus, and the rest.
fn split_sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or("")),
        Some(b'+') => (false, text.get(1..).unwrap_or("")),
        _ => (false, text),
    }
}

/// `whole.fraction × unit` in whole numbers; a smaller rest is dropped, or
/// rounded away from zero where `up`. Of a fraction 18 digits count exactly.
fn scaled(whole: &str, fraction: &str, unit: i128, up: bool) -> Result<i128, UnitError> {
    let digits = fraction.trim_end_matches('0');
    let kept = digits.get(..18).unwrap_or(digits);
    let scale = 10_i128.pow(kept.len() as u32);
    let part = decimal(kept)?.checked_mul(unit).ok_or(UnitError::Range)?;
    let lost = part % scale != 0 || kept.len() < digits.len();
    let whole = decimal(whole)?.checked_mul(unit).ok_or(UnitError::Range)?;
    whole.checked_add(part / scale + i128::from(up && lost)).ok_or(UnitError::Range)
}

fn decimal(digits: &str) -> Result<i128, UnitError> {
    if digits.is_empty() {
        return Ok(0);
    }
    digits.parse().map_err(|_| UnitError::Range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_single_m_is_ambiguous() {
        assert!(matches!(classify("15m"), Literal::Either(d, q) if d.as_secs() == 900 && q.to_string() == "15m"));
        assert!(matches!(classify("1.5m"), Literal::Either(..)));
        for text in ["12h", "90s", "500ms", "7d", "1h30m", "5us", "5ns", "1m30s"] {
            assert!(matches!(classify(text), Literal::Duration(_)), "{text}");
        }
        for text in ["256Mi", "1Gi", "2k", "5n", "5u", "1E", "3G", "1.5T"] {
            assert!(matches!(classify(text), Literal::Quantity(_)), "{text}");
        }
        assert_eq!(classify("5KB"), Literal::Invalid(UnitError::Form));
        assert_eq!(classify("99999999999999999h"), Literal::Invalid(UnitError::Range));
    }
}
