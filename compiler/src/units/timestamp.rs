//! Points in time: RFC 3339 text, CEL's range, and the calendar.
//!
//! A type of our own, since jiff's ends a day before CEL's does. Which offset a
//! time zone has is still jiff's to say.

use std::fmt;

use super::{Duration, UnitError};

/// 0001-01-01T00:00:00Z, the earliest timestamp of CEL, in seconds since 1970.
const FIRST: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z; the nanoseconds of that second still belong to CEL.
const LAST: i64 = 253_402_300_799;
const DAY: i64 = 86_400;
const NANOS: i128 = 1_000_000_000;

/// A point in time within CEL's range: the years 1 to 9999 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    second: i64,
    /// From 0 up to a second.
    nano: u32,
}

impl Timestamp {
    /// The earliest: 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self { second: FIRST, nano: 0 };
    /// The latest: 9999-12-31T23:59:59.999999999Z.
    pub const MAX: Self = Self { second: LAST, nano: 999_999_999 };

    /// So many seconds since 1970 and nanoseconds beyond them, either of any sign.
    ///
    /// # Errors
    /// [`UnitError::Range`] outside the years 1 to 9999.
    pub fn new(second: i64, nano: i32) -> Result<Self, UnitError> {
        Self::from_nanos(i128::from(second) * NANOS + i128::from(nano))
    }

    fn from_nanos(nanos: i128) -> Result<Self, UnitError> {
        let second = i64::try_from(nanos.div_euclid(NANOS)).map_err(|_| UnitError::Range)?;
        let nano = u32::try_from(nanos.rem_euclid(NANOS)).map_err(|_| UnitError::Range)?;
        if (FIRST..=LAST).contains(&second) { Ok(Self { second, nano }) } else { Err(UnitError::Range) }
    }

    fn as_nanos(self) -> i128 {
        i128::from(self.second) * NANOS + i128::from(self.nano)
    }

    /// The whole seconds since 1970, downwards.
    #[must_use]
    pub const fn second(self) -> i64 {
        self.second
    }

    /// The nanoseconds beyond [`Self::second`], less than a second.
    #[must_use]
    pub const fn nanosecond(self) -> u32 {
        self.nano
    }

    /// The point so much later.
    ///
    /// # Errors
    /// [`UnitError::Range`] outside the years 1 to 9999.
    pub fn plus(self, duration: Duration) -> Result<Self, UnitError> {
        Self::from_nanos(self.as_nanos() + duration.as_nanos())
    }

    /// The time from another point to this one.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let nanos = self.as_nanos() - earlier.as_nanos();
        // Two points of the range lie less than 10,000 years apart.
        Duration::new((nanos / NANOS) as i64, (nanos % NANOS) as i32)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with as many digits of a second as are needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.second.div_euclid(DAY));
        let second = self.second.rem_euclid(DAY);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if self.nano > 0 {
            let fraction = format!("{:09}", self.nano);
            write!(f, ".{}", fraction.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

/// Reads RFC 3339, with `T` and a zone, as CEL's `timestamp(…)` does. Digits
/// beyond nanoseconds are dropped; there are no leap seconds.
///
/// # Errors
/// [`UnitError::Form`] for other text, [`UnitError::Range`] outside CEL's range.
pub fn parse_timestamp(text: &str) -> Result<Timestamp, UnitError> {
    let (head, rest) = text.split_at_checked("dddd-dd-ddTdd:dd:dd".len()).ok_or(UnitError::Form)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(after) => after.split_at(after.bytes().take_while(u8::is_ascii_digit).count()),
        None => ("0", rest),
    };
    if fraction.is_empty() {
        return Err(UnitError::Form);
    }
    let kept = fraction.get(..9).unwrap_or(fraction);
    let nano = format!("{kept:0<9}").parse().map_err(|_| UnitError::Form)?;
    let offset = offset(zone).ok_or(UnitError::Form)?;
    Timestamp::new(seconds(head).ok_or(UnitError::Form)? - offset, nano)
}

/// The seconds since 1970 of `2026-01-31T12:00:00`.
fn seconds(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let [year, month, day] = fields(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = fields(time, ':', [2, 2, 2])?;
    let days = days_before(year, month, day);
    let is_date = (1..=12).contains(&month) && civil(days) == (year, month, day);
    let is_time = hour < 24 && minute < 60 && second < 60;
    (is_date && is_time).then_some(days * DAY + hour * 3600 + minute * 60 + second)
}

/// The seconds that `Z`, `+02:00` or `-02:00` lies east of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let [hour, minute] = fields(zone.get(1..)?, ':', [2, 2])?;
    (hour < 24 && minute < 60).then_some(sign * (hour * 3600 + minute * 60))
}

/// Numbers of so many digits, with a separator between them.
fn fields<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        let fits = part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
        *number = fits.then(|| part.parse().ok()).flatten()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// RFC 3339 in UTC with as many digits of a second as are needed.
#[must_use]
pub fn format_timestamp(timestamp: Timestamp) -> String {
    timestamp.to_string()
}

/// Days from 1970 to a date, by the rule for 400 years that begin in March.
#[must_use]
pub const fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a number of days since 1970.
#[must_use]
pub const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + if month <= 2 { 1 } else { 0 }, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rfc_3339_alone() {
        let second = |text: &str| parse_timestamp(text).map(|t| (t.second(), t.nanosecond()));
        assert_eq!(second("1970-01-01T00:01:00Z"), Ok((60, 0)));
        assert_eq!(second("1970-01-01T01:00:00+01:00"), Ok((0, 0)));
        assert_eq!(second("1970-01-01T00:00:00.5Z"), Ok((0, 500_000_000)));
        assert_eq!(second("1969-12-31T23:59:59.75Z"), Ok((-1, 750_000_000)));
        assert_eq!(second("2000-02-29T00:00:00.1234567899-00:30"), Ok((951_784_200, 123_456_789)));
        for text in ["", "1970-01-01", "1970-01-01 00:00:00Z", "1970-01-01T00:00:00", "1970-13-01T00:00:00Z"] {
            assert_eq!(parse_timestamp(text), Err(UnitError::Form), "{text}");
        }
        for text in [
            "1900-02-29T00:00:00Z",
            "1970-01-00T00:00:00Z",
            "1970-01-01T24:00:00Z",
            "1970-01-01T00:00:60Z",
            "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00:00z",
            "1970-01-01T00:00:00+1:00",
            "1970-01-01T00:00:0éZ",
            "+970-01-01T00:00:00Z",
        ] {
            assert_eq!(parse_timestamp(text), Err(UnitError::Form), "{text}");
        }
    }

    #[test]
    fn keeps_the_range_to_the_nanosecond() {
        let (first, last) = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z");
        let nano = Duration::from_nanos(1);
        assert_eq!(parse_timestamp(first).and_then(|t| t.plus(-nano)), Err(UnitError::Range));
        assert_eq!(parse_timestamp(last).and_then(|t| t.plus(nano)), Err(UnitError::Range));
        assert_eq!(parse_timestamp("0000-12-31T23:59:59Z"), Err(UnitError::Range));
        assert_eq!(parse_timestamp("9999-12-31T23:59:59-00:01"), Err(UnitError::Range));
        assert_eq!(parse_timestamp("0001-01-01T00:00:00+00:01"), Err(UnitError::Range));
        let whole = parse_timestamp(last).unwrap().since(parse_timestamp(first).unwrap());
        assert_eq!((whole.as_secs(), whole.subsec_nanos()), (315_537_897_599, 999_999_999));
        assert_eq!(Timestamp::new(i64::MAX, i32::MAX), Err(UnitError::Range));
    }

    #[test]
    fn prints_what_it_read() {
        for text in [
            "2009-02-13T23:31:30Z",
            "2009-02-13T23:31:30.25Z",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999999Z",
            "1969-12-31T23:59:59.000000001Z",
        ] {
            assert_eq!(format_timestamp(parse_timestamp(text).unwrap()), text);
        }
    }
}
