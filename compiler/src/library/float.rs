//! Floats as the API server prints them: Go's `%g` for `string()`, and the
//! English forms of `%f` and `%e` in `format`.

/// The shortest form that reads back to the same number, with an exponent of
/// at least two digits where it is below -4 or above 5.
pub(super) fn shortest(number: f64) -> String {
    if let Some(name) = special(number, "NaN", "+Inf") {
        return name;
    }
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) || number == 0.0 {
        return format!("{number}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

/// A fixed number of decimals, without groups: `1234.500000`.
pub(super) fn fixed(number: f64, decimals: usize) -> String {
    special(number, "NaN", "+Inf").unwrap_or_else(|| format!("{number:.decimals$}"))
}

/// A fixed number of decimals in the English form, as `%f` prints: `1,234.50`.
pub(super) fn grouped(number: f64, decimals: usize) -> String {
    if let Some(name) = special(number, "NaN", "∞") {
        return name;
    }
    let plain = format!("{number:.decimals$}");
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut text = sign.to_owned();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// The English scientific form with six decimals, padded on the left, as `%e`
/// prints. The API server takes the precision of `%.8e` as a width; so do we.
pub(super) fn scientific(number: f64, width: usize) -> String {
    let text = special(number, "NaN", "∞").unwrap_or_else(|| powers(number));
    let missing = width.saturating_sub(text.chars().count());
    format!("{}{text}", " ".repeat(missing))
}

fn powers(number: f64) -> String {
    let plain = format!("{number:.6e}");
    let (mantissa, exponent) = plain.split_once('e').unwrap_or((&plain, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(("", exponent), |digits| ("⁻", digits));
    let raised: String = format!("{digits:0>2}").chars().map(superscript).collect();
    format!("{mantissa}×10{sign}{raised}")
}

const fn superscript(digit: char) -> char {
    match digit {
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        _ => '⁰',
    }
}

fn special(number: f64, nan: &str, infinity: &str) -> Option<String> {
    if number.is_nan() {
        return Some(nan.to_owned());
    }
    number
        .is_infinite()
        .then(|| if number > 0.0 { infinity.to_owned() } else { format!("-{}", infinity.trim_start_matches('+')) })
}

/// Reads a number as Go does: decimal, with underscores between digits, or the
/// name of a special number. `None` also for what is too large for a double.
pub(super) fn parse(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned.starts_with(|c: char| c.is_ascii_alphabetic()) {
        let name = unsigned.to_ascii_lowercase();
        let known = matches!(name.as_str(), "inf" | "infinity") || (name == "nan" && unsigned.len() == text.len());
        return known.then(|| text.parse().ok()).flatten();
    }
    let number: f64 = without_underscores(text)?.parse().ok()?;
    number.is_finite().then_some(number)
}

fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digit = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_digit);
    let lonely = |index: usize| index == 0 || !digit(index - 1) || !digit(index + 1);
    let wrong = bytes.iter().enumerate().any(|(index, byte)| *byte == b'_' && lonely(index));
    (!wrong).then(|| text.replace('_', ""))
}
