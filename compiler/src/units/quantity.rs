//! Kubernetes quantities, with the rules of `resource.Quantity` in
//! k8s.io/apimachinery: what is read, how values round, the canonical form.

use std::cmp::Ordering;
use std::fmt;

use super::{UnitError, scaled, split_number, split_sign};

/// The number of smallest units in one.
const NANO: i128 = 1_000_000_000;

/// The largest value that a quantity with a binary suffix takes; larger ones
/// are cut to it, as Kubernetes does.
const MAX_BINARY: i128 = i64::MAX as i128 * NANO;

/// The suffixes that a quantity prints with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `Ki Mi Gi Ti Pi Ei`.
    BinarySI,
    /// `n u m k M G T P E`.
    DecimalSI,
    /// `e3`, `e-3`.
    DecimalExponent,
}

/// A quantity: an exact number of thousand-millionths, and the family of its
/// suffix. Equality and order are by value alone.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    nanos: i128,
    family: Family,
}

impl Quantity {
    /// A quantity from thousand-millionths.
    #[must_use]
    pub const fn from_nanos(nanos: i128, family: Family) -> Self {
        Self { nanos, family }
    }

    /// A whole number.
    #[must_use]
    pub const fn from_int(value: i64) -> Self {
        Self { nanos: value as i128 * NANO, family: Family::DecimalSI }
    }

    /// A number, rounded up to the next thousand-millionth.
    ///
    /// # Errors
    /// [`UnitError::Range`] for infinities, NaN and what is too large.
    pub fn from_float(value: f64) -> Result<Self, UnitError> {
        Self::from_int(1).times_float(value)
    }

    /// Reads Kubernetes' form: `500m`, `1.5Gi`, `1e3`, `-2`. A value finer
    /// than a thousand-millionth is rounded up, away from zero.
    ///
    /// # Errors
    /// [`UnitError::Form`] for other text; [`UnitError::Range`] above about
    /// 1.7e29, where Kubernetes would go on.
    pub fn parse(text: &str) -> Result<Self, UnitError> {
        let (negative, rest) = split_sign(text);
        let (whole, fraction, suffix) = split_number(rest).ok_or(UnitError::Form)?;
        let (scale, mut family) = Scale::parse(suffix)?;
        let mut nanos = scale.apply(whole, fraction)?;
        if family == Family::BinarySI {
            nanos = nanos.min(MAX_BINARY);
            if nanos < NANO {
                family = Family::DecimalSI;
            }
        }
        Ok(Self { nanos: if negative { -nanos } else { nanos }, family })
    }

    /// The value in thousand-millionths.
    #[must_use]
    pub const fn nanos(&self) -> i128 {
        self.nanos
    }

    /// The family that it prints with.
    #[must_use]
    pub const fn family(&self) -> Family {
        self.family
    }

    /// The value as an integer, when it is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        if self.nanos % NANO != 0 {
            return None;
        }
        i64::try_from(self.nanos / NANO).ok()
    }

    /// The nearest float.
    #[must_use]
    pub fn as_float(&self) -> f64 {
        let (whole, rest) = (self.nanos / NANO, self.nanos % NANO);
        whole as f64 + rest as f64 / NANO as f64
    }

    /// The sum, in this family, or in the other's where this is zero.
    ///
    /// # Errors
    /// [`UnitError::Range`] on overflow.
    pub fn plus(&self, other: &Self) -> Result<Self, UnitError> {
        let nanos = self.nanos.checked_add(other.nanos).ok_or(UnitError::Range)?;
        Ok(Self { nanos, family: self.family_with(other) })
    }

    /// The difference, in this family, or in the other's where this is zero.
    ///
    /// # Errors
    /// [`UnitError::Range`] on overflow.
    pub fn minus(&self, other: &Self) -> Result<Self, UnitError> {
        let nanos = self.nanos.checked_sub(other.nanos).ok_or(UnitError::Range)?;
        Ok(Self { nanos, family: self.family_with(other) })
    }

    const fn family_with(&self, other: &Self) -> Family {
        if self.nanos == 0 { other.family } else { self.family }
    }

    /// The negative.
    ///
    /// # Errors
    /// [`UnitError::Range`] on overflow.
    pub fn negated(&self) -> Result<Self, UnitError> {
        let nanos = self.nanos.checked_neg().ok_or(UnitError::Range)?;
        Ok(Self { nanos, ..*self })
    }

    /// The product with a whole number.
    ///
    /// # Errors
    /// [`UnitError::Range`] on overflow.
    pub fn times(&self, factor: i128) -> Result<Self, UnitError> {
        let nanos = self.nanos.checked_mul(factor).ok_or(UnitError::Range)?;
        Ok(Self { nanos, ..*self })
    }

    /// The quotient by a whole number, rounded as [`Self::times_float`] does.
    ///
    /// # Errors
    /// [`UnitError::ZeroDivision`]; [`UnitError::Range`] on overflow.
    pub fn divided(&self, divisor: i128) -> Result<Self, UnitError> {
        self.ratio(1, divisor)
    }

    /// The product with a float, which counts as the decimal that it prints
    /// as, so that `1 * 0.1` is `100m`. Rounded away from zero: to a
    /// thousand-millionth, and to one in the binary family, because there are
    /// no parts of a byte.
    ///
    /// # Errors
    /// [`UnitError::Range`] for infinities, NaN and what is too large.
    pub fn times_float(&self, factor: f64) -> Result<Self, UnitError> {
        let (numerator, denominator) = decimal_ratio(factor)?;
        self.ratio(numerator, denominator)
    }

    /// The quotient by a float, see [`Self::times_float`].
    ///
    /// # Errors
    /// As there, and [`UnitError::ZeroDivision`].
    pub fn divided_float(&self, divisor: f64) -> Result<Self, UnitError> {
        let (numerator, denominator) = decimal_ratio(divisor)?;
        self.ratio(denominator, numerator)
    }

    fn ratio(&self, numerator: i128, denominator: i128) -> Result<Self, UnitError> {
        if denominator == 0 {
            return Err(UnitError::ZeroDivision);
        }
        let product = self.nanos.checked_mul(numerator).ok_or(UnitError::Range)?;
        let mut nanos = divide_away(product, denominator).ok_or(UnitError::Range)?;
        if self.family == Family::BinarySI {
            nanos = divide_away(nanos, NANO).and_then(|n| n.checked_mul(NANO)).ok_or(UnitError::Range)?;
        }
        Ok(Self { nanos, ..*self })
    }
}

/// The quotient, rounded away from zero.
fn divide_away(dividend: i128, divisor: i128) -> Option<i128> {
    let quotient = dividend.checked_div(divisor)?;
    if dividend % divisor == 0 {
        return Some(quotient);
    }
    quotient.checked_add(if (dividend < 0) == (divisor < 0) { 1 } else { -1 })
}

/// The float as a fraction, by its shortest decimal form.
fn decimal_ratio(value: f64) -> Result<(i128, i128), UnitError> {
    if !value.is_finite() {
        return Err(UnitError::Range);
    }
    let text = format!("{value}");
    let (negative, rest) = split_sign(&text);
    let (whole, fraction, _) = split_number(rest).ok_or(UnitError::Range)?;
    if fraction.len() > 37 {
        return Err(UnitError::Range);
    }
    let denominator = 10_i128.pow(fraction.len() as u32);
    let numerator: i128 = format!("{whole}{fraction}").parse().map_err(|_| UnitError::Range)?;
    Ok((if negative { -numerator } else { numerator }, denominator))
}

/// What a suffix multiplies by.
enum Scale {
    Whole(i128),
    Power(i32),
}

impl Scale {
    fn parse(suffix: &str) -> Result<(Self, Family), UnitError> {
        if let Some(power) = DECIMAL.iter().find(|(s, _)| *s == suffix).map(|(_, power)| *power) {
            return Ok((Self::Power(power), Family::DecimalSI));
        }
        if let Some(n) = BINARY.iter().position(|s| *s == suffix) {
            return Ok((Self::Whole(1 << (10 * n)), Family::BinarySI));
        }
        let exponent = suffix.strip_prefix(['e', 'E']).ok_or(UnitError::Form)?;
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(UnitError::Form);
        }
        let power = exponent.parse().map_err(|_| UnitError::Range)?;
        Ok((Self::Power(power), Family::DecimalExponent))
    }

    /// The number in thousand-millionths, rounded up.
    fn apply(self, whole: &str, fraction: &str) -> Result<i128, UnitError> {
        let power = match self {
            Self::Whole(factor) => return scaled(whole, fraction, factor * NANO, true),
            Self::Power(power) => power.saturating_add(9),
        };
        match power {
            0..=38 => scaled(whole, fraction, 10_i128.pow(power.unsigned_abs()), true),
            39.. if is_zero(whole) && is_zero(fraction) => Ok(0),
            39.. => Err(UnitError::Range),
            _ => {
                let digits = format!("{whole}{fraction}");
                let places = power.unsigned_abs() as usize + fraction.len();
                if places > digits.trim_start_matches('0').len() {
                    return Ok(i128::from(!is_zero(&digits)));
                }
                let (kept, dropped) = digits.split_at(digits.len() - places.min(digits.len()));
                Ok(scaled(kept, "", 1, true)? + i128::from(!is_zero(dropped)))
            }
        }
    }
}

fn is_zero(digits: &str) -> bool {
    digits.bytes().all(|b| b == b'0')
}

const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];

/// By power of 1024; the first never occurs, since no suffix is decimal.
const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

/// The canonical form: the largest suffix of the family that leaves a whole
/// number. Below 1024, and where it has a fraction, a binary one prints decimally.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanos == 0 {
            return f.write_str("0");
        }
        let binary = self.nanos % NANO == 0 && self.nanos.unsigned_abs() >= 1024 * NANO.unsigned_abs();
        match self.family {
            Family::BinarySI if binary => fmt_binary(f, self.nanos / NANO),
            family => fmt_decimal(f, self.nanos, family == Family::DecimalExponent),
        }
    }
}

fn fmt_binary(f: &mut fmt::Formatter<'_>, mut value: i128) -> fmt::Result {
    let mut power = 0;
    while value % 1024 == 0 && power < BINARY.len() - 1 {
        value /= 1024;
        power += 1;
    }
    write!(f, "{value}{}", BINARY.get(power).unwrap_or(&""))
}

fn fmt_decimal(f: &mut fmt::Formatter<'_>, mut value: i128, exponent: bool) -> fmt::Result {
    let mut power = -9;
    while value % 1000 == 0 && (exponent || power < 18) {
        value /= 1000;
        power += 3;
    }
    match DECIMAL.iter().find(|(_, p)| *p == power) {
        Some((suffix, _)) if !exponent => write!(f, "{value}{suffix}"),
        _ if power == 0 => write!(f, "{value}"),
        _ => write!(f, "{value}e{power}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Quantity {
        Quantity::parse(text).unwrap_or_else(|e| panic!("{text}: {e:?}"))
    }

    /// From the table of TestQuantityParse and TestQuantityString in apimachinery.
    #[test]
    fn canonical_form_is_that_of_kubernetes() {
        for (text, expected) in [
            ("0", "0"),
            ("0n", "0"),
            ("0Ki", "0"),
            ("1Ki", "1Ki"),
            ("8Ki", "8Ki"),
            ("1024Mi", "1Gi"),
            ("1Ei", "1Ei"),
            ("8000Ki", "8000Ki"),
            ("0.5Ki", "512"),
            ("0.5Mi", "512Ki"),
            ("1.5Gi", "1536Mi"),
            ("0.0001Ki", "102400u"),
            ("1023Ki", "1023Ki"),
            ("1k", "1k"),
            ("1000k", "1M"),
            ("1e3", "1e3"),
            ("1E3", "1e3"),
            ("1e0", "1"),
            ("100e3", "100e3"),
            ("1e-3", "1e-3"),
            ("1E", "1E"),
            ("1000E", "1000E"),
            ("0.5", "500m"),
            (".5", "500m"),
            ("5.", "5"),
            ("+5", "5"),
            ("-5", "-5"),
            ("-1.5Gi", "-1536Mi"),
            ("1.1n", "2n"),
            ("0.0000000001", "1n"),
            ("-0.0000000001", "-1n"),
            ("1e-12", "1e-9"),
            ("100000n", "100u"),
            ("0001.500", "1500m"),
            ("9Ei", "9223372036854775807"),
            ("1.1Ki", "1126400m"),
        ] {
            assert_eq!(parse(text).to_string(), expected, "{text}");
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "", "-", "+", ".", "Ki", "1i", "1KiB", "1 Gi", "1MB", "1K", "1e", "1e+", "1e1.5", "0x10", "1mm", "--1",
            "1_0",
        ] {
            assert_eq!(Quantity::parse(text), Err(UnitError::Form), "{text}");
        }
        assert_eq!(Quantity::parse("1e40"), Err(UnitError::Range));
        assert_eq!(Quantity::parse("0e40").map(|q| q.nanos()), Ok(0));
        assert_eq!(Quantity::parse("1e-4000000000"), Err(UnitError::Range));
    }

    #[test]
    fn arithmetic_keeps_the_left_family() {
        let show = |q: Result<Quantity, UnitError>| q.unwrap().to_string();
        assert_eq!(show(parse("256Mi").times(2)), "512Mi");
        assert_eq!(show(parse("500m").plus(&Quantity::from_int(1))), "1500m");
        assert_eq!(show(parse("1Gi").plus(&parse("1M"))), "1074741824");
        assert_eq!(show(parse("1G").plus(&parse("1Mi"))), "1001048576");
        assert_eq!(show(parse("0").plus(&parse("1Mi"))), "1Mi");
        assert_eq!(show(parse("1Gi").minus(&parse("512Mi"))), "512Mi");
        assert_eq!(show(parse("1").divided(3)), "333333334n");
        assert_eq!(show(parse("-1").divided(3)), "-333333334n");
        assert_eq!(show(parse("1Gi").divided(3)), "357913942");
        assert_eq!(show(parse("1").times_float(0.1)), "100m");
        assert_eq!(show(parse("1Gi").times_float(1.5)), "1536Mi");
        assert_eq!(show(parse("1Gi").divided_float(0.5)), "2Gi");
        assert_eq!(parse("1").divided(0), Err(UnitError::ZeroDivision));
        assert_eq!(parse("1e29").times(1000), Err(UnitError::Range));
        assert_eq!(parse("1").times_float(f64::NAN), Err(UnitError::Range));
    }

    #[test]
    fn order_and_equality_are_by_value() {
        assert_eq!(parse("1024Mi"), parse("1Gi"));
        assert_eq!(parse("1000m"), parse("1"));
        assert!(parse("1G") < parse("1Gi"));
        assert!(parse("-1") < parse("1m"));
    }
}
