//! Formats of text and numbers, as far as servers check them.
//!
//! The list is that of apiextensions-apiserver, pkg/apiserver/validation/formats.go;
//! what each means, that of kube-openapi, pkg/validation/strfmt/default.go.

use super::model::{Form, Format, Pattern};

/// A format of text: its name without hyphens, and its check.
pub(super) struct TextFormat {
    pub(super) name: &'static str,
    pub(super) fits: fn(&str) -> bool,
}

/// Formats whose check is certain. The others a server checks too, but what
/// fits them here might not fit there, so they are left to it.
pub(super) const TEXT: &[TextFormat] = &[
    TextFormat { name: "date", fits: is_date },
    TextFormat { name: "uuid", fits: is_uuid },
    TextFormat { name: "ipv4", fits: |text| text.parse::<std::net::Ipv4Addr>().is_ok() },
    TextFormat { name: "ipv6", fits: |text| text.contains(':') && text.parse::<std::net::Ipv6Addr>().is_ok() },
    TextFormat { name: "cidr", fits: is_cidr },
    TextFormat { name: "hexcolor", fits: is_hexcolor },
];

/// How the pattern of quantities begins, as controller-gen writes it.
const QUANTITY: &str = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?";

/// What a format means for a form.
pub(super) fn format(form: Form, name: Option<&str>, pattern: Option<&Pattern>) -> Format {
    match (form, name) {
        (Form::Integer, Some("int32")) => Format::Int32,
        (Form::Integer, _) => Format::Int64,
        (Form::Number, _) => Format::Double,
        (Form::IntOrString, _) if pattern.is_some_and(|p| p.text.starts_with(QUANTITY)) => Format::Quantity,
        (Form::String, Some("byte")) => Format::Byte,
        (Form::String, Some("date-time" | "datetime")) => Format::DateTime,
        (Form::String, Some(name)) => {
            let plain = name.replace('-', "");
            let at = TEXT.iter().position(|format| format.name == plain);
            at.and_then(|at| u8::try_from(at).ok()).map_or(Format::None, Format::Text)
        }
        _ => Format::None,
    }
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && crate::units::parse_timestamp(&format!("{text}T00:00:00Z")).is_ok()
}

fn is_uuid(text: &str) -> bool {
    let digits = text.bytes().filter(|b| *b != b'-').count();
    let hyphens = text.bytes().enumerate().filter(|(_, b)| *b == b'-');
    digits == 32
        && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
        && hyphens.clone().count() <= 4
        && split_fits(text)
}

/// Each of the four hyphens of a UUID may be left out, but stands nowhere else.
fn split_fits(text: &str) -> bool {
    let mut digits = 0;
    let mut last_was_hyphen = false;
    for byte in text.bytes() {
        if byte == b'-' {
            if last_was_hyphen || ![8, 12, 16, 20].contains(&digits) {
                return false;
            }
            last_was_hyphen = true;
        } else {
            digits += 1;
            last_was_hyphen = false;
        }
    }
    true
}

fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let Ok(address) = address.parse::<std::net::IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    !bits.is_empty() && bits.bytes().all(|b| b.is_ascii_digit()) && bits.parse::<u8>().is_ok_and(|n| n <= most)
}

fn is_hexcolor(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or(text);
    matches!(digits.len(), 3 | 6) && digits.bytes().all(|b| b.is_ascii_hexdigit())
}
