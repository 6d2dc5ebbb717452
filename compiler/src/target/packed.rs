//! The representation of composites as a text that objects of a cluster carry:
//! JSON, deflated, in base64, since an object may have 1.5 MB and `kubectl apply`
//! keeps a copy of at most 256 KiB of it.

use crate::ir::{Document, VERSION};
use crate::value::{decode_base64, encode_base64};

/// The most bytes that a packed representation may come to.
pub const MAX_UNPACKED: usize = 64 * 1024 * 1024;
/// The most levels of JSON in it.
const MAX_LEVELS: usize = 10_000;
/// The stack on which so many levels are read, or gone through.
pub const STACK: usize = 256 * 1024 * 1024;

/// Packs a document.
///
/// # Errors
/// The reason where it cannot be written as JSON.
pub fn pack(document: &Document) -> Result<String, String> {
    let json = serde_json::to_vec(document).map_err(|error| error.to_string())?;
    Ok(encode_base64(&miniz_oxide::deflate::compress_to_vec(&json, 9)))
}

/// Reads what [`pack`] wrote, or plain JSON.
///
/// # Errors
/// What is wrong with it.
pub fn unpack(text: &str) -> Result<Document, String> {
    let text = text.trim();
    let json = if text.starts_with('{') {
        text.as_bytes().to_vec()
    } else {
        let octets = decode_base64(text).ok_or("it is neither JSON nor base64")?;
        miniz_oxide::inflate::decompress_to_vec_with_limit(&octets, MAX_UNPACKED)
            .map_err(|error| format!("it cannot be decompressed: {error}"))?
    };
    if json.len() > MAX_UNPACKED {
        return Err(format!("it has more than {MAX_UNPACKED} bytes"));
    }
    let version = version(&json);
    if let Some(version) = version.filter(|version| *version != u64::from(VERSION)) {
        return Err(format!("it has version {version}, but this tessera reads version {VERSION}"));
    }
    if levels(&json) > MAX_LEVELS {
        return Err(format!("it has more than {MAX_LEVELS} levels"));
    }
    stacker::grow(STACK, || {
        let mut reader = serde_json::Deserializer::from_slice(&json);
        reader.disable_recursion_limit();
        serde::Deserialize::deserialize(&mut reader).map_err(|error| format!("it cannot be read: {error}"))
    })
}

/// The version that a document begins with, whatever else it holds.
fn version(json: &[u8]) -> Option<u64> {
    let begin = json.get(..json.len().min(64))?;
    let begin = String::from_utf8_lossy(begin);
    let (_, rest) = begin.split_once("\"irVersion\"")?;
    let digits = rest.trim_start_matches([':', ' ']);
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The most brackets in each other, those in strings aside.
fn levels(json: &[u8]) -> usize {
    let (mut open, mut most, mut text, mut escaped) = (0_usize, 0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            b'{' | b'[' if !text => {
                open += 1;
                most = most.max(open);
            }
            b'}' | b']' if !text => open = open.saturating_sub(1),
            _ => {}
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::{pack, unpack};
    use crate::ir::{Document, VERSION};

    #[test]
    fn what_is_packed_is_unpacked() {
        let document = Document { ir_version: VERSION, files: vec!["a.tess".into()], composites: Vec::new() };
        let text = pack(&document).unwrap();
        assert_eq!(unpack(&text).unwrap().files, document.files);
        assert_eq!(unpack(&serde_json::to_string(&document).unwrap()).unwrap().files, document.files);
    }

    #[test]
    fn what_is_no_document_is_told() {
        let error = |text: &str| unpack(text).unwrap_err();
        assert_eq!(error("{\"irVersion\": 7, \"new\": 1}"), "it has version 7, but this tessera reads version 1");
        assert_eq!(error("ö"), "it is neither JSON nor base64");
        assert!(error("YWJj").starts_with("it cannot be decompressed"));
        assert!(error("{\"irVersion\": 1}").starts_with("it cannot be read: missing field"));
        let deep = format!("{{\"files\": {}", "[".repeat(20_000));
        assert_eq!(error(&deep), "it has more than 10000 levels");
    }
}
