//! Timestamps: RFC 3339 text and CEL's range.

use super::{Timestamp, UnitError};

/// 0001-01-01T00:00:00Z, the earliest timestamp of CEL, in seconds since 1970.
const FIRST: i64 = -62_135_596_800;

/// The timestamp, when CEL has it. The latest is jiff's, a day before the end
/// of the year 9999.
///
/// # Errors
/// [`UnitError::Range`] when it lies before the year 1.
pub fn check_timestamp(timestamp: Timestamp) -> Result<Timestamp, UnitError> {
    if timestamp.as_second() < FIRST { Err(UnitError::Range) } else { Ok(timestamp) }
}

/// Reads RFC 3339, with `T` and a zone, as CEL's `timestamp(…)` does.
///
/// # Errors
/// [`UnitError::Form`] for other text, [`UnitError::Range`] outside CEL's range.
pub fn parse_timestamp(text: &str) -> Result<Timestamp, UnitError> {
    if !is_rfc3339(text) {
        return Err(UnitError::Form);
    }
    let timestamp: Timestamp = text.parse().map_err(|_| UnitError::Form)?;
    check_timestamp(timestamp)
}

/// jiff reads more of ISO 8601 than CEL allows; this is the frame of RFC 3339.
fn is_rfc3339(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let head = bytes.len() > shape.len()
        && shape.iter().zip(bytes).all(|(s, b)| if *s == b'd' { b.is_ascii_digit() } else { s == b });
    let mut zone = text.get(shape.len()..).unwrap_or("");
    if let Some(fraction) = zone.strip_prefix('.') {
        zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        if zone.len() == fraction.len() {
            return false;
        }
    }
    head && (zone == "Z" || is_offset(zone.as_bytes()))
}

fn is_offset(zone: &[u8]) -> bool {
    matches!(zone, [b'+' | b'-', a, b, b':', c, d] if [a, b, c, d].iter().all(|x| x.is_ascii_digit()))
}

/// RFC 3339 in UTC with as many digits of a second as are needed.
#[must_use]
pub fn format_timestamp(timestamp: Timestamp) -> String {
    timestamp.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rfc_3339_alone() {
        assert_eq!(parse_timestamp("1970-01-01T00:01:00Z").map(|t| t.as_second()), Ok(60));
        assert_eq!(parse_timestamp("1970-01-01T01:00:00+01:00").map(|t| t.as_second()), Ok(0));
        assert_eq!(parse_timestamp("1970-01-01T00:00:00.5Z").map(|t| t.as_millisecond()), Ok(500));
        for text in ["", "1970-01-01", "1970-01-01 00:00:00Z", "1970-01-01T00:00:00", "1970-13-01T00:00:00Z"] {
            assert_eq!(parse_timestamp(text), Err(UnitError::Form), "{text}");
        }
        assert_eq!(parse_timestamp("0000-12-31T23:59:59Z"), Err(UnitError::Range));
        assert!(parse_timestamp("0001-01-01T00:00:00Z").is_ok());
    }

    #[test]
    fn prints_what_it_read() {
        for text in ["2009-02-13T23:31:30Z", "2009-02-13T23:31:30.25Z", "0001-01-01T00:00:00Z"] {
            assert_eq!(format_timestamp(parse_timestamp(text).unwrap()), text);
        }
    }
}
