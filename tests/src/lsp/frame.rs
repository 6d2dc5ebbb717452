//! How messages are cut out of a stream: a header with the length, an empty line, the text.

use std::io::BufRead;

use serde_json::Value as Json;

use super::Result;

/// The largest message that is read; a server that says more is wrong.
const MAX_MESSAGE: usize = 1 << 30;

/// A message with its header.
#[must_use]
pub fn frame(message: &Json) -> Vec<u8> {
    let text = message.to_string();
    format!("Content-Length: {}\r\n\r\n{text}", text.len()).into_bytes()
}

/// The next message; `None` at the end of the stream.
///
/// # Errors
/// When what comes is no message.
pub fn read(from: &mut impl BufRead) -> Result<Option<Json>> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).map_err(|error| error.to_string())? == 0 {
            return if length.is_none() { Ok(None) } else { Err("the stream ends in a header".to_owned()) };
        }
        let Some(line) = line.strip_suffix("\r\n") else {
            return Err(format!("a line of a header ends without CR LF: {line:?}"));
        };
        match line.split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse::<usize>().ok(),
            Some((name, _)) if name.eq_ignore_ascii_case("content-type") => {}
            None if line.is_empty() => break,
            _ => return Err(format!("this is no line of a header: {line:?}")),
        }
    }
    let length = length.filter(|length| *length < MAX_MESSAGE).ok_or("a header without a length")?;
    let mut text = vec![0; length];
    from.read_exact(&mut text).map_err(|error| format!("the stream ends in a message: {error}"))?;
    serde_json::from_slice(&text).map(Some).map_err(|error| format!("this is no JSON: {error}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

    use std::io::Cursor;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let messages = [json!({ "jsonrpc": "2.0", "id": 1, "result": "é😀" }), json!({})];
        let mut stream = Cursor::new(messages.iter().flat_map(frame).collect::<Vec<u8>>());
        assert_eq!(read(&mut stream).unwrap().unwrap(), messages[0]);
        assert_eq!(read(&mut stream).unwrap().unwrap(), messages[1]);
        assert_eq!(read(&mut stream).unwrap(), None);
    }

    #[test]
    fn what_is_no_message_is_told() {
        for text in ["hello\n", "Content-Length: 2\n\n{}", "Content-Length: 5\r\n\r\n{}", "\r\n{}", "X: 1\r\n\r\n"] {
            assert!(read(&mut Cursor::new(text)).is_err(), "{text:?}");
        }
    }
}
