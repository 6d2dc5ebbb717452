//! Base64 with the standard alphabet (RFC 4648, section 4).

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Octets as text, padded.
#[must_use]
pub fn encode_base64(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len().div_ceil(3) * 4);
    for chunk in octets.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, octet| bits << 8 | u32::from(*octet)) << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let digit = bits >> (18 - 6 * index) & 63;
            let letter = ALPHABET.get(digit as usize).map_or('=', |b| char::from(*b));
            text.push(if index <= chunk.len() { letter } else { '=' });
        }
    }
    text
}

/// The octets of a text; padding may be missing. `None` for any other text.
#[must_use]
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    if text.len() - digits.len() > 2 || digits.len() % 4 == 1 {
        return None;
    }
    if digits.len() < text.len() && !text.len().is_multiple_of(4) {
        return None;
    }
    let mut octets = Vec::with_capacity(digits.len() * 3 / 4);
    for chunk in digits.as_bytes().chunks(4) {
        let mut bits = 0_u32;
        for letter in chunk {
            bits = bits << 6 | digit(*letter)?;
        }
        bits <<= 6 * (4 - chunk.len());
        let [_, whole @ ..] = bits.to_be_bytes();
        octets.extend(whole.iter().take(chunk.len() - 1));
    }
    Some(octets)
}

fn digit(letter: u8) -> Option<u32> {
    Some(u32::from(match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 4648, section 10.
    #[test]
    fn reads_and_writes_the_vectors() {
        for (plain, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")]
        {
            assert_eq!(encode_base64(plain.as_bytes()), text);
            assert_eq!(decode_base64(text).as_deref(), Some(plain.as_bytes()));
            assert_eq!(decode_base64(text.trim_end_matches('=')).as_deref(), Some(plain.as_bytes()));
        }
        assert_eq!(encode_base64(&[0xfb, 0xff]), "+/8=");
        for text in ["Z", "Zg=", "Zg===", "Z g=", "Zm9v=", "====", "Zg==Zg=="] {
            assert_eq!(decode_base64(text), None, "{text}");
        }
    }
}
