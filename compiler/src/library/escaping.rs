//! Percent-encoding in the parts of a URL, with the sets of Go's net/url.

/// A part of a URL.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    User,
    Host,
    /// Of an IPv6 address.
    Zone,
    Path,
    /// A key or value of the query, where `+` is a blank.
    Query,
    Fragment,
}

impl Part {
    /// Whether the byte stands for itself.
    fn keeps(self, byte: u8) -> bool {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            return true;
        }
        let more: &[u8] = match self {
            Self::User => b"$&+,;=",
            Self::Host | Self::Zone => b"!\"$&'()*+,:;<=>[]",
            Self::Path => b"$&+,/:;=@",
            Self::Query => b"",
            Self::Fragment => b"!$&()*+,/:;=?@",
        };
        more.contains(&byte)
    }
}

/// Replaces `%20` by its byte.
///
/// # Errors
/// For a percent sign without two hexadecimal digits, and for what a host may
/// not hold.
pub(super) fn percent_decode(text: &str, part: Part) -> Result<Vec<u8>, &'static str> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        let decoded = match byte {
            b'%' => {
                let decoded = hex(bytes.next()).zip(hex(bytes.next())).map(|(high, low)| high * 16 + low);
                let decoded = decoded.ok_or("a `%` is not followed by two hexadecimal digits")?;
                check_escape(decoded, part)?;
                decoded
            }
            b'+' if part == Part::Query => b' ',
            _ if matches!(part, Part::Host | Part::Zone) && byte.is_ascii() && !part.keeps(byte) => {
                return Err("its host holds a character that a host may not hold");
            }
            _ => byte,
        };
        out.push(decoded);
    }
    Ok(out)
}

/// In a host only what is not ASCII is escaped; in a zone what it may hold anyway.
fn check_escape(byte: u8, part: Part) -> Result<(), &'static str> {
    let fits = match part {
        Part::Host => !byte.is_ascii() || byte == b'%',
        Part::Zone => byte == b'%' || byte == b' ' || Part::Host.keeps(byte),
        _ => true,
    };
    fits.then_some(()).ok_or("its host holds an escape that a host may not hold")
}

fn hex(digit: Option<u8>) -> Option<u8> {
    char::from(digit?).to_digit(16).map(|value| value as u8)
}

/// Replaces what does not stand for itself by `%20`.
pub(super) fn percent_encode(bytes: &[u8], part: Part) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        if part.keeps(*byte) {
            out.push(char::from(*byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Whether a path or fragment needs no escaping.
pub(super) fn is_escaped(text: &str, part: Part) -> bool {
    text.bytes().all(|byte| part.keeps(byte) || b"!'()*;[]%".contains(&byte))
}
